"""credit: one call, or one stretch of an agent, added to the counts. Jitted; a kernel and a log share it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calls import NONE, Frame, Outcome, State
from sim.chance.jit import inlined
from sim.scenario.units import ticks
from sim.tally.measuring import Measuring
from sim.tally.tally import Count, Work

Ints = npt.NDArray[np.int64]

ARRIVAL, IVR_EXIT, QUEUE_ENTRY = 0, 1, 2
AT_ARRIVAL, AT_ANSWER, AT_END = 0, 1, 2

# plain integers, because kernels cannot read an IntEnum
NONE_ = int(NONE)
BLOCKED, CLOSED, STILL_THERE = int(Outcome.BLOCKED), int(Outcome.CLOSED), int(Outcome.STILL_THERE)
ABANDONED, ANSWERED, CALLED_BACK = int(Outcome.ABANDONED), int(Outcome.ANSWERED), int(Outcome.CALLED_BACK)
STILL_WAITING, STILL_IN_IVR = int(Count.STILL_WAITING), int(Count.STILL_IN_IVR)
ANSWERED_WITHIN, ABANDONED_WITHIN = int(Count.ANSWERED_WITHIN), int(Count.ABANDONED_WITHIN)
ANSWERED_SHORT, ABANDONED_SHORT = int(Count.ANSWERED_SHORT), int(Count.ABANDONED_SHORT)
DELAYED, TALK, WRAP_UP = int(Count.DELAYED), int(Count.TALK), int(Count.WRAP_UP)
WAIT_ANSWERED, WAIT_ABANDONED, WAIT_ALL = int(Count.WAIT_ANSWERED), int(Count.WAIT_ABANDONED), int(Count.WAIT_ALL)
QUEUE_TIME, LINE_TIME = int(Count.QUEUE_TIME), int(Count.LINE_TIME)
ON_PHONES, WORK_TALK, WORK_WRAP = int(Work.ON_PHONES), int(Work.TALK), int(Work.WRAP_UP)
FINISHING, PAID = int(Work.FINISHING), int(Work.PAID)
WORK_ANSWERED, WORK_WAIT = int(Work.ANSWERED), int(Work.WAIT_ANSWERED)
WORK_WITHIN, WORK_HANDLE = int(Work.ANSWERED_WITHIN), int(Work.HANDLE)
STATE_TALK, STATE_WRAP = int(State.TALK), int(State.WRAP_UP)


class Rules(NamedTuple):
    """A Measuring and a Frame as integers, for kernels; ticks."""

    within: int
    short: int
    clock_starts: int
    credit: int
    since: int
    until: int
    opens: int
    interval: int
    intervals: int
    per_tick: float  # 1 / interval


def rules(frame: Frame, measuring: Measuring) -> Rules:
    """The settings of counting as integers."""
    since, until = (0, 1 << 60) if measuring.window is None else (ticks(edge) for edge in measuring.window)
    return Rules(
        within=ticks(measuring.within),
        short=ticks(measuring.short_abandon),
        clock_starts=("arrival", "ivr_exit", "queue_entry").index(measuring.clock_starts),
        credit=("arrival", "answer", "end").index(measuring.credit),
        since=since,
        until=until,
        opens=frame.opens,
        interval=frame.interval,
        intervals=frame.intervals,
        per_tick=1.0 / frame.interval,
    )


@inlined
def interval_of(r: Rules, tick: int) -> int:
    """The interval a tick lies in; `intervals`, the last row, outside the opening hours."""
    since = tick - r.opens
    if since < 0:
        return r.intervals
    i = int(float(since) * r.per_tick)  # a whole division takes longer than all else here; this is off by one at most
    if i * r.interval > since:
        i -= 1
    elif (i + 1) * r.interval <= since:
        i += 1
    return min(i, r.intervals)


@inlined
def spread(r: Rules, since: int, until: int, out: Ints, row: int, column: int) -> None:
    """Add the time from `since` to `until`, as far as it lies in the window, to the intervals it lies in.

    out : int64, shape (intervals + 1, rows, columns), modified in place
    """
    begin, end = max(since, r.since), min(until, r.until)
    while begin < end:
        i = interval_of(r, begin)
        if begin < r.opens:
            stop = min(end, r.opens)
        elif i == r.intervals:
            stop = end
        else:
            stop = min(end, r.opens + (i + 1) * r.interval)
        out[i, row, column] += stop - begin
        begin = stop


@inlined
def credit_call(
    r: Rules,
    edges: Ints,
    call_type: int,
    rows: Ints,
    arrival: int,
    ivr_exit: int,
    queue_entry: int,
    answer: int,
    end: int,
    release: int,
    group: int,
    outcome: int,
    out_calls: Ints,
    out_agents: Ints,
    out_waits: Ints,
    out_longest: Ints,
) -> None:
    """Add one call to the counts of its day; nothing when it arrived outside the window.

    rows : int64, the rows of `Tally.calls` that the call counts in (its type, then its label values; -1: none)
    out_calls (intervals + 1, rows, Count), out_agents (intervals + 1, groups, Work), out_waits (types, 128),
    out_longest (intervals + 1, rows) : int64, modified in place
    """
    if arrival < r.since or arrival >= r.until:
        return
    left = answer if answer != NONE_ else end
    start = queue_entry
    if r.clock_starts == IVR_EXIT:
        start = ivr_exit
    elif r.clock_starts == ARRIVAL:
        start = arrival
    wait = max(left - start, 0)
    at = arrival
    if r.credit == AT_ANSWER:
        at = left
    elif r.credit == AT_END:
        at = end
    i = interval_of(r, at)
    offered = queue_entry != NONE_
    column = outcome
    if outcome == STILL_THERE:
        column = STILL_WAITING if offered else STILL_IN_IVR
    for n in range(rows.shape[0]):
        row = rows[n]
        if row < 0:
            continue
        counts = out_calls[i, row]
        counts[column] += 1
        if outcome != BLOCKED and outcome != CLOSED:
            counts[LINE_TIME] += end - arrival
        if not offered:
            continue
        counts[WAIT_ALL] += wait
        out_longest[i, row] = max(out_longest[i, row], wait)
        if wait > 0:
            counts[DELAYED] += 1
        if outcome in (ANSWERED, CALLED_BACK):
            counts[WAIT_ANSWERED] += wait
            counts[TALK] += end - answer
            counts[WRAP_UP] += release - end
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
        spread(r, queue_entry, left, out_calls, row, QUEUE_TIME)
    if answer != NONE_ and offered:
        out_waits[call_type, cell_of(edges, wait)] += 1
        if group >= 0 and out_agents.shape[1] > 0:
            work = out_agents[i, group]
            work[WORK_ANSWERED] += 1
            work[WORK_WAIT] += wait
            work[WORK_HANDLE] += release - answer
            if wait <= r.within:
                work[WORK_WITHIN] += 1


@inlined
def cell_of(edges: Ints, wait: int) -> int:
    """The first cell whose edge is not below the wait; the last cell holds all longer waits."""
    low, high = 0, edges.shape[0] - 1
    while low < high:
        middle = (low + high) // 2
        if edges[middle] >= wait:
            high = middle
        else:
            low = middle + 1
    return low


@inlined
def credit_stretch(
    r: Rules, group: int, state: int, since: int, until: int, finishing: int, paid: int, out: Ints
) -> None:
    """Add one stretch of an agent to the intervals of the clock it lies in.

    paid : 65,536ths of a paid head per head on the phones; finishing time is paid as it is worked
    out : int64, shape (intervals + 1, groups, Work), modified in place
    """
    begin, end = max(since, r.since), min(until, r.until)
    while begin < end:
        i = interval_of(r, begin)
        if begin < r.opens:
            stop = min(end, r.opens)
        elif i == r.intervals:
            stop = end
        else:
            stop = min(end, r.opens + (i + 1) * r.interval)
        length = stop - begin
        out[i, group, ON_PHONES] += length
        if state == STATE_TALK:
            out[i, group, WORK_TALK] += length
        elif state == STATE_WRAP:
            out[i, group, WORK_WRAP] += length
        if finishing:
            out[i, group, FINISHING] += length
            out[i, group, PAID] += length
        else:
            out[i, group, PAID] += (length * paid + 32_768) >> 16
        begin = stop
