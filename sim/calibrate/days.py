"""Days: which weekdays are alike, when they open and close, and which days are unlike the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calibrate.calibration import SetAside
from sim.files.gaps import Gap
from sim.scenario.errors import CallsimError
from sim.scenario.special_days import WEEKDAYS

Floats = npt.NDArray[np.float64]

_ALIKE = 0.15  # totals of weekdays that differ by less, with the same hours, belong together
_FEW, _MANY = 0.6, 1.5  # a day with less or more than this times the median of its weekdays is set aside
_SOME = 3  # days of which a median can be believed


class Counts(NamedTuple):
    """Calls and answers of each day by interval of the clock: float64, shape (days, intervals from midnight)."""

    days: list[date]
    calls: Floats
    answered: Floats
    interval: float


class Group(NamedTuple):
    """Weekdays that are alike: rows of the Counts that are used, opening hours as intervals [first, last)."""

    weekdays: tuple[int, ...]
    rows: tuple[int, ...]
    first: int
    last: int
    set_aside: tuple[SetAside, ...]

    @property
    def name(self) -> str:
        """"sunday-thursday", or the weekdays joined by "+"."""
        return weekdays_name(self.weekdays)


def groups_of(
    counts: Counts, *, together: tuple[tuple[int, ...], ...] | None = None, gaps: Sequence[Gap] = ()
) -> list[Group]:
    """Weekdays that are alike, the group with most days first; `together` says it instead of the data.

    Alike are weekdays that open and close within an interval of each other and whose median totals differ by less
    than 15 %. Days with less than 60 % or more than 150 % of the median of their weekdays are set aside, and those with
    `gaps`: what was not recorded is not 0 calls.
    """
    there = sorted({day.weekday() for day in counts.days})
    found = together if together is not None else _alike(counts, there)
    groups = [group for weekdays in found if (group := _group(counts, weekdays, gaps)) is not None]
    return sorted(groups, key=lambda group: (-len(group.rows), group.weekdays))


def group_of_days(groups: Sequence[Group], days: Sequence[date], ordinals: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The number of the group that each used day belongs to: int64, shape (days,); days : those that rows of groups number."""
    of = {days[row].toordinal(): number for number, group in enumerate(groups) for row in group.rows}
    return np.array([of[int(day)] for day in ordinals], np.int64)


def with_days(groups: Sequence[Group], source: str) -> tuple[list[Group], list[str]]:
    """The groups of which a day is left, and a note on each of the others; raises CallsimError where none is left."""
    notes = [f"no story for {one.name}: {_said(one)}" for one in groups if not one.rows]
    left = [one for one in groups if one.rows]
    if groups and not left:
        raise CallsimError(f"{source}: no day is left to measure: {'; '.join(_said(one) for one in groups)}")
    return left, notes


def _said(group: Group) -> str:
    return "; ".join(f"{day} {why}" for day, _, why in group.set_aside)


def weekdays_name(weekdays: tuple[int, ...]) -> str:
    """Names of weekdays; days that follow each other, over the end of the week too, as first-last."""
    chosen = set(weekdays)
    if len(chosen) == 7:
        return "every-day"
    starts = [day for day in sorted(chosen) if (day - 1) % 7 not in chosen]
    parts = []
    for start in starts:
        length = 1
        while (start + length) % 7 in chosen:
            length += 1
        last = WEEKDAYS[(start + length - 1) % 7]
        parts.append(WEEKDAYS[start] if length == 1 else f"{WEEKDAYS[start]}-{last}")
    return "+".join(parts)


def parse_weekdays(text: str) -> tuple[int, ...]:
    """"sunday-thursday" or "mon+wed" as numbers, Monday 0; raises ValueError for a word that is no weekday."""
    found: list[int] = []
    for part in text.casefold().replace(" ", "").split("+"):
        ends = [_weekday(word) for word in part.split("-")]
        if len(ends) > 2:
            raise ValueError(f"{part!r} is no range of weekdays such as monday-friday")
        length = (ends[-1] - ends[0]) % 7 + 1
        found += [(ends[0] + step) % 7 for step in range(length)]
    return tuple(sorted(set(found)))


def _weekday(word: str) -> int:
    near = [number for number, name in enumerate(WEEKDAYS) if len(word) >= 3 and name.startswith(word)]
    if len(near) != 1:
        raise ValueError(f"{word!r} is no weekday; there is {', '.join(WEEKDAYS)}")
    return near[0]


def _alike(counts: Counts, there: list[int]) -> list[tuple[int, ...]]:
    totals = counts.calls.sum(axis=1)
    of = np.array([day.weekday() for day in counts.days])
    seen = {day: (*_hours(counts, np.flatnonzero(of == day)), float(np.median(totals[of == day]))) for day in there}
    found: list[list[int]] = []
    for day in sorted(there, key=lambda one: -seen[one][2]):
        first, last, total = seen[day]
        for group in found:
            head = seen[group[0]]
            near = abs(first - head[0]) <= 1 and abs(last - head[1]) <= 1
            if near and abs(total - head[2]) <= _ALIKE * head[2]:
                group.append(day)
                break
        else:
            found.append([day])
    return [tuple(sorted(group)) for group in found]


def _group(counts: Counts, weekdays: tuple[int, ...], gaps: Sequence[Gap]) -> Group | None:
    rows = [row for row, day in enumerate(counts.days) if day.weekday() in weekdays]
    if not rows:
        return None
    totals = counts.calls.sum(axis=1)
    median = float(np.median(totals[rows]))
    aside: list[SetAside] = []
    if len(rows) >= _SOME:
        judged = (set_aside(counts.days[row], float(totals[row]), median) for row in rows)
        aside = [one for one in judged if one is not None]
    unlike = {one.day for one in aside}
    for gap in gaps:
        at = next((row for row in rows if counts.days[row] == gap.day), None)
        if at is not None and gap.day not in unlike:
            why = f"nothing recorded {gap.clocks}, where {gap.usual:,.0f} calls are usual"
            aside.append(SetAside(gap.day, int(totals[at]), why))
            unlike.add(gap.day)
    aside.sort()
    used = tuple(row for row in rows if counts.days[row] not in unlike)
    first, last = _hours(counts, np.array(used, np.int64)) if used else (0, 0)
    return Group(weekdays, used, first, last, tuple(aside))


def set_aside(day: date, calls: float, median: float) -> SetAside | None:
    """A day with less than 60 % or more than 150 % of the median of its weekdays, and why; None for any other."""
    ratio = calls / median if median else 1.0
    if _FEW <= ratio <= _MANY:
        return None
    return SetAside(day, int(calls), f"{ratio * 100:.0f} % of the median of its weekdays ({median:,.0f} calls)")


def _hours(counts: Counts, rows: npt.NDArray[np.int64]) -> tuple[int, int]:
    """From the first to after the last interval in which somebody was answered on at least half of the days."""
    usual = np.flatnonzero((counts.answered[rows] > 0).mean(axis=0) >= 0.5)
    if not len(usual):
        usual = np.flatnonzero(counts.calls[rows].sum(axis=0) > 0)
    return (int(usual[0]), int(usual[-1]) + 1) if len(usual) else (0, counts.calls.shape[1])
