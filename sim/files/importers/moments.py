"""Moments: dates and times as exports write them, and the clock on the wall that they stand for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sim.files.account import Account
from sim.files.cells import date_of, late_time
from sim.scenario.errors import CallsimError
from sim.scenario.units import TICKS_PER_SECOND

DstRule = Literal["wall clock", "standard time", "set aside"]
FORMS = ("iso", "epoch", "epoch ms", "clock", "hhmm", "day.month", "day/month", "month/day")
Dates = Literal["day/month", "month/day"]
_MICROSECOND = timedelta(microseconds=1)
_QUARTER, _DAY = 900.0, 86_400.0  # seconds; clocks change by whole quarters of an hour
_YEARS = range(1971, 2200)  # of a record; what lies outside is no date of a call, and may pass the ends of the calendar
_CLOCKS = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?\s*(?:[AaPp]\.?[Mm]\.?)?")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[T\s]+(\S.*)")
_YEAR_LAST = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?:[T,\s]+(\S.*))?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AaPp])?\.?[Mm]?")


def moment_of(cell: Any, forms: Sequence[str]) -> datetime | date | None:
    """What a cell says in the first of the forms that fits, or as a workbook's own date; None in none of them.

    A form is "iso" (the year first; with an offset or without), "epoch", "epoch ms" (since 1970, UTC), "day.month"
    (14.11.2026), "day/month", "month/day" (with strokes), or one of `datetime.strptime`; a date alone comes back as a date.
    What says its offset is aware of it, what does not is naive.
    """
    if isinstance(cell, date):  # a datetime as well
        found = _whole(cell) if isinstance(cell, datetime) else cell
        return found if found.year in _YEARS else None
    text = str(cell).strip()
    for form in forms:
        try:
            found = _in_form(text, form)
        except (ValueError, OverflowError, OSError):
            continue
        if found.year in _YEARS:
            return found
    return None


def _in_form(text: str, form: str) -> datetime | date:
    if form.startswith("epoch"):
        return datetime.fromtimestamp(float(text) / (1000 if form == "epoch ms" else 1), UTC)
    if form == "iso":
        if parts := _YEAR_FIRST.fullmatch(text):
            try:
                return datetime.fromisoformat(text)
            except ValueError:  # 2026/3/2 8:00, as Excel writes it in Chinese
                return _with_clock(int(parts[1]), int(parts[2]), int(parts[3]), parts[4])
        return date_of(text) or datetime.fromisoformat(text)
    if form in ("day.month", "day/month", "month/day"):
        parts = _YEAR_LAST.fullmatch(text)
        if parts is None or (parts[2] == ".") != (form == "day.month"):
            raise ValueError(form)
        day, month = (int(parts[3]), int(parts[1])) if form == "month/day" else (int(parts[1]), int(parts[3]))
        return _with_clock(int(parts[4]) + (2000 if len(parts[4]) == 2 else 0), month, day, parts[5])
    found = datetime.strptime(text, form)
    return found if re.search("%[HIMSpTXc]", form) else found.date()


def _with_clock(year: int, month: int, day: int, clock: str | None) -> datetime | date:
    if clock is None:
        return date(year, month, day)
    seconds = clock_of(clock, ("clock",))
    if seconds is None:
        raise ValueError(clock)
    return datetime(year, month, day) + timedelta(seconds=seconds)


def order_of(cell: Any, found: date) -> Dates | None:
    """In which order 03/04/2026 was read, where it could have been read in the other."""
    parts = _YEAR_LAST.match(cell.strip()) if isinstance(cell, str) and "/" in cell else None
    if parts is None or parts[1] == parts[3] or max(int(parts[1]), int(parts[3])) > 12:
        return None
    return "day/month" if found.day == int(parts[1]) else "month/day"


def _whole(moment: datetime) -> datetime:
    """A moment of a workbook, which keeps 08:30 as a part of a day and may give 08:29:59.999."""
    near = (moment + timedelta(milliseconds=2)).replace(microsecond=0)
    return near if abs(near - moment) <= timedelta(milliseconds=2) else moment


def clock_of(cell: Any, forms: Sequence[str]) -> float | None:
    """Seconds since midnight: ``9:30``, ``9:00AM- 9:30AM``, ``900`` in the form "hhmm", a workbook's time; else None."""
    cell = late_time(cell)
    if isinstance(cell, time):
        cell = _whole(datetime.combine(date(2000, 1, 1), cell)) - datetime(2000, 1, 1)
    elif isinstance(cell, datetime):
        cell = _whole(cell) - datetime.combine(cell.date(), time())
    if isinstance(cell, timedelta):
        return cell.total_seconds()
    if "hhmm" in forms and re.fullmatch(r"\d{1,4}(\.0*)?", str(cell).strip()):
        hours, minutes = divmod(int(float(str(cell))), 100)
        return hours * 3600.0 + minutes * 60.0 if hours <= 24 and minutes < 60 else None
    if isinstance(cell, float) and 0 <= cell < 1:  # a workbook keeps a time as part of a day
        return float(round(cell * 86_400))
    text = str(cell).strip()
    half = text[:2] if text.startswith(("上午", "下午")) else ""
    parts = _CLOCK.match(text[len(half) :].lstrip())
    if parts is None or int(parts[2]) > 59 or int(parts[3] or 0) > 59:
        return None
    hours = int(parts[1])
    if half or parts[4]:
        hours = hours % 12 + (12 if half == "下午" or parts[4] in ("P", "p") else 0)
    return hours * 3600.0 + int(parts[2]) * 60.0 + int(parts[3] or 0) if hours <= 48 else None


def length_of(cell: Any) -> float | None:
    """Seconds of an interval that says its end too, ``9:00AM- 9:30AM``; None of one that does not."""
    ends = [clock_of(part, ("clock",)) for part in _CLOCKS.findall(str(cell))] if isinstance(cell, str) else []
    if len(ends) != 2 or ends[0] is None or ends[1] is None or ends[0] == ends[1]:
        return None
    return (ends[1] - ends[0]) % 86_400


def zone(name: str, *, said: str) -> tzinfo:
    """A time zone by its name, such as "Europe/Berlin" or "UTC"; raises CallsimError, naming where it was `said`."""
    if name.upper() in ("UTC", "Z", "GMT"):
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CallsimError(f"{said}: no time zone {name!r}; write it as Europe/Berlin, Asia/Shanghai or UTC") from None


class WallClock:
    """Turns moments of a file into the call center's clock, by one rule for the days on which clocks change.

    source : the zone of moments that do not say their own; None: they are the call center's clock
    local : the call center's zone; None: what the file says stands, moments in UTC stay so
    rule : "wall clock" (the hour that comes twice holds both), "standard time" (all year, no hour is missing or twice), or
        "set aside" (days on which clocks change are not used)
    """

    def __init__(self, source: tzinfo | None, local: tzinfo | None, rule: DstRule, account: Account) -> None:
        self._source, self._local, self._rule, self._account = source, local, rule, account
        self._changes: dict[date, bool] = {}  # there are more calls than days

    def at(self, moment: datetime, place: str = "") -> datetime | None:
        """The naive local time of a moment; None where its day is set aside."""
        zoned = self._zoned(moment)
        if zoned.tzinfo is None and self._local is None:
            return zoned
        if self._local is None:
            said = "times are in UTC, not on the call center's clock; --zone Europe/Berlin, for example, says where it is"
            if zoned.utcoffset() == timedelta(0):
                self._account.say("clock", said, assumed=True)
            return zoned.replace(tzinfo=None)
        here = zoned.astimezone(self._local) if zoned.tzinfo is not None else zoned.replace(tzinfo=self._local)
        if self._rule != "standard time" and self.changes(here.date()):
            if self._rule == "set aside":
                self._account.say("clock", f"{{n}} rows of {here.date()}, when clocks change, were set aside", place=place)
                return None
            if self.twice(here.replace(tzinfo=None)):
                said = f"{{n}} rows of {here.date()} lie in the hour that comes twice when clocks change; both are read as one"
                self._account.say("clock", said, place=place, assumed=True)
        if self._rule == "standard time":
            return (here - (here.dst() or timedelta(0))).replace(tzinfo=None)
        return here.replace(tzinfo=None)

    def elapsed(self, since: datetime, until: datetime) -> int:
        """Ticks from one moment to another, over a change of the clocks as well; below 0 when it was before."""
        first, last = self._zoned(since), self._zoned(until)
        if first.tzinfo is None and self._local is not None:
            first, last = first.replace(tzinfo=self._local), last.replace(tzinfo=self._local)
        if (first.tzinfo is None) != (last.tzinfo is None):  # one says its zone, and no other is known
            first, last = first.replace(tzinfo=None), last.replace(tzinfo=None)
        if first.tzinfo is not None:
            first, last = first.astimezone(UTC), last.astimezone(UTC)
            if until.tzinfo is None and last < first:  # perhaps the second time that the clock showed this
                again = until.replace(fold=1, tzinfo=self._source or self._local).astimezone(UTC)
                last = again if first <= again else last
        return (last - first) // _MICROSECOND

    def twice(self, moment: datetime) -> bool:
        """Whether the clock on the wall shows a naive moment twice."""
        local = self._local or self._source
        if local is None or self._rule == "standard time" or not self.changes(moment.date()):
            return False
        first, second = (moment.replace(tzinfo=local, fold=fold).utcoffset() for fold in (0, 1))
        return first is not None and second is not None and first > second

    def skipped(self, day: date) -> tuple[float, float] | None:
        """Seconds since midnight between which a day has no time, as the clocks go forward; None on other days."""
        local = self._local or self._source
        if local is None or self._rule == "standard time" or not self.changes(day):
            return None
        midnight = datetime(day.year, day.month, day.day)
        steps = [step * _QUARTER for step in range(round(_DAY / _QUARTER))]
        none = [step for step in steps if not _exists(midnight + timedelta(seconds=step), local)]
        return (none[0], none[-1] + _QUARTER) if none else None

    def changes(self, day: date) -> bool:
        """Whether clocks change on a day, where the zone is known."""
        found = self._changes.get(day)
        if found is None:
            midnight = datetime(day.year, day.month, day.day, tzinfo=self._local or self._source)
            found = self._changes[day] = midnight.utcoffset() != (midnight + timedelta(days=1)).utcoffset()
        return found

    def _zoned(self, moment: datetime) -> datetime:
        if moment.tzinfo is None and self._source is not None:
            return moment.replace(tzinfo=self._source)
        return moment


def _exists(moment: datetime, local: tzinfo) -> bool:
    """Whether the clocks of a zone show a naive moment."""
    return moment.replace(tzinfo=local).astimezone(UTC).astimezone(local).replace(tzinfo=None) == moment


def day_and_ticks(moment: datetime) -> tuple[int, int]:
    """The ordinal of the day of a naive moment, and the ticks since its midnight."""
    seconds = (moment.hour * 60 + moment.minute) * 60 + moment.second
    return moment.toordinal(), seconds * TICKS_PER_SECOND + moment.microsecond
