"""Lists from tables: ``{ file = "plan.csv", column = "calls" }`` becomes the numbers that stand there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.files.cells import clock_at, duration_at, number_at
from sim.files.documents import shown, takes_file
from sim.files.tables import Table, blank, read_table
from sim.scenario.calendar import Calendar
from sim.scenario.errors import CannotFinishError, Problem, ScenarioError
from sim.scenario.paths import FILE_KEYS, is_series, join
from sim.scenario.units import show_clock, ticks

_CLOCKS = {
    "start",
    "time",
    "interval",
    "from",
    "begin",
    "begins",
    "period",
    "half-hour",
    "half hour",
    "时间",
    "时段",
    "开始时间",
}
_DURATIONS = {"values", "after"}
_WITHOUT_CLOCK = {"values", "weights", "after", "share"}
Path_ = tuple[str, ...]


def with_lists(table: dict[str, Any], problems: list[Problem]) -> dict[str, Any]:
    """The table with every list read that stands in another file; what is wrong there is added to `problems`."""
    try:
        calendar = Calendar.model_validate(table.get("calendar"))
    except ValidationError:
        calendar = None  # said when the scenario is built
    result: dict[str, Any] = _walk(table, (), calendar, problems)
    return result


def _walk(value: Any, path: Path_, calendar: Calendar | None, problems: list[Problem]) -> Any:
    if isinstance(value, list):
        names = [str(one.get("name", at)) if isinstance(one, dict) else str(at) for at, one in enumerate(value)]
        return [_walk(one, (*path, name), calendar, problems) for one, name in zip(value, names, strict=True)]
    if not isinstance(value, dict):
        return value
    arrivals = value.get("arrivals")
    if is_series((*path, "arrivals")) and isinstance(arrivals, dict) and isinstance(arrivals.get("replay"), str):
        recorded = _replayed(arrivals["replay"], path[1], value.get("labels"), calendar, problems)
        value = value | {"arrivals": arrivals | {"replay": recorded}}
    if "file" not in value or not takes_file(path):
        return {key: _walk(part, (*path, key), calendar, problems) for key, part in value.items()}
    numbers = _read(value, path, calendar, problems)
    if not is_series(path):
        extra = sorted(value.keys() - FILE_KEYS)
        problems += [Problem(join((*path, key)), "no such key beside file") for key in extra]
        return numbers
    rest = {key: part for key, part in value.items() if key not in FILE_KEYS}
    return rest | {"per_interval": numbers}


def _replayed(name: str, kind: str, labels: Any, calendar: Calendar | None, problems: list[Problem]) -> Any:
    from sim.files.recorded_log import read_replay

    families = labels if isinstance(labels, dict) else {}
    values = {family: list(shares) for family, shares in families.items() if isinstance(shares, dict)}
    try:
        if calendar is not None:
            return read_replay(Path(name), kind, calendar, values)
    except ScenarioError as error:
        problems += error.problems
    import numpy as np

    from sim.scenario.recorded import Recorded

    empty = np.zeros(0, np.int64)
    return Recorded(empty, empty, empty, empty, empty, empty, empty)  # so that the rest can be checked


def _read(given: dict[str, Any], path: Path_, calendar: Calendar | None, problems: list[Problem]) -> list[float]:
    """The numbers, one for each interval where the table has clock times; on errors a stand-in of the right length."""
    clocked = path[-1] not in _WITHOUT_CLOCK
    stand_in = [1.0] * (calendar.intervals if calendar is not None and clocked else 1)
    for key in FILE_KEYS & given.keys():
        if not isinstance(given[key], str):
            problems.append(Problem(join((*path, key)), "must be text in quotes"))
            return stand_in
    try:
        table = read_table(Path(shown(Path(given["file"]))), sheet=given.get("sheet"))
        column = _column(table, given.get("column"), path)
    except (ScenarioError, CannotFinishError) as error:
        problems += error.problems if isinstance(error, ScenarioError) else [Problem(join(path), str(error))]
        return stand_in
    wrong: list[Problem] = []
    rows = []
    for row in range(len(table.rows)):
        if table.is_total(row):
            message = "a row of totals was left out"
            problems.append(Problem(join(path), message, place=table.place(row, column), severity="warning"))
        else:
            rows.append(row)
    clock = next((at for at, title in enumerate(table.header) if title.casefold() in _CLOCKS), None)
    if clock is None or not clocked or clock == column:
        values = [_value(table, row, column, path, wrong, problems) for row in rows]
    elif calendar is None:
        values = stand_in
    else:
        values = _by_clock(table, rows, clock, column, path, calendar, wrong, problems)
    problems += wrong
    return stand_in if wrong else values


def _column(table: Table, name: str | None, path: Path_) -> int:
    if name is not None:
        return table.column(name)
    titles = [at for at, title in enumerate(table.header) if title.casefold() not in _CLOCKS]
    if len(titles) == 1:
        return titles[0]
    entry = path[2] if path[0] == "ivr" else path[3] if path[0] == "special_days" else path[1]
    if entry.casefold() in [title.casefold() for title in table.header]:
        return table.column(entry)
    columns = ", ".join(f'"{table.header[at]}"' for at in titles)
    raise ScenarioError([Problem(join(path), "say which column", hint=f"there are {columns}", place=table.name)])


def _value(table: Table, row: int, column: int, path: Path_, wrong: list[Problem], notes: list[Problem]) -> float:
    here = join(path)
    if path[-1] in _DURATIONS:
        value = duration_at(table, row, column, path=here, notes=notes)
    else:
        value = number_at(table, row, column, path=here, share=path[0] == "ivr" or path[-1] == "share", notes=notes)
    if isinstance(value, float) and value < 0:
        value = Problem(here, "must be a number not below 0", found=f"{value:g}", place=table.place(row, column))
    if isinstance(value, Problem):
        wrong.append(value)
        return 0.0
    return value


def _by_clock(
    table: Table, rows: list[int], clock: int, column: int, path: Path_, calendar: Calendar,
    wrong: list[Problem], notes: list[Problem],
) -> list[float]:  # fmt: skip
    here, length = join(path), ticks(calendar.interval)
    found: dict[int, tuple[int, float]] = {}
    outside = 0.0
    for row in rows:
        seconds = clock_at(table, row, clock)
        if seconds is None:
            shown_cell = str(table.rows[row][clock])
            wrong.append(Problem(here, "must begin with a time of day", shown_cell, place=table.place(row, clock)))
            continue
        at, past = divmod(ticks(seconds) - ticks(calendar.opens), length)
        if not 0 <= at < calendar.intervals:
            if not blank(table.rows[row][column]):
                outside += _value(table, row, column, path, wrong, notes)
        elif past:
            message = f"no interval begins at {show_clock(seconds)}"
            wrong.append(Problem(here, message, hint="see calendar.interval", place=table.place(row, clock)))
        elif at in found:
            message = f"the interval {show_clock(seconds)} is there twice, first in {table.place(found[at][0])}"
            wrong.append(Problem(here, message, place=table.place(row, clock)))
        else:
            found[at] = row, _value(table, row, column, path, wrong, notes)
    missing = [show_clock(start) for at, start in enumerate(calendar.starts()) if at not in found]
    if missing:
        shown_times = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        wrong.append(Problem(here, f"no row for {shown_times}", place=table.name))
    if outside:
        message = f"{outside:,g} outside the opening hours left out"
        notes.append(Problem(here, message, place=table.name, severity="warning"))
    return [found[at][1] for at in sorted(found)]
