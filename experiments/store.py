"""Store: results in one SQLite file, keyed by content, each day by itself, so that nothing is simulated twice.

The key of a day is (hash of the scenario, hash of the Measuring, seed, replication, middle, model version). What is stored
depends neither on the engine nor on who computed it. Every commit is whole: killed at any moment, the store holds the days
committed before and no others. A day's number is its key's number << 32 | replication, so that days are added at the end of
one table; the view `days` has them by all parts of the key.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from experiments.identity import MODEL_VERSION, content, digest, measuring_hash, text
from experiments.packing import frame_from, frame_text, pack_days, unpack_days
from sim.scenario.errors import CallsimError, CannotFinishError
from sim.scenario.scenario import Scenario
from sim.tally import Measuring, Tally

SCHEMA = 1
WAIT = 20.0  # seconds for another process's commit to end

_TABLES = """
CREATE TABLE scenarios (hash TEXT PRIMARY KEY, content TEXT NOT NULL, frame TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE measurings (hash TEXT PRIMARY KEY, settings TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE keys (
    key INTEGER PRIMARY KEY, scenario TEXT NOT NULL, measuring TEXT NOT NULL, seed INTEGER NOT NULL,
    middle INTEGER NOT NULL, model INTEGER NOT NULL, UNIQUE (scenario, measuring, seed, middle, model)
);
CREATE TABLE counts (day INTEGER PRIMARY KEY, counts BLOB NOT NULL);
CREATE VIEW days AS
    SELECT scenario, measuring, seed, middle, model, day & 4294967295 AS replication, counts
    FROM counts JOIN keys ON key = day >> 32;
CREATE TABLE runs (run INTEGER PRIMARY KEY, began TEXT NOT NULL, ended TEXT, manifest TEXT NOT NULL);
"""


class Key(NamedTuple):
    """The days of one scenario: all of a key but the replication."""

    scenario: str
    measuring: str
    seed: int
    middle: bool
    model: int = MODEL_VERSION


class Store:
    """An open store. One thread uses it; several processes may, each commit waiting for its turn.

    Raises CallsimError for a file that is no store or one of a newer form, CannotFinishError where it cannot be written.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._told: dict[tuple[str, str], tuple[str, Scenario, str]] = {}  # hashes -> content, scenario, Measuring
        self._numbers: dict[Key, int] = {}  # of keys that are in the file, with their scenario and Measuring
        with self._telling():
            self._file = sqlite3.connect(self.path, timeout=WAIT, isolation_level=None)
            self._file.execute("PRAGMA page_size = 16384")  # of a new file: a day is some 4 kB and more
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute("PRAGMA synchronous = NORMAL")
            self._file.execute("PRAGMA wal_autocheckpoint = 1250")  # pages: commits wait less often for the main file
            with self._whole():  # two processes may both begin it
                version = self._file.execute("PRAGMA user_version").fetchone()[0]
                if version == 0:
                    for statement in _TABLES.split(";"):
                        self._file.execute(statement)
                    self._file.execute(f"PRAGMA user_version = {SCHEMA}")
        if version > SCHEMA:
            raise CallsimError(f"{self.path}: is a store of a newer callsim (form {version}; this one reads {SCHEMA})")

    def close(self) -> None:
        """Ends the use of the file."""
        self._file.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def key(self, scenario: Scenario, measuring: Measuring, seed: int, *, middle: bool = False) -> Key:
        """The key of a scenario's days; its content is written beside the first of them."""
        told = text(content(scenario))
        found = Key(digest(told), measuring_hash(measuring), seed, middle)
        if found[:2] not in self._told:
            self._told[found[:2]] = told, scenario, json.dumps(asdict(measuring))
        return found

    def there(self, key: Key) -> set[int]:
        """The replications of a key that are stored."""
        with self._telling():
            found = self._file.execute("SELECT day FROM counts WHERE day BETWEEN ? AND ?", self._days(key)).fetchall()
        return {day & _REPLICATION for (day,) in found}

    def put(self, key: Key, replications: range, days: Tally | Sequence[bytes]) -> None:
        """Commit days, packed or not; one that is there already stays as it is, for it is the same."""
        from sim.chance.ranges import resolve
        from sim.engines.plan import plan

        packed = pack_days(days) if isinstance(days, Tally) else days
        with self._telling(), self._whole():
            if key not in self._numbers:
                told, scenario, settings = self._told[key[:2]]
                shape = frame_text(plan(resolve(scenario, seed=0, middle=True)).frame)
                self._file.execute("INSERT OR IGNORE INTO scenarios VALUES (?, ?, ?)", (key.scenario, told, shape))
                self._file.execute("INSERT OR IGNORE INTO measurings VALUES (?, ?)", (key.measuring, settings))
                self._file.execute(f"INSERT OR IGNORE INTO keys ({_PARTS}) VALUES (?, ?, ?, ?, ?)", key)
            first = self._number(key) << 32
            rows = [(first | i, one) for i, one in zip(replications, packed, strict=True)]
            for at in range(0, len(rows), _AT_ONCE):  # few statements: at the end of each, threads that simulate may go first
                some = rows[at : at + _AT_ONCE]
                values = ", ".join(["(?, ?)"] * len(some))
                self._file.execute(f"INSERT OR IGNORE INTO counts VALUES {values}", [part for row in some for part in row])

    def get(self, key: Key, replications: range) -> Tally:
        """These days, in order; raises CallsimError where one is not there."""
        with self._telling():
            first = self._number(key) << 32
            ends = first + replications.start, first + replications.stop - 1
            rows = self._file.execute("SELECT counts FROM counts WHERE day BETWEEN ? AND ? ORDER BY day", ends).fetchall()
            shape = self._file.execute("SELECT frame FROM scenarios WHERE hash = ?", (key.scenario,)).fetchone()
            settings = self._file.execute("SELECT settings FROM measurings WHERE hash = ?", (key.measuring,)).fetchone()
        if len(rows) != len(replications) or shape is None or settings is None:
            raise CallsimError(f"{self.path}: holds {len(rows)} of {len(replications)} days asked for")
        told = json.loads(settings[0])
        told["window"] = None if told["window"] is None else tuple(told["window"])
        try:
            return unpack_days([packed for (packed,) in rows], frame_from(shape[0]), Measuring(**told))
        except ValueError as error:
            raise CallsimError(f"{self.path}: is damaged ({error})") from error

    def _number(self, key: Key) -> int:
        """The number of a key in this file, 0 where it has none yet."""
        if key not in self._numbers:
            found = self._file.execute(f"SELECT key FROM keys WHERE ({_PARTS}) = (?, ?, ?, ?, ?)", key).fetchone()
            if found is None:
                return 0
            self._numbers[key] = int(found[0])
        return self._numbers[key]

    def _days(self, key: Key) -> tuple[int, int]:
        first = self._number(key) << 32
        return first, first | _REPLICATION

    def models(self) -> dict[int, int]:
        """Version of the model -> how many days of it the store holds."""
        with self._telling():
            rows = self._file.execute("SELECT model, COUNT(*) FROM days GROUP BY model ORDER BY model").fetchall()
        return {int(version): int(days) for version, days in rows}

    def begin_run(self, manifest: Mapping[str, Any], now: str) -> int:
        """Note that a run begins, with what made it; its number."""
        with self._telling(), self._whole():
            found = self._file.execute("INSERT INTO runs (began, manifest) VALUES (?, ?)", (now, json.dumps(manifest)))
        return int(found.lastrowid or 0)

    def end_run(self, run: int, now: str) -> None:
        """Note that it ended."""
        with self._telling(), self._whole():
            self._file.execute("UPDATE runs SET ended = ? WHERE run = ?", (now, run))

    def runs(self) -> list[dict[str, Any]]:
        """The manifests of all runs, the first first, each with `began` and `ended` (None: it was stopped)."""
        with self._telling():
            rows = self._file.execute("SELECT began, ended, manifest FROM runs ORDER BY run").fetchall()
        return [json.loads(manifest) | {"began": began, "ended": ended} for began, ended, manifest in rows]

    def scenarios(self) -> dict[str, Any]:
        """Hash -> content of every scenario: all it says but titles. It names no callers, and no agents but by group."""
        with self._telling():
            return {name: json.loads(told) for name, told in self._file.execute("SELECT hash, content FROM scenarios")}

    @contextmanager
    def _whole(self) -> Iterator[None]:
        self._file.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._file.in_transaction:
                self._file.execute("ROLLBACK")
            raise
        self._file.execute("COMMIT")

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """SQLite's errors in our words."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            said = str(error)
            kept = "what was committed is kept; --resume goes on from there"
            if "locked" in said or "busy" in said:
                raise CannotFinishError(f"{self.path}: another program holds the store; {kept}") from error
            if "full" in said:
                raise CannotFinishError(f"{self.path}: the disk is full; {kept}") from error
            if "not a database" in said or "malformed" in said or "no such table" in said:
                raise CallsimError(f"{self.path}: is no store of callsim, or a damaged one ({said})") from error
            if "readonly" in said or "unable to open" in said:
                raise CannotFinishError(f"{self.path}: cannot be opened for writing ({said})") from error
            raise CannotFinishError(f"{self.path}: {said}; {kept}") from error


_PARTS = "scenario, measuring, seed, middle, model"
_REPLICATION = (1 << 32) - 1
_AT_ONCE = 400  # rows of a statement, two values each: every SQLite takes 999
