"""Interval reports: a table with one row per interval (and call type), as an ACD or a planner's sheet prints it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sim.files.account import Account
from sim.files.importers.mapped_intervals import Doubled, IntervalRows
from sim.files.importers.mapping import Mapping, lay_over, mapping_named, missing_columns
from sim.files.importers.moments import WallClock
from sim.files.importers.sheets import blocks, open_sheets
from sim.files.importers.values import Values
from sim.files.reading import wrong
from sim.files.report import Report

SHEET = "sheet-intervals"  # the mapping of planners' own sheets, which knows columns by many titles


def read_interval_report(
    path: Path, *, day: date | None = None, sheet: str | None = None, doubled: Doubled = "error"
) -> Report:
    """An interval report from CSV or a workbook; columns are found by their titles, in any order.

    `day` is the date of a report that has none. Raises ScenarioError with line or cell, value and what is allowed for
    everything that is wrong: missing columns, text in number cells, doubled intervals, more answered than offered.
    """
    mapping, account = mapping_named(SHEET), Account()
    collected = IntervalRows(mapping, account, doubled)
    with open_sheets(path, Account(), sheet=sheet, progress=None) as sheets:
        first = sheets[0]
        top, header = first.head[0] if first.head else (1, [])
        if not first.head[1:]:
            raise wrong(first.name, "has a header and no rows" if first.head else "is empty")
        found = lay_over(mapping, header)
        refuse_without_columns(first.name, header, mapping, missing_columns(found))
        values = Values(found, account, times="m:ss", day=day)
        collected.add(blocks(first, top, account), found, values, WallClock(None, None, "wall clock", account))
    return collected.report(first.name)


def refuse_without_columns(name: str, header: list[str], mapping: Mapping, missing: list[str]) -> None:
    """Raises ScenarioError with the titles that are known for each column that is missing."""
    if missing:
        said = "; ".join(f"{one}: {', '.join(mapping.columns[one].titles[:4])}" for one in missing if one in mapping.columns)
        known = ", ".join(str(cell).strip() for cell in header)
        raise wrong(name, f"an interval report needs the columns {', '.join(missing)}", found=known, hint=said)
