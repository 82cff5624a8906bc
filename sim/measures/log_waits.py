"""Waits of a log: percentiles under any cut, exact, where a tally keeps them by day and call type only."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.calls import NONE, Day
from sim.measures.cut import Cut, place
from sim.scenario.errors import CallsimError
from sim.scenario.units import DAY, TICKS_PER_SECOND

Floats = npt.NDArray[np.float64]


def waits_of(
    day: Day,
    *,
    call_type: str | None = None,
    label: str | None = None,
    group: str | None = None,
    interval: int | tuple[int, int] | None = None,
    answered: bool = True,
) -> Floats:
    """Seconds from queue entry to the answer of the calls that a cut names, in the order of the log: shape (calls,).

    `label` is "family=value"; `interval`, an index or a range of them, is that of the arrival; `group` is who answered.
    answered False: of all who asked for an agent, until the answer or until they were gone.
    The wait of who took a callback ends when it was accepted. Raises CallsimError for names
    and intervals that do not exist.
    """
    calls, frame = day.calls, day.frame
    left = np.where(calls.answer != NONE, calls.answer, calls.end)
    left = np.where(calls.accepted != NONE, calls.accepted, left)
    keep = (calls.queue_entry != NONE) & (left != NONE)
    if answered:
        keep &= calls.answer != NONE
    if call_type is not None:
        keep &= calls.call_type == place(call_type, frame.call_types, "call type")
    if group is not None:
        keep &= calls.group == place(group, frame.groups, "group")
    if label is not None:
        names = {f"{family}={value}": (f, v) for f, (family, values) in enumerate(frame.labels) for v, value in enumerate(values)}
        place(label, list(names), "label")
        family, code = names[label]
        keep &= calls.label[:, family] == code
    if interval is not None:
        first, last = Cut(interval=interval).intervals(frame)
        since = calls.arrival - frame.opens
        in_day = since - np.clip(since // DAY, 0, frame.days - 1) * DAY
        keep &= (in_day >= first * frame.interval) & (in_day < last * frame.interval)
    seconds: Floats = (left - calls.queue_entry)[keep] / TICKS_PER_SECOND
    return seconds


def wait_quantile(waits: Floats, level: float) -> float:
    """The least wait that the share `level` of the waits does not pass (the inverse of their distribution); nan for none.

    ``wait_quantile(waits_of(day, label="segment=golden"), 0.9)``; raises CallsimError for a level outside 0 to 1.
    """
    if not 0 <= level <= 1:
        raise CallsimError(f"level: must be from 0 to 1; found {level:g}")
    return float(np.quantile(waits, level, method="inverted_cdf")) if len(waits) else float("nan")
