"""Mapped intervals: an export with one row per interval, by its mapping, becomes a Report."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np

from sim.files.account import Account
from sim.files.importers.derived import derived
from sim.files.importers.mapping import INTERVALS, Found, Mapping
from sim.files.importers.moments import WallClock
from sim.files.importers.values import Values
from sim.files.report import CREDITED, Floats, Report
from sim.files.tables import Table, is_total
from sim.scenario.errors import CallsimError, Problem
from sim.scenario.units import TICKS_PER_SECOND, show_clock, show_duration

DEFAULT_TYPE = "calls"
Doubled = Literal["error", "same", "last", "sum"]
_ADDED = tuple(name for name, kind in INTERVALS.items() if kind == "number")  # of two rows for one interval, or None
_COUNTS = ("offered", "answered", "abandoned")
_NUMERIC = tuple(name for name, kind in INTERVALS.items() if kind not in ("moment", "text"))
_FEW = 0.05  # of the rows: so few beside the grid of the others are slips, more of them are a finer grid
_DAY = 86_400


class _Row(NamedTuple):
    """One row: the numbers it has of `names`, NaN where a cell is empty; the table, its line and the number of the file.

    length : seconds, where the row says it; zoned : its time, where that is not in the call center's clock
    """

    names: tuple[str, ...]
    numbers: array[float]
    table: str
    line: int
    workbook: bool
    file: int
    length: float | None
    zoned: datetime | None

    @property
    def place(self) -> str:
        """Where the row stands, as `Table.place`."""
        return f"{self.table}!A{self.line}" if self.workbook else f"{self.table}:{self.line}"

    @property
    def spot(self) -> str:
        """Where the row stands, in a sentence about its file."""
        return f"A{self.line}" if self.workbook else f"line {self.line}"

    def said(self) -> dict[str, float]:
        """What the row says of what."""
        return {name: value for name, value in zip(self.names, self.numbers, strict=True) if value == value}


@dataclass
class IntervalRows:
    """Collects the rows of one or more exports of one form; `report` puts them together.

    doubled : what two rows for one interval are in one file: a problem ("error"), a problem unless they say the same
        ("same"), or by the later one ("last") or their sum ("sum"). In a later file the later one stands, always.
    """

    mapping: Mapping
    account: Account
    doubled: Doubled = "error"
    _rows: dict[tuple[date, float, str], _Row] = field(default_factory=dict)
    _kept: dict[Any, Any] = field(default_factory=dict)  # each date, time and name once, for there may be millions of rows
    files: int = 1  # the number of the file that is read

    def add(self, tables: Iterable[Table], found: Found, values: Values, clock: WallClock) -> None:
        """The rows of a table of the file that is read."""
        names = tuple(name for name in _NUMERIC if name in values and name != "interval")
        for table in tables:
            for row in range(len(table.rows)):
                if table.is_total(row) or any(is_total((values.text(table, row, name),)) for name in ("start", "call_type")):
                    self.account.say("left out", "{n} rows of totals", place=table.spot(row, 0))
                elif values.kept(table, row):
                    self._add(table, row, names, values, clock)
        if found.unused:
            self.account.say("read", f"columns that were not used: {', '.join(found.unused)}")

    def _add(self, table: Table, row: int, names: tuple[str, ...], values: Values, clock: WallClock) -> None:
        before = self.account.wrong_cells
        moment = values.moment(table, row, "start")
        if moment is None:
            if self.account.wrong_cells == before:
                self.account.wrong(Problem("start", "the cell is empty", place=table.place(row)))
            return
        when = clock.at(moment, table.spot(row, 0))
        if when is None:
            return
        numbers = array("d", [self._value(table, row, name, values) for name in names])
        length = values.number(table, row, "interval") or values.length(table, row, "start")
        end = values.moment(table, row, "end")
        if length is None and end is not None:
            length = clock.elapsed(moment, end) / TICKS_PER_SECOND
            length += _DAY if -_DAY < length < 0 else 0  # it ends at 0:00, the next day's
        if length is not None and not 0 <= length <= _DAY:
            self.account.wrong(Problem("end", "must be after the start, by a day at most", place=table.place(row)))
            return
        start = when.hour * 3600.0 + when.minute * 60.0 + when.second
        parts = (when.date(), start, values.text(table, row, "call_type") or DEFAULT_TYPE)
        key = (self._once(parts[0]), self._once(parts[1]), self._once(parts[2]))
        zoned = None if moment == when else moment
        new = _Row(names, numbers, table.name, table.lines[row], table.workbook, self.files, length, zoned)
        old = self._rows.get(key)
        # an hour that clocks show twice is two moments of the export, where that is in another clock
        twice = clock.twice(when) if zoned is None or old is None else old.zoned != zoned
        self._rows[key] = new if old is None else self._one_of(old, new, twice=twice)

    def _once(self, value: Any) -> Any:
        return self._kept.setdefault(value, value)

    def _value(self, table: Table, row: int, name: str, values: Values) -> float:
        """The number for something, NaN where there is none."""
        before = self.account.wrong_cells
        value = values.number(table, row, name)
        if value is None and name in _COUNTS and self.account.wrong_cells == before:
            why = "; a formula has no value until the workbook is saved in Excel" if table.workbook else ""
            said = f'{{n}} empty cells of "{name}" were taken as 0{why}'
            self.account.say("read as", said, place=table.spot(row, 0), assumed=True)
            return 0.0
        return float("nan") if value is None else value

    def _one_of(self, old: _Row, new: _Row, *, twice: bool) -> _Row:
        """Of two rows for one interval what stands."""
        same = old.said() == new.said()
        if new.file != old.file:
            which = "which say the same" if same else "those of the file that is named later stand"
            self.account.say("late", f"{{n}} intervals stand in two files; {which}", place=new.spot, assumed=not same)
            return new
        if twice:
            self.account.say("clock", "{n} intervals came twice as clocks changed; they were added", place=new.spot)
            return _sum(old, new)
        if self.doubled == "same" and same:
            self.account.say("left out", "{n} rows that stand there twice, word for word", place=new.spot)
            return old
        if self.doubled == "last":
            self.account.say("late", "{n} intervals stand there twice; the later row stands, as stated", place=new.spot)
            return new
        if self.doubled == "sum":
            self.account.say("read as", "{n} intervals stand there twice; they were added, as stated", place=new.spot)
            return _sum(old, new)
        message = f"this interval stands in {old.spot if old.table == new.table else old.place} already"
        hint = "" if self.doubled == "error" else "--doubled last or sum says which to take"
        self.account.wrong(Problem("start", message, hint=hint, place=new.place))
        return old

    def report(self, source: str) -> Report:
        """All rows by day, start and type; raises ScenarioError with the problems, CallsimError where nothing is left."""
        self.account.check()
        if not self._rows:
            raise CallsimError("; ".join((f"{source}: has a header and no intervals that could be used", *self.account.notes())))
        keys = sorted(self._rows, key=lambda key: key[:2]) if self.files > 1 else list(self._rows)
        rows = [self._rows[key] for key in keys]
        codes = {name: code for code, name in enumerate(dict.fromkeys(kind for _, _, kind in keys))}
        step = self._step(keys, rows, source)
        columns = derived(_columns(rows), self.mapping, step, self.account)
        self._check(rows, columns)
        return Report(
            source=source, interval=step, call_types=tuple(codes), day=tuple(day for day, _, _ in keys),
            start=np.array([start for _, start, _ in keys]), call_type=np.array([codes[kind] for _, _, kind in keys]),
            within=float("nan") if self.mapping.within is None else float(self.mapping.within),
            credited=self.mapping.credited if self.mapping.credited in CREDITED else "",
            notes=self.account.notes(), **columns,
        )  # fmt: skip

    def _check(self, rows: list[_Row], columns: dict[str, Floats]) -> None:
        more = columns["answered"] > columns["offered"]
        for at in np.flatnonzero(more).tolist():
            row, answered, offered = rows[at], columns["answered"][at], columns["offered"][at]
            if self.mapping.credited in ("answer", "end"):
                said = "{n} intervals have more answered than offered: the export counts calls when they end"
                self.account.say("balance", said, place=row.spot)
            else:
                message = f"more answered ({answered:g}) than offered ({offered:g})"
                self.account.wrong(Problem("answered", message, place=row.place))
        self.account.check()

    def _step(self, keys: list[tuple[date, float, str]], rows: list[_Row], source: str) -> float:
        """How long an interval is: as said, else the shortest step; raises where it does not divide a day, or differs."""
        first = next((row for row in rows if row.length), None)
        step = self.mapping.interval if first is None else first.length
        for row in rows:
            if first is not None and row.length and row.length != first.length:
                lengths = f"{show_duration(row.length)}, the one in {first.spot} of {show_duration(first.length or 0)}"
                self.account.wrong(Problem("", f"is an interval of {lengths}; one file, one length", place=row.place))
        if step is None:
            step = self._shortest(keys, rows)
        self.account.check()
        if _DAY % step:
            raise CallsimError(f"{source}: rows lie {step:g} s apart, which does not divide a day into whole intervals")
        return float(step)

    def _shortest(self, keys: list[tuple[date, float, str]], rows: list[_Row]) -> float:
        """The shortest step between rows of a day; a few that lie beside the grid of all others are problems."""
        starts: dict[date, set[float]] = {}
        for day, start, _ in keys:
            starts.setdefault(day, set()).add(start)
        steps = Counter(later - earlier for day in starts.values() for earlier, later in pairwise(sorted(day)))
        if not steps:
            return 1800.0
        usual = max(steps, key=lambda step: (steps[step], -step))
        (grid, _), *_ = Counter(start % usual for _, start, _ in keys).most_common(1)
        beside = [at for at, (_, start, _) in enumerate(keys) if start % usual != grid]
        if min(steps) == usual or len(beside) > _FEW * len(keys):
            return min(steps)
        for at in beside:
            message = f"lies beside the intervals of {show_duration(usual)} that the other rows have"
            hint = "where it is right, a mapping file says how long intervals are"
            self.account.wrong(Problem("start", message, show_clock(keys[at][1]), hint, rows[at].place))
        return usual


def _sum(old: _Row, new: _Row) -> _Row:
    """Counts and totals added; means weighted by the calls they are of."""
    one, other = old.said(), new.said()
    numbers = []
    for name in old.names:
        first, second = one.get(name, other.get(name, float("nan"))), other.get(name, one.get(name, float("nan")))
        if name in ("staffed", "heads", "longest_wait"):
            numbers.append(max(first, second))
        elif name in _ADDED or name.endswith(("_total", "_time")) or name in ("wait_answered", "wait_abandoned"):
            numbers.append(one.get(name, 0.0) + other.get(name, 0.0) if first == first else first)
        else:
            calls = "abandoned" if name == "mean_wait_abandoned" else "answered"
            a, b = (said.get(calls, 0.0) if name in said else 0.0 for said in (one, other))
            numbers.append((first * a + second * b) / (a + b) if a + b else first)
    return old._replace(numbers=array("d", numbers))


def _columns(rows: list[_Row]) -> dict[str, Floats]:
    """What the rows say, by purpose: float64, shape (rows,), NaN where a row does not say it."""
    nowhere = np.full(len(rows), np.nan)  # one for all that no row says, for there may be millions of rows
    columns = dict.fromkeys(INTERVALS, nowhere)
    columns |= {name: nowhere.copy() for name in {name for row in rows for name in row.names}}
    for names in dict.fromkeys(row.names for row in rows):
        of = np.array([at for at, row in enumerate(rows) if row.names == names], np.int64)
        said = np.frombuffer(b"".join(rows[at].numbers.tobytes() for at in of.tolist())).reshape(len(of), len(names))
        for column, name in enumerate(names):
            columns[name][of] = said[:, column]
    return columns
