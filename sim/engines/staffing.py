"""Staffing: heads per interval become the moments at which a group's number on the phones changes."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.clock import clock_of
from sim.scenario.calendar import Calendar
from sim.scenario.floor import Agents, Group
from sim.scenario.horizon import agents_on, hours, open_spans, within_hours
from sim.scenario.scenario import Scenario
from sim.scenario.series import Change
from sim.scenario.units import DAY, ticks, value

Ints = npt.NDArray[np.int64]


LONGEST_FINISH = ticks(4 * 3600)  # after closing the last interval's people stay at most this long
CLOSES, DAY_ENDS, ALL_ENDS, OPENS, BORDERS = range(5)  # in the order in which they come in one tick


class Staffing(NamedTuple):
    """Heads on the phones as a step function: at `time` (ticks) `group` has `heads`, `change` more than before; sorted by
    (time, group).
    """

    time: Ints
    group: Ints
    heads: Ints
    change: Ints


class Border(NamedTuple):
    """What happens to the doors, or to the day, at a tick."""

    time: int
    what: int


def phones_per_head(agents: Agents) -> float:
    """How many of one counted head are on the phones."""
    if agents.counts == "rostered":
        shrinkage = value(agents.shrinkage)
        return 1 - shrinkage if agents.convention == "divide" else 1 / (1 + shrinkage)
    if agents.counts == "staffed":
        return 1 - value(agents.aux)
    return 1.0


def paid_per_phone(agents: Agents) -> float:
    """How many heads are paid per head on the phones; 1 where nobody is on them anyway."""
    share = phones_per_head(agents)
    if agents.counts != "on phones":
        return 1 / share if share > 0 else 1.0
    shrinkage = value(agents.shrinkage)
    return 1 / (1 - shrinkage) if agents.convention == "divide" else 1 + shrinkage


def _window(change: Change, calendar: Calendar) -> tuple[int, int]:
    start = calendar.opens if change.from_ is None else max(change.from_, calendar.opens)
    stop = calendar.closes if change.to is None else min(change.to, calendar.closes)
    return ticks(start), ticks(stop)


def segments(agents: Agents, calendar: Calendar) -> list[tuple[int, int, float]]:
    """(from, to, heads as counted) over the day in ticks, cut at borders of parts and where changes begin or end."""
    length, opens = ticks(agents.every or calendar.interval), ticks(calendar.opens)
    borders = {*range(opens, ticks(calendar.closes) + 1, length)}
    windows = [(change, *_window(change, calendar)) for change in agents.changes]
    borders |= {edge for _, start, stop in windows for edge in (start, stop) if start < stop}
    edges = sorted(borders)
    pieces = []
    for start, stop in pairwise(edges):
        base = agents.per_interval
        heads = value(base[(start - opens) // length] if isinstance(base, tuple) else base)
        for change, first, last in windows:
            if first <= start and stop <= last:
                heads = heads * value(change.times) if change.times is not None else heads + value(change.plus or 0.0)
        pieces.append((start, stop, max(heads, 0.0)))
    return pieces


def group_steps(agents: Agents, calendar: Calendar) -> list[tuple[int, int]]:
    """(tick, heads on the phones) where the number changes, from opening on.

    Fractions are time: 13.6 heads are 14 for the first 60 % of the segment and 13 for the rest.
    """
    share = phones_per_head(agents)
    steps: list[tuple[int, int]] = []

    def add(tick: int, heads: int) -> None:
        if not steps or steps[-1][1] != heads:
            steps.append((tick, heads))

    for start, stop, counted in segments(agents, calendar):
        heads = counted * share
        whole = math.floor(heads + 1e-9)  # so that 0.72 x 50 is 36 and not 35.999...
        cut = start + round((heads - whole) * (stop - start)) if heads > whole else start
        if cut > start:
            add(start, whole + 1)
        if cut < stop:
            add(cut, whole)
    return steps


def day_steps(scenario: Scenario, group: Group, day: int) -> list[tuple[int, int]]:
    """(tick, heads on the phones) where a group's number changes on a day, from its opening on; empty where it is closed."""
    open_then = hours(scenario, day)
    if open_then is None:
        return []
    opens, closes = ticks(open_then[0]), ticks(open_then[1])
    steps = group_steps(agents_on(scenario, group, day), scenario.calendar)
    at_opening = [heads for tick, heads in steps if tick <= opens][-1]
    inside = [(tick, heads) for tick, heads in steps if opens < tick < closes]
    return [(tick + day * DAY, heads) for tick, heads in [(opens, at_opening), *inside]]


def staffing(scenario: Scenario) -> Staffing:
    """The steps of all groups together. Everybody has gone home before the doors open after they were closed."""
    openings = set(clock_of(scenario).openings.tolist())
    rows = []
    for g, group in enumerate(scenario.groups):
        before = 0
        for day in range(scenario.calendar.days):
            for tick, heads in day_steps(scenario, group, day):
                before = 0 if tick in openings else before
                if heads != before:
                    rows.append((tick, g, heads, heads - before))
                before = heads
    columns = np.array(sorted(rows), dtype=np.int64).reshape(len(rows), 4)
    return Staffing(*(columns[:, i].copy() for i in range(4)))


def borders(scenario: Scenario) -> tuple[Border, ...]:
    """When the doors open and close, and when a day is over whatever is still to do, in order."""
    stays = LONGEST_FINISH if scenario.calendar.after_closing == "finish" else 0
    spans = open_spans(scenario)
    found = []
    for (since, until), following in zip(spans, [*(begin for begin, _ in spans[1:]), None], strict=True):
        found += [Border(since, OPENS), Border(until, CLOSES)]
        found.append(Border(until + stays, ALL_ENDS) if following is None else Border(min(until + stays, following), DAY_ENDS))
    return tuple(sorted(found))


def overtime(scenario: Scenario) -> Ints:
    """Paid ticks of overtime: int64, shape (groups, days x intervals), from changes marked ``overtime = true``."""
    calendar = scenario.calendar
    out = np.zeros((len(scenario.groups), calendar.days, calendar.intervals), np.int64)
    for g, group in enumerate(scenario.groups):
        for day in range(calendar.days):
            out[g, day] = _overtime(agents_on(scenario, group, day), calendar) * within_hours(scenario, day)
    return out.reshape(len(scenario.groups), calendar.days * calendar.intervals)


def _overtime(agents: Agents, calendar: Calendar) -> Ints:
    length, opens, out = ticks(calendar.interval), ticks(calendar.opens), np.zeros(calendar.intervals, np.int64)
    paid = paid_per_phone(agents) if agents.counts == "on phones" else 1.0
    for change in agents.changes:
        if not change.overtime or change.plus is None:
            continue
        first, last = _window(change, calendar)
        for i in range(calendar.intervals):
            overlap = min(last, opens + (i + 1) * length) - max(first, opens + i * length)
            if overlap > 0:
                out[i] += round(max(value(change.plus), 0.0) * paid * overlap)
    return out
