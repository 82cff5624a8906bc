"""Call table: one simulated day call by call, in seconds and names instead of ticks and codes."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from sim.calls import NONE, Came, Day, Outcome
from sim.files.cells import guarded
from sim.scenario.units import DAY, TICKS_PER_SECOND

_TIMES = ("arrival", "ivr_exit", "queue_entry", "answer", "end", "release")


def columns(day: Day, surges: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Column -> text per call; "" where something did not happen.

    `key` has 16 hexadecimal digits (what `trace --call` takes); `date` is the day the call arrives on, which lasts until the
    next opens, and times are seconds since midnight of that date; one column per label family; `surge` is the name from
    `surges`, "" for everyday calls.
    """
    calls, frame = day.calls, day.frame
    on = np.clip((calls.arrival - frame.opens) // DAY, 0, frame.days - 1)
    table = {
        "date": [(frame.start + timedelta(days=one)).isoformat() for one in on.tolist()],
        "number": _numbers(calls.number),
        "key": [f"{int(key):016x}" for key in calls.key],
        "caller": _numbers(calls.caller),
        "attempt": _numbers(calls.attempt),
        "came": [Came(code).name.lower() for code in calls.came.tolist()],
        "parent": _numbers(calls.parent),
        "call_type": _names(calls.call_type, frame.call_types),
    }
    for family, (label, values) in enumerate(frame.labels):
        table[label if label not in table else f"label_{label}"] = _names(calls.label[:, family], values)
    table["surge"] = _names(calls.surge, surges)
    for name in _TIMES:
        table[name] = _seconds(getattr(calls, name), on)
    table["predicted"] = _seconds(calls.predicted, np.zeros_like(on))
    table["accepted"] = _seconds(calls.accepted, on)
    table["group"] = _names(calls.group, frame.groups)
    table["agent"] = _numbers(calls.agent)
    table["outcome"] = [Outcome(code).name.lower() for code in calls.outcome.tolist()]
    table["solved"] = _numbers(calls.solved)
    return table


def as_csv(table: dict[str, list[str]]) -> str:
    """The table as CSV with a header; commas, quotes where needed, one line per call."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table)
    # read back by `sim.files.own_log`
    writer.writerows(zip(*(map(guarded, column) for column in table.values()), strict=True))
    return out.getvalue()


def _numbers(codes: npt.NDArray[np.int64]) -> list[str]:
    return ["" if code == NONE else str(code) for code in codes.tolist()]


def _names(codes: npt.NDArray[np.int64], names: tuple[str, ...]) -> list[str]:
    return ["" if code < 0 else names[code] if code < len(names) else str(code) for code in codes.tolist()]


def _seconds(times: npt.NDArray[np.int64], on: npt.NDArray[np.int64]) -> list[str]:
    # six digits are whole ticks, so nothing is rounded
    one = TICKS_PER_SECOND
    since = np.where(times == NONE, NONE, times - on * DAY)
    return ["" if tick == NONE else f"{tick // one}.{tick % one:06d}" for tick in since.tolist()]
