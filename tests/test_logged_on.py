"""Heads as logged on take the place of those inferred, by interval and group."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from experiments.cli.main import main
from sim.calibrate import Calibration, calibrate_report
from sim.calibrate.carried import carried
from sim.calibrate.logged_on import with_sessions
from sim.files import load
from sim.files.interval_report import read_interval_report
from sim.files.sessions import Session, Sessions
from sim.scenario.errors import CallsimError
from sim.scenario.merge import build

MONDAY = date(2026, 3, 2)


def report_file(tmp_path: Path) -> Path:
    """Five Mondays from 09:00 to 12:00 with 4 heads."""
    lines = ["date,start,offered,answered,abandoned,aht,heads"]
    lines += [
        f"{MONDAY + timedelta(weeks=week)},{9 + part // 2:02d}:{30 * (part % 2):02d},30,29,1,200,4"
        for week in range(5)
        for part in range(6)
    ]
    path = tmp_path / "report.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    return calibrate_report(read_interval_report(report_file(tmp_path_factory.mktemp("found"))))[0]


def session(agent: str, week: int, since: str, until: str, group: str = "") -> Session:
    day = MONDAY + timedelta(weeks=week)
    return Session(agent, datetime.fromisoformat(f"{day}T{since}"), datetime.fromisoformat(f"{day}T{until}"), group)


def heads(one: Calibration, group: int = 0) -> list[float]:
    return np.array(one.scenario.table()["groups"][group]["agents"]["per_interval"]).tolist()


def test_heads_are_the_mean_of_who_was_logged_on_in_each_interval(found: Calibration) -> None:
    """Ann all five mornings, with a pause of 15 minutes at 10:00; Bob on two of them from 10:45 on."""
    spans = [session("Ann", week, "08:00", "10:00") for week in range(5)]
    spans += [session("Ann", week, "10:15", "13:00") for week in range(5)]
    spans += [session("Bob", week, "10:45", "12:00") for week in (0, 3)]
    told = with_sessions(found, Sessions("sessions.csv", tuple(sorted(spans))))
    assert heads(told) == [1, 1, 0.5, 1.2, 1.4, 1.4]
    assert told.scenario.sources["groups.agents.agents"].status == "measured"
    assert any("by the report they are 4.0" in note for note in told.notes)


def test_days_without_sessions_are_left_out_and_said(found: Calibration) -> None:
    told = with_sessions(found, Sessions("s.csv", (session("Ann", 0, "09:00", "12:00"), session("Ann", 1, "09:00", "12:00"))))
    assert heads(told) == [1.0] * 6 and any("3 of 5 days have no sessions" in note for note in told.notes)
    with pytest.raises(CallsimError, match=r"s\.csv: nobody was there on any of the days 2026-03-02 to 2026-03-30"):
        with_sessions(found, Sessions("s.csv", (session("Ann", 9, "09:00", "12:00"),)))


def test_a_day_whose_next_day_alone_has_sessions_has_none(tmp_path: Path) -> None:
    """Monday to Friday, Ann and Bob on all but Wednesday, Cem on Friday alone, of a group of his own."""
    day = [MONDAY + timedelta(days=at) for at in range(5)]
    lines = ["date,start,offered,answered,abandoned,aht,heads"]
    lines += [f"{one},{9 + part // 2:02d}:{30 * (part % 2):02d},30,29,1,200,4" for one in day for part in range(6)]
    path = tmp_path / "report.csv"
    path.write_text("\n".join(lines) + "\n")
    (week,) = calibrate_report(read_interval_report(path))
    table = week.scenario.table()
    table["groups"] = [*table["groups"], table["groups"][0] | {"name": "others"}]

    def on(agent: str, at: int, group: str) -> Session:
        return Session(agent, datetime(2026, 3, 2 + at, 9), datetime(2026, 3, 2 + at, 12), group)

    spans = [on(name, at, "agents") for name in ("Ann", "Bob") for at in (0, 1, 3, 4)] + [on("Cem", 4, "others")]
    told = with_sessions(replace(week, scenario=build(table)), Sessions("s.csv", tuple(sorted(spans))))
    assert heads(told) == [2.0] * 6 and heads(told, 1) == [0.25] * 6
    assert any("1 of 5 days have no sessions" in note for note in told.notes)


def test_each_set_has_the_heads_of_its_own_days(found: Calibration) -> None:
    """Ann is there on all five Mondays, Bob on the first: a set that has the first k times has 1 + k / 5 heads."""
    spans = [session("Ann", week, "09:00", "12:00") for week in range(5)] + [session("Bob", 0, "09:00", "12:00")]
    told = carried(with_sessions(found, Sessions("s.csv", tuple(sorted(spans)))))
    assert told.parameters is not None and found.drawn is not None
    place = told.parameters.parameters.paths.index("groups.agents.agents.per_interval")
    for number, values in told.parameters.parameters.sets.items():
        assert values[place] == [round(1 + found.drawn[number, 0] / 5, 2)] * 6
    low, high = told.intervals["groups.agents.heads"]
    assert low == 1.0 and 1.6 <= high <= 1.8 and not told.parameters.edited(told.scenario.table())
    dump = told.scenario.table()["groups"][0]["agents"]["per_interval"]
    assert told.parameters.point["groups.agents.agents.per_interval"] == dump


def test_sessions_of_few_days_leave_sets_to_vary_as_inferred_heads_do(tmp_path: Path) -> None:
    """Heads of the report are 4 or 6; with sessions of two days alone each set has its own times 1 over the mean."""
    path = report_file(tmp_path)
    lines = path.read_text().split("\n")
    path.write_text("\n".join(line[:-1] + "6" if line.startswith(str(MONDAY)) else line for line in lines))
    found = calibrate_report(read_interval_report(path), sets=20)[0]
    two = (session("Ann", 1, "09:00", "12:00"), session("Ann", 2, "09:00", "12:00"))
    told = carried(with_sessions(found, Sessions("s.csv", two)))
    assert told.parameters is not None and found.drawn is not None and heads(found) == [4.4] * 6
    place = told.parameters.parameters.paths.index("groups.agents.agents.per_interval")
    for number, values in told.parameters.parameters.sets.items():
        assert values[place] == pytest.approx([(4 + 2 * found.drawn[number, 0] / 5) / 4.4] * 6, abs=1e-3)


def test_groups_of_sessions_are_those_of_the_scenario(found: Calibration) -> None:
    table = found.scenario.table()
    other = {"name": "night", "skills": table["groups"][0]["skills"], "agents": {"per_interval": (0.0,) * 6}}
    two = replace(found, scenario=build(table | {"groups": [*table["groups"], other]}))
    spans = (session("Ann", 0, "09:00", "12:00", "night"), session("Bob", 0, "09:00", "10:30", "agents"))
    told = with_sessions(two, Sessions("s.csv", spans))
    assert heads(told, 0) == [1, 1, 1, 0, 0, 0] and heads(told, 1) == [1.0] * 6
    with pytest.raises(CallsimError, match='the group "day" cannot be told to one of the groups agents, night'):
        with_sessions(two, Sessions("s.csv", (session("Ann", 0, "09:00", "12:00", "day"),)))


def test_calibrate_takes_a_file_of_sessions(tmp_path: Path) -> None:
    (tmp_path / "sessions.csv").write_text("agent,start,end\nAnn,2026-03-02T08:00,2026-03-02T12:00\n")
    words = [report_file(tmp_path), "-o", tmp_path / "story", "--sessions", tmp_path / "sessions.csv"]
    with pytest.raises(SystemExit) as end:
        main(["calibrate", *map(str, words)])
    assert end.value.code == 0
    assert load(tmp_path / "story").table()["groups"][0]["agents"]["per_interval"] == (1.0,) * 6
