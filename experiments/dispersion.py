"""Dispersion: recorded days beside simulated ones in variance / mean of counts, and how sure the measured swing is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.calibrate.dispersion import dispersion
from sim.calibrate.volumes import busyness
from sim.chance import draw, resolve
from sim.scenario.errors import CallsimError
from sim.scenario.scenario import Scenario
from sim.scenario.units import ticks

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
    lengths: Sequence[float] = LENGTHS,
    samples: int = 100,
    level: float = 0.95,
    seed: int = 1,
) -> Spread:
    """Recorded days beside simulated ones, by the same recipe (`sim.calibrate.dispersion`) on as many days.

    calls : float64, shape (days, intervals), calls of all types, or of the `call_type`, in the intervals of the scenario's hours
    weekdays : shape (days,); a sample of simulated days has the same

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
    again = np.array([_curves(*_resampled(calls, weekdays, chance), steps) for _ in range(samples)])
    days = len(calls)
    simulated = np.array(
        [
            _curves(drawn[:, mine].sum(axis=1), weekdays, steps)
            for sample in range(samples)
            for drawn in [simulated_calls(scenario, range(sample * days, (sample + 1) * days), seed=seed)]
        ]
    )
    ends = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(again, ends, axis=0)
    lowest, highest = np.quantile(simulated, ends, axis=0)
    return Spread(tuple(lengths), level, recorded, low, high, simulated.mean(axis=0), lowest, highest)


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
    own = busyness(calls, weekdays, per_hour=per_hour).with_own_hours
    found = []
    for _ in range(resamples):
        one = busyness(*_resampled(calls, weekdays, chance), per_hour=per_hour, with_own_hours=own)
        of_types = *one.own, *one.own_hours[own], *one.own_correlation[own]
        found.append([one.day, one.hours, one.correlation, one.intervals, *of_types])
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2], axis=0)
    names = ["day", "hours", "correlation", "intervals", *(f"own.{at}" for at in range(calls.shape[1]))]
    names += [f"{name}.{at}" for name in ("own_hours", "own_correlation") for at in np.flatnonzero(own)]
    return {name: (float(a), float(b)) for name, a, b in zip(names, low, high, strict=True)}


def _curves(calls: Floats, weekdays: Ints, steps: Sequence[int]) -> Floats:
    return np.array([[dispersion(calls, weekdays, step, given_total=given) for step in steps] for given in (False, True)])


def _resampled(calls: Floats, weekdays: Ints, chance: np.random.Generator) -> tuple[Floats, Ints]:
    """As many days drawn again of each weekday; days first in `calls`."""
    drawn = np.empty_like(calls)
    for weekday in np.unique(weekdays):
        mine = np.flatnonzero(weekdays == weekday)
        mean = calls[mine].mean(axis=0)
        stretch = np.sqrt(len(mine) / max(len(mine) - 1, 1))
        drawn[mine] = mean + stretch * (calls[chance.choice(mine, len(mine))] - mean)
    return drawn, weekdays
