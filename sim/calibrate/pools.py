"""Pools: which agents a log's calls were answered by, as groups with skills and heads per part of the day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calibrate.presence import busy_heads, heads, presence
from sim.calibrate.volumes import mean_calls
from sim.calls import NONE
from sim.files.history import History
from sim.scenario.units import ticks

Floats = npt.NDArray[np.float64]
GENERAL = "agents"


class Pool(NamedTuple):
    """A group of agents: its skills are call types, in one rank; heads per part, float64, shape (parts,).

    by_day : the same of each day, shape (days, parts); longer : what a second more after the last call adds to it; unseen : where
    no call of any of its types was recorded, so that nobody could be seen, bool, shape (days, parts) (None: nowhere)
    """

    name: str
    skills: tuple[str, ...]
    heads: Floats
    by_day: Floats
    longer: Floats
    unseen: npt.NDArray[np.bool_] | None = None

    def without(self, types: tuple[str, ...], gone: npt.NDArray[np.bool_]) -> Pool:
        """The pool with mean heads over where its calls were recorded; gone : where those of a type were not, bool, shape (days,
        types, parts).
        """
        mine = [types.index(kind) for kind in self.skills if kind in types]
        unseen: npt.NDArray[np.bool_] = np.asarray(gone[:, mine].all(axis=1), np.bool_)
        if not mine or not unseen.any():
            return self
        return self._replace(heads=mean_calls(self.by_day[:, None], unseen[:, None])[0], unseen=unseen)

    def in_sets(self, of_day: Floats, weights: npt.NDArray[np.int64]) -> Floats:
        """Means of what is known of each day, shape (days, parts), in each set of days: float64, shape (sets, parts)."""
        return mean_calls(of_day[:, None], None if self.unseen is None else self.unseen[:, None], weights)[:, 0]


def between_calls(history: History) -> list[Floats]:
    """Of each day the seconds that agents took from one call to the next while somebody waited."""
    return [presence(history.on(day)).between_calls / 1e6 for day in history.days()]


def names_agents(history: History) -> bool:
    """Whether the log says who answered, for most calls."""
    answered = history.answer != NONE
    return bool(answered.any()) and float((history.agent[answered] != NONE).mean()) > 0.5


def pools(
    history: History,
    *,
    types: tuple[str, ...],
    own_agents: Iterable[str],
    opens: int,
    length: int,
    parts: int,
    after: int,
) -> list[Pool]:
    """Groups with their mean heads over the history's days.

    A log that names groups keeps them. Else a type in `own_agents` has the agents most of whose calls of the day are
    of that type, and all others do everything else. opens, length, after : ticks (see `presence.heads`).
    """
    days = history.days()
    total: dict[str, Floats] = {}
    each: dict[str, Floats] = {}
    longer: dict[str, Floats] = {}
    served: dict[str, dict[int, int]] = {}
    for row, day in enumerate(days):
        calls = history.on(day)
        for name, mine, around in by_pool(calls, own_agents):
            of_days, more = (table.setdefault(name, np.zeros((len(days), parts))) for table in (each, longer))
            if names_agents(calls):
                there = presence(around).stretches
                found = heads(there, opens, length, parts, after=after)
                if after:
                    more[row] = heads(there, opens, length, parts, after=after + ticks(1.0)) - found
            else:
                found = busy_heads(mine, opens, length, parts)
            of_days[row] = found
            total[name] = total.get(name, np.zeros(parts)) + found
            for kind, count in zip(*np.unique(mine.call_type, return_counts=True), strict=True):
                known = served.setdefault(name, {})
                known[int(kind)] = known.get(int(kind), 0) + int(count)
    order = [name for name in dict.fromkeys((GENERAL, *history.groups, *own_agents)) if name in total]
    return [
        Pool(name, _skills(name, history, served, types, own_agents), total[name] / len(days), each[name], longer[name])
        for name in order
    ]


def by_pool(calls: History, own_agents: Iterable[str]) -> Iterator[tuple[str, History, History]]:
    """Of one day, pool by pool: its name, the calls that it answered, and these with all who waited for it in vain."""
    of_call = _pool_of_calls(calls, tuple(own_agents))
    answered = calls.answer != NONE
    for name in sorted(set(of_call[answered].tolist())):
        mine = (of_call == name) & answered
        waited_for_them = ~answered & np.isin(calls.call_type, np.unique(calls.call_type[mine]))
        yield name, calls.where(mine), calls.where(mine | waited_for_them)


def _pool_of_calls(calls: History, own_agents: tuple[str, ...]) -> npt.NDArray[np.str_]:
    """The name of the pool that answered, or would have, for each call."""
    if calls.groups and bool((calls.group != NONE).any()):
        names = np.array([*calls.groups, ""], dtype=object)
        return np.asarray(names[calls.group])
    found = np.full(len(calls), GENERAL, dtype=object)
    for kind in own_agents:
        code = calls.call_types.index(kind)
        for agent in np.unique(calls.agent[(calls.call_type == code) & (calls.agent != NONE)]):
            mine = (calls.agent == agent) & (calls.answer != NONE)
            if float((calls.call_type[mine] == code).mean()) > 0.5:
                found[calls.agent == agent] = kind
    return found


def _skills(
    name: str, history: History, served: dict[str, dict[int, int]], types: tuple[str, ...], own: Iterable[str]
) -> tuple[str, ...]:
    if name in history.groups:
        done = served[name]
        return tuple(history.call_types[kind] for kind in sorted(done, key=lambda kind: -done[kind]))
    return (name,) if name in own else tuple(kind for kind in types if kind not in own)
