"""Tape: the fresh calls of one replication with everything random about them, drawn before the day runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

# Columns of Tape.rows; what a kernel reads when a call arrives stands first, 64 bytes together
(
    ARRIVAL, CALL_TYPE, IVR, FATE, BALKS, TALK, WRAP, PATIENCE, NUMBER, WAITED, SURGE, STREAM, TAPE_COLUMNS,
) = range(13)  # fmt: skip


class Fate(IntEnum):
    """What the IVR does to a call."""

    QUEUE = 0
    CONTAINED = 1
    HANG_UP = 2


@dataclass(frozen=True, eq=False)
class Tape:
    """Fresh calls sorted by (arrival, number); without a replayed log that is by (arrival, stream, k).

    seed, replication : what the draws hang on
    key : uint64, shape (calls,)
    label : int64, shape (calls, families), code or -1
    rows : int64, shape (calls, TAPE_COLUMNS): one call after the other, because what is read together lies together;
        its columns are the properties below
    """

    seed: int
    replication: int
    key: Keys
    label: Ints
    rows: Ints

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def number(self) -> Ints:
        """Caller number, settles ties; 0, 1, 2, ... in tape order, or the numbers of a replayed log."""
        return self.rows[:, NUMBER]

    @property
    def stream(self) -> Ints:
        """Everyday streams are call type codes; then surges' (surge x type), see `surge`; then opening queues'."""
        return self.rows[:, STREAM]

    @property
    def call_type(self) -> Ints:
        """Code of the call type."""
        return self.rows[:, CALL_TYPE]

    @property
    def surge(self) -> Ints:
        """Code of the surge or -1."""
        return self.rows[:, SURGE]

    @property
    def arrival(self) -> Ints:
        """Ticks."""
        return self.rows[:, ARRIVAL]

    @property
    def ivr(self) -> Ints:
        """Ticks in the IVR; who skips it has 0 and Fate.QUEUE."""
        return self.rows[:, IVR]

    @property
    def fate(self) -> Ints:
        """Code of Fate."""
        return self.rows[:, FATE]

    @property
    def balks(self) -> Ints:
        """1 if the caller leaves on learning that nobody is free."""
        return self.rows[:, BALKS]

    @property
    def talk(self) -> Ints:
        """Ticks, factors already applied; so are `wrap` and `patience`."""
        return self.rows[:, TALK]

    @property
    def wrap(self) -> Ints:
        """Ticks of wrap-up."""
        return self.rows[:, WRAP]

    @property
    def patience(self) -> Ints:
        """Ticks from queue entry (opening queue: what remains at opening); NEVER where nobody gives up."""
        return self.rows[:, PATIENCE]

    @property
    def waited(self) -> Ints:
        """Ticks already waited when the day opens (opening queue), else 0."""
        return self.rows[:, WAITED]


    def with_columns(self, **columns: Ints) -> Tape:
        """The same calls but for these columns, by the names of the properties, in order again."""
        mine = {name: getattr(self, name) for name in _COLUMNS}
        return tape_of(
            seed=self.seed, replication=self.replication, key=self.key, label=self.label, **{**mine, **columns}
        )


def tape_of(*, seed: int, replication: int, key: Keys, label: Ints, **columns: Ints) -> Tape:
    """A Tape of columns by the names of its properties, all of them, in any order of calls; int64, shape (calls,)."""
    order = np.lexsort((columns["number"], columns["arrival"]))
    rows = np.empty((len(order), TAPE_COLUMNS), np.int64)
    for name, column in _COLUMNS.items():
        rows[:, column] = columns.pop(name)[order]
    if columns:
        raise TypeError(f"a Tape has no column {next(iter(columns))!r}")
    return Tape(seed, replication, key[order], label[order], rows)


_COLUMNS = {
    "arrival": ARRIVAL, "call_type": CALL_TYPE, "ivr": IVR, "fate": FATE, "balks": BALKS, "talk": TALK, "wrap": WRAP,
    "patience": PATIENCE, "number": NUMBER, "waited": WAITED, "surge": SURGE, "stream": STREAM,
}  # fmt: skip
