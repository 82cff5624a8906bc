"""Overtime: agents of a roster who are asked to stay on after their shift, and who of them could."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, NamedTuple, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.horizon import hours, open_spans
from sim.scenario.record import Record
from sim.scenario.roster import Individual
from sim.scenario.rota import Planned
from sim.scenario.special_days import When, falls_on
from sim.scenario.units import DAY, Clock, FixedDuration, Share, show_clock, ticks


class Overtime(Record):
    """So many `agents` are wanted between `from` and `to`, `on` some dates or weekdays (not given: every day), of these
    `groups` or `teams` (not given: all).

    Asked is who has a shift that ends in that time and who was on it already `notice` before `from`; each `accepted` with that
    chance, in an order drawn for the day, until enough have. Who stays, stays until `to`, no longer than `most`, while the doors
    are open, and is paid overtime. Who is absent cannot be asked.
    """

    name: Annotated[str, Field(min_length=1)]
    from_: Annotated[Clock, Field(alias="from")]
    to: Clock
    on: When | None = None
    groups: Annotated[tuple[str, ...] | None, Field(strict=False, min_length=1)] = None
    teams: Annotated[tuple[str, ...] | None, Field(strict=False, min_length=1)] = None
    agents: Annotated[int, Field(ge=1)]
    accepted: Share = 1.0
    notice: FixedDuration = 0.0
    most: FixedDuration = 7200.0

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to <= self.from_:
            raise PydanticCustomError("overtime", "to must be after from", {})
        return self

    def acts_on(self, when: Any) -> bool:
        """Whether it is asked for on that date."""
        return falls_on(self.on, when)


class Stay(NamedTuple):
    """What one agent might do: after the shift of that number in the rota, on the phones from `since` to `until` (ticks).

    asked : the number of the overtime in the scenario; day : counted from 0; clears : it ends when the floor is cleared
    """

    asked: int
    day: int
    shift: int
    since: int
    until: int
    clears: bool


def stays(scenario: Any, people: tuple[Individual, ...], planned: tuple[Planned, ...]) -> tuple[Stay, ...]:
    """Who might stay on, by overtime and day, in the order of the rota."""
    doors, found = open_spans(scenario), []
    for number, one in enumerate(scenario.overtime):
        for day, when in enumerate(scenario.calendar.dates):
            if one.acts_on(when):
                found += [Stay(number, day, *stay) for stay in _of_day(one, day, people, planned, doors)]
    return tuple(found)


def _of_day(
    asked: Overtime, day: int, people: tuple[Individual, ...], planned: tuple[Planned, ...], doors: list[tuple[int, int]]
) -> Iterable[tuple[int, int, int, bool]]:
    begins, ends = day * DAY + ticks(asked.from_), day * DAY + ticks(asked.to)
    for number, shift in enumerate(planned):
        one = people[shift.person]
        wanted = (asked.groups is None or one.group in asked.groups) and (asked.teams is None or one.team in asked.teams)
        if not wanted or not begins <= shift.until < ends or shift.since > begins - ticks(asked.notice):
            continue
        until = min(ends, shift.until + ticks(asked.most))
        if number + 1 < len(planned) and planned[number + 1].person == shift.person:
            until = min(until, planned[number + 1].since)
        for opens, closes in doors:
            since, last = max(shift.until, opens), min(until, closes)
            if since == shift.until and since < last:
                yield number, since, last, last == closes


def too_few(scenario: Any, people: tuple[Individual, ...], planned: tuple[Planned, ...]) -> Iterable[tuple[Overtime, str]]:
    """Overtime for which there are not enough people on some day, with what is wrong."""
    found = stays(scenario, people, planned)
    for number, one in enumerate(scenario.overtime):
        for day, when in enumerate(scenario.calendar.dates):
            there = sum(stay.asked == number and stay.day == day for stay in found)
            if one.acts_on(when) and hours(scenario, day) is not None and there < one.agents:
                clocks = f"{show_clock(one.from_)} and {show_clock(one.to)}"
                yield one, f"only {there} of these agents have a shift on {when} that ends between {clocks} and could stay"
                break
