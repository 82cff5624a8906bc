"""Frames: results as tidy columns of equal length, and columns as CSV, XLSX or Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from experiments.values import dates
from sim.scenario.errors import CallsimError
from sim.scenario.units import TICKS_PER_SECOND
from sim.tally.tally import Count, Tally

Columns = Mapping[str, npt.NDArray[np.generic]]
_TIMES = frozenset(
    {
        Count.WAIT_ANSWERED,
        Count.WAIT_ABANDONED,
        Count.WAIT_ALL,
        Count.TALK,
        Count.WRAP_UP,
        Count.QUEUE_TIME,
        Count.LINE_TIME,
        Count.CALLBACK_WAIT,
        Count.TOLD_ERROR,
        Count.TOLD_OVER,
        Count.TRANSFER_WAIT,
    }
)


def tidy(tallies: Mapping[str, Tally]) -> dict[str, npt.NDArray[np.generic]]:
    """See `Results.to_frame`."""
    parts: dict[str, list[npt.NDArray[np.generic]]] = {}
    for name, tally in tallies.items():
        frame, types = tally.frame, len(tally.frame.call_types)
        counts = tally.calls[:, :, :types, :]
        rows, when = frame.intervals + 1, [day.isoformat() for day in dates(tally)]
        clock = (frame.opens + frame.interval * np.arange(rows)) / TICKS_PER_SECOND
        clock[-1] = np.nan
        one = np.ones((tally.days, rows, types), dtype=np.int64)
        replication, day = np.divmod(np.arange(tally.days), frame.days)
        columns: dict[str, npt.NDArray[np.generic]] = {
            "scenario": np.full(one.size, name),
            "replication": (one * replication[:, None, None]).ravel(),
            "date": np.broadcast_to(np.array(when)[day][:, None, None], one.shape).ravel(),
            "interval": (one * clock[None, :, None]).ravel(),
            "call_type": np.broadcast_to(np.array(frame.call_types), one.shape).ravel(),
        }
        for count in Count:
            counted = counts[..., count].ravel()
            unit = TICKS_PER_SECOND if count in _TIMES else 1000 if count == Count.OFFER_VALUE else 1
            columns[count.name.lower()] = counted if unit == 1 else counted / unit
        for column, cells in columns.items():
            parts.setdefault(column, []).append(cells)
    return {column: np.concatenate(cells) for column, cells in parts.items()}


def as_csv(columns: Mapping[str, list[Any]]) -> str:
    """One header and a row per entry; None and NaN are empty cells."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*([_cell(value) for value in column] for column in columns.values()), strict=True))
    return out.getvalue()


def as_xlsx(columns: Mapping[str, list[Any]], *, sheet: str = "results") -> bytes:
    """A workbook with one sheet: a frozen header, numbers as numbers."""
    import xlsxwriter

    out = io.BytesIO()
    # no formulas from names that begin with "=", and no date of making: the same results give the same workbook
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime(2000, 1, 1)})
    page, bold = book.add_worksheet(sheet), book.add_format({"bold": True})
    for at, (name, column) in enumerate(columns.items()):
        page.write_string(0, at, name, bold)
        for row, value in enumerate(column, 1):
            cell = _cell(value)
            if cell != "":
                page.write(row, at, cell)
        page.set_column(at, at, min(max(len(name), *(len(str(_cell(value))[:40]) for value in column), 8) + 2, 44))
    page.freeze_panes(1, 1)
    book.close()
    return out.getvalue()


def as_parquet(columns: Mapping[str, list[Any]]) -> bytes:
    """Parquet; raises CallsimError where pyarrow is not installed."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise CallsimError('Parquet needs pyarrow: pip install "callsim[parquet]"') from None
    out = io.BytesIO()
    table = pyarrow.table({name: [None if _cell(value) == "" else value for value in column] for name, column in columns.items()})
    pyarrow.parquet.write_table(table, out)
    return out.getvalue()


def _cell(value: Any) -> Any:
    if value is None or (isinstance(value, float) and value != value):
        return ""
    return value
