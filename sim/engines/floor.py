"""The reference engine's floor: who is on the phones, who is idle since when, and who is owed to leave."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import fields

import numpy as np
import numpy.typing as npt

from sim.calls import AWAY, NONE, AgentLog, State
from sim.engines.decisions import NOBODY_IDLE, idle_key

Ints = npt.NDArray[np.int64]
class Floor:
    """Numbered agents of all pools; those of pool p are ``agent_at[p] .. agent_at[p + 1] - 1``.

    idle : int64, shape (pools,), the key of who is first among the idle: the summary that decisions see
    pool, group : of each agent; those of a roster are the last of all, from `first_person` on
    """

    def __init__(self, agent_at: Ints, pool_group: Ints, people: int) -> None:
        self._at: list[int] = agent_at.tolist()
        self.first_person = self._at[-1] - people
        self._groups = int(pool_group.max(initial=-1)) + 1  # so many pools are of heads that are counted
        pools, agents = len(self._at) - 1, self._at[-1]
        self.idle: Ints = np.full(pools, NOBODY_IDLE, np.int64)
        self.pool = [p for p in range(pools) for _ in range(self._at[p], self._at[p + 1])]
        self.group: list[int] = pool_group[self.pool].tolist() if self.pool else []
        self._state = [AWAY] * agents
        self._since = [0] * agents
        self._call = [NONE] * agents
        # heaps of (key, agent); who is no longer idle with that key is dropped when he comes up
        self._heaps: list[list[tuple[int, int]]] = [[] for _ in range(pools)]
        self._key = [NONE] * agents
        # since when each owed head should have left, oldest first
        self._owed: list[list[int]] = [[] for _ in range(pools)]
        self._away = [list(range(self._at[p], self._at[p + 1])) for p in range(pools)]  # heaps
        self._paid = [1] * agents
        self._stretches: list[list[tuple[int, int, int, int, int, int]]] = [[] for _ in range(agents)]

    # -- what an agent does ----------------------------------------------------------------------------------------

    def set(self, agent: int, state: int, call: int, now: int, paid: int = 1) -> None:
        """The agent begins something else."""
        self._close(agent, now)
        was_idle = self._key[agent] != NONE
        self._state[agent], self._since[agent], self._call[agent], self._key[agent] = state, now, call, NONE
        self._paid[agent] = paid
        if was_idle:
            self._show(self.pool[agent])

    def wait(self, agent: int, now: int) -> None:
        """The agent is idle from now on."""
        self.set(agent, State.IDLE, NONE, now)
        self._key[agent] = idle_key(now, agent)
        heapq.heappush(self._heaps[self.pool[agent]], (self._key[agent], agent))
        self._show(self.pool[agent])

    def first_idle(self, pool: int) -> int:
        """The agent of the pool who is first among the idle. There must be one."""
        return self._heaps[pool][0][1]

    def free(self, pool: int) -> int:
        """How many agents of the pool are idle."""
        return sum(self._key[agent] != NONE for agent in range(self._at[pool], self._at[pool + 1]))

    def _show(self, pool: int) -> None:
        heap = self._heaps[pool]
        while heap and self._key[heap[0][1]] != heap[0][0]:
            heapq.heappop(heap)
        self.idle[pool] = heap[0][0] if heap else NOBODY_IDLE

    def _close(self, agent: int, now: int) -> None:
        if self._state[agent] != AWAY and now > self._since[agent]:
            stretch = self._state[agent], self._since[agent], now, self._call[agent], 0, self._paid[agent]
            self._stretches[agent].append(stretch)

    # -- coming and going ------------------------------------------------------------------------------------------

    def come(self, pool: int, heads: int, now: int) -> Iterator[int]:
        """Heads more. Who is owed stays (the latest border is forgotten first); then the lowest numbers come."""
        owed = self._owed[pool]
        staying = min(heads, len(owed))
        del owed[len(owed) - staying :]
        for _ in range(heads - staying):
            agent = heapq.heappop(self._away[pool])
            self._since[agent] = now
            yield agent

    def go(self, pool: int, heads: int, now: int) -> None:
        """Heads less: the highest idle numbers leave; the next to finish are owed."""
        idle = [a for a in range(self._at[pool], self._at[pool + 1]) if self._state[a] == State.IDLE]
        for agent in sorted(idle, reverse=True)[:heads]:
            self._leave(agent, now)
        self._owed[pool] += [now] * max(heads - len(idle), 0)

    def leaves_owed(self, agent: int, now: int) -> bool:
        """Whether a head of the pool was owed: then this agent leaves, and his time since the border is marked."""
        owed = self._owed[self.pool[agent]]
        if not owed:
            return False
        border = owed.pop(0)
        self._leave(agent, now)
        self.mark_finishing(agent, border)
        return True

    def all_go(self, now: int) -> None:
        """Of the heads that are counted all idle leave; all busy leave when they have finished."""
        for agent, state in enumerate(self._state[: self.first_person]):
            if state == State.IDLE:
                self._leave(agent, now)
        for pool, owed in enumerate(self._owed[: self._groups]):
            busy = sum(state != AWAY for state in self._state[self._at[pool] : self._at[pool + 1]])
            owed += [now] * (busy - len(owed))

    def _leave(self, agent: int, now: int) -> None:
        self.set(agent, AWAY, NONE, now)
        heapq.heappush(self._away[self.pool[agent]], agent)

    def is_idle(self, agent: int) -> bool:
        """Whether the agent waits for a call."""
        return self._state[agent] == State.IDLE

    def is_busy(self, agent: int) -> bool:
        """Whether the agent has a call in hand."""
        return self._state[agent] in (State.TALK, State.WRAP_UP)

    def mark_finishing(self, agent: int, border: int) -> None:
        """What the agent did since the border was finishing."""
        rows, late = self._stretches[agent], []
        while rows and rows[-1][2] > border:
            state, since, until, call, _, paid = rows.pop()
            late.append((state, max(since, border), until, call, 1, paid))
            if since < border:
                rows.append((state, since, border, call, 0, paid))
        rows.extend(reversed(late))

    def log(self) -> AgentLog:
        """All stretches, sorted by (agent, since)."""
        rows = np.array(
            [(agent, self.group[agent], *stretch) for agent, own in enumerate(self._stretches) for stretch in own],
            np.int64,
        ).reshape(-1, len(fields(AgentLog)))
        return AgentLog(*(rows[:, i].copy() for i in range(rows.shape[1])))
