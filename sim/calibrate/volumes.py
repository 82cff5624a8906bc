"""Volumes: profiles per type, and how much more than Poisson one day or hour differs from another."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Busyness(NamedTuple):
    """Coefficients of variation of the factors on the expected number of calls.

    day : shared by all types, once a day; hours : shared by all types, anew each part of the day; own : each type's
    own, once a day: float64, shape (types,)
    """

    day: float
    hours: float
    own: Floats


def busyness(calls: Floats, per_part: int) -> Busyness:
    """Moment estimators for calls: float64, shape (days, types, intervals); `per_part` intervals make a part.

    With E(N) = m and a factor of mean 1 and variance c^2, Var(N) = m + c^2 m^2 (a Poisson number with a random
    rate; Whitt 1999, "Dynamic staffing in a telephone call center aiming to immediately answer all calls"; Jongbloed
    and Koole 2001). Two types share only the common factor: Cov(N1, N2) = c^2 m1 m2. A type's own factor and that of
    the hours are what the common one leaves over. Estimates below 0 are 0; fewer than 5 days give 0.
    """
    days, types, _ = calls.shape
    if days < 5:
        return Busyness(0.0, 0.0, np.zeros(types))
    totals = calls.sum(axis=2)
    mean = totals.mean(axis=0)
    if types == 1:
        common = _excess(totals.sum(axis=1))
    else:
        covariance = np.atleast_2d(np.cov(totals, rowvar=False))
        pairs = np.triu_indices(types, 1)
        weight = float((mean[pairs[0]] * mean[pairs[1]]).sum())
        common = max(0.0, float(covariance[pairs].sum()) / weight) if weight else 0.0
    own = np.zeros(types)
    if types > 1:
        each = np.array([_excess(totals[:, kind]) for kind in range(types)])
        own = np.maximum((1 + each) / (1 + common) - 1, 0.0)
    parts = _parts(calls.sum(axis=1), per_part)
    within = max(0.0, (1 + _pooled(parts)) / (1 + _excess(totals.sum(axis=1))) - 1)
    return Busyness(float(np.sqrt(common)), float(np.sqrt(within)), np.sqrt(own))


def _excess(counts: Floats) -> float:
    """Squared cv beyond Poisson of counts, shape (days,)."""
    mean = float(counts.mean())
    return max(0.0, (float(counts.var(ddof=1)) - mean) / mean**2) if mean > 0 else 0.0


def _parts(counts: Floats, per_part: int) -> Floats:
    """Counts by part of the day: shape (days, intervals) -> (days, parts); what is left at the end is a part too."""
    starts = np.arange(0, counts.shape[1], per_part)
    return np.add.reduceat(counts, starts, axis=1)


def _pooled(parts: Floats) -> float:
    """Squared cv beyond Poisson, of all parts of the day together."""
    mean, variance = parts.mean(axis=0), parts.var(axis=0, ddof=1)
    weight = float((mean**2).sum())
    return max(0.0, float((variance - mean).sum()) / weight) if weight else 0.0
