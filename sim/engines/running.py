"""Running: the state of a day of the reference engine: its clock, its parts, and what ends a call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import simpy
from simpy.events import EventPriority

from sim.calls import NONE, SERVED, Came, Outcome
from sim.chance.draws import again_key, caller_values, needs_key, what_next
from sim.chance.handling import RECOGNIZED, SOLVED, agent_at, handled, unknown_of
from sim.chance.laws import with_talks
from sim.chance.scaling import ONE
from sim.chance.selling import offer_of
from sim.chance.tape import Tape
from sim.chance.tickets import NO_MORE, NO_TICKET, check_numbers, ticket_key, ticket_of
from sim.engines.decisions import AFTER, FAILED, HEAD_START, pick_pool, queue_key
from sim.engines.events import LAST_TICK, MOST_AGENTS, Kind, order, too_late
from sim.engines.floor import Floor
from sim.engines.own_rules import RuleFailedError
from sim.engines.plan import Plan
from sim.engines.pools import CHAT, OF_TYPE
from sim.engines.queues import Queues
from sim.engines.record import CallRows

FIRST = 2  # above SimPy's own priorities URGENT (0) and NORMAL (1)


class Happening(simpy.Event):
    """An event that has already succeeded and only waits for its time, like simpy.Timeout."""

    def __init__(self, env: simpy.Environment, what: Callable[[Happening], None], who: Any) -> None:
        self.env = env
        self.callbacks = [what]
        self._value = None
        self.who = who
        self._ok = True


class RunningDay:
    """What a day keeps. `event.who` is a row of `calls`, an agent number, (agent, row), (group, heads), (row, ticks until the
    next try, agent), what a transfer is like (see `Relay.hand_over`), or at whom it rings (see `Answering.rings`).
    """

    def __init__(self, plan: Plan, tape: Tape) -> None:
        self.plan = replace(plan, laws=with_talks(plan.laws, tape.talks))
        self.tape = tape
        self.calls = CallRows(plan, tape)
        self.queues = Queues((plan.laws.work[plan.class_type] <= 0).tolist())
        check_numbers(plan.laws.tickets, self.calls.stride)
        self.floor = Floor(plan, tape)
        self.env = simpy.Environment()
        self.fresh = len(tape)
        self.heads = [0] * (len(plan.agent_at) - 1)
        self.lines = 0
        self.in_ivr = 0
        self.closed, self.cleared, self.ended = True, True, False  # until the doors open; ended: for good
        self.opened = 0  # when the doors opened last
        self.handing = 0  # calls about to be handed over, and those that ring
        self.look_at: list[int] = plan.routes.look_at.tolist()
        self.scan_at: list[int] = plan.routes.scan_at.tolist()
        self.head_start: list[int] = plan.routes.order[:, HEAD_START].tolist()

    # -- the clock -------------------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        return int(self.env.now)

    def at(self, tick: int, kind: Kind, number: int, what: Callable[[Happening], None], who: Any) -> None:
        """Let `what` happen to `who` at `tick`; `number` settles ties within the kind."""
        if tick > LAST_TICK:
            raise too_late()
        event = Happening(self.env, what, who)
        self.env.schedule(event, priority=EventPriority(FIRST + order(kind, number)), delay=tick - self.env.now)

    # -- what others do, in the order of a day ----------------------------------------------------------------------

    def arrive(self, event: Happening) -> None:
        """The call in that row comes."""
        raise NotImplementedError

    def answer(self, row: int, agent: int) -> None:
        """The agent takes the call in that row."""
        raise NotImplementedError

    def abandon(self, event: Happening) -> None:
        """The patience of the caller in that row has ended."""
        raise NotImplementedError

    def end_talk(self, event: Happening) -> None:
        """The caller in that row is gone; wrap-up begins."""
        raise NotImplementedError

    def release(self, event: Happening) -> None:
        """That agent is done with the contact in that row."""
        raise NotImplementedError

    def looks_again(self, event: Happening) -> None:
        """That agent, if he still may, looks for a call."""
        raise NotImplementedError

    def talk_with(self, row: int, agent: int) -> None:
        """The agent and the caller in that row begin to talk."""
        raise NotImplementedError

    def take_call(self, agent: int) -> None:
        """That agent, who is free, looks for a call."""
        raise NotImplementedError

    def all_may_go(self) -> None:
        """Nobody of the roster has to stay because the floor is not cleared."""
        raise NotImplementedError

    def rested(self, agent: int) -> int:
        """The tick from which on that agent is on the phones without a break."""
        raise NotImplementedError

    # -- looking for somebody ------------------------------------------------------------------------------------------

    def agent_for(self, row: int) -> int:
        """The idle agent who takes the call in that row, or NOBODY, or which rule holds back those who are there."""
        routes, queue = self.plan.routes, self.calls.queue[row]
        first, last = self.look_at[queue], self.look_at[queue + 1]
        waited = self.now - self.calls.queue_entry[row]
        waiting = self.queues.length(queue) + (not self.calls.queued[row])
        pool = pick_pool(routes.look, first, last, self.floor.idle, routes.ruled, waited, waiting, routes.agent_rule)
        if pool == FAILED:
            raise RuleFailedError("agent_score")
        return self.floor.first_idle(pool) if pool >= 0 else int(pool)

    def overflows(self, event: Happening) -> None:
        """The call has waited so long that further groups take it, if it still waits."""
        row, calls = event.who, self.calls
        if not calls.queued[row]:
            return
        agent = self.agent_for(row)
        if agent >= 0:
            self.queues.leave(calls.queue[row], row)
            self.answer(row, agent)
            self.check_cleared()
        else:
            self.overflows_later(row)

    def overflows_later(self, row: int) -> None:
        """The next time at which further groups take the call that waits."""
        queue, entry = self.calls.queue[row], self.calls.queue_entry[row]
        look = self.plan.routes.look[self.look_at[queue] : self.look_at[queue + 1], AFTER]
        times = [entry + after for after in look.tolist() if entry + after > self.now]
        if times and min(times) <= LAST_TICK:
            self.at(min(times), Kind.OVERFLOW, self.calls.number[row], self.overflows, row)

    # -- waiting and being over -----------------------------------------------------------------------------------------

    def join(self, row: int) -> None:
        """The call stands in its queue, at the place of its queue entry."""
        calls, queue = self.calls, self.calls.queue[row]
        calls.queued[row] = True
        self.queues.join(queue, queue_key(calls.queue_entry[row], self.head_start[queue]), calls.number[row], row)
        if self.plan.routes.overflows:
            self.overflows_later(row)

    def hang_up(self, row: int, outcome: Outcome) -> None:
        """The caller is gone and the line, if the call still held one, is free."""
        self.lines -= self.calls.off_line[row] == NONE
        self.over(row, outcome)

    # -- agents and what they have in hand ---------------------------------------------------------------------------

    def takes(self, row: int, agent: int) -> None:
        """The agent has that contact in hand."""
        self.floor.begins(agent, self.calls.as_type[row], self.calls.number[row], self.now)

    def release_at(self, tick: int, row: int, agent: int) -> None:
        """At that tick the agent is done with the contact in that row. Who handles several comes after all others."""
        hands, number = self.floor.hands, agent
        if hands.several(agent):
            number = MOST_AGENTS + 2 * agent + (hands.kind_of(agent, self.calls.as_type[row]) != CHAT)
        self.at(tick, Kind.RELEASE, number, self.release, (agent, row))

    def over(self, row: int, outcome: Outcome) -> None:
        """The call has its outcome; what the caller does next is drawn."""
        calls = self.calls
        calls.outcome[row] = int(outcome)  # numba takes long to tell what an enum is
        calls.end[row] = max(self.now, calls.arrival[row])  # who comes after all days has his own time
        self.react(row)

    def root_of(self, row: int) -> int:
        """The row of the call that the leg in that row belongs to."""
        return row if self.calls.root[row] == NONE else self.calls.root[row]

    def offered(self, row: int) -> int:
        """Ticks of talk for what the agent offers who ends the call."""
        calls, laws, root = self.calls, self.plan.laws, self.root_of(row)
        if laws.selling.any == 0:
            return 0
        calls.offer[root], talk, calls.taken[root] = offer_of(
            laws.selling, laws.coming.laws, np.uint64(self.tape.seed), np.uint64(self.tape.replication), calls.key[row],
            calls.call_type[row], calls.group[row], np.array(calls.label[root], np.int64),
        )  # fmt: skip
        return int(talk)

    def compose(self, row: int) -> None:
        """Talk and wrap-up of a leg as they are with the agent who has answered it; the script may have solved the matter."""
        calls, laws, agent = self.calls, self.plan.laws, self.calls.agent[row]
        if laws.handling.any == 0:
            return
        who = self.row_of(agent)
        calls.talk[row], calls.wrap[row], calls.script[row] = handled(
            laws.handling, laws.coming.laws, np.uint64(self.tape.seed), np.uint64(self.tape.replication), calls.key[row],
            calls.call_type[row], who, self.now, self.rested(agent), self.slowdown(agent), calls.script[row], calls.talk[row],
            calls.wrap[row],
        )  # fmt: skip
        if calls.script[row] == SOLVED:
            calls.script[self.root_of(row)] = SOLVED

    def row_of(self, agent: int) -> int:
        """The agent's row in Handling.agents."""
        return int(agent_at(self.plan.laws.handling, agent, self.floor.group[agent], self.floor.first_person))

    def slowdown(self, agent: int) -> int:
        """The factor (65536ths) on a contact that begins with as many in hand as the agent has."""
        in_hand, contacts = self.floor.hands.count(agent), self.plan.contacts[self.floor.group[agent]]
        return int(contacts[OF_TYPE + len(self.plan.frame.call_types) + in_hand - 1]) if in_hand else ONE

    def unknown(self, row: int) -> float:
        """The share that who has answered does not know of what one has to know in such a call."""
        who = self.row_of(self.calls.agent[row])
        return float(unknown_of(self.plan.laws.handling, who, self.calls.call_type[row]))

    def react(self, row: int) -> None:
        """Whether the call settled the matter; if not, the caller may come back."""
        calls, laws = self.calls, self.plan.laws
        if laws.reactions.any_comes == 0:
            calls.solved[row] = int(calls.outcome[row] in SERVED)
            return
        seed, replication = np.uint64(self.tape.seed), np.uint64(self.tape.replication)
        key, attempt = calls.key[row], calls.attempt[row]
        solved, comes, delay, kind, came, saved, known = what_next(
            laws.coming, laws.reactions, laws.deflecting, seed, replication, key, calls.call_type[row], calls.arrival[row],
            calls.came[row], attempt, calls.outcome[row], calls.solver[row], calls.deflection[row],
            int(calls.script[row] == SOLVED),
        )  # fmt: skip
        calls.solved[row] = int(solved and not (comes and came == Came.FOLLOW_UP))
        if comes:
            later = np.uint64(again_key(key, calls.outcome[row], attempt + 1))  # numba hands a plain int back
            needs = np.uint64(needs_key(calls.outcome[row], calls.needs[row], later))
            self.another(row, (later, needs), delay, kind, came, saved)
            if known:
                calls.script[-1] = RECOGNIZED
        self.leave_ticket(row, solved)

    def leave_ticket(self, row: int, solved: int) -> None:
        """The work that the call leaves behind, if any; then the matter is settled when that is."""
        calls, laws = self.calls, self.plan.laws
        group, served = calls.solver[row], calls.outcome[row] in (Outcome.ANSWERED, Outcome.CALLED_BACK)
        if not laws.tickets.any or not served or group == NONE or calls.code(row) >= NO_MORE:
            return
        seed, replication = np.uint64(self.tape.seed), np.uint64(self.tape.replication)
        kind, delay = ticket_of(
            laws.tickets, laws.coming.laws, seed, replication, calls.key[row], calls.call_type[row], group, solved
        )
        if kind != NO_TICKET:
            calls.solved[row] = 0
            key = np.uint64(ticket_key(calls.key[row]))
            self.another(row, (key, key), delay, kind, Came.TICKET, 0)

    def another(self, row: int, keys: tuple[np.uint64, np.uint64], delay: int, kind: int, came: int, saved: int) -> None:
        """A call that follows from the one in that row; its own key and that of its need."""
        calls, laws = self.calls, self.plan.laws
        seed, replication = np.uint64(self.tape.seed), np.uint64(self.tape.replication)
        arrival = self.calls.end[row] + delay
        ivr, fate, via, balks, talk, wrap, patience = caller_values(
            laws.coming, seed, replication, *keys, kind, arrival, *calls.factors(row), calls.labels(row)
        )
        drawn = ivr, fate, via, balks, max(talk - saved, 0), wrap, patience
        successor = calls.add(row, keys, arrival, kind, came, drawn)
        # beyond, all days are long over
        self.at(min(arrival, LAST_TICK), Kind.ARRIVAL, calls.number[successor], self.arrive, successor)

    def check_cleared(self) -> None:
        """After closing the floor goes home as soon as nobody waits, is in the IVR, is about to be handed over, or is
        being rung.
        """
        if self.closed and not self.cleared and self.queues.waiting == self.in_ivr == self.handing == 0:
            self.go_home()

    def go_home(self) -> None:
        """Nobody is served any more until the doors open again."""
        self.cleared = True
        self.floor.all_go(self.now)
        self.all_may_go()
