"""The small commands: what a reader sees of lint, schema, init, show and erlang."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from experiments.cli.erlang import erlang
from experiments.cli.init import init
from experiments.cli.lint import lint
from experiments.cli.schema import schema
from experiments.cli.show import show
from sim.files.schema import schema as scenario_schema
from sim.scenario.errors import CallsimError, CannotFinishError

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"


def run(command: Callable[..., None], *words: object) -> Result:
    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, [str(word) for word in words])


def lines(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


# --- init and lint ---------------------------------------------------------------------------------------------


def test_init_writes_a_story_without_errors_and_names_the_next_command(tmp_path: Path) -> None:
    folder = tmp_path / "my day"
    said = lines(run(init, folder))
    assert said[-1] == f'next    callsim lint "{folder}"'
    assert (folder / "policies" / "more-agents.toml").is_file()
    assert lines(run(lint, folder))[-1].startswith("0 errors, ")


def test_init_refuses_a_folder_that_is_not_empty_and_leaves_it_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    result = run(init, tmp_path)
    assert isinstance(result.exception, CallsimError)
    assert "not empty" in str(result.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_init_refuses_a_file(tmp_path: Path) -> None:
    (tmp_path / "day").write_text("")
    assert "is a file" in str(run(init, tmp_path / "day").exception)


def test_init_says_when_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "day").write_text("")
    result = run(init, tmp_path / "day" / "below")  # a file is in the way, for every user
    assert isinstance(result.exception, CallsimError | CannotFinishError)


def test_lint_names_all_that_is_wrong_and_ends_with_2(tmp_path: Path) -> None:
    run(init, tmp_path / "day")
    path = tmp_path / "day" / "scenario.toml"
    text = path.read_text(encoding="utf-8")
    text = text.replace('skills = ["faults"]', 'skills = ["fault"]').replace("balking = 0.02", "balking = 2")
    path.write_text(text, encoding="utf-8")
    result = run(lint, tmp_path / "day")
    assert result.exit_code == 2
    assert 'did you mean "faults"' in result.output
    assert "balking" in result.output
    assert "scenario.toml" in result.output
    last = result.output.splitlines()[-1]
    assert last.startswith("2 errors, ")
    assert last.endswith("; nothing was run")


def test_lint_as_json_lists_path_place_and_what_was_found(tmp_path: Path) -> None:
    run(init, tmp_path / "day")
    path = tmp_path / "day" / "scenario.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("balking = 0.02", "balking = 2"), encoding="utf-8")
    result = run(lint, tmp_path / "day", "--json")
    assert result.exit_code == 2
    answer = json.loads(result.output)
    assert (answer["schema"], answer["errors"]) == ("callsim/lint/1", 1)
    problem = answer["problems"][0]
    assert problem["path"] == "call_types.billing.balking"
    assert "scenario.toml:" in problem["place"]


def test_lint_of_a_missing_story_says_so() -> None:
    result = run(lint, "no-such-story")
    assert result.exit_code == 2 or isinstance(result.exception, CallsimError)
    assert "no-such-story" in result.output + str(result.exception)


# --- schema ----------------------------------------------------------------------------------------------------


def misfit(value: Any, part: dict[str, Any], whole: dict[str, Any], path: str = "") -> str:
    """Where a value does not fit a JSON Schema of the kinds that `callsim schema` uses; "" when it does."""
    if "$ref" in part and (wrong := misfit(value, whole["$defs"][part["$ref"].rpartition("/")[2]], whole, path)):
        return wrong
    for word in ("anyOf", "oneOf"):
        if word in part and all(misfit(value, form, whole, path) for form in part[word]):
            return path
    if "const" in part and value != part["const"]:
        return path
    if "enum" in part and value not in part["enum"]:
        return path
    kinds: dict[str, Any] = {
        "string": not isinstance(value, dict | list | int | float),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
        "integer": isinstance(value, int) and not isinstance(value, bool),
        "boolean": isinstance(value, bool),
        "array": isinstance(value, list),
        "object": isinstance(value, dict),
    }
    allowed = part.get("type", [])
    if allowed and not any(kinds[kind] for kind in ([allowed] if isinstance(allowed, str) else allowed)):
        return path
    if isinstance(value, int | float) and not part.get("minimum", value) <= value <= part.get("maximum", value):
        return path
    if isinstance(value, list) and "items" in part:
        for place, entry in enumerate(value):
            if wrong := misfit(entry, part["items"], whole, f"{path}[{place}]"):
                return wrong
    if isinstance(value, dict):
        if missing := [name for name in part.get("required", ()) if name not in value]:
            return f"{path}: {missing}"
        for name, entry in value.items():
            inner = part.get("properties", {}).get(name, part.get("additionalProperties", True))
            if inner is False:
                return f"{path}.{name}"
            if isinstance(inner, dict) and (wrong := misfit(entry, inner, whole, f"{path}.{name}")):
                return wrong
    return ""


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*/scenario.toml")), ids=lambda path: path.parent.name)
def test_shipped_scenarios_fit_the_schema(path: Path) -> None:
    whole = scenario_schema()
    assert misfit(tomllib.loads(path.read_text("utf-8")), whole, whole, path.parent.name) == ""


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*/policies/*.toml")), ids=lambda path: path.stem)
def test_shipped_policies_fit_the_schema_of_policies(path: Path) -> None:
    whole = scenario_schema(partial=True)
    assert misfit(tomllib.loads(path.read_text("utf-8")), whole, whole, path.stem) == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('opens = "08:00"', "opens = 8"),
        ("cv = 0.08", "cv = -1"),
        ("[lines]", "[line]"),
        ('counts = "on phones"', 'counts = "all"'),
        ("exponential", "exponentiel"),
    ],
)
def test_the_schema_refuses_what_the_program_refuses(old: str, new: str) -> None:
    whole = scenario_schema()
    text = (SCENARIOS / "outage-surge" / "scenario.toml").read_text("utf-8")
    assert old in text
    assert misfit(tomllib.loads(text.replace(old, new)), whole, whole, "story")


def test_schema_prints_json_and_asks_less_of_a_policy() -> None:
    whole, policy = (json.loads(run(schema, *words).output) for words in ([], ["--policy"]))
    assert whole["required"] == ["name", "calendar", "call_types"]
    assert "required" not in policy


# --- show ------------------------------------------------------------------------------------------------------


def test_show_counts_the_calls_of_the_day_and_the_heads() -> None:
    said = lines(run(show, "outage-surge"))
    table = tomllib.loads((SCENARIOS / "outage-surge" / "scenario.toml").read_text("utf-8"))
    total = sum(sum(kind["arrivals"]["per_interval"]) for kind in table["call_types"])
    assert any(line.startswith("calls a day") and f"{total:,}" in line for line in said)
    assert any(line.startswith("surge ") and "network fault from 14:10" in line for line in said)
    row = next(line for line in said if line.startswith("14:30"))
    heads = [sum(group["agents"]["per_interval"][13] for group in table["groups"])]
    assert row.split()[3] == str(heads[0])
    assert max(map(len, said)) <= 100


def test_show_with_a_policy_shows_the_added_agents() -> None:
    plain = json.loads(run(show, "outage-surge", "--json").output)
    more = json.loads(run(show, "outage-surge", "--policy", "overtime", "--json").output)
    added = [b - a for a, b in zip(plain["heads"]["hotline"], more["heads"]["hotline"], strict=True)]
    assert added == [20.0 if "14:30" <= start < "17:00" else 0.0 for start in plain["starts"]]
    assert plain["calls"] == more["calls"]


def test_show_says_how_long_calls_take_and_who_is_new() -> None:
    said = lines(run(show, "new-hires"))
    assert "  bills                     1,755     29 %   handle time 290 s" in said
    assert "new agents                     20   of 80; at most 68 % of who is on the phones, at 18:00" in said
    answer = json.loads(run(show, "new-hires", "--policy", "no-course", "--json").output)
    assert answer["new_agents"] is None and answer["handle_time"]["bills"] < 290 - 20


def test_show_lists_what_is_only_assumed_and_what_is_a_range() -> None:
    said = lines(run(show, "outage-surge", "--assumptions"))
    assert any(line.startswith("assumed") and "factors.day.cv" in line for line in said)
    assert any(line.startswith("given") and "150 agents" in line for line in said)
    assert any("surges.network fault.calls.faults" in line and "600 - 900 - 1500" in line for line in said)


# --- erlang ----------------------------------------------------------------------------------------------------

PLANNER = ["--calls", 372, "--per", "30m", "--aht", "290s", "--agents", 74, "--within", "20s"]


def test_erlang_prints_the_figures_of_a_planners_sheet() -> None:
    said = lines(run(erlang, *PLANNER, "--patience", "150s", "--shrinkage", 0.28))
    expected = [
        "                           Erlang C (nobody hangs up)    Erlang A (mean patience 150 s)",
        "load                       59.9 erlangs                  59.9 erlangs",
        "answered within 20 s       98.0 %                        99.0 % of offered",
        "answer rate                100 % by assumption           99.7 %",
        "average wait               1.1 s                         0.5 s",
        "occupancy                  81.0 %                        80.7 %",
    ]
    assert said[:6] == expected
    assert said[6].startswith("needed for 80 % in 20 s    67 on phones")
    assert said[7] == "rostered, 28 % shrinkage   93.1 = 67 / (1 - 0.28)        (--markup: 67 x 1.28 = 85.8)"
    assert said[8] == "with 60 agents             average wait 72 min           94.1 % answered, 77.7 % within 20 s"


def test_erlang_by_the_other_convention_needs_fewer_heads() -> None:
    said = lines(run(erlang, *PLANNER, "--shrinkage", 0.28, "--markup"))
    assert "67 x 1.28 = 85.8              (93.1 = 67 / (1 - 0.28))" in said[-2]


def test_erlang_c_has_no_answer_in_overload_and_says_so() -> None:
    said = lines(run(erlang, "--calls", 372, "--aht", 290, "--agents", 50, "--patience", 150))
    row = next(line for line in said if line.startswith("answered within"))
    assert "no answer: 59.9 on 50" in row


def test_erlang_b_counts_busy_tones() -> None:
    answer = json.loads(run(erlang, "--calls", 120, "--per", "1h", "--aht", "2m", "--lines", 8, "--json").output)
    assert answer["schema"] == "callsim/erlang/1"
    assert answer["result"]["load"] == pytest.approx(4.0)
    # Erlang (1917): B(8, 4) = (4^8 / 8!) / sum of 4^k / k! for k = 0 to 8
    assert answer["blocked"] == pytest.approx(0.030420, abs=1e-6)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--calls", 10], "--aht"),
        (["--calls", 10, "--aht", "fast"], "--aht"),
        (["--calls", 10, "--aht", "4:30"], "--aht"),
        (["--calls", 10, "--aht", 60, "--per", "0s"], "--per"),
        (["--calls", -1, "--aht", 60], "calls"),
        (["--calls", "nan", "--aht", 60], "calls"),
        (["--calls", 10, "--aht", 60, "--shrinkage", 1], "shrinkage"),
    ],
)
def test_erlang_refuses_what_makes_no_sense_and_names_it(words: list[object], named: str) -> None:
    result = run(erlang, *words)
    assert isinstance(result.exception, CallsimError)
    assert named in str(result.exception)


def test_erlang_counts_a_whole_sheet(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("start,calls,aht,agents\n10:00,372,290,74\n10:30,372,290,50\nTotal,744,290,\n", encoding="utf-8")
    said = lines(run(erlang, "--file", sheet, "--patience", "150s", "--shrinkage", 0.28))
    rows = [line.split() for line in said if line[:2] == "10"]
    assert [row[0] for row in rows] == ["10:00", "10:30"]
    assert "98.0 %" in next(line for line in said if line.startswith("10:00"))
    assert "93.1" in rows[0]
    assert any("sheet.csv:4: total row skipped" in line for line in said)
    assert max(len(line) for line in said if str(tmp_path) not in line) <= 100


def test_erlang_of_a_sheet_names_the_cell_that_is_wrong(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("start,calls,aht\n10:00,many,290\n", encoding="utf-8")
    error = str(run(erlang, "--file", sheet).exception)
    assert "sheet.csv" in error
    assert "many" in error
