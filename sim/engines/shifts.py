"""Shifts: agents of a roster who come, take breaks and go, in the reference engine."""

from __future__ import annotations

from sim.calls import NONE, State
from sim.chance.presence import BEYOND, DOES, PAID, TICK, WHEN_CLEARED, due_after, gone_since, stay_from
from sim.chance.tape import Tape
from sim.engines.events import Kind
from sim.engines.plan import Plan
from sim.engines.relay import Relay
from sim.engines.running import Happening
from sim.engines.staffing import BORDERS


class Shifts(Relay):
    """A day with agents of a roster; the step each of them takes is a row of `presence.steps`."""

    def __init__(self, plan: Plan, tape: Tape) -> None:
        super().__init__(plan, tape)
        self.steps = tape.presence.steps
        self.step = tape.presence.first[:-1].tolist()  # of each agent on the roster
        self.due = [0] * len(self.step)  # until when
        self._rested = [0] * len(self.step)
        self.cleared_at = 0

    def begin_shifts(self) -> None:
        """Nobody is there yet: each comes when his first step ends."""
        for person in range(len(self.step)):
            self.stays(person, due_after(self.steps, self.step[person], 0, 0))

    def stays(self, person: int, until: int) -> None:
        """He does what his step says until then, when something is to happen with him."""
        self.due[person] = until
        if until < BEYOND:
            kind = Kind.OFF if self.steps[self.step[person], DOES] == State.IDLE else Kind.ON
            agent = self.floor.first_person + person
            self.at(until, kind, self.number_of(agent), self.next_step, (agent, self.step[person]))

    def number_of(self, agent: int) -> int:
        """What settles ties of the agent's own events with those of groups and doors."""
        return len(self.plan.frame.groups) + BORDERS + agent

    def next_step(self, event: Happening) -> None:
        """His step is over: an idle agent leaves the phones, one who was away comes back; who is busy finishes first."""
        agent, step = event.who
        if self.step[agent - self.floor.first_person] == step:
            if self.floor.has_contacts(agent):
                self.floor.mark(agent, self.now)
            elif not self.floor.is_busy(agent):
                self.goes_on(agent)

    def goes_on(self, agent: int) -> None:
        """The agent, who has nothing in hand, does what is next on his plan."""
        person, pool, now = agent - self.floor.first_person, self.floor.seat[agent], self.now
        before = self.step[person]
        step, until = stay_from(self.steps, before + 1, now, int(self.cleared))
        was, does = int(self.steps[before, DOES]), int(self.steps[step, DOES])
        self.heads[pool] += (does == State.IDLE) - (was == State.IDLE)
        self.step[person] = step
        if does == State.IDLE:
            if was != State.IDLE:
                self._rested[person] = now
            self.stays(person, until)
            self.take_call(agent)
        else:
            self.floor.set(agent, does, NONE, now, int(self.steps[step, PAID]))
            if was == State.IDLE:
                self.floor.mark_finishing(agent, gone_since(self.steps, before, step, self.cleared_at))
            self.stays(person, until)

    def goes_off(self, agent: int) -> bool:
        """Whether the agent, who is free, leaves the phones: what he was to do next is due."""
        person = agent - self.floor.first_person
        if person < 0 or self.due[person] > self.now:
            return False
        self.goes_on(agent)
        return True

    def rested(self, agent: int) -> int:
        """The tick from which on he is on the phones without a break; of heads that are counted nobody asks."""
        person = agent - self.floor.first_person
        return 0 if person < 0 else self._rested[person]

    def all_may_go(self) -> None:
        """Who was to stay until the floor is cleared may go now, at the latest when he has finished."""
        self.cleared_at = self.now
        for person, step in enumerate(self.step):
            if self.steps[step + 1, TICK] == WHEN_CLEARED and self.due[person] == BEYOND:
                self.due[person] = self.now
                agent = self.floor.first_person + person
                if self.floor.has_contacts(agent):
                    self.floor.mark(agent, self.now)
                elif self.floor.is_idle(agent) or self.is_off(agent):
                    self.goes_on(agent)

    def is_off(self, agent: int) -> bool:
        """Whether the agent is off the phones because he did not answer."""
        raise NotImplementedError
