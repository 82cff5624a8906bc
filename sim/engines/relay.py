"""Relay: what the reference engine's agents do who do not end a call themselves: transfer it, ask a colleague, promise a call.

A further leg of a call is a row of its own, with the number of the call: it stands in a queue, is answered and talks like any
other. `root` is the row of the call, and what ends its last leg ends the call.
"""

from __future__ import annotations

import numpy as np

from sim.calls import NONE, Outcome, reason_of
from sim.chance.handing import CALLBACK, CONSULT, GIVE_UP, LOST, MISROUTED, TO, WARM, WAY
from sim.chance.handling import FRESH, SOLVED
from sim.chance.legs import (
    NO_TRANSFER,
    leg_delay,
    leg_key,
    leg_values,
    transfer_of,
    transfer_times,
)
from sim.engines.decisions import OF
from sim.engines.events import LAST_TICK, Kind
from sim.engines.promises import Promises
from sim.engines.running import Happening


class Relay(Promises):
    """A day in which calls may have several legs."""

    def talk(self, row: int) -> None:
        """The agent in `agent` has taken the leg in that row, and will end it or hand it over."""
        calls, asked_by = self.calls, self.calls.held[row]
        if asked_by != NONE:
            calls.held[row] = NONE
            self.has_asked(asked_by)
            meet = self.now + calls.together[row]
            if calls.how[row] == CONSULT:
                self.at(meet, Kind.TALK_END, calls.number[row], self.end_consult, row)
                self.at(meet + calls.rest[row], Kind.TALK_END, calls.number[row], self.end_talk, asked_by)
                return
            self.at(meet, Kind.TALK_END, calls.number[row], self.part, asked_by)
        wrong = self.is_misrouted(row)
        if not wrong:
            self.compose(row)
        calls.talk[row] += calls.together[row] if asked_by != NONE else 0
        how, to, before, together, rest = self.what_follows(row, wrong)
        if how == NO_TRANSFER:
            calls.talk[row] += self.offered(row)
            self.at(self.now + calls.talk[row], Kind.TALK_END, calls.number[row], self.end_talk, row)
        elif how == LOST:
            calls.solver[row] = NONE
            self.at(self.now + before, Kind.TALK_END, calls.number[row], self.end_talk, row)
        else:
            self.handing += 1
            if how == CONSULT:
                rest += self.offered(row)  # he ends the call, too
            if how not in (WARM, CONSULT):
                self.at(self.now + before, Kind.TALK_END, calls.number[row], self.part, row)
            leg = (row, how, to, together, rest)
            self.at(self.now + before, Kind.HANDOVER, calls.number[row], self.hand_over, leg)

    def is_misrouted(self, row: int) -> bool:
        """Whether who has answered does not serve the call, which stood in another type's queue."""
        calls = self.calls
        if self.plan.laws.handing.any == 0 or calls.as_type[row] == calls.call_type[row]:
            return False
        return not self.serves(calls.own_queue(row), calls.group[row])

    def what_follows(self, row: int, wrong: bool) -> tuple[int, int, int, int, int]:
        """(how the call goes on or NO_TRANSFER, to which call type, ticks of talk before, of both agents, left); `wrong` : it
        is misrouted.
        """
        calls, laws = self.calls, self.plan.laws
        if laws.handing.any == 0 or calls.script[row] == SOLVED:
            return NO_TRANSFER, NONE, 0, 0, 0
        seed, replication, key = np.uint64(self.tape.seed), np.uint64(self.tape.replication), calls.key[row]
        kind, group, root = calls.call_type[row], calls.group[row], self.root_of(row)
        if wrong:
            after = leg_delay(laws.coming.laws, laws.handing.misrouted, seed, replication, key)
            return MISROUTED, kind, after, 0, 0
        waited = self.now - calls.queue_entry[row]
        label = np.array(calls.label[root], np.int64)
        which = transfer_of(
            laws.handing, seed, replication, key, kind, group, waited, int(calls.attempt[root] > 0), calls.leg[row], label,
            self.unknown(row),
        )  # fmt: skip
        if which == NO_TRANSFER:
            return NO_TRANSFER, NONE, 0, 0, 0
        to, how, calls.patient_for[row] = (int(laws.handing.rows[kind, which, column]) for column in (TO, WAY, GIVE_UP))
        times = transfer_times(laws.handing, laws.coming.laws, seed, replication, key, kind, which, calls.talk[row])
        return how, to, *times

    def serves(self, queue: int, group: int) -> bool:
        """Whether the group serves that queue."""
        look = self.plan.routes.look[self.look_at[queue] : self.look_at[queue + 1], OF]
        return group in self.plan.seat_group[look]

    # -- from one agent to the next --------------------------------------------------------------------------------

    def part(self, event: Happening) -> None:
        """The agent's part in the leg is over; wrap-up begins."""
        self.wrap_up(event.who)

    def wrap_up(self, row: int) -> None:
        calls = self.calls
        calls.handed[row] = self.now
        if calls.root[row] != NONE:
            calls.outcome[row], calls.end[row] = Outcome.ANSWERED, self.now
        self.floor.parts(calls.agent[row], calls.number[row], self.now)
        calls.release[row] = self.now + calls.wrap[row]
        self.release_at(calls.release[row], row, calls.agent[row])

    def hand_over(self, event: Happening) -> None:
        """The caller of that row asks for the next agent; or his agent does, and stays with him until then."""
        row, how, to, together, rest = event.who
        self.handing -= 1
        calls, leg = self.calls, self.new_leg(row, how, to)
        calls.together[leg], calls.rest[leg] = together, rest
        if how in (WARM, CONSULT):
            calls.held[leg], calls.patient_for[leg] = row, calls.patient_for[row]
            self.floor.asks(calls.agent[row])
        if how == CALLBACK:
            calls.accepted[leg] = self.now
            if calls.off_line[self.root_of(leg)] == NONE:
                calls.off_line[self.root_of(leg)] = self.now
                self.lines -= 1
            seed, replication = np.uint64(self.tape.seed), np.uint64(self.tape.replication)
            law = self.plan.laws.offers.laws + to
            self.comes_up(leg, self.now + leg_delay(self.plan.laws.coming.laws, law, seed, replication, calls.key[leg]))
        elif self.cleared:
            self.drop_leg(leg)
        else:
            self.ask_next(leg)
        self.check_cleared()

    def new_leg(self, row: int, how: int, to: int) -> int:
        """The row of the call's next leg."""
        calls, root, coming = self.calls, self.root_of(row), self.plan.laws.coming
        key = np.uint64(leg_key(calls.key[root], calls.leg[row] + 1))
        seed, replication = np.uint64(self.tape.seed), np.uint64(self.tape.replication)
        talk, wrap, patience = leg_values(
            coming.laws, coming.patience, coming.talks, coming.clock, seed, replication, key, to, calls.labels(root), self.now,
            *calls.factors(root),
        )
        if how == MISROUTED:
            talk, wrap = calls.talk[root], calls.wrap[root]
        leg = calls.add_leg(row, root, key, to, how, self.now, (talk, wrap, patience))
        calls.script[leg] = calls.script[root] if how == MISROUTED else FRESH
        return leg

    def ask_next(self, leg: int) -> None:
        """The leg looks for an agent, and waits."""
        calls, agent = self.calls, self.agent_for(leg)
        calls.held_back[leg] = reason_of(agent)
        if agent >= 0:
            self.answer(leg, agent)
            return
        self.join(leg)
        if calls.held[leg] != NONE:
            self.at(self.now + calls.patient_for[leg], Kind.GIVE_UP, calls.number[leg], self.give_up, leg)
        else:
            self.lose_patience(leg)

    def lose_patience(self, row: int) -> None:
        """From now on the caller in the queue may give up."""
        tick = self.now + self.calls.patience[row]
        if tick <= LAST_TICK:  # else the day is over long before
            self.at(tick, Kind.ABANDON, self.calls.number[row], self.abandon, row)

    def give_up(self, event: Happening) -> None:
        """Nobody has answered the agent who asks: he leaves the caller in the queue, or goes on alone."""
        leg, calls = event.who, self.calls
        if calls.held[leg] == NONE or calls.outcome[leg] != NONE:
            return
        if calls.how[leg] == CONSULT:
            self.queues.leave(calls.queue[leg], leg)
            self.go_on_alone(leg)
            self.check_cleared()
        else:
            self.has_asked(calls.held[leg])
            self.wrap_up(calls.held[leg])
            calls.held[leg] = NONE
            self.lose_patience(leg)

    def go_on_alone(self, leg: int) -> None:
        """The agent who asked talks the rest without having been helped."""
        calls, row = self.calls, self.calls.held[leg]
        self.has_asked(row)
        calls.held[leg], calls.queued[leg] = NONE, False
        calls.outcome[leg], calls.end[leg] = Outcome.ABANDONED, self.now
        self.at(self.now + calls.rest[leg], Kind.TALK_END, calls.number[row], self.end_talk, row)

    def has_asked(self, row: int) -> None:
        """The agent of that leg asks no longer; who handles several contacts at a time looks for one more."""
        agent, hands = self.calls.agent[row], self.floor.hands
        if hands.several(agent):
            hands.asks[agent] -= 1
            if self.floor.may_look(agent):
                self.at(self.now, Kind.RELEASE, agent, self.looks_again, agent)

    def end_consult(self, event: Happening) -> None:
        """The colleague has helped, and is free; the other agent goes on."""
        leg, calls = event.who, self.calls
        calls.outcome[leg], calls.end[leg], calls.release[leg] = Outcome.ANSWERED, self.now, self.now
        self.floor.parts(calls.agent[leg], calls.number[leg], self.now)
        self.release_at(self.now, leg, calls.agent[leg])

    def drop_leg(self, leg: int) -> None:
        """Nobody will answer the leg any more: the day ends."""
        calls = self.calls
        if calls.held[leg] != NONE and calls.how[leg] == CONSULT:
            self.go_on_alone(leg)
            return
        if calls.held[leg] != NONE:
            self.has_asked(calls.held[leg])
            self.wrap_up(calls.held[leg])
            calls.held[leg] = NONE
        self.hang_up(leg, Outcome.STILL_THERE)

    def over(self, row: int, outcome: Outcome) -> None:
        """What ends the last leg of a call ends the call, which has been answered; who answered last may have solved it."""
        calls, root = self.calls, self.calls.root[row]
        if root == NONE:
            super().over(row, outcome)
            return
        calls.outcome[row], calls.end[row] = outcome, self.now
        calls.solver[root] = calls.solver[row]
        super().over(root, Outcome.ANSWERED)
