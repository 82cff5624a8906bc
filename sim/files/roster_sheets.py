"""Roster sheets: what stands beside a plan: the legend of its shift codes, and who can do what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.files.cells import clock_at
from sim.files.roster_titles import LEGEND, SKILLS, Columns, Sheet, columns_of
from sim.files.shift_cells import LEVEL, Wrong, breaks_in, level_in
from sim.scenario.paths import Path, nearest
from sim.scenario.units import show_clock

CLOCK = 'must be a time of day such as "08:00"'


@dataclass
class Codes:
    """What the codes of a plan mean: the `shifts` that are added to the scenario's, and the codes that are a day `off`.

    known : the codes of the scenario's own shifts; places : where those stand that were read
    """

    known: Collection[str]
    shifts: dict[str, dict[str, Any]] = field(default_factory=dict)
    off: set[str] = field(default_factory=set)
    places: dict[Path, str] = field(default_factory=dict)

    @property
    def all(self) -> list[str]:
        """Every code that may stand in a cell."""
        return [*self.known, *self.shifts, *self.off]

    def add(self, code: str, place: str, **says: Any) -> None:
        """Another shift, unless there is one of that code."""
        if code not in self.known:
            self.shifts.setdefault(code, {"name": code, **says})
            self.places.setdefault(("shifts", code), place)


def read_legend(sheet: Sheet, codes: Codes, own: Mapping[str, str]) -> None:
    """Adds the shifts of a legend: code, from, to, perhaps breaks; a code without times is a day off.

    own : where the scenario's own shifts stand, by name
    """
    columns = columns_of(sheet, LEGEND)
    missing = [one for one in ("code", "from", "to") if one not in columns.of]
    for one in missing:
        sheet.missing(f'a legend needs the column "{one}"')
    if missing:
        return
    first: dict[str, str] = {}
    for row in sheet.rows():
        code, at = sheet.text(row, columns.of["code"]), columns.of["code"]
        place = sheet.table.place(row, at)
        here = ("shifts", code)
        if not code:
            sheet.wrong(row, at, ("shifts",), Wrong("must be the code of a shift; the cell is empty"))
        elif code in first or code in own:
            sheet.wrong(row, at, here, Wrong(f"two shifts of one name, the other in {first.get(code) or own[code]}"))
        else:
            first[code] = place
            _add(sheet, row, columns, codes, code, place)


def _add(sheet: Sheet, row: int, columns: Columns, codes: Codes, code: str, place: str) -> None:
    clocks = []
    for key in ("from", "to"):
        column = columns.of[key]
        clock = clock_at(sheet.table, row, column)
        if clock is None and sheet.text(row, column):
            sheet.wrong(row, column, ("shifts", code, key), Wrong(CLOCK))
            clock = 0.0
        clocks.append(clock)
        codes.places["shifts", code, key] = sheet.table.place(row, column)
    since, until = clocks
    if since is None and until is None:
        codes.off.add(code)
        return
    if since is None or until is None:
        column = columns.of["from" if since is None else "to"]
        sheet.wrong(row, column, ("shifts", code), Wrong(f"{CLOCK}; the cell is empty", "a day off has neither from nor to"))
    says: dict[str, Any] = {"from": show_clock(since or 0.0), "to": show_clock(until or 0.0)}
    beside = columns.of.get("breaks")
    breaks, wrong = breaks_in(sheet.text(row, beside))
    if beside is not None:
        sheet.wrong(row, beside, ("shifts", code, "breaks"), *wrong)
        codes.places["shifts", code, "breaks"] = sheet.table.place(row, beside)
    codes.add(code, place, **says, **({"breaks": breaks} if breaks else {}))


def read_skills(sheet: Sheet, call_types: Collection[str], plan: Sheet, agents: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Agent -> call type -> level, from a table with agents down and call types across.

    Keeps a problem for every agent who is in that table or in the plan alone; agents : where they stand in the plan
    """
    columns = columns_of(sheet, SKILLS, call_types)
    if columns.agent is None:
        sheet.missing('no column "agent" that says who can do it')
        return {}
    found: dict[str, dict[str, int]] = {}
    first: dict[str, str] = {}
    for row in sheet.rows():
        name, place = sheet.text(row, columns.agent), sheet.table.place(row, columns.agent)
        here = ("agents", name)
        if not name:
            sheet.wrong(row, columns.agent, ("agents",), Wrong("must be an agent's name; the cell is empty"))
        elif name in found:
            sheet.wrong(row, columns.agent, here, Wrong(f'agent "{name}" stands in {first[name]} already'))
        else:
            first[name] = place
            found[name] = levels_of(sheet, row, columns, here)
            if name not in agents:
                sheet.wrong(row, columns.agent, here, Wrong(f'no agent "{name}" in {plan.table.name}', nearest(name, agents)))
    for name in agents.keys() - found.keys():
        sheet.missing(f'no row for agent "{name}" of {agents[name]}', nearest(name, found))
    return found


def levels_of(sheet: Sheet, row: int, columns: Columns, here: Iterable[str]) -> dict[str, int]:
    """Call type -> level above 0, from the columns of a row that are named like call types."""
    found = {}
    for kind, column in columns.levels.items():
        level = level_in(sheet.cell(row, column))
        if level is None:
            sheet.wrong(row, column, (*here, "skills", kind), Wrong(LEVEL))
        elif level:
            found[kind] = level
    return found
