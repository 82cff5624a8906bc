"""Identity: the same content has the same hash however it is written; other results need another model version."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from experiments.identity import MODEL_VERSION, changed_paths, content, measuring_hash, scenario_hash
from experiments.tasks import replicate
from sim.files import load
from sim.scenario.scenario import Scenario
from sim.tally import Measuring
from tests.workloads import w2

STORED = Path(__file__).parent / "data" / "results.json"
BASE = """
name = "day"
[calendar]
start = 2026-03-12
opens = "09:00"
closes = "11:00"
interval = "30m"
[[call_types]]
name = "a"
arrivals = { per_interval = [40, 50, 45, 41] }
talk = { exponential = { mean = "3m" } }
patience = { exponential = { mean = "2m" } }
[[groups]]
name = "desk"
skills = ["a"]
agents = 5
"""


def written(folder: Path, text: str) -> Scenario:
    folder.mkdir(exist_ok=True)
    (folder / "scenario.toml").write_text(text)
    return load(folder)


def test_titles_paths_spelling_and_defaults_change_nothing(tmp_path: Path) -> None:
    plain = scenario_hash(written(tmp_path / "a", BASE))
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "other.csv").write_text("n\n40\n50\n45\n41\n")
    same = [
        BASE.replace('name = "day"', 'name = "another title"\ndescription = "words"'),
        BASE.replace('"30m"', '"0.5h"').replace('"3m"', "180.0").replace("agents = 5", "agents = 5.0"),
        BASE.replace("[40, 50, 45, 41]", '{ file = "other.csv", column = "n" }'),
        BASE.replace("agents = 5", "agents = 5\n[lines]\n[ivr]\ndelay = 0\n[costs]\novertime_factor = 1.5"),
        BASE + '[[targets]]\nmeasure = "answer_rate"\nat_least = 0.9\n',
    ]
    assert {scenario_hash(written(tmp_path / "b", text)) for text in same} == {plain}


@pytest.mark.parametrize(
    ("old", "new"),
    [("agents = 5", "agents = 6"), ("45, 41", "45, 40"), ('"2m"', '"2m1s"'), ('name = "a"\n', 'name = "a"\nbalking = 0.01\n'),
     ('name = "desk"', 'name = "floor"')],
)  # fmt: skip
def test_whatever_results_depend_on_changes_the_hash(old: str, new: str, tmp_path: Path) -> None:
    assert old in BASE
    changed = written(tmp_path / "b", BASE.replace(old, new))
    assert scenario_hash(changed) != scenario_hash(written(tmp_path / "a", BASE))


def test_a_change_is_told_by_its_path() -> None:
    old, new = load("golden-club"), load("golden-club", settings={"groups.hotline.agents.plus": 2, "lines.trunks": 80})
    assert sorted(changed_paths(content(old), content(new))) == [
        ("groups.hotline.agents.changes.0.plus", "", "2"), ("lines.trunks", "90", "80"),
    ]  # fmt: skip
    assert changed_paths(content(old), content(old)) == []


def test_ways_of_counting_are_told_apart_and_defaults_are_not() -> None:
    assert measuring_hash(Measuring()) == measuring_hash(Measuring(within=20.0, window=None))
    others = [Measuring(within=30.0), Measuring(credit="end"), Measuring(window=(3600.0, 7200.0))]
    assert len({measuring_hash(one) for one in [Measuring(), *others]}) == 4


def results() -> dict[str, str]:
    """A digest of what each of a few days counted."""
    scenarios = {
        "golden-club": load("golden-club"),
        "golden-club, seats": load("golden-club", policies=["dedicated-seats"]),
        "outage-surge, both": load("outage-surge", policies=["both"]),
        "w2": w2(),
    }
    found = {}
    for name, scenario in scenarios.items():
        digest = hashlib.blake2b(digest_size=16)
        for replication in range(2):
            tally = replicate(scenario, seed=9, replication=replication, measuring=Measuring())
            assert tally.agents is not None
            for counts in (tally.calls, tally.agents, tally.callers, tally.waits, tally.longest):
                digest.update(np.ascontiguousarray(counts, dtype="<i8").tobytes())
        found[name] = f"{scenario_hash(scenario)} {digest.hexdigest()}"
    return found


def test_other_results_or_hashes_need_another_model_version() -> None:
    """Where this fails on purpose: raise MODEL_VERSION, say so under BREAKING, and run
    `python -m tests.test_identity`, which writes what is so now."""
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    assert stored["model_version"] == MODEL_VERSION
    assert results() == stored["results"]


if __name__ == "__main__":
    STORED.write_text(json.dumps({"model_version": MODEL_VERSION, "results": results()}, indent=1) + "\n", encoding="utf-8")
