"""Kernel: one day in one compiled loop; the same events, decisions and rules as `sim.engines.reference`.

Each function is the method of `ReferenceDay` of that name. What differs is where things are kept, and that a contained
caller's next call is drawn when the event is over: it comes a tick later at the earliest.
"""

from __future__ import annotations

import numpy as np

from sim.calls import Outcome
from sim.chance.jit import inlined, kernel
from sim.chance.laws import ScenarioLaws
from sim.engines.attendance import TALKING, go, leaves_owed, next_away, note_call, stays, wait
from sim.engines.decisions import NOBODY, pick_queue
from sim.engines.events import INDEX_BITS, Kind
from sim.engines.passage import (
    AT_ARRIVAL,
    AT_IVR_EXIT,
    abandon,
    answer,
    call_again,
    check_cleared,
    end_talk,
    enters_ivr,
    hang_up,
    leave_ivr,
)
from sim.engines.pending import later_pop, leave
from sim.engines.state import (
    A_GROUP,
    A_STATE,
    ABOUT,
    ANSWER,
    ARRIVAL,
    CLEARED,
    CLOCK,
    CLOSED,
    CONTAINED_ROW,
    FAR,
    FIRST_AGENT,
    HEAD,
    HEADS,
    IN_IVR,
    IVR_EXIT,
    LATER,
    LEAVES,
    LEAVING,
    NEXT,
    NUMBER,
    OUTCOME,
    QUEUE_ENTRY,
    ROWS,
    STEP,
    TICK,
    WORD,
    Day,
    Rules,
)  # fmt: skip

NONE = -1
OVER_STILL_THERE = int(Outcome.STILL_THERE)
AT_ABANDON = int(Kind.ABANDON) << INDEX_BITS
CLOSE, HORIZON = -1, -2  # in the place of a group: not a change of heads
OF_STEPS, OF_AGENTS, OF_TAPE, OF_LATER, OF_LEAVING = range(5)


@kernel
def run_day(day: Day, rules: Rules, laws: ScenarioLaws, seed: np.uint64, replication: np.uint64, stride: int) -> bool:
    """Until nothing is pending; False when the rows were not enough for the later calls.

    stride : numbers of later calls are the caller's plus attempt x stride
    """
    now, calls = day.now, day.calls
    while True:
        source = next_event(day, rules)
        if now[CLOCK] == FAR:
            return True
        if source == OF_AGENTS:
            agent = day.winner[1]
            if day.agents[agent, A_STATE] == TALKING:
                end_talk(day, agent)
            else:
                release(day, rules, agent)
            continue
        if source == OF_LEAVING:
            abandon(day, rules, day.leaving[0])
            continue
        if source == OF_STEPS:
            change_heads(day, rules)
            continue
        if source == OF_TAPE:
            row, exits = now[NEXT], False
            now[NEXT] = row + 1
        else:
            exits = day.later[0, WORD] >= AT_IVR_EXIT
            row = later_pop(now, day.later)
        if exits or enters_ivr(day, rules, row):
            leave_ivr(day, rules, row)
            if now[CONTAINED_ROW] != NONE:
                if now[ROWS] == calls.shape[0]:
                    return False
                call_again(day, laws, seed, replication, stride, now[CONTAINED_ROW])
                now[CONTAINED_ROW] = NONE


@inlined
def next_event(day: Day, rules: Rules) -> int:
    """Sets the clock to the earliest pending event and says which of the five lists it stands on."""
    now, steps, calls = day.now, day.steps, day.calls
    source = OF_STEPS
    tick, word = steps[now[STEP], TICK], steps[now[STEP], WORD]
    agent = day.winner[1]
    other = day.tick[1]
    if other < tick or (other == tick and day.word[agent] < word):
        source, tick, word = OF_AGENTS, other, day.word[agent]
    row = now[NEXT]
    if row < rules.fresh:
        other = calls[row, ARRIVAL]
        if other < tick or (other == tick and AT_ARRIVAL | calls[row, NUMBER] < word):
            source, tick, word = OF_TAPE, other, AT_ARRIVAL | calls[row, NUMBER]
    if now[LATER] > 0:
        other = day.later[0, TICK]
        if other < tick or (other == tick and day.later[0, WORD] < word):
            source, tick, word = OF_LATER, other, day.later[0, WORD]
    if now[LEAVING] > 0:
        row = day.leaving[0]
        other = calls[row, LEAVES]
        if other < tick or (other == tick and AT_ABANDON | calls[row, NUMBER] < word):
            source, tick = OF_LEAVING, other
    now[CLOCK] = tick
    return source


# -- agents -----------------------------------------------------------------------------------------------------------


@inlined
def release(day: Day, rules: Rules, agent: int) -> None:
    """Wrap-up is over: who is owed leaves, else takes the next call."""
    if not leaves_owed(day, agent):
        note_call(day, agent, FAR)
        take_call(day, rules, agent)


@inlined
def take_call(day: Day, rules: Rules, agent: int) -> None:
    """The agent takes the call his group's order gives him, or waits for one."""
    group = day.agents[agent, A_GROUP]
    first, last = rules.scan_at[group], rules.scan_at[group + 1]
    queue = pick_queue(rules.scan, rules.level, first, last, day.head_key, day.head_number)
    if queue == NOBODY:
        wait(day, agent)
    else:
        row = day.queues[queue, HEAD]
        leave(day, rules.head_start, row)
        answer(day, row, agent)
        check_cleared(day)


@kernel
def change_heads(day: Day, rules: Rules) -> None:
    """The next of the planned steps: agents come or go, the doors close, the day ends."""
    step = day.now[STEP]
    day.now[STEP] = step + 1
    group, heads = day.steps[step, ABOUT], day.steps[step, HEADS]
    if group in (CLOSE, HORIZON):
        if group == CLOSE:
            day.now[CLOSED] = 1
        if group == HORIZON or rules.finish == 0:
            end_of_day(day, rules)
        check_cleared(day)
    elif heads < 0:
        go(day, group, -heads)
    else:
        agent = day.groups[group, FIRST_AGENT]
        for _ in range(stays(day, group, heads)):
            agent = next_away(day, group, agent)
            take_call(day, rules, agent)
            agent += 1


# -- closing ----------------------------------------------------------------------------------------------------------


@kernel
def end_of_day(day: Day, rules: Rules) -> None:
    """Who still waits or is still in the IVR is counted as STILL_THERE."""
    now, calls = day.now, day.calls
    if now[CLEARED] != 0:
        return
    for row in range(now[ROWS]):
        if calls[row, OUTCOME] == NONE and calls[row, ANSWER] == NONE and calls[row, ARRIVAL] < now[CLOCK]:
            if calls[row, IVR_EXIT] == NONE:
                now[IN_IVR] -= 1
            if calls[row, QUEUE_ENTRY] != NONE:
                leave(day, rules.head_start, row)
            hang_up(day, row, OVER_STILL_THERE)
