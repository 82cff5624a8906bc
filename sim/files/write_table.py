"""Write table: columns as the content of a CSV, XLSX or Parquet file; numbers come back to the last bit."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TextIO

import numpy as np
import numpy.typing as npt

from sim.files.parquet import parquet_library
from sim.scenario.errors import CallsimError, CannotFinishError

Column = Sequence[Any] | npt.NDArray[np.generic]
MOST_ROWS = 1_048_575  # of a sheet, below its header
_LONGEST_TEXT = 32_767  # of a cell; XlsxWriter leaves longer ones out without a word
_MANY_CELLS = 1_000_000  # a workbook of more is written row by row, or it would not fit into memory
_OLDEST = 1901  # Excel takes 1900 for a leap year, so earlier dates stay text


class _Exact(float):
    """A number that XlsxWriter writes with all its digits; it asks for 16, and some numbers need 17."""

    def __format__(self, _: str) -> str:
        return repr(float(self)).removesuffix(".0")


class _Lines:
    """Takes the lines of a CSV and ends them with a line feed."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, line: str) -> int:
        return self._out.write(line.removesuffix("\r\n") + "\n")


def csv_writer(out: TextIO) -> Any:
    """A writer of rows whose lines end with a line feed, and whose cells may hold line feeds and carriage returns.

    Python's quotes cells with a sign that ends its lines, and a cell with any other line break would not come back.
    """
    return csv.writer(_Lines(out), lineterminator="\r\n")


def as_csv(columns: Mapping[str, Column], *, header: bool = True) -> str:
    """One header, if wanted, and a row per entry; None and NaN are empty cells."""
    out = io.StringIO(newline="")
    writer = csv_writer(out)
    if header:
        writer.writerow(columns)
    writer.writerows(_rows(columns))
    return out.getvalue()


def as_xlsx(columns: Mapping[str, Column], *, sheet: str = "results") -> bytes:
    """A workbook with one sheet: a frozen header, numbers as numbers, dates as dates, text never as a formula.

    Raises CallsimError for what a sheet cannot hold, CannotFinishError where there is no room to put it together.
    """
    from xlsxwriter.exceptions import XlsxFileError

    check_rows(max(map(len, columns.values()), default=0))
    try:
        return _workbook(columns, sheet)
    except (OSError, XlsxFileError) as error:  # a large one is put together in the folder for temporary files
        raise CannotFinishError(f"the workbook could not be put together: {error}; nothing was written") from None


def check_rows(rows: int) -> None:
    """Raises CallsimError for more rows than a sheet has."""
    if rows > MOST_ROWS:
        raise CallsimError(f"{rows:,} rows do not fit into a sheet, which has {MOST_ROWS:,}; write .csv or .parquet")


def as_parquet(columns: Mapping[str, Column]) -> bytes:
    """Parquet; None, NaN and empty text are null. Raises CallsimError where pyarrow is not installed."""
    pyarrow = parquet_library()
    out = io.BytesIO()
    # an array keeps its type where all of it is missing
    arrays = {
        name: pyarrow.array(column, from_pandas=True)
        if isinstance(column, np.ndarray)
        else [None if _cell(value) == "" else value for value in column]
        for name, column in columns.items()
    }
    pyarrow.parquet.write_table(pyarrow.table(arrays), out)
    return out.getvalue()


def _workbook(columns: Mapping[str, Column], sheet: str) -> bytes:
    import xlsxwriter

    large = sum(map(len, columns.values())) > _MANY_CELLS
    out = io.BytesIO()
    # no formulas from names that begin with "=", and no date of making: the same results give the same workbook
    options = {"constant_memory": large, "in_memory": not large, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"created": datetime(2000, 1, 1)})
    page, bold, day = book.add_worksheet(sheet), book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    for at, (name, column) in enumerate(columns.items()):
        widest = max((len(str(_cell(value))[:40]) for value in column), default=0)
        page.set_column(at, at, min(max(len(name), widest, 8) + 2, 44))
    page.freeze_panes(1, 1)
    for at, name in enumerate(columns):
        page.write_string(0, at, name, bold)
    for row, cells in enumerate(_rows(columns), 1):
        for at, cell in enumerate(cells):
            if isinstance(cell, str):
                if len(cell) > _LONGEST_TEXT:
                    raise CallsimError(f"a cell of a workbook holds {_LONGEST_TEXT:,} letters; {cell[:20]}... has {len(cell):,}")
                if cell:
                    page.write_string(row, at, cell)
            elif isinstance(cell, bool):
                page.write_boolean(row, at, cell)
            elif isinstance(cell, date) and cell.year >= _OLDEST:
                page.write_datetime(row, at, cell, day)
            elif isinstance(cell, date):
                page.write_string(row, at, cell.isoformat())
            else:
                page.write_number(row, at, _Exact(cell))
    book.close()
    return out.getvalue()


def _rows(columns: Mapping[str, Column]) -> Iterable[tuple[Any, ...]]:
    plain = (column.tolist() if isinstance(column, np.ndarray) else column for column in columns.values())
    return zip(*(map(_cell, column) for column in plain), strict=True)


def _cell(value: Any) -> Any:
    if value is None or (isinstance(value, float) and value != value):
        return ""
    return value
