"""Patience by label: whom it belongs to, what it leaves alone, and what comes of it against chains solved exactly."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from sim.calls import Outcome
from sim.chance import Tape, draw, resolve
from sim.chance.rows import quantile_function
from sim.engines import simulate
from sim.files import dump_scenario, load
from sim.scenario.distributions import Exponential, Survival
from sim.scenario.errors import ScenarioError
from sim.scenario.merge import build
from sim.scenario.recorded import Recorded
from sim.scenario.scenario import Scenario
from tests.chains import balance
from tests.test_compiled import assert_same
from tests.test_routing_theory import DAY
from tests.test_theory import assert_within, days

GOLDEN, ORDINARY = 0, 1
SHORT, LONG = 30.0, 240.0


def story(by_label: dict[str, Any] | None = None, **parts: Any) -> Scenario:
    """One desk, too small; a fifth of the callers is golden."""
    kind = {
        "name": "a", "arrivals": {"per_hour": 300}, "talk": {"exponential": {"mean": 120}},
        "patience": {"exponential": {"mean": LONG}}, "labels": {"segment": {"golden": 0.2, "ordinary": 0.8}},
    }  # fmt: skip
    if by_label is not None:
        kind["by_label"] = {"segment": by_label}
    table = {
        "name": "patience", "calendar": {"start": date(2026, 3, 12), "opens": "09:00", "closes": "12:00"},
        "call_types": [kind | parts.pop("kind", {})], "groups": [{"name": "desk", "skills": ["a"], "agents": 6}],
    }  # fmt: skip
    return build(table | parts)


def golden(law: Any = {"exponential": {"mean": SHORT}}) -> dict[str, Any]:  # noqa: B006  # nobody writes to it
    return {"golden": {"patience": law}}


def lasting(tape: Tape) -> tuple[np.ndarray, np.ndarray]:
    """Seconds of patience of the golden, and of the others."""
    mine = tape.label[:, 0] == GOLDEN
    return tape.patience[mine] / 1e6, tape.patience[~mine] / 1e6


# --- what is drawn ---------------------------------------------------------------------------------------------------


def test_a_label_changes_the_patience_of_who_has_it_and_nothing_else_of_anybody() -> None:
    """With the caller's own number: of two exponentials every golden caller has the shorter by the ratio of the means."""
    before, after = (draw(story(one), seed=7) for one in (None, golden()))
    (was, same), (now, left) = lasting(before), lasting(after)
    assert len(was) > 100 and np.allclose(now, was * SHORT / LONG, atol=1e-6)
    assert np.array_equal(same, left)
    assert np.array_equal(before.label, after.label) and np.array_equal(before.key, after.key)
    for name in ("arrival", "talk", "wrap", "balks", "fate", "ivr"):
        assert np.array_equal(getattr(before, name), getattr(after, name)), name


def test_the_patience_of_a_surge_and_of_the_ivr_multiplies_that_of_the_label() -> None:
    parts = {"surges": [{"name": "s", "at": "10:00", "calls": {"a": 200}, "shape": {"pulse": {"lasts": "1h"}},
                         "patience_factor": 0.5}],
             "ivr": {"deflections": [{"name": "told", "where": "ivr", "call_types": ["a"], "patience": 3.0}]}}  # fmt: skip
    plain, both = (draw(story(golden("1m"), **one), seed=3) for one in ({}, parts))
    assert set(lasting(plain)[0]) == {60.0}
    surge = both.surge >= 0
    assert set(both.patience[~surge & (both.label[:, 0] == GOLDEN)] / 1e6) == {180.0}
    assert set(both.patience[surge & (both.label[:, 0] == GOLDEN)] / 1e6) == {90.0}


def test_who_waits_at_opening_has_the_rest_of_his_labels_patience() -> None:
    parts = {"opening_queue": {"calls": {"a": 400}, "waited": "1m"}}
    tape = draw(story(golden({"uniform": {"low": "1m", "high": "3m"}}), **parts), seed=5)
    waiting = tape.waited > 0
    rest = tape.patience[waiting & (tape.label[:, 0] == GOLDEN)] / 1e6
    assert len(rest) > 40 and rest.min() > 0 and rest.max() <= 120
    assert tape.patience[waiting & (tape.label[:, 0] == ORDINARY)].max() / 1e6 > 240


def test_a_label_that_never_gives_up_waits_to_the_end() -> None:
    scenario = story(golden("never"))
    calls = simulate(scenario, draw(scenario, seed=2)).calls
    left = calls.outcome == Outcome.ABANDONED
    assert (left & (calls.label[:, 0] == ORDINARY)).sum() > 20 and not (left & (calls.label[:, 0] == GOLDEN)).any()


def test_recorded_callers_have_the_patience_of_their_recorded_label_beyond_their_wait() -> None:
    """And of the drawn one, where the record does not know it."""
    n = 300
    code = np.array([GOLDEN, ORDINARY, -1] * (n // 3))
    unknown = np.full(n, -1, np.int64)
    begins = 9 * 3600 * 10**6
    log = Recorded(
        number=np.arange(n), arrival=begins + np.arange(n) * 10**6, ivr=np.zeros(n, np.int64),
        outcome=np.full(n, int(Outcome.ANSWERED)), wait=np.full(n, 20 * 10**6), talk=unknown, wrap=unknown,
        labels={"segment": code},
    )  # fmt: skip
    scenario = story(golden({"uniform": {"low": 0, "high": "1m"}}))
    kind = scenario.call_types[0]
    scenario = scenario.replace(call_types=(kind.replace(arrivals=kind.arrivals.replace(replay=log, per_hour=None)),))
    tape = draw(scenario, seed=4)
    assert np.array_equal(tape.label[:, 0][code >= 0], code[code >= 0]) and (tape.label >= 0).all()
    mine, others = lasting(tape)
    assert mine.min() > 20 and mine.max() <= 60 < others.max()
    assert_same(scenario, tape)


def test_callers_who_come_back_and_who_are_handed_over_keep_the_patience_of_their_label() -> None:
    """Golden callers leave after 10 s, also when they call again, and at once in the queue of a type that they are handed to."""
    second = {"name": "b", "arrivals": 0, "talk": "2m", "patience": "10m", "labels": {"segment": {"golden": 1.0}},
              "by_label": {"segment": golden(0)}}  # fmt: skip
    table = story(golden("10s"), kind={"next": {"abandoned": {"chance": 1.0, "after": "20s", "most": 3}}}).table()
    first = table["call_types"][0] | {"transfers": [{"name": "on", "to": "b", "chance": 0.8}]}
    desks = [table["groups"][0], {"name": "second line", "skills": ["b"], "agents": 1}]
    scenario = build(table | {"call_types": [first, second], "groups": desks})
    day = assert_same(scenario, draw(scenario, seed=6))
    calls, legs = day.calls, day.legs
    again = (calls.attempt > 0) & (calls.label[:, 0] == GOLDEN) & (calls.outcome == Outcome.ABANDONED)
    assert again.sum() > 30 and set(calls.end[again] - calls.queue_entry[again]) == {10 * 10**6}
    assert legs is not None
    of_golden = dict(zip(calls.number.tolist(), (calls.label[:, 0] == GOLDEN).tolist(), strict=True))
    mine = np.array([of_golden[number] for number in legs.call.tolist()])
    left = legs.outcome == Outcome.ABANDONED
    assert (left & mine).any() and np.array_equal(legs.end[left & mine], legs.queue_entry[left & mine])
    assert (legs.end - legs.queue_entry)[left & ~mine].min(initial=10**9) >= 600 * 10**6


# --- what comes of it ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_two_kinds_of_patience_in_one_queue_are_the_chain_of_all_its_orders() -> None:
    """M/M/3 + M, first come first served, a third with 20 s of patience on average and the others with 80 s, 99.9 %, seed 41.

    The state is who waits in which order: a label that changes patience only must not change the queue.
    """
    agents, calls, share, aht, most = 3, 110 / 3600, 1 / 3, 100.0, 9
    theta = (1 / 20.0, 1 / 80.0)
    rates = (calls * share, calls * (1 - share))

    def moves(state: tuple[int, tuple[int, ...]]) -> Any:
        busy, line = state
        for kind, rate in enumerate(rates):
            if busy < agents:
                yield (busy + 1, line), rate
            elif len(line) < most:
                yield (busy, (*line, kind)), rate
        for at, kind in enumerate(line):
            yield (busy, line[:at] + line[at + 1 :]), theta[kind]
        if busy:
            yield ((busy, line[1:]) if line else (busy - 1, ())), busy / aht

    states, time = balance((0, ()), moves)
    chain = dict(zip(states, time.tolist(), strict=True))
    assert sum(p for (_, line), p in chain.items() if len(line) == most) < 1e-5, "the chain is cut too early"
    scenario = build({
        "name": "two", "calendar": DAY.model_dump(), "groups": [{"name": "desk", "skills": ["a"], "agents": agents}],
        "call_types": [{
            "name": "a", "arrivals": {"per_hour": calls * 3600}, "talk": {"exponential": {"mean": aht}},
            "patience": {"exponential": {"mean": 80}}, "labels": {"segment": {"golden": share, "ordinary": 1 - share}},
            "by_label": {"segment": {"golden": {"patience": {"exponential": {"mean": 20}}}}},
        }],
    })  # fmt: skip
    counted = days(scenario, warm_up=3600.0, replications=150, seed=41)
    for kind, name in enumerate(("golden", "ordinary")):
        queue = sum(p * line.count(kind) for (_, line), p in chain.items())
        assert_within(counted, "abandonment_rate", queue * theta[kind] / rates[kind], label=f"segment={name}")
        assert_within(counted, "mean_wait", queue / rates[kind], label=f"segment={name}")
    assert_within(counted, "occupancy", sum(p * busy for (busy, _), p in chain.items()) / agents)


# --- what a file may say ---------------------------------------------------------------------------------------------


def test_what_a_label_says_of_patience_is_written_read_and_varied_like_that_of_a_type(tmp_path: Any) -> None:
    law = {"survival": {"after": ["10s", "1m"], "share": [0.9, 0.5], "tail": "2m"}}
    scenario = story(golden(law))
    (tmp_path / "scenario.toml").write_text(dump_scenario(scenario))
    assert load(tmp_path / "scenario.toml") == scenario
    path = "call_types.a.by_label.segment.golden.patience"
    other = scenario.with_({path: "5m"}).call_types[0].by_label["segment"]["golden"].patience
    assert other is not None and quantile_function(other)(np.array([0.5])) == 300
    longer = scenario.with_({f"{path}.survival.tail": "3m"}).call_types[0].by_label["segment"]["golden"].patience
    assert isinstance(longer, Survival) and longer.tail == 180
    some = {"exponential": {"mean": {"low": "20s", "high": "40s"}}}
    drawn = resolve(story(golden(some)), seed=1).call_types[0].by_label["segment"]["golden"].patience
    assert isinstance(drawn, Exponential) and 20 <= float(str(drawn.mean)) <= 40


@pytest.mark.parametrize(
    ("law", "place"),
    [
        ({"exponential": {"mean": 0}}, "call_types.a.by_label.segment.golden.patience.exponential.mean"),
        ({"normal": {"mean": 5}}, "call_types.a.by_label.segment.golden.patience"),
        ("soon", "call_types.a.by_label.segment.golden.patience"),
    ],
)
def test_a_law_that_is_none_is_named_with_its_place(law: Any, place: str) -> None:
    with pytest.raises(ScenarioError) as error:
        story(golden(law))
    assert any(problem.path.startswith(place) for problem in error.value.problems), error.value


def test_only_one_family_may_set_it_and_nobody_waits_for_work() -> None:
    two = {"labels": {"segment": {"golden": 1.0}, "language": {"second": 1.0}},
           "by_label": {"segment": golden(), "language": {"second": {"patience": "1m"}}}}  # fmt: skip
    with pytest.raises(ScenarioError, match="patience may depend on one label family only, found segment and language"):
        story(kind=two)
    with pytest.raises(ScenarioError) as error:
        story(golden(), kind={"contact": "work", "patience": "never"})
    assert "call_types.a.by_label.segment.golden.patience" in str(error.value)
    assert 'no patience ends where contact = "work"' in str(error.value)


def test_a_label_that_only_waits_longer_stands_in_the_same_queue() -> None:
    """So who is told a wait by the length of his queue counts everybody in it."""
    told = {"announced": {"by": "queue length", "heeded": 0.0}}
    apart = {"golden": golden()["golden"] | {"priority": 1}}
    plain, split = (story(one, kind=told) for one in (golden(), apart))
    tape = draw(plain, seed=9)
    one, two = (simulate(scenario, tape).calls.predicted for scenario in (plain, split))
    assert one.max() > 0 and not np.array_equal(one, two), "a queue of its own has a prediction of its own"
    alike = story({"golden": {"patience": {"exponential": {"mean": LONG}}}}, kind=told)
    assert np.array_equal(simulate(alike, tape).calls.predicted, simulate(story(kind=told), tape).calls.predicted)
    assert_same(plain, tape)
