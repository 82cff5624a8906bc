"""Counts of tested days: what the record and each simulated day count, by interval of the clock and by call type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from experiments.study import Study
from experiments.tasks import TASK_CALLS, Progress, finished, replicate, tasks_of
from sim.calls import Frame
from sim.engines.plan import frame
from sim.files.history import History
from sim.measures.ratios import ANSWERED, OFFERED
from sim.scenario.scenario import Scenario
from sim.scenario.units import ticks
from sim.tally import Count, Measuring, Tally, tally

Ints = npt.NDArray[np.int64]


class Column(IntEnum):
    """What is counted: calls, then sums of ticks, as in `sim.tally.Count`."""

    OFFERED = 0
    ANSWERED = 1
    ABANDONED = 2
    ANSWERED_WITHIN = 3
    WAIT_ANSWERED = 4
    QUEUE_TIME = 5


_SUMMED: tuple[tuple[Count, ...], ...] = (
    OFFERED, ANSWERED, (Count.ABANDONED,), (Count.ANSWERED_WITHIN,), (Count.WAIT_ANSWERED,), (Count.QUEUE_TIME,),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Counted:
    """Counts of one tested day, recorded (one row) or simulated (a row per replication), in the hours of the fit.

    intervals : int64, shape (rows, intervals, len(Column)), by interval of the clock; what is credited to an interval outside
        the hours is in `types` only
    types : int64, shape (rows, types, len(Column)), of the whole day
    waits : int64, shape (rows, 128): waits of the answered by the edges of `sim.tally.waits`
    """

    intervals: Ints
    types: Ints
    waits: Ints

    @property
    def rows(self) -> int:
        """How many days stand in it."""
        return len(self.intervals)

    @property
    def day(self) -> Ints:
        """Of the whole day, all types together: int64, shape (rows, len(Column))."""
        return np.asarray(self.types.sum(axis=1), np.int64)


def counted_from(found: Tally, like: Frame) -> Counted:
    """The counts of a tally, laid out by the intervals and call types of the fit's frame `like`."""
    live = [found.frame.call_types.index(name) if name in found.frame.call_types else -1 for name in like.call_types]
    calls = found.calls[:, :, : len(found.frame.call_types)]
    summed = np.stack([calls[..., list(columns)].sum(axis=-1) for columns in _SUMMED], axis=-1)
    first = (like.opens - found.frame.opens) // found.frame.interval
    there = summed[:, first : first + like.intervals]
    types = np.stack([summed[:, :, code].sum(axis=1) if code >= 0 else 0 * summed[:, 0, 0] for code in live], axis=1)
    return Counted(there.sum(axis=2), types, found.waits.sum(axis=1))


def measuring_of(like: Scenario, *, within: float, credit: str) -> Measuring:
    """What counts: calls that arrive in the hours of the fit."""
    hours = float(like.calendar.opens), float(like.calendar.closes)
    return Measuring(within=within, credit=credit, window=hours)  # type: ignore[arg-type]  # a literal, checked by the caller


def recorded_counts(calls: History, like: Scenario, measuring: Measuring) -> Counted:
    """What the record counts of a day's calls, all of types that the fit `like` has."""
    return counted_from(tally(calls.as_day(frame(like)), measuring), frame(like))


class Wanted(NamedTuple):
    """A scenario to be simulated: of the tested day of that number, so often. Replications of different days share no random
    numbers; scenarios of one day do.
    """

    scenario: Scenario
    number: int
    replications: int


def simulated_counts(
    wanted: Mapping[str, Wanted],
    like: Scenario,
    measuring: Measuring,
    *,
    seed: int,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> dict[str, Counted]:
    """The simulated days of each scenario, counted where they are simulated: a hundredth of what tallies hold.

    The result depends neither on the executor nor on the order in which its workers finish.
    """
    most = max(one.replications for one in wanted.values())
    study = Study({name: one.scenario for name, one in wanted.items()}, most, seed, measuring, spread=())
    tasks = []
    for name, one in wanted.items():
        first = one.number * most
        tasks += tasks_of(study, name, False, range(first, first + one.replications), TASK_CALLS)
    like_frame = frame(like)

    def work(of: Study, name: str, middle: bool, which: range) -> Counted:
        return side_by_side([_one(of, name, middle, i, like_frame) for i in which])

    parts = dict(finished(study, tasks, executor, progress, work))
    return {name: side_by_side([parts[task] for task in tasks if task.name == name]) for name in wanted}


def _one(study: Study, name: str, middle: bool, replication: int, like: Frame) -> Counted:
    found = replicate(
        study.scenarios[name], seed=study.seed, replication=replication, measuring=study.measuring, middle=middle
    )
    return counted_from(found, like)


def side_by_side(parts: Sequence[Counted]) -> Counted:
    """Rows of several counts in their order."""
    together = [np.concatenate([getattr(one, name) for one in parts]) for name in ("intervals", "types", "waits")]
    return Counted(*together)


def seconds(ticks_counted: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Ticks as seconds."""
    return np.asarray(ticks_counted, np.float64) / ticks(1.0)
