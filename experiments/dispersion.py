"""Dispersion: recorded days beside simulated ones in variance / mean of counts, and how sure the measured swing is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from sim.calibrate.dispersion import dispersion
from sim.calibrate.volumes import busyness
from sim.chance import draw, resolve
from sim.chance.demand import everyday_means
from sim.scenario.errors import CallsimError
from sim.scenario.paths import join
from sim.scenario.scenario import Scenario
from sim.scenario.units import ticks, value

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LENGTHS = (300.0, 900.0, 1800.0, 3600.0)  # seconds; over which calls are counted if nothing else is said


@dataclass(frozen=True, eq=False)
class Spread:
    """Variance / mean of calls counted over each of `seconds`, float64, shape (2, lengths): as such, and given the day's total.

    recorded with its bootstrap interval over days; simulated : mean over samples of as many days, with the ends between
    which `level` of these samples lie
    """

    seconds: tuple[float, ...]
    level: float
    recorded: Floats
    recorded_low: Floats
    recorded_high: Floats
    simulated: Floats
    simulated_low: Floats
    simulated_high: Floats

    @property
    def ratio(self) -> Floats:
        """Simulated / recorded, shape (2, lengths)."""
        return self.simulated / self.recorded


def spread(
    calls: Floats,
    weekdays: Ints,
    scenario: Scenario,
    *,
    call_type: str | None = None,
    days: Sequence[date] | None = None,
    lengths: Sequence[float] = LENGTHS,
    samples: int = 100,
    level: float = 0.95,
    seed: int = 1,
) -> Spread:
    """Recorded days beside simulated ones, by the same recipe (`sim.calibrate.dispersion`) on as many days.

    calls : float64, shape (days, intervals), calls of all types, or of the `call_type`, in the intervals of the scenario's hours
    weekdays : shape (days,); a sample of simulated days has the same
    days : the dates, in order; given, days of a sample are as alike as the scenario's `day_to_day` says of such dates, and weeks,
        not days, are drawn again (blocks: Künsch 1989): of days that are alike there are fewer than it seems

    Raises CallsimError where intervals differ, for a call type that the scenario does not have, for a length that is no whole
    number of intervals, for fewer than two days of every weekday, and for a scenario of several days.
    """
    calendar = scenario.calendar
    if calendar.days != 1 or calls.shape[1] != calendar.intervals:
        raise CallsimError(f"calls: must have the {calendar.intervals} intervals of a scenario's day; found {calls.shape[1]}")
    steps = [round(length / calendar.interval) for length in lengths]
    for length, step in zip(lengths, steps, strict=True):
        if step < 1 or ticks(step * calendar.interval) != ticks(length):
            raise CallsimError(f"lengths: must be whole intervals of {calendar.interval:g} s; found {length:g} s")
    known = [kind.name for kind in scenario.call_types]
    if call_type is not None and call_type not in known:
        raise CallsimError(f'call_type: no call type "{call_type}"; there is {", ".join(known)}')
    mine = slice(None) if call_type is None else [known.index(call_type)]
    recorded = _curves(calls, weekdays, steps)
    if np.isnan(recorded).any():
        raise CallsimError("calls: two days of a weekday are needed, and calls on them")
    chance = np.random.default_rng(seed)
    again = np.array([_curves(*_again(calls, weekdays, days, chance), steps) for _ in range(samples)])
    simulated = np.array(
        [
            _curves(drawn[:, mine].sum(axis=1), weekdays, steps)
            for sample in range(samples)
            for drawn in [_sample(scenario, range(sample * len(calls), (sample + 1) * len(calls)), days, chance, seed)]
        ]
    )
    ends = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(again, ends, axis=0)
    lowest, highest = np.quantile(simulated, ends, axis=0)
    return Spread(tuple(lengths), level, recorded, low, high, simulated.mean(axis=0), lowest, highest)


def _sample(
    scenario: Scenario, replications: Sequence[int], days: Sequence[date] | None, chance: np.random.Generator, seed: int
) -> Floats:
    """Calls of a sample, as `simulated_calls`; where dates are given their levels are drawn from date to date.

    Then calls are Poisson numbers with the means that the engines draw, times the level.
    """
    levels = [factor for factor in scenario.factors if value(factor.day_to_day) > 0.0 and value(factor.cv) > 0.0]
    if days is None or not levels:
        return simulated_calls(scenario, replications, seed=seed)
    calm = scenario.with_({join(("factors", factor.name, "cv")): 0.0 for factor in levels})
    paths = {factor.name: _path(value(factor.cv), value(factor.day_to_day), days, chance) for factor in levels}
    times = np.ones((len(replications), len(calm.call_types), 1))
    for code, kind in enumerate(calm.call_types):
        for name in set(paths).intersection(kind.busyness.factors):
            times[:, code, 0] *= paths[name]
    means = [everyday_means(resolve(calm, seed=seed, replication=one), seed=seed, replication=one) for one in replications]
    return chance.poisson(times * np.array(means)).astype(np.float64)


def _path(cv: float, day_to_day: float, days: Sequence[date], chance: np.random.Generator) -> Floats:
    """Lognormal factors of mean 1 of dates in order, shape (days,), correlated as `sim.chance.factors.fill_days` has it."""
    variance, y = float(np.log1p(cv * cv)), 0.0
    out = np.empty(len(days))
    for at, z in enumerate(chance.normal(size=len(days))):
        kept = day_to_day ** (days[at] - days[at - 1]).days if at else 0.0
        y = kept * y + (1.0 - kept * kept) ** 0.5 * z
        out[at] = np.exp(variance**0.5 * y - variance / 2)
    return out


def simulated_calls(scenario: Scenario, replications: Sequence[int], *, seed: int) -> Floats:
    """Fresh calls of simulated days: float64, shape (replications, types, intervals), of a scenario of one day."""
    calendar, types = scenario.calendar, len(scenario.call_types)
    out = np.zeros((len(replications), types, calendar.intervals))
    for row, replication in enumerate(replications):
        tape = draw(resolve(scenario, seed=seed, replication=replication), seed=seed, replication=replication)
        interval = (tape.arrival - ticks(calendar.opens)) // ticks(calendar.interval)
        inside = (interval >= 0) & (interval < calendar.intervals)
        np.add.at(out[row], (tape.call_type[inside], interval[inside]), 1.0)
    return out


def busyness_intervals(
    calls: Floats, weekdays: Ints, *, per_hour: int, level: float = 0.95, resamples: int = 1000, seed: int = 1
) -> dict[str, tuple[float, float]]:
    """Bootstrap intervals of `day`, `hours`, `correlation`, `intervals` and of each type, by number, `own.0`, `own.1`, ...; of
    types that have hours of their own in these calls also `own_hours.0` and `own_correlation.0`: what `busyness` gives.

    calls : float64, shape (days, types, intervals). Whole days are drawn again, within their weekday (percentiles: Efron and
    Tibshirani 1993, section 13.3); what a drawn day differs by from its weekday's mean is stretched by sqrt(n / (n - 1)),
    because n drawn days vary by less than days do (Davison and Hinkley 1997, section 2.7). An interval of a cv that may be 0
    begins at 0 where more than the lower tail of the resamples is.
    """
    chance = np.random.default_rng(seed)
    as_they_are = busyness(calls, weekdays, per_hour=per_hour)
    own = as_they_are.with_own_hours
    found = []
    for _ in range(resamples):
        one = busyness(*_resampled(calls, weekdays, chance), per_hour=per_hour, known=as_they_are)
        of_types = *one.own, *one.own_hours[own], *one.own_correlation[own]
        found.append([one.day, one.hours, one.correlation, one.intervals, *of_types])
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2], axis=0)
    names = ["day", "hours", "correlation", "intervals", *(f"own.{at}" for at in range(calls.shape[1]))]
    names += [f"{name}.{at}" for name in ("own_hours", "own_correlation") for at in np.flatnonzero(own)]
    return {name: (float(a), float(b)) for name, a, b in zip(names, low, high, strict=True)}


def _curves(calls: Floats, weekdays: Ints, steps: Sequence[int]) -> Floats:
    return np.array([[dispersion(calls, weekdays, step, given_total=given) for step in steps] for given in (False, True)])


def _again(
    calls: Floats, weekdays: Ints, days: Sequence[date] | None, chance: np.random.Generator
) -> tuple[Floats, Ints]:
    """Days drawn again, or weeks of them where dates are given, stretched alike."""
    if days is None:
        return _resampled(calls, weekdays, chance)
    week = np.array([(day.toordinal() - 1) // 7 for day in days])
    weeks = np.unique(week)
    rows = np.concatenate([np.flatnonzero(week == one) for one in chance.choice(weeks, len(weeks))])
    drawn, of = calls[rows], weekdays[rows]
    for weekday in np.unique(of):
        recorded = weekdays == weekday
        drawn[of == weekday] = _stretched(drawn[of == weekday], calls[recorded].mean(axis=0), int(recorded.sum()))
    return drawn, of


def _resampled(calls: Floats, weekdays: Ints, chance: np.random.Generator) -> tuple[Floats, Ints]:
    """As many days drawn again of each weekday; days first in `calls`."""
    drawn = np.empty_like(calls)
    for weekday in np.unique(weekdays):
        mine = np.flatnonzero(weekdays == weekday)
        drawn[mine] = _stretched(calls[chance.choice(mine, len(mine))], calls[mine].mean(axis=0), len(mine))
    return drawn, weekdays


def _stretched(drawn: Floats, mean: Floats, days: int) -> Floats:
    """Days drawn again, as far from the mean of the `days` as those they stand for."""
    return np.asarray(mean + np.sqrt(days / max(days - 1, 1)) * (drawn - mean), np.float64)
