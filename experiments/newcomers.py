"""Newcomers: how many of the agents of a roster are new, and how many of those who are on the phones then."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from experiments.expected import heads_by_interval, rostered_heads
from sim.chance.learning import tenure_factor
from sim.scenario.roster import Individual, individuals
from sim.scenario.scenario import Scenario

Floats = npt.NDArray[np.float64]
NOTICEABLE = 1.05  # times as long that calls take whom we call new


class Newcomers(NamedTuple):
    """agents : who are new on that day, of `people` who are hired by then; share : of the heads on the phones in each
    interval of the day those that are new, shape (intervals,), 0 where nobody is there
    """

    agents: int
    people: int
    share: Floats


def newcomers(scenario: Scenario, day: int = 0) -> Newcomers | None:
    """Of a scenario without ranges, on that day of the calendar; None where nobody is new: calls take them 5 % longer or more."""
    people, calendar = individuals(scenario), scenario.calendar
    here = [one for one in people if one.hired is None or one.hired <= calendar.dates[day]]
    new = {one.name for one in here if _is_new(scenario, one, day)}
    if not new:
        return None
    theirs, all_heads = (
        np.sum(list(heads.values()), axis=0).reshape(calendar.days, calendar.intervals)[day]
        for heads in (rostered_heads(scenario, new), heads_by_interval(scenario))
    )
    share = np.divide(theirs, all_heads, out=np.zeros_like(theirs), where=all_heads > 0)
    return Newcomers(len(new), len(here), share)


def _is_new(scenario: Scenario, one: Individual, day: int) -> bool:
    if scenario.learning is None or one.hired is None:
        return False
    return tenure_factor(scenario.learning, (scenario.calendar.dates[day] - one.hired).days) >= NOTICEABLE
