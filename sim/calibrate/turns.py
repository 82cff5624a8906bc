"""Turns: which calls an agent takes, seen from those that he answered and those that he passed over.

An agent who becomes free and takes a caller while another, whose turn was before, waits on, does not serve that one's type
(on that day), or hardly ever.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calls import NONE
from sim.files.history import History
from sim.scenario.scenario import Scenario
from sim.scenario.units import ticks, value

Ints = npt.NDArray[np.int64]
SELDOM = 0.1  # who takes fewer than one in ten of his turns does not serve the type: he helped out, or was asked for


class Turns(NamedTuple):
    """(agent, call type) -> calls answered, and how often a caller of the type was passed over."""

    answered: Counter[tuple[str, str]]
    passed: Counter[tuple[str, str]]

    def serves(self, agent: str, kind: str) -> bool | None:
        """Whether the agent serves the type; None where nothing shows it."""
        took, left = self.answered[agent, kind], self.passed[agent, kind]
        return took >= SELDOM * (took + left) if took + left else None


def turns(history: History, like: Scenario) -> Turns:
    """The turns of all days; whose turn is before another's is by priority and head start as in `like`."""
    found = Turns(Counter(), Counter())
    for day in history.days():
        _count(history.on(day), like, found)
    return found


def skills(agent: str, kinds: Iterable[str], today: Turns, always: Turns) -> tuple[str, ...]:
    """The types that an agent serves: as that day shows, and where it does not, as all days do."""
    found = []
    for kind in kinds:
        known = today.serves(agent, kind)
        if always.serves(agent, kind) if known is None else known:
            found.append(kind)
    return tuple(found)


def _count(calls: History, like: Scenario, out: Turns) -> None:
    answered = (calls.answer != NONE) & (calls.agent != NONE)
    for agent, kind in zip(calls.agent[answered].tolist(), calls.call_type[answered].tolist(), strict=True):
        out.answered[calls.agents[agent], calls.call_types[kind]] += 1
    calls = calls.where((calls.queue_entry != NONE) & (calls.wait > 0))
    priority, place = _places(calls, like)
    enter, leave = calls.queue_entry, calls.queue_entry + calls.wait
    for row in np.flatnonzero((calls.answer != NONE) & (calls.agent != NONE)).tolist():
        now = calls.answer[row]
        before = (priority < priority[row]) | ((priority == priority[row]) & (place < place[row]))
        for kind in np.unique(calls.call_type[before & (enter <= now) & (leave > now)]).tolist():
            out.passed[calls.agents[calls.agent[row]], calls.call_types[kind]] += 1


def _places(calls: History, like: Scenario) -> tuple[Ints, Ints]:
    """(priority, queue entry less the head start) of each call."""
    priority, place = np.zeros(len(calls), np.int64), calls.queue_entry.copy()
    families = [name for name, _ in calls.labels]
    for kind in like.call_types:
        if kind.name not in calls.call_types:
            continue
        mine = calls.call_type == calls.call_types.index(kind.name)
        first, start = np.full(len(calls), kind.priority), np.full(len(calls), ticks(value(kind.head_start)))
        for family, values in kind.by_label.items():
            if family not in families:
                continue
            at = families.index(family)
            for name, given in values.items():
                if name in calls.labels[at][1]:
                    his = calls.label[:, at] == calls.labels[at][1].index(name)
                    if given.priority is not None:
                        first[his] = given.priority
                    if given.head_start is not None:
                        start[his] = ticks(value(given.head_start))
        priority[mine], place[mine] = first[mine], place[mine] - start[mine]
    return priority, place
