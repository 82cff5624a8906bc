"""Demand: how many calls come and when, against what the scenario file says."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from sim.chance import Tape, draw
from sim.scenario.errors import CallsimError
from sim.scenario.scenario import Scenario

HOUR = 3600 * 10**6
OPENS = 9 * HOUR


def story(arrivals: Any, **more: Any) -> Scenario:
    kinds = more.pop("kinds", [{"name": "a", "arrivals": arrivals, "talk": 60, **more.pop("a", {})}])
    table = {
        "name": "demand",
        "calendar": {"start": date(2026, 3, 12), "opens": "09:00", "closes": "13:00"},
        "call_types": kinds,
        "groups": [{"name": "desk", "skills": [kind["name"] for kind in kinds], "agents": 1}],
    }
    return Scenario.model_validate(table | more)


def tapes(scenario: Scenario, days: int, seed: int = 1) -> list[Tape]:
    return [draw(scenario, seed=seed, replication=replication) for replication in range(days)]


def surge(shape: dict[str, Any], calls: float = 400, at: str = "10:00") -> Scenario:
    return story(0, surges=[{"name": "s", "at": at, "calls": {"a": calls}, "shape": shape}])


def after(scenario: Scenario, days: int, at: int = 10 * HOUR) -> np.ndarray:
    """Hours since `at` of all callers of some days, sorted."""
    return np.sort(np.concatenate([tape.arrival for tape in tapes(scenario, days)]) - at) / HOUR


def test_counts_are_poisson_with_the_mean_of_their_interval() -> None:
    """200 days of seed 1: the mean of 12 within 0.8 (3.3 sigma), variance / mean of 1 within 0.33 (3.3 sigma)."""
    plan = [12, 0, 30, 5, 12, 12, 1, 0.5]
    counts = np.array([np.bincount((tape.arrival - OPENS) // (HOUR // 2), minlength=8) for tape in tapes(story(plan), 200)])
    for interval, mean in enumerate(plan):
        assert counts[:, interval].mean() == pytest.approx(mean, abs=3.3 * (mean / 200) ** 0.5 + 1e-9)
    assert counts[:, 2].var(ddof=1) / 30 == pytest.approx(1, abs=0.33)
    assert abs(np.corrcoef(counts[:, 0], counts[:, 2])[0, 1]) < 0.24


def test_places_within_an_interval_are_uniform() -> None:
    """Kolmogorov's distance of some 6,000 places below 0.025 (about the 0.1 % point)."""
    places = np.sort(np.concatenate([(t.arrival - OPENS) % (HOUR // 2) for t in tapes(story(75), 10)])) / (HOUR // 2)
    grid = (np.arange(len(places)) + 0.5) / len(places)
    assert len(places) > 5000 and np.abs(places - grid).max() < 0.025


@pytest.mark.parametrize(
    ("arrivals", "total"),
    [
        ({"per_interval": 10}, 80),
        ({"per_hour": 10}, 40),
        ({"per_day": 100}, 100),
        ({"per_day": 100, "profile": [1, 1, 2, 4, 1, 1, 0, 0]}, 100),
        ({"per_interval": 10, "changes": [{"times": 2.0, "from": "10:00", "to": "11:00"}]}, 100),
        ({"per_interval": 10, "changes": [{"plus": 5, "from": "12:00"}, {"times": 2.0}]}, 180),
    ],
)
def test_every_way_to_say_the_volume_gives_its_total(arrivals: dict[str, Any], total: float) -> None:
    """60 days of seed 1, within 3.3 sigma of a Poisson mean."""
    found = np.mean([len(tape.arrival) for tape in tapes(story(arrivals), 60)])
    assert found == pytest.approx(total, abs=3.3 * (total / 60) ** 0.5)


def test_a_profile_lays_out_the_day() -> None:
    day = story({"per_day": 4000, "profile": [1, 1, 2, 4, 1, 1, 0, 0]})
    counts = np.bincount((draw(day, seed=3).arrival - OPENS) // (HOUR // 2), minlength=8)
    assert counts / 400 == pytest.approx([1, 1, 2, 4, 1, 1, 0, 0], abs=0.25)
    assert counts[6] == counts[7] == 0


def test_fixed_counts_come_exactly_every_day_at_places_of_their_own() -> None:
    plan = [3, 0, 7, 1, 0, 0, 2, 9]
    days = tapes(story({"fixed": plan}), 5)
    for tape in days:
        assert np.bincount((tape.arrival - OPENS) // (HOUR // 2), minlength=8).tolist() == plan
    assert len({tuple(tape.arrival.tolist()) for tape in days}) == 5


def test_busyness_makes_day_totals_vary_by_its_cv() -> None:
    """300 days of seed 1, 400 calls, cv 0.25: variance 400 + (0.25 x 400)^2, the cv within 15 %."""
    totals = np.array([len(t.arrival) for t in tapes(story({"per_day": 400}, a={"busyness": {"cv": 0.25}}), 300)])
    assert totals.mean() == pytest.approx(400, abs=3.3 * 102 / 300**0.5)
    assert totals.std(ddof=1) == pytest.approx((400 + 100**2) ** 0.5, rel=0.15)


def test_types_that_share_a_factor_are_busy_on_the_same_days_and_own_factors_are_their_own() -> None:
    """200 days of seed 1: correlation of day totals above 0.85 with a shared factor, below 0.25 with own ones."""

    def correlation(busyness: dict[str, Any]) -> float:
        kinds = [{"name": n, "arrivals": {"per_day": 400}, "talk": 60, "busyness": busyness} for n in ("a", "b")]
        days = tapes(story(None, kinds=kinds, factors=[{"name": "day", "cv": 0.3}]), 200)
        counts = np.array([np.bincount(t.call_type, minlength=2) for t in days])
        return float(np.corrcoef(counts.T)[0, 1])

    assert correlation({"factors": ["day"]}) > 0.85
    assert abs(correlation({"cv": 0.3})) < 0.25


def test_a_factor_of_parts_is_new_in_every_part() -> None:
    """200 days of seed 1: counts of the same hour move together, those of different hours do not."""
    days = tapes(story({"per_hour": 200}, a={"busyness": {"cv": 0.3, "part": "1h"}}), 200)
    halves = np.array([np.bincount((t.arrival - OPENS) // (HOUR // 2), minlength=8) for t in days])
    assert np.corrcoef(halves[:, 0], halves[:, 1])[0, 1] > 0.75
    assert abs(np.corrcoef(halves[:, 1], halves[:, 2])[0, 1]) < 0.25


# --- shapes of surges; medians and shares within 3 % (some 12,000 callers) ------------------------------------------


def test_a_decaying_surge_halves_every_half_life() -> None:
    hours = after(surge({"decay": {"half_life": "30m"}}), 30)
    shares = [np.mean((hours >= low) & (hours < low + 0.5)) for low in (0.0, 0.5, 1.0)]
    assert shares[1] / shares[0] == pytest.approx(0.5, abs=0.04)
    assert shares[2] / shares[1] == pytest.approx(0.5, abs=0.05)


def test_a_pulse_is_even_while_it_lasts_and_over_after() -> None:
    hours = after(surge({"pulse": {"lasts": "90m"}}), 30)
    assert hours.min() >= 0 and hours.max() <= 1.5
    assert np.median(hours) == pytest.approx(0.75, abs=0.03) and np.mean(hours < 0.375) == pytest.approx(0.25, abs=0.02)


def test_a_step_lasts_until_closing() -> None:
    hours = after(surge({"step": {}}), 30)
    assert hours.max() == pytest.approx(3.0, abs=0.01) and np.median(hours) == pytest.approx(1.5, abs=0.05)


def test_a_ramp_rises_holds_and_falls() -> None:
    """Rise 1 h, hold 30 min, fall 1 h: areas 0.5, 0.5, 0.5 of 1.5; half of the rise's callers come after 1/sqrt(2) h."""
    hours = after(surge({"ramp": {"rise": "1h", "hold": "30m", "fall": "1h"}}), 30)
    assert [np.mean(hours < end) for end in (1.0, 1.5)] == pytest.approx([1 / 3, 2 / 3], abs=0.02)
    assert np.median(hours[hours < 1]) == pytest.approx(0.5**0.5, abs=0.02)
    assert np.median(hours[hours > 1.5]) - 1.5 == pytest.approx(1 - 0.5**0.5, abs=0.02)


def test_a_delayed_surge_has_its_peak_after_the_event() -> None:
    """Density (t / p) exp(1 - t / p) with p = 20 min, a gamma of shape 2: mode 20 min, median 1.678 p."""
    hours = after(surge({"delayed": {"peak": "20m"}}), 30)
    assert np.median(hours) == pytest.approx(1.678 / 3, abs=0.03)
    counts, edges = np.histogram(hours, bins=np.arange(0, 1.5, 1 / 6))
    assert edges[int(np.argmax(counts))] == pytest.approx(1 / 3 - 1 / 6, abs=1 / 5)


def test_a_recorded_shape_follows_its_weights() -> None:
    hours = after(surge({"recorded": {"weights": [1, 0, 3], "interval": "20m"}}), 30)
    assert np.mean(hours < 1 / 3) == pytest.approx(0.25, abs=0.02)
    assert not ((hours > 1 / 3 + 1e-9) & (hours < 2 / 3 - 1e-9)).any() and hours.max() <= 1 + 1e-9


def test_the_size_of_a_surge_is_poisson_about_what_is_expected() -> None:
    """Wholly inside the day: 100 days of seed 1, mean 50 within 2.4, variance / mean 1 within 0.47 (3.3 sigma)."""
    counts = np.array([len(t.arrival) for t in tapes(surge({"pulse": {"lasts": "30m"}}, calls=50), 100)])
    assert counts.mean() == pytest.approx(50, abs=2.4) and counts.var(ddof=1) / 50 == pytest.approx(1, abs=0.47)


def test_a_surge_by_factor_multiplies_the_everyday_calls_while_it_lasts() -> None:
    """40 days of seed 1: 2.5 times 100 calls an hour in the pulse's hour, within 3.3 sigma."""
    table = [{"name": "s", "at": "10:00", "factor": {"a": 2.5}, "shape": {"pulse": {"lasts": "1h"}}}]
    counts = np.mean(
        [np.bincount((t.arrival - OPENS) // HOUR, minlength=4) for t in tapes(story({"per_hour": 100}, surges=table), 40)],
        axis=0,
    )
    assert counts == pytest.approx([100, 250, 100, 100], abs=3.3 * (250 / 40) ** 0.5)


def test_a_seed_or_replication_outside_its_limits_is_refused() -> None:
    for seed, replication in ((-1, 0), (1 << 63, 0), (1, -1), (1, 1 << 32)):
        with pytest.raises(CallsimError, match="must be from 0"):
            draw(story(1), seed=seed, replication=replication)
