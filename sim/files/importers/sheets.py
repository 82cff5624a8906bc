"""Sheets: the tables of a file, of any length, block by block, with the header wherever it stands."""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from sim.files.account import Account
from sim.files.importers.summaries import has_digit, without_summary
from sim.files.reading import open_text, read_bytes, wrong
from sim.files.tables import SEPARATOR, Table, blank, decimal_comma, is_total, is_workbook, separator_of, visible_sheets
from sim.scenario.errors import Problem

HEAD = 40  # filled rows among which the header is looked for
_BLOCK = 20_000  # rows of a block
_SAID_BYTES = 1 << 20  # how often progress is said

Row = tuple[int, list[Any]]
Progress = Callable[[int, int], None]  # bytes read so far, and in all


class Sheet(NamedTuple):
    """One table with whatever stands around it: the first filled rows, and all of them one by one, with their lines."""

    name: str
    head: list[Row]
    rows: Iterator[Row]
    workbook: bool
    decimal_comma: bool


@contextlib.contextmanager
def open_sheets(path: Path, account: Account, *, sheet: str | None, progress: Progress | None) -> Iterator[list[Sheet]]:
    """The sheets of a workbook that can be seen, or the only one of a text file; hidden sheets are said.

    Raises as `read_table`.
    """
    if is_workbook(path):
        yield _of_workbook(path, account, sheet)
        return
    if sheet is not None:
        raise wrong(path, "sheet goes with a workbook; a text file has none")
    with open_text(path) as opened:
        lines = list(islice(opened.text, 2 * HEAD))
        first = SEPARATOR.fullmatch(lines[0].strip()) if lines else None
        separator = first.group(1) if first else _separator(lines)
        reader = csv.reader(chain(lines, opened.text), delimiter=separator, strict=True)
        rows = _filled(path, reader, opened.position, opened.size, progress)
        if first:
            next(rows, None)
        head = list(islice(rows, HEAD))
        comma = decimal_comma(separator, "".join(lines))
        if opened.encoding != "utf-8-sig":
            said = f"text in {_NAMES.get(opened.encoding, opened.encoding)}, seen from its bytes"
            account.say("read as", said, assumed=True)
        if comma:
            account.say("read as", "numbers with a decimal comma, cells apart by " + _shown(separator), assumed=True)
        yield [Sheet(str(path), head, chain(head, rows), False, comma)]


_NAMES = {"gb18030": "GB18030", "cp1252": "Windows-1252", "utf-16": "UTF-16"}


def _shown(separator: str) -> str:
    return "tabs" if separator == "\t" else f'"{separator}"'


def _separator(lines: list[str]) -> str:
    """What separates cells: of all the first lines, for a title above the header may have other signs."""
    found = [separator_of(line) for line in lines if any(sign in line for sign in "\t;,")]
    return max(("\t", ";", ","), key=found.count)


def _filled(
    path: Path, reader: Any, position: Callable[[], int], size: int, progress: Progress | None
) -> Iterator[Row]:
    """Rows with something in them, each with the line where it begins: a quoted cell may hold line breaks."""
    begin, said = 1, 0
    try:
        for row in reader:
            if not all(blank(cell) for cell in row):
                yield begin, row
            begin = reader.line_num + 1
            if progress is not None and begin % 1000 == 0 and (here := position()) >= said + _SAID_BYTES:
                said = here
                progress(here, size)
    except csv.Error as error:
        raise wrong(f"{path}:{begin}", f"is not a table: {error}") from None


def _of_workbook(path: Path, account: Account, sheet: str | None) -> list[Sheet]:
    found, hidden = visible_sheets(io.BytesIO(read_bytes(path)), path, sheet)
    if hidden:
        account.say("left out", f"{len(hidden)} hidden sheets: {', '.join(hidden)}")
    sheets = []
    for name, rows in found:
        filled = [(line, list(row)) for line, row in rows if not all(blank(cell) for cell in row)]
        sheets.append(Sheet(f"{path}!{name}", filled[:HEAD], iter(filled), True, False))
    return sheets


def blocks(sheet: Sheet, top: int, account: Account) -> Iterator[Table]:
    """The rows below the header, which is in line `top`, as Tables of at most 20,000 rows each.

    Left out, and said: repeated headers, rows of totals, rows without a number (units below the titles), single cells below a
    table that has more, and a summary at the end (`summaries`).
    """
    rows = iter(sheet.rows)
    title = next(row for line, row in rows if line == top)
    header = [str(cell).strip() for cell in title]
    while header and not header[-1]:
        header.pop()
    if len(set(filter(None, map(str.casefold, header)))) < sum(map(bool, header)):
        account.say("read as", "of columns with one title the first", assumed=True, place=f"line {top}")
    kept: list[tuple[Any, ...]] = []
    lines: list[int] = []

    def table() -> Table:
        return Table(sheet.name, tuple(header), tuple(kept), tuple(lines), sheet.workbook, sheet.decimal_comma, top)

    for line, row in without_summary(rows, account, workbook=sheet.workbook):
        if _is_row(row, header, line, sheet, account):
            kept.append((*row[: len(header)], *[""] * (len(header) - len(row))))
            lines.append(line)
        if len(kept) == _BLOCK:
            yield table()
            kept.clear()
            lines.clear()
    if kept:
        yield table()


def _is_row(row: list[Any], header: list[str], line: int, sheet: Sheet, account: Account) -> bool:
    place = f"row {line}" if sheet.workbook else f"line {line}"
    filled = sum(not blank(cell) for cell in row)
    if [str(cell).strip() for cell in row[: len(header)]] == header:
        account.say("left out", "{n} repeated headers", place=place)
    elif filled == 1 and len(header) > 2:
        account.say("left out", "{n} lines below or between the rows that are no rows", place=place)
    elif not any(has_digit(cell) for cell in row):
        account.say("left out", "{n} rows without a number", place=place)
    elif is_total(row):
        account.say("left out", "{n} rows of totals", place=place)
    elif not sheet.workbook and any(not blank(cell) for cell in row[len(header) :]):
        hint = "" if sheet.decimal_comma else "a number with a comma must stand in quotes"
        account.wrong(Problem("", f"has {len(row)} cells, the header {len(header)}", hint=hint, place=f"{sheet.name}:{line}"))
    else:
        if len(row) < len(header) and not sheet.workbook:
            said = "empty: the last cells of {n} rows that are shorter than the header"
            account.say("read as", said, place=place, assumed=True)
        return True
    return False
