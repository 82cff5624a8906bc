"""Backtest: days that were not fitted, simulated and put beside the record, with what the error is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import numpy as np

from experiments.backtest_counts import Column, Counted, Wanted, measuring_of, recorded_counts, simulated_counts
from experiments.backtest_days import Chosen, Split, chosen_days, weekdays_of
from experiments.backtest_erlang import Formulas, foreseen, sheet_of, told
from experiments.backtest_misfit import FarDay, Misfit, far_days, misfits, type_misfits
from experiments.backtest_parts import LADDER, Given, UnseenDay, scenario_of, unseen_day
from experiments.backtest_scores import BY_INTERVAL, Pair, Score, day_pairs, interval_pairs, score, share
from experiments.statistics import Estimate, ratio
from experiments.tasks import Progress
from sim.calibrate import Calibration
from sim.calibrate.pools import names_agents
from sim.files.history import History
from sim.scenario.errors import CallsimError

MAIN = ("forecast", "given")  # the rungs that are told in full
_FEWER = 4  # the other rungs have so many times fewer simulated days: of them only means are told


@dataclass(frozen=True)
class Asked:
    """How a backtest is made: simulated days of each tested day, T of the service level in seconds, where a call counts."""

    replications: int = 200
    seed: int = 1
    within: float = 20.0
    credit: str = "arrival"
    own_agents: tuple[str, ...] = ()


class Beside(NamedTuple):
    """Erlang's formulas on the same days, told the same. Of Erlang C the answer rate is 1 by assumption.

    a_interval, c_interval : answer rate by interval; a_day, c_day : of the day; a_asa : of the day
    a_rates : Erlang A's answer rate of each tested day
    gain : the simulation's mean absolute error of the answer rate by interval over that of Erlang A
    no_answer : intervals for which Erlang C has none, of how many
    """

    a_interval: Score
    c_interval: Score
    a_day: Score
    c_day: Score
    a_asa: Score
    a_rates: tuple[float, ...]
    gain: Estimate
    no_answer: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Rung:
    """What is told of the tested days when they are simulated, and how near that comes.

    counted : a Counted per day; rates : the answer rate of each day; days, intervals : measure -> Score
    misfits : times of the day; types : call types; far : days
    """

    name: str
    given: Given
    counted: tuple[Counted, ...]
    rates: tuple[Pair, ...]
    days: Mapping[str, Score]
    intervals: Mapping[str, Score]
    beside: Beside
    misfits: tuple[Misfit, ...]
    types: tuple[Misfit, ...]
    far: tuple[FarDay, ...]


class Part(NamedTuple):
    """A step of the ladder.

    interval, day, asa : mean absolute errors of the answer rate by interval and of the day, and of the day's ASA in seconds
    bias : of the day's answer rate; asa_relative : mean of the ASA's error over the recorded one; correlation : of the days'
    abandonment; inside : how often the recorded calls answered in an interval are in the 80 % band
    """

    name: str
    given: Given
    interval: Estimate
    day: Estimate
    asa: Estimate
    bias: Estimate
    asa_relative: float
    correlation: float
    inside: Estimate


@dataclass(frozen=True, eq=False)
class Backtest:
    """Tested days beside their simulations. `recorded` : a Counted per day of `chosen.days`."""

    source: str
    fit: Calibration
    split: Split
    chosen: Chosen
    asked: Asked
    recorded: tuple[Counted, ...]
    rungs: Mapping[str, Rung]
    parts: tuple[Part, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def days(self) -> tuple[date, ...]:
        """The tested days."""
        return self.chosen.days

    @property
    def forecast(self) -> Rung:
        """Nothing of the tested day is told; its staffing is the mean of the weekday's last days."""
        return self.rungs["forecast"]

    @property
    def given(self) -> Rung:
        """Told who was there, and which calls came with their handle times; patience is the fit's."""
        return self.rungs["given"]


def backtest(
    history: History,
    fit: Calibration,
    split: Split,
    asked: Asked,
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Backtest:
    """Simulates the tested days of a record by a fit of its fitted days, told less or more of each.

    Raises CallsimError where no tested day is like the fitted ones, and for a log that does not say who answered.
    """
    if not names_agents(history):
        raise CallsimError(
            f"{history.source}: does not say who answered (agent_id), so who was there on a day cannot be known; "
            "a backtest needs a log that does"
        )
    chosen, like = chosen_days(history, split, fit), fit.scenario
    calls = history.where(np.isin(history.day, [day.toordinal() for day in {*chosen.days, *sum(chosen.before, ())}]))
    tested = [
        unseen_day(calls, day, like, before, own_agents=asked.own_agents)
        for day, before in zip(chosen.days, chosen.before, strict=True)
    ]
    measuring = measuring_of(like, within=asked.within, credit=asked.credit)
    recorded = tuple(recorded_counts(one, measuring) for one in tested)
    fewer = min(asked.replications, max(asked.replications // _FEWER, 20))
    wanted = {
        f"{at} {name}": Wanted(scenario_of(one, given), at, asked.replications if name in MAIN else fewer)
        for at, one in enumerate(tested)
        for name, given in LADDER.items()
    }
    found = simulated_counts(wanted, like, measuring, seed=asked.seed, executor=executor, progress=progress)
    simulated = {name: tuple(found[f"{at} {name}"] for at in range(len(tested))) for name in LADDER}
    sheet = sheet_of(_of_days(history, split.fitted, fit), like)
    beside = {
        "forecast": [foreseen(one, sheet, asked.within) for one in tested],
        "given": [told(one, real, sheet, asked.within) for one, real in zip(tested, recorded, strict=True)],
    }
    rungs = {name: _rung(name, tested, recorded, simulated[name], beside[name]) for name in MAIN}
    parts = tuple(_part(name, tested, recorded, simulated[name]) for name in LADDER)
    return Backtest(history.source, fit, split, chosen, asked, recorded, rungs, parts)


def _of_days(history: History, fitted: Sequence[date], fit: Calibration) -> History:
    """The calls of the fitted days that the fit used."""
    unlike = {one.day for one in fit.set_aside}
    used = [day.toordinal() for day in fitted if day.weekday() in weekdays_of(fit) and day not in unlike]
    kinds = [kind.name for kind in fit.scenario.call_types]
    known = [code for code, name in enumerate(history.call_types) if name in kinds]
    return history.where(np.isin(history.day, used) & np.isin(history.call_type, known))


def _hours(tested: Sequence[UnseenDay]) -> tuple[float, float]:
    """Seconds of the day and of an interval, in the hours of the fit."""
    calendar = tested[0].like.calendar
    return float(calendar.closes - calendar.opens), float(calendar.interval)


def _by_day(
    tested: Sequence[UnseenDay], recorded: Sequence[Counted], counted: Sequence[Counted]
) -> dict[str, list[list[Pair]]]:
    """Measure -> the pair of each day."""
    whole, _ = _hours(tested)
    pairs = [day_pairs(real, again, whole) for real, again in zip(recorded, counted, strict=True)]
    return {name: [[one[name]] for one in pairs] for name in pairs[0]}


def _by_interval(
    tested: Sequence[UnseenDay], recorded: Sequence[Counted], counted: Sequence[Counted], name: str
) -> list[list[Pair]]:
    """The pairs of each day's intervals with calls."""
    _, part = _hours(tested)
    return [interval_pairs(real, again, part, name) for real, again in zip(recorded, counted, strict=True)]


def _rung(
    name: str,
    tested: Sequence[UnseenDay],
    recorded: Sequence[Counted],
    counted: tuple[Counted, ...],
    formulas: Sequence[Formulas],
) -> Rung:
    like = tested[0].like
    by_day = _by_day(tested, recorded, counted)
    by_interval = {one: _by_interval(tested, recorded, counted, one) for one in BY_INTERVAL}
    return Rung(
        name, LADDER[name], counted, tuple(pair for (pair,) in by_day["answer_rate"]),
        {one: score(one, pairs) for one, pairs in by_day.items()},
        {one: score(one, pairs) for one, pairs in by_interval.items()},
        _beside(recorded, by_interval["answer_rate"], formulas),
        tuple(misfits(recorded, counted, float(like.calendar.opens), float(like.calendar.interval))),
        tuple(type_misfits(recorded, counted, [kind.name for kind in like.call_types])),
        tuple(far_days([one.day for one in tested], recorded, counted)),
    )  # fmt: skip


def _part(name: str, tested: Sequence[UnseenDay], recorded: Sequence[Counted], counted: Sequence[Counted]) -> Part:
    days = {one: score(one, pairs) for one, pairs in _by_day(tested, recorded, counted).items()}
    rate, answered = (
        score(one, _by_interval(tested, recorded, counted, one)) for one in ("answer_rate", "answered")
    )
    asa, whole = days["asa"], days["answer_rate"]
    return Part(
        name, LADDER[name], rate.error, whole.error, asa.error, whole.bias, asa.relative, days["abandonment_rate"].correlation,
        answered.inside[0.8],
    )  # fmt: skip


def _beside(recorded: Sequence[Counted], simulated: list[list[Pair]], formulas: Sequence[Formulas]) -> Beside:
    there = [np.flatnonzero(real.intervals[0, :, Column.OFFERED] > 0) for real in recorded]

    def by_interval(value: Callable[[Formulas, int], float]) -> list[list[Pair]]:
        return [
            [pair._replace(simulated=value(one, int(at))) for pair, at in zip(pairs, places, strict=True)]
            for pairs, places, one in zip(simulated, there, formulas, strict=True)
        ]

    a = by_interval(lambda one, at: float(one.a_rate[at]))
    ours, theirs = [], []
    for pairs, others in zip(simulated, a, strict=True):
        both = [(p.simulated - p.recorded, q.simulated - q.recorded) for p, q in zip(pairs, others, strict=True)]
        known = [pair for pair in both if np.isfinite(pair).all()]
        ours.append(sum(abs(one) for one, _ in known))
        theirs.append(sum(abs(other) for _, other in known))
    answered = [np.nan_to_num(one.offered * one.a_rate) for one in formulas]
    rates = [float(share(part.sum(), one.offered.sum())) for part, one in zip(answered, formulas, strict=True)]
    waits = [
        float(share(np.nansum(part * np.where(part > 0, one.a_asa, 0.0)), part.sum()))
        for part, one in zip(answered, formulas, strict=True)
    ]
    real = [real.day[0] for real in recorded]
    rate = [share(float(one[Column.ANSWERED]), float(one[Column.OFFERED])) for one in real]
    asa = [share(float(one[Column.WAIT_ANSWERED]) / 1e6, float(one[Column.ANSWERED])) for one in real]

    def of_days(name: str, there: list[float], here: list[float]) -> Score:
        return score(name, [[Pair(a, b, np.zeros(0))] for a, b in zip(there, here, strict=True)], bands=())

    waiting = [one.c_asa[places] for one, places in zip(formulas, there, strict=True)]
    silent = sum(int(np.isinf(one).sum()) for one in waiting), sum(int(np.isfinite(one).sum()) for one in waiting)
    return Beside(
        score("answer_rate", a, bands=()), score("answer_rate", by_interval(lambda *_: 1.0), bands=()),
        of_days("answer_rate", rate, rates), of_days("answer_rate", rate, [1.0] * len(rate)), of_days("asa", asa, waits),
        tuple(rates), ratio(ours, theirs), (silent[0], sum(silent)),
    )  # fmt: skip
