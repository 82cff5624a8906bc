"""Run: every scenario of a study is simulated day after day, here or by workers; what comes out is the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future, as_completed
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from experiments.study import Study
from sim.scenario.errors import CannotFinishError
from sim.scenario.scenario import Scenario
from sim.tally.measuring import Measuring
from sim.tally.tally import Count, Tally, side_by_side

Floats = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]
CHUNK = 5  # replications per task: a few seconds of the reference engine, so that progress moves and workers even out


@dataclass(frozen=True, eq=False)
class Results:
    """What a study counted. Day i of every tally is replication i.

    tallies : scenario -> its days side by side
    middle : the same replications with every range at its median, for scenarios with ranges (see `Study.spread`)
    inputs : scenario -> path of a range -> the values drawn, shape (replications,)
    """

    study: Study
    tallies: Mapping[str, Tally]
    middle: Mapping[str, Tally]
    inputs: Mapping[str, Mapping[str, Floats]]

    @property
    def days(self) -> int:
        """How many days each scenario was simulated."""
        return self.study.replications

    def to_frame(self) -> dict[str, npt.NDArray[np.generic]]:
        """Tidy columns of equal length: one row per scenario, replication, interval and call type.

        `interval` is its clock time in seconds since midnight, NaN for what lies outside the opening hours; sums of
        time (wait_answered, talk, ...) are seconds. `pandas.DataFrame(results.to_frame())` and polars take it as it is.
        """
        from sim.scenario.units import TICKS_PER_SECOND

        parts: dict[str, list[npt.NDArray[np.generic]]] = {}
        for name, tally in self.tallies.items():
            frame, types = tally.frame, len(tally.frame.call_types)
            counts = tally.calls[:, :, :types, :]
            days, rows = counts.shape[0], frame.intervals + 1
            clock = (frame.opens + frame.interval * np.arange(rows)) / TICKS_PER_SECOND
            clock[-1] = np.nan
            one = np.ones((days, rows, types), dtype=np.int64)
            columns: dict[str, npt.NDArray[np.generic]] = {
                "scenario": np.full(one.size, name),
                "replication": (one * np.arange(days)[:, None, None]).ravel(),
                "interval": (one * clock[None, :, None]).ravel(),
                "call_type": np.broadcast_to(np.array(frame.call_types), one.shape).ravel(),
            }
            for count in Count:
                counted = counts[..., count].ravel()
                columns[count.name.lower()] = counted / TICKS_PER_SECOND if count in _TIMES else counted
            for column, cells in columns.items():
                parts.setdefault(column, []).append(cells)
        return {column: np.concatenate(cells) for column, cells in parts.items()}


_TIMES = frozenset(
    {
        Count.WAIT_ANSWERED,
        Count.WAIT_ABANDONED,
        Count.WAIT_ALL,
        Count.TALK,
        Count.WRAP_UP,
        Count.QUEUE_TIME,
        Count.LINE_TIME,
    }
)


def replicate(
    scenario: Scenario,
    *,
    seed: int,
    replication: int,
    measuring: Measuring,
    middle: bool = False,
    engine: str = "compiled",
) -> Tally:
    """One simulated day, counted: the unit of work, small in and small out, that a worker process can be sent.

    `middle` puts every range at its median instead of drawing it.
    """
    from sim.chance import draw, resolve
    from sim.chance.room import own_room
    from sim.engines import count

    resolved = resolve(scenario, seed=seed, replication=replication, middle=middle)
    tape = draw(resolved, seed=seed, replication=replication, room=own_room())
    return count(resolved, tape, measuring, engine=engine)


def run(study: Study, *, executor: Executor | None = None, progress: Progress | None = None) -> Results:
    """Simulate all days of the study. `executor` is any `concurrent.futures.Executor`; None is a plain loop.

    The result depends neither on the executor nor on the order in which its workers finish. `progress(done, total)`
    counts days. Raises CannotFinishError when a worker dies.
    """
    return _run(study, 0, executor, progress)


def extend(
    results: Results, replications: int, *, executor: Executor | None = None, progress: Progress | None = None
) -> Results:
    """The same study with more replications; those that are there are not run again. Same as a run of that length."""
    if replications < results.days:
        raise ValueError(f"extend goes from {results.days} days up; found {replications}")
    if replications == results.days:
        return results
    more = _run(replace(results.study, replications=replications), results.days, executor, progress)

    def join(old: Mapping[str, Tally], new: Mapping[str, Tally]) -> dict[str, Tally]:
        return {name: side_by_side([old[name], new[name]]) for name in old}

    return replace(more, tallies=join(results.tallies, more.tallies), middle=join(results.middle, more.middle))


class _Task(NamedTuple):
    name: str
    middle: bool
    replications: range


def _run(study: Study, first: int, executor: Executor | None, progress: Progress | None) -> Results:
    """Days `first` to the last of the study; `inputs` are of all its days."""
    from sim.chance.ranges import open_ranges

    open_ = {name: tuple(open_ranges(scenario)) for name, scenario in study.scenarios.items()}
    spread = set(study.scenarios if study.spread is None else study.spread)
    tasks = [
        _Task(name, middle, range(start, min(start + CHUNK, study.replications)))
        for name in study.scenarios
        for middle in ([False, True] if open_[name] and name in spread else [False])
        for start in range(first, study.replications, CHUNK)
    ]
    chunks: dict[_Task, Tally] = {}
    total = sum(len(task.replications) for task in tasks)
    done = 0
    for task, tally in _plainly(study, tasks) if executor is None else _by_workers(study, tasks, executor):
        chunks[task] = tally
        done += len(task.replications)
        if progress is not None:
            progress(done, total)

    def days(middle: bool) -> dict[str, Tally]:
        found = {name: [chunks[task] for task in tasks if task[:2] == (name, middle)] for name in study.scenarios}
        return {name: side_by_side(parts) for name, parts in found.items() if parts}

    inputs = {name: _inputs(study, name) if open_[name] else {} for name in study.scenarios}
    return Results(study, days(False), days(True), inputs)


def _chunk(study: Study, name: str, middle: bool, replications: range) -> Tally:
    scenario = study.scenarios[name]
    return side_by_side(
        [
            replicate(
                scenario, seed=study.seed, replication=i, measuring=study.measuring, middle=middle, engine=study.engine
            )
            for i in replications
        ]
    )


def _plainly(study: Study, tasks: list[_Task]) -> Iterator[tuple[_Task, Tally]]:
    for task in tasks:
        yield task, _chunk(study, *task)


def _by_workers(study: Study, tasks: list[_Task], executor: Executor) -> Iterator[tuple[_Task, Tally]]:
    # a worker is sent one scenario, not all of them
    small = {name: replace(study, scenarios={name: one}, spread=None) for name, one in study.scenarios.items()}
    waiting: dict[Future[Tally], _Task] = {}
    try:
        waiting = {executor.submit(_chunk, small[task.name], *task): task for task in tasks}
        for future in as_completed(waiting):
            yield waiting[future], future.result()
    except BrokenExecutor as error:
        # the pool is about to tell the others; a future cancelled under its hands makes it give up, and the exit hang
        waiting = {}
        raise CannotFinishError(
            "a worker process died (killed, or out of memory); nothing was written. Try fewer --jobs"
        ) from error
    finally:
        for future in waiting:  # after an error or Ctrl-C nothing that has not begun is begun
            future.cancel()


def _inputs(study: Study, name: str) -> dict[str, Floats]:
    from sim.chance.ranges import drawn_inputs

    drawn = [drawn_inputs(study.scenarios[name], seed=study.seed, replication=i) for i in range(study.replications)]
    return {path: np.array([values[path] for values in drawn], dtype=np.float64) for path in drawn[0]}
