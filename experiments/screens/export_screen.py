"""Export screen: what was read, which rows were written, and what their columns mean."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.screens.present import wrapped
from sim.files.history import History
from sim.files.own_log import own_call_columns
from sim.files.report import NUMBERS, REPORT_COLUMNS, Report
from sim.scenario.units import show_duration

EXPORT = "callsim/export/1"
_CALLS = "one row per call; times are seconds since midnight of date, empty where something did not happen or is not recorded"


def export_lines(written: Report | History, *, source: str, read: Sequence[str], file: Path) -> list[str]:
    """Lines of at most 100 columns."""
    lines = wrapped("read", f"{source}: {'; '.join(read)}")
    days = written.days()
    dates = f"{len(days)} days, {days[0]} to {days[-1]}"
    if isinstance(written, History):
        lines += wrapped("rows", f"{len(written):,} calls; {dates}")
        lines += wrapped("columns", f"{', '.join(_titles(written))}: {_CALLS}")
        return lines + wrapped("wrote", str(file))
    length, types = show_duration(written.interval), len(written.call_types)
    lines += wrapped("rows", f"{len(written):,} intervals of {length} and call type ({types} of them); {dates}")
    empty = _empty(written)
    said = [one for one in REPORT_COLUMNS if one.name not in empty]
    lines += ["columns"]
    lines += [line for one in said for line in wrapped(f"  {one.name}", f"{one.definition}{_value(written, one.name)}")]
    if empty:
        lines += wrapped("not known", ", ".join(empty))
    return lines + wrapped("wrote", str(file))


def export_document(written: Report | History, *, source: str, read: Sequence[str], file: Path) -> dict[str, Any]:
    """``callsim/export/1``: source, read, rows, count, days, interval, within, credited, columns, file; times in seconds."""
    found: dict[str, Any] = {
        "schema": EXPORT,
        "source": source,
        "read": list(read),
        "rows": "calls" if isinstance(written, History) else "intervals",
        "count": len(written),
        "days": [str(day) for day in written.days()],
    }
    if isinstance(written, History):
        found |= {"interval": None, "within": None, "credited": None}
        found["columns"] = [{"name": name, "unit": None, "definition": None, "known": True} for name in _titles(written)]
    else:
        found |= {"interval": written.interval, "within": written.within, "credited": written.credited or None}
        empty = _empty(written)
        found["columns"] = [{**one._asdict(), "known": one.name not in empty} for one in REPORT_COLUMNS]
    return found | {"file": str(file)}


def _titles(calls: History) -> list[str]:
    return list(own_call_columns(calls.where(np.zeros(len(calls), np.bool_)), text=True))


def _empty(report: Report) -> list[str]:
    """The columns in which nothing stands."""
    empty = [name for name in NUMBERS if np.isnan(getattr(report, name)).all()]
    return empty + ["within"] * bool(np.isnan(report.within)) + ["credited"] * (not report.credited)


def _value(report: Report, column: str) -> str:
    if column in ("within", "interval"):
        return f" ({show_duration(getattr(report, column))})"
    return f" ({report.credited})" if column == "credited" else ""
