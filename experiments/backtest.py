"""Backtest: days that were not fitted, simulated and put beside the record, with what the error is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from experiments.backtest_counts import Column, Counted, Wanted, simulated_counts
from experiments.backtest_days import Chosen, Split
from experiments.backtest_erlang import Formulas, formulas
from experiments.backtest_material import Material, Prepared
from experiments.backtest_misfit import FarDay, Misfit, far_days, misfits, type_misfits
from experiments.backtest_parts import LADDER, Given
from experiments.backtest_scores import BY_INTERVAL, Pair, Score, day_pairs, interval_pairs, score, share
from experiments.statistics import Estimate, ratio
from experiments.tasks import Progress
from sim.calibrate import Calibration
from sim.scenario.scenario import Scenario

MAIN = ("forecast", "given")  # the rungs that are told in full
_FEWER = 4  # the other rungs have so many times fewer simulated days: of them only means are told


@dataclass(frozen=True)
class Asked:
    """How a backtest is made: simulated days of each tested day, T of the service level in seconds, where a call counts, and
    whether days that the rule sets aside are tested as well, which is for the material to do.
    """

    replications: int = 200
    seed: int = 1
    within: float = 20.0
    credit: str = "arrival"
    with_set_aside: bool = False


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


class Wider(NamedTuple):
    """The rungs told in full, and the parts, once more of all tested days and those set aside together; days : these."""

    days: tuple[date, ...]
    rungs: Mapping[str, Rung]
    parts: tuple[Part, ...]


@dataclass(frozen=True, eq=False)
class Backtest:
    """Tested days beside their simulations. `recorded` : a Counted per day of `chosen.days`; `wider` : where days that are set
    aside were asked for, and there are some.
    """

    source: str
    fit: Calibration
    split: Split
    chosen: Chosen
    asked: Asked
    recorded: tuple[Counted, ...]
    rungs: Mapping[str, Rung]
    parts: tuple[Part, ...]
    notes: tuple[str, ...] = field(default=())
    wider: Wider | None = None

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
    material: Material,
    fit: Calibration,
    split: Split,
    asked: Asked,
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Backtest:
    """Simulates tested days by a fit of others, told less or more of each, and puts them beside the record."""
    days, like = (*material.days, *material.aside), fit.scenario
    fewer = min(asked.replications, max(asked.replications // _FEWER, 20))
    wanted = {
        f"{at} {name}": Wanted(scenario, at, asked.replications if name in MAIN else fewer)
        for at, one in enumerate(days)
        for name, scenario in one.scenarios.items()
    }
    counted = simulated_counts(
        wanted, like, material.measuring, seed=asked.seed, executor=executor, progress=progress
    )
    steps = list(days[0].scenarios)
    simulated = {name: tuple(counted[f"{at} {name}"] for at in range(len(days))) for name in steps}
    beside = {
        "forecast": [
            formulas(
                one.sheet.offered, np.full(len(one.before), one.sheet.aht), one.before, like, one.sheet.patience, asked.within
            )
            for one in days
        ],
        "given": [formulas(_offered(one), one.aht, one.there, like, one.sheet.patience, asked.within) for one in days],
    }

    def compared(number: int) -> tuple[dict[str, Rung], tuple[Part, ...]]:
        some = days[:number]
        of = _Compared(tuple(one.day for one in some), like, tuple(one.recorded for one in some), material.measures)
        rungs = {name: _rung(name, of, simulated[name][:number], beside[name][:number]) for name in MAIN}
        return rungs, tuple(_part(name, of, simulated[name][:number]) for name in steps)

    ordinary = len(material.days)  # those set aside come last, so the others have the random numbers they have without them
    rungs, parts = compared(ordinary)
    wider = Wider(tuple(one.day for one in material.aside), *compared(len(days))) if material.aside else None
    recorded = tuple(one.recorded for one in material.days)
    return Backtest(material.source, fit, split, material.chosen, asked, recorded, rungs, parts, wider=wider)


class _Compared(NamedTuple):
    """What simulations are compared with."""

    days: tuple[date, ...]
    like: Scenario
    recorded: tuple[Counted, ...]
    measures: tuple[str, ...]

    def by_day(self, counted: Sequence[Counted]) -> dict[str, list[list[Pair]]]:
        """Measure -> the pair of each day."""
        calendar = self.like.calendar
        span = float(calendar.closes - calendar.opens)
        pairs = [day_pairs(real, again, span) for real, again in zip(self.recorded, counted, strict=True)]
        return {name: [[one[name]] for one in pairs] for name in self.measures}

    def by_interval(self, counted: Sequence[Counted], name: str) -> list[list[Pair]]:
        """The pairs of each day's intervals with calls."""
        span = float(self.like.calendar.interval)
        return [interval_pairs(real, again, span, name) for real, again in zip(self.recorded, counted, strict=True)]


def _offered(one: Prepared) -> npt.NDArray[np.float64]:
    return one.recorded.intervals[0, :, Column.OFFERED].astype(np.float64)


def _rung(name: str, of: _Compared, counted: tuple[Counted, ...], beside: Sequence[Formulas]) -> Rung:
    by_day = of.by_day(counted)
    by_interval = {one: of.by_interval(counted, one) for one in BY_INTERVAL if one in of.measures}
    calendar = of.like.calendar
    return Rung(
        name, LADDER[name], counted, tuple(pair for (pair,) in by_day["answer_rate"]),
        {one: score(one, pairs) for one, pairs in by_day.items()},
        {one: score(one, pairs) for one, pairs in by_interval.items()},
        _beside(of.recorded, by_interval["answer_rate"], beside, by_day.get("asa")),
        tuple(misfits(of.recorded, counted, float(calendar.opens), float(calendar.interval))),
        tuple(type_misfits(of.recorded, counted, [kind.name for kind in of.like.call_types])),
        tuple(far_days(of.days, of.recorded, counted)),
    )  # fmt: skip


def _part(name: str, of: _Compared, counted: Sequence[Counted]) -> Part:
    days = {one: score(one, pairs) for one, pairs in of.by_day(counted).items()}
    rate, answered = (score(one, of.by_interval(counted, one)) for one in ("answer_rate", "answered"))
    asa, whole, lost = (days.get(one, score(one, [])) for one in ("asa", "answer_rate", "abandonment_rate"))
    return Part(
        name, LADDER[name], rate.error, whole.error, asa.error, whole.bias, asa.relative, lost.correlation,
        answered.inside[0.8],
    )  # fmt: skip


def _beside(
    recorded: Sequence[Counted],
    simulated: list[list[Pair]],
    beside: Sequence[Formulas],
    waits_of_days: list[list[Pair]] | None,
) -> Beside:
    there = [np.flatnonzero(real.intervals[0, :, Column.OFFERED] > 0) for real in recorded]

    def by_interval(value: Callable[[Formulas, int], float]) -> list[list[Pair]]:
        return [
            [pair._replace(simulated=value(one, int(at))) for pair, at in zip(pairs, places, strict=True)]
            for pairs, places, one in zip(simulated, there, beside, strict=True)
        ]

    a = by_interval(lambda one, at: float(one.a_rate[at]))
    ours, theirs = [], []
    for pairs, others in zip(simulated, a, strict=True):
        both = [(p.simulated - p.recorded, q.simulated - q.recorded) for p, q in zip(pairs, others, strict=True)]
        known = [pair for pair in both if np.isfinite(pair).all()]
        ours.append(sum(abs(one) for one, _ in known))
        theirs.append(sum(abs(other) for _, other in known))
    answered = [np.nan_to_num(one.offered * one.a_rate) for one in beside]
    rates = [float(share(part.sum(), one.offered.sum())) for part, one in zip(answered, beside, strict=True)]
    waits = [
        float(share(np.nansum(part * np.where(part > 0, one.a_asa, 0.0)), part.sum()))
        for part, one in zip(answered, beside, strict=True)
    ]
    real = [real.day[0] for real in recorded]
    rate = [share(float(one[Column.ANSWERED]), float(one[Column.OFFERED])) for one in real]
    asa = [pair.recorded for (pair,) in waits_of_days] if waits_of_days is not None else [float("nan")] * len(rate)

    def of_days(name: str, there: list[float], here: list[float]) -> Score:
        return score(name, [[Pair(a, b, np.zeros(0))] for a, b in zip(there, here, strict=True)], bands=())

    waiting = [one.c_asa[places] for one, places in zip(beside, there, strict=True)]
    silent = sum(int(np.isinf(one).sum()) for one in waiting), sum(int(np.isfinite(one).sum()) for one in waiting)
    return Beside(
        score("answer_rate", a, bands=()), score("answer_rate", by_interval(lambda *_: 1.0), bands=()),
        of_days("answer_rate", rate, rates), of_days("answer_rate", rate, [1.0] * len(rate)), of_days("asa", asa, waits),
        tuple(rates), ratio(ours, theirs), (silent[0], sum(silent)),
    )  # fmt: skip
