"""Call logs: a file with one row per call, in any of the known layouts, becomes a History."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sim.calls import NONE
from sim.files.bank_log import BANK_COLUMNS, bank_row
from sim.files.history import History
from sim.files.log_rows import LogRow, Names, Rows
from sim.files.own_log import OWN_COLUMNS, own_rows
from sim.files.parquet import PARQUET, read_parquet
from sim.files.reading import read_text, wrong
from sim.scenario.errors import ScenarioError

_MOST_PROBLEMS = 20  # a log has as many lines as calls; nobody reads more


class _Layout(NamedTuple):
    title: str
    needs: tuple[str, ...]
    reader: Callable[[Rows], list[LogRow]]


def _bank_rows(rows: Rows) -> list[LogRow]:
    return [row for row in (bank_row(cells, rows) for cells in rows) if row is not None]


LAYOUTS = (
    _Layout("callsim's own call log (callsim run --log)", OWN_COLUMNS, own_rows),
    _Layout("one row per call with VRU and queue times (Anonymous Bank)", BANK_COLUMNS, _bank_rows),
)


def is_call_log(path: Path) -> bool:
    """Whether the header of a file is that of a known call log; raises as `read_call_log` for what is no text."""
    return _layout(_open(path)[0]) is not None


def read_call_log(path: Path) -> History:
    """The calls of a log, .csv, .csv.gz or .parquet; the layout is recognized by its header, whatever the order of columns.

    Raises ScenarioError naming line, column, value and what is allowed (the first 20 problems), CannotFinishError for
    a file that cannot be read.
    """
    header, reader = _open(path)
    layout = _layout(header)
    if layout is None:
        known = "; ".join(f"{one.title}: {', '.join(one.needs)}" for one in LAYOUTS)
        raise wrong(path, "is no call log that is known here", found=", ".join(header[:8]), hint=f"columns of {known}")
    rows = Rows(str(path), [name.casefold() for name in header], reader, csv=path.suffix.lower() != PARQUET)
    found = layout.reader(rows)
    if rows.problems:
        raise ScenarioError(rows.problems[:_MOST_PROBLEMS])
    if not found:
        raise wrong(path, "has a header and no calls")
    return _history(found, rows, str(path.name), layout.title)


def _open(path: Path) -> tuple[list[str], Iterator[list[str]]]:
    """The titles, and the rows below them as text."""
    if path.suffix.lower() == PARQUET:
        columns = read_parquet(path)
        texts = ([_text(value) for value in column] for column in columns.values())
        return [name.strip() for name in columns], map(list, zip(*texts, strict=True))
    reader = csv.reader(io.StringIO(read_text(path), newline=""))
    return [cell.strip() for cell in next(reader, [])], reader


def _text(value: object) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)  # 7.0 in a column with gaps is 7


def _layout(header: list[str]) -> _Layout | None:
    names = {cell.strip().casefold() for cell in header}
    return next((layout for layout in LAYOUTS if names.issuperset(layout.needs)), None)


def _history(found: list[LogRow], rows: Rows, source: str, layout: str) -> History:
    table = np.array([row.numbers() for row in found], np.int64)
    families = tuple(rows.labels)
    label = np.full((len(found), len(families)), NONE, np.int64)
    for at, row in enumerate(found):
        for family, value in row.labels:
            label[at, families.index(family)] = value
    label = _sorted_codes(label, [rows.labels[family] for family in families])
    order = np.lexsort((table[:, 1], table[:, 3], table[:, 0]))
    columns = table[order].T.copy()
    names = LogRow._fields[: columns.shape[0]]
    return History(
        source=source,
        layout=layout,
        call_types=rows.call_types.names,
        agents=rows.agents.names,
        groups=rows.groups.names,
        customers=rows.customers.names,
        labels=tuple((family, tuple(sorted(rows.labels[family].names))) for family in families),
        label=label[order],
        notes=tuple(rows.notes()),
        **dict(zip(names, columns, strict=True)),
    )


def _sorted_codes(label: np.ndarray, names: list[Names]) -> np.ndarray:
    """Codes in the order of the sorted values, so that they do not hang on which call came first."""
    out = label.copy()
    for family, known in enumerate(names):
        ranks = np.argsort(np.argsort(np.array(known.names, dtype=str), kind="stable"), kind="stable")
        there = label[:, family] != NONE
        out[there, family] = ranks[label[there, family]]
    return out
