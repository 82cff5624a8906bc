"""Many cells: the best with a stated chance, levers one at a time, shares of variance, decisions across assumptions."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from experiments.across import across
from experiments.cli.across import assumptions
from experiments.cli.main import main
from experiments.compare import compare
from experiments.run import run
from experiments.selection import days_needed, told
from experiments.sensitivity import _indices, sobol, tornado
from experiments.statistics import Estimate
from experiments.store import Store
from experiments.study import Study
from experiments.study_file import Plan, read_study
from experiments.sweep import Row, sweep
from sim.files import load
from sim.scenario.errors import CallsimError, ScenarioError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*words: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return int(ended.value.code or 0)


def plan_of(text: str) -> Plan:
    Path("study.toml").write_text(text, encoding="utf-8")
    return read_study(Path("study.toml"))


@pytest.mark.slow
@pytest.mark.parametrize("common", [0.0, 0.9])
def test_the_best_is_chosen_as_often_as_is_promised(common: float) -> None:
    """Five cells, four of them worse by exactly the margin, spreads from 1 to 3, correlated or not; 1,000 selections from
    30 first days each, seed 31: at least 95 % right, less 99.9 % binomial room of 2.3 points.
    """
    chance, right = np.random.default_rng(31), 0
    truth, spreads, margin = np.array([0.0, 0.0, 1.0, 0.0, 0.0]), np.array([[1.0], [1.5], [2.0], [2.5], [3.0]]), 1.0
    for _ in range(1000):

        def days(n: int) -> np.ndarray:
            shared, own = chance.standard_normal((1, n)), chance.standard_normal((5, n))
            return truth[:, np.newaxis] + spreads * (np.sqrt(common) * shared + np.sqrt(1 - common) * own)

        first = days(30)
        needed = days_needed(first, margin=margin, chance=0.95)
        means = np.concatenate([first, days(needed - 30)], axis=1).mean(axis=1)
        right += int(means.argmax() == 2)
    assert right >= 927


def test_common_callers_need_fewer_days_and_fewer_days_tell_less() -> None:
    chance = np.random.default_rng(2)
    shared, own = chance.normal(0, 3, (1, 50)), chance.normal(0, 1, (4, 50))
    together, apart = shared + own, own * np.sqrt(10)
    assert days_needed(together, margin=0.3, chance=0.95) < days_needed(apart, margin=0.3, chance=0.95) / 4
    needed = days_needed(together, margin=0.3, chance=0.95)
    assert told(together, days=needed, chance=0.95) == pytest.approx(0.3, rel=0.01)
    assert told(together, days=needed // 4, chance=0.95) == pytest.approx(0.6, rel=0.02)
    assert days_needed(np.ones((3, 20)), margin=0.1, chance=0.95) == 20


SELECT = """
story = "golden-club"
days = 20
[factors]
"groups.hotline.agents.plus" = [-2, 0, 2]
[select]
margin = {}
most = {}
"""


def test_a_study_selects_its_best_cell_and_says_what_it_may_promise(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Store("s.sqlite") as store:
        found = sweep(plan_of(SELECT.format(2.0, 500)), store)
        assert found.selection is not None and found.selection.best == "agents.plus=2" and found.reached
        assert found.days == found.selection.days == found.selection.needed >= 20
    (folder / "study.toml").write_text(SELECT.format(0.001, 40))
    assert call("sweep", "study.toml", "-o", "out") == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "agents.plus=2: if the best is better than all others by" in out and "days are needed, 40 were allowed" in out
    with pytest.raises(ScenarioError, match="days: select needs 20 or more"):
        plan_of(SELECT.format(1, 40).replace("days = 20", "days = 19"))
    with pytest.raises(ScenarioError, match="select: says how many days are needed"):
        plan_of(SELECT.format(1, 40).replace("days = 20", "days = 20\nprecision = 1"))


LEVERS = """
story = "golden-club"
days = 25
design = "one at a time"
[factors]
"lines.trunks" = [90]
"groups.hotline.agents.plus" = { low = -2, high = 2, points = 3 }
"call_types.billing.talk.lognormal.mean" = ["3m30s", "4m10s"]
"""


def test_a_tornado_has_each_lever_alone_the_farthest_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = plan_of(LEVERS)
    assert plan.cells[0].point == {} and len(plan.cells) == 1 + 1 + 3 + 2
    with Store("s.sqlite") as store:
        found = sweep(plan, store)
    agents, talk, lines = tornado(plan, found.rows)
    assert agents.path == "groups.hotline.agents.plus" and agents.ends == (-2, 2)
    assert agents.per_unit == pytest.approx(agents.reach / 4) and agents.per_hour > 0
    assert talk.ends == ("4m10s", "3m30s") and talk.per_unit == pytest.approx(talk.reach / -40) and np.isnan(talk.per_hour)
    assert lines.reach == 0.0 and lines.low == Estimate(0.0, 0.0, 0.0)  # 90 is what there is
    assert call("sweep", "study.toml", "-o", "out", "--figure", "t.png") == 0
    out = capsys.readouterr().out
    assert "lever, alone" in out and "3m30s: +" in out and Path("t.png").stat().st_size > 10_000
    (folder / "study.toml").write_text(LEVERS.replace('"one at a time"', '"grid"'))
    assert call("sweep", "study.toml", "-o", "two", "--figure", "t.png") == 2
    with pytest.raises(CallsimError, match="a tornado needs"):
        tornado(replace(plan, method="grid"), found.rows)


INDICES = """
story = "golden-club"
days = 2
design = "sobol indices"
points = 256
[factors]
"groups.hotline.agents.plus" = { low = 0, high = 1 }
"lines.trunks" = { low = 60, high = 90 }
"call_types.billing.next.contained.most" = { low = 0, high = 3, whole = true }
"""


def test_shares_of_variance_are_those_of_a_function_whose_shares_are_known(folder: Path) -> None:
    """Ishigami's function (Ishigami and Homma 1990) with a = 7, b = 0.1: first order 0.3139, 0.4424, 0; total 0.5576,
    0.4424, 0.2437. 8,192 points of Sobol's sequence.
    """
    from experiments.design import Span, design

    n, spans = 8192, {name: Span(-np.pi, np.pi) for name in "abc"}
    points = np.array([list(point.values()) for point in design(spans, "sobol indices", points=n, seed=5)])
    x, y, z = points.T
    values = (np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)).reshape(5, n)
    found = _indices(values)
    assert found[0] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert found[1] == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)


def test_indices_of_a_study_repeat_and_hold_their_values(folder: Path) -> None:
    text = INDICES.replace('"lines.trunks" = { low = 60, high = 90 }\n', "")
    text = text.replace('"call_types.billing.next.contained.most" = { low = 0, high = 3, whole = true }', "")
    text = text.replace("points = 256", "points = 16") + '"call_types.billing.arrivals.times" = { low = 0.9, high = 1.1 }\n'
    plan = plan_of(text)
    assert len(plan.cells) == 16 * 4
    with Store("s.sqlite") as store:
        rows: tuple[Row, ...] = sweep(plan, store).rows
    found = sobol(plan, rows)
    assert found == sobol(plan, rows)
    assert all(one.first.low <= one.first.high and one.total.value >= 0 for one in found)
    flat = [replace(row, values={"answer_rate": Estimate(0.5, 0.5, 0.5)}) for row in rows]
    with pytest.raises(CallsimError, match="does not vary with the factors"):
        sobol(plan, flat)


def test_across_ranks_the_policies_under_each_assumption_on_the_same_callers() -> None:
    base = load("golden-club")
    rivals = {"as it is": base, "fewer calls": base.with_({"call_types.*.arrivals.times": 0.9}),
              "staffed": base.with_({"groups.hotline.agents.plus": 6})}  # fmt: skip
    found = across(rivals, "call_types.billing.talk.deterministic", ["1m", "4m"], days=20)
    assert [one.value for one in found.columns] == ["1m", "4m"]
    for one in found.columns:
        ranked = sorted(rivals, key=lambda name: -one.values[name].value)
        assert [one.best, one.second] == ranked[:2] and one.best != "as it is"
        assert one.lead.value == pytest.approx(one.values[one.best].value - one.values[one.second].value)
    slow = found.columns[1]
    assert slow.best == "staffed" and slow.sure and slow.lead.low > 0
    compared = compare(run(Study({name: one.with_({found.path: "4m"}) for name, one in rivals.items()}, 20)))
    assert compared.row("staffed").value == slow.values["staffed"]
    waits = across(rivals, "lines.trunks", [80, 90], measure="asa", days=20)
    assert all(one.best == min(rivals, key=lambda name: one.values[name].value) for one in waits.columns)


def test_where_two_policies_cross_is_told_by_straight_lines() -> None:
    from experiments.across import Column, _turn

    def column(value: object, a: float, b: float) -> Column:
        values = {"a": Estimate(a, a, a), "b": Estimate(b, b, b)}
        best, second = ("a", "b") if a > b else ("b", "a")
        return Column(value, values, best, second, Estimate(0.1, 0.0, 0.2), True)

    turn = _turn(column(100, 0.9, 0.8), column(200, 0.6, 0.9))
    assert (turn.before, turn.after, turn.at) == ("a", "b", pytest.approx(125.0))
    assert _turn(column("1m", 0.9, 0.8), column("3m", 0.8, 0.9)).at == pytest.approx(120.0)
    assert _turn(column("on phones", 0.9, 0.8), column("staffed", 0.8, 0.9)).at is None


def test_the_command_shows_every_policy_under_each_assumption(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("compare", "golden-club", "--across", "lines.trunks=20,90", "--days", 5)
    assert call(*words) == 0
    out = capsys.readouterr().out
    assert "lead of the best" in out and "too few days to say" in " ".join(out.split())
    assert all(len(line) <= 100 for line in out.splitlines())
    assert call(*words, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "callsim/across/1" and [one["value"] for one in document["columns"]] == [20, 90]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lines.trunks", "must be PATH=A,B"),
        ("lines.trunks=20", "must be PATH=A,B"),
        ("lines.trunks=20,20", "names a value twice"),
        ("lines.trunk=20,30", 'did you mean "trunks"'),
        ("lines.trunks=20,many", "must be a whole number"),
    ],
)
def test_a_wrong_assumption_is_named_before_anything_runs(text: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("compare", "golden-club", "--across", text) == 2
    assert said in capsys.readouterr().err
    assert assumptions("a.b=1m, 2m") == ("a.b", ["1m", "2m"])
