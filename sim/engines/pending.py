"""Pending: what happens next, for the compiled engine: a tournament over agents, and two heaps."""

from __future__ import annotations

import numpy as np

from sim.chance.jit import at, cold, constant, part
from sim.engines.events import AGENT_BITS, LAST_TICK, Kind
from sim.engines.state import (
    AGENT_KEY_BITS,
    AHEAD,
    CALL_NUMBER,
    CLOCK,
    KIND_BITS,
    L_KEY,
    L_NUMBER,
    L_WHO,
    LATER,
    LEAVES,
    LEAVING,
    LINES,
    OVER,
    PLACE,
    TOO_LATE,
    Ints,
)
from sim.tally.credit import END, OFF_LINE, OUTCOME

NONE = -1
MOST_TICK = int(LAST_TICK)
TALK_ENDS, RELEASES = constant(Kind.TALK_END), constant(Kind.RELEASE)


# -- agents: one event each -----------------------------------------------------------------------------------------


@part
def agent_event(now: Ints, tree: Ints, agent: int, tick: int, kind: int) -> None:
    """The agent's next event: one of the first four kinds."""
    if tick > MOST_TICK:
        now[TOO_LATE] = 1
        tick = MOST_TICK
    play(tree, agent, tick << AGENT_KEY_BITS | kind << AGENT_BITS | agent)


@part
def play(tree: Ints, agent: int, key: int) -> None:
    """The tournament is played again from the agent's leaf up; FAR: he has no event."""
    one = np.uint64(1)
    i = np.uint64((tree.shape[0] >> 1) + agent)
    tree[i] = key
    while i > one:
        key = min(key, tree[i ^ one])
        i >>= one
        tree[i] = key


# -- what is to come at a tick of its own: a heap --------------------------------------------------------------------------------


@part
def later_push(now: Ints, heap: Ints, tick: int, kind: int, number: int, who: int) -> None:
    """At `tick` a call leaves the IVR, overflows, is handed over or given up, or its caller comes again, or a ring ends, or a
    contact of who handles several.
    """
    if tick > MOST_TICK:
        now[TOO_LATE] = 1
        tick = MOST_TICK
    key = tick << KIND_BITS | kind
    i = now[LATER]
    now[LATER] = i + 1
    while i > 0:
        up = (i - 1) >> 1
        if heap[up, L_KEY] < key or (heap[up, L_KEY] == key and heap[up, L_NUMBER] < number):
            break
        heap[i, L_KEY], heap[i, L_NUMBER], heap[i, L_WHO] = heap[up, L_KEY], heap[up, L_NUMBER], heap[up, L_WHO]
        i = up
    heap[i, L_KEY], heap[i, L_NUMBER], heap[i, L_WHO] = key, number, who


@part
def later_pop(now: Ints, heap: Ints) -> int:
    """Who is first; he is taken out."""
    first = heap[0, L_WHO]
    size = now[LATER] - 1
    now[LATER] = size
    key, number, who = heap[size, L_KEY], heap[size, L_NUMBER], heap[size, L_WHO]
    i = 0
    while True:
        down = 2 * i + 1
        if down >= size:
            break
        if down + 1 < size and (
            heap[down + 1, L_KEY] < heap[down, L_KEY]
            or (heap[down + 1, L_KEY] == heap[down, L_KEY] and heap[down + 1, L_NUMBER] < heap[down, L_NUMBER])
        ):
            down += 1
        if key < heap[down, L_KEY] or (key == heap[down, L_KEY] and number < heap[down, L_NUMBER]):
            break
        heap[i, L_KEY], heap[i, L_NUMBER], heap[i, L_WHO] = heap[down, L_KEY], heap[down, L_NUMBER], heap[down, L_WHO]
        i = down
    heap[i, L_KEY], heap[i, L_NUMBER], heap[i, L_WHO] = key, number, who
    return int(first)


# -- who may hang up: a heap that knows its places --------------------------------------------------------------------


@part
def earlier(calls: Ints, a: int, b: int) -> bool:
    """Whether the patience of call a ends before that of call b."""
    return bool(
        calls[a, LEAVES] < calls[b, LEAVES]
        or (calls[a, LEAVES] == calls[b, LEAVES] and calls[a, CALL_NUMBER] < calls[b, CALL_NUMBER])
    )


@part
def settle_in(calls: Ints, heap: Ints, size: int, call: int, at: int) -> None:
    """Put the call at a place of the heap and move it up or down to where it belongs."""
    i = at
    while i > 0:
        up = (i - 1) >> 1
        if earlier(calls, heap[up], call):
            break
        heap[i] = heap[up]
        calls[heap[i], PLACE] = i
        i = up
    while True:
        down = 2 * i + 1
        if down >= size:
            break
        if down + 1 < size and earlier(calls, heap[down + 1], heap[down]):
            down += 1
        if earlier(calls, call, heap[down]):
            break
        heap[i] = heap[down]
        calls[heap[i], PLACE] = i
        i = down
    heap[i] = call
    calls[call, PLACE] = i


@cold
def leaving_push(now: Ints, calls: Ints, heap: Ints, call: int) -> None:
    """The call may hang up; nothing where that is beyond every day's end."""
    if calls[call, LEAVES] <= MOST_TICK:
        size = now[LEAVING] + 1
        now[LEAVING] = size
        settle_in(calls, heap, size, call, size - 1)


@cold
def leaving_remove(now: Ints, calls: Ints, heap: Ints, call: int) -> None:
    """The call, which is in the heap, no longer waits."""
    at, size = calls[call, PLACE], now[LEAVING] - 1
    now[LEAVING] = size
    calls[call, PLACE] = NONE
    last = heap[size]
    if last != call:
        settle_in(calls, heap, size, last, at)


# -- who is over ------------------------------------------------------------------------------------------------------


@part
def over(now: Ints, calls: Ints, call: int, outcome: int, end: int) -> None:
    """The call has its outcome, and is to be counted."""
    ended = at(calls, call)
    ended[OUTCOME], ended[END], ended[AHEAD] = outcome, end, now[OVER]
    now[OVER] = call


@part
def hang_up(now: Ints, calls: Ints, call: int, outcome: int) -> None:
    """The caller is gone and the line, if the call still held one, is free."""
    if at(calls, call)[OFF_LINE] == NONE:
        now[LINES] -= 1
    over(now, calls, call, outcome, now[CLOCK])
