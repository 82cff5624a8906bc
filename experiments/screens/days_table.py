"""Days table: connected days one below the other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from experiments.days import DayRow
from experiments.screens.present import between, bound, count, likely, percent, wrapped
from experiments.values import reads
from sim.scenario.costs import Target

_WIDTHS = (10, 9, 9, 12, 9, 9, 10, 8, 8, 8, 7)


def day_lines(rows: Sequence[DayRow], target: Target | None) -> list[str]:
    """Lines of at most 100 columns: a header, the days, how to read them."""
    reading = reads("answer_rate")
    chance = any(row.reaches is not None for row in rows)
    limit = bound(target, reads(target.measure)).replace(" ", "") if target is not None and chance else ""
    work = any(row.tickets for row in rows)
    tops = ["", "", "answer", "8 days", "chance" if chance else "", "", "callers", "closed", "occu-", "paid"]
    lows = ["day", "offered", "rate", "in 10", limit, "callers", "not srvd", "doors", "pancy", "hours"]
    if work:
        tops, lows = [*tops, "new"], [*lows, "work"]
    lines = [_line(tops), _line(lows)]
    for row in rows:
        cells = (
            _short(row.date),
            count(row.offered),
            percent(row.rate),
            between(row.between, reading),
            "" if row.reaches is None else likely(row.reaches),
            count(row.callers),
            count(row.callers_not_served),
            count(row.closed),
            percent(row.occupancy, 0),
            count(row.paid_hours, 1),
            count(row.tickets) if work else "",
        )
        lines.append(_line(cells) if not math.isnan(row.callers) else f"{_short(row.date):<{_WIDTHS[0]}}   closed")
    read = "callers: by the day of their first call, not served later either; closed doors: calls until the next day opens"
    return lines + wrapped("", read)


def _short(day: date) -> str:
    return f"{('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')[day.weekday()]} {day:%m-%d}"


def _line(cells: Sequence[str]) -> str:
    first, *rest = cells
    return (first.ljust(_WIDTHS[0]) + "".join(cell.rjust(width) for cell, width in zip(rest, _WIDTHS[1:], strict=False))).rstrip()
