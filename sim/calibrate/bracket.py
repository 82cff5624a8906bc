"""Bracket: two simple estimates of heads, one too low and one too high, between which those of `presence` are to lie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calibrate.pools import by_pool, names_agents
from sim.calls import NONE
from sim.files.history import History

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Bracket(NamedTuple):
    """Mean heads in each part of the day, over some days; float64, shape (parts,).

    busy : in service while somebody waited, on days on which nobody did in service at all: too low, for who is between two
        calls, or idle while nobody waits, is left out
    active : agents with a call in hand at some time in the part: too high; None where the log does not say who answered
    waited : the share of the time in which somebody waited, over the day
    """

    busy: Floats
    active: Floats | None
    waited: float


def brackets(
    history: History, *, own_agents: Iterable[str], opens: int, length: int, parts: int
) -> dict[str, Bracket]:
    """Of each pool (`sim.calibrate.pools`), over the days of the history; opens, length : ticks."""
    own, days = tuple(own_agents), history.days()
    edges = opens + length * np.arange(parts + 1, dtype=np.int64)
    sums: dict[str, Floats] = {}
    for day in days:
        for name, mine, around in by_pool(history.on(day), own):
            both, waited, busy = _serving(mine, around, edges)
            low = np.divide(both, waited, out=busy / length, where=waited > 0)
            total = sums.setdefault(name, np.zeros((3, parts)))
            total += low, _active(mine, edges), waited / length
    named = names_agents(history)
    return {
        name: Bracket(low / len(days), active / len(days) if named else None, float(waited.mean()) / len(days))
        for name, (low, active, waited) in sums.items()
    }


def _free(calls: History) -> Ints:
    """When the agent of each answered call is free: after the wrap-up where it is recorded, else after talk."""
    return np.maximum(calls.end, calls.release)


def _serving(mine: History, around: History, edges: Ints) -> Floats:
    """Ticks in each part, shape (3, parts): agents in service while somebody waited; somebody waited; agents in service."""
    queued = (around.queue_entry != NONE) & (around.wait > 0)
    steps: Sequence[tuple[Ints, int, int]] = (
        (mine.answer, 1, 0), (_free(mine), -1, 0),
        (around.queue_entry[queued], 0, 1), ((around.queue_entry + around.wait)[queued], 0, -1), (edges, 0, 0),
    )  # fmt: skip
    time = np.concatenate([at for at, _, _ in steps])
    order = np.argsort(time, kind="stable")
    up = np.array([np.repeat([step[which] for step in steps], [len(step[0]) for step in steps]) for which in (1, 2)])
    busy, waiting = np.cumsum(up[:, order], axis=1)[:, :-1]
    time = time[order]
    lasts, part = np.diff(time), np.searchsorted(edges, time[:-1], side="right") - 1
    inside = (part >= 0) & (part < len(edges) - 1)
    out = np.zeros((3, len(edges) - 1))
    for row, value in enumerate((busy * (waiting > 0), waiting > 0, busy)):
        np.add.at(out[row], part[inside], (value * lasts)[inside].astype(np.float64))
    return out


def _active(mine: History, edges: Ints) -> Floats:
    """Agents with a call in hand at some time in each part; calls without an agent's name are nobody's."""
    named = mine.where(mine.agent != NONE)
    codes, agent = np.unique(named.agent, return_inverse=True)
    parts = len(edges) - 1
    there = np.zeros((len(codes), parts + 1), np.int64)
    first = np.searchsorted(edges, named.answer, side="right") - 1
    last = np.searchsorted(edges, np.maximum(_free(named), named.answer + 1), side="left") - 1
    inside = (last >= 0) & (first < parts)
    np.add.at(there, (agent[inside], np.maximum(first, 0)[inside]), 1)
    np.add.at(there, (agent[inside], np.minimum(last, parts - 1)[inside] + 1), -1)
    return np.asarray((np.cumsum(there, axis=1)[:, :parts] > 0).sum(axis=0), np.float64)
