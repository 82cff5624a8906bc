"""Hands: what the reference engine's agents have in hand who handle several contacts at a time."""

from __future__ import annotations

from collections.abc import Sequence

from sim.calls import NONE
from sim.engines.decisions import seat_of
from sim.engines.plan import Plan
from sim.engines.pools import CHAT, CHATS, OF_TYPE


class Hands:
    """By agent; of who handles one contact at a time there is nothing here.

    talks : of how many contacts the talk is not over; asks : of how many he asks a colleague; marked : the tick from which on he
    takes no more, for he is to go, or NONE
    """

    def __init__(self, plan: Plan, pool: Sequence[int], group: Sequence[int]) -> None:
        agents = len(pool)
        self._plan, self._pool, self._group = plan, list(pool), group
        self.chats, self.others, self.talks, self.asks = ([0] * agents for _ in range(4))
        self.marked = [NONE] * agents

    def several(self, agent: int) -> bool:
        """Whether the agent handles several contacts at a time."""
        return bool(self._plan.contacts[self._group[agent], CHATS])

    def count(self, agent: int) -> int:
        """How many contacts the agent has in hand."""
        return self.chats[agent] + (self.others[agent] != CHAT)

    def kind_of(self, agent: int, call_type: int) -> int:
        """Which kind of contact that call type is for the agent, as `sim.engines.pools` numbers them."""
        return int(self._plan.contacts[self._group[agent], OF_TYPE + call_type])

    def take(self, agent: int, call_type: int) -> None:
        """One contact more."""
        kind = self.kind_of(agent, call_type)
        if kind == CHAT:
            self.chats[agent] += 1
        else:
            self.others[agent] = kind
        self.talks[agent] += 1

    def put(self, agent: int, call_type: int) -> None:
        """One contact less."""
        if self.kind_of(agent, call_type) == CHAT:
            self.chats[agent] -= 1
        else:
            self.others[agent] = CHAT

    def seat(self, agent: int) -> int:
        """Where calls look for the agent."""
        pool, most = self._pool[agent], int(self._plan.contacts[self._group[agent], CHATS])
        return int(seat_of(pool, int(self._plan.seats_at[pool]), most, self.chats[agent], self.others[agent]))
