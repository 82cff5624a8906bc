"""Kernel: one day in one compiled loop; the same events, decisions and rules as `sim.engines.reference`.

Each function is the method of `ReferenceDay` of that name. What differs is where things are kept, and that a caller's next
call is drawn when the event is over after which the end of this one is known: it comes a tick after that end at the
earliest, and what it is hangs on keys alone.
"""

from __future__ import annotations

import numpy as np

from sim.calls import Outcome
from sim.chance.jit import at, cold, constant, kernel, part
from sim.chance.laws import ScenarioLaws
from sim.chance.tape import ARRIVAL as DRAWN_ARRIVAL
from sim.chance.tape import NUMBER
from sim.engines.aftermath import react
from sim.engines.attendance import AWAY, TALKING, all_go, go, leave_owed, note_call, stays
from sim.engines.counting import count_one
from sim.engines.events import MOST_AGENTS, Kind
from sim.engines.offering import COMES_UP, OVER_MISSED, call_back
from sim.engines.passage import (
    ARRIVES,
    EXITS,
    LEAVES_NOW,
    PAST_IVR,
    abandon,
    agent_for,
    answer,
    arrives,
    call_for,
    end_talk,
    enters_ivr,
    leaves_ivr,
)
from sim.engines.passing import GIVES_UP, HANDS, drop_leg, end_call, give_up, hand_over
from sim.engines.pending import hang_up, later_pop, leave, over, stop_settling
from sim.engines.state import (
    A_GROUP,
    A_STATE,
    ABOUT,
    AGENT_BITS,
    AGENT_KEY_BITS,
    AHEAD,
    CLEARED,
    CLOCK,
    CLOSED,
    COMING,
    COMING_FROM,
    ENDED,
    FAR,
    FIRST_AGENT,
    HANDING,
    HEADS,
    IN_IVR,
    KEY,
    KIND_BITS,
    L_KEY,
    L_NUMBER,
    LATER,
    LATEST,
    LEAVES,
    LEAVING,
    NEXT,
    NEXT_KEY,
    OVER,
    OWED_COUNT,
    PLANNED,
    QUEUE,
    ROOT,
    ROWS,
    STEP,
    STEP_KEY,
    TOO_LATE,
    WAITING,
    Day,
    Ints,
    Rules,
)
from sim.tally.credit import (
    ACCEPTED,
    ANSWER,
    CALL_TYPE,
    IVR_EXIT,
    OUTCOME,
    QUEUE_ENTRY,
    Sums,
)
from sim.tally.credit import Rules as Counting

NONE = -1
OVER_STILL_THERE = constant(Outcome.STILL_THERE)
ABANDONS = int(Kind.ABANDON)
RELEASES, TALK_ENDS = int(Kind.RELEASE), int(Kind.TALK_END)
CLOSE, HORIZON = -1, -2  # in the place of a group: not a change of heads
OF_STEPS, OF_AGENTS, OF_TAPE, OF_LATER, OF_LEAVING = range(5)
KIND = (1 << KIND_BITS) - 1  # of a key
NO_CALL = -2
DONE, NO_ROOM, BEYOND = range(3)  # how a run ended


@kernel
def run_day(
    day: Day, rules: Rules, r: Counting, t: Sums, laws: ScenarioLaws, seed: np.uint64, replication: np.uint64
) -> int:
    """Until nothing is pending (DONE); else there was no room for a call, or an event was beyond LAST_TICK.

    An event brings forward a call that asks for an agent, or an agent who looks for a call, or neither.
    """
    now = day.now
    while True:
        call, agent = NONE, NONE
        if now[COMING] > 0:
            agent = come(day)
        else:
            source = next_event(day, rules)
            if now[CLOCK] >= LATEST:
                return BEYOND if now[TOO_LATE] != 0 else DONE
            if source == OF_AGENTS:
                agent = next_of_agents(day, rules, r, t)
            elif source == OF_STEPS:
                change_heads(day, rules, r, t)
            elif source == OF_LEAVING:
                abandon(day, rules)
            else:
                call = next_of_calls(day, rules, laws, seed, replication, source)
                if call == NO_CALL:
                    return NO_ROOM
        if agent != NONE:
            call = call_for(day, rules, agent)
        elif call != NONE:
            agent = agent_for(day, rules, r, t, laws, seed, replication, call)
        if call != NONE and agent != NONE:
            answer(day, rules, r, t, laws, seed, replication, call, agent)
        while now[OVER] != NONE:
            if rules.hands != 0 and at(day.calls, now[OVER])[ROOT] != NONE:
                leg = now[OVER]
                now[OVER] = at(day.calls, leg)[AHEAD]
                end_call(day, leg)
                continue
            if rules.reacts != 0:
                if now[ROWS] + 2 > day.drawn.shape[0]:
                    return NO_ROOM
                react(day, rules, laws, seed, replication, now[OVER])
            count_one(day, rules, r, t)
        if now[CLOSED] != 0 and now[CLEARED] == 0 and nobody_there(now):
            now[CLEARED] = 1  # the last is gone or served: the floor goes home
            all_go(day, rules, r, t)


@cold
def nobody_there(now: Ints) -> bool:
    """Whether nobody waits, is in the IVR, or is about to be handed over while somebody is there to answer."""
    return bool(now[WAITING] == 0 and now[IN_IVR] == 0 and (now[HANDING] == 0 or now[ENDED] != 0))


@part
def next_event(day: Day, rules: Rules) -> int:
    """Sets the clock to the earliest pending event and says which of the five lists it stands on."""
    now = day.now
    source, key = OF_STEPS, now[STEP_KEY]
    of_agents = day.tree[1]
    kind = TALK_ENDS + ((of_agents >> AGENT_BITS) & 1) * (RELEASES - TALK_ENDS)
    other = (of_agents >> AGENT_KEY_BITS) << KIND_BITS | kind
    if other < key:
        source, key = OF_AGENTS, other
    if now[LATER] > 0 and day.later[0, L_KEY] < key:
        source, key = OF_LATER, day.later[0, L_KEY]
    if now[LEAVING] > 0:
        other = at(day.calls, day.leaving[0])[LEAVES] << KIND_BITS | ABANDONS
        if other < key:
            source, key = OF_LEAVING, other
    other = now[NEXT_KEY]
    if other < key or (other == key and at(day.drawn, now[NEXT])[NUMBER] < day.later[0, L_NUMBER]):
        source, key = OF_TAPE, other
    now[CLOCK] = key >> KIND_BITS
    return source


@part
def next_of_agents(day: Day, rules: Rules, r: Counting, t: Sums) -> int:
    """The agent who is first stops talking, or is released: then he leaves if he is owed, else looks for a call.

    Returns him if he does, else NONE.
    """
    now, agent = day.now, day.tree[1] & (MOST_AGENTS - 1)
    released = at(day.agents, agent)
    if released[A_STATE] == TALKING:
        end_talk(now, day.agents, day.tree, agent)
        return NONE
    if at(day.groups, released[A_GROUP])[OWED_COUNT] > 0:
        leave_owed(day, rules, r, t, agent)
        return NONE
    if rules.log != 0:
        note_call(day, agent, FAR)
    return int(agent)


@part
def next_of_calls(
    day: Day, rules: Rules, laws: ScenarioLaws, seed: np.uint64, replication: np.uint64, source: int
) -> int:
    """A call arrives or leaves the IVR: it, if it then asks for an agent, else NONE; NO_CALL if there is no room for it."""
    now = day.now
    if source == OF_LATER and day.later[0, L_KEY] & KIND == COMES_UP:
        return call_back(day, rules)
    if rules.hands != 0 and source == OF_LATER:
        kind = day.later[0, L_KEY] & KIND
        if kind == HANDS:
            return NO_CALL if now[ROWS] == day.drawn.shape[0] else hand_over(day, laws, seed, replication)
        if kind == GIVES_UP:
            give_up(day, rules)
            return NONE
    if source == OF_LATER and day.later[0, L_KEY] & KIND == EXITS:
        call = later_pop(now, day.later)
    else:
        row = next_on_tape(day, rules) if source == OF_TAPE else later_pop(now, day.later)
        call = arrives(day, rules, row)
        if call == NONE:
            return NO_CALL
        entered = enters_ivr(day, rules, call)
        if entered != LEAVES_NOW:
            return int(call) if entered == PAST_IVR else NONE
    return int(call) if leaves_ivr(day, rules, call) else NONE


@part
def next_on_tape(day: Day, rules: Rules) -> int:
    """The row of the call that comes now; the key of the one after it is made ready."""
    now, row = day.now, day.now[NEXT]
    now[NEXT], now[NEXT_KEY] = row + 1, FAR
    if row + 1 < rules.fresh:
        now[NEXT_KEY] = at(day.drawn, row + 1)[DRAWN_ARRIVAL] << KIND_BITS | ARRIVES
    return int(row)


@cold
def change_heads(day: Day, rules: Rules, r: Counting, t: Sums) -> None:
    """The next of the planned steps: agents go, or are about to come; the doors close; the day ends."""
    now = day.now
    step = now[STEP]
    now[STEP], now[STEP_KEY] = step + 1, day.steps[step + 1, KEY]
    group, heads = day.steps[step, ABOUT], day.steps[step, HEADS]
    if group in (CLOSE, HORIZON):
        stop_settling(day, rules.head_start)
        if group == CLOSE:
            now[CLOSED] = 1
        if group == HORIZON or rules.finish == 0:
            end_of_day(day, rules)
    elif heads < 0:
        day.groups[group, PLANNED] += heads
        go(day, rules, r, t, group, -heads)
    else:
        day.groups[group, PLANNED] += heads
        now[COMING], now[COMING_FROM] = stays(day.groups, group, heads), day.groups[group, FIRST_AGENT]


@part
def come(day: Day) -> int:
    """The next of those who come: the lowest number that is away."""
    now, agent = day.now, day.now[COMING_FROM]
    while day.agents[agent, A_STATE] != AWAY:
        agent += 1
    now[COMING] -= 1
    now[COMING_FROM] = agent + 1
    return int(agent)


@cold
def end_of_day(day: Day, rules: Rules) -> None:
    """Who still waits or is still in the IVR is counted as STILL_THERE."""
    now, calls, head_start = day.now, day.calls, rules.head_start
    now[ENDED] = 1
    if now[CLEARED] != 0 and rules.works == 0:
        return
    for call in range(calls.shape[0]):
        if calls[call, OUTCOME] == NONE and calls[call, ANSWER] == NONE:
            if rules.works != 0 and rules.work[calls[call, CALL_TYPE]] != 0:
                if calls[call, QUEUE] != NONE:  # else it is being called, or comes up later
                    leave(day, head_start, call)
                    over(now, calls, call, OVER_STILL_THERE, now[CLOCK])
                continue
            if now[CLEARED] != 0:
                continue
            if calls[call, ACCEPTED] != NONE:
                if calls[call, QUEUE] != NONE:  # else it comes up later, after closing
                    leave(day, head_start, call)
                    over(now, calls, call, OVER_MISSED, now[CLOCK])
                continue
            if calls[call, IVR_EXIT] == NONE:
                now[IN_IVR] -= 1
            if calls[call, QUEUE_ENTRY] != NONE:
                leave(day, head_start, call)
            if rules.hands != 0 and calls[call, ROOT] != NONE:
                drop_leg(day, rules, call)
            else:
                hang_up(now, calls, call, OVER_STILL_THERE)
