"""Heads: agents who are only counted, and come and go where their number changes, in the compiled engine.

See `sim.engines.floor.Floor`, whose `go`, `stays` and `all_go` these are with their parts; `leave_owed` is its `leaves_owed`.
"""

from __future__ import annotations

from sim.chance.jit import cold, part
from sim.engines.attendance import AWAY, IDLE, end_waiting, note_call
from sim.engines.in_hand import mark, spell
from sim.engines.pending import RELEASES, agent_event, play
from sim.engines.state import (
    A_DUE,
    A_GROUP,
    A_IN_HAND,
    A_POOL,
    A_SINCE,
    A_STATE,
    CLOCK,
    FAR,
    FIRST_AGENT,
    GROUPS,
    OWED_COUNT,
    OWED_FIRST,
    PAST_AGENT,
    SEVERAL,
    Day,
    Ints,
    Rules,
)
from sim.tally.credit import FINISHING, Sums
from sim.tally.spans import NOWHERE, spread
from sim.tally.spans import Rules as Counting

NONE = -1


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


@part
def stays(day: Day, rules: Rules, r: Counting, t: Sums, pool: int, heads: int) -> int:
    """Heads more: who is owed, or marked, stays, the latest border forgotten first; how many are left to come."""
    staying = min(heads, day.pools[pool, OWED_COUNT])
    day.pools[pool, OWED_COUNT] -= staying
    if day.now[SEVERAL] == 0:
        return int(heads - staying)
    return unmarks(day.now, day.agents, day.pools, day.tree, day.stretches, rules.log, r, t.agents, pool, heads - staying)


@part
def go(day: Day, rules: Rules, r: Counting, t: Sums, pool: int, heads: int) -> None:
    """Heads less: the highest idle numbers leave; the next to finish are owed, or marked."""
    left = heads
    agent = day.pools[pool, PAST_AGENT]
    while left > 0 and agent > day.pools[pool, FIRST_AGENT]:
        agent -= 1
        if day.agents[agent, A_STATE] == IDLE:
            end_waiting(day, rules, r, t, agent)
            day.agents[agent, A_STATE] = AWAY
            left -= 1
    if day.now[SEVERAL] != 0:
        left = marks(
            day.now, day.agents, day.pools, day.tree, day.waiting, day.idle, day.stretches, rules.log, r, t.agents, pool, left
        )
    owe(day.now, day.pools, day.owed, pool, left)


@cold
def all_go(day: Day, rules: Rules, r: Counting, t: Sums) -> None:
    """Of the heads that are counted all idle leave; all busy leave when they have finished."""
    for pool in range(day.now[GROUPS]):
        busy = 0
        for agent in range(day.pools[pool, FIRST_AGENT], day.pools[pool, PAST_AGENT]):
            if day.agents[agent, A_STATE] == IDLE:
                end_waiting(day, rules, r, t, agent)
                day.agents[agent, A_STATE] = AWAY
            elif day.agents[agent, A_STATE] != AWAY and day.agents[agent, A_IN_HAND] == 0:
                busy += 1
        if day.now[SEVERAL] != 0:
            marks(
                day.now, day.agents, day.pools, day.tree, day.waiting, day.idle, day.stretches, rules.log, r, t.agents, pool,
                day.pools[pool, PAST_AGENT] - day.pools[pool, FIRST_AGENT],
            )  # fmt: skip
        owe(day.now, day.pools, day.owed, pool, busy - day.pools[pool, OWED_COUNT])


@cold
def marks(
    now: Ints, agents: Ints, pools: Ints, tree: Ints, waiting: Ints, idle: Ints, kept: Ints, log: int, r: Counting, out: Ints,
    pool: int, heads: int,
) -> int:  # fmt: skip
    """Of who handles several contacts at a time so many are marked to go who have least in hand, the highest number first.
    Returns how many are left.
    """
    tick, left = now[CLOCK], heads
    while left > 0:
        found = NONE
        for agent in range(pools[pool, FIRST_AGENT], pools[pool, PAST_AGENT]):
            has = agents[agent, A_IN_HAND]
            if has > 0 and agents[agent, A_DUE] > tick and (found == NONE or has <= agents[found, A_IN_HAND]):
                found = agent
        if found == NONE:
            break
        mark(now, agents, pools, tree, waiting, idle, kept, log, r, out, found)
        agents[found, A_DUE] = tick
        left -= 1
    return int(left)


@cold
def unmarks(
    now: Ints, agents: Ints, pools: Ints, tree: Ints, kept: Ints, log: int, r: Counting, out: Ints, pool: int, heads: int
) -> int:
    """Of who is marked so many stay, the latest first, and look for a call. Returns how many are left."""
    left = heads
    while left > 0:
        found = NONE
        for agent in range(pools[pool, FIRST_AGENT], pools[pool, PAST_AGENT]):
            marked = agents[agent, A_IN_HAND] > 0 and agents[agent, A_DUE] < FAR
            if marked and (found == NONE or agents[agent, A_DUE] > agents[found, A_DUE]):
                found = agent
        if found == NONE:
            break
        spell(now, agents, kept, log, r, out, found)
        agents[found, A_DUE] = FAR
        agent_event(now, tree, found, now[CLOCK], RELEASES)
        left -= 1
    return int(left)
