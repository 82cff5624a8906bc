"""What is said of handle times: written and read again, refused where it cannot be, advised upon, told, taken away."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.causes import causes, with_heads
from experiments.expected import heads_by_interval, load_by_interval
from sim.chance import draw, resolve
from sim.chance.composed import composed, mean_tiredness
from sim.chance.handling import agent_row
from sim.chance.laws import scenario_laws
from sim.engines import simulate
from sim.engines.plan import plan
from sim.engines.witness import Witness
from sim.files import load
from sim.files.write import dump_scenario
from sim.scenario.advice import warnings
from sim.scenario.errors import ScenarioError
from sim.scenario.roster import individuals
from sim.scenario.scenario import Scenario
from tests.handling_floor import SCRIPT, floor

EVERYTHING: dict[str, Any] = {
    "call_types.calls.script": SCRIPT, "call_types.calls.lookups": {"things": 2, "chance": 0.8, "takes": 30},
    "call_types.calls.hold": {"chance": 0.2, "takes": "1m"}, "call_types.calls.transactions": {"crm": 1.5},
    "call_types.calls.text": 90, "call_types.calls.typed_while_talking": 0.4,
    "systems": [{"name": "crm", "takes": 8, "outages": [{"from": "10:00", "to": "11:00", "on": "thursday", "plus": "20s"}]}],
    "learning": {"curve": "s", "start": 1.6, "nesting": {"days": 20, "skills": ["calls"]}},
    "fatigue": {"after": "2h", "slowdown": 0.1}, "teams.team.hired": date(2026, 2, 1), "teams.team.knowledge": {"calls": 0.5},
    "teams.team.proficiency": 1.1, "teams.team.typing": 45, "teams.team.system_speed": 1.3,
}  # fmt: skip


PAGE = (Path(__file__).resolve().parent.parent / "docs" / "handling.md").read_text(encoding="utf-8")
CALENDAR = 'name = "page"\ncalendar = { start = 2026-03-12, opens = "08:00", closes = "12:00", interval = "1h" }\n'


def test_the_page_for_planners_is_a_story_and_its_numbers_are_right(tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "scenario.toml").write_text(CALENDAR + "".join(blocks))
    story = load(tmp_path)
    (faults,), old, new = story.call_types, story.teams[0], story.teams[1]
    plain = faults.replace(script=(), lookups=None, hold=None, transactions={}, text=0.0)
    parts = {name: getattr(faults, name) for name in ("script", "lookups", "hold", "transactions", "text")}

    def seconds(**given: Any) -> list[float]:
        """Handle time by interval: of old hands, and of the course if experienced, beside that of the matter alone."""
        one = story.replace(call_types=(plain.replace(**given),), learning=None, fatigue=None)
        rows = [agent_row(one, who) for who in individuals(one)]
        means = [composed(one, one.call_types[0], row) for row in (rows[0], rows[-1])]
        return [float((m.talk * 240 + m.plus + m.wrap * 30 + m.typing)[0]) for m in means]

    assert old.knowledge is None and seconds() == pytest.approx([270, 1.2 * 270], rel=1e-4)
    assert seconds(script=parts["script"])[0] == pytest.approx(270 + 66 - 0.37 * 240)
    assert seconds(lookups=parts["lookups"]) == pytest.approx([270, 1.2 * (270 + 24)], rel=1e-4) and new.knowledge == 0.6
    assert seconds(hold=parts["hold"])[0] == pytest.approx(279)
    assert seconds(transactions=parts["transactions"])[0] == pytest.approx(285)
    assert seconds(text=80.0, typed_while_talking=0.0)[0] == pytest.approx(390)
    crm = plain.replace(transactions={"crm": 2.5})
    assert composed(story.replace(call_types=(crm,)), crm).plus == pytest.approx([15, 15, 45, 15])
    assert story.fatigue is not None and mean_tiredness(story.fatigue, 4 * 3600) == pytest.approx(1.05)
    assert mean_tiredness(story.fatigue, 2 * 3600) == 1.0
    assert (simulate(story, draw(story, seed=1)).calls.answer >= 0).sum() > 150


def everything(changes: dict[str, Any] | None = None) -> Scenario:
    return floor(EVERYTHING).with_(changes or {})


def test_a_story_with_all_of_it_is_written_and_read_again(tmp_path: Path) -> None:
    (tmp_path / "scenario.toml").write_text(dump_scenario(everything()))
    assert load(tmp_path) == everything()
    assert Scenario(**everything().table()) == everything()


def test_what_nobody_knows_exactly_may_be_a_range() -> None:
    open_ = everything({
        "teams.team.proficiency": {"low": 1.0, "high": 1.4}, "teams.team.knowledge": {"calls": {"low": 0.2, "high": 0.8}},
        "learning.start": {"low": 1.3, "likely": 1.5, "high": 1.8}, "call_types.calls.lookups.chance": {"low": 0.5, "high": 1.0},
    })  # fmt: skip
    found = resolve(open_, seed=1)
    assert isinstance(found.teams[0].proficiency, float) and found.learning is not None
    assert 1.0 < found.teams[0].proficiency < 1.4
    assert isinstance(found.learning.start, float) and 1.3 < found.learning.start < 1.8
    assert scenario_laws(found).handling.any == 1


def test_parts_are_named_in_paths_and_change_by_policy() -> None:
    changed = everything({
        "call_types.calls.script.cable.solves": 0.5, "systems.crm.takes": 9, "call_types.calls.lookups.things": 5,
        "teams.team.typing.plus": 5, "call_types.calls.script.restart.drop": True,
    })  # fmt: skip
    kind = changed.call_types[0]
    assert [step.solves for step in kind.script] == [0.5] and kind.lookups is not None and kind.lookups.things == 5
    assert changed.teams[0].typing == 50.0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"call_types.calls.transactions.crn": 1}, 'call_types.calls.transactions.crn: no system "crn"; did you mean "crm"?'),
        ({"teams.team.proficiency": {"call": 1.2}}, 'teams.team.proficiency.call: no call type "call"; did you mean "calls"?'),
        ({"teams.team.knowledge": {"call": 1.0}}, 'teams.team.knowledge.call: no call type "call"'),
        ({"teams.team.knowledge": {"calls": 40}}, "teams.team.knowledge.calls: must be from 0 to 1; found 40; did you mean 0.4?"),
        ({"teams.team.proficiency": 0}, "teams.team.proficiency: must be above 0 and at most 100; found 0"),
        ({"teams.team.proficiency": {"calls": 120}}, "teams.team.proficiency.calls: must be above 0 and at most 100; found 120"),
        ({"teams.team.typing": 0}, "teams.team.typing: must be above 0"),
        ({"teams.team.system_speed": -1}, "teams.team.system_speed: must be a number not below 0; found -1"),
        ({"systems.crm.outages": [{"from": "11:00", "to": "10:00", "times": 2}]}, "outages.0.to: must be after from, 11:00"),
        ({"systems.crm.outages": [{"from": "10:00", "to": "11:00"}]}, "must have either times or plus"),
        ({"call_types.calls.script": [{"name": "new", "solves": 0.1}]}, "call_types.calls.script.new"),
        ({"call_types.calls.lookups": {"things": 0, "takes": 5}}, "call_types.calls.lookups.things: must be at least 1"),
        ({"call_types.calls.hold.takes": {"exponential": {"mean": 0}}}, "calls.hold.takes.exponential.mean: must be above 0"),
        ({"learning.curve": "steps"}, 'learning.steps: is missing: curve = "steps" goes by them'),
        ({"learning.steps": [{"after": "9d", "factor": 1}]}, 'learning.steps: go with curve = "steps"; found curve = "s"'),
        ({"learning.nesting.skills": ["call"]}, 'learning.nesting.skills.0: no call type "call"'),
        ({"fatigue.most": 0.5}, "fatigue.most: must be from 1 to 100; found 0.5"),
        ({"call_types.calls.transfers": [{"name": "x", "to": "calls", "chance": 0.1, "if_unknown": True}]},
         'call_types.calls.transfers.x.if_unknown: goes with how = "consult"; found how = "cold"'),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError) as error:
        everything(changes)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"call_types.calls.lookups": None}, "teams.team.knowledge: no call type has `lookups`"),
        ({"call_types.calls.text": 0}, "teams.team.typing: no call type has a `text`"),
        ({"call_types.calls.transactions.crm": 0}, "systems.crm: no call type has `transactions` in it"),
        ({"learning": None}, "learning: no [learning]: who was hired of late is as fast as the others"),
        ({"teams.team.hired": None}, "learning: nobody has a day on which he was `hired`"),
        ({"teams.team.knowledge": None}, "call_types.calls.lookups: no agent has a `knowledge`"),
        ({"teams.team.typing": None}, "call_types.calls.text: no agent has a `typing`"),
        ({"call_types.calls.recognized": 0.5, "call_types.calls.script": []}, "there is no `opening` or `script`"),
    ],
)  # fmt: skip
def test_what_never_acts_is_advised_upon(changes: dict[str, Any], said: str) -> None:
    assert not any("changes nothing" in str(one) or "no agent" in str(one) for one in warnings(everything()))
    scenario = everything()
    kept = {path: value for path, value in changes.items() if value is not None}
    for path in changes.keys() - kept.keys():
        scenario = _without(scenario, path)
    assert any(said in str(one) for one in warnings(scenario.with_(kept)))


def _without(scenario: Scenario, path: str) -> Scenario:
    *parts, last = path.split(".")
    if parts[:1] == ["teams"]:
        return scenario.replace(teams=tuple(team.replace(**{last: None}) for team in scenario.teams))
    if parts[:1] == ["call_types"]:
        return scenario.replace(call_types=tuple(kind.replace(**{last: None}) for kind in scenario.call_types))
    return scenario.replace(**{last: None})


def test_causes_take_away_what_they_say() -> None:
    scenario = everything()
    found = {cause.name: cause.without(scenario) for cause in causes(scenario)}
    assert found["knowledge"].teams[0].knowledge is None and found["typing"].teams[0].typing is None
    assert found["new hires"].learning is None
    assert found["systems"].call_types[0].transactions == {} and found["systems"].systems == ()
    whole = load_by_interval(scenario).sum()
    for name in ("knowledge", "scripts", "typing", "systems", "new hires"):
        assert load_by_interval(found[name]).sum() < whole, name
    tape = draw(scenario, seed=1)
    solved = [simulate(one, tape).calls.end - simulate(one, tape).calls.answer for one in (scenario, found["scripts"])]
    assert np.array_equal(solved[1] == 0, np.isin(solved[0], np.unique(solved[0][solved[1] == 0]))) and (solved[1] == 0).any()


def test_a_trace_tells_of_the_agent_s_own_time_and_of_scripts() -> None:
    scenario = floor({"call_types.calls.script": SCRIPT, "call_types.calls.talk": 100}, proficiency=2.0)
    tape = draw(scenario, seed=1)
    told = []
    for caller in range(12):
        witness = Witness(plan(scenario), tape, caller)
        day = witness.run()
        told += [step.what for step in witness.story]
        assert len(day.calls) == len(tape)
    assert any("takes this agent 5m and 40s of wrap-up, not 1m40s and 20s" in what for what in told)
    assert any("the script solves the matter after 1m" in what for what in told)


def test_hours_laid_anew_are_worked_by_agents_as_todays_are() -> None:
    """As many on the phones as asked for, in today's mix: the load that is expected stays what it is."""
    story = floor({"call_types.calls.lookups": {"things": 2, "takes": 30}, "call_types.calls.text": 90}, agents=9, knowledge=0.4)
    new = {"name": "new", "group": "desk", "agents": 3, "shift": "day", "typing": 20, "proficiency": 1.5}
    story = story.with_({"teams": [new], "groups.desk.agents": 4})
    heads = {"desk": np.array([0.0, 3.25, 16.0, 16.0, 2.0, 0.5, 32.0, 16.0])}
    laid = with_heads(story, heads)
    assert heads_by_interval(laid)["desk"] == pytest.approx(heads["desk"], abs=1e-3)
    kinds = [(one.proficiency, one.knowledge, one.typing) for one in laid.agents[:16]]
    assert [kinds.count(kind) for kind in ((None, 0.4, None), (1.5, None, 20), (None, None, None))] == [9, 3, 4]
    even = with_heads(story, {"desk": np.full(8, 16.0)})
    assert load_by_interval(even) == pytest.approx(load_by_interval(story), rel=1e-4)


def test_hours_laid_anew_of_agents_who_are_as_fast_as_counted_heads_are_counted() -> None:
    laid = with_heads(floor(), {"desk": np.full(8, 5.5)})
    assert not laid.agents and not laid.teams and heads_by_interval(laid)["desk"] == pytest.approx(np.full(8, 5.5))
