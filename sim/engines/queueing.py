"""Queueing: calls that stand in their queues, in the compiled engine: linked lists, and who hangs up or overflows from them."""

from __future__ import annotations

import numpy as np

from sim.calls import Outcome
from sim.chance.jit import at, cold, constant, part
from sim.engines.decisions import AFTER, EMPTY, HEAD_START, KEY, LENGTH, NUMBER, queue_key
from sim.engines.events import Kind
from sim.engines.pending import MOST_TICK, later_push, leaving_push, leaving_remove, over
from sim.engines.state import (
    AHEAD,
    BEHIND,
    CALL_NUMBER,
    CLOCK,
    FAR,
    HEAD,
    HEAD_LEAVES,
    KEEPS_OPEN,
    LAZY,
    LEAVES,
    PLACE,
    QUEUE,
    TAIL,
    WAITING,
    Day,
    Ints,
    Rules,
)
from sim.tally.credit import QUEUE_ENTRY

NONE = -1
ABANDONED, OVERFLOWS = constant(Outcome.ABANDONED), constant(Kind.OVERFLOW)


@part
def show(day: Day, order: Ints, queue: int) -> None:
    """Bring the summary of the head up to date."""
    shown, place = at(day.queues, queue), np.uint64(queue)
    if shown[HEAD] == NONE:
        day.heads[place, KEY] = EMPTY
        shown[HEAD_LEAVES] = FAR
    else:
        call = at(day.calls, shown[HEAD])
        day.heads[place, KEY] = queue_key(call[QUEUE_ENTRY], order[place, HEAD_START])
        day.heads[place, NUMBER] = call[CALL_NUMBER]
        shown[HEAD_LEAVES] = call[LEAVES]


@part
def join(day: Day, rules: Rules, call: int) -> None:
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
    at(day.heads, joining[QUEUE])[LENGTH] += 1
    if ahead == NONE:
        queue[HEAD] = call
        show(day, rules.order, joining[QUEUE])
    else:
        at(calls, ahead)[BEHIND] = call
    if day.now[LAZY] == 0:
        leaving_push(day.now, calls, day.leaving, call)
    if rules.overflows != 0:
        overflows_later(day, rules, call)


@cold
def overflows_later(day: Day, rules: Rules, call: int) -> None:
    """The next time at which further groups take the call that waits."""
    waits, first = at(day.calls, call), FAR
    for i in range(rules.look_at[waits[QUEUE]], rules.look_at[waits[QUEUE] + 1]):
        tick = waits[QUEUE_ENTRY] + rules.look[i, AFTER]
        if tick > day.now[CLOCK]:
            first = min(first, tick)
    if first <= MOST_TICK:
        later_push(day.now, day.later, first, OVERFLOWS, waits[CALL_NUMBER], call)


@part
def leave(day: Day, order: Ints, call: int) -> None:
    """The call stops waiting, wherever it stands."""
    calls, leaving = day.calls, at(day.calls, call)
    queue, ahead, behind = at(day.queues, leaving[QUEUE]), leaving[AHEAD], leaving[BEHIND]
    if behind == NONE:
        queue[TAIL] = ahead
    else:
        at(calls, behind)[AHEAD] = ahead
    day.now[WAITING] -= queue[KEEPS_OPEN]
    at(day.heads, leaving[QUEUE])[LENGTH] -= 1
    if ahead == NONE:
        queue[HEAD] = behind
        show(day, order, leaving[QUEUE])
    else:
        at(calls, ahead)[BEHIND] = behind
    if leaving[PLACE] != NONE:
        leaving_remove(day.now, calls, day.leaving, call)


# -- hanging up when somebody looks ---------------------------------------------------------------------------------


@part
def settle(day: Day, order: Ints, queue: int) -> None:
    """Those at the head of a queue whose patience has ended have hung up, each at his tick.

    Nobody reads a queue but an agent who looks for a call, and he reads its head; so until closing, when the floor waits for
    the last to go, and where lines are not counted, hanging up is no event of its own.
    """
    settled = at(day.queues, queue)
    while settled[HEAD_LEAVES] < day.now[CLOCK]:
        has_left(day, order, settled[HEAD])


@cold
def has_left(day: Day, order: Ints, call: int) -> None:
    """The call hung up when its patience ended, now or some time ago."""
    leave(day, order, call)
    over(day.now, day.calls, call, ABANDONED, day.calls[call, LEAVES])


@cold
def stop_settling(day: Day, order: Ints) -> None:
    """From now on hanging up is an event."""
    if day.now[LAZY] == 0:
        return
    day.now[LAZY] = 0
    for queue in range(day.queues.shape[0]):
        call = day.queues[queue, HEAD]
        while call != NONE:
            behind = day.calls[call, BEHIND]
            if day.calls[call, LEAVES] < day.now[CLOCK]:
                has_left(day, order, call)
            else:
                leaving_push(day.now, day.calls, day.leaving, call)
            call = behind
