"""Promises: what the reference engine's callers are told who have to wait, and calling them back."""

from __future__ import annotations

import numpy as np

from sim.calls import NONE, Outcome
from sim.chance.calling import called_from, try_values
from sim.chance.draws import WAITS, told_to_wait
from sim.chance.offers import NO_PREDICTION
from sim.engines.decisions import AFTER, OF, WAITING, predicted_wait
from sim.engines.events import LAST_TICK, Kind
from sim.engines.pools import CHATS
from sim.engines.running import Happening, RunningDay
from sim.scenario.units import NEVER


class Promises(RunningDay):
    """A day in which callers may be told their wait and be called back."""

    def told_to_wait(self, row: int) -> tuple[int, int]:
        """What the caller does on being told the predicted wait; ticks until his callback comes up, or what he takes instead."""
        calls, laws, kind = self.calls, self.plan.laws, self.calls.call_type[row]
        offers = laws.offers
        if offers.by[kind] == NO_PREDICTION:
            return WAITS, 0
        calls.predicted[row] = self.predicted(row)
        return told_to_wait(
            laws.coming, offers, laws.deflecting, np.uint64(self.tape.seed), np.uint64(self.tape.replication), calls.key[row],
            calls.needs[row], kind, self.now, calls.predicted[row], self.queues.length(calls.queue[row]), calls.patience[row],
        )  # fmt: skip

    def predicted(self, row: int) -> int:
        """The wait that the caller is told."""
        plan, queues, queue, kind = self.plan, self.queues, self.calls.queue[row], self.calls.call_type[row]
        head, waited = queues.head(queue), 0
        if head != NONE:
            since = self.calls.queue_entry[head]
            kept_overnight = self.calls.accepted[head] != NONE and since < self.opened
            waited = self.now - (self.opened if kept_overnight else since)
        look = plan.routes.look[self.look_at[queue] : self.look_at[queue + 1]]
        pools = [row[OF] for row in look if row[AFTER] == row[WAITING] == 0 and plan.seat_pool[row[OF]] == row[OF]]
        chat = plan.laws.work[kind] < 0
        heads = sum(self.heads[pool] * (max(plan.contacts[plan.seat_group[pool], CHATS], 1) if chat else 1) for pool in pools)
        by, handle = int(plan.laws.offers.by[kind]), int(plan.laws.offers.handle[kind])
        return int(predicted_wait(by, queues.last_wait[queue], waited, queues.length(queue), handle, heads))

    # -- callbacks -------------------------------------------------------------------------------------------------

    def accept_callback(self, row: int, after: int) -> None:
        """The caller hangs up with a promise: his place in the queue, or a time."""
        self.calls.accepted[row] = self.calls.off_line[row] = self.now
        self.lines -= 1
        if after == 0:
            self.join(row)
        else:
            self.comes_up(row, self.now + after)

    def comes_up(self, row: int, tick: int) -> None:
        self.at(min(tick, LAST_TICK), Kind.TIMER, self.calls.number[row], self.call_back, row)

    def call_back(self, event: Happening) -> None:
        """A callback comes up: an agent takes it, or it waits; after closing nobody calls back until the doors open again."""
        row = event.who
        if self.called_later(row):
            return
        agent = self.agent_for(row)
        if agent >= 0:
            self.answer(row, agent)
        else:
            self.join(row)

    def called_later(self, row: int) -> bool:
        """Whether nobody may be called now: then it is tried when somebody may, or not any more."""
        when = called_from(self.plan.laws.calling, self.calls.call_type[row], self.now)
        if when == NEVER:
            self.over(row, self.left_over(row))
        elif when > self.now:
            self.comes_up(row, when)
        return bool(when > self.now)

    def left_over(self, row: int) -> Outcome:
        """What becomes of who is not tried any more, or of what nobody does: a contact stays on its list, work stays there."""
        quiet = self.plan.laws.work[self.calls.call_type[row]] > 0
        return Outcome.STILL_THERE if quiet else Outcome.CALLBACK_MISSED

    def dial(self, row: int, agent: int) -> None:
        """The agent dials: the caller is reached, and they talk, or is not, and the agent is free again."""
        calls, seed, replication = self.calls, np.uint64(self.tape.seed), np.uint64(self.tape.replication)
        if self.plan.laws.calling.lists[calls.call_type[row]] and self.called_later(row):
            self.takes(row, agent)
            self.floor.parts(agent, calls.number[row], self.now)
            self.release_at(self.now, row, agent)
            return
        laws = self.plan.laws
        reached, dial, again = try_values(
            laws.calling, laws.coming.laws, seed, replication, calls.key[row], calls.call_type[row], self.now, calls.tries[row]
        )
        calls.tries[row] += 1
        self.takes(row, agent)
        if reached:
            calls.answer[row], calls.agent[row] = self.now, agent
            calls.group[row] = calls.solver[row] = self.floor.group[agent]
            self.compose(row)
            dial += self.offered(row)
            self.at(self.now + dial + calls.talk[row], Kind.TALK_END, calls.number[row], self.end_talk, row)
        else:
            self.at(self.now + dial, Kind.TALK_END, calls.number[row], self.not_reached, (row, again, agent))

    def not_reached(self, event: Happening) -> None:
        """Tried in vain: once more later, or never."""
        row, again, agent = event.who
        self.floor.parts(agent, self.calls.number[row], self.now)
        self.release_at(self.now, row, agent)
        if again < 0:
            self.over(row, Outcome.CALLBACK_MISSED)
        else:
            self.comes_up(row, self.now + again)
