"""Horizon: each day of a scenario's calendar as it is: its hours, its traffic, its heads."""

from __future__ import annotations

from datetime import date
from typing import Any

from sim.scenario.callers import CallType
from sim.scenario.demand import Arrivals
from sim.scenario.floor import Agents, Group
from sim.scenario.special_days import SpecialDay
from sim.scenario.units import DAY, ticks


def acting(scenario: Any, day: int) -> list[SpecialDay]:
    """What is different on that day of the scenario, counted from 0."""
    when = scenario.calendar.dates[day]
    return [one for one in scenario.special_days if one.acts_on(when)]


def hours(scenario: Any, day: int) -> tuple[float, float] | None:
    """From when to when the center is open that day, in seconds since its midnight; None: not at all."""
    calendar = scenario.calendar
    opens, closes, closed = calendar.opens, calendar.closes, False
    for one in acting(scenario, day):
        opens = opens if one.opens is None else one.opens
        closes = closes if one.closes is None else one.closes
        closed = closed if one.closed is None else one.closed
    return None if closed or opens >= closes else (opens, closes)


def open_intervals(scenario: Any, day: int) -> tuple[int, int]:
    """From which interval of the calendar up to which, left out, the center is open on that day."""
    open_then, calendar = hours(scenario, day), scenario.calendar
    if open_then is None:
        return 0, 0
    first, last = ((ticks(edge) - ticks(calendar.opens)) // ticks(calendar.interval) for edge in open_then)
    return first, last


def within_hours(scenario: Any, day: int) -> list[bool]:
    """Which intervals of the calendar the center is open on that day."""
    first, last = open_intervals(scenario, day)
    return [first <= i < last for i in range(scenario.calendar.intervals)]


def open_spans(scenario: Any) -> list[tuple[int, int]]:
    """From which tick to which the doors are open; days without a night between them are one span."""
    spans: list[tuple[int, int]] = []
    for day in range(scenario.calendar.days):
        open_then = hours(scenario, day)
        if open_then is not None:
            since, until = (day * DAY + ticks(edge) for edge in open_then)
            joined = bool(spans) and spans[-1][1] == since
            spans[-1:] = [(spans[-1][0], until)] if joined else [*spans[-1:], (since, until)]
    return spans


def has_own_calls(scenario: Any, kind: CallType, day: int) -> bool:
    """Whether that day has numbers of its own for the calls of a type."""
    return any(kind.name in one.arrivals and one.arrivals[kind.name].own for one in acting(scenario, day))


def arrivals_on(scenario: Any, kind: CallType, day: int) -> Arrivals:
    """The everyday calls of a type on that day, before its hours are looked at."""
    found = kind.arrivals
    for one in acting(scenario, day):
        if kind.name in one.arrivals:
            found = one.arrivals[kind.name].laid_over(found)
    return found


def agents_on(scenario: Any, group: Group, day: int) -> Agents:
    """The heads of a group on that day, before its hours are looked at."""
    found = group.agents
    for one in acting(scenario, day):
        if group.name in one.agents:
            found = one.agents[group.name].laid_over(found)
    return found


def day_of(scenario: Any, when: date | None) -> int:
    """Which day of the scenario a date is, the first where none is given; may lie outside."""
    return 0 if when is None else int((when - scenario.calendar.start).days)
