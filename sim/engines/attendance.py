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
    A_IN_HAND,
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
    GROUPS,
    LEAVES_OF,
    LINES,
    S_AGENT,
    S_CALL,
    S_CONTACTS,
    S_FINISHING,
    S_GROUP,
    S_PAID,
    S_REASON,
    S_SINCE,
    S_STATE,
    S_UNTIL,
    SEVERAL,
    STARTS,
    STOPS,
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
    now: Ints, kept: Ints, agent: int, group: int, state: int, since: int, until: int, call: int, finishing: int, paid: int,
    contacts: int,
) -> None:  # fmt: skip
    """Write down a stretch; nothing where it has no length."""
    if until <= since:
        return
    at = now[STRETCHES]
    now[STRETCHES] = at + 1
    kept[at, S_AGENT], kept[at, S_GROUP], kept[at, S_STATE] = agent, group, state
    kept[at, S_SINCE], kept[at, S_UNTIL], kept[at, S_CALL], kept[at, S_FINISHING] = since, until, call, finishing
    kept[at, S_PAID], kept[at, S_REASON], kept[at, S_CONTACTS] = paid, 0, contacts


@cold
def note_call(day: Day, agent: int, border: int) -> None:
    """Write down talk and wrap-up of the call just released; what lies after `border` is finishing (FAR: nothing).

    Only this call can reach past the border: while heads are owed, nobody of the group is idle or takes another call.
    """
    now, kept, group, call = day.now, day.stretches, day.agents[agent, A_GROUP], day.calls[day.agents[agent, A_CALL]]
    answer, end, number = call[ANSWER], parted(call), call[CALL_NUMBER]
    if answer == NONE:  # called back, and not reached
        answer, end = day.agents[agent, A_SINCE], now[CLOCK]
    note(now, kept, agent, group, TALKING, answer, min(end, border), number, 0, 1, 1)
    if border < end:
        note(now, kept, agent, group, TALKING, max(answer, border), end, number, 1, 1, 1)
    note(now, kept, agent, group, WRAPPING_UP, end, min(now[CLOCK], border), number, 0, 1, 1)
    if border < now[CLOCK]:
        note(now, kept, agent, group, WRAPPING_UP, max(end, border), now[CLOCK], number, 1, 1, 1)


@cold
def finishes(now: Ints, kept: Ints, log: int, r: Counting, out: Ints, agent: int, group: int, border: int) -> None:
    """What the agent, who handles several contacts at a time and goes now, has done since the border was finishing: it is written
    down so, or counted. His stretches are in order, and he had something in hand all the time.
    """
    tick = now[CLOCK]
    if border >= tick:
        return
    if log == 0:
        spread(r, border, tick, out, group, FINISHING, NOWHERE)
        return
    for row in range(now[STRETCHES] - 1, -1, -1):
        one = at(kept, row)
        if one[S_AGENT] == agent:
            if one[S_UNTIL] <= border:
                return
            if one[S_SINCE] < border:
                note(now, kept, agent, group, one[S_STATE], border, one[S_UNTIL], NONE, 1, 1, one[S_CONTACTS])
                one[S_UNTIL] = border
            else:
                one[S_FINISHING] = 1


@part
def stand(agents: Ints, pools: Ints, tree: Ints, idle: Ints, agent: int, key: int) -> None:
    """The agent has this place in his seat; NOBODY_IDLE: none. Its tournament is played again."""
    one, number = np.uint64(1), at(agents, agent)[A_POOL]
    pool = at(pools, number)
    begin = np.uint64(pool[TREE_AT])
    i = np.uint64(pool[LEAVES_OF] + agent - pool[FIRST_AGENT])
    tree[begin + i] = key
    while i > one:
        key = min(key, tree[begin + (i ^ one)])
        i >>= one
        tree[begin + i] = key
    idle[np.uint64(number)] = key


@part
def stands(agents: Ints, pools: Ints, tree: Ints, agent: int) -> bool:
    """Whether the agent stands in his seat."""
    pool = at(pools, at(agents, agent)[A_POOL])
    return bool(tree[pool[TREE_AT] + pool[LEAVES_OF] + agent - pool[FIRST_AGENT]] != NOBODY_IDLE)


@part
def place_of(now: Ints, agents: Ints, by: int, agent: int) -> int:
    """The key of an agent who is there for a call from now on."""
    waiting = at(agents, agent)
    handled, place = 0, 0
    if by != BY_IDLE:
        handled, place = waiting[A_HANDLED], waiting[A_PLACE]
        if waiting[A_IN_HAND] > 0:
            handled -= now[CLOCK]  # from now on it grows as time does
    return int(idle_key(by, now[CLOCK], handled, np.uint64(place), agent))


@part
def wait(day: Day, rules: Rules, agent: int, reason: int) -> None:
    """The agent is idle from now on; by `reason` there is no call for him though some wait."""
    waiting, tick = at(day.agents, agent), day.now[CLOCK]
    waiting[A_STATE], waiting[A_SINCE], waiting[A_CALL], waiting[A_WHY] = IDLE, tick, NONE, reason
    stand(day.agents, day.pools, day.waiting, day.idle, agent, place_of(day.now, day.agents, rules.idle_by, agent))
    until_due(day, agent)
    day.idle[np.uint64(day.idle.shape[0] - 2 * day.now[GROUPS] + waiting[A_GROUP])] += 1


@part
def until_due(day: Day, agent: int) -> None:
    """Nothing happens with the agent until what is next on his plan is due, if anything is."""
    due = at(day.agents, agent)[A_DUE]
    play(day.tree, agent, due << AGENT_KEY_BITS | GOES_OFF << AGENT_BITS | agent if due <= MOST_TICK else FAR)


@cold
def blend(day: Day, rules: Rules) -> None:
    """Which groups do work beside calls now; where one begins to, all its agents who stand look for some."""
    for group in range(rules.groups.shape[0]):
        free = day.idle.shape[0] - 2 * day.now[GROUPS] + group
        mode = free + day.now[GROUPS]
        before = day.idle[mode]
        day.idle[mode] = blended(before, day.idle[free], rules.groups[group, STARTS], rules.groups[group, STOPS])
        if day.idle[mode] > before:
            for agent in range(day.agents.shape[0]):
                looks = at(day.agents, agent)
                there = looks[A_GROUP] == group and looks[A_DUE] > day.now[CLOCK]
                if there and stands(day.agents, day.pools, day.waiting, agent):
                    agent_event(day.now, day.tree, agent, day.now[CLOCK], RELEASES)


@part
def end_waiting(day: Day, rules: Rules, r: Counting, t: Sums, agent: int) -> None:
    """The agent is no longer there for a call; where he was idle, that stretch is written down, or counted."""
    going = at(day.agents, agent)
    stand(day.agents, day.pools, day.waiting, day.idle, agent, NOBODY_IDLE)
    if day.now[SEVERAL] != 0 and going[A_IN_HAND] > 0:
        return
    going[A_IDLE] += day.now[CLOCK] - going[A_SINCE]
    day.idle[np.uint64(day.idle.shape[0] - 2 * day.now[GROUPS] + going[A_GROUP])] -= 1
    if rules.log != 0:
        note(day.now, day.stretches, agent, going[A_GROUP], IDLE, going[A_SINCE], day.now[CLOCK], NONE, 0, 1, 0)
        if going[A_SINCE] < day.now[CLOCK]:
            day.stretches[day.now[STRETCHES] - 1, S_REASON] = going[A_WHY]
    else:
        spread(r, going[A_SINCE], day.now[CLOCK], t.agents, going[A_GROUP], ON_PHONES, NOWHERE)


@cold
def end_talk(now: Ints, agents: Ints, tree: Ints, agent: int) -> None:
    """The caller is gone and the line is free; wrap-up begins."""
    now[LINES] -= 1
    agents[agent, A_STATE] = WRAPPING_UP
    agent_event(now, tree, agent, agents[agent, A_RELEASE], RELEASES)
