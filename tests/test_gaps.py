"""Silence of one call type while others go on: found where it is beyond chance, and no part of what is measured of the type."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from experiments.cli.main import main
from sim.calibrate import calibrate, calibrate_report
from sim.calibrate.volumes import busyness, mean_calls
from sim.files.call_log import read_call_log
from sim.files.gaps import Gap, missing_types, silent_types, with_zeros
from sim.files.history import History
from sim.files.interval_report import read_interval_report
from tests.recorded_days import MONDAY, desk, recorded

KINDS = ("main", "small")
HALF_HOURS = 48
ALL = ((0, 1, 2, 3, 4),)


def weekdays(number: int) -> list[date]:
    return [MONDAY + timedelta(days=day + 2 * (day // 5)) for day in range(number)]


def even(days: int, per_half_hour: tuple[float, ...]) -> np.ndarray:
    """The same calls in every half-hour from 8:00 to 18:00: float64, shape (days, types, 48)."""
    calls = np.zeros((days, len(per_half_hour), HALF_HOURS))
    calls[:, :, 16:36] = np.array(per_half_hour)[None, :, None]
    return calls


# --- which silence is one ---------------------------------------------------------------------------------------------


def test_twenty_calls_of_a_type_that_did_not_come_are_a_gap_and_nineteen_are_none() -> None:
    """Of a type with 5 calls a half-hour, every day alike: 2 hours are 20 calls."""
    days, calls = weekdays(20), even(20, (40, 5))
    calls[3, 1, 20:24] = 0
    calls[7, 1, 20:23] = 0
    assert silent_types(days, calls, KINDS, 1800) == [Gap(days[3], 10 * 3600, 12 * 3600, 20.0, "small")]
    assert str(silent_types(days, calls, KINDS, 1800)[0]) == f"small {days[3]} 10:00 - 12:00, where 20 calls are usual"
    calls[3, 0, 20:24] = 0  # all types: a matter of the day
    assert silent_types(days, calls, KINDS, 1800) == []
    assert silent_types(days, calls[:, 1:], ("small",), 1800) == []


def test_a_queue_that_is_closed_on_a_weekday_of_which_two_are_known_is_no_gap() -> None:
    days, calls = weekdays(15), even(15, (40, 10))
    fridays = [row for row, day in enumerate(days) if day.weekday() == 4]
    calls[fridays, 1] = 0
    assert silent_types(days[:10], calls[:10], KINDS, 1800) == []  # two Fridays: Mondays to Thursdays say nothing of them
    assert silent_types(days, calls, KINDS, 1800) == []  # three: so it always is
    calls[fridays[:2], 1], calls[fridays[2], 1] = calls[0, 1], 0
    assert [gap.day for gap in silent_types(days, calls, KINDS, 1800)] == [days[fridays[2]]]


def test_less_is_expected_of_a_type_where_others_call_less_too() -> None:
    """While the others call half as much, 10 calls of the 20 are expected: no gap; in 4 hours it is 20 again."""
    days, calls = weekdays(20), even(20, (40, 5))
    calls[3, 0], calls[3, 1, 20:24] = calls[3, 0] / 2, 0
    assert silent_types(days, calls, KINDS, 1800) == []
    calls[3, 1, 20:28] = 0
    (gap,) = silent_types(days, calls, KINDS, 1800)
    assert (gap.start, gap.end, gap.usual) == (10 * 3600, 14 * 3600, 40.0)


def test_a_type_whose_days_differ_needs_a_longer_silence() -> None:
    """Rates that are gamma with a cv of 0.4, c2 = 0.16: (e^3.2 - 1) / 0.16 = 147 calls; 100 of 200 a day are none, all are."""
    days, rng = weekdays(400), np.random.default_rng(7)
    rate = rng.gamma(1 / 0.16, 0.16, (400, 1))
    calls = even(400, (40, 10))
    calls[:, 1, 16:36] = rng.poisson(10 * rate, (400, 20))
    calls[5, 1, 16:26] = calls[9, 1, 16:36] = 0
    (gap,) = silent_types(days, calls, KINDS, 1800)
    assert gap.day == days[9] and 170 < gap.usual < 200  # the median of such rates is below their mean


@pytest.mark.parametrize("cv", [0.0, 0.5])
def test_days_without_a_gap_have_none(cv: float) -> None:
    """2,000 days of six types with 30 to 800 calls each, Poisson given a rate that is gamma with that cv; rng 3: no alarm."""
    days, rng = weekdays(2000), np.random.default_rng(3)
    rate = rng.gamma(1 / cv**2, cv**2, (2000, 6, 1)) if cv else np.ones((2000, 6, 1))
    calls = rng.poisson(even(2000, (1.5, 3, 6, 12, 25, 40)) * rate).astype(float)
    assert silent_types(days, calls, tuple("abcdef"), 1800) == []


def test_the_chance_of_a_false_alarm_is_the_one_that_is_stated() -> None:
    """With e^-4 in place of e^-20, 4,000 Poisson days of a type with 60 calls, in 600 parts of 0.1 calls, rng 5: a silence of 4
    calls or more comes (1 + 60 - 4) e^-4 = 1.04 times a day; in whole parts a little more seldom, 57 e^-4.2 at least.
    """
    days, rng = weekdays(4000), np.random.default_rng(5)
    calls = np.zeros((4000, 2, 600))
    calls[:, 0], calls[:, 1] = 10.0, rng.poisson(0.1, (4000, 600))
    usual = calls.copy()
    usual[:, 1] = 0.1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.files.gaps._usual", lambda days, values: np.broadcast_to(values.mean(axis=0), values.shape))
        found = silent_types(days, calls, KINDS, 144.0, sure=4.0)
    rate = len(found) / 4000
    low, high = 57 * math.exp(-4.2), 57 * math.exp(-4.0)
    wide = 3 * math.sqrt(rate / 4000)
    assert low - wide < rate < high + wide


# --- what becomes of it -----------------------------------------------------------------------------------------------


def test_means_are_over_the_days_with_a_record() -> None:
    calls = np.array([[[10.0, 4.0]], [[0.0, 6.0]], [[20.0, 8.0]]])
    gone = np.zeros(calls.shape, bool)
    gone[1, 0, 0] = True
    assert mean_calls(calls, gone).tolist() == [[15.0, 6.0]]
    assert mean_calls(calls, None).tolist() == [[10.0, 6.0]]
    weights = np.array([[1, 2, 0], [0, 3, 0], [1, 1, 1]])
    assert mean_calls(calls, gone, weights).tolist() == [[[10.0, 16 / 3]], [[15.0, 6.0]], [[15.0, 6.0]]]
    assert mean_calls(calls, gone, weights[0]).tolist() == [[10.0, 16 / 3]]
    for row in weights:
        assert mean_calls(calls, None, row) == pytest.approx(np.average(calls, axis=0, weights=row))


def test_days_with_a_gap_do_not_count_in_the_swing() -> None:
    rng = np.random.default_rng(2)
    calls = rng.poisson(20, (30, 2, 20)).astype(float)
    gone = np.zeros(calls.shape, bool)
    gone[4, 1, 3:9] = True
    calls[4, 1, 3:9] = 0
    days = np.arange(30) % 5
    spoilt, found = (busyness(calls, days, per_hour=2, every_day=True, gone=one) for one in (None, gone))
    others = busyness(np.delete(calls, 4, axis=0), np.delete(days, 4), per_hour=2, every_day=True)
    assert found.unlike.tolist() == [day == 4 for day in range(30)]
    assert found.own.tolist() == others.own.tolist() and spoilt.own[1] > found.own[1]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> History:
    """Twenty days of a desk with 100 calls of type a an hour and 40 of type b."""
    busy = {"call_types.a.arrivals.per_hour": 100, "call_types.b.arrivals.per_hour": 40, "groups.all.agents": 12}
    return recorded(tmp_path_factory.mktemp("whole"), days=20, seed=8, scenario=desk().with_(busy))


def without(history: History, *days: int) -> History:
    """The log without its calls of type a from 10:00 to 11:30 on some of its days; about 145 are usual."""
    a, dates = history.call_types.index("a"), [history.days()[day].toordinal() for day in days]
    hours = (history.arrival >= 10 * 3600 * 10**6) & (history.arrival < 41_400 * 10**6)
    return history.where(~(hours & (history.call_type == a) & np.isin(history.day, dates)))


def test_a_profile_is_that_of_the_days_on_which_the_queue_was_recorded(whole: History) -> None:
    """Five of twenty days lack an hour and a half of type a: as zeros they would take a quarter off the profile there."""
    gone = (2, 5, 9, 11, 18)  # each another weekday
    (before,), (after,) = (calibrate(one, weekdays=ALL, sets=20) for one in (whole, without(whole, *gone)))
    assert after.days == 20 and not after.set_aside
    (note,) = [one for one in after.notes if one.startswith("not recorded of one call type")]
    assert note.count("a 2024-") == 5 and "10:00 - 11:30" in note and "these days not in the swing" in note
    assert after.scenario.sources["call_types.a.arrivals"].note == "mean of 20 days, 5 of them with a gap"
    a, b = (np.array(one.arrivals.per_interval) for one in after.scenario.call_types)
    rows = [row for row, day in enumerate(whole.days()) if row not in gone]
    kept = whole.where(np.isin(whole.day, [whole.days()[row].toordinal() for row in rows]))
    (of_kept,) = calibrate(kept, weekdays=ALL, sets=0)
    assert a[2:5].tolist() == np.array(of_kept.scenario.call_types[0].arrivals.per_interval)[2:5].tolist()
    assert a[:2].tolist() == np.array(before.scenario.call_types[0].arrivals.per_interval)[:2].tolist()
    assert b.tolist() == np.array(before.scenario.call_types[1].arrivals.per_interval).tolist()
    assert after.parameters is not None
    place = after.parameters.parameters.paths.index("call_types.a.arrivals.per_interval")
    means = np.array([values[place] for values in after.parameters.parameters.sets.values()]).mean(axis=0)
    assert means[2:5].mean() == pytest.approx(a[2:5].mean(), rel=0.05)


def test_heads_are_those_of_the_days_on_which_somebody_could_be_seen(whole: History) -> None:
    """Agents of a type alone are in no log of the hours that lack it: of five days as nobody they would be a quarter fewer."""
    gone = (2, 5, 9, 11, 18)
    days = [day.toordinal() for row, day in enumerate(whole.days()) if row not in gone]
    of_a: list[np.ndarray] = []
    unnamed = replace(whole, groups=(), group=np.full(len(whole), -1, np.int64))  # a log that names groups has their agents
    for history, sets in ((without(unnamed, *gone), 20), (unnamed.where(np.isin(whole.day, days)), 0)):
        (found,) = calibrate(history, weekdays=ALL, own_agents=("a",), sets=sets)
        (group,) = [group for group in found.scenario.groups if group.name == "a"]
        of_a.append(np.array(group.agents.per_interval)[2:5])
        if found.parameters is not None:
            place = found.parameters.parameters.paths.index("groups.a.agents.per_interval")
            of_a.append(np.array([values[place] for values in found.parameters.parameters.sets.values()]).mean(axis=0)[2:5])
    found_, in_sets, of_kept = of_a
    assert found_ == pytest.approx(of_kept, rel=0.01) and in_sets.mean() == pytest.approx(of_kept.mean(), rel=0.05)


def test_without_a_gap_nothing_is_said_and_nothing_changes(whole: History) -> None:
    (found,) = calibrate(whole, weekdays=ALL, sets=0)
    assert not any("one call type" in note for note in found.notes)
    assert found.scenario.sources["call_types.a.arrivals"].note == "mean of 20 days"


def report_file(tmp_path: Path, *, zero: bool) -> Path:
    """Ten Mondays from 8:00 to 12:00; on the fourth type b has no row, or a row of 0, from 9:00 to 11:00."""
    lines = ["date,start,call_type,offered,answered,abandoned,aht,heads"]
    for week in range(10):
        for part in range(8):
            clock = f"{8 + part // 2:02d}:{30 * (part % 2):02d}"
            gone = week == 3 and 2 <= part < 6
            for kind, calls in (("a", 50), ("b", 10)):
                if kind == "b" and gone:
                    lines += [f"{MONDAY + timedelta(weeks=week)},{clock},b,0,0,0,,4"] if zero else []
                else:
                    lines.append(f"{MONDAY + timedelta(weeks=week)},{clock},{kind},{calls},{calls},0,200,4")
    path = tmp_path / "report.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_rows_that_a_report_lacks_of_one_type_are_a_gap_and_zeros_are_zeros(tmp_path: Path) -> None:
    report = read_interval_report(report_file(tmp_path, zero=False))
    (gap,) = missing_types(report)
    assert str(gap) == f"b {MONDAY + timedelta(weeks=3)} 09:00 - 11:00, where 40 calls are usual"
    (found,) = calibrate_report(report, sets=20)
    of = {kind.name: np.array(kind.arrivals.per_interval).tolist() for kind in found.scenario.call_types}
    assert of["b"] == [10.0] * 8 and of["a"] == [50.0] * 8
    assert any("not recorded of one call type" in note for note in found.notes)
    filled = with_zeros(report, [gap])
    assert len(filled) == len(report) + 4 and missing_types(filled) == []
    zeros = read_interval_report(report_file(tmp_path, zero=True))
    assert missing_types(zeros) == []
    (found,) = calibrate_report(zeros, sets=0)
    (b,) = [kind for kind in found.scenario.call_types if kind.name == "b"]
    assert np.array(b.arrivals.per_interval).tolist() == [10.0] * 2 + [9.0] * 4 + [10.0] * 2


def test_an_import_names_the_queue_that_was_silent(
    whole: History, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim.files.own_log import own_csv

    monkeypatch.setenv("CALLSIM_CONFIG", str(tmp_path / "mine"))
    (tmp_path / "log.csv").write_text(own_csv(replace(without(whole, 2), notes=())))
    for words in ((), ("--json",)):
        with pytest.raises(SystemExit) as end:
            main(["import", str(tmp_path / "log.csv"), "-o", str(tmp_path / f"history{len(words)}"), *words])
        assert not end.value.code
    text, _, document = capsys.readouterr().out.partition("{")
    day = whole.days()[2]
    said = f"1 stretch without a call of one call type while others go on, not taken as 0 calls of it: a {day} 10:00 - 11:30"
    assert said in " ".join(text.split())
    (gap,) = json.loads("{" + document)["gaps"]
    assert (gap["call_type"], gap["date"], gap["from"], gap["to"]) == ("a", str(day), 36_000, 41_400)
    assert len(read_call_log(tmp_path / "history0" / "calls.csv")) == len(without(whole, 2))
