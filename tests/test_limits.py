"""The documented limits: a clear error where one is passed, and days far larger than usual where none is."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sim.chance import draw, streams
from sim.engines import ENGINES, count, simulate
from sim.engines.plan import plan
from sim.scenario.errors import CallsimError, ScenarioError
from sim.scenario.scenario import Scenario
from sim.tally import Count, Measuring

DESK = Scenario.model_validate(
    {
        "name": "desk",
        "calendar": {"start": date(2026, 3, 12), "opens": "09:00", "closes": "11:00", "interval": "1h"},
        "call_types": [{"name": "a", "arrivals": {"fixed": [5, 5]}, "talk": "2m", "patience": "never"}],
        "groups": [{"name": "desk", "skills": ["a"], "agents": 2}],
    }
)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("late", ["call_types.a.talk", "call_types.a.wrap_up", "ivr.delay"])
def test_a_time_of_sixty_days_is_refused_by_both_engines(late: str, engine: str) -> None:
    scenario = DESK.with_({late: 60 * 86_400})
    with pytest.raises(CallsimError, match="more than 50 days after the day began: look for a talk, wrap_up"):
        simulate(scenario, draw(scenario, seed=1), engine=engine)


def test_forty_days_of_talk_are_not_too_long() -> None:
    scenario = DESK.with_({"call_types.a.talk": 40 * 86_400})
    for engine in ENGINES:
        day = simulate(scenario, draw(scenario, seed=1), engine=engine)
        assert (day.calls.end - day.calls.answer).max() == 40 * 86_400 * 1_000_000


def test_more_agents_than_a_key_has_bits_for_are_refused() -> None:
    assert plan(DESK.with_({"groups.desk.agents": 1 << 19})).agent_at[-1] == 1 << 19
    with pytest.raises(ScenarioError, match="groups: at most 524288 agents in all; found 524289"):
        plan(DESK.with_({"groups.desk.agents": (1 << 19) + 1}))


def test_more_streams_than_a_tape_has_bits_for_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    surge = {"name": "s", "at": "09:10", "calls": {"a": 5}, "shape": {"decay": {"half_life": 300}}}
    scenario = DESK.with_({"surges": [surge, {**surge, "name": "t"}]})
    assert len(draw(scenario, seed=1)) > 10
    monkeypatch.setattr(streams, "MOST_STREAMS", 3)
    with pytest.raises(ScenarioError, match=r"surges: at most .* call types x \(2 \+ surges\); found 2 surges of 1"):
        streams.stream_identities(scenario)


@pytest.mark.parametrize("agents", [1, 10_000])
def test_a_million_calls_in_one_interval(agents: int) -> None:
    scenario = DESK.with_({"call_types.a.arrivals": {"fixed": [1_000_000, 0]}, "groups.desk.agents": agents})
    tally = count(scenario, draw(scenario, seed=1), Measuring())
    outcomes = tally.calls[0, :, 0, : Count.ANSWERED_WITHIN].sum(axis=0)
    assert outcomes.sum() == 1_000_000
    # Two hours of opening and four of finishing, and whoever began to talk in them: deterministic talk, no idle second
    assert outcomes[Count.ANSWERED] == pytest.approx(min(agents * 6 * 30, 1_000_000), rel=0.01)


def test_the_same_instant_for_a_hundred_thousand_calls() -> None:
    """One tick, and so one place in the order of arrival for all but the numbers."""
    tape = draw(DESK.with_({"call_types.a.arrivals": {"fixed": [100_000, 0]}}), seed=1)
    tape = tape.with_columns(arrival=np.full(len(tape), tape.arrival[0]))
    day = simulate(DESK, tape)
    assert len(day.calls) == 100_000 and np.array_equal(day.calls.number, np.arange(100_000))


def test_a_horizon_of_thirty_days_is_refused_with_what_is_allowed() -> None:
    with pytest.raises(ScenarioError, match=r"closes.*48:00"):
        DESK.with_({"calendar.closes": "720:00"})
