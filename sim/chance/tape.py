"""Tape: the fresh calls of one replication with everything random about them, drawn before the day runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]


class Fate(IntEnum):
    """What the IVR does to a call."""

    QUEUE = 0
    CONTAINED = 1
    HANG_UP = 2


@dataclass(frozen=True, eq=False)
class Tape:
    """Fresh calls sorted by (arrival, stream, k); with a replayed log by (arrival, number). All int64 unless said,
    shape (calls,), times in ticks.

    seed, replication : what the draws hang on
    number : caller number, settles ties; 0, 1, 2, ... in tape order, or the numbers of a replayed log
    key : uint64
    stream : everyday streams are call type codes; then surges' (surge x type); see `surge`
    call_type : code; label : shape (calls, families), code or -1; surge : code or -1
    arrival : ticks; ivr : time in the IVR; fate : code of Fate; skips_ivr is ivr == 0 with fate QUEUE
    balks : 1 if the caller leaves on learning that nobody is free
    talk, wrap, patience : ticks, factors already applied; patience counts from queue entry (opening queue: what
        remains of it at opening), NEVER where nobody gives up
    waited : ticks already waited when the day opens (opening queue), else 0
    """

    seed: int
    replication: int
    number: Ints
    key: Keys
    stream: Ints
    call_type: Ints
    label: Ints
    surge: Ints
    arrival: Ints
    ivr: Ints
    fate: Ints
    balks: Ints
    talk: Ints
    wrap: Ints
    patience: Ints
    waited: Ints

    def __len__(self) -> int:
        return len(self.arrival)
