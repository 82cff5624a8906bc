"""Uncertain inputs: ranges are drawn once per replication, the same for every policy, before anything else."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.chance import draw, drawn_inputs, open_ranges, resolve
from sim.engines import simulate
from sim.scenario.errors import CallsimError
from sim.scenario.range import Range
from sim.scenario.scenario import Scenario

finite = st.floats(0, 1e6)


def story(**changes: Any) -> Scenario:
    scenario = Scenario.model_validate(
        {
            "name": "unknown",
            "calendar": {"start": date(2026, 3, 12), "opens": "09:00", "closes": "12:00"},
            "call_types": [
                {"name": "a", "arrivals": {"per_hour": {"low": 20, "likely": 30, "high": 60}},
                 "talk": {"exponential": {"mean": {"low": "2m", "high": "4m"}}}, "patience": {"exponential": {"mean": 100}}},
            ],
            "groups": [{"name": "desk", "skills": ["a"], "agents": 2}],
            "surges": [{"name": "fault", "at": "10:00", "calls": {"a": {"low": 5, "likely": 10, "high": 30}},
                        "shape": {"pulse": {"lasts": "30m"}}}],
        }
    )  # fmt: skip
    return scenario.with_(changes) if changes else scenario


def test_open_ranges_are_named_by_path() -> None:
    assert set(open_ranges(story())) == {
        "call_types.a.arrivals.per_hour",
        "call_types.a.talk.exponential.mean",
        "surges.fault.calls.a",
    }
    assert not open_ranges(resolve(story(), seed=1))


def test_what_is_drawn_is_what_stands_in_the_resolved_scenario() -> None:
    drawn = drawn_inputs(story(), seed=3, replication=5)
    resolved = resolve(story(), seed=3, replication=5)
    assert resolved.call_types[0].arrivals.per_hour == drawn["call_types.a.arrivals.per_hour"]
    assert resolved.surges[0].calls["a"] == drawn["surges.fault.calls.a"]
    assert 120 <= drawn["call_types.a.talk.exponential.mean"] <= 240


def test_policies_meet_the_same_drawn_inputs_and_replications_others() -> None:
    more = story(**{"groups.desk.agents.plus": 3, "call_types.a.patience": "never"})
    for replication in range(20):
        assert drawn_inputs(story(), 1, replication) == drawn_inputs(more, 1, replication)
    values = {drawn_inputs(story(), 1, replication)["surges.fault.calls.a"] for replication in range(20)}
    assert len(values) == 20
    assert drawn_inputs(story(), 1, 0) != drawn_inputs(story(), 2, 0)


def test_a_range_that_becomes_a_number_leaves_the_other_ranges_alone() -> None:
    known = story(**{"surges.fault.calls.a": 10})
    for replication in range(5):
        there, here = drawn_inputs(story(), 1, replication), drawn_inputs(known, 1, replication)
        assert here == {path: there[path] for path in here} and len(here) == 2


def test_a_triangular_range_has_its_mean_and_a_plain_one_is_uniform() -> None:
    """400 replications of seed 1: (5 + 10 + 30) / 3 = 15 within 0.9 (3.3 sigma), 180 s within 5.8 s (3.3 sigma)."""
    drawn = [drawn_inputs(story(), 1, replication) for replication in range(400)]
    calls = np.array([one["surges.fault.calls.a"] for one in drawn])
    talk = np.array([one["call_types.a.talk.exponential.mean"] for one in drawn])
    assert calls.min() >= 5 and calls.max() <= 30 and calls.mean() == pytest.approx(15, abs=0.9)
    assert talk.mean() == pytest.approx(180, abs=5.8) and talk.std() == pytest.approx(120 / 12**0.5, rel=0.1)


@given(st.lists(finite, min_size=3, max_size=3).map(sorted), st.floats(0.001, 0.999), st.floats(0.001, 0.999))
def test_quantiles_of_a_range_rise_and_stay_within_it(ends: list[float], u: float, v: float) -> None:
    given = Range(low=ends[0], likely=ends[1], high=ends[2])
    low, high = given.quantile(min(u, v)), given.quantile(max(u, v))
    slack = 1e-9 * max(1.0, ends[2])
    assert ends[0] - slack <= low <= high + slack <= ends[2] + 2 * slack


def test_the_middle_is_every_range_at_its_median() -> None:
    middle = resolve(story(), seed=1, replication=3, middle=True)
    assert middle == resolve(story(), seed=9, replication=0, middle=True)
    assert middle.call_types[0].talk.mean == 180.0  # type: ignore[union-attr]
    assert middle.surges[0].calls["a"] == Range(low=5, likely=10, high=30).quantile(0.5)


def test_draw_and_simulate_refuse_what_is_not_resolved_and_name_it() -> None:
    with pytest.raises((CallsimError, ValueError), match=r"surges\.fault\.calls\.a"):
        draw(story(), seed=1)
    tape = draw(resolve(story(), seed=1), seed=1)
    with pytest.raises((CallsimError, ValueError), match="range"):
        simulate(story(), tape)


def test_a_scenario_without_ranges_resolves_to_itself() -> None:
    plain = resolve(story(), seed=1)
    assert resolve(plain, seed=7, replication=3) is plain


def test_shares_that_are_ranges_sum_to_one_once_drawn() -> None:
    table = story().table()
    table["call_types"][0]["labels"] = {"segment": {"golden": {"low": 0.05, "high": 0.2}, "ordinary": 0.9}}
    resolved = resolve(Scenario.model_validate(table), seed=1, replication=4)
    shares = resolved.call_types[0].labels["segment"]
    assert sum(shares.values()) == pytest.approx(1.0)  # type: ignore[arg-type]
    assert 0.05 / 0.95 <= shares["golden"] / shares["ordinary"] <= 0.2 / 0.9 + 1e-9  # type: ignore[operator]
