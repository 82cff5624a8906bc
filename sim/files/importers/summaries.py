"""Summaries: what stands below the rows of a sheet, after an empty row, and is another table: totals, means, a legend."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time
from typing import Any

from sim.files.account import Account
from sim.files.tables import blank, is_total

Row = tuple[int, list[Any]]

# 08:30 or a date with three parts; of what is written otherwise it cannot be told that it is no number
_MOMENT = re.compile(r"\d{1,2}:\d{2}|\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}")
_MOST = 1000  # rows of what is taken for a summary; more of them are a table


def without_summary(rows: Iterator[Row], account: Account, *, workbook: bool) -> Iterator[Row]:
    """The rows below a header without a summary at their end, which is said with its lines.

    A summary follows an empty row, begins with a title, a row of totals or titles of its own, and none of its rows to the end
    of the sheet has a date or a time where all rows above have one. Where any of that does not hold the rows stay, so that what
    is wrong in them is named as before.
    """
    moments: set[int] | None = None
    end: int | None = None
    held: list[Row] = []
    for line, row in rows:
        apart, end = end is not None and line > end + 1, line + _breaks(row, workbook)
        where = None if not moments else min(moments)
        timed = where is not None and where < len(row) and is_moment(row[where])
        if held and not timed and len(held) < _MOST:
            held.append((line, row))
            continue
        if not held and apart and where is not None and not timed and is_plain(row):
            held.append((line, row))
            continue
        yield from held
        held.clear()
        if not is_plain(row):
            here = {at for at, cell in enumerate(row) if is_moment(cell)}
            moments = here if moments is None else moments & here
        yield line, row
    if all(is_plain(row) for _, row in held):
        yield from held  # footnotes and totals: each is left out by itself, and said
        return
    (first, title), last = held[0], held[-1][0]
    word = next(str(cell).strip() for cell in title if not blank(cell))
    lines = "rows" if workbook else "lines"
    account.say("left out", f'a summary below the rows, {lines} {first} to {last}: "{word[:40]}"')


def is_plain(row: list[Any]) -> bool:
    """Whether a row is no row of calls or intervals wherever it stands: a single cell, a row of totals, or words only."""
    return sum(not blank(cell) for cell in row) == 1 or is_total(row) or not any(map(has_digit, row))


def has_digit(cell: Any) -> bool:
    """Whether a cell may be a number, a time or a date; a row without is titles or units."""
    return not isinstance(cell, str) or any(map(str.isdigit, cell))


def is_moment(cell: Any) -> bool:
    """Whether a cell is a date or a time by its looks."""
    return isinstance(cell, date | time) or (isinstance(cell, str) and _MOMENT.search(cell) is not None)


def _breaks(row: list[Any], workbook: bool) -> int:
    """Lines of the file that a row takes beyond its first: a quoted cell may hold line breaks."""
    return 0 if workbook else sum(cell.count("\n") for cell in row)
