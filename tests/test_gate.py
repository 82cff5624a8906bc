"""The gate: what it decides, what it keeps of a baseline, what it prints, and what it ends with."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from experiments.baseline import read_baseline, write_baseline
from experiments.cli import gate as command
from experiments.cli.main import main
from experiments.gate import Gate, accept, decide
from experiments.gate_file import read_gate
from experiments.screens import gate_formats
from experiments.threshold import parse_all
from sim.files import load
from sim.files.stories import stories
from sim.scenario.errors import CallsimError, ScenarioError
from sim.scenario.scenario import Scenario

STORY = load("golden-club")
WORSE = STORY.with_({"groups.hotline.agents.plus": -4})
FILE = """
story = "golden-club"
days = 80
baseline = "baseline.json"
thresholds = [
  "answer_rate >= 0.80",
  "answer_rate >= baseline - 0.005",   # the promise
]
"""


def gate(scenario: Scenario = STORY, *texts: str, baseline: object = None, days: int = 80) -> Gate:
    thresholds = parse_all(list(texts), scenario, baseline=baseline is not None)
    return Gate(scenario, tuple(thresholds), days=days, baseline=baseline)  # type: ignore[arg-type]


def call(*words: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return int(ended.value.code or 0)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    (tmp_path / "gate.toml").write_text(FILE, encoding="utf-8")
    return tmp_path


def test_a_against_a_is_met_at_the_first_look() -> None:
    found = decide(gate(STORY, "answer_rate >= baseline", "answer_rate >= baseline - 0.005", baseline=STORY))
    assert found.word == "met" and found.days == 20 and all(one.value == 0 for one in found.verdicts)


def test_a_against_a_with_fewer_agents_is_missed() -> None:
    found = decide(gate(WORSE, "answer_rate >= baseline - 0.005", baseline=STORY))
    assert found.word == "missed" and found.verdicts[0].high < -0.005


def test_two_replications_are_undecided_and_never_met() -> None:
    found = decide(gate(STORY, "answer_rate >= 0.01", "answer_rate >= 0.99", days=2))
    assert {one.word for one in found.verdicts} == {"undecided"} and found.days == 2


def test_days_are_added_only_until_all_is_decided() -> None:
    easy = decide(gate(STORY, "answer_rate >= 0.5", days=400))
    assert easy.looks == (50, 100, 200, 400) and easy.days == 50
    value = float(easy.verdicts[0].value)
    hard = decide(gate(STORY, "answer_rate >= 0.5", f"answer_rate >= {value:.5f}", days=400))
    assert hard.days == 400 and hard.verdicts[0].days == 50  # what was decided stays so


def test_neither_workers_nor_the_engine_change_a_verdict() -> None:
    asked = gate(STORY, "answer_rate >= 0.92", "chance(asa <= 10s) >= 0.6")
    plain = decide(asked)
    with ThreadPoolExecutor(3) as pool:
        assert decide(asked, executor=pool).verdicts == plain.verdicts
    short = replace(asked, days=20)
    assert decide(replace(short, engine="reference")).verdicts == decide(short).verdicts


def test_a_kept_baseline_decides_as_the_scenario_itself_would(tmp_path: Path) -> None:
    texts = ("answer_rate >= baseline - 0.01", "asa[10:00-12:00] <= baseline + 5s")
    path = tmp_path / "b.json"
    path.write_text(write_baseline(accept(gate(STORY, *texts, baseline=STORY), version="0")))
    kept = read_baseline(path)
    for candidate in (STORY, WORSE):
        assert decide(gate(candidate, *texts, baseline=kept)).verdicts == decide(gate(candidate, *texts, baseline=STORY)).verdicts


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": 2}, "made with seed 1, the gate says 2"),
        ({"days": 100}, "holds 80 days, the gate asks for 100"),
        ({"measuring": replace(gate().measuring, within=30.0)}, "counted in another way"),
    ],
)
def test_a_baseline_that_does_not_go_with_the_gate_is_refused(change: dict[str, object], said: str) -> None:
    asked = gate(STORY, "answer_rate >= baseline", baseline=STORY)
    kept = accept(asked, version="0")
    with pytest.raises(CallsimError, match=said):
        decide(replace(asked, baseline=kept, **change))  # type: ignore[arg-type]
    other = gate(STORY, "asa <= baseline", baseline=kept)
    with pytest.raises(CallsimError, match="holds no asa: callsim gate --accept"):
        decide(other)


def test_an_altered_an_older_and_a_missing_baseline_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "b.json"
    kept = accept(gate(STORY, "answer_rate >= 0.5"), version="0.1")
    text = write_baseline(kept)
    path.write_text(re.sub(r'"above": \[\d', '"above": [9', text))
    with pytest.raises(CallsimError, match="was changed after it was written"):
        read_baseline(path)
    for wrong in ("{", "[]", '{"schema": "callsim/baseline/1"}'):
        path.write_text(wrong)
        with pytest.raises(CallsimError, match="is no baseline"):
            read_baseline(path)
    path.write_text(write_baseline(replace(kept, model_version=0)))
    with pytest.raises(CallsimError, match="version 0 of the model"):
        read_baseline(path)
    with pytest.raises(CallsimError, match="no such baseline; callsim gate --accept"):
        read_baseline(tmp_path / "none.json")


def test_the_command_accepts_and_decides(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("gate", "gate.toml") == 2  # there is no baseline yet
    assert "callsim gate --accept writes it" in capsys.readouterr().err
    assert call("gate", "gate.toml", "--accept") == 0
    assert call("gate", "gate.toml") == 0
    out = capsys.readouterr().out
    for said in ("answer_rate >= baseline - 0.5 points", "overall            met", "changed            nothing"):
        assert said in out
    file = folder / "gate.toml"
    file.write_text(FILE + '[set]\n"groups.hotline.agents.plus" = -4\n')
    assert call("gate", "gate.toml", "--format", "github", "--junit", "gate.xml") == 99
    out = capsys.readouterr().out
    assert "groups.hotline.agents.changes.0.plus: nothing -> -4" in out and "MISSED" in out
    assert re.search(r"^::error file=gate.toml,line=7,title=answer_rate missed::answer_rate >= baseline", out, re.MULTILINE)
    suite = ElementTree.parse(folder / "gate.xml").getroot()
    assert suite.attrib["tests"] == "2" and suite.attrib["failures"] == "1"
    cases = suite.findall("testcase")
    assert [case.attrib["line"] for case in cases] == ["6", "7"] and cases[1].find("failure") is not None
    assert call("gate", "gate.toml", "--accept") == 0
    out = capsys.readouterr().out
    assert re.search(r"answer_rate 9\d\.\d\d % -> \d\d\.\d\d %", out) and "nothing -> -4" in out


@pytest.mark.parametrize(("undecided", "code", "kind"), [("fail", 3, "::error"), ("warn", 0, "::warning"), ("pass", 0, "")])
def test_undecided_ends_as_the_file_says(
    undecided: str, code: int, kind: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "gate.toml").write_text(f'story = "golden-club"\ndays = 5\nundecided = "{undecided}"\nthresholds = ["asa <= 1h"]\n')
    assert call("gate", "gate.toml", "--format", "github") == code
    captured = capsys.readouterr()
    assert "undecided, about 15 more days" in captured.out and ("warning" in captured.err) == (undecided == "warn")
    assert [line[: len(kind)] for line in captured.out.splitlines() if line.startswith("::")] == ([kind] if kind else [])


def test_the_document_has_its_schema_and_every_threshold(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call("gate", "gate.toml", "--accept")
    capsys.readouterr()
    assert call("gate", "gate.toml", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    said = re.search(r"callsim/gate/1: (.*?)\n\"\"\"", str(gate_formats.__doc__) + '"""', re.DOTALL)
    assert said is not None and all(key in said[1] for key in document if key not in ("schema",))
    assert document["schema"] == "callsim/gate/1" and document["verdict"] == "met" and document["baseline"]["days"] == 80
    assert [one["line"] for one in document["thresholds"]] == [6, 7]


def test_a_summary_is_appended_and_never_above_what_github_takes(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = folder / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    (folder / "gate.toml").write_text('story = "golden-club"\ndays = 20\nthresholds = ["answer_rate >= 0.5"]\n')
    assert call("gate", "gate.toml") == 0
    text = summary.read_text()
    assert text.startswith("before\n### callsim gate: met") and "| `answer_rate >= 50 %` |" in text
    monkeypatch.setattr(command, "_MOST_SUMMARY", len(text) + 10)
    assert call("gate", "gate.toml") == 0
    assert summary.read_text() == text and "is full" in capsys.readouterr().err


WRONG = {
    'story = "golden-club"\nthresholds = ["anser_rate >= 0.9"]': 'gate.toml:2: thresholds.0: no measure "anser_rate"; did',
    'story = "golden-club"\nthresholds = [\n "asa <= 1",\n "answer_rate >= 90",\n]': "gate.toml:4: thresholds.1: a share is",
    'story = "golden-club"\nthresholds = []': "gate.toml:2: thresholds: must not be empty",
    'story = "golden-club"\nthreshold = ["asa <= 1"]': 'threshold: no such key; did you mean "thresholds"',
    'story = "golden-clu"\nthresholds = ["asa <= 1"]': 'did you mean "golden-club"',
    'story = "golden-club"\npolicies = ["prority"]\nthresholds = ["asa <= 1"]': 'no policy "prority"; did you mean "priority"',
    'story = "golden-club"\nundecided = "maybe"\nthresholds = ["asa <= 1"]': 'undecided: must be "fail", "warn" or "pass"',
    'story = "golden-club"\nthresholds = ["asa <= 1"]\n[set]\n"groups.hotlin.agents" = 3': "did you mean",
    'story = "golden-club"\nthresholds = ["asa <= baseline"]': "there is no baseline to compare with",
    'story = "golden-club"\ndays = 1\nthresholds = ["asa <= 1"]': "gate.toml:2: days: must be at least 2",
    'story = "golden-club"\nthresholds = ["asa <= 1"]\n[measuring]\nwithin = "soon"': "measuring.within",
    "story = ": "is not TOML",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_gate_file_is_named_with_its_line_before_anything_runs(
    text: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "gate.toml").write_text(text + "\n")
    with pytest.raises(ScenarioError) as caught:
        read_gate(Path("gate.toml"))
    assert WRONG[text] in str(caught.value)
    monkeypatch.setattr("experiments.gate.run", lambda *_, **__: pytest.fail("something ran"))
    assert call("gate", "gate.toml") == 2


@pytest.mark.parametrize("story", sorted(name for name, path in stories().items() if (path / "gate.toml").exists()))
def test_the_gates_of_shipped_stories_are_met(story: str, folder: Path) -> None:
    assert call("gate", story) == 0


def test_a_baseline_may_be_another_scenario_beside_it(folder: Path) -> None:
    (folder / "gate.toml").write_text(
        'story = "golden-club"\npolicies = ["priority"]\ndays = 40\nthresholds = ["answer_rate >= baseline - 0.01"]\n'
        "[baseline]\npolicies = []\n"
    )
    read = read_gate(Path("gate.toml"))
    assert read.gate.baseline == STORY and read.gate.scenario != STORY
    assert call("gate", "gate.toml") == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("run", "golden-club", "--threshold", "answer_rate >= 0.5", "--days", 20), 0),
        (("run", "golden-club", "--threshold", "answer_rate >= 0.99", "--days", 20), 99),
        (("run", "golden-club", "--threshold", "answer_rate >= 0.5", "--days", 5), 3),
        (("run", "golden-club", "--threshold", "answer_rate >= baseline", "--days", 5), 2),
        (("compare", "golden-club", "--policies", "priority", "--threshold", "answer_rate >= baseline - 0.01", "--days", 30), 0),
        (("compare", "golden-club", "--threshold", "answer_rate >= baseline - 0.01", "--days", 30), 99),
    ],
)
def test_run_and_compare_end_with_their_thresholds(
    words: tuple[object, ...], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(*words) == code
    captured = capsys.readouterr()
    assert code == 2 or "answer_rate >=" in captured.out
    if code not in (2, 3):
        assert call(*words, "--json") == code
        assert json.loads(capsys.readouterr().out)["thresholds"][0]["verdict"] in ("met", "missed")


def test_lint_speaks_to_github(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("init", "mine") == 0
    path = folder / "mine" / "scenario.toml"
    path.write_text(path.read_text().replace("talk =", "tlak ="))
    capsys.readouterr()
    assert call("lint", "mine", "--format", "github") == 2
    out = capsys.readouterr().out
    assert re.search(r"^::error file=mine/scenario.toml,line=\d+,title=call_types\S+::.*tlak", out, re.MULTILINE)
    assert call("lint", "mine", "--format", "xml") == 2


@pytest.mark.parametrize(
    ("of", "keys"), [("gate", {"thresholds", "baseline", "undecided"}), ("study", {"factors", "design", "select"})]
)
def test_editors_can_complete_gate_and_study_files(of: str, keys: set[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert call("schema", "--of", of) == 0
    found = json.loads(capsys.readouterr().out)
    assert keys <= set(found["properties"]) and found["additionalProperties"] is False
    assert call("schema", "--of", "x") == 2 and "scenario, gate, study" in capsys.readouterr().err
