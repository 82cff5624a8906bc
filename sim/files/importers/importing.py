"""Importing: files of a switch become one call log or one interval report in a folder, with an account of what was assumed."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from sim.files.account import Account, Finding
from sim.files.call_log import log_rows, opened_log
from sim.files.cells import Times
from sim.files.exported import CSV, report_file
from sim.files.gaps import (
    Gap,
    days_without,
    missing_intervals,
    missing_types,
    silent_stretches,
    silent_types,
    with_zeros,
)
from sim.files.importers.aggregates import aggregate_table
from sim.files.importers.contact_records import contact_calls
from sim.files.importers.json_records import json_records
from sim.files.importers.mapped_calls import mapped_calls
from sim.files.importers.mapped_intervals import Doubled, IntervalRows
from sim.files.importers.mapping import Found, Mapping, lay_over, read_mapping
from sim.files.importers.moments import Dates, DstRule, WallClock, zone
from sim.files.importers.pseudonyms import Pseudonyms, is_withheld, key_of
from sim.files.importers.queue_log import QueueLog, began, events_of, queue_lines
from sim.files.importers.recognize import Form, recognize
from sim.files.importers.sheets import Progress, blocks, open_sheets
from sim.files.importers.spool import Spool
from sim.files.importers.values import Values
from sim.files.interval_report import read_interval_report
from sim.files.log_rows import LogRow
from sim.files.reading import open_text, wrong
from sim.files.sessions import Session
from sim.files.tables import Table
from sim.files.write import write_whole
from sim.files.write_table import MOST_ROWS, csv_writer
from sim.scenario.errors import CallsimError
from sim.scenario.units import DAY

CALLS, PACKED, INTERVALS, SESSIONS = "calls.csv", "calls.csv.gz", "intervals.csv", "sessions.csv"


@dataclass(frozen=True)
class Options:
    """How files are read, where they do not say it themselves; the fields are the command's options."""

    form: str = "auto"
    mapping: Path | None = None
    sheet: str | None = None
    day: date | None = None
    zone: str | None = None
    dst: DstRule | None = None
    times: Times = "m:ss"
    dates: Dates | None = None
    doubled: Doubled = "same"
    missing: Literal["gap", "zero"] | None = None
    keep_ids: bool = False
    key: Path | None = None


@dataclass(frozen=True)
class Imported:
    """What came of it: calls or intervals, how many rows, the days that have some, the files written, and what to know.

    call_types : names; callers : whether they are known; days_missing : dates without anything between those that have some
    """

    rows: Literal["calls", "intervals"]
    forms: tuple[Form, ...]
    count: int
    days: tuple[date, ...]
    call_types: tuple[str, ...]
    callers: bool
    gaps: tuple[Gap, ...]
    days_missing: tuple[date, ...]
    files: tuple[Path, ...]
    findings: tuple[Finding, ...]


def import_files(paths: Sequence[Path], folder: Path, options: Options, *, progress: Progress | None = None) -> Imported:
    """Reads exports of one kind and writes calls.csv (with sessions.csv where the log says who was there) or intervals.csv.

    Calls are read piece by piece and sorted by day on disk, so a log may be larger than memory. Raises ScenarioError with
    place, value and what is allowed for everything that is wrong; nothing is written then.
    """
    mapping = None if options.mapping is None else read_mapping(options.mapping)
    forms = tuple(recognize(path, name=options.form, mapping=mapping, sheet=options.sheet) for path in paths)
    first = forms[0]
    for path, form in zip(paths, forms, strict=True):
        if form.rows != first.rows or (form.rows == "intervals" and form.mapping != first.mapping):
            raise CallsimError(f"{path}: is {form.title}, {paths[0]} is {first.title}; import them one after the other")
    order = _by_time(paths, forms)
    job = _Job(forms, options, Account(), order, _all_of([paths[at] for at in order], progress))
    return job.calls(paths, folder) if first.rows == "calls" else job.intervals(paths, folder)


def _by_time(paths: Sequence[Path], forms: Sequence[Form]) -> list[int]:
    """In which order files are read: a log that was cut into several from its oldest part on, others as they are named."""
    order = list(range(len(paths)))
    if len(paths) > 1 and all(form.name.startswith("asterisk") for form in forms):
        order.sort(key=lambda at: began(paths[at], database=forms[at].name.endswith("database")))
    return order


def _all_of(paths: Sequence[Path], progress: Progress | None) -> list[Progress | None]:
    """One progress for each file that counts on from those before it."""
    if progress is None:
        return [None] * len(paths)
    sizes = [path.stat().st_size for path in paths]

    def after(before: int) -> Progress:
        return lambda done, _: progress(before + done, sum(sizes))

    return [after(sum(sizes[:at])) for at in range(len(sizes))]


@dataclass(frozen=True)
class _Job:
    """One import while it goes on."""

    forms: tuple[Form, ...]
    options: Options
    account: Account
    order: list[int]  # in which the files are read, as places among them
    progress: list[Progress | None]  # of each file in that order

    def _clock(self, mapping: Mapping | None) -> WallClock:
        local = None if self.options.zone is None else zone(self.options.zone, said="--zone")
        source = mapping.time_zone if mapping is not None else ""
        if self.options.dst in ("standard time", "set aside") and local is None:
            raise CallsimError(f"--dst: {self.options.dst} needs the call center's zone; say it with --zone Europe/Berlin")
        rule = self.options.dst or (mapping.dst if mapping is not None else "wall clock")
        return WallClock(zone(source, said="time_zone") if source else None, local, rule, self.account)

    # --- calls

    def calls(self, paths: Sequence[Path], folder: Path) -> Imported:
        names = Pseudonyms(None if self.options.keep_ids else key_of(self.options.key))
        sessions: list[Session] = []
        log = QueueLog(self._clock(None), self.account)
        with Spool(folder) as spool:
            for at, progress in zip(self.order, self.progress, strict=True):
                for row in self._rows(paths[at], self.forms[at], progress, log):
                    if (caller := self._caller(row, self.forms[at])) is None:
                        continue
                    spool.add(row._replace(agent=names.agent(row.agent), customer=names.caller(caller)))
            log.close()
            sessions += log.sessions
            self.account.check()
            if not spool.added:
                raise wrong(paths[0], "has no calls that could be used", hint="; ".join(self.account.notes()))
            files = [folder / (CALLS if spool.added <= MOST_ROWS else PACKED)]
            count = spool.write(files[0], self.account)
        days = [date.fromordinal(day) for day in sorted(spool.counts)]
        kinds = tuple(sorted(spool.call_types))
        counts = spool.table([day.toordinal() for day in days], kinds)
        if sessions:
            files.append(folder / SESSIONS)
            write_whole(files[1], _sessions(sessions, names))
        length = 86_400 / counts.shape[2]
        silent = [*silent_stretches(days, counts.sum(axis=1), length), *silent_types(days, counts, kinds, length)]
        gaps = self._real(silent, self._clock(self.forms[0].mapping))
        return self._imported("calls", count, days, kinds, gaps, files, callers=spool.callers)

    def _caller(self, row: LogRow, form: Form) -> str | None:
        """The caller, "" where his number was withheld; None for what cannot be one call."""
        if max(row.end, row.release) - row.arrival > DAY:
            self.account.say("left out", "{n} calls that last more than a day, as times that are mixed up do")
            return None
        if row.customer and form.layout is None and is_withheld(row.customer):
            self.account.say("callers", "{n} calls of callers whose number is withheld: who they are is not known")
            return ""
        return row.customer

    def _rows(self, path: Path, form: Form, progress: Progress | None, log: QueueLog) -> Iterator[LogRow]:
        """The calls of one file, in whatever form it is."""
        clock = self._clock(form.mapping)
        self.account.where = path.name if len(self.forms) > 1 and not form.name.startswith("asterisk") else ""
        if form.mapping is not None:
            for found, values, tables in self._sheets(path, form, progress):
                yield from mapped_calls(tables, found, values, clock, self.account)
        elif form.name == "amazon-connect":
            with open_text(path) as opened:
                records = json_records(str(path), opened, progress)
                yield from contact_calls(records, str(path), clock, self.account)
        elif form.layout is not None:
            with open_text(path) as opened:
                header, reader = opened_log(path, opened.text)
                for number, row in enumerate(log_rows(path, form.layout, header, reader, self.account)):
                    if progress is not None and number % 10_000 == 0:
                        progress(opened.position(), opened.size)
                    yield row
        else:
            with open_text(path) as opened:
                lines = queue_lines(path, opened, database=form.name.endswith("database"), progress=progress)
                yield from log.calls(events_of(lines, self.account))

    # --- intervals

    def intervals(self, paths: Sequence[Path], folder: Path) -> Imported:
        mapping = self.forms[0].mapping
        if mapping is None:
            return self._own_report(paths, folder)
        collected = IntervalRows(mapping, self.account, self.options.doubled)
        clock = self._clock(mapping)
        for number, (path, form, progress) in enumerate(zip(paths, self.forms, self.progress, strict=True), 1):
            collected.files = number
            self.account.where = path.name if len(paths) > 1 else ""
            for found, values, tables in self._sheets(path, form, progress):
                collected.add(tables, found, values, clock)
        self.account.where = ""
        report = collected.report(", ".join(path.name for path in paths))
        gaps = self._real([*missing_intervals(report), *missing_types(report)], clock)
        if (self.options.missing or mapping.missing) == "zero":
            report, gaps = with_zeros(report, gaps), []
        elif gaps and not (report.offered == 0).any():
            said = "no row has 0 calls, so the export may leave quiet intervals out; --missing zero takes them as 0"
            self.account.say("gaps", said, assumed=True)
        write_whole(folder / INTERVALS, report_file(report, CSV))
        return self._imported("intervals", len(report), report.days(), report.call_types, gaps, [folder / INTERVALS])

    def _own_report(self, paths: Sequence[Path], folder: Path) -> Imported:
        """A report that callsim wrote, as it is."""
        if len(paths) > 1:
            raise CallsimError(f"{paths[1]}: is callsim's own report; import one of them at a time")
        report = read_interval_report(paths[0], sheet=self.options.sheet)
        gaps = self._real([*missing_intervals(report), *missing_types(report)], self._clock(None))
        if self.options.missing == "zero":
            report, gaps = with_zeros(report, gaps), []
        write_whole(folder / INTERVALS, report_file(report, CSV))
        return self._imported("intervals", len(report), report.days(), report.call_types, gaps, [folder / INTERVALS])

    def _sheets(
        self, path: Path, form: Form, progress: Progress | None
    ) -> Iterator[tuple[Found, Values, Iterator[Table]]]:
        """What is to be read of a file with a mapping: for each sheet where everything stands, and its rows."""
        assert form.mapping is not None
        if not form.tops:  # the only one that is laid out from JSON
            with open_text(path) as opened:
                table = aggregate_table(str(path), json_records(str(path), opened, progress))
            found = lay_over(form.mapping, table.header)
            yield found, self._values(found), iter([table])
            return
        with open_sheets(path, self.account, sheet=self.options.sheet, progress=progress) as sheets:
            where = self.account.where
            for sheet in sheets:
                if len(form.tops) > 1:
                    self.account.where = f"{where} {sheet.name.rpartition('!')[2]}".strip()
                top = form.tops.get(sheet.name if sheet.workbook else "")
                if top is None:
                    self.account.say("left out", f"the sheet {sheet.name.rpartition('!')[2]}, which has no such table")
                    continue
                if top > 1:
                    self.account.say("read", f"the header stands in row {top}")
                header = next(row for line, row in sheet.head if line == top)
                found = lay_over(form.mapping, header)
                yield found, self._values(found), blocks(sheet, top, self.account)

    def _values(self, found: Found) -> Values:
        return Values(found, self.account, times=self.options.times, day=self.options.day, dates=self.options.dates)

    # --- both

    def _real(self, gaps: list[Gap], clock: WallClock) -> list[Gap]:
        """Without the hour that a day does not have, as the clocks go forward."""
        skipped = {gap: clock.skipped(gap.day) or (0.0, 0.0) for gap in gaps}
        missing = [gap for gap, (start, end) in skipped.items() if start <= gap.start and gap.end <= end]
        for gap in missing:
            self.account.say("clock", f"{gap.day} has no {gap.clocks}, for the clocks go forward: no gap")
        return [gap for gap in gaps if gap not in missing]

    def _imported(
        self, rows: Literal["calls", "intervals"], count: int, days: list[date], kinds: tuple[str, ...], gaps: list[Gap],
        files: list[Path], *, callers: bool = False,
    ) -> Imported:  # fmt: skip
        missing = tuple(days_without(days))
        return Imported(
            rows, self.forms, count, tuple(days), kinds, callers, tuple(gaps), missing, tuple(files),
            tuple(self.account.findings()),
        )  # fmt: skip


def _sessions(sessions: list[Session], names: Pseudonyms) -> str:
    """The file that `callsim replay --sessions` reads."""
    out = io.StringIO(newline="")
    writer = csv_writer(out)
    writer.writerow(("agent", "start", "end"))
    named = sorted((names.agent(one.agent), one.start, one.end) for one in sessions)
    writer.writerows((agent, start.isoformat(), end.isoformat()) for agent, start, end in named)
    return out.getvalue()
