"""Patience by label as it is measured: the test by whole days, which family sets it, and what was put in comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import CensoredData, logrank

from experiments.fit import fit
from experiments.screens.calibration_screen import calibration_document, calibration_lines
from experiments.statistics import chance
from sim.calibrate import bootstrap, calibrate, from_log
from sim.calibrate.patience import by_chance, daily_scores
from sim.calls import NONE, Outcome
from sim.files import dump_scenario, load
from sim.files.history import History
from sim.scenario.errors import CallsimError
from sim.scenario.merge import build
from sim.scenario.parameters import Parameters
from tests.recorded_days import MONDAY, recorded

ALL = ((0, 1, 2, 3, 4),)
S = 10**6


def waiting(rng: np.random.Generator, means: tuple[float, float], *, days: int, calls: int, shared: float = 0.3) -> Any:
    """Waits, who left, whose group, which day: exponential patience by group; how long a wait would be, and how patient all are,
    differs by day (cv `shared`).
    """
    day = np.repeat(np.arange(days), calls)
    group = (rng.random(len(day)) < 0.4).astype(int)
    mood = rng.gamma(shared**-2, shared**2, days)[day] if shared else 1.0
    patience = rng.exponential(np.array(means)[group]) * mood
    offered = rng.exponential(60 * rng.gamma(4, 0.25, days)[day])
    return np.minimum(patience, offered), patience <= offered, group, day


def history_of(
    rng: np.random.Generator, means: tuple[float, float], *, days: int, calls: int, family: str = "priority"
) -> History:
    """The same as a log, half of the callers in a second family that says nothing; of who waits all are known."""
    wait, left, group, day = waiting(rng, means, days=days, calls=calls, shared=0.0)
    n = len(wait)
    came = np.sort(rng.integers(9 * 3600, 13 * 3600, (days, calls)), axis=1).ravel() * S
    ends = came + np.maximum(np.round(wait * S).astype(np.int64), 1)
    none = np.full(n, NONE, np.int64)
    talk = np.round(rng.exponential(120, n) * S).astype(np.int64)
    dates = np.array([(MONDAY + timedelta(days=at + 2 * (at // 5))).toordinal() for at in range(days)])
    return History(
        source="made", layout="made", call_types=("a",), day=dates[day], number=np.arange(n), call_type=none + 1, arrival=came,
        ivr_exit=came, queue_entry=came, answer=np.where(left, NONE, ends), end=np.where(left, ends, ends + talk),
        release=np.where(left, NONE, ends + talk), outcome=np.where(left, int(Outcome.ABANDONED), int(Outcome.ANSWERED)),
        agent=none, group=none, customer=none, accepted=none, label=np.stack([group, rng.integers(0, 2, n)], axis=1),
        labels=((family, ("gold", "iron")), ("color", ("blue", "red"))),
    )  # fmt: skip


# --- the test --------------------------------------------------------------------------------------------------------


def test_the_days_add_up_to_the_log_rank_statistic() -> None:
    """Three groups with ties, times in whole seconds: observed less expected by hand (Mantel 1966); rng 3."""
    rng = np.random.default_rng(3)
    waits, left = rng.integers(1, 40, 500).astype(float), rng.random(500) < 0.5
    group, day = rng.integers(0, 3, 500), rng.integers(0, 10, 500)
    scores = daily_scores(waits, left, group, day)
    assert scores.shape == (10, 2)
    for which in (0, 1):
        less = 0.0
        for time in np.unique(waits):
            there, gone = waits >= time, left & (waits == time)
            less += (gone & (group == which)).sum() - gone.sum() * (there & (group == which)).sum() / there.sum()
        assert scores[:, which].sum() == pytest.approx(less)


def test_where_days_are_alike_it_says_what_the_log_rank_test_says() -> None:
    """4,000 callers on 400 days, of whom one group waits a fifth longer; p within a factor of 3 of scipy's; rng 4."""
    rng = np.random.default_rng(4)
    wait, left, group, day = waiting(rng, (80.0, 95.0), days=400, calls=10, shared=0.0)
    parts = [CensoredData(uncensored=wait[left & (group == at)], right=wait[~left & (group == at)]) for at in (0, 1)]
    usual = logrank(*parts).pvalue
    assert 1e-6 < usual < 0.1
    assert 1 / 3 < by_chance(daily_scores(wait, left, group, day)) / usual < 3


def test_days_that_are_too_few_or_say_nothing_tell_nothing() -> None:
    assert np.isnan(by_chance(np.array([[1.0], [2.0]])))
    assert np.isnan(by_chance(np.zeros((10, 1))))
    assert np.isnan(by_chance(np.ones((3, 2))))


def test_a_difference_is_found_by_chance_as_often_as_said() -> None:
    """2,000 logs of 40 days without a difference, where whole days are more or less patient: p below 5 % in a share whose 99.9 %
    binomial interval holds 5 %; rng 5.
    """
    rng = np.random.default_rng(5)
    found = 0
    for _ in range(2000):
        wait, left, group, day = waiting(rng, (90.0, 90.0), days=40, calls=8)
        found += by_chance(daily_scores(wait, left, group, day)) < 0.05
    said = chance(found, 2000, level=0.999)
    assert said.low <= 0.05 <= said.high, found


# --- who sets it -----------------------------------------------------------------------------------------------------


def test_priority_sets_it_unless_another_family_has_a_head_start() -> None:
    one = history_of(np.random.default_rng(6), (150.0, 40.0), days=20, calls=60)
    (found,) = calibrate(one, weekdays=ALL, sets=0)
    (kind,) = found.scenario.call_types
    assert set(kind.by_label) == {"priority"} and set(kind.by_label["priority"]) == {"gold", "iron"}
    assert any("patience by priority: differs beyond chance for a (p < 0.001)" in note for note in found.notes)
    (started,) = calibrate(one, weekdays=ALL, sets=0, head_start={"color.red": 30.0})
    only = started.scenario.call_types[0].by_label
    assert set(only) == {"color"} and only["color"]["red"].patience is None and only["color"]["red"].head_start == 30
    said = "patience by color (its callers get a head start): no difference beyond chance (a p = "
    assert any(said in note for note in started.notes), started.notes


def test_without_priority_and_head_starts_the_family_that_differs_most_sets_it() -> None:
    one = history_of(np.random.default_rng(7), (150.0, 40.0), days=20, calls=60, family="segment")
    (found,) = calibrate(one, weekdays=ALL, sets=0)
    assert set(found.scenario.call_types[0].by_label) == {"segment"}
    assert any("patience by segment (it differs most of segment, color): differs" in note for note in found.notes)


def test_who_asks_says_which_family_or_none() -> None:
    one = history_of(np.random.default_rng(6), (150.0, 40.0), days=20, calls=60)
    (found,) = calibrate(one, weekdays=ALL, sets=0, head_start={"color.red": 30.0}, patience_by="priority")
    only = found.scenario.call_types[0].by_label
    assert only["priority"]["gold"].patience is not None and only["color"]["red"].patience is None
    assert any("patience by priority (as asked for): differs beyond chance for a" in note for note in found.notes)
    (none,) = calibrate(one, weekdays=ALL, sets=0, patience_by="none")
    assert not none.scenario.call_types[0].by_label and not any("patience by" in note for note in none.notes)
    (few,) = calibrate(one.where(one.day < one.day[0] + 1), weekdays=ALL, sets=0, patience_by="color")
    assert any("patience by color (as asked for): too few left, or on too few days" in note for note in few.notes)
    with pytest.raises(CallsimError, match='patience by: no label family "segment"; there is priority, color; or none'):
        calibrate(one, weekdays=ALL, sets=0, patience_by="segment")


def test_a_head_start_and_patience_stand_side_by_side_with_their_sources() -> None:
    one = history_of(np.random.default_rng(6), (150.0, 40.0), days=20, calls=60)
    (found,) = calibrate(one, weekdays=ALL, sets=0, head_start={"priority.gold": 30.0})
    gold = found.scenario.call_types[0].by_label["priority"]["gold"]
    assert gold.head_start == 30 and gold.patience is not None
    source = found.scenario.sources["call_types.a.by_label.priority.gold.patience"]
    assert source.status == "measured" and "who left" in source.note and "p < 0.001" in source.note


def test_values_that_few_left_of_have_one_law_together_or_the_types() -> None:
    """Tin and lead are a few of the callers who wait least: 20 of each left, then 5 of each."""
    one = history_of(np.random.default_rng(8), (150.0, 40.0), days=20, calls=60)
    for left, laws in ((20, {"gold", "iron", "tin", "lead"}), (5, {"gold", "iron"})):
        label = one.label.copy()
        for outcome, number in ((Outcome.ABANDONED, left), (Outcome.ANSWERED, 10)):
            iron = np.flatnonzero((one.label[:, 0] == 1) & (one.outcome == outcome))
            label[iron[:number], 0], label[iron[number : 2 * number], 0] = 2, 3
        few = replace(one, label=label, labels=(("priority", ("gold", "iron", "tin", "lead")), one.labels[1]))
        (found,) = calibrate(few, weekdays=ALL, sets=20)
        by_value = found.scenario.call_types[0].by_label["priority"]
        assert set(by_value) == laws
        if "tin" in laws:
            assert by_value["tin"].patience == by_value["lead"].patience != by_value["iron"].patience
            assert "of tin, lead together" in found.scenario.sources["call_types.a.by_label.priority.lead.patience"].note
            shown = [found.intervals[f"call_types.a.by_label.priority.{name}.patience.50 %"] for name in ("tin", "lead")]
            assert shown[0] == shown[1]


# --- what comes back -------------------------------------------------------------------------------------------------


def labeled(golden: str | None) -> Any:
    """The desk of `recorded_days` too small, with segments of which one waits five times as long, unless None is said."""
    kind = {
        "name": "a", "arrivals": {"per_hour": 40}, "talk": {"lognormal": {"mean": "4m", "cv": 0.7}},
        "patience": {"exponential": {"mean": "1m"}}, "labels": {"segment": {"gold": 0.3, "iron": 0.7}},
    }  # fmt: skip
    if golden is not None:
        kind["by_label"] = {"segment": {"gold": {"patience": {"exponential": {"mean": golden}}}}}
    return build({
        "name": "labeled", "calendar": {"start": MONDAY, "opens": "09:00", "closes": "13:00"}, "call_types": [kind],
        "groups": [{"name": "all", "skills": ["a"], "agents": 3}],
    })  # fmt: skip


def test_simulated_days_give_back_the_patience_of_each_label(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """30 days, seed 12: each quartile's interval holds the truth; the screen, the document and the pictures show it."""
    log = recorded(tmp_path, days=30, seed=12, scenario=labeled("5m"))
    (found,) = calibrate(log, weekdays=ALL)
    for value, mean in (("gold", 300), ("iron", 60)):
        for share in (0.25, 0.5):
            low, high = found.intervals[f"call_types.a.by_label.segment.{value}.patience.{100 * share:.0f} %"]
            assert low <= -mean * np.log(1 - share) <= high, (value, share, low, high)
    lines = calibration_lines([found], [tmp_path / "scenario.toml"], log="log", read=["days"])
    rows = [line for line in lines if line.startswith(("  segment gold", "  segment iron"))]
    assert len(rows) == 2 and all("min" in row or " s," in row for row in rows)
    (kind,) = calibration_document([found], [tmp_path / "s.toml"], log="log", read=[])["groups"][0]["call_types"]
    assert [row["value"] for row in kind["patience_by_label"]] == ["gold", "iron"]
    assert kind["patience_by_label"][0]["calls"] == pytest.approx(0.3 * kind["calls"], rel=0.1)
    (curve,) = fit(found, log).patience
    assert np.abs(curve.recorded - curve.law).max() < 0.05
    (tmp_path / "scenario.toml").write_text(dump_scenario(found.scenario.replace(parameters=None)))
    assert load(tmp_path / "scenario.toml").call_types == found.scenario.call_types


def test_with_every_day_once_the_set_is_the_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[dict[str, list[Any]]] = []
    monkeypatch.setattr(bootstrap, "days_drawn", lambda days, sets, name, together=1: np.ones((sets, days), np.int64))
    monkeypatch.setattr(from_log, "figures", lambda rows: made.append(rows) or {})
    (found,) = calibrate(history_of(np.random.default_rng(6), (150.0, 40.0), days=20, calls=60), weekdays=ALL, sets=1)
    (rows,) = made
    assert "call_types.a.by_label.priority.gold.patience" in rows
    only = Parameters(tuple(rows), 1, {0: tuple(row[0] for row in rows.values())})
    assert build(only.laid(found.scenario.table(), 0)) == found.scenario


@pytest.mark.slow
def test_intervals_hold_the_patience_that_each_label_was_given() -> None:
    """45 logs of 40 days, seeds 2000 to 2044: of each quartile the 95 % intervals hold the truth so often that the 99.9 %
    binomial interval of their coverage reaches 95 %, of all together in 90 % or more.
    """
    means = {"gold": 150.0, "iron": 40.0}
    truth = {f"{value}.patience.{100 * share:.0f} %": -mean * np.log(1 - share) for value, mean in means.items()
             for share in (0.25, 0.5)}  # fmt: skip
    hits = dict.fromkeys(truth, 0)
    for seed in range(2000, 2045):
        (found,) = calibrate(history_of(np.random.default_rng(seed), (150.0, 40.0), days=40, calls=40), weekdays=ALL)
        for name, exact in truth.items():
            low, high = found.intervals[f"call_types.a.by_label.priority.{name}"]
            hits[name] += low <= exact <= high
    for name, number in hits.items():
        assert chance(number, 45, level=0.999).high >= 0.95, (name, number)
    assert sum(hits.values()) >= 0.9 * 45 * len(truth)


# --- a bank's --------------------------------------------------------------------------------------------------------

BANK = Path(__file__).resolve().parents[2] / "shared" / "data" / "technion_calls_dev_1999-01_07.csv.gz"


@pytest.mark.slow
@pytest.mark.skipif(not BANK.exists(), reason="the bank's log is not there")
def test_a_banks_customers_with_priority_wait_longer() -> None:
    """January to March, regular customers: with priority 2 a quarter has left later than with 1, beyond the intervals."""
    from sim.files.call_log import read_call_log

    history = read_call_log(BANK).between(date(1999, 1, 1), date(1999, 3, 31))
    found = calibrate(history, head_start={"priority.2": 90.0}, sets=60)[0]
    first, second = (found.intervals[f"call_types.PS.by_label.priority.{value}.patience.25 %"] for value in "12")
    assert first[1] < second[0]
