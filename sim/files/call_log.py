"""Call logs: a file with one row per call, in any of the known layouts, becomes a History."""

from __future__ import annotations

import contextlib
import csv
from array import array
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple, TextIO

import numpy as np

from sim.calls import NONE
from sim.files.account import Account
from sim.files.bank_log import BANK_COLUMNS, BANK_TEXT_COLUMNS, bank_rows, bank_text_rows
from sim.files.history import History
from sim.files.log_rows import TIMES, LogRow, Rows
from sim.files.own_log import OWN_COLUMNS, own_rows
from sim.files.parquet import PARQUET, read_parquet
from sim.files.reading import open_text, wrong
from sim.files.tables import SEPARATOR, separator_of

_CODED = ("call_type", "agent", "group", "customer")  # columns of texts that a History has as codes
_PLAIN = ("day", "number", *TIMES, "outcome", "accepted")


class Layout(NamedTuple):
    """A form of a call log: the columns by which it is known, and what reads its rows."""

    title: str
    needs: tuple[str, ...]
    reader: Callable[[Rows], Iterator[LogRow]]


LAYOUTS = (
    Layout("callsim's own call log (callsim run --log)", OWN_COLUMNS, own_rows),
    Layout("one row per call with VRU and queue times (Anonymous Bank)", BANK_COLUMNS, bank_rows),
    Layout("Anonymous Bank as published, one row per call", BANK_TEXT_COLUMNS, bank_text_rows),
)


def is_call_log(path: Path) -> bool:
    """Whether the header of a file is that of a known call log; raises as `read_call_log` for what is no text."""
    with _open(path) as (header, _):
        return layout_of(header) is not None


def read_call_log(path: Path) -> History:
    """The calls of a log, .csv, .csv.gz or .parquet; the layout is recognized by its header, whatever the order of columns.

    Raises ScenarioError naming line, column, value and what is allowed (the first 20 problems), CannotFinishError for
    a file that cannot be read.
    """
    account = Account()
    with _open(path) as (header, reader):
        layout = layout_of(header)
        if layout is None:
            known = "; ".join(f"{one.title}: {', '.join(one.needs)}" for one in LAYOUTS)
            found = ", ".join(header[:8])
            raise wrong(path, "is no call log that is known here", found=found, hint=f"columns of {known}")
        columns = _Columns()
        for row in log_rows(path, layout, header, reader, account):
            columns.add(row)
    account.check()
    if not len(columns):
        raise wrong(path, "has a header and no calls")
    return columns.history(path.name, layout.title, account.notes())


def layout_of(header: list[str]) -> Layout | None:
    """The layout that has these columns, in any order; None when it is none that is known."""
    names = {cell.strip().casefold() for cell in header}
    return next((layout for layout in LAYOUTS if names.issuperset(layout.needs)), None)


def log_rows(
    path: Path, layout: Layout, header: list[str], reader: Iterator[list[str]], account: Account
) -> Iterator[LogRow]:
    """The calls of an opened log below its header; what is wrong goes to the account."""
    text = path.suffix.lower() != PARQUET
    yield from layout.reader(Rows(str(path), [name.casefold() for name in header], reader, account, csv=text))


@contextlib.contextmanager
def _open(path: Path) -> Iterator[tuple[list[str], Iterator[list[str]]]]:
    """The titles, and the rows below them as text."""
    if path.suffix.lower() == PARQUET:
        columns = read_parquet(path)
        texts = ([_text(value) for value in column] for column in columns.values())
        yield [name.strip() for name in columns], map(list, zip(*texts, strict=True))
        return
    with open_text(path) as opened:
        yield opened_log(path, opened.text)


def opened_log(path: Path, text: TextIO) -> tuple[list[str], Iterator[list[str]]]:
    """The titles of a log in text, and the rows below them; reading these raises ScenarioError for what is no table."""
    line = next((line for line in text if line.strip()), "")
    separator = separator_of(line)
    if SEPARATOR.fullmatch(line.strip()):
        line = text.readline()
    header = [cell.strip() for cell in next(csv.reader([line], delimiter=separator), [])]
    while header and not header[-1]:  # commas at the end of every line
        header.pop()
    return header, _rows(path, csv.reader(text, delimiter=separator), len(header))


def _rows(path: Path, reader: Iterator[list[str]], width: int) -> Iterator[list[str]]:
    try:
        for row in reader:
            yield row if len(row) <= width or any(map(str.strip, row[width:])) else row[:width]
    except csv.Error as error:
        raise wrong(path, f"is not a table: {error}") from None


def _text(value: object) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)  # 7.0 in a column with gaps is 7


class _Columns:
    """Calls row by row, kept as numbers: texts as codes in the order in which they were met."""

    def __init__(self) -> None:
        self._plain = {name: array("q") for name in _PLAIN}
        self._coded = {name: array("q") for name in _CODED}
        self._names: dict[str, dict[str, int]] = {name: {} for name in _CODED}
        self._labels: dict[str, array[int]] = {}
        self._values: dict[str, dict[str, int]] = {}

    def __len__(self) -> int:
        return len(self._plain["day"])

    def add(self, row: LogRow) -> None:
        for name, column in self._plain.items():
            column.append(getattr(row, name))
        for name, column in self._coded.items():
            column.append(_code(getattr(row, name), self._names[name]))
        for family, value in row.labels:
            if family not in self._labels:
                self._labels[family], self._values[family] = array("q", [NONE] * (len(self) - 1)), {}
            self._labels[family].append(_code(value, self._values[family]))

    def history(self, source: str, layout: str, notes: tuple[str, ...]) -> History:
        """The calls sorted by day, arrival and number."""
        columns = {name: np.array(column, np.int64) for name, column in (self._plain | self._coded).items()}
        label = np.full((len(self), len(self._labels)), NONE, np.int64)
        for at, (family, codes) in enumerate(self._labels.items()):
            label[: len(codes), at] = _sorted_codes(np.array(codes, np.int64), list(self._values[family]))
        order = np.lexsort((columns["number"], columns["arrival"], columns["day"]))
        return History(
            source=source,
            layout=layout,
            call_types=tuple(self._names["call_type"]),
            agents=tuple(self._names["agent"]),
            groups=tuple(self._names["group"]),
            customers=tuple(self._names["customer"]),
            labels=tuple((family, tuple(sorted(values))) for family, values in self._values.items()),
            label=label[order],
            notes=notes,
            **{name: column[order] for name, column in columns.items()},
        )


def _code(name: str, known: dict[str, int]) -> int:
    """The code of a name, a new one for a name not met before; -1 for no name."""
    return known.setdefault(name, len(known)) if name else NONE


def _sorted_codes(codes: np.ndarray, names: list[str]) -> np.ndarray:
    """Codes in the order of the sorted values, so that they do not hang on which call came first."""
    ranks = np.argsort(np.argsort(np.array(names, dtype=str), kind="stable"), kind="stable")
    return np.where(codes != NONE, np.append(ranks, NONE)[codes], NONE)
