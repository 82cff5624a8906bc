"""Waits that are told, and callbacks: a chain solved exactly, what is kept and missed, what is counted and refused."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pytest

from experiments.cli.main import main
from sim.calls import NONE, CallLog, Outcome
from sim.chance import draw
from sim.engines import simulate
from sim.measures import MEASURES
from sim.measures.cut import Cut
from sim.scenario.consistency import warnings
from sim.scenario.errors import ScenarioError
from sim.scenario.scenario import Scenario
from sim.tally import tally
from tests.test_callers_theory import MU, THETA, days, stationary
from tests.test_theory import assert_within
from tests.workloads import one_queue

S = 1_000_000
State = tuple[int, ...]


def story(changes: dict[str, Any] | None = None) -> Scenario:
    """90 calls an hour of 4 minutes for 4 agents: more than they can do."""
    plain = Scenario.model_validate({
        "name": "day",
        "calendar": {"start": date(2026, 3, 12), "opens": "09:00", "closes": "17:00", "interval": "30m"},
        "call_types": [{"name": "a", "arrivals": {"per_hour": 90}, "talk": {"exponential": {"mean": "4m"}},
                        "patience": {"exponential": {"mean": "3m"}}}],
        "groups": [{"name": "desk", "skills": ["a"], "agents": 4}],
    })  # fmt: skip
    return plain.with_(changes or {})


def calls(scenario: Scenario, seed: int = 1) -> CallLog:
    return simulate(scenario, draw(scenario, seed=seed)).calls


def value(scenario: Scenario, name: str, seed: int = 1) -> float:
    return MEASURES[name].value(tally(simulate(scenario, draw(scenario, seed=seed))), Cut())


def test_a_callback_offered_at_a_length_of_the_queue_is_the_chain_of_its_order() -> None:
    """3 agents, 36 calls an hour; from 2 waiting on, 60 % take a callback and wait without patience, in their place.

    The state is the queue from its head, 0 for a caller and 1 for a callback, up to 13; -n for n free agents.
    """
    agents, offered_from, takes, arrive, most = 3, 2, 0.6, 36 / 3600, 13
    free = [(-n,) for n in range(1, agents + 1)]
    queues = [tuple(int(bit) for bit in f"{number:0{n}b}") if n else () for n in range(most + 1) for number in range(2**n)]

    def moves(state: State) -> Iterable[tuple[State, float]]:
        if state and state[0] < 0:
            idle = -state[0]
            yield ((-(idle - 1),) if idle > 1 else ()), arrive
            if idle < agents:
                yield (-(idle + 1),), (agents - idle) * MU
            return
        if len(state) < most:
            chance = takes if len(state) >= offered_from else 0.0
            yield (*state, 1), arrive * chance
            yield (*state, 0), arrive * (1 - chance)
        yield (state[1:] if state else (-1,)), agents * MU
        for at, kind in enumerate(state):
            if kind == 0:
                yield (*state[:at], *state[at + 1 :]), THETA

    chain = stationary([*free, *queues], moves)
    assert sum(p for state, p in chain.items() if len(state) == most) < 1e-4, "the chain is cut too early"
    waiting = {state: p for state, p in chain.items() if not state or state[0] >= 0}
    live = sum(p * state.count(0) for state, p in waiting.items())
    exact = {
        "callback_rate": takes * sum(p for state, p in waiting.items() if len(state) >= offered_from),
        "abandonment_rate": live * THETA / arrive,
        "mean_queue": live,
        "mean_callback_wait": 0.0,
    }
    accepted = exact["callback_rate"] * arrive
    exact["mean_callback_wait"] = sum(p * state.count(1) for state, p in waiting.items()) / accepted / 60  # Little's law
    scenario = one_queue(calls_per_hour=36, aht=240, agents=agents, patience=120, hours=24)
    offer = {"queue": offered_from, "accepted": takes, "dial": 0}
    found = days(scenario.with_({"call_types.calls.callback": offer}), replications=150, seed=31)
    for name, number in exact.items():
        assert_within(found, name, number)


def test_a_callback_keeps_its_place_and_frees_the_line() -> None:
    """Everybody who must wait takes one, and is reached at the first try: agents take calls in the order they came."""
    changes = {"call_types.a.callback": {"accepted": 1.0, "dial": 15}, "lines.trunks": 5}
    found = calls(story(changes))
    back = found.outcome == Outcome.CALLED_BACK
    assert back.sum() > 100 and not np.any(found.outcome == Outcome.ABANDONED)
    assert np.all(found.accepted[back] == found.queue_entry[back])
    assert np.all(np.diff(found.answer[back][np.argsort(found.queue_entry[back], kind="stable")]) >= 0)
    assert not np.any(found.outcome == Outcome.BLOCKED)  # four talk, and nobody waits on a line
    blocked = calls(story({"lines.trunks": 5, "call_types.a.patience": "1h"}))
    assert np.any(blocked.outcome == Outcome.BLOCKED)


def test_who_is_not_reached_is_tried_again_and_then_missed() -> None:
    """Nobody is ever reached: every callback takes three tries of 25 s, ten minutes apart, and is missed."""
    offer = {"accepted": 1.0, "dial": 25, "reached": 0.0, "tries": 3, "again_after": "10m"}
    day = story({"call_types.a.callback": offer, "call_types.a.arrivals": [60, *[0] * 15]})
    found = calls(day)
    missed = found.outcome == Outcome.CALLBACK_MISSED
    assert missed.sum() > 5 and np.all(found.answer[missed] == NONE)
    assert np.all(found.end[missed] - found.accepted[missed] >= (2 * 625 + 25) * S)
    assert value(day, "callbacks_kept") == 0.0
    log = simulate(day, draw(day, seed=1)).agents
    assert log is not None
    dialing = np.isin(log.call, found.number[missed]) & (log.until - log.since == 25 * S)
    assert dialing.sum() == 3 * missed.sum()
    counted = tally(simulate(day, draw(day, seed=1)))
    assert MEASURES["aht"].value(counted, Cut()) == pytest.approx(
        float((found.release - found.answer)[found.outcome == Outcome.ANSWERED].mean()) / S
    )


def test_the_chance_to_reach_is_that_of_the_hour_of_the_try() -> None:
    reached = [0.0] * 4 + [1.0] * 12
    day = story({"call_types.a.callback": {"accepted": 1.0, "reached": reached, "tries": 1, "after": "20m"}})
    found = calls(day)
    back = found.outcome == Outcome.CALLED_BACK
    assert back.sum() > 50 and np.all(found.answer[back] >= 11 * 3600 * S)
    assert np.all(found.answer[back] - found.accepted[back] >= 1200 * S)
    assert np.any(found.outcome[found.arrival < 10 * 3600 * S] == Outcome.CALLBACK_MISSED)


def test_after_closing_nobody_is_called_back_who_does_not_wait_in_the_queue() -> None:
    offer = {"accepted": 1.0, "after": "2h"}
    found = calls(story({"call_types.a.callback": offer}))
    late = (found.accepted != NONE) & (found.accepted > 15 * 3600 * S)
    assert late.sum() > 20 and np.all(found.outcome[late] == Outcome.CALLBACK_MISSED)
    dropped = calls(story({"call_types.a.callback": {"accepted": 1.0}, "calendar.after_closing": "drop"}))
    open_ = (dropped.accepted != NONE) & (dropped.answer == NONE)
    assert open_.sum() > 5 and np.all(dropped.outcome[open_] == Outcome.CALLBACK_MISSED)
    assert np.all(dropped.end[open_] == 17 * 3600 * S)


def test_offers_are_made_from_the_predicted_wait_on() -> None:
    offer = {"call_types.a.callback": {"accepted": 1.0, "wait": "2m"}, "call_types.a.announced": {"by": "head of queue"}}
    found = calls(story(offer))
    told = found.predicted != NONE
    assert np.all((found.predicted >= 120 * S)[told] == (found.accepted != NONE)[told])
    assert (found.accepted != NONE).sum() > 20 and ((found.accepted == NONE) & told).sum() > 20


@pytest.mark.parametrize("by", ["last wait", "head of queue", "queue length"])
def test_the_error_of_a_prediction_is_measured(by: str) -> None:
    """Against the log, call by call; with patience much longer than the waits all three are right to two minutes or so."""
    day = story({"call_types.a.announced": {"by": by}, "call_types.a.arrivals": {"per_hour": 58}, "call_types.a.patience": "40m"})
    found = calls(day)
    judged = (found.predicted != NONE) & (found.outcome == Outcome.ANSWERED)
    off = (found.predicted - (found.answer - found.queue_entry))[judged] / S
    assert judged.sum() > 150
    assert value(day, "prediction_error") == pytest.approx(np.abs(off).mean())
    assert value(day, "prediction_bias") == pytest.approx(off.mean())
    if by == "last wait":
        entered = np.flatnonzero(judged)[40]
        before = (found.answer != NONE) & (found.answer <= found.queue_entry[entered])
        last = np.flatnonzero(before)[np.argmax(found.answer[before])]
        assert found.predicted[entered] == found.answer[last] - found.queue_entry[last]
    if by == "queue length":
        waiting = [
            np.sum((found.queue_entry < found.queue_entry[i]) & (np.where(found.answer != NONE, found.answer, found.end)
                   > found.queue_entry[i]) & (found.queue_entry != NONE)) for i in np.flatnonzero(judged)
        ]  # fmt: skip
        assert np.all(found.predicted[judged] == (np.array(waiting) + 1) * 240 * S // 4)
        assert np.abs(off).mean() < 150


def test_who_heeds_what_he_is_told_leaves_at_once_if_it_is_longer_than_his_patience() -> None:
    plain = story({"call_types.a.announced": {"by": "head of queue"}})
    heeded = plain.with_({"call_types.a.announced.heeded": 1.0})
    found = calls(heeded)
    left = found.outcome == Outcome.BALKED
    assert left.sum() > 50 and np.all(found.end[left] == found.queue_entry[left])
    assert value(heeded, "abandonment_rate") < value(plain, "abandonment_rate")
    assert not np.any(calls(plain).outcome == Outcome.BALKED)


def test_the_load_of_a_half_hour_counts_callbacks_as_calls_with_their_time(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["run", "callback", "--policy", "in-turn", "--days", "5", "--jobs", "1", "--json"])
    rows = json.loads(capsys.readouterr().out)["intervals"]
    assert len(rows) == 25 and all(240 < row["aht"] < 340 for row in rows)


def test_a_missed_callback_may_bring_the_caller_back() -> None:
    offer = {"accepted": 1.0, "reached": 0.0, "tries": 1}
    day = story({"call_types.a.callback": offer, "call_types.a.next.missed": {"chance": 1.0, "most": 1, "after": 60}})
    found = calls(day)
    missed = (found.outcome == Outcome.CALLBACK_MISSED) & (found.attempt == 0)
    assert missed.sum() > 20 and set(found.parent[found.attempt == 1]) == set(found.number[missed])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"callback": {"wait": 60}}, "call_types.a.callback.accepted"),
        ({"callback": {"accepted": 0.5, "tries": 0}}, "call_types.a.callback.tries"),
        ({"callback": {"accepted": 0.5, "reached": [0.5, 0.6]}}, "must have 16 numbers"),
        ({"callback": {"accepted": 0.5, "dial": {"exponential": {"mean": 0}}}}, "must be above 0"),
        ({"announced": {"by": "crystal ball"}}, "call_types.a.announced.by"),
    ],
)
def test_what_makes_no_sense_is_named_with_its_place(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError) as found:
        story({f"call_types.a.{path}": given for path, given in changes.items()})
    assert said in str(found.value)


def test_callbacks_that_reach_nobody_are_advised_against() -> None:
    messages = [one.message for one in warnings(story({"call_types.a.callback": {"accepted": 0.5, "reached": 0.0}}))]
    assert any("every callback is missed" in message for message in messages)
