"""Arrivals in exact terms: shapes and their inverses, expected calls of a cell, keys and places of its callers."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.chance.arrivals import _tick, fresh
from sim.chance.demand import everyday_means
from sim.chance.shapes import Shapes, pack_shapes, share, share_inverse
from sim.chance.streams import Cells, cells
from sim.scenario.demand import Shape
from sim.scenario.errors import ScenarioError
from sim.scenario.scenario import Scenario

MINUTE = 60 * 10**6
OPENS = 540 * MINUTE
CLOSING = 3 * 3600.0  # seconds from the surge's `at` until closing, in tests of shapes alone

minutes = st.integers(1, 150).map(lambda n: n * 60.0)
SHAPES = st.one_of(
    minutes.map(lambda t: {"pulse": {"lasts": t}}),
    st.just({"step": {}}),
    st.builds(lambda a, b, c: {"ramp": {"rise": a, "hold": b, "fall": c}}, minutes, minutes, minutes),
    minutes.map(lambda t: {"ramp": {"rise": t}}),
    minutes.map(lambda t: {"decay": {"half_life": t}}),
    minutes.map(lambda t: {"delayed": {"peak": t}}),
    st.builds(
        lambda w, t: {"recorded": {"weights": [1, *w, 2], "interval": t}}, st.lists(st.integers(0, 9), max_size=5), minutes
    ),
)


def story(arrivals: Any = 0, *, a: dict[str, Any] | None = None, interval: str = "30m", **more: Any) -> Scenario:
    kind = {"name": "a", "arrivals": arrivals, "talk": 60} | (a or {})
    table = {
        "name": "arrivals",
        "calendar": {"start": date(2026, 3, 12), "opens": "09:00", "closes": "13:00", "interval": interval},
        "call_types": [kind, *more.pop("others", [])],
        "groups": [{"name": "desk", "skills": ["a"], "agents": 1}],
    }
    return Scenario.model_validate(table | more)


def surge(shape: dict[str, Any], at: str = "10:00", **size: Any) -> list[dict[str, Any]]:
    return [{"name": "s", "at": at, "shape": shape, **(size or {"calls": {"a": 100}})}]


def packed(shape: dict[str, Any]) -> Shapes:
    return pack_shapes([(Shape.model_validate(shape), CLOSING)])


def of_surge(scenario: Scenario, *, seed: int = 1) -> tuple[Cells, np.ndarray]:
    """All cells, and which of them are the surge's."""
    made = cells(scenario, seed=seed, replication=0)
    return made, made.surge == 0


def everyday(scenario: Scenario, replication: int = 0) -> np.ndarray:
    return everyday_means(scenario, seed=1, replication=replication)


# --- shapes ---------------------------------------------------------------------------------------------------------


@given(SHAPES, st.floats(1e-9, 1 - 1e-9), st.floats(1e-9, 1 - 1e-9))
def test_a_place_is_the_inverse_of_the_share_that_has_come_and_rises_with_it(
    shape: dict[str, Any], p: float, q: float
) -> None:
    made = packed(shape)
    lasts = float(made.lasts[0])
    places = [share_inverse(made, 0, one, 0.0, lasts) for one in sorted((p, q))]
    assert 0.0 <= places[0] <= places[1] <= lasts
    for one, place in zip(sorted((p, q)), places, strict=True):
        assert share(made, 0, place) == pytest.approx(one, abs=1e-8)
    assert share(made, 0, 0.0) == 0.0 and share(made, 0, lasts) == 1.0


@pytest.mark.parametrize(
    ("shape", "minute", "expected"),
    [
        ({"pulse": {"lasts": "40m"}}, 10, 0.25),
        ({"step": {}}, 45, 0.25),
        ({"ramp": {"rise": "20m", "hold": "30m", "fall": "20m"}}, 10, 0.05),  # a triangle of 2.5 of 50
        ({"ramp": {"rise": "20m", "hold": "30m", "fall": "20m"}}, 20, 0.2),
        ({"ramp": {"rise": "20m", "hold": "30m", "fall": "20m"}}, 50, 0.8),
        ({"ramp": {"rise": "20m", "hold": "30m", "fall": "20m"}}, 60, 0.95),
        ({"decay": {"half_life": "15m"}}, 15, 0.5),
        ({"decay": {"half_life": "15m"}}, 45, 0.875),
        ({"delayed": {"peak": "12m"}}, 12, 1 - 2 / math.e),
        ({"delayed": {"peak": "12m"}}, 36, 1 - 4 / math.e**3),
        ({"recorded": {"weights": [1, 0, 3], "interval": "10m"}}, 5, 0.125),
        ({"recorded": {"weights": [1, 0, 3], "interval": "10m"}}, 15, 0.25),
        ({"recorded": {"weights": [1, 0, 3], "interval": "10m"}}, 25, 0.625),
    ],
)
def test_the_share_that_has_come_is_the_area_under_the_rate(shape: dict[str, Any], minute: float, expected: float) -> None:
    assert share(packed(shape), 0, minute * 60.0) == pytest.approx(expected, rel=1e-12)


def test_a_delayed_wave_is_highest_at_its_peak() -> None:
    made = packed({"delayed": {"peak": "20m"}})
    rates = [share(made, 0, 60.0 * (m + 1)) - share(made, 0, 60.0 * m) for m in range(120)]
    assert int(np.argmax(rates)) in (19, 20)


# --- expected calls -------------------------------------------------------------------------------------------------


@given(st.floats(0.1, 500), st.sampled_from(["10m", "15m", "30m", "1h", "4h"]))
def test_calls_per_hour_or_day_do_not_depend_on_the_length_of_an_interval(calls: float, interval: str) -> None:
    for arrivals, total in (({"per_hour": calls}, 4 * calls), ({"per_day": calls}, calls)):
        assert everyday(story(arrivals, interval=interval)).sum() == pytest.approx(total)


@given(st.lists(st.integers(0, 9), min_size=8, max_size=8).filter(any), st.floats(1, 1000), st.floats(0, 50))
def test_a_total_per_day_is_laid_out_by_its_profile_and_a_plus_adds_its_own_number(
    weights: list[int], calls: float, plus: float
) -> None:
    plain = everyday(story({"per_day": calls, "profile": weights}))[0]
    assert plain == pytest.approx(calls * np.array(weights) / sum(weights))
    change = {"plus": plus, "from": "10:00", "to": "11:00"}
    more = everyday(story({"per_day": calls, "profile": weights, "changes": [change]}))[0]
    assert more - plain == pytest.approx([0, 0, plus / 2, plus / 2, 0, 0, 0, 0], abs=1e-9)


@given(SHAPES, st.integers(0, 239), st.floats(0, 1000))
def test_the_cells_of_a_surge_expect_all_its_calls_also_those_after_closing(
    shape: dict[str, Any], minute: int, calls: float
) -> None:
    at = f"{9 + minute // 60:02d}:{minute % 60:02d}"
    made, own = of_surge(story(surges=surge(shape, at, calls={"a": calls})))
    assert made.mean[own].sum() == pytest.approx(calls)
    assert made.interval[own].tolist() == list(range(own.sum()))


@given(st.integers(0, 179), st.integers(1, 60), st.floats(1, 5), st.lists(st.integers(0, 40), min_size=8, max_size=8))
def test_a_pulse_by_factor_expects_the_everyday_calls_of_its_time_so_many_times_more(
    minute: int, lasts: int, factor: float, rates: list[int]
) -> None:
    at = f"{9 + minute // 60:02d}:{minute % 60:02d}"
    made, own = of_surge(story(rates, surges=surge({"pulse": {"lasts": lasts * 60}}, at, factor={"a": factor})))
    of_minute = np.repeat(rates, 30) / 30
    assert made.mean[own].sum() == pytest.approx((factor - 1) * of_minute[minute : minute + lasts].sum())


def test_a_surge_by_factor_brings_nobody_while_the_everyday_traffic_is_silent() -> None:
    """Over a border that is not one of its own intervals: nobody from 10:30 to 11:00, many before and after."""
    rates = [40, 40, 40, 0, 40, 40, 40, 40]
    scenario = story(rates, surges=surge({"pulse": {"lasts": "90m"}}, "10:10", factor={"a": 4.0}))
    came = fresh(cells(scenario, seed=1, replication=0), seed=1, replication=0)
    minute = (came.arrival[came.of_cells(came.cells.surge) == 0] - OPENS) / MINUTE
    assert minute.min() >= 70 and minute.max() < 160
    assert not ((minute >= 90) & (minute < 120)).any()
    assert (minute < 90).sum() > 50 and (minute >= 120).sum() > 100


# --- callers of a cell ----------------------------------------------------------------------------------------------


@given(SHAPES, st.integers(0, 239), st.integers(0, 2**63 - 1))
def test_every_caller_comes_within_his_cell_and_his_key_says_which_it_is(
    shape: dict[str, Any], minute: int, seed: int
) -> None:
    at = f"{9 + minute // 60:02d}:{minute % 60:02d}"
    made, _ = of_surge(story(5, surges=surge(shape, at, calls={"a": 30})), seed=seed)
    came = fresh(made, seed=seed, replication=0)
    assert len(set(came.key.tolist())) == len(came.key)
    place = {(int(i), int(n)): c for c, (i, n) in enumerate(zip(made.identity, made.interval, strict=True))}
    for key, stream, k, arrival in zip(came.key.tolist(), came.of_cells(came.cells.stream), came.k, came.arrival, strict=True):
        cell = place[key >> 40, (key >> 24) & 0xFFFF]
        assert (key & 0xFFFFFF) == k and made.stream[cell] == stream
        assert made.since[made.first[cell]] <= arrival < made.until[made.first[cell + 1] - 1]


@pytest.mark.parametrize("size", ["calls", "factor"])
@given(times=st.floats(0.01, 50), u=st.sampled_from([6744273753, 8489438375, 4261579943]).map(lambda n: n / 2**33))
def test_a_place_does_not_depend_on_the_size_of_the_surge_by_a_single_tick(size: str, times: float, u: float) -> None:
    """At these uniforms a place made of u x size / size, rounded, was now and then a tick short (81.7 calls)."""

    def places(of: float) -> list[int]:
        made, own = of_surge(story(7.3, surges=surge({"pulse": {"lasts": "30m"}}, **{size: {"a": of}})))
        return [_tick(made, int(cell), u) for cell in np.flatnonzero(own)]

    assert places(1 + times) == places(100) == places(81.7)


# --- busyness -------------------------------------------------------------------------------------------------------


def test_busyness_has_mean_1_and_its_cv() -> None:
    """2,000 replications of seed 1: mean within 3.3 x 0.2 / sqrt(2000), cv of 0.2 within 7 %."""
    busy = story({"per_day": 8}, a={"busyness": {"cv": 0.2}})
    factors = np.array([everyday(busy, replication)[0, 0] for replication in range(2000)])
    assert factors.mean() == pytest.approx(1, abs=0.015) and factors.std() == pytest.approx(0.2, rel=0.07)


def test_types_that_share_a_named_factor_have_the_very_same_and_an_own_one_beside_it() -> None:
    def kind(name: str, cv: float) -> dict[str, Any]:
        return {"name": name, "arrivals": 10, "talk": 60, "busyness": {"cv": cv, "factors": ["day"]}}

    others = [kind("b", 0.0), kind("c", 0.1), kind("d", 0.1)]
    scenario = story(10, a={"busyness": {"factors": ["day"]}}, others=others, factors=[{"name": "day", "cv": 0.3}])
    for replication in range(20):
        a, b, c, d = everyday(scenario, replication)[:, 0]
        assert a == b and len({a, c, d}) == 3


def test_a_factor_of_parts_holds_for_its_part_counted_from_opening() -> None:
    means = everyday(story(10, a={"busyness": {"cv": 0.3, "part": "90m"}}))[0]
    assert means[:3].tolist() == [means[0]] * 3 and means[3:6].tolist() == [means[3]] * 3 and means[6] == means[7]
    assert len(set(means.tolist())) == 3


def test_busyness_does_not_touch_fixed_counts() -> None:
    assert everyday(story({"fixed": [3] * 8}, a={"busyness": {"cv": 0.5}})).tolist() == [[3.0] * 8]


# --- what does not fit ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        (story(surges=surge({"pulse": {"lasts": "1h"}}, factor={"a": 0.5})), r"surges\.s\.factor\.a.*at least 1"),
        (story(9e6), r"call_types\.a\.arrivals.*calls in one interval"),
        (story({"fixed": [0] * 7 + [1 << 24]}), r"call_types\.a\.arrivals.*calls in one interval"),
        (story(surges=surge({"decay": {"half_life": "900h"}}, calls={"a": 1})), r"surges\.s\.calls\.a.*intervals"),
    ],
)
def test_what_does_not_fit_its_bits_of_a_key_is_refused_by_path(scenario: Scenario, words: str) -> None:
    with pytest.raises(ScenarioError, match=words):
        cells(scenario, seed=1, replication=0)


def test_two_names_with_one_key_are_refused_and_both_are_named() -> None:
    """These two have the same 24 bits of hash: their callers would be the same people."""
    others = [{"name": name, "arrivals": 1, "talk": 60} for name in ("type 1131", "type 1362")]
    with pytest.raises(ScenarioError, match=r"type 1362.*call_types\.type 1131; rename"):
        cells(story(others=others), seed=1, replication=0)
