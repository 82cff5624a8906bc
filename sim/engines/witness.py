"""Witness: the reference engine telling one call's story: what was free, what was decided, by which rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sim.calls import NONE, Outcome, Reason, State
from sim.chance.draws import GOES, TAKES_CALLBACK, TAKES_LINK, WAITS, end_of
from sim.chance.handing import CALLBACK, COLD, CONSULT, MISROUTED, WARM
from sim.chance.handling import SOLVED
from sim.chance.offers import FOR_EVER
from sim.chance.reactions import ENDS
from sim.chance.tape import Fate, Tape
from sim.engines.decisions import OF
from sim.engines.plan import Plan
from sim.engines.reference import ReferenceDay
from sim.engines.running import Happening
from sim.scenario.routing import Routing
from sim.scenario.units import DAY, NEVER, TICKS_PER_SECOND, show_clock, show_duration
from sim.scenario.waiting import PREDICTORS

_PASSED_ON = {
    COLD: "is transferred to {}",
    WARM: "is to be transferred to {}; the agent stays until a colleague answers",
    CONSULT: "the agent asks a colleague of {}",
    CALLBACK: "hangs up, and will be called back by {}",
    MISROUTED: "stands in the wrong queue, and is transferred to {}",
}


_HELD_BACK: dict[int, str] = {
    Reason.NONE: "nobody free in the call's groups",
    Reason.RESERVE: "who is free is kept for others: reserve",
    Reason.OVERFLOW: "who is free takes it later, or if more wait: overflow",
    Reason.BLEND: "who is free does no such work now: blend",
}


@dataclass(frozen=True)
class Step:
    """One moment of a call's story: ticks since midnight, what happened, and the rule that decided it ("" if none)."""

    tick: int
    what: str
    rule: str = ""

    def show(self, start: date | None = None) -> str:
        """As one line; the clock to the tenth of a second, with its date where `start` says what the first day is."""
        day, since = divmod(self.tick, DAY) if start is not None else (0, self.tick)
        whole, rest = divmod(since, TICKS_PER_SECOND)
        clock = f"{show_clock(whole) if whole % 60 else show_clock(whole) + ':00'}.{rest * 10 // TICKS_PER_SECOND}"
        on = "" if start is None else f"{start + timedelta(days=day)} "
        return f"{on}{clock}  {self.what}" + (f"  [{self.rule}]" if self.rule else "")


def _seconds(span: int) -> str:
    return show_duration(round(span / TICKS_PER_SECOND, 1))


class Witness(ReferenceDay):
    """A reference day that writes down what happens to the calls of one caller."""

    def __init__(self, plan: Plan, tape: Tape, caller: int, routing: Routing | None = None) -> None:
        super().__init__(plan, tape)
        self.caller, self.rules = caller, routing or Routing()
        self.story: list[Step] = []

    def tell(self, row: int, what: str, rule: str = "") -> None:
        """One step more, if the call in `row` is the caller's."""
        if self.calls.caller[row] == self.caller:
            self.story.append(Step(self.now, what, rule))

    def arrive(self, event: Happening) -> None:
        row, trunks = event.who, self.plan.trunks
        kind = self.plan.frame.call_types[self.calls.call_type[row]]
        lines = f"{self.lines} of {trunks} lines in use" if trunks >= 0 else f"{self.lines} lines in use"
        attempt, written = self.calls.attempt[row], self.plan.laws.work[self.calls.call_type[row]] < 0
        again = f" again, attempt {attempt + 1}" if attempt else ""
        self.tell(row, f"writes{again}: {kind}" if written else f"calls{again}: {kind}; {lines}")
        super().arrive(event)

    def leave_ivr(self, event: Happening) -> None:
        row = event.who
        if self.calls.outcome[row] == NONE and self.calls.ivr[row]:
            fate = Fate(self.calls.fate[row])
            words = {Fate.QUEUE: "asks for an agent", Fate.CONTAINED: "is contained", Fate.HANG_UP: "hangs up"}
            via = self.calls.via[row]
            if via != NONE and fate == Fate.QUEUE:
                words[fate] += f", having taken the option of {self.plan.frame.call_types[via]}"
            elif via != NONE:
                words[fate] += f" by {self.plan.frame.deflections[via]}"
            self.tell(row, f"leaves the IVR after {_seconds(self.calls.ivr[row])}: {words[fate]}")
        super().leave_ivr(event)

    def ask_for_agent(self, row: int) -> None:
        queue, groups = self.calls.queue[row], self.plan.frame.groups
        free: dict[str, int] = {}
        for seat in self.plan.routes.look[self.look_at[queue] : self.look_at[queue + 1], OF].tolist():
            name = groups[self.plan.seat_group[seat]]
            free[name] = free.get(name, 0) + self.floor.free(seat)
        there = ", ".join(f"{name} {idle} free" for name, idle in free.items()) or "no group serves this call"
        self.tell(row, f"looks: {there}; {self.queues.waiting} callers wait")
        super().ask_for_agent(row)
        if self.calls.queued[row] and self.calls.accepted[row] == NONE:
            patience = self.calls.patience[row]
            till = "will not give up" if patience >= NEVER else f"will give up after {_seconds(patience)}"
            credit = self.head_start[queue]
            start = f", {_seconds(credit)} of head start" if credit else ""
            self.tell(row, f"joins the queue{start}; {till}", _HELD_BACK[self.calls.held_back[row]])

    def answer(self, row: int, agent: int) -> None:
        if self.calls.accepted[row] != NONE:
            self.tell_whom(row, agent, "comes up, and is called back by", self.rule_of(agent))
        super().answer(row, agent)

    def rings(self, row: int, agent: int) -> bool:
        rule, it_rings = self.rule_of(agent), super().rings(row, agent)
        if it_rings:
            self.tell_whom(row, agent, "rings at", rule)
        return it_rings

    def talk_with(self, row: int, agent: int) -> None:
        self.tell_whom(row, agent, "is answered by", self.rule_of(agent))
        super().talk_with(row, agent)

    def asks_again(self, row: int) -> None:
        waited = _seconds(self.now - self.calls.queue_entry[row])
        self.tell(row, f"nobody answers: back at the old place after {waited}", "attendance.no_answer")
        super().asks_again(row)

    def rule_of(self, agent: int) -> str:
        """By which rules call and agent have found each other; "" where it has rung at him before."""
        if self.floor.does(agent) == State.RING:
            return ""
        if self.floor.stands(agent):
            who = "agent with room, least in hand" if self.floor.has_contacts(agent) else "idle agent"
            return f"{who}: " + ", ".join(self.rules.agent)
        return "freed agent: " + ", ".join(self.rules.call)

    def tell_whom(self, row: int, agent: int, what: str, rule: str) -> None:
        """One step more, with the agent's name and how long the call has waited."""
        group, person = self.floor.group[agent], agent - self.floor.first_person
        known = self.plan.frame.agents[person] if person >= 0 else f"agent {agent - int(self.plan.agent_at[group]) + 1}"
        waited, in_hand = _seconds(self.now - self.calls.queue_entry[row]), self.floor.hands.count(agent)
        beside = f", who has {in_hand} in hand already" if in_hand else ""
        self.tell(row, f"{what} {known} of {self.plan.frame.groups[group]} after {waited}{beside}", rule)

    def hand_over(self, event: Happening) -> None:
        row, how, to = event.who[:3]
        rule = "ivr.menu.wrong" if how == MISROUTED else "transfers"
        self.tell(row, _PASSED_ON[how].format(self.plan.frame.call_types[to]), rule)
        super().hand_over(event)

    def give_up(self, event: Happening) -> None:
        leg, calls = event.who, self.calls
        if calls.held[leg] != NONE and calls.outcome[leg] == NONE:
            does = "goes on alone" if calls.how[leg] == CONSULT else "leaves the caller in the queue"
            self.tell(leg, f"no colleague has answered: the agent {does}", "transfers.give_up")
        super().give_up(event)

    def end_consult(self, event: Happening) -> None:
        self.tell(event.who, "the colleague has helped; the agent goes on")
        super().end_consult(event)

    def leave_ticket(self, row: int, solved: int) -> None:
        before = len(self.calls.number)
        super().leave_ticket(row, solved)
        if len(self.calls.number) > before:
            what = self.plan.frame.call_types[self.calls.call_type[-1]]
            self.tell(row, f"leaves {what} to do in {_seconds(self.calls.arrival[-1] - self.now)}", "tickets")

    def told_to_wait(self, row: int) -> tuple[int, int]:
        does, after = super().told_to_wait(row)
        told, patience = self.calls.predicted[row], self.calls.patience[row]
        if told != NONE:
            wait = _seconds(told) if told < FOR_EVER else "for ever"
            words = {WAITS: "waits", GOES: f"leaves, having {_seconds(patience)} of patience", TAKES_CALLBACK: "takes a callback"}
            if does == TAKES_LINK:
                words[does] = f"takes what is offered instead: {self.plan.frame.deflections[after]}"
            when = f", to come up in {_seconds(after)}" if after and does == TAKES_CALLBACK else ""
            by = self.plan.laws.offers.by[self.calls.call_type[row]]
            self.tell(row, f"is told to wait {wait}: {words[does]}{when}", f"predicted by {PREDICTORS[by - 1]}")
        return does, after

    def offered(self, row: int) -> int:
        talk, calls, root = super().offered(row), self.calls, self.root_of(row)
        if calls.offer[root] != NONE:
            does = "takes it" if calls.taken[root] else "declines"
            what = self.plan.frame.offers[calls.offer[root]]
            self.tell(row, f"is offered {what} before the end, for {_seconds(talk)}, and {does}", "offers")
        return talk

    def compose(self, row: int) -> None:
        calls = self.calls
        before = calls.talk[row], calls.wrap[row]
        super().compose(row)
        now = calls.talk[row], calls.wrap[row]
        if calls.script[row] == SOLVED:
            self.tell(row, f"the script solves the matter after {_seconds(now[0])}", "script")
        elif now != before:
            mine, drawn = (" and ".join(_seconds(one) for one in times) for times in (now, before))
            self.tell(row, f"takes this agent {mine} of wrap-up, not {drawn}", "handling")

    def not_reached(self, event: Happening) -> None:
        row, again, _ = event.who
        self.tell(row, "is not reached; " + (f"tried again in {_seconds(again)}" if again >= 0 else "that was the last try"))
        super().not_reached(event)

    def over(self, row: int, outcome: Outcome) -> None:
        lost = self.calls.root[row] != NONE and outcome not in (Outcome.ANSWERED, Outcome.CALLED_BACK)
        self.tell(row, f"is over: ANSWERED, and lost in transfer: {outcome.name}" if lost else f"is over: {outcome.name}")
        super().over(row, outcome)

    def react(self, row: int) -> None:
        before, calls = len(self.calls.number), self.calls
        super().react(row)
        kind, known = calls.call_type[row], self.plan.laws.reactions
        end = end_of(calls.outcome[row], calls.solved[row])
        if calls.deflection[row] != NONE:
            by = f"ivr.deflections.{self.plan.frame.deflections[calls.deflection[row]]}"
            self.tell(row, f"the matter is {'' if calls.solved[row] else 'not '}solved", by)
            if len(calls.number) > before:
                self.tell(row, f"will call again in {_seconds(calls.arrival[-1] - self.now)}", f"{by}.again")
            return
        if calls.outcome[row] == Outcome.ANSWERED and known.solved[kind].min() < 1:
            self.tell(row, f"the matter is {'' if calls.solved[row] else 'not '}solved", "solved")
        if len(calls.number) > before:
            self.tell(row, f"will call again in {_seconds(calls.arrival[-1] - self.now)}", f"next.{ENDS[end]}")
        elif end >= 0 and known.chance[kind, end].max() > 0:
            self.tell(row, "does not call again", f"next.{ENDS[end]}")
