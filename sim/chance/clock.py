"""clock: which day of a horizon, and which of its intervals, a tick lies in; as kernels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.jit import cold, part
from sim.scenario.horizon import open_spans
from sim.scenario.scenario import Scenario
from sim.scenario.units import DAY, NEVER, ticks

Ints = npt.NDArray[np.int64]
EVERY_DAY = -1  # in the place of a day


class Clock(NamedTuple):
    """opens, interval : ticks, of a day of the calendar; intervals : of a day; days : how many

    openings : int64, the ticks at which the doors open after they were closed
    past : the tick at which the day after the last would open: what comes from then on is not simulated
    """

    opens: int
    interval: int
    intervals: int
    days: int
    openings: Ints
    past: int


def clock_of(scenario: Scenario) -> Clock:
    """The clock of a scenario's calendar."""
    calendar, opens = scenario.calendar, ticks(scenario.calendar.opens)
    return Clock(
        opens, ticks(calendar.interval), calendar.intervals, calendar.days,
        np.array([since for since, _ in open_spans(scenario)], np.int64), opens + calendar.days * DAY,
    )  # fmt: skip


@part
def day_at(c: Clock, tick: int) -> int:
    """The day a tick lies in, from opening to opening; before and after all days the nearest."""
    return min(max((tick - c.opens) // DAY, 0), c.days - 1)


@part
def interval_at(c: Clock, tick: int) -> int:
    """The interval, counted on from day to day; outside the opening hours the nearest one of the day."""
    day = day_at(c, tick)
    return day * c.intervals + min(max((tick - day * DAY - c.opens) // c.interval, 0), c.intervals - 1)


@part
def is_on(c: Clock, tick: int, day: int, since: int, until: int) -> bool:
    """Whether a tick lies between these times of the clock, on that day or on EVERY_DAY."""
    at = day_at(c, tick)
    return since <= tick - at * DAY < until and day in (EVERY_DAY, at)


@cold
def opening_after(c: Clock, tick: int) -> int:
    """The next tick at which the doors open; NEVER if they do not."""
    for at in range(c.openings.shape[0]):
        if c.openings[at] > tick:
            return c.openings[at]
    return NEVER
