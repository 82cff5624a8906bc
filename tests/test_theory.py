"""The engine against closed forms, on replications of one day whose start is not counted.

Every bound is an interval at 99.9 % from the replications themselves; seeds are fixed.
"""

from collections.abc import Callable

import numpy as np
import pytest

from sim.chance import draw
from sim.engines import simulate
from sim.erlang import erlang_a, erlang_b, erlang_c
from sim.measures import MEASURES
from sim.measures.cut import Cut
from sim.scenario.scenario import Scenario
from sim.tally import tally
from sim.tally.measuring import Measuring
from sim.tally.tally import Tally, side_by_side
from tests.workloads import one_queue, w2


def days(scenario: Scenario, *, warm_up: float, replications: int, seed: int, within: float = 20.0) -> Tally:
    measuring = Measuring(within=within, window=(warm_up, scenario.calendar.closes))
    return side_by_side(
        [tally(simulate(scenario, draw(scenario, seed=seed, replication=i)), measuring) for i in range(replications)]
    )


def assert_within(counted: Tally, name: str, exact: float, **cut: str) -> None:
    """The exact value lies in the 99.9 % jackknife interval of the ratio of sums, and the interval is no excuse."""
    above, below = (part.reshape(-1, counted.frame.days).sum(axis=1) for part in MEASURES[name].parts(counted, Cut(**cut)))
    n = len(above)  # replications: connected days are not independent
    ratio = above.sum() / below.sum()
    left_out = (above.sum() - above) / (below.sum() - below)
    error = np.sqrt((n - 1) / n * ((left_out - left_out.mean()) ** 2).sum())
    assert abs(ratio - exact) <= 4.0 * error, (name, ratio, exact, error)
    assert error <= 0.05 * max(exact, 0.05), "the interval is too wide to say anything"


Check = Callable[[Tally], None]


@pytest.mark.slow
def test_one_queue_without_patience_is_erlang_c():
    exact = erlang_c(calls_per_hour=120.0, aht=240.0, agents=10, within=20.0)
    counted = days(
        one_queue(calls_per_hour=120.0, aht=240.0, agents=10, patience=None, hours=24),
        warm_up=7200.0, replications=80, seed=11,
    )  # fmt: skip
    assert_within(counted, "delayed_rate", exact.delayed)
    assert_within(counted, "asa", exact.asa)
    assert_within(counted, "service_level", exact.service_level)
    assert_within(counted, "occupancy", exact.occupancy)


@pytest.mark.slow
def test_one_queue_with_exponential_patience_is_erlang_a_also_in_overload():
    for agents, seed in ((10, 12), (5, 13)):
        exact = erlang_a(calls_per_hour=120.0, aht=240.0, agents=agents, patience=120.0, within=20.0)
        counted = days(
            one_queue(calls_per_hour=120.0, aht=240.0, agents=agents, patience=120.0, hours=24),
            warm_up=7200.0, replications=40, seed=seed,
        )  # fmt: skip
        assert_within(counted, "delayed_rate", exact.delayed)
        assert_within(counted, "abandonment_rate", exact.abandonment_rate)
        assert_within(counted, "mean_wait", exact.mean_wait)
        assert_within(counted, "service_level", exact.service_level)
        assert_within(counted, "occupancy", exact.occupancy)
        assert_within(counted, "mean_queue", exact.mean_queue)


@pytest.mark.slow
def test_as_many_lines_as_agents_is_erlang_b():
    counted = days(
        one_queue(calls_per_hour=150.0, aht=240.0, agents=10, patience=None, hours=24, lines=10),
        warm_up=7200.0, replications=30, seed=14,
    )  # fmt: skip
    assert_within(counted, "blocking_rate", erlang_b(10.0, 10))


@pytest.mark.slow
def test_w1_five_hundred_agents():
    """benchmark W1: 2 hours of warm-up; 14 days of 24 hours are 2 million calls."""
    counted = days(
        one_queue(calls_per_hour=6000.0, aht=300.0, agents=500, patience=120.0, hours=24),
        warm_up=7200.0, replications=14, seed=15,
    )  # fmt: skip
    assert_within(counted, "delayed_rate", 0.394772)
    assert_within(counted, "abandonment_rate", 0.021852)
    assert_within(counted, "mean_wait", 2.62228)


@pytest.mark.slow
def test_w2_three_skills_against_another_simulator():
    """The reference itself rests on 1,600 days; its error is small beside ours on 40."""
    counted = days(w2(), warm_up=0.0, replications=40, seed=16)
    reference = {
        "abandonment_rate": (0.0709, 0.0750, 0.1255),
        "mean_wait": (8.50, 13.49, 30.20),
        "service_level": (0.790, 0.728, 0.467),
    }
    for name, values in reference.items():
        for i, exact in enumerate(values):
            above, below = MEASURES[name].parts(counted, Cut(call_type=f"T{i}"))
            n = len(above)
            left_out = (above.sum() - above) / (below.sum() - below)
            error = np.sqrt((n - 1) / n * ((left_out - left_out.mean()) ** 2).sum())
            assert abs(above.sum() / below.sum() - exact) <= 4.2 * error, (name, i)
