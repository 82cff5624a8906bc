"""The Tape: whatever is changed together, whoever is not concerned keeps all that was drawn for him."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from sim.chance import Tape, draw
from sim.chance.laws import label_space
from sim.scenario.scenario import Scenario
from sim.scenario.units import NEVER

MINUTE = 60 * 10**6
OPENS = 540 * MINUTE
VALUES = ("ivr", "fate", "balks", "talk", "wrap", "patience")
COLUMNS = ("number", "key", "stream", "call_type", "label", "surge", "arrival", *VALUES, "waited")
Values = tuple[Any, ...]

seeds = st.integers(0, 2**63 - 1)
few = settings(max_examples=20)
sizes = st.lists(st.integers(0, 12), min_size=6, max_size=6)
SHAPES = st.sampled_from(
    [
        {"pulse": {"lasts": "50m"}},
        {"ramp": {"rise": "20m", "hold": "10m", "fall": "40m"}},
        {"decay": {"half_life": "15m"}},
        {"delayed": {"peak": "10m"}},
        {"recorded": {"weights": [1, 0, 4, 2], "interval": "13m"}},
    ]
)


def table(**more: Any) -> dict[str, Any]:
    """Two types, each with everything that is drawn; a and b share a factor and a label family."""
    a = {"name": "a", "arrivals": 6, "busyness": {"cv": 0.1, "factors": ["day"]},
         "talk": {"lognormal": {"mean": "3m", "cv": 0.8}}, "wrap_up": {"exponential": {"mean": "20s"}},
         "patience": {"exponential": {"mean": "2m"}}, "balking": 0.2,
         "labels": {"segment": {"golden": 0.3, "ordinary": 0.7}}}  # fmt: skip
    ivr = {"delay": {"exponential": {"mean": "20s"}}, "containment": {"a": 0.2, "b": 0.2}, "hang_up": {"a": 0.1}}
    given = {
        "name": "two types",
        "calendar": {"start": date(2026, 3, 12), "opens": "09:00", "closes": "12:00"},
        "factors": [{"name": "day", "cv": 0.2}],
        "call_types": [a, {**a, "name": "b", "busyness": {"factors": ["day"]}}],
        "groups": [{"name": "desk", "skills": ["a", "b"], "agents": 3}],
        "surges": [surge({"decay": {"half_life": "20m"}})],
        "ivr": ivr,
    }
    return given | more


def surge(shape: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "fault", "at": "10:00", "calls": {"a": 20.5}, "shape": shape} | more


def story(changes: dict[str, Any] | None = None, **more: Any) -> Scenario:
    return Scenario.model_validate(table(**more)).with_(changes or {})


def callers(scenario: Scenario, seed: int = 1, *, of: str | None = None) -> dict[int, Values]:
    """Key of each caller (of a type) -> its arrival, all that was drawn for him, and his labels by name."""
    tape = draw(scenario, seed=seed)
    names = [kind.name for kind in scenario.call_types]
    space = label_space(scenario)
    found = {}
    for row, key in enumerate(tape.key.tolist()):
        name = names[tape.call_type[row]]
        labels = frozenset((f, v[at]) for (f, v), at in zip(space, tape.label[row], strict=True) if at >= 0)
        if of in (None, name):
            found[key] = (name, int(tape.arrival[row]), *(int(getattr(tape, one)[row]) for one in VALUES), labels)
    return found


def same(one: Tape, other: Tape) -> list[str]:
    return [name for name in COLUMNS if np.array_equal(getattr(one, name), getattr(other, name))]


# --- who is not concerned -------------------------------------------------------------------------------------------

OTHERS: list[dict[str, Any]] = [
    {"call_types.a.arrivals.times": 1.7},
    {"call_types.a.arrivals.times": 0},
    {"call_types.a.busyness.cv": 0.6},
    {"call_types.a.talk": {"gamma": {"mean": "5m", "cv": 0.5}}},
    {"call_types.a.patience": "never"},
    {"call_types.a.balking": 0.9},
    {"call_types.a.labels": {"language": {"x": 0.5, "y": 0.5}, "segment": {"ordinary": 0.5, "golden": 0.5}}},
    {"call_types.a.priority": 3},
    {"ivr.containment.a": 0.7},
    {"ivr.hang_up.a": 0.0},
    {"surges.fault.calls.a": 45},
    {"surges.fault.talk_factor": 3.0},
    {"surges.fault.at": "11:20"},
    {"groups.desk.agents.plus": 4},
    {"lines.trunks": 2},
    {"opening_queue": {"calls": {"a": 3}, "waited": "1m"}},
]


@given(st.lists(st.sampled_from(OTHERS), max_size=5), seeds)
def test_whatever_happens_to_one_type_the_callers_of_the_other_stay_as_they_are(
    changes: list[dict[str, Any]], seed: int
) -> None:
    scenario = story()
    for change in changes:
        scenario = scenario.with_(change)
    assert callers(scenario, seed, of="b") == callers(story(), seed, of="b")


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        ({"call_types.a.talk": {"exponential": {"mean": "9m"}}}, "talk"),
        ({"call_types.a.wrap_up": {"uniform": {"low": 0, "high": 90}}}, "wrap"),
        ({"call_types.a.patience": {"weibull": {"mean": "5m", "shape": 0.7}}}, "patience"),
        ({"call_types.a.balking": 0.6}, "balks"),
        ({"call_types.a.labels": {"segment": {"golden": 0.8, "ordinary": 0.2}}}, "label"),
        ({"ivr.containment.a": 0.6}, "fate"),
        ({"ivr.hang_up.a": 0.5}, "fate"),
        ({"ivr.delay": {"exponential": {"mean": "1m"}}}, "ivr"),
        ({"surges.fault.talk_factor": 2.0}, "talk"),
        ({"surges.fault.wrap_up_factor": 2.0}, "wrap"),
        ({"surges.fault.patience_factor": 2.0}, "patience"),
    ],
)
def test_each_law_draws_its_own_column_and_no_other(change: dict[str, Any], touched: str) -> None:
    one, other = draw(story(), seed=3), draw(story(change), seed=3)
    assert set(COLUMNS) - set(same(one, other)) == {touched}
    moved = getattr(one, touched) != getattr(other, touched)
    concerned = one.surge == 0 if "surges" in next(iter(change)) else one.call_type == 0
    assert touched == "ivr" or not moved.reshape(len(one), -1)[~concerned].any()


def test_a_longer_day_and_the_order_in_the_file_change_nobody() -> None:
    longer = story(calendar={**table()["calendar"], "closes": "13:00"})
    assert callers(story()).items() <= callers(longer).items()
    turned = story(call_types=table()["call_types"][::-1])
    assert callers(turned) == callers(story())


def test_a_renamed_surge_brings_other_callers_and_leaves_the_everyday_ones() -> None:
    given = surge({"decay": {"half_life": "20m"}})
    one, other = callers(story()), callers(story(surges=[given | {"name": "storm"}]))
    everyday = callers(story(surges=[]))
    assert everyday.items() <= one.items() and everyday.items() <= other.items()
    assert (one.keys() & other.keys()) == everyday.keys()


# --- more and less --------------------------------------------------------------------------------------------------


@given(sizes, sizes, seeds)
def test_more_demand_in_any_interval_adds_callers_and_moves_none(less: list[int], plus: list[int], seed: int) -> None:
    more = [a + b for a, b in zip(less, plus, strict=True)]
    few_, many = (callers(story({"call_types.b.arrivals": rates}), seed) for rates in (less, more))
    assert few_.items() <= many.items()


@few
@given(SHAPES, st.floats(0, 40), st.floats(0, 40), seeds)
def test_a_bigger_surge_adds_callers_and_moves_none(shape: dict[str, Any], size: float, plus: float, seed: int) -> None:
    small, big = (callers(story(surges=[surge(shape, calls={"a": n})]), seed) for n in (size, size + plus))
    assert small.items() <= big.items()


@few
@given(st.floats(1, 4), st.floats(0, 4), seeds)
def test_a_bigger_factor_of_a_surge_adds_callers_and_moves_none(factor: float, plus: float, seed: int) -> None:
    def scenario(times: float) -> Scenario:
        given = {"name": "s", "at": "09:50", "factor": {"a": times}, "shape": {"pulse": {"lasts": "1h"}}}
        return story({"call_types.a.arrivals": [6, 6, 20, 1, 6, 6]}, surges=[given])

    assert callers(scenario(factor), seed).items() <= callers(scenario(factor + plus), seed).items()


@given(SHAPES, st.integers(0, 179), seeds)
def test_a_surge_of_any_shape_moves_to_any_minute_with_its_callers_unchanged(
    shape: dict[str, Any], minute: int, seed: int
) -> None:
    at = f"{9 + minute // 60:02d}:{minute % 60:02d}"
    one, other = (draw(story(surges=[surge(shape, at=clock)]), seed=seed) for clock in ("10:00", at))
    ours, theirs = one.surge == 0, other.surge == 0
    for name in ("key", "label", *VALUES):
        assert np.array_equal(getattr(one, name)[ours], getattr(other, name)[theirs]), name
        assert np.array_equal(getattr(one, name)[~ours], getattr(other, name)[~theirs]), name
    assert np.array_equal(one.arrival[ours] + (minute - 60) * MINUTE, other.arrival[theirs])
    assert np.array_equal(one.arrival[~ours], other.arrival[~theirs])


@few
@given(SHAPES, seeds)
def test_an_empty_surge_of_any_shape_is_the_tape_without_it(shape: dict[str, Any], seed: int) -> None:
    without = draw(story(surges=[]), seed=seed)
    for size in ({"a": 0}, {"b": 0.0, "a": 0}):
        assert same(without, draw(story(surges=[surge(shape, calls=size)]), seed=seed)) == list(COLUMNS)


# --- labels ---------------------------------------------------------------------------------------------------------


def test_a_type_that_lists_the_same_labels_in_another_order_changes_nobodys() -> None:
    labels = {"segment": {"silver": 0.2, "ordinary": 0.5, "golden": 0.3}}
    extra = {"name": "c", "arrivals": 5, "talk": 60, "labels": labels}
    wider = story(call_types=[extra, *table()["call_types"]])
    assert callers(story()).items() <= callers(wider).items()
    assert {value for *_, labels in callers(wider, of="c").values() for _, value in labels} == set(labels["segment"])


def test_a_new_family_leaves_the_old_one_and_a_larger_share_keeps_its_members() -> None:
    def labels(**families: dict[str, float]) -> np.ndarray:
        return draw(story({"call_types.a.labels": families, "call_types.a.arrivals": 60}), seed=2).label

    first, both = labels(), labels(language={"x": 0.5, "y": 0.5})
    assert np.array_equal(first[:, 0], both[:, 0])
    larger = labels(segment={"golden": 0.5, "ordinary": 0.5})
    assert (larger[first[:, 0] == 0, 0] == 0).all() and (larger[:, 0] == 0).sum() > (first[:, 0] == 0).sum()
    two = both[both[:, 1] >= 0]  # families are independent: some 360 callers, correlation within 3.3 / sqrt(360)
    assert abs(np.corrcoef(two.T)[0, 1]) < 0.175


# --- the opening queue ----------------------------------------------------------------------------------------------


def opening(waited: str, calls: int, patience: Any) -> Tape:
    queue = {"calls": {"a": calls}, "waited": waited}
    tape = draw(story({"call_types.a.patience": patience, "call_types.a.arrivals": 0}, opening_queue=queue), seed=5)
    assert (tape.arrival[tape.waited > 0] == OPENS).all() and (tape.waited > 0).sum() == calls
    return tape


def test_patience_of_the_opening_queue_is_what_remains_of_it() -> None:
    """400 callers; uniform from 0 to 10 min after 6 min: from 0 to 4 min, mean 2 within 3.3 x 69 s / 20."""
    tape = opening("6m", 400, {"uniform": {"low": 0, "high": "10m"}})
    left = tape.patience[tape.waited > 0] / 1e6
    assert left.min() > 0 and left.max() <= 240 and left.mean() == pytest.approx(120, abs=11.5)
    forgets = [opening(waited, 40, {"exponential": {"mean": "2m"}}) for waited in ("1s", "1h")]
    first, last = (tape.patience[tape.waited > 0] for tape in forgets)
    assert np.abs(first - last).max() <= 1  # an exponential patience forgets; a tick for the rounding
    assert (opening("6m", 5, "never").patience[:5] == NEVER).all()
    assert (opening("6m", 5, {"uniform": {"low": 0, "high": "5m"}}).patience[:5] == 1).all()


def test_a_longer_opening_queue_keeps_those_who_were_in_it() -> None:
    short, long = (callers(story(opening_queue={"calls": {"a": n, "b": 2}, "waited": "1m"})) for n in (3, 8))
    assert short.items() <= long.items() and len(long) == len(short) + 5


# --- the tape as such -----------------------------------------------------------------------------------------------


@given(sizes, seeds)
def test_a_tape_is_in_order_and_nobody_has_two_keys(rates: list[int], seed: int) -> None:
    tape = draw(story({"call_types.a.arrivals": rates}), seed=seed)
    order = list(zip(tape.arrival.tolist(), tape.stream.tolist(), (tape.key & np.uint64(0xFFFFFF)).tolist(), strict=True))
    assert order == sorted(order) and tape.number.tolist() == list(range(len(tape)))
    assert len(set(tape.key.tolist())) == len(tape) and (tape.arrival >= OPENS).all()
    assert all(getattr(tape, name).dtype == (np.uint64 if name == "key" else np.int64) for name in COLUMNS)


def test_what_is_drawn_for_one_caller_is_independent() -> None:
    """Rank correlations of some 3,000 callers; each of the 28 pairs passes 3.9 / sqrt(3000) once in 10,000 seeds."""
    tape = draw(story({"call_types.a.arrivals": 480, "call_types.b.arrivals": 0}, surges=[]), seed=6)
    place = (tape.arrival - OPENS) % (30 * MINUTE)
    columns = [place, *(getattr(tape, name) for name in VALUES), tape.label[:, 0]]
    correlations = np.corrcoef([rankdata(column) for column in columns])[np.triu_indices(len(columns), 1)]
    assert len(tape) > 2000 and np.abs(correlations).max() < 3.9 / len(tape) ** 0.5
