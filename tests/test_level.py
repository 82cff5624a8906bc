"""Level: days that are like the day before are found, how much, and what that says of a day to come."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from sim.calibrate.calibration import Sources
from sim.calibrate.level import Level, Span, alike, block, course, level
from sim.calibrate.recent import at_level, span_before
from sim.calibrate.volumes import busyness, factors_of, swing
from sim.chance.factors import busyness as factors
from sim.chance.resample import days_drawn
from sim.scenario.scenario import Scenario

FIRST = date(2024, 1, 1)  # a Monday


def workdays(number: int) -> list[date]:
    """Mondays to Fridays from FIRST on."""
    return [FIRST + timedelta(days=7 * (at // 5) + at % 5) for at in range(number)]


def totals(days: list[date], chance: np.random.Generator, *, sd: float, half_life: float, rest: float) -> np.ndarray:
    """Weekdays of different level, times a level that fades from day to day, times what is each day's alone."""
    level, logs = sd * chance.normal(), []
    for at, day in enumerate(days):
        kept = 0.5 ** ((day - days[at - 1]).days / half_life) if at else 1.0
        level = kept * level + (1 - kept**2) ** 0.5 * sd * chance.normal() if at else level
        logs.append(8 + 0.1 * day.weekday() + level + rest * chance.normal())
    return np.exp(np.array(logs))


def test_a_level_comes_back_with_how_long_it_lasts() -> None:
    """500 weekdays of rng 3: a level of 8 % with a half-life of 6 days beside 4 % of each day alone; some 3 sigma."""
    days = workdays(500)
    found = level(days, totals(days, np.random.default_rng(3), sd=0.08, half_life=6.0, rest=0.04))
    assert found is not None and found.days == 500 and found.last == days[-1]
    assert found.sd == pytest.approx(0.08, abs=0.025) and found.rest == pytest.approx(0.04, abs=0.012)
    assert found.between[0] <= 6.0 <= found.between[1] and found.half_life == pytest.approx(6.0, abs=3.0)
    assert found.correlation == pytest.approx(0.5 ** (1 / found.half_life))


def test_days_that_are_not_alike_have_a_level_once_in_a_hundred_records() -> None:
    """150 records of 60 weekdays, rng 5: at most 6, the 99.9 % point of a chance of 1 in 100."""
    chance, days = np.random.default_rng(5), workdays(60)
    found = [level(days, totals(days, chance, sd=0.0, half_life=3.0, rest=0.1)) for _ in range(150)]
    assert sum(one is not None for one in found) <= 6


def test_a_day_to_come_lies_in_its_band_as_often_as_that_says_and_nearer_than_the_mean() -> None:
    """200 records of 61 weekdays (rng 7), level of 10 % with a half-life of 4 days beside 4 %: the next day is in the 80 % band
    72 to 88 % of the times (3 sigma), and off by less than the weekday's mean; of half-lives 95 % intervals hold 88 % or more.
    """
    chance, days = np.random.default_rng(7), workdays(62)
    inside, known, ours, means = [], [], [], []
    for _ in range(200):
        calls = totals(days, chance, sd=0.1, half_life=4.0, rest=0.04)
        found = level(days[:61], calls[:61])
        if found is None:
            continue
        usual = np.log(calls[:61])[1::5].mean()
        expected, sure = found.on(days[61])
        off = float(np.log(calls[61]) - usual)
        inside.append(abs(off - expected) < 1.2816 * (sure**2 + found.rest**2) ** 0.5)
        known.append(found.between[0] <= 4.3 and found.between[1] >= 3.7)  # half-lives are tried in steps of a sixth
        ours.append(abs(off - expected))
        means.append(abs(off))
    assert len(inside) > 180
    assert 0.72 <= np.mean(inside) <= 0.88 and np.mean(known) >= 0.88
    assert np.mean(ours) < 0.8 * np.mean(means)


def test_of_a_level_nothing_is_left_after_some_half_lives() -> None:
    found = Level(0.08, 3.0, (2.0, 5.0), 0.03, 12.0, 80, date(2024, 6, 28), 0.1, 0.0004)
    near, far = found.on(date(2024, 7, 1)), found.on(date(2024, 9, 1))
    assert near[0] == pytest.approx(0.05) and near[1] == pytest.approx((0.25 * 0.0004 + 0.75 * 0.0064) ** 0.5)
    assert far == pytest.approx((0.0, 0.08), abs=1e-6)
    assert found.on(date(2024, 6, 28)) == pytest.approx((0.1, 0.02)) and found.share == pytest.approx(0.0064 / 0.0073)


def test_days_lie_where_the_days_before_let_expect_them_as_often_as_that_says() -> None:
    """400 weekdays of rng 9: 74 to 86 % within 8 in 10 (3 sigma), nearer than the mean; days without calls are out."""
    days = workdays(400)
    calls = totals(days, np.random.default_rng(9), sd=0.1, half_life=4.0, rest=0.03)
    calls[7] = 0.0
    found = level(days, calls)
    assert found is not None
    seen = course(found, days, calls)
    assert len(seen.days) == 399 and days[7] not in seen.days
    assert 0.74 <= np.mean(np.abs(seen.seen - seen.expected) < 1.2816 * seen.spread) <= 0.86
    assert np.std(seen.seen - seen.expected) < 0.85 * np.std(seen.seen)


def test_what_the_day_before_lets_expect_is_what_the_filter_comes_to_without_gaps() -> None:
    """The level of the day before is known by what was seen of it only, so more is open than what the level changes by."""
    found = Level(0.12, 2.5, (1.0, 7.0), 0.1, 3.0, 100, date(2024, 1, 1), 0.0, 0.01)
    days = [date(2024, 1, 1) + timedelta(days=at) for at in range(60)]
    about, before = found.spread
    assert before == pytest.approx(course(found, days, np.full(60, 100.0)).spread[-1], abs=1e-12)
    assert about == pytest.approx((0.12**2 + 0.1**2) ** 0.5)
    assert before > ((1 - found.correlation**2) * 0.12**2 + 0.1**2) ** 0.5


def test_few_days_and_days_without_calls_say_nothing_of_a_level() -> None:
    days = workdays(60)
    calls = totals(days, np.random.default_rng(3), sd=0.2, half_life=5.0, rest=0.01)
    assert level(days, calls) is not None
    assert level(days[:19], calls[:19]) is None
    assert level(days, np.zeros(60)) is None and level(days, np.full(60, 40.0)) is None
    with_holes = np.where(np.arange(60) % 9 == 4, 0.0, calls)
    found = level(days, with_holes)
    assert found is not None and found.days == 53


def test_intervals_of_means_hold_what_is_true_more_often_where_days_that_are_alike_are_drawn_together() -> None:
    """80 records of 110 weekdays of one level (rng 2), 6 % with a half-life of 3 days beside 3 %: 95 % intervals of the mean hold
    it in 73 % or more (85 %, 3 sigma); of days drawn one by one in less than 73 % (61 %). Days that are not alike are so drawn.
    """
    chance, days = np.random.default_rng(2), workdays(110)
    weekday = np.array([day.weekday() for day in days])
    true, held = np.exp(8 + (0.06**2 + 0.03**2) / 2), [0, 0]
    for time in range(80):
        calls = totals(days, chance, sd=0.06, half_life=3.0, rest=0.03) / np.exp(0.1 * weekday)
        for at, together in enumerate((1, block(level(days, calls), days))):
            low, high = np.quantile(days_drawn(110, 100, f"record {time}", together) @ calls / 110, [0.025, 0.975])
            held[at] += low <= true <= high
    assert held[0] < 58 <= held[1], held
    assert block(None, days) == 1 and block(Level(0.1, 3.0, (1.0, 9.0), 0.0, 9.0, 15, days[14], 0.0, 0.0), days[:15]) == 1


def test_the_variance_that_alike_days_show_about_their_weekdays_means_is_that_of_simulated_ones() -> None:
    """15 weekdays, half-life of 5 days, 4,000 times (rng 1): the mean within 3 %, some 3 sigma."""
    days, chance = workdays(15), np.random.default_rng(1)
    known = Level(0.1, 5.0, (5.0, 5.0), 0.0, 9.0, 15, days[-1], 0.0, 0.0)
    shown = []
    for _ in range(4000):
        logs = np.log(totals(days, chance, sd=0.1, half_life=5.0, rest=0.0)).reshape(3, 5)
        shown.append(((logs - logs.mean(axis=0)) ** 2).sum() / 10)
    found = alike(known, days, 1e9)
    assert found.share == pytest.approx(1.0, abs=1e-6)
    assert np.mean(shown) / 0.01 == pytest.approx(found.kept, rel=0.03)


def test_connected_days_that_are_drawn_have_the_level_that_is_measured() -> None:
    """12 stretches of 42 days (seed 1 to 12 of a scenario with a level of 10 %, day to day 0.8, hours of 8 %), laid one after the
    other: level within 0.02 and its correlation within 0.1, hours within 0.015.
    """
    shared = [
        {"name": "level", "cv": 0.1, "day_to_day": 0.8},
        {"name": "hours", "cv": 0.08, "part": "30m", "correlation": 0.5},
    ]
    scenario = Scenario.model_validate(
        {
            "name": "weeks",
            "calendar": {"start": FIRST, "opens": "08:00", "closes": "18:00", "interval": "30m", "days": 42},
            "factors": shared,
            "call_types": [
                {"name": "a", "arrivals": {"per_hour": 400}, "talk": 60, "busyness": {"factors": ["level", "hours"]}}
            ],
            "groups": [{"name": "desk", "skills": ["a"], "agents": 1}],
        }
    )
    drawn = np.concatenate(
        [factors(scenario.call_types[0], scenario, seed=seed, replication=0).reshape(42, 20) for seed in range(1, 13)]
    )
    calls = np.random.default_rng(2).poisson(200 * drawn)[:, np.newaxis].astype(float)
    days = [FIRST + timedelta(days=at) for at in range(len(calls))]
    weekdays = np.array([day.weekday() for day in days])
    found = busyness(calls, weekdays, per_hour=2, every_day=True, dates=days)
    assert found.alike is not None and found.steady is not None
    assert found.level == pytest.approx(0.1, abs=0.02) and found.alike.day_to_day == pytest.approx(0.8, abs=0.1)
    assert found.hours == pytest.approx(0.08, abs=0.015) and found.day < 0.04
    tables, _ = swing(found, ["a"], 1800.0, days, Sources())
    assert tables[0] == {"name": "level", "cv": round(found.level, 4), "day_to_day": round(found.alike.day_to_day, 4)}
    assert factors_of("a", found, 0)[0] == "level"
    again = busyness(calls[::-1], weekdays[::-1], per_hour=2, every_day=True, known=found)
    assert again.level == pytest.approx(found.level) and again.steady is found.steady
    without = busyness(calls, weekdays, per_hour=2, every_day=True)
    assert without.level == 0.0 and without.day == pytest.approx(0.1, abs=0.02)


def test_the_days_that_say_a_level_are_from_the_first_used_to_the_day_before() -> None:
    days = workdays(30)
    found = span_before(days[25], days[5], days, np.arange(30.0), {days[9]: "holiday"})
    assert isinstance(found, Span) and found.days == (*days[5:9], *days[10:25])
    assert found.totals.tolist() == [*range(5, 9), *range(10, 25)]


def test_a_scenario_at_the_recent_level_has_its_calls_and_is_as_unsure_as_that() -> None:
    found = Level(0.08, 3.0, (2.0, 5.0), 0.03, 12.0, 80, date(2024, 6, 28), 0.1, 0.0004)

    def table() -> dict[str, object]:
        return {
            "call_types": [{"arrivals": {"per_interval": [10.0, 20.0]}}],
            "factors": [{"name": "level", "cv": 0.06, "day_to_day": 0.8}, {"name": "day", "cv": 0.02}],
            "sources": {"call_types.a.arrivals": {"note": "mean", "status": "measured"}},
        }

    told = table()
    (said,) = at_level(told, found, date(2024, 7, 1), recent=True)
    expected, sure = found.on(date(2024, 7, 1))
    times = np.exp(expected + (sure**2 - 0.08**2) / 2)
    assert told["call_types"][0]["arrivals"]["per_interval"] == pytest.approx([10 * times, 20 * times], abs=1e-3)  # type: ignore[index]
    assert told["factors"][0]["cv"] == pytest.approx(0.06 * sure / 0.08, abs=1e-4)  # type: ignore[index]
    assert f"calls are times {times:.3f}" in said and "+5.1 % is expected (-3.9 to +15.0, 80 %)" in said
    plain = table()
    (said,) = at_level(plain, found, date(2024, 7, 1), recent=False)
    assert plain == table() and said.endswith("not applied (--calls-level)")
    assert at_level(plain, None, date(2024, 7, 1), recent=True) == []
