"""Run: every scenario of a study is simulated day after day, here or by workers; what comes out is the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, as_completed
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from experiments.study import Study
from sim.scenario.errors import CannotFinishError
from sim.scenario.scenario import Scenario
from sim.scenario.units import value
from sim.tally.measuring import Measuring
from sim.tally.tally import Tally, side_by_side

if TYPE_CHECKING:
    from experiments.store import Store

Floats = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]
CHUNK = 5  # days of a task on the reference engine: a few seconds, so that progress moves and workers even out
TASK_CALLS = 400_000  # calls of a task on the compiled engine: some 50 ms, far above what a task and its commit cost
_MOST_DAYS = 100  # of a task
_FEWEST_TASKS = 16  # of a study, so that a few workers end together


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
        from experiments.frames import tidy

        return tidy(self.tallies)


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


def run(
    study: Study,
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
    store: Store | None = None,
    task_calls: int = TASK_CALLS,
) -> Results:
    """Simulate all days of the study. `executor` is any `concurrent.futures.Executor`; None is a plain loop.

    The result depends neither on the executor nor on the order in which its workers finish. `progress(done, total)`
    counts days. With a store only days that it does not hold are simulated, and each task is committed when it is done.
    task_calls : about how many calls a task of the compiled engine simulates. Raises CannotFinishError when a worker dies.
    """
    if store is None:
        return _run(study, 0, executor, progress, task_calls)
    fill(study, store, executor=executor, progress=progress, task_calls=task_calls)
    all_days = range(study.replications)

    def days(middle: bool) -> dict[str, Tally]:
        names = [name for name, also in _wanted(study) if also == middle]
        keys = {name: store.key(study.scenarios[name], study.measuring, study.seed, middle=middle) for name in names}
        return {name: store.get(key, all_days) for name, key in keys.items()}

    return Results(study, days(False), days(True), _all_inputs(study))


def fill(
    study: Study,
    store: Store,
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
    task_calls: int = TASK_CALLS,
) -> int:
    """Simulate what the store does not hold of the study, and nothing else; how many days that were.

    Tallies are committed as they come and not kept, so a study may be larger than memory. Raises as `run`.
    """
    keys, tasks = {}, []
    for name, middle in _wanted(study):
        key = keys[name, middle] = store.key(study.scenarios[name], study.measuring, study.seed, middle=middle)
        there = store.there(key)
        missing = [i for i in range(study.replications) if i not in there]
        tasks += _tasks(study, name, middle, missing, task_calls)
    done = 0
    for task, tally in _finished(study, tasks, executor, progress):
        store.put(keys[task.name, task.middle], task.replications, tally)
        done += tally.days
    return done


def extend(
    results: Results, replications: int, *, executor: Executor | None = None, progress: Progress | None = None
) -> Results:
    """The same study with more replications; those that are there are not run again. Same as a run of that length."""
    if replications < results.days:
        raise ValueError(f"extend goes from {results.days} days up; found {replications}")
    if replications == results.days:
        return results
    more = _run(replace(results.study, replications=replications), results.days, executor, progress, TASK_CALLS)

    def join(old: Mapping[str, Tally], new: Mapping[str, Tally]) -> dict[str, Tally]:
        return {name: side_by_side([old[name], new[name]]) for name in old}

    return replace(more, tallies=join(results.tallies, more.tallies), middle=join(results.middle, more.middle))


class _Task(NamedTuple):
    name: str
    middle: bool
    replications: range


def _wanted(study: Study) -> list[tuple[str, bool]]:
    """What is to be simulated: every scenario, and once more with its ranges at their median where that is asked for."""
    from sim.chance.ranges import open_ranges

    spread = set(study.scenarios if study.spread is None else study.spread)
    return [
        (name, middle)
        for name, scenario in study.scenarios.items()
        for middle in ([False, True] if open_ranges(scenario) and name in spread else [False])
    ]


def _tasks(study: Study, name: str, middle: bool, replications: Sequence[int], task_calls: int) -> list[_Task]:
    """The replications in contiguous pieces of about as many calls."""
    most = CHUNK
    if study.engine != "reference":
        all_days = study.replications * len(study.scenarios)
        most = min(_days_of(study.scenarios[name], task_calls), max(all_days // _FEWEST_TASKS, 1))
    tasks: list[_Task] = []
    for i in replications:
        last = tasks[-1].replications if tasks else range(0)
        if len(last) and last.stop == i and len(last) < most:
            tasks[-1] = tasks[-1]._replace(replications=range(last.start, i + 1))
        else:
            tasks.append(_Task(name, middle, range(i, i + 1)))
    return tasks


def _days_of(scenario: Scenario, calls: int) -> int:
    """How many days of the scenario bring about as many calls."""
    from sim.chance.demand import expected_means
    from sim.chance.ranges import resolve

    known = resolve(scenario, seed=0, middle=True)
    daily = float(expected_means(known).sum()) + sum(value(n) for surge in known.surges for n in surge.calls.values())
    return min(max(int(calls / max(daily, 1.0)), 1), _MOST_DAYS)


def _run(study: Study, first: int, executor: Executor | None, progress: Progress | None, task_calls: int) -> Results:
    """Days `first` to the last of the study; `inputs` are of all its days."""
    wanted, replications = _wanted(study), range(first, study.replications)
    tasks = [task for name, middle in wanted for task in _tasks(study, name, middle, replications, task_calls)]
    chunks = dict(_finished(study, tasks, executor, progress))

    def days(middle: bool) -> dict[str, Tally]:
        found = {name: [chunks[task] for task in tasks if task[:2] == (name, middle)] for name in study.scenarios}
        return {name: _framed(study.scenarios[name], side_by_side(parts)) for name, parts in found.items() if parts}

    return Results(study, days(False), days(True), _all_inputs(study))


def _framed(scenario: Scenario, tally: Tally) -> Tally:
    """The tally with the frame of the scenario at its median: of days with ranges no one is what all of them mean."""
    from sim.chance.ranges import open_ranges, resolve
    from sim.engines.plan import frame

    return replace(tally, frame=frame(resolve(scenario, seed=0, middle=True))) if open_ranges(scenario) else tally


def _finished(
    study: Study, tasks: list[_Task], executor: Executor | None, progress: Progress | None
) -> Iterator[tuple[_Task, Tally]]:
    """Every task with what it counted, as they finish."""
    total, done = sum(len(task.replications) for task in tasks), 0
    for task, tally in _plainly(study, tasks) if executor is None else _by_workers(study, tasks, executor):
        yield task, tally
        done += len(task.replications)
        if progress is not None:
            progress(done, total)


def _all_inputs(study: Study) -> dict[str, dict[str, Floats]]:
    from sim.chance.ranges import open_ranges

    return {name: _inputs(study, name) if open_ranges(one) else {} for name, one in study.scenarios.items()}


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
            yield waiting.pop(future), future.result()
    except BrokenExecutor as error:
        # the pool is about to tell the others; a future cancelled under its hands makes it give up, and the exit hang
        waiting = {}
        raise CannotFinishError(
            "a worker process died (killed, or out of memory); nothing was written that is not whole. Try fewer --jobs"
        ) from error
    finally:
        for future in waiting:  # after an error or Ctrl-C nothing that has not begun is begun
            future.cancel()


def _inputs(study: Study, name: str) -> dict[str, Floats]:
    from sim.chance.ranges import drawn_inputs

    drawn = [drawn_inputs(study.scenarios[name], seed=study.seed, replication=i) for i in range(study.replications)]
    return {path: np.array([values[path] for values in drawn], dtype=np.float64) for path in drawn[0]}
