"""Passage: what a call goes through in the compiled engine, from its arrival until it is over.

Each function is the method of `ReferenceDay` of that name.
"""

from __future__ import annotations

import numpy as np

from sim.calls import Outcome
from sim.chance.draws import again_key, again_values, caller_values
from sim.chance.jit import cold, constant, part
from sim.chance.laws import ScenarioLaws
from sim.chance.tape import ARRIVAL as DRAWN_ARRIVAL
from sim.chance.tape import BALKS, FATE, IVR, NUMBER, PATIENCE, STREAM, SURGE, TALK, WAITED, WRAP, Fate
from sim.chance.tape import CALL_TYPE as DRAWN_TYPE
from sim.engines.attendance import TALKING, WRAPPING_UP, end_waiting, wait
from sim.engines.decisions import NOBODY, pick_group, pick_queue
from sim.engines.events import Kind
from sim.engines.pending import MOST_TICK, agent_event, has_left, join, later_push, leave, settle
from sim.engines.state import (
    A_GROUP,
    A_ROW,
    A_SINCE,
    A_STATE,
    AGENT,
    CLOCK,
    CONTAINED_ROW,
    FAR,
    FIRST_IDLE,
    HEAD,
    IN_IVR,
    LEAVES,
    LINES,
    PLACE,
    QUEUE,
    ROWS,
    Day,
    Ints,
    Rules,
)
from sim.tally.credit import ANSWER, ARRIVAL, CALL_TYPE, END, GROUP, IVR_EXIT, OUTCOME, QUEUE_ENTRY, RELEASE
from sim.tally.credit import Rules as Counting

NONE = -1
TO_QUEUE, CONTAINED = int(Fate.QUEUE), int(Fate.CONTAINED)
OVER_CLOSED, OVER_BLOCKED = constant(Outcome.CLOSED), constant(Outcome.BLOCKED)
OVER_CONTAINED, OVER_IVR = constant(Outcome.CONTAINED), constant(Outcome.IVR_ABANDONED)
OVER_BALKED, OVER_ANSWERED = constant(Outcome.BALKED), constant(Outcome.ANSWERED)
ARRIVES, EXITS = constant(Kind.ARRIVAL), constant(Kind.IVR_EXIT)


@part
def enters_ivr(day: Day, rules: Rules, row: int) -> bool:
    """A call arrives: to closed doors, to busy lines, or into the IVR; whether it leaves that in the same tick."""
    now, call, drawn = day.now, day.calls[row], day.drawn[row]
    call[ARRIVAL], call[CALL_TYPE] = drawn[DRAWN_ARRIVAL], drawn[DRAWN_TYPE]
    call[QUEUE_ENTRY], call[ANSWER], call[END], call[RELEASE] = NONE, NONE, now[CLOCK], NONE
    call[GROUP], call[OUTCOME], call[IVR_EXIT], call[AGENT], call[PLACE] = NONE, NONE, NONE, NONE, NONE
    if not rules.opens <= now[CLOCK] < rules.closes:
        call[OUTCOME] = OVER_CLOSED
        return False
    if 0 <= rules.trunks <= now[LINES]:
        call[OUTCOME] = OVER_BLOCKED
        return False
    now[LINES] += 1
    now[IN_IVR] += 1
    if drawn[IVR] == 0:
        return True
    later_push(now, day.later, now[CLOCK] + drawn[IVR], EXITS, drawn[NUMBER], row)
    return False


@part
def leave_ivr(day: Day, rules: Rules, row: int) -> int:
    """The IVR is over: the caller asks for an agent, was contained, or hangs up. The row if he asks, else NONE."""
    now, calls, fate = day.now, day.calls, day.drawn[row, FATE]
    if calls[row, OUTCOME] != NONE:
        return NONE  # dropped at closing
    now[IN_IVR] -= 1
    calls[row, IVR_EXIT] = now[CLOCK]
    if fate == TO_QUEUE:
        return row
    if fate == CONTAINED:
        if day.drawn[row, NUMBER] // rules.stride < rules.again_most:
            now[CONTAINED_ROW] = row
        hang_up(now, calls, row, OVER_CONTAINED)
    else:
        hang_up(now, calls, row, OVER_IVR)
    return NONE


@part
def class_of(rules: Rules, kind: int, label: Ints) -> int:
    """The class of a call, as `Plan.classes` has it: its type's first, and what its labels add."""
    queue = rules.first_class[kind]
    if rules.by_label != 0:
        for family in range(label.shape[0]):
            queue += (label[family] + 1) * rules.strides[kind, family]
    return int(queue)


@part
def agent_for(day: Day, rules: Rules, r: Counting, row: int) -> int:
    """The call asks for an agent: the one who answers it, or NONE; then it balks, or waits."""
    now, call, drawn = day.now, day.calls[row], day.drawn[row]
    queue = class_of(rules, drawn[DRAWN_TYPE], day.label[row])
    call[QUEUE_ENTRY] = now[CLOCK] - drawn[WAITED]
    group = pick_group(rules.look, rules.look_at[queue], rules.look_at[queue + 1], day.free)
    if group != NOBODY:
        agent = day.groups[group, FIRST_IDLE]
        end_waiting(day, rules, r, agent)
        return int(agent)
    if drawn[BALKS] != 0:
        hang_up(now, day.calls, row, OVER_BALKED)
        return NONE
    call[QUEUE] = queue
    call[LEAVES] = now[CLOCK] + drawn[PATIENCE] if drawn[PATIENCE] <= MOST_TICK else FAR
    join(day, rules.head_start, row)
    return NONE


@part
def call_for(day: Day, rules: Rules, agent: int) -> int:
    """The agent looks for a call: the row of the one his group's order gives him, or NONE; then he waits for one."""
    group = day.agents[agent, A_GROUP]
    first, last = rules.scan_at[group], rules.scan_at[group + 1]
    for i in range(first, last):
        settle(day, rules.head_start, rules.scan[i])
    queue = pick_queue(rules.scan, rules.level, first, last, day.head_key, day.head_number)
    if queue == NOBODY:
        wait(day.now, day.agents, day.groups, day.free, day.tree, agent)
        return NONE
    row = day.queues[queue, HEAD]
    leave(day, rules.head_start, row)
    return int(row)


@part
def answer(day: Day, rules: Rules, row: int, agent: int) -> None:
    """The agent, idle or free this very tick, takes the call; with that its end and his release are known.

    The end of the talk frees a line and changes nothing else: where lines are not counted it is no event of its own.
    """
    call, drawn, agents, now = day.calls[row], day.drawn[row], day.agents, day.now[CLOCK]
    end = now + drawn[TALK]
    release = end + drawn[WRAP]
    call[ANSWER], call[END], call[RELEASE], call[OUTCOME] = now, end, release, OVER_ANSWERED
    call[GROUP], call[AGENT] = agents[agent, A_GROUP], agent
    agents[agent, A_SINCE], agents[agent, A_ROW], agents[agent, A_STATE] = now, row, WRAPPING_UP
    tick, releases = release, 1
    if rules.trunks >= 0:
        agents[agent, A_STATE] = TALKING
        tick, releases = end, 0
    agent_event(day.now, day.tree, agent, tick, releases)


@cold
def end_talk(day: Day, agent: int) -> None:
    """The caller is gone and the line is free; wrap-up begins."""
    day.now[LINES] -= 1
    day.agents[agent, A_STATE] = WRAPPING_UP
    agent_event(day.now, day.tree, agent, day.calls[day.agents[agent, A_ROW], RELEASE], 1)


@part
def abandon(day: Day, rules: Rules) -> None:
    """The caller's patience has ended in the queue; the line is free."""
    day.now[LINES] -= 1
    has_left(day, rules.head_start, day.leaving[0])


@part
def hang_up(now: Ints, calls: Ints, row: int, outcome: int) -> None:
    """The caller is gone and the line is free."""
    now[LINES] -= 1
    calls[row, OUTCOME] = outcome
    calls[row, END] = now[CLOCK]


@cold
def call_again(day: Day, rules: Rules, laws: ScenarioLaws, seed: np.uint64, replication: np.uint64) -> None:
    """The contained caller may call again: another row, with the key and the number of that attempt."""
    now, row = day.now, day.now[CONTAINED_ROW]
    now[CONTAINED_ROW] = NONE
    old, key = day.drawn[row], day.key[row]
    kind = old[DRAWN_TYPE]
    comes, delay = again_values(laws, seed, replication, key, kind, old[DRAWN_ARRIVAL])
    if comes == 0:
        return
    row_of_new = now[ROWS]
    now[ROWS] = row_of_new + 1
    arrival, number = min(now[CLOCK] + delay, MOST_TICK + 1), old[NUMBER] + rules.stride
    later = np.uint64(again_key(key, number // rules.stride))
    factor = laws.factors[old[SURGE]]
    ivr, fate, balks, talk, wrap, patience = caller_values(
        laws, seed, replication, later, kind, arrival, factor[0], factor[1], factor[2]
    )
    new = day.drawn[row_of_new]
    new[IVR], new[FATE], new[BALKS], new[TALK], new[WRAP], new[PATIENCE] = ivr, fate, balks, talk, wrap, patience
    new[DRAWN_ARRIVAL], new[DRAWN_TYPE], new[NUMBER] = arrival, kind, number
    new[WAITED], new[SURGE], new[STREAM] = 0, old[SURGE], old[STREAM]
    day.key[row_of_new] = later
    for family in range(day.label.shape[1]):
        day.label[row_of_new, family] = day.label[row, family]
    later_push(now, day.later, arrival, ARRIVES, number, row_of_new)
