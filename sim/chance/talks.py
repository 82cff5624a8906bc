"""talks: by what the talk that is drawn for calls is multiplied, by call type and interval: as said, and as the day is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.chance.clock import Clock, interval_at
from sim.chance.factors import talk_swing, varies
from sim.chance.jit import inlined
from sim.chance.remember import remembered
from sim.chance.scaling import ONE, scaled
from sim.chance.spans import changed, per_interval
from sim.scenario.callers import CallType
from sim.scenario.paths import join
from sim.scenario.scenario import Scenario

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NO_FACTORS = np.zeros((0, 0), np.int64)  # every talk is as drawn, and nobody asks for the interval
_MOST = (1 << 40) - 1  # of a factor in 65536ths: what `scaled` takes


def expected_factor(scenario: Scenario, kind: CallType) -> Floats:
    """`talk_factor` of a type after changes, the same on every day: float64, shape (days x intervals,).

    The swing has mean 1, so this is the mean of what talk is multiplied by. Raises ScenarioError for a list of another
    length than the day has intervals.
    """
    calendar, given = scenario.calendar, kind.talk_factor
    path = join(("call_types", kind.name, "talk_factor", "per_interval"))
    row = changed(per_interval(given.per_interval, calendar.intervals, path), given.changes, calendar)
    return np.tile(row, calendar.days)


@remembered
def expected_factors(scenario: Scenario) -> Floats:
    """As `expected_factor`, of all types: float64, shape (types, days x intervals)."""
    return np.array([expected_factor(scenario, kind) for kind in scenario.call_types])


@remembered
def _same_every_day(scenario: Scenario) -> Ints | None:
    """The factors where no type's talk has a swing; None where one has."""
    if any(varies(kind.talk_swing) for kind in scenario.call_types):
        return None
    found = _in_65536ths(expected_factors(scenario))
    return found if (found != ONE).any() else NO_FACTORS


def talk_factors(scenario: Scenario, *, seed: int, replication: int) -> Ints:
    """65536ths on the talk of calls that come in an interval: int64, shape (types, days x intervals); NO_FACTORS where all
    are 1. Raises as `expected_factor`, and for a factor that does not exist.
    """
    same = _same_every_day(scenario)
    if same is not None:
        return same
    factors = expected_factors(scenario).copy()
    for code, kind in enumerate(scenario.call_types):
        if varies(kind.talk_swing):
            factors[code] *= talk_swing(kind, scenario, seed=seed, replication=replication)
    return _in_65536ths(factors)


def _in_65536ths(factors: Floats) -> Ints:
    return np.ascontiguousarray(np.minimum(np.rint(factors * ONE), _MOST).astype(np.int64))


@inlined
def of_its_time(talks: Ints, clock: Clock, call_type: int, tick: int, talk: int) -> int:
    """Ticks of talk of a call that comes at `tick`, from what is drawn for it; outside the hours as in the nearest interval."""
    if talks.shape[0] == 0:
        return talk
    return scaled(talk, talks[call_type, interval_at(clock, tick)])
