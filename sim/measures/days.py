"""Measures of a day as a whole: minutes under the target, time to recover, the worst interval."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.measures.cut import Cut
from sim.measures.measure import Floats, Measure, Parts
from sim.measures.ratios import ANSWERED, OFFERED
from sim.scenario.units import TICKS_PER_SECOND
from sim.tally.tally import Tally

TARGET = 0.8  # of the answer rate by interval, where nobody names another
_MINUTE = 60 * TICKS_PER_SECOND


def interval_rates(tally: Tally, cut: Cut) -> tuple[Floats, Floats]:
    """(answered, offered) by day and interval: float64, shape (days, intervals)."""
    counts = tally.calls[:, : tally.frame.intervals, cut.rows(tally)].sum(axis=2)
    answered: Floats = counts[:, :, list(ANSWERED)].sum(axis=2).astype(np.float64)
    offered: Floats = counts[:, :, list(OFFERED)].sum(axis=2).astype(np.float64)
    return answered, offered


def _under(tally: Tally, cut: Cut, target: float) -> npt.NDArray[np.bool_]:
    answered, offered = interval_rates(tally, cut)
    return np.asarray(answered < target * offered)  # an interval without calls is not under


def minutes_under(tally: Tally, cut: Cut, target: float = TARGET) -> Floats:
    """Minutes of each day in intervals whose answer rate is under the target: float64, shape (days,)."""
    return np.asarray(_under(tally, cut, target).sum(axis=1) * tally.frame.interval / _MINUTE, np.float64)


def recovery(tally: Tally, cut: Cut, target: float = TARGET) -> Floats:
    """Minutes of each day from the first interval under the target to the end of the last; 0 without one."""
    under = _under(tally, cut, target)
    any_ = under.any(axis=1)
    first = under.argmax(axis=1)
    last = under.shape[1] - under[:, ::-1].argmax(axis=1)
    return np.asarray(np.where(any_, last - first, 0) * tally.frame.interval / _MINUTE, np.float64)


def _minutes_under(tally: Tally, cut: Cut) -> Parts:
    return minutes_under(tally, cut), tally.open_days


def _recovery(tally: Tally, cut: Cut) -> Parts:
    return recovery(tally, cut), tally.open_days


DAYS = (
    Measure(
        "minutes_under_target", "minutes under target",
        f"minutes a day in intervals with answered / offered below {TARGET:.0%}", "min", "low", _minutes_under,
        kind="mean",
    ),
    Measure(
        "recovery_time", "time to recover",
        f"minutes a day from the first interval below {TARGET:.0%} to the end of the last", "min", "low", _recovery,
        kind="mean",
    ),
)  # fmt: skip
