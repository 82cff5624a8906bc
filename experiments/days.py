"""Days: connected days beside each other, each on the average of its simulations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from experiments.grid import whole_day
from experiments.statistics import Chance, ratio
from experiments.values import dates, parts
from sim.measures.callers import finished_on
from sim.measures.cut import Cut
from sim.scenario.costs import Target
from sim.tally.tally import Tally


@dataclass(frozen=True)
class DayRow:
    """One day; NaN where 0/0, None where nobody recorded agents.

    offered : calls; rate : answered / offered; between : where 8 simulations in 10 lie; reaches : the chance to reach the
    target, None where that is of another measure; callers : who called first on that day; callers_not_served : of those,
    also later; closed : calls to closed doors, until the next day opens; tickets : pieces of work that came up
    occupancy : busy / on phones; paid_hours
    """

    date: date
    offered: float
    rate: float
    between: tuple[float, float]
    reaches: Chance | None
    callers: float
    callers_not_served: float
    closed: float
    tickets: float
    occupancy: float | None
    paid_hours: float | None


def day_rows(tally: Tally, target: Target | None = None) -> list[DayRow]:
    """Every day of the tally's horizon. `target` counts where it is an answer rate of all calls."""
    return [_row(tally.of_day(day), when, target) for day, when in enumerate(dates(tally))]


def completion(tally: Tally, name: str) -> tuple[date, date, date] | None:
    """When a list is finished: 8 simulations in 10 between the first and the last, half of them by the second.

    None where one in ten or more do not finish it within the days.
    """
    first, middle, last = np.quantile(finished_on(tally, Cut(call_type=name)), [0.1, 0.5, 0.9], method="inverted_cdf").tolist()
    there = dates(tally)
    return (there[first - 1], there[middle - 1], there[last - 1]) if last <= len(there) else None


def _row(tally: Tally, when: date, target: Target | None) -> DayRow:
    found = whole_day(tally, target)
    mean = {name: ratio(*parts(tally, name)).value for name in ("callers", "callers_not_served", "closed", "tickets")}
    hours = None if tally.agents is None else ratio(*parts(tally, "paid_hours")).value
    return DayRow(
        date=when, offered=found.offered, rate=found.rate, between=found.between, reaches=found.reaches, **mean,
        occupancy=found.occupancy, paid_hours=hours,
    )  # fmt: skip
