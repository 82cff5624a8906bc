"""Measures of studies: of a part of the day or of callers, and chances."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.cli.main import main
from experiments.quantity import quantities
from experiments.run import run
from experiments.statistics import chance, ratio
from experiments.study import Study
from experiments.study_file import read_study
from experiments.values import parts
from sim.files import load
from sim.scenario.errors import CallsimError

STORY = load("golden-club")
GOLDEN, CHANCE = "answer_rate[segment=golden]", "chance(answer_rate >= 0.90)"


def test_a_plain_measure_is_what_it_is_elsewhere():
    tally = run(Study({"": STORY}, 4, 1)).tallies[""]
    one = quantities(("asa",), STORY)["asa"]
    assert one.value(tally, level=0.95) == ratio(*parts(tally, "asa"))
    assert (one.reading.name, one.reading.suffix, one.reading.more_is_better) == ("asa", " s", False)


def test_a_measure_of_some_callers_is_theirs():
    tally = run(Study({"": STORY}, 4, 1)).tallies[""]
    one = quantities((GOLDEN,), STORY)[GOLDEN]
    assert one.value(tally, level=0.95) == ratio(*parts(tally, "answer_rate", label="segment=golden"))
    assert one.reading.formula == "answered / offered, of segment=golden"


def test_a_chance_counts_days_and_has_an_interval_of_its_own():
    tally = run(Study({"": STORY}, 12, 1)).tallies[""]
    one = quantities((CHANCE,), STORY)[CHANCE]
    above, below = parts(tally, "answer_rate")
    days = int((above / below >= 0.9).sum())
    found, expected = one.value(tally, level=0.95), chance(days, 12)
    assert (found.value, found.low, found.high) == (expected.value, expected.low, expected.high)
    assert one.series(tally)[0].sum() == days and one.is_chance and one.reading.more_is_better


WRONG = [
    ("anser_rate", 'did you mean "answer_rate"'),
    ("anser_rate[segment=golden]", 'did you mean "answer_rate"'),
    ("answer_rate[segment=silver]", "silver"),
    ("answer_rate >= 0.9", 'must be like "answer_rate"'),
    ("chance(answer_rate)", "must be like"),
    ("chance(answer_rate >= 90)", "a share is from 0 to 1"),
]


@pytest.mark.parametrize(("text", "said"), WRONG, ids=[text for text, _ in WRONG])
def test_what_is_no_measure_is_refused(text: str, said: str):
    with pytest.raises(CallsimError, match=said):
        quantities((text,), STORY)


def test_a_study_shows_all_its_measures_and_its_baseline_may_be_said_as_a_policy_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "study.toml").write_text(
        'story = "golden-club"\npolicies = ["baseline", "reserve-2"]\ndays = 3\nbaseline = "baseline, agents.plus=1"\n'
        f"measures = [\"answer_rate\", \"asa\", \"{GOLDEN}\", \"{CHANCE}\"]\n[factors]\n"
        '"groups.hotline.agents.plus" = [0, 1]\n'
    )
    assert read_study(tmp_path / "study.toml").baseline == "agents.plus=1"
    with pytest.raises(SystemExit) as ended:
        main(["sweep", str(tmp_path / "study.toml"), "-o", str(tmp_path / "out"), "--jobs", "1"])
    assert ended.value.code == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"(2) asa, s; (3) {GOLDEN}, %; (4) {CHANCE}, %" in said
    assert f"{GOLDEN} low" in (tmp_path / "out" / "results.csv").read_text("utf-8").splitlines()[0]
