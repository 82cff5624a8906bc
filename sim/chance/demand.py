"""demand: the expected everyday calls of each type and interval, on a day as busy as this one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.chance.factors import busyness
from sim.chance.remember import remembered
from sim.chance.spans import changed, overlaps, per_interval
from sim.scenario.calendar import Calendar
from sim.scenario.callers import CallType
from sim.scenario.demand import Arrivals
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.horizon import arrivals_on, has_own_calls, hours, within_hours
from sim.scenario.outbound import Outbound
from sim.scenario.scenario import Scenario
from sim.scenario.units import DAY, ticks, value

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def everyday_means(scenario: Scenario, *, seed: int, replication: int) -> Floats:
    """Expected calls after changes and busyness: float64, shape (types, days x intervals).

    Fixed and replayed calls count as they are; busyness does not touch them. Raises ScenarioError for a list of the
    wrong length or a profile without weight.
    """
    means = expected_means(scenario).copy()
    for code, kind in enumerate(scenario.call_types):
        if _may_vary(scenario, kind):
            factor = busyness(kind, scenario, seed=seed, replication=replication)
            means[code] *= np.where(fixed_counts(scenario, kind) < 0, factor, 1.0)
    return means


@remembered
def is_varied(scenario: Scenario) -> bool:
    """Whether one day may be busier than another."""
    return any(_may_vary(scenario, kind) for kind in scenario.call_types)


def _may_vary(scenario: Scenario, kind: CallType) -> bool:
    drawn = any(arrivals_on(scenario, kind, day).unchanged is None for day in range(scenario.calendar.days))
    return drawn and (bool(kind.busyness.factors) or value(kind.busyness.cv) != 0.0)


@remembered
def expected_means(scenario: Scenario) -> Floats:
    """Expected calls before busyness: float64, shape (types, days x intervals)."""
    return np.array([expected(scenario, kind) for kind in scenario.call_types])


def expected(scenario: Scenario, kind: CallType) -> Floats:
    """Expected everyday calls of a type before busyness: float64, shape (days x intervals,).

    `plus` adds in the unit of its source: calls per interval, calls per hour, or, to a total per day, calls spread evenly
    over the window. Nobody calls outside the hours of a day; a total that a special day gives itself is laid out within
    them. Raises ScenarioError for a list of another length or a profile without weight.
    """
    calendar = scenario.calendar
    if kind.outbound is not None:
        return np.zeros(calendar.days * calendar.intervals)  # nobody calls
    if kind.arrivals.replay is not None:
        cells = _cells_of(kind.arrivals.replay.arrival, calendar)
        return np.bincount(cells, minlength=calendar.days * calendar.intervals).astype(np.float64)
    return np.concatenate([_expected_on(scenario, kind, day) for day in range(calendar.days)])


def _cells_of(arrival: Ints, calendar: Calendar) -> Ints:
    """Which interval of which day the arrivals lie in that lie in one."""
    day, since = np.divmod(arrival - ticks(calendar.opens), DAY)
    i = since // ticks(calendar.interval)
    inside = (day >= 0) & (day < calendar.days) & (i < calendar.intervals)
    return np.asarray((day * calendar.intervals + i)[inside], np.int64)


def _expected_on(scenario: Scenario, kind: CallType, day: int) -> Floats:
    calendar, arrivals = scenario.calendar, arrivals_on(scenario, kind, day)
    n, path = calendar.intervals, f"call_types.{kind.name}.arrivals"
    inside = np.array(within_hours(scenario, day), np.float64)
    if not inside.any():
        return inside
    if arrivals.fixed is not None:
        return _fixed_on(arrivals, n, path) * inside
    if arrivals.per_interval is not None:
        given = per_interval(arrivals.per_interval, n, f"{path}.per_interval")
        return changed(given, arrivals.changes, calendar) * inside
    if arrivals.per_hour is not None:
        hourly = per_interval(arrivals.per_hour, n, f"{path}.per_hour")
        return changed(hourly, arrivals.changes, calendar) * (calendar.interval / 3600.0) * inside
    profile = per_interval(1.0 if arrivals.profile is None else arrivals.profile, n, f"{path}.profile")
    if has_own_calls(scenario, kind, day):
        profile = profile * inside
    if not profile.sum() > 0.0:
        raise ScenarioError([Problem(f"{path}.profile", "must have a weight above 0")])
    row = value(arrivals.per_day if arrivals.per_day is not None else 0.0) * profile / profile.sum()
    for change in arrivals.changes:
        if change.plus is None:
            row = changed(row, (change,), calendar)
        elif (part := overlaps(change, calendar)).sum() > 0.0:
            row = row + part * (value(change.plus) / part.sum())
    return np.maximum(row, 0.0) * inside


def fixed_counts(scenario: Scenario, kind: CallType) -> Ints:
    """Counts that do not vary, -1 where calls do: int64, shape (days x intervals,). Raises ScenarioError as `expected`."""
    calendar = scenario.calendar
    counts = np.full((calendar.days, calendar.intervals), -1, np.int64)
    if kind.outbound is not None:
        counts[:] = 0
        since = contacts_come(scenario, kind.outbound)
        if since is not None:
            counts.ravel()[_cells_of(np.array([since]), calendar)] = kind.outbound.contacts
        return counts.ravel()
    for day in range(calendar.days):
        arrivals = arrivals_on(scenario, kind, day)
        if arrivals.fixed is not None:
            inside = np.array(within_hours(scenario, day))
            counts[day] = np.where(inside, _fixed_on(arrivals, calendar.intervals, f"call_types.{kind.name}.arrivals"), 0)
    return counts.ravel()


def _fixed_on(arrivals: Arrivals, intervals: int, path: str) -> Ints:
    counts = tuple(float(count) for count in arrivals.fixed or ())
    return per_interval(counts, intervals, f"{path}.fixed").astype(np.int64)


def windows(scenario: Scenario, outbound: Outbound | None) -> Ints:
    """From which tick on until which contacts of a list are called on each day: int64, shape (days, 2), equal where nobody is.

    No list: from when to when callbacks come up, that is while the center is open.
    """
    found = np.zeros((scenario.calendar.days, 2), np.int64)
    for day in range(scenario.calendar.days):
        open_then = hours(scenario, day)
        if open_then is not None:
            since, until = open_then
            if outbound is not None:
                since = since if outbound.from_ is None else max(since, outbound.from_)
                until = until if outbound.to is None else min(until, outbound.to)
            found[day] = DAY * day + np.array([ticks(since), ticks(max(since, until))])
    return found


def contacts_come(scenario: Scenario, outbound: Outbound) -> int | None:
    """The tick at which the contacts of a list come up, as soon as somebody may call them; None where nobody ever may."""
    return next((int(since) for since, until in windows(scenario, outbound) if since < until), None)
