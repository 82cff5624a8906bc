"""Interval reports: a table with one row per interval (and call type), as an ACD or a planner's sheet prints it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from sim.files.cells import clock_at, date_of, duration_at, number_at
from sim.files.own_report import is_own_report, read_own_report
from sim.files.parquet import PARQUET
from sim.files.reading import wrong
from sim.files.report import Floats, Report, unknown
from sim.files.tables import Table, blank, columns_by, read_table
from sim.scenario.errors import CallsimError, Problem, ScenarioError

_MOST_PROBLEMS = 20
DEFAULT_TYPE = "calls"

_OTHERS = ("short_abandoned", "answered_within", "longest_wait", "staffed", "flow_in", "flow_out")
# what a column is called in reports; compared without case, spaces and signs
_ALIASES = {
    "start": ("start", "interval start", "interval", "start time", "time", "half-hour", "period", "from", "时段"),
    "date": ("date", "row date", "day", "日期"),
    "call_type": ("call type", "type", "queue", "queue name", "skill", "split", "split/skill", "csq name"),
    "offered": ("offered", "calls offered", "offer", "calls presented", "presented", "acd offered", "呼入量"),
    "answered": ("answered", "acd calls", "answer", "handled", "calls handled", "interactions handled", "接通量"),
    "abandoned": ("abandoned", "aban calls", "abncalls", "abandon", "calls abandoned", "放弃量"),
    "aht": ("aht", "aht s", "avg handle", "average handle time", "avg handle time", "handle time", "平均处理时长"),
    "handle_total": ("total handle s", "total handle time (seconds)", "total handle time"),
    "wait_answered": ("total wait answered s", "anstime", "total wait answered"),
    "wait_abandoned": ("total wait abandoned s", "abntime", "total wait abandoned"),
    "heads": ("heads", "agents", "staff", "on phones", "avg pos staff", "agents active", "positions staffed"),
    **{name: (name,) for name in _OTHERS},
}
_NEEDED = ("start", "abandoned")


def read_interval_report(path: Path, *, day: date | None = None, sheet: str | None = None) -> Report:
    """An interval report from CSV, a workbook or Parquet; columns are found by their titles, in any order.

    What `callsim export` wrote is read as it was. `day` is the date of a report that has none. Raises ScenarioError with
    line or cell, value and what is allowed for everything that is wrong: missing columns, text in number cells, doubled
    intervals, more answered than offered.
    """
    table = read_table(path, sheet=sheet)
    if is_own_report(table):
        return read_own_report(table, text=not table.workbook and path.suffix.lower() != PARQUET)
    columns = columns_by(table, _ALIASES)
    missing = [name for name in _NEEDED if name not in columns]
    if "offered" not in columns and "answered" not in columns:
        missing.append("offered")
    if missing:
        said = "; ".join(f"{name}: {', '.join(_ALIASES[name][:4])}" for name in missing)
        known = ", ".join(table.header)
        raise wrong(table.name, f"an interval report needs the columns {', '.join(missing)}", found=known, hint=said)
    problems: list[Problem] = []
    notes: list[Problem] = []
    rows = [row for row in range(len(table.rows)) if not table.is_total(row)]
    left_out = len(table.rows) - len(rows)
    moments = [_moment(table, row, columns, day, problems) for row in rows]

    def numbers(name: str) -> Floats:
        if name not in columns:
            return unknown(len(rows))
        read = duration_at if name == "aht" else number_at
        return np.array([_number(read, table, row, columns[name], name, problems, notes) for row in rows])

    offered, answered, abandoned = numbers("offered"), numbers("answered"), numbers("abandoned")
    offered = answered + abandoned if "offered" not in columns else offered
    answered = offered - abandoned if "answered" not in columns else answered
    aht, total = numbers("aht"), numbers("handle_total")
    others: dict[str, Any] = {name: numbers(name) for name in ("wait_answered", "wait_abandoned", "heads", *_OTHERS)}
    kinds = _types(table, rows, columns)
    names = tuple(dict.fromkeys(kinds))
    _check(table, rows, moments, kinds, offered, answered, problems)
    if problems:
        raise ScenarioError(problems[:_MOST_PROBLEMS])
    days, starts = [one[0] for one in moments if one], [one[1] for one in moments if one]
    with np.errstate(divide="ignore", invalid="ignore"):
        aht = np.where(np.isnan(aht), total / answered, aht)
    remarks = [f"left out: {left_out} rows of totals"] if left_out else []
    remarks += sorted({note.message for note in notes})[:3]
    return Report(
        source=table.name, interval=_interval(starts, days, table.name), call_types=names, day=tuple(days),
        start=np.array(starts), call_type=np.array([names.index(kind) for kind in kinds]), offered=offered,
        answered=answered, abandoned=abandoned, aht=aht, notes=tuple(remarks), **others,
    )  # fmt: skip


def _moment(
    table: Table, row: int, columns: dict[str, int], day: date | None, problems: list[Problem]
) -> tuple[date, float] | None:
    """Date and seconds since midnight of a row; None with a problem kept."""
    start = table.rows[row][columns["start"]]
    place = table.place(row, columns["start"])
    when = date_of(start)
    if "date" in columns:
        cell = table.rows[row][columns["date"]]
        when = date_of(cell)
        if when is None:
            problems.append(
                Problem("date", "must be a date such as 2026-03-12", str(cell), place=table.place(row, columns["date"]))
            )
            return None
    when = when or day
    if when is None:
        problems.append(Problem("start", "has no date", str(start), "say it with --date 2026-03-12", place))
        return None
    clock = clock_at(table, row, columns["start"])
    if clock is None:
        problems.append(Problem("start", "must be a clock time such as 08:30", str(start), place=place))
        return None
    return when, clock


def _number(
    read: Callable[..., float | Problem],
    table: Table,
    row: int,
    column: int,
    name: str,
    problems: list[Problem],
    notes: list[Problem],
) -> float:
    if blank(table.rows[row][column]):
        return 0.0 if name in ("offered", "answered", "abandoned") else float("nan")
    value = read(table, row, column, path=name, notes=notes)
    if isinstance(value, Problem):
        problems.append(value)
        return 0.0
    if value < 0:
        problems.append(Problem(name, "must not be below 0", f"{value:g}", place=table.place(row, column)))
    return value


def _types(table: Table, rows: list[int], columns: dict[str, int]) -> list[str]:
    if "call_type" not in columns:
        return [DEFAULT_TYPE] * len(rows)
    return [str(table.rows[row][columns["call_type"]]).strip() or DEFAULT_TYPE for row in rows]


def _check(
    table: Table,
    rows: list[int],
    moments: list[tuple[date, float] | None],
    kinds: list[str],
    offered: Floats,
    answered: Floats,
    problems: list[Problem],
) -> None:
    first: dict[Any, int] = {}
    for at, (row, moment, kind) in enumerate(zip(rows, moments, kinds, strict=True)):
        if moment is not None and (moment, kind) in first:
            message = f"this interval stands in line {table.lines[first[moment, kind]]} already"
            problems.append(Problem("start", message, str(table.rows[row][0]), place=table.place(row)))
        first.setdefault((moment, kind), row)
        if answered[at] > offered[at]:
            message = f"more answered ({answered[at]:g}) than offered ({offered[at]:g})"
            problems.append(Problem("answered", message, place=table.place(row)))


def _interval(starts: list[float], days: list[date], name: str) -> float:
    """The shortest step between rows of a day; raises CallsimError where it does not divide an hour or a day."""
    moments = sorted({datetime(d.year, d.month, d.day) + timedelta(seconds=s) for d, s in zip(days, starts, strict=True)})
    steps = [(b - a).total_seconds() for a, b in pairwise(moments)]
    step = min(steps, default=1800.0)
    if 86_400 % step:
        raise CallsimError(f"{name}: rows lie {step:g} s apart, which does not divide a day into whole intervals")
    return step
