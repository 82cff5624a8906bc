"""Recorded calls of one type, as plain arrays: what a replay knows of each call."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Recorded:
    """Calls of one type from a log, sorted by arrival. All int64, shape (calls,), times in ticks; -1: not recorded.

    number : the caller number of the log; unique over all types; settles ties
    arrival : ticks since midnight of the day
    ivr : ticks from arrival to IVR exit
    outcome : code of ``sim.calls.Outcome``
    wait : ticks in queue until the answer, the hang-up or the end of the record
    talk, wrap : ticks of talk and wrap-up
    labels : label family -> code of the value in the call type's order
    """

    number: Ints
    arrival: Ints
    ivr: Ints
    outcome: Ints
    wait: Ints
    talk: Ints
    wrap: Ints
    labels: dict[str, Ints] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if np.any(np.diff(self.arrival) < 0):
            raise ValueError("recorded calls must be sorted by arrival")

    def __len__(self) -> int:
        return len(self.arrival)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Recorded):
            return NotImplemented
        plain = [part.name for part in fields(self) if part.name != "labels"]
        return all(np.array_equal(getattr(self, name), getattr(other, name)) for name in plain) and (
            self.labels.keys() == other.labels.keys()
            and all(np.array_equal(self.labels[name], other.labels[name]) for name in self.labels)
        )

    __hash__ = None  # type: ignore[assignment]  # arrays have no hash
