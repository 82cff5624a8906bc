"""passed_on: a further leg of a call added to the counts. Jitted; a kernel and a log share it."""

from __future__ import annotations

from sim.chance.handing import CONSULT, MISROUTED
from sim.chance.jit import cold
from sim.tally.credit import (
    ACCEPTED,
    ANSWER,
    CALL_TYPE,
    GROUP,
    HOW,
    NONE_,
    QUEUE_ENTRY,
    QUEUE_TIME,
    RELEASE,
    TALK,
    WORK_ANSWERED,
    WORK_HANDLE,
    WORK_WAIT,
    WORK_WITHIN,
    WRAP_UP,
    Ints,
    Sums,
    left_queue,
    parted,
)
from sim.tally.spans import Rules, spread
from sim.tally.tally import Count

TRANSFERS, CONSULTS, TRANSFERS_LOST = int(Count.TRANSFERS), int(Count.CONSULTS), int(Count.TRANSFERS_LOST)
TRANSFER_WAIT, TRANSFERS_ANSWERED = int(Count.TRANSFER_WAIT), int(Count.TRANSFERS_ANSWERED)
PROMISED, PROMISES_KEPT = int(Count.PROMISED), int(Count.PROMISES_KEPT)
PROMISES_IN_TIME, MISROUTES = int(Count.PROMISES_IN_TIME), int(Count.MISROUTED)


@cold
def credit_leg(r: Rules, t: Sums, call: Ints, leg: Ints, label: Ints, i: int) -> None:
    """Add a further leg to where its call was credited, to interval i; `leg` has the same columns."""
    waited, until, answered = leg[ANSWER] - leg[QUEUE_ENTRY], parted(leg), leg[ANSWER] != NONE_
    left = left_queue(leg)
    for family in range(-1, t.first.shape[0]):
        row = call[CALL_TYPE]
        if family >= 0:
            if label[family] < 0:
                continue
            row = t.first[family] + label[family]
        counts = t.calls[i, row]
        if answered:
            counts[TALK] += until - leg[ANSWER]
            counts[WRAP_UP] += leg[RELEASE] - until
        spread(r, leg[QUEUE_ENTRY], left, t.calls, row, QUEUE_TIME, i)
        if leg[HOW] == CONSULT:
            counts[CONSULTS] += 1
            continue
        counts[TRANSFERS] += 1
        counts[TRANSFERS_LOST] += not answered
        counts[MISROUTES] += leg[HOW] == MISROUTED
        if leg[ACCEPTED] != NONE_:
            counts[PROMISED] += 1
            counts[PROMISES_KEPT] += answered
            counts[PROMISES_IN_TIME] += answered and leg[ANSWER] - leg[ACCEPTED] <= t.promised[leg[CALL_TYPE]]
        elif answered:
            counts[TRANSFER_WAIT] += waited
            counts[TRANSFERS_ANSWERED] += 1
    if answered and t.agents.shape[1] > 0:
        work = t.agents[i, leg[GROUP]]
        work[WORK_ANSWERED] += 1
        work[WORK_WAIT] += left - leg[QUEUE_ENTRY]
        work[WORK_HANDLE] += leg[RELEASE] - leg[ANSWER]
        work[WORK_WITHIN] += left - leg[QUEUE_ENTRY] <= r.within
