"""Dispersion: variance / mean of calls counted over some minutes, of recorded and simulated days alike."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_UNLIKE = 5.0  # a day whose course differs more than this many times as much as the median day's is unlike


def dispersion(calls: Floats, weekdays: Ints, together: int = 1, *, given_total: bool = False) -> float:
    """Variance / mean of calls in `together` intervals, about what is usual for the weekday; nan without two days of one.

    calls : float64, shape (days, intervals); weekdays : shape (days,), any numbers that are the same for like days
    given_total : about the day's total laid out as usual for the weekday, that is without what days differ by as a whole

    Sums over days and parts of the day of squared deviations / degrees of freedom, over sums of means, so quiet and busy
    parts count as their calls do. A weekday's mean takes one degree of freedom; given the totals the parts' counts of
    Poisson calls are multinomial, which takes the share sum(p^2) as well: Poisson calls have 1 either way. Intervals left
    over at the end of the day are left out.
    """
    parts = calls[:, : calls.shape[1] // together * together].reshape(len(calls), -1, together).sum(axis=2)
    mean = usual(weekdays) @ parts
    if not mean.sum() > 0:
        return float("nan")
    squares = np.zeros(parts.shape[1])
    for weekday in np.unique(weekdays):
        mine = parts[weekdays == weekday]
        about = mine.mean(axis=0)
        if given_total and about.sum() > 0:
            about = mine.sum(axis=1, keepdims=True) * about / about.sum()
        squares += ((mine - about) ** 2).sum(axis=0)
    found = float(squares.sum()) / freedom(weekdays) / float(mean.sum())
    if not given_total:
        return found
    free = float(1.0 - ((mean / mean.sum()) ** 2).sum())
    return found / free if free > 0 else float("nan")  # all calls in one part: nothing varies given the total


def freedom(weekdays: Ints) -> int:
    """Degrees of freedom that weekdays' own means leave: days less different weekdays."""
    return len(weekdays) - len(np.unique(weekdays))


def usual(weekdays: Ints) -> Floats:
    """Weights of days, shape (days,), sum 1: what deviations from weekdays' means are to be compared with.

    Such deviations of Poisson counts have (n - 1) m for each of a weekday's n days together; so a weekday counts by n - 1.
    All 0 where no weekday has two days.
    """
    _, inverse, days = np.unique(weekdays, return_inverse=True, return_counts=True)
    return np.asarray(((days - 1) / days)[inverse] / max(freedom(weekdays), 1), np.float64)


def unlike_course(calls: Floats, weekdays: Ints, per_hour: int) -> npt.NDArray[np.bool_]:
    """Days whose course over the hours is unlike their weekday's, as of an outage of some hours: bool, shape (days,).

    calls : float64, shape (days, intervals), `per_hour` of them an hour. Each day's chi-square per call against its total
    laid out by the weekday's median shares; more than 5 times the median of these is unlike. A variance is the first
    thing that such a day spoils: on the bank of the tests 7 of 83 days made up half of what the hours vary by.
    """
    starts = np.arange(0, calls.shape[1], per_hour)
    hours = np.add.reduceat(calls, starts, axis=1)
    totals = hours.sum(axis=1, keepdims=True)
    shares = hours / np.maximum(totals, 1.0)
    distance = np.zeros(len(calls))
    for weekday in np.unique(weekdays):
        mine = weekdays == weekday
        median = np.median(shares[mine], axis=0)
        median = median / median.sum() if median.sum() > 0 else shares[mine].mean(axis=0)
        distance[mine] = ((hours[mine] - totals[mine] * median) ** 2).sum(axis=1) / np.maximum(totals[mine, 0], 1.0)
    return np.asarray(distance > _UNLIKE * np.median(distance), np.bool_)
