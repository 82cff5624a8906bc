"""Run: every scenario of a study is simulated day after day, here or by workers; what comes out is the same."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from experiments.study import Study
from experiments.tasks import TASK_CALLS, Progress, counted, finished, packed, tasks_of
from sim.scenario.scenario import Scenario
from sim.tally.tally import Tally, side_by_side

if TYPE_CHECKING:
    from experiments.store import Store

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Results:
    """What a study counted. Day i of every tally is replication i; of connected days, those of replication i stand together.

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
        """How often each scenario's day, or its connected days, were simulated."""
        return self.study.replications

    def of_day(self, when: date) -> Results:
        """One of the connected days alone; raises CallsimError for a date that is not among them."""
        from experiments.values import day_alone

        def alone(tallies: Mapping[str, Tally]) -> dict[str, Tally]:
            return {name: day_alone(tally, when) for name, tally in tallies.items()}

        return replace(self, tallies=alone(self.tallies), middle=alone(self.middle))

    def to_frame(self) -> dict[str, npt.NDArray[np.generic]]:
        """Tidy columns of equal length: one row per scenario, replication, day, interval and call type.

        `interval` is its clock time in seconds since midnight, NaN for what lies outside the opening hours; sums of
        time (wait_answered, talk, ...) are seconds, money is in the currency. `pandas.DataFrame(results.to_frame())` and
        polars take it as it is.
        """
        from experiments.frames import tidy

        return tidy(self.tallies)


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
        tasks += tasks_of(study, name, middle, missing, task_calls)
    done = 0
    for task, days in finished(study, tasks, executor, progress, packed):
        store.put(keys[task.name, task.middle], task.replications, days)
        done += len(days)
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


def _wanted(study: Study) -> list[tuple[str, bool]]:
    """What is to be simulated: every scenario, and once more with its ranges at their median where that is asked for."""
    from sim.chance.ranges import is_open

    spread = set(study.scenarios if study.spread is None else study.spread)
    return [
        (name, middle)
        for name, scenario in study.scenarios.items()
        for middle in ([False, True] if is_open(scenario) and name in spread else [False])
    ]


def _run(study: Study, first: int, executor: Executor | None, progress: Progress | None, task_calls: int) -> Results:
    """Days `first` to the last of the study; `inputs` are of all its days."""
    wanted, replications = _wanted(study), range(first, study.replications)
    tasks = [task for name, middle in wanted for task in tasks_of(study, name, middle, replications, task_calls)]
    chunks = dict(finished(study, tasks, executor, progress, counted))

    def days(middle: bool) -> dict[str, Tally]:
        found = {}
        for name, scenario in study.scenarios.items():  # what is joined is let go: tallies of a large center are gigabytes
            parts = [chunks.pop(task) for task in tasks if task[:2] == (name, middle)]
            if parts:
                found[name] = _framed(scenario, side_by_side(parts))
        return found

    return Results(study, days(False), days(True), _all_inputs(study))


def _framed(scenario: Scenario, tally: Tally) -> Tally:
    """The tally with the frame of the scenario at its median: of days with ranges no one is what all of them mean."""
    from sim.chance.ranges import is_open, resolve
    from sim.engines.plan import frame

    return replace(tally, frame=frame(resolve(scenario, seed=0, middle=True))) if is_open(scenario) else tally


def _all_inputs(study: Study) -> dict[str, dict[str, Floats]]:
    from sim.chance.ranges import open_ranges

    return {name: _inputs(study, name) if open_ranges(one) else {} for name, one in study.scenarios.items()}


def _inputs(study: Study, name: str) -> dict[str, Floats]:
    from sim.chance.ranges import drawn_inputs

    drawn = [drawn_inputs(study.scenarios[name], seed=study.seed, replication=i) for i in range(study.replications)]
    return {path: np.array([values[path] for values in drawn], dtype=np.float64) for path in drawn[0]}
