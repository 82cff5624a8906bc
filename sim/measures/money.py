"""Money: what a day costs, from integer thousandths in the frame's prices."""

from __future__ import annotations

import numpy as np

from sim.measures.cut import Cut
from sim.measures.measure import Floats, Measure, Parts
from sim.measures.ratios import ANSWERED, OFFERED, combine, count
from sim.scenario.errors import CallsimError
from sim.scenario.units import TICKS_PER_SECOND
from sim.tally.tally import Count, Tally, Work

_HOUR = 3600 * TICKS_PER_SECOND
_MINUTE = 60 * TICKS_PER_SECOND


def daily_cost(tally: Tally, cut: Cut) -> Floats:
    """Wages, overtime, lines, contained contacts and lost calls of each day, in the currency: float64, shape (days,).

    Raises CallsimError for a cut (a call has no wage) and where nobody recorded the agents whose wages are known.
    """
    if cut != Cut():
        raise CallsimError("cost is of the whole day: a single call, group or interval has none of its own")
    prices, counts = tally.frame.prices, cut.calls(tally)
    total = np.zeros(tally.days)
    if prices.wage is not None:
        if tally.agents is None:
            raise CallsimError("this day has no record of agents, so wages cannot be counted")
        work = tally.agents.sum(axis=1)
        for group, wage in enumerate(prices.wage):
            extra = work[:, group, Work.OVERTIME] * (prices.overtime_factor - 1000) / 1000
            total += (work[:, group, Work.PAID] + extra) * wage / _HOUR
    total += counts[:, Count.LINE_TIME] * prices.line_minute / _MINUTE
    total += counts[:, Count.CONTAINED] * prices.contained
    lost = combine(counts, count(*OFFERED, Count.BLOCKED, less=ANSWERED))
    total += lost * prices.lost_call
    return total / 1000


def _cost(tally: Tally, cut: Cut) -> Parts:
    return daily_cost(tally, cut), tally.open_days


def _cost_per_answered(tally: Tally, cut: Cut) -> Parts:
    return daily_cost(tally, cut), combine(cut.calls(tally), count(*ANSWERED))


MONEY = (
    Measure(
        "cost", "cost", "paid hours x wage + overtime + line minutes + contained + lost calls, a day", "money", "low",
        _cost, kind="mean",
    ),
    Measure("cost_per_answered", "cost per answered call", "cost / answered", "money", "low", _cost_per_answered),
)  # fmt: skip
