"""composed: what the handle time of a call type comes to in the mean with one agent, beside what is drawn for it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.handling import OF_AGENT, PLUS, SINCE, SYSTEM_SPEED, TIMES, TYPING, UNTIL, row_of_counted, windows_of
from sim.chance.means import mean
from sim.chance.quantiles import law_quantile, pack
from sim.chance.rows import law_row
from sim.chance.scaling import ONE
from sim.chance.spans import ticks_by_interval
from sim.chance.talks import expected_factor
from sim.scenario.callers import CallType
from sim.scenario.distributions import Distribution, Never
from sim.scenario.handling import Fatigue, System
from sim.scenario.scenario import Scenario
from sim.scenario.units import TICKS_PER_SECOND, ticks, value

Floats = npt.NDArray[np.float64]
POINTS = 128  # of the law of talk, at which what is typed after the talk is averaged


class Composed(NamedTuple):
    """Means by interval: talk is `talk` times the mean of its law (the type's `talk_factor` is in it) and `plus` seconds, wrap-up
    is `wrap` times what is drawn and `typing` seconds; float64, shape (days x intervals,).
    """

    talk: Floats
    plus: Floats
    wrap: Floats
    typing: Floats


def composed(scenario: Scenario, kind: CallType, row: list[int] | None = None, tired: float = 1.0) -> Composed:
    """With the agent of that row of Handling.agents (None: one of whom nothing is said), who is so `tired` in the mean."""
    calendar, types = scenario.calendar, scenario.call_types
    one, none = np.ones(calendar.days * calendar.intervals), np.zeros(calendar.days * calendar.intervals)
    factor_of_hour = expected_factor(scenario, kind)
    if kind.arrivals.replay is not None:
        return Composed(factor_of_hour, none, one, none)
    code, given = types.index(kind), np.array(row_of_counted(scenario) if row is None else row) / ONE
    tenure = np.repeat(given[OF_AGENT + 2 * len(types) :], calendar.intervals)
    factor, unknown = given[OF_AGENT + code] * tenure * tired, given[OF_AGENT + len(types) + code]
    script, goes_on = _script(kind)
    looks_up = 0.0 if kind.lookups is None else kind.lookups.things * value(kind.lookups.chance) * mean(kind.lookups.takes)
    beside = none if kind.hold is None else one * value(kind.hold.chance) * mean(kind.hold.takes)
    for code_of, system in enumerate(scenario.systems):
        number = value(kind.transactions.get(system.name, 0.0))
        if number > 0:
            beside = beside + number * given[SYSTEM_SPEED] * _system(scenario, code_of, system)
    plus = factor * (script + goes_on * unknown * looks_up) + goes_on * beside
    typing = none
    if given[TYPING] > 0 and value(kind.text) > 0:
        parts = float(factor.mean()), script, goes_on, float((factor * unknown * looks_up + beside).mean())
        seconds, points = 60.0 * value(kind.text) / given[TYPING], _points(kind.talk)
        for hour in np.unique(factor_of_hour):
            typing = np.where(factor_of_hour == hour, _typing(kind, seconds, hour * points, *parts), typing)
    return Composed(factor * goes_on * factor_of_hour, plus, factor, typing)


def mean_handle(scenario: Scenario, kind: CallType) -> float:
    """Seconds of talk and wrap-up with agents of whom nothing is said, over the day, without what is offered in the end."""
    found = composed(scenario, kind)
    return float(np.mean(found.talk * mean(kind.talk) + found.plus + found.wrap * mean(kind.wrap_up) + found.typing))


def _script(kind: CallType) -> tuple[float, float]:
    """(mean seconds of the script, the share of calls that none of its steps solves)."""
    seconds, share = 0.0, 1.0
    for step in kind.script:
        seconds += share * mean(step.takes)
        share *= 1.0 - value(step.solves)
    return seconds, share


def _system(scenario: Scenario, number: int, system: System) -> Floats:
    """Mean seconds of a transaction by interval; an outage acts in the part of it in which it lasts."""
    takes, calendar = mean(system.takes), scenario.calendar
    found = np.full(calendar.days * calendar.intervals, takes)
    for outage in system.outages:
        for row in windows_of(scenario, number, outage):
            longer = takes * (row[TIMES] / ONE - 1.0) + row[PLUS] / TICKS_PER_SECOND
            found += longer * ticks_by_interval(calendar, row[SINCE], row[UNTIL]) / ticks(calendar.interval)
    return found


def _typing(kind: CallType, seconds: float, points: Floats, factor: float, script: float, goes_on: float, beside: float) -> float:
    """Mean seconds of typing that are left after the talk; over the drawn talk at some points, with the mean of all else."""
    share = value(kind.typed_while_talking)
    if share == 0.0:
        return seconds
    solved = max(seconds - share * factor * script, 0.0)
    talks = factor * (script + points) + beside
    return float((1.0 - goes_on) * solved + goes_on * np.maximum(seconds - share * talks, 0.0).mean())


def _points(law: Distribution) -> Floats:
    if isinstance(law, Never):
        return np.full(1, np.inf)
    laws = pack([law_row(law)])
    return np.array([law_quantile(laws, 0, (i + 0.5) / POINTS) for i in range(POINTS)])


def mean_tiredness(given: Fatigue, spell: float) -> float:
    """The mean factor over so many seconds on the phones without a break."""
    after, most, slowdown = value(given.after), value(given.most), value(given.slowdown)
    late = max(spell - after, 0.0)
    if slowdown == 0.0 or late == 0.0:
        return 1.0
    rises = (most - 1.0) / slowdown * 3600.0
    rising = min(late, rises)
    area = rising * rising / (2.0 * rises) + late - rising if rises > 0 else late
    return 1.0 + (most - 1.0) * area / spell
