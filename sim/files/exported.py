"""Exported: a Report or a History as the content of a file that reads back as it was."""

from __future__ import annotations

from sim.files.history import History
from sim.files.own_log import own_call_columns
from sim.files.own_report import own_columns
from sim.files.parquet import PARQUET
from sim.files.report import Report
from sim.files.write_table import as_csv, as_parquet, as_xlsx

CSV, XLSX = ".csv", ".xlsx"
REPORT_ENDINGS = (CSV, XLSX, PARQUET)
_PART = 50_000  # rows
LOG_ENDINGS = (CSV, PARQUET)  # logs are not read from sheets, which seldom have room for them


def report_file(report: Report, ending: str) -> bytes:
    """The content of a file of one of REPORT_ENDINGS; raises CallsimError for what such a file cannot hold."""
    if ending == CSV:
        # a part after the other, for the cells of all rows as texts take ten times as much room as the file
        parts = [report.rows(first, first + _PART) for first in range(0, max(len(report), 1), _PART)]
        return _encoded("".join(as_csv(own_columns(part, text=True), header=at == 0) for at, part in enumerate(parts)))
    columns = own_columns(report, text=False)
    return as_xlsx(columns, sheet="intervals") if ending == XLSX else as_parquet(columns)


def log_file(calls: History, ending: str) -> bytes:
    """The content of a file of one of LOG_ENDINGS; raises CallsimError for what such a file cannot hold."""
    if ending == CSV:
        return _encoded(as_csv(own_call_columns(calls, text=True)))
    return as_parquet(own_call_columns(calls, text=False))


def _encoded(text: str) -> bytes:
    """UTF-8, with a mark where there is more than ASCII: Excel needs it to see that it is UTF-8."""
    return text.encode("utf-8" if text.isascii() else "utf-8-sig")
