"""Scores: how far simulated days are from the recorded ones, and how often the record lies inside their bands.

Sources
    Czado, Gneiting and Held (2009), "Predictive model assessment for count data", Biometrics 65(4): where counts tie with
    the record, the record's rank is a range and counts with the part of it that lies inside the band (the non-randomized
    probability integral transform, their eq. 2), which is the mean of the rule that draws a place in the range.
    Miller (1974), see `experiments.statistics`: intervals are jackknifed over days, for half-hours of a day hang together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from experiments.backtest_counts import Column, Counted, seconds
from experiments.statistics import Estimate, ratio
from sim.measures.waits import percentile

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
BANDS = (0.5, 0.8, 0.95)


class Quantity(NamedTuple):
    """A ratio of two counts: `top` and `bottom` take int64 counts of shape (..., len(Column)) and how many seconds they span."""

    name: str
    title: str
    unit: str
    formula: str
    top: Callable[[Ints, float], Floats]
    bottom: Callable[[Ints, float], Floats]


def _count(column: Column) -> Callable[[Ints, float], Floats]:
    return lambda counts, _: np.asarray(counts[..., column], np.float64)


def _time(column: Column) -> Callable[[Ints, float], Floats]:
    return lambda counts, _: seconds(counts[..., column])


def _one(counts: Ints, _: float) -> Floats:
    return np.ones(counts.shape[:-1])


def _spanned(counts: Ints, span: float) -> Floats:
    return np.full(counts.shape[:-1], span)


QUANTITIES = (
    Quantity("offered", "calls offered", "calls", "asked for an agent", _count(Column.OFFERED), _one),
    Quantity("answered", "calls answered", "calls", "an agent answered", _count(Column.ANSWERED), _one),
    Quantity(
        "answer_rate", "answer rate", "share", "answered / offered", _count(Column.ANSWERED), _count(Column.OFFERED)
    ),
    Quantity(
        "abandonment_rate", "abandoned", "share", "abandoned / offered", _count(Column.ABANDONED), _count(Column.OFFERED)
    ),
    Quantity(
        "service_level", "service level", "share", "answered within T / offered", _count(Column.ANSWERED_WITHIN),
        _count(Column.OFFERED),
    ),
    Quantity(
        "asa", "ASA", "s", "wait of the answered / answered", _time(Column.WAIT_ANSWERED), _count(Column.ANSWERED)
    ),
    Quantity("mean_queue", "mean queue", "callers", "callers waiting, mean over time", _time(Column.QUEUE_TIME), _spanned),
)  # fmt: skip
QUANTILES = {"wait_p50": 0.5, "wait_p90": 0.9}
MEASURES = (*(one.name for one in QUANTITIES), *QUANTILES)
BY_INTERVAL = ("offered", "answered", "answer_rate", "abandonment_rate", "asa", "mean_queue")


class Pair(NamedTuple):
    """A recorded value, the simulated one and each replication's: shape (rows,). The simulated one is the ratio of sums over
    replications; of quantiles the mean, for those of all days together are no single day's.
    """

    recorded: float
    simulated: float
    each: Floats


@dataclass(frozen=True)
class Score:
    """A measure over tested days, or over their intervals with calls. In the measure's unit, shares from 0 to 1.

    cases : how many pairs; recorded, simulated : their means; bias : mean of simulated less recorded; error : mean absolute
    error; relative : mean of the error over the recorded value, where that is above 0; correlation : of the pairs; inside :
    band -> how often the record is inside. Estimates have 95 % intervals, jackknifed over days.
    """

    name: str
    cases: int
    recorded: float
    simulated: float
    bias: Estimate
    error: Estimate
    relative: float
    correlation: float
    inside: dict[float, Estimate]


def day_pairs(recorded: Counted, simulated: Counted, span: float) -> dict[str, Pair]:
    """Measure -> the recorded day beside the simulated ones. `span` : seconds of the day."""
    found = {}
    for one in QUANTITIES:
        found[one.name] = _pair(one, recorded.day, simulated.day, span)
    for name, level in QUANTILES.items():
        each = np.array([percentile(row, level) for row in simulated.waits])
        known = each[np.isfinite(each)]
        middle = float(known.mean()) if len(known) else float("nan")
        found[name] = Pair(percentile(recorded.waits[0], level), middle, each)
    return found


def interval_pairs(recorded: Counted, simulated: Counted, span: float, name: str) -> list[Pair]:
    """A measure of each interval in which the record has calls. `span` : seconds of an interval."""
    (one,) = (quantity for quantity in QUANTITIES if quantity.name == name)
    there = np.flatnonzero(recorded.intervals[0, :, Column.OFFERED] > 0)
    return [_pair(one, recorded.intervals[:, at], simulated.intervals[:, at], span) for at in there]


def _pair(one: Quantity, recorded: Ints, simulated: Ints, span: float) -> Pair:
    top, bottom = one.top(simulated, span), one.bottom(simulated, span)
    real = share(float(one.top(recorded, span).sum()), float(one.bottom(recorded, span).sum()))
    each = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom != 0)
    return Pair(real, share(float(top.sum()), float(bottom.sum())), each)


def share(top: float, bottom: float) -> float:
    """top / bottom, NaN for 0/0."""
    return top / bottom if bottom else float("nan")


def score(name: str, days: Sequence[Sequence[Pair]], *, bands: tuple[float, ...] = BANDS) -> Score:
    """Score of a measure from the pairs of each day; pairs without a value on either side are left out."""
    kept = [[pair for pair in day if np.isfinite([pair.recorded, pair.simulated]).all()] for day in days]
    kept = [day for day in kept if day]
    pairs = [pair for day in kept for pair in day]
    real, again = (np.array([pair[at] for pair in pairs], np.float64) for at in (0, 1))
    number = np.array([len(day) for day in kept], np.float64)
    errors = [np.array([pair.simulated - pair.recorded for pair in day]) for day in kept]
    above = real > 0
    varies = len(pairs) > 1 and real.std() > 0 and again.std() > 0
    inside = {
        level: ratio([sum(inside_band(pair, level) for pair in day) for day in kept], number) for level in bands
    }
    return Score(
        name, len(pairs),
        float(real.mean()) if len(real) else float("nan"), float(again.mean()) if len(again) else float("nan"),
        ratio([float(day.sum()) for day in errors], number), ratio([float(np.abs(day).sum()) for day in errors], number),
        float((np.abs(again - real)[above] / real[above]).mean()) if above.any() else float("nan"),
        float(np.corrcoef(real, again)[0, 1]) if varies else float("nan"), inside,
    )  # fmt: skip


def inside_band(pair: Pair, level: float) -> float:
    """How much of the record's rank among the replications lies in the central band: 1 inside, 0 outside, a part where ties
    reach over an edge. With the record a draw like the others the mean is `level`, however few replications there are.
    """
    each = pair.each[np.isfinite(pair.each)]
    places = len(each) + 1
    low, high = int((each < pair.recorded).sum()) / places, (int((each <= pair.recorded).sum()) + 1) / places
    edges = (1 - level) / 2, (1 + level) / 2
    return max(min(high, edges[1]) - max(low, edges[0]), 0.0) / (high - low)
