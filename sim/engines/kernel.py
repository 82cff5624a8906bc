"""Kernel: one day in one compiled loop; the same events, decisions and rules as `sim.engines.reference`.

Each function is the method of `ReferenceDay` of that name. What differs is where things are kept, and that a caller's next
call is drawn when the event is over after which the end of this one is known: it comes a tick after that end at the
earliest, and what it is hangs on keys alone.
"""

from __future__ import annotations

import numpy as np

from sim.chance.calling import Calling
from sim.chance.clock import Clock
from sim.chance.jit import at, cold, kernel, part
from sim.chance.laws import ScenarioLaws
from sim.chance.quantiles import Laws
from sim.chance.tape import ARRIVAL as DRAWN_ARRIVAL
from sim.chance.tape import NUMBER
from sim.engines.aftermath import react
from sim.engines.attendance import TALKING, WRAPPING_UP, blend, end_talk, note_call, until_due
from sim.engines.counting import count_one
from sim.engines.doors import change_heads, come, go_home
from sim.engines.events import AGENT_BITS, MOST_AGENTS, Kind
from sim.engines.heads import leave_owed
from sim.engines.in_hand import LETS_GO, PARTS, lets_go, mark, parts
from sim.engines.looking import agent_for, call_for, overflows
from sim.engines.offering import COMES_UP, PAST_IVR, call_back
from sim.engines.passage import ARRIVES, EXITS, LEAVES_NOW, abandon, answer, arrives, enters_ivr, leaves_ivr
from sim.engines.passing import GIVES_UP, HANDS, end_call, give_up, hand_over
from sim.engines.pending import later_pop
from sim.engines.queueing import OVERFLOWS
from sim.engines.ringing import STOPS, is_back, room_for_more, stops_ringing
from sim.engines.state import (
    A_ASKS,
    A_DUE,
    A_HANDLED,
    A_IN_HAND,
    A_POOL,
    A_SINCE,
    A_STATE,
    AGENT_KEY_BITS,
    AHEAD,
    BLENDS,
    CALL_NUMBER,
    CLEARED,
    CLOCK,
    CLOSED,
    COMING,
    FAR,
    HANDING,
    IN_IVR,
    KIND_BITS,
    L_KEY,
    L_NUMBER,
    LATER,
    LATEST,
    LEAVES,
    LEAVING,
    LOOKS,
    NEXT,
    NEXT_KEY,
    OVER,
    OWED_COUNT,
    RINGS,
    ROOT,
    ROWS,
    SEVERAL,
    STEP_KEY,
    TOO_LATE,
    WAITING,
    Day,
    Ints,
    Rules,
)
from sim.engines.stays import OFF_PHONES, goes_on
from sim.tally.credit import Sums
from sim.tally.spans import Rules as Counting

NONE = -1
ABANDONS = int(Kind.ABANDON)
OF_STEPS, OF_AGENTS, OF_TAPE, OF_LATER, OF_LEAVING = range(5)
KIND = (1 << KIND_BITS) - 1  # of a key
AGENT_KINDS = (1 << AGENT_KEY_BITS - AGENT_BITS) - 1  # of an agent's
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
        if now[SEVERAL] != 0 and now[LOOKS] != NONE:
            agent, now[LOOKS] = now[LOOKS], NONE
        elif now[COMING] > 0:
            agent = come(day)
        else:
            source = next_event(day)
            if now[CLOCK] >= LATEST:
                return BEYOND if now[TOO_LATE] != 0 else DONE
            if source == OF_AGENTS:
                agent = next_of_agents(day, rules, r, t)
            elif source == OF_STEPS:
                change_heads(day, rules, r, t)
            elif source == OF_LEAVING:
                abandon(day, rules)
            else:
                call = next_of_calls(
                    day, rules, r, t, laws.coming.laws, laws.coming.patience, laws.coming.talks, laws.coming.clock, laws.calling,
                    laws.factors, laws.offers.laws, seed, replication, source,
                )
                if call == NO_CALL:
                    return NO_ROOM
        if agent != NONE:
            call = call_for(day, rules, r, t, agent)
        elif call != NONE:
            agent = agent_for(day, rules, r, t, laws.coming, laws.offers, laws.deflecting, seed, replication, call)
        if call != NONE and agent != NONE:
            answer(
                day, rules, r, t, laws.coming.laws, laws.calling, laws.handing, laws.selling, laws.handling, seed, replication,
                call, agent,
            )
            if now[SEVERAL] != 0 and at(day.agents, agent)[A_IN_HAND] > 0:
                now[LOOKS] = agent  # there may be room for one more
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
        if (now[RINGS] != 0 or rules.tells != 0) and not room_for_more(day, rules):
            return NO_ROOM
        if now[BLENDS] != 0:
            blend(day, rules)
        if now[CLOSED] != 0 and now[CLEARED] == 0 and now[LOOKS] == NONE and nobody_there(now):
            go_home(day, rules, r, t)


@cold
def nobody_there(now: Ints) -> bool:
    """Whether nobody waits, is in the IVR, is about to be handed over, or is being rung."""
    return bool(now[WAITING] == 0 and now[IN_IVR] == 0 and now[HANDING] == 0)


@part
def next_event(day: Day) -> int:
    """Sets the clock to the earliest pending event and says which of the five lists it stands on."""
    now = day.now
    source, key = OF_STEPS, now[STEP_KEY]
    of_agents = day.tree[1]
    kind = (of_agents >> AGENT_BITS) & AGENT_KINDS
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
    """The agent who is first stops talking, or is released: then he leaves if he is to, else looks for a call; or what he
    does by his plan is over.

    Returns him if he looks for a call, else NONE.
    """
    now, agent = day.now, day.tree[1] & (MOST_AGENTS - 1)
    released = at(day.agents, agent)
    if now[SEVERAL] != 0 and released[A_IN_HAND] > 0:
        if released[A_DUE] > now[CLOCK] and released[A_ASKS] > 0:
            until_due(day, agent)
            return NONE
        if released[A_DUE] > now[CLOCK]:
            return int(agent)
        mark(day.now, day.agents, day.pools, day.tree, day.waiting, day.idle, day.stretches, rules.log, r, t.agents, agent)
        return NONE
    if released[A_STATE] == TALKING:
        end_talk(now, day.agents, day.tree, agent)
        return NONE
    if released[A_STATE] == WRAPPING_UP:
        released[A_HANDLED] += now[CLOCK] - released[A_SINCE]
    if released[A_DUE] <= now[CLOCK]:
        return goes_on(day, rules, r, t, agent)
    if released[A_STATE] != WRAPPING_UP:
        if now[RINGS] != 0 and released[A_STATE] == OFF_PHONES:
            is_back(day, rules, r, t, agent)
        return int(agent)  # off the phones until now; or idle, and his group begins to do work beside calls
    if at(day.pools, released[A_POOL])[OWED_COUNT] > 0:
        leave_owed(day, rules, r, t, agent)
        return NONE
    if rules.log != 0:
        note_call(day, agent, FAR)
    return int(agent)


@part
def next_of_calls(
    day: Day, rules: Rules, r: Counting, t: Sums, laws: Laws, patience: Ints, talks: Ints, clock: Clock, calling: Calling,
    factors: Ints, promises: int, seed: np.uint64, replication: np.uint64, source: int,
) -> int:  # fmt: skip
    """A call arrives or leaves the IVR: it, if it then asks for an agent, else NONE; NO_CALL if there is no room for it."""
    now = day.now
    if source == OF_LATER and day.later[0, L_KEY] & KIND == COMES_UP:
        return call_back(day, rules, calling)
    if now[RINGS] != 0 and source == OF_LATER and day.later[0, L_KEY] & KIND == STOPS:
        return stops_ringing(day, rules, r, t)
    if rules.overflows != 0 and source == OF_LATER and day.later[0, L_KEY] & KIND == OVERFLOWS:
        return overflows(day, rules, r, t)
    if rules.hands != 0 and source == OF_LATER:
        kind = day.later[0, L_KEY] & KIND
        if kind == HANDS:
            if now[ROWS] == day.drawn.shape[0]:
                return NO_CALL
            return hand_over(day, laws, patience, talks, clock, factors, promises, seed, replication)
        if kind == GIVES_UP:
            give_up(day, rules)
            return NONE
    if now[SEVERAL] != 0 and source == OF_LATER:
        kind = day.later[0, L_KEY] & KIND
        if kind == PARTS:
            parts(day, rules, r, t)
            return NONE
        if kind == LETS_GO:
            now[LOOKS] = lets_go(day, rules, r, t)
            return NONE
    if source == OF_LATER and day.later[0, L_KEY] & KIND == EXITS:
        number = day.later[0, L_NUMBER]
        call = later_pop(now, day.later)
        if at(day.calls, call)[CALL_NUMBER] != number:
            return NONE  # dropped at closing, and another call has its row
    else:
        row = next_on_tape(day, rules) if source == OF_TAPE else later_pop(now, day.later)
        call = arrives(day, rules, row)
        if call == NONE:
            return NO_CALL
        entered = enters_ivr(day, rules, calling, call)
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
