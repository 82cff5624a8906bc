"""Measures of the floor: occupancy, utilization, hours, mean queue; and plain counts of a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from sim.measures.callers import customers
from sim.measures.cut import Cut
from sim.measures.measure import Floats, Measure, Parts
from sim.measures.ratios import ANSWERED, ATTEMPTED, ENTERED, OFFERED, combine, count
from sim.scenario.units import DAY, TICKS_PER_SECOND
from sim.tally.tally import Count, Customers, Tally, Work

_HOUR = 3600 * TICKS_PER_SECOND


def _work(cut: Cut, tally: Tally, *columns: Work) -> Floats:
    work = cut.agents(tally)
    return np.asarray(sum((work[:, column] for column in columns), np.zeros(len(work), np.int64)), np.float64)


def _ratio(above: tuple[Work, ...], below: Work) -> Callable[[Tally, Cut], Parts]:
    return lambda tally, cut: (_work(cut, tally, *above), _work(cut, tally, below))


def _occupancy(tally: Tally, cut: Cut) -> Parts:
    if cut.group is not None or tally.agents is None or not tally.frame.back_office:
        return _ratio((Work.TALK, Work.WRAP_UP), Work.ON_PHONES)(tally, cut)
    groups = [replace(cut, group=name) for name in tally.frame.groups if name not in tally.frame.back_office]
    found = [_ratio((Work.TALK, Work.WRAP_UP), Work.ON_PHONES)(tally, one) for one in groups]
    nothing = np.zeros(tally.days)
    return sum((above for above, _ in found), nothing), sum((below for _, below in found), nothing)


def _hours(column: Work) -> Callable[[Tally, Cut], Parts]:
    return lambda tally, cut: (_work(cut, tally, column) / _HOUR, tally.open_days)


def _of_rosters(tally: Tally, cut: Cut, *columns: Work) -> Floats:
    """Ticks of the groups that have agents on a roster; 0 where there is none, for nothing is known of who is away."""
    of = [name for name in tally.frame.rostered if cut.group in (None, name)]
    return sum((_work(replace(cut, group=name), tally, *columns) for name in of), np.zeros(tally.days))


def _rostered(tally: Tally, cut: Cut) -> Floats:
    """Ticks of everybody on shift, at work or not; heads that are counted beside a roster have come."""
    return _of_rosters(tally, cut, Work.ABSENT, Work.ON_BREAK, Work.NOT_READY, Work.ON_PHONES)


def _attendance(tally: Tally, cut: Cut) -> Parts:
    whole = _rostered(tally, cut)
    return np.where(whole > 0, whole - _of_rosters(tally, cut, Work.ABSENT), 0.0), whole


def _calls(*columns: Count) -> Callable[[Tally, Cut], Parts]:
    return lambda tally, cut: (combine(cut.calls(tally), count(*columns)), tally.open_days)


def _mean_queue(tally: Tally, cut: Cut) -> Parts:
    frame = tally.frame
    first, last = cut.intervals(frame)
    inside = replace(cut, interval=(first, last))
    day = np.tile(np.arange(frame.days), tally.replications)[:, None] * DAY
    since = frame.opens + day + np.arange(first, last) * frame.interval
    until = since + frame.interval
    if tally.measuring.window is not None:
        since = np.maximum(since, round(tally.measuring.window[0] * TICKS_PER_SECOND))
        until = np.minimum(until, round(tally.measuring.window[1] * TICKS_PER_SECOND))
    lengths = np.maximum(until - since, 0) * tally.is_open[:, first:last]
    return combine(inside.calls(tally), count(Count.QUEUE_TIME)), lengths.sum(axis=1).astype(np.float64)


FLOOR = (
    Measure(
        "occupancy", "occupancy", "busy (talk + wrap-up) / time on the phones, of groups that serve callers", "share", None,
        _occupancy,
    ),
    Measure(
        "utilization", "utilization", "busy (talk + wrap-up) / paid time", "share", None,
        _ratio((Work.TALK, Work.WRAP_UP), Work.PAID),
    ),
    Measure(
        "contacts_in_hand", "contacts in hand", "time of contacts, each by itself / busy time: how many an agent handles at once",
        "contacts", None,
        lambda tally, cut: (
            _work(cut, tally, Work.TALK, Work.WRAP_UP, Work.BESIDE), _work(cut, tally, Work.TALK, Work.WRAP_UP),
        ),
    ),
    Measure(
        "mean_queue", "mean queue", "time spent in queue inside the opening hours / their length", "callers", "low",
        _mean_queue,
    ),
    Measure("paid_hours", "paid hours", "paid time a day", "h", "low", _hours(Work.PAID), kind="mean"),
    Measure("overtime_hours", "overtime hours", "paid overtime a day", "h", "low", _hours(Work.OVERTIME), kind="mean"),
    Measure(
        "finishing_hours", "finishing hours", "time a day that agents work after their border", "h", "low",
        _hours(Work.FINISHING), kind="mean",
    ),
    Measure("attendance", "attendance", "(rostered - absent) / rostered time, of groups with a roster", "share", "high",
            _attendance),
    Measure(
        "rostered_hours", "rostered hours",
        "time a day on shift, of groups with a roster: absent + on break + not ready + on the phones", "h", None,
        lambda tally, cut: (_rostered(tally, cut) / _HOUR, tally.open_days), kind="mean",
    ),
    Measure("absent_hours", "absent hours", "time a day on shift of who did not come, or not yet", "h", "low",
            _hours(Work.ABSENT), kind="mean"),
    Measure("break_hours", "hours on break", "time a day on break or at lunch", "h", None, _hours(Work.ON_BREAK), kind="mean"),
    Measure("not_ready_hours", "hours not ready", "time a day in meetings, training, coaching, reviews, off the phones "
            "unplanned, or on shift before the doors open or after", "h", None, _hours(Work.NOT_READY), kind="mean"),
    Measure("present_hours", "hours present", "rostered - absent time a day, of groups with a roster", "h", None,
            lambda tally, cut: (_attendance(tally, cut)[0] / _HOUR, tally.open_days), kind="mean"),
    Measure("idle_hours", "idle hours", "time a day on the phones less talk and wrap-up: ready, or ringing", "h", None,
            lambda tally, cut: (
                (_work(cut, tally, Work.ON_PHONES) - _work(cut, tally, Work.TALK, Work.WRAP_UP)) / _HOUR, tally.open_days,
            ), kind="mean"),
    Measure("phone_hours", "hours on the phones", "time a day ready, talking or in wrap-up", "h", None, _hours(Work.ON_PHONES),
            kind="mean"),
)  # fmt: skip
COUNTS = (
    Measure("attempted", "attempted", "all calls a day", "calls", None, _calls(*ATTEMPTED), kind="mean"),
    Measure("entered", "entered", "attempted - blocked - closed, a day", "calls", None, _calls(*ENTERED), kind="mean"),
    Measure("offered", "offered", "calls a day that asked for an agent", "calls", None, _calls(*OFFERED), kind="mean"),
    Measure("answered", "answered", "answered calls a day", "calls", "high", _calls(*ANSWERED), kind="mean"),
    Measure("abandoned", "abandoned", "abandoned calls a day", "calls", "low", _calls(Count.ABANDONED), kind="mean"),
    Measure("blocked", "blocked", "busy tones a day", "calls", "low", _calls(Count.BLOCKED), kind="mean"),
    Measure("closed", "closed doors", "calls a day before opening or after closing, also of callers who come back then", "calls",
            "low", _calls(Count.CLOSED), kind="mean"),
    Measure("after_last_day", "after the last day", "calls a day of who comes back after the days that are simulated; they are "
            "closed doors, too", "calls", None, _calls(Count.AFTER_LAST_DAY), kind="mean"),
    Measure("contained", "contained", "contained calls a day", "calls", None, _calls(Count.CONTAINED), kind="mean"),
    Measure("deflected", "deflected in the queue", "deflected calls a day", "calls", None, _calls(Count.DEFLECTED), kind="mean"),
    Measure(
        "callers", "callers", "different callers a day", "callers", None,
        lambda tally, cut: (customers(tally, cut)[:, Customers.CALLERS], tally.open_days), kind="mean",
    ),
    Measure(
        "callers_not_served", "callers not served", "callers - callers served, a day", "callers", "low",
        lambda tally, cut: (
            customers(tally, cut)[:, Customers.CALLERS] - customers(tally, cut)[:, Customers.SERVED], tally.open_days,
        ), kind="mean",
    ),
)  # fmt: skip
