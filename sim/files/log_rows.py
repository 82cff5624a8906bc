"""Log rows: what every layout of a call log is read into, row by row, with its problems and what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from sim.calls import NONE
from sim.scenario.errors import Problem
from sim.scenario.units import TICKS_PER_SECOND

_MICROSECOND = timedelta(microseconds=1)


class LogRow(NamedTuple):
    """One call; the columns of History in their order, then (family, code) of its labels."""

    day: int
    number: int
    call_type: int
    arrival: int
    ivr_exit: int
    queue_entry: int
    answer: int
    end: int
    release: int
    outcome: int
    agent: int
    group: int
    customer: int
    labels: tuple[tuple[str, int], ...] = ()

    def numbers(self) -> tuple[int, ...]:
        """All but the labels."""
        return self[:-1]


class Names:
    """Names and their codes, in the order in which they were met; an empty name is -1."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def code(self, name: str) -> int:
        """The code of a name, a new one for a name not met before."""
        return self._codes.setdefault(name, len(self._codes)) if name else NONE

    @property
    def names(self) -> tuple[str, ...]:
        """Names by code."""
        return tuple(self._codes)


class Rows:
    """Iterates over the rows of a log as dicts and collects names, problems and what is left out on the way."""

    def __init__(self, name: str, header: list[str], reader: Iterator[list[str]], *, csv: bool = True) -> None:
        self._name, self.header, self._reader, self.csv = name, header, reader, csv
        self.line = 1
        self.problems: list[Problem] = []
        self.left_out: Counter[str] = Counter()
        self.taken: Counter[str] = Counter()
        self.call_types, self.agents, self.groups, self.customers = Names(), Names(), Names(), Names()
        self.labels: dict[str, Names] = {}

    def __iter__(self) -> Iterator[dict[str, str]]:
        width = len(self.header)
        for cells in self._reader:
            self.line += 1
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != width:
                self.wrong("", f"has {len(cells)} cells, the header {width}")
                continue
            yield dict(zip(self.header, map(str.strip, cells), strict=True))

    def wrong(self, column: str, message: str, found: str = "") -> None:
        """Keeps a problem of the line at hand."""
        self.problems.append(Problem(column, message, found, place=f"{self._name}:{self.line}"))

    def moment(self, cells: dict[str, str], column: str) -> datetime | None:
        """A date with a time, ``1999-01-01T00:00:02``; None where the cell is empty or wrong (kept as a problem)."""
        text = cells[column]
        if not text:
            return None
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            self.wrong(column, "must be a date and time such as 1999-01-01T08:30:00", text)
            return None

    def span(self, cells: dict[str, str], column: str) -> int:
        """Seconds in a cell as ticks; -1 where it is empty or wrong (kept as a problem)."""
        text = cells[column]
        if not text:
            return NONE
        try:
            seconds = float(text)
        except ValueError:
            seconds = -1.0
        if not 0 <= seconds < 1e6:
            self.wrong(column, "must be seconds, 0 or more", text)
            return NONE
        return round(seconds * TICKS_PER_SECOND)

    def notes(self) -> list[str]:
        """What was left out and taken for granted, for people."""
        return [f"left out: {count:,} {what}" for what, count in self.left_out.items()] + [
            f"{count:,} calls {what}" for what, count in self.taken.items()
        ]


def since_midnight(moment: datetime, day: datetime) -> int:
    """Ticks from the midnight of a day to a moment."""
    return (moment - datetime(day.year, day.month, day.day)) // _MICROSECOND
