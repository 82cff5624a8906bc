"""spans: which row of counts a tick belongs to, and time spread over them. Jitted; a kernel and a log share it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calls import Frame
from sim.chance.jit import at, cold, constant, part
from sim.scenario.units import DAY, ticks
from sim.tally.measuring import Measuring

Ints = npt.NDArray[np.int64]

NOWHERE = constant(1 << 20)  # no interval: beyond all there may be


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
    days: int
    past: int  # what comes from this tick on comes after all days


def rules(frame: Frame, measuring: Measuring) -> Rules:
    """The settings of counting as integers."""
    return Rules(
        *_settings(measuring),
        opens=frame.opens,
        interval=frame.interval,
        intervals=frame.intervals,
        per_tick=1.0 / frame.interval,
        days=frame.days,
        past=frame.opens + frame.days * DAY,
    )


@lru_cache(maxsize=16)
def _settings(measuring: Measuring) -> tuple[int, int, int, int, int, int]:
    """The first six of Rules."""
    since, until = (0, 1 << 60) if measuring.window is None else (ticks(edge) for edge in measuring.window)
    clock_starts = ("arrival", "ivr_exit", "queue_entry").index(measuring.clock_starts)
    credit = ("arrival", "answer", "end").index(measuring.credit)
    return ticks(measuring.within), ticks(measuring.short_abandon), clock_starts, credit, since, until


@part
def interval_of(r: Rules, tick: int) -> int:
    """The row of counts a tick belongs to: an interval, or, after those of the day, outside its opening hours. The rows of a
    day, which lasts until the next would open, follow those of the day before.
    """
    since = tick - r.opens
    if since < 0:
        return r.intervals
    if r.days > 1:
        day = min(since // DAY, r.days - 1)
        return day * (r.intervals + 1) + row_of_day(r, since - day * DAY)
    return row_of_day(r, since)


@part
def row_of_day(r: Rules, since: int) -> int:
    """The row of a day's counts that belongs to so many ticks since its opening."""
    i = int(float(since) * r.per_tick)  # a whole division takes longer than all else here; this is off by one at most
    if i * r.interval > since:
        i -= 1
    elif (i + 1) * r.interval <= since:
        i += 1
    return min(i, r.intervals)


@part
def spread(r: Rules, since: int, until: int, out: Ints, row: int, column: int, near: int) -> None:
    """Add the time from `since` to `until`, as far as it lies in the window, to the intervals it lies in.

    out : int64, shape (intervals + 1, rows, columns), modified in place; near : an interval in which `since` may lie
    """
    begin, end = max(since, r.since), min(until, r.until)
    i = near
    while begin < end:
        border = r.opens + (i + 1) * r.interval
        if not border - r.interval <= begin < border or i >= r.intervals:
            i = interval_of(r, begin)
            border = border_after(r, begin, i, end)
        stop = min(end, border)
        at(at(out, i), row)[np.uint64(column)] += stop - begin
        begin = stop
        i += 1


@cold
def border_after(r: Rules, tick: int, i: int, end: int) -> int:
    """Where row i, in which the tick lies, ends; the last one does at `end`."""
    if tick < r.opens:
        return r.opens
    day, i = i // (r.intervals + 1), i % (r.intervals + 1)
    if i < r.intervals:
        return r.opens + day * DAY + (i + 1) * r.interval
    return end if day + 1 == r.days else r.opens + (day + 1) * DAY


@part
def day_of(r: Rules, i: int) -> int:
    """The day of a row of counts."""
    return 0 if r.days == 1 else i // (r.intervals + 1)
