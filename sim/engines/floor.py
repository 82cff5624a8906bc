"""The reference engine's floor: who is on the phones, who is idle since when, and who is owed to leave."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from sim.calls import NONE, AgentLog, State

Ints = npt.NDArray[np.int64]
AWAY = -1


class Floor:
    """Numbered agents of all groups; those of group g are ``agent_at[g] .. agent_at[g + 1] - 1``.

    free : int64, shape (groups,), how many are idle: the summary that decisions see
    """

    def __init__(self, agent_at: Ints) -> None:
        self._at: list[int] = agent_at.tolist()
        groups, agents = len(self._at) - 1, self._at[-1]
        self.free: Ints = np.zeros(groups, np.int64)
        self.group = [g for g in range(groups) for _ in range(self._at[g], self._at[g + 1])]
        self._state = [AWAY] * agents
        self._since = [0] * agents
        self._call = [NONE] * agents
        # heaps of (idle since, agent); who is no longer idle since then is dropped when he comes up
        self._idle: list[list[tuple[int, int]]] = [[] for _ in range(groups)]
        # since when each owed head should have left, oldest first
        self._owed: list[list[int]] = [[] for _ in range(groups)]
        self._away = [list(range(self._at[g], self._at[g + 1])) for g in range(groups)]  # heaps
        self._stretches: list[list[tuple[int, int, int, int, int]]] = [[] for _ in range(agents)]

    # -- what an agent does ----------------------------------------------------------------------------------------

    def set(self, agent: int, state: State, call: int, now: int) -> None:
        """The agent begins something else."""
        self._close(agent, now)
        if self._state[agent] == State.IDLE:
            self.free[self.group[agent]] -= 1
        self._state[agent], self._since[agent], self._call[agent] = state, now, call

    def wait(self, agent: int, now: int) -> None:
        """The agent is idle from now on."""
        self.set(agent, State.IDLE, NONE, now)
        group = self.group[agent]
        self.free[group] += 1
        heapq.heappush(self._idle[group], (now, agent))

    def longest_idle(self, group: int) -> int:
        """The agent of the group who is idle longest; the lower number where equal. There must be one."""
        heap = self._idle[group]
        while True:
            since, agent = heapq.heappop(heap)
            if self._state[agent] == State.IDLE and self._since[agent] == since:
                return agent

    def _close(self, agent: int, now: int) -> None:
        if self._state[agent] != AWAY and now > self._since[agent]:
            self._stretches[agent].append((self._state[agent], self._since[agent], now, self._call[agent], 0))

    # -- coming and going ------------------------------------------------------------------------------------------

    def come(self, group: int, heads: int, now: int) -> Iterator[int]:
        """Heads more. Who is owed stays (the latest border is forgotten first); then the lowest numbers come."""
        owed = self._owed[group]
        staying = min(heads, len(owed))
        del owed[len(owed) - staying :]
        for _ in range(heads - staying):
            agent = heapq.heappop(self._away[group])
            self._since[agent] = now
            yield agent

    def go(self, group: int, heads: int, now: int) -> None:
        """Heads less: the highest idle numbers leave; the next to finish are owed."""
        idle = [a for a in range(self._at[group], self._at[group + 1]) if self._state[a] == State.IDLE]
        for agent in sorted(idle, reverse=True)[:heads]:
            self._leave(agent, now)
        self._owed[group] += [now] * max(heads - len(idle), 0)

    def leaves_owed(self, agent: int, now: int) -> bool:
        """Whether a head of the group was owed: then this agent leaves, and his time since the border is marked."""
        owed = self._owed[self.group[agent]]
        if not owed:
            return False
        border = owed.pop(0)
        self._leave(agent, now)
        self._mark_finishing(agent, border)
        return True

    def all_go(self, now: int) -> None:
        """Everybody idle leaves; everybody busy leaves when he has finished."""
        for agent, state in enumerate(self._state):
            if state == State.IDLE:
                self._leave(agent, now)
        for group in range(len(self._owed)):
            busy = sum(state != AWAY for state in self._state[self._at[group] : self._at[group + 1]])
            self._owed[group] += [now] * (busy - len(self._owed[group]))

    def _leave(self, agent: int, now: int) -> None:
        self.set(agent, State.IDLE, NONE, now)
        self._state[agent] = AWAY
        heapq.heappush(self._away[self.group[agent]], agent)

    def _mark_finishing(self, agent: int, border: int) -> None:
        rows, late = self._stretches[agent], []
        while rows and rows[-1][2] > border:
            state, since, until, call, _ = rows.pop()
            late.append((state, max(since, border), until, call, 1))
            if since < border:
                rows.append((state, since, border, call, 0))
        rows.extend(reversed(late))

    def log(self) -> AgentLog:
        """All stretches, sorted by (agent, since)."""
        rows = np.array(
            [(agent, self.group[agent], *stretch) for agent, own in enumerate(self._stretches) for stretch in own],
            np.int64,
        ).reshape(-1, 7)
        agent, group, state, since, until, call, finishing = (rows[:, i].copy() for i in range(7))
        return AgentLog(agent, group, state, since, until, call, finishing)
