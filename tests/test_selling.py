"""Retention and telesales: what agents offer callers before they go, how much longer that takes, and what it brings."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.causes import causes
from experiments.cli.main import main
from experiments.expected import load_by_interval, traffic
from experiments.run import run
from experiments.study import Study
from sim.calls import NONE, Day, Outcome
from sim.chance import draw
from sim.engines import count, simulate
from sim.engines.plan import plan
from sim.engines.witness import Witness
from sim.erlang import erlang_b
from sim.files import load
from sim.files.write import dump_scenario
from sim.measures import MEASURES
from sim.scenario.errors import ScenarioError
from sim.scenario.scenario import Scenario
from sim.tally import Measuring, tally
from sim.tally.tally import side_by_side
from tests.test_theory import assert_within

S = 1_000_000
GONE = [{"name": name, "drop": True} for name in ("stay", "sale")]


def desk(changes: dict[str, Any] | None = None) -> Scenario:
    """Eight hours, 60 calls an hour of three minutes, some of them of people who want to leave; two groups."""
    retention = {
        "name": "stay", "chance": 0.5, "labels": {"intent": "leave"}, "talk": {"exponential": {"mean": 120}}, "success": 0.4,
        "value": 30,
    }  # fmt: skip
    return Scenario.model_validate({
        "name": "desk", "calendar": {"start": date(2026, 3, 12), "opens": "09:00", "closes": "17:00", "interval": "1h"},
        "call_types": [{
            "name": "calls", "arrivals": 60, "talk": {"exponential": {"mean": 180}}, "wrap_up": 20,
            "patience": {"exponential": {"mean": 120}}, "labels": {"intent": {"leave": 0.2, "none": 0.8}},
            "offers": [retention, {"name": "sale", "chance": 0.1, "by": ["sellers"], "talk": 60, "success": 0.2, "value": 12.5}],
        }],
        "groups": [{"name": "desk", "skills": ["calls"], "agents": 3}, {"name": "sellers", "skills": ["calls"], "agents": 2}],
    }).with_(changes or {})  # fmt: skip


def simulated(scenario: Scenario, seed: int = 1) -> Day:
    return simulate(scenario, draw(scenario, seed=seed))


def test_offers_are_made_to_whom_they_are_for_and_make_the_talk_longer_by_theirs() -> None:
    with_, without = desk(), desk({"call_types.calls.offers": GONE})
    assert without.call_types[0].offers == ()
    tape = draw(with_, seed=1)
    calls = simulate(with_, tape).calls
    answered, made = calls.outcome == Outcome.ANSWERED, calls.offer != NONE
    leaving = calls.label[:, 0] == 0
    assert not np.any(made & ~answered) and set(calls.offer[made].tolist()) == {0, 1}
    assert np.all(leaving[calls.offer == 0]) and np.all(calls.group[calls.offer == 1] == 1)
    longer = calls.end - calls.answer - tape.talk
    assert np.all(longer[answered & ~made] == 0) and np.all(longer[calls.offer == 1] == 60 * S)
    assert np.all(longer[calls.offer == 0] > 0) and set(calls.taken.tolist()) == {0, 1}
    assert np.array_equal(draw(without, seed=1).rows, tape.rows)  # nothing else is drawn otherwise


def test_shares_and_worth_of_offers_are_as_given() -> None:
    """Enough agents for everybody; 40 days, intervals at 99.9 %."""
    scenario = desk({"groups.sellers.agents": 0, "groups.desk.agents": 30})
    found = side_by_side([count(scenario, draw(scenario, seed=2, replication=i), Measuring()) for i in range(40)])
    assert_within(found, "offers_made_rate", 0.1)
    assert_within(found, "offers_taken_rate", 0.4)
    assert_within(found, "mean_talk", 180 + 0.1 * 120)
    assert_within(found, "offer_value", 480 * 0.1 * 0.4 * 30)
    assert load_by_interval(scenario) == pytest.approx(60 * (180 + 12 + 6 + 20) / 3600)  # sales by everybody who may
    assert traffic(scenario).load.sum(axis=0) == pytest.approx(load_by_interval(scenario))


def test_offers_load_a_floor_without_queue_as_erlang_b_says() -> None:
    """As many lines as agents: blocking depends on the mean of the whole talk only (insensitivity), 180 + 0.3 x 120 s."""
    changes = {
        "lines.trunks": 4, "groups.desk.agents": 4, "groups.sellers.agents": 0, "call_types.calls.wrap_up": 0,
        "call_types.calls.labels.intent": {"leave": 0.6, "none": 0.4}, "calendar.opens": "00:00", "calendar.closes": "24:00",
    }  # fmt: skip
    scenario = desk(changes)
    exact = erlang_b(load=60 / 3600 * (180 + 0.3 * 120), servers=4)
    window = Measuring(window=(7200.0, 86_400.0))
    found = side_by_side([count(scenario, draw(scenario, seed=5, replication=i), window) for i in range(40)])
    assert_within(found, "blocking_rate", exact)


def test_who_is_called_from_a_list_is_offered_something_too() -> None:
    scenario = desk({
        "call_types": [{
            "name": "list", "contact": "outbound", "arrivals": 0, "priority": 8, "talk": 60, "outbound": {"contacts": 200},
            "offers": [{"name": "tariff", "chance": 1.0, "talk": 30, "success": 0.5, "value": 10}],
        }],
        "groups": [{"name": "callers", "skills": ["list"], "agents": 3}],
    })  # fmt: skip
    day = simulated(scenario)
    of_list = day.calls.call_type == 1
    reached = of_list & (day.calls.outcome == Outcome.CALLED_BACK)
    assert reached.sum() > 50 and np.all(day.calls.offer[reached] == 2) and np.all(day.calls.offer[of_list & ~reached] == NONE)
    found = tally(day)
    sold = int(day.calls.taken[of_list].sum())
    assert MEASURES["offer_value"](found, call_type="list") == 10 * sold
    assert MEASURES["offer_value"](found) == MEASURES["offer_value"](found, call_type="calls") + 10 * sold


def test_only_who_ends_a_call_makes_offers_and_it_counts_once() -> None:
    passed = {"name": "second line", "to": "calls", "chance": 0.5, "by": ["desk"]}
    offers = [*GONE, {"name": "again", "chance": 1.0, "talk": 60}]
    calls = simulated(desk({"call_types.calls.transfers": [passed], "call_types.calls.offers": offers})).calls
    handed = calls.handed != NONE
    assert handed.sum() > 50 and (calls.offer[handed] == 0).sum() > 20  # by the second agent
    assert np.all(calls.offer[(calls.outcome == Outcome.ANSWERED) & ~handed] == 0)


@pytest.mark.parametrize("give_up", [0, 600])
def test_who_asked_a_colleague_ends_the_call_and_makes_the_offer(give_up: int) -> None:
    """Whether he was helped or went on alone: the offer's talk comes last."""
    ask = {"name": "ask", "to": "help", "how": "consult", "chance": 1.0, "handover": 30, "give_up": give_up}
    changes = {
        "call_types": [{"name": "help", "arrivals": 0, "talk": 60}], "groups.desk.agents": 9,
        "groups": [{"name": "pros", "skills": ["help"], "agents": 0 if give_up == 0 else 9}],
        "call_types.calls.transfers": [ask], "call_types.calls.solved": 1.0,
    }  # fmt: skip
    sells = [*GONE, {"name": "always", "chance": 1.0, "talk": 60, "success": 1.0, "value": 1}]
    without, with_ = (desk(changes | {"call_types.calls.offers": offers}) for offers in (GONE, sells))
    tape = draw(with_, seed=1)
    for engine in ("reference", "compiled"):
        one, other = (simulate(scenario, tape, engine=engine) for scenario in (without, with_))
        answered = other.calls.outcome == Outcome.ANSWERED
        assert answered.sum() > 400 and np.all(other.calls.offer[answered] == 0) and np.all(other.calls.taken[answered] == 1)
        first = np.flatnonzero(answered)[0]
        assert other.calls.end[first] - one.calls.end[first] == 60 * S


def test_a_story_with_offers_is_written_and_read_again(tmp_path: Path) -> None:
    (tmp_path / "scenario.toml").write_text(dump_scenario(desk()))
    assert load(tmp_path) == desk()


def test_sums_of_a_frame_are_in_seconds_and_in_the_currency() -> None:
    results = run(Study({"baseline": desk()}, replications=3))
    found, counted = results.to_frame(), results.tallies["baseline"]
    assert found["offer_value"].sum() == pytest.approx(MEASURES["offer_value"](counted) * 3)
    assert found["talk"].sum() == pytest.approx(MEASURES["mean_talk"](counted) * MEASURES["answered"](counted) * 3)


def test_offers_are_a_cause_a_line_of_the_first_screen_and_part_of_a_story(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    scenario = desk()
    (cause,) = [one for one in causes(scenario) if one.name == "offers"]
    assert all(kind.offers == () for kind in cause.without(scenario).call_types)
    tape = draw(scenario, seed=1)
    caller = int(tape.number[np.flatnonzero(simulate(scenario, tape).calls.offer == 0)[0]])
    witness = Witness(plan(scenario), tape, caller)
    witness.run()
    assert any("is offered stay before the end, for" in step.what for step in witness.story)
    (tmp_path / "scenario.toml").write_text(
        'name = "s"\ncalendar = { start = 2026-03-12, opens = "09:00", closes = "12:00" }\n'
        '[[call_types]]\nname = "a"\narrivals = { per_hour = 60 }\ntalk = { exponential = { mean = "3m" } }\n'
        'offers = [{ name = "x", chance = 0.5, talk = "1m", success = 0.5, value = 10 }]\n'
        '[[groups]]\nname = "g"\nskills = ["a"]\nagents = 6\n'
    )
    with pytest.raises(SystemExit):
        main(["run", str(tmp_path), "--days", "20", "--jobs", "1"])
    out = capsys.readouterr().out
    assert "offers / answered" in out and "of them taken, worth" in out


@pytest.mark.parametrize(
    ("offers", "said"),
    [
        ([{"name": "x", "chance": 0.6, "talk": 9}, {"name": "y", "chance": 0.6, "talk": 9}], "sum to more than 1"),
        ([{"name": "x", "chance": 0.6, "talk": 9, "by": ["dsk"]}], 'no group "dsk"; did you mean "desk"?'),
        ([{"name": "x", "chance": 0.6, "talk": 9, "labels": {"intent": "go"}}], 'no label "go"'),
        ([{"name": "x", "chance": 0.6, "talk": 9, "labels": {"mood": "bad"}}], 'no label family "mood"'),
        ([{"name": "x", "chance": 0.6}], "offers.x.talk: is missing"),
        ([{"name": "x", "chance": 0.1, "talk": 9}, {"name": "x", "chance": 0.1, "talk": 9}], "two offers of one name"),
        ([{"name": "x", "chance": 6, "talk": 9}], "did you mean 0.06?"),
    ],
)
def test_offers_that_cannot_be_are_named(offers: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(ScenarioError) as error:
        desk({"call_types.calls.offers": offers})
    assert said in str(error.value)
