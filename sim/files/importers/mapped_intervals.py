"""Mapped intervals: an export with one row per interval, by its mapping, becomes a Report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Literal

import numpy as np

from sim.files.account import Account
from sim.files.importers.mapping import INTERVALS, Found, Mapping
from sim.files.importers.moments import WallClock
from sim.files.importers.values import Values
from sim.files.report import CREDITED, NUMBERS, Floats, Report, unknown
from sim.files.tables import Table
from sim.scenario.errors import CallsimError, Problem

DEFAULT_TYPE = "calls"
Doubled = Literal["error", "same", "last", "sum"]
_ADDED = tuple(name for name, kind in INTERVALS.items() if kind == "number")  # of two rows for one interval, or None
_COUNTS = ("offered", "answered", "abandoned")


@dataclass
class _Row:
    """One row: what it says, where it stands, the file it stands in, and whether clocks showed its time twice."""

    numbers: dict[str, float]
    place: str
    spot: str
    file: int
    length: float | None
    zoned: datetime | None  # its time where that says its zone


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
    files: int = 1  # the number of the file that is read

    def add(self, tables: Iterable[Table], found: Found, values: Values, clock: WallClock) -> None:
        """The rows of a table of the file that is read."""
        for table in tables:
            for row in range(len(table.rows)):
                if table.is_total(row):
                    self.account.say("left out", "{n} rows of totals", place=table.spot(row, 0))
                elif values.kept(table, row):
                    self._add(table, row, values, clock)
        if found.unused:
            self.account.say("read", f"columns that were not used: {', '.join(found.unused)}")

    def _add(self, table: Table, row: int, values: Values, clock: WallClock) -> None:
        before = self.account.wrong_cells
        moment = values.moment(table, row, "start")
        if moment is None:
            if self.account.wrong_cells == before:
                self.account.wrong(Problem("start", "the cell is empty", place=table.place(row)))
            return
        when = clock.at(moment, table.spot(row, 0))
        if when is None:
            return
        numbers = {name: value for name in INTERVALS if (value := self._value(table, row, name, values)) is not None}
        end = values.moment(table, row, "end")
        length = numbers.pop("interval", None) or values.length(table, row, "start")
        if length is None and end is not None:
            length = clock.elapsed(moment, end) / 1e6
        start = when.hour * 3600.0 + when.minute * 60.0 + when.second
        key = (when.date(), start, values.text(table, row, "call_type") or DEFAULT_TYPE)
        zoned = moment if moment.tzinfo is not None else None
        new = _Row(numbers, table.place(row), table.spot(row, 0), self.files, length, zoned)
        twice = clock.twice(when) or (zoned is not None and key in self._rows and self._rows[key].zoned != zoned)
        self._rows[key] = self._one_of(self._rows[key], new, twice=twice) if key in self._rows else new

    def _value(self, table: Table, row: int, name: str, values: Values) -> float | None:
        if name not in values or INTERVALS[name] in ("moment", "text"):
            return None
        before = self.account.wrong_cells
        value = values.number(table, row, name)
        if value is None and name in _COUNTS and self.account.wrong_cells == before:
            why = "; a formula has no value until the workbook is saved in Excel" if table.workbook else ""
            said = f'{{n}} empty cells of "{name}" were taken as 0{why}'
            self.account.say("read as", said, place=table.spot(row, 0), assumed=True)
            return 0.0
        return value

    def _one_of(self, old: _Row, new: _Row, *, twice: bool) -> _Row:
        """Of two rows for one interval what stands."""
        if new.file != old.file:
            self.account.say("late", "{n} intervals stand in two files; those of the later one stand", place=new.spot)
            return new
        if twice:
            self.account.say("clock", "{n} intervals came twice as clocks changed; they were added", place=new.spot)
            return self._sum(old, new)
        if self.doubled == "same" and old.numbers == new.numbers:
            self.account.say("left out", "{n} rows that stand there twice, word for word", place=new.spot)
            return old
        if self.doubled == "last":
            self.account.say("late", "{n} intervals stand there twice; the later row stands, as stated", place=new.spot)
            return new
        if self.doubled == "sum":
            self.account.say("read as", "{n} intervals stand there twice; they were added, as stated", place=new.spot)
            return self._sum(old, new)
        message = f"this interval stands in {old.spot} already"
        hint = "" if self.doubled == "error" else "--doubled last or sum says which to take"
        self.account.wrong(Problem("start", message, hint=hint, place=new.place))
        return old

    def _sum(self, old: _Row, new: _Row) -> _Row:
        """Counts and totals added; means weighted by the answered calls of each."""
        a, b = old.numbers.get("answered", 0.0), new.numbers.get("answered", 0.0)
        numbers = {}
        for name in old.numbers | new.numbers:
            first, second = old.numbers.get(name, 0.0), new.numbers.get(name, 0.0)
            if name in _ADDED or name.endswith(("_total", "_time")) or name in ("wait_answered", "wait_abandoned"):
                numbers[name] = max(first, second) if name in ("staffed", "heads") else first + second
            elif name == "longest_wait":
                numbers[name] = max(first, second)
            else:
                numbers[name] = (first * a + second * b) / (a + b) if a + b else first
        return _Row(numbers, old.place, old.spot, old.file, old.length, old.zoned)

    def report(self, source: str) -> Report:
        """All rows by day, start and type; raises ScenarioError with the problems, CallsimError where nothing is left."""
        self.account.check()
        if not self._rows:
            raise CallsimError(f"{source}: has a header and no intervals that could be used")
        keys = sorted(self._rows, key=lambda key: key[:2]) if self.files > 1 else list(self._rows)
        rows = [self._rows[key] for key in keys]
        kinds = tuple(dict.fromkeys(kind for _, _, kind in keys))
        step = self._step(keys, rows, source)
        numbers = {name: np.array([row.numbers.get(name, np.nan) for row in rows]) for name in INTERVALS}
        columns = _derived(numbers, self.mapping, step, self.account)
        self._check(rows, columns)
        return Report(
            source=source, interval=step, call_types=kinds, day=tuple(day for day, _, _ in keys),
            start=np.array([start for _, start, _ in keys]),
            call_type=np.array([kinds.index(kind) for _, _, kind in keys]),
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
        """How long an interval is: as said, else the shortest step; raises CallsimError where it does not divide a day."""
        said = {row.length for row in rows if row.length}
        if len(said) > 1:
            lengths = ", ".join(f"{one:g} s" for one in sorted(said))
            raise CallsimError(f"{source}: has intervals of {lengths}; one file, one length")
        step = said.pop() if said else self.mapping.interval
        if step is None:
            moments = sorted({datetime(d.year, d.month, d.day) + timedelta(seconds=s) for d, s, _ in keys})
            step = min(((b - a).total_seconds() for a, b in pairwise(moments)), default=1800.0)
        if 86_400 % step:
            raise CallsimError(f"{source}: rows lie {step:g} s apart, which does not divide a day into whole intervals")
        return float(step)


def _derived(given: dict[str, Floats], mapping: Mapping, step: float, account: Account) -> dict[str, Floats]:
    """The columns of a Report from what the export has; what was put together of what is said."""
    found = {name: given.get(name, unknown(len(given["offered"]))).copy() for name in NUMBERS}
    _count(found, given, mapping, account)
    answered, abandoned = found["answered"], found["abandoned"]
    with np.errstate(divide="ignore", invalid="ignore"):
        _handle(found, given, answered, mapping, account)
        _fill(found["wait_answered"], given["asa"] * answered)
        _fill(found["wait_abandoned"], given["mean_wait_abandoned"] * abandoned)
        _fill(found["staffed"], given["staffed_time"] / step)
        _fill(found["heads"], (given["staffed_time"] - given["aux_time"]) / step)
    if not np.isnan(given["aux_time"]).all():
        means = (np.nanmean(found["staffed"]), np.nanmean(found["heads"]))
        said = f"staffed time includes aux: on average {means[0]:.1f} staffed, {means[1]:.1f} of them on the phones"
        account.say("staffed", said)
    elif not np.isnan(found["staffed"]).all() and np.isnan(found["heads"]).all():
        said = f"{np.nanmean(found['staffed']):.1f} on average; whether that includes aux is not in the export"
        account.say("staffed", said, assumed=True)
    if not np.isnan(given["service_level"]).all():
        account.say("read", "the share within the service level was not used: how it is defined is not in the export")
    return found


def _count(found: dict[str, Floats], given: dict[str, Floats], mapping: Mapping, account: Account) -> None:
    """Offered, answered and abandoned: one of them may follow from the others."""
    offered, answered, abandoned = (found[name] for name in _COUNTS)
    if np.isnan(offered).all():
        names = mapping.denominator or ("answered", "abandoned")
        _fill(offered, sum((np.nan_to_num(given[name]) for name in names), np.zeros(len(offered))))
        account.say("offered", f"is not in the export: taken as {' + '.join(names)}", assumed=True)
    elif np.isnan(answered).all():
        _fill(answered, offered - abandoned)
        account.say("answered", "is not in the export: taken as offered - abandoned", assumed=True)
    elif np.isnan(abandoned).all():
        _fill(abandoned, np.maximum(offered - answered, 0.0))
        account.say("abandoned", "is not in the export: taken as offered - answered", assumed=True)
    else:
        _balance(offered - answered - abandoned, given, account)
    if mapping.short_calls != "unknown":
        account.say("short calls", mapping.short_calls)
    elif np.isnan(found["short_abandoned"]).all():
        account.say("short calls", "whether the switch leaves out callers who hang up at once is not in the export", assumed=True)


def _balance(missing: Floats, given: dict[str, Floats], account: Account) -> None:
    """Says in how many rows offered = answered + abandoned, and what the rest may be."""
    differ = missing != 0
    even = f"offered = answered + abandoned in {int((~differ).sum()):,} of {len(missing):,} rows"
    if differ.any():
        flow = float(np.nansum(given["flow_out"][differ]))
        why = f", where {flow:,.0f} flowed out" if flow else ""
        even += f"; {int(differ.sum()):,} differ, by {missing[differ].sum():,.0f} calls in all{why}"
    account.say("balance", even)


def _handle(
    found: dict[str, Floats], given: dict[str, Floats], answered: Floats, mapping: Mapping, account: Account
) -> None:
    """Mean handle time: as given, or put together of its parts."""
    if not np.isnan(found["aht"]).all():
        return
    parts = ["talk", "wrap_up"] if mapping.talk_includes_hold else ["talk", "hold", "wrap_up"]
    totals = [given[f"{part}_total"] for part in parts]
    means = [given[part] for part in parts]
    _fill(found["aht"], given["handle_total"] / answered)
    for names, columns, divisor in (
        ([f"{part}_total" for part in parts], totals, answered),
        (parts, means, np.ones(len(answered))),
    ):
        there = [name for name, column in zip(names, columns, strict=True) if not np.isnan(column).all()]
        if there and np.isnan(found["aht"]).all():
            _fill(found["aht"], sum(np.nan_to_num(given[name]) for name in there) / divisor)
            words = " + ".join(name.removesuffix("_total").replace("_", "-") for name in there)
            account.say("handle time", f"is {words}", assumed=True)


def _fill(column: Floats, values: Floats) -> None:
    """Puts values where a column has none; `column` is written to."""
    empty = np.isnan(column) & np.isfinite(values)
    column[empty] = values[empty]
