"""Calibration: estimators against what is known, and a simulated log gives back the scenario it came from."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from experiments.cli.main import main
from experiments.screens.call_table import as_csv, columns
from sim.calibrate import calibrate, calibrate_report
from sim.calibrate.days import Counts, groups_of, parse_weekdays, weekdays_name
from sim.calibrate.durations import law_of, patience_of
from sim.calibrate.figures import spread
from sim.calibrate.presence import busy_heads, heads, presence
from sim.chance import draw, resolve
from sim.chance.means import mean
from sim.chance.rows import quantile_function
from sim.engines import simulate
from sim.erlang import erlang_a
from sim.files import dump_scenario
from sim.files.call_log import read_call_log
from sim.files.history import History
from sim.files.interval_report import read_interval_report
from sim.files.intervals_of import report_of
from sim.scenario.callers import CallType
from sim.scenario.errors import CallsimError
from sim.scenario.merge import build
from sim.scenario.scenario import Scenario
from tests.recorded_days import as_recorded, desk

S = 10**6
NAMES = "date,number,call_type,arrival,ivr_exit,queue_entry,answer,end,release,outcome,agent"


def log(tmp_path: Path, *rows: str) -> History:
    path = tmp_path / "log.csv"
    path.write_text("\n".join([NAMES, *rows]) + "\n")
    return read_call_log(path)


# --- durations ---------------------------------------------------------------------------------------------------


def test_patience_is_measured_through_censoring() -> None:
    """20,000 exponential patiences of mean 200 s, censored by waits of mean 60 s: quartiles within 6 % (rng 5)."""
    rng = np.random.default_rng(5)
    patience, wait = rng.exponential(200, 20_000), rng.exponential(60, 20_000)
    law = patience_of(np.minimum(patience, wait), patience <= wait)
    found = quantile_function(CallType.model_validate(kind(law)).patience)(np.array([0.25, 0.5, 0.75, 0.95]))
    assert found == pytest.approx(-200 * np.log([0.75, 0.5, 0.25, 0.05]), rel=0.06)


def kind(patience: object) -> dict[str, object]:
    return {"name": "x", "arrivals": {"per_hour": 1}, "talk": 60, "patience": patience}


def test_few_who_left_give_the_maximum_likelihood_estimate_and_nobody_gives_never() -> None:
    waits = np.array([10.0, 20, 30, 40])
    assert patience_of(waits, np.array([True, True, False, False])) == {"exponential": {"mean": 50.0}}
    assert patience_of(waits, np.zeros(4, bool)) == "never"


def test_waits_of_nothing_say_nothing() -> None:
    waits = np.array([0.0, 0, 0, 10, 30])
    left = np.array([False, False, False, True, True])
    assert patience_of(waits, left) == {"exponential": {"mean": 20.0}}


def test_a_lognormal_sample_is_known_as_one_and_another_keeps_its_steps_and_its_mean() -> None:
    rng = np.random.default_rng(1)
    assert set(law_of(rng.lognormal(5, 0.6, 5000))) == {"lognormal"}
    two = np.concatenate([rng.uniform(1, 10, 2000), rng.uniform(300, 400, 2000)])
    body, tail = law_of(two)["mixture"]["parts"]
    steps = [part["of"]["empirical"] for part in (body, tail)]
    means = [np.average(one["values"], weights=one.get("weights")) for one in steps]
    assert body["share"] * means[0] + tail["share"] * means[1] == pytest.approx(two.mean(), rel=1e-4)
    assert law_of(np.array([5.0, 10])) == {"exponential": {"mean": 7.5}}
    assert law_of(np.zeros(50)) == 0.0 and law_of(np.full(50, 30.0)) == 30.0


@pytest.mark.parametrize("many", [300, 4000, 40_000])
def test_calls_that_last_for_hours_are_kept(many: int) -> None:
    """One in eleven a few seconds, the others lognormal with cv 2 (rng 7): mean, cv, the shortest and the last 1 % come back."""
    rng = np.random.default_rng(7)
    seconds = np.concatenate([rng.uniform(1, 9, many // 10), rng.lognormal(4.5, 1.27, many)])
    record = CallType.model_validate(kind(law_of(seconds))).patience
    drawn = quantile_function(record)((np.arange(200_000) + 0.5) / 200_000)
    assert drawn.mean() == pytest.approx(seconds.mean(), rel=1e-3)
    assert drawn.std() / drawn.mean() == pytest.approx(seconds.std() / seconds.mean(), rel=0.04 if many > 300 else 0.12)
    assert np.quantile(drawn, 0.99) == pytest.approx(np.quantile(seconds, 0.99), rel=0.03 if many > 300 else 0.15)
    assert (drawn < 9).mean() == pytest.approx((seconds < 9).mean(), abs=0.01)
    assert spread(record) == pytest.approx(drawn.std() / drawn.mean(), rel=1e-3)


# --- days --------------------------------------------------------------------------------------------


def test_weekdays_that_are_alike_are_found_and_days_unlike_them_set_aside() -> None:
    days = [date(2024, 1, 1) + timedelta(days=i) for i in range(70)]
    calls = np.zeros((70, 24))
    for row, day in enumerate(days):
        weekend = day.weekday() >= 5
        calls[row, 9:13 if weekend else 18] = 10 if weekend else 40
    calls[10] *= 0.1  # a holiday
    calls[24] *= 2.0  # an outage
    found = groups_of(Counts(days, calls, calls, 3600.0))
    assert [group.name for group in found] == ["monday-friday", "saturday-sunday"]
    assert (found[0].first, found[0].last, found[1].last) == (9, 18, 13)
    assert [one.day for one in found[0].set_aside] == [days[10], days[24]]
    assert "10 % of the median" in found[0].set_aside[0].why
    assert len(found[0].rows) == 48


@pytest.mark.parametrize(
    ("text", "numbers", "name"),
    [
        ("sunday-thursday", (0, 1, 2, 3, 6), "sunday-thursday"),
        ("mon", (0,), "monday"),
        ("fri - mon", (0, 4, 5, 6), "friday-monday"),
        ("mon+wed", (0, 2), "monday+wednesday"),
        ("mon-sun", (0, 1, 2, 3, 4, 5, 6), "every-day"),
    ],
)
def test_weekdays_are_read_and_named(text: str, numbers: tuple[int, ...], name: str) -> None:
    assert parse_weekdays(text) == numbers
    assert weekdays_name(numbers) == name


@pytest.mark.parametrize("text", ["funday", "mo", "mon-tue-wed", ""])
def test_words_that_are_no_weekdays_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="weekday"):
        parse_weekdays(text)


def test_a_weekday_whose_only_day_has_a_gap_has_no_story_and_others_say_so(tmp_path: Path) -> None:
    """Four Mondays, and a Tuesday of which nothing is recorded after 10:00."""
    days = [(date(2024, 3, 4) + timedelta(weeks=week), 40) for week in range(4)] + [(date(2024, 3, 5), 8)]
    rows = [
        f"{day},{number},x,{at},{at},{at},{at},{at + 60},,answered,A"
        for day, calls in days
        for number, at in enumerate(range(32_400, 32_400 + calls * 360, 360))
    ]
    (found,) = calibrate(log(tmp_path, *rows), weekdays=((0,), (1,)), sets=0)
    assert found.name == "monday" and found.days == 4
    assert "no story for tuesday: 2024-03-05 nothing recorded 10:00 - 13:00, where 30 calls are usual" in found.notes
    short = [row.replace("2024-03-04", "2024-03-12") for row in rows if not row.startswith("2024-03-05")]
    short = [row for row in short if not row.startswith("2024-03-12") or int(row.split(",")[1]) < 8]
    tuesdays = log(tmp_path, *short)
    with pytest.raises(CallsimError, match=r"log.csv: no day is left to measure: 2024-03-12 nothing recorded 10:00 - 13:00"):
        calibrate(tuesdays, weekdays=((1,),), sets=0)


# --- presence ----------------------------------------------------------------------------------------------------


def test_an_agent_who_lets_callers_wait_was_away_and_one_whom_nobody_needed_was_there(tmp_path: Path) -> None:
    history = log(
        tmp_path,
        "2024-03-01,0,x,100,100,100,100,200,,answered,A",
        "2024-03-01,1,x,500,500,500,500,600,,answered,A",  # nobody waited between 200 and 500: A was there
        "2024-03-01,2,x,600,600,600,900,950,,answered,A",  # a caller waited 300 s: A was away from 600 to 900
        "2024-03-01,3,x,940,940,940,958,1000,,answered,A",  # waited for 8 s after A was free: that is between calls
    )
    found = presence(history)
    assert [(one.since // S, one.until // S) for one in found.stretches] == [(100, 600), (900, 1000)]
    assert (found.between_calls // S).tolist() == [8]
    assert heads(found.stretches, 0, 500 * S, 3).tolist() == pytest.approx([0.8, 0.4, 0.0])
    assert heads(found.stretches, 0, 500 * S, 3, after=50 * S).tolist() == pytest.approx([0.8, 0.5, 0.1])


def test_without_names_heads_are_the_most_in_service_at_once(tmp_path: Path) -> None:
    history = log(
        tmp_path,
        "2024-03-01,0,x,100,100,100,100,200,,answered,",
        "2024-03-01,1,x,150,150,150,150,650,,answered,",
        "2024-03-01,2,x,200,200,200,200,300,,answered,",
    )
    assert busy_heads(history, 0, 500 * S, 2).tolist() == [2.0, 1.0]


# --- a simulated log gives back its scenario ----------------------------------------------------------------------


def two_types() -> Scenario:
    return Scenario.model_validate(
        {
            "name": "known",
            "calendar": {"start": date(2024, 3, 4), "opens": "08:00", "closes": "16:00"},
            "call_types": [
                {"name": "a", "arrivals": {"per_hour": 200}, "talk": {"lognormal": {"mean": "3m", "cv": 0.7}},
                 "wrap_up": {"exponential": {"mean": "20s"}}, "patience": {"exponential": {"mean": "2m"}}},
                {"name": "b", "arrivals": {"per_hour": 80}, "talk": {"exponential": {"mean": "2m"}},
                 "patience": {"exponential": {"mean": "4m"}}, "labels": {"team": {"old": 0.25, "new": 0.75}}},
            ],
            "groups": [{"name": "all", "skills": [["a", "b"]], "agents": 13}],
            "ivr": {"delay": 15, "hang_up": {"a": 0.05}},
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> History:
    """Twelve simulated weekdays of `two_types` as one log."""
    scenario, parts = two_types(), []
    for day in range(12):
        when = date(2024, 3, 4) + timedelta(days=day + 2 * (day // 5))
        dated = scenario.with_({"calendar.start": when})
        text = as_csv(columns(simulate(dated, draw(resolve(dated, seed=8, replication=day), seed=8, replication=day))))
        parts.append(text if not day else text.split("\n", 1)[1])
    path = tmp_path_factory.mktemp("known") / "log.csv"
    path.write_text("".join(parts))
    return read_call_log(path)


def test_a_simulated_log_gives_back_arrivals_handle_times_patience_ivr_and_labels(known: History) -> None:
    (found,) = calibrate(known)
    assert found.name == "monday-friday" and found.days == 12 and not found.set_aside
    a, b = found.scenario.call_types
    assert (a.name, b.name) == ("a", "b")
    middle = (np.arange(2000) + 0.5) / 2000

    def mean(law: object) -> float:
        return float(quantile_function(law)(middle).mean())  # type: ignore[arg-type]

    per_hour = np.mean(np.array(a.arrivals.per_interval)) * 2
    assert per_hour == pytest.approx(200, rel=0.04)
    assert mean(a.talk) == pytest.approx(180, rel=0.04)
    assert mean(a.wrap_up) == pytest.approx(20, rel=0.05)
    assert mean(b.talk) == pytest.approx(120, rel=0.06)
    half = quantile_function(a.patience)(np.array([0.5]))[0]
    assert half == pytest.approx(120 * np.log(2), rel=0.12)
    assert found.scenario.ivr.hang_up["a"].per_interval == pytest.approx(0.05, abs=0.012)
    assert mean(found.scenario.ivr.delay) == pytest.approx(15, abs=0.1)
    assert b.labels["team"]["old"] == pytest.approx(0.25, abs=0.03)
    assert found.scenario.factors[0].cv < 0.05


def test_heads_inferred_from_a_simulated_log_are_those_that_were_there(known: History) -> None:
    (found,) = calibrate(known)
    inside = np.array(found.scenario.groups[0].agents.per_interval)[1:-1]
    assert found.scenario.groups[0].name == "all"
    assert inside.mean() == pytest.approx(13, abs=0.7)


def test_every_input_is_marked_and_the_story_can_be_written(known: History) -> None:
    (found,) = calibrate(known)
    paths = set(found.scenario.sources)
    assert {"call_types.a.arrivals", "call_types.a.patience", "call_types.b.talk", "groups.all.agents", "lines"} <= paths
    assert {one.status for one in found.scenario.sources.values()} == {"measured", "given", "assumed"}
    assert 'name = "a"' in dump_scenario(found.scenario)


def test_types_with_own_agents_are_not_used_where_the_log_names_groups_and_it_is_said() -> None:
    (found,) = calibrate(as_recorded(desk(), days=5, seed=1), weekdays=((0, 1, 2, 3, 4),), own_agents=("b",), sets=0)
    assert [group.name for group in found.scenario.groups] == ["all"]
    assert "own agents of b: not used, for the log names the group that answered" in found.notes


def test_labels_types_and_intervals_that_are_not_there_are_refused(known: History) -> None:
    with pytest.raises(CallsimError, match=r'no label "team.young"; there is team.new, team.old'):
        calibrate(known, head_start={"team.young": 10.0})
    with pytest.raises(CallsimError, match='no call type "c"'):
        calibrate(known, own_agents=("c",))
    with pytest.raises(CallsimError, match="divide a day"):
        calibrate(known, interval=7 * 60.0)


# --- interval reports --------------------------------------------------------------------------------------------


def report(tmp_path: Path, rows: list[str], columns: str = "start,offered,answered,abandoned,aht,heads") -> Path:
    path = tmp_path / "report.csv"
    path.write_text("\n".join([columns, *rows]) + "\n")
    return path


def test_patience_of_a_report_is_such_that_erlang_a_loses_as_many(tmp_path: Path) -> None:
    """20 calls an hour per head of 180 s: patience 150 s must come back from what Erlang A says is lost."""
    lost = erlang_a(calls_per_hour=200, aht=180.0, agents=10, patience=150.0).abandonment_rate * 100
    rows = [f"2024-03-0{day}T{h:02d}:{m:02d},100,{100 - lost},{lost},180,10" for day in (4, 5) for h in (9, 10) for m in (0, 30)]
    (found,) = calibrate_report(read_interval_report(report(tmp_path, rows)))
    patience = found.scenario.call_types[0].patience
    assert quantile_function(patience)(np.array([0.5]))[0] == pytest.approx(150 * np.log(2), rel=0.01)
    assert found.scenario.sources["call_types.*.patience"].status == "measured"
    assert found.scenario.groups[0].agents.per_interval == (10.0,) * 4


def test_a_report_without_heads_and_waits_says_what_it_assumes(tmp_path: Path) -> None:
    rows = ["2024-03-04T09:00,100,95,5,3m", "2024-03-04T09:30,80,78,2,3m"]
    (found,) = calibrate_report(read_interval_report(report(tmp_path, rows, "start,offered,answered,abandoned,aht")))
    status = {path: source.status for path, source in found.scenario.sources.items()}
    assert status["groups.agents.agents"] == status["call_types.*.patience"] == "assumed"
    assert found.scenario.groups[0].agents.per_interval == (14.0, 11.0)


def test_a_type_of_which_nobody_was_answered_has_the_handle_times_of_all(tmp_path: Path) -> None:
    """Nobody serves c: its calls would take no time for agents whom a policy gives it. Five weekdays of each record."""
    table = desk().table()
    more = {"name": "c", "arrivals": {"per_hour": 6}, "talk": "3m", "patience": {"exponential": {"mean": "20s"}}}
    table["call_types"] = [*table["call_types"], more]
    table["groups"] = [*table["groups"], {"name": "nobody", "skills": [["c"]], "agents": 0}]
    history = as_recorded(build(table), days=6, seed=3)
    week = ((0, 1, 2, 3, 4),)
    (of_log,), (of_report,) = (
        calibrate(history, weekdays=week, sets=20),
        calibrate_report(report_of(history, interval=1800.0, within=20.0), weekdays=week, sets=20),
    )
    answered = history.answer >= 0
    all_of_them = float((history.talk[answered] + history.wrap_up[answered]).mean()) / S
    for found in (of_log, of_report):
        mine = next(kind for kind in found.scenario.call_types if kind.name == "c")
        assert mean(mine.talk) + mean(mine.wrap_up) == pytest.approx(all_of_them, rel=0.01)
        assert found.scenario.sources["call_types.c.talk"].status == "assumed"
        assert "call_types.c.aht" not in found.intervals and "call_types.a.aht" in found.intervals


def test_a_type_that_a_report_has_on_one_day_alone_is_the_same_in_sets_without_that_day(tmp_path: Path) -> None:
    lines = ["date,start,call_type,offered,answered,abandoned,aht"]
    for day in range(2, 7):
        lines += [f"2026-03-0{day},{hour:02d}:00,a,40,{36 + day % 2},{4 - day % 2},{190 + day}" for hour in range(9, 13)]
    lines.append("2026-03-04,10:00,rare,5,5,0,600")
    path = tmp_path / "report.csv"
    path.write_text("\n".join(lines) + "\n")
    (found,) = calibrate_report(read_interval_report(path), weekdays=((0, 1, 2, 3, 4),), sets=40)
    assert found.drawn is not None and (found.drawn[:, 2] == 0).any()
    assert found.intervals["call_types.rare.aht"] == (600.0, 600.0)


def test_a_report_without_aht_is_refused(tmp_path: Path) -> None:
    path = report(tmp_path, ["2024-03-04T09:00,100,95,5"], "start,offered,answered,abandoned")
    with pytest.raises(CallsimError, match="no AHT"):
        calibrate_report(read_interval_report(path))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--own-agents", "x"], "--own-agents: goes with a call log; "),
        (["--head-start", "team.old=30s"], "--head-start: goes with a call log; "),
        (["--interval", "15m"], "--interval: goes with a call log; "),
        (["--patience-by", "team"], "--patience-by: goes with a call log; "),
        (["--sets", "19"], "--sets 19: must be 20 or more, for fewer have no interval at 95 %, or 0; nothing was done"),
        (["--heads-days", "1"], "--heads-days 1: must be 2 or more"),
    ],
)
def test_an_option_that_would_do_nothing_with_a_report_is_refused(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "report.csv"
    path.write_text("date,start,offered,answered,abandoned,aht\n2026-03-02,09:00,40,30,10,200\n")
    with pytest.raises(SystemExit) as end:
        main(["calibrate", str(path), "-o", str(tmp_path / "story"), *words])
    assert end.value.code == 2 and said in capsys.readouterr().err and not (tmp_path / "story").exists()


def test_a_date_for_a_report_is_refused_with_a_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log(tmp_path, "2024-03-04,1,x,32400,32400,32400,32400,32460,,answered,A")
    with pytest.raises(SystemExit) as end:
        main(["calibrate", str(tmp_path / "log.csv"), "-o", str(tmp_path / "story"), "--date", "2024-03-04"])
    assert end.value.code == 2 and "--date: goes with an interval report; " in capsys.readouterr().err
