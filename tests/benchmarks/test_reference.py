"""Calls per CPU second of the reference engine; run with: python -m pytest tests/benchmarks --benchmark-only."""

import time
from typing import Any

from sim.chance import draw
from sim.engines.plan import plan
from sim.engines.reference import simulate
from tests.workloads import one_queue, w2


def test_w1_on_the_reference_engine(benchmark: Any) -> None:
    scenario = one_queue(calls_per_hour=6000.0, aht=300.0, agents=500, patience=120.0, hours=6)
    _measure(benchmark, scenario)


def test_w2_on_the_reference_engine(benchmark: Any) -> None:
    _measure(benchmark, w2())


def _measure(benchmark: Any, scenario: Any) -> None:
    tape, made = draw(scenario, seed=1), plan(scenario)
    simulate(made, tape)  # compiles the decisions
    before = time.process_time()
    rounds = 3
    benchmark.pedantic(simulate, args=(made, tape), rounds=rounds, iterations=1)
    benchmark.extra_info["calls_per_cpu_second"] = round(rounds * len(tape) / (time.process_time() - before))
