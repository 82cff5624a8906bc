"""Whether the days of a calendar make sense: hours within the calendar's, names that exist, dates that are there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sim.scenario.calendar import Calendar
from sim.scenario.demand import Arrivals, DayArrivals
from sim.scenario.errors import Problem
from sim.scenario.fitting import borders, length, names, refers, unique
from sim.scenario.horizon import day_of, hours
from sim.scenario.laws_check import weights_problems
from sim.scenario.paths import Path, join
from sim.scenario.special_days import SpecialDay
from sim.scenario.units import show_clock, show_duration, ticks

MOST_INTERVALS = 65_535  # an interval's number has 16 bits in the key of a call


def day_problems(scenario: Any) -> Iterable[Problem]:
    """What is wrong with the calendar, with special days, and with the dates at which something happens."""
    calendar: Calendar = scenario.calendar
    if calendar.intervals * calendar.days > MOST_INTERVALS:
        message = f"there are at most {MOST_INTERVALS:,} intervals" + (" over all days" if calendar.days > 1 else "")
        yield Problem("calendar.interval", message, found=f"{calendar.intervals * calendar.days:,}")
    yield from unique(scenario.special_days, ("special_days",))
    if scenario.special_days and all(hours(scenario, day) is None for day in range(calendar.days)):
        yield Problem("special_days", "the center is closed on every day of the calendar")
    for one in scenario.special_days:
        here = ("special_days", one.name)
        yield from _hours(calendar, one, here)
        for name, given in one.arrivals.items():
            yield from _arrivals(scenario, name, given, (*here, "arrivals", name))
        for name, agents in one.agents.items():
            path = (*here, "agents", name)
            yield from refers(name, names(scenario.groups), path, "group")
            yield from heads_problems(agents, calendar, path)
    for surge in scenario.surges:
        yield from _happens(scenario, surge.on, surge.at, ("surges", surge.name))
    for restart in scenario.ivr.restarts:
        yield from _happens(scenario, restart.on, restart.at, ("ivr", "restarts", restart.name))
    for deflection in scenario.ivr.deflections:
        yield from _is_there(scenario, deflection.on, ("ivr", "deflections", deflection.name))


def arrivals_problems(arrivals: Arrivals | DayArrivals, calendar: Calendar, here: Path) -> Iterable[Problem]:
    """What is wrong with a type's everyday calls, or with those of a special day."""
    for name in ("per_interval", "per_hour", "profile", "fixed"):
        yield from length(getattr(arrivals, name), calendar, (*here, name))
    if arrivals.profile is not None:
        yield from weights_problems(arrivals.profile, (*here, "profile"))
    yield from borders(arrivals.changes, calendar, (*here, "changes"))


def heads_problems(agents: Any, calendar: Calendar, here: Path) -> Iterable[Problem]:
    """What is wrong with a group's heads, or with those of a special day."""
    parts = calendar.cut(agents.every)
    if parts is None and agents.every is not None:
        message = "must divide the time from opens to closes into whole parts"
        yield Problem(join((*here, "every")), message, found=show_duration(agents.every))
    else:
        yield from length(agents.per_interval, parts or calendar, (*here, "per_interval"))


def _hours(calendar: Calendar, one: SpecialDay, here: Path) -> Iterable[Problem]:
    opens = calendar.opens if one.opens is None else one.opens
    closes = calendar.closes if one.closes is None else one.closes
    for key, clock in (("opens", opens), ("closes", closes)):
        past = (ticks(clock) - ticks(calendar.opens)) % ticks(calendar.interval)
        if past or not calendar.opens <= clock <= calendar.closes:
            between = f"{show_clock(calendar.opens)} and {show_clock(calendar.closes)}"
            message = f"must be a border of the calendar's intervals between {between}"
            yield Problem(join((*here, key)), message, found=show_clock(clock), hint="give the longest day in [calendar]")
            return
    if opens >= closes:
        message = f"must be after {show_clock(opens)}"
        yield Problem(join((*here, "closes")), message, found=show_clock(closes), hint="or closed = true")


def _arrivals(scenario: Any, name: str, given: DayArrivals, here: Path) -> Iterable[Problem]:
    unknown = refers(name, names(scenario.call_types), here, "call type")
    if unknown:
        yield from unknown
        return
    kind = next(one for one in scenario.call_types if one.name == name)
    if kind.outbound is not None:
        yield Problem(join(here), "nobody calls who is on a list")
    if kind.arrivals.replay is not None or given.replay is not None:
        yield Problem(join(here), "recorded calls stand at the call type, with their own times")
    elif given.changes and kind.arrivals.unchanged and given.unchanged is None:
        yield Problem(join(here), f"{kind.arrivals.unchanged} calls are what they are: give the numbers of that day")
    yield from arrivals_problems(given, scenario.calendar, here)


def _happens(scenario: Any, on: date | None, at: float, here: Path) -> Iterable[Problem]:
    missing = list(_is_there(scenario, on, here))
    if missing:
        yield from missing
        return
    open_then = hours(scenario, day_of(scenario, on))
    if open_then is None:
        yield Problem(join((*here, "on" if on else "at")), "the center is closed on that day")
    elif not open_then[0] <= at < open_then[1]:
        message = f"must lie within the day, from {show_clock(open_then[0])} to {show_clock(open_then[1])}"
        yield Problem(join((*here, "at")), message, found=show_clock(at))


def _is_there(scenario: Any, on: date | None, here: Path) -> Iterable[Problem]:
    dates = scenario.calendar.dates
    if on is not None and on not in dates:
        between = f"{dates[0]} to {dates[-1]}" if len(dates) > 1 else f"{dates[0]} only"
        yield Problem(join((*here, "on")), f"must be a day of the calendar, {between}", found=str(on))
