"""Values: what a measure says of a tally, replication by replication or day by day, and how its numbers are to be read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple, TypedDict

import numpy as np
import numpy.typing as npt

from sim.measures import MEASURES, Cut, find_measure
from sim.scenario.costs import Target
from sim.scenario.errors import CallsimError
from sim.scenario.units import TICKS_PER_SECOND, parse_duration, show_clock
from sim.tally import Tally, Work

Floats = npt.NDArray[np.float64]


class Where(TypedDict, total=False):
    """Which part of a tally is measured; what is not given is not cut."""

    call_type: str | None
    group: str | None
    label: str | None


@dataclass(frozen=True)
class Reading:
    """How a measure is printed: times `scale` (shares are percent) with `suffix`; `unit` names it.

    more_is_better : None where neither is, as of handle times and counts of calls
    """

    name: str
    formula: str
    unit: str
    scale: float
    suffix: str
    more_is_better: bool | None

    @property
    def difference_unit(self) -> str:
        """The unit of a difference: points for shares."""
        return "points" if self.unit == "share" else self.unit


def reads(measure: str) -> Reading:
    """How the measure is to be read; raises CallsimError with the nearest spelling for one that does not exist."""
    found = find_measure(measure)
    share = found.unit == "share"
    return Reading(
        found.name, found.formula, found.unit, 100.0 if share else 1.0, " %" if share else f" {found.unit}",
        None if found.better is None else found.better == "high",
    )  # fmt: skip


def parts(
    tally: Tally,
    measure: str,
    *,
    call_type: str | None = None,
    group: str | None = None,
    label: str | None = None,
    interval: int | None = None,
) -> tuple[Floats, Floats]:
    """Numerator and denominator of each replication, shape (replications,): sums over its days.

    Raises CallsimError for a cut the measure cannot take.
    """
    above, below = by_day(tally, measure, call_type=call_type, group=group, label=label, interval=interval)
    return above.sum(axis=1), below.sum(axis=1)


def by_day(
    tally: Tally,
    measure: str,
    *,
    call_type: str | None = None,
    group: str | None = None,
    label: str | None = None,
    interval: int | None = None,
) -> tuple[Floats, Floats]:
    """Numerator and denominator of each day, shape (replications, days); raises as `parts`."""
    cut = Cut(call_type=call_type, group=group, label=label, interval=interval)
    above, below = find_measure(measure).parts(tally, cut)
    return above.reshape(-1, tally.frame.days), below.reshape(-1, tally.frame.days)


def all_values(tally: Tally) -> dict[str, float]:
    """Every measure over all days; NaN where it is 0/0 or nobody recorded what it needs."""
    found = {}
    for name, measure in MEASURES.items():
        try:
            found[name] = measure.value(tally, Cut())
        except CallsimError:
            found[name] = float("nan")
    return found


def cut_of(target: Target) -> Where:
    """The part of a tally that a target is about."""
    return {"call_type": target.call_type, "group": target.group, "label": target.label}


def heads_by_group(tally: Tally) -> dict[str, Floats]:
    """Heads on the phones per group on the average day, shape (intervals,); empty when nobody recorded agents."""
    frame = tally.frame
    if tally.agents is None:
        return {}
    there = np.maximum(tally.is_open.sum(axis=0), 1)[:, None]  # days on which the center is open then
    on = tally.agents[:, : frame.intervals, :, Work.ON_PHONES].sum(axis=0) / (frame.interval * there)
    return {name: np.asarray(on[:, code], dtype=np.float64) for code, name in enumerate(frame.groups)}


def longest_wait(tally: Tally, interval: int) -> float:
    """Longest wait of an interval on the average day that is open then, seconds."""
    there = tally.longest[tally.is_open[:, interval]]
    return float(there[:, interval, tally.frame.live].max(axis=1).mean()) / TICKS_PER_SECOND if len(there) else float("nan")


class Worst(NamedTuple):
    """The interval of a day, or of connected days the day, with the lowest answer rate.

    place : the interval, or the day, counted from 0; name : its clock time, or its date
    """

    place: int
    name: str
    rate: float


def worst_interval(tally: Tally) -> Worst | None:
    """The interval with the lowest answer rate over all days; None without calls.

    Intervals with less than one call a day are passed over, unless there are no others.
    """
    return _worst(
        (place, clock_of(tally, place), *by_day(tally, "answer_rate", interval=place)) for place in range(tally.frame.intervals)
    )


def worst_day(tally: Tally) -> Worst | None:
    """The day with the lowest answer rate; None without calls."""
    top, bottom = by_day(tally, "answer_rate")
    return _worst((day, when.isoformat(), top[:, day], bottom[:, day]) for day, when in enumerate(dates(tally)))


def _worst(rates: Iterable[tuple[int, str, Floats, Floats]]) -> Worst | None:
    found = [
        (float(bottom.mean()) < 1, float(top.sum() / bottom.sum()), place, name)
        for place, name, top, bottom in rates
        if bottom.sum() > 0
    ]
    if not found:
        return None
    _, rate, place, name = min(found)
    return Worst(place, name, rate)


def day_alone(tally: Tally, when: date) -> Tally:
    """One of the connected days; raises CallsimError for a date that is not among them."""
    there = dates(tally)
    if when not in there:
        raise CallsimError(f"day {when}: there is {there[0]} to {there[-1]}")
    return tally.of_day(there.index(when))


def dates(tally: Tally) -> list[date]:
    """The dates of the days of a replication."""
    return [tally.frame.start + timedelta(days=day) for day in range(tally.frame.days)]


def paid(tally: Tally) -> tuple[float | None, float | None]:
    """Paid hours and money of a simulation, that is of its day or of all connected days together; None where no agents are
    recorded, and where nothing has a price.
    """
    prices = tally.frame.prices
    if tally.agents is None:
        return None, None
    priced = prices.wage is not None or prices.line_minute or prices.contained or prices.lost_call
    hours, money = (float(parts(tally, name)[0].mean()) for name in ("paid_hours", "cost"))
    return hours, money if priced else None


def as_number(value: object) -> float | None:
    """A number, or the seconds of a duration; None for anything else that a path may be set to."""
    if isinstance(value, str):
        return parse_duration(value)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def clock_of(tally: Tally, interval: int) -> str:
    """The clock time at which an interval begins."""
    return show_clock((tally.frame.opens + interval * tally.frame.interval) / TICKS_PER_SECOND)
