"""Presence: who was on the phones, inferred from who answered when, for logs without log-on data.

An agent who answers again without having left a caller waiting for long was there all the time. One who comes back
after callers waited longer than `AWAY_AFTER` was away in between: on a break, off shift or at other work. What is
shorter, while somebody waited, is the time he needs between two calls: it is measured as wrap-up.

Checked on 20 recorded days of a bank against the alternatives "active in the interval" (a third too many heads) and
"busy while somebody waited" (3 points too many abandoned): see docs/real-day.md.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calls import NONE
from sim.files.history import History
from sim.scenario.units import ticks

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

AWAY_AFTER = ticks(60.0)


class Stretch(NamedTuple):
    """An agent on the phones from one tick to another."""

    agent: int
    since: int
    until: int


class Presence(NamedTuple):
    """Stretches on the phones, and the ticks between two calls of agents who were there while somebody waited."""

    stretches: list[Stretch]
    between_calls: Ints


def waiting_time(day: History) -> Callable[[Ints], Ints]:
    """A function of ticks: for how long, up to then, somebody was waiting on that day."""
    queued = (day.queue_entry != NONE) & (day.wait > 0)
    enter, leave = day.queue_entry[queued], (day.queue_entry + day.wait)[queued]
    time = np.concatenate([enter, leave])
    step = np.concatenate([np.ones(len(enter), np.int64), -np.ones(len(leave), np.int64)])
    order = np.lexsort((-step, time))
    time, length = time[order], np.cumsum(step[order])
    waited = np.concatenate([[0], np.cumsum(np.diff(time) * (length[:-1] > 0))]).astype(np.int64)

    def until(moments: Ints) -> Ints:
        if not len(time):
            return np.zeros(len(moments), np.int64)
        at = np.searchsorted(time, moments, side="right") - 1
        there = np.maximum(at, 0)
        return np.where(at < 0, 0, waited[there] + (moments - time[there]) * (length[there] > 0))

    return until


def presence(day: History) -> Presence:
    """Who was on the phones on one day. An answered call without an agent's name is a stretch of its own."""
    answered = day.answer != NONE
    waited = waiting_time(day)
    stretches: list[Stretch] = []
    between: list[Ints] = []
    for agent in np.unique(day.agent[answered]).tolist():
        mine = answered & (day.agent == agent)
        order = np.argsort(day.answer[mine], kind="stable")
        begin, end = day.answer[mine][order], day.end[mine][order]
        if agent == NONE:
            stretches += [Stretch(NONE, int(a), int(b)) for a, b in zip(begin, end, strict=True)]
            continue
        free = np.maximum.accumulate(end)[:-1]
        gap, while_waiting = begin[1:] - free, waited(begin[1:]) - waited(free)
        away = while_waiting > AWAY_AFTER
        between.append(gap[~away & (gap >= 0) & (gap <= while_waiting + ticks(1.0))])
        cuts = [0, *(np.flatnonzero(away) + 1).tolist(), len(begin)]
        stretches += [Stretch(agent, int(begin[a]), int(end[a:b].max())) for a, b in pairwise(cuts)]
    return Presence(stretches, np.concatenate(between) if between else np.zeros(0, np.int64))


def heads(stretches: list[Stretch], opens: int, length: int, parts: int, *, after: int = 0) -> Floats:
    """Mean heads on the phones in each part of the day: float64, shape (parts,).

    opens, length : ticks; the parts follow each other from `opens`
    after : ticks that an agent stays after his last call (the wrap-up that the log does not show)
    """
    edges = opens + length * np.arange(parts + 1, dtype=np.int64)
    found = np.zeros(parts)
    for stretch in stretches:
        inside = np.clip(edges, stretch.since, stretch.until + after)
        found += np.diff(inside)
    return found / length


def busy_heads(day: History, opens: int, length: int, parts: int) -> Floats:
    """Heads for a log without agents' names: the most who were in service at once in each part of the day."""
    answered = day.answer != NONE
    begin, end = np.sort(day.answer[answered]), np.sort(day.end[answered])
    found = np.zeros(parts)
    for part in range(parts):
        first, last = opens + part * length, opens + (part + 1) * length
        moments = np.concatenate([[first], begin[(begin > first) & (begin < last)]])
        at_once = np.searchsorted(begin, moments, side="right") - np.searchsorted(end, moments, side="right")
        found[part] = float(at_once.max())
    return found
