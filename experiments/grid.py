"""Grid: the simulated day interval by interval, with the heads that Erlang C and Erlang A would ask for beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from experiments.compare import reached
from experiments.statistics import Chance, daily, eight_in_ten, ratio
from experiments.values import by_day, clock_of
from sim.measures.cut import Cut
from sim.measures.ratios import ANSWERED, OFFERED
from sim.scenario.costs import Target
from sim.scenario.units import TICKS_PER_SECOND
from sim.tally.tally import Count, Tally, Work

SERVICE_LEVEL = 0.8  # the planner's usual target, with the T of `Measuring`; what "needed" is needed for


@dataclass(frozen=True)
class Interval:
    """One interval of the average day on which the center is open then; NaN where 0/0, None where nobody recorded agents.

    place : which of the day's, counted from 0; -1 of the day as a whole; clock : its start; offered : calls per day
    rate : answered / offered; between : where 8 days in 10 lie
    reaches : the chance that the interval alone reaches the target, None where the target is of another measure
    queue : callers waiting, time average; occupancy : busy / on phones; phones : heads on the phones;
        both of the groups that serve callers
    aht : seconds of talk and wrap-up per answered call; spent : seconds of an agent on it, less than aht where agents handle
        several at a time; load : offered calls times what is spent, erlangs
    rostered, absent, on_break, not_ready : heads of these groups on shift, and why they are not on the phones; None without a
        roster
    needed_c, needed_a : heads on the phones by Erlang C and A for 80 % within T; None where they have no answer
    """

    place: int
    clock: str
    offered: float
    rate: float
    between: tuple[float, float]
    reaches: Chance | None
    queue: float
    occupancy: float | None
    phones: float | None
    aht: float
    spent: float
    load: float
    needed_c: int | None
    needed_a: int | None
    rostered: float | None = None
    absent: float | None = None
    on_break: float | None = None
    not_ready: float | None = None


@dataclass(frozen=True)
class Grid:
    """The average day by interval; `patience` is Erlang A's mean patience in seconds, None when nobody hangs up."""

    intervals: tuple[Interval, ...]
    day: Interval
    length: float
    within: float
    patience: float | None


def grid(tally: Tally, target: Target | None = None) -> Grid:
    """All intervals in which the center is open, and the day as a whole; `target` counts if it is an answer rate of all calls."""
    frame = tally.frame
    patience = mean_patience(tally)
    offered = tally.calls[:, : frame.intervals, frame.live][..., list(OFFERED)].sum(axis=(0, 2, 3))
    there = np.flatnonzero(tally.is_open.any(axis=0) | (offered > 0))
    rows = tuple(_interval(tally, int(i), _plain(target), patience) for i in there)
    return Grid(rows, whole_day(tally, target), frame.interval / TICKS_PER_SECOND, tally.measuring.within, patience)


def whole_day(tally: Tally, target: Target | None = None) -> Interval:
    """The day as a whole. `target` counts where it is an answer rate of all calls."""
    return _interval(tally, None, _plain(target), None)


def _plain(target: Target | None) -> Target | None:
    plain = target is not None and target.measure == "answer_rate" and not (target.call_type or target.label)
    return target if plain else None


def mean_patience(tally: Tally) -> float | None:
    """All time spent waiting over all who hung up, seconds: the censored estimate of an exponential patience.

    This is Erlang A's parameter (Garnett, Mandelbaum and Reiman 2002, section 5). None when nobody hung up.
    """
    calls = _calls(tally, None).sum(axis=0)
    left = int(calls[Count.ABANDONED])
    return float(calls[Count.WAIT_ALL]) / TICKS_PER_SECOND / left if left else None


def _calls(tally: Tally, interval: int | None) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Counts over all call types but work by day, shape (days, len(Count)); all intervals when None."""
    return Cut(interval=interval).calls(tally)


def _interval(tally: Tally, interval: int | None, target: Target | None, patience: float | None) -> Interval:
    top, bottom = (part.ravel() for part in by_day(tally, "answer_rate", interval=interval))
    calls = _calls(tally, interval).sum(axis=0)
    frame, there = tally.frame, tally.is_open if interval is None else tally.is_open[:, interval : interval + 1]
    span = frame.interval * int(there.sum())
    days = int(there.any(axis=1).sum())
    answered = int(calls[list(ANSWERED)].sum())
    handle = float(calls[Count.TALK] + calls[Count.WRAP_UP])
    if not answered:  # an interval that answers nobody still has a load: the day's handle time
        whole = _calls(tally, None).sum(axis=0)
        answered, handle = int(whole[list(ANSWERED)].sum()), float(whole[Count.TALK] + whole[Count.WRAP_UP])
    aht = handle / answered / TICKS_PER_SECOND if answered else math.nan
    offered = float(bottom.sum()) / days if days else 0.0
    seconds = frame.interval / TICKS_PER_SECOND
    occupancy = phones = None
    spent = aht
    ladder: tuple[float | None, ...] = (None,) * 4
    if tally.agents is not None:
        rows = tally.agents if interval is None else tally.agents[:, interval : interval + 1]
        for_callers = [code for code, name in enumerate(frame.groups) if name not in frame.back_office]
        work = rows[:, :, for_callers].sum(axis=(0, 1, 2))
        on = float(work[Work.ON_PHONES])
        busy = float(work[Work.TALK] + work[Work.WRAP_UP])
        occupancy = busy / on if on else math.nan
        phones = on / span if span else 0.0
        spent = aht * busy / (busy + float(work[Work.BESIDE])) if busy else aht
        if frame.agents and span:
            away = [float(work[column]) / span for column in (Work.ABSENT, Work.ON_BREAK, Work.NOT_READY)]
            ladder = (phones + sum(away), *away)  # heads that are counted are on shift while they are on the phones
    needed = interval is not None and offered > 0 and not math.isnan(aht)
    per_hour = offered * 3600 / seconds
    return Interval(
        place=-1 if interval is None else interval,
        clock="day" if interval is None else clock_of(tally, interval),
        offered=offered,
        rate=ratio(top, bottom).value,
        between=eight_in_ten(daily(top, bottom)),
        reaches=None if target is None else reached(tally, target, interval=interval),
        queue=float(calls[Count.QUEUE_TIME]) / span if span else 0.0,
        occupancy=occupancy,
        phones=phones,
        aht=aht,
        spent=spent,
        load=per_hour / 3600 * spent if interval is not None else math.nan,
        needed_c=_needed(per_hour, spent, tally.measuring.within, None) if needed else None,
        needed_a=_needed(per_hour, spent, tally.measuring.within, patience) if needed and patience else None,
        rostered=ladder[0],
        absent=ladder[1],
        on_break=ladder[2],
        not_ready=ladder[3],
    )


def _needed(per_hour: float, aht: float, within: float, patience: float | None) -> int:
    from sim.erlang import agents_needed

    return agents_needed(
        calls_per_hour=per_hour, aht=aht, service_level=SERVICE_LEVEL, within=within, patience=patience
    )
