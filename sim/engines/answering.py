"""Answering: agents of the reference engine at whom it rings, until they answer, or do not."""

from __future__ import annotations

import numpy as np

from sim.calls import NONE, Outcome, State
from sim.chance.presence import DOES, PHONES
from sim.chance.ringing import ANSWERS, AT_ONCE, LAW, ring_of
from sim.engines.events import LAST_TICK, Kind
from sim.engines.running import Happening
from sim.engines.shifts import Shifts


class Answering(Shifts):
    """A day in which agents may need time to pick up. Of a call that rings, `agent` is at whom."""

    def rings(self, row: int, agent: int) -> bool:
        """Whether the call that is given to the agent rings first; else he answers at once."""
        calls, laws = self.calls, self.plan.laws
        who = self.row_of(agent)
        if laws.handling.agents[who, LAW] == AT_ONCE or calls.root[row] != NONE or laws.work[calls.call_type[row]] > 0:
            return False
        lasts, away = ring_of(
            laws.handling.agents, laws.coming.laws, np.uint64(self.tape.seed), np.uint64(self.tape.replication), calls.key[row],
            who, calls.rang[row],
        )  # fmt: skip
        if lasts == 0:
            return False
        calls.agent[row] = agent
        self.handing += 1
        self.floor.set(agent, State.RING, calls.number[row], self.now)
        self.at(self.now + lasts, Kind.RING, calls.number[row], self.stops_ringing, (row, agent, int(away)))
        return True

    def stops_ringing(self, event: Happening) -> None:
        """The agent answers; or he does not, and the caller goes back to his old place; or the caller was sent away."""
        row, agent, away = event.who
        calls = self.calls
        if calls.outcome[row] != NONE:
            self.leaves_phones(agent, 0)
            return
        self.handing -= 1
        if away == ANSWERS:
            self.talk_with(row, agent)
        else:
            calls.agent[row] = NONE
            calls.rang[row] += 1
            self.leaves_phones(agent, away)
            self.asks_again(row)
        self.check_cleared()

    def asks_again(self, row: int) -> None:
        """Another agent takes the call, or it stands in its queue again, unless the caller has lost patience meanwhile."""
        if self.calls.patient_until[row] < self.now:
            self.hang_up(row, Outcome.ABANDONED)
            return
        agent = self.agent_for(row)
        if agent >= 0:
            self.answer(row, agent)
            return
        self.join(row)
        until = self.calls.patient_until[row]
        if until <= LAST_TICK:
            self.at(until, Kind.ABANDON, self.calls.number[row], self.abandon, row)

    def leaves_phones(self, agent: int, away: int) -> None:
        """The agent is off the phones so long, or until what is next on his plan is due."""
        person = agent - self.floor.first_person
        due, back, step = self.due[person], self.now + away, self.step[person]
        self.floor.set(agent, State.OFF_PHONES, NONE, self.now)
        if away > 0:
            self._rested[person] = back
        if due <= self.now:
            self.at(self.now, Kind.OFF, self.number_of(agent), self.next_step, (agent, step))
        elif back < due:
            self.at(back, Kind.ON, self.number_of(agent), self.is_back, (agent, step))

    def is_back(self, event: Happening) -> None:
        """The agent is on the phones again, unless what is next on his plan has begun."""
        agent, step = event.who
        if self.step[agent - self.floor.first_person] == step:
            self.take_call(agent)

    def is_off(self, agent: int) -> bool:
        """Whether the agent is off the phones because he did not answer: by his plan he is on them."""
        on_phones = self.steps[self.step[agent - self.floor.first_person], DOES] == PHONES
        return bool(on_phones and self.floor.does(agent) == State.OFF_PHONES)
