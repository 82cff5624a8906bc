"""The rule that infers heads is tried on days whose heads are known; the bracket around it is worked out by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.cli.main import main
from sim.calibrate import Calibration, calibrate, trial
from sim.calibrate.bracket import brackets
from sim.calibrate.logged_on import with_sessions
from sim.calibrate.pools import Pool
from sim.calibrate.trial import with_trials
from sim.calls import NONE
from sim.files import load
from sim.files.call_log import read_call_log
from sim.files.history import History
from sim.files.own_log import own_csv
from sim.files.sessions import Session, Sessions
from tests.recorded_days import recorded

S = 10**6
NAMES = "date,number,call_type,arrival,ivr_exit,queue_entry,answer,end,release,outcome,agent"
WEEKDAYS = ((0, 1, 2, 3, 4),)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> History:
    """Twenty days of a desk at which three agents are, from the opening on."""
    return recorded(tmp_path_factory.mktemp("known"), days=20, seed=8)


@pytest.fixture(scope="module")
def found(known: History) -> Calibration:
    return calibrate(known, weekdays=WEEKDAYS, sets=0)[0]


def table_of(tmp_path: Path, *rows: str) -> History:
    path = tmp_path / "log.csv"
    path.write_text("\n".join([NAMES, *rows]) + "\n")
    return read_call_log(path)


def test_the_bracket_is_who_served_while_somebody_waited_and_who_was_active(tmp_path: Path) -> None:
    """In 0-1000 s somebody waits from 300 to 400, when A and B serve, and from 700 to 800, when nobody does: 1.0. In 1000-2000
    nobody waits, and A serves for 100 s, B for 400: 0.5.
    """
    history = table_of(
        tmp_path,
        "2024-03-01,0,x,100,100,100,100,700,700,answered,A",
        "2024-03-01,1,x,200,200,200,200,400,400,answered,B",
        "2024-03-01,2,x,300,300,300,400,500,500,answered,B",
        "2024-03-01,3,x,700,700,700,800,900,1100,answered,A",
        "2024-03-01,4,x,700,700,700,,800,,abandoned,",
        "2024-03-01,5,x,1600,1600,1600,1600,2000,2000,answered,B",
    )
    cut = {"own_agents": (), "opens": 0, "length": 1000 * S, "parts": 3}
    (one,) = brackets(history, **cut).values()  # type: ignore[arg-type]
    assert one.busy.tolist() == pytest.approx([(100 * 2 + 100 * 0) / 200, 0.5, 0.0])
    assert one.active is not None and one.active.tolist() == [2.0, 2.0, 0.0]
    assert one.waited == pytest.approx(200 / 3000)
    nobody = replace(history, agent=np.full(len(history), NONE))
    assert brackets(nobody, **cut)["agents"].active is None  # type: ignore[arg-type]


def test_on_simulated_days_the_rule_misses_whom_the_record_misses(known: History, found: Calibration) -> None:
    """Of the three agents who are there from the opening on the record shows 2.6 in the first half-hour: who has not answered
    yet is not seen. Heads that are known to be 2.6 come out lower in turn, elsewhere as they are to within 2 %.
    """
    (one,) = with_trials(found, known).trials.values()
    heads = np.array(found.scenario.groups[0].agents.per_interval)
    assert np.array_equal(one.known, heads) and one.found.shape == (100, 8)
    error, half = one.error
    assert -0.035 < error < -0.005 and half < 0.005
    assert one.worst is not None and one.worst.start == 9 * 3600.0 and one.worst.end == 9.5 * 3600.0
    missed = one.worst.inferred / one.worst.known - 1
    assert missed == pytest.approx(heads[0] / 3 - 1, abs=0.05)
    inside = one.found.mean(axis=0)[1:-1] / one.known[1:-1]
    assert inside == pytest.approx(1.0, abs=0.02)
    assert one.error_of("busy") < error < one.error_of("active")
    assert one.recorded.active is not None
    assert one.recorded.busy.mean() < heads.mean() < one.recorded.active.mean()


def test_a_rule_that_finds_too_many_is_found_out(
    known: History, found: Calibration, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = trial.pools
    (before,) = with_trials(found, known).trials.values()

    def wrong(*given: Any, **more: Any) -> list[Pool]:
        return [pool._replace(by_day=pool.by_day * 1.1) for pool in right(*given, **more)]

    monkeypatch.setattr(trial, "pools", wrong)
    (after,) = with_trials(found, known).trials.values()
    assert after.error[0] == pytest.approx(1.1 * (1 + before.error[0]) - 1)
    assert "too many" in str(after) and "too few" in str(before)


def test_a_log_without_wrap_up_names_or_groups_is_tried_as_one(known: History) -> None:
    bare = replace(
        known, release=np.full(len(known), NONE), group=np.full(len(known), NONE), agent=np.full(len(known), NONE)
    )  # fmt: skip
    (one,) = calibrate(bare, weekdays=WEEKDAYS, sets=0)
    (tried,) = with_trials(one, bare, days=20).trials.values()
    assert tried.recorded.active is None and np.isnan(tried.error_of("active"))
    assert -0.3 < tried.error[0] < 0.3  # the most in service at once
    named = replace(known, release=np.full(len(known), NONE))
    (one,) = calibrate(named, weekdays=WEEKDAYS, sets=0)
    (tried,) = with_trials(one, named, days=20).trials.values()
    assert -0.05 < tried.error[0] < 0.02


def test_heads_stay_the_sources_tell_and_it_is_the_same_each_time(known: History, found: Calibration) -> None:
    once, again = (with_trials(found, known, days=10) for _ in range(2))
    assert once.scenario == again.scenario and once.scenario.groups == found.scenario.groups
    note = once.scenario.sources["groups.all.agents"].note
    assert note.startswith("inferred from who answered when") and "on 10 simulated days whose heads are known" in note


def test_logged_on_heads_are_not_told_to_be_inferred(known: History, found: Calibration) -> None:
    tried = with_trials(found, known, days=10)
    day = found.used[0]
    there = Session("Ann", datetime(day.year, day.month, day.day, 8), datetime(day.year, day.month, day.day, 14))
    assert not with_sessions(tried, Sessions("s.csv", (there,))).trials


def test_the_screen_and_the_document_say_how_sure_heads_are(
    known: History, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(own_csv(known))

    def printed(folder: str, *words: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as end:
            main(["calibrate", str(path), "-o", str(tmp_path / folder), "--sets", "0", *words])
        assert int(end.value.code or 0) == code
        said = capsys.readouterr()
        return said.out if not code else said.err

    text = " ".join(printed("a").split())
    assert "inferred from who answered when, 2." in text and "in service while somebody waited and " in text
    assert "on 100 simulated days whose heads are known the rule finds" in text and "worst 09:00-09:30: " in text
    (group,) = json.loads(printed("b", "--json", "--heads-days", "12"))["groups"]
    told = group["trials"]["all"]
    assert told["days"] == 12 and told["error"]["low"] < told["error"]["value"] < told["error"]["high"]
    assert len(told["known"]) == len(told["found"]) == len(told["busy"]["recorded"]) == 8
    assert "simulated days whose heads are known" in load(tmp_path / "b").sources["groups.all.agents"].note
    assert "simulated" not in printed("c", "--heads-days", "0")
    assert "--heads-days 1: must be 2 or more" in printed("d", "--heads-days", "1", code=2)
