"""Handle time by group as it is measured: the test by whole days, and what was put in comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.backtest_parts import Given, scenario_of, unseen_day
from experiments.expected import handle_seconds
from experiments.screens.calibration_screen import calibration_document, calibration_lines
from experiments.statistics import chance
from sim.calibrate import bootstrap, calibrate, from_log
from sim.calibrate.group_times import daily_sums
from sim.calibrate.patience import by_chance
from sim.calls import NONE, Outcome
from sim.chance.means import mean
from sim.files import dump_scenario, load
from sim.files.history import History
from sim.scenario.merge import build
from sim.scenario.parameters import Parameters
from tests.recorded_days import MONDAY, recorded

ALL = ((0, 1, 2, 3, 4),)
S = 10**6


def history_of(
    rng: np.random.Generator, factors: tuple[float, float], *, days: int, calls: int, wrap: bool = False, groups: bool = True
) -> History:
    """Two types answered at once by two groups, of which the second takes two calls in five; `factors` of the groups on calls of
    type a, whose times are exponential with mean 180 s and, if recorded, 20 s of wrap-up; days are slower or faster (cv 0.1).
    """
    n = days * calls
    day, kind, group = np.repeat(np.arange(days), calls), (rng.random(n) < 0.3).astype(int), (rng.random(n) < 0.4).astype(int)
    pace = np.where(kind == 0, np.array(factors)[group], 1.0) * rng.gamma(100, 0.01, days)[day]
    talk, after = (np.round(rng.exponential(seconds, n) * pace * S).astype(np.int64) for seconds in (180, 20))
    came = np.sort(rng.integers(9 * 3600, 13 * 3600, (days, calls)), axis=1).ravel() * S
    dates = np.array([(MONDAY + timedelta(days=at + 2 * (at // 5))).toordinal() for at in range(days)])
    none = np.full(n, NONE, np.int64)
    return History(
        source="made", layout="made", call_types=("a", "b"), day=dates[day], number=np.arange(n), call_type=kind, arrival=came,
        ivr_exit=came, queue_entry=came, answer=came, end=came + talk, release=came + talk + after if wrap else none,
        outcome=none * 0 + int(Outcome.ANSWERED), agent=none, group=group if groups else none, customer=none,
        label=np.zeros((n, 0), np.int64), accepted=none, groups=("north", "south") if groups else (),
    )  # fmt: skip


def test_daily_sums_add_up_to_what_the_group_took_longer() -> None:
    rng = np.random.default_rng(1)
    seconds, group, day = rng.exponential(100, 600), rng.integers(0, 3, 600), rng.integers(0, 9, 600)
    sums = daily_sums(seconds, group, day)
    assert sums.shape == (9, 2)
    for which in (0, 1):
        mine = seconds[group == which]
        assert sums[:, which].sum() == pytest.approx(len(mine) * (mine.mean() - seconds.mean()))


def test_a_difference_is_found_by_chance_as_often_as_said() -> None:
    """2,000 logs of 30 days whose calls are slower or faster together, two groups alike: p below 5 % in a share whose 99.9 %
    binomial interval holds 5 %; rng 2.
    """
    rng, found = np.random.default_rng(2), 0
    for _ in range(2000):
        day, group = np.repeat(np.arange(30), 12), (rng.random(360) < 0.4).astype(int)
        seconds = rng.exponential(180, 360) * rng.gamma(25, 0.04, 30)[day]
        found += by_chance(daily_sums(seconds, group, day)) < 0.05
    said = chance(found, 2000, level=0.999)
    assert said.low <= 0.05 <= said.high, found


@pytest.mark.parametrize("wrap", [False, True])
def test_groups_that_differ_have_a_factor_of_the_types_mean(wrap: bool) -> None:
    """30 days of 150 calls, rng 3: 0.9 and 1.3 are 0.854 and 1.233 of the mean of all, 1.054; type b has none."""
    (found,) = calibrate(history_of(np.random.default_rng(3), (0.9, 1.3), days=30, calls=150, wrap=wrap), weekdays=ALL)
    paces = {group.name: group.proficiency for group in found.scenario.groups}
    whole = 0.6 * 0.9 + 0.4 * 1.3
    for name, truth in (("north", 0.9 / whole), ("south", 1.3 / whole)):
        own = paces[name]
        assert isinstance(own, dict) and set(own) == {"a"}
        low, high = found.intervals[f"groups.{name}.proficiency.a"]
        assert low <= truth <= high and low < own["a"] < high
        assert found.scenario.sources[f"groups.{name}.proficiency.a"].status == "measured"
    kind = found.scenario.call_types[0]
    assert mean(kind.talk) == pytest.approx(180 * whole, rel=0.08) and (mean(kind.wrap_up) > 10) == wrap
    assert any("handle time by group: differs beyond chance for a (p < 0.001); not for b (p = " in note for note in found.notes)
    lines = calibration_lines([found], [Path("scenario.toml")], log="log", read=["days"])
    assert any(line.startswith("calls take         north, a: 0.8") for line in lines)
    document = calibration_document([found], [Path("scenario.toml")], log="log", read=[])
    assert set(document["groups"][0]["proficiency"]) == {"north", "south"}


def test_without_groups_or_a_difference_everything_is_as_it_was() -> None:
    for groups in (True, False):
        log = history_of(np.random.default_rng(4), (1.0, 1.0), days=20, calls=80, groups=groups)
        (found,) = calibrate(log, weekdays=ALL, sets=0)
        assert all(group.proficiency is None for group in found.scenario.groups)
        assert any("handle time by group: no difference beyond chance (a p = " in note for note in found.notes) == groups
        (plain,) = calibrate(replace(log, group=np.full(len(log), NONE), groups=()), weekdays=ALL, sets=0)
        assert [kind.talk for kind in plain.scenario.call_types] == [kind.talk for kind in found.scenario.call_types]


def test_simulated_days_give_back_the_pace_of_each_group(tmp_path: Path) -> None:
    """15 days of about 240 calls at two desks, seed 5: the ratio comes back, and so do expected times."""
    story = build({
        "name": "two", "calendar": {"start": MONDAY, "opens": "09:00", "closes": "13:00"}, "call_types": [
            {"name": "a", "arrivals": {"per_hour": 60}, "talk": {"exponential": {"mean": "3m"}}, "wrap_up": "20s",
             "patience": {"exponential": {"mean": "3m"}}}],
        "groups": [{"name": "north", "skills": ["a"], "agents": 2, "proficiency": 0.8},
                   {"name": "south", "skills": ["a"], "agents": 2, "proficiency": 1.4}],
    })  # fmt: skip
    log = recorded(tmp_path, days=15, seed=5, scenario=story)
    assert log.groups
    (found,) = calibrate(log, weekdays=ALL)
    north, south = (found.scenario.groups[at].proficiency["a"] for at in (0, 1))  # type: ignore[index]  # by call type
    assert float(str(south)) / float(str(north)) == pytest.approx(1.4 / 0.8, rel=0.15)
    assert handle_seconds(found.scenario)["a"] == pytest.approx(handle_seconds(story)["a"], rel=0.1)
    (tmp_path / "scenario.toml").write_text(dump_scenario(found.scenario.replace(parameters=None)))
    assert load(tmp_path / "scenario.toml").groups == found.scenario.groups
    day = unseen_day(log, log.days()[-1], found.scenario, tuple(log.days()[:3]))
    told, own = (scenario_of(day, given) for given in (Given(), Given(handle_times=True)))
    assert [group.proficiency for group in told.groups] == [group.proficiency for group in found.scenario.groups]
    assert all(group.proficiency is None for group in own.groups)


def test_with_every_day_once_the_set_is_the_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[dict[str, list[Any]]] = []
    monkeypatch.setattr(bootstrap, "days_drawn", lambda days, sets, name, together=1: np.ones((sets, days), np.int64))
    monkeypatch.setattr(from_log, "figures", lambda rows: made.append(rows) or {})
    log = history_of(np.random.default_rng(3), (0.9, 1.3), days=30, calls=150, wrap=True)
    (found,) = calibrate(log, weekdays=ALL, sets=1)
    (rows,) = made
    assert "groups.south.proficiency.a" in rows
    only = Parameters(tuple(rows), 1, {0: tuple(row[0] for row in rows.values())})
    assert build(only.laid(found.scenario.table(), 0)) == found.scenario


@pytest.mark.slow
def test_intervals_hold_the_pace_that_each_group_was_given() -> None:
    """35 logs of 40 days of 60 calls, seeds 3000 to 3034: of each factor the 95 % intervals hold the truth so often that the
    99.9 % binomial interval of their coverage reaches 95 %; of both together in 90 % or more.
    """
    truth = {"north": 0.8 / 1.04, "south": 1.4 / 1.04}
    hits = dict.fromkeys(truth, 0)
    for seed in range(3000, 3035):
        (found,) = calibrate(history_of(np.random.default_rng(seed), (0.8, 1.4), days=40, calls=60), weekdays=ALL)
        for name, exact in truth.items():
            low, high = found.intervals[f"groups.{name}.proficiency.a"]
            hits[name] += low <= exact <= high
    for name, number in hits.items():
        assert chance(number, 35, level=0.999).high >= 0.95, (name, number)
    assert sum(hits.values()) >= 0.9 * 70, hits
