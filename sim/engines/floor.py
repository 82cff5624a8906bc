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
from sim.engines.hands import Hands
from sim.engines.plan import Plan

Ints = npt.NDArray[np.int64]


class Floor:
    """Numbered agents of all pools; those of pool p are ``agent_at[p] .. agent_at[p + 1] - 1``.

    idle : int64, shape (seats + 2 x groups,), the key of who is first in each seat, how many of each group are idle, and whether
        it does work beside calls: the summary that decisions see
    seat, group : of each agent; those of a roster are the last of all, from `first_person` on. The seat of who handles one
        contact at a time is his pool; who *stands* in it is there for a call: he is idle, or has room for one more
    """

    def __init__(self, plan: Plan, tape: Tape) -> None:
        self._at: list[int] = plan.agent_at.tolist()
        self.first_person = self._at[-1] - plan.people
        pools, agents, groups = len(self._at) - 1, self._at[-1], len(plan.frame.groups)
        self._groups = groups  # so many pools are of heads that are counted
        self._free_at, self._mode_at = len(plan.seat_group), len(plan.seat_group) + groups
        self.idle: Ints = np.zeros(self._mode_at + groups, np.int64)
        self.idle[: self._free_at] = NOBODY_IDLE
        self._idle_by, self._blend, self._began = plan.idle_by, plan.blend.tolist(), False
        self._places = place_keys(plan.places, tape.seed, tape.replication)
        self._handled, self._busy_since = [0] * agents, [0] * agents
        self.seat = [p for p in range(pools) for _ in range(self._at[p], self._at[p + 1])]
        self.group: list[int] = plan.seat_group[self.seat].tolist() if self.seat else []
        self.hands = Hands(plan, self.seat, self.group)
        self._state = [AWAY] * agents
        self._since = [0] * agents
        self._call = [NONE] * agents
        # heaps of (key, agent); who is no longer idle with that key is dropped when he comes up
        self._heaps: list[list[tuple[int, int]]] = [[] for _ in range(self._free_at)]
        self._key = [NONE] * agents
        # since when each owed head should have left, oldest first
        self._owed: list[list[int]] = [[] for _ in range(pools)]
        self._away = [list(range(self._at[p], self._at[p + 1])) for p in range(pools)]  # heaps
        self._paid, self._reason = [1] * agents, [0] * agents
        self._stretches: list[list[tuple[int, ...]]] = [[] for _ in range(agents)]

    # -- what an agent does ----------------------------------------------------------------------------------------

    def set(self, agent: int, state: int, call: int, now: int, paid: int = 1) -> None:
        """The agent begins something else."""
        was_idle = self.is_idle(agent)
        self._turn(agent, state, now)
        self._call[agent], self._paid[agent], self._reason[agent] = call, paid, 0
        if state == State.TALK:
            self._busy_since[agent] = now
        self._stop_standing(agent)
        if was_idle:
            self._more_idle(agent, -1)
        if self.hands.count(agent) == 0:
            self.hands.marked[agent] = NONE

    def wait(self, agent: int, now: int, reason: int = 0) -> None:
        """The agent is idle from now on; by `reason` there is no call for him though some wait."""
        self.set(agent, State.IDLE, NONE, now)
        self._reason[agent] = reason
        self.stand(agent, now)
        self._more_idle(agent, 1)

    def stand(self, agent: int, now: int) -> None:
        """The agent stands in his seat from now on, if he does not yet."""
        if not self.stands(agent):
            place = self._places[agent] if len(self._places) else np.uint64(0)
            handled = self._handled[agent] - (now if self.has_contacts(agent) else 0)  # from now on it grows as time does
            self._key[agent] = idle_key(self._idle_by, now, handled, place, agent)
            heapq.heappush(self._heaps[self.seat[agent]], (self._key[agent], agent))
            self._show(self.seat[agent])

    def stands(self, agent: int) -> bool:
        """Whether the agent is there for a call: idle, or with room for one more."""
        return self._key[agent] != NONE

    def _stop_standing(self, agent: int) -> None:
        if self.stands(agent):
            self._key[agent] = NONE
            self._show(self.seat[agent])

    def _turn(self, agent: int, state: int, now: int) -> None:
        """Another stretch begins."""
        self._close(agent, now)
        self._state[agent], self._since[agent] = state, now

    def begins(self, agent: int, call_type: int, number: int, now: int) -> None:
        """The agent has one contact more in hand, of that type."""
        if not self.hands.several(agent):
            self.set(agent, State.TALK, number, now)
            return
        self.set(agent, State.TALK, NONE, now)
        self.hands.take(agent, call_type)
        self.seat[agent] = self.hands.seat(agent)

    def parts(self, agent: int, number: int, now: int) -> None:
        """The agent and a caller part; wrap-up begins, where he talks with nobody else."""
        if not self.hands.several(agent):
            self.set(agent, State.WRAP_UP, number, now)
            return
        self.hands.talks[agent] -= 1
        if self.hands.talks[agent] == 0:
            self._turn(agent, State.WRAP_UP, now)

    def lets_go(self, agent: int, call_type: int, now: int) -> None:
        """The agent is done with a contact of that type."""
        if not self.hands.several(agent):
            self._handled[agent] += now - self._busy_since[agent]
            return
        self._turn(agent, self._state[agent], now)
        self._stop_standing(agent)
        self.hands.put(agent, call_type)
        self.seat[agent] = self.hands.seat(agent)
        if self.hands.count(agent) == 0:
            self._state[agent] = AWAY  # until it is said what he does

    def asks(self, agent: int) -> None:
        """The agent asks a colleague, and takes nothing until one has answered, or he has given up."""
        if self.hands.several(agent):
            self.hands.asks[agent] += 1
            self._stop_standing(agent)

    def has_contacts(self, agent: int) -> bool:
        """Whether the agent, of those who handle several contacts at a time, has one in hand."""
        return self.hands.count(agent) > 0

    def mark(self, agent: int, now: int) -> None:
        """The agent is to go when the last of his contacts is over, and takes no more."""
        self._turn(agent, self._state[agent], now)
        self._stop_standing(agent)
        self.hands.marked[agent] = now

    def is_marked(self, agent: int) -> bool:
        """Whether the agent is to go when the last of his contacts is over."""
        return self.hands.marked[agent] != NONE

    def idle_of(self, agent: int) -> int:
        """How many of the agent's group are idle."""
        return int(self.idle[self._free_at + self.group[agent]])

    def idle_in_group(self, agent: int) -> list[int]:
        """Who stands of the agent's group."""
        return [a for a, group in enumerate(self.group) if group == self.group[agent] and self.stands(a)]

    def may_look(self, agent: int) -> bool:
        """Whether the agent is there for a call: idle, or with contacts in hand that may leave room for one more."""
        return self.is_idle(agent) or (self.has_contacts(agent) and not self.is_marked(agent) and not self.hands.asks[agent])

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

    def first_idle(self, seat: int) -> int:
        """The agent who is first in that seat. There must be one."""
        return self._heaps[seat][0][1]

    def free(self, seat: int) -> int:
        """How many agents stand in that seat."""
        return sum(key != NONE and at == seat for key, at in zip(self._key, self.seat, strict=True))

    def _show(self, seat: int) -> None:
        heap = self._heaps[seat]
        while heap and (self._key[heap[0][1]] != heap[0][0] or self.seat[heap[0][1]] != seat):
            heapq.heappop(heap)
        self.idle[seat] = heap[0][0] if heap else NOBODY_IDLE

    def _close(self, agent: int, now: int) -> None:
        state, since, contacts = self._state[agent], self._since[agent], self.hands.count(agent)
        if state == AWAY or now <= since:
            return
        if contacts:
            self._handled[agent] += now - since
        contacts = contacts or int(state in (State.TALK, State.WRAP_UP))
        what = state, since, now, self._call[agent], 0, self._paid[agent], self._reason[agent], contacts
        self._stretches[agent].append(what)

    # -- coming and going ------------------------------------------------------------------------------------------

    def stays(self, pool: int, heads: int, now: int) -> tuple[int, list[int]]:
        """Heads more. Who is owed, or marked, stays, the latest border first forgotten; how many are left to come, and who of
        those that were marked may look for a call.
        """
        owed, marked = self._owed[pool], self.hands.marked
        staying = min(heads, len(owed))
        del owed[len(owed) - staying :]
        looking = sorted((a for a in self._members(pool) if self.is_marked(a)), key=lambda a: (-marked[a], a))[: heads - staying]
        for agent in looking:
            self._turn(agent, self._state[agent], now)
            marked[agent] = NONE
        return heads - staying - len(looking), looking

    def come(self, pool: int, heads: int, now: int) -> Iterator[int]:
        """The lowest numbers that are away come."""
        for _ in range(heads):
            agent = heapq.heappop(self._away[pool])
            self._since[agent] = now
            yield agent

    def go(self, pool: int, heads: int, now: int) -> None:
        """Heads less: the highest idle numbers leave; the next to finish are owed. Of who handles several contacts at a time
        those are marked who have least in hand, the highest numbers first.
        """
        idle = [a for a in self._members(pool) if self._state[a] == State.IDLE]
        for agent in sorted(idle, reverse=True)[:heads]:
            self._leave(agent, now)
        left = max(heads - len(idle), 0)
        busy = [a for a in self._members(pool) if self.has_contacts(a) and not self.is_marked(a)]
        for agent in sorted(busy, key=lambda a: (self.hands.count(a), -a))[:left]:
            self.mark(agent, now)
            left -= 1
        self._owed[pool] += [now] * left

    def _members(self, pool: int) -> range:
        return range(self._at[pool], self._at[pool + 1])

    def leaves_owed(self, agent: int, now: int) -> bool:
        """Whether a head of the pool was owed, or he marked: then this agent leaves, and his time since then was finishing."""
        owed, marked = self._owed[self.seat[agent]], self.hands.marked[agent]
        if not owed and marked == NONE:
            return False
        border = owed.pop(0) if marked == NONE else marked
        self._leave(agent, now)
        self.mark_finishing(agent, border)
        return True

    def all_go(self, now: int) -> None:
        """Of the heads that are counted all idle leave; all busy leave when they have finished."""
        for agent, state in enumerate(self._state[: self.first_person]):
            if state == State.IDLE:
                self._leave(agent, now)
            elif self.has_contacts(agent) and not self.is_marked(agent):
                self.mark(agent, now)
        for pool, owed in enumerate(self._owed[: self._groups]):
            busy = sum(self._state[agent] != AWAY and not self.has_contacts(agent) for agent in self._members(pool))
            owed += [now] * (busy - len(owed))

    def _leave(self, agent: int, now: int) -> None:
        self.set(agent, AWAY, NONE, now)
        heapq.heappush(self._away[self.seat[agent]], agent)

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
            state, since, until, call, _, *rest = rows.pop()
            if state == State.RING:
                late.append((state, since, until, call, 0, *rest))
                continue
            late.append((state, max(since, border), until, call, 1, *rest))
            if since < border:
                rows.append((state, since, border, call, 0, *rest))
        rows.extend(reversed(late))

    def log(self) -> AgentLog:
        """All stretches, sorted by (agent, since)."""
        rows = np.array(
            [(agent, self.group[agent], *stretch) for agent, own in enumerate(self._stretches) for stretch in own],
            np.int64,
        ).reshape(-1, len(fields(AgentLog)))
        return AgentLog(*(rows[:, i].copy() for i in range(rows.shape[1])))
