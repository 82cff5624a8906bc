"""Fit: the figures of a calibration show what was recorded beside what was made of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from experiments.cli.main import main
from experiments.fit import fit
from sim.calibrate import calibrate, calibrate_report
from sim.files.call_log import read_call_log
from sim.files.history import History
from sim.files.interval_report import read_interval_report
from sim.files.intervals_of import report_of
from sim.scenario.errors import CallsimError

HEADER = "date,number,call_type,arrival,ivr_exit,queue_entry,answer,end,release,outcome,agent\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Ten Mondays of about 120 calls from 09:00 to 12:00 (rng 3): waits of mean 40 s, a third gives up by then."""
    chance = np.random.default_rng(3)
    rows = []
    for week in range(10):
        day = date(2026, 3, 2) + timedelta(weeks=week)
        for number, at in enumerate(np.sort(chance.uniform(32_400, 43_200, chance.poisson(120)))):
            wait, patience, talk = chance.exponential(40), chance.exponential(90), chance.exponential(150)
            entry = f"{at:.3f},{at:.3f},{at:.3f}"
            if patience < wait:
                rows.append(f"{day},{number},x,{entry},,{at + patience:.3f},,abandoned,")
            else:
                ends = f"{at + wait:.3f},{at + wait + talk:.3f},{at + wait + talk:.3f}"
                rows.append(f"{day},{number},x,{entry},{ends},answered,agent {number % 12}")
    path = tmp_path / "log.csv"
    path.write_text(HEADER + "\n".join(rows) + "\n")
    return path


def largest_distance(curve: object) -> float:
    return float(np.abs(curve.recorded - curve.law).max())  # type: ignore[attr-defined]


def test_the_curve_of_talk_is_that_of_the_hours_in_which_calls_came(log: Path) -> None:
    """Where all calls last twice as long as the law says, as many are longer than twice a time as were longer than it."""
    history = read_call_log(log)
    (found,) = calibrate(history)
    longer = replace(found, scenario=found.scenario.with_({"call_types.x.talk_factor": 2.0}))
    (plain,), (twice,) = fit(found, history).talk, fit(longer, history).talk
    assert np.abs(np.interp(plain.seconds / 2, plain.seconds, plain.law) - twice.law).max() < 0.01


def test_the_curves_of_a_calibration_lie_on_its_data(log: Path) -> None:
    history = read_call_log(log)
    (found,) = calibrate(history)
    shown = fit(found, history)
    (talk,), (patience,) = shown.talk, shown.patience
    assert largest_distance(talk) < 0.04 and largest_distance(patience) < 0.04
    assert talk.recorded[0] == 1.0 and (np.diff(talk.recorded) <= 0).all() and (np.diff(patience.law) <= 0).all()
    assert talk.calls == int((history.answer >= 0).sum())
    calls = shown.profile.recorded[0]
    assert calls.sum() == pytest.approx(len(history) / 10, rel=0.02) and shown.profile.days == (10, 100)
    assert shown.profile.simulated[0].sum() == pytest.approx(calls.sum(), rel=0.05)
    assert (shown.profile.recorded[1] <= shown.profile.recorded[2]).all()
    assert shown.swing is not None and shown.swing.recorded.shape == (2, 3)


def test_where_days_are_like_the_day_before_their_course_is_drawn(tmp_path: Path) -> None:
    """60 Mondays to Fridays of 20 half-hours (rng 4), a level of 12 % with a half-life of 4 days."""
    from plots.fit import draw_level
    from plots.style import figure

    chance, now, rows = np.random.default_rng(4), 0.0, ["start,offered,answered,abandoned,aht"]
    days = [date(2026, 3, 2) + timedelta(days=7 * (at // 5) + at % 5) for at in range(60)]
    for at, day in enumerate(days):
        kept = 0.5 ** ((day - days[at - 1]).days / 4) if at else 0.0
        now = kept * now + (1 - kept**2) ** 0.5 * 0.12 * chance.normal()
        for part in range(20):
            calls = chance.poisson(40 * np.exp(now))
            rows.append(f"{day}T{8 + part // 2:02}:{30 * (part % 2):02},{calls},{calls},0,180")
    path = tmp_path / "report.csv"
    path.write_text("\n".join(rows) + "\n")
    report = read_interval_report(path)
    (found,) = calibrate_report(report, sets=0)
    assert found.level is not None and found.level.half_life == pytest.approx(4.0, abs=3.0)
    assert [factor.day_to_day for factor in found.scenario.factors if factor.name == "level"] == [
        pytest.approx(0.5**0.25, abs=0.12)
    ]
    shown = fit(found, report)
    assert shown.level is not None and shown.level.days == found.used
    _, ax = figure()
    draw_level(shown.level, ax)
    assert f"{len(found.used)} days" in ax.get_legend().get_texts()[2].get_text()  # type: ignore[union-attr]


def test_a_report_has_a_profile_and_no_curves(log: Path) -> None:
    report = report_of(read_call_log(log), interval=1800.0)
    (found,) = calibrate_report(report)
    shown = fit(found, report)
    assert not shown.talk and not shown.patience
    assert shown.profile.recorded[0].sum() == pytest.approx(report.offered.sum() / 10, rel=0.02)


def test_another_record_has_none_of_its_days(log: Path) -> None:
    history = read_call_log(log)
    (found,) = calibrate(history)
    other: History = history.between(date(2027, 1, 1), None)
    with pytest.raises(CallsimError, match="none of its days is in the record"):
        fit(found, other)


def test_calibrate_draws_its_fit_into_a_folder(log: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as end:
        main(["calibrate", str(log), "-o", str(tmp_path / "story"), "--figures", str(tmp_path / "figures")])
    assert end.value.code == 0
    drawn = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert [name for name in drawn if not name.startswith("heads-")] == ["calls.png", "swing.png", "times.png"]
    assert len(drawn) == 4  # one group, whose heads are inferred
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in (tmp_path / "figures").iterdir())
