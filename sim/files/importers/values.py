"""Values: what stands in one row of an export for each thing that its mapping names."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

from sim.files.account import Account
from sim.files.cells import Times, duration_at, number_at
from sim.files.importers.mapping import Column, Found
from sim.files.importers.moments import Dates, clock_of, length_of, moment_of, order_of
from sim.files.log_rows import MOST_SECONDS
from sim.files.tables import Table, blank
from sim.scenario.errors import Problem
from sim.scenario.problems import show
from sim.scenario.units import show_clock

_NUMBER = re.compile(r"[-+\d.,\s'\u2019]+")  # in a cell of a duration: it is in the column's unit
_DASHES = {"-", "--", "\u2013", "\u2014", "\u2212"}  # what reports print where there is nothing
_NO_MEAN = {"n/a", "na", "#n/a", "#div/0!", "#value!", "nan", "null"}  # and where there is nothing to divide by
_TIMES = {
    "m:ss": "minutes and seconds (--times h:mm: hours and minutes)",
    "h:mm": "hours and minutes, as stated",
}
_MOST = 1e12  # of a count: what is more is no count, and may be no number
_DAY = 86_400
_SCALE = {"s": 1.0, "clock": 1.0, "ms": 0.001, "min": 60.0, "h": 3600.0}


class Values:
    """Reads the cells of a table's rows; what is wrong in them goes to the account.

    times : how ``4:30`` is read; day : the date of rows that have none
    dates : how 03/04/2026 is read; None: as the mapping says, which may not say it
    """

    def __init__(
        self, found: Found, account: Account, *, times: Times, day: date | None = None, dates: Dates | None = None
    ) -> None:
        self._found, self._account, self._times, self._day = found, account, times, day
        self._dates: tuple[str, ...] = () if dates is None else (dates,)
        self._columns: dict[str, Column] = found.mapping.columns
        self._notes: list[Problem] = []
        self._above: date | None = None  # the date of the row above

    def __contains__(self, purpose: str) -> bool:
        return purpose in self._found.columns

    def kept(self, table: Table, row: int) -> bool:
        """Whether the mapping wants the row; else it is said to be left out."""
        for number, words in self._found.keep.items():
            if self._text(table, row, number).casefold() not in words:
                said = f'{{n}} rows whose "{table.header[number]}" is not {" or ".join(sorted(words))}'
                self._account.say("left out", said, place=table.spot(row, number))
                return False
        return True

    def text(self, table: Table, row: int, purpose: str) -> str:
        """The text for something, "" for none; the parts of an id are joined."""
        cells = self._texts(table, row, purpose)
        if purpose == "id":
            return "-".join(cells) if any(cells) else ""
        return next(filter(None, cells), "")

    def words(self, table: Table, row: int, purpose: str) -> list[str]:
        """All texts for something that are not empty, in the order of its columns."""
        return [cell for cell in self._texts(table, row, purpose) if cell]

    def label(self, table: Table, row: int, number: int) -> str:
        """The text in a column of labels."""
        return self._text(table, row, number)

    def _texts(self, table: Table, row: int, purpose: str) -> list[str]:
        numbers = self._found.columns.get(purpose, ())
        column = self._columns.get(purpose)
        nothing = column.nothing if column else ()
        found = [self._text(table, row, number) for number in numbers]
        return ["" if cell in nothing else cell for cell in found]

    def _text(self, table: Table, row: int, number: int) -> str:
        cell = table.rows[row][number]
        if isinstance(cell, float) and cell.is_integer():  # a workbook keeps every number so
            cell = int(cell)
        return str(cell).strip()

    def number(self, table: Table, row: int, purpose: str) -> float | None:
        """The number, share or seconds for something, columns of `plus` added; None where no cell has one."""
        found = [self._number(table, row, at, purpose) for at in self._found.columns.get(purpose, ())]
        there = [value for value in found if value is not None]
        return sum(there) if there else None

    def _number(self, table: Table, row: int, number: int, purpose: str) -> float | None:
        cell, column = table.rows[row][number], self._columns[purpose]
        if blank(cell) or (column.nothing and str(cell).strip() in column.nothing):
            return None
        kind = self._found.mapping.kind(purpose)
        if isinstance(cell, str) and self._is_nothing(cell.strip().casefold(), kind):
            shown = f"{table.spot(row, number)}: {show(cell.strip())}"
            self._account.say("read as", "{n} cells that hold a sign for nothing were taken as empty", place=shown, assumed=True)
            return None
        if kind != "duration":
            value = number_at(table, row, number, path=purpose, share=kind == "share")
        elif isinstance(cell, str) and cell.isascii() and cell.isdigit():
            value = float(cell)
        else:
            self._notes.clear()
            value = duration_at(table, row, number, path=purpose, notes=self._notes, times=self._times)
            self._said_times(table, row, number)
        if isinstance(value, Problem):
            self._account.wrong(value)
            return None
        if kind == "duration" and (isinstance(cell, int | float) or _NUMBER.fullmatch(str(cell))):
            value *= _scale(cell, column)
        most = MOST_SECONDS if kind == "duration" else _MOST
        if not 0 <= value < most:
            allowed = "must not be below 0" if value < 0 else f"must be below {most:,.0f}"
            self._account.wrong(Problem(purpose, allowed, f"{value:g}", place=table.place(row, number)))
            return None
        return value

    @staticmethod
    def _is_nothing(word: str, kind: str) -> bool:
        return word in _DASHES or (kind in ("duration", "share") and word in _NO_MEAN)

    def _said_times(self, table: Table, row: int, number: int) -> None:
        if self._notes:
            said = f"{{n}} cells of two parts, such as 4:30, were read as {_TIMES[self._times]}"
            shown = f"{table.spot(row, number)}: {self._notes[0].message.split()[0]}"
            self._account.say("times", said, place=shown, assumed=True)

    def moment(self, table: Table, row: int, purpose: str) -> datetime | None:
        """The date and time for something: in one cell, or a clock time with the row's date; None where the cell is empty.

        What is wrong, or has no date, is a problem.
        """
        for number in self._found.columns.get(purpose, ()):
            cell, column = table.rows[row][number], self._columns[purpose]
            if blank(cell) or str(cell).strip() in column.nothing:
                continue
            found = self._date(table, row, number, column)
            if isinstance(found, datetime):
                return found
            seconds = clock_of(cell, column.forms) if {"clock", "hhmm"} & set(column.forms) else None
            place = table.place(row, number)
            if seconds is None:
                allowed = "a clock time such as 08:30" if "clock" in column.forms else _allowed(column)
                self._account.wrong(Problem(purpose, f"must be {allowed}", show(cell), _hint(cell), place))
                return None
            day = found if isinstance(found, date) and not isinstance(found, datetime) else self.day(table, row)
            if day is None:
                if "date" not in self:
                    hint = "say it with --date 2026-03-12"
                    self._account.wrong(Problem(purpose, "has no date", str(cell), hint, place))
                return None
            if seconds >= _DAY:
                shown = f"{table.spot(row, number)}: {show(cell) if isinstance(cell, str) else show_clock(seconds)}"
                said = "{n} times from 24:00 on were read as those of the day after the row's date"
                self._account.say("times", said, place=shown, assumed=True)
            return datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)
        return None

    def length(self, table: Table, row: int, purpose: str) -> float | None:
        """Seconds of the interval, where the cell says its end as well."""
        return length_of(table.rows[row][self._found.columns[purpose][0]])

    def day(self, table: Table, row: int) -> date | None:
        """The date of a row, by its column or as stated; None with a problem where it is no date."""
        if "date" not in self:
            return self._day
        number, column = self._found.columns["date"][0], self._columns["date"]
        cell = table.rows[row][number]
        if blank(cell) and self._above is not None:  # cells of one day that are merged have it in the first
            said = "{n} empty cells of the date were taken to be of the day above"
            self._account.say("dates", said, place=table.spot(row, number), assumed=True)
            return self._above
        found = self._date(table, row, number, column)
        if found is None:
            allowed = f"must be {_allowed(column)}"
            self._account.wrong(Problem("date", allowed, show(cell), _hint(cell), table.place(row, number)))
            return None
        self._above = found.date() if isinstance(found, datetime) else found
        return self._above

    def _date(self, table: Table, row: int, number: int, column: Column) -> datetime | date | None:
        """The date, with a time or without, in a cell; in which order day and month were read is said."""
        cell = table.rows[row][number]
        found = moment_of(cell, (*self._dates, *(form for form in column.forms if form not in ("clock", "hhmm"))))
        if found is not None and (order := order_of(cell, found)) is not None:
            other = "as stated" if self._dates else f"--dates {'month/day' if order == 'day/month' else 'day/month'} changes it"
            shown = f'{table.spot(row, number)}: "{cell.strip()}" is {found:%Y-%m-%d}'
            self._account.say("dates", f"{{n}} dates were read as {order}; {other}", place=shown, assumed=not self._dates)
        return found


def _scale(cell: Any, column: Column) -> float:
    if column.unit == "clock" and isinstance(cell, float) and 0 < cell < 1:
        return 86_400.0  # a workbook keeps a time as part of a day
    return _SCALE[column.unit]


def _hint(cell: Any) -> str:
    """What to do about a date with strokes that the mapping does not know how to read."""
    slashed = isinstance(cell, str) and moment_of(cell, ("day/month", "month/day")) is not None
    return "--dates day/month or --dates month/day says how it is read" if slashed else ""


def _allowed(column: Column) -> str:
    examples = {"iso": "2026-03-12", "epoch": "seconds since 1970", "epoch ms": "milliseconds since 1970",
                "day.month": "12.03.2026", "day/month": "12/03/2026", "month/day": "03/12/2026"}  # fmt: skip
    forms = [form for form in column.forms if form not in ("clock", "hhmm")]
    shown = [examples.get(form) or datetime(2026, 3, 12, 8, 30).strftime(form) for form in forms]
    return "a date such as " + " or ".join(shown)
