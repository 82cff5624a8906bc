"""Decisions: which pool takes a call, which call an agent takes. Jitted, and called by every engine.

They see summaries, never people: of each pool (the agents of a group who can do the same) the key of who is first among the
idle, and of each queue the key and the number of its head. A queue's key is the tick of queue entry less the head start; an
empty queue has key EMPTY.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.chance.jit import at, constant, inlined
from sim.chance.offers import FOR_EVER, HEAD_OF_QUEUE, LAST_WAIT
from sim.engines.events import AGENT_BITS

Ints = npt.NDArray[np.int64]

NOBODY = -1
EMPTY = np.int64(1 << 62)
NOBODY_IDLE = constant((1 << 63) - 1)


@inlined
def pick_pool(look: Ints, level: Ints, first: int, last: int, idle: Ints) -> int:
    """The pool whose first idle agent takes the call: best level, then the least key.

    look : int64, pools in the order in which calls look, this call's are ``look[first:last]``; level : int64, of each, equal
    where neither goes before the other; idle : int64, shape (pools,), see `idle_key`, NOBODY_IDLE where all are busy
    Returns the pool or NOBODY.
    """
    best = NOBODY
    best_key, best_level = NOBODY_IDLE, np.int64(0)
    for i in range(first, last):
        if best != NOBODY and at(level, i) > best_level:
            break
        pool = at(look, i)
        key = at(idle, pool)
        if key < best_key:
            best, best_key, best_level = int(pool), key, at(level, i)
    return best


@inlined
def idle_key(since: int, agent: int) -> int:
    """The place of an idle agent among those of his pool: the longest idle goes first, then the lower number."""
    return since << AGENT_BITS | agent


@inlined
def pick_queue(scan: Ints, level: Ints, first: int, last: int, head_key: Ints, head_number: Ints) -> int:
    """The queue whose head a freed agent takes: best level, then the longest queued, then the lowest number.

    scan : int64, queues sorted by level, this pool's are ``scan[first:last]``; level : int64, the rank of (priority,
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
