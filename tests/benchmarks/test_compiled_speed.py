"""Calls per CPU second of the compiled engine, part by part: python -m pytest tests/benchmarks --benchmark-only.

``--benchmark-json=FILE`` keeps the figures; `calls_per_cpu_second` is in each entry's `extra_info`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from experiments.run import replicate
from sim.chance import draw
from sim.chance.ranges import resolve
from sim.engines import compiled, count
from sim.engines.plan import plan
from sim.files import load
from sim.scenario.scenario import Scenario
from sim.tally.measuring import Measuring
from tests.test_theory import one_queue, three_skills

WORKLOADS: dict[str, Callable[[], Scenario]] = {
    "W1": lambda: one_queue(calls_per_hour=6000.0, aht=300.0, agents=500, patience=120.0, hours=24),
    "W2": three_skills,
    "outage-surge": lambda: resolve(load("outage-surge"), seed=1, replication=0),
    "golden-club": lambda: load("golden-club"),
}
SIZES: dict[str, Callable[[], Scenario]] = {
    "50 agents": lambda: one_queue(calls_per_hour=600.0, aht=300.0, agents=53, patience=120.0, hours=24),
    "500 agents": lambda: one_queue(calls_per_hour=6000.0, aht=300.0, agents=500, patience=120.0, hours=24),
}


def measured(benchmark: Any, work: Callable[[int], Any], calls: int, rounds: int = 15) -> None:
    """Runs the work on replications 1, 2, ... and keeps calls per CPU second of this thread."""
    work(0)  # compiles
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
    scenario = WORKLOADS[name]()
    tape, made, room = draw(scenario, seed=1), plan(scenario), compiled.Room()
    measured(benchmark, lambda _: compiled.run(made, tape, room), len(tape))


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_kernel_and_counting(name: str, benchmark: Any) -> None:
    scenario = WORKLOADS[name]()
    tape, measuring = draw(scenario, seed=1), Measuring()
    measured(benchmark, lambda _: count(scenario, tape, measuring), len(tape))


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_whole_road(name: str, benchmark: Any) -> None:
    scenario, measuring = WORKLOADS[name](), Measuring()

    def day(i: int) -> None:
        replicate(scenario, seed=1, replication=i, measuring=measuring)

    measured(benchmark, day, len(draw(scenario, seed=1)))


@pytest.mark.parametrize("size", SIZES)
def test_cost_against_the_number_of_agents(size: str, benchmark: Any) -> None:
    scenario = SIZES[size]()
    tape, made, room = draw(scenario, seed=1), plan(scenario), compiled.Room()
    measured(benchmark, lambda _: compiled.run(made, tape, room), len(tape))
