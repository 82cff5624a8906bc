"""Misfit: where simulated days are wrong in the same direction again and again, and the days that are quite different."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from experiments.backtest_counts import Column, Counted
from sim.scenario.units import show_clock

Floats = npt.NDArray[np.float64]
LEAST = 0.02  # of an answer rate: a smaller gap is no misfit
MOSTLY = 0.75  # of the days must be on one side
FAR = 0.05  # of a day's answer rate: the day is named


class Misfit(NamedTuple):
    """Intervals that follow each other, or a call type, whose simulated answer rate is off in one direction.

    name : "18:00-19:30" or the type; gap : simulated less recorded answer rate, over all calls there; days : on which they
    are on this side, of how many with calls there; by_chance : how probable so many or more of one side were if both were alike
    """

    name: str
    gap: float
    days: int
    of: int
    by_chance: float


class FarDay(NamedTuple):
    """A tested day that the simulation does not tell: its recorded and simulated answer rate."""

    day: date
    recorded: float
    simulated: float


def misfits(recorded: Sequence[Counted], simulated: Sequence[Counted], opens: float, interval: float) -> list[Misfit]:
    """Times of the day first, then call types are another function's. Each interval with a gap of 2 points or more over all
    days, on one side on three days of four, is joined with its neighbors of the same side.
    """
    real = np.stack([one.intervals[0] for one in recorded])
    again = np.stack([one.intervals.sum(axis=0) for one in simulated])
    count = real.shape[1]
    sides = [_side(real[:, at], again[:, at]) for at in range(count)]
    found, at = [], 0
    while at < count:
        last = at + 1
        while sides[at] and last < count and sides[last] == sides[at]:
            last += 1
        if sides[at]:
            name = f"{show_clock(opens + at * interval)}-{show_clock(opens + last * interval)}"
            found.append(_misfit(name, real[:, at:last].sum(axis=1), again[:, at:last].sum(axis=1)))
        at = last
    return found


def type_misfits(recorded: Sequence[Counted], simulated: Sequence[Counted], types: Sequence[str]) -> list[Misfit]:
    """Call types, by the same rule."""
    found = []
    for code, name in enumerate(types):
        real = np.stack([one.types[0, code] for one in recorded])
        again = np.stack([one.types[:, code].sum(axis=0) for one in simulated])
        if _side(real, again):
            found.append(_misfit(name, real, again))
    return found


def far_days(days: Sequence[date], recorded: Sequence[Counted], simulated: Sequence[Counted]) -> list[FarDay]:
    """Days whose answer rate is off by 5 points or more, the farthest first."""
    found = []
    for day, real, again in zip(days, recorded, simulated, strict=True):
        there, here = _rate(real.day.sum(axis=0)), _rate(again.day.sum(axis=0))
        if abs(here - there) >= FAR:
            found.append(FarDay(day, there, here))
    return sorted(found, key=lambda one: -abs(one.simulated - one.recorded))


def _rate(counts: npt.NDArray[np.int64]) -> float:
    return float(counts[Column.ANSWERED] / counts[Column.OFFERED]) if counts[Column.OFFERED] else float("nan")


def _gaps(real: npt.NDArray[np.int64], again: npt.NDArray[np.int64]) -> Floats:
    """Simulated less recorded answer rate of each day that has both; int64, shape (days, columns)."""
    both = [(_rate(a), _rate(b)) for a, b in zip(real, again, strict=True)]
    return np.array([b - a for a, b in both if np.isfinite([a, b]).all()])


def _whole(real: npt.NDArray[np.int64], again: npt.NDArray[np.int64]) -> float:
    """The gap over all days, each with the weight of its recorded calls."""
    kept = [(a, _rate(b) - _rate(a)) for a, b in zip(real, again, strict=True) if np.isfinite(_rate(a) + _rate(b))]
    weight = sum(int(a[Column.OFFERED]) for a, _ in kept)
    return sum(int(a[Column.OFFERED]) * gap for a, gap in kept) / weight if weight else 0.0


def _side(real: npt.NDArray[np.int64], again: npt.NDArray[np.int64]) -> int:
    gap, each = _whole(real, again), _gaps(real, again)
    side = int(np.sign(gap))
    if abs(gap) < LEAST or not len(each) or float((np.sign(each) == side).mean()) < MOSTLY:
        return 0
    return side


def _misfit(name: str, real: npt.NDArray[np.int64], again: npt.NDArray[np.int64]) -> Misfit:
    gap, each = _whole(real, again), _gaps(real, again)
    days = int((np.sign(each) == np.sign(gap)).sum())
    return Misfit(name, gap, days, len(each), _by_chance(days, len(each)))


def _by_chance(days: int, of: int) -> float:
    """Two-sided sign test: the probability of so many or more days on one side, whichever."""
    from scipy.stats import binom

    return min(1.0, 2.0 * float(binom.sf(days - 1, of, 0.5))) if of else 1.0
