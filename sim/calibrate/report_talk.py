"""Report talk: what an interval report says of handle times by hour and by day."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.calibrate.report_estimates import Seen
from sim.calibrate.talk_days import WHOLE
from sim.calibrate.talk_hours import Heard
from sim.calibrate.talks import Talk, talk_of

Floats = npt.NDArray[np.float64]


def reported_talk(seen: Seen, level: tuple[int, float] | None = WHOLE) -> Talk:
    """Profile, level and swing of the AHT (talk and wrap-up together) of a report's used days; `level` as in `measured_talk`."""
    report = seen.report
    group = np.zeros(len(seen.used), np.int64)
    return talk_of(_heard(seen), tuple(report.call_types), float(report.interval), group, level)


def _heard(seen: Seen) -> Heard:
    """The answered calls by day, type and interval. Of single calls a report does not say how they vary; see `_spread`."""
    report, used = seen.report, seen.used
    number, total = np.zeros_like(seen.offered), np.zeros_like(seen.offered)
    place = {day: at for at, day in enumerate(used)}
    row = np.array([place.get(day, -1) for day in report.day], np.int64)
    part = np.minimum((report.start // report.interval).astype(np.int64), seen.offered.shape[2] - 1)
    keep = (row >= 0) & np.isfinite(report.aht) & (report.answered > 0)
    at = row[keep], report.call_type[keep], part[keep]
    np.add.at(number, at, report.answered[keep])
    np.add.at(total, at, report.answered[keep] * report.aht[keep])
    of_means = np.divide(total**2, number, out=np.zeros_like(total), where=number > 0)
    squares = of_means * (1.0 + _spread(number, total))[:, np.newaxis]
    types = len(report.call_types)
    return Heard(np.array([day.toordinal() for day in used]), number, total, squares, np.full(types, np.inf), np.ones(types))


def _spread(number: Floats, total: Floats) -> Floats:
    """The squared cv of calls' handle times by type: float64, shape (types,); 0 where it cannot be told.

    The mean of an interval's n calls varies about what the hour and the day let expect by cv^2 / n: so n times its squared
    deviation has the mean cv^2. An hour's and a day's level each take a degree of freedom. What intervals differ by beyond
    calls is in it.
    """
    found = np.zeros(number.shape[1])
    for kind in range(number.shape[1]):
        n, seconds = number[:, kind], total[:, kind]
        hour = np.divide(seconds.sum(axis=0), n.sum(axis=0), out=np.zeros(n.shape[1]), where=n.sum(axis=0) > 0)
        expects = n * hour
        day = np.divide(seconds.sum(axis=1), expects.sum(axis=1), out=np.ones(len(n)), where=expects.sum(axis=1) > 0)
        expects = expects * day[:, np.newaxis]
        there = expects > 0
        free = int(there.sum()) - int((n.sum(axis=0) > 0).sum()) - int((n.sum(axis=1) > 0).sum()) + 1
        if free > 0:
            found[kind] = float((n[there] * (seconds[there] / expects[there] - 1.0) ** 2).sum()) / free
    return found
