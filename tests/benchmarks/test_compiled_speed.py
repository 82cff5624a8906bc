"""Calls per CPU second of the compiled engine, part by part: python -m pytest tests/benchmarks --benchmark-only.

``--benchmark-json=FILE`` keeps the figures; `calls_per_cpu_second` is in each entry's `extra_info`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from experiments.run import run
from experiments.study import Study
from experiments.tasks import replicate
from sim.chance import draw
from sim.chance.ranges import resolve
from sim.chance.room import Room
from sim.engines import compiled, simulate
from sim.engines.plan import plan
from sim.files import load
from sim.scenario.scenario import Scenario
from sim.tally import Counts, tally
from sim.tally.measuring import Measuring
from tests.workloads import five_thousand_agents, one_queue, thirty_types, w1, w2, w3

WORKLOADS: dict[str, Callable[[], Scenario]] = {
    "W1": w1,
    "W2": w2,
    "W3": w3,
    "outage-surge": lambda: resolve(load("outage-surge"), seed=1, replication=0),
    "golden-club": lambda: load("golden-club"),
}
SIZES: dict[str, Callable[[], Scenario]] = {
    "50 agents": lambda: one_queue(calls_per_hour=600.0, aht=300.0, agents=53, patience=120.0, hours=24),
    "500 agents": w1,
    "3 call types": w2,
    "30 call types": thirty_types,
    "5,000 agents, 30 skills": five_thousand_agents,
}


def measured(benchmark: Any, work: Callable[[int], Any], calls: int, rounds: int = 0) -> None:
    """Runs the work on replications 1, 2, ... and keeps calls per CPU second of this thread."""
    work(0)  # compiles
    rounds = rounds or max(15, 2_000_000 // calls)
    spent: list[float] = []

    def once() -> None:
        began = time.thread_time()
        work(len(spent) + 1)
        spent.append(time.thread_time() - began)

    benchmark.pedantic(once, rounds=rounds, iterations=1)
    benchmark.extra_info["calls"] = calls
    benchmark.extra_info["calls_per_cpu_second"] = round(calls / sorted(spent)[len(spent) // 2])


@pytest.mark.parametrize("name", WORKLOADS)
def test_drawing(name: str, benchmark: Any) -> None:
    scenario = WORKLOADS[name]()
    measured(benchmark, lambda i: draw(scenario, seed=1, replication=i), len(draw(scenario, seed=1)))


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_kernel(name: str, benchmark: Any) -> None:
    """One tape again and again, counted as it goes."""
    scenario = WORKLOADS[name]()
    tape, made, room = draw(scenario, seed=1), plan(scenario), Room()
    counts = Counts(made.frame, Measuring())

    def day(_: int) -> None:
        counts.clear()
        compiled.run(made, tape, room, counts)

    measured(benchmark, day, len(tape))


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_kernel_with_every_call_written_down(name: str, benchmark: Any) -> None:
    scenario = WORKLOADS[name]()
    tape, made, room = draw(scenario, seed=1), plan(scenario), Room()
    measured(benchmark, lambda _: compiled.run(made, tape, room), len(tape))


@pytest.mark.parametrize("name", WORKLOADS)
def test_tallies_of_a_day_that_is_there(name: str, benchmark: Any) -> None:
    scenario = WORKLOADS[name]()
    day = simulate(scenario, draw(scenario, seed=1))
    measured(benchmark, lambda _: tally(day), len(day.calls))


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_whole_road(name: str, benchmark: Any) -> None:
    _whole_road(WORKLOADS[name](), benchmark)


@pytest.mark.parametrize("size", SIZES)
def test_cost_against_size(size: str, benchmark: Any) -> None:
    _whole_road(SIZES[size](), benchmark)


@pytest.mark.parametrize("days", [10, 100])
def test_cost_against_the_number_of_days(days: int, benchmark: Any) -> None:
    study = Study(scenarios={"W2": w2()}, replications=days, seed=1)
    calls = int(sum(len(draw(w2(), seed=1, replication=i)) for i in range(days)))
    measured(benchmark, lambda _: run(study), calls, rounds=5)


def _whole_road(scenario: Scenario, benchmark: Any) -> None:
    measuring = Measuring()

    def day(i: int) -> None:
        replicate(scenario, seed=1, replication=i, measuring=measuring)

    measured(benchmark, day, len(draw(scenario, seed=1)))
