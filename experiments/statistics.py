"""Estimates from replications: ratios of sums, paired differences, chances, and where 8 days in 10 lie.

Everything is an array with one entry per replication, in the order of replications; two scenarios are paired by it.

Sources
    Miller (1974), "The jackknife - a review", Biometrika 61(1), section 2: leave-one-out estimates; a ratio's interval
    is taken with Student's t on replications - 1 degrees of freedom (Tukey's proposal, there eq. 1.4).
    Efron (1982), "The jackknife, the bootstrap and other resampling plans", eq. 3.2: the variance estimate.
    Clopper and Pearson (1934), "The use of confidence or fiducial limits ...", Biometrika 26(4): chances.
    Dunn (1961), "Multiple comparisons among means", JASA 56: Bonferroni's inequality for several policies at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A value with its interval; NaN where 0/0, and low and high NaN where one replication says nothing of noise."""

    value: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half the length of the interval."""
        return (self.high - self.low) / 2


@dataclass(frozen=True)
class Chance:
    """`hits` of `days` days reach a target; `low` and `high` bound the chance."""

    value: float
    low: float
    high: float
    hits: int
    days: int


def ratio(num: npt.ArrayLike, den: npt.ArrayLike, *, level: float = 0.95) -> Estimate:
    """sum(num) / sum(den) with a jackknife interval at `level`; arrays of shape (replications,).

    With den all 1 this is the mean and Student's interval. Raises ValueError for lengths that differ.
    """
    top, bottom = _pair(num, den)
    return jackknife(_share(top.sum(), bottom.sum()), leave_one_out(top, bottom), level)


def difference(
    num: npt.ArrayLike,
    den: npt.ArrayLike,
    base_num: npt.ArrayLike,
    base_den: npt.ArrayLike,
    *,
    level: float = 0.95,
    families: int = 1,
) -> Estimate:
    """Ratio of sums less that of the baseline, paired by replication: both leave the same replication out.

    `families` differences share the `level` (Bonferroni), so their intervals hold together. Raises ValueError for
    lengths that differ.
    """
    top, bottom = _pair(num, den)
    base_top, base_bottom = _pair(base_num, base_den)
    if len(top) != len(base_top):
        raise ValueError(f"pairs need equal replications: {len(top)} and {len(base_top)}")
    value = _share(top.sum(), bottom.sum()) - _share(base_top.sum(), base_bottom.sum())
    left_out = leave_one_out(top, bottom) - leave_one_out(base_top, base_bottom)
    return jackknife(value, left_out, 1 - (1 - level) / max(families, 1))


def variance_reduction(
    num: npt.ArrayLike, den: npt.ArrayLike, base_num: npt.ArrayLike, base_den: npt.ArrayLike
) -> float:
    """How many times fewer days pairing needs: variance of an unpaired difference over that of the paired one.

    Infinite where the paired difference never varies, NaN where nothing varies.
    """
    left = leave_one_out(*_pair(num, den))
    base = leave_one_out(*_pair(base_num, base_den))
    if len(left) < 2:
        return math.nan
    apart, paired = float(np.var(left) + np.var(base)), float(np.var(left - base))
    if paired == 0:
        return math.inf if apart > 0 else math.nan
    return apart / paired


def chance(hits: int, days: int, *, level: float = 0.95) -> Chance:
    """Clopper and Pearson's interval for a chance that came true on `hits` of `days`; no days: anything is possible."""
    from scipy.special import betaincinv

    if not 0 <= hits <= days:
        raise ValueError(f"hits must be from 0 to {days}; found {hits}")
    tail = (1 - level) / 2
    low = float(betaincinv(hits, days - hits + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, days - hits, 1 - tail)) if hits < days else 1.0
    return Chance(hits / days if days else math.nan, low, high, hits, days)


def chance_of_days(reached: npt.ArrayLike, known: npt.ArrayLike, *, level: float = 0.95) -> Chance:
    """The chance that a day reaches a target; bool, shape (replications, days), days that are not `known` left out.

    With one day a replication this is `chance`. Connected days depend on each other, so their share has a jackknife interval
    over replications; where all replications agree, that of as many single days as there are replications.
    """
    there = np.asarray(known, dtype=bool)
    hits, days = (np.asarray(reached, dtype=bool) & there).sum(axis=1), there.sum(axis=1)
    total, of = int(hits.sum()), int(days.sum())
    if there.shape[1] == 1:
        return chance(total, of, level=level)
    found = ratio(hits, days, level=level)
    if not found.half_width > 0:
        alike = chance(round(found.value * len(there)) if of else 0, len(there) if of else 0, level=level)
        return Chance(found.value, alike.low, alike.high, total, of)
    return Chance(found.value, max(found.low, 0.0), min(found.high, 1.0), total, of)


def daily(num: npt.ArrayLike, den: npt.ArrayLike) -> Floats:
    """Each day's own ratio, NaN where 0/0; of the same shape."""
    top, bottom = np.asarray(num, dtype=np.float64), np.asarray(den, dtype=np.float64)
    ratios: Floats = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom != 0)
    return ratios


def eight_in_ten(values: npt.ArrayLike) -> tuple[float, float]:
    """Between which values 8 days in 10 lie: the 10 % and 90 % quantiles (linear), days without a value left out."""
    known = np.asarray(values, dtype=np.float64)
    known = known[~np.isnan(known)]
    if len(known) == 0:
        return math.nan, math.nan
    low, high = np.quantile(known, [0.1, 0.9])
    return float(low), float(high)


def student(degrees: int, probability: float) -> float:
    """Quantile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, probability))


def _pair(num: npt.ArrayLike, den: npt.ArrayLike) -> tuple[Floats, Floats]:
    top, bottom = np.asarray(num, dtype=np.float64), np.asarray(den, dtype=np.float64)
    if top.ndim != 1 or top.shape != bottom.shape:
        raise ValueError(f"one number per replication is needed in both: {top.shape} and {bottom.shape}")
    return top, bottom


def _share(top: float, bottom: float) -> float:
    return float(top) / float(bottom) if bottom else math.nan


def leave_one_out(top: Floats, bottom: Floats) -> Floats:
    """The ratio without replication i, shape (replications,)."""
    rest = bottom.sum() - bottom
    ratios: Floats = np.divide(top.sum() - top, rest, out=np.full(len(top), np.nan), where=rest != 0)
    return ratios


def jackknife(value: float, left_out: Floats, level: float) -> Estimate:
    """The value with its interval at `level`, from the value without each replication, shape (replications,)."""
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1; found {level}")
    n = len(left_out)
    if n < 2:
        return Estimate(value, math.nan, math.nan)
    # Efron's eq. 3.2: the leave-one-out values vary (n - 1)^2 times less than independent estimates would
    spread = math.sqrt((n - 1) / n * float(np.sum((left_out - left_out.mean()) ** 2)))
    reach = student(n - 1, (1 + level) / 2) * spread
    return Estimate(value, value - reach, value + reach)
