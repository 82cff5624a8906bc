"""Talk by hour: how much longer the calls of an interval last than others, by call type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calls import NONE
from sim.files.history import History
from sim.scenario.units import ticks

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FORMS = ("same", "shared", "own")  # at all hours; a profile that all types share; one of each type. Simplest first
FOLDS = 5  # parts of the days, each of which is held back once
_FEWEST = 5  # days, with fewer of which nothing can be held back
_LONGEST = 0.9975  # of a type's calls: what is longer counts as that long; one call of seven hours is no long hour or day
_LEAST = 0.05  # of a profile: no interval in which calls last no time


class Heard(NamedTuple):
    """Answered calls by day, type and interval from midnight in which they came: float64, shape (days, types, parts).

    days : int64, shape (days,), ordinals; number : calls; total, squares : seconds of talk, and their squares, where calls that
    are longer than all but one in 400 of their type count as that long
    most : float64, shape (types,), those seconds; follows : by how many per cent the total grows where all calls last 1 % longer
    """

    days: Ints
    number: Floats
    total: Floats
    squares: Floats
    most: Floats
    follows: Floats


class Hours(NamedTuple):
    """Which of FORMS is right, and by which share of calls' variance it is better than the simplest on days held back, with the
    standard error over days; nan where it was not tried.
    """

    form: str
    gain: float
    error: float


def heard(history: History, kinds: Sequence[str], interval: float, most: Floats | None = None) -> Heard:
    """The answered calls of these types; interval : seconds, divides a day; most : where another record has said it."""
    days = np.unique(history.day)
    code = np.array([kinds.index(name) if name in kinds else -1 for name in history.call_types])[history.call_type]
    keep = (history.answer != NONE) & (code >= 0)
    parts = ticks(86_400.0) // ticks(interval)
    place = np.searchsorted(days, history.day), code, np.minimum(history.arrival // ticks(interval), parts - 1)
    at = tuple(one[keep] for one in place)
    seconds, follows = history.talk[keep] / 1e6, np.ones(len(kinds))
    of_type = [seconds[at[1] == kind] for kind in range(len(kinds))]
    if most is None:
        most = np.array([np.quantile(one, _LONGEST) if len(one) else np.inf for one in of_type])
    for kind, one in enumerate(of_type):
        below = float(one[one < most[kind]].sum())
        follows[kind] = below / float(np.minimum(one, most[kind]).sum()) if below > 0 else 1.0
    seconds = np.minimum(seconds, most[at[1]])
    found = np.zeros((3, len(days), len(kinds), parts))
    for out, added in zip(found, (1.0, seconds, seconds * seconds), strict=True):
        np.add.at(out, at, added)
    return Heard(days, found[0], found[1], found[2], most, follows)


def folds(days: Ints) -> Ints:
    """Which part of the record a day belongs to, from 0 to FOLDS - 1: whole weeks in turn, or days where there are few.

    Whole weeks, because days of a week are alike: held back one by one they would be known from their neighbors.
    """
    weeks = np.unique(days // 7, return_inverse=True)[1]
    return np.asarray(weeks if weeks.max(initial=0) + 1 >= FOLDS else np.arange(len(days)), np.int64) % FOLDS


def profile(number: Floats, total: Floats, squares: Floats, form: str) -> Floats:
    """Talk by interval / the type's mean, of calls by type and interval: float64, shape (types, parts), mean 1 over the calls.

    number, total, squares : as in Heard, summed over days

    What all types share is the ratio of their talk to what their means let expect; each type's own deviates from it. Both are
    shrunk by tau^2 / (tau^2 + chance^2): chance^2 is the variance of an interval's mean by its calls, tau^2 what deviations
    vary by beyond it, by moments and not below 0 (empirical Bayes: Efron and Morris 1975, "Data analysis using Stein's
    estimator and its generalizations"; unequal variances: Morris 1983). So an interval with few calls takes what all types
    have, and one with none the mean.
    """
    if form == FORMS[0]:
        return np.ones_like(number)
    mean = total.sum(axis=1) / np.maximum(number.sum(axis=1), 1.0)
    variance = np.maximum(squares.sum(axis=1) / np.maximum(number.sum(axis=1), 1.0) - mean**2, 0.0)
    expects = number * mean[:, np.newaxis]
    whole = expects.sum(axis=0)
    some = np.maximum(whole, 1e-9)
    found = np.tile(1.0 + _shrunk(total.sum(axis=0) / some - 1.0, (variance @ number) / some**2, whole), (len(number), 1))
    if form == FORMS[2]:
        for row, out in enumerate(found):
            there = np.maximum(expects[row], 1e-9)
            chance = variance[row] * number[row] * out**2 / there**2
            out += _shrunk(total[row] / there - out, chance, expects[row])
    found = np.maximum(found, _LEAST)
    calls = number.sum(axis=1)
    mean_of = np.divide((number * found).sum(axis=1), calls, out=np.ones_like(calls), where=calls > 0)
    return np.asarray(found / mean_of[:, np.newaxis], np.float64)


def _shrunk(deviation: Floats, chance: Floats, weight: Floats) -> Floats:
    """Deviations drawn to 0 by how much of them is chance; 0 where nothing is known."""
    known = weight > 0
    if not known.any():
        return np.zeros_like(deviation)
    beyond = max(float(np.average((deviation**2 - chance)[known], weights=weight[known])), 0.0)
    out = np.zeros_like(deviation)
    out[known] = deviation[known] * beyond / np.maximum(beyond + chance[known], 1e-12)
    return out


def hours(seen: Heard) -> Hours:
    """Which form foretells the talk of days held back best, by squared error of calls; a richer one must be better by more than
    its standard error over days.
    """
    if len(seen.days) < _FEWEST:
        return Hours(FORMS[0], float("nan"), float("nan"))
    fold = folds(seen.days)
    lost = np.zeros((len(FORMS), len(seen.days)))
    for held in np.unique(fold):
        out = fold == held
        known = [one[~out].sum(axis=0) for one in seen[1:4]]
        mean = known[1].sum(axis=1) / np.maximum(known[0].sum(axis=1), 1.0)
        for at, form in enumerate(FORMS):
            says = mean[:, np.newaxis] * profile(known[0], known[1], known[2], form)
            lost[at, out] = (seen.number[out] * says**2 - 2.0 * seen.total[out] * says).sum(axis=(1, 2))
    calls = max(float(seen.number.sum()), 1.0)
    spread = seen.squares.sum() - seen.total.sum() ** 2 / calls
    lost *= len(seen.days) / max(float(spread), 1e-9)
    best = 0
    for at in range(1, len(FORMS)):
        gain, error = _gain(lost[best] - lost[at])
        best = at if gain > error else best
    return Hours(FORMS[best], *_gain(lost[0] - lost[max(best, 1)]))


def _gain(by_day: Floats) -> tuple[float, float]:
    """Mean and standard error over days."""
    return float(by_day.mean()), float(by_day.std(ddof=1) / np.sqrt(len(by_day)))
