"""Uncertain inputs, piece by piece: where a range may stand, what it hangs on, and the second run at the medians."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import triang

from experiments.run import extend, run
from experiments.study import Study
from sim.chance import draw, drawn_inputs, open_ranges, resolve
from sim.chance.remember import remembered
from sim.engines import simulate
from sim.scenario.errors import CallsimError, ScenarioError
from sim.scenario.range import Range
from sim.scenario.scenario import Scenario
from sim.tally import Tally, tally

SOME = {"low": 10, "likely": 12, "high": 20}
SHARE = {"low": 0.1, "high": 0.2}
CALLS = "surges.fault.calls.a"

seeds = st.integers(0, 2**63 - 1)


def story(changes: dict[str, Any] | None = None, **more: Any) -> Scenario:
    given = {
        "name": "unknown",
        "calendar": {"start": date(2026, 3, 12), "opens": "09:00", "closes": "10:00", "interval": "20m"},
        "factors": [{"name": "day", "cv": 0.1}],
        "call_types": [
            {"name": "a", "arrivals": 6, "talk": 60, "labels": {"segment": {"golden": 0.2, "ordinary": 0.8}}},
            {"name": "b", "arrivals": 3, "talk": {"exponential": {"mean": "2m"}}},
        ],
        "groups": [{"name": "desk", "skills": ["a", "b"], "agents": 1}],
        "surges": [{"name": "fault", "at": "09:20", "calls": {"a": 9}, "shape": {"pulse": {"lasts": "10m"}}}],
    }
    return Scenario.model_validate(given | more).with_(changes or {})


# --- where a range may stand ----------------------------------------------------------------------------------------

PLACES: list[tuple[str, Any, str]] = [
    ("call_types.a.arrivals", {"per_interval": [1, SOME, 3]}, "per_interval.1"),
    ("call_types.a.arrivals", {"per_hour": SOME}, "per_hour"),
    ("call_types.a.arrivals", {"per_day": 90, "profile": [1, 2, SOME]}, "profile.2"),
    ("call_types.a.busyness", {"cv": SHARE}, "cv"),
    ("call_types.a.talk", {"lognormal": {"mean": SOME, "cv": 0.5}}, "lognormal.mean"),
    ("call_types.a.wrap_up", {"gamma": {"mean": 9, "cv": SHARE}}, "gamma.cv"),
    ("call_types.a.patience", {"survival": {"after": [60], "share": [0.5], "tail": SOME}}, "survival.tail"),
    ("call_types.a.talk", {"uniform": {"low": SOME, "high": 30}}, "uniform.low"),
    ("call_types.a.balking", SHARE, ""),
    ("call_types.a.head_start", SOME, ""),
    ("call_types.a.by_label.segment.golden", {"head_start": SOME}, "head_start"),
    ("factors.day.cv", SHARE, ""),
    ("call_types.a.busyness", {"cv": 0.1, "part": "20m", "correlation": SHARE}, "correlation"),
    (CALLS, SOME, ""),
    ("surges.fault.talk_factor", SOME, ""),
    ("ivr.containment.a", SHARE, "per_interval"),
    ("ivr.containment.a", {"per_interval": [0, SHARE, 0]}, "per_interval.1"),
    ("ivr.delay", {"exponential": {"mean": SOME}}, "exponential.mean"),
    ("opening_queue", {"calls": {"a": 2}, "waited": SOME}, "waited"),
    ("costs.wage", SOME, ""),
]


@pytest.mark.parametrize(("path", "given", "inside"), PLACES, ids=[f"{p}.{i}" for p, _, i in PLACES])
def test_resolving_is_setting_the_drawn_number_at_the_path_that_is_named(path: str, given: Any, inside: str) -> None:
    unknown = story({path: given})
    where = f"{path}.{inside}" if inside else path
    assert list(open_ranges(unknown)) == [where]
    for replication in range(3):
        drawn = drawn_inputs(unknown, 1, replication)
        assert resolve(unknown, seed=1, replication=replication) == unknown.with_(drawn)


def test_a_range_of_a_change_is_drawn_with_it() -> None:
    resolved = resolve(story({"call_types.a.arrivals.times": SHARE}), seed=1)
    (change,) = resolved.call_types[0].arrivals.changes
    assert not open_ranges(resolved) and 0.1 <= change.times <= 0.2  # type: ignore[operator]


@pytest.mark.parametrize(
    "agents", [SOME, {"counts": "rostered", "per_interval": 2, "shrinkage": SHARE}], ids=["heads", "shrinkage"]
)
def test_heads_and_shrinkage_may_be_unknown(agents: Any) -> None:
    unknown = story({"groups.desk.agents": agents})
    (path,) = open_ranges(unknown)
    assert resolve(unknown, seed=1) == unknown.with_({path: drawn_inputs(unknown, 1, 0)[path]})


@pytest.mark.parametrize(
    "talk",
    [
        {"mixture": {"parts": [{"share": SHARE, "of": {"exponential": {"mean": SOME}}}, {"share": 0.8, "of": 60}]}},
        {"hyperexponential": {"means": [SOME, 60], "shares": [SHARE, 0.8]}},
    ],
    ids=["mixture", "hyperexponential"],
)
@pytest.mark.parametrize("middle", [False, True])
def test_shares_of_a_law_sum_to_one_also_at_the_medians(talk: dict[str, Any], middle: bool) -> None:
    law = resolve(story({"call_types.a.talk": talk}), seed=1, middle=middle).call_types[0].talk
    shares = [part.share for part in law.parts] if "mixture" in talk else law.shares  # type: ignore[union-attr]
    assert sum(shares) == pytest.approx(1.0, abs=1e-12)
    assert 0.1 / 0.8 <= shares[0] / shares[1] <= 0.2 / 0.8
    assert not middle or shares[0] / shares[1] == pytest.approx(0.15 / 0.8)


def test_drawn_numbers_that_do_not_hold_together_are_said() -> None:
    crossed = story({"call_types.a.talk": {"uniform": {"low": {"low": 10, "high": 40}, "high": {"low": 10, "high": 40}}}})
    outcomes = set()
    for replication in range(20):
        low, high = drawn_inputs(crossed, 1, replication).values()
        try:
            resolve(crossed, seed=1, replication=replication)
            outcomes.add((low <= high, True))
        except ScenarioError:
            outcomes.add((low <= high, False))
    assert outcomes == {(True, True), (False, False)}


# --- what the drawn number hangs on ---------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 1e4), min_size=3, max_size=3).map(sorted), st.booleans(), seeds, st.integers(0, 2**32 - 1))
def test_a_number_is_its_ranges_quantile_at_a_uniform_of_seed_replication_and_path_only(
    ends: list[float], triangular: bool, seed: int, replication: int
) -> None:
    low, likely, high = ends
    given = {"low": low, "high": high} | ({"likely": likely} if triangular else {})
    others = {"call_types.b.talk": {"exponential": {"mean": SOME}}, "call_types.a.balking": SHARE}
    u = drawn_inputs(story({CALLS: {"low": 0, "high": 1}, **others}), seed, replication)[CALLS]
    assert 0 < u < 1
    assert drawn_inputs(story({CALLS: given}), seed, replication) == {CALLS: Range.model_validate(given).quantile(u)}


@given(st.lists(st.floats(0, 1e4), min_size=3, max_size=3).map(sorted), st.floats(1e-6, 1 - 1e-6))
def test_a_triangular_quantile_is_scipys(ends: list[float], u: float) -> None:
    low, likely, high = ends
    width = max(high - low, 1e-3)
    given = Range(low=low, likely=likely, high=low + width)
    expected = triang.ppf(u, min((likely - low) / width, 1.0), loc=low, scale=width)
    assert given.quantile(u) == pytest.approx(expected, abs=1e-6 * width, rel=1e-9)


def test_inputs_of_two_paths_are_independent_and_so_are_replications() -> None:
    """300 replications of seed 1; correlations within 3.3 / sqrt(300)."""
    unknown = story({CALLS: SHARE, "call_types.a.balking": SHARE})
    drawn = np.array([list(drawn_inputs(unknown, 1, replication).values()) for replication in range(300)])
    assert abs(np.corrcoef(drawn.T)[0, 1]) < 0.19
    assert abs(np.corrcoef(drawn[1:, 0], drawn[:-1, 0])[0, 1]) < 0.19


def test_a_renamed_type_has_inputs_of_its_own() -> None:
    one = story({"call_types.b.balking": SHARE})
    table = one.table()
    table["call_types"][1]["name"] = "c"
    table["groups"][0]["skills"] = ["a", "c"]
    (before,), (after,) = (drawn_inputs(s, 1, 0).values() for s in (one, Scenario.model_validate(table)))
    assert before != after


# --- what is refused ------------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(PLACES), min_size=1, max_size=4, unique_by=lambda one: one[0]))
def test_draw_names_every_open_range(places: list[tuple[str, Any, str]]) -> None:
    unknown = story({path: given for path, given, _ in places})
    with pytest.raises(CallsimError, match="call resolve first") as error:
        draw(unknown, seed=1)
    for path, _, inside in places:
        assert (f"{path}.{inside}" if inside else path) in str(error.value)


@pytest.mark.parametrize("path", ["call_types.b.talk.exponential.mean", CALLS])
def test_simulate_names_every_open_range(path: str) -> None:
    tape = draw(story(), seed=1)
    with pytest.raises((CallsimError, ValueError), match=path.replace(".", r"\.")):
        simulate(story({path: SOME}), tape)


@pytest.mark.parametrize(("seed", "replication"), [(-1, 0), (1 << 63, 0), (1, -1), (1, 1 << 32)])
def test_a_seed_or_replication_outside_its_limits_is_refused(seed: int, replication: int) -> None:
    for ask in (resolve, drawn_inputs):
        with pytest.raises(CallsimError, match="must be from 0"):
            ask(story({CALLS: SOME}), seed=seed, replication=replication)


# --- a study of scenarios with ranges -------------------------------------------------------------------------------


def equal(one: Tally, other: Tally) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("calls", "agents", "callers"))


def study(days: int = 3, **scenarios: Scenario) -> Study:
    unknown = story({CALLS: {"low": 0, "high": 60}, "call_types.b.talk.exponential.mean": {"low": 30, "high": 300}})
    given = {"unknown": unknown, "more": unknown.with_({"groups.desk.agents.plus": 1}), "known": story()}
    return Study(scenarios or given, replications=days, seed=4)


def test_every_policy_of_a_study_meets_the_same_inputs() -> None:
    results = run(study())
    assert results.inputs["known"] == {}
    for path, values in results.inputs["unknown"].items():
        assert values.tolist() == results.inputs["more"][path].tolist() and len(set(values.tolist())) == 3


def test_a_day_of_a_study_is_the_day_of_its_resolved_scenario() -> None:
    results = run(study())
    for replication in range(3):
        resolved = resolve(results.study.scenarios["unknown"], seed=4, replication=replication)
        tape = draw(resolved, seed=4, replication=replication)
        day = tally(simulate(resolved, tape))
        assert np.array_equal(results.tallies["unknown"].calls[replication], day.calls[0])


def test_the_second_run_has_the_same_days_with_every_range_at_its_median() -> None:
    """Its spread is the luck of a day: of a scenario that knows the medians, with the same callers."""
    results = run(study())
    assert set(results.middle) == {"unknown", "more"}
    for name in results.middle:
        known = results.study.scenarios[name].with_({CALLS: 30, "call_types.b.talk.exponential.mean": 165})
        assert known == resolve(results.study.scenarios[name], seed=9, replication=7, middle=True)
        assert equal(results.middle[name], run(study(known=known)).tallies["known"])
        assert not equal(results.middle[name], results.tallies[name])


def test_a_study_that_goes_on_is_one_that_was_long_from_the_start() -> None:
    short, long = extend(run(study(2)), 7), run(study(7))
    for name in long.middle:
        assert equal(short.middle[name], long.middle[name]) and equal(short.tallies[name], long.tallies[name])
        assert {p: v.tolist() for p, v in short.inputs[name].items()} == {p: v.tolist() for p, v in long.inputs[name].items()}


def test_threads_may_ask_for_what_is_remembered_at_the_same_time() -> None:
    """Six threads, each of which asks for more scenarios than are kept, with as many changes of thread as there can be."""
    asked = remembered(lambda scenario: object())

    def ask(_: int) -> None:
        scenarios = [object() for _ in range(20_000)]
        for one in scenarios:
            asked(one)  # type: ignore[arg-type]

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(6) as threads:
            list(threads.map(ask, range(6)))
    finally:
        sys.setswitchinterval(usual)
