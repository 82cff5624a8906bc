"""Staffing: heads per interval become the moments at which a group's number on the phones changes."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.scenario.calendar import Calendar
from sim.scenario.floor import Agents, Group
from sim.scenario.series import Change
from sim.scenario.units import ticks, value

Ints = npt.NDArray[np.int64]


class Staffing(NamedTuple):
    """Heads on the phones as a step function: at `time` (ticks) `group` has `heads`; sorted by (time, group)."""

    time: Ints
    group: Ints
    heads: Ints


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


def staffing(groups: tuple[Group, ...], calendar: Calendar) -> Staffing:
    """The steps of all groups together."""
    rows = sorted(
        (tick, g, heads) for g, group in enumerate(groups) for tick, heads in group_steps(group.agents, calendar)
    )
    columns = np.array(rows, dtype=np.int64).reshape(len(rows), 3)
    return Staffing(columns[:, 0].copy(), columns[:, 1].copy(), columns[:, 2].copy())


def overtime(groups: tuple[Group, ...], calendar: Calendar) -> Ints:
    """Paid ticks of overtime: int64, shape (groups, intervals), from changes marked ``overtime = true``."""
    length, opens = ticks(calendar.interval), ticks(calendar.opens)
    out = np.zeros((len(groups), calendar.intervals), np.int64)
    for g, group in enumerate(groups):
        paid = paid_per_phone(group.agents) if group.agents.counts == "on phones" else 1.0
        for change in group.agents.changes:
            if not change.overtime or change.plus is None:
                continue
            first, last = _window(change, calendar)
            for i in range(calendar.intervals):
                overlap = min(last, opens + (i + 1) * length) - max(first, opens + i * length)
                if overlap > 0:
                    out[g, i] += round(max(value(change.plus), 0.0) * paid * overlap)
    return out
