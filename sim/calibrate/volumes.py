"""Volumes: how much more than Poisson days, the hours of a day and its intervals differ from what is usual."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calibrate.calibration import Sources, Table
from sim.calibrate.dispersion import freedom, unlike_course, usual
from sim.files.gaps import Gap

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SHARED = ("day", "hours", "intervals")  # names of the factors that all types share

_FEWEST = 4  # degrees of freedom, such as five days of one weekday; with fewer all is 0
_SHORTEST = 4  # intervals of a day; in fewer, hours cannot be told from intervals
_MOST = 6  # gaps that are named
_HALF_LIVES = 80  # tried, evenly on the scale of logarithms: each 8 % longer than the one before on a day of 5-minute intervals


class Busyness(NamedTuple):
    """Coefficients of variation of the factors on the expected number of calls.

    day : shared by all types, once a day; own : each type's own, once a day: float64, shape (types,)
    hours : shared by all types, anew each interval but like the one before: `correlation` of successive logarithms
    intervals : shared by all types, anew each interval
    unlike : bool, shape (days,): left out, for their course over the hours is unlike their weekday's
    """

    day: float
    own: Floats
    hours: float
    correlation: float
    intervals: float
    unlike: npt.NDArray[np.bool_]


def busyness(
    calls: Floats, weekdays: Ints, *, per_hour: int, every_day: bool = False, gone: npt.NDArray[np.bool_] | None = None
) -> Busyness:
    """Moment estimators for calls: float64, shape (days, types, intervals), of days with these weekdays: shape (days,).

    Days whose course is unlike their weekday's are left out (`unlike_course`) unless `every_day` is to count, and those on which
    calls were not recorded: `gone`, of the shape of calls.

    What is measured is the covariance of calls in two intervals about the weekday's mean, whose degree of freedom is
    corrected for; so weekdays of different level are not taken for chance. With factors of mean 1 and Poisson calls

        Cov(N_kt, N_ls) = m_kt m_ls ((1 + day^2) (1 + own_k^2 if k = l) (1 + hours^2)^(r^|t - s|) (1 + intervals^2 if t = s) - 1)

    plus m_kt on the diagonal (a Poisson number with a random rate: Whitt 1999, "Dynamic staffing in a telephone call center
    aiming to immediately answer all calls"; Jongbloed and Koole 2001; a busyness of the day: Avramidis, Deslauriers and
    L'Ecuyer 2004; factors within it, and that counts over several lengths must vary rightly: Ibrahim and L'Ecuyer 2013;
    Oreshkin, Regnard and L'Ecuyer 2016). Types share all but their own factor, so pairs of types say how much of the
    days' spread is common. Hours and intervals follow from all types' calls by lag, by least squares not below 0; what
    they leave of the day totals' spread is the day's. With fewer than 5 days (or 4 more than weekdays) all is 0.
    """
    unlike = unlike_course(calls.sum(axis=1), weekdays, per_hour) & (not every_day)
    if gone is not None:
        unlike |= gone.any(axis=(1, 2))
    calls, weekdays = calls[~unlike], weekdays[~unlike]
    types = calls.shape[1]
    if freedom(weekdays) < _FEWEST:
        return Busyness(0.0, np.zeros(types), 0.0, 0.0, 0.0, unlike)
    mean = np.tensordot(usual(weekdays), calls, axes=1)
    rest = calls.copy()
    for weekday in np.unique(weekdays):
        rest[weekdays == weekday] -= calls[weekdays == weekday].mean(axis=0)
    rest /= np.sqrt(freedom(weekdays))
    common, own = _day_totals(rest.sum(axis=2), mean.sum(axis=1))
    hours, correlation, intervals = _within_day(rest.sum(axis=1), mean, own)
    left = (1.0 + common) / (1.0 + _of_day(mean, hours, correlation, intervals)) - 1.0
    day = max(0.0, left)
    return Busyness(float(np.sqrt(day)), np.sqrt(own), float(np.sqrt(hours)), correlation, float(np.sqrt(intervals)), unlike)


def _day_totals(rest: Floats, mean: Floats) -> tuple[float, Floats]:
    """Squared cv of day totals beyond Poisson that types share, and each type's own; rest : (days, types), mean : (types,)."""
    types = len(mean)
    covariance = rest.T @ rest
    each = np.maximum(np.diag(covariance) - mean, 0.0) / np.maximum(mean, 1e-9) ** 2
    if types == 1:
        return float(each[0]), np.zeros(1)
    pairs = np.triu_indices(types, 1)
    weight = float((mean[pairs[0]] * mean[pairs[1]]).sum())
    common = max(0.0, float(covariance[pairs].sum()) / weight) if weight else 0.0
    return common, np.maximum((1.0 + each) / (1.0 + common) - 1.0, 0.0)


def _within_day(rest: Floats, mean: Floats, own: Floats) -> tuple[float, float, float]:
    """Squared cv of hours, their correlation, squared cv of intervals; rest : (days, intervals), mean : (types, intervals).

    Least squares of the covariance by lag on day + hours r^lag + intervals at lag 0, a lag weighted by its pairs of calls /
    (1 + lag), so that each doubling of the length counts alike and 5 minutes are fitted as well as an hour. The half-life is
    looked for up to half of the day: longer ones cannot be told from a day that is busy as a whole.
    """
    from scipy.optimize import nnls

    total = mean.sum(axis=0)
    parts = len(total)
    if parts < _SHORTEST:
        return 0.0, 0.0, 0.0
    covariance = rest.T @ rest - np.diag(total) - (mean.T * own) @ mean
    lags = np.arange(parts)
    pairs = np.array([(total[: parts - lag] * total[lag:]).sum() for lag in lags])
    known = pairs > 0
    seen = np.array([np.trace(covariance, lag) for lag in lags[known]]) / pairs[known]
    weight = np.sqrt(pairs[known] / (1.0 + lags[known]))
    best, found = np.inf, (0.0, 0.0, 0.0)
    for half_life in np.geomspace(0.5, parts / 2, _HALF_LIVES):
        r = 0.5 ** (1.0 / half_life)
        columns = np.stack([np.ones(len(seen)), r ** lags[known], (lags[known] == 0).astype(float)], axis=1)
        (day, hours, intervals), error = nnls(columns * weight[:, np.newaxis], seen * weight)
        if error < best:
            slow = hours / (1.0 + day)
            best, found = error, (slow, r if hours > 0 else 0.0, intervals / ((1.0 + day) * (1.0 + slow)))
    return float(found[0]), float(found[1]), float(found[2])


def _of_day(mean: Floats, hours: float, correlation: float, intervals: float) -> float:
    """Squared cv that factors within the day give to day totals, of all types' calls."""
    share = mean.sum(axis=0) / mean.sum()
    lags = np.abs(np.subtract.outer(np.arange(len(share)), np.arange(len(share))))
    factor = (1.0 + hours) ** (correlation**lags) * (1.0 + intervals * (lags == 0)) - 1.0
    return float(share @ factor @ share)


def mean_calls(calls: Floats, gone: npt.NDArray[np.bool_] | None, weights: Ints | None = None) -> Floats:
    """Mean calls by type and interval over the days on which they were recorded: float64, shape (types, intervals).

    calls : float64, shape (days, types, intervals); gone : of the same shape, where they were not (None: nowhere); weights : how
    often each day counts, shape (days,) or (sets, days), which gives means of the shape (sets, types, intervals). Where no day
    that counts has a record, it is the mean of all that have; without any 0.
    """
    if gone is None and weights is None:
        return np.asarray(calls.mean(axis=0), np.float64)
    if gone is None:
        assert weights is not None
        if weights.ndim == 1:
            return np.asarray(np.tensordot(weights, calls, axes=1) / weights.sum(), np.float64)
        flat = weights @ calls.reshape(len(calls), -1) / weights.sum(axis=1, keepdims=True)
        return np.asarray(flat.reshape(len(weights), *calls.shape[1:]), np.float64)
    there = (~gone).astype(np.float64)
    all_: Floats = (calls * there).sum(axis=0) / np.maximum(there.sum(axis=0), 1.0)
    if weights is None:
        return all_
    days = np.tensordot(weights, there, axes=1)
    return np.where(days > 0, np.tensordot(weights, calls * there, axes=1) / np.maximum(days, 1.0), all_)


def swing(
    found: Busyness, interval: float, days: Sequence[date], sources: Sources, gaps: Sequence[Gap] = ()
) -> tuple[list[Table], list[str]]:
    """`[[factors]]` of a scenario whose intervals last `interval` seconds, and notes on the days that do not count in them.

    SHARED names the factors; gaps : of single types on these days. A scenario's intervals are as short as its calls vary, so
    shorter ones are measured with a shorter interval.
    """
    if freedom(np.array([day.weekday() for day in days])[~found.unlike]) < _FEWEST:
        sources.assumed("factors", "too few days to tell what differs from chance: none")
    else:
        sources.measured("factors", f"how much {len(days)} days differ beyond chance and weekday, by covariances of intervals")
    hours = {"cv": round(found.hours, 4), "part": interval}
    if hours["cv"] > 0:
        hours["correlation"] = round(found.correlation, 4)
    tables = ({"cv": round(found.day, 4)}, hours, {"cv": round(found.intervals, 4), "part": interval})
    having = {gap.day for gap in gaps}
    unlike = [str(day) for day, left_out in zip(days, found.unlike, strict=True) if left_out and day not in having]
    note = f"not counted in the swing, for calls over their hours are unlike those of their weekdays: {', '.join(unlike)}"
    said = [note] if unlike else []
    if gaps:
        named = "; ".join(map(str, gaps[:_MOST])) + (f"; and {len(gaps) - _MOST} more" if len(gaps) > _MOST else "")
        said.append(f"not recorded of one call type, so not in its mean calls, and these days not in the swing: {named}")
    return [{"name": name, **table} for name, table in zip(SHARED, tables, strict=True)], said
