"""Rosters: where a scenario says `roster = "plan.csv"`, its table with the agents, teams and shifts of that file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from sim.files.documents import Document, laid_over, place, shown
from sim.files.roster_file import Known, People, read_people
from sim.files.roster_sheets import Codes, read_legend, read_skills
from sim.files.roster_titles import PLAN, Sheet, columns_of
from sim.files.shift_cells import unlike
from sim.files.tables import is_table, read_table
from sim.scenario.calendar import Calendar
from sim.scenario.errors import CannotFinishError, Problem, ScenarioError
from sim.scenario.merge import overlay
from sim.scenario.paths import Path as Path_
from sim.scenario.paths import join, nearest
from sim.scenario.special_days import WEEKDAYS

KEYS = ("file", "sheet", "legend", "skills")
ABOUT_PEOPLE = ("agents", "teams", "shifts", "activities")
Table = dict[str, Any]


def with_roster(
    chain: list[Document], policies: list[Table], problems: list[Problem]
) -> tuple[Table, dict[Path_, str], bool]:
    """The table of a scenario file and what it extends, with its roster; the cell of every path that comes from it; and
    whether the roster, if there is one, could be read.

    The roster is that of the last file that has one; a policy's takes its place. Files and policies after it change its
    agents by name. What is wrong is added to `problems`; raises ScenarioError where the files do not fit each other.
    """
    having = [at for at, document in enumerate(chain) if "roster" in document.table]
    theirs = [policy["roster"] for policy in policies if "roster" in policy]
    if not having and not theirs:
        return laid_over({}, chain, chain), {}, True
    until = len(chain) if theirs else having[-1] + 1
    table = laid_over({}, chain[:until], chain)
    for one in theirs:
        table = overlay(table, {"roster": one})
    later = [*(document.table for document in chain[until:]), *policies]
    places = _read(table, later, chain[:until], problems)
    return laid_over(table, chain[until:], chain), places or {}, places is not None


def _read(table: Table, later: list[Table], documents: list[Document], problems: list[Problem]) -> dict[Path_, str] | None:
    """Puts the entries of the roster into the table; the cells that they come from, or None where it cannot be read."""
    given = _given(table["roster"], problems)
    if given is None:
        return None
    own = {array: {name: _where(documents, array, name) for name in _entries([table], array)} for array in ("agents", "shifts")}
    tables = [table, *later]
    codes = Codes(tuple(_entries(tables, "shifts")))
    known = Known(
        tuple(_entries(tables, "call_types")), tuple(_entries(tables, "groups")), _entries(tables, "teams"), own["agents"]
    )
    legend = _sheet(given, "legend", problems)
    plan = _sheet(given, "file", problems)
    skills = _sheet(given, "skills", problems)
    if legend is not None:
        read_legend(legend, codes, own["shifts"])
    people = None if plan is None else read_people(plan, known, codes)
    if plan is not None and people is not None:
        if skills is not None:
            _skilled(skills, known, plan, people)
        _uncovered(table, plan, people, known)
        for array, entries in (("agents", people.agents), ("teams", people.teams), ("shifts", codes.shifts)):
            before = table.get(array, [])
            if isinstance(before, list):  # else pydantic says so
                table[array] = [*before, *entries.values()]
    problems += [problem for one in (legend, plan, skills) if one is not None for problem in one.problems]
    read = people is not None and (legend is not None or "legend" not in given)
    return codes.places | people.places if read and people is not None else None


class Staff(NamedTuple):
    """The people of a roster file, as tables of a scenario; groups : those that its rows name, in order.

    source : the name of the file; notes : what was left out of it, for people
    """

    source: str
    agents: list[Table]
    teams: list[Table]
    shifts: list[Table]
    groups: tuple[str, ...]
    notes: tuple[str, ...]


def read_staff(
    given: str | Mapping[str, str], *, call_types: Collection[str], groups: Collection[str], named: bool = False
) -> Staff:
    """A roster file by itself; `given` is what a scenario's `roster` may be.

    groups : that its people may belong to, the only one theirs who name none; not `named`: where rows name others, those that
    they name take their place. Raises ScenarioError with all that is wrong, each with its cell.
    """
    problems: list[Problem] = []
    said = _given(dict(given) if isinstance(given, Mapping) else given, problems)
    plan = _sheet(said, "file", problems) if said is not None else None
    theirs = () if plan is None else _groups_in(plan, call_types)
    if not named and theirs and not set(theirs) <= set(groups):
        groups = theirs
    table: Table = {"roster": said, "call_types": _named(call_types), "groups": _named(groups)}
    if plan is not None:
        _read(table, [], [], problems)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors or said is None:
        raise ScenarioError(errors)
    agents, teams, shifts = (table.get(array, []) for array in ABOUT_PEOPLE[:3])
    notes = tuple(str(problem) for problem in problems)
    return Staff(Path(said["file"]).name, agents, teams, shifts, tuple(groups), notes)


def _groups_in(plan: Sheet, call_types: Collection[str]) -> tuple[str, ...]:
    """The groups that rows name, each once; without keeping what is wrong."""
    column = columns_of(Sheet(plan.table), PLAN, call_types, days=True).of.get("group")
    quiet = Sheet(plan.table)
    return tuple(dict.fromkeys(word for row in quiet.rows() if (word := quiet.text(row, column))))


def _named(names: Collection[str]) -> list[Table]:
    return [{"name": name} for name in names]


def _given(roster: Any, problems: list[Problem]) -> dict[str, str] | None:
    """The file, and perhaps the sheet, the legend and the skills."""
    given = {"file": roster} if isinstance(roster, str) else roster
    if not isinstance(given, dict):
        allowed = 'must be the name of a file, or a table such as { file = "plan.xlsx", sheet = "Plan" }'
        problems.append(Problem("roster", allowed))
        return None
    wrong = [Problem(join(("roster", key)), "no such key", hint=nearest(key, KEYS)) for key in given if key not in KEYS]
    wrong += [
        Problem(join(("roster", key)), "must be text in quotes")
        for key in KEYS if key in given and not (isinstance(given[key], str) and given[key])
    ]  # fmt: skip
    if "file" not in given:
        wrong.append(Problem("roster.file", "is missing"))
    problems += wrong
    return None if wrong else given


def _sheet(given: dict[str, str], key: str, problems: list[Problem]) -> Sheet | None:
    """The plan (`file`), or what stands beside it: a file, or a sheet of the plan's workbook."""
    name = given.get(key)
    if name is None:
        return None
    file, sheet = (name, given.get("sheet")) if key == "file" else (name, None) if is_table(name) else (given["file"], name)
    try:
        return Sheet(read_table(Path(shown(Path(file))), sheet=sheet))
    except ScenarioError as error:
        problems += [Problem(join(("roster", key)), one.message, one.found, one.hint, one.place) for one in error.problems]
    except CannotFinishError as error:
        problems.append(Problem(join(("roster", key)), str(error)))
    return None


def _entries(tables: Iterable[Table], array: str) -> dict[str, Table]:
    """The entries of an array by name, as far as they have one, of several tables laid over each other."""
    found: dict[str, Table] = {}
    for table in tables:
        entries = table.get(array)
        for one in entries if isinstance(entries, list) else ():
            if isinstance(one, dict) and isinstance(one.get("name"), str) and "drop" not in one:
                found[one["name"]] = found.get(one["name"], {}) | one
    return found


def _where(documents: list[Document], array: str, name: str) -> str:
    return place(Problem(join((array, name)), ""), documents).place


def _skilled(sheet: Sheet, known: Known, plan: Sheet, people: People) -> None:
    """What the agents can do by the table of skills, which must not say other levels than the plan."""
    agents = {name: people.places["agents", name] for name in people.agents}
    for name, levels in read_skills(sheet, known.call_types, plan, agents).items():
        if name not in agents:
            continue
        entry, here = people.agents[name], ("agents", name, "skills")
        for kind in unlike(entry.get("skills", {}), levels):
            sheet.missing(f'another level than in {people.places[here]}', path=(*here, kind))
        entry["skills"] = entry.get("skills", {}) | levels
        people.places.setdefault(here, sheet.table.name)


def _uncovered(table: Table, plan: Sheet, people: People, known: Known) -> None:
    """Says which days of the calendar no column is for, where nobody says what agents do on other days."""
    entries = [(one, known.teams.get(one.get("team", ""), {})) for one in people.agents.values()]
    days = {day for one, team in entries if "shift" not in one and "shift" not in team for day in one.get("shifts", ())}
    try:
        calendar = Calendar.model_validate(table.get("calendar"))
    except ValidationError:
        return  # said when the scenario is built
    closed = [_words(one.get("on")) for one in _entries([table], "special_days").values() if one.get("closed") is True]
    missing = []
    for when in calendar.dates:
        names = {when.isoformat(), WEEKDAYS[when.weekday()]}
        if not names & days and not any(names & words for words in closed):
            missing.append(when.isoformat())
    if days and missing:
        said = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more days" if len(missing) > 3 else "")
        message = f"no column for {said}: nobody of the roster works then"
        plan.problems.append(Problem("roster", message, place=plan.table.name, severity="warning"))


def _words(on: Any) -> set[str]:
    return {one.isoformat() if isinstance(one, date) else str(one).lower() for one in (on if isinstance(on, list) else [on])}
