"""spans: numbers per interval of the day, after the changes that policies make to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sim.scenario.calendar import Calendar
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.range import Range
from sim.scenario.series import Change, Series
from sim.scenario.units import DAY, ticks, value

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def interval_begins(calendar: Calendar) -> list[int]:
    """The tick at which each interval of each day begins."""
    return [
        ticks(calendar.opens) + day * DAY + i * ticks(calendar.interval)
        for day in range(calendar.days)
        for i in range(calendar.intervals)
    ]


def ticks_by_interval(calendar: Calendar, since: int, until: int) -> Ints:
    """The ticks of a stretch that lie in each interval: int64, shape (days x intervals,)."""
    begins = np.array(interval_begins(calendar), np.int64)
    return np.maximum(np.minimum(begins + ticks(calendar.interval), until) - np.maximum(begins, since), 0)


def per_interval(given: float | Range | tuple[float | Range, ...], intervals: int, path: str) -> Floats:
    """One number for all intervals or a list, as float64 of shape (intervals,); ScenarioError on another length."""
    if not isinstance(given, tuple):
        return np.full(intervals, value(given))
    if len(given) != intervals:
        raise ScenarioError(
            [Problem(path, f"must have one number per interval ({intervals})", found=f"{len(given)} numbers")]
        )
    return np.array([value(number) for number in given])


def overlaps(change: Change, calendar: Calendar) -> Floats:
    """The part of each interval, from 0 to 1, that lies in a change's window; float64, shape (intervals,)."""
    starts = ticks(calendar.opens) + ticks(calendar.interval) * np.arange(calendar.intervals, dtype=np.int64)
    ends = starts + ticks(calendar.interval)
    low = starts if change.from_ is None else np.maximum(starts, ticks(change.from_))
    high = ends if change.to is None else np.minimum(ends, ticks(change.to))
    return np.maximum(high - low, 0) / ticks(calendar.interval)


def changed(values: Floats, changes: Sequence[Change], calendar: Calendar) -> Floats:
    """Values per interval after changes, in order; an interval partly in a window changes by that part; not below 0."""
    for change in changes:
        part = overlaps(change, calendar)
        if change.times is not None:
            values = values * (1.0 + part * (value(change.times) - 1.0))
        elif change.plus is not None:
            values = values + part * value(change.plus)
    return np.maximum(values, 0.0)


def shares_of(given: Series, calendar: Calendar, path: str) -> Floats:
    """Shares per interval after changes, not above 1, the same on every day; float64, shape (days x intervals,)."""
    row = np.minimum(changed(per_interval(given.per_interval, calendar.intervals, path), given.changes, calendar), 1.0)
    return np.tile(row, calendar.days)
