"""Recorded: whatever a call center recorded, as the History or the Report that it is. New kinds of sources come in here."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sim.files.call_log import is_call_log, read_call_log
from sim.files.history import History
from sim.files.interval_report import read_interval_report
from sim.files.report import Report

_LOGS = {".csv", ".gz", ".txt", ".parquet"}


def read_recorded(path: Path, *, day: date | None = None, sheet: str | None = None) -> History | Report:
    """The calls of a call log, or the rows of an interval report; `day` and `sheet` are of a report.

    Raises as `read_call_log` and `read_interval_report`.
    """
    if path.suffix.lower() in _LOGS and is_call_log(path):
        return read_call_log(path)
    return read_interval_report(path, day=day, sheet=sheet)
