"""Doors: heads that change as planned, doors that open and close, and days that end, in the compiled engine.

Each function is the method of `ReferenceDay` of that name, but `change_heads`, which is its `go` and `come`.
"""

from __future__ import annotations

from sim.calls import Outcome
from sim.chance.jit import at, cold, constant, part
from sim.chance.presence import BEYOND, TICK, WHEN_CLEARED
from sim.engines.attendance import AWAY, IDLE
from sim.engines.heads import all_go, go, stays
from sim.engines.in_hand import mark
from sim.engines.offering import left_over
from sim.engines.passing import drop_leg
from sim.engines.pending import hang_up, over
from sim.engines.queueing import leave, stop_settling
from sim.engines.ringing import stops_at_once
from sim.engines.staffing import ALL_ENDS, CLOSES, OPENS
from sim.engines.state import (
    A_DUE,
    A_IN_HAND,
    A_STATE,
    A_STEP,
    ABOUT,
    CLEARED,
    CLEARED_AT,
    CLOCK,
    CLOSED,
    COMING,
    COMING_FROM,
    ENDED,
    FIRST_AGENT,
    FIRST_PERSON,
    HEADS,
    IN_IVR,
    KEY,
    LAST_ANSWERED,
    LAZY,
    OPENED,
    PLANNED,
    QUEUE,
    ROOT,
    STEP,
    STEP_KEY,
    Day,
    Rules,
)
from sim.engines.stays import goes_on, is_off
from sim.tally.credit import ACCEPTED, ANSWER, CALL_TYPE, IVR_EXIT, OUTCOME, QUEUE_ENTRY, Sums
from sim.tally.spans import Rules as Counting

NONE = -1
OVER_STILL_THERE = constant(Outcome.STILL_THERE)
BORDER = -1  # less one of CLOSES, DAY_ENDS, ALL_ENDS, OPENS, in the place of a group: not a change of heads


@cold
def change_heads(day: Day, rules: Rules, r: Counting, t: Sums) -> None:
    """The next of the planned steps: agents go, or are about to come; the doors close; the day ends."""
    now = day.now
    step = now[STEP]
    now[STEP], now[STEP_KEY] = step + 1, day.steps[step + 1, KEY]
    pool, heads = day.steps[step, ABOUT], day.steps[step, HEADS]
    if pool < 0:
        border(day, rules, r, t, BORDER - pool)
    elif heads < 0:
        day.pools[pool, PLANNED] += heads
        go(day, rules, r, t, pool, -heads)
    else:
        day.pools[pool, PLANNED] += heads
        now[COMING], now[COMING_FROM] = stays(day, rules, r, t, pool, heads), day.pools[pool, FIRST_AGENT]


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
def border(day: Day, rules: Rules, r: Counting, t: Sums, what: int) -> None:
    """The doors open or close, or a day is over."""
    now = day.now
    if what == OPENS:
        now[CLOSED] = now[CLEARED] = 0
        now[LAZY], now[OPENED] = rules.lazy, now[CLOCK]
        for queue in range(day.queues.shape[0]):
            day.queues[queue, LAST_ANSWERED] = 0
        for pool in range(day.pools.shape[0]):
            if day.pools[pool, FIRST_AGENT] < now[FIRST_PERSON]:
                day.pools[pool, PLANNED] = 0  # of the heads that are counted those who then come are the only ones there
        return
    stop_settling(day, rules.order)
    if what == CLOSES:
        now[CLOSED] = 1
    else:
        if now[CLEARED] == 0:
            end_of_day(day, rules)
            go_home(day, rules, r, t)
        if what == ALL_ENDS:
            now[ENDED] = 1
            end_of_all(day, rules)


@cold
def go_home(day: Day, rules: Rules, r: Counting, t: Sums) -> None:
    """Nobody is served any more until the doors open again."""
    day.now[CLEARED] = 1
    all_go(day, rules, r, t)
    all_may_go(day, rules, r, t)


@cold
def all_may_go(day: Day, rules: Rules, r: Counting, t: Sums) -> None:
    """Who was to stay until the floor is cleared may go now, at the latest when he has finished."""
    day.now[CLEARED_AT] = day.now[CLOCK]
    for agent in range(day.now[FIRST_PERSON], day.agents.shape[0]):
        going = at(day.agents, agent)
        if going[A_DUE] == BEYOND and day.plans[going[A_STEP] + 1, TICK] == WHEN_CLEARED:
            going[A_DUE] = day.now[CLOCK]
            if going[A_IN_HAND] > 0:
                mark(
                    day.now, day.agents, day.pools, day.tree, day.waiting, day.idle, day.stretches, rules.log, r, t.agents, agent
                )
            elif going[A_STATE] == IDLE or is_off(day, agent):
                goes_on(day, rules, r, t, agent)


@cold
def end_of_day(day: Day, rules: Rules) -> None:
    """Who still waits or is still in the IVR is counted as STILL_THERE; callbacks and work wait for another day."""
    now, calls = day.now, day.calls
    for call in range(calls.shape[0]):
        there = calls[call, OUTCOME] == NONE and calls[call, ANSWER] == NONE and calls[call, ACCEPTED] == NONE
        if not there or rules.work[calls[call, CALL_TYPE]] > 0:
            continue
        if calls[call, IVR_EXIT] == NONE:
            now[IN_IVR] -= 1
        if not stops_at_once(day, call) and calls[call, QUEUE_ENTRY] != NONE:
            leave(day, rules.order, call)
        if rules.hands != 0 and calls[call, ROOT] != NONE:
            drop_leg(day, rules, call)
        else:
            hang_up(now, calls, call, OVER_STILL_THERE)


@cold
def end_of_all(day: Day, rules: Rules) -> None:
    """There is no other day for the callbacks and the work that stand in queues."""
    for call in range(day.calls.shape[0]):
        if day.calls[call, OUTCOME] == NONE and day.calls[call, ANSWER] == NONE and day.calls[call, QUEUE] != NONE:
            leave(day, rules.order, call)
            over(day.now, day.calls, call, left_over(rules, day.calls[call, CALL_TYPE]), day.now[CLOCK])
