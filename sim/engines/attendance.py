"""Attendance: agents of the compiled engine coming, waiting, going, and what is written down of them."""

from __future__ import annotations

import numpy as np

from sim.calls import AWAY as NOT_THERE
from sim.calls import State
from sim.chance.jit import at, cold, constant, part
from sim.engines.decisions import BY_IDLE, NOBODY_IDLE, blended, idle_key
from sim.engines.events import AGENT_BITS, Kind
from sim.engines.pending import MOST_TICK, RELEASES, agent_event, play
from sim.engines.state import (
    A_CALL,
    A_DUE,
    A_GROUP,
    A_HANDLED,
    A_IDLE,
    A_PLACE,
    A_POOL,
    A_RELEASE,
    A_SINCE,
    A_STATE,
    A_WHY,
    AGENT_KEY_BITS,
    CALL_NUMBER,
    CLOCK,
    FAR,
    FIRST_AGENT,
    FIRST_PERSON,
    GROUPS,
    LEAVES_OF,
    LINES,
    OWED_COUNT,
    OWED_FIRST,
    PAST_AGENT,
    S_AGENT,
    S_CALL,
    S_FINISHING,
    S_GROUP,
    S_PAID,
    S_REASON,
    S_SINCE,
    S_STATE,
    S_UNTIL,
    STRETCHES,
    TREE_AT,
    Day,
    Ints,
    Rules,
)
from sim.tally.credit import ANSWER, FINISHING, ON_PHONES, Sums, parted
from sim.tally.spans import NOWHERE, spread
from sim.tally.spans import Rules as Counting

NONE = -1
AWAY, GOES_OFF = constant(NOT_THERE), constant(Kind.OFF)
IDLE, TALKING, WRAPPING_UP = constant(State.IDLE), constant(State.TALK), constant(State.WRAP_UP)


@part
def note(
    now: Ints, kept: Ints, agent: int, group: int, state: int, since: int, until: int, call: int, finishing: int, paid: int
) -> None:
    """Write down a stretch; nothing where it has no length."""
    if until <= since:
        return
    at = now[STRETCHES]
    now[STRETCHES] = at + 1
    kept[at, S_AGENT], kept[at, S_GROUP], kept[at, S_STATE] = agent, group, state
    kept[at, S_SINCE], kept[at, S_UNTIL], kept[at, S_CALL], kept[at, S_FINISHING] = since, until, call, finishing
    kept[at, S_PAID], kept[at, S_REASON] = paid, 0


@cold
def note_call(day: Day, agent: int, border: int) -> None:
    """Write down talk and wrap-up of the call just released; what lies after `border` is finishing (FAR: nothing).

    Only this call can reach past the border: while heads are owed, nobody of the group is idle or takes another call.
    """
    now, kept, group, call = day.now, day.stretches, day.agents[agent, A_GROUP], day.calls[day.agents[agent, A_CALL]]
    answer, end, number = call[ANSWER], parted(call), call[CALL_NUMBER]
    if answer == NONE:  # called back, and not reached
        answer, end = day.agents[agent, A_SINCE], now[CLOCK]
    note(now, kept, agent, group, TALKING, answer, min(end, border), number, 0, 1)
    if border < end:
        note(now, kept, agent, group, TALKING, max(answer, border), end, number, 1, 1)
    note(now, kept, agent, group, WRAPPING_UP, end, min(now[CLOCK], border), number, 0, 1)
    if border < now[CLOCK]:
        note(now, kept, agent, group, WRAPPING_UP, max(end, border), now[CLOCK], number, 1, 1)


@part
def stand(day: Day, agent: int, key: int) -> None:
    """The agent has this place among the idle of his pool; NOBODY_IDLE: none. Their tournament is played again."""
    one, number = np.uint64(1), at(day.agents, agent)[A_POOL]
    pool, tree = at(day.pools, number), day.waiting
    begin = np.uint64(pool[TREE_AT])
    i = np.uint64(pool[LEAVES_OF] + agent - pool[FIRST_AGENT])
    tree[begin + i] = key
    while i > one:
        key = min(key, tree[begin + (i ^ one)])
        i >>= one
        tree[begin + i] = key
    day.idle[np.uint64(number)] = key


@part
def wait(day: Day, rules: Rules, agent: int, reason: int) -> None:
    """The agent is idle from now on; by `reason` there is no call for him though some wait."""
    waiting, tick = at(day.agents, agent), day.now[CLOCK]
    waiting[A_STATE], waiting[A_SINCE], waiting[A_CALL], waiting[A_WHY] = IDLE, tick, NONE, reason
    handled, place = 0, 0
    if rules.idle_by != BY_IDLE:
        handled, place = waiting[A_HANDLED], waiting[A_PLACE]
    stand(day, agent, idle_key(rules.idle_by, tick, handled, np.uint64(place), agent))
    until_due(day, agent)
    day.idle[np.uint64(day.idle.shape[0] - 2 * day.now[GROUPS] + waiting[A_GROUP])] += 1


@part
def until_due(day: Day, agent: int) -> None:
    """Nothing happens with the agent until what is next on his plan is due, if anything is."""
    due = at(day.agents, agent)[A_DUE]
    play(day.tree, agent, due << AGENT_KEY_BITS | GOES_OFF << AGENT_BITS | agent if due <= MOST_TICK else FAR)


@cold
def blend(day: Day, rules: Rules) -> None:
    """Which groups do work beside calls now; where one begins to, all its idle agents look for some."""
    for group in range(rules.blend.shape[0]):
        free = day.idle.shape[0] - 2 * day.now[GROUPS] + group
        mode = free + day.now[GROUPS]
        before = day.idle[mode]
        day.idle[mode] = blended(before, day.idle[free], rules.blend[group, 0], rules.blend[group, 1])
        if day.idle[mode] > before:
            for agent in range(day.agents.shape[0]):
                looks = at(day.agents, agent)
                if looks[A_GROUP] == group and looks[A_STATE] == IDLE and looks[A_DUE] > day.now[CLOCK]:
                    agent_event(day.now, day.tree, agent, day.now[CLOCK], RELEASES)


@part
def end_waiting(day: Day, rules: Rules, r: Counting, t: Sums, agent: int) -> None:
    """The agent is no longer idle; his idle stretch is written down, or counted."""
    going = at(day.agents, agent)
    stand(day, agent, NOBODY_IDLE)
    going[A_IDLE] += day.now[CLOCK] - going[A_SINCE]
    day.idle[np.uint64(day.idle.shape[0] - 2 * day.now[GROUPS] + going[A_GROUP])] -= 1
    if rules.log != 0:
        note(day.now, day.stretches, agent, going[A_GROUP], IDLE, going[A_SINCE], day.now[CLOCK], NONE, 0, 1)
        if going[A_SINCE] < day.now[CLOCK]:
            day.stretches[day.now[STRETCHES] - 1, S_REASON] = going[A_WHY]
    else:
        spread(r, going[A_SINCE], day.now[CLOCK], t.agents, going[A_GROUP], ON_PHONES, NOWHERE)


@cold
def owe(now: Ints, pools: Ints, owed: Ints, pool: int, heads: int) -> None:
    """So many of the pool should have left by now and leave when they have finished."""
    start, size = pools[pool, FIRST_AGENT], pools[pool, PAST_AGENT] - pools[pool, FIRST_AGENT]
    for _ in range(heads):
        owed[start + (pools[pool, OWED_FIRST] + pools[pool, OWED_COUNT]) % size] = now[CLOCK]
        pools[pool, OWED_COUNT] += 1


@cold
def leave_owed(day: Day, rules: Rules, r: Counting, t: Sums, agent: int) -> None:
    """The agent leaves, late: his time since the oldest border owed is finishing."""
    pools, pool, group = day.pools, day.agents[agent, A_POOL], day.agents[agent, A_GROUP]
    start, size = pools[pool, FIRST_AGENT], pools[pool, PAST_AGENT] - pools[pool, FIRST_AGENT]
    border = day.owed[start + pools[pool, OWED_FIRST]]
    pools[pool, OWED_FIRST] = (pools[pool, OWED_FIRST] + 1) % size
    pools[pool, OWED_COUNT] -= 1
    if rules.log != 0:
        note_call(day, agent, border)
    else:
        spread(r, max(day.agents[agent, A_SINCE], border), day.now[CLOCK], t.agents, group, FINISHING, NOWHERE)
    day.agents[agent, A_STATE] = AWAY
    play(day.tree, agent, FAR)


@cold
def stays(pools: Ints, pool: int, heads: int) -> int:
    """Heads more: who is owed stays, the latest border forgotten first; how many are left to come."""
    staying = min(heads, pools[pool, OWED_COUNT])
    pools[pool, OWED_COUNT] -= staying
    return int(heads - staying)


@cold
def go(day: Day, rules: Rules, r: Counting, t: Sums, pool: int, heads: int) -> None:
    """Heads less: the highest idle numbers leave; the next to finish are owed."""
    left = heads
    agent = day.pools[pool, PAST_AGENT]
    while left > 0 and agent > day.pools[pool, FIRST_AGENT]:
        agent -= 1
        if day.agents[agent, A_STATE] == IDLE:
            end_waiting(day, rules, r, t, agent)
            day.agents[agent, A_STATE] = AWAY
            left -= 1
    owe(day.now, day.pools, day.owed, pool, left)


@cold
def all_go(day: Day, rules: Rules, r: Counting, t: Sums) -> None:
    """Of the heads that are counted all idle leave; all busy leave when they have finished."""
    for pool in range(day.pools.shape[0]):
        if day.pools[pool, FIRST_AGENT] >= day.now[FIRST_PERSON]:
            break
        busy = 0
        for agent in range(day.pools[pool, FIRST_AGENT], day.pools[pool, PAST_AGENT]):
            if day.agents[agent, A_STATE] == IDLE:
                end_waiting(day, rules, r, t, agent)
                day.agents[agent, A_STATE] = AWAY
            elif day.agents[agent, A_STATE] != AWAY:
                busy += 1
        owe(day.now, day.pools, day.owed, pool, busy - day.pools[pool, OWED_COUNT])


@cold
def end_talk(now: Ints, agents: Ints, tree: Ints, agent: int) -> None:
    """The caller is gone and the line is free; wrap-up begins."""
    now[LINES] -= 1
    agents[agent, A_STATE] = WRAPPING_UP
    agent_event(now, tree, agent, agents[agent, A_RELEASE], RELEASES)
