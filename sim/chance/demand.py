"""demand: the expected everyday calls of each type and interval, on a day as busy as this one."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from sim.chance.elementary import exp, log, normal_quantile
from sim.chance.philox import BUSYNESS, block, name_hash
from sim.chance.remember import remembered
from sim.chance.spans import changed, overlaps, per_interval
from sim.scenario.calendar import Calendar
from sim.scenario.callers import CallType
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.outbound import Outbound
from sim.scenario.scenario import Scenario
from sim.scenario.units import ticks, value

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST_PARTS = 1 << 16  # parts of a day: 16 bits of the generator's counter


def everyday_means(scenario: Scenario, *, seed: int, replication: int) -> Floats:
    """Expected calls after changes and busyness: float64, shape (types, intervals).

    Fixed and replayed calls count as they are; busyness does not touch them. Raises ScenarioError for a list of the
    wrong length or a profile without weight.
    """
    means = expected_means(scenario).copy()
    for code, kind in enumerate(scenario.call_types):
        if _may_vary(kind):
            means[code] *= busyness(kind, scenario, seed=seed, replication=replication)
    return means


@remembered
def is_varied(scenario: Scenario) -> bool:
    """Whether one day may be busier than another."""
    return any(_may_vary(kind) for kind in scenario.call_types)


def _may_vary(kind: CallType) -> bool:
    drawn = kind.arrivals.fixed is None and kind.arrivals.replay is None
    return drawn and (bool(kind.busyness.factors) or value(kind.busyness.cv) != 0.0)


@remembered
def expected_means(scenario: Scenario) -> Floats:
    """Expected calls before busyness: float64, shape (types, intervals)."""
    return np.array([expected(kind, scenario.calendar) for kind in scenario.call_types])


def expected(kind: CallType, calendar: Calendar) -> Floats:
    """Expected everyday calls of a type before busyness: float64, shape (intervals,).

    `plus` adds in the unit of its source: calls per interval, calls per hour, or, to a total per day, calls spread evenly
    over the window.
    """
    arrivals, n, path = kind.arrivals, calendar.intervals, f"call_types.{kind.name}.arrivals"
    if arrivals.replay is not None:
        i = (arrivals.replay.arrival - ticks(calendar.opens)) // ticks(calendar.interval)
        return np.bincount(i[(i >= 0) & (i < n)], minlength=n).astype(np.float64)
    if kind.outbound is not None:
        return np.zeros(n)  # nobody calls
    counts = fixed_counts(kind, calendar)
    if counts is not None:
        return counts.astype(np.float64)
    if arrivals.per_interval is not None:
        given = per_interval(arrivals.per_interval, n, f"{path}.per_interval")
        return changed(given, arrivals.changes, calendar)
    if arrivals.per_hour is not None:
        hourly = per_interval(arrivals.per_hour, n, f"{path}.per_hour")
        return changed(hourly, arrivals.changes, calendar) * (calendar.interval / 3600.0)
    profile = per_interval(1.0 if arrivals.profile is None else arrivals.profile, n, f"{path}.profile")
    if not profile.sum() > 0.0:
        raise ScenarioError([Problem(f"{path}.profile", "must have a weight above 0")])
    row = value(arrivals.per_day if arrivals.per_day is not None else 0.0) * profile / profile.sum()
    for change in arrivals.changes:
        if change.plus is None:
            row = changed(row, (change,), calendar)
        elif (part := overlaps(change, calendar)).sum() > 0.0:
            row = row + part * (value(change.plus) / part.sum())
    return np.maximum(row, 0.0)


def fixed_counts(kind: CallType, calendar: Calendar) -> Ints | None:
    """Counts that do not vary: int64, shape (intervals,), or None; ScenarioError for a list of another length."""
    if kind.outbound is not None:
        since = begins(kind.outbound, calendar)
        i = min(max((since - ticks(calendar.opens)) // ticks(calendar.interval), 0), calendar.intervals - 1)
        return np.where(np.arange(calendar.intervals) == i, kind.outbound.contacts, 0)
    if kind.arrivals.fixed is None:
        return None
    counts = tuple(float(count) for count in kind.arrivals.fixed)
    path = f"call_types.{kind.name}.arrivals.fixed"
    return per_interval(counts, calendar.intervals, path).astype(np.int64)


def begins(outbound: Outbound, calendar: Calendar) -> int:
    """The tick at which the contacts of a list come up."""
    return ticks(calendar.opens if outbound.from_ is None else outbound.from_)


def busyness(kind: CallType, scenario: Scenario, *, seed: int, replication: int) -> Floats:
    """The day's factor on a type's calls, with mean 1: float64, shape (intervals,).

    The product of the type's own factor and those it shares by name; each is lognormal, new for every part of the day,
    counted from opening (an interval belongs to the part it begins in). Raises ScenarioError for an unknown factor.
    """
    own = kind.busyness
    if not own.factors and value(own.cv) == 0.0:
        return np.ones(scenario.calendar.intervals)
    factors = [(f"busyness\0{kind.name}", value(own.cv), own.part)]
    named = {factor.name: factor for factor in scenario.factors}
    for name in own.factors:
        if name not in named:
            raise ScenarioError([Problem(f"call_types.{kind.name}.busyness.factors", f'no factor "{name}"')])
        factors.append((f"factor\0{name}", value(named[name].cv), named[name].part))
    calendar = scenario.calendar
    begin = ticks(calendar.interval) * np.arange(calendar.intervals, dtype=np.int64)
    whole = np.ones(calendar.intervals)
    for text, cv, part in factors:
        if cv > 0.0:
            steps = begin * 0 if part == "day" else begin // max(ticks(float(part)), 1)
            if steps[-1] >= MOST_PARTS:
                raise ScenarioError([Problem(f"call_types.{kind.name}.busyness.part", "too short for this day")])
            used, where = np.unique(steps, return_inverse=True)
            key = name_hash(text)
            drawn = [_factor(seed, replication, key, int(step), cv) for step in used]
            whole = whole * np.array(drawn)[where]
    return whole


def _factor(seed: int, replication: int, key: int, step: int, cv: float) -> float:
    """exp(sigma z - sigma**2 / 2) with sigma**2 = log(1 + cv**2): lognormal with mean 1 and this cv."""
    parts = np.uint64(seed), np.uint64(replication), np.uint64(key)
    u, _, _, _ = block(*parts, BUSYNESS, np.uint64(step))
    variance = log(1.0 + cv * cv)
    return exp(math.sqrt(variance) * normal_quantile(u) - 0.5 * variance)
