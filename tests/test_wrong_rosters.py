"""Every wrong cell of a roster is named, with its value and what is allowed."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from tests.roster_stories import DAYS, HEAD, PLAN, SHIFTS, csv_story, errors, scenario, story, workbook


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("agent,skills,shift\nAnna,sale:3,E\n",
         'roster.csv:2: agents.Anna.skills: column "skills": no call type "sale"; found "sale:3"; did you mean "sales"?'),
        ("agent,skills,shift\nAnna,sales:6,E\n",
         'roster.csv:2: agents.Anna.skills: column "skills": level "6" of "sales" must be a level, a whole number from 0 to 5'),
        ("agent,sales,shift\nAnna,good,E\n",
         'roster.csv:2: agents.Anna.skills.sales: column "sales": must be a level, a whole number from 0 to 5; found "good"'),
        ("agent,skills,sales,shift\nAnna,sales:2,3,E\n", 'column "skills": the column "sales" has another level'),
        ("agent,shift\nAnna,Early\n",
         'roster.csv:2: agents.Anna.shift: column "shift": no shift "Early"; found "Early"; known here: E, L'),
        ("agent,2026-03-09\nAnna,E+K\n", 'roster.csv:2: agents.Anna.shifts.2026-03-09: column "2026-03-09": no shift "K"'),
        ("agent,group,shift\nAnna,desc,E\n",
         'roster.csv:2: agents.Anna.group: column "group": no group "desc"; found "desc"; did you mean "desk"?'),
        ("agent,hired,shift\nAnna,14.03.26,E\n",
         'roster.csv:2: agents.Anna.hired: column "hired": must be a date such as "2026-03-14"; found "14.03.26"'),
        ("agent,shift,breaks\nAnna,E,10:00\n", 'column "breaks": must be breaks such as "10:00 15m; 12:00-14:00 30m lunch"'),
        ("agent,shift,breaks\nAnna,E,10:00 15m lunsh\n", 'did you mean "lunch"?'),
        ("agent,shift\n,E\n", 'roster.csv:2: agents: column "agent": must be an agent\'s name; the cell is empty'),
        ("agent,shift\nAnna,E\nBert,E\nAnna,L\n",
         'roster.csv:4: agents.Anna: column "agent": two agents of one name, the other in'),
        ("agents,shift\nAnna,E\n", 'roster.csv: roster: no column "agent" that says who it is; did you mean "agents"?'),
        ("agent,group\nAnna,desk\n", "roster.csv: roster: says nothing of shifts"),
        ("agent,shfit\nAnna,E\n", 'roster.csv:1: roster: no such column; found "shfit"; did you mean "shift"?'),
        ("agent,shift,14/03/2026\nAnna,E,E\n", 'a day is written "2026-03-14" or "saturday"'),
        ("agent,shift,Shift\nAnna,E,E\n", 'roster.csv:1: roster: two columns for shift: "shift" is one already'),
        ("agent,mon,Monday\nAnna,E,E\n", 'two columns for monday: "mon" is one already'),
        ("", "roster.csv: roster.file: is empty"),
        ("agent,shift\n", "roster.csv: roster.file: has a header and no rows"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_named_with_its_value_and_what_is_allowed(rows: str, said: str, tmp_path: Path) -> None:
    found = errors(csv_story(tmp_path, rows))
    assert len([one for one in found if said in one]) == 1, found


def test_everything_wrong_is_said_at_once_and_nothing_twice(tmp_path: Path) -> None:
    rows = "agent,team,group,skills,hired,shift\nAnna,x,desc,sale,soon,K\nBert,,dask,,,E\n"
    folder = csv_story(tmp_path, rows, groups=("desk", "phone"))
    text = (folder / "scenario.toml").read_text() + '[[teams]]\nname = "y"\ngroup = "fone"\n'
    (folder / "scenario.toml").write_text(text)
    assert len(errors(folder)) == 6


def test_a_wrong_cell_of_a_workbook_is_named_by_sheet_and_letter(tmp_path: Path) -> None:
    workbook(tmp_path, Plan=[["agent", date(2026, 3, 9), "2026-03-10"], ["Anna", "E", "K"], ["Bert", date(2026, 8, 16), "L"]])
    found = errors(story(tmp_path, scenario('"plan.xlsx"')))
    assert found[0].startswith('plan.xlsx!Plan!C2: agents.Anna.shifts.2026-03-10: column "2026-03-10": no shift "K"')
    assert found[1].startswith("plan.xlsx!Plan!B3: agents.Bert.shifts.2026-03-09")
    assert "must be a shift; this is a date" in found[1]


def test_an_agent_in_the_scenario_and_in_the_roster_is_named_in_both_places(tmp_path: Path) -> None:
    rest = SHIFTS + '[[agents]]\nname = "Anna"\ngroup = "desk"\nshift = "E"\n'
    (found,) = errors(csv_story(tmp_path, HEAD + "Anna,desk,L\n", rest=rest))
    assert found.startswith('roster.csv:2: agents.Anna: column "agent": two agents of one name, the other in ')
    assert re.search(r"scenario\.toml:\d+", found)


def test_a_new_team_without_a_group_is_refused_where_there_are_several_groups(tmp_path: Path) -> None:
    (found,) = errors(csv_story(tmp_path, "agent,team,shift\nAnna,north,E\n", groups=("desk", "phone")))
    assert 'roster.csv:2: teams.north: team "north", which is new here, needs a group; known here: desk, phone' in found


def test_the_cell_is_named_also_by_what_is_found_later(tmp_path: Path) -> None:
    rows = "agent,team,group,shift,breaks\nAnna,north,desk,08:00-15:00+L,\nBert,north,phone,E,19:00 15m\n"
    found = errors(csv_story(tmp_path, rows, groups=("desk", "phone")))
    assert any(one.startswith('roster.csv:3: agents.Bert.group: team "north" is of group "desk"') for one in found)
    found = errors(csv_story(tmp_path, rows.replace("phone", "desk"), groups=("desk", "phone")))
    assert 'roster.csv:2: agents.Anna.shift: shifts "08:00-15:00" and "L" overlap' in found[0]
    assert found[1] == (
        'roster.csv:3: agents.Bert.breaks.0: must lie within the shift of agent "Bert", "E", 08:00 to 14:00; found 19:00 for 15m'
    )


def test_a_legend_and_a_table_of_skills_are_checked_like_the_plan(tmp_path: Path) -> None:
    files = DAYS | {
        "legend_csv": "code,from,to,breaks\nE,8 o'clock,14:00,\nL,14:00,20:00,soon\nL,14:00,,\nU,,,\nM,08:00,\n",
        "skills_csv": "agent,sales,suport\nAnna,7,1\nBert,,2\nCen,2,2\n",
    }
    found = "\n".join(errors(story(tmp_path, scenario(PLAN, rest=""), **files)))
    assert 'legend.csv:2: shifts.E.from: column "from": must be a time of day such as "08:00"; found "8 o\'clock"' in found
    assert 'legend.csv:3: shifts.L.breaks: column "breaks": must be breaks such as' in found
    assert 'legend.csv:4: shifts.L: column "code": two shifts of one name' in found
    assert 'legend.csv:6: shifts.M: column "to": must be a time of day such as "08:00"; the cell is empty' in found
    assert 'skills.csv:1: roster: no such column; found "suport"; did you mean "support"?' in found
    assert 'skills.csv:2: agents.Anna.skills.sales: column "sales": must be a level' in found
    assert 'skills.csv:4: agents.Cen: column "agent": no agent "Cen" in' in found and 'did you mean "Cem"?' in found
    assert 'skills.csv: roster: no row for agent "Cem" of' in found


def test_a_sheet_that_is_not_there_and_a_missing_file_say_nothing_more(tmp_path: Path) -> None:
    workbook(tmp_path, Plan=[["agent", "shift"], ["Anna", "E"]])
    rest = SHIFTS + '[[activities]]\nname = "talk"\nagents = ["Anna"]\nat = "09:00"\nlasts = "10m"\n'
    (found,) = errors(story(tmp_path, scenario('{ file = "plan.xlsx", sheet = "Plam" }', rest=rest)))
    assert found == 'plan.xlsx: roster.file: no sheet "Plam"; did you mean "Plan"?'
    (found,) = errors(story(tmp_path, scenario('{ file = "plan.xlsx", legend = "Legends" }', rest=rest)))
    assert found == 'plan.xlsx: roster.legend: no sheet "Legends"; known here: Plan'
    (found,) = errors(story(tmp_path, scenario('"missing.csv"', rest=rest)))
    assert found == "missing.csv: roster.file: no such file"


@pytest.mark.parametrize(
    ("roster", "said"),
    [
        ("3", 'roster: must be the name of a file, or a table such as { file = "plan.xlsx", sheet = "Plan" }'),
        ('{ sheet = "Plan" }', "roster.file: is missing"),
        ('{ file = "plan.xlsx", ledgend = "L" }', 'roster.ledgend: no such key; did you mean "legend"?'),
        ('{ file = 3 }', "roster.file: must be text in quotes"),
    ],
)  # fmt: skip
def test_a_wrong_roster_line_is_named_in_the_scenario_file(roster: str, said: str, tmp_path: Path) -> None:
    (found,) = errors(story(tmp_path, scenario(roster)))
    assert found == f"scenario.toml:2: {said}"
