"""Moments: dates and times as exports write them, and the clock on the wall that they stand for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sim.files.account import Account
from sim.files.cells import date_of
from sim.scenario.errors import CallsimError
from sim.scenario.units import TICKS_PER_SECOND

DstRule = Literal["wall clock", "standard time", "set aside"]
FORMS = ("iso", "epoch", "epoch ms", "clock", "hhmm")
_MICROSECOND = timedelta(microseconds=1)
_YEARS = range(1971, 2200)  # of a record; what lies outside is no date of a call, and may pass the ends of the calendar
_CLOCKS = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?\s*(?:[AaPp]\.?[Mm]\.?)?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AaPp])?\.?[Mm]?")


def moment_of(cell: Any, forms: Sequence[str]) -> datetime | date | None:
    """What a cell says in the first of the forms that fits, or as a workbook's own date; None in none of them.

    A form is "iso" (with an offset or without), "epoch", "epoch ms" (since 1970, UTC) or one of `datetime.strptime`;
    a date alone comes back as a date. What says its offset is aware of it, what does not is naive.
    """
    if isinstance(cell, date):  # a datetime as well
        return cell if cell.year in _YEARS else None
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
        return datetime.fromisoformat(text) if len(text) > 10 else date_of(text) or datetime.fromisoformat(text)
    found = datetime.strptime(text, form)
    return found if re.search("%[HIMSpTXc]", form) else found.date()


def clock_of(cell: Any, forms: Sequence[str]) -> float | None:
    """Seconds since midnight: ``9:30``, ``9:00AM- 9:30AM``, ``900`` in the form "hhmm", a workbook's time; else None."""
    if isinstance(cell, datetime):
        cell = cell.time()
    if isinstance(cell, time):
        return cell.hour * 3600.0 + cell.minute * 60.0 + cell.second
    if isinstance(cell, timedelta):
        return cell.total_seconds()
    if "hhmm" in forms and re.fullmatch(r"\d{1,4}(\.0*)?", str(cell).strip()):
        hours, minutes = divmod(int(float(str(cell))), 100)
        return hours * 3600.0 + minutes * 60.0 if hours <= 24 and minutes < 60 else None
    if isinstance(cell, float) and 0 <= cell < 1:  # a workbook keeps a time as part of a day
        return float(round(cell * 86_400))
    parts = _CLOCK.match(str(cell).strip())
    if parts is None or int(parts[2]) > 59 or int(parts[3] or 0) > 59:
        return None
    hours = int(parts[1])
    if parts[4]:
        hours = hours % 12 + (12 if parts[4] in "Pp" else 0)
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

    def at(self, moment: datetime, place: str = "") -> datetime | None:
        """The naive local time of a moment; None where its day is set aside."""
        zoned = self._zoned(moment)
        if zoned.tzinfo is None:
            return zoned
        if self._local is None:
            said = "times are in UTC, not on the call center's clock; --zone Europe/Berlin, for example, says where it is"
            if zoned.utcoffset() == timedelta(0):
                self._account.say("clock", said, assumed=True)
            return zoned.replace(tzinfo=None)
        here = zoned.astimezone(self._local)
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
        if local is None or self._rule == "standard time":
            return False
        first, second = (moment.replace(tzinfo=local, fold=fold).utcoffset() for fold in (0, 1))
        return first is not None and second is not None and first > second

    def changes(self, day: date) -> bool:
        """Whether clocks change on a day, where the zone is known."""
        local = self._local or self._source
        if local is None:
            return False
        midnight = datetime(day.year, day.month, day.day, tzinfo=local)
        return midnight.utcoffset() != (midnight + timedelta(days=1)).utcoffset()

    def _zoned(self, moment: datetime) -> datetime:
        if moment.tzinfo is None and self._source is not None:
            return moment.replace(tzinfo=self._source)
        return moment


def day_and_ticks(moment: datetime) -> tuple[int, int]:
    """The ordinal of the day of a naive moment, and the ticks since its midnight."""
    seconds = (moment.hour * 60 + moment.minute) * 60 + moment.second
    return moment.toordinal(), seconds * TICKS_PER_SECOND + moment.microsecond
