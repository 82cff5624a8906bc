"""Decisions: which pool takes a call, which call an agent takes. Jitted, and called by every engine.

They see summaries, never people: of each pool (the agents of a group who can do the same) the key of who is first among the
idle, of each group how many are idle, and of each queue the key and the number of its head and how many it has. A queue's key
is the tick of queue entry less the head start; an empty queue has key EMPTY.

A row of `look` is a pool in which calls of a class look, a row of `scan` a queue that agents of a pool look into; both have the
columns below. What may hold back one from the other, although both are there, are the group's reserve (so many must stay idle),
its blend (no work beside calls now) and overflow (the call has not waited so long, or not so many wait).

Where agents handle several contacts at a time, a "pool" is those of them who have the same in hand: a seat, see
`sim.engines.pools`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.chance.jit import at, by_address, constant, inlined
from sim.chance.offers import FOR_EVER, HEAD_OF_QUEUE, LAST_WAIT
from sim.chance.philox import MASK, derive
from sim.engines.events import AGENT_BITS

Ints = npt.NDArray[np.int64]

NOBODY, RESERVED, NOT_YET, BLENDED, FAILED = -1, -2, -3, -4, -5  # in place of a pool or queue: nobody; a rule holds back; fails
EMPTY = np.int64(1 << 62)
NOBODY_IDLE = constant((1 << 63) - 1)
NO_SCORE = constant(-(1 << 62))  # of a rule of one's own that has failed

# Columns of a row of `look` and `scan`. OF : the pool or queue; LEVEL : lower goes before, LEAST : the lowest it may become, by
# which rows are sorted; KEEP : so many of the group must stay idle; AFTER, WAITING : the call must have waited so many ticks, so
# many must wait; FREE : where in `idle` the number of the group's idle agents is; MODE : where its blend is, NOBODY for none;
# RISE_AFTER, RISE_LEVEL : the level of a call that has waited so many ticks; FACTS : three that a rule of one's own is told, see
# `sim.engines.own_rules`
OF, LEVEL, LEAST, KEEP, AFTER, WAITING, FREE, MODE, RISE_AFTER, RISE_LEVEL, FACTS = range(11)
ROW_COLUMNS = FACTS + 3

# Columns of `heads`, by queue
KEY, NUMBER, LENGTH, HEAD_COLUMNS = range(4)

# Columns of `order`, by queue: the head start in ticks; then what makes the score of a head of equal level: BASE + SLOPE x wait
# + PER_CALL x length; the highest goes first, the longest wait where equal
HEAD_START, BASE, SLOPE, PER_CALL, ORDER_COLUMNS = range(5)
LONGEST = constant(1 << 36)  # ticks of wait that a score still tells apart: 19 hours

# Who is first among the idle of a pool
BY_IDLE, BY_HANDLED, BY_CHANCE = range(3)
_PLACE = np.uint64(1 << 16)  # channel of a key: the place among the idle
_BITS, _HALF = np.uint64(22), np.uint64(32)


@inlined
def pick_pool(
    look: Ints, first: int, last: int, idle: Ints, ruled: int, waited: int, waiting: int, rule: int
) -> int:
    """The pool whose first idle agent takes the call: best level, then the least key.

    look : int64, shape (rows, ROW_COLUMNS), this call's are ``look[first:last]``; idle : int64, first the key of each pool, see
    `idle_key`, NOBODY_IDLE where all are busy, then by group how many are idle, and whether work is done beside calls
    ruled : 0 where no row holds anything back; waited : ticks; waiting : calls in its queue with this one
    rule : the address of a rule of one's own that scores pools of equal level, 0 for none
    Returns the pool, or NOBODY, or which rule held back an agent who was there.
    """
    best, held = NOBODY, NOBODY
    best_key, best_level, best_score = NOBODY_IDLE, np.int64(0), np.int64(0)
    for i in range(first, last):
        row = at(look, i)
        if best >= 0 and row[LEVEL] > best_level:
            break
        key = at(idle, row[OF])
        if key < best_key or (rule != 0 and key != NOBODY_IDLE):
            why, score = NOBODY, np.int64(0)
            if ruled != 0:
                free = at(idle, row[FREE])
                why = held_back(row, idle, free - 1, waited, waiting)
                if rule != 0:
                    score = by_address(rule, waited, key >> AGENT_BITS, row[FACTS], row[FACTS + 1], row[FACTS + 2], free)
                    if score == NO_SCORE:
                        return FAILED
            if why != NOBODY:
                held = why
            elif best < 0 or score > best_score or (score == best_score and key < best_key):
                best, best_key, best_level, best_score = int(row[OF]), key, row[LEVEL], score
    return best if best >= 0 else held


@inlined
def held_back(row: Ints, idle: Ints, left: int, waited: int, waiting: int) -> int:
    """Which rule holds back an agent after whom `left` of his group are idle, from a call that has waited so long, or NOBODY."""
    if left < row[KEEP]:
        return RESERVED
    if row[MODE] >= 0 and at(idle, row[MODE]) == 0:
        return BLENDED
    if waited < row[AFTER] or waiting < row[WAITING]:
        return NOT_YET
    return NOBODY


@inlined
def idle_key(by: int, now: int, handled: int, key: np.uint64, agent: int) -> int:
    """The place of an agent who is idle from `now` on among those of his pool; the least goes first, then the lower number.

    by : BY_IDLE, longest idle; BY_HANDLED, the fewest ticks `handled`; BY_CHANCE, drawn by his `key` of the replication
    """
    if by == BY_HANDLED:
        return handled << AGENT_BITS | agent
    if by == BY_CHANCE:
        tick = np.uint64(now)
        place = np.int64(derive(key, _PLACE + (tick >> _HALF), tick & MASK) >> _BITS)
        return int(place << AGENT_BITS | agent)
    return now << AGENT_BITS | agent


@inlined
def seat_of(pool: int, begins: int, most_chats: int, chats: int, other: int) -> int:
    """The seat of an agent with that in hand; `begins` : where those of his pool begin; see `sim.engines.pools.seats_of`."""
    if chats == 0 and other == 0:
        return pool
    return begins + other * (most_chats + 1) + chats - 1


@inlined
def blended(mode: int, idle: int, start: int, stop: int) -> int:
    """Whether a group does work beside calls (1) of whom so many are idle: from `start` of them on, until there are `stop`."""
    if idle >= start:
        return 1
    return 0 if idle <= stop else mode


@inlined
def pick_queue(
    scan: Ints, first: int, last: int, heads: Ints, order: Ints, idle: Ints, ruled: int, now: int, left: int, rule: int
) -> int:
    """The queue whose head a freed agent takes: best level, then the highest score, the longest queued, the lowest number.

    scan : int64, shape (rows, ROW_COLUMNS), this pool's are ``scan[first:last]``; heads : int64, shape (queues, HEAD_COLUMNS)
    order : int64, shape (queues, ORDER_COLUMNS); idle : as for `pick_pool`; ruled : 0 where no row holds anything back, levels
    stay and scores are equal; left : how many of his group are idle beside him; rule : the address of a rule of one's own that
    scores heads of equal level, 0 for none
    Returns the queue, or NOBODY, or which rule held back a call that was there.
    """
    best, held = NOBODY, NOBODY
    best_key, best_level, best_number, best_score = EMPTY, np.int64(0), np.int64(0), np.int64(0)
    for i in range(first, last):
        row = at(scan, i)
        if best >= 0 and row[LEAST] > best_level:
            break
        head = at(heads, row[OF])
        key = head[KEY]
        if key == EMPTY:
            continue
        level, score = row[LEVEL], np.int64(0)
        if ruled != 0:
            ordered = at(order, row[OF])
            waited = now - key - ordered[HEAD_START]
            why = held_back(row, idle, left, waited, head[LENGTH])
            if why != NOBODY:
                held = why
                continue
            if waited >= row[RISE_AFTER]:
                level = row[RISE_LEVEL]
            if rule != 0:
                score = by_address(rule, now - key, head[LENGTH], row[FACTS], row[FACTS + 1], row[FACTS + 2], left)
                if score == NO_SCORE:
                    return FAILED
            else:
                score = ordered[BASE] + ordered[SLOPE] * min(now - key, LONGEST) + ordered[PER_CALL] * head[LENGTH]
        if best >= 0:
            if level > best_level:
                continue
            if level == best_level and (
                score < best_score
                or (score == best_score and (key > best_key or (key == best_key and head[NUMBER] > best_number)))
            ):
                continue
        best, best_key, best_level, best_number, best_score = int(row[OF]), key, level, head[NUMBER], score
    return best if best >= 0 else held


@inlined
def queue_key(queue_entry: int, head_start: int) -> int:
    """The key a caller waits with: the tick of queue entry less the credited waiting time; smaller goes first."""
    return queue_entry - head_start


@inlined
def predicted_wait(by: int, last: int, waited: int, queue: int, handle: int, heads: int) -> int:
    """The wait of who joins a queue now, in ticks; FOR_EVER where nobody is there to end it.

    by : one of LAST_WAIT, HEAD_OF_QUEUE, QUEUE_LENGTH; last : the wait of the one of this queue who was answered last;
    waited : how long its head has waited; queue : how many wait in it; handle : the mean handle time; heads : of all groups
    that serve it, times how many at once. The last is the wait of a queue of its own (Ibrahim and Whitt 2009, "Real-time delay
    estimation in overloaded multiserver queues with abandonments", Management Science 55(10), has the three and how good they
    are).
    """
    if by == LAST_WAIT:
        return last
    if by == HEAD_OF_QUEUE:
        return waited
    if heads <= 0 or handle >= FOR_EVER:
        return FOR_EVER
    return min((queue + 1) * handle // heads, FOR_EVER)
