"""credit: one call, or one stretch of an agent, added to the counts. Jitted; a kernel and a log share it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calls import NONE, Came, Outcome
from sim.chance.jit import at, cold, constant, part
from sim.chance.offers import FOR_EVER
from sim.tally.spans import NOWHERE, Rules, day_of, interval_of, spread
from sim.tally.tally import Count, Work
from sim.tally.waits import cell_of

Ints = npt.NDArray[np.int64]

# What is counted of a call, by columns of a matrix with a row per call, work after the call that left it; NEXT_CALL is the row
# of the caller's next call or -1; CAME as in CallLog; UNSOLVED is 1 where a call that was served is known not to have settled
# the matter; CHILD is the row of the work it left or -1; SETTLED, of first calls, the tick at which the matter was settled,
# written while counting; HOW of a further leg, as in LegLog, whose QUEUE_ENTRY is that of the leg; OFFER, TAKEN and RANG as
# in CallLog. An engine may keep more columns after these.
(
    ARRIVAL, CALL_TYPE, QUEUE_ENTRY, ANSWER, END, RELEASE, GROUP, OUTCOME, IVR_EXIT, NEXT_CALL, CAME, UNSOLVED, ACCEPTED,
    PREDICTED, HANDED, OFF_LINE, HOW, CHILD, SETTLED, OFFER, TAKEN, RANG, COUNTED_COLUMNS,
) = range(23)  # fmt: skip

STARTS_AT_ARRIVAL, STARTS_AT_IVR_EXIT = 0, 1  # Rules.clock_starts; else at queue entry
AT_ANSWER, AT_END = 1, 2  # Rules.credit; else at arrival

# plain integers, because kernels cannot read an IntEnum
NONE_ = int(NONE)
FINISHED, REACHED, ON_A_LIST = constant(Count.FINISHED), constant(Count.REACHED), 2
OFFERS, OFFERS_TAKEN, OFFER_VALUE = int(Count.OFFERS), int(Count.OFFERS_TAKEN), int(Count.OFFER_VALUE)
AFTER_LAST_DAY, RANG_IN_VAIN = constant(Count.AFTER_LAST_DAY), int(Count.RANG_IN_VAIN)
BLOCKED, CLOSED, STILL_THERE = int(Outcome.BLOCKED), int(Outcome.CLOSED), int(Outcome.STILL_THERE)
CALLBACK_MISSED = int(Outcome.CALLBACK_MISSED)
ABANDONED, ANSWERED, CALLED_BACK = int(Outcome.ABANDONED), int(Outcome.ANSWERED), int(Outcome.CALLED_BACK)
STILL_WAITING, STILL_IN_IVR = int(Count.STILL_WAITING), int(Count.STILL_IN_IVR)
ANSWERED_WITHIN, ABANDONED_WITHIN = int(Count.ANSWERED_WITHIN), int(Count.ABANDONED_WITHIN)
ANSWERED_SHORT, ABANDONED_SHORT = int(Count.ANSWERED_SHORT), int(Count.ABANDONED_SHORT)
DELAYED, TALK, WRAP_UP = int(Count.DELAYED), int(Count.TALK), int(Count.WRAP_UP)
WAIT_ANSWERED, WAIT_ABANDONED, WAIT_ALL = int(Count.WAIT_ANSWERED), int(Count.WAIT_ABANDONED), int(Count.WAIT_ALL)
QUEUE_TIME, LINE_TIME = constant(Count.QUEUE_TIME), int(Count.LINE_TIME)
ON_PHONES, WORK_TALK, WORK_WRAP = constant(Work.ON_PHONES), constant(Work.TALK), constant(Work.WRAP_UP)
FINISHING = constant(Work.FINISHING)
CONTAINED, DEFLECTED = int(Outcome.CONTAINED), int(Outcome.DEFLECTED)
CALLBACKS, IN_TIME, CALLBACK_WAIT = int(Count.CALLBACKS), int(Count.CALLBACKS_IN_TIME), int(Count.CALLBACK_WAIT)
TOLD, TOLD_ERROR, TOLD_OVER = int(Count.TOLD), int(Count.TOLD_ERROR), int(Count.TOLD_OVER)
REDIALS, REPEATS = int(Came.REDIAL), int(Came.REPEAT)
BEFORE_REDIAL = int(Count.OFFERED_REDIAL) - REDIALS  # and CAME is the column
WORK_ANSWERED, WORK_WAIT = int(Work.ANSWERED), int(Work.WAIT_ANSWERED)
WORK_WITHIN, WORK_HANDLE = int(Work.ANSWERED_WITHIN), int(Work.HANDLE)


class Sums(NamedTuple):
    """The counts of a day, or of connected days, while they are counted: the arrays of a Tally; modified in place.

    calls : (spans, rows, Count); agents : (spans, groups, Work); callers : (days, types, Customers); longest : (spans, rows)
    waits : (days, types, 128); spans are days x (intervals + 1), see `interval_of`
    edges, starts : of the cells of `waits`, see `cell_of`; first : (families,), the row of a family's first value
    promised : (types,), ticks within which a callback is promised; quiet : (types,), not 0 where nobody waits, which is
        not counted by label: 1 of work, ON_A_LIST of contacts; values : (offers,), thousandths
    """

    calls: Ints
    agents: Ints
    callers: Ints
    waits: Ints
    longest: Ints
    edges: Ints
    starts: Ints
    first: Ints
    promised: Ints
    quiet: Ints
    values: Ints


@part
def credited(r: Rules, call: Ints, left: int) -> int:
    """The interval to which a call belongs that left the queue at `left`."""
    moment = call[ARRIVAL]
    if r.credit == AT_ANSWER:
        moment = left
    elif r.credit == AT_END:
        moment = call[END]
    return int(interval_of(r, moment))


@part
def credit_call(r: Rules, t: Sums, call: Ints, label: Ints) -> int:
    """Add one call to the counts of its day; nothing when it arrived outside the window.

    call : int64, its columns above; label : int64, shape (families,). Of the agent only what is credited like the call is
    counted here, and nothing of the caller. Returns the interval it was credited to; NOWHERE outside the window.
    """
    arrival, outcome, kind = call[ARRIVAL], call[OUTCOME], call[CALL_TYPE]
    if arrival < r.since or arrival >= r.until:
        return NOWHERE
    entry, answer, left = call[QUEUE_ENTRY], call[ANSWER], left_queue(call)
    start = entry
    if r.clock_starts == STARTS_AT_IVR_EXIT:
        start = call[IVR_EXIT]
    elif r.clock_starts == STARTS_AT_ARRIVAL:
        start = arrival
    wait = max(left - start, 0)
    i = credited(r, call, left)
    column = outcome
    if outcome == STILL_THERE:
        column = STILL_WAITING if entry != NONE_ else STILL_IN_IVR
    for family in range(-1, t.first.shape[0]):
        row = kind
        if family >= 0:
            if label[family] < 0 or t.quiet[kind] != 0:
                continue
            row = t.first[family] + label[family]
        credit_row(r, call, i, column, wait, left, row, t.calls, t.longest)
        if t.values.shape[0] > 0 and call[OFFER] != NONE_ and t.quiet[kind] != ON_A_LIST:
            credit_offer(call, t.values, at(at(t.calls, i), row))
        if call[PREDICTED] != NONE_:
            credit_promises(call, t.promised[kind], at(at(t.calls, i), row))
    if answer != NONE_ and entry != NONE_:
        of_day = t.waits[day_of(r, i)]
        at(of_day, kind)[np.uint64(cell_of(t.edges, t.starts, wait))] += 1
        group = call[GROUP]
        if group >= 0 and t.agents.shape[1] > 0 and t.quiet[kind] == 0:
            work = at(at(t.agents, i), group)
            work[WORK_ANSWERED] += 1
            work[WORK_WAIT] += wait
            work[WORK_HANDLE] += call[RELEASE] - answer
            if wait <= r.within:
                work[WORK_WITHIN] += 1
    if t.quiet[kind] == ON_A_LIST and outcome in (CALLED_BACK, CALLBACK_MISSED):
        credit_contact(call, t.values, at(at(t.calls, interval_of(r, call[END])), kind))
    return int(i)


@cold
def credit_contact(call: Ints, values: Ints, counts: Ints) -> None:
    """Add a contact of a list that is finished to the counts of the day on which it is."""
    counts[FINISHED] += 1
    if call[OUTCOME] == CALLED_BACK:
        counts[REACHED] += 1
        if call[OFFER] != NONE_:
            credit_offer(call, values, counts)


@cold
def credit_offer(call: Ints, values: Ints, counts: Ints) -> None:
    """Add what the agent offered before the end to one row of counts."""
    counts[OFFERS] += 1
    if call[TAKEN] != 0:
        counts[OFFERS_TAKEN] += 1
        counts[OFFER_VALUE] += values[call[OFFER]]


@cold
def credit_promises(call: Ints, promised: int, counts: Ints) -> None:
    """Add what became of the predicted wait of a call, and of its callback, to one row of counts."""
    outcome, accepted = call[OUTCOME], call[ACCEPTED]
    if outcome == ANSWERED and call[PREDICTED] < FOR_EVER:
        over = call[PREDICTED] - (call[ANSWER] - call[QUEUE_ENTRY])
        counts[TOLD] += 1
        counts[TOLD_ERROR] += abs(over)
        counts[TOLD_OVER] += over
    if accepted != NONE_:
        counts[CALLBACKS] += 1
        if outcome == CALLED_BACK:
            counts[CALLBACK_WAIT] += call[ANSWER] - accepted
            if call[ANSWER] - accepted <= promised:
                counts[IN_TIME] += 1


@part
def credit_work(r: Rules, call: Ints, near: int, out: Ints) -> None:
    """Add the talk and wrap-up of an answered call to its agent's group, where nobody wrote down what agents did."""
    if call[ANSWER] != NONE_:
        spread(r, call[ANSWER], parted(call), out, call[GROUP], WORK_TALK, near)
        spread(r, parted(call), call[RELEASE], out, call[GROUP], WORK_WRAP, near)


@part
def parted(call: Ints) -> int:
    """When the agent and the caller part."""
    return int(call[END] if call[HANDED] == NONE_ else call[HANDED])


@part
def left_queue(call: Ints) -> int:
    """When the call, or leg, left the queue: promised a callback, answered, or gone."""
    if call[ACCEPTED] != NONE_:
        return int(call[ACCEPTED])
    return int(call[END] if call[ANSWER] == NONE_ else call[ANSWER])


@part
def credit_row(
    r: Rules, call: Ints, i: int, column: int, wait: int, left: int, row: int, out_calls: Ints, out_longest: Ints
) -> None:
    """Add the call to interval i of one row of `Tally.calls`: that of its type, or of a value of a label."""
    counts, outcome, entry = at(at(out_calls, i), row), call[OUTCOME], call[QUEUE_ENTRY]
    counts[np.uint64(column)] += 1
    if call[ARRIVAL] >= r.past:
        counts[AFTER_LAST_DAY] += 1
    if outcome != BLOCKED and outcome != CLOSED:
        counts[LINE_TIME] += (call[END] if call[OFF_LINE] == NONE_ else call[OFF_LINE]) - call[ARRIVAL]
    if entry == NONE_:
        return
    if call[CAME] in (REDIALS, REPEATS):
        counts[np.uint64(BEFORE_REDIAL + call[CAME])] += 1
    if call[RANG] != 0:
        counts[RANG_IN_VAIN] += call[RANG]
    if wait > 0:
        counts[DELAYED] += 1
        counts[WAIT_ALL] += wait
        longest = at(out_longest, i)
        longest[np.uint64(row)] = max(at(longest, row), wait)
    if outcome in (ANSWERED, CALLED_BACK):
        counts[WAIT_ANSWERED] += wait
        counts[TALK] += parted(call) - call[ANSWER]
        counts[WRAP_UP] += call[RELEASE] - parted(call)
        if wait <= r.within:
            counts[ANSWERED_WITHIN] += 1
        if wait <= r.short:
            counts[ANSWERED_SHORT] += 1
    elif outcome == ABANDONED:
        counts[WAIT_ABANDONED] += wait
        if wait <= r.within:
            counts[ABANDONED_WITHIN] += 1
        if wait <= r.short:
            counts[ABANDONED_SHORT] += 1
    spread(r, entry, left, out_calls, row, QUEUE_TIME, i)
