"""The commands that simulate, from the command line: what they print, write and return."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from experiments.cli.main import main
from sim.measures import MEASURES

SCENARIO = """
name = "small day"
[calendar]
start = 2026-03-12
opens = "09:00"
closes = "12:00"
[[call_types]]
name = "questions"
arrivals = { per_hour = 90 }
talk = { exponential = { mean = "3m" } }
patience = { exponential = { mean = "2m" } }
[[groups]]
name = "desk"
skills = ["questions"]
agents = 5
[[targets]]
measure = "answer_rate"
at_least = 0.9
"""
MORE = """
name = "one more at the desk"
[[groups]]
name = "desk"
agents = { plus = 1 }
"""


@pytest.fixture
def story(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    (folder / "policies").mkdir(parents=True)
    (folder / "scenario.toml").write_text(SCENARIO)
    (folder / "policies" / "more.toml").write_text(MORE)
    return folder


def call(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> tuple[str, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    said = capsys.readouterr()
    assert ended.value.code == code, said.err
    return said.out, said.err


def document(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> dict[str, Any]:
    found = json.loads(call(capsys, *words, "--json", code=code)[0])
    assert isinstance(found, dict)
    return found


def test_compare_prints_one_table_of_100_columns_and_nothing_on_stderr(
    story: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = call(capsys, "compare", story, "--days", 20, "--jobs", 1)
    lines = out.splitlines()
    assert lines[0].startswith("small day, Thursday 2026-03-12: 20 simulated days each")
    assert max(map(len, lines)) <= 100
    assert any(line.startswith("more ") for line in lines) and any("one more at the desk" in line for line in lines)
    assert err == ""


def test_compare_gives_the_same_numbers_whatever_the_number_of_workers(
    story: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = document(capsys, "compare", story, "--days", 9, "--jobs", 1)
    two = document(capsys, "compare", story, "--days", 9, "--jobs", 2)
    assert one == two
    assert one["schema"] == "callsim/compare/1" and [row["name"] for row in one["rows"]] == ["baseline", "more"]
    assert one["rows"][1]["gain"]["value"] > 0


def test_a_precision_that_is_not_reached_prints_the_result_and_exits_3(
    story: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("compare", story, "--precision", 0.01, "--days", 40, "--jobs", 1)
    out, err = call(capsys, *words, code=3)
    assert "more" in out and "precision not reached" in err
    found = document(capsys, *words, code=3)
    assert found["precision"]["reached"] is False and found["days"] == 40


def test_a_precision_that_is_reached_stops_at_a_look(story: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "compare", story, "--precision", 20, "--jobs", 1)
    assert found["precision"] == {"half_width": 0.2, "reached": True, "looks": 7, "data": None}
    assert found["days"] == 30


def test_run_prints_the_answer_before_the_grid_and_json_has_every_measure(
    story: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, _ = call(capsys, "run", story, "--days", 10, "--jobs", 1)
    assert out.index("answer rate") < out.index("half-hour      offered")
    assert max(map(len, out.splitlines())) <= 100
    found = document(capsys, "run", story, "--policy", "more", "--days", 10, "--jobs", 1)
    assert found["schema"] == "callsim/run/1" and len(found["intervals"]) == 7
    assert 0 < found["measures"]["answer_rate"] < 1


def test_the_log_of_a_run_has_one_row_per_call_and_trace_tells_one_of_them(
    story: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.csv"
    _, err = call(capsys, "run", story, "--days", 1, "--jobs", 1, "--log", log)
    assert "wrote" in err
    with log.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert 150 < len(rows) < 400 and rows[0]["date"] == "2026-03-12"
    out, _ = call(capsys, "trace", story, "--call", rows[3]["key"])
    assert "questions" in out and "desk" in out


@pytest.mark.parametrize("chart", ["answer-rate", "forest", "waits"])
def test_figures_are_written_whole(chart: str, story: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "figure.png"
    call(capsys, "compare", story, "--days", 3, "--jobs", 1, "--figure", path, "--chart", chart)
    assert path.read_bytes().startswith(b"\x89PNG") and path.read_bytes().rstrip().endswith(b"IEND\xaeB`\x82")
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_set_changes_a_value_by_its_path(story: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = document(capsys, "run", story, "--days", 5, "--jobs", 1)
    more = document(capsys, "run", story, "--days", 5, "--jobs", 1, "--set", "groups.desk.agents.plus=3")
    assert more["measures"]["answer_rate"] > plain["measures"]["answer_rate"]
    assert more["measures"]["attempted"] == plain["measures"]["attempted"]


# --- recorded calls ----------------------------------------------------------------------------------------------


@pytest.fixture
def log(story: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    path = tmp_path / "recorded.csv"
    call(capsys, "run", story, "--days", 1, "--jobs", 1, "--log", path)
    return path


def test_calibrate_writes_a_story_that_lints_and_runs(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "measured"
    out, _ = call(capsys, "calibrate", log, "-o", folder)
    assert max(len(line) for line in out.splitlines() if str(tmp_path) not in line) <= 100
    assert "assumed" in out and f"callsim run {folder}" in " ".join(out.split())
    assert call(capsys, "lint", folder)[0].splitlines()[-1].startswith("0 errors")
    shown, _ = call(capsys, "show", folder, "--assumptions")
    assert "measured  call_types.questions.arrivals" in shown
    assert document(capsys, "run", folder, "--days", 3, "--jobs", 1)["assumed"]


def test_calibrate_refuses_a_folder_that_is_not_empty_and_words_it_does_not_know(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "is not empty" in call(capsys, "calibrate", log, "-o", tmp_path, code=2)[1]
    new = tmp_path / "new"
    assert "is no weekday" in call(capsys, "calibrate", log, "-o", new, "--weekdays", "funday", code=2)[1]
    assert "must be a date" in call(capsys, "calibrate", log, "-o", new, "--from", "March", code=2)[1]
    assert "nothing recorded from" in call(capsys, "calibrate", log, "-o", new, "--from", "2027-01-01", code=2)[1]
    assert "must be a duration" in call(capsys, "calibrate", log, "-o", new, "--interval", "often", code=2)[1]
    assert "no such file" in call(capsys, "calibrate", tmp_path / "none.csv", "-o", new, code=2)[1]
    assert "must be all, recent, or how many" in call(capsys, "calibrate", log, "-o", new, "--talk-level", "soon", code=2)[1]
    assert not new.exists()


def test_calibrate_reads_an_interval_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "report.csv"
    path.write_text("start,offered,answered,abandoned,aht,heads\n2026-03-12T09:00,50,45,5,180,4\n2026-03-12T09:30,40,39,1,180,4\n")
    found = document(capsys, "calibrate", path, "-o", tmp_path / "story")
    assert found["schema"] == "callsim/calibrate/1"
    assert found["groups"][0]["call_types"][0]["aht"] == pytest.approx(180)
    assert found["groups"][0]["heads"] == {"agents": [4.0, 4.0]}
    assert found["groups"][0]["talk"]["hours"] == {"form": "same", "gain": None, "error": None}

    said = " ".join(call(capsys, "calibrate", path, "-o", tmp_path / "again")[0].split())
    assert "2 rows of 1 day; interval report" in said and "swing too few days to tell what differs from chance" in said
    assert "at all hours, for too few days to tell" in said and "too few days to tell how they differ" in said
    assert "+-0 %" not in said and "by chance alone" not in said  # of one day nobody knows


def test_replay_sets_the_record_beside_the_replay_and_compares_policies(
    log: Path, story: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = story / "policies" / "more.toml"
    words = ("replay", log, "--day", "2026-03-12", "--like", story, "--staffing", "scenario", "--policy", policy)
    out, _ = call(capsys, *words, "--days", 4, "--jobs", 1)
    lines = out.splitlines()
    assert max(map(len, lines)) <= 100
    said = next(line for line in lines if line.startswith("answer_rate ")).split()
    assert said[1] == said[3] and said[5] == "±0.0"  # a simulated log with its staffing repeats itself
    assert any(line.startswith("as it was") for line in lines)
    found = document(capsys, *words, "--days", 4, "--jobs", 1)
    assert found["schema"] == "callsim/replay/1" and found["record"] == found["replayed"]
    assert found["rows"][1]["label"] == "one more at the desk" and found["rows"][1]["gain"]["value"] > 0


def test_a_kept_replay_is_a_story_that_compare_reads(
    log: Path, story: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept"
    policy = story / "policies" / "more.toml"
    words = ("replay", log, "--day", "2026-03-12", "--policy", policy, "--days", 3, "--jobs", 1)
    first = document(capsys, *words, "-o", kept)
    again = document(capsys, "compare", kept, "--days", 3, "--jobs", 1)
    assert [row["value"] for row in first["rows"]] == [row["value"] for row in again["rows"]]


def test_replay_refuses_days_and_options_that_make_no_sense(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no calls on that day" in call(capsys, "replay", log, "--day", "2026-03-13", code=2)[1]
    assert "must be a date" in call(capsys, "replay", log, "--day", "thursday", code=2)[1]
    assert "needs --like" in call(capsys, "replay", log, "--day", "2026-03-12", "--staffing", "scenario", code=2)[1]
    assert "must be" in call(capsys, "replay", log, "--day", "2026-03-12", "--staffing", "guessed", code=2)[1]


# --- measures --------------------------------------------------------------------------------------------------


def test_measures_lists_every_measure_once_with_its_formula_in_100_columns(capsys: pytest.CaptureFixture[str]) -> None:
    said = call(capsys, "measures")[0].splitlines()
    assert max(len(line) for line in said) <= 100
    for name, measure in MEASURES.items():
        rows = [line for line in said if line.split(" ")[0] == name and measure.formula.split(" ")[0] in line]
        assert rows, name


def test_measures_shows_which_outcome_each_denominator_counts(capsys: pytest.CaptureFixture[str]) -> None:
    said = call(capsys, "measures")[0].splitlines()
    assert said[said.index(next(line for line in said if line.startswith("outcome"))) + 1].split() == ["blocked", "x"]
    found = document(capsys, "measures")
    assert found["schema"] == "callsim/measures/1"
    assert found["denominators"]["answered"] == ["answered", "called_back"]
    assert {one["name"] for one in found["measures"]} == set(MEASURES)


def test_replay_with_sessions_puts_agents_one_by_one_on_the_roster_of_a_story_that_runs(
    log: Path, story: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sessions, kept = tmp_path / "sessions.csv", tmp_path / "kept"
    rows = [f"{agent},2026-03-12 09:00,2026-03-12 12:00" for agent in range(5)]
    sessions.write_text("\n".join(["Agent,Login,Logout", *rows]) + "\n")
    words = ("replay", log, "--day", "2026-03-12", "--days", 3, "--jobs", 1, "--sessions", sessions)
    out, _ = call(capsys, *words, "-o", kept)
    assert max(map(len, out.splitlines())) <= 100
    assert any(line.startswith("agents ") and "5 one by one: sessions of sessions.csv" in line for line in out.splitlines())
    assert "attendance" in call(capsys, "run", kept, "--days", 2, "--jobs", 1)[0]
    more = kept / "policies" / "more.toml"
    more.parent.mkdir()
    more.write_text('name = "one more"\n[[groups]]\nname = "agents"\nagents = { plus = 1 }\n')
    assert document(capsys, "compare", kept, "--days", 3, "--jobs", 1)["rows"][1]["gain"]["value"] > 0
    said = call(capsys, *words, "--like", story, "--staffing", "scenario", code=2)[1]
    assert "who was there is said twice" in said
