"""Whether the days of a calendar make sense: hours within the calendar's, names that exist, dates that are there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sim.scenario.calendar import Calendar
from sim.scenario.demand import Arrivals, DayArrivals
from sim.scenario.errors import Problem
from sim.scenario.fitting import borders, least, length, names, refers, unique
from sim.scenario.horizon import acting, day_of, hours, within_hours
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
    together: dict[tuple[str, str], Problem] = {}
    for day in range(calendar.days) if scenario.special_days else ():
        for problem in (*_hours_together(scenario, day), *_arrivals_together(scenario, day)):
            together.setdefault((problem.path, problem.message), problem)
    yield from together.values()
    if scenario.special_days:
        yield from _lists_never_called(scenario)
    if scenario.opening_queue is not None and hours(scenario, 0) is None:
        yield Problem("opening_queue", "the center is closed on the first day")
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
    yield from arrivals_problems(given, scenario.calendar, here)


def _hours_together(scenario: Any, day: int) -> Iterable[Problem]:
    """Where what acts on a day leaves it no hour, though nothing says that it is closed."""
    there = acting(scenario, day)
    closed = [one.closed for one in there if one.closed is not None]
    setting = [one.name for one in there if one.opens is not None or one.closes is not None]
    if len(setting) > 1 and hours(scenario, day) is None and not (closed and closed[-1]):
        names = " and ".join(f'"{name}"' for name in setting)
        message = f"{names} together leave no hour of {scenario.calendar.dates[day]}"
        yield Problem(join(("special_days", setting[-1])), message, hint="say closed = true, or the hours in the later one")


def _arrivals_together(scenario: Any, day: int) -> Iterable[Problem]:
    """Where what acts on a day changes calls that cannot be changed, or lays a total out over hours without weight."""
    for kind in scenario.call_types:
        found: Arrivals = kind.arrivals
        path: Path = ("call_types", kind.name, "arrivals")
        for one in acting(scenario, day):
            given = one.arrivals.get(kind.name)
            if given is None or given.replay is not None:
                continue
            if given.changes and not given.own and found.unchanged and found.replay is None:
                message = f"{found.unchanged} calls are what they are: give the numbers of that day"
                yield Problem(join(("special_days", one.name, "arrivals", kind.name)), message)
                break
            found, path = given.laid_over(found), ("special_days", one.name, "arrivals", kind.name) if given.own else path
        profile, inside = found.profile, within_hours(scenario, day)
        if profile is None or path[0] != "special_days" or not any(inside) or len(profile) != len(inside):
            continue
        if not any(least(weight) > 0 for weight, there in zip(profile, inside, strict=True) if there):
            message = f"the profile has no weight in the hours of {scenario.calendar.dates[day]}"
            yield Problem(join(path), message, hint="give a `profile` here")


def _lists_never_called(scenario: Any) -> Iterable[Problem]:
    """Lists whose window lies outside the hours of every day; the window itself is looked at elsewhere."""
    there = [found for day in range(scenario.calendar.days) if (found := hours(scenario, day)) is not None]
    for kind in scenario.call_types:
        if kind.outbound is not None:
            since, until = (kind.outbound.from_ or 0.0), (kind.outbound.to or float("inf"))
            if there and not any(max(since, opens) < min(until, closes) for opens, closes in there):
                yield Problem(join(("call_types", kind.name, "outbound")), "its window lies outside the hours of every day")


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
