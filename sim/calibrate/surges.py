"""Surges: stretches of recorded days with far more calls than usual, as shapes that can be laid over other days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calibrate.days import Counts, groups_of
from sim.calibrate.selection import day_counts
from sim.files.history import History
from sim.files.report import Report
from sim.scenario.units import show_clock, ticks

Floats = npt.NDArray[np.float64]
_FINE = 900.0  # seconds; of the shape, where calls are recorded one by one
_OVER = 2.0  # standard deviations by which an interval of a surge lies above what is usual
_SURE = 6.0  # and all of it together: of the half-hours of years by chance hardly one
_SHARE, _LEAST = 0.3, 50.0  # of the usual calls, and calls, that a surge has at least
_QUIET = 0.5  # of the usual: a day quieter than that is another kind of day, of which nothing is known to be usual
_MAD = 1.4826  # a normal's standard deviation over its median absolute deviation


class FoundSurge(NamedTuple):
    """Calls beyond the usual on a day from `at` to `until` (seconds since midnight).

    calls : by call type; weights : of each part of `interval` seconds from `at` on; usual : calls of all types then;
    times : by how many standard deviations it lies above the usual; half_width : half of the 95 % interval of `total`
    """

    day: date
    at: float
    until: float
    calls: dict[str, float]
    weights: tuple[float, ...]
    interval: float
    usual: float
    times: float
    half_width: float

    @property
    def total(self) -> float:
        """Calls of all types."""
        return sum(self.calls.values())

    def table(self, kinds: Sequence[str]) -> dict[str, Any]:
        """The surge as a scenario file has it, with the calls of these types."""
        return {
            "name": f"surge {self.day}",
            "at": show_clock(self.at),
            "calls": {kind: round(calls, 1) for kind, calls in self.calls.items() if kind in kinds},
            "shape": {"recorded": {"weights": [round(weight, 2) for weight in self.weights], "interval": self.interval}},
        }


def surges(recorded: History | Report) -> list[FoundSurge]:
    """Surges of the record, the largest first.

    Usual is the median of the days of like weekdays, by interval, times how busy the day is on the whole (the median of
    its ratios). A surge is a stretch whose intervals lie two standard deviations above it and that has 30 % and 50 calls
    more; the deviation is that of Poisson calls with a random rate (Whitt 1999), its variation from the median absolute
    deviation, so that the surges themselves do not widen it. The first surge of a day only.
    """
    counts, gaps = day_counts(recorded)
    broken = {gap.day for gap in gaps}
    found = []
    for group in groups_of(counts, gaps=gaps):
        rows = [row for row, day in enumerate(counts.days) if day.weekday() in group.weekdays and day not in broken]
        usual = np.median(counts.calls[list(group.rows)], axis=0)
        spread = _variation(counts.calls[list(group.rows)], usual)
        for row in rows:
            stretch = _stretch(counts.calls[row], usual, spread)
            if stretch is not None:
                found.append(_extracted(recorded, counts, group.rows, row, stretch, spread))
    return sorted((one for one in found if one.total >= _LEAST), key=lambda one: -one.total)


class _Stretch(NamedTuple):
    first: int
    last: int  # intervals [first, last)
    level: float
    times: float
    doubt: float  # squared relative error of the level


def _variation(calls: Floats, usual: Floats) -> float:
    """Squared cv of the rate of an interval beyond Poisson, where calls are many enough to see it."""
    busy = usual >= 10
    if not busy.any():
        return 0.0
    level = np.array([_level(day, usual) for day in calls])
    ratio = calls[:, busy] / (level[:, None] * usual[busy])
    middle = np.median(ratio, axis=0)
    variance = (_MAD * np.median(np.abs(ratio - middle), axis=0)) ** 2
    return float(max(np.median(variance - 1 / usual[busy]), 0.0))


def _level(day: Floats, usual: Floats) -> float:
    """How busy a day is on the whole: the median of its ratios to the usual."""
    busy = usual >= 5
    return float(np.median(day[busy] / usual[busy])) if busy.any() else 1.0


def _stretch(day: Floats, usual: Floats, spread: float) -> _Stretch | None:
    """The stretch that lies most above the usual; None where none is sure."""
    level = _level(day, usual)
    if level < _QUIET:
        return None
    mean = np.maximum(level * usual, 0.5)
    variance = mean * (1 + spread * mean)
    over = day - mean > _OVER * np.sqrt(variance)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], over, [False]])))
    best = None
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        extra = float((day - mean)[first:last].sum())
        # intervals that follow each other are busy together: their deviations add up
        times = extra / float(np.sqrt(variance[first:last]).sum())
        sure = extra / float(np.sqrt(variance[first:last].sum()))
        enough = extra >= max(_SHARE * float(mean[first:last].sum()), _LEAST)
        if enough and sure >= _SURE and (best is None or times > best.times):
            best = _Stretch(first, last, level, times, _doubt(mean, spread))
    return best


def _doubt(mean: Floats, spread: float) -> float:
    """Squared relative error of a day's level, a median of ratios: pi / 2 times that of their mean (as of a normal's)."""
    busy = mean[mean >= 5]
    return float(np.pi / 2 * np.median(1 / busy + spread) / len(busy)) if len(busy) else 0.0


def _half_width(calls: float, usual: float, spread: float, days: int, doubt: float) -> float:
    """Half of the 95 % interval of a surge's size: calls less the usual ones.

    Poisson's of all calls; what the everyday rate may have been off by, the same way all along (a bound, for intervals that
    follow each other are busy together, but not wholly); the usual, a median of so many days; and the day's level.
    """
    everyday = usual + spread * usual**2
    return float(1.96 * np.sqrt(calls + spread * usual**2 + np.pi / 2 * everyday / max(days, 1) + doubt * usual**2))


def _extracted(
    recorded: History | Report, counts: Counts, like: tuple[int, ...], row: int, stretch: _Stretch, spread: float
) -> FoundSurge:
    """What the stretch has beyond the usual, by type and in fine parts."""
    at, until = stretch.first * counts.interval, stretch.last * counts.interval
    fine = _FINE if isinstance(recorded, History) else counts.interval
    days = [counts.days[one] for one in like if one != row]
    parts = round((until - at) / fine)
    mine = _within(recorded, [counts.days[row]], at, fine, parts)[0]
    usual = stretch.level * np.median(_within(recorded, days, at, fine, parts).sum(axis=2), axis=0)
    kinds = np.maximum(mine.sum(axis=1) - usual, 0.0)
    together = stretch.level * np.median(_within(recorded, days, at, fine, parts).sum(axis=1), axis=0)
    weights = np.maximum(mine.sum(axis=0) - together, 0.0)
    total = float(mine.sum() - together.sum())
    shares = kinds / max(float(kinds.sum()), 1e-9)
    calls = {kind: float(total * shares[code]) for code, kind in enumerate(recorded.call_types) if total * shares[code] >= 1}
    half = _half_width(float(mine.sum()), float(together.sum()), spread, len(days), stretch.doubt)
    return FoundSurge(
        counts.days[row], at, until, calls, tuple(weights.tolist()), fine, float(together.sum()), stretch.times, half
    )  # fmt: skip


def _within(recorded: History | Report, days: list[date], at: float, fine: float, parts: int) -> Floats:
    """Calls by day, type and part from `at` on: float64, shape (days, types, parts)."""
    row_of = {day.toordinal(): row for row, day in enumerate(days)}
    if isinstance(recorded, History):
        day, tick, weight = recorded.day, recorded.arrival, np.ones(len(recorded))
    else:
        day = np.array([one.toordinal() for one in recorded.day], np.int64)
        tick, weight = np.round(recorded.start * 1e6).astype(np.int64), np.nan_to_num(recorded.offered)
    part = (tick - ticks(at)) // ticks(fine)
    inside = np.isin(day, list(row_of)) & (part >= 0) & (part < parts)
    out = np.zeros((len(days), len(recorded.call_types), parts))
    rows = np.array([row_of[one] for one in day[inside].tolist()], np.int64)
    np.add.at(out, (rows, recorded.call_type[inside], part[inside]), weight[inside])
    return out
