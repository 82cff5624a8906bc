"""What a scenario says can be added up by hand: calls, heads, load and surges by interval."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from experiments.expected import calls_by_interval, heads_by_interval, load_by_interval, surge_calls
from sim.chance.means import mean
from sim.scenario.merge import build
from sim.scenario.scenario import Scenario

DAY: dict[str, Any] = {
    "name": "a morning",
    "calendar": {"start": date(2026, 3, 12), "opens": "08:00", "closes": "10:00"},
    "call_types": [{"name": "billing", "arrivals": [30, 60, 60, 30], "talk": "4m", "wrap_up": "1m"}],
    "groups": [{"name": "all", "skills": ["billing"], "agents": 10}],
}


def morning(**changes: Any) -> Scenario:
    return build(DAY | changes)


def test_load_is_calls_times_handle_time_over_the_interval() -> None:
    np.testing.assert_allclose(load_by_interval(morning()), [5.0, 10.0, 10.0, 5.0])  # 60 x 300 s / 1800 s = 10


def test_calls_that_the_ivr_keeps_are_no_load() -> None:
    ivr = {"containment": {"billing": 0.2}, "hang_up": {"billing": 0.05}}
    np.testing.assert_allclose(load_by_interval(morning(ivr=ivr)), [3.75, 7.5, 7.5, 3.75])


def test_a_total_per_day_is_laid_out_by_its_profile() -> None:
    kind = DAY["call_types"][0] | {"arrivals": {"per_day": 300, "profile": [1, 2, 2, 1]}}
    calls = calls_by_interval(morning(call_types=[kind]))["billing"]
    np.testing.assert_allclose(calls, [50, 100, 100, 50])


def test_heads_are_averaged_over_an_interval() -> None:
    group = DAY["groups"][0]
    change = {"plus": 6, "from": "08:45", "to": "09:30"}
    agents = {"per_interval": [10, 10.6, 11, 12], "changes": [change]}
    heads = heads_by_interval(morning(groups=[group | {"agents": agents}]))["all"]
    np.testing.assert_allclose(heads, [10, 10.6 + 3, 17, 12])


def test_rostered_heads_are_shown_as_those_on_the_phones() -> None:
    agents = {"per_interval": 50, "counts": "rostered", "shrinkage": 0.28}
    heads = heads_by_interval(morning(groups=[DAY["groups"][0] | {"agents": agents}]))["all"]
    np.testing.assert_allclose(heads, [36, 36, 36, 36])


@pytest.mark.parametrize(
    ("surge", "calls"),
    [
        ({"calls": {"billing": 200}, "shape": {"decay": {"half_life": "20m"}}}, 200.0),
        # two and a half times the everyday calls for half an hour: 1.5 x 60 more
        ({"factor": {"billing": 2.5}, "shape": {"pulse": {"lasts": "30m"}}}, 90.0),
        # from 08:30 until closing: everyday 60 + 60 + 30
        ({"factor": {"billing": 2.0}, "shape": {"step": {}}}, 150.0),
        # a triangle of an hour is half an hour's worth: 08:30 to 09:30
        ({"factor": {"billing": 2.0}, "shape": {"ramp": {"rise": "30m", "fall": "30m"}}}, 60.0),
    ],
)
def test_a_surge_brings_what_it_says_or_what_its_factor_adds(surge: dict[str, Any], calls: float) -> None:
    scenario = morning(surges=[{"name": "fault", "at": "08:30"} | surge])
    assert surge_calls(scenario, scenario.surges[0])["billing"] == pytest.approx(calls)


@pytest.mark.parametrize(
    ("law", "seconds"),
    [
        ("2m", 120.0),
        ({"lognormal": {"mean": "4m", "cv": 0.9}}, 240.0),
        ({"uniform": {"low": "10s", "high": "30s"}}, 20.0),
        ({"hyperexponential": {"means": [10, 100], "shares": [0.9, 0.1]}}, 19.0),
        ({"empirical": {"values": [10, 20], "weights": [3, 1]}}, 12.5),
        # from 1 to 0.5 over 10 s, then an exponential tail: 7.5 + 0.5 x 20
        ({"survival": {"after": [10], "share": [0.5], "tail": 20}}, 17.5),
        (
            {
                "mixture": {
                    "parts": [{"share": 0.5, "of": "10s"}, {"share": 0.5, "of": {"erlang": {"mean": 30, "k": 2}}}]
                }
            },
            20,
        ),
    ],
)
def test_the_mean_of_a_law(law: object, seconds: float) -> None:
    kind = morning(call_types=[DAY["call_types"][0] | {"talk": law}]).call_types[0]
    assert mean(kind.talk) == pytest.approx(seconds)


def test_patience_that_never_ends_has_no_finite_mean() -> None:
    assert mean(morning().call_types[0].patience) == float("inf")
