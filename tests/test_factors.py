"""Busyness factors: lognormal with mean 1, keyed by day and part, correlated within a day as far as the scenario says."""

from __future__ import annotations

import math
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.chance.elementary import exp, log, normal_quantile
from sim.chance.factors import busyness
from sim.chance.philox import BUSYNESS, block, name_hash
from sim.scenario.consistency import warnings
from sim.scenario.errors import ScenarioError
from sim.scenario.scenario import Scenario


def story(own: dict[str, Any], *, closes: str = "12:00", interval: str = "5m", **more: Any) -> Scenario:
    return Scenario.model_validate(
        {
            "name": "swing",
            "calendar": {"start": date(2026, 3, 12), "opens": "09:00", "closes": closes, "interval": interval},
            "call_types": [{"name": "a", "arrivals": {"per_hour": 60}, "talk": 60, "busyness": own}],
            "groups": [{"name": "desk", "skills": ["a"], "agents": 1}],
        }
        | more
    )


def drawn(scenario: Scenario, days: int = 1, seed: int = 1) -> np.ndarray:
    """Factors of the first type: shape (days, intervals)."""
    kind = scenario.call_types[0]
    return np.array([busyness(kind, scenario, seed=seed, replication=day) for day in range(days)])


def test_without_correlation_a_part_has_the_lognormal_quantile_of_its_own_uniform_bit_for_bit() -> None:
    key, variance = np.uint64(name_hash("busyness\0a")), log(1.0 + 0.3 * 0.3)
    known = []
    for part in range(6):
        u, _, _, _ = block(np.uint64(1), np.uint64(0), key, BUSYNESS, np.uint64(part))
        known.append(exp(math.sqrt(variance) * normal_quantile(u) - 0.5 * variance))
    for more in ({}, {"correlation": 0.0}):
        assert drawn(story({"cv": 0.3, "part": "30m"} | more))[0, ::6].tolist() == known


def test_mean_variance_and_covariance_by_lag_are_those_of_the_closed_form() -> None:
    """4,000 days of seed 1, cv 0.2, correlation 0.8: mean 1, Cov of parts k apart (1 + 0.04)^(0.8^k) - 1; 3.3 sigma, the
    sigma that of the days' own spread.
    """
    factors = drawn(story({"cv": 0.2, "part": "5m", "correlation": 0.8}, closes="10:00"), 4000)
    for part in (0, 5, 11):
        assert factors[:, part].mean() == pytest.approx(1.0, abs=3.3 * 0.2 / math.sqrt(4000))
    for lag in (0, 1, 2, 5, 11):
        products = ((factors[:, : 12 - lag] - 1) * (factors[:, lag:] - 1)).mean(axis=1)
        known = 1.04 ** (0.8**lag) - 1
        assert products.mean() == pytest.approx(known, abs=3.3 * products.std() / math.sqrt(4000)), lag


def test_a_part_has_the_same_factor_however_long_the_day_is_and_whatever_else_varies() -> None:
    slow = {"cv": 0.2, "part": "15m", "correlation": 0.9}
    short, long = drawn(story(slow, closes="10:00")), drawn(story(slow, closes="20:00"))
    assert np.array_equal(short[0], long[0, :12])
    factors = [{"name": "day", "cv": 0.1}, {"name": "hours", **slow}]
    both = story({"factors": ["day", "hours"]}, factors=factors)
    alone, day = story({"factors": ["hours"]}, factors=factors), story({"factors": ["day"]}, factors=factors)
    assert drawn(both)[0] == pytest.approx(drawn(alone)[0] * drawn(day)[0], rel=1e-15)


def test_intervals_longer_than_a_part_have_the_factor_of_the_part_they_begin_in() -> None:
    slow = {"cv": 0.2, "part": "5m", "correlation": 0.9}
    coarse = story(slow, interval="30m")
    assert np.array_equal(drawn(coarse)[0], drawn(story(slow))[0, ::6])
    (said,) = [one for one in warnings(coarse) if "part" in one.path]
    assert said.path == "call_types.a.busyness.part" and "shorter than an interval (30m)" in said.message
    assert not [one for one in warnings(story(slow)) if "part" in one.path]


def test_days_of_a_calendar_each_begin_anew() -> None:
    """Correlation between the last part of a day and the first of the next: none, 400 replications, 3.3 / sqrt(400)."""
    table = {"start": date(2026, 3, 9), "days": 2, "opens": "09:00", "closes": "11:00", "interval": "30m"}
    factors = drawn(story({"cv": 0.2, "part": "30m", "correlation": 0.95}, calendar=table), 400)
    assert np.corrcoef(factors[:, 3], factors[:, 4])[0, 1] == pytest.approx(0.0, abs=0.165)
    assert np.corrcoef(factors[:, 2], factors[:, 3])[0, 1] == pytest.approx(0.95, abs=0.02)


def test_days_that_are_like_the_day_before_are_so_over_the_calendar_and_the_first_is_as_it_is_alone() -> None:
    """500 replications of 9 days, seed 1, cv 0.2, correlation 0.7 from day to day: logarithms' correlation k days apart is 0.7^k,
    within 3.3 / sqrt(500 x 6 / 5), 5 days being about as good as one; mean 1. A longer calendar changes no day.
    """
    table = {"start": date(2026, 3, 9), "days": 9, "opens": "09:00", "closes": "10:00", "interval": "1h"}
    level = {"cv": 0.2, "day_to_day": 0.7}
    factors = drawn(story(level, calendar=table), 500)
    logs = np.log(factors) + 0.5 * math.log(1.04)
    for lag in (1, 2, 3):
        products = (logs[:, :-lag] * logs[:, lag:]).mean() / math.log(1.04)
        assert products == pytest.approx(0.7**lag, abs=3.3 / math.sqrt(600)), lag
    assert factors[:, 8].mean() == pytest.approx(1.0, abs=3.3 * 0.2 / math.sqrt(500))
    alone, anew = story(level, closes="10:00", interval="1h"), story({"cv": 0.2}, calendar=table)
    assert drawn(alone)[0, 0] == factors[0, 0] == drawn(anew)[0, 0]
    longer = story(level, calendar=table | {"days": 12})
    assert drawn(longer)[0, :9].tolist() == factors[0].tolist()


def test_a_day_of_more_parts_than_the_generator_can_tell_apart_names_the_factor() -> None:
    parts = [{"name": "hours", "cv": 0.1, "part": 0.1}]
    with pytest.raises(ScenarioError, match=r"factors\.hours.part: too short for this day"):
        drawn(story({"factors": ["hours"]}, factors=parts))


def test_what_the_page_shows_is_a_scenario_and_half_of_a_busy_time_is_over_when_it_says() -> None:
    page = (Path(__file__).resolve().parent.parent / "docs" / "swing.md").read_text("utf-8")
    shown = tomllib.loads(page.split("```toml\n")[1].split("```")[0])
    (orders,) = shown["call_types"]
    scenario = story(orders["busyness"], factors=shown["factors"], interval="30m")
    assert drawn(scenario).std() > 0.0 and not [one for one in warnings(scenario) if "part" in one.path]
    assert math.log(0.5) / math.log(scenario.factors[1].day_to_day) == pytest.approx(3.0, abs=0.2)
    assert 0.5 * math.log(0.5) / math.log(scenario.factors[2].correlation) == pytest.approx(1.5, abs=0.1)
