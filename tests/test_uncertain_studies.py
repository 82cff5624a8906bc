"""Uncertain parameters in explain, sweep and across, and a precision that data error keeps out of reach."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.across import across
from experiments.cause_sets import CauseSets
from experiments.cli.main import main
from experiments.explain import explain
from experiments.study_file import read_study
from experiments.threshold import parse
from sim.chance import resolve
from sim.files import load
from sim.scenario.errors import CallsimError
from tests.recorded_days import story_with_sets

SETS = 7
TARGET = parse("answer_rate >= 0.95")
POLICY = """name = "one more"
[[groups]]
name = "all"
agents = { plus = 1 }
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A story measured on 12 days, with 7 sets beside it and a policy."""
    return story_with_sets(tmp_path_factory.mktemp("made"), SETS, "more", POLICY)


@pytest.fixture
def desk(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(made, tmp_path / "desk"))


def call(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> str:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    said = capsys.readouterr()
    assert int(ended.value.code or 0) == code, said.out + said.err
    return said.out if code == 0 else said.out + said.err


def squared(parts: dict[str, float]) -> float:
    return float(np.hypot(parts["simulation"], parts["data"]))


# --- across ---------------------------------------------------------------------------------------------------------


def test_across_holds_data_error_in_values_and_leads(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["compare", "desk", "--across", "call_types.a.balking=0.05,0.2", "--parameters", "uncertain", "--days", 4 * SETS]
    document = json.loads(call(capsys, *words, "--json"))
    assert (document["parameters"], document["sets"], len(document["columns"])) == ("uncertain", SETS, 2)
    for column in document["columns"]:
        for name, value in column["values"].items():
            assert (value["high"] - value["low"]) / 2 == pytest.approx(squared(column["half_width"][name]))
            assert column["half_width"][name]["data"] > 0
        lead = column["lead"]
        assert (lead["high"] - lead["low"]) / 2 == pytest.approx(squared(column["lead_half_width"]))
    text = call(capsys, *words)
    assert "data, more" in text and "data, lead" in text and "± is simulation and data together" in " ".join(text.split())
    fixed = json.loads(call(capsys, *words[:4], "--days", 20, "--json"))
    assert (fixed["parameters"], fixed["sets"], fixed["columns"][0]["lead_half_width"]) == ("fixed", None, None)


def test_a_value_across_stands_in_every_set(desk: Path) -> None:
    scenario = load(desk, parameters="uncertain")
    found = across({"a": scenario, "b": scenario}, "call_types.a.balking", [0.3, 0.4], days=2 * SETS)
    assert found.sets == SETS and found.columns[0].lead.value == 0.0
    column = scenario.with_({"call_types.a.balking": 0.3})
    assert {resolve(column, seed=1, replication=number).call_types[0].balking for number in range(SETS)} == {0.3}


# --- explain --------------------------------------------------------------------------------------------------------


def test_a_cause_is_taken_away_in_every_set_from_that_sets_own_day(desk: Path) -> None:
    scenario = load(desk, parameters="uncertain")
    sources = CauseSets(scenario)
    names = [sources.found[place].name for place in sources.there]
    assert {"swing", "menus", "hours"} <= set(names)
    swing, hours = (sources.there[names.index(name)] for name in ("swing", "hours"))
    for number in range(SETS):
        own = resolve(scenario, seed=1, replication=number)
        calm = resolve(sources.without([swing]), seed=1, replication=number)
        assert not calm.factors and all(kind.busyness.cv == 0 for kind in calm.call_types)
        assert [kind.arrivals for kind in calm.call_types] == [kind.arrivals for kind in own.call_types]
        laid = resolve(sources.without([hours, swing]), seed=1, replication=number)
        heads, before = (np.array(one.groups[0].agents.per_interval) for one in (laid, own))
        assert heads.sum() == pytest.approx(before.sum(), rel=1e-4) and not np.allclose(heads, before, atol=0.01)
        assert not laid.factors
    assert sources.without([]) == scenario
    fixed = CauseSets(load(desk))
    assert fixed.without([hours]) == resolve(sources.without([hours]), seed=1, middle=True)


def test_explain_holds_data_error_in_today_causes_and_shares(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["explain", "desk", "--target", "answer_rate >= 0.95", "--parameters", "uncertain", "--days", 4 * SETS]
    document = json.loads(call(capsys, *words, "--json"))
    assert (document["parameters"], document["sets"]) == ("uncertain", SETS)
    today = document["today"]
    assert (today["high"] - today["low"]) / 2 == pytest.approx(squared(document["half_width"]))
    there = [one for one in document["causes"] if one["there"]]
    for one in there:
        for key in ("alone", "share"):
            assert (one[key]["high"] - one[key]["low"]) / 2 == pytest.approx(squared(one[f"{key}_half_width"]))
    whole = document["without_all"]["value"] - today["value"]
    assert sum(one["share"]["value"] for one in there) == pytest.approx(whole)
    assert document["enough"]["half_width"]["data"] > 0
    text = " ".join(call(capsys, *words).split())
    assert "± is simulation and data together" in text and "how sure today: simulation ±" in text


def test_explain_of_fixed_inputs_is_what_it_was(desk: Path) -> None:
    found = explain(load(desk), TARGET, days=20)
    assert found.sets is None and found.halves is None and all(one.share_halves is None for one in found.shares)


def test_explain_of_a_roster_with_sets_is_refused(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (desk / "scenario.toml").open("a") as out:
        out.write('\n[[shifts]]\nname = "E"\nfrom = "09:00"\nto = "13:00"\n[[agents]]\nname = "A"\ngroup = "all"\nshift = "E"\n')
    said = call(capsys, "explain", "desk", "--target", "answer_rate >= 0.95", "--parameters", "uncertain", code=2)
    assert "agents one by one are in no set" in " ".join(said.split())


# --- sweep ----------------------------------------------------------------------------------------------------------

STUDY = """story = "desk"
policies = ["baseline", "more"]
parameters = "uncertain"
days = 28
measures = ["answer_rate", "chance(answer_rate >= 0.9)"]
thresholds = ["answer_rate >= 0.5", "answer_rate >= baseline + 1"]
[factors]
"call_types.a.balking" = [0.05, 0.2]
"""


def test_a_sweep_holds_data_error_and_goes_on_from_its_store(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk.parent / "study.toml").write_text(STUDY)
    document = json.loads(call(capsys, "sweep", str(desk.parent / "study.toml"), "-o", "out", "--json"))
    assert (document["parameters"], document["sets"], document["new"]) == ("uncertain", SETS, 2 * 4 * 28)
    first, chance = document["measures"]
    for cell in document["cells"]:
        value, parts = cell["values"][first], cell["half_width"][first]
        assert (value["high"] - value["low"]) / 2 == pytest.approx(squared(parts)) and parts["data"] > 0
        assert cell["half_width"][chance] is None
        if cell["gains"][first] is not None:
            gain = cell["gains"][first]
            assert (gain["high"] - gain["low"]) / 2 == pytest.approx(squared(cell["gain_half_width"][first]))
        assert cell["thresholds"][0]["half_width"]["data"] > 0
    again = call(capsys, "sweep", "study.toml", "-o", "out", "--resume")
    assert "of which data" in again and "0 days now, 224 were stored" in " ".join(again.split())
    assert "answer_rate gain data" in (desk.parent / "out" / "results.csv").read_text()
    fixed = json.loads(call(capsys, "sweep", "study.toml", "-o", "fixed", "--parameters", "fixed", "--json"))
    assert (fixed["parameters"], fixed["sets"], fixed["new"]) == ("fixed", None, 4 * 28)
    assert fixed["cells"][0]["half_width"][first] is None


def test_a_sweep_is_what_compare_says(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk.parent / "study.toml").write_text(STUDY[: STUDY.index("measures")])
    document = json.loads(call(capsys, "sweep", "study.toml", "-o", "out", "--json"))
    compared = json.loads(call(capsys, "compare", "desk", "--parameters", "uncertain", "--days", 28, "--json"))
    for cell, row in zip(document["cells"], compared["rows"], strict=True):
        assert cell["values"]["answer_rate"] == row["value"] and cell["half_width"]["answer_rate"] == row["half_width"]
        assert cell["gains"]["answer_rate"] == row["gain"] and cell["gain_half_width"]["answer_rate"] == row["gain_half_width"]


def test_days_of_an_uncertain_study_are_400_unless_it_says_so(desk: Path) -> None:
    (desk.parent / "study.toml").write_text(STUDY.replace("days = 28\n", ""))
    assert read_study(Path("study.toml")).days == 400
    assert read_study(Path("study.toml"), parameters="fixed").days == 100


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("select = { margin = 1 }", "select: says how many days choose the best cell, and no number of days takes data"),
        ('design = "sobol indices"\npoints = 8', 'design: "sobol indices" shares out what factors make'),
    ],
)
def test_what_makes_no_sense_with_sets_is_refused(
    desk: Path, line: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = STUDY[: STUDY.index("measures")].replace('["baseline", "more"]', '["baseline"]') + line
    (desk.parent / "study.toml").write_text(text + '\n[factors]\n"call_types.a.balking" = [0.05, 0.2]\n')
    assert said in " ".join(call(capsys, "sweep", "study.toml", "-o", "out", code=2).split())


# --- precision ------------------------------------------------------------------------------------------------------


def test_a_precision_below_data_error_ends_when_that_is_known(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["compare", "desk", "--parameters", "uncertain", "--precision"]
    said = call(capsys, *words, 0.01, "--days", 1000, "--json", code=3)
    document: Any = json.loads(said[: said.rindex("}") + 1])
    assert document["days"] == 30 and document["precision"]["data"] > 0.0001 and not document["precision"]["reached"]
    assert "data alone makes ±" in said and "more recorded days do; 30 days were simulated" in " ".join(said.split())
    document = json.loads(call(capsys, *words, 40, "--json"))
    assert document["precision"]["reached"] and document["precision"]["data"] is None


def test_so_does_a_sweep(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk.parent / "study.toml").write_text(STUDY.replace("days = 28", "days = 1000\nprecision = 0.01"))
    document = json.loads(call(capsys, "sweep", "study.toml", "-o", "out", "--json"))
    assert document["days"] == 30 and not document["reached"] and document["data"] > 0.0001
    assert "data alone makes ±" in call(capsys, "sweep", "study.toml", "-o", "out", "--resume")


def test_explain_takes_sets_or_says_why_not(desk: Path) -> None:
    with pytest.raises(CallsimError, match="causes are of what callers meet"):
        explain(load(desk, parameters="uncertain"), parse("attendance >= 0.9"), days=2)
