"""Kernel: one day in one compiled loop; the same events, decisions and rules as `sim.engines.reference`.

Each function is the method of `ReferenceDay` of that name. What differs is where things are kept, and that a contained
caller's next call is drawn when the event is over: it comes a tick later at the earliest.
"""

from __future__ import annotations

import numpy as np

from sim.calls import Outcome
from sim.chance.jit import inlined, kernel
from sim.chance.laws import ScenarioLaws
from sim.chance.tape import ARRIVAL as DRAWN_ARRIVAL
from sim.chance.tape import NUMBER
from sim.engines.attendance import TALKING, go, leaves_owed, next_away, note_call, stays, wait
from sim.engines.decisions import NOBODY, pick_queue
from sim.engines.events import Kind
from sim.engines.passage import (
    ARRIVES,
    EXITS,
    abandon,
    answer,
    call_again,
    check_cleared,
    end_talk,
    enters_ivr,
    hang_up,
    leave_ivr,
)
from sim.engines.pending import later_pop, leave, settle, stop_settling
from sim.engines.state import (
    A_GROUP,
    A_STATE,
    ABOUT,
    AGENT_BITS,
    AGENT_KEY_BITS,
    CLEARED,
    CLOCK,
    CLOSED,
    CONTAINED_ROW,
    FAR,
    FIRST_AGENT,
    HEAD,
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
    ROWS,
    STEP,
    TOO_LATE,
    Day,
    Rules,
)
from sim.tally.credit import IVR_EXIT, OUTCOME, QUEUE_ENTRY
from sim.tally.credit import Rules as Counting

NONE = -1
OVER_STILL_THERE = int(Outcome.STILL_THERE)
ABANDONS = int(Kind.ABANDON)
RELEASES, TALK_ENDS = int(Kind.RELEASE), int(Kind.TALK_END)
CLOSE, HORIZON = -1, -2  # in the place of a group: not a change of heads
OF_STEPS, OF_AGENTS, OF_TAPE, OF_LATER, OF_LEAVING = range(5)
KIND = (1 << KIND_BITS) - 1  # of a key
DONE, NO_ROOM, BEYOND = range(3)  # how a run ended


@kernel
def run_day(
    day: Day, rules: Rules, r: Counting, laws: ScenarioLaws, seed: np.uint64, replication: np.uint64, stride: int
) -> int:
    """Until nothing is pending (DONE); else the rows were not enough for the later calls, or an event was beyond LAST_TICK.

    stride : numbers of later calls are the caller's plus attempt x stride
    """
    now, calls = day.now, day.calls
    while True:
        source = next_event(day, rules)
        if now[CLOCK] >= LATEST:
            return BEYOND if now[TOO_LATE] != 0 else DONE
        if source == OF_AGENTS:
            agent = day.tree[1] & (MOST_AGENTS - 1)
            if day.agents[agent, A_STATE] == TALKING:
                end_talk(day, agent)
            else:
                release(day, rules, r, agent)
            continue
        if source == OF_TAPE:
            row, exits = now[NEXT], False
            now[NEXT] = row + 1
        elif source == OF_LEAVING:
            abandon(day, rules, r, day.leaving[0])
            continue
        elif source == OF_STEPS:
            change_heads(day, rules, r)
            continue
        else:
            exits = day.later[0, L_KEY] & KIND == EXITS
            row = later_pop(now, day.later)
        if exits or enters_ivr(day, rules, row):
            leave_ivr(day, rules, r, row)
            if now[CONTAINED_ROW] != NONE:
                if now[ROWS] == calls.shape[0]:
                    return NO_ROOM
                call_again(day, rules, laws, seed, replication, stride, now[CONTAINED_ROW])
                now[CONTAINED_ROW] = NONE


@inlined
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


# -- agents -----------------------------------------------------------------------------------------------------------


@inlined
def release(day: Day, rules: Rules, r: Counting, agent: int) -> None:
    """Wrap-up is over: who is owed leaves, else takes the next call."""
    if not leaves_owed(day, rules, r, agent):
        if rules.log != 0:
            note_call(day, agent, FAR)
        take_call(day, rules, r, agent)


@inlined
def take_call(day: Day, rules: Rules, r: Counting, agent: int) -> None:
    """The agent takes the call his group's order gives him, or waits for one."""
    group = day.agents[agent, A_GROUP]
    first, last = rules.scan_at[group], rules.scan_at[group + 1]
    for i in range(first, last):
        settle(day, rules.head_start, rules.scan[i])
    queue = pick_queue(rules.scan, rules.level, first, last, day.head_key, day.head_number)
    if queue == NOBODY:
        wait(day, agent)
    else:
        row = day.queues[queue, HEAD]
        leave(day, rules.head_start, row)
        answer(day, rules, row, agent)
        check_cleared(day, rules, r)


@kernel
def change_heads(day: Day, rules: Rules, r: Counting) -> None:
    """The next of the planned steps: agents come or go, the doors close, the day ends."""
    step = day.now[STEP]
    day.now[STEP] = step + 1
    group, heads = day.steps[step, ABOUT], day.steps[step, HEADS]
    if group in (CLOSE, HORIZON):
        stop_settling(day, rules.head_start)
        if group == CLOSE:
            day.now[CLOSED] = 1
        if group == HORIZON or rules.finish == 0:
            end_of_day(day, rules)
        check_cleared(day, rules, r)
    elif heads < 0:
        go(day, rules, r, group, -heads)
    else:
        agent = day.groups[group, FIRST_AGENT]
        for _ in range(stays(day, group, heads)):
            agent = next_away(day, group, agent)
            take_call(day, rules, r, agent)
            agent += 1


# -- closing ----------------------------------------------------------------------------------------------------------


@kernel
def end_of_day(day: Day, rules: Rules) -> None:
    """Who still waits or is still in the IVR is counted as STILL_THERE."""
    now, calls = day.now, day.calls
    if now[CLEARED] != 0:
        return
    for row in range(now[ROWS]):  # who comes this very tick or later has not arrived yet
        if day.drawn[row, DRAWN_ARRIVAL] < now[CLOCK] and calls[row, OUTCOME] == NONE:
            if calls[row, IVR_EXIT] == NONE:
                now[IN_IVR] -= 1
            if calls[row, QUEUE_ENTRY] != NONE:
                leave(day, rules.head_start, row)
            hang_up(day, row, OVER_STILL_THERE)
