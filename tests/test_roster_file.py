"""Roster files: a planner's table becomes agents, teams and shifts."""

from __future__ import annotations

import re
from datetime import date, time
from pathlib import Path

import pytest

from sim.chance import draw
from sim.engines import simulate
from sim.files import load
from sim.files.schema import schema
from sim.files.shift_cells import breaks_in, hours_in
from sim.files.write import dump_scenario
from sim.scenario.errors import ScenarioError
from sim.scenario.people import KINDS
from sim.scenario.roster import individuals
from sim.scenario.rota import rota
from sim.scenario.units import DAY, show_clock
from tests.roster_stories import (
    DAYS,
    FILES,
    HEAD,
    PAGE,
    PLAN,
    SHIFTS,
    agents,
    csv_story,
    errors,
    on_phones,
    scenario,
    story,
    warned,
    workbook,
)
from tests.test_cli_small import misfit
from tests.test_compiled import assert_same

# --- a row for each agent ----------------------------------------------------------------------------------------


def test_a_row_says_all_of_an_agent(tmp_path: Path) -> None:
    found = agents(load(csv_story(tmp_path, FILES["roster.csv"])))
    assert (found["Anna"].skills, found["Anna"].hired) == ({"sales": 3, "support": 1}, date(2024, 5, 1))
    assert (found["Anna"].team, found["Anna"].group, found["Anna"].shift, found["Anna"].breaks) == ("north", "desk", ("E",), None)
    assert found["Bert"].skills == {"support": 1} and found["Bert"].shift == ("08:00-16:30",)
    assert found["Cem"].skills == {"sales": 1, "support": 1} and found["Cem"].shift == ("E", "L")
    assert found["Cem"].breaks == ()


def test_a_team_that_the_scenario_does_not_have_is_one_of_the_rows_group(tmp_path: Path) -> None:
    (team,) = load(csv_story(tmp_path, FILES["roster.csv"])).teams
    assert (team.name, team.group, team.agents) == ("north", "desk", 0)


def test_an_agents_own_breaks_take_the_place_of_his_shifts(tmp_path: Path) -> None:
    found = load(csv_story(tmp_path, FILES["roster.csv"], days=1))
    assert on_phones(found, "Anna") == ["0 08:00 10:00", "0 10:15 14:00"]
    assert on_phones(found, "Bert") == ["0 08:00 10:00", "0 10:15 12:00", "0 12:30 16:30"]


def test_who_is_hired_later_is_not_there_before(tmp_path: Path) -> None:
    rows = "agent,hired,shift\nAnna,2026-03-10,E\n"
    assert [one.day for one in rota(load(csv_story(tmp_path, rows)))] == [1, 2]


def test_levels_stand_in_a_column_for_each_call_type(tmp_path: Path) -> None:
    found = agents(load(csv_story(tmp_path, "Name, SALES ,support,shift\nAnna,3,,E\nBert,0,5,L\n")))
    assert (found["Anna"].skills, found["Bert"].skills) == ({"sales": 3}, {"support": 5})


def test_titles_may_be_chinese_and_signs_wide(tmp_path: Path) -> None:
    title = "工号,姓名,班组,技能组,技能,入职日期,班次,休息"
    cells = "0017,王芳,一组,desk,sales:3;support:1,2024年5月1日,08:00-16:30,"
    wide = cells.translate({ord(sign): ord(sign) + 0xFEE0 for sign in ":;-"})
    rows = f"{title}\n{wide}12:00-14:00 30分钟 午餐\n"
    one = agents(load(csv_story(tmp_path, rows)))["王芳"]
    assert (one.skills, one.hired, one.shift) == ({"sales": 3, "support": 1}, date(2024, 5, 1), ("08:00-16:30",))
    assert one.breaks is not None and (one.breaks[0].kind, one.breaks[0].lasts) == ("lunch", 1800)


def test_hours_over_midnight_end_on_the_next_day(tmp_path: Path) -> None:
    text = scenario('"roster.csv"').replace('"08:00"\ncloses = "20:00"', '"00:00"\ncloses = "24:00"')
    found = load(story(tmp_path, text, roster_csv="agent,shift,breaks\nAnna,22:00-06:00,01:00 30m\n"))
    assert on_phones(found, "Anna")[:3] == ["0 00:00 01:00", "0 01:30 06:00", "0 22:00 01:00"]


def test_the_cells_of_a_workbook_give_the_same_agents(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Employee", "Group", "Sales", "Support", "Hire date", "Shift"]]
    rows += [["Anna", "desk", 3, None, date(2024, 5, 1), "E"], ["Bert", "desk", 0, 5.0, None, "l"]]
    workbook(tmp_path, Plan=rows)
    found = agents(load(story(tmp_path, scenario('"plan.xlsx"'))))
    assert (found["Anna"].skills, found["Anna"].hired, found["Anna"].shift) == ({"sales": 3}, date(2024, 5, 1), ("E",))
    assert (found["Bert"].skills, found["Bert"].shift) == ({"support": 5}, ("L",))


def test_a_row_without_a_group_is_of_its_team_or_of_the_only_group(tmp_path: Path) -> None:
    team = SHIFTS + '[[teams]]\nname = "south"\ngroup = "phone"\nshift = "L"\n'
    found = load(csv_story(tmp_path, "agent,team\nAnna,South\n", groups=("desk", "phone"), rest=team))
    assert [(one.name, one.group) for one in individuals(found)] == [("Anna", "phone")]
    assert agents(load(csv_story(tmp_path, "agent,shift\nAnna,E\n")))["Anna"].group == "desk"


# --- a column for each day ---------------------------------------------------------------------------------------

def test_days_across_are_the_shifts_of_those_days(tmp_path: Path) -> None:
    found = load(story(tmp_path, scenario(PLAN, rest=""), **DAYS))
    anna, bert, cem = found.agents
    assert anna.shifts == {"2026-03-09": ("E",), "2026-03-10": ("E",), "2026-03-11": ()} and anna.shift == ()
    assert bert.shifts == {"2026-03-09": ("L",), "2026-03-10": (), "2026-03-11": ("E",)}
    assert cem.shifts == {"2026-03-09": (), "2026-03-10": ("E", "L"), "2026-03-11": ("08:00-12:00",)}
    assert [(one.name, show_clock(one.from_), show_clock(one.to)) for one in found.shifts] == [
        ("E", "08:00", "14:00"), ("L", "14:00", "20:00"), ("08:00-12:00", "08:00", "12:00"),
    ]  # fmt: skip
    assert [one.skills for one in found.agents] == [
        {"sales": 3, "support": 1}, {"support": 2}, {"sales": 2, "support": 2},
    ]  # fmt: skip
    assert found.shifts[1].breaks[0].kind == "lunch"


def test_sheets_of_a_workbook_give_the_same_scenario_as_files(tmp_path: Path) -> None:
    expected = load(story(tmp_path, scenario(PLAN, rest=""), **DAYS))
    workbook(
        tmp_path,
        Notes=[["nothing of use"]],
        Plan=[
            ["Agent", "Group", date(2026, 3, 9), date(2026, 3, 10), "2026-03-11"],
            ["Anna", "desk", "E", "E", "off"], ["Bert", "desk", "L", None, "E"], ["Cem", "desk", "U", "E+L", "08:00-12:00"],
        ],
        Legend=[
            ["Code", "From", "To", "Breaks", "Description"], ["E", time(8), time(14), "10:00 15m", "early"],
            ["L", time(14), time(20), "16:00-18:00 30m lunch", "late"], ["U", None, None, None, "vacation"],
        ],
        Skills=[["agent", "sales", "support"], ["Bert", None, 2], ["Anna", 3, 1], ["Cem", 2, 2]],
    )  # fmt: skip
    roster = '{ file = "plan.xlsx", sheet = "Plan", legend = "Legend", skills = "Skills" }'
    assert load(story(tmp_path, scenario(roster, rest=""))) == expected


def test_weekdays_across_hold_for_every_week_and_a_date_goes_over_them(tmp_path: Path) -> None:
    rows = "agent,Mon,周二,wednesday,thu,fri,sat,sun,2026-03-17\nAnna,E,L,,休,-,off,,E\n"
    found = load(csv_story(tmp_path, rows, days=9))
    assert [(one.day, show_clock(one.since % DAY / 1e6)) for one in rota(found)] == [
        (0, "08:00"), (1, "14:00"), (7, "08:00"), (8, "08:00"),
    ]  # fmt: skip
    assert "no column" not in warned(tmp_path)


def test_days_of_the_calendar_without_a_column_are_said(tmp_path: Path) -> None:
    folder = csv_story(tmp_path, "agent,2026-03-09,2026-04-01\nAnna,E,E\n")
    assert "roster.csv: roster: no column for 2026-03-10, 2026-03-11: nobody of the roster works then" in warned(folder)
    csv_story(tmp_path, "agent,shift,2026-03-09\nAnna,E,L\n")
    assert "no column" not in warned(folder)


# --- what policies, settings and files do with it ----------------------------------------------------------------


def test_settings_and_policies_change_agents_of_the_roster(tmp_path: Path) -> None:
    folder = csv_story(tmp_path, HEAD + "Anna,desk,E\nBert,desk,E\n")
    assert agents(load(folder, settings={"agents.Anna.shift": "L"}))["Anna"].shift == ("L",)
    (folder / "policies").mkdir()
    policy = '[[agents]]\nname = "Bert"\nshift = "L"\n[[agents]]\nname = "Anna"\ndrop = true\n'
    (folder / "policies" / "late.toml").write_text(policy)
    assert [(one.name, one.shift) for one in load(folder, policies=["late"]).agents] == [("Bert", ("L",))]


def test_a_policy_brings_another_roster_with_shifts_of_its_own(tmp_path: Path) -> None:
    folder = csv_story(tmp_path, HEAD + "Anna,desk,E\n")
    (folder / "policies").mkdir()
    policy = 'roster = "summer.csv"\n[[shifts]]\nname = "N"\nfrom = "12:00"\nto = "20:00"\n'
    (folder / "policies" / "summer.toml").write_text(policy)
    (folder / "policies" / "winter.toml").write_text('roster = "summer.csv"\n')
    (folder / "policies" / "summer.csv").write_text(HEAD + "Cem,desk,N\n")
    assert [(one.name, one.shift) for one in load(folder, policies=["summer"]).agents] == [("Cem", ("N",))]
    with pytest.raises(ScenarioError, match='"summer" and "winter" both set this value'):
        load(folder, policies=["summer+winter"])


def test_a_file_that_extends_another_changes_the_agents_of_its_roster(tmp_path: Path) -> None:
    folder = csv_story(tmp_path, HEAD + "Anna,desk,E\nBert,desk,E\n")
    (folder / "later.toml").write_text('extends = "scenario.toml"\n[[agents]]\nname = "Anna"\nshift = "L"\n')
    assert [one.shift for one in load(folder / "later.toml").agents] == [("L",), ("E",)]
    (folder / "other.csv").write_text(HEAD + "Cem,desk,E\n")
    (folder / "later.toml").write_text('extends = "scenario.toml"\nroster = "other.csv"\n')
    assert list(agents(load(folder / "later.toml"))) == ["Cem"]


def test_a_scenario_with_a_roster_is_written_with_its_agents_in_it(tmp_path: Path) -> None:
    for text, files in ((scenario('"roster.csv"'), {"roster_csv": FILES["roster.csv"]}), (scenario(PLAN, rest=""), DAYS)):
        found = load(story(tmp_path, text, **files))
        written = dump_scenario(found)
        assert "roster" not in written and "Bert" in written
        (tmp_path / "again.toml").write_text(written, "utf-8")
        assert load(tmp_path / "again.toml") == found


def test_a_day_with_a_roster_is_the_same_on_both_engines(tmp_path: Path) -> None:
    found = load(story(tmp_path, scenario(PLAN, rest=""), **DAYS))
    day = assert_same(found, draw(found, seed=1))
    assert (day.calls.answer >= 0).any()
    assert simulate(found, draw(found, seed=1)) is not None


def test_the_schema_knows_a_roster() -> None:
    whole = schema()
    top = whole | {"required": []}
    for right in ("roster.csv", {"file": "plan.xlsx", "sheet": "Plan", "legend": "Legend", "skills": "Skills"}):
        assert misfit({"roster": right}, top, whole) == ""
    assert misfit({"roster": {"files": "plan.xlsx"}}, top, whole)


# --- breaks of one's own -----------------------------------------------------------------------------------------


def test_own_breaks_are_taken_in_the_shift_within_which_they_lie(tmp_path: Path) -> None:
    found = load(csv_story(tmp_path, "agent,shift,breaks\nAnna,E+L,09:00 15m; 18:00 30m lunch\n", days=1))
    assert on_phones(found, "Anna") == ["0 08:00 09:00", "0 09:15 14:00", "0 14:00 18:00", "0 18:30 20:00"]


def test_the_breaks_of_a_team_hold_for_agents_who_have_none(tmp_path: Path) -> None:
    rest = SHIFTS + '[[teams]]\nname = "north"\ngroup = "desk"\nshift = "E"\nbreaks = [{ at = "09:00", lasts = "30m" }]\n'
    found = load(csv_story(tmp_path, "agent,team,breaks\nAnna,north,\nBert,north,none\n", rest=rest, days=1))
    assert on_phones(found, "Anna") == ["0 08:00 09:00", "0 09:30 14:00"]
    assert on_phones(found, "Bert") == ["0 08:00 14:00"]


def test_own_breaks_that_overlap_are_refused(tmp_path: Path) -> None:
    (found,) = errors(csv_story(tmp_path, "agent,shift,breaks\nAnna,E,09:00 30m; 09:15 15m\n"))
    assert found.startswith("roster.csv:2: agents.Anna.breaks: two breaks overlap; found 09:15 for 15m")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_break_may_stand_in_a_cell(kind: str) -> None:
    assert breaks_in(f"10:00 15 min {kind} unpaid".replace(" min", "min")) == (
        [{"at": "10:00", "lasts": "15m", "kind": kind, "paid": False}], [],
    )  # fmt: skip


def test_hours_are_read_with_and_without_minutes() -> None:
    assert hours_in("8-16") == hours_in("08:00 \u2013 16:00") == ("08:00", "16:00")
    assert hours_in("2026-03") is None and hours_in("8-16-20") is None


def test_the_error_on_the_page_is_what_is_printed(tmp_path: Path) -> None:
    shown = re.findall(r"```text\n(.*?)\n```", PAGE, re.DOTALL)
    folder = csv_story(tmp_path, FILES["roster.csv"].replace("sales:3; support:1", "sale:3"))
    assert errors(folder) == shown


def test_a_group_with_a_roster_need_not_say_how_many_it_has(tmp_path: Path) -> None:
    text = scenario('"roster.csv"').replace("agents = 0\n", "")
    assert len(individuals(load(story(tmp_path, text, roster_csv=HEAD + "Anna,desk,E\n")))) == 1
    (tmp_path / "roster.csv").unlink()
    with pytest.raises(ScenarioError) as raised:
        load(tmp_path)
    assert [problem.path for problem in raised.value.problems] == ["roster.file"]


def test_numbers_of_an_agent_stand_in_columns_of_their_own(tmp_path: Path) -> None:
    head = "agent,shift,proficiency,knowledge,wpm,System speed\n"
    found = agents(load(csv_story(tmp_path, head + "Anna,E,1.2,80 %,35,0.9\nBert,E,,,,\n")))
    assert (found["Anna"].proficiency, found["Anna"].knowledge) == (1.2, 0.8)
    assert (found["Anna"].typing, found["Anna"].system_speed) == (35.0, 0.9)
    assert (found["Bert"].proficiency, found["Bert"].knowledge, found["Bert"].typing) == (None, None, None)
    csv_story(tmp_path, head + "Anna,E,fast,1.5,35,1\n")
    said = errors(tmp_path)
    assert any('roster.csv:2: agents.Anna.proficiency: column "proficiency"' in one and "must be a number" in one for one in said)
    csv_story(tmp_path, head + "Anna,E,1,1.5,35,1\n")
    assert any("roster.csv:2" in one and "agents.Anna.knowledge" in one for one in errors(tmp_path))
