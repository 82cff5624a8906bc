"""Gaps: times of which a record says nothing although it says something of the same times on other days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.files.report import NUMBERS, Report
from sim.scenario.units import show_clock

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
_FEW = 3  # days of a weekday, below which all days say what is usual
_SURE = 20.0  # calls that a silent stretch usually has: by chance one in e^20 is silent


class Gap(NamedTuple):
    """From `start` to `end` (seconds since midnight) of a day nothing is recorded, where `usual` calls are."""

    day: date
    start: float
    end: float
    usual: float

    @property
    def clocks(self) -> str:
        """``13:00 - 15:00``."""
        return f"{show_clock(self.start)} - {show_clock(self.end)}"

    def __str__(self) -> str:
        return f"{self.day} {self.clocks}, where {self.usual:,.0f} calls are usual"


def silent_stretches(days: Sequence[date], calls: Floats, length: float) -> list[Gap]:
    """Stretches without any call where 20 or more are usual; calls: float64, shape (days, intervals from midnight).

    length : seconds of an interval. Usual is the median of the days of that weekday (of all days where there are fewer than
    three). So long a silence is a record that was off, or doors that were closed; either way no day like the others.
    """
    usual = _usual(days, calls)
    found = []
    for row, day in enumerate(days):
        for first, last in _runs(calls[row] == 0):
            missed = float(usual[row, first:last].sum())
            if missed >= _SURE and calls[row].any():
                found.append(_trimmed(day, first, last, usual[row], missed, length))
    return found


def missing_intervals(report: Report) -> list[Gap]:
    """Intervals without a row that have one on at least half of the days of that weekday, and a call or more then."""
    days = report.days()
    parts = round(86_400 / report.interval)
    at = {day: row for row, day in enumerate(days)}
    row = np.array([at[day] for day in report.day], np.int64)
    part = np.minimum((report.start // report.interval).astype(np.int64), parts - 1)
    there = np.zeros((len(days), parts), np.bool_)
    there[row, part] = True
    calls = np.zeros((len(days), parts))
    np.add.at(calls, (row, part), np.nan_to_num(report.offered))
    share = _usual(days, there.astype(np.float64), mean=True)
    with np.errstate(invalid="ignore"):
        usual = np.where(share > 0, _usual(days, calls, mean=True) / share, 0.0)
    found = []
    for day, mine in at.items():
        missing = ~there[mine] & (share[mine] >= 0.5) & (usual[mine] >= 1)
        for first, last in _runs(missing):
            found.append(Gap(day, first * report.interval, last * report.interval, float(usual[mine, first:last].sum())))
    return found


def with_zeros(report: Report, gaps: Sequence[Gap]) -> Report:
    """The report with rows of 0 calls, for every call type, where intervals are missing; sorted by day and start."""
    missing = [
        (gap.day, gap.start + step * report.interval, kind)
        for gap in gaps
        for step in range(round((gap.end - gap.start) / report.interval))
        for kind in range(len(report.call_types))
    ]
    if not missing:
        return report
    columns: dict[str, Any] = {name: np.append(getattr(report, name), np.full(len(missing), np.nan)) for name in NUMBERS}
    for name in ("offered", "answered", "abandoned"):
        columns[name][len(report) :] = 0.0
    day = (*report.day, *(when for when, _, _ in missing))
    start = np.append(report.start, [begin for _, begin, _ in missing])
    kinds = np.append(report.call_type, [kind for _, _, kind in missing])
    order = np.lexsort((kinds, start, np.array([one.toordinal() for one in day])))
    return replace(
        report, day=tuple(day[at] for at in order.tolist()), start=start[order], call_type=kinds[order],
        **{name: column[order] for name, column in columns.items()},
    )  # fmt: skip


def days_without(days: Sequence[date]) -> list[date]:
    """Dates between the first and the last that have no calls, of weekdays of which at least half have."""
    there = set(days)
    if not there:
        return []
    every = [min(there) + timedelta(days=step) for step in range((max(there) - min(there)).days + 1)]
    share = {
        weekday: sum(day in there for day in every if day.weekday() == weekday)
        / max(sum(day.weekday() == weekday for day in every), 1)
        for weekday in range(7)
    }
    return [day for day in every if day not in there and share[day.weekday()] >= 0.5]


def _usual(days: Sequence[date], values: Floats, *, mean: bool = False) -> Floats:
    """What is usual on each day: the median or mean of its weekday, of all days where there are fewer than three."""
    of = np.array([day.weekday() for day in days])
    out = np.empty_like(values)
    for weekday in np.unique(of):
        alike = values[of == weekday] if (of == weekday).sum() >= _FEW else values
        out[of == weekday] = alike.mean(axis=0) if mean else np.median(alike, axis=0)
    return out


def _runs(marked: Bools) -> list[tuple[int, int]]:
    """[first, last) of each run of marks."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _trimmed(day: date, first: int, last: int, usual: Floats, missed: float, length: float) -> Gap:
    """Without what is silent at its ends on other days too."""
    busy = np.flatnonzero(usual[first:last] > 0)
    return Gap(day, (first + int(busy[0])) * length, (first + int(busy[-1]) + 1) * length, missed)
