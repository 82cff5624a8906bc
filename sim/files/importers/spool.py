"""Spool: calls on their way into a log, day by day on disk, so that a log of any length is sorted in the memory of one day."""

from __future__ import annotations

import contextlib
import gzip
import io
import marshal
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from sim.calls import NONE
from sim.files.account import Account
from sim.files.log_rows import LogRow
from sim.files.own_log import own_cells, own_header
from sim.files.write import whole, writing
from sim.files.write_table import csv_writer
from sim.scenario.units import DAY

_HELD = 50_000  # calls in memory before they go to disk
_PARTS = 48  # of a day, by which calls are counted
_FIELDS = LogRow._fields
_ARRIVAL, _TYPE, _CUSTOMER, _ID, _STAMP = map(_FIELDS.index, ("arrival", "call_type", "customer", "id", "stamp"))


class Spool:
    """``with Spool(folder) as spool``: `add` calls in any order, then `write` them as callsim's own call log.

    `added` is how many were; of those that were written `call_types` are the names, `callers` says whether some are known,
    and `counts` are calls by day, type and half-hour: day (ordinal) -> call type -> int64, shape (48,)
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[int, list[tuple[Any, ...]]] = {}
        self._holds = 0
        self._families: dict[str, None] = {}
        self._accepted = False
        self.added = 0
        self.call_types: set[str] = set()
        self.callers = False
        self.counts: dict[int, dict[str, np.ndarray]] = {}

    def __enter__(self) -> Spool:
        self._made = not self._folder.exists()
        with writing(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._home = tempfile.TemporaryDirectory(prefix=".import-", dir=self._folder)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._home.cleanup()
        if self._made and error is not None:
            with contextlib.suppress(OSError):  # something lies in it after all
                self._folder.rmdir()

    def add(self, row: LogRow) -> None:
        """Keeps a call."""
        for family, _ in row.labels:
            self._families.setdefault(family)
        self._accepted |= row.accepted != NONE
        self._held.setdefault(row.day, []).append(tuple(row))
        self._holds += 1
        self.added += 1
        if self._holds >= _HELD:
            self._put_down()

    def _put_down(self) -> None:
        for day, rows in self._held.items():
            with writing(self._folder), self._file(day).open("ab") as out:
                marshal.dump(rows, out)  # these files are read by this process only
        self._held.clear()
        self._holds = 0

    def _file(self, day: int) -> Path:
        return Path(self._home.name) / str(day)

    def days(self) -> list[int]:
        """The ordinals of the days that have calls, in order."""
        return sorted({int(path.name) for path in Path(self._home.name).iterdir()} | set(self._held))

    def write(self, path: Path, account: Account) -> int:
        """Writes the calls by day, arrival and the order in which they came; how many there are.

        Of calls with one id the one with the last stamp stands. A file that ends in .gz is packed.
        """
        self._put_down()
        families, written = list(self._families), 0
        with whole(path) as raw, contextlib.ExitStack() as stack:
            packed = path.suffix == ".gz"
            # no name and no time of making: the same calls give the same file
            binary: Any = stack.enter_context(gzip.GzipFile("", "wb", 3, raw, mtime=0)) if packed else raw
            text = io.TextIOWrapper(binary, encoding="utf-8", newline="", write_through=False)
            writer = csv_writer(text)
            accepted = self._accepted
            writer.writerow(own_header(families, accepted=accepted))
            for day in self.days():
                calls = self._calls(day, account)
                self._count(day, calls)
                when = date.fromordinal(day).isoformat()
                rows = (LogRow(*call) for call in calls)
                writer.writerows(own_cells(row, at, when, families, accepted=accepted) for at, row in enumerate(rows))
                written += len(calls)
            text.flush()
            text.detach()
        return written

    def _calls(self, day: int, account: Account) -> list[tuple[Any, ...]]:
        calls = list(self._rows(day))
        calls.sort(key=lambda call: int(call[_ARRIVAL]))  # stable: what came first stays first
        newest: dict[str, int] = {}
        for at, call in enumerate(calls):
            name = call[_ID]
            if name and (name not in newest or call[_STAMP] >= calls[newest[name]][_STAMP]):
                newest[name] = at
        kept = [call for at, call in enumerate(calls) if not call[_ID] or newest[call[_ID]] == at]
        if len(kept) < len(calls):
            said = "{n} records of calls that are there more than once; the newest stands"
            account.say("duplicates", said, count=len(calls) - len(kept))
        return kept

    def _rows(self, day: int) -> Iterator[tuple[Any, ...]]:
        with self._file(day).open("rb") as packed:
            while True:
                try:
                    yield from marshal.load(packed)
                except EOFError:
                    return

    def _count(self, day: int, calls: list[tuple[Any, ...]]) -> None:
        self.call_types.update(call[_TYPE] for call in calls)
        self.callers = self.callers or any(call[_CUSTOMER] for call in calls)
        parts = np.minimum(np.array([call[_ARRIVAL] for call in calls], np.int64) * _PARTS // DAY, _PARTS - 1)
        names, kind = np.unique([call[_TYPE] for call in calls], return_inverse=True)
        counts = np.zeros((len(names), _PARTS), np.int64)
        np.add.at(counts, (kind, parts), 1)
        self.counts[day] = dict(zip(names.tolist(), counts, strict=True))

    def table(self, days: list[int], kinds: Sequence[str]) -> np.ndarray:
        """Calls written: float64, shape (days, types, 48)."""
        none = np.zeros(_PARTS)
        return np.array([[self.counts[day].get(kind, none) for kind in kinds] for day in days], np.float64)
