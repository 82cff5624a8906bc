"""Pending: what happens next, for the compiled engine: a tournament over agents, two heaps, and linked queues."""

from __future__ import annotations

import numpy as np

from sim.calls import Outcome
from sim.chance.jit import at, cold, constant, part
from sim.engines.decisions import EMPTY, queue_key
from sim.engines.events import AGENT_BITS, LAST_TICK, Kind
from sim.engines.state import (
    AGENT_KEY_BITS,
    AHEAD,
    BEHIND,
    CALL_NUMBER,
    CLOCK,
    FAR,
    HEAD,
    HEAD_LEAVES,
    KEEPS_OPEN,
    KIND_BITS,
    L_KEY,
    L_NUMBER,
    L_WHO,
    LATER,
    LAZY,
    LEAVES,
    LEAVING,
    LENGTH,
    LINES,
    OVER,
    PLACE,
    QUEUE,
    TAIL,
    TOO_LATE,
    WAITING,
    Day,
    Ints,
)
from sim.tally.credit import END, OUTCOME, QUEUE_ENTRY

NONE = -1
MOST_TICK = int(LAST_TICK)
ABANDONED = constant(Outcome.ABANDONED)
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


# -- IVR exits and later calls: a heap --------------------------------------------------------------------------------


@part
def later_push(now: Ints, heap: Ints, tick: int, kind: int, number: int, who: int) -> None:
    """A call leaves the IVR, or a caller comes again, at `tick`."""
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


# -- queues -------------------------------------------------------------------------------------------------------------


@part
def show(day: Day, head_start: Ints, queue: int) -> None:
    """Bring the summary of the head up to date."""
    shown, place = at(day.queues, queue), np.uint64(queue)
    if shown[HEAD] == NONE:
        day.head_key[place] = EMPTY
        shown[HEAD_LEAVES] = FAR
    else:
        call = at(day.calls, shown[HEAD])
        day.head_key[place] = queue_key(call[QUEUE_ENTRY], head_start[place])
        day.head_number[place] = call[CALL_NUMBER]
        shown[HEAD_LEAVES] = call[LEAVES]


@part
def join(day: Day, head_start: Ints, call: int) -> None:
    """The call begins to wait: behind all who entered before it, and of the same tick with lower numbers.

    Within a class all have the same head start, so the order of keys is that of queue entry.
    """
    calls, joining = day.calls, at(day.calls, call)
    queue, entry, number = at(day.queues, joining[QUEUE]), joining[QUEUE_ENTRY], joining[CALL_NUMBER]
    ahead, behind = queue[TAIL], NONE
    while ahead != NONE:
        other = at(calls, ahead)
        if other[QUEUE_ENTRY] < entry or (other[QUEUE_ENTRY] == entry and other[CALL_NUMBER] < number):
            break
        ahead, behind = other[AHEAD], ahead
    joining[AHEAD], joining[BEHIND] = ahead, behind
    if behind == NONE:
        queue[TAIL] = call
    else:
        at(calls, behind)[AHEAD] = call
    day.now[WAITING] += queue[KEEPS_OPEN]
    queue[LENGTH] += 1
    if ahead == NONE:
        queue[HEAD] = call
        show(day, head_start, joining[QUEUE])
    else:
        at(calls, ahead)[BEHIND] = call
    if day.now[LAZY] == 0:
        leaving_push(day.now, calls, day.leaving, call)


@part
def leave(day: Day, head_start: Ints, call: int) -> None:
    """The call stops waiting, wherever it stands."""
    calls, leaving = day.calls, at(day.calls, call)
    queue, ahead, behind = at(day.queues, leaving[QUEUE]), leaving[AHEAD], leaving[BEHIND]
    if behind == NONE:
        queue[TAIL] = ahead
    else:
        at(calls, behind)[AHEAD] = ahead
    day.now[WAITING] -= queue[KEEPS_OPEN]
    queue[LENGTH] -= 1
    if ahead == NONE:
        queue[HEAD] = behind
        show(day, head_start, leaving[QUEUE])
    else:
        at(calls, ahead)[BEHIND] = behind
    if leaving[PLACE] != NONE:
        leaving_remove(day.now, calls, day.leaving, call)


# -- hanging up when somebody looks ---------------------------------------------------------------------------------


@part
def settle(day: Day, head_start: Ints, queue: int) -> None:
    """Those at the head of a queue whose patience has ended have hung up, each at his tick.

    Nobody reads a queue but an agent who looks for a call, and he reads its head; so until closing, when the floor waits for
    the last to go, and where lines are not counted, hanging up is no event of its own.
    """
    settled = at(day.queues, queue)
    while settled[HEAD_LEAVES] < day.now[CLOCK]:
        has_left(day, head_start, settled[HEAD])


@cold
def has_left(day: Day, head_start: Ints, call: int) -> None:
    """The call hung up when its patience ended, now or some time ago."""
    leave(day, head_start, call)
    over(day.now, day.calls, call, ABANDONED, day.calls[call, LEAVES])


@cold
def stop_settling(day: Day, head_start: Ints) -> None:
    """From now on hanging up is an event."""
    if day.now[LAZY] == 0:
        return
    day.now[LAZY] = 0
    for queue in range(day.queues.shape[0]):
        call = day.queues[queue, HEAD]
        while call != NONE:
            behind = day.calls[call, BEHIND]
            if day.calls[call, LEAVES] < day.now[CLOCK]:
                has_left(day, head_start, call)
            else:
                leaving_push(day.now, day.calls, day.leaving, call)
            call = behind


# -- who is over ------------------------------------------------------------------------------------------------------


@part
def over(now: Ints, calls: Ints, call: int, outcome: int, end: int) -> None:
    """The call has its outcome, and is to be counted."""
    ended = at(calls, call)
    ended[OUTCOME], ended[END], ended[AHEAD] = outcome, end, now[OVER]
    now[OVER] = call


@part
def hang_up(now: Ints, calls: Ints, call: int, outcome: int) -> None:
    """The caller is gone and the line is free."""
    now[LINES] -= 1
    over(now, calls, call, outcome, now[CLOCK])
