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
    """From `start` to `end` (seconds since midnight) of a day nothing is recorded, where `usual` calls are.

    call_type : of which nothing is, while others go on; "": of all
    """

    day: date
    start: float
    end: float
    usual: float
    call_type: str = ""

    @property
    def clocks(self) -> str:
        """``13:00 - 15:00``."""
        return f"{show_clock(self.start)} - {show_clock(self.end)}"

    def __str__(self) -> str:
        of_type = f"{self.call_type} " if self.call_type else ""
        return f"{of_type}{self.day} {self.clocks}, where {self.usual:,.0f} calls are usual"


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


def silent_types(
    days: Sequence[date], calls: Floats, kinds: Sequence[str], length: float, *, sure: float = _SURE, there: Bools | None = None
) -> list[Gap]:
    """Stretches without any call of one type while others have some, by type and day.

    calls : float64, shape (days, types, intervals from midnight); length : seconds of an interval; there : of the same shape,
    where something is recorded, if only that it was 0: no part of a silence (not given: nowhere)

    Silence is beyond chance where it has a chance of e^-20 (`sure`), as for all types together: for Poisson calls where 20 are
    expected. Days that differ by more than chance have more silence, so a type is given a spread of its own: with a rate
    that is gamma with squared cv c2, nobody calls with (1 + m c2)^(-1 / c2) where m are expected (Greenwood and Yule 1920), which
    is e^-20 at m = (e^(20 c2) - 1) / c2. c2 is taken from counts over stretches with 20 calls, by their median absolute
    deviation, which days with a gap do not move. Expected is what is usual, less by as much as the others call less just
    then; of a weekday with fewer than three days nothing is, for a queue may be closed on it. A day on which a type has m
    calls is silent by chance with (1 + m - 20) e^-20 at most (spacings of a Poisson process).
    """
    found = []
    weekdays = np.array([day.weekday() for day in days], np.int64)
    known = np.bincount(weekdays, minlength=7)[weekdays] >= _FEW
    for at, kind in enumerate(kinds):
        own, rest = calls[:, at], calls.sum(axis=1) - calls[:, at]
        usual, others = _usual(days, own), _usual(days, rest)
        least = _beyond_chance(own, usual, sure)
        silent = own == 0 if there is None else (own == 0) & ~there[:, at]
        for row, day in enumerate(days):
            if not known[row] or usual[row].sum() < least:
                continue
            for first, last in _runs(silent[row]):
                missed, beside = float(usual[row, first:last].sum()), float(others[row, first:last].sum())
                if missed < least or not beside:
                    continue
                level = min(float(rest[row, first:last].sum()) / beside, 1.0)
                if missed * level >= least:
                    found.append(_trimmed(day, first, last, usual[row], missed, length)._replace(call_type=kind))
    return sorted(found, key=lambda gap: (gap.day, gap.start, gap.call_type))


def missing_types(report: Report) -> list[Gap]:
    """`silent_types` of a report, in intervals without a row of the type, or without its calls: a 0 that was written is a 0."""
    days = report.days()
    parts = round(86_400 / report.interval)
    at = {day: row for row, day in enumerate(days)}
    row = np.array([at[day] for day in report.day], np.int64)
    part = np.minimum((report.start // report.interval).astype(np.int64), parts - 1)
    there = np.zeros((len(days), len(report.call_types), parts), np.bool_)
    there[row, report.call_type, part] = np.isfinite(report.offered)
    calls = np.zeros(there.shape)
    np.add.at(calls, (row, report.call_type, part), np.nan_to_num(report.offered))
    return silent_types(days, calls, report.call_types, report.interval, there=there)


def marked(gaps: Sequence[Gap], days: Sequence[date], kinds: Sequence[str], parts: int) -> Bools:
    """Where gaps of single types are: bool, shape (days, types, parts of the day from midnight)."""
    out = np.zeros((len(days), len(kinds), parts), np.bool_)
    at = {day: row for row, day in enumerate(days)}
    for gap in gaps:
        if gap.day in at and gap.call_type in kinds:
            first, last = (round(clock * parts / 86_400) for clock in (gap.start, gap.end))
            out[at[gap.day], list(kinds).index(gap.call_type), first:last] = True
    return out


def _beyond_chance(calls: Floats, usual: Floats, sure: float) -> float:
    """How many calls must be usual for silence to have a chance of e^-sure; inf for a type that has fewer a day."""
    profile = np.median(usual, axis=0)
    blocks = np.floor(np.cumsum(profile) / sure).astype(np.int64)
    if not blocks[-1]:
        return float("inf") if usual.sum(axis=1).max(initial=0.0) < sure else sure
    starts = np.unique(np.searchsorted(blocks, np.arange(blocks[-1]), side="left"))
    counts, means = np.add.reduceat(calls, starts, axis=1), np.add.reduceat(usual, starts, axis=1)
    seen = means >= sure / 2
    if not seen.any():
        return sure
    ratio = counts[seen] / means[seen]
    spread = 1.4826 * float(np.median(np.abs(ratio - np.median(ratio))))  # of a normal law its standard deviation
    squared = max(spread**2 - float(np.median(1.0 / means[seen])), 0.0)
    power = min(sure * squared, 700.0)  # e^700 is a number still
    return sure if squared < 1e-9 else float(np.expm1(power)) / squared


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
    """The report with rows of 0 calls, for every call type or for that of the gap, where intervals are missing; sorted by day
    and start.
    """
    rows = zip(report.day, report.start.tolist(), report.call_type.tolist(), strict=True)
    there = set(rows) if any(gap.call_type for gap in gaps) else set()
    missing = [
        one
        for gap in gaps
        for step in range(round((gap.end - gap.start) / report.interval))
        for kind, name in enumerate(report.call_types)
        if gap.call_type in ("", name) and (one := (gap.day, gap.start + step * report.interval, kind)) not in there
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
