"""Days that are like the one to come: which are meant, which are used and why others are not; growth; days of an own type."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.cli.main import main
from experiments.statistics import chance as chance_of
from sim.calibrate import calibrate_report
from sim.calibrate.calibration import Calibration, Grown
from sim.calibrate.carried import values_of
from sim.calibrate.selection import apart, choose, day_counts, of_days
from sim.calibrate.target import for_day, growth, growths, measured_growth
from sim.files import load
from sim.files.day_types import read_day_types
from sim.files.interval_report import read_interval_report
from sim.files.report import Report
from sim.scenario.errors import CallsimError, ScenarioError

FIRST = date(2026, 3, 2)  # a Monday
PAY_DAY, HOLIDAY, SHORT, QUIET = date(2026, 3, 26), date(2026, 4, 2), date(2026, 4, 9), date(2026, 4, 16)  # Thursdays
TYPES = {PAY_DAY: "pay day", HOLIDAY: "holiday"}


def report_file(tmp_path: Path, *, weeks: int = 12, growth_a_week: float = 0.0) -> Path:
    """Mondays to Fridays, 08:00 to 18:00, 30 calls in each half-hour; SHORT lacks two half-hours, QUIET has a third."""
    lines = ["date,start,offered,answered,abandoned,aht,heads"]
    for number in range(7 * weeks):
        day = FIRST + timedelta(days=number)
        if day.weekday() > 4:
            continue
        calls = 30 * (1 + growth_a_week) ** (number / 7) * (1 / 3 if day == QUIET else 2 if day == PAY_DAY else 1)
        for part in range(20):
            if day != SHORT or part not in (10, 11):
                clock = f"{8 + part // 2:02d}:{30 * (part % 2):02d}"
                lines.append(f"{day},{clock},{calls:.6f},{calls - 1:.6f},1,240,10")
    path = tmp_path / "report.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def report(tmp_path: Path) -> Report:
    return read_interval_report(report_file(tmp_path))


def test_like_days_are_the_last_before_the_day_and_those_that_are_not_used_say_why(report: Report) -> None:
    chosen = choose(report, "thursdays, last 6", before=date(2026, 4, 30), types=TYPES)
    assert chosen.used == (date(2026, 3, 19), date(2026, 4, 23))
    assert [(one.day, one.why) for one in chosen.left_out] == [
        (PAY_DAY, "pay day, by the calendar"), (HOLIDAY, "holiday, by the calendar"),
        (SHORT, "nothing recorded 13:00 - 14:00, where 62 calls are usual"),
        (QUIET, "33 % of the median of its weekdays (600 calls)"),
    ]  # fmt: skip
    assert chosen.left_out[3].calls == 200


@pytest.mark.parametrize(
    ("like", "count"),
    [
        ("every day", 56), ("weekdays", 56), ("monday-wednesday", 36), ("mondays, fridays", 24), ("thursdays", 8),
        ("thursdays, since 2026-04-01", 5), ("thursdays, before 2026-04-01, without 2026-03-05", 2),
        ("pay days", 1), ("holiday, last 3", 1), ("fridays, last 3", 3),
    ],
)  # fmt: skip
def test_days_are_named_in_a_planners_words(like: str, count: int, report: Report) -> None:
    assert len(choose(report, like, types=TYPES).used) == count


@pytest.mark.parametrize(
    ("like", "words"),
    [
        ("someday", 'cannot read "someday"; there is thursdays, monday-friday'), ("last 8", "says no days"),
        ("thursdays, last 0", "says no days"), ("saturdays", "no day is left of 2026-03-02 to 2026-05-22"),
        ("thursdays, since tomorrow", "tomorrow is no date"), ("", 'cannot read ""'),
        ("thursdays, last 1, before 2026-04-17", "2026-04-16 (33 % of the median"),
    ],
)  # fmt: skip
def test_words_that_name_no_days_are_refused(like: str, words: str, report: Report) -> None:
    with pytest.raises(CallsimError) as raised:
        choose(report, like, types=TYPES)
    assert words in str(raised.value)


def test_a_day_before_which_there_is_none_of_its_kind_is_named(report: Report) -> None:
    with pytest.raises(CallsimError, match="no day is left of 2026-03-02 to 2026-05-22 before 2026-03-05"):
        choose(report, "thursdays, last 8", before=date(2026, 3, 5))


def test_growth_comes_back_with_its_interval(tmp_path: Path) -> None:
    report = read_interval_report(report_file(tmp_path, growth_a_week=0.01))
    counts, _ = day_counts(of_days(report, choose(report, "every day", types=TYPES).used))
    found = growth(counts.days, counts.calls.sum(axis=1))
    assert found is not None and found.per_week == pytest.approx(0.01, abs=1e-6)
    assert found.low <= found.per_week <= found.high and found.days == 56
    assert found.over(4) == pytest.approx(1.01**4, rel=1e-5)
    assert growth(counts.days[:7], counts.calls[:7].sum(axis=1)) is None


def test_the_interval_of_growth_covers_what_it_says() -> None:
    """300 records of 40 days with a noise of 10 %: 95 % intervals hold the truth in 92 to 98 % of them (seed 5)."""
    chance = np.random.default_rng(5)
    days = [FIRST + timedelta(days=number) for number in range(56) if (FIRST + timedelta(days=number)).weekday() < 5]
    level = np.array([1000 + 100 * day.weekday() for day in days]) * 1.02 ** (np.array([(d - FIRST).days for d in days]) / 7)
    inside = 0
    for _ in range(300):
        found = growth(days, level * chance.lognormal(0, 0.1, len(days)))
        assert found is not None
        inside += found.low <= 0.02 <= found.high
    assert 0.92 <= inside / 300 <= 0.98


def test_a_day_to_come_is_measured_on_its_like_days_and_grows_as_stated(tmp_path: Path) -> None:
    path = report_file(tmp_path)
    day = date(2026, 6, 4)
    with pytest.raises(SystemExit) as end:
        main(["calibrate", str(path), "-o", str(tmp_path / "story"), "--for", str(day), "--like", "thursdays, last 4",
              "--growth", "+4%"])  # fmt: skip
    assert end.value.code == 0
    scenario = load(tmp_path / "story")
    assert scenario.calendar.start == day and scenario.sources["call_types.calls.arrivals"].status == "given"
    assert scenario.table()["call_types"][0]["arrivals"]["per_interval"] == (31.2,) * 20


def test_for_day_keeps_all_but_the_calls(report: Report) -> None:
    chosen = choose(report, "fridays, last 4")
    (found,) = calibrate_report(of_days(report, chosen.used))  # type: ignore[arg-type]
    told = for_day(found, date(2026, 6, 5), chosen, None)
    before, after = found.scenario.table(), told.scenario.table()
    assert after["calendar"]["start"] == date(2026, 6, 5) and any("too few days" in note for note in told.notes)
    for key in ("call_types", "groups", "factors"):
        assert before[key] == after[key]


def test_days_of_an_own_type_are_measured_apart(report: Report) -> None:
    def fitted(part: Report, groups: Any) -> Any:
        return calibrate_report(part, weekdays=groups, sets=0)

    found = {one.name: one for one in apart(report, TYPES, None, fitted)}  # type: ignore[arg-type]
    assert set(found) == {"monday-friday", "pay-day", "holiday"}
    assert found["pay-day"].scenario.table()["call_types"][0]["arrivals"]["per_interval"][0] == 60
    assert found["monday-friday"].days == 56 and {one.day for one in found["monday-friday"].set_aside} == {SHORT, QUIET}


def test_day_types_have_names_of_their_own_and_one_that_is_closed_has_no_story(report: Report) -> None:
    """Names are those of files: no type's story takes the place of another's. On the holiday nobody calls."""
    quiet = np.array([day == HOLIDAY for day in report.day])
    nobody = replace(report, offered=np.where(quiet, 0.0, report.offered), answered=np.where(quiet, 0.0, report.answered))
    types = TYPES | {date(2026, 3, 19): "Pay-Day", date(2026, 3, 20): "monday-friday"}

    def fitted(part: Report, groups: Any) -> Any:
        return calibrate_report(part, weekdays=groups, sets=0)

    found = apart(nobody, types, ((0, 1, 2, 3, 4),), fitted)  # type: ignore[arg-type]
    assert [one.name for one in found] == ["monday-friday", "pay-day", "monday-friday-2", "pay-day-2"]
    assert any(note.startswith("no story for holiday: ") and "no calls offered" in note for note in found[0].notes)
    with pytest.raises(CallsimError, match="no calls offered"):
        apart(nobody.where(quiet), types, None, fitted)  # type: ignore[arg-type]


def test_a_calendar_of_day_types_is_read_and_what_is_wrong_is_named(tmp_path: Path) -> None:
    path = tmp_path / "days.csv"
    path.write_text("Datum;Type\n2026-03-26;pay day\n2026-04-02;holiday\n")
    assert read_day_types(path) == TYPES
    path.write_text("date,type\n2026-03-26,pay day\n2026-03-26,holiday\nEaster,holiday\n2026-04-03,\n")
    with pytest.raises(ScenarioError) as raised:
        read_day_types(path)
    for words in (":3: date: stands there twice", ":4: date: must be a date such as", ":5: type: must be a word"):
        assert f"days.csv{words}" in str(raised.value)
    path.write_text("date,kind\n2026-03-26,pay day\n")
    with pytest.raises(ScenarioError, match=r"days\.csv: needs the columns type; found date, kind"):
        read_day_types(path)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--for", "2026-06-04"), "--for and --like go together"), (("--like", "thursdays"), "--for and --like go together"),
        (("--growth", "+4%"), "--growth: goes with --for"),
        (("--calls-level", "all"), "--calls-level: goes with --for, the day whose level is meant"),
        (("--for", "2026-06-04", "--like", "thursdays", "--calls-level", "last"), "--calls-level last: must be recent or all"),
        (("--for", "2026-06-04", "--like", "thursdays", "--calls-level", "recent", "--growth", "+4%"), "give one; nothing"),
        (("--for", "2026-06-04", "--like", "thursdays", "--growth", "much"), "--growth much: must be none, measured, or a share"),
        (("--for", "2026-06-04", "--like", "thursdays", "--weekdays", "friday"), "is said by --like"),
        (("--for", "2026-03-06", "--like", "thursdays", "--growth", "measured"), "too short to say how calls grow"),
        (("--for", "someday", "--like", "thursdays"), "someday"),
    ],
)  # fmt: skip
def test_options_that_do_not_go_together_are_refused(
    words: tuple[str, ...], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["calibrate", str(report_file(tmp_path)), "-o", str(tmp_path / "story"), *words])
    assert end.value.code == 2 and message in capsys.readouterr().err
    assert not (tmp_path / "story").exists()


# --- growth in sets ------------------------------------------------------------------------------------------------------

TO_COME, PER_WEEK = date(2026, 6, 4), 0.01
OF_WEEKDAY = 400 * np.array([1.2, 1.0, 0.95, 1.0, 1.1])  # calls a day, at FIRST


def busy_days(seed: int) -> Report:
    """Twelve weeks of four hours a day that grow by 1 % a week, days of cv 0.08 about that, Poisson calls."""
    rng = np.random.default_rng(seed)
    days = [FIRST + timedelta(days=number) for number in range(84) if (FIRST + timedelta(days=number)).weekday() < 5]
    level = np.array([OF_WEEKDAY[day.weekday()] * (1 + PER_WEEK) ** ((day - FIRST).days / 7) for day in days])
    mean = (level * rng.lognormal(-0.0032, 0.08, len(days)))[:, np.newaxis] * np.array([0.2, 0.35, 0.25, 0.2])
    offered = rng.poisson(mean).astype(float).ravel()
    return Report(
        source="busy days", interval=3600.0, call_types=("x",), day=tuple(np.repeat(days, 4)),
        start=np.tile(36_000.0 + 3600.0 * np.arange(4), len(days)), call_type=np.zeros(len(offered), np.int64),
        offered=offered, answered=offered, abandoned=np.zeros(len(offered)), aht=np.full(len(offered), 180.0),
        heads=np.full(len(offered), 30.0),
    )  # fmt: skip


def to_come(seed: int, *, sets: int) -> tuple[Calibration, Calibration, Grown]:
    """The last 8 Thursdays as they were, the same as the day to come, and how calls grow until then."""
    record = busy_days(seed)
    chosen = choose(record, "thursdays, last 8", before=TO_COME)
    (found,) = calibrate_report(of_days(record, chosen.used), weekdays=((3,),), sets=sets)  # type: ignore[arg-type]
    counts, _ = day_counts(record)
    totals = counts.calls.sum(axis=1)
    seen = growth(counts.days, totals)
    assert seen is not None
    grown = measured_growth(found, TO_COME, counts.days, totals, seen)
    return found, for_day(found, TO_COME, chosen, seen, grown), grown


def test_with_every_day_once_growth_of_a_set_is_the_estimate() -> None:
    counts, _ = day_counts(busy_days(1))
    totals = counts.calls.sum(axis=1)
    seen = growth(counts.days, totals)
    assert seen is not None
    once = growths(counts.days, totals, np.ones((2, len(totals)), np.int64), seen)
    assert once == pytest.approx(seen.per_week, abs=1e-9)
    of_a_week = (np.arange(len(totals)) < 5).astype(np.int64)[np.newaxis]
    assert growths(counts.days, totals, of_a_week, seen) == pytest.approx(seen.per_week)  # it cannot tell


def test_growth_varies_with_the_days_drawn_and_a_stated_one_does_not() -> None:
    found, told, grown = to_come(1, sets=30)
    assert grown.sets is not None and np.ptp(grown.sets) > 0.02 and grown.said == "measured growth over 5.5 weeks"
    path = "call_types.x.arrivals.per_interval"
    before, after = (np.array(values_of(one, path)).sum(axis=1) for one in (found, told))
    assert after == pytest.approx(before * grown.sets, rel=1e-4)
    assert told.parameters is not None and told.parameters.edited(told.scenario.table()) == ()
    chosen = choose(busy_days(1), "thursdays, last 8", before=TO_COME)
    stated = for_day(found, TO_COME, chosen, None, Grown(1.04, "growth of +4% as stated"))
    assert np.array(values_of(stated, path)).sum(axis=1) == pytest.approx(before * 1.04, rel=1e-4)


@pytest.mark.slow
def test_calls_of_a_day_to_come_lie_in_their_interval() -> None:
    """40 records (seeds 1000 to 1039), 60 sets each: the interval of the day's calls holds the truth so often that its 99.9 %
    binomial interval reaches 95 % (from 32 of 40 on); without growth's own error it is 0.8 times as wide, or less.
    """
    truth = OF_WEEKDAY[3] * (1 + PER_WEEK) ** ((TO_COME - FIRST).days / 7)
    hits, widths = 0, []
    for seed in range(1000, 1040):
        found, told, grown = to_come(seed, sets=60)
        low, high = told.intervals["call_types.x.calls"]
        hits += low <= truth <= high
        lone = found.intervals["call_types.x.calls"]
        widths.append(grown.factor * (lone[1] - lone[0]) / (high - low))
    assert chance_of(hits, 40, level=0.999).high >= 0.95, hits
    assert np.mean(widths) < 0.8
