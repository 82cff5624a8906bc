"""Tally: integer counts and sums of days, side by side; every measure is a ratio, percentile or maximum of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from sim.calls import Frame
from sim.tally.measuring import Measuring

Ints = npt.NDArray[np.int64]


class Count(IntEnum):
    """Columns of `Tally.calls`: counts of calls, then sums of ticks. Outcomes first, in the order of `Outcome`."""

    BLOCKED = 0
    CLOSED = 1
    CONTAINED = 2
    IVR_ABANDONED = 3
    STILL_WAITING = 4  # STILL_THERE after queue entry
    BALKED = 5
    ABANDONED = 6
    DEFLECTED = 7
    CALLBACK_MISSED = 8
    ANSWERED = 9
    CALLED_BACK = 10
    STILL_IN_IVR = 11  # STILL_THERE before queue entry
    ANSWERED_WITHIN = 12  # wait <= Measuring.within
    ABANDONED_WITHIN = 13  # abandoned with wait <= within
    ABANDONED_SHORT = 14  # abandoned with wait <= short_abandon
    DELAYED = 15  # offered and waited more than 0 ticks
    WAIT_ANSWERED = 16  # ticks
    WAIT_ABANDONED = 17
    WAIT_ALL = 18
    TALK = 19
    WRAP_UP = 20
    QUEUE_TIME = 21  # ticks spent in queue inside the interval: mean queue x time
    LINE_TIME = 22  # ticks a line was held, credited like the call
    ANSWERED_SHORT = 23  # answered with wait <= short_service: for the fifth service level
    OFFERED_REDIAL = 24  # offered, and a redial after a call that reached nobody
    OFFERED_REPEAT = 25  # offered, and a repeat call after one that was served and solved nothing
    CALLBACKS = 26  # accepted
    CALLBACKS_IN_TIME = 27  # reached within the time promised
    CALLBACK_WAIT = 28  # ticks from accepting to the try that reached the caller
    TOLD = 29  # answered live after having been told a wait
    TOLD_ERROR = 30  # ticks between the wait they were told and their wait in the queue
    TOLD_OVER = 31  # ticks by which they were told too much, less those by which too little
    TRANSFERS = 32  # further legs of calls, but consults
    CONSULTS = 33
    TRANSFERS_LOST = 34  # nobody answered the caller there, or called him back
    TRANSFER_WAIT = 35  # ticks until the answer, of transfers answered live
    TRANSFERS_ANSWERED = 36  # live
    PROMISED = 37  # transfers in which the caller was promised to be called back
    PROMISES_KEPT = 38
    PROMISES_IN_TIME = 39
    MISROUTED = 40  # transfers of callers who had stood in the wrong queue
    AFTER_LAST_DAY = 41  # would come after the last day that is simulated: also in CLOSED, or work in STILL_WAITING
    FINISHED = 42  # contacts of lists, on the day on which they are reached or given up; not where the call is credited
    OFFERS = 43  # made by agents before callers go
    OFFERS_TAKEN = 44
    OFFER_VALUE = 45  # thousandths of the currency
    REACHED = 46  # contacts of lists, on the day on which they are talked to; in FINISHED, too
    RANG_IN_VAIN = 47  # how often agents did not answer, for live calls


class Work(IntEnum):
    """Columns of `Tally.agents`: ticks by interval of the clock, and calls answered by the crediting rule."""

    ON_PHONES = 0
    TALK = 1
    WRAP_UP = 2
    FINISHING = 3  # busy after the border, also in ON_PHONES, TALK and WRAP_UP
    PAID = 4
    OVERTIME = 5
    ANSWERED = 6
    WAIT_ANSWERED = 7
    ANSWERED_WITHIN = 8
    HANDLE = 9  # talk + wrap-up of the calls credited here
    ABSENT = 10  # on the roster, and did not come, or not yet
    ON_BREAK = 11  # break or lunch
    NOT_READY = 12  # meeting, training, off the phones unplanned, doors closed
    PAID_AWAY = 13  # of these three together, what is paid
    BESIDE = 14  # of contacts beside the first that an agent has in hand: two at a time are counted once here, three twice
    AGENTS = 15  # who was on the phones, on all days together; in the row outside the hours of the first day, as what follows
    OCCUPANCY = 16  # the sum of their occupancies, 65536ths
    OCCUPANCY_SQUARED = 17  # the sum of these squared


class Customers(IntEnum):
    """Columns of `Tally.callers`, by day and call type of the first call."""

    CALLERS = 0
    SERVED = 1  # answered once at least, or contained without calling again
    CALLS = 2  # all their calls
    SOLVED = 3  # one of the calls settled the matter
    SOLVED_FIRST = 4  # the first call that was answered or contained did
    TO_SOLUTION = 5  # ticks from a caller's first call to the end of the one that settled the matter
    HELPED = 6  # answered or contained at least once
    HELPED_ONCE = 7  # the first such call was followed by none within 24 hours of its end
    CONTAINED_CALLS = 8  # calls, not callers
    CONTAINED_TRULY = 9  # those followed by none within 24 hours
    HELPED_ONCE_7D = 10  # as HELPED_ONCE, within 7 days
    HELPED_ONCE_30D = 11


@dataclass(frozen=True, eq=False)
class Tally:
    """Counts of one or more days. The interval axis has one more row, last: outside the opening hours.

    Where the frame has several connected days, those of one replication stand next to each other.

    Rows of `calls`: call types, then the values of each label family in the frame's order (`row` finds them).

    calls : int64, shape (days, intervals + 1, rows, len(Count))
    agents : int64, shape (days, intervals + 1, groups, len(Work)); None when nobody recorded agents
    callers : int64, shape (days, types, len(Customers))
    waits : int64, shape (days, types, 128): waits of answered calls by the edges of `Measuring`
    longest : int64, shape (days, intervals + 1, rows): longest wait in ticks of calls credited there
    """

    frame: Frame
    measuring: Measuring
    calls: Ints
    agents: Ints | None
    callers: Ints
    waits: Ints
    longest: Ints

    @property
    def days(self) -> int:
        """How many days stand side by side."""
        return int(self.calls.shape[0])

    @property
    def replications(self) -> int:
        """How often the frame's days were simulated."""
        return self.days // self.frame.days

    @property
    def is_open(self) -> npt.NDArray[np.bool_]:
        """Whether the center is open, shape (days, intervals)."""
        return np.tile(self.frame.is_open, (self.replications, 1))

    @property
    def open_days(self) -> npt.NDArray[np.float64]:
        """1 for each day on which the center is open, shape (days,): what is counted "a day" is divided by them."""
        return np.asarray(self.is_open.any(axis=1), np.float64)

    def of_day(self, day: int) -> Tally:
        """One of the connected days alone, counted from 0, in all replications; how agents' loads differ is not known of one."""
        frame, width = self.frame, self.frame.days
        agents = None if self.agents is None else self.agents[day::width].copy()
        if agents is not None and width > 1:
            agents[..., Work.AGENTS :] = 0
        hours = frame.overtime.shape[1] // width
        overtime = frame.overtime[:, day * hours : (day + 1) * hours]
        return replace(
            self,
            frame=replace(
                frame, start=frame.start + timedelta(days=day), days=1, overtime=overtime, doors=frame.doors[day : day + 1]
            ),
            calls=self.calls[day::width], agents=agents,
            callers=self.callers[day::width], waits=self.waits[day::width], longest=self.longest[day::width],
        )  # fmt: skip

    def __add__(self, other: Tally) -> Tally:
        return side_by_side([self, other])


def _counted(tally: Tally) -> tuple[object, ...]:
    return tally.frame.call_types, tally.frame.groups, tally.frame.intervals, tally.frame.days, tally.measuring


def side_by_side(tallies: list[Tally]) -> Tally:
    """Days of several tallies in their order; raises ValueError when they count different things."""
    first = tallies[0]
    for other in tallies[1:]:
        if _counted(other) != _counted(first):
            raise ValueError("tallies of different scenarios or measurings cannot stand side by side")
    agents = [tally.agents for tally in tallies if tally.agents is not None]
    return replace(
        first,
        calls=np.concatenate([tally.calls for tally in tallies]),
        agents=np.concatenate(agents) if len(agents) == len(tallies) else None,
        callers=np.concatenate([tally.callers for tally in tallies]),
        waits=np.concatenate([tally.waits for tally in tallies]),
        longest=np.concatenate([tally.longest for tally in tallies]),
    )
