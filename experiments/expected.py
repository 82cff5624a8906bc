"""Expected: calls, heads and load of a scenario without ranges by interval, computed without simulating.

Calls are those entering (before IVR and balking; who calls again is not in them); load is in erlangs.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from experiments.handle_times import handle_times
from sim.chance.composed import Composed
from sim.chance.demand import expected
from sim.chance.means import mean
from sim.chance.screening import asking
from sim.chance.selling import mean_extra
from sim.chance.spans import ticks_by_interval
from sim.chance.streams import Cells, cells
from sim.engines.staffing import day_steps
from sim.scenario.callers import CallType
from sim.scenario.concurrency import Concurrency
from sim.scenario.demand import Busyness, Surge
from sim.scenario.floor import Group
from sim.scenario.horizon import within_hours
from sim.scenario.roster import individuals
from sim.scenario.rota import ON_PHONES, rota
from sim.scenario.scenario import Scenario
from sim.scenario.units import DAY, ticks, value

Floats = npt.NDArray[np.float64]


def calls_by_interval(scenario: Scenario) -> dict[str, Floats]:
    """Everyday calls expected per call type, float64 of shape (days x intervals,); without surges."""
    return {kind.name: expected(scenario, kind) for kind in scenario.call_types}


def heads_by_interval(scenario: Scenario) -> dict[str, Floats]:
    """Heads on the phones per group, averaged over each interval: float64, shape (days x intervals,).

    Of a roster: those who are to be on the phones then by their shifts, less the share that is expected to be absent.
    """
    heads = counted_heads(scenario)
    for group, row in rostered_heads(scenario).items():
        heads[group] += row
    return heads


def rostered_heads(scenario: Scenario, only: Collection[str] | None = None) -> dict[str, Floats]:
    """As `heads_by_interval`, of the agents of the roster alone, or only of those with these names."""
    shape, people = scenario.calendar.days * scenario.calendar.intervals, individuals(scenario)
    heads = {group.name: np.zeros(shape) for group in scenario.groups}
    for planned in rota(scenario, people):
        one = people[planned.person]
        for part in planned.parts:
            if part.does == ON_PHONES and (only is None or one.name in only):
                there = ticks_by_interval(scenario.calendar, part.since, part.until) / ticks(scenario.calendar.interval)
                heads[one.group] += there * (1 - value(one.attendance.absent))
    return heads


def counted_heads(scenario: Scenario) -> dict[str, Floats]:
    """As `heads_by_interval`, of the heads that are counted alone."""
    days = range(scenario.calendar.days)
    return {group.name: np.concatenate([_heads_on(scenario, group, day) for day in days]) for group in scenario.groups}


def _heads_on(scenario: Scenario, group: Group, day: int) -> Floats:
    calendar = scenario.calendar
    length, opens = ticks(calendar.interval), ticks(calendar.opens) + day * DAY
    borders = opens + length * np.arange(calendar.intervals + 1)
    steps = day_steps(scenario, group, day)
    times = np.array([tick for tick, _ in steps], dtype=np.int64)
    numbers = np.array([number for _, number in steps], dtype=np.int64)
    # The heads so far, times the ticks they were there: its growth over an interval is the interval's mean.
    reach = np.maximum(borders[:, None] - times[None, :], 0)
    worked = (reach * np.diff(numbers, prepend=0)[None, :]).sum(axis=1)
    return np.asarray(np.diff(worked) / length * within_hours(scenario, day), np.float64)


def load_by_interval(scenario: Scenario) -> Floats:
    """Erlangs that everyday calls bring: calls that leave the IVR for the queue x mean handle time / interval.

    The handle time is that of those who are to take the calls, see `handle_times`; of chats only that part of it in which an
    agent is there for them alone, who has as many as he may: heads are compared with it.
    """
    total = np.zeros(scenario.calendar.days * scenario.calendar.intervals)
    share, talk = asking(scenario)
    beside, alone = _composed(scenario), _shares_of_agents(scenario)
    for code, (kind, calls) in enumerate(zip(scenario.call_types, calls_by_interval(scenario).values(), strict=True)):
        seconds = _seconds(kind, beside[code], talk[code], mean(kind.wrap_up))
        total += calls * share[code] * seconds * alone[code] / scenario.calendar.interval
    return total


def handle_seconds(scenario: Scenario) -> dict[str, float]:
    """Mean handle time by call type, in seconds, over the day as its calls come, with those who are to take them; one contact at
    a time.
    """
    share, _ = asking(scenario)
    seconds, found = handle_by_interval(scenario), {}
    for code, (name, calls) in enumerate(calls_by_interval(scenario).items()):
        weight = calls * share[code]
        found[name] = float(np.average(seconds[name], weights=weight if weight.sum() > 0 else None))
    return found


def handle_by_interval(scenario: Scenario) -> dict[str, Floats]:
    """As `handle_seconds`, of the calls that come in an interval: float64, shape (days x intervals,)."""
    _, talk = asking(scenario)
    parts = zip(scenario.call_types, _composed(scenario), talk, strict=True)
    return {kind.name: _seconds(kind, beside, row, mean(kind.wrap_up)) for kind, beside, row in parts}


def _composed(scenario: Scenario) -> list[Composed]:
    hours = scenario.calendar.interval / 3600.0
    return handle_times(scenario, {name: hours * float(row.sum()) for name, row in counted_heads(scenario).items()})


def _shares_of_agents(scenario: Scenario) -> list[float]:
    """By call type, how much of an agent a contact takes: of n chats at a time each takes the n-th part, for a slowdown longer;
    1 where one is handled at a time. Over the groups that take it by their hours on the phones.
    """
    found = []
    if all(group.concurrency is None for group in scenario.groups):
        return [1.0] * len(scenario.call_types)
    hours = {name: float(row.sum()) for name, row in heads_by_interval(scenario).items()}
    for kind in scenario.call_types:
        able = scenario.takers(kind)
        shares = [_share(kind, group.concurrency) for group in able]
        weights = [hours[group.name] for group in able]
        found.append(float(np.average(shares, weights=weights if sum(weights) > 0 else None)) if able else 1.0)
    return found


def _share(kind: CallType, given: Concurrency | None) -> float:
    """As `_shares_of_agents`, in one group; recorded handle times hold the slowdown already."""
    if kind.contact != "chat" or given is None:
        return 1.0
    return (1.0 if kind.arrivals.replay is not None else given.slowest) / given.chats


def _seconds(kind: CallType, beside: Composed, talk: Floats, wrap: float) -> Floats:
    """Seconds an agent spends on a call, by the mean talk and wrap-up that are drawn for it."""
    return beside.talk * talk + beside.plus + mean_extra(kind) + beside.wrap * wrap + beside.typing


class Traffic(NamedTuple):
    """What is expected to reach the queue, with surges, on days as busy as expected: shape (types, days x intervals).

    calls : calls that leave the IVR for the queue; load : erlangs of agents, see `load_by_interval`
    """

    calls: Floats
    load: Floats


def traffic(scenario: Scenario) -> Traffic:
    """The traffic of a scenario without ranges; a surge's calls lie evenly within each of its intervals."""
    found, surges = _calm_cells(scenario), scenario.surges
    everyday = np.array(list(calls_by_interval(scenario).values()))
    share, talk = asking(scenario)
    types, beside = scenario.call_types, _composed(scenario)
    wrap = [mean(kind.wrap_up) for kind in types]
    alone = _shares_of_agents(scenario)
    calls, load = everyday.copy(), everyday * np.array([_seconds(*row) for row in zip(types, beside, talk, wrap, strict=True)])
    for i in np.flatnonzero(found.surge >= 0).tolist():
        kind, surge = int(found.call_type[i]), surges[int(found.surge[i])]
        pieces = slice(int(found.first[i]), int(found.first[i + 1]))
        mass = found.mass[pieces] / found.mass[pieces].sum() if found.mass[pieces].sum() else found.mass[pieces]
        for since, until, part in zip(found.since[pieces], found.until[pieces], mass, strict=True):
            inside = ticks_by_interval(scenario.calendar, int(since), int(until)) / max(until - since, 1)
            row = found.mean[i] * part * inside
            calls[kind] += row
            talks, wraps = talk[kind] * value(surge.talk_factor), wrap[kind] * value(surge.wrap_up_factor)
            load[kind] += row * _seconds(types[kind], beside[kind], talks, wraps)
    return Traffic(calls * share, load * share * np.array(alone)[:, None] / scenario.calendar.interval)


def _calm_cells(scenario: Scenario) -> Cells:
    """The streams of callers on days that are as busy as expected."""
    calm = tuple(kind.replace(busyness=Busyness(), talk_swing=Busyness()) for kind in scenario.call_types)
    return cells(scenario.replace(call_types=calm, factors=()), seed=0, replication=0)


def surge_calls(scenario: Scenario, surge: Surge) -> dict[str, float]:
    """Calls a surge is expected to bring by call type; of a factor, what it adds to the everyday calls."""
    found, number = _calm_cells(scenario), scenario.surges.index(surge)
    names = [kind.name for kind in scenario.call_types]
    asked = [name for name in names if name in surge.calls or name in surge.factor]
    of_surge = found.surge == number
    return {name: float(found.mean[of_surge & (found.call_type == names.index(name))].sum()) for name in asked}
