"""Uncertain parameters: which set a replication uses, what wins over the sets, and how a half-width is split."""

from __future__ import annotations

import gzip
import json
import pickle
import shutil
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.cli.main import main
from experiments.compare import compare
from experiments.data_error import Halves, Twice, between_sets, known, sets_of
from experiments.identity import scenario_hash
from experiments.run import extend, run
from experiments.statistics import chance
from experiments.store import Store
from experiments.study import Study
from experiments.values import parts
from experiments.verdicts import Unsure, judge
from sim.calibrate import calibrate
from sim.chance import draw, resolve
from sim.chance.sets import kept_bytes, of_set
from sim.engines import simulate
from sim.files import load
from sim.files.parameters_file import parameters_text, read_parameters
from sim.scenario.errors import CallsimError
from sim.scenario.parameters import Drawn
from sim.scenario.scenario import Scenario
from tests.recorded_days import desk as desk_of
from tests.recorded_days import recorded, story_with_sets

SETS = 7
POLICY = """name = "shorter"
[[call_types]]
name = "a"
balking = 0.02
talk.lognormal.mean = { times = 0.9 }
[[groups]]
name = "all"
agents = { plus = 1 }
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A story measured on 12 days, with 7 sets beside it and a policy."""
    return story_with_sets(tmp_path_factory.mktemp("made"), SETS, "shorter", POLICY)


@pytest.fixture
def desk(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy in another folder, with the policy: it works as well."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(made, tmp_path / "desk"))


def mean(scenario: Scenario) -> float:
    return float(scenario.call_types[0].talk.mean)  # type: ignore[union-attr, arg-type]


# --- which set ------------------------------------------------------------------------------------------------------


def test_replication_i_has_set_i_modulo_their_number_whatever_the_seed(desk: Path) -> None:
    scenario = load(desk, parameters="uncertain")
    first = [resolve(scenario, seed=1, replication=i) for i in range(SETS)]
    assert len({scenario_hash(one) for one in first}) == SETS
    for i in range(SETS):
        assert resolve(scenario, seed=9, replication=i + 3 * SETS) == first[i]
    assert all(one.parameters is None for one in first)


def test_every_policy_has_the_same_set_and_lays_its_changes_over_it(desk: Path) -> None:
    base, policy = load(desk, parameters="uncertain"), load(desk, policies=["shorter"], parameters="uncertain")
    for i in (0, 5, 11):
        plain, changed = resolve(base, seed=1, replication=i), resolve(policy, seed=1, replication=i)
        assert changed.call_types[0].arrivals == plain.call_types[0].arrivals
        assert changed.call_types[0].patience == plain.call_types[0].patience
        assert mean(changed) == pytest.approx(0.9 * mean(plain))  # of this set's talk
        assert changed.call_types[0].balking == 0.02  # set outright: the same in every set
        assert changed.groups[0].agents.per_interval == plain.groups[0].agents.per_interval
        assert changed.groups[0].agents.changes[0].plus == 1
    assert len({mean(resolve(base, seed=1, replication=i)) for i in range(SETS)}) > 3


def test_so_do_settings_and_with(desk: Path) -> None:
    changes = {"call_types.a.talk.lognormal.mean.plus": 10, "factors.day.cv": 0.2}
    laid, with_ = load(desk, settings=changes, parameters="uncertain"), load(desk, parameters="uncertain").with_(changes)
    for i in range(SETS):
        one = resolve(laid, seed=1, replication=i)
        assert one == resolve(with_, seed=1, replication=i)
        assert one.factors[0].cv == 0.2
        assert mean(one) == pytest.approx(mean(resolve(load(desk, parameters="uncertain"), seed=1, replication=i)) + 10)


def test_fixed_is_the_estimates_bit_for_bit(desk: Path) -> None:
    fixed, uncertain = load(desk), load(desk, parameters="uncertain")
    text = (desk / "scenario.toml").read_text().replace('parameters = "parameters.json.gz"\n', "")
    (desk / "without.toml").write_text(text)
    assert fixed == load(desk / "without.toml") == resolve(uncertain, seed=1, middle=True)
    assert scenario_hash(fixed) == scenario_hash(load(desk / "without.toml")) != scenario_hash(uncertain)
    results = run(Study({"fixed": fixed, "uncertain": uncertain}, replications=3))
    assert np.array_equal(results.middle["uncertain"].calls, results.tallies["fixed"].calls)
    assert not np.array_equal(results.tallies["uncertain"].calls, results.tallies["fixed"].calls)


def test_a_range_is_drawn_in_every_set(desk: Path) -> None:
    scenario = load(desk, settings={"lines.trunks": 9, "call_types.a.balking": {"low": 0.0, "high": 0.1}}, parameters="uncertain")
    drawn = [resolve(scenario, seed=1, replication=i) for i in (0, SETS)]
    assert drawn[0].call_types[0].balking != drawn[1].call_types[0].balking
    assert drawn[0].call_types[0].arrivals == drawn[1].call_types[0].arrivals


def test_a_scenario_with_sets_is_resolved_before_it_is_drawn(desk: Path) -> None:
    scenario = load(desk, parameters="uncertain")
    with pytest.raises(CallsimError, match=r"call resolve first; open: 7 sets of parameters"):
        draw(scenario, seed=1)
    with pytest.raises(CallsimError, match=r"call resolve first; open: 7 sets of parameters"):
        simulate(scenario, draw(resolve(scenario, seed=1), seed=1))


# --- engines, workers, stores ---------------------------------------------------------------------------------------


def test_workers_and_engines_give_what_a_plain_loop_gives(desk: Path) -> None:
    scenarios = {"base": load(desk, parameters="uncertain"), "shorter": load(desk, policies=["shorter"], parameters="uncertain")}
    study = Study(scenarios, replications=2 * SETS + 1)
    plain = run(study)
    with ThreadPoolExecutor(2) as threads:
        others = [run(study, executor=threads, task_calls=300)]
    with ProcessPoolExecutor(1) as processes:
        others.append(run(study, executor=processes, task_calls=300))
    others.append(run(replace(study, engine="reference")))
    others.append(extend(run(replace(study, replications=SETS - 2)), 2 * SETS + 1))
    for other in others:
        for name in scenarios:
            assert np.array_equal(plain.tallies[name].calls, other.tallies[name].calls)
            assert np.array_equal(plain.middle[name].calls, other.middle[name].calls)


def test_a_worker_is_sent_no_more_sets_than_its_days_use(desk: Path) -> None:
    scenario = load(desk, parameters="uncertain")
    assert scenario.parameters is not None
    little = scenario.parameters.only(range(SETS + 1, SETS + 3))
    assert set(little.sets) == {1, 2} and little.of(SETS + 1) == 1
    sent = pickle.loads(pickle.dumps(scenario.model_copy(update={"parameters": little})))
    assert resolve(sent, seed=1, replication=SETS + 2) == resolve(scenario, seed=1, replication=2)
    assert len(pickle.dumps(little)) < len(pickle.dumps(scenario.parameters)) / 2


def used(scenario: Scenario, number: int) -> Scenario:
    """A set, with all that follows from it."""
    one = of_set(scenario, number)
    draw(one, seed=1, replication=number)
    return one


def test_a_set_is_made_once_and_forgotten_when_another_scenario_needs_the_room(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario, other = load(desk, parameters="uncertain"), load(desk, policies=["shorter"], parameters="uncertain")
    for name in ("_made", "_weight"):  # as if nothing had been simulated yet
        monkeypatch.setattr(f"sim.chance.sets.{name}", {})
    one = of_set(scenario, 3)
    assert of_set(scenario, 3) is one
    monkeypatch.setattr("sim.chance.sets.MOST_BYTES", kept_bytes())
    for number in range(SETS):
        used(other, number)
    assert of_set(scenario, 3) is not one and of_set(scenario, 3) == one


def test_sets_are_kept_up_to_so_many_bytes_and_those_beyond_are_made_anew(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A set of this desk is tens of kilobytes: of three and a half there is room for three, which stay as the days come round."""
    scenario = load(desk, parameters="uncertain")
    for name in ("_made", "_weight"):
        monkeypatch.setattr(f"sim.chance.sets.{name}", {})
    for number in range(2):
        used(scenario, number)
    each = kept_bytes() / 2
    assert 10_000 < each < 2_000_000
    monkeypatch.setattr("sim.chance.sets.MOST_BYTES", 3.5 * each)
    first = [used(scenario, number) for number in range(SETS)]
    again = [used(scenario, number) for number in range(SETS)]
    assert [one is other for one, other in zip(first, again, strict=True)] == [True] * 3 + [False] * (SETS - 3)
    assert first == again and kept_bytes() <= 3.5 * each


def test_a_store_keeps_sets_estimates_and_other_sets_apart(desk: Path, tmp_path: Path) -> None:
    uncertain = load(desk, parameters="uncertain")
    assert uncertain.parameters is not None
    fewer = uncertain.replace(parameters=replace(uncertain.parameters, number=5))
    assert len({scenario_hash(one) for one in (load(desk), uncertain, fewer)}) == 3
    study = Study({"a": uncertain}, replications=4)
    with Store(tmp_path / "store.sqlite") as store:
        first, again = run(study, store=store), run(study, store=store)
        other = run(Study({"a": load(desk)}, replications=4), store=store)
    assert np.array_equal(first.tallies["a"].calls, again.tallies["a"].calls)
    assert np.array_equal(first.middle["a"].calls, other.tallies["a"].calls)
    assert not np.array_equal(first.tallies["a"].calls, other.tallies["a"].calls)


# --- files ----------------------------------------------------------------------------------------------------------


def call(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> str:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    said = capsys.readouterr()
    assert int(ended.value.code or 0) == code, said.out + said.err
    return said.out if code == 0 else said.out + said.err


def test_a_file_reads_back_as_it_was_written(desk: Path) -> None:
    content = (desk / "parameters.json.gz").read_bytes()
    assert parameters_text(read_parameters(desk / "parameters.json.gz")) == content
    table = json.loads(gzip.decompress(content))
    del table["days"]  # as files were written before they said it
    (desk / "parameters.json.gz").write_bytes(gzip.compress(json.dumps(table).encode()))
    older = load(desk, parameters="uncertain").parameters
    assert older is not None and older.days is None and older.number == SETS


def test_what_is_edited_in_the_story_wins_and_lint_says_so(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = desk / "scenario.toml"
    balking = load(desk).call_types[0].balking
    path.write_text(path.read_text().replace(f"balking = {balking}", "balking = 0.5", 1))
    scenario = load(desk, parameters="uncertain")
    assert {resolve(scenario, seed=1, replication=i).call_types[0].balking for i in range(SETS)} == {0.5}
    assert "call_types.a.balking: was edited after it was measured: it is the same in every set" in call(capsys, "lint", desk)


def test_a_story_that_extends_a_measured_one_has_its_sets(desk: Path) -> None:
    (desk / "more.toml").write_text('extends = "scenario.toml"\n[lines]\ntrunks = 9\n')
    scenario = load(desk / "more.toml", parameters="uncertain")
    assert scenario.lines.trunks == 9 and scenario.parameters is not None
    assert scenario.parameters == load(desk, parameters="uncertain").parameters


def damaged(content: bytes) -> bytes:
    return content[:-40]


def plain(content: bytes) -> bytes:
    return b"not compressed"


def another_kind(content: bytes) -> bytes:
    return gzip.compress(b'{"schema": "callsim/run/1"}')


def changed(key: str, value: Any) -> Any:
    def change(content: bytes) -> bytes:
        return gzip.compress(json.dumps(json.loads(gzip.decompress(content)) | {key: value}).encode())

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (None, "parameters.json.gz: no such file"),
        (damaged, "parameters.json.gz: is damaged, or no file of parameters"),
        (plain, "parameters.json.gz: is damaged, or no file of parameters"),
        (another_kind, "is no file of parameters that this callsim reads (callsim/parameters/1); found callsim/run/1"),
        (changed("sets", 8), "parameters.json.gz: is not whole"),
        (changed("hash", "0"), "parameters.json.gz: is not whole"),
        (changed("values", []), "parameters.json.gz: is not whole"),
        (changed("days", "many"), "parameters.json.gz: is not whole"),
    ],
)
@pytest.mark.parametrize("words", [["run"], ["lint"], ["run", "--parameters", "uncertain"]])
def test_a_wrong_file_is_named_with_the_line_that_names_it(
    desk: Path, change: Any, said: str, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = desk / "parameters.json.gz"
    if change is None:
        path.unlink()
    else:
        path.write_bytes(change(path.read_bytes()))
    text = " ".join(call(capsys, words[0], "desk", *words[1:], code=2).split())
    assert "desk/scenario.toml:3: parameters: " in text and said in text


def test_sets_of_another_story_are_refused(desk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (other,) = calibrate(recorded(tmp_path, days=10, seed=9), weekdays=((0, 1, 2, 3, 4),), sets=3)
    assert other.parameters is not None
    (desk / "parameters.json.gz").write_bytes(parameters_text(other.parameters))
    text = call(capsys, "run", "desk", code=2)
    assert "desk/scenario.toml:3: parameters: belongs to another scenario, log9.csv, monday-friday" in " ".join(text.split())


def test_a_policy_and_a_story_without_sets_say_so(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "policies" / "own.toml").write_text('parameters = "parameters.json.gz"\n')
    assert "stands in the scenario file only" in call(capsys, "run", "desk", "--policy", "own", code=2)
    assert "callsim calibrate writes one" in call(capsys, "run", "golden-club", "--parameters", "uncertain", code=2)
    assert "there is fixed and uncertain" in call(capsys, "run", "desk", "--parameters", "maybe", code=2)
    (desk / "scenario.toml").write_text((desk / "scenario.toml").read_text().replace('"parameters.json.gz"', "5"))
    assert "must be the name of a file of sets" in call(capsys, "lint", "desk", code=2)


# --- how sure -------------------------------------------------------------------------------------------------------


def test_the_variance_between_sets_is_known_where_it_can_be_worked_out() -> None:
    """Two sets that differ by 2, three days each, the same within: means 1 and 3, of variance 2, and none within."""
    assert between_sets(np.array([1.0, 3, 1, 3, 1, 3]), 2) == pytest.approx(2.0)
    assert between_sets(np.array([0.0, 2, 2, 4]), 2) == pytest.approx(1.0)  # means 1 and 3: 2, less 2 / 2 within
    assert between_sets(np.array([0.0, 0, 2, 2]), 2) == 0.0  # all of it within


def test_half_widths_split_as_the_variances_do() -> None:
    """A toy: day i is luck_i + set_(i mod 40), 4,000 days. Luck of sd 0.05 and sets of sd 0.01 are known, rng 3: simulation
    is 1.96 sqrt(0.05^2 + 0.01^2) / sqrt(4000), data 2.02 (Student's, 39) times 0.01; both within 5 %, and the sum of squares.
    """
    rng = np.random.default_rng(3)
    luck, sets = rng.normal(0.8, 0.05, 4000), rng.normal(0, 1, 40)
    sets = 0.01 * (sets - sets.mean()) / sets.std(ddof=1)
    one = np.ones(4000)
    found = known(Twice((luck + np.tile(sets, 100), one), (luck, one)), sets=40)
    assert found.halves is not None
    assert found.halves.data == pytest.approx(2.0227 * 0.01, rel=0.05)
    assert found.halves.simulation == pytest.approx(1.96 * np.hypot(0.05, 0.01) / np.sqrt(4000), rel=0.05)
    assert found.estimate.half_width == pytest.approx(np.hypot(found.halves.simulation, found.halves.data))
    few = known(Twice(((luck + np.tile(sets, 100))[:40], one[:40]), (luck[:40], one[:40])), sets=40)
    assert few.halves is not None and few.halves.data == pytest.approx(found.halves.data, rel=0.05)  # each set once


def test_more_days_do_not_take_data_error_away_and_interaction_is_none_of_it() -> None:
    """Days react to a set by a slope of their own, mean 1, sd 2: from 2 days of each set on that is left out; rng 5."""
    rng = np.random.default_rng(5)
    sets, widths = rng.normal(0, 0.01, 50), []
    for days in (200, 20_000):
        luck, slope, one = rng.normal(0.8, 0.05, days), rng.normal(1, 2, days), np.ones(days)
        found = known(Twice((luck + slope * np.tile(sets, days // 50), one), (luck, one)), sets=50)
        assert found.halves is not None
        widths.append(found.halves)
    assert widths[1].data == pytest.approx(2.0096 * sets.std(ddof=1), rel=0.1)
    assert widths[1].simulation < widths[0].simulation / 5


def test_data_error_of_few_days_is_as_wide_as_they_ask_for() -> None:
    """400 times 8 days of sd 0.02, 60 sets of their mean, rng 8: 95 % intervals hold the truth in 92 to 98 % (binomial, 99 %);
    without the number of days in fewer than 91 %.
    """
    rng, one = np.random.default_rng(8), np.ones(120)
    held = told = 0
    for _ in range(400):
        days = rng.normal(0.8, 0.02, 8)
        sets = rng.choice(days, (60, 8)).mean(axis=1)
        series = Twice((np.tile(sets, 2), one), (np.full(120, days.mean()), one))
        for number in (Drawn(60, 8), 60):
            found = known(series, sets=number)
            assert found.halves is not None
            inside = abs(days.mean() - 0.8) <= found.halves.data
            held, told = held + (inside and isinstance(number, Drawn)), told + (inside and not isinstance(number, Drawn))
    assert 0.92 <= held / 400 <= 0.98
    assert told / 400 < 0.91


def test_the_number_of_days_goes_with_the_sets(desk: Path) -> None:
    base, policy = load(desk, parameters="uncertain"), load(desk, policies=["shorter"], parameters="uncertain")
    assert base.parameters is not None and policy.parameters is not None
    assert (base.parameters.days, policy.parameters.days, base.parameters.only([3]).days) == (12, 12, 12)
    found = pickle.loads(pickle.dumps(sets_of(run(Study({"a": base, "b": policy}, replications=2)), "a", "b")))
    assert found == SETS and found.days == 12


def test_a_gain_has_its_own_data_error_and_pairing_takes_away_what_is_shared() -> None:
    rng = np.random.default_rng(6)
    luck, shared, own, one = rng.normal(0.8, 0.05, 400), rng.normal(0, 0.02, 20), rng.normal(0, 0.002, 20), np.ones(400)
    base = Twice((luck + np.tile(shared, 20), one), (luck, one))
    better = Twice((luck + 0.01 + np.tile(shared + own, 20), one), (luck + 0.01, one))
    value, gain = known(better, sets=20), known(better, base, sets=20)
    assert value.halves is not None and gain.halves is not None
    assert gain.halves.data == pytest.approx(2.093 * own.std(ddof=1), rel=0.02)
    assert value.halves.data > 5 * gain.halves.data


def test_without_the_second_run_data_error_is_known_from_two_days_of_each_set_on() -> None:
    one = np.ones(10)
    lone = Twice((np.tile([0.1, 0.3], 5), one), None)
    assert np.isnan(known(lone, sets=6).estimate.half_width)
    assert known(lone, sets=2).halves == Halves(pytest.approx(0.0754, abs=1e-3), pytest.approx(12.706 * 0.02**0.5, rel=1e-3))


def test_a_verdict_stands_on_both_and_no_number_of_days_outweighs_data() -> None:
    rng = np.random.default_rng(7)
    luck, sets, one = rng.normal(0.81, 0.01, 4000), rng.normal(0, 0.02, 40), np.ones(4000)
    sets -= sets.mean()
    from experiments.threshold import parse_all

    (threshold,) = parse_all(["answer_rate >= 0.8"], load("golden-club"), baseline=False)
    series = luck + np.tile(sets, 100), one
    assert judge(threshold, series, None, looks=1, family=1).word == "met"
    unsure = judge(threshold, series, None, looks=1, family=1, unsure=Unsure(40, (luck, one)))
    assert unsure.word == "undecided" and unsure.more_days is None
    assert unsure.halves is not None and unsure.halves.data > 10 * unsure.halves.simulation
    assert unsure.high - unsure.low == pytest.approx(2 * np.hypot(unsure.halves.simulation, unsure.halves.data))


def test_a_comparison_holds_both_in_value_and_gain(desk: Path) -> None:
    scenarios = {"base": load(desk, parameters="uncertain"), "shorter": load(desk, policies=["shorter"], parameters="uncertain")}
    results = run(Study(scenarios, replications=4 * SETS))
    found = compare(results)
    assert found.sets == SETS
    for row in found.rows:
        assert row.halves is not None and row.value.half_width == pytest.approx(np.hypot(row.halves.simulation, row.halves.data))
    gain = found.row("shorter")
    assert gain.gain is not None and gain.gain_halves is not None
    assert gain.gain.half_width == pytest.approx(np.hypot(gain.gain_halves.simulation, gain.gain_halves.data))
    fixed = run(Study({"base": load(desk)}, replications=4 * SETS))
    assert compare(fixed).sets is None and compare(fixed).rows[0].halves is None
    assert parts(results.middle["base"], "answer_rate")[0].tolist() == parts(fixed.tallies["base"], "answer_rate")[0].tolist()


@pytest.mark.slow
def test_the_interval_of_a_result_holds_the_truth_where_that_of_simulation_alone_does_not(tmp_path: Path) -> None:
    """40 logs of 40 days of a desk whose answer rate is known (20,000 days, seed 5), heads as they were, 400 days on uncertain
    parameters each: the 99.9 % binomial interval of the coverage reaches 95 %; simulation noise alone holds it in fewer than 7
    of 10.
    """
    truth = compare(run(Study({"desk": desk_of()}, replications=20_000, seed=5, spread=()))).rows[0].value.value
    both = alone = 0
    for seed in range(2000, 2040):
        (found,) = calibrate(recorded(tmp_path, days=40, seed=seed), weekdays=((0, 1, 2, 3, 4),))
        assert found.parameters is not None
        scenario = found.scenario.replace(parameters=found.parameters.parameters).with_({"groups.all.agents": 3})
        row = compare(run(Study({"desk": scenario}, replications=400, seed=3))).rows[0]
        assert row.halves is not None
        both += row.value.low <= truth <= row.value.high
        alone += abs(row.value.value - truth) <= row.halves.simulation
    assert chance(both, 40, level=0.999).high >= 0.95 and both >= 32
    assert alone < 28


# --- commands -------------------------------------------------------------------------------------------------------


def test_run_and_compare_tell_the_two_apart(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(call(capsys, "run", "desk", "--parameters", "uncertain", "--days", 20, "--json"))
    assert (document["parameters"], document["sets"]) == ("uncertain", SETS)
    half, value = document["result"]["half_width"], document["result"]["value"]
    assert (value["high"] - value["low"]) / 2 == pytest.approx(np.hypot(half["simulation"], half["data"]))
    assert document["result"]["spread"]["data"] == half["data"]
    text = " ".join(call(capsys, "compare", "desk", "--parameters", "uncertain", "--days", 20).split())
    assert "± is simulation and data together" in text and "gains shorter ±" in text and ", data ±" in text
    plain = json.loads(call(capsys, "run", "desk", "--days", 20, "--json"))
    assert (plain["parameters"], plain["sets"], plain["result"]["half_width"]) == ("fixed", None, None)


def test_uncertain_days_are_twice_each_of_200_sets(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(call(capsys, "run", "desk", "--parameters", "uncertain", "--json"))["days"] == 400
    assert json.loads(call(capsys, "run", "desk", "--json"))["days"] == 100


GATE = """story = "desk"
policies = ["shorter"]
days = 40
undecided = "pass"
parameters = "uncertain"
baseline = "baseline.json"
thresholds = ["answer_rate >= 0.5", "answer_rate >= baseline - 0.5", "chance(answer_rate >= 0.1) >= 0.5"]
"""


def test_a_gate_decides_with_both_and_its_baseline_keeps_what_that_takes(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk.parent / "gate.toml").write_text(GATE)
    call(capsys, "gate", "gate.toml", "--accept")
    document = json.loads(call(capsys, "gate", "gate.toml", "--json"))
    assert document["parameters"] == "uncertain"
    elsewhere = json.loads(call(capsys, "gate", str(desk.parent / "gate.toml"), "--json"))  # by a path from anywhere
    assert elsewhere["parameters"] == "uncertain" and elsewhere["thresholds"] == document["thresholds"]
    value, relative, likely = document["thresholds"]
    assert (value["high"] - value["low"]) / 2 == pytest.approx(np.hypot(*value["half_width"].values()))
    assert relative["half_width"] == {"simulation": 0.0, "data": 0.0}  # it is its own baseline
    assert likely["half_width"] is None
    assert "unsure by" in call(capsys, "gate", "gate.toml")
    said = call(capsys, "gate", "gate.toml", "--parameters", "fixed", code=2)
    assert "the baseline was made with uncertain parameters, the gate has them fixed" in said
    (desk.parent / "gate.toml").write_text(GATE.replace('"baseline.json"', '{ policies = [] }').replace("days = 40", "days = 13"))
    beside = json.loads(call(capsys, "gate", "gate.toml", "--json"))
    assert beside["thresholds"][1]["half_width"]["data"] > 0  # with fewer than two days of each set: of all differences, never 0
    (desk.parent / "gate.toml").write_text(GATE.replace('"baseline.json"', '{ policies = [] }'))
    fixed = json.loads(call(capsys, "gate", "gate.toml", "--parameters", "fixed", "--json"))
    assert fixed["parameters"] == "fixed" and fixed["thresholds"][0]["half_width"] is None
