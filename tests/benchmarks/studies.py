"""Whole studies, as docs/performance.md states them: python -m tests.benchmarks.studies. One line of JSON each."""

from __future__ import annotations

import json
import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from experiments.explain import explain
from experiments.run import fill, run
from experiments.store import Store
from experiments.study import Study
from experiments.tasks import TASK_CALLS, counted, finished, tasks_of
from experiments.threshold import parse
from sim.chance import drawing
from sim.chance.room import Room
from sim.files import load
from sim.tally import Count
from tests.workloads import w1, w2

CELLS, DAYS = 100, 100


def told(name: str, work: Callable[[], dict[str, Any] | None]) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    spent = {"seconds": round(time.perf_counter() - wall, 2), "cpu_seconds": round(time.process_time() - cpu, 2)}
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"name": name, **spent, "peak_mb_so_far": memory, **(found or {})}), flush=True)


def large(executor: Executor | None) -> dict[str, Any]:
    """1,000 days of 20 thousand calls."""
    scenario = w2().with_({"call_types.*.arrivals.times": 2.47, "groups.*.agents.times": 2.47})
    results = run(Study({"W2 x 2.47": scenario}, 1000), executor=executor)
    return {"calls": int(results.tallies["W2 x 2.47"].calls.sum(axis=(0, 1, 2))[: Count.ANSWERED_WITHIN].sum())}


def cells() -> Study:
    talks = {f"talk {200 + n}": {"call_types.T0.talk.exponential.mean": 200 + n} for n in range(CELLS)}
    return Study({name: w2().with_(change) for name, change in talks.items()}, DAYS, spread=())


def plainly(study: Study, executor: Executor) -> None:
    tasks = [task for name in study.scenarios for task in tasks_of(study, name, False, range(DAYS), TASK_CALLS)]
    for _ in finished(study, tasks, executor, None, counted):
        pass


def stored(study: Study, executor: Executor) -> None:
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "s.sqlite") as store:
        fill(study, store, executor=executor)


def parts_of_drawing(name: str, scenario: Any, days: int) -> None:
    """Nanoseconds a caller in the parts of `draw`."""
    room, spent, calls = Room(), dict.fromkeys(("cells", "fresh", "_order", "fill_fresh"), 0.0), 0
    drawing.draw(scenario, seed=1, room=room)
    own = {part: getattr(drawing, part) for part in spent}

    def timed(part: str) -> Callable[..., Any]:
        def call(*words: Any, **named: Any) -> Any:
            began = time.thread_time()
            try:
                return own[part](*words, **named)
            finally:
                spent[part] += time.thread_time() - began

        return call

    for part in spent:
        setattr(drawing, part, timed(part))
    try:
        for i in range(days):
            calls += len(drawing.draw(scenario, seed=1, replication=i, room=room))
    finally:
        for part, function in own.items():
            setattr(drawing, part, function)
    print(json.dumps({"name": f"drawing {name}, ns a caller"} | {k: round(s / calls * 1e9, 1) for k, s in spent.items()}))


def main() -> None:
    """Compiles first; one thread before two, so that peak memory is of what ran so far."""
    run(Study({"W2": w2()}, 2))
    told("1,000 days of 20 thousand calls, one thread", lambda: large(None))
    with ThreadPoolExecutor(2) as two:
        told("the same, two threads", lambda: large(two))
        for _ in range(3):
            told("100 cells x 100 days of W2, two threads", lambda: plainly(cells(), two))
            told("the same into a store", lambda: stored(cells(), two))
        told("explain outage-surge", lambda: explain(load("outage-surge"), parse("answer_rate >= 0.9"), executor=two) and None)
    parts_of_drawing("W1", w1(), 20)
    parts_of_drawing("W2", w2(), 300)


if __name__ == "__main__":
    main()
