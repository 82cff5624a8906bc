"""Decisions: which group takes a call, which call an agent takes. Jitted, and called by every engine.

They see summaries, never people: how many agents are free in a group, and of each queue the key and the number of its
head. A queue's key is the tick of queue entry less the head start; an empty queue has key EMPTY.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.chance.jit import at, inlined
from sim.chance.offers import FOR_EVER, HEAD_OF_QUEUE, LAST_WAIT

Ints = npt.NDArray[np.int64]

NOBODY = -1
EMPTY = np.int64(1 << 62)


@inlined
def pick_group(look: Ints, first: int, last: int, free: Ints) -> int:
    """The first group with a free agent, in the order in which the call looks.

    look : int64, groups in order, this call's are ``look[first:last]``; free : int64, shape (groups,)
    Returns the group or NOBODY.
    """
    for i in range(first, last):
        group = at(look, i)
        if at(free, group) > 0:
            return int(group)
    return NOBODY


@inlined
def pick_queue(scan: Ints, level: Ints, first: int, last: int, head_key: Ints, head_number: Ints) -> int:
    """The queue whose head a freed agent takes: best level, then the longest queued, then the lowest number.

    scan : int64, queues sorted by level, this group's are ``scan[first:last]``; level : int64, the rank of (priority,
    skill rank) of each, equal where neither differs; head_key, head_number : int64, shape (queues,)
    Returns the queue or NOBODY.
    """
    best = NOBODY
    best_key, best_level = EMPTY, np.int64(0)
    for i in range(first, last):
        queue = at(scan, i)
        if best != NOBODY and at(level, i) > best_level:
            break
        key = at(head_key, queue)
        if key == EMPTY:
            continue
        if best == NOBODY or key < best_key or (key == best_key and at(head_number, queue) < at(head_number, best)):
            best, best_key, best_level = int(queue), key, at(level, i)
    return best


@inlined
def queue_key(queue_entry: int, head_start: int) -> int:
    """The key a caller waits with: the tick of queue entry less the credited waiting time; smaller goes first."""
    return queue_entry - head_start


@inlined
def predicted_wait(by: int, last: int, waited: int, queue: int, handle: int, heads: int) -> int:
    """The wait of who joins a queue now, in ticks; FOR_EVER where nobody is there to end it.

    by : one of LAST_WAIT, HEAD_OF_QUEUE, QUEUE_LENGTH; last : the wait of the one of this queue who was answered last;
    waited : how long its head has waited; queue : how many wait in it; handle : the mean handle time; heads : of all groups
    that serve it. The last is the wait of a queue of its own (Ibrahim and Whitt 2009, "Real-time delay estimation in
    overloaded multiserver queues with abandonments", Management Science 55(10), has the three and how good they are).
    """
    if by == LAST_WAIT:
        return last
    if by == HEAD_OF_QUEUE:
        return waited
    if heads <= 0 or handle >= FOR_EVER:
        return FOR_EVER
    return min((queue + 1) * handle // heads, FOR_EVER)
