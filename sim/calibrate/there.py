"""There: on each recorded day who was on the phones when, and what the roster had planned: added up for comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from sim.calibrate.pools import by_pool
from sim.calibrate.presence import presence
from sim.calibrate.report_estimates import reported_heads
from sim.calls import NONE
from sim.files.history import History
from sim.files.report import Report
from sim.files.sessions import Sessions
from sim.scenario.roster import individuals
from sim.scenario.rota import ON_PHONES, rota
from sim.scenario.scenario import Scenario
from sim.scenario.units import DAY, ticks

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Spans = Mapping[str, Sequence[tuple[int, int]]]


@dataclass(frozen=True, eq=False)
class Planned:
    """One day of a roster: agent -> his time on the phones, and his shifts, (since, until) in ticks since midnight."""

    phones: Mapping[str, list[tuple[int, int]]]
    shifts: Mapping[str, list[tuple[int, int]]]


@dataclass(frozen=True, eq=False)
class Compared:
    """Sums by day, of the agents who are compared one by one, or of all heads where names say nothing.

    planned, there : heads on the phones by interval, float64, shape (days, intervals)
    shifts, absent : how many shifts there were, and of how many nobody came, int64, shape (days,); 0 where heads are compared
    planned_of_present : heads on the phones, planned for who came, mean over the day, float64, shape (days,)
    """

    days: tuple[date, ...]
    planned: Floats
    there: Floats
    shifts: Ints
    absent: Ints
    planned_of_present: Floats


def planned_on(scenario: Scenario, day: date) -> Planned:
    """What the scenario's roster plans for that day, which need not be one of its calendar's."""
    dated = scenario.model_copy(update={"calendar": scenario.calendar.model_copy(update={"start": day})})
    people = individuals(dated)
    phones: dict[str, list[tuple[int, int]]] = {}
    shifts: dict[str, list[tuple[int, int]]] = {}
    for one in rota(dated, people):
        name = people[one.person].name
        shifts.setdefault(name, []).append((one.since, one.until))
        phones.setdefault(name, []).extend((part.since, part.until) for part in one.parts if part.does == ON_PHONES)
    return Planned(phones, shifts)


def spans_on(recorded: History, day: date, *, own_agents: tuple[str, ...], after: int) -> dict[str, list[tuple[int, int]]]:
    """Agent of the log -> when he was on the phones by who answered when; after : ticks he stays after his last call."""
    found: dict[str, list[tuple[int, int]]] = {}
    for _, _, around in by_pool(recorded.on(day), own_agents):
        for stretch in presence(around).stretches:
            if stretch.agent != NONE:
                found.setdefault(recorded.agents[stretch.agent], []).append((stretch.since, stretch.until + after))
    return {agent: _united(mine) for agent, mine in found.items()}  # who answers for two groups is one


def by_names(
    scenario: Scenario, plans: Mapping[date, Planned], spans: Callable[[date], Spans], known: Mapping[str, str]
) -> Compared:
    """The agents who are `known`, name of the roster -> name of the log, one by one: their time on the phones as planned, and
    how long they were there within their shifts: a break that begins when a call is over is no time off. plans : by day
    """
    edges = _edges(scenario)
    sums: list[tuple[Floats, Floats, int, int, float]] = []
    for day, plan in plans.items():
        there = spans(day)
        planned, present, expected = np.zeros(len(edges) - 1), np.zeros(len(edges) - 1), 0.0
        shifts = absent = 0
        for name, own in known.items():
            mine = there.get(own, ())
            heads = _heads(plan.phones.get(name, ()), edges)
            came = [bool(_cut([shift], mine)) for shift in plan.shifts.get(name, ())]
            shifts, absent = shifts + len(came), absent + came.count(False)
            planned += heads
            present += _heads(_cut(plan.shifts.get(name, ()), mine), edges)
            for shift, here in zip(plan.shifts.get(name, ()), came, strict=True):
                expected += float(_heads(_cut([shift], plan.phones.get(name, ())), edges).mean()) * here
        sums.append((planned, present, shifts, absent, expected))
    planned_, there_, shifts_, absent_, expected_ = zip(*sums, strict=True)
    return Compared(
        tuple(plans), np.array(planned_), np.array(there_), np.array(shifts_, np.int64), np.array(absent_, np.int64),
        np.array(expected_, np.float64),
    )  # fmt: skip


def by_heads(scenario: Scenario, plans: Mapping[date, Planned], heads: Callable[[date], Floats]) -> Compared:
    """All heads by interval: those planned to be on the phones, and those who were; heads(day): float64, shape (intervals,)."""
    edges = _edges(scenario)
    planned = np.array([np.sum([_heads(parts, edges) for parts in plan.phones.values()], axis=0) for plan in plans.values()])
    none = np.zeros(len(plans), np.int64)
    return Compared(tuple(plans), planned, np.array([heads(day) for day in plans]), none, none, planned.mean(axis=1))


def heads_on(recorded: History | Report, scenario: Scenario, day: date, spans: Callable[[date], Spans]) -> Floats:
    """Heads on the phones on a recorded day, whoever they were, in the intervals of the scenario."""
    if isinstance(recorded, Report):
        counts = np.array([int(one == day) for one in recorded.day], np.int64)
        calendar = scenario.calendar
        first = round(calendar.opens / calendar.interval)
        found = reported_heads(recorded, counts, slice(first, first + calendar.intervals), 1)
        return np.zeros(calendar.intervals) if found is None else found
    edges = _edges(scenario)
    return np.asarray(np.sum([np.zeros(len(edges) - 1), *(_heads(mine, edges) for mine in spans(day).values())], axis=0))


def sessions_on(sessions: Sessions, day: date) -> Spans:
    """Agent -> when he was logged on."""
    return sessions.on(day, 2 * DAY)


def _united(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same time in spans that do not overlap, in order."""
    out: list[tuple[int, int]] = []
    for since, until in sorted(spans):
        if out and since <= out[-1][1]:
            out[-1] = out[-1][0], max(out[-1][1], until)
        else:
            out.append((since, until))
    return out


def _edges(scenario: Scenario) -> Ints:
    calendar = scenario.calendar
    return ticks(calendar.opens) + ticks(calendar.interval) * np.arange(calendar.intervals + 1, dtype=np.int64)


def _heads(spans: Sequence[tuple[int, int]], edges: Ints) -> Floats:
    """Mean heads by interval of spans that do not overlap: float64, shape (intervals,)."""
    out = np.zeros(len(edges) - 1)
    for since, until in spans:
        inside = np.clip(edges, since, until)
        out += np.diff(inside)
    return out / float(edges[1] - edges[0])


def _cut(spans: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Where spans and others overlap."""
    return [
        (max(a, c), min(b, d)) for a, b in spans for c, d in others if max(a, c) < min(b, d)
    ]
