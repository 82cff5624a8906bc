"""Log rows: one call of a log as every layout gives it, and the rows of a table with their problems."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from sim.calls import NONE
from sim.files.account import Account
from sim.scenario.errors import Problem
from sim.scenario.units import TICKS_PER_SECOND

MOST_SECONDS = 1e7  # of a time in a log, 115 days
_MICROSECOND = timedelta(microseconds=1)


class LogRow(NamedTuple):
    """One call: `day` is the ordinal of its date, times are ticks since midnight of it, -1 not recorded.

    number : unique within a day, settles ties; accepted : when a callback was, ticks as the other times
    agent, group, customer : "" not recorded; labels : (family, value)
    id, stamp : records with one id are one call, of which the last stamp stands; "" for calls without
    """

    day: int
    number: int
    call_type: str
    arrival: int
    ivr_exit: int
    queue_entry: int
    answer: int
    end: int
    release: int
    outcome: int
    agent: str = ""
    group: str = ""
    customer: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    id: str = ""
    stamp: str = ""
    accepted: int = NONE


TIMES = ("arrival", "ivr_exit", "queue_entry", "answer", "end", "release")


class Rows:
    """Iterates over the rows of a log as dicts; what is wrong in them goes to the account. `csv` : they are text."""

    def __init__(
        self, name: str, header: list[str], reader: Iterator[list[str]], account: Account, *, csv: bool = True
    ) -> None:
        self._name, self.header, self._reader, self.account, self.csv = name, header, reader, account, csv
        self.line = 1

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

    @property
    def line_said(self) -> str:
        """Where the row at hand stands, in a sentence about its file."""
        return f"line {self.line}"

    def wrong(self, column: str, message: str, found: str = "") -> None:
        """Keeps a problem of the line at hand."""
        self.account.wrong(Problem(column, message, found, place=f"{self._name}:{self.line}"))

    def left_out(self, what: str) -> None:
        """Says that the row at hand is not used: `what` rows like it are, such as "phantom rows"."""
        self.account.say("left out", f"{{n}} {what}", place=self.line_said)

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


def since_midnight(moment: datetime, day: datetime) -> int:
    """Ticks from the midnight of a day to a moment."""
    return (moment - datetime(day.year, day.month, day.day)) // _MICROSECOND
