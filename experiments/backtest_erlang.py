"""Erlang beside: what Erlang C and Erlang A say of each interval of a tested day, told the same as the simulation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calls import NONE, Outcome
from sim.chance.means import mean
from sim.erlang import erlang_a, erlang_c
from sim.files.history import History
from sim.scenario.scenario import Scenario
from sim.scenario.units import ticks

Floats = npt.NDArray[np.float64]


class Sheet(NamedTuple):
    """What a planner's sheet takes from the fitted days: calls offered by interval, AHT and mean patience in seconds.

    wrap_up : seconds of it that the log does not have, else 0; patience : all waits / abandoned, the estimate for an
    exponential one; None where nobody abandoned
    """

    offered: Floats
    aht: float
    wrap_up: float
    patience: float | None


@dataclass(frozen=True, eq=False)
class Formulas:
    """A tested day by Erlang's formulas, by interval: float64, shape (intervals,), NaN where nothing is offered.

    offered : calls; a_rate, a_asa : answered / offered and seconds by Erlang A (of Erlang C the answer rate is 1); c_asa :
    seconds by Erlang C, infinite where the load is not below the heads
    """

    offered: Floats
    a_rate: Floats
    a_asa: Floats
    c_asa: Floats


def sheet_of(fitted: History, like: Scenario) -> Sheet:
    """The sheet of the fitted days, of which all are used."""
    calendar, days = like.calendar, max(len(fitted.days()), 1)
    asked = fitted.where(fitted.queue_entry != NONE)
    place = (asked.arrival - ticks(calendar.opens)) // ticks(calendar.interval)
    count = round((calendar.closes - calendar.opens) / calendar.interval)
    offered = np.bincount(place[(place >= 0) & (place < count)], minlength=count) / days
    answered = asked.where(asked.answer != NONE)
    recorded = bool((answered.wrap_up != NONE).all())
    wrap = 0.0
    if not recorded:
        weight = np.array([(answered.call_type == answered.call_types.index(kind.name)).sum() for kind in like.call_types])
        wrap = float(np.average([mean(kind.wrap_up) for kind in like.call_types], weights=np.maximum(weight, 1e-9)))
    handle = answered.talk + (answered.wrap_up if recorded else 0)
    aht = float(handle.mean()) / ticks(1.0) + wrap if len(answered) else 0.0
    left = int((asked.outcome == Outcome.ABANDONED).sum())
    waited = float(np.maximum(asked.waited, 0).sum()) / ticks(1.0)
    return Sheet(offered.astype(np.float64), aht, wrap, waited / left if left and waited > 0 else None)


def formulas(
    offered: Floats, aht: Floats, heads: Floats, like: Scenario, patience: float | None, within: float
) -> Formulas:
    """Erlang A and C of every interval. Heads between two whole numbers are between their two answers, in a straight line."""
    per_hour = 3600.0 / float(like.calendar.interval)
    out = np.full((3, len(offered)), np.nan)
    for at, calls in enumerate(offered):
        if calls <= 0 or aht[at] <= 0:
            continue
        number = {"calls_per_hour": float(calls) * per_hour, "aht": float(aht[at]), "within": within}
        low = int(heads[at])
        part = float(heads[at]) - low
        found = []
        for agents in (low, low + 1):
            c = erlang_c(agents=agents, **number)
            if patience is None:
                found.append((1.0, c.asa, c.asa))
            else:
                a = erlang_a(agents=agents, patience=patience, **number)
                found.append((a.answer_rate, a.asa, c.asa))
        weights = (1 - part, part)
        rate = sum(weight * one[0] for weight, one in zip(weights, found, strict=True))
        waited = sum(weight * one[0] * one[1] for weight, one in zip(weights, found, strict=True) if weight * one[0] > 0)
        silent = sum(weight * one[2] for weight, one in zip(weights, found, strict=True) if weight > 0)
        out[:, at] = rate, waited / rate if rate > 0 else np.nan, silent
    return Formulas(offered, *out)
