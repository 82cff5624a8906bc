"""factors: how busy a day and each part of it is, and how long its calls: random factors with mean 1."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from sim.chance.elementary import exp, log, normal_quantile
from sim.chance.jit import kernel
from sim.chance.philox import BUSYNESS, block, name_hash
from sim.scenario.callers import CallType
from sim.scenario.demand import Busyness, Factor
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.paths import Path, join
from sim.scenario.scenario import Scenario
from sim.scenario.units import ticks, value

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

MOST_PARTS = 1 << 16  # parts of a day: 16 bits of the generator's counter


def busyness(kind: CallType, scenario: Scenario, *, seed: int, replication: int) -> Floats:
    """The factor of each day on a type's calls, with mean 1: float64, shape (days x intervals,).

    The product of the type's own factor and those it shares by name; each is lognormal, new for every day and part of a day,
    counted from opening (an interval belongs to the part it begins in). Parts of a day are correlated within the day; days,
    where the part is the day, over the calendar. Raises ScenarioError for an unknown factor.
    """
    return _swing(kind.busyness, f"busyness\0{kind.name}", ("call_types", kind.name, "busyness"), scenario, seed, replication)


def talk_swing(kind: CallType, scenario: Scenario, *, seed: int, replication: int) -> Floats:
    """The same on a type's talk, by the interval in which a call comes; a factor that is named for calls too is one number
    for both, so that days with more calls have longer ones.
    """
    own = f"talk swing\0{kind.name}"
    return _swing(kind.talk_swing, own, ("call_types", kind.name, "talk_swing"), scenario, seed, replication)


def varies(own: Busyness) -> bool:
    """Whether there is any factor."""
    return bool(own.factors) or value(own.cv) != 0.0


def _swing(own: Busyness, text: str, here: Path, scenario: Scenario, seed: int, replication: int) -> Floats:
    """text : what the key of the type's own factor is a hash of."""
    calendar = scenario.calendar
    whole = np.ones((calendar.days, calendar.intervals))
    if not varies(own):
        return whole.ravel()
    factors: list[tuple[str, Busyness | Factor, Path]] = [(text, own, here)]
    named = {factor.name: factor for factor in scenario.factors}
    for name in own.factors:
        if name not in named:
            raise ScenarioError([Problem(join((*here, "factors")), f'no factor "{name}"')])
        factors.append((f"factor\0{name}", named[name], ("factors", name)))
    begin = ticks(calendar.interval) * np.arange(calendar.intervals, dtype=np.int64)
    for text, factor, path in factors:
        if value(factor.cv) > 0.0:
            steps = begin * 0 if factor.part == "day" else begin // max(ticks(factor.part), 1)
            if steps[-1] >= MOST_PARTS:
                raise ScenarioError([Problem(join((*path, "part")), "too short for this day")])
            cv, correlation, out = value(factor.cv), value(factor.correlation), np.empty(int(steps[-1]) + 1)
            keys = np.array([name_hash(f"{text}\0{day}" if day else text) for day in range(calendar.days)], np.uint64)
            if factor.part == "day":
                out = np.empty(calendar.days)
                fill_days(np.uint64(seed), np.uint64(replication), keys, cv, value(factor.day_to_day), out)
                whole *= out[:, np.newaxis]
                continue
            for day in range(calendar.days):
                fill_factors(np.uint64(seed), np.uint64(replication), keys[day], cv, correlation, out)
                whole[day] *= out[steps]
    return whole.ravel()


@kernel
def fill_factors(
    seed: np.uint64, replication: np.uint64, key: np.uint64, cv: float, correlation: float, out: Floats
) -> None:
    """Factors of a day's parts, float64, shape (parts,): exp(s y - s^2 / 2), s^2 = log(1 + cv^2): mean 1 and this cv.

    y is a stationary first-order autoregression (Box and Jenkins 1970, section 3.2.3; with it as a factor on call volumes:
    Ibrahim and L'Ecuyer 2013), started in its law: y_0 = z_0, y_k = r y_(k-1) + sqrt(1 - r^2) z_k, each z_k keyed by its
    part. So Cov of factors k parts apart is (1 + cv^2)^(r^k) - 1, a part's factor hangs on no later one, and r = 0 gives
    z_k itself, bit for bit.
    """
    variance = log(1.0 + cv * cv)
    spread, rest = math.sqrt(variance), math.sqrt(1.0 - correlation * correlation)
    y = 0.0
    for part in range(len(out)):
        u, _, _, _ = block(seed, replication, key, BUSYNESS, np.uint64(part))
        z = normal_quantile(u)
        y = correlation * y + rest * z if part > 0 else z
        out[part] = exp(spread * y - 0.5 * variance)


@kernel
def fill_days(
    seed: np.uint64, replication: np.uint64, keys: Keys, cv: float, correlation: float, out: Floats
) -> None:
    """Factors of days that follow each other, float64, shape (days,), by the law of `fill_factors`; keys : uint64, shape (days,).

    Each day has a key of its own, so a longer calendar changes no day, and the first has the factor that it has alone.
    """
    variance = log(1.0 + cv * cv)
    spread, rest = math.sqrt(variance), math.sqrt(1.0 - correlation * correlation)
    y = 0.0
    for day in range(len(out)):
        u, _, _, _ = block(seed, replication, keys[day], BUSYNESS, np.uint64(0))
        z = normal_quantile(u)
        y = correlation * y + rest * z if day > 0 else z
        out[day] = exp(spread * y - 0.5 * variance)
