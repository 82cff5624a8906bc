"""The rows of a planner's Erlang sheet: which column is which, cell by cell, and what was assumed on the way."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from experiments.screens.erlang_sheet import Row
from sim.files.cells import clock_at, duration_at, number_at
from sim.files.tables import blank, read_table
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.units import show_clock, show_duration

if TYPE_CHECKING:
    from sim.files.tables import Table

# What a column may be called, the first being ours; compared without case, blanks and signs.
TITLES = {
    "start": ("start", "interval", "time", "half hour", "from", "period"),
    "calls": ("calls", "offered", "calls offered", "forecast", "volume"),
    "aht": ("aht", "handle time", "average handle time", "avg handle time"),
    "agents": ("agents", "heads", "phones", "on phones", "staff", "staffed"),
    "patience": ("patience", "mean patience"),
}
_DURATIONS = ("aht", "patience")


def rows(file: Path, fill: dict[str, float | None]) -> tuple[list[Row], list[str]]:
    """The sheet's intervals, and one line per thing that was assumed or skipped.

    fill : seconds for `per`, `aht` and `patience`, used where the sheet has no such column

    Raises ScenarioError with every cell that cannot be read.
    """
    table = read_table(file)
    columns = {name: _column(table, names) for name, names in TITLES.items()}
    problems = [
        Problem(
            "", f'no column "{name}"', hint=f"columns are {', '.join(filter(None, table.header))}", place=table.name
        )
        for name in ("calls", "aht")
        if columns[name] is None and fill.get(name) is None
    ]
    notes: list[Problem] = []
    found: list[Row] = []
    remarks: list[str] = []
    for row in range(len(table.rows)):
        if table.is_total(row):
            remarks.append(f"{table.place(row)}: total row skipped")
            continue
        cells = {name: _cell(table, row, name, at, notes, problems) for name, at in columns.items() if name != "start"}
        values = {name: fill.get(name) if value is None else value for name, value in cells.items()}
        agents = values["agents"]
        if agents is not None and agents != int(agents):
            remarks.append(f"{table.place(row)}: {agents:g} agents counted as {int(agents)}, whole people")
        found.append(
            Row(
                _start(table, row, columns["start"]),
                values["calls"] or 0.0,
                fill["per"] or 0.0,
                values["aht"] or 0.0,
                None if agents is None else int(agents),
                values["patience"],
            )
        )
    if problems:
        raise ScenarioError(problems)
    used = ", ".join(f"{name} = {table.header[at]}" for name, at in columns.items() if at is not None)
    given = {"per": fill["per"]} | {name: fill.get(name) for name in _DURATIONS if columns[name] is None}
    options = ", ".join(f"{name} {show_duration(value)}" for name, value in given.items() if value)
    return found, [f"{table.name}: {used}; {options}", *(f"{note}" for note in notes), *remarks]


def _column(table: Table, names: tuple[str, ...]) -> int | None:
    titles = [_plain(title) for title in table.header]
    return next((titles.index(_plain(name)) for name in names if _plain(name) in titles), None)


def _plain(title: str) -> str:
    return "".join(letter for letter in title.casefold() if letter.isalnum())


def _cell(
    table: Table, row: int, name: str, column: int | None, notes: list[Problem], problems: list[Problem]
) -> float | None:
    """A cell's value, or None where there is no such column or, for agents and patience, nothing in it."""
    if column is None or (name in ("agents", "patience") and blank(table.rows[row][column])):
        return None
    read = duration_at if name in _DURATIONS else number_at
    value = read(table, row, column, path=table.header[column], notes=notes)
    if isinstance(value, Problem):
        problems.append(value)
        return None
    return value


def _start(table: Table, row: int, column: int | None) -> str:
    if column is None:
        return f"row {table.lines[row]}"
    seconds = clock_at(table, row, column)
    return str(table.rows[row][column]).strip()[:8] if seconds is None else show_clock(seconds)
