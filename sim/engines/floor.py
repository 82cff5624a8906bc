"""The reference engine's floor: who is on the phones, who is idle since when, and who is owed to leave."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import fields

import numpy as np
import numpy.typing as npt

from sim.calls import AWAY, NONE, AgentLog, State
from sim.chance.places import place_keys
from sim.chance.tape import Tape
from sim.engines.decisions import NOBODY_IDLE, blended, idle_key
from sim.engines.plan import Plan

Ints = npt.NDArray[np.int64]


class Floor:
    """Numbered agents of all pools; those of pool p are ``agent_at[p] .. agent_at[p + 1] - 1``.

    idle : int64, shape (pools + 2 x groups,), the key of who is first among the idle of each pool, how many of each group are
        idle, and whether it does work beside calls: the summary that decisions see
    pool, group : of each agent; those of a roster are the last of all, from `first_person` on
    """

    def __init__(self, plan: Plan, tape: Tape) -> None:
        self._at: list[int] = plan.agent_at.tolist()
        self.first_person = self._at[-1] - plan.people
        pools, agents, groups = len(self._at) - 1, self._at[-1], len(plan.frame.groups)
        self._groups = groups  # so many pools are of heads that are counted
        self._free_at, self._mode_at = pools, pools + groups
        self.idle: Ints = np.zeros(pools + 2 * groups, np.int64)
        self.idle[:pools] = NOBODY_IDLE
        self._idle_by, self._blend, self._began = plan.idle_by, plan.blend.tolist(), False
        self._places = place_keys(plan.places, tape.seed, tape.replication)
        self._handled, self._busy_since = [0] * agents, [0] * agents
        self.pool = [p for p in range(pools) for _ in range(self._at[p], self._at[p + 1])]
        self.group: list[int] = plan.pool_group[self.pool].tolist() if self.pool else []
        self._state = [AWAY] * agents
        self._since = [0] * agents
        self._call = [NONE] * agents
        # heaps of (key, agent); who is no longer idle with that key is dropped when he comes up
        self._heaps: list[list[tuple[int, int]]] = [[] for _ in range(pools)]
        self._key = [NONE] * agents
        # since when each owed head should have left, oldest first
        self._owed: list[list[int]] = [[] for _ in range(pools)]
        self._away = [list(range(self._at[p], self._at[p + 1])) for p in range(pools)]  # heaps
        self._paid, self._reason = [1] * agents, [0] * agents
        self._stretches: list[list[tuple[int, ...]]] = [[] for _ in range(agents)]

    # -- what an agent does ----------------------------------------------------------------------------------------

    def set(self, agent: int, state: int, call: int, now: int, paid: int = 1) -> None:
        """The agent begins something else."""
        self._close(agent, now)
        was_idle = self._key[agent] != NONE
        self._state[agent], self._since[agent], self._call[agent], self._key[agent] = state, now, call, NONE
        self._paid[agent], self._reason[agent] = paid, 0
        if state == State.TALK:
            self._busy_since[agent] = now
        if was_idle:
            self._show(self.pool[agent])
            self._more_idle(agent, -1)

    def wait(self, agent: int, now: int, reason: int = 0) -> None:
        """The agent is idle from now on; by `reason` there is no call for him though some wait."""
        self.set(agent, State.IDLE, NONE, now)
        self._reason[agent] = reason
        place = self._places[agent] if len(self._places) else np.uint64(0)
        self._key[agent] = idle_key(self._idle_by, now, self._handled[agent], place, agent)
        heapq.heappush(self._heaps[self.pool[agent]], (self._key[agent], agent))
        self._show(self.pool[agent])
        self._more_idle(agent, 1)

    def has_handled(self, agent: int, now: int) -> None:
        """The agent is done with what he had in hand."""
        self._handled[agent] += now - self._busy_since[agent]

    def idle_of(self, agent: int) -> int:
        """How many of the agent's group are idle."""
        return int(self.idle[self._free_at + self.group[agent]])

    def idle_in_group(self, agent: int) -> list[int]:
        """Who is idle of the agent's group."""
        return [a for a, group in enumerate(self.group) if group == self.group[agent] and self._key[a] != NONE]

    def begins_blend(self) -> bool:
        """Whether the group of who became idle last begins to do work beside calls with that."""
        return self._began

    def _more_idle(self, agent: int, more: int) -> None:
        group = self.group[agent]
        free, mode = self._free_at + group, self._mode_at + group
        self.idle[free] += more
        if self._blend:
            before = int(self.idle[mode])
            self.idle[mode] = blended(before, int(self.idle[free]), *self._blend[group])
            self._began = bool(self.idle[mode] > before)

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
            what = self._state[agent], self._since[agent], now, self._call[agent], 0, self._paid[agent], self._reason[agent]
            self._stretches[agent].append(what)

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
        """Whether the agent has a call in hand, or one rings at him."""
        return self._state[agent] in (State.TALK, State.WRAP_UP, State.RING)

    def does(self, agent: int) -> int:
        """The agent's State, or AWAY."""
        return self._state[agent]

    def mark_finishing(self, agent: int, border: int) -> None:
        """What the agent did since the border was finishing, but not what rang at him."""
        rows, late = self._stretches[agent], []
        while rows and rows[-1][2] > border:
            state, since, until, call, _, paid, reason = rows.pop()
            if state == State.RING:
                late.append((state, since, until, call, 0, paid, reason))
                continue
            late.append((state, max(since, border), until, call, 1, paid, reason))
            if since < border:
                rows.append((state, since, border, call, 0, paid, reason))
        rows.extend(reversed(late))

    def log(self) -> AgentLog:
        """All stretches, sorted by (agent, since)."""
        rows = np.array(
            [(agent, self.group[agent], *stretch) for agent, own in enumerate(self._stretches) for stretch in own],
            np.int64,
        ).reshape(-1, len(fields(AgentLog)))
        return AgentLog(*(rows[:, i].copy() for i in range(rows.shape[1])))
