"""Recorded: whatever a call center recorded, as the History or the Report that it is. New kinds of sources come in here."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sim.files.call_log import is_call_log, read_call_log
from sim.files.history import History
from sim.files.importers.importing import CALLS, INTERVALS, PACKED
from sim.files.interval_report import read_interval_report
from sim.files.reading import wrong
from sim.files.report import Report

IMPORTED = (CALLS, PACKED, INTERVALS)
_LOGS = {".csv", ".gz", ".txt", ".parquet"}


def recorded_file(path: Path) -> Path:
    """The file that holds what was recorded: the path itself, or in a folder what `callsim import` put there.

    Raises ScenarioError for a folder that has none.
    """
    if not path.is_dir():
        return path
    found = next((path / name for name in IMPORTED if (path / name).is_file()), None)
    if found is None:
        raise wrong(path, f"is a folder without {', '.join(IMPORTED)}", hint="callsim import writes such a folder")
    return found


def read_recorded(path: Path, *, day: date | None = None, sheet: str | None = None) -> History | Report:
    """The calls of a call log, or the rows of an interval report, of a file or a folder; `day` and `sheet` are of a report.

    Raises as `read_call_log` and `read_interval_report`.
    """
    path = recorded_file(path)
    if path.suffix.lower() in _LOGS and is_call_log(path):
        return read_call_log(path)
    return read_interval_report(path, day=day, sheet=sheet)
