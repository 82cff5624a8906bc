"""Selection: which recorded days are meant by "thursdays, last 8", which of them are used, and why the others are not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calibrate.calibration import Calibration, SetAside
from sim.calibrate.days import Counts, groups_of, parse_weekdays
from sim.calls import NONE
from sim.files.gaps import Gap, missing_intervals, silent_stretches
from sim.files.history import History
from sim.files.report import Report
from sim.scenario.errors import CallsimError
from sim.scenario.units import DAY, ticks

Floats = npt.NDArray[np.float64]
_HALF_HOUR = 1800.0
_ALL = {"every day": range(7), "days": range(7), "weekdays": range(5), "workdays": range(5), "weekends": range(5, 7)}


class Chosen(NamedTuple):
    """The days that were asked for, in words: those that are used, and the others with why not."""

    asked: str
    used: tuple[date, ...]
    left_out: tuple[SetAside, ...]


class _Asked(NamedTuple):
    weekdays: frozenset[int]
    kinds: frozenset[str]  # own day types, in small letters
    last: int | None
    since: date | None
    before: date | None
    without: frozenset[date]


def choose(
    recorded: History | Report, like: str, *, before: date | None = None, types: Mapping[date, str] | None = None
) -> Chosen:
    """The recorded days that `like` names, before the day `before` (None: all).

    like : weekdays ("thursdays", "monday-friday", "weekdays", "every day") or an own day type, then any of "last 8",
        "since 2026-09-01", "before 2026-11-01", "without 2026-10-01", apart by commas
    types : date -> day type of days that are not like their weekday; they are left out unless their type is named
    Left out too are days with gaps and days unlike the others of their weekday (`days.groups_of`), of the whole record.
    Raises CallsimError for words that say no days, and where no day is left.
    """
    kinds = dict(types or {})
    asked = _parse(like, {kind.casefold() for kind in kinds.values()})
    counts, gaps = day_counts(recorded)
    unlike = {one.day: one.why for group in groups_of(counts, gaps=gaps) for one in group.set_aside}
    meant = _meant(counts.days, asked, before, kinds)
    why = {day: f"{kinds[day]}, by the calendar" for day in meant if day in kinds and not asked.kinds}
    why |= {day: "as stated" for day in meant if day in asked.without}
    why |= {day: unlike[day] for day in meant if day in unlike and day not in why and not asked.kinds}
    used = tuple(day for day in meant if day not in why)
    if not used:
        there = f"{counts.days[0]} to {counts.days[-1]}" + (f" before {before}" if before is not None else "")
        out = "; ".join(f"{day} ({reason})" for day, reason in why.items())
        raise CallsimError(f'"{like}": no day is left of {there}' + (f": {out}" if out else ""))
    calls = dict(zip(counts.days, counts.calls.sum(axis=1).tolist(), strict=True))
    return Chosen(like, used, tuple(SetAside(day, round(calls[day]), why[day]) for day in meant if day in why))


def meant_days(days: Sequence[date], like: str) -> list[date]:
    """Of these days those that `like` names, as in `choose`; "last 8" alone is of all days. Raises CallsimError as `choose`."""
    bare = all(re.match(r"(last|since|before|without) ", part.strip()) for part in like.casefold().split(","))
    asked = _parse(f"every day, {like}" if bare else like, set())
    return _meant([day for day in days if day not in asked.without], asked, None, {})


def _meant(days: Sequence[date], asked: _Asked, before: date | None, kinds: Mapping[date, str]) -> list[date]:
    meant = []
    for day in days:
        kind = kinds.get(day, "").casefold()
        named = kind in asked.kinds if asked.kinds else day.weekday() in asked.weekdays
        inside = (asked.since or date.min) <= day < min(asked.before or date.max, before or date.max)
        if named and inside:
            meant.append(day)
    return meant if asked.last is None else meant[-asked.last :]


def of_days(recorded: History | Report, days: Sequence[date]) -> History | Report:
    """What is recorded of these days."""
    wanted = [day.toordinal() for day in days]
    if isinstance(recorded, History):
        return recorded.where(np.isin(recorded.day, wanted))
    return recorded.where(np.isin([day.toordinal() for day in recorded.day], wanted))


def apart(
    recorded: History | Report,
    types: Mapping[date, str],
    weekdays: tuple[tuple[int, ...], ...] | None,
    measured: Callable[[History | Report, tuple[tuple[int, ...], ...] | None], list[Calibration]],
) -> list[Calibration]:
    """What `measured` finds of the ordinary days, and of each own day type by itself, under its name.

    `measured` takes a part of the record and the weekdays that belong together in it. A day type in which nothing can be
    measured, such as days that are closed, has no scenario, which the first one says; raises as `measured` where none has.
    """
    days = recorded.days()
    ordinary = [day for day in days if day not in types]
    found = measured(of_days(recorded, ordinary), weekdays) if ordinary else []
    for kind in dict.fromkeys(types[day] for day in days if day in types):
        mine = [day for day in days if types.get(day) == kind]
        every = tuple(sorted({day.weekday() for day in mine}))
        name = plain = re.sub(r"\W+", "-", kind.casefold()).strip("-") or "own-days"
        taken, more = {"scenario", *(one.name.casefold() for one in found)}, 2
        while name in taken:  # it names a file
            name, more = f"{plain}-{more}", more + 1
        try:
            found += [replace(one, name=name) for one in measured(of_days(recorded, mine), (every,))]
        except CallsimError as error:
            if not found:
                raise
            found[0] = replace(found[0], notes=(*found[0].notes, f"no story for {kind}: {error}"))
    return found


def day_counts(recorded: History | Report) -> tuple[Counts, list[Gap]]:
    """Calls and answers of every recorded day, and where something was not recorded."""
    if isinstance(recorded, Report):
        length, days = recorded.interval, recorded.days()
        at = {day: row for row, day in enumerate(days)}
        row = np.array([at[day] for day in recorded.day], np.int64)
        part = (recorded.start // length).astype(np.int64)
        weights = np.nan_to_num(recorded.offered), np.nan_to_num(recorded.answered)
        gaps = missing_intervals(recorded)
    else:
        length, days = _HALF_HOUR, recorded.days()
        row = np.searchsorted([day.toordinal() for day in days], recorded.day)
        part = recorded.arrival // ticks(length)
        weights = np.ones(len(recorded)), (recorded.answer != NONE).astype(np.float64)
    shape = len(days), DAY // ticks(length)
    cells = (row, np.minimum(part, shape[1] - 1))
    calls, answered = np.zeros(shape), np.zeros(shape)
    np.add.at(calls, cells, weights[0])
    np.add.at(answered, cells, weights[1])
    if isinstance(recorded, History):
        gaps = silent_stretches(days, calls, length)
    return Counts(days, calls, answered, length), gaps


def _parse(like: str, kinds: set[str]) -> _Asked:
    weekdays: set[int] = set()
    named: set[str] = set()
    last, since, before, without = None, None, None, set()
    for part in (one.strip() for one in like.casefold().split(",")):
        if found := re.fullmatch(r"last (\d+)", part):
            last = int(found[1])
        elif found := re.fullmatch(r"(since|before|without) (\S+)", part):
            day = _date(found[2], like)
            if found[1] == "without":
                without.add(day)
            elif found[1] == "since":
                since = day
            else:
                before = day
        elif (kind := next((one for one in kinds if part in (one, f"{one}s")), None)) is not None:
            named.add(kind)
        elif part in _ALL:
            weekdays.update(_ALL[part])
        else:
            weekdays.update(_weekdays(part, like, kinds))
    if last == 0 or not (weekdays or named):
        raise CallsimError(f'"{like}": says no days; write it as "thursdays, last 8"')
    return _Asked(frozenset(weekdays), frozenset(named), last, since, before, frozenset(without))


def _weekdays(part: str, like: str, kinds: set[str]) -> tuple[int, ...]:
    try:
        return parse_weekdays(re.sub(r"days\b", "day", part))
    except ValueError:
        known = ", ".join(["thursdays", "monday-friday", "weekdays", "every day", *sorted(kinds), "last 8", "since 2026-09-01"])
        raise CallsimError(f'"{like}": cannot read "{part}"; there is {known}') from None


def _date(text: str, like: str) -> date:
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        raise CallsimError(f'"{like}": {text} is no date such as 2026-10-01') from None
