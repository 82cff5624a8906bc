"""Fitting: what parts of a scenario say of others, checked: names that exist, lists as long as the day, borders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sim.scenario.calendar import Calendar
from sim.scenario.errors import Problem
from sim.scenario.paths import Path, join, nearest
from sim.scenario.range import Range
from sim.scenario.series import Change, Series
from sim.scenario.units import show_clock, show_duration, ticks


def names(entries: Iterable[Any]) -> list[str]:
    """The names of the entries."""
    return [entry.name for entry in entries]


def unique(entries: Iterable[Any], path: Path) -> Iterable[Problem]:
    """Problems where two entries have one name."""
    for name, count in Counter(names(entries)).items():
        if count > 1:
            yield Problem(join((*path, name)), "two entries of one name")


def refers(word: str, known: Iterable[str], path: Path, what: str) -> list[Problem]:
    """A problem where no entry has that name."""
    known = list(known)
    if word in known:
        return []
    return [Problem(join(path), f'no {what} "{word}"', hint=nearest(word, known))]


def has_labels(kind: Any, labels: dict[str, str], here: Path) -> Iterable[Problem]:
    """Problems where a call type does not have these labels."""
    for family, value in labels.items():
        known = kind.labels.get(family)
        if known is None:
            yield from refers(family, kind.labels, (*here, family), "label family")
        else:
            yield from refers(value, known, (*here, family), "label")


def warning(path: Path, message: str, hint: str = "") -> Problem:
    """What is said of a scenario that can be simulated, and may not be what was meant."""
    return Problem(join(path), message, hint=hint, severity="warning")


def least(number: Any) -> float:
    """The lowest a number may be that may be a range."""
    return float(number.low) if isinstance(number, Range) else float(number)


def most(number: Any) -> float:
    """The highest a number may be that may be a range."""
    return float(number.high) if isinstance(number, Range) else float(number)


def length(values: Any, calendar: Calendar, here: Path) -> Iterable[Problem]:
    """A problem where a list is not as long as the day has intervals."""
    if isinstance(values, tuple) and len(values) != calendar.intervals:
        yield Problem(
            join(here),
            f"must have {calendar.intervals} numbers, one per {show_duration(calendar.interval)} "
            f"from {show_clock(calendar.opens)} to {show_clock(calendar.closes)}",
            found=str(len(values)),
        )


def borders(changes: tuple[Change, ...], calendar: Calendar, here: Path) -> Iterable[Problem]:
    """Problems where changes begin or end inside an interval."""
    for at, change in enumerate(changes):
        for key, clock in (("from", change.from_), ("to", change.to)):
            if clock is None or not calendar.opens < clock < calendar.closes:
                continue
            past = (ticks(clock) - ticks(calendar.opens)) % ticks(calendar.interval)
            if past:
                before = clock - past / 1e6
                yield Problem(
                    join((*here, str(at), key)),
                    f"must be a border between intervals, such as {show_clock(before)} "
                    f"or {show_clock(before + calendar.interval)}",
                    found=show_clock(clock),
                )


def series(given: Series, calendar: Calendar, here: Path, *, inside: bool = True) -> Iterable[Problem]:
    """Problems of a number per interval and its changes; `inside`: those may begin and end at borders only."""
    yield from length(given.per_interval, calendar, (*here, "per_interval"))
    if inside:
        yield from borders(given.changes, calendar, (*here, "changes"))
