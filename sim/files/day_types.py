"""Day types: a calendar of days that are not like their weekday: holidays, pay days, working Saturdays."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sim.files.cells import date_of
from sim.files.reading import wrong
from sim.files.tables import blank, columns_by, read_table
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.problems import show

_TITLES = {"date": ("date", "day", "datum", "日期"), "type": ("type", "day type", "name", "holiday", "feiertag", "类型")}


def read_day_types(path: Path) -> dict[date, str]:
    """Date -> its type, from a .csv or a workbook with the columns `date` and `type`; a type is any word.

    Raises ScenarioError with line or cell for a date that is none, is there twice, or has no type.
    """
    table = read_table(path)
    columns = columns_by(table, _TITLES)
    missing = [name for name in _TITLES if name not in columns]
    if missing:
        raise wrong(table.name, f"needs the columns {', '.join(missing)}", found=", ".join(table.header))
    problems: list[Problem] = []
    found: dict[date, str] = {}
    for row, cells in enumerate(table.rows):
        when, kind = date_of(cells[columns["date"]]), str(cells[columns["type"]]).strip()
        place = table.place(row, columns["date"])
        if when is None:
            shown = show(cells[columns["date"]])
            problems.append(Problem("date", "must be a date such as 2026-03-12", shown, place=place))
        elif when in found:
            problems.append(Problem("date", "stands there twice", str(when), place=place))
        elif blank(kind):
            problems.append(Problem("type", "must be a word such as holiday", place=table.place(row, columns["type"])))
        else:
            found[when] = kind
    if problems:
        raise ScenarioError(problems)
    return found
