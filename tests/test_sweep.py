"""Sweeps: cells of study files, what is read off them, what is wrong with them, and how they go on."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sqlite3
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from python_calamine import CalamineWorkbook

from experiments.cli.main import main
from experiments.compare import compare
from experiments.design import Span, design, factor_from
from experiments.gate_file import read_gate
from experiments.identity import MODEL_VERSION
from experiments.run import run
from experiments.statistics import ratio
from experiments.store import Store
from experiments.study_file import read_study
from experiments.sweep import linearized, pareto, study_of, sweep
from sim.files.stories import stories
from sim.files.write_table import as_parquet, as_xlsx
from sim.scenario.errors import CallsimError, ScenarioError

FILE = """
name = "agents and lines"
story = "golden-club"
policies = ["baseline", "priority"]
days = 4
measures = ["answer_rate", "asa"]
baseline = "agents.plus=0, lines.trunks=90"
thresholds = ["answer_rate >= 0.5", "answer_rate >= baseline - 0.2"]
[factors]
"groups.hotline.agents.plus" = [-2, 0]
"lines.trunks" = [80, 90]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "study.toml").write_text(FILE, encoding="utf-8")
    return tmp_path


def call(*words: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return int(ended.value.code or 0)


def test_a_grid_has_every_combination_and_reads_like_a_comparison(folder: Path) -> None:
    plan = read_study(Path("study.toml"))
    assert [cell.name for cell in plan.cells[:2]] == ["agents.plus=-2, lines.trunks=80", "agents.plus=-2, lines.trunks=90"]
    assert len(plan.cells) == 8 and plan.cells[4].name == "priority, agents.plus=-2, lines.trunks=80"
    with Store("s.sqlite") as store:
        found = sweep(plan, store)
        assert found.new == 32 and sweep(plan, store).new == 0
    compared = compare(run(study_of(plan, plan.cells, 4)), baseline=plan.baseline)
    for row in found.rows:
        one = compared.row(row.cell.name)
        assert row.values["answer_rate"] == one.value and row.gains["answer_rate"] == one.gain
        assert row.verdict == one.verdict and row.hours == one.cost.paid_hours
        assert [verdict.word for verdict in row.thresholds] == ["undecided", "undecided"]  # four days decide nothing


def test_several_stories_stand_side_by_side(folder: Path) -> None:
    text = 'stories = ["golden-club", "outage-surge"]\ndays = 2\n[factors]\n"groups.hotline.agents.plus" = [0, 3]\n'
    (folder / "study.toml").write_text(text)
    plan = read_study(Path("study.toml"))
    assert [cell.name for cell in plan.cells[1:3]] == ["golden-club, agents.plus=3", "outage-surge, agents.plus=0"]
    with Store("s.sqlite") as store:
        rows = sweep(plan, store).rows
    assert rows[2].cell.scenario.name == "outage surge" and rows[2].gains["answer_rate"] is not None


def test_a_precision_adds_days_until_it_is_reached(folder: Path) -> None:
    text = 'story = "golden-club"\ndays = 240\nprecision = {}\n[factors]\n"groups.hotline.agents.plus" = [0, 1]\n'
    (folder / "study.toml").write_text(text.format(1.0))
    with Store("s.sqlite") as store:
        found = sweep(read_study(Path("study.toml")), store)
        assert found.reached and found.days == 30
        (folder / "study.toml").write_text(text.format(0.0001))
        found = sweep(read_study(Path("study.toml")), store)
        assert not found.reached and found.days == 240 and found.new == 2 * 210


def test_factors_are_lists_or_spans_of_numbers_and_durations() -> None:
    assert factor_from("x", [1, 2]) == (1, 2)
    assert factor_from("x", {"low": 1, "high": 3, "points": 5}) == Span(1.0, 3.0, 5)
    grid = design({"a": Span(1.0, 3.0, 3), "b": ("x",)}, "grid", points=None, seed=1)
    assert grid == [{"a": 1.0, "b": "x"}, {"a": 2.0, "b": "x"}, {"a": 3.0, "b": "x"}]
    spans = {"t": factor_from("t", {"low": "60s", "high": "2m"}), "n": Span(1.0, 9.0, whole=True)}
    assert design(spans, "one at a time", points=None, seed=1) == [{}, {"t": "1m"}, {"t": "2m"}, {"n": 1}, {"n": 9}]


@pytest.mark.parametrize("method", ["latin hypercube", "sobol"])
def test_samples_fill_their_space_and_repeat(method: str) -> None:
    spans = {"a": Span(0.0, 1.0), "b": Span(10.0, 20.0)}
    points = design(spans, method, points=16, seed=3)  # type: ignore[arg-type]
    assert points == design(spans, method, points=16, seed=3) != design(spans, method, points=16, seed=4)  # type: ignore[arg-type]
    for path, low, high in (("a", 0.0, 1.0), ("b", 10.0, 20.0)):
        sixteenths = [math.floor((point[path] - low) / (high - low) * 16) for point in points]
        assert sorted(sixteenths) == list(range(16))  # one in each sixteenth: both methods promise that


WRONG = {
    'story = "golden-club"\n[factors]\n"groups.hotlin.agents.plus" = [1]': ':3: factors."groups.hotlin.agents.plus": groups',
    'story = "golden-club"\n[factors]\n"groups.hotline.agents.plus" = ["many"]': "must be a number",
    'story = "golden-club"\n[factors]\n"lines.trunks" = [90.5]': 'factors."lines.trunks"',
    'story = "golden-club"\n[factors]\n"lines.trunks" = 90': "must be a list of values, or { low",
    'story = "golden-club"\n[factors]\n"lines.trunks" = { low = 3, high = 1 }': "low must be below high",
    'story = "golden-club"\n[factors]\n"lines.trunks" = { low = 3, hihg = 1 }': "must be a list of values",
    'story = "golden-club"\nmeasures = ["anser_rate"]': ':2: measures: no measure "anser_rate"; did you mean "answer_rate"?',
    'story = "golden-club"\nthresholds = ["answer_rate >= 90"]': ":2: thresholds: a share is from 0 to 1; did you mean 0.9?",
    "days = 3": "story: give one, or several as stories",
    'story = "golden-club"\nbaseline = "x"': ':2: baseline: no cell "x"',
    'story = "golden-club"\npolicies = ["prority"]': 'no policy "prority"; did you mean "priority"',
    'story = "golden-club"\ndesign = "sobol"\npoints = 12\n[factors]\n"lines.trunks" = { low = 3, high = 9 }': "points: must be",
    'story = "golden-club"\ndesign = "sobol"\n[factors]\n"lines.trunks" = [3, 9]': "is a list; design",
    'story = "golden-club"\ndesign = "sobl"': ':2: design: must be "grid"',
    'story = "golden-club"\ndays = 0': ":2: days: must be at least 1",
    'story = "golden-club"\n[factors]\n"lines.trunks" = [90, 90]': "two cells are called",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_named_with_its_line_before_anything_runs(text: str, folder: Path) -> None:
    (folder / "study.toml").write_text(text + "\n")
    with pytest.raises(ScenarioError) as caught:
        read_study(Path("study.toml"))
    assert WRONG[text] in str(caught.value) and "study.toml" in str(caught.value)
    assert call("sweep", "study.toml", "-o", "out") == 2 and not (folder / "out").exists()


def test_the_command_writes_goes_on_and_does_not_write_over(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("sweep", "study.toml", "-o", "out") == 0
    out = capsys.readouterr().out
    assert "8 cells, 4 simulated days each" in out and "32 days now" in out and "8 undecided of 8 cells" in out
    assert all(len(line) <= 100 for line in out.splitlines())
    first = (folder / "out" / "results.csv").read_text()
    assert call("sweep", "study.toml", "-o", "out") == 2
    assert "--resume goes on with it" in capsys.readouterr().err
    assert call("sweep", "study.toml", "-o", "out", "--resume") == 0
    assert "0 days now, 32 were stored" in capsys.readouterr().out
    assert (folder / "out" / "results.csv").read_text() == first
    (folder / "study.toml").write_text(FILE.replace("[-2, 0]", "[-2, 0, 2]").replace("days = 4", "days = 5"))
    assert call("sweep", "study.toml", "-o", "out", "--resume", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["new"] == 12 * 5 - 32 and len(document["cells"]) == 12
    runs = json.loads((folder / "out" / "manifest.json").read_text())["runs"]
    assert len(runs) == 3 and all(one["ended"] and one["callsim"] for one in runs) and len(runs[2]["cells"]) == 12


def test_tables_hold_one_row_per_cell_in_every_form(folder: Path) -> None:
    pytest.importorskip("pyarrow")
    import pyarrow.parquet

    assert call("sweep", "study.toml", "-o", "out", "--parquet") == 0
    with (folder / "out" / "results.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["lines.trunks"] for row in rows] == ["80", "90"] * 4 and rows[3]["answer_rate gain"] == ""
    sheet = CalamineWorkbook.from_path(str(folder / "out" / "results.xlsx")).get_sheet_by_name("results").to_python()
    assert sheet[0] == list(rows[0]) and len(sheet) == 9
    assert sheet[1][5] == pytest.approx(float(rows[0]["answer_rate"]), rel=1e-12)
    table = pyarrow.parquet.read_table(folder / "out" / "results.parquet").to_pydict()
    assert list(table) == list(rows[0]) and table["answer_rate gain"][3] is None


def test_text_in_a_workbook_is_never_a_formula() -> None:
    content = as_xlsx({"cell": ["=1+1", "http://x"], "n": [math.nan, None]})
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert book.get_sheet_by_index(0).to_python()[1:] == [["=1+1", ""], ["http://x", ""]]
    assert content == as_xlsx({"cell": ["=1+1", "http://x"], "n": [math.nan, None]})


def test_parquet_without_its_library_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(CallsimError, match=r'pip install "callsim\[parquet\]"'):
        as_parquet({"a": [1]})


def test_a_folder_of_another_version_of_the_model_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("sweep", "study.toml", "-o", "out") == 0
    with sqlite3.connect(folder / "out" / "store.sqlite") as file:
        file.execute("UPDATE keys SET model = 0")
    assert call("sweep", "study.toml", "-o", "out", "--resume") == 2
    assert "made by version 0 of the model" in capsys.readouterr().err


def test_ctrl_c_says_how_to_go_on_and_loses_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own, puts = Store.put, []

    def put(*words: object) -> None:
        own(*words)  # type: ignore[arg-type]
        puts.append(words)
        if len(puts) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(Store, "put", put)
    assert call("sweep", "study.toml", "-o", "out", "--jobs", 1) == 130
    assert "callsim sweep study.toml -o out --resume goes on" in capsys.readouterr().err
    monkeypatch.setattr(Store, "put", own)
    assert call("sweep", "study.toml", "-o", "out", "--resume") == 0
    stored = sum(len(words[2]) for words in puts)  # type: ignore[misc]
    assert 0 < stored < 32 and f"{32 - stored} days now, {stored} were stored" in capsys.readouterr().out


def test_the_front_holds_what_no_other_point_beats() -> None:
    values, prices = [0.9, 0.8, 0.95, 0.9, math.nan, 0.7], [10.0, 10.0, 12.0, 11.0, 1.0, 9.0]
    assert pareto(values, prices) == [True, False, True, False, False, True]
    assert pareto([5.0, 4.0], [1.0, 1.0], more_is_better=False) == [False, True]
    assert pareto([0.9, 0.9], [1.0, 1.0]) == [True, True]  # equal ones beat nobody


def test_linearized_days_have_the_mean_and_the_spread_of_the_ratio() -> None:
    chance = np.random.default_rng(1)
    below = chance.gamma(50, 20, 400)
    above = 0.9 * below + chance.normal(0, 10, 400)
    values = linearized(above, below)
    one = ratio(above, below)
    assert values.mean() == pytest.approx(one.value, abs=1e-12)
    assert 1.966 * values.std(ddof=1) / 20 == pytest.approx(one.half_width, rel=0.01)


SHIPPED = [path / "study.toml" for path in stories().values() if (path / "study.toml").exists()]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_shipped_studies_run(path: Path, tmp_path: Path) -> None:
    plan = replace(read_study(path), days=2)
    with Store(tmp_path / "s.sqlite") as store:
        assert len(sweep(plan, store).rows) == len(plan.cells) >= 4


def blocks(page: str, language: str) -> list[str]:
    text = (Path(__file__).resolve().parent.parent / "docs" / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_what_the_docs_show_is_read(folder: Path) -> None:
    (shown,) = blocks("studies.md", "toml")
    (folder / "study.toml").write_text(shown)
    assert len(read_study(Path("study.toml")).cells) == 3 * 3 * 3 * 3
    (gate,) = blocks("ci.md", "toml")
    (folder / "gate.toml").write_text(gate.replace('story = "."', 'story = "golden-club"'))
    assert len(read_gate(Path("gate.toml"), accepting=True).gate.thresholds) == 5


def test_what_the_docs_run_runs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = blocks("studies.md", "python")
    exec(compile(block.replace("replications=40", "replications=3"), "studies.md", "exec"), {})
    assert "Estimate(" in capsys.readouterr().out


def test_a_folder_says_what_it_holds_and_what_made_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("sweep", "study.toml", "-o", "out") == 0
    capsys.readouterr()
    assert call("results", "out") == 0
    out = capsys.readouterr().out
    assert "agents and lines: 8 cells, 4 days each, seed 1; callsim" in out and "32 simulated days of version" in out
    assert call("results", "out", "--json") == 0
    assert json.loads(capsys.readouterr().out)["models"] == {str(MODEL_VERSION): 32}
    assert call("results", "nowhere") == 2
    manifest = json.loads((folder / "out" / "manifest.json").read_text())
    assert set(manifest["runs"][0]["cells"].values()) == set(manifest["scenarios"])
