"""Tape: the fresh calls of one replication with everything random about them, drawn before the day runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from sim.chance.jit import constant, part
from sim.chance.presence import NOBODY, Presence
from sim.chance.talks import NO_FACTORS

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

# Columns of Tape.rows: 64 bytes a call, because a day's tape is larger than the caches and every byte of it is waited for.
# WHAT holds what needs few bits, one beside the other
ARRIVAL, WHAT, IVR, TALK, WRAP, PATIENCE, NUMBER, WAITED, TAPE_COLUMNS = range(9)

T = TypeVar("T", int, Ints)


def _field(at: int, bits: int) -> tuple[int, int]:
    return constant(at), constant((1 << bits) - 1)


FATE, BALKS, CAME, CALL_TYPE, VIA = _field(0, 2), _field(2, 1), _field(3, 3), _field(6, 10), _field(16, 10)
SURGE, STREAM = _field(26, 16), _field(42, 21)
MOST_SURGES, MOST_STREAMS = int(SURGE[1]) - 1, int(STREAM[1])


def _packed(call_type: T, fate: T, via: T, balks: T, surge: T, stream: T) -> T:
    low = fate | balks << BALKS[0] | call_type << CALL_TYPE[0] | via + 1 << VIA[0]
    return low | surge + 1 << SURGE[0] | stream << STREAM[0]


def _unpacked(what: T, field: tuple[int, int]) -> T:
    return what >> field[0] & field[1]


def _surge_of(what: T) -> T:
    return (what >> SURGE[0] & SURGE[1]) - 1


def _via_of(what: T) -> T:
    return (what >> VIA[0] & VIA[1]) - 1


packed, unpacked, surge_of = part(_packed), part(_unpacked), part(_surge_of)  # for kernels
via_of = part(_via_of)


class Fate(IntEnum):
    """What the IVR does to a call."""

    QUEUE = 0
    CONTAINED = 1
    HANG_UP = 2
    TURNED_AWAY = 3  # does not come in: a busy tone


@dataclass(frozen=True, eq=False)
class Tape:
    """Fresh calls sorted by (arrival, number); without a replayed log that is by (arrival, stream, k).

    seed, replication : what the draws hang on
    key : uint64, shape (calls,)
    label : int64, shape (calls, families), code or -1
    rows : int64, shape (calls, TAPE_COLUMNS): one call after the other, because what is read together lies together;
        the properties below read them
    presence : what the agents of a roster do
    talks : what talk is multiplied by, see `talks.talk_factors`: for calls that come about later; that of `rows` is
    """

    seed: int
    replication: int
    key: Keys
    label: Ints
    rows: Ints
    presence: Presence = NOBODY
    talks: Ints = field(default_factory=lambda: NO_FACTORS)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def number(self) -> Ints:
        """Caller number, settles ties; 0, 1, 2, ... in tape order, or the numbers of a replayed log."""
        return self.rows[:, NUMBER]

    @property
    def stream(self) -> Ints:
        """Everyday streams are call type codes; then surges' (surge x type), see `surge`; then opening queues'."""
        return _unpacked(self.rows[:, WHAT], STREAM)

    @property
    def call_type(self) -> Ints:
        """Code of the call type."""
        return _unpacked(self.rows[:, WHAT], CALL_TYPE)

    @property
    def surge(self) -> Ints:
        """Code of the surge or -1."""
        return _surge_of(self.rows[:, WHAT])

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
        return _unpacked(self.rows[:, WHAT], FATE)

    @property
    def via(self) -> Ints:
        """Code of the deflection that contains the call, or -1."""
        return _via_of(self.rows[:, WHAT])

    @property
    def balks(self) -> Ints:
        """1 if the caller leaves on learning that nobody is free."""
        return _unpacked(self.rows[:, WHAT], BALKS)

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
        mine = {name: getattr(self, name) for name in (*_COLUMNS, *_PACKED)}
        return tape_of(
            seed=self.seed, replication=self.replication, key=self.key, label=self.label, presence=self.presence,
            talks=self.talks, **{**mine, **columns},
        )  # fmt: skip


def tape_of(
    *, seed: int, replication: int, key: Keys, label: Ints, presence: Presence = NOBODY, talks: Ints = NO_FACTORS, **columns: Ints
) -> Tape:
    """A Tape of columns by the names of its properties, all of them, in any order of calls; int64, shape (calls,)."""
    order = np.lexsort((columns["number"], columns["arrival"]))
    rows = np.empty((len(order), TAPE_COLUMNS), np.int64)
    for name, column in _COLUMNS.items():
        rows[:, column] = columns.pop(name)[order]
    rows[:, WHAT] = _packed(*(columns.pop(name)[order] for name in _PACKED))
    if columns:
        raise TypeError(f"a Tape has no column {next(iter(columns))!r}")
    return Tape(seed, replication, key[order], label[order], rows, presence, talks)


_COLUMNS = {
    "arrival": ARRIVAL, "ivr": IVR, "talk": TALK, "wrap": WRAP, "patience": PATIENCE, "number": NUMBER, "waited": WAITED,
}  # fmt: skip
_PACKED = ("call_type", "fate", "via", "balks", "surge", "stream")  # in the order in which `packed` takes them
