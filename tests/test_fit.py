"""Fit: the figures of a calibration show what was recorded beside what was made of it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from experiments.cli.main import main
from experiments.fit import fit
from sim.calibrate import calibrate, calibrate_report
from sim.files.call_log import read_call_log
from sim.files.history import History
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
