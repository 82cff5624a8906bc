"""Tables as planners keep them: CSV in the encodings and separators that Excel writes, and workbooks."""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.files.parquet import PARQUET, read_parquet
from sim.files.reading import read_bytes, read_text, wrong
from sim.scenario.errors import CannotFinishError
from sim.scenario.paths import nearest

_WORKBOOKS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
_TEXTS = {".csv", ".tsv", ".txt"}
SEPARATOR = re.compile(r"sep=(.)")  # a line above the header, for Excel
_TOTALS = {
    "total", "totals", "sum", "subtotal", "grand total", "day total", "summe", "gesamt", "gesamtsumme", "gesamtergebnis",
    "ergebnis", "average", "mean", "mittelwert", "durchschnitt", "合计", "总计", "小计", "汇总", "平均", "平均值",
}  # fmt: skip
_DATE_WORDS = re.compile(r"\d+[年月日]?|\b(for|of|vom|am|für)\b|[\W_]")  # beside such a word: Total 02.03.2026, 2026/3/2 汇总


@dataclass(frozen=True)
class Table:
    """A table with one header row. `rows` are as long as the header; a cell is text in a CSV, a value in a workbook.

    name : how the table is called in messages, `plan.csv` or `plan.xlsx!Sheet`
    lines : the line or row number of each of the rows, from 1
    decimal_comma : whether numbers are written 12,5
    top : the line or row number of the header
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    lines: tuple[int, ...]
    workbook: bool = False
    decimal_comma: bool = False
    top: int = 1

    def title_place(self, column: int) -> str:
        """Where the title of a column stands."""
        return f"{self.name}!{_letters(column)}{self.top}" if self.workbook else f"{self.name}:{self.top}"

    def place(self, row: int, column: int = 0) -> str:
        """Where a cell stands: `plan.csv:7` or `plan.xlsx!Sheet!B7`."""
        line = self.lines[row]
        return f"{self.name}!{_letters(column)}{line}" if self.workbook else f"{self.name}:{line}"

    def spot(self, row: int, column: int) -> str:
        """Where a cell stands, in a sentence about its file: `line 7` or `B7`."""
        line = self.lines[row]
        return f"{_letters(column)}{line}" if self.workbook else f"line {line}"

    def column(self, name: str) -> int:
        """The number of a column by its title; raises ScenarioError with the nearest title."""
        titles = [title.casefold() for title in self.header]
        if name.strip().casefold() in titles:
            return titles.index(name.strip().casefold())
        raise wrong(self.name, f'no column "{name}"', hint=nearest(name, [title for title in self.header if title]))

    def is_total(self, row: int) -> bool:
        """Whether a row is labeled as the sum of the others."""
        return is_total(self.rows[row])


def is_total(row: Sequence[Any]) -> bool:
    """Whether the first of these cells with something in it says that they are the sum or the mean of others."""
    first = next((cell for cell in row if not blank(cell)), None)
    return isinstance(first, str) and " ".join(_DATE_WORDS.sub(" ", first.casefold()).split()) in _TOTALS


def plain(title: str) -> str:
    """A title in small letters and without what is no letter or digit: ``Hire date`` and ``hire_date`` are one."""
    return re.sub(r"[\W_]+", "", title.casefold())


def columns_by(table: Table, aliases: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """What each known column is for -> its number; the alias named first wins."""
    titles, found = [plain(title) for title in table.header], {}
    for purpose, names in aliases.items():
        at = next((titles.index(name) for name in map(plain, names) if name in titles), None)
        if at is not None:
            found[purpose] = at
    return found


def blank(cell: Any) -> bool:
    """Whether nothing stands in a cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def is_table(name: str) -> bool:
    """Whether a name is that of a file with a table, by its ending, and not that of a sheet."""
    return Path(name).suffix.lower() in _WORKBOOKS | _TEXTS


def is_workbook(path: Path) -> bool:
    """Whether a file is a workbook, by its ending."""
    return path.suffix.lower() in _WORKBOOKS


def read_table(path: Path, *, sheet: str | None = None) -> Table:
    """The table in a CSV file (also .csv.gz), in Parquet or in a sheet of a workbook (the first when not named); blank rows are
    left out.

    Raises ScenarioError for a file that is missing, empty, a folder, or no table; CannotFinishError when it is locked.
    """
    if is_workbook(path):
        name, cells = _workbook(path, sheet)
        return _table(name, cells, workbook=True)
    if sheet is not None:
        raise wrong(path, "sheet goes with a workbook; this file has none")
    if path.suffix.lower() == PARQUET:
        columns = read_parquet(path)
        cells = [(1, list(columns)), *enumerate(map(list, zip(*columns.values(), strict=True)), 2)]
        return _table(str(path), cells)
    text = read_text(path)
    separator = separator_of(text)
    # the position after each record: a quoted cell may hold line breaks
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows, begin = [], 1
    try:
        for row in reader:
            rows.append((begin, row))
            begin = reader.line_num + 1
    except csv.Error as error:
        raise wrong(f"{path}:{begin}", f"is not a table: {error}") from None
    return _table(str(path), rows, decimal_comma=decimal_comma(separator, text))


def decimal_comma(separator: str, text: str) -> bool:
    """Whether a text with this separator writes its numbers as 12,5."""
    return separator == ";" or (separator == "\t" and bool(re.search(r"\t\d+,\d{1,2}(\t|\r|\n|$)", text)))


def separator_of(text: str) -> str:
    """What separates the cells of a text, by its first line: a tab, a semicolon or a comma."""
    lines = [line for line in text.splitlines() if line.strip()]
    if lines and (said := SEPARATOR.fullmatch(lines[0].strip())):
        return said.group(1)
    bare = re.sub(r'"[^"]*"', "", lines[0] if lines else "")
    return max(("\t", ";", ","), key=bare.count)


def _table(name: str, cells: list[tuple[int, Any]], *, workbook: bool = False, decimal_comma: bool = False) -> Table:
    filled = [(line, row) for line, row in cells if not all(blank(cell) for cell in row)]
    if filled and re.fullmatch(r"sep=.?", str(filled[0][1][0]).strip()):
        filled = filled[1:]
    if not filled:
        raise wrong(name, "is empty")
    header = [str(cell).strip() for cell in filled[0][1]]
    while header and not header[-1]:
        header.pop()
    if len(filled) == 1:
        raise wrong(name, "has a header and no rows")
    rows, lines = [], []
    for line, row in filled[1:]:
        extra = [cell for cell in row[len(header) :] if not blank(cell)]
        if extra and not workbook:
            hint = "a number with a comma must stand in quotes" if not decimal_comma else ""
            raise wrong(f"{name}:{line}", f"has {len(row)} cells, the header {len(header)}", hint=hint)
        rows.append(tuple(row[: len(header)]) + ("",) * (len(header) - len(row)))
        lines.append(line)
    return Table(name, tuple(header), tuple(rows), tuple(lines), workbook, decimal_comma, filled[0][0])


def _workbook(path: Path, sheet: str | None) -> tuple[str, list[tuple[int, Any]]]:
    with _book(io.BytesIO(read_bytes(path)), path) as book:
        name = _sheet_named(book, path, sheet) if sheet is not None else next(iter(book.sheet_names))
        return f"{path}!{name}", _cells(book, name)


def visible_sheets(
    content: io.BytesIO, path: Path, sheet: str | None
) -> tuple[list[tuple[str, list[tuple[int, Any]]]], list[str]]:
    """(name, rows with their numbers) of the sheets that can be seen, or of the one that is named; the hidden ones' names.

    Raises as `read_table`.
    """
    with _book(content, path) as book:
        if sheet is not None:
            name = _sheet_named(book, path, sheet)
            return [(name, _cells(book, name))], []
        seen = [one.name for one in book.sheets_metadata if str(one.visible).endswith("Visible")]
        hidden = [name for name in book.sheet_names if name not in seen]
        return [(name, _cells(book, name)) for name in book.sheet_names if name in seen], hidden


@contextlib.contextmanager
def _book(content: io.BytesIO, path: Path) -> Iterator[Any]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        yield CalamineWorkbook.from_filelike(content)
    except PasswordError:
        raise CannotFinishError(f"{path}: has a password; save it without one") from None
    except (CalamineError, IndexError):
        raise wrong(path, "is not an Excel workbook", hint="save it as .xlsx or CSV") from None


def _sheet_named(book: Any, path: Path, sheet: str) -> str:
    names = list(book.sheet_names)
    if sheet not in names:
        raise wrong(path, f'no sheet "{sheet}"', hint=nearest(sheet, names))
    return sheet


def _cells(book: Any, name: str) -> list[tuple[int, Any]]:
    return [(at + 1, row) for at, row in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False))]


def _letters(column: int) -> str:
    text = ""
    while column >= 0:
        column, digit = divmod(column, 26)
        text, column = chr(65 + digit) + text, column - 1
    return text
