"""The reference engine: one day on SimPy, written to be read.

SimPy keeps the clock and the list of what happens next; the model keeps its own queues and agents, and changes them at
the moment a decision is taken. Each kind of event of `sim.engines.events` is one method of `ReferenceDay`; what a day keeps is in
`running`, what callers are promised in `promises`, how calls go on with another agent in `relay`, who is on shift in `shifts`,
at whom it rings in `answering`.
"""

from __future__ import annotations

from sim.calls import NONE, Day, Outcome, reason_of
from sim.chance.calling import OUTBOUND
from sim.chance.draws import GOES, TAKES_CALLBACK, TAKES_LINK
from sim.chance.tape import Fate, Tape
from sim.engines.answering import Answering
from sim.engines.decisions import FAILED, pick_queue
from sim.engines.events import Kind
from sim.engines.own_rules import RuleFailedError
from sim.engines.plan import Plan
from sim.engines.running import Happening
from sim.engines.staffing import ALL_ENDS, CLOSES, DAY_ENDS, OPENS


class ReferenceDay(Answering):
    """One simulated day, from its first event to its last."""

    def run(self) -> Day:
        """The whole day, until nobody has anything left to do."""
        for tick, group, _, change in zip(*(column.tolist() for column in self.plan.staffing), strict=True):
            kind, what = (Kind.ON, self.come) if change > 0 else (Kind.OFF, self.go)
            self.at(tick, kind, group, what, (group, abs(change)))
        does = {OPENS: self.open, CLOSES: self.close, DAY_ENDS: self.end_of_day, ALL_ENDS: self.end_of_all}
        for border in self.plan.borders:
            self.at(border.time, Kind.OFF, len(self.plan.frame.groups) + border.what, does[border.what], NONE)
        self.begin_shifts()
        self.next_arrival(0)
        self.env.run()
        return Day(self.plan.frame_of(self.tape), self.calls.log(), self.floor.log(), self.calls.legs())

    # -- callers ---------------------------------------------------------------------------------------------------

    def next_arrival(self, row: int) -> None:
        if row < self.fresh:
            self.at(self.calls.arrival[row], Kind.ARRIVAL, self.calls.number[row], self.arrive, row)

    def arrive(self, event: Happening) -> None:
        row = event.who
        if row < self.fresh:
            self.next_arrival(row + 1)
        if self.plan.laws.work[self.calls.call_type[row]] > 0:
            self.begin_work(event)
            return
        trunks, full = self.plan.trunks, 0 <= self.plan.ports <= self.in_ivr
        if self.closed:
            self.over(row, Outcome.CLOSED)
        elif self.plan.laws.work[self.calls.call_type[row]] < 0:
            self.begin_chat(row)
        elif 0 <= trunks <= self.lines or self.calls.fate[row] == Fate.TURNED_AWAY or (full and not self.plan.past_full):
            self.over(row, Outcome.BLOCKED)
        else:
            if full:
                self.calls.go_past_ivr(row)
            self.lines += 1
            self.in_ivr += 1
            if self.calls.ivr[row] == 0:
                self.leave_ivr(event)
            else:
                self.at(self.now + self.calls.ivr[row], Kind.IVR_EXIT, self.calls.number[row], self.leave_ivr, row)

    def begin_work(self, event: Happening) -> None:
        """Work comes, or a contact is to be called: past lines, IVR and doors into its queue, unless the day is over."""
        calls, row = self.calls, event.who
        calls.go_past_ivr(row)
        calls.ivr_exit[row] = calls.off_line[row] = calls.queue_entry[row] = calls.arrival[row]
        if self.plan.laws.work[calls.call_type[row]] == OUTBOUND:
            calls.accepted[row] = self.now
            self.call_back(event)
        elif self.ended:
            self.over(row, Outcome.STILL_THERE)
        else:
            self.ask_for_agent(row)

    def begin_chat(self, row: int) -> None:
        """Somebody writes: past lines and IVR into the queue."""
        self.calls.go_past_ivr(row)
        self.calls.ivr_exit[row] = self.calls.off_line[row] = self.now
        self.ask_for_agent(row)

    def leave_ivr(self, event: Happening) -> None:
        row, calls = event.who, self.calls
        if calls.outcome[row] != NONE:
            return  # dropped at closing
        self.in_ivr -= 1
        calls.ivr_exit[row] = self.now
        if calls.fate[row] == Fate.QUEUE:
            self.ask_for_agent(row)
        else:
            calls.deflection[row] = calls.via[row]
            self.hang_up(row, Outcome.CONTAINED if calls.fate[row] == Fate.CONTAINED else Outcome.IVR_ABANDONED)
        self.check_cleared()

    def ask_for_agent(self, row: int) -> None:
        calls = self.calls
        calls.queue_entry[row] = self.now - calls.waited[row]
        calls.patient_until[row] = self.now + calls.patience[row]
        agent = self.agent_for(row)
        calls.held_back[row] = reason_of(agent)
        if agent >= 0:
            self.answer(row, agent)
        elif self.plan.laws.work[calls.call_type[row]] > 0:
            self.join(row)
        elif calls.balks[row]:
            self.hang_up(row, Outcome.BALKED)
        else:
            does, after = self.told_to_wait(row)
            if does == TAKES_CALLBACK:
                self.accept_callback(row, after)
            elif does == TAKES_LINK:
                calls.deflection[row] = after
                self.hang_up(row, Outcome.DEFLECTED)
            elif does == GOES:
                self.hang_up(row, Outcome.BALKED)
            else:
                self.join(row)
                self.lose_patience(row)

    def abandon(self, event: Happening) -> None:
        row = event.who
        if self.leave_queue(row):
            self.hang_up(row, Outcome.ABANDONED)
            self.check_cleared()

    def answer(self, row: int, agent: int) -> None:
        calls = self.calls
        calls.queued[row] = False
        if calls.accepted[row] != NONE:
            self.dial(row, agent)
        elif not self.rings(row, agent):
            self.talk_with(row, agent)
        if self.floor.has_contacts(agent):
            self.take_call(agent)  # there may be room for one more

    def talk_with(self, row: int, agent: int) -> None:
        calls = self.calls
        self.queues.last_wait[calls.queue[row]] = self.now - calls.queue_entry[row]
        calls.answer[row] = self.now
        calls.agent[row] = agent
        calls.group[row] = calls.solver[row] = self.floor.group[agent]
        self.takes(row, agent)
        self.talk(row)

    def end_talk(self, event: Happening) -> None:
        row, calls = event.who, self.calls
        agent = calls.agent[row]
        if calls.accepted[row] != NONE:
            self.over(row, Outcome.CALLED_BACK)
        elif calls.off_line[row] != NONE:
            self.over(row, Outcome.ANSWERED)
        else:
            self.hang_up(row, Outcome.ANSWERED)
        self.floor.parts(agent, calls.number[row], self.now)
        calls.release[row] = self.now + calls.wrap[row]
        self.release_at(calls.release[row], row, agent)

    # -- agents ----------------------------------------------------------------------------------------------------

    def release(self, event: Happening) -> None:
        agent, row = event.who
        self.floor.lets_go(agent, self.calls.as_type[row], self.now)
        if self.floor.has_contacts(agent):
            if self.floor.may_look(agent):
                self.take_call(agent)
        elif not self.goes_off(agent) and not self.floor.leaves_owed(agent, self.now):
            self.take_call(agent)

    def take_call(self, agent: int) -> None:
        """The agent takes the call that the rules give him, or waits for one."""
        seat, routes, queues, floor = self.floor.seat[agent], self.plan.routes, self.queues, self.floor
        first, last = self.scan_at[seat], self.scan_at[seat + 1]
        left = floor.idle_of(agent) - floor.is_idle(agent)
        queue = pick_queue(
            routes.scan, first, last, queues.heads, routes.order, floor.idle, routes.ruled, self.now, left, routes.call_rule
        )
        if queue == FAILED:
            raise RuleFailedError("call_score")
        if queue >= 0:
            self.answer(queues.take(queue), agent)
            self.check_cleared()
        elif floor.has_contacts(agent):
            floor.stand(agent, self.now)
        elif not floor.is_idle(agent):
            floor.wait(agent, self.now, reason_of(queue))
            if floor.begins_blend():
                for one in floor.idle_in_group(agent):
                    self.at(self.now, Kind.RELEASE, one, self.looks_again, one)

    def looks_again(self, event: Happening) -> None:
        """His group begins to do work beside calls, or he is to stay: the agent, if he still may, looks for a call."""
        agent = event.who
        if self.floor.may_look(agent):
            self.take_call(agent)

    def come(self, event: Happening) -> None:
        """Heads more: who is owed stays, then the lowest numbers that are away come."""
        group, heads = event.who
        self.heads[group] += heads
        left, looking = self.floor.stays(group, heads, self.now)
        for agent in self.floor.come(group, left, self.now):
            self.take_call(agent)
        for agent in looking:
            self.at(self.now, Kind.RELEASE, agent, self.looks_again, agent)

    def go(self, event: Happening) -> None:
        """Heads less: idle agents leave, the highest number first; then the next to finish are owed."""
        group, heads = event.who
        self.heads[group] -= heads
        self.floor.go(group, heads, self.now)

    # -- the doors and the days ------------------------------------------------------------------------------------

    def open(self, _: Happening) -> None:
        """Callers are let in; those who then come on the phones are the only ones there."""
        self.closed = self.cleared = False
        self.opened = self.now
        self.heads[: len(self.plan.frame.groups)] = [0] * len(self.plan.frame.groups)  # of those who are counted
        self.queues.last_wait = [0] * len(self.queues.last_wait)

    def close(self, _: Happening) -> None:
        self.closed = True
        self.check_cleared()

    def end_of_day(self, _: Happening) -> None:
        """Who still waits or is still in the IVR is counted as STILL_THERE; callbacks and work wait for another day."""
        if not self.cleared:
            for row in self.calls.still_there(self.now):
                if self.calls.accepted[row] == NONE and self.plan.laws.work[self.calls.call_type[row]] <= 0:
                    self.in_ivr -= self.calls.ivr_exit[row] == NONE
                    self.leave_queue(row)
                    self.handing -= self.calls.agent[row] != NONE  # it rings at him
                    self.calls.agent[row] = NONE
                    self.drop_leg(row)
            self.go_home()

    def end_of_all(self, event: Happening) -> None:
        """There is no other day for the callbacks and the work that stand in queues."""
        self.ended = True
        self.end_of_day(event)
        for row in self.calls.still_there(self.now):
            if self.leave_queue(row):
                self.over(row, self.left_over(row))

    def leave_queue(self, row: int) -> bool:
        """The call no longer waits; whether it did."""
        waited = self.calls.queued[row]
        if waited:
            self.queues.leave(self.calls.queue[row], row)
            self.calls.queued[row] = False
        return waited


def simulate(plan: Plan, tape: Tape) -> Day:
    """One day call by call."""
    return ReferenceDay(plan, tape).run()
