"""Measures of fairness: between callers with different labels, and between agents; never of one named person."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.measures.cut import Cut, label_names
from sim.measures.measure import Floats, Measure, Parts
from sim.measures.ratios import ANSWERED, OFFERED, combine, count
from sim.scenario.errors import CallsimError
from sim.tally.tally import Tally, Work

_ONE = 65_536  # of an occupancy


def _rates(tally: Tally, cut: Cut) -> tuple[Floats, Floats]:
    """(answered, offered) by label value and day; raises CallsimError for a cut by call type, group or one label."""
    if cut.call_type is not None or cut.group is not None or cut.label is not None:
        raise CallsimError("the gap is between all values of a label, so it is not cut by call type, group or label")
    counts = [replace(cut, label=name).calls(tally) for name in label_names(tally)]
    none = np.zeros((0, tally.days))
    answered = [combine(one, count(*ANSWERED)) for one in counts]
    offered = [combine(one, count(*OFFERED)) for one in counts]
    return np.array(answered) if counts else none, np.array(offered) if counts else none


def _gaps(tally: Tally, answered: Floats, offered: Floats) -> Floats:
    """The largest gap within a label family, by day; nan where no family has two values with calls."""
    rates = np.divide(answered, offered, out=np.full(answered.shape, np.nan), where=offered > 0)
    gaps, first = np.full(answered.shape[1], np.nan), 0
    for _, values in tally.frame.labels:
        family = rates[first : first + len(values)]
        first += len(values)
        there = (~np.isnan(family)).sum(axis=0) >= 2
        if there.any():
            found = np.nanmax(family[:, there], axis=0) - np.nanmin(family[:, there], axis=0)
            gaps[there] = np.fmax(gaps[there], found)
    return gaps


def _gap(tally: Tally, cut: Cut) -> Parts:
    gaps = _gaps(tally, *_rates(tally, cut))
    there = ~np.isnan(gaps)
    return np.where(there, gaps, 0.0), there.astype(np.float64)


def _gap_of_all(tally: Tally, cut: Cut) -> float:
    answered, offered = (part.sum(axis=1, keepdims=True) for part in _rates(tally, cut))
    return float(_gaps(tally, answered, offered)[0])


def _load_spread(tally: Tally, cut: Cut) -> Parts:
    """The standard deviation of agents' occupancies; on the first of connected days, of all of them together."""
    if cut.interval is not None:
        raise CallsimError("the spread of loads is of all of a day together, so it is not cut by interval")
    work = cut.agents(tally)
    number, total, squared = (
        work[:, column].astype(np.float64) for column in (Work.AGENTS, Work.OCCUPANCY, Work.OCCUPANCY_SQUARED)
    )
    known = np.maximum(number, 1)
    variance = np.maximum(squared / known - (total / known) ** 2, 0.0)
    return np.sqrt(variance) / _ONE, np.asarray(number > 0, np.float64)


FAIRNESS = (
    Measure(
        "fairness_gap", "gap between callers", "highest less lowest answer rate among the values of a label", "share", "low",
        _gap, kind="percentile", pooled=_gap_of_all,
    ),
    Measure(
        "load_spread", "spread of loads", "standard deviation of agents' occupancies, of all the time simulated", "share",
        "low", _load_spread, kind="mean",
    ),
)  # fmt: skip
