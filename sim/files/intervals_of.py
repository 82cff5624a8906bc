"""Intervals of a log: the Report that a switch would have printed of recorded calls, exact to the tick."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calls import NONE, Outcome
from sim.files.history import History
from sim.files.report import CREDITED, Floats, Report
from sim.scenario.errors import CallsimError
from sim.scenario.units import DAY, TICKS_PER_SECOND, ticks

Ints = npt.NDArray[np.int64]
_WAITED = (
    Outcome.BALKED, Outcome.ABANDONED, Outcome.DEFLECTED, Outcome.CALLBACK_MISSED, Outcome.ANSWERED, Outcome.CALLED_BACK,
)  # fmt: skip
_ANSWERED = (Outcome.ANSWERED, Outcome.CALLED_BACK)


class _Rows(NamedTuple):
    """The rows of a report: a row for each cell, by date and time, and call type.

    day : ordinals; slot : intervals since midnight; both int64, shape (cells,); of_call : int64, shape (calls,)
    """

    day: Ints
    slot: Ints
    of_call: Ints


def report_of(history: History, *, interval: float = 1800.0, within: float = 20.0, credited: str = "arrival") -> Report:
    """The calls that asked for an agent by interval and call type; what a log cannot know is NaN.

    Counts and waits are those of `sim.tally` with the same crediting, but for who is called back: a History does not say
    when that was promised, so he waits until the callback. Every day that has calls has every interval from the earliest
    to the latest that any day has; where nothing happened numbers are 0, and the AHT, which is 0/0, is NaN. Calls that end
    after midnight count on the next date, unless the log itself has days that go on after midnight.
    Raises CallsimError for an interval that does not divide a day, and for a log without such calls.
    """
    step = ticks(interval)
    if step <= 0 or DAY % step:
        raise CallsimError(f"an interval must divide a day, such as 15m or 30m; {interval:g} s does not")
    if credited not in CREDITED:
        raise CallsimError(f'no crediting "{credited}"; there is {", ".join(CREDITED)}')
    waiting_still = (history.outcome == Outcome.STILL_THERE) & (history.queue_entry != NONE)
    calls = history.where(np.isin(history.outcome, _WAITED) | waiting_still)
    if not len(calls):
        raise CallsimError(f"{history.source}: no call asked for an agent")
    types = len(history.call_types)
    rows = _rows(np.unique(history.day), calls, step, credited)
    count = len(rows.day) * types
    answered, abandoned = np.isin(calls.outcome, _ANSWERED), calls.outcome == Outcome.ABANDONED
    wait = np.maximum(calls.waited, 0)
    until = np.where(calls.release != NONE, calls.release, calls.end)
    handle = np.where(answered & (calls.answer != NONE), until - calls.answer, 0)
    row = rows.of_call * types + calls.call_type

    def counted(which: npt.NDArray[np.bool_]) -> Floats:
        return np.bincount(row[which], minlength=count).astype(np.float64)

    def seconds(which: npt.NDArray[np.bool_], spans: Ints) -> Floats:
        total = np.zeros(count, np.int64)  # ticks, so that the order of calls does not matter
        np.add.at(total, row[which], spans[which])
        return total / TICKS_PER_SECOND

    longest = np.zeros(count, np.int64)
    np.maximum.at(longest, row, np.where(answered | abandoned, wait, 0))
    number = counted(answered)
    with np.errstate(invalid="ignore"):
        aht = seconds(answered, handle) / number
    known = not np.isnan(within)
    dates = {day: date.fromordinal(day) for day in np.unique(rows.day).tolist()}
    return Report(
        source=history.source, interval=interval, call_types=history.call_types, within=within, credited=credited,
        day=tuple(dates[day] for day in np.repeat(rows.day, types).tolist()),
        start=np.repeat(rows.slot * step / TICKS_PER_SECOND, types), call_type=np.tile(np.arange(types), len(rows.day)),
        offered=counted(np.ones(len(calls), np.bool_)), answered=number, abandoned=counted(abandoned),
        answered_within=counted(answered & (wait <= ticks(within))) if known else np.full(count, np.nan), aht=aht,
        wait_answered=seconds(answered, wait), wait_abandoned=seconds(abandoned, wait),
        longest_wait=longest / TICKS_PER_SECOND, notes=(*history.notes, *_notes(calls, answered, abandoned)),
    )  # fmt: skip


def _rows(days: Ints, calls: History, step: int, credited: str) -> _Rows:
    left = np.where(calls.answer != NONE, calls.answer, calls.end)
    left = np.where(calls.accepted != NONE, calls.accepted, left)  # he waits no longer
    moment = {"arrival": calls.arrival, "answer": left, "end": calls.end}[credited]
    slot, came = np.where(moment != NONE, moment, calls.arrival) // step, calls.arrival // step
    per_day = DAY // step
    over = slot // per_day if came.max() < per_day else np.zeros_like(slot)
    at_home = np.concatenate([slot[over == 0], came])
    hours = np.arange(at_home.min(), at_home.max() + 1)
    width = max(int(slot.max()) + 1, per_day, len(hours) + int(hours[0]))
    every = (days[:, None] * width + hours).ravel()
    mine = (calls.day + over) * width + slot - over * per_day
    cells = np.unique(np.concatenate([every, mine]))
    return _Rows(cells // width, cells % width, np.searchsorted(cells, mine))


def _notes(calls: History, answered: npt.NDArray[np.bool_], abandoned: npt.NDArray[np.bool_]) -> list[str]:
    notes = []
    bare = int((answered & (calls.release == NONE)).sum())
    if bare:
        of = "" if bare == answered.sum() else f" of {bare:,} calls"
        notes.append(f"wrap-up{of} is not recorded: aht is talk alone there")
    later = int(((calls.outcome == Outcome.CALLED_BACK) & (calls.accepted == NONE)).sum())
    if later:
        notes.append(f"{later:,} calls were called back; when that was promised is not recorded: they wait until the callback")
    unqueued = int(((answered | abandoned) & (calls.wait == NONE)).sum())
    if unqueued:
        notes.append(f"{unqueued:,} calls have no recorded wait; it counts as 0")
    return notes
