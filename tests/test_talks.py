"""Talk that depends on the hour and on the day: means by interval, what days differ by, and who knows of it."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pytest

from experiments.causes import causes
from experiments.expected import handle_seconds, load_by_interval, traffic
from sim.chance import draw
from sim.chance.composed import mean_handle
from sim.chance.factors import busyness, talk_swing
from sim.chance.scaling import ONE
from sim.chance.talks import talk_factors
from sim.engines import simulate
from sim.scenario.consistency import warnings
from sim.scenario.errors import ScenarioError
from sim.scenario.merge import build, overlay
from sim.scenario.recorded import Recorded
from sim.scenario.scenario import Scenario

DAY: dict[str, Any] = {
    "name": "a morning",
    "calendar": {"start": date(2026, 3, 12), "opens": "08:00", "closes": "10:00"},
    "call_types": [{"name": "billing", "arrivals": {"fixed": [30, 60, 60, 30]}, "talk": "4m", "wrap_up": "1m"}],
    "groups": [{"name": "all", "skills": ["billing"], "agents": 10}],
}
HOURS = [0.5, 1.0, 1.5, 0.0]


def morning(kind: dict[str, Any] | None = None, **changes: Any) -> Scenario:
    return build(DAY | {"call_types": [DAY["call_types"][0] | (kind or {})]} | changes)


def seconds(scenario: Scenario, replication: int = 0) -> np.ndarray:
    return draw(scenario, seed=1, replication=replication).talk / 1e6


def test_a_call_lasts_the_factor_of_the_interval_in_which_it_comes() -> None:
    tape = draw(morning({"talk_factor": HOURS}), seed=1)
    interval = (tape.arrival / 1e6 - 8 * 3600) // 1800
    assert np.array_equal(tape.talk / 1e6, 240 * np.array(HOURS)[interval.astype(int)])
    calls = simulate(morning({"talk_factor": HOURS}), tape).calls  # 10 agents, and nobody gives up
    assert np.array_equal((calls.end - calls.answer) / 1e6, 240 * np.array(HOURS)[interval.astype(int)])


def test_all_factors_at_1_are_none_bit_for_bit() -> None:
    law = {"talk": {"lognormal": {"mean": "4m", "cv": 1.2}}}
    assert not len(talk_factors(morning(law | {"talk_factor": [1, 1, 1, 1]}), seed=1, replication=0))
    plain, doubled = seconds(morning(law)), seconds(morning(law | {"talk_factor": 2}))
    assert np.array_equal(plain, seconds(morning(law | {"talk_factor": 1.0})))
    assert doubled == pytest.approx(2 * plain, abs=2e-6)


def test_mean_handle_time_by_interval_is_that_of_the_law_times_the_factor() -> None:
    """40 days of 60 exponential calls in the second and third half-hour (seed 1): within 3.3 sigma of 240 s and 360 s."""
    scenario, n = morning({"talk_factor": HOURS, "talk": {"exponential": {"mean": 240}}}), 40 * 60
    days = [draw(scenario, seed=1, replication=day) for day in range(40)]
    for at in (1, 2):
        talks = np.concatenate([day.talk[(day.arrival / 1e6 - 28_800) // 1800 == at] for day in days]) / 1e6
        assert len(talks) == n
        assert talks.mean() == pytest.approx(240 * HOURS[at], abs=3.3 * 240 * HOURS[at] / math.sqrt(n))


def test_a_days_mean_talk_varies_as_the_closed_form_says() -> None:
    """With a factor of mean 1 and cv s, the mean of n exponential calls of mean m has the variance m^2 (s^2 + (1 + s^2) / n):
    1,500 days of 180 calls, seed 1, s = 0.1: the variance within 3.3 sigma, sigma by the days' own fourth moment.
    """
    scenario = morning({"talk": {"exponential": {"mean": 240}}, "talk_swing": {"cv": 0.1}})
    means = np.array([seconds(scenario, day).mean() for day in range(1500)])
    squares = (means - 240) ** 2
    known = 240**2 * (0.01 + 1.01 / 180)
    assert squares.mean() == pytest.approx(known, abs=3.3 * squares.std() / math.sqrt(1500))
    assert means.mean() == pytest.approx(240, abs=3.3 * math.sqrt(known / 1500))
    assert squares.mean() - 3.3 * squares.std() / math.sqrt(1500) > 1.5 * 240**2 / 180  # chance alone is far from it


def test_a_factor_that_calls_and_talk_share_is_one_number() -> None:
    both = morning(
        {"arrivals": 60, "busyness": {"factors": ["day"]}, "talk_swing": {"cv": 0.1, "factors": ["day"]}},
        factors=[{"name": "day", "cv": 0.3}],
    )
    kind, alone = both.call_types[0], both.call_types[0].replace(talk_swing={"cv": 0.1})
    of_talk, own = (talk_swing(one, both, seed=1, replication=5) for one in (kind, alone))
    assert of_talk == pytest.approx(own * busyness(kind, both, seed=1, replication=5), rel=1e-15)
    assert len(set(own)) == 1 and own[0] != 1


def test_parts_of_a_day_are_those_of_busyness_and_days_have_numbers_of_their_own() -> None:
    swing = {"cv": 0.2, "part": "1h", "correlation": 0.5}
    found = talk_factors(morning({"talk_swing": swing}, calendar=DAY["calendar"] | {"days": 2}), seed=1, replication=0)[0]
    assert found.shape == (8,) and len(set(found)) == 4
    assert np.array_equal(found[::2], found[1::2])
    assert np.array_equal(found[:4], talk_factors(morning({"talk_swing": swing}), seed=1, replication=0)[0])


def test_expected_load_and_handle_times_know_of_it() -> None:
    scenario = morning({"talk_factor": HOURS, "talk_swing": {"cv": 0.2}})
    assert load_by_interval(scenario) == pytest.approx([30 * 180 / 1800, 60 * 300 / 1800, 60 * 420 / 1800, 30 * 60 / 1800])
    assert handle_seconds(scenario)["billing"] == pytest.approx((30 * 180 + 60 * 300 + 60 * 420 + 30 * 60) / 180)
    assert mean_handle(scenario, scenario.call_types[0]) == pytest.approx(60 + 240 * np.mean(HOURS))
    surge = {"name": "s", "at": "09:00", "calls": {"billing": 20}, "shape": {"pulse": {"lasts": "30m"}}, "talk_factor": 2}
    more = traffic(morning({"talk_factor": HOURS}, surges=[surge])).load[0] - traffic(scenario).load[0]
    assert more == pytest.approx([0, 0, 20 * (240 * 1.5 * 2 + 60) / 1800, 0])


def test_what_is_typed_after_a_longer_talk_is_less() -> None:
    typed = {"text": 100, "typed_while_talking": 0.5, "talk_factor": [1, 2, 1, 1]}
    people = {
        "groups": [{"name": "all", "skills": ["billing"]}], "shifts": [{"name": "early", "from": "08:00", "to": "10:00"}],
        "teams": [{"name": "team", "group": "all", "agents": 10, "typing": 40, "shift": "early"}],
    }  # fmt: skip
    load = load_by_interval(morning(typed, **people))
    left = [max(60 * 100 / 40 - 0.5 * talk, 0) for talk in (240, 480)]  # at 40 words a minute: 150 s, less half of the talk
    assert left == [30, 0]
    assert load[:2] == pytest.approx([30 * (240 + 60 + left[0]) / 1800, 60 * (480 + 60 + left[1]) / 1800])


def test_a_policy_changes_it_as_any_series() -> None:
    base = DAY | {"call_types": [DAY["call_types"][0] | {"talk_factor": HOURS}]}
    shorter = {"call_types": [{"name": "billing", "talk_factor": {"times": 0.8, "from": "08:30", "to": "09:15"}}]}
    found = talk_factors(build(overlay(base, shorter)), seed=1, replication=0)[0] / ONE
    assert found == pytest.approx([0.5, 0.8, 1.5 * 0.9, 0.0], abs=1e-5)  # the third interval is in it by half
    set_ = build(base).with_({"call_types.billing.talk_factor.plus": 0.25})
    assert talk_factors(set_, seed=1, replication=0)[0] / ONE == pytest.approx(np.array(HOURS) + 0.25, abs=1e-5)
    plain = build(DAY).with_({"call_types.billing.talk_factor.times": 0.9})
    assert talk_factors(plain, seed=1, replication=0)[0] / ONE == pytest.approx([0.9] * 4, abs=1e-5)


def test_the_same_callers_come_and_only_their_talk_is_other() -> None:
    law = {"talk": {"exponential": {"mean": 240}}, "patience": {"exponential": {"mean": 60}}}
    one, other = (draw(morning(law | more), seed=1) for more in ({}, {"talk_factor": HOURS, "talk_swing": {"cv": 0.5}}))
    for name in ("key", "arrival", "wrap", "patience", "number"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert not np.array_equal(one.talk, other.talk)


def test_recorded_talk_is_as_it_was_and_what_was_not_recorded_is_drawn_with_the_factor() -> None:
    n = 4
    columns = {name: np.full(n, -1, np.int64) for name in ("ivr", "wait", "wrap")}
    talk = np.array([10, -1, 10, -1]) * 1_000_000
    arrival = (np.array([28_800, 28_801, 32_400, 32_401]) * 1_000_000).astype(np.int64)
    calls = Recorded(
        number=np.arange(n), arrival=arrival, outcome=np.full(n, 9), talk=np.where(talk < 0, -1, talk), labels={}, **columns
    )
    tape = draw(morning({"arrivals": {"replay": calls}, "talk_factor": HOURS}), seed=1)
    assert (tape.talk / 1e6).tolist() == [10, 120, 10, 360]


def test_mistakes_are_named_with_their_place() -> None:
    with pytest.raises(ScenarioError) as error:
        morning({"talk_factor": [1, 2], "talk_swing": {"cv": 0.1, "correlation": 0.5, "factors": ["dya"]}}, factors=[])
    told = {one.path: one.message for one in error.value.problems}
    assert told["call_types.billing.talk_factor.per_interval"] == "must have 4 numbers, one per 30m from 08:00 to 10:00"
    assert 'no factor "dya"' in told["call_types.billing.talk_swing.factors.0"]
    assert told["call_types.billing.talk_swing.correlation"] == 'must be 0 where part is "day"'


def test_lint_says_what_never_acts() -> None:
    outside = {"changes": [{"times": 2, "from": "18:00", "to": "19:00"}]}
    said = {one.path: one.message for one in warnings(morning({"talk_factor": outside, "talk_swing": {"cv": 0.1, "part": "5m"}}))}
    assert "never acts" in said["call_types.billing.talk_factor"]
    assert "shorter than an interval" in said["call_types.billing.talk_swing.part"]
    said = {one.path: one.message for one in warnings(morning({"talk_factor": 0}))}
    assert said["call_types.billing.talk_factor"] == "0 in every interval: no call lasts any time"


def test_without_the_swing_no_day_has_longer_calls_than_another() -> None:
    swing = {"cv": 0.3, "factors": ["day"]}
    scenario = morning({"talk_swing": swing, "talk_factor": HOURS}, factors=[{"name": "day", "cv": 0.1}])
    calm = next(one for one in causes(scenario) if one.name == "swing").without(scenario)
    assert np.array_equal(talk_factors(calm, seed=1, replication=3)[0] / ONE, HOURS)
