"""Recorded calls of one type from a call log: what `arrivals = { replay = "calls.csv" }` stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sim.calls import NONE
from sim.files.history import History
from sim.files.reading import wrong
from sim.scenario.calendar import Calendar
from sim.scenario.recorded import Recorded

Ints = npt.NDArray[np.int64]


def read_replay(
    path: Path, call_type: str, calendar: Calendar, labels: Mapping[str, Sequence[str]] | None = None
) -> Recorded:
    """The log's calls of a type on the calendar's day; on its only day, where it has no other.

    First attempts and later ones alike: what calls again is in the log already. `labels` has the values of the type's
    label families in their order. Raises as `read_call_log`, and ScenarioError for a day or type without calls.
    """
    history = _history(path, _stamp(path))
    days = history.days()
    day = calendar.start if len(days) > 1 else days[0]
    calls = history.between(day, day)
    if call_type not in history.call_types:
        known = ", ".join(history.call_types)
        raise wrong(path, f'no call of type "{call_type}" in the log', hint=f"there is {known}")
    if not len(calls):
        raise wrong(path, f"no calls on {day}", hint=f"there are {days[0]} to {days[-1]}")
    return recorded(calls, call_type, labels or {})


def recorded(day: History, call_type: str, labels: Mapping[str, Sequence[str]]) -> Recorded:
    """One day's calls of a type as Recorded; a label value that the type does not have is taken as not recorded."""
    calls = day.where(day.call_type == day.call_types.index(call_type))
    ivr = np.where(calls.ivr_exit != NONE, calls.ivr_exit - calls.arrival, NONE)
    codes = {}
    for at, (family, values) in enumerate(calls.labels):
        if family in labels:
            order = list(labels[family])
            into = np.array([*(order.index(name) if name in order else NONE for name in values), NONE], np.int64)
            codes[family] = into[calls.label[:, at]]
    return Recorded(
        calls.number, calls.arrival, ivr, calls.outcome, calls.wait, calls.talk, calls.wrap_up, codes
    )  # fmt: skip


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0  # said when the file is read
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=2)  # each call type asks for the same file
def _history(path: Path, stamp: tuple[int, int]) -> History:
    from sim.files.call_log import read_call_log

    del stamp
    return read_call_log(path)
