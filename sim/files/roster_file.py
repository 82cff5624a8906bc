"""Roster files: a table of people and their shifts becomes the agents, teams and shifts of a scenario.

One row is one agent. Either columns say his shift, or days stand across with a shift code in each cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.files.cells import date_of, number_at
from sim.files.roster_sheets import Codes, levels_of
from sim.files.roster_titles import NUMBERS, PLAN, Columns, Sheet, columns_of
from sim.files.shift_cells import Wrong, breaks_in, codes_in, named, skills_in, unlike
from sim.scenario.errors import Problem
from sim.scenario.paths import Path, join, nearest


@dataclass(frozen=True)
class Known:
    """What a roster may name: call types and groups by name, teams by name as far as the scenario has them.

    agents : where the scenario's own agents stand, by name
    """

    call_types: tuple[str, ...]
    groups: tuple[str, ...]
    teams: Mapping[str, Mapping[str, Any]]
    agents: Mapping[str, str]


@dataclass
class People:
    """Entries for `agents` and `teams`, and the cells that paths in them come from."""

    agents: dict[str, dict[str, Any]] = field(default_factory=dict)
    teams: dict[str, dict[str, Any]] = field(default_factory=dict)
    places: dict[Path, str] = field(default_factory=dict)

    def keep(self, sheet: Sheet, row: int, column: int, path: Path, value: Any) -> None:
        """Sets a value of an agent, and where it stands."""
        self.agents[path[1]][path[2]] = value
        self.places[path] = sheet.table.place(row, column)


def read_people(sheet: Sheet, known: Known, codes: Codes) -> People | None:
    """The agents of a plan, and the teams it has that the scenario has not; None where it is no plan.

    What is wrong is kept in the sheet; `codes` gets the shifts that are given as hours.
    """
    columns = columns_of(sheet, PLAN, known.call_types, days=True)
    people = People()
    if columns.agent is None:
        titles = [title for title in sheet.table.header if title]
        sheet.missing('no column "agent" that says who it is', nearest("agent", titles))
        return None
    for row in sheet.rows():
        name, place = sheet.text(row, columns.agent), sheet.table.place(row, columns.agent)
        here = ("agents", name)
        if not name:
            sheet.wrong(row, columns.agent, ("agents",), Wrong("must be an agent's name; the cell is empty"))
        elif name in people.agents:
            sheet.wrong(row, columns.agent, here, Wrong(f"two agents of one name, the other in {people.places[here]}"))
        elif name in known.agents:
            sheet.wrong(row, columns.agent, here, Wrong(f"two agents of one name, the other in {known.agents[name]}"))
        else:
            people.agents[name], people.places[here] = {"name": name}, place
            _belongs(sheet, row, columns, known, people, name)
            _skilled(sheet, row, columns, known, people, name)
            _hired(sheet, row, columns, people, name)
            _numbers(sheet, row, columns, people, name)
            _works(sheet, row, columns, codes, people, name)
    _placed(sheet, known, people)
    if "shift" not in columns.of and not columns.days:
        teams = [known.teams.get(one.get("team", ""), {}) for one in people.agents.values()]
        if not all("shift" in team or "shifts" in team for team in teams):
            sheet.missing("says nothing of shifts", 'a column "shift", or a column for each day ("2026-03-14", "saturday")')
    return people


def _belongs(sheet: Sheet, row: int, columns: Columns, known: Known, people: People, name: str) -> None:
    """The team and the group of an agent."""
    column, team = columns.of.get("team"), sheet.text(row, columns.of.get("team"))
    if column is not None and team:
        people.keep(sheet, row, column, ("agents", name, "team"), named(team, [*known.teams, *people.teams]) or team)
        team = people.agents[name]["team"]
        if team not in known.teams and team not in people.teams:
            people.teams[team] = {"name": team}
            people.places["teams", team] = sheet.table.place(row, column)
    column, word = columns.of.get("group"), sheet.text(row, columns.of.get("group"))
    if column is None or not word:
        return
    group = named(word, known.groups)
    if group is None:
        sheet.wrong(row, column, ("agents", name, "group"), Wrong(f'no group "{word}"', nearest(word, known.groups)))
        group = next(iter(known.groups), word)  # so that the rest can be checked
        if team:
            return  # the other rows of the team may have a right one
    people.keep(sheet, row, column, ("agents", name, "group"), group)
    if team in people.teams and "group" not in people.teams[team]:
        people.teams[team]["group"] = group
        people.places["teams", team, "group"] = sheet.table.place(row, column)


def _placed(sheet: Sheet, known: Known, people: People) -> None:
    """Groups of teams and agents whose rows name none: the only one there is."""
    only = known.groups[0] if len(known.groups) == 1 else None
    wrong = {problem.path for problem in sheet.problems}
    for array, entries in (("teams", people.teams), ("agents", people.agents)):
        for name, entry in entries.items():
            if "group" in entry or "team" in entry:
                continue
            entry["group"] = only or next(iter(known.groups), "")
            mine = [one for one, agent in people.agents.items() if name in (one, agent.get("team"))]
            if only is None and not any(join(("agents", one, "group")) in wrong for one in mine):
                what = f'team "{name}", which is new here,' if array == "teams" else f'agent "{name}"'
                hint, place = nearest("", known.groups), people.places[array, name]
                sheet.missing(f"{what} needs a group", hint, path=(array, name), place=place)


def _skilled(sheet: Sheet, row: int, columns: Columns, known: Known, people: People, name: str) -> None:
    """What an agent can do, by a cell that lists it and by a column for each call type."""
    here = ("agents", name, "skills")
    column, text = columns.of.get("skills"), sheet.text(row, columns.of.get("skills"))
    levels = levels_of(sheet, row, columns, ("agents", name))
    if columns.levels:
        people.keep(sheet, row, min(columns.levels.values()), here, levels)
        for kind, at in columns.levels.items():
            people.places[*here, kind] = sheet.table.place(row, at)
    if column is not None and text:
        listed, wrong = skills_in(text, known.call_types)
        wrong += [Wrong(f'the column "{kind}" has another level') for kind in unlike(listed, levels)]
        sheet.wrong(row, column, here, *wrong)
        people.keep(sheet, row, column, here, {kind: level for kind, level in (levels | listed).items() if level})


def _hired(sheet: Sheet, row: int, columns: Columns, people: People, name: str) -> None:
    column = columns.of.get("hired")
    if column is None or not sheet.text(row, column):
        return
    when, path = date_of(sheet.cell(row, column)), ("agents", name, "hired")
    if when is None:
        sheet.wrong(row, column, path, Wrong('must be a date such as "2026-03-14"'))
    else:
        people.keep(sheet, row, column, path, when)


def _numbers(sheet: Sheet, row: int, columns: Columns, people: People, name: str) -> None:
    """What takes the agent longer or shorter than others."""
    for word in NUMBERS:
        column = columns.of.get(word)
        if column is None or not sheet.text(row, column):
            continue
        path = ("agents", name, word)
        found = number_at(sheet.table, row, column, share=word == "knowledge")
        if isinstance(found, Problem):
            sheet.wrong(row, column, path, Wrong(found.message, found.hint))
        else:
            people.keep(sheet, row, column, path, found)


def _works(sheet: Sheet, row: int, columns: Columns, codes: Codes, people: People, name: str) -> None:
    """The shift of every day, those of the days that have columns, and the agent's own breaks."""
    column = columns.of.get("shift")
    if column is not None and sheet.text(row, column):
        path = ("agents", name, "shift")
        people.keep(sheet, row, column, path, _codes(sheet, row, column, codes, path))
    if columns.days:
        path = ("agents", name, "shifts")
        days = {day: _codes(sheet, row, at, codes, (*path, day)) for day, at in columns.days.items()}
        people.keep(sheet, row, min(columns.days.values()), path, days)
        for day, at in columns.days.items():
            people.places[*path, day] = sheet.table.place(row, at)
    column = columns.of.get("breaks")
    if column is not None:
        path = ("agents", name, "breaks")
        breaks, wrong = breaks_in(sheet.text(row, column))
        sheet.wrong(row, column, path, *wrong)
        if breaks is not None:
            people.keep(sheet, row, column, path, breaks)


def _codes(sheet: Sheet, row: int, column: int, codes: Codes, path: Iterable[str]) -> list[str]:
    cell = sheet.cell(row, column)
    if not isinstance(cell, str) and date_of(cell) is not None:
        sheet.wrong(row, column, path, Wrong("must be a shift; this is a date", 'write hours such as "08:00-16:30" as text'))
        return []
    found, hours, wrong = codes_in(sheet.text(row, column), codes.all)
    sheet.wrong(row, column, path, *wrong)
    for one in hours:
        codes.add(one.name, sheet.table.place(row, column), **{"from": one.since, "to": one.until})
    return [code for code in found if code not in codes.off]
