"""Level: how alike days are to the days before them, and what that says of a day to come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calibrate.own_hours import of_day

Floats = npt.NDArray[np.float64]

_FEWEST = 20  # days, and
_LEAST_WEEKS = 4.0  # over which they lie: of less a level cannot be told from a busy week
_SURE = 3.0  # log-likelihood above days that are not alike: of such, 1 in 100 records is said to have a level
_WITHIN = 1.92  # log-likelihood below the greatest that ends a profile's 95 % interval: half the 95 % point of chi-square(1)
LONGEST = 60.0  # days that a half-life may have, and
_HALF_LIVES = np.geomspace(0.5, LONGEST, 30)  # days: from nothing left tomorrow to what no record is long against
_MORE, _STEP = 1.02, 0.04  # of the totals' variance that level and hours may make; the level's share goes down by steps of 5 %
_SHARES = np.linspace(0.05, 1.0, 20)  # of the days' variance that is the level's


class Span(NamedTuple):
    """Days in order and their calls, float64, shape (days,): those that say how alike days are."""

    days: tuple[date, ...]
    totals: Floats


class Course(NamedTuple):
    """Days beside what the days before each let expect; float64, shape (days,), logarithms over the weekday's mean.

    seen : of the day's calls; expected : of its level; spread : standard deviation of what is seen about that
    """

    days: tuple[date, ...]
    seen: Floats
    expected: Floats
    spread: Floats


class Alike(NamedTuple):
    """What a level does to days about their weekdays' means.

    share : of their variance beyond chance that is the level's; kept : the part of the level's variance that they show, for days
    that are alike are near their mean; day_to_day : correlation of the levels of successive days
    """

    share: float
    kept: float
    day_to_day: float


class Level(NamedTuple):
    """Days are alike to the days before them: the logarithm of a day's calls is its weekday's, a level and something of the day.

    The level is a first-order autoregression over calendar days around 0. sd : standard deviation of the level; half_life :
    days after which half of a high level is over, with its 95 % interval `between` (profile likelihood); rest : standard
    deviation of what is each day's alone, chance included
    gain : log-likelihood beyond that of days that are not alike; days : on how many it rests
    now : the level expected on the last of them, last, and the variance of that
    """

    sd: float
    half_life: float
    between: tuple[float, float]
    rest: float
    gain: float
    days: int
    last: date
    now: float
    doubt: float

    @property
    def correlation(self) -> float:
        """Of the levels of successive days."""
        return float(0.5 ** (1.0 / self.half_life))

    @property
    def share(self) -> float:
        """Of the days' variance that is the level's."""
        return self.sd**2 / (self.sd**2 + self.rest**2)

    @property
    def spread(self) -> tuple[float, float]:
        """Standard deviations of a day's logarithm: about its weekday's mean, and about what the days before it let expect.

        The latter is that of `course` after many days without a gap: with r the `correlation`, the variance P of the level before
        its day is what P = r^2 P rest^2 / (P + rest^2) + (1 - r^2) sd^2 says (Harvey 1989, section 3.3.3, a quadratic in P).
        """
        r, slow, fast = self.correlation, self.sd**2, self.rest**2
        half = (slow - fast) * (1.0 - r * r) / 2.0
        before = half + float(np.sqrt(half * half + (1.0 - r * r) * slow * fast))
        return float(np.sqrt(slow + fast)), float(np.sqrt(before + fast))

    def on(self, day: date) -> tuple[float, float]:
        """The level expected on a day after the last, and its standard deviation: the longer, the nearer to 0 and `sd`.

        With r = correlation^days to it, r now and sqrt(r^2 doubt + (1 - r^2) sd^2) (Harvey 1989, section 3.2).
        """
        kept = self.correlation ** max(day.toordinal() - self.last.toordinal(), 0)
        return kept * self.now, float(np.sqrt(kept**2 * self.doubt + (1.0 - kept**2) * self.sd**2))


def level(days: Sequence[date], totals: Floats, *, most: float = 1.0) -> Level | None:
    """The level of days in order; totals : calls, float64, shape (days,). None where it is not beyond chance, or days are few.

    most : of the days' variance that may be the level's, where it is known that so much is something else

    Each weekday has a mean of its own; variances and half-life by restricted maximum likelihood (Patterson and Thompson 1971),
    through the innovations of a Kalman filter (Harvey 1989, sections 3.4 and 4.3, regressors as in de Jong 1991). That call
    volumes of days follow a first-order autoregression: Brown et al. 2005, "Statistical analysis of a telephone call center",
    section 6; with weekdays' effects: Ibrahim and L'Ecuyer 2013. Days without calls do not count.
    """
    there = np.flatnonzero(np.asarray(totals) > 0)
    counted = [days[at] for at in there.tolist()]
    when = np.array([day.toordinal() for day in counted], np.float64)
    weekday = np.array([day.weekday() for day in counted])
    design = (weekday[:, np.newaxis] == np.unique(weekday)).astype(np.float64)
    few = len(there) < _FEWEST or len(there) - design.shape[1] < _FEWEST // 2
    if most < _SHARES[0] or few or np.ptp(when) < 7 * _LEAST_WEEKS:
        return None
    logs = np.log(np.asarray(totals, np.float64)[there])
    if not np.ptp(logs - design @ np.linalg.lstsq(design, logs, rcond=None)[0]) > 1e-9:
        return None
    shares = _SHARES[: int(np.searchsorted(_SHARES, most, side="right"))]
    memory, share = (one.ravel() for one in np.meshgrid(0.5 ** (1.0 / _HALF_LIVES), shares, indexing="ij"))
    gain, variance, now, doubt = _likelihood(logs, design, when, np.append(memory, 0.0), np.append(share, 0.0))
    best = int(np.argmax(gain[:-1]))
    beyond = float(gain[best] - gain[-1])
    if beyond <= _SURE:
        return None
    slow, fast = float(variance[best] * share[best]), float(variance[best] * (1.0 - share[best]))
    half_life = float(np.log(0.5) / np.log(memory[best]))
    profile = gain[:-1].reshape(len(_HALF_LIVES), -1).max(axis=1)
    likely = _HALF_LIVES[profile > profile.max() - _WITHIN]
    between = float(likely.min()), float(likely.max())
    return Level(
        slow**0.5, half_life, between, fast**0.5, beyond, len(there), counted[-1], float(now[best]), float(doubt[best])
    )


def level_beside(
    span: Span, days: Sequence[date], common: float, mean: Floats, within: Callable[[float], tuple[float, float, float]]
) -> tuple[Level | None, Alike | None]:
    """How alike days are, and what that does to these; mean : of all types' calls, shape (intervals,).

    within : the factors within the day, given the squared cv of the level

    How much of the days' variance is the level's is hardly known from the days' order alone (on the bank of the tests from 0.7
    to all of it within a 95 % interval), and what hours leave in a day's total is no level: so the largest share is taken with
    which level and hours together make the totals' variance what it is, or 2 % more. What the last days let expect is as
    their order says.
    """
    first = found = level(*span)
    while found is not None:
        together = alike(found, days, float(mean.sum()))
        shown = together.share * common
        if (1.0 + shown) * (1.0 + of_day(mean, *within(shown))) - 1.0 <= _MORE * common:
            return first, together
        found = level(*span, most=found.share - _STEP)
    return first, None


def course(found: Level, days: Sequence[date], totals: Floats) -> Course:
    """Each of the days with calls beside what those before it let expect, by the Kalman filter of `level` (Harvey 1989, 3.2)."""
    counted = tuple(day for day, calls in zip(days, totals, strict=True) if calls > 0)
    when = np.array([day.toordinal() for day in counted], np.float64)
    mine = (when % 7)[:, np.newaxis] == np.unique(when % 7)
    logs = np.log(np.asarray(totals, np.float64)[np.asarray(totals) > 0])
    together = found.sd**2 * found.correlation ** np.abs(np.subtract.outer(when, when)) + found.rest**2 * np.eye(len(when))
    design = np.linalg.solve(together, mine.astype(np.float64))
    seen = logs - mine @ np.linalg.solve(design.T @ mine, design.T @ logs)
    expected, spread = np.zeros(len(seen)), np.zeros(len(seen))
    state, doubt = 0.0, found.sd**2
    for at, value in enumerate(seen):
        kept = found.correlation ** (when[at] - when[at - 1]) if at else 1.0
        state, doubt = kept * state, kept**2 * doubt + (1.0 - kept**2) * found.sd**2
        expected[at], spread[at] = state, (doubt + found.rest**2) ** 0.5
        gain = doubt / (doubt + found.rest**2)
        state, doubt = state + gain * (value - state), doubt * (1.0 - gain)
    return Course(counted, seen, expected, spread)


def alike(found: Level, days: Sequence[date], calls: float) -> Alike:
    """What the level does to these days, which have so many calls in the mean.

    Of n days' deviations from their weekdays' means, squared, the sum over degrees of freedom has the mean sd^2 tr(M R) / tr(M),
    M taking means off and R the levels' correlations.
    """
    when = np.array([day.toordinal() for day in days], np.float64)
    weekday = when % 7
    together = found.correlation ** np.abs(np.subtract.outer(when, when))
    mine = weekday[:, np.newaxis] == np.unique(weekday)
    means = float(((mine.T @ together * mine.T).sum(axis=1) / mine.sum(axis=0)).sum())
    kept = (len(days) - means) / (len(days) - mine.shape[1])
    slow, fast = found.sd**2 * kept, max(found.rest**2 - 1.0 / max(calls, 1.0), 0.0)
    return Alike(slow / (slow + fast), kept, found.correlation)


def block(found: Level | None, days: Sequence[date]) -> int:
    """How many of these days are drawn again at once, for a mean to vary as it does; 1 of days that are not alike.

    For a first-order autoregression with r from one day to the next, (3/2)^(1/3) (2 r / (1 - r^2))^(2/3) n^(1/3) of n days
    (Politis and White 2004, "Automatic block-length selection for the dependent bootstrap", for circular blocks); at most a
    quarter of them.
    """
    if found is None or len(days) < _FEWEST:
        return 1
    r = found.correlation ** ((days[-1].toordinal() - days[0].toordinal()) / (len(days) - 1))
    length = 1.5 ** (1 / 3) * (2.0 * r / (1.0 - r * r)) ** (2 / 3) * len(days) ** (1 / 3)
    return int(np.clip(round(length), 1, len(days) // 4))


def _likelihood(logs: Floats, design: Floats, when: Floats, memory: Floats, share: Floats) -> tuple[Floats, ...]:
    """Restricted log-likelihood, variance of days, level on the last day and its variance; each for every `memory` and `share`.

    logs : (days,); design : (days, weekdays); the filter runs over logs and every regressor with the same gains, so their
    innovations are the generalized least squares problem.
    """
    columns = np.column_stack([logs, design])
    state = np.zeros((len(memory), columns.shape[1]))
    spread = share.copy()
    innovations = np.empty((len(memory), *columns.shape))
    scale = np.zeros(len(memory))
    for at, row in enumerate(columns):
        if at:
            kept = memory ** (when[at] - when[at - 1])
            state *= kept[:, np.newaxis]
            spread = kept**2 * spread + share * (1.0 - kept**2)
        error = spread + (1.0 - share)
        error = np.maximum(error, 1e-12)
        miss = row - state
        innovations[:, at] = miss / np.sqrt(error)[:, np.newaxis]
        scale += np.log(error)
        state = state + (spread / error)[:, np.newaxis] * miss
        spread = spread * (1.0 - spread / error)
    y, x = innovations[:, :, 0], innovations[:, :, 1:]
    square = np.einsum("gdi,gdj->gij", x, x)
    found = np.linalg.solve(square, np.einsum("gdi,gd->gi", x, y)[:, :, np.newaxis])[:, :, 0]
    free = len(logs) - design.shape[1]
    variance = ((y - np.einsum("gdi,gi->gd", x, found)) ** 2).sum(axis=1) / free
    gain = -0.5 * (free * np.log(variance) + scale + np.linalg.slogdet(square)[1])
    now = state[:, 0] - (state[:, 1:] * found).sum(axis=1)
    known = np.einsum("gi,gij,gj->g", state[:, 1:], np.linalg.inv(square), state[:, 1:])
    return gain, variance, now, variance * (spread + known)
