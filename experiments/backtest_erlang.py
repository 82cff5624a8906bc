"""Erlang beside: what Erlang C and Erlang A say of each interval of a tested day, told the same as the simulation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from experiments.backtest_counts import Column, Counted, seconds
from experiments.backtest_parts import UnseenDay
from sim.calibrate.day_replay import STEP
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
    waited = float(np.maximum(asked.wait, 0).sum()) / ticks(1.0)
    return Sheet(offered.astype(np.float64), aht, wrap, waited / left if left and waited > 0 else None)


def foreseen(tested: UnseenDay, sheet: Sheet, within: float) -> Formulas:
    """The tested day as foreseen: calls and AHT of the fitted days, heads of the weekday's last days before."""
    heads = _heads(tested, there=False)
    return formulas(sheet.offered, np.full(len(heads), sheet.aht), heads, tested.like, sheet.patience, within)


def told(tested: UnseenDay, recorded: Counted, sheet: Sheet, within: float) -> Formulas:
    """The tested day given its calls and AHT of each interval and who was there; patience of the fitted days."""
    offered = recorded.intervals[0, :, Column.OFFERED].astype(np.float64)
    return formulas(offered, _day_aht(tested, sheet), _heads(tested, there=True), tested.like, sheet.patience, within)


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


def _heads(tested: UnseenDay, *, there: bool) -> Floats:
    """Mean heads of all groups in each interval of the fit."""
    calendar = tested.like.calendar
    pools = tested.there if there else tested.before
    total = np.sum([pool.heads for pool in pools], axis=0)
    first, last = round(calendar.opens / STEP), round(calendar.closes / STEP)
    edges = np.concatenate([[0.0], np.cumsum(total[first:last])])
    places = np.arange(round((calendar.closes - calendar.opens) / calendar.interval) + 1) * calendar.interval / STEP
    return np.asarray(np.diff(np.interp(places, np.arange(len(edges)), edges)) * STEP / calendar.interval, np.float64)


def _day_aht(tested: UnseenDay, sheet: Sheet) -> Floats:
    """AHT of the calls that came in each interval and were answered; that of the fitted days where none was."""
    calls, calendar = tested.calls, tested.like.calendar
    count = round((calendar.closes - calendar.opens) / calendar.interval)
    place = (calls.arrival - ticks(calendar.opens)) // ticks(calendar.interval)
    mine = (calls.answer != NONE) & (place >= 0) & (place < count)
    handle = calls.talk + (np.maximum(calls.wrap_up, 0) if not sheet.wrap_up else 0)
    total = np.bincount(place[mine], seconds(handle[mine]), minlength=count)
    number = np.bincount(place[mine], minlength=count)
    return np.where(number > 0, total / np.maximum(number, 1) + sheet.wrap_up, sheet.aht)
