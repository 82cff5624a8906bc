"""Talk by day: at which level talk is now, and how much days' means differ beyond chance."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

WHOLE = (0, 0.0)  # weeks, and their share in the level: the record's mean
TRIED = (WHOLE, (2, 0.5), (2, 1.0), (4, 1.0))  # the rest of the level is the record's mean
_BEGIN = 28  # days of a record before the first week that is foretold
_WEEKS = 6  # that must be foretold, or the record's mean is taken
_FREE = 4  # degrees of freedom, as for the swing of calls


class Days(NamedTuple):
    """Answered calls of days: seconds of talk, and as many as the types' means and the profile let expect; float64, shape
    (days, types), with `number` of calls. days : int64, ordinals; group : int64, of weekdays that are alike; follows : see
    `talk_hours.Heard`
    """

    days: Ints
    group: Ints
    number: Floats
    total: Floats
    expects: Floats
    follows: Floats


class Level(NamedTuple):
    """The level of talk: of the last `weeks` with `share`, of the whole record with the rest.

    error, whole : by how much days of the weeks of the record were off (root mean square of logarithms) that this, and the
    record's mean up to then, foretold; tested : weeks; nan and 0 where none was
    """

    weeks: int
    share: float
    error: float = float("nan")
    whole: float = float("nan")
    tested: int = 0


def chosen_level(seen: Days) -> Level:
    """Which of TRIED foretold the weeks of the record best: each week's days by what was before it.

    The first four weeks are only used; with fewer than six to foretell it is the record's mean.
    """
    errors = {one: _errors(seen, one) for one in TRIED}
    tested = len(np.unique(_week(seen.days)[np.isfinite(errors[WHOLE])]))
    if tested < _WEEKS:
        return Level(*WHOLE)
    off = {one: _by_week(seen, errors[one]) for one in TRIED}
    weeks, share = min(TRIED, key=lambda one: off[one])  # of equals the first
    return Level(weeks, share, off[weeks, share] ** 0.5, off[WHOLE] ** 0.5, tested)


def _by_week(seen: Days, errors: Floats) -> float:
    """Mean over weeks of the mean square over the week's days, by what is expected of each."""
    known = np.isfinite(errors)
    week, weight = np.unique(_week(seen.days)[known], return_inverse=True)[1], seen.expects.sum(axis=1)[known]
    return float((np.bincount(week, weight * errors[known] ** 2) / np.bincount(week, weight)).mean())


def _week(days: Ints) -> Ints:
    return np.asarray((days - days[0]) // 7, np.int64)


def _errors(seen: Days, level: tuple[int, float]) -> Floats:
    """By day the logarithm of its ratio to what was foretold: float64, shape (days,); nan where nothing was."""
    foretold = levels(seen, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.log(seen.total.sum(axis=1) / (seen.expects.sum(axis=1) * foretold))
    return np.where(np.isfinite(found), found, np.nan)


def levels(seen: Days, level: tuple[int, float]) -> Floats:
    """What days' level was foretold as by what was before their week: float64, shape (days,); nan in the first four weeks."""
    found = np.full(len(seen.days), np.nan)
    for week in np.unique(_week(seen.days)):
        begins = seen.days[0] + 7 * int(week)
        if begins - seen.days[0] >= _BEGIN:
            found[_week(seen.days) == week] = level_at(seen, level, begins, np.ones(len(seen.days)))
    return found


def level_at(seen: Days, level: tuple[int, float], begins: int, weights: npt.NDArray[np.floating] | Ints) -> float:
    """The level of talk, as a factor on what was expected, by the days before that ordinal, each of which counts so often."""
    weeks, share = level
    past = weights * (seen.days < begins)
    total, expects = seen.total.sum(axis=1), seen.expects.sum(axis=1)
    whole = float(past @ total / (past @ expects)) if past @ expects > 0 else 1.0
    recent = past * (seen.days >= begins - 7 * weeks)
    if share == 0.0 or not recent @ expects > 0:
        return whole
    return share * float(recent @ total / (recent @ expects)) + (1.0 - share) * whole


def days_tell(seen: Days, level: tuple[int, float]) -> bool:
    """Whether days are many enough to tell what they differ by from chance, each counted once."""
    known = np.ones(len(seen.days)) if level == WHOLE else np.isfinite(levels(seen, level))
    return not _too_few(known, seen.group)


def _too_few(counts: Floats | Ints, group: Ints) -> bool:
    return int(counts.sum()) - len(np.unique(group[counts > 0])) < _FREE


def swing(seen: Days, level: tuple[int, float], cv: Floats, weights: Ints, *, again: bool = False) -> tuple[float, Floats]:
    """Cv of the factor on talk that a day's types share, and of each type's own, float64, shape (types,), beyond chance.

    cv : float64, shape (types,), of calls' talk about what is expected; weights : how often a day counts; again : they are
    of days drawn again

    Moments: with factors of mean 1 that types share (c) and have of their own (o_k), the ratio x_dk of a day's talk to what was
    expected at its level has Cov(x_k, x_l) = c^2, Var(x_k) = (1 + c^2)(1 + o_k^2) - 1 + cv_k^2 / n_dk (a mean of n calls whose
    mean is random; as for counts in `volumes`, where sources are). About the record's mean, its degree of freedom is corrected
    for, by groups of weekdays; about a level foretold by the weeks before there is none, and what the level was off by
    counts. With fewer than 5 days (4 more than groups) all is 0.
    """
    types = seen.number.shape[1]
    at = np.full(len(seen.days), np.nan)
    larger = np.ones(len(seen.days))
    if level == WHOLE:
        for group in np.unique(seen.group):
            mine = (seen.group == group) * weights
            count, foreseen = int(mine.sum()), float(mine @ seen.expects.sum(axis=1))
            if count > 1 and foreseen > 0:
                at[seen.group == group] = float(mine @ seen.total.sum(axis=1)) / foreseen
                n = int((seen.group == group).sum())  # days drawn again deviate less from their mean: see `bootstrap.swings`
                larger[seen.group == group] = count / (count - 1) * (n / (n - 1) if again and n > 1 else 1.0)
    else:
        at = levels(seen, level)
    counts = weights * np.isfinite(at)
    if _too_few(counts, seen.group):
        return 0.0, np.zeros(types)
    expects = seen.expects * np.where(np.isfinite(at), at, 1.0)[:, np.newaxis]
    off = (seen.total - expects) * np.sqrt(larger)[:, np.newaxis] / seen.follows
    sums, whole = (off.T * counts) @ off, (expects.T * counts) @ expects
    of_means = np.divide(expects**2, seen.number, out=np.zeros_like(expects), where=seen.number > 0)
    chance = (counts @ of_means) * (cv / seen.follows) ** 2
    each = np.maximum((np.diag(sums) - chance) / np.maximum(np.diag(whole), 1e-9), 0.0)
    if types == 1:
        return float(np.sqrt(each[0])), np.zeros(1)
    pairs = np.triu_indices(types, 1)
    common = max(float(sums[pairs].sum() / max(whole[pairs].sum(), 1e-9)), 0.0)
    return float(np.sqrt(common)), np.sqrt(np.maximum((1.0 + each) / (1.0 + common) - 1.0, 0.0))
