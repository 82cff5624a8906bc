"""Pending: what happens next, for the compiled engine: a tournament over agents, two heaps, and linked queues."""

from __future__ import annotations

from sim.calls import Outcome
from sim.chance.jit import cold, part
from sim.chance.tape import NUMBER
from sim.engines.decisions import EMPTY, queue_key
from sim.engines.events import LAST_TICK
from sim.engines.state import (
    AGENT_BITS,
    AGENT_KEY_BITS,
    AHEAD,
    BEHIND,
    CLOCK,
    FAR,
    HEAD,
    HEAD_LEAVES,
    KIND_BITS,
    L_KEY,
    L_NUMBER,
    L_ROW,
    LATER,
    LAZY,
    LEAVES,
    LEAVING,
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
ABANDONED = int(Outcome.ABANDONED)


# -- agents: one event each -----------------------------------------------------------------------------------------


@part
def agent_event(now: Ints, tree: Ints, agent: int, tick: int, releases: int) -> None:
    """The agent's next event: RELEASE if `releases` is 1, TALK_END if 0."""
    if tick > MOST_TICK:
        now[TOO_LATE] = 1
        tick = MOST_TICK
    play(tree, agent, tick << AGENT_KEY_BITS | releases << AGENT_BITS | agent)


@part
def play(tree: Ints, agent: int, key: int) -> None:
    """The tournament is played again from the agent's leaf up; FAR: he has no event."""
    i = (tree.shape[0] >> 1) + agent
    tree[i] = key
    while i > 1:
        key = min(key, tree[i ^ 1])
        i >>= 1
        tree[i] = key


# -- IVR exits and later calls: a heap --------------------------------------------------------------------------------


@part
def later_push(now: Ints, heap: Ints, tick: int, kind: int, number: int, row: int) -> None:
    """The call in `row` leaves the IVR, or comes again, at `tick`."""
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
        heap[i, L_KEY], heap[i, L_NUMBER], heap[i, L_ROW] = heap[up, L_KEY], heap[up, L_NUMBER], heap[up, L_ROW]
        i = up
    heap[i, L_KEY], heap[i, L_NUMBER], heap[i, L_ROW] = key, number, row


@part
def later_pop(now: Ints, heap: Ints) -> int:
    """The row of the first, which is taken out."""
    first = heap[0, L_ROW]
    size = now[LATER] - 1
    now[LATER] = size
    key, number, row = heap[size, L_KEY], heap[size, L_NUMBER], heap[size, L_ROW]
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
        heap[i, L_KEY], heap[i, L_NUMBER], heap[i, L_ROW] = heap[down, L_KEY], heap[down, L_NUMBER], heap[down, L_ROW]
        i = down
    heap[i, L_KEY], heap[i, L_NUMBER], heap[i, L_ROW] = key, number, row
    return int(first)


# -- who may hang up: a heap that knows its places --------------------------------------------------------------------


@part
def earlier(calls: Ints, drawn: Ints, a: int, b: int) -> bool:
    """Whether the patience of row a ends before that of row b."""
    return bool(
        calls[a, LEAVES] < calls[b, LEAVES]
        or (calls[a, LEAVES] == calls[b, LEAVES] and drawn[a, NUMBER] < drawn[b, NUMBER])
    )


@part
def place(calls: Ints, drawn: Ints, heap: Ints, size: int, row: int, at: int) -> None:
    """Put the row at a place of the heap and move it up or down to where it belongs."""
    i = at
    while i > 0:
        up = (i - 1) >> 1
        if earlier(calls, drawn, heap[up], row):
            break
        heap[i] = heap[up]
        calls[heap[i], PLACE] = i
        i = up
    while True:
        down = 2 * i + 1
        if down >= size:
            break
        if down + 1 < size and earlier(calls, drawn, heap[down + 1], heap[down]):
            down += 1
        if earlier(calls, drawn, row, heap[down]):
            break
        heap[i] = heap[down]
        calls[heap[i], PLACE] = i
        i = down
    heap[i] = row
    calls[row, PLACE] = i


@cold
def leaving_push(now: Ints, calls: Ints, drawn: Ints, heap: Ints, row: int) -> None:
    """The call in `row` may hang up; nothing where that is beyond every day's end."""
    if calls[row, LEAVES] <= MOST_TICK:
        size = now[LEAVING] + 1
        now[LEAVING] = size
        place(calls, drawn, heap, size, row, size - 1)


@cold
def leaving_remove(now: Ints, calls: Ints, drawn: Ints, heap: Ints, row: int) -> None:
    """The call in `row`, which is in the heap, no longer waits."""
    at, size = calls[row, PLACE], now[LEAVING] - 1
    now[LEAVING] = size
    calls[row, PLACE] = NONE
    last = heap[size]
    if last != row:
        place(calls, drawn, heap, size, last, at)


# -- queues -------------------------------------------------------------------------------------------------------------


@part
def show(day: Day, head_start: Ints, queue: int) -> None:
    """Bring the summary of the head up to date."""
    row = day.queues[queue, HEAD]
    if row == NONE:
        day.head_key[queue] = EMPTY
        day.queues[queue, HEAD_LEAVES] = FAR
    else:
        day.head_key[queue] = queue_key(day.calls[row, QUEUE_ENTRY], head_start[queue])
        day.head_number[queue] = day.drawn[row, NUMBER]
        day.queues[queue, HEAD_LEAVES] = day.calls[row, LEAVES]


@part
def join(day: Day, head_start: Ints, row: int) -> None:
    """The call begins to wait: behind all who entered before it, and of the same tick with lower numbers.

    Within a class all have the same head start, so the order of keys is that of queue entry.
    """
    calls, queues = day.calls, day.queues
    queue, entry = calls[row, QUEUE], calls[row, QUEUE_ENTRY]
    ahead = queues[queue, TAIL]
    while ahead != NONE and (
        calls[ahead, QUEUE_ENTRY] > entry
        or (calls[ahead, QUEUE_ENTRY] == entry and day.drawn[ahead, NUMBER] > day.drawn[row, NUMBER])
    ):
        ahead = calls[ahead, AHEAD]
    behind = queues[queue, HEAD] if ahead == NONE else calls[ahead, BEHIND]
    calls[row, AHEAD], calls[row, BEHIND] = ahead, behind
    if behind == NONE:
        queues[queue, TAIL] = row
    else:
        calls[behind, AHEAD] = row
    day.now[WAITING] += 1
    if ahead == NONE:
        queues[queue, HEAD] = row
        show(day, head_start, queue)
    else:
        calls[ahead, BEHIND] = row
    if day.now[LAZY] == 0:
        leaving_push(day.now, day.calls, day.drawn, day.leaving, row)


@part
def leave(day: Day, head_start: Ints, row: int) -> None:
    """The call stops waiting, wherever it stands."""
    calls, queues = day.calls, day.queues
    queue, ahead, behind = calls[row, QUEUE], calls[row, AHEAD], calls[row, BEHIND]
    if behind == NONE:
        queues[queue, TAIL] = ahead
    else:
        calls[behind, AHEAD] = ahead
    day.now[WAITING] -= 1
    if ahead == NONE:
        queues[queue, HEAD] = behind
        show(day, head_start, queue)
    else:
        calls[ahead, BEHIND] = behind
    if calls[row, PLACE] != NONE:
        leaving_remove(day.now, calls, day.drawn, day.leaving, row)


# -- hanging up when somebody looks ---------------------------------------------------------------------------------


@part
def settle(day: Day, head_start: Ints, queue: int) -> None:
    """Those at the head of a queue whose patience has ended have hung up, each at his tick.

    Nobody reads a queue but an agent who looks for a call, and he reads its head; so until closing, when the floor waits for
    the last to go, and where lines are not counted, hanging up is no event of its own.
    """
    while day.queues[queue, HEAD_LEAVES] < day.now[CLOCK]:
        has_left(day, head_start, day.queues[queue, HEAD])


@cold
def has_left(day: Day, head_start: Ints, row: int) -> None:
    """The call hung up when its patience ended, which is some time ago."""
    day.calls[row, OUTCOME], day.calls[row, END] = ABANDONED, day.calls[row, LEAVES]
    leave(day, head_start, row)


@cold
def stop_settling(day: Day, head_start: Ints) -> None:
    """From now on hanging up is an event."""
    if day.now[LAZY] == 0:
        return
    day.now[LAZY] = 0
    for queue in range(day.queues.shape[0]):
        row = day.queues[queue, HEAD]
        while row != NONE:
            behind = day.calls[row, BEHIND]
            if day.calls[row, LEAVES] < day.now[CLOCK]:
                has_left(day, head_start, row)
            else:
                leaving_push(day.now, day.calls, day.drawn, day.leaving, row)
            row = behind
