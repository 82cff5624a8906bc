"""Volumes: how much more than Poisson days, the hours of a day and its intervals differ from what is usual."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calibrate.calibration import Sources, Table
from sim.calibrate.dispersion import freedom, unlike_course, usual
from sim.calibrate.level import Alike, Level, Span, level_beside
from sim.calibrate.own_hours import beyond_chance, by_lag, memories, of_day, own_hours, pairs_of_calls
from sim.files.gaps import Gap

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

LEVEL = "level"  # the name of the factor of days that are like the day before, and
SHARED = ("day", "hours", "intervals")  # names of the factors that all types share

_FEWEST = 4  # degrees of freedom, such as five days of one weekday; with fewer all is 0
_SHORTEST = 4  # intervals of a day; in fewer, hours cannot be told from intervals
_MOST = 6  # gaps that are named


class Busyness(NamedTuple):
    """Coefficients of variation of the factors on the expected number of calls.

    level : shared by all types, once a day, like the day before: `steady` and `alike`; 0 and None where days are not alike

    day : shared by all types, once a day; own : each type's own, once a day: float64, shape (types,)
    hours : shared by all types, anew each interval but like the one before: `correlation` of successive logarithms
    intervals : shared by all types, anew each interval
    own_hours : each type's own, anew each interval but like the one before: `own_correlation`; float64, shape (types,)
    with_own_hours : bool, shape (types,): which types have such, beyond chance; of the others both are 0
    unlike : bool, shape (days,): left out, for their course over the hours is unlike their weekday's
    """

    level: float
    day: float
    own: Floats
    hours: float
    correlation: float
    intervals: float
    own_hours: Floats
    own_correlation: Floats
    with_own_hours: Bools
    unlike: Bools
    steady: Level | None = None
    alike: Alike | None = None


def busyness(
    calls: Floats,
    weekdays: Ints,
    *,
    per_hour: int,
    every_day: bool = False,
    dates: Sequence[date] | None = None,
    span: Span | None = None,
    known: Busyness | None = None,
    gone: Bools | None = None,
) -> Busyness:
    """Moment estimators for calls: float64, shape (days, types, intervals), of days with these weekdays: shape (days,).

    Days whose course is unlike their weekday's are left out (`unlike_course`) unless `every_day` is to count, and those on which
    calls were not recorded: `gone`, of the shape of calls.
    dates : of the days, in order; not given: whether days are like those before them (`level.level`) is not asked
    span : more days than these, where they are to say it
    known : says, of the same days as they are, which types have hours of their own and how alike days are; not given: it is
    measured, hours of their own where they are beyond chance (`own_hours.beyond_chance`)

    What is measured is the covariance of calls in two intervals about the weekday's mean, whose degree of freedom is
    corrected for; so weekdays of different level are not taken for chance. With factors of mean 1 and Poisson calls

        Cov(N_kt, N_ls) = m_kt m_ls ((1 + level^2) (1 + day^2) (1 + hours^2)^(r^|t - s|) (1 + intervals^2 if t = s) own_kts - 1)

    with own_kts = (1 + own_k^2) (1 + own_hours_k^2)^(r_k^|t - s|) where k = l and 1 where not, plus m_kt on the diagonal (a
    Poisson number with a random rate: Whitt 1999, "Dynamic staffing in a telephone call center aiming to immediately answer
    all calls"; Jongbloed and Koole 2001; a busyness of the day: Avramidis, Deslauriers and L'Ecuyer 2004; factors within it,
    and that counts over several lengths must vary rightly: Ibrahim and L'Ecuyer 2013; Oreshkin, Regnard and L'Ecuyer 2016).
    Types share all but their own factors, so pairs of types say how much of the days' spread is common. Hours and intervals
    follow from all types' calls by lag, without pairs of calls of one type that has hours of its own, by least squares not
    below 0; what they leave of the day totals' spread is the day's. What is then left of a type's own pairs of calls gives its
    hours (`own_hours.own_hours`), and what these leave of its days' spread is its day. With fewer than 5 days (or 4 more than
    weekdays) all is 0.
    """
    unlike = unlike_course(calls.sum(axis=1), weekdays, per_hour) & (not every_day)
    if gone is not None:
        unlike |= gone.any(axis=(1, 2))
    calls, weekdays = calls[~unlike], weekdays[~unlike]
    types = calls.shape[1]
    if freedom(weekdays) < _FEWEST:
        nothing = np.zeros(types)
        return Busyness(0.0, 0.0, nothing, 0.0, 0.0, 0.0, nothing, nothing, nothing > 0, unlike)
    mean = np.tensordot(usual(weekdays), calls, axes=1)
    rest = calls.copy()
    for weekday in np.unique(weekdays):
        rest[weekdays == weekday] -= calls[weekdays == weekday].mean(axis=0)
    rest /= np.sqrt(freedom(weekdays))
    apart = beyond_chance(rest, mean) if known is None else known.with_own_hours
    common, own = _day_totals(rest.sum(axis=2), mean.sum(axis=1))
    seen = pairs_of_calls(rest[:, apart], mean[apart])
    within = partial(_within_day, rest, mean, own, apart, seen)
    steady, together = (None, None) if known is None else (known.steady, known.alike)
    if known is None and dates is not None:
        used = tuple(day for day, left_out in zip(dates, unlike, strict=True) if not left_out)
        steady, together = level_beside(span or Span(used, calls.sum(axis=(1, 2))), used, common, mean.sum(axis=0), within)
    shown = 0.0 if together is None else together.share * common
    hours, correlation, intervals = within(shown)
    left = (1.0 + common) / (1.0 + shown) / (1.0 + of_day(mean.sum(axis=0), hours, correlation, intervals)) - 1.0
    day = max(0.0, left)
    lags = np.arange(calls.shape[2])
    shared = (1.0 + shown) * (1.0 + day) * (1.0 + hours) ** (correlation**lags) * (1.0 + intervals * (lags == 0))
    slow, memory = np.zeros(types), np.zeros(types)
    for kind, own_pairs in zip(np.flatnonzero(apart), seen, strict=True):
        slow[kind], memory[kind] = own_hours(own_pairs, mean[kind], shared)
        own[kind] = max(0.0, (1.0 + own[kind]) / (1.0 + of_day(mean[kind], slow[kind], memory[kind], 0.0)) - 1.0)
    days = float(np.sqrt(0.0 if together is None else shown / together.kept)), float(np.sqrt(day)), np.sqrt(own)
    parts = float(np.sqrt(hours)), correlation, float(np.sqrt(intervals))
    return Busyness(*days, *parts, np.sqrt(slow), memory, apart, unlike, steady, together)


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


def _within_day(
    rest: Floats, mean: Floats, own: Floats, apart: Bools, seen: Floats, shown: float
) -> tuple[float, float, float]:
    """Squared cv of hours, their correlation, squared cv of intervals.

    rest : (days, types, intervals); mean : (types, intervals); apart : types whose own pairs of calls do not count, for they
    have hours of their own, shape (types,); seen : these pairs; shown : squared cv of the level in these days, which is no hours'

    Least squares of the covariance by lag on day + hours r^lag + intervals at lag 0, a lag weighted by its pairs of calls /
    (1 + lag), so that each doubling of the length counts alike and 5 minutes are fitted as well as an hour. The half-life is
    looked for up to half of the day: longer ones cannot be told from a day that is busy as a whole.
    """
    from scipy.optimize import nnls

    whole, total = rest.sum(axis=1), mean.sum(axis=0)
    parts = len(total)
    if parts < _SHORTEST:
        return 0.0, 0.0, 0.0
    covariance = whole.T @ whole - np.diag(total) - (mean.T * np.where(apart, 0.0, own)) @ mean
    lags = np.arange(parts)
    pairs = np.array([(total[: parts - lag] * total[lag:]).sum() for lag in lags])
    sums = np.array([np.trace(covariance, lag) for lag in lags])
    if apart.any():
        pairs = pairs - by_lag(mean[apart]).sum(axis=0)
        sums = sums - seen.sum(axis=0)
    known = pairs > (1e-9 * pairs[0] if apart.any() else 0)  # what rounding leaves of none is none
    if known.sum() < _SHORTEST:
        return 0.0, 0.0, 0.0
    by_pair = (1.0 + sums[known] / pairs[known]) / (1.0 + shown) - 1.0 if shown else sums[known] / pairs[known]
    weight = np.sqrt(pairs[known] / (1.0 + lags[known]))
    best, found = np.inf, (0.0, 0.0, 0.0)
    correlations = memories(parts)
    columns = np.ones((len(correlations), len(by_pair), 3))
    columns[:, :, 1] = [correlation ** lags[known] for correlation in correlations]
    columns[:, :, 2] = lags[known] == 0
    columns *= weight[:, np.newaxis]
    for at in _closest(columns, by_pair * weight):
        (day, hours, intervals), error = nnls(columns[at], by_pair * weight)
        if error < best:
            slow = hours / (1.0 + day)
            r = correlations[at] if hours > 0 else 0.0
            best, found = error, (slow, r, intervals / ((1.0 + day) * (1.0 + slow)))
    return float(found[0]), float(found[1]), float(found[2])


def _closest(columns: Floats, values: Floats, own: int = 1) -> Ints:
    """Which of the designs, shape (designs, values, unknowns), come so near to values, with unknowns not below 0, that rounding
    may decide which is nearest: to solve each exactly would take longer than all else that is measured in a set.

    Designs differ in column `own` only, so of those that make no use of it the first stands for all. The least squares not
    below 0 are those of the unknowns that are not 0 (Lawson and Hanson 1974, chapter 23), so of the few choices of these the
    best one whose solution is not below 0. None where nothing comes nearer than 0, of which scipy's nnls leaves open what it is.
    """
    gram, aim, whole = columns.transpose(0, 2, 1) @ columns, values @ columns, float(values @ values)
    left, uses = np.full(len(columns), whole), np.zeros(len(columns), np.bool_)
    unknowns = columns.shape[2]
    for choice in range(1, 2**unknowns):
        some = [at for at in range(unknowns) if choice >> at & 1]
        try:
            solved = np.linalg.solve(gram[:, some][:, :, some], aim[:, some, np.newaxis])[:, :, 0]
        except np.linalg.LinAlgError:  # of unknowns that no value tells apart one is enough, which is a choice as well
            continue
        rest = whole - (solved * aim[:, some]).sum(axis=1)
        better = (solved >= 0).all(axis=1) & (rest < left)
        left[better], uses[better] = rest[better], own in some
    near = (left <= left.min() + 1e-9 * whole) & (left < whole)
    near[np.flatnonzero(near & ~uses)[1:]] = False
    return np.asarray(np.flatnonzero(near), np.int64)


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


def factors_of(kind: str, found: Busyness, row: int) -> list[str]:
    """Names of the factors of a call type, which is number `row` of those measured."""
    return [*([LEVEL] if found.alike is not None else []), *SHARED, *([of_type(kind)] if found.with_own_hours[row] else [])]


def of_type(kind: str) -> str:
    """The name of the factor of a call type's own hours."""
    return f"{kind} hours"


def swing(
    found: Busyness, kinds: Sequence[str], interval: float, days: Sequence[date], sources: Sources, gaps: Sequence[Gap] = ()
) -> tuple[list[Table], list[str]]:
    """`[[factors]]` of a scenario whose intervals last `interval` seconds, and notes on the days that do not count in them.

    SHARED names those of all types; `kinds`, the types in their order, may each have hours of their own (`of_type`); gaps : of
    single types on these days. A
    scenario's intervals are as short as its calls vary, so shorter ones are measured with a shorter interval.
    """
    if freedom(np.array([day.weekday() for day in days])[~found.unlike]) < _FEWEST:
        sources.assumed("factors", "too few days to tell what differs from chance: none")
    else:
        sources.measured("factors", f"how much {len(days)} days differ beyond chance and weekday, by covariances of intervals")
    hours = _hours(SHARED[1], found.hours, found.correlation, interval)
    shared = [{"name": SHARED[0], "cv": round(found.day, 4)}, hours, _hours(SHARED[2], found.intervals, 0.0, interval)]
    own = zip(kinds, found.own_hours, found.own_correlation, found.with_own_hours, strict=True)
    if found.alike is not None:
        shared.insert(0, {"name": LEVEL, "cv": round(found.level, 4), "day_to_day": round(found.alike.day_to_day, 4)})
    tables = [*shared, *(_hours(of_type(kind), float(cv), float(r), interval) for kind, cv, r, there in own if there)]
    having = {gap.day for gap in gaps}
    unlike = [str(day) for day, left_out in zip(days, found.unlike, strict=True) if left_out and day not in having]
    note = f"not counted in the swing, for calls over their hours are unlike those of their weekdays: {', '.join(unlike)}"
    said = [note] if unlike else []
    if gaps:
        named = "; ".join(map(str, gaps[:_MOST])) + (f"; and {len(gaps) - _MOST} more" if len(gaps) > _MOST else "")
        said.append(f"not recorded of one call type, so not in its mean calls, and these days not in the swing: {named}")
    return tables, said


def _hours(name: str, cv: float, correlation: float, part: float) -> Table:
    table = {"name": name, "cv": round(cv, 4), "part": part}
    return table | ({"correlation": round(correlation, 4)} if table["cv"] and correlation else {})
