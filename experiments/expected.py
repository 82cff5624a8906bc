"""Expected: calls, heads and load of a scenario without ranges by interval, computed without simulating.

Calls are those entering (before IVR and balking; who calls again is not in them); load is in erlangs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.demand import expected
from sim.chance.means import mean
from sim.chance.screening import asking
from sim.chance.spans import overlaps
from sim.engines.staffing import group_steps
from sim.scenario.calendar import Calendar
from sim.scenario.demand import Busyness, Shape, Surge
from sim.scenario.scenario import Scenario
from sim.scenario.series import Change
from sim.scenario.units import ticks, value

Floats = npt.NDArray[np.float64]


def calls_by_interval(scenario: Scenario) -> dict[str, Floats]:
    """Everyday calls expected per call type, float64 of shape (intervals,); without surges."""
    return {kind.name: expected(kind, scenario.calendar) for kind in scenario.call_types}


def heads_by_interval(scenario: Scenario) -> dict[str, Floats]:
    """Heads on the phones per group, averaged over each interval: float64, shape (intervals,)."""
    calendar = scenario.calendar
    length, opens = ticks(calendar.interval), ticks(calendar.opens)
    borders = opens + length * np.arange(calendar.intervals + 1)
    heads = {}
    for group in scenario.groups:
        steps = group_steps(group.agents, calendar)
        times = np.array([tick for tick, _ in steps], dtype=np.int64)
        numbers = np.array([number for _, number in steps], dtype=np.int64)
        # The heads so far, times the ticks they were there: its growth over an interval is the interval's mean.
        reach = np.maximum(borders[:, None] - times[None, :], 0)
        worked = (reach * np.diff(numbers, prepend=0)[None, :]).sum(axis=1)
        heads[group.name] = np.diff(worked) / length
    return heads


def load_by_interval(scenario: Scenario) -> Floats:
    """Erlangs that everyday calls bring: calls that leave the IVR for the queue x mean handle time / interval."""
    total = np.zeros(scenario.calendar.intervals)
    share, talk = asking(scenario)
    for code, (kind, calls) in enumerate(zip(scenario.call_types, calls_by_interval(scenario).values(), strict=True)):
        total += calls * share[code] * (talk[code] + mean(kind.wrap_up)) / scenario.calendar.interval
    return total


class Traffic(NamedTuple):
    """What is expected to reach the queue, with surges, on a day as busy as expected: shape (types, intervals).

    calls : calls that leave the IVR for the queue; load : erlangs
    """

    calls: Floats
    load: Floats


def traffic(scenario: Scenario) -> Traffic:
    """The traffic of a scenario without ranges; a surge's calls lie evenly within each of its intervals."""
    from sim.chance.streams import cells

    calendar = scenario.calendar
    calm = tuple(kind.replace(busyness=Busyness()) for kind in scenario.call_types)
    found = cells(scenario.replace(call_types=calm, factors=()), seed=0, replication=0)
    everyday = np.array(list(calls_by_interval(scenario).values()))
    surges = scenario.surges
    share, talk = asking(scenario)
    wrap = np.array([mean(kind.wrap_up) for kind in scenario.call_types])[:, np.newaxis]
    calls, load = everyday.copy(), everyday * (talk + wrap)
    for i in np.flatnonzero(found.surge >= 0).tolist():
        kind, surge = int(found.call_type[i]), surges[int(found.surge[i])]
        pieces = slice(int(found.first[i]), int(found.first[i + 1]))
        mass = found.mass[pieces] / found.mass[pieces].sum() if found.mass[pieces].sum() else found.mass[pieces]
        for since, until, part in zip(found.since[pieces], found.until[pieces], mass, strict=True):
            row = found.mean[i] * part * _spread_over(int(since), int(until), calendar)
            calls[kind] += row
            load[kind] += row * (talk[kind] * value(surge.talk_factor) + wrap[kind] * value(surge.wrap_up_factor))
    return Traffic(calls * share, load * share / calendar.interval)


def _spread_over(since: int, until: int, calendar: Calendar) -> Floats:
    """The part of a stretch of time that lies in each interval: float64, shape (intervals,)."""
    starts = ticks(calendar.opens) + ticks(calendar.interval) * np.arange(calendar.intervals)
    inside = np.minimum(until, starts + ticks(calendar.interval)) - np.maximum(since, starts)
    return np.asarray(np.maximum(inside, 0) / max(until - since, 1), dtype=np.float64)


def surge_calls(scenario: Scenario, surge: Surge) -> dict[str, float]:
    """Calls a surge is expected to bring by call type; of a factor, what it adds to the everyday calls."""
    found = {name: value(calls) for name, calls in surge.calls.items()}
    everyday = calls_by_interval(scenario)
    for name, factor in surge.factor.items():
        weights = _while_it_lasts(surge.at, surge.shape, scenario.calendar)
        found[name] = float((value(factor) - 1.0) * (everyday[name] * weights).sum())
    return found


def _while_it_lasts(at: float, shape: Shape, calendar: Calendar) -> Floats:
    """How much of a factor acts in each interval: 1 where it acts throughout; float64, shape (intervals,)."""
    if shape.ramp is None:
        end = calendar.closes if shape.pulse is None else min(at + shape.pulse.lasts, calendar.closes)
        return overlaps(Change(times=1.0, from_=at, to=end), calendar)
    edges = np.cumsum([at, shape.ramp.rise, shape.ramp.hold, shape.ramp.fall])
    seconds = np.linspace(calendar.opens, calendar.closes, calendar.intervals * 60 + 1)
    middle = (seconds[1:] + seconds[:-1]) / 2
    height = np.interp(middle, edges, [0.0, 1.0, 1.0, 0.0], left=0.0, right=0.0)
    return np.asarray(height.reshape(calendar.intervals, 60).mean(axis=1), dtype=np.float64)
