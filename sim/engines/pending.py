"""Pending: what happens next, for the compiled engine: a tournament over agents, two heaps, and linked queues."""

from __future__ import annotations

from sim.chance.jit import inlined
from sim.engines.decisions import EMPTY, queue_key
from sim.engines.state import (
    ABOUT,
    AHEAD,
    BEHIND,
    FAR,
    HEAD,
    LATER,
    LEAVES,
    LEAVING,
    NUMBER,
    PLACE,
    QUEUE,
    QUEUE_ENTRY,
    TAIL,
    TICK,
    WAITING,
    WORD,
    Day,
    Ints,
)

NONE = -1


# -- agents: one event each -----------------------------------------------------------------------------------------


@inlined
def agent_event(ticks: Ints, words: Ints, winner: Ints, agent: int, tick: int, word: int) -> None:
    """The agent's next event; FAR takes it away. The tournament is played again from his leaf up.

    Who is earlier is chosen in arithmetic: a branch here is a coin toss, and costs more than all the rest.
    """
    i = words.shape[0] + agent
    words[agent] = word
    ticks[i] = tick
    first = agent
    while i > 1:
        beside = i ^ 1
        ahead = ticks[beside] - tick
        if ahead == 0 and tick < FAR and words[winner[beside]] < words[first]:
            first = winner[beside]
        take = ahead >> 63  # all ones when the neighbor is earlier, else 0
        tick += ahead & take
        first += (winner[beside] - first) & take
        i >>= 1
        ticks[i] = tick
        winner[i] = first


# -- IVR exits and later calls: a heap --------------------------------------------------------------------------------


@inlined
def later_push(now: Ints, heap: Ints, tick: int, word: int, row: int) -> None:
    """The call in `row` leaves the IVR, or comes again, at `tick`."""
    i = now[LATER]
    now[LATER] = i + 1
    while i > 0:
        up = (i - 1) >> 1
        if heap[up, TICK] < tick or (heap[up, TICK] == tick and heap[up, WORD] < word):
            break
        heap[i, TICK], heap[i, WORD], heap[i, ABOUT] = heap[up, TICK], heap[up, WORD], heap[up, ABOUT]
        i = up
    heap[i, TICK], heap[i, WORD], heap[i, ABOUT] = tick, word, row


@inlined
def later_pop(now: Ints, heap: Ints) -> int:
    """The row of the first, which is taken out."""
    first = heap[0, ABOUT]
    size = now[LATER] - 1
    now[LATER] = size
    tick, word, row = heap[size, TICK], heap[size, WORD], heap[size, ABOUT]
    i = 0
    while True:
        down = 2 * i + 1
        if down >= size:
            break
        if down + 1 < size and (
            heap[down + 1, TICK] < heap[down, TICK]
            or (heap[down + 1, TICK] == heap[down, TICK] and heap[down + 1, WORD] < heap[down, WORD])
        ):
            down += 1
        if tick < heap[down, TICK] or (tick == heap[down, TICK] and word < heap[down, WORD]):
            break
        heap[i, TICK], heap[i, WORD], heap[i, ABOUT] = heap[down, TICK], heap[down, WORD], heap[down, ABOUT]
        i = down
    heap[i, TICK], heap[i, WORD], heap[i, ABOUT] = tick, word, row
    return int(first)


# -- who may hang up: a heap that knows its places --------------------------------------------------------------------


@inlined
def earlier(calls: Ints, a: int, b: int) -> bool:
    """Whether the patience of row a ends before that of row b."""
    return bool(
        calls[a, LEAVES] < calls[b, LEAVES]
        or (calls[a, LEAVES] == calls[b, LEAVES] and calls[a, NUMBER] < calls[b, NUMBER])
    )


@inlined
def settle(calls: Ints, heap: Ints, size: int, row: int, place: int) -> None:
    """Put the row at a place of the heap and move it up or down to where it belongs."""
    i = place
    while i > 0:
        up = (i - 1) >> 1
        if earlier(calls, heap[up], row):
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
        if earlier(calls, row, heap[down]):
            break
        heap[i] = heap[down]
        calls[heap[i], PLACE] = i
        i = down
    heap[i] = row
    calls[row, PLACE] = i


@inlined
def leaving_push(now: Ints, calls: Ints, heap: Ints, row: int, tick: int) -> None:
    """The patience of the call in `row` ends at `tick`."""
    calls[row, LEAVES] = tick
    now[LEAVING] += 1
    settle(calls, heap, now[LEAVING], row, now[LEAVING] - 1)


@inlined
def leaving_remove(now: Ints, calls: Ints, heap: Ints, row: int) -> None:
    """The call in `row` no longer waits; nothing where its patience never ends."""
    at = calls[row, PLACE]
    if at == NONE:
        return
    now[LEAVING] -= 1
    size = now[LEAVING]
    calls[row, PLACE] = NONE
    if heap[size] != row:
        settle(calls, heap, size, heap[size], at)


# -- queues -------------------------------------------------------------------------------------------------------------


@inlined
def show(day: Day, head_start: Ints, queue: int) -> None:
    """Bring the summary of the head up to date."""
    row = day.queues[queue, HEAD]
    if row == NONE:
        day.head_key[queue] = EMPTY
    else:
        day.head_key[queue] = queue_key(day.calls[row, QUEUE_ENTRY], head_start[queue])
        day.head_number[queue] = day.calls[row, NUMBER]


@inlined
def join(day: Day, head_start: Ints, row: int) -> None:
    """The call begins to wait: behind all who entered before it, and of the same tick with lower numbers.

    Within a class all have the same head start, so the order of keys is that of queue entry.
    """
    calls, queues = day.calls, day.queues
    queue, entry, number = calls[row, QUEUE], calls[row, QUEUE_ENTRY], calls[row, NUMBER]
    ahead = queues[queue, TAIL]
    while ahead != NONE and (
        calls[ahead, QUEUE_ENTRY] > entry or (calls[ahead, QUEUE_ENTRY] == entry and calls[ahead, NUMBER] > number)
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


@inlined
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
    leaving_remove(day.now, calls, day.leaving, row)
