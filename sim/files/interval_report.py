"""Interval reports: a table with one row per interval (and call type), as an ACD or a planner's sheet prints it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sim.files.account import Account
from sim.files.importers.mapped_intervals import Doubled, IntervalRows
from sim.files.importers.mapping import Mapping, lay_over, mapping_named, missing_columns
from sim.files.importers.moments import WallClock
from sim.files.importers.values import Values
from sim.files.own_report import is_own_report, read_own_report
from sim.files.parquet import PARQUET
from sim.files.reading import wrong
from sim.files.report import Report
from sim.files.tables import read_table

SHEET = "sheet-intervals"  # the mapping of planners' own sheets, which knows columns by many titles


def read_interval_report(
    path: Path, *, day: date | None = None, sheet: str | None = None, doubled: Doubled = "error"
) -> Report:
    """An interval report from CSV, a workbook or Parquet; columns are found by their titles, in any order.

    What `callsim export` wrote is read as it was. `day` is the date of a report that has none. Raises ScenarioError with
    line or cell, value and what is allowed for everything that is wrong: missing columns, text in number cells, doubled
    intervals, more answered than offered.
    """
    table = read_table(path, sheet=sheet)
    if is_own_report(table.header):
        return read_own_report(table, text=not table.workbook and path.suffix.lower() != PARQUET)
    mapping, account = mapping_named(SHEET), Account()
    found = lay_over(mapping, table.header)
    refuse_without_columns(table.name, table.header, mapping, missing_columns(found))
    collected = IntervalRows(mapping, account, doubled)
    values = Values(found, account, times="m:ss", day=day)
    collected.add([table], found, values, WallClock(None, None, "wall clock", account))
    return collected.report(table.name)


def refuse_without_columns(name: str, header: Sequence[str], mapping: Mapping, missing: list[str]) -> None:
    """Raises ScenarioError with the titles that are known for each column that is missing."""
    if missing:
        said = "; ".join(f"{one}: {', '.join(mapping.columns[one].titles[:4])}" for one in missing if one in mapping.columns)
        known = ", ".join(str(cell).strip() for cell in header)
        raise wrong(name, f"an interval report needs the columns {', '.join(missing)}", found=known, hint=said)
