"""Sets of all estimates: whole days drawn again, all of a set on the same days, and the intervals they give."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.statistics import chance
from sim.calibrate import bootstrap, calibrate, calibrate_report, from_log, from_report
from sim.calibrate.carried import carried
from sim.calibrate.durations import law_of, patience_of
from sim.calibrate.reweighted import laws, observed, patiences
from sim.calibrate.volumes import busyness
from sim.calls import NONE
from sim.chance.resample import days_drawn
from sim.files.history import History
from sim.files.interval_report import read_interval_report
from sim.scenario.merge import build
from sim.scenario.parameters import Parameters
from sim.scenario.provenance import status_of, unsaid
from tests.recorded_days import recorded

ALL = ((0, 1, 2, 3, 4),)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> History:
    return recorded(tmp_path_factory.mktemp("known"), days=12, seed=8)


def without_wrap_up(history: History) -> History:
    """The same log as if nobody had recorded after-call work: it is then the time between two calls."""
    return replace(history, release=np.where(history.answer != NONE, NONE, history.release))


def once(days: int, sets: int, name: str, together: int = 1) -> np.ndarray:
    return np.ones((sets, days), np.int64)


def as_estimated(found: Any, rows: dict[str, list[Any]]) -> None:
    """Laid over the scenario, the only set gives it back."""
    only = Parameters(tuple(rows), 1, {0: tuple(row[0] for row in rows.values())})
    assert build(only.laid(found.scenario.table(), 0)) == found.scenario


# --- a set is an estimate -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("prepared", [lambda one: one, without_wrap_up])
def test_with_every_day_once_a_set_is_the_estimate(
    known: History, prepared: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[dict[str, list[Any]]] = []
    monkeypatch.setattr(bootstrap, "days_drawn", once)
    monkeypatch.setattr(from_log, "figures", lambda rows: made.append(rows) or {})
    (found,) = calibrate(prepared(known), weekdays=ALL, sets=1)
    (rows,) = made
    assert {"call_types.a.patience", "call_types.b.labels.team", "groups.all.agents.per_interval", "ivr.delay"} <= set(rows)
    as_estimated(found, rows)


def test_so_is_one_of_a_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.csv"
    rng = np.random.default_rng(4)
    rows = []
    for day in range(4, 9):
        for hour in (9, 10, 11):
            offered = int(rng.poisson(100))
            rows.append(f"2024-03-0{day}T{hour:02d}:00,{offered},{offered - 8},8,{180 + day},6")
    path.write_text("\n".join(["start,offered,answered,abandoned,aht,heads", *rows]) + "\n")
    made: list[dict[str, list[Any]]] = []
    monkeypatch.setattr(from_report, "days_drawn", once)
    monkeypatch.setattr(from_report, "figures", lambda rows: made.append(rows) or {})
    (found,) = calibrate_report(read_interval_report(path), weekdays=ALL, sets=1)
    patience = made[0]["call_types.calls.patience"][0]["exponential"]["mean"]
    measured = found.scenario.call_types[0].patience.mean  # type: ignore[union-attr]
    assert patience == pytest.approx(measured, rel=2e-3)  # a set looks near the estimate, to three digits
    as_estimated(found, made[0] | {"call_types.calls.patience": [{"exponential": {"mean": measured}}]})


@pytest.mark.parametrize("calls", [29, 35, 100, 4001])
def test_a_day_drawn_twice_counts_twice(calls: int) -> None:
    """Laws of weighted days are those of the calls written down as often; 20 days, rng 0, times in whole seconds."""
    rng = np.random.default_rng(0)
    seconds = np.round(rng.lognormal(4, 1.3, calls) + rng.exponential(3, calls))
    day, left = rng.integers(0, 20, calls), rng.random(calls) < 0.7
    weights = days_drawn(20, 6, "test")
    for given, made in (
        (law_of(seconds), laws(law_of(seconds), observed(seconds, day), weights)),
        (patience_of(seconds, left), patiences(patience_of(seconds, left), seconds, left, day, weights)),
    ):
        for row, law in zip(weights, made, strict=True):
            again = np.repeat(np.arange(calls), row[day])
            whole = law_of(seconds[again]) if set(given) & {"empirical", "lognormal", "mixture"} else None
            whole = patience_of(seconds[again], left[again]) if "survival" in given else whole
            if whole is not None and set(whole) == set(given):  # the form is that of the data as they are
                assert law == whole


def test_as_many_days_are_drawn_as_there_are_each_with_the_same_chance() -> None:
    """A binomial number of times: mean 1, variance 1 - 1/n; 2,000 sets of 30 days, within 4 standard errors."""
    drawn = days_drawn(30, 2000, "monday")
    assert (drawn.sum(axis=1) == 30).all() and (drawn[:10] == days_drawn(30, 10, "monday")).all()
    assert np.abs(drawn.mean(axis=0) - 1).max() < 4 * np.sqrt(1 / 2000)
    assert drawn.var() == pytest.approx(1 - 1 / 30, abs=0.02)
    assert not (drawn == days_drawn(30, 2000, "friday")).all()


def test_days_that_follow_each_other_are_drawn_together_where_that_is_asked_for() -> None:
    """Circular blocks of 6 of 30 days: as many days, each with the same chance (4 standard errors of 2,000 sets); of 5 blocks
    neighbors, as which the last and the first day count, are in a block of 6 by 5 / 30, and correlate as that makes them.
    """
    drawn = days_drawn(30, 2000, "monday", 6)
    assert (drawn.sum(axis=1) == 30).all()
    assert np.abs(drawn.mean(axis=0) - 1).max() < 4 * np.sqrt(1 / 2000)
    beside = np.mean((drawn - 1) * (np.roll(drawn, 1, axis=1) - 1)) / np.mean((drawn - 1) ** 2)
    assert beside == pytest.approx((5 / 30 - 0.2**2) / (6 / 30 - 0.2**2), abs=0.02)
    assert (days_drawn(30, 20, "monday", 1) == days_drawn(30, 20, "monday")).all()


def test_the_same_data_give_the_same_sets(known: History) -> None:
    one, other = (calibrate(known, weekdays=ALL, sets=20)[0] for _ in range(2))
    assert one.parameters is not None and other.parameters is not None
    assert one.parameters.parameters == other.parameters.parameters and one.parameters.hash == other.parameters.hash
    more = calibrate(known, weekdays=ALL, sets=30)[0].parameters
    assert more is not None and more.parameters.sets[19] == one.parameters.parameters.sets[19]


def test_sets_change_no_estimate(known: History) -> None:
    assert calibrate(known, sets=0)[0].scenario == calibrate(known, sets=3)[0].scenario
    assert calibrate(known, sets=0)[0].parameters is None


def test_what_hangs_together_varies_together(known: History) -> None:
    """A busy day drawn twice has more calls in every interval: half-hours of one set are correlated."""
    parameters = calibrate(known, weekdays=ALL)[0].parameters
    assert parameters is not None
    all_ = parameters.parameters
    place = all_.paths.index("call_types.a.arrivals.per_interval")
    profiles = np.array([values[place] for values in all_.sets.values()])
    inside = profiles[:, profiles.mean(axis=0) > 0]
    assert inside.sum(axis=1).var() > 1.2 * inside.var(axis=0).sum()


# --- intervals ------------------------------------------------------------------------------------------------------

TRUE = {
    "call_types.a.calls": 100.0, "call_types.b.calls": 32.0, "call_types.a.aht": 270.0, "call_types.b.aht": 180.0,
    "call_types.a.patience.25 %": 120 * np.log(4 / 3), "call_types.a.patience.50 %": 120 * np.log(2),
    "call_types.b.patience.50 %": 240 * np.log(2), "call_types.a.balking": 0.1, "ivr.hang_up.a": 0.05,
    "call_types.b.labels.team.old": 0.25, "factors.day.cv": 0.1,
}  # fmt: skip


def test_every_estimate_has_an_interval_around_it(known: History) -> None:
    (found,) = calibrate(known, weekdays=ALL)
    assert set(TRUE) | {"groups.all.heads", "ivr.delay", "factors.hours.cv", "call_types.b.busyness.cv"} <= set(found.intervals)
    calls = sum(found.scenario.call_types[0].arrivals.per_interval)  # type: ignore[arg-type]
    low, high = found.intervals["call_types.a.calls"]
    assert low < calls < high
    assert all(low <= high for low, high in found.intervals.values())


@pytest.mark.slow
def test_intervals_hold_what_the_days_were_simulated_with(tmp_path: Path) -> None:
    """60 logs of 40 simulated days each (seeds 1000 to 1059): of each estimate, the 95 % intervals hold the truth so often
    that the 99.9 % binomial interval of their coverage reaches 95 %; of all together they hold it in 90 % or more.
    """
    hits = dict.fromkeys(TRUE, 0)
    for seed in range(1000, 1060):
        (found,) = calibrate(recorded(tmp_path, days=40, seed=seed), weekdays=ALL)
        for name, truth in TRUE.items():
            low, high = found.intervals[name]
            hits[name] += low <= truth <= high
    for name, number in hits.items():
        assert chance(number, 60, level=0.999).high >= 0.95, (name, number)
    assert sum(hits.values()) >= 0.9 * 60 * len(TRUE)


# --- where it comes from --------------------------------------------------------------------------------------------


def test_every_input_of_a_calibration_has_exactly_one_status(known: History, tmp_path: Path) -> None:
    (found,) = calibrate(known, weekdays=ALL, head_start={"team.old": 30.0})
    path = tmp_path / "report.csv"
    path.write_text("start,offered,answered,abandoned,aht\n2024-03-04T09:00,100,95,5,3m\n2024-03-04T09:30,80,78,2,3m\n")
    (other,) = calibrate_report(read_interval_report(path))
    for scenario in (found.scenario, other.scenario):
        assert unsaid(scenario) == []
        assert len(status_of(scenario)) > 10
    status = status_of(found.scenario)
    assert status["call_types.a.arrivals.per_interval"].status == "measured"
    assert status["call_types.b.by_label.team.old.head_start"].status == "given"
    assert status["groups.all.skills"].status == "assumed"
    assert status_of(other.scenario)["call_types.calls.talk.exponential.mean"].status == "assumed"  # the longer path


def test_few_days_have_no_sets_and_say_so(known: History) -> None:
    few, more = sorted(calibrate(known, weekdays=((0,), (1, 2, 3, 4))), key=lambda one: one.days)
    assert (few.name, few.days, few.parameters, dict(few.intervals)) == ("monday", 3, None, {})
    assert any("fewer than 5 days: no intervals" in note for note in few.notes)
    assert more.parameters is not None and more.parameters.parameters.number == 200


def test_days_drawn_again_swing_as_much_as_the_days_do() -> None:
    """Poisson days without swing and days with cv 0.2 of a day and of hours: 25 days, rng 9. The mean squared cv of 300 sets
    is that of the days, within a fifth and 0.005 (below 0 is 0), though a day drawn twice differs from itself by nothing.
    """
    rng, weekdays = np.random.default_rng(9), np.arange(25) % 5
    for cv in (0.0, 0.2):
        rates = 8.0 * np.exp(cv * rng.normal(size=(25, 1, 1))) * np.exp(cv * rng.normal(size=(25, 1, 16)))
        calls = rng.poisson(rates).astype(float)
        found = busyness(calls, weekdays, per_hour=2, every_day=True)
        sets = bootstrap.swings(calls, weekdays, 2, found, days_drawn(25, 300, "swing"))
        whole = [one.day**2 + one.hours**2 + one.intervals**2 for one in sets]
        point = found.day**2 + found.hours**2 + found.intervals**2
        assert np.mean(whole) == pytest.approx(point, abs=0.005 + 0.2 * point)


# --- sets of a scenario that was changed ----------------------------------------------------------------------------


def test_sets_go_with_a_scenario_that_is_changed_by_the_same_factors(known: History) -> None:
    (found,) = calibrate(known, weekdays=ALL, sets=10)
    assert carried(found) is found and found.parameters is not None
    table = found.scenario.table()
    for kind in table["call_types"]:
        kind["arrivals"]["per_interval"] = [round(2 * calls, 3) for calls in kind["arrivals"]["per_interval"]]
    table["call_types"][0]["talk"] = {"exponential": {"mean": 100.0}}
    moved = carried(replace(found, scenario=build(table | {"name": "twice"})))
    assert moved.parameters is not None
    before, after = found.parameters.parameters, moved.parameters.parameters
    path = "call_types.a.arrivals.per_interval"
    old, new = (np.array([one.sets[3][one.paths.index(path)]][0]) for one in (before, after))
    assert new == pytest.approx(2 * old, rel=1e-3)
    assert "call_types.a.talk" not in after.paths  # of another form: the scenario's in every set
    assert set(before.paths) - set(after.paths) == {"call_types.a.talk"}
    assert moved.parameters.edited(moved.scenario.table()) == () and moved.parameters.of == "twice"
    assert moved.intervals["call_types.a.calls"] == pytest.approx(np.array(found.intervals["call_types.a.calls"]) * 2, rel=1e-3)
    assert moved.intervals["ivr.hang_up.a"] == found.intervals["ivr.hang_up.a"]
