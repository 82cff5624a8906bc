"""Pools: agents of a group who can do the same, who the engines' agents are, and what they have in hand.

The first pools are the groups' anonymous heads, in their order; then come the agents of the roster. Where agents handle several
contacts at a time, what one has in hand says what he may take beside it: his *seat*. A call looks for agents by seats.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.chance.scaling import ONE
from sim.scenario.roster import individuals
from sim.scenario.scenario import Scenario
from sim.scenario.units import value

Ints = npt.NDArray[np.int64]

# Columns of `contacts`, by group: the most chats in hand, 0 where one contact is handled at a time; then by call type which kind
# of contact it is, CHAT or from 1 on those that leave room for more and more chats; behind them the slowdown (65536ths) by how
# many are in hand
CHATS, OF_TYPE = range(2)
CHAT = 0


@dataclass(frozen=True)
class Pool:
    """group : its code; levels : call type -> level of the skill; people : how many of the roster, -1 of anonymous heads."""

    group: int
    levels: dict[str, int]
    people: int = -1


def pools_of(scenario: Scenario) -> tuple[list[Pool], tuple[str, ...]]:
    """All pools, and the names of the agents on the roster, pool by pool."""
    found = [Pool(code, dict.fromkeys(group.ranks(), 1)) for code, group in enumerate(scenario.groups)]
    codes = {group.name: code for code, group in enumerate(scenario.groups)}
    people = individuals(scenario)
    for (group, skills), members in groupby(people, key=lambda one: (one.group, one.skills)):
        found.append(Pool(codes[group], dict(skills), len(list(members))))
    return found, tuple(one.name for one in people)


@dataclass(frozen=True)
class Seat:
    """Agents of a pool with so much in hand.

    pool : its number; chats, other : in hand, a number and a kind of contact (CHAT: none but chats); room : so many chats at most
    """

    pool: int
    chats: int = 0
    other: int = CHAT
    room: int = 1

    @property
    def in_hand(self) -> int:
        """How many contacts."""
        return self.chats + (self.other != CHAT)

    def takes(self, group: Any, kind: Any) -> bool:
        """Whether a contact of that call type is taken, too."""
        if group.concurrency is None:
            return True
        if kind.contact == "chat":
            return self.chats < self.room
        return self.other == CHAT and self.chats <= group.concurrency.beside.get(kind.name, 0)


def seats_of(scenario: Scenario, pools: list[Pool]) -> tuple[list[Seat], Ints]:
    """All seats, and int64 (pools,): where those of a pool begin beside the first, which is that of nothing in hand.

    The first seats are the pools themselves; see `seat_of`.
    """
    groups = scenario.groups
    seats = [Seat(number, room=_rooms(groups[pool.group])[CHAT]) for number, pool in enumerate(pools)]
    begins = []
    for number, pool in enumerate(pools):
        begins.append(len(seats))
        rooms = _rooms(groups[pool.group])
        if groups[pool.group].concurrency is not None:
            found = [Seat(number, chats, other, room) for other, room in enumerate(rooms) for chats in range(rooms[CHAT] + 1)]
            seats += found[1:]
    return seats, np.array(begins, np.int64)


def _rooms(group: Any) -> list[int]:
    """How many chats there may be, by what else is in hand."""
    given = group.concurrency
    return [1] if given is None else [given.chats, *sorted({0, *given.beside.values()})]


def contacts_of(scenario: Scenario) -> Ints:
    """What each group handles at a time, by the columns above."""
    groups, types = scenario.groups, scenario.call_types
    most = max((group.concurrency.most for group in groups if group.concurrency is not None), default=0)
    found = np.zeros((len(groups), OF_TYPE + len(types) + most), np.int64)
    for row, group in zip(found, groups, strict=True):
        given = group.concurrency
        if given is not None:
            limits = _rooms(group)[1:]
            row[CHATS] = given.chats
            for code, kind in enumerate(types):
                row[OF_TYPE + code] = CHAT if kind.contact == "chat" else 1 + limits.index(given.beside.get(kind.name, 0))
            slower = [round(value(factor) * ONE) for factor in given.slowdown] or [ONE] * given.most
            row[OF_TYPE + len(types) :] = [*slower, *slower[-1:] * (most - len(slower))]
    return found
