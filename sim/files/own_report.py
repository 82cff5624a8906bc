"""Own report: the form in which callsim writes a Report, the same columns in CSV, XLSX and Parquet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np

from sim.files.cells import check_name, date_of, guarded, number_at, unguarded
from sim.files.report import CREDITED, NUMBERS, REPORT_COLUMNS, Floats, Report, unknown
from sim.files.tables import Table, blank
from sim.files.write_table import Column
from sim.scenario.errors import CallsimError, Problem, ScenarioError
from sim.scenario.units import show_clock

_MOST_PROBLEMS = 20
_TITLES = ("date", "start", "interval", "call_type", "within", "credited")  # what makes it this form; numbers may be missing
_CLOCK = re.compile(r"(\d+):([0-5]\d)(?::([0-5]\d))?")


def is_own_report(titles: Iterable[Any]) -> bool:
    """Whether a table with these titles is in this form."""
    return {str(title).strip() for title in titles}.issuperset(_TITLES)


def own_columns(report: Report, *, text: bool) -> dict[str, Column]:
    """The columns of REPORT_COLUMNS; `text` : for a CSV, where names must not look like formulas.

    Raises CallsimError for what would not come back as it was.
    """
    if not len(report):
        raise CallsimError(f"{report.source}: has no rows")
    for name in report.call_types:
        check_name(name, report.source)
    for column in NUMBERS:
        said = getattr(report, column)[~np.isnan(getattr(report, column))]
        if not (np.isfinite(said).all() and (said >= 0).all()):
            raise CallsimError(f"{report.source}: {column} must be numbers from 0 on, or not known")
    rows, names = len(report), report.names()
    columns: dict[str, Column] = {
        "date": [day.isoformat() for day in report.day] if text else list(report.day),
        "start": [_clock(seconds) for seconds in report.start.tolist()],
        "interval": np.full(rows, report.interval),
        "call_type": [guarded(name) for name in names] if text else names,
        "within": np.full(rows, report.within),
        "credited": [report.credited] * rows,
    }
    columns |= {name: getattr(report, name) for name in NUMBERS}
    if text:
        columns |= {name: _digits(column) for name, column in columns.items() if isinstance(column, np.ndarray)}
    return {one.name: columns[one.name] for one in REPORT_COLUMNS}


def _digits(column: Any) -> list[str]:
    """Shortest text that is the number to the last bit, as planners write it: 8 and not 8.0."""
    return ["" if value != value else repr(value).removesuffix(".0") for value in column.tolist()]


def _clock(seconds: float) -> str:
    """``08:30``; what is no whole second as its number of seconds."""
    return show_clock(seconds) if seconds == int(seconds) else repr(seconds)


def read_own_report(table: Table, *, text: bool) -> Report:
    """The Report that was written; raises ScenarioError with the place of everything that is wrong.

    `text` : the table is a CSV.
    """
    at = {title: column for column, title in enumerate(table.header)}
    problems: list[Problem] = []

    def column(title: str) -> list[Any]:
        return [row[at[title]] for row in table.rows]

    def numbers(title: str) -> Floats:
        return np.array([_number(table, row, at[title], title, problems) for row in range(len(table.rows))])

    days = [date_of(cell) for cell in column("date")]
    starts = [_seconds(cell) for cell in column("start")]
    for row, (day, start) in enumerate(zip(days, starts, strict=True)):
        if day is None:
            problems.append(_wrong(table, row, at["date"], "date", "must be a date such as 2026-03-12"))
        if start is None:
            problems.append(_wrong(table, row, at["start"], "start", "must be a clock time such as 08:30"))
    kinds = [_name(cell, text=text) for cell in column("call_type")]
    for row, kind in enumerate(kinds):
        if not kind.strip():
            problems.append(_wrong(table, row, at["call_type"], "call_type", "must be a name"))
    for title in ("interval", "within", "credited"):
        _check_one(table, at[title], title, problems)
    interval, within = numbers("interval"), numbers("within")
    credited = "" if blank(table.rows[0][at["credited"]]) else str(table.rows[0][at["credited"]])
    if credited not in ("", *CREDITED):
        problems.append(_wrong(table, 0, at["credited"], "credited", f"must be {', '.join(CREDITED)}, or nothing"))
    if not interval[0] > 0:
        problems.append(_wrong(table, 0, at["interval"], "interval", "must be seconds, above 0"))
    _check_doubled(table, list(zip(days, starts, kinds, strict=True)), problems)
    found = {name: numbers(name) if name in at else unknown(len(kinds)) for name in NUMBERS}
    if problems:
        raise ScenarioError(problems[:_MOST_PROBLEMS])
    names = {name: code for code, name in enumerate(dict.fromkeys(kinds))}
    rest: dict[str, Any] = found
    return Report(
        source=table.name, interval=float(interval[0]), call_types=tuple(names),
        day=tuple(day for day in days if day is not None), start=np.array([start for start in starts if start is not None]),
        call_type=np.array([names[kind] for kind in kinds], np.int64), within=float(within[0]), credited=credited, **rest,
    )  # fmt: skip


def _number(table: Table, row: int, column: int, title: str, problems: list[Problem]) -> float:
    if blank(table.rows[row][column]):
        return float("nan")
    value = number_at(table, row, column, path=title)
    if isinstance(value, Problem):
        problems.append(value)
    elif value < 0:
        problems.append(_wrong(table, row, column, title, "must not be below 0"))
    else:
        return value
    return 0.0


def _seconds(cell: Any) -> float | None:
    text = str(cell).strip()
    if parts := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in parts.groups())
        return hours * 3600.0 + minutes * 60.0 + seconds
    try:
        seconds_ = float(text)
    except ValueError:
        return None
    return seconds_ if 0 <= seconds_ < float("inf") else None


def _name(cell: Any, *, text: bool) -> str:
    if cell is None:
        return ""
    return unguarded(str(cell)) if text else str(cell)


def _check_one(table: Table, column: int, title: str, problems: list[Problem]) -> None:
    first = table.rows[0][column]
    other = next((row for row in range(len(table.rows)) if table.rows[row][column] != first), None)
    if other is not None:
        message = f"must be the same in all rows; the first has {first!s}"
        problems.append(_wrong(table, other, column, title, message))


def _check_doubled(table: Table, keys: list[tuple[date | None, float | None, str]], problems: list[Problem]) -> None:
    first: dict[Any, int] = {}
    for row, key in enumerate(keys):
        before = first.setdefault(key, row)
        if before != row and None not in key:
            message = f"this interval of {key[2]} stands in line {table.lines[before]} already"
            problems.append(Problem("start", message, str(key[0]), place=table.place(row)))


def _wrong(table: Table, row: int, column: int, path: str, message: str) -> Problem:
    return Problem(path, message, str(table.rows[row][column] or ""), place=table.place(row, column))
