"""Recorded calls of one type from a call log: what `arrivals = { replay = "calls.csv" }` stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.calls import NONE
from sim.files.history import History
from sim.files.reading import wrong
from sim.scenario.calendar import Calendar
from sim.scenario.recorded import Recorded
from sim.scenario.units import DAY

Ints = npt.NDArray[np.int64]
_TIMES = ("arrival", "ivr_exit", "queue_entry", "answer", "end", "release")


def read_replay(
    path: Path, call_type: str, calendar: Calendar, labels: Mapping[str, Sequence[str]] | None = None
) -> Recorded:
    """The log's calls of a type on the calendar's days; on its only day, where it has no other.

    First attempts and later ones alike: what calls again is in the log already. `labels` has the values of the type's
    label families in their order. Raises as `read_call_log`, and ScenarioError for a day or type without calls.
    """
    history = _history(path, _stamp(path))
    days = history.days()
    dates = calendar.dates if len(days) > 1 else (days[0],)
    calls = _on_one_clock(history.between(dates[0], dates[-1]), dates[0])
    if call_type not in history.call_types:
        known = ", ".join(history.call_types)
        raise wrong(path, f'no call of type "{call_type}" in the log', hint=f"there is {known}")
    if not len(calls):
        when = str(dates[0]) if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
        raise wrong(path, f"no calls on {when}", hint=f"there are {days[0]} to {days[-1]}")
    return recorded(calls, call_type, labels or {})


def _on_one_clock(calls: History, first: date) -> History:
    """Calls of connected days in ticks since midnight of the first; numbers, unique within a day, are counted on."""
    days = calls.day - first.toordinal()
    if not len(calls) or not days.any():
        return calls
    number, stride = calls.number + days * (int(calls.number.max()) + 1), days * DAY
    moved: dict[str, Any] = {
        name: np.where(getattr(calls, name) != NONE, getattr(calls, name) + stride, NONE) for name in _TIMES
    }
    later = replace(calls, number=number, **moved)
    order = np.lexsort((number, later.arrival))
    return later.where(order)


def recorded(day: History, call_type: str, labels: Mapping[str, Sequence[str]]) -> Recorded:
    """The calls of a type as Recorded; a label value that the type does not have is taken as not recorded."""
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
