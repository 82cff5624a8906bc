"""A roster in the place of counted heads: its people, and how many of them come by who was there on recorded days."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from experiments.cli.main import main
from experiments.screens.call_table import as_csv, columns
from sim.calibrate.figures import intervals
from sim.calibrate.rostered import missing_shares
from sim.calibrate.there import Compared, by_names, heads_on, planned_on, spans_on
from sim.chance import draw, resolve
from sim.chance.resample import days_drawn
from sim.engines import simulate
from sim.files import load
from sim.files.call_log import read_call_log
from sim.files.importers.pseudonyms import Pseudonyms, key_of
from sim.scenario.provenance import status_of, unsaid
from sim.scenario.scenario import Scenario
from tests.recorded_days import MONDAY, desk

NAMES = ("Ann", "Bob", "Cem", "Dora", "Eve")
DAYS = 30
HOUR = 3600 * 10**6
PLAN = "agent,shift,breaks\n" + "".join(f"{name},09:00-13:00,{10 + at // 3}:30 15m\n" for at, name in enumerate(NAMES))


def staffed() -> Scenario:
    """The desk of `recorded_days`, with five people of whom each does not come on one day in six."""
    table = desk().table()
    table["call_types"][0]["arrivals"] = {"per_hour": 45}
    table["groups"] = [{"name": "all", "skills": [["a", "b"]]}]
    table["shifts"] = [
        {"name": "early", "from": "09:00", "to": "13:00", "breaks": [{"at": "10:30", "lasts": "15m"}]},
        {"name": "late", "from": "09:00", "to": "13:00", "breaks": [{"at": "11:30", "lasts": "15m"}]},
    ]
    table["agents"] = [{"name": name, "group": "all", "shift": "early" if at < 3 else "late"} for at, name in enumerate(NAMES)]
    table["attendance"] = {"absent": 1 / 6, "off": 0.8}
    return Scenario.model_validate(table)


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float, float]:
    """A log of thirty weekdays that names who answered; the share of shifts nobody came to, and of the others' time off."""
    parts, absent, off, there = [], 0, 0, 0
    for day in range(DAYS):
        scenario = staffed().with_({"calendar.start": MONDAY + timedelta(days=day + 2 * (day // 5))})
        one = simulate(scenario, draw(resolve(scenario, seed=4, replication=day), seed=4, replication=day))
        assert one.agents is not None
        lasts = one.agents.until - one.agents.since
        absent += len(np.unique(one.agents.agent[one.agents.state == 10]))
        off += int(lasts[one.agents.state == 9].sum())
        there += int(lasts[(one.agents.state <= 2) & (one.agents.finishing == 0)].sum())
        rows = list(csv.DictReader(io.StringIO(as_csv(columns(one)))))
        for row in rows:
            row["agent"] = NAMES[int(row["agent"])] if row["agent"] else ""
            row["group"] = ""
        parts += rows
    path = tmp_path_factory.mktemp("truth") / "log.csv"
    with path.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(parts[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(parts)
    return path, absent / (DAYS * len(NAMES)), off / (off + there)


@pytest.fixture
def log(truth: tuple[Path, float, float], tmp_path: Path) -> Path:
    (tmp_path / "log.csv").write_text(truth[0].read_text())
    return tmp_path / "log.csv"


def plan(log: Path, text: str = PLAN, name: str = "plan.csv") -> Path:
    path = log.parent / name
    path.write_text(text)
    return path


def call(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> str:
    with pytest.raises(SystemExit) as end:
        main([str(word) for word in words])
    said = capsys.readouterr()
    assert int(end.value.code or 0) == code, said.out + said.err
    return " ".join((said.out if not code else said.err).split())


def group(capsys: pytest.CaptureFixture[str], log: Path, *words: object, name: str = "story") -> dict[str, object]:
    few = () if "--sets" in words else ("--sets", 20)
    found = json.loads(call(capsys, "calibrate", log, "-o", log.parent / name, "--heads-days", 0, "--json", *few, *words))
    (one,) = found["groups"]
    assert isinstance(one, dict)
    return one


# --- what is measured ------------------------------------------------------------------------------------------------


def test_the_story_has_the_people_and_the_attendance_that_was(
    truth: tuple[Path, float, float], log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who did not come is known to the shift; time off the phones, of 7 %, to 2 points: by who answered when."""
    told = group(capsys, log, "--roster", plan(log))["roster"]
    assert told["compared"] == "names" and told["agents"] == 5 and len(told["days"]) == DAYS and told["shifts"] == 150
    assert told["absent"]["value"] == pytest.approx(truth[1], abs=1e-4)
    assert told["absent"]["low"] < truth[1] < told["absent"]["high"]
    assert told["off"]["value"] == pytest.approx(truth[2], abs=0.02)
    story = load(log.parent / "story")
    assert [one.name for one in story.agents] == list(NAMES) and story.groups[0].agents.per_interval == 0.0
    assert story.attendance.absent == told["absent"]["value"]
    share = told["off"]["value"]
    assert story.attendance.off == pytest.approx(12 * share / (1 - share), abs=1e-3)  # 5 minutes at a time
    assert story.sources["agents"].status == "given" and story.sources["attendance"].status == "measured"
    assert len(told["intervals"]) == 8
    assert told["intervals"][3]["planned"] == pytest.approx(5 - 3 * 0.5)  # three have their break


def test_the_roster_is_drawn_beside_who_was_there(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--heads-days", 10, "--sets", 0, "--figures", log.parent / "figures", "--roster", plan(log))
    call(capsys, "calibrate", log, "-o", log.parent / "story", *words)
    assert {"roster.png", "heads-agents.png"} <= {path.name for path in (log.parent / "figures").iterdir()}


def test_sets_have_the_attendance_of_the_days_drawn_and_people_are_the_same_in_all(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = group(capsys, log, "--roster", plan(log), "--sets", 50)
    story = load(log.parent / "story", parameters="uncertain")
    assert story.parameters is not None and {"attendance.absent", "attendance.off"} <= set(story.parameters.paths)
    assert not any(path.startswith("groups.") for path in story.parameters.paths)
    sets = [resolve(story, seed=1, replication=i) for i in range(50)]
    absent = [one.attendance.absent for one in sets]
    assert len(set(absent)) > 10 and all(one.agents == story.agents for one in sets)
    ends = told["intervals"]["attendance.absent"]
    assert ends == [pytest.approx(told["roster"]["absent"][key], abs=1e-9) for key in ("low", "high")]
    call(capsys, "lint", log.parent / "story")
    plain = load(log.parent / "story")
    assert not unsaid(plain) and set(status_of(plain)) >= {"attendance.absent", "agents.Ann.group"}


def test_of_a_day_one_by_one_absence_and_time_off_are_told_apart() -> None:
    """Ann is there from 9:00 to 11:00 and 12:00 to 13:00, Bob not at all; each is planned for 4 hours less a break of 15 min."""
    there = {"A": [(9 * HOUR, 11 * HOUR), (12 * HOUR, 13 * HOUR)]}
    plans = {MONDAY: planned_on(staffed(), MONDAY)}
    found = by_names(staffed(), plans, lambda day: there, {"Ann": "A", "Bob": "B"})
    assert (found.shifts.tolist(), found.absent.tolist()) == ([2], [1])
    assert found.planned.mean() == pytest.approx(2 * 3.75 / 4) and found.there.mean() == pytest.approx(3 / 4)
    assert found.planned_of_present.tolist() == pytest.approx([3.75 / 4])
    assert found.there[0].tolist() == [1, 1, 1, 1, 0, 0, 1, 1]


def test_a_plan_is_that_of_any_date() -> None:
    scenario = staffed().with_({"agents.Ann.shifts": {"2024-03-08": []}})
    assert set(planned_on(scenario, date(2024, 3, 7)).shifts) == set(NAMES)
    assert set(planned_on(scenario, date(2024, 3, 8)).shifts) == set(NAMES) - {"Ann"}


def test_intervals_of_attendance_hold_the_chance_with_which_people_did_not_come() -> None:
    """400 records of 20 days with 12 shifts each, nobody at one in six, and a tenth of the others' time off, by days that vary by
    a fifth; rng 6. The intervals hold both 9 times in 10 or more, as those of other estimates do.
    """
    rng, days = np.random.default_rng(6), tuple(MONDAY + timedelta(days=day) for day in range(20))
    drawn = days_drawn(20, 200, "attendance")
    held = np.zeros(2)
    for _ in range(400):
        absent = rng.binomial(12, 1 / 6, 20)
        planned = (12.0 - absent)[:, None]
        there = planned * (1 - 0.1 * rng.gamma(25, 1 / 25, (20, 1)))
        one = Compared(days, np.full((20, 1), 12.0), there, np.full(20, 12), absent, planned[:, 0])
        (_, of_absent), (_, of_off) = missing_shares(one, days, drawn, one_by_one=True)
        ends = intervals({"absent": of_absent, "off": of_off}, 20)
        held += [ends["absent"][0] <= 1 / 6 <= ends["absent"][1], ends["off"][0] <= 0.1 <= ends["off"][1]]
    assert (held / 400 >= 0.9).all(), held


# --- names -----------------------------------------------------------------------------------------------------------


def test_names_that_do_not_match_are_named_and_heads_are_compared(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Four of five are known: they are compared. One of five: heads are, and what is missing is absence."""
    one = group(capsys, log, "--roster", plan(log, PLAN.replace("Eve", "Yves")))["roster"]
    assert (one["compared"], one["unknown"], one["others"], one["shifts"]) == ("names", ["Yves"], ["Eve"], 120)
    assert 0.1 < one["others_share"] < 0.3
    other = PLAN
    for name in NAMES[1:]:
        other = other.replace(name, f"x{name}")
    text = call(capsys, "calibrate", log, "-o", log.parent / "b", "--heads-days", 0, "--roster", plan(log, other))
    assert "not in the record, so heads are compared, not names: xBob, xCem, xDora, xEve" in text
    assert "all that is missing is taken as absence: " in text
    assert load(log.parent / "b").attendance.off == 0.0
    assert 0.15 < load(log.parent / "b").attendance.absent < 0.3


def test_a_roster_that_plans_fewer_than_were_there_has_no_worst_half_hour(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of one half-hour planned for somebody whom the record does not know; all others have more people than the roster, too."""
    few = plan(log, "agent,shift,breaks\nZoe,09:30-10:00,\n")
    text = call(capsys, "calibrate", log, "-o", log.parent / "few", "--heads-days", 0, "--sets", 0, "--roster", few)
    assert "on 30 days 0.1 on the phones by shifts and breaks" in text and "fewest at" not in text


def test_pseudonyms_of_an_import_are_known_again_with_the_key(
    log: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLSIM_CONFIG", str(log.parent / "mine"))
    call(capsys, "import", log, "-o", log.parent / "history")
    assert "Ann" not in (log.parent / "history" / "calls.csv").read_text()
    told = group(capsys, log.parent / "history", "--roster", plan(log))["roster"]
    assert (told["compared"], told["unknown"]) == ("names", [])
    other = log.parent / "other.key"
    other.write_text("ab" * 32)
    told = group(capsys, log.parent / "history", "--roster", plan(log), "--id-key", other, name="b")["roster"]
    assert (told["compared"], told["unknown"]) == ("heads", list(NAMES))
    assert Pseudonyms(key_of(log.parent / "mine" / "id.key")).agent("Ann") in told["others"]


def test_a_roster_brings_its_groups_where_the_log_names_none(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = ["agent,group,skills,shift", *(f"{name},front,a; b,09:00-13:00" for name in NAMES[:3])]
    lines += [f"{name},back,b,09:00-13:00" for name in NAMES[3:]]
    group(capsys, log, "--roster", plan(log, "\n".join(lines) + "\n"))
    story = load(log.parent / "story")
    assert [(one.name, one.skills) for one in story.groups] == [("front", (("a", "b"),)), ("back", (("b",),))]


def test_how_fast_groups_are_stays_with_a_roster_of_these_groups(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The log says which group answered, and back takes twice as long for the same calls."""
    rows = list(csv.DictReader(log.open()))
    for row in rows:
        if row["answer"]:
            row["group"] = "front" if row["agent"] in NAMES[:3] else "back"
            slower = (float(row["end"]) - float(row["answer"])) * (row["group"] == "back")
            row["end"], row["release"] = f"{float(row['end']) + slower:.6f}", f"{float(row['release']) + slower:.6f}"
    with log.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    lines = ["agent,group,shift", *(f"{name},{'front' if at < 3 else 'back'},09:00-13:00" for at, name in enumerate(NAMES))]
    group(capsys, log, "--roster", plan(log, "\n".join(lines) + "\n"))
    story = load(log.parent / "story", parameters="uncertain")
    pace = {one.name: one.proficiency for one in story.groups}
    assert isinstance(pace["back"], dict) and isinstance(pace["front"], dict) and pace["back"]["a"] > 1.2 * pace["front"]["a"]
    assert story.sources["groups.back.proficiency.a"].status == "measured"
    assert story.parameters is not None and "groups.back.proficiency.a" in story.parameters.paths
    assert not unsaid(load(log.parent / "story"))


# --- days ------------------------------------------------------------------------------------------------------------


def dated(*days: str, shift: str = "09:00-13:00") -> str:
    return "\n".join([",".join(["agent", *days]), *(",".join([name, *[shift] * len(days)]) for name in NAMES)]) + "\n"


def test_only_days_that_the_roster_has_are_compared_and_the_story_is_of_one_of_them(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = group(capsys, log, "--roster", plan(log, dated("2024-03-11", "2024-03-12", "2024-05-01")))["roster"]
    assert told["days"] == ["2024-03-11", "2024-03-12"]
    assert load(log.parent / "story").calendar.start == date(2024, 3, 12)


def test_a_roster_of_other_days_is_refused_with_both_ranges(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    december = plan(log, dated("2024-12-02", "2024-12-06"))
    words = ("calibrate", log, "-o", log.parent / "story", "--heads-days", 0, "--roster", december)
    text = call(capsys, *words, code=2)
    assert "plan.csv: nobody of it works on any of the days 2024-03-04 to 2024-04-12" in text
    assert "it has 2024-12-02 to 2024-12-06" in text
    text = call(capsys, *words, "--for", "2024-12-03", "--like", "weekdays", code=2)
    assert "works on 2024-12-03, the day of the story; it has 2024-12-02 to 2024-12-06" in text
    assert not (log.parent / "story").exists()


def test_a_roster_of_the_day_to_come_alone_says_that_attendance_is_not_known(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--for", "2024-12-03", "--like", "weekdays", "--roster", plan(log, dated("2024-12-03")))
    text = call(capsys, "calibrate", log, "-o", log.parent / "story", "--heads-days", 0, *words)
    assert "how many of them come is not known, for it has nobody on 2024-03-04 to 2024-04-12; everybody does" in text
    story = load(log.parent / "story")
    assert story.calendar.start == date(2024, 12, 3) and story.attendance.absent == 0.0
    assert story.sources["attendance"].status == "assumed"


def test_stories_of_other_weekdays_keep_their_heads_and_say_so(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--weekdays", "monday-thursday,friday", "--roster", plan(log, dated("friday", "tuesday")))
    text = call(capsys, "calibrate", log, "-o", log.parent / "a", "--heads-days", 0, *words)
    assert "heads stay" not in text
    text = call(capsys, "calibrate", log, "-o", log.parent / "b", "--heads-days", 0, *words[:-1], plan(log, dated("tuesday")))
    assert "it has tuesday: heads stay as they were measured" in text
    assert not load(log.parent / "b" / "friday.toml").agents and load(log.parent / "b").agents


# --- other records ---------------------------------------------------------------------------------------------------


def test_who_answers_for_two_groups_is_one(log: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(log.read_text())))
    for at, row in enumerate(rows):
        row["group"] = ("gA", "gB")[at % 2] if row["agent"] else ""
    with log.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    history = read_call_log(log)
    spans = spans_on(history, MONDAY, own_agents=(), after=10_000_000)
    assert len(history.groups) == 2 and spans
    for mine in spans.values():
        assert all(until < since for (_, until), (since, _) in pairwise(mine))
    assert heads_on(history, staffed(), MONDAY, lambda _: spans).max() <= len(spans)


def test_of_a_report_heads_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Five are planned, of whom the report has four on the phones: one in five is absent."""
    lines = ["date,start,offered,answered,abandoned,aht,heads"]
    lines += [
        f"{MONDAY + timedelta(weeks=week)},{9 + part // 2:02d}:{30 * (part % 2):02d},30,29,1,200,4"
        for week in range(6)
        for part in range(8)
    ]
    path = tmp_path / "report.csv"
    path.write_text("\n".join(lines) + "\n")
    (tmp_path / "plan.csv").write_text("agent,shift\n" + "".join(f"{name},09:00-13:00\n" for name in NAMES))
    told = group(capsys, path, "--roster", tmp_path / "plan.csv")["roster"]
    assert told["compared"] == "heads" and told["there"] == "heads of the report"
    assert told["absent"]["value"] == pytest.approx(0.2)


def test_a_row_of_totals_is_left_out_and_said(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = call(capsys, "calibrate", log, "-o", log.parent / "story", "--roster", plan(log, PLAN + "Total,,\n"), "--sets", 0)
    assert "plan.csv:7: roster: a row of totals was left out" in text
    assert len(load(log.parent / "story").agents) == 5


def test_sessions_say_who_was_there(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On two days Ann is logged on from 9:00 to 12:45, less than planned by nothing; Bob on one of them; nobody else."""
    lines = ["agent,start,end"]
    lines += [f"Ann,2024-03-{day:02d}T09:00,2024-03-{day:02d}T12:45" for day in (4, 5)]
    lines += ["Bob,2024-03-04T09:00,2024-03-04T12:45"]
    sessions = log.parent / "sessions.csv"
    sessions.write_text("\n".join(lines) + "\n")
    two = plan(log, "agent,2024-03-04,2024-03-05\nAnn,09:00-12:45,09:00-12:45\nBob,09:00-12:45,09:00-12:45\n")
    told = group(capsys, log, "--roster", two, "--sessions", sessions)["roster"]
    assert told["there"] == "logged on by sessions.csv" and told["shifts"] == 4
    assert told["absent"]["value"] == pytest.approx(0.25) and told["off"]["value"] == 0.0
    assert set(told["others"]) == {"Cem", "Dora", "Eve"}


# --- what is wrong ---------------------------------------------------------------------------------------------------


def test_what_is_wrong_in_the_roster_is_told_with_its_cell(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("calibrate", log, "-o", log.parent / "story", "--heads-days", 0, "--roster")
    text = call(capsys, *words, plan(log, "agent,skills,shift\nAnn,c,09:00-13:00\nBob,a,nine\n"), code=2)
    assert 'plan.csv:2: agents.Ann.skills: column "skills": no call type "c"' in text and 'plan.csv:3: ' in text
    assert "no such file" in call(capsys, *words, log.parent / "none.csv", code=2)
    assert "goes with --roster" in call(capsys, *words[:-1], "--roster-legend", "legend.csv", code=2)
    assert not (log.parent / "story").exists()
