"""Merging: extends, policies, changes of what is there, and values set by path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.files import load
from sim.scenario.errors import ScenarioError
from sim.scenario.scenario import Scenario

BASE = """name = "base"
[calendar]
start = 2026-03-12
opens = "09:00"
closes = "11:00"
[[call_types]]
name = "questions"
arrivals = [40, 50, 45, 41]
talk = 180
[[call_types]]
name = "orders"
arrivals = 10
talk = 120
[[groups]]
name = "desk"
skills = ["questions", "orders"]
agents = [5, 6, 6, 5]
[[surges]]
name = "letter"
at = "09:30"
calls = { orders = 30 }
shape = { pulse = { lasts = "30m" } }
[lines]
trunks = 30
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policies").mkdir()
    (tmp_path / "scenario.toml").write_text(BASE)
    return tmp_path


def policy(folder: Path, name: str, text: str) -> None:
    (folder / "policies" / f"{name}.toml").write_text(text)


def heads(scenario: Scenario, name: str = "desk") -> Any:
    return next(group for group in scenario.groups if group.name == name).agents


def test_tables_merge_and_entries_merge_by_name(folder: Path) -> None:
    extra = '[[groups]]\nname = "extra"\nskills = ["orders"]\nagents = 1\n'
    policy(folder, "p", '[[call_types]]\nname = "orders"\ntalk = 90\n' + extra)
    found = load(folder, policies=["p"])
    assert [kind.name for kind in found.call_types] == ["questions", "orders"]
    assert found.call_types[1].talk.value == 90  # type: ignore[union-attr]
    assert found.call_types[1].arrivals == load(folder).call_types[1].arrivals
    assert [group.name for group in found.groups] == ["desk", "extra"] and found.lines.trunks == 30


def test_drop_removes_an_entry_and_dropping_what_is_not_there_is_refused(folder: Path) -> None:
    policy(folder, "p", '[[surges]]\nname = "letter"\ndrop = true\n')
    assert load(folder, policies=["p"]).surges == ()
    policy(folder, "q", '[[surges]]\nname = "leter"\ndrop = true\n')
    with pytest.raises(ScenarioError, match=r'leter.*did you mean "letter"'):
        load(folder, policies=["q"])


def test_other_arrays_replace(folder: Path) -> None:
    policy(folder, "p", '[[groups]]\nname = "desk"\nskills = ["orders"]\n')
    assert load(folder, policies=["p"]).groups[0].skills == ("orders",)


@pytest.mark.parametrize(
    ("change", "calls"),
    [
        ("{ times = 2.0 }", (80, 100, 90, 82)),
        ('{ plus = 20, from = "09:30", to = "10:30" }', (40, 70, 65, 41)),
        ('[{ times = 2.0 }, { plus = -10, to = "09:30" }]', (70, 100, 90, 82)),
        ("[1, 2, 3, 4]", (1, 2, 3, 4)),
    ],
)
def test_changes_act_on_what_is_there(change: str, calls: tuple[float, ...], folder: Path) -> None:
    from sim.chance.demand import expected

    policy(folder, "p", f'[[call_types]]\nname = "questions"\narrivals = {change}\n')
    found = load(folder, policies=["p"])
    assert expected(found, found.call_types[0]).tolist() == pytest.approx(calls)


def test_policies_compose_and_both_their_changes_act(folder: Path) -> None:
    policy(folder, "more", '[[groups]]\nname = "desk"\nagents = { plus = 2 }\n')
    policy(folder, "later", '[[groups]]\nname = "desk"\nagents = { plus = 3, from = "10:00" }\n')
    for names in (["more+later"], ["more", "later"]):
        assert [change.plus for change in heads(load(folder, policies=names)).changes] == [2, 3]


def test_policies_that_set_one_value_are_refused_naming_both(folder: Path) -> None:
    policy(folder, "a", "[lines]\ntrunks = 10\n")
    policy(folder, "b", "[lines]\ntrunks = 20\n")
    with pytest.raises(ScenarioError, match=r"lines\.trunks") as raised:
        load(folder, policies=["a+b"])
    assert '"a"' in str(raised.value) and '"b"' in str(raised.value)


def test_values_are_set_by_the_path_that_errors_use(folder: Path) -> None:
    found = load(folder, settings={"groups.desk.agents.plus": 2, "surges.letter.at": "10:00", "lines.trunks": 5})
    assert heads(found).changes[0].plus == 2 and found.surges[0].at == 36_000 and found.lines.trunks == 5
    with pytest.raises(ScenarioError, match=r'--set: groups\.dsk.*did you mean "desk"'):
        load(folder, settings={"groups.dsk.agents.plus": 2})
    with pytest.raises(ScenarioError, match=r"--set: lines\.trunks: must be a whole number; found"):
        load(folder, settings={"lines.trunks": "many"})


def test_with_in_python_sets_the_same_values(folder: Path) -> None:
    changes = {"groups.desk.agents.plus": 2, "call_types.orders.talk": {"exponential": {"mean": "90s"}}}
    assert load(folder).with_(changes) == load(folder, settings=changes)


def test_a_scenario_extends_another_and_names_stay_relative_to_their_files(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "scenario.toml").write_text(BASE.replace("[40, 50, 45, 41]", '{ file = "plan.csv", column = "n" }'))
    (tmp_path / "base" / "plan.csv").write_text("n\n1\n2\n3\n4\n")
    (tmp_path / "day").mkdir()
    path = tmp_path / "day" / "scenario.toml"
    path.write_text('extends = "../base/scenario.toml"\nname = "another day"\n[lines]\ntrunks = 3\n')
    found = load(path)
    assert found.name == "another day" and found.lines.trunks == 3
    assert found.call_types[0].arrivals.per_interval == (1, 2, 3, 4)


def test_a_circle_of_extends_and_a_missing_one_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('extends = "b.toml"\n')
    (tmp_path / "b.toml").write_text('extends = "a.toml"\n')
    with pytest.raises(ScenarioError, match=r"a\.toml.*b\.toml"):
        load(tmp_path / "a.toml")
    (tmp_path / "c.toml").write_text('extends = "none.toml"\n')
    with pytest.raises(ScenarioError, match="no such file"):
        load(tmp_path / "c.toml")


def test_a_policy_extends_nothing(folder: Path) -> None:
    policy(folder, "p", 'extends = "../scenario.toml"\n')
    with pytest.raises(ScenarioError, match="a policy extends nothing"):
        load(folder, policies=["p"])


@pytest.mark.parametrize("text", ["4m30s", "270", "0.075h", "4.5m"])
def test_durations_have_several_spellings_of_one_value(text: str, folder: Path) -> None:
    value: object = float(text) if text.isdecimal() else text
    assert load(folder, settings={"call_types.orders.talk": value}).call_types[1].talk.value == 270  # type: ignore[union-attr]


def test_clock_times_go_up_to_48_00(folder: Path) -> None:
    found = load(folder, settings={"calendar.opens": "22:00", "calendar.closes": "24:00", "surges.letter.at": "23:00"})
    assert found.calendar.closes == 86_400
    with pytest.raises(ScenarioError, match=r"calendar\.closes"):
        load(folder, settings={"calendar.closes": "48:30"})
