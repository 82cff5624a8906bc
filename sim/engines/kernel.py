"""Kernel: one day in one compiled loop; the same events, decisions and rules as `sim.engines.reference`.

Each function is the method of `ReferenceDay` of that name. What differs is where things are kept, and that a contained
caller's next call is drawn when the event is over: it comes a tick later at the earliest.
"""

from __future__ import annotations

import numpy as np

from sim.calls import Outcome
from sim.chance.jit import cold, constant, kernel, part
from sim.chance.laws import ScenarioLaws
from sim.chance.tape import ARRIVAL as DRAWN_ARRIVAL
from sim.chance.tape import NUMBER
from sim.engines.attendance import AWAY, TALKING, all_go, go, leave_owed, note_call, stays
from sim.engines.events import Kind
from sim.engines.passage import (
    ARRIVES,
    EXITS,
    abandon,
    agent_for,
    answer,
    call_again,
    call_for,
    end_talk,
    enters_ivr,
    hang_up,
    leave_ivr,
)
from sim.engines.pending import later_pop, leave, stop_settling
from sim.engines.state import (
    A_GROUP,
    A_STATE,
    ABOUT,
    AGENT_BITS,
    AGENT_KEY_BITS,
    CLEARED,
    CLOCK,
    CLOSED,
    COMING,
    COMING_FROM,
    CONTAINED_ROW,
    FAR,
    FIRST_AGENT,
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
    MOST_AGENTS,
    NEXT,
    OWED_COUNT,
    ROWS,
    STEP,
    TOO_LATE,
    WAITING,
    Day,
    Ints,
    Rules,
)
from sim.tally.credit import IVR_EXIT, OUTCOME, QUEUE_ENTRY
from sim.tally.credit import Rules as Counting

NONE = -1
OVER_STILL_THERE = constant(Outcome.STILL_THERE)
ABANDONS = int(Kind.ABANDON)
RELEASES, TALK_ENDS = int(Kind.RELEASE), int(Kind.TALK_END)
CLOSE, HORIZON = -1, -2  # in the place of a group: not a change of heads
OF_STEPS, OF_AGENTS, OF_TAPE, OF_LATER, OF_LEAVING = range(5)
KIND = (1 << KIND_BITS) - 1  # of a key
DONE, NO_ROOM, BEYOND = range(3)  # how a run ended


@kernel
def run_day(day: Day, rules: Rules, r: Counting, laws: ScenarioLaws, seed: np.uint64, replication: np.uint64) -> int:
    """Until nothing is pending (DONE); else the rows were not enough for the later calls, or an event was beyond LAST_TICK.

    An event brings forward a call that asks for an agent, or an agent who looks for a call, or neither.
    """
    now = day.now
    while True:
        row, agent = NONE, NONE
        if now[COMING] > 0:
            agent = come(day)
        else:
            source = next_event(day, rules)
            if now[CLOCK] >= LATEST:
                return BEYOND if now[TOO_LATE] != 0 else DONE
            if source == OF_AGENTS:
                agent = next_of_agents(day, rules, r)
            elif source == OF_STEPS:
                change_heads(day, rules, r)
            elif source == OF_LEAVING:
                abandon(day, rules)
            else:
                row = next_of_calls(day, rules, source)
                if now[CONTAINED_ROW] != NONE:
                    if now[ROWS] == day.drawn.shape[0]:
                        return NO_ROOM
                    call_again(day, rules, laws, seed, replication)
        if agent != NONE:
            row = call_for(day, rules, agent)
        elif row != NONE:
            agent = agent_for(day, rules, r, row)
        if row != NONE and agent != NONE:
            answer(day, rules, row, agent)
        if now[CLOSED] != 0 and now[CLEARED] == 0 and now[WAITING] == 0 and now[IN_IVR] == 0:
            now[CLEARED] = 1  # the last is gone or served: the floor goes home
            all_go(day, rules, r)


@part
def next_event(day: Day, rules: Rules) -> int:
    """Sets the clock to the earliest pending event and says which of the five lists it stands on."""
    now = day.now
    source, key = OF_STEPS, day.steps[now[STEP], KEY]
    of_agents = day.tree[1]
    kind = TALK_ENDS + ((of_agents >> AGENT_BITS) & 1) * (RELEASES - TALK_ENDS)
    other = (of_agents >> AGENT_KEY_BITS) << KIND_BITS | kind
    if other < key:
        source, key = OF_AGENTS, other
    if now[LATER] > 0 and day.later[0, L_KEY] < key:
        source, key = OF_LATER, day.later[0, L_KEY]
    if now[LEAVING] > 0:
        other = day.calls[day.leaving[0], LEAVES] << KIND_BITS | ABANDONS
        if other < key:
            source, key = OF_LEAVING, other
    row = now[NEXT]
    if row < rules.fresh:
        other = day.drawn[row, DRAWN_ARRIVAL] << KIND_BITS | ARRIVES
        if other < key or (other == key and day.drawn[row, NUMBER] < day.later[0, L_NUMBER]):
            source, key = OF_TAPE, other
    now[CLOCK] = key >> KIND_BITS
    return source


@part
def next_of_agents(day: Day, rules: Rules, r: Counting) -> int:
    """The agent who is first stops talking, or is released: then he leaves if he is owed, else looks for a call.

    Returns him if he does, else NONE.
    """
    agent = day.tree[1] & (MOST_AGENTS - 1)
    if day.agents[agent, A_STATE] == TALKING:
        end_talk(day, agent)
        return NONE
    if day.groups[day.agents[agent, A_GROUP], OWED_COUNT] > 0:
        leave_owed(day, rules, r, agent)
        return NONE
    if rules.log != 0:
        note_call(day, agent, FAR)
    return int(agent)


@part
def next_of_calls(day: Day, rules: Rules, source: int) -> int:
    """A call arrives or leaves the IVR; its row if it then asks for an agent, else NONE."""
    now = day.now
    if source == OF_TAPE:
        row, exits = now[NEXT], False
        now[NEXT] = row + 1
    else:
        exits = day.later[0, L_KEY] & KIND == EXITS
        row = later_pop(now, day.later)
    if exits or enters_ivr(day, rules, row):
        return leave_ivr(day, rules, row)
    return NONE


# -- heads ------------------------------------------------------------------------------------------------------------


@cold
def change_heads(day: Day, rules: Rules, r: Counting) -> None:
    """The next of the planned steps: agents go, or are about to come; the doors close; the day ends."""
    now = day.now
    step = now[STEP]
    now[STEP] = step + 1
    group, heads = day.steps[step, ABOUT], day.steps[step, HEADS]
    if group in (CLOSE, HORIZON):
        stop_settling(day, rules.head_start)
        if group == CLOSE:
            now[CLOSED] = 1
        if group == HORIZON or rules.finish == 0:
            end_of_day(day, rules.head_start)
    elif heads < 0:
        go(day, rules, r, group, -heads)
    else:
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


# -- closing ----------------------------------------------------------------------------------------------------------


@cold
def end_of_day(day: Day, head_start: Ints) -> None:
    """Who still waits or is still in the IVR is counted as STILL_THERE."""
    now, calls = day.now, day.calls
    if now[CLEARED] != 0:
        return
    for row in range(now[ROWS]):  # who comes this very tick or later has not arrived yet
        if day.drawn[row, DRAWN_ARRIVAL] < now[CLOCK] and calls[row, OUTCOME] == NONE:
            if calls[row, IVR_EXIT] == NONE:
                now[IN_IVR] -= 1
            if calls[row, QUEUE_ENTRY] != NONE:
                leave(day, head_start, row)
            hang_up(now, calls, row, OVER_STILL_THERE)
