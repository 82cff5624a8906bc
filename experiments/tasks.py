"""Tasks: a study's days in pieces, each simulated here or by a worker; what they count is the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor, as_completed
from dataclasses import replace
from typing import NamedTuple, TypeVar

from experiments.study import Study
from sim.scenario.errors import CannotFinishError
from sim.scenario.scenario import Scenario
from sim.scenario.units import value
from sim.tally.measuring import Measuring
from sim.tally.tally import Tally, side_by_side

Progress = Callable[[int, int], None]
T = TypeVar("T")
CHUNK = 5  # days of a task on the reference engine: a few seconds, so that progress moves and workers even out
TASK_CALLS = 1_000_000  # calls of a task on the compiled engine: a tenth of a second, far above a task and its commit
_MOST_DAYS = 100  # of a task
_PACKED = 10  # days packed together: few calls of numpy, and still in the caches
_FEWEST_TASKS = 16  # of a study, so that a few workers end together


class Task(NamedTuple):
    """Contiguous days of one scenario; `middle`: with its ranges at their median."""

    name: str
    middle: bool
    replications: range


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


def tasks_of(study: Study, name: str, middle: bool, replications: Sequence[int], task_calls: int) -> list[Task]:
    """The replications in contiguous pieces of about as many calls."""
    most = CHUNK
    if study.engine != "reference":
        all_days = study.replications * len(study.scenarios)
        most = min(_days_of(study.scenarios[name], task_calls), max(all_days // _FEWEST_TASKS, 1))
    tasks: list[Task] = []
    for i in replications:
        last = tasks[-1].replications if tasks else range(0)
        if len(last) and last.stop == i and len(last) < most:
            tasks[-1] = tasks[-1]._replace(replications=range(last.start, i + 1))
        else:
            tasks.append(Task(name, middle, range(i, i + 1)))
    return tasks


def _days_of(scenario: Scenario, calls: int) -> int:
    """How many days of the scenario bring about as many calls."""
    from sim.chance.demand import expected_means
    from sim.chance.ranges import resolve

    known = resolve(scenario, seed=0, middle=True)
    daily = float(expected_means(known).sum()) + sum(value(n) for surge in known.surges for n in surge.calls.values())
    return min(max(int(calls / max(daily, 1.0)), 1), _MOST_DAYS)


def counted(study: Study, name: str, middle: bool, replications: range) -> Tally:
    """What the days of a task count, side by side."""
    return side_by_side([_day(study, name, middle, i) for i in replications])


def packed(study: Study, name: str, middle: bool, replications: range) -> list[bytes]:
    """The days of a task as a store keeps them, packed where they were counted: a third of the bytes to hand over."""
    from experiments.packing import pack_days

    groups = [replications[at : at + _PACKED] for at in range(0, len(replications), _PACKED)]
    return [one for group in groups for one in pack_days(counted(study, name, middle, group))]


def _day(study: Study, name: str, middle: bool, replication: int) -> Tally:
    return replicate(
        study.scenarios[name], seed=study.seed, replication=replication, measuring=study.measuring, middle=middle,
        engine=study.engine,
    )  # fmt: skip


def finished(
    study: Study,
    tasks: list[Task],
    executor: Executor | None,
    progress: Progress | None,
    work: Callable[[Study, str, bool, range], T],
) -> Iterator[tuple[Task, T]]:
    """Every task with what `work` made of it, as they finish."""
    total, done = sum(len(task.replications) for task in tasks), 0
    for task, made in _plainly(study, tasks, work) if executor is None else _by_workers(study, tasks, executor, work):
        yield task, made
        done += len(task.replications)
        if progress is not None:
            progress(done, total)


def _plainly(study: Study, tasks: list[Task], work: Callable[..., T]) -> Iterator[tuple[Task, T]]:
    for task in tasks:
        yield task, work(study, *task)


def _with_sets_of(study: Study, task: Task) -> Study:
    """The study of one scenario with no more sets of parameters than the task's days use: some kilobytes of a megabyte."""
    scenario = study.scenarios[task.name]
    if scenario.parameters is None:
        return study
    little = scenario.parameters.only(() if task.middle else task.replications)
    return replace(study, scenarios={task.name: scenario.model_copy(update={"parameters": little})})


class TaskLostError(CannotFinishError):
    """A task that could not be done because the workers that took it died; others are not touched by it."""


def _by_workers(
    study: Study, tasks: list[Task], executor: Executor, work: Callable[..., T]
) -> Iterator[tuple[Task, T]]:
    # a worker is sent one scenario, not all of them
    small = {name: replace(study, scenarios={name: one}, spread=None) for name, one in study.scenarios.items()}
    shared = isinstance(executor, ThreadPoolExecutor)  # nothing is sent: all see one scenario, and what follows from it

    def sent(task: Task) -> Study:
        return small[task.name] if shared else _with_sets_of(small[task.name], task)

    waiting: dict[Future[T], Task] = {}
    try:
        waiting = {executor.submit(work, sent(task), *task): task for task in tasks}
        suspects = []
        for future in as_completed(waiting):
            task = waiting.pop(future)
            try:
                made = future.result()
            except TaskLostError:
                suspects.append(task)
            else:
                yield task, made
        lost: list[tuple[Task, TaskLostError]] = []
        for task in sorted(suspects, key=tasks.index):  # by itself, so that no task is lost for the company it was in
            try:
                made = executor.submit(work, sent(task), *task).result()
            except TaskLostError as error:
                lost.append((task, error))
            else:
                yield task, made
        if lost:
            raise _told(lost)
    except BrokenExecutor as error:
        # the pool is about to tell the others; a future cancelled under its hands makes it give up, and the exit hang
        waiting = {}
        raise CannotFinishError(
            "a worker process died (killed, or out of memory); nothing was written that is not whole. Try fewer --jobs"
        ) from error
    finally:
        for future in waiting:  # after an error or Ctrl-C nothing that has not begun is begun
            future.cancel()


def _told(lost: list[tuple[Task, TaskLostError]]) -> CannotFinishError:
    """What was lost, when all else is done."""
    days = sum(len(task.replications) for task, _ in lost)
    task, error = lost[0]
    first = f"{task.name}, days {task.replications.start} to {task.replications.stop - 1}: {error}"
    return CannotFinishError(f"{days} days were not simulated, all others were; {first}. What is in a store is kept")
