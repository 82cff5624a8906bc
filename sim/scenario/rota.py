"""Rota: what every agent of a roster is to do when, as planned: breaks laid out, meetings put in, hours clipped to the doors."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.scenario.horizon import open_spans
from sim.scenario.people import BREAKS, Activity, Away
from sim.scenario.roster import Individual, Span, individuals, spans_of, window, within
from sim.scenario.special_days import falls_on
from sim.scenario.units import DAY, TICKS_PER_SECOND, ticks

ON_PHONES, NOT_OPEN = "on phones", "not open"
STEP = ticks(900.0)  # between the times at which one may go who goes `between` two others
_MINUTE = 60 * TICKS_PER_SECOND


class Part(NamedTuple):
    """A part of a shift: from `since` to `until` (ticks) the agent is to be on the phones, NOT_OPEN, or away (a kind).

    lasts : ticks it lasts also where it begins late, 0 where it then is shorter; paid
    clears : it ends when the floor is cleared after closing, not by the clock
    """

    since: int
    until: int
    does: str
    lasts: int = 0
    paid: bool = True
    clears: bool = False


class Planned(NamedTuple):
    """A shift of an agent with its parts, in order, without gaps from `since` to `until`."""

    person: int
    since: int
    until: int
    day: int
    parts: tuple[Part, ...]


class _Stay(NamedTuple):
    since: int
    until: int
    given: Away


def rota(scenario: Any, people: tuple[Individual, ...] | None = None) -> tuple[Planned, ...]:
    """The shifts of all agents, in the order of `individuals`; raises ValueError as `crowded` says where a limit is passed."""
    found, crowded = _laid_out(scenario, individuals(scenario) if people is None else people)
    if crowded:
        raise ValueError("; ".join(crowded))
    return tuple(found)


def crowded(scenario: Any) -> list[str]:
    """Where more would have to be away at once than `at_once` allows, one text for each such break or activity."""
    return _laid_out(scenario, individuals(scenario))[1]


def _laid_out(scenario: Any, people: tuple[Individual, ...]) -> tuple[list[Planned], list[str]]:
    doors = open_spans(scenario)
    last = max([scenario.calendar.days * DAY, *(closes for _, closes in doors)])  # what is later is no day of the calendar
    floor = _Floor(scenario.calendar.days)
    found = []
    for person, one in enumerate(people):
        for span in spans_of(scenario, one):
            stays = _in_turn(span, _stays(scenario, one, span, floor))
            parts = tuple(part._replace(until=min(part.until, last)) for part in _parts(span, stays, doors) if part.since < last)
            if parts:
                found.append(Planned(person, parts[0].since, parts[-1].until, span.day, parts))
    return found, floor.crowded


class _Floor:
    """Who is away when, minute by minute, of each break and activity in each group."""

    def __init__(self, days: int) -> None:
        self._minutes = (days + 3) * 1440
        self._away: dict[tuple[str, str, str], npt.NDArray[np.int64]] = {}
        self._needed: dict[tuple[str, str, str], tuple[int, int]] = {}

    @property
    def crowded(self) -> list[str]:
        """Where more would have to be away at once than may be."""
        return [
            f'{name or kind} of group "{group}": more than {most} would have to be away at once, {needed} as it is laid out'
            for (group, name, kind), (most, needed) in self._needed.items()
        ]

    def go(self, group: str, given: Away, first: int, last: int, length: int) -> int:
        """The tick, between `first` and `last`, at which the next one goes: when fewest are away, the earliest where equal."""
        key = group, given.name, given.kind
        away = self._away.setdefault(key, np.zeros(self._minutes, np.int64))
        best, fewest = first, -1
        for begin in range(first, max(last - length, first) + 1, STEP):
            there = int(away[self._slice(begin, length)].max(initial=0))
            if fewest < 0 or there < fewest:
                best, fewest = begin, there
        if given.at_once is not None and fewest >= given.at_once:
            self._needed[key] = given.at_once, max(self._needed.get(key, (0, 0))[1], fewest + 1)
        away[self._slice(best, length)] += 1
        return best

    def _slice(self, begin: int, length: int) -> slice:
        since = begin // _MINUTE + 1440  # what began the day before the first has negative ticks
        return slice(since, max(-(-(begin + length) // _MINUTE) + 1440, since + 1))


def _stays(scenario: Any, one: Individual, span: Span, floor: _Floor) -> Iterable[_Stay]:
    """When the agent is away in that shift, by his breaks and by the activities of the day."""
    midnight = span.day * DAY
    own = one.breaks_of
    for given in (span.shift.breaks if own is None else own.breaks) or ():
        if within(span.shift, given):
            since, until = window(span.shift, given)
            yield _placed(one.group, given, midnight + since, midnight + until, floor)
    when = scenario.calendar.start + timedelta(days=span.day)
    for given in scenario.activities:
        if _is_for(given, one) and falls_on(given.on, when):
            since, until = _clocks(given, midnight, span.since)
            inside = (max(since, span.since), min(until, span.until))
            if inside[1] - inside[0] >= (ticks(given.lasts) if given.between is not None else 1):
                yield _placed(one.group, given, *inside, floor)


def _clocks(given: Away, midnight: int, since: int) -> tuple[int, int]:
    begin, end = (given.at, given.at) if given.between is None else given.between
    first = midnight + ticks(begin or 0.0)
    length = ticks(given.lasts) if given.between is None else (ticks(end or 0.0) - ticks(begin or 0.0)) % DAY
    first += DAY if first + length <= since else 0  # the clock of the next day
    return first, first + length


def _placed(group: str, given: Away, since: int, until: int, floor: _Floor) -> _Stay:
    length = min(ticks(given.lasts), until - since)
    begin = since if given.between is None else floor.go(group, given, since, until, length)
    return _Stay(begin, begin + length, given)


def _is_for(given: Activity, one: Individual) -> bool:
    named = (given.groups, one.group), (given.teams, one.team), (given.agents, one.name)
    asked = [who in wanted for wanted, who in named if wanted is not None]
    return any(asked) or not asked


def _in_turn(span: Span, stays: Iterable[_Stay]) -> list[_Stay]:
    """One after the other: a break that would begin while something else lasts begins after it, anything else is then the
    shorter; nothing outside the shift.
    """
    found: list[_Stay] = []
    last = span.since
    for stay in sorted(stays, key=lambda one: (one.since, one.until)):
        since = max(stay.since, last)
        length = stay.until - (stay.since if stay.given.kind in BREAKS else since)
        until = min(since + length, span.until)
        if since < until:
            found.append(_Stay(since, until, stay.given))
            last = until
    return found


def _parts(span: Span, stays: list[_Stay], doors: list[tuple[int, int]]) -> Iterable[Part]:
    """The parts of a shift in order, from midnight of the first day on."""
    at = span.since
    for stay in [*stays, None]:
        until = span.until if stay is None else stay.since
        yield from _between(max(at, 0), until, doors)
        if stay is not None:
            keeps = stay.until - stay.since if stay.given.kind in BREAKS else 0
            since = max(stay.since, 0)
            if since < stay.until:
                lasts = min(keeps, stay.until - since)
                yield Part(since, stay.until, stay.given.kind, lasts, stay.given.is_paid)
            at = stay.until


def _between(since: int, until: int, doors: list[tuple[int, int]]) -> Iterable[Part]:
    """The time that is planned for nothing else: on the phones while the doors are open."""
    at = since
    for opens, closes in doors:
        begin, end = max(at, opens), min(until, closes)
        if begin < end:
            if at < begin:
                yield Part(at, begin, NOT_OPEN)
            yield Part(begin, end, ON_PHONES, clears=end == closes)
            at = end
    if at < until:
        yield Part(at, until, NOT_OPEN)
