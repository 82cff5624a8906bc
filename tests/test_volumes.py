"""Volumes: what calls vary by beyond chance comes back from counts, and real days vary as the model's do."""

from __future__ import annotations

import csv
import gzip
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.dispersion import busyness_intervals, simulated_calls, spread
from sim.calibrate import calibrate, calibrate_report
from sim.calibrate.calibration import Sources
from sim.calibrate.dispersion import dispersion, unlike_course
from sim.calibrate.volumes import busyness, factors_of, swing
from sim.files import dump_scenario
from sim.files.history import History
from sim.files.interval_report import read_interval_report
from sim.files.recorded import read_recorded
from sim.scenario.errors import CallsimError
from sim.scenario.scenario import Scenario
from sim.scenario.units import ticks

BANK = Path(__file__).resolve().parents[2] / "shared" / "data" / "usbank_calls_5min_dev_2003-03_08.csv.gz"
OTHER_BANK = BANK.with_name("technion_calls_dev_1999-01_07.csv.gz")


def story(
    rates: dict[str, float],
    own: tuple[float, ...],
    *,
    interval: str = "5m",
    profile: list[float] | None = None,
    own_hours: dict[str, tuple[float, float]] | None = None,
    **cvs: float,
) -> Scenario:
    """Types by calls an hour, each with its own factor, all with that of the day, the hours and the intervals; `own_hours` : cv
    and correlation by type.
    """
    apart = own_hours or {}
    factors = [
        {"name": "level", "cv": cvs.get("level", 0.0), "day_to_day": cvs.get("day_to_day", 0.0)},
        {"name": "day", "cv": cvs.get("day", 0.0)},
        {"name": "hours", "cv": cvs.get("hours", 0.0), "part": interval, "correlation": cvs.get("correlation", 0.0)},
        {"name": "intervals", "cv": cvs.get("intervals", 0.0), "part": interval},
        *({"name": f"{name} hours", "cv": cv, "part": interval, "correlation": r} for name, (cv, r) in apart.items()),
    ]
    shared = ["level", "day", "hours", "intervals"]
    kinds: list[dict[str, Any]] = [
        {
            "name": name,
            "arrivals": {"per_hour": rate} if profile is None else {"per_interval": profile},
            "talk": 60,
            "busyness": {"cv": cv, "factors": [*shared, *([f"{name} hours"] if name in apart else [])]},
        }
        for (name, rate), cv in zip(rates.items(), own, strict=True)
    ]
    hours = ("08:00", "18:00") if profile is None else ("07:00", "21:05")
    return Scenario.model_validate(
        {
            "name": "known",
            "calendar": {"start": date(2024, 3, 4), "opens": hours[0], "closes": hours[1], "interval": interval},
            "factors": factors,
            "call_types": kinds,
            "groups": [{"name": "desk", "skills": list(rates), "agents": 1}],
        }
    )


def weekdays(days: int) -> np.ndarray:
    return np.arange(days) % 5


# --- the statistic -----------------------------------------------------------------------------------------------


def test_poisson_calls_have_dispersion_1_with_and_without_the_days_total() -> None:
    """300 days of five weekdays with levels and profiles of their own, rng 4: within 0.05 (about 4 sigma at 24 parts)."""
    rng = np.random.default_rng(4)
    level = rng.uniform(10, 40, (5, 24))[weekdays(300)]
    calls = rng.poisson(level).astype(float)
    for together in (1, 3, 5):
        for given in (False, True):
            assert dispersion(calls, weekdays(300), together, given_total=given) == pytest.approx(1.0, abs=0.1)
    assert dispersion(calls, np.zeros(300), 1) > 2  # weekdays of different level are no chance


def test_dispersion_of_three_days_is_that_of_the_hand() -> None:
    """Means 4 and 8; squares (1 + 0 + 1) + (4 + 4 + 0) over 2 degrees of freedom and a mean of 12."""
    calls = np.array([[3.0, 6], [4, 10], [5, 8]])
    assert dispersion(calls, np.zeros(3)) == pytest.approx((2 + 8) / 2 / 12)
    assert dispersion(calls, np.zeros(3), 2) == pytest.approx(((9 - 12) ** 2 + 4 + 1) / 2 / 12)
    off = np.array([3 - 9 / 3, 4 - 14 / 3, 5 - 13 / 3])  # of the first part; as much the other way in the second
    assert dispersion(calls, np.zeros(3), given_total=True) == pytest.approx(2 * (off**2).sum() / 2 / 12 / (1 - 5 / 9))
    assert np.isnan(dispersion(np.zeros((3, 2)), np.zeros(3)))


def test_a_day_with_an_outage_has_a_course_of_its_own_and_a_busy_day_has_not() -> None:
    rng = np.random.default_rng(6)
    level = np.full((60, 40), 30.0)
    level[20] *= 1.4
    level[30, 12:20] *= 0.3
    assert np.flatnonzero(unlike_course(rng.poisson(level).astype(float), weekdays(60), 4)).tolist() == [30]


# --- what is known comes back -------------------------------------------------------------------------------------


def test_swing_of_day_hours_intervals_and_types_comes_back_from_simulated_days() -> None:
    """400 days of seed 5, two types; cv within 0.03 (own, day) and 0.015, correlation within 0.02: some 3 sigma."""
    known = story({"a": 480, "b": 300}, (0.1, 0.2), day=0.12, hours=0.15, correlation=0.96, intervals=0.08)
    calls = simulated_calls(known, range(400), seed=5)
    found = busyness(calls, weekdays(400), per_hour=12)
    assert found.day == pytest.approx(0.12, abs=0.03)
    assert found.own == pytest.approx([0.1, 0.2], abs=0.03)
    assert found.hours == pytest.approx(0.15, abs=0.015)
    assert found.correlation == pytest.approx(0.96, abs=0.02)
    assert found.intervals == pytest.approx(0.08, abs=0.015)
    assert found.unlike.mean() < 0.02  # a slow factor that swings widely is now and then taken for an outage


def test_hours_that_one_type_has_by_itself_come_back_and_the_others_have_none() -> None:
    """300 days of seed 8, three types: own cv within 0.03 and correlation within 0.06 of the type with hours of its own, cvs of
    what all share within 0.03 (some 3 sigma). Told to measure none, its hours are taken for days it has by itself.
    """
    known = story(
        {"a": 300, "b": 120, "c": 200}, (0.1, 0.1, 0.1), interval="15m", own_hours={"b": (0.35, 0.75)},
        day=0.1, hours=0.1, correlation=0.95,
    )  # fmt: skip
    calls = simulated_calls(known, range(300), seed=8)
    found = busyness(calls, weekdays(300), per_hour=4, every_day=True)
    assert found.with_own_hours.tolist() == [False, True, False]
    assert found.own_hours == pytest.approx([0.0, 0.35, 0.0], abs=0.03)
    assert found.own_correlation == pytest.approx([0.0, 0.75, 0.0], abs=0.06)
    assert found.own == pytest.approx([0.1, 0.1, 0.1], abs=0.03)
    assert (found.day, found.hours) == pytest.approx((0.1, 0.1), abs=0.03)
    none = busyness(calls, weekdays(300), per_hour=4, every_day=True, known=found._replace(with_own_hours=np.zeros(3, np.bool_)))
    assert not none.own_hours.any() and none.own[1] > 0.15


def test_one_type_alone_has_no_hours_of_its_own() -> None:
    calls = simulated_calls(story({"a": 300}, (0.0,), interval="30m", hours=0.3, correlation=0.8), range(60), seed=2)
    found = busyness(calls, weekdays(60), per_hour=2)
    assert not found.with_own_hours.any() and found.hours == pytest.approx(0.3, abs=0.06)


def test_few_types_without_hours_of_their_own_are_said_to_have_them() -> None:
    """120 times 40 days (seed 3), two types that share all but the day: each is taken for one with hours of its own in at most
    13 of the 120 times, which is the 99.9 % point of a chance of 1 in 20.
    """
    known = story({"a": 240, "b": 60}, (0.15, 0.2), interval="1h", day=0.12, hours=0.15, correlation=0.7)
    often = np.zeros(2, np.int64)
    for time in range(120):
        calls = simulated_calls(known, range(40 * time, 40 * (time + 1)), seed=3)
        often += busyness(calls, weekdays(40), per_hour=1, every_day=True).with_own_hours
    assert (often <= 13).all(), often


def test_a_scenario_names_the_hours_of_a_type_and_only_this_type_has_them() -> None:
    known = story({"a": 300, "b, too": 120}, (0.1, 0.1), interval="15m", own_hours={"b, too": (0.4, 0.75)})
    found = busyness(simulated_calls(known, range(60), seed=8), weekdays(60), per_hour=4)
    dates = [date(2024, 3, 4) + timedelta(days=at) for at in range(60)]
    factors, _ = swing(found, ["a", "b, too"], 900.0, dates, Sources())
    assert [factor["name"] for factor in factors] == ["day", "hours", "intervals", "b, too hours"]
    assert factors[3] == {
        "name": "b, too hours",
        "cv": pytest.approx(0.4, abs=0.06),
        "part": 900.0,
        "correlation": pytest.approx(0.75, abs=0.1),
    }
    assert factors_of("a", found, 0) == ["day", "hours", "intervals"]
    assert factors_of("b, too", found, 1) == ["day", "hours", "intervals", "b, too hours"]


def test_gamma_factors_without_memory_come_back_too() -> None:
    """Gamma factors of cv 0.15 (day), 0.2 (intervals), 0.3 (own of the second type), 800 days, rng 2; within 0.03.

    Hours and intervals cannot be told apart without memory, but together they are 0.2.
    """
    rng = np.random.default_rng(2)

    def factor(cv: float, *shape: int) -> np.ndarray:
        return rng.gamma(1 / cv**2, cv**2, shape)

    days = 800
    day, hours, own = factor(0.15, days, 1, 1), factor(0.2, days, 1, 10), factor(0.3, days, 1)
    rates = np.stack([np.full((days, 10), 40.0), 25.0 * own * np.ones((1, 10))], axis=1) * day * hours
    found = busyness(rng.poisson(rates).astype(float), np.zeros(days), per_hour=1)
    assert found.day == pytest.approx(0.15, abs=0.03)
    assert np.hypot(found.hours, found.intervals) == pytest.approx(0.2, abs=0.03)
    assert found.own[0] == pytest.approx(0.0, abs=0.07) and found.own[1] == pytest.approx(0.3, abs=0.03)


def test_poisson_days_have_no_busyness_and_weekdays_of_different_level_are_none() -> None:
    rng = np.random.default_rng(3)
    level = 50 * np.array([1.2, 1.0, 0.9, 0.95, 1.05])[weekdays(400), np.newaxis, np.newaxis]
    calls = rng.poisson(np.broadcast_to(level, (400, 2, 8))).astype(float)
    found = busyness(calls, weekdays(400), per_hour=2)
    assert found.day < 0.02 and found.hours < 0.03 and found.intervals < 0.03 and (found.own < 0.04).all()
    assert busyness(calls, np.zeros(400), per_hour=2).day == pytest.approx(0.105, abs=0.015)


def test_few_days_measure_nothing_and_the_scenario_says_so() -> None:
    calls = np.random.default_rng(3).poisson(50, (8, 1, 8)) * np.arange(1.0, 9.0)[:, np.newaxis, np.newaxis]
    for days, labels in ((4, np.zeros(4)), (8, weekdays(8))):
        found = busyness(calls[:days], labels, per_hour=2)
        assert (found.day, found.hours, found.intervals, found.own.tolist()) == (0.0, 0.0, 0.0, [0.0])
    sources = Sources()
    dates = [date(2024, 3, 4) + timedelta(days=at) for at in range(4)]
    factors, notes = swing(busyness(calls[:4], np.zeros(4), per_hour=2), ["a"], 1800.0, dates, sources)
    assert [factor["cv"] for factor in factors] == [0.0, 0.0, 0.0] and not notes
    assert sources.table["factors"]["status"] == "assumed"


@pytest.mark.parametrize("closes", [1, 3])
def test_a_day_of_few_intervals_varies_as_a_whole(closes: int) -> None:
    calls = np.random.default_rng(3).poisson(50 * np.repeat([0.8, 1.2], 50)[:, np.newaxis, np.newaxis], (100, 1, closes))
    found = busyness(calls.astype(float), np.zeros(100), per_hour=1)
    assert found.hours == found.intervals == 0.0 and found.day == pytest.approx(0.2, abs=0.05)


@pytest.mark.slow
def test_bootstrap_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """200 times 60 days (rng 1 to 200), intervals at 90 % from 200 resamples: between 80 and 96 % for what types share, 70 and
    96 % for their own factors. Binomial intervals of 200 are +-4 points; percentiles of variances are known to fall short.
    """
    known = story({"a": 240, "b": 160}, (0.15, 0.2), interval="30m", day=0.12, hours=0.15, correlation=0.8, intervals=0.08)
    truth = {"day": 0.12, "hours": 0.15, "correlation": 0.8, "intervals": 0.08, "own.0": 0.15, "own.1": 0.2}
    held = dict.fromkeys(truth, 0)
    for time in range(200):
        calls = simulated_calls(known, range(60 * time, 60 * (time + 1)), seed=11)
        found = busyness_intervals(calls, weekdays(60), per_hour=2, level=0.9, resamples=200, seed=time + 1)
        for name, true in truth.items():
            held[name] += found[name][0] <= true <= found[name][1]
    for name, often in held.items():
        assert (140 if name.startswith("own") else 160) <= often <= 192, held


@pytest.mark.slow
def test_bootstrap_intervals_hold_a_types_own_hours_about_as_often_as_they_say() -> None:
    """60 times 60 days (rng 1 to 60), intervals at 90 % from 120 resamples, where own hours are found: 72 to 99 % of them hold
    the truth (90 % less what percentiles of variances fall short, and 3 sigma of a binomial of 60).
    """
    known = story(
        {"a": 240, "b": 160}, (0.15, 0.2), interval="30m", own_hours={"b": (0.3, 0.6)}, day=0.12, hours=0.12, correlation=0.8
    )
    truth, held, times = {"own_hours.1": 0.3, "own_correlation.1": 0.6}, [0, 0], 0
    for time in range(60):
        calls = simulated_calls(known, range(60 * time, 60 * (time + 1)), seed=11)
        found = busyness_intervals(calls, weekdays(60), per_hour=2, level=0.9, resamples=120, seed=time + 1)
        times += "own_hours.1" in found
        for at, (name, true) in enumerate(truth.items()):
            held[at] += name in found and found[name][0] <= true <= found[name][1]
    assert times >= 54 and all(0.72 * times <= often <= 0.99 * times for often in held), (times, held)


# --- recorded days ------------------------------------------------------------------------------------------------


def test_simulated_days_are_as_dispersed_as_the_scenario_they_are_of() -> None:
    known = story({"a": 600}, (0.0,), day=0.06, hours=0.08, correlation=0.97)
    calls = simulated_calls(known, range(200, 260), seed=2).sum(axis=1)
    found = spread(calls, weekdays(60), known, samples=20)
    assert np.all((found.recorded > found.simulated_low * 0.85) & (found.recorded < found.simulated_high * 1.15))
    assert np.all(found.recorded[0] > found.recorded[1]) and np.all(np.diff(found.simulated) > 0)


def test_days_that_do_not_fit_the_scenario_are_refused() -> None:
    known = story({"a": 600}, (0.0,))
    calls = simulated_calls(known, range(10), seed=2).sum(axis=1)
    with pytest.raises(CallsimError, match="120 intervals of a scenario's day; found 119"):
        spread(calls[:, 1:], weekdays(10), known)
    with pytest.raises(CallsimError, match="whole intervals of 300 s; found 420 s"):
        spread(calls, weekdays(10), known, lengths=(300.0, 420.0))
    with pytest.raises(CallsimError, match="two days of a weekday"):
        spread(calls[:5], weekdays(5), known)
    with pytest.raises(CallsimError, match='no call type "b"; there is a'):
        spread(calls, weekdays(10), known, call_type="b")


def bank(first: date, last: date) -> tuple[list[date], np.ndarray]:
    """Days and their calls per 5 minutes from 07:00: shape (days, 169)."""
    counts: dict[date, np.ndarray] = {}
    with gzip.open(BANK, "rt") as rows:
        for row in csv.DictReader(rows):
            when = datetime.fromisoformat(row["interval_start"])
            day = counts.setdefault(when.date(), np.zeros(169))
            day[(when.hour * 60 + when.minute - 420) // 5] += float(row["calls"])
    days = [day for day in sorted(counts) if first <= day <= last]
    return days, np.array([counts[day] for day in days])


@pytest.mark.skipif(not OTHER_BANK.exists(), reason="the Anonymous Bank's calls are not beside the project")
def test_prospects_of_a_real_bank_have_hours_of_their_own_and_the_model_varies_as_they_do() -> None:
    """January to June, half-hours, Sunday to Thursday: variance / mean at 30, 60 and 120 minutes, also given the total, of NW
    within 15 %, of all calls within 15 % too; 40 samples of seed 1. Without hours of their own NW has 0.74 to 0.88 of it.
    """
    log = read_recorded(OTHER_BANK)
    assert isinstance(log, History)
    log = log.between(None, date(1999, 6, 30))
    (found,) = calibrate(log, weekdays=((6, 0, 1, 2, 3),), sets=0)
    assert "NW hours" in {factor.name for factor in found.scenario.factors}
    calendar, days = found.scenario.calendar, list(found.used)
    log = log.where(np.isin(log.day, [day.toordinal() for day in days]) & (log.call_type != log.call_types.index("AA")))
    part = (log.arrival - ticks(calendar.opens)) // ticks(1800.0)
    inside = (part >= 0) & (part < calendar.intervals)
    calls = np.zeros((len(days), len(log.call_types), calendar.intervals))
    row = np.searchsorted([day.toordinal() for day in days], log.day)
    np.add.at(calls, (row[inside], log.call_type[inside], part[inside]), 1.0)
    of = np.array([day.weekday() for day in days])
    lengths = (1800.0, 3600.0, 7200.0)
    prospects = spread(
        calls[:, log.call_types.index("NW")], of, found.scenario, call_type="NW", lengths=lengths, samples=40
    )
    assert prospects.ratio == pytest.approx(np.ones((2, 3)), abs=0.15)
    everybody = spread(calls.sum(axis=1), of, found.scenario, lengths=lengths, samples=40)
    assert everybody.ratio == pytest.approx(np.ones((2, 3)), abs=0.15)


@pytest.mark.skipif(not BANK.exists(), reason="the North American bank's volumes are not beside the project")
def test_a_report_of_a_real_bank_becomes_a_scenario_whose_calls_vary_as_its_did(tmp_path: Path) -> None:
    """March to June, days whose course is like others': variance / mean at 5, 15, 30, 60 minutes within 10 %, also given the
    total; 100 samples of seed 1, of days as alike as these dates are.
    """
    days, calls = bank(date(2003, 3, 3), date(2003, 6, 30))
    lines = ["start,offered,answered,abandoned,aht"]
    for day, row in zip(days, calls, strict=True):
        starts = (datetime(day.year, day.month, day.day, 7) + timedelta(minutes=5 * at) for at in range(169))
        lines += [f"{start:%Y-%m-%dT%H:%M},{n:.0f},{n:.0f},0,180" for start, n in zip(starts, row, strict=True)]
    path = tmp_path / "report.csv"
    path.write_text("\n".join(lines) + "\n")
    (found,) = calibrate_report(read_interval_report(path), weekdays=((0, 1, 2, 3, 4),), surges_apart=True, sets=0)
    assert found.days == 83 and "2003-04-18" in found.notes[-1]  # Good Friday
    assert "day_to_day = 0.8" in dump_scenario(found.scenario)
    of = np.array([day.weekday() for day in days])
    ordinary = ~unlike_course(calls, of, 12)
    dates = [day for day, used in zip(days, ordinary, strict=True) if used]
    measured = spread(calls[ordinary], of[ordinary], found.scenario, days=dates)
    assert measured.ratio == pytest.approx(np.ones((2, 4)), abs=0.1)


@pytest.mark.skipif(not BANK.exists(), reason="the North American bank's volumes are not beside the project")
def test_what_was_settled_on_march_to_june_foretells_how_july_and_august_vary_given_the_days_totals() -> None:
    """All days count, the level is that of the dates. Given the total, variance / mean at 5, 15, 30, 60 minutes is within 15 %.
    Without, it is recorded less than the model has it, by 14 to 19 %, and lies where 95 % of 60 samples of the model do: weeks
    of these 33 days are few. July and August had been looked at before, when another way was tried (docs/swing.md).
    """
    (days, calls), (later, counts) = bank(date(2003, 3, 3), date(2003, 6, 30)), bank(date(2003, 7, 1), date(2003, 8, 15))
    of = np.array([day.weekday() for day in days])
    fit = busyness(calls[:, np.newaxis], of, per_hour=12, every_day=True, dates=days)
    assert fit.alike is not None
    cvs = {"level": fit.level, "day": fit.day, "hours": fit.hours, "intervals": fit.intervals}
    memory = {"correlation": fit.correlation, "day_to_day": fit.alike.day_to_day}
    model = story({"calls": 0.0}, (0.0,), profile=calls.mean(axis=0).tolist(), **cvs, **memory)
    found = spread(counts, np.array([day.weekday() for day in later]), model, days=later, samples=60)
    assert found.ratio[1] == pytest.approx(np.ones(4), abs=0.15)
    assert np.all((found.simulated_low[0] < found.recorded[0]) & (found.recorded[0] < found.simulated_high[0]))
    assert np.all((found.ratio[0] > 1.0) & (found.ratio[0] < 1.35))


@pytest.mark.skipif(not BANK.exists(), reason="the North American bank's volumes are not beside the project")
def test_a_real_banks_july_and_august_vary_as_what_was_fitted_to_march_to_june() -> None:
    """All days, about what is usual for a weekday of the month: within 15 % at 5, 15, 30, 60 minutes, also given the total.

    That a month has a level of its own was settled after July and August had been looked at: docs/swing.md has the figures
    of what was settled before.
    """
    (of, calls), (later, days) = (
        (np.array([7 * day.month + day.weekday() for day in dates]), counts)
        for dates, counts in (bank(date(2003, 3, 3), date(2003, 6, 30)), bank(date(2003, 7, 1), date(2003, 8, 15)))
    )
    fit = busyness(calls[:, np.newaxis], of, per_hour=12, every_day=True)
    cvs = {"day": fit.day, "hours": fit.hours, "correlation": fit.correlation, "intervals": fit.intervals}
    model = story({"calls": 0.0}, (0.0,), profile=calls.mean(axis=0).tolist(), **cvs)
    assert spread(days, later, model).ratio == pytest.approx(np.ones((2, 4)), abs=0.15)
