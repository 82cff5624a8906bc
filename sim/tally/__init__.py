"""Counting: a Day, simulated or recorded, becomes a Tally of integers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.calls import NONE, SERVED, CallLog, Came, Day, Frame, LegLog
from sim.chance.jit import kernel
from sim.scenario.units import DAY
from sim.tally.credit import (
    ACCEPTED,
    ANSWER,
    ARRIVAL,
    CALL_TYPE,
    CAME,
    CHILD,
    COUNTED_COLUMNS,
    END,
    GROUP,
    HANDED,
    HOW,
    IVR_EXIT,
    NEXT_CALL,
    OFF_LINE,
    OFFER,
    ON_A_LIST,
    OUTCOME,
    PREDICTED,
    QUEUE_ENTRY,
    RANG,
    RELEASE,
    TAKEN,
    UNSOLVED,
    Sums,
    credit_call,
    credited,
    left_queue,
)
from sim.tally.customers import credit_caller
from sim.tally.measuring import Measuring
from sim.tally.passed_on import credit_leg
from sim.tally.spans import Rules, rules
from sim.tally.stretches import complete_work, credit_loads, credit_stretch
from sim.tally.tally import Count, Customers, Tally, Work, side_by_side
from sim.tally.waits import CELLS, EDGES, cell_starts

Ints = npt.NDArray[np.int64]
STARTS = cell_starts(EDGES)
__all__ = ["Count", "Counts", "Customers", "Measuring", "Tally", "Work", "side_by_side", "tally"]


def tally(day: Day, measuring: Measuring | None = None) -> Tally:
    """The counts of one day under a Measuring (default: service level within 20 s, credited to the arrival)."""
    log, agents = day.calls, day.agents
    matrix, label, first_calls, number = _matrix(log)
    counts = Counts(day.frame, measuring or Measuring())
    _credit_calls(counts.rules, counts.sums, matrix, label, first_calls)
    if day.legs is not None and len(day.legs):
        in_order = np.argsort(number)
        of = in_order[np.searchsorted(number, day.legs.call, sorter=in_order)]
        _credit_legs(counts.rules, counts.sums, matrix, label, of, _legs_matrix(day.legs))
    if agents is not None:
        _credit_stretches(
            counts.rules, agents.group, agents.state, agents.since, agents.until, agents.finishing, agents.paid,
            agents.contacts, counts.sums.agents,
        )  # fmt: skip
        credit_loads(
            agents.agent, agents.group, agents.state, agents.since, agents.until, day.frame.intervals, counts.sums.agents
        )
    return counts.tally(agents is not None)


class Counts:
    """The counts of one day, or of connected days, while they are counted."""

    def __init__(self, frame: Frame, measuring: Measuring) -> None:
        types, groups, spans = len(frame.call_types), len(frame.groups), frame.days * (frame.intervals + 1)
        sizes = [len(values) for _, values in frame.labels]
        rows = types + sum(sizes)
        self.frame, self.measuring, self.rules = frame, measuring, rules(frame, measuring)
        self.sums = Sums(
            calls=np.zeros((spans, rows, len(Count)), np.int64),
            agents=np.zeros((spans, groups, len(Work)), np.int64),
            callers=np.zeros((frame.days, types, len(Customers)), np.int64),
            waits=np.zeros((frame.days, types, CELLS), np.int64),
            longest=np.zeros((spans, rows), np.int64),
            edges=EDGES,
            starts=STARTS,
            promised=np.array(frame.promised or [0] * types, np.int64),
            quiet=np.array(
                [ON_A_LIST if name in frame.outbound else int(name in frame.work) for name in frame.call_types], np.int64
            ),
            values=np.array(frame.offer_values, np.int64),
            first=types + np.cumsum([0, *sizes], dtype=np.int64)[:-1],
        )

    def clear(self) -> None:
        """Nothing counted yet."""
        for counted in (self.sums.calls, self.sums.agents, self.sums.callers, self.sums.waits, self.sums.longest):
            counted.fill(0)

    def tally(self, with_agents: bool = True) -> Tally:
        """What was counted."""
        frame, sums, by_day = self.frame, self.sums, (self.frame.days, self.frame.intervals + 1)
        paid = np.array(frame.paid_per_phone or [65_536] * len(frame.groups), np.int64)
        complete_work(paid, self._overtime(), frame.intervals, sums.agents)
        return Tally(
            frame=self.frame,
            measuring=self.measuring,
            calls=sums.calls.reshape(*by_day, *sums.calls.shape[1:]),
            agents=sums.agents.reshape(*by_day, *sums.agents.shape[1:]) if with_agents else None,
            callers=sums.callers,
            waits=sums.waits,
            longest=sums.longest.reshape(*by_day, -1),
        )


    def _overtime(self) -> Ints:
        """Paid ticks of overtime inside the window: int64, shape (groups, days x intervals)."""
        frame, r = self.frame, self.rules
        if self.measuring.window is None or not frame.overtime.size:
            return frame.overtime
        day, part = np.divmod(np.arange(frame.days * frame.intervals), frame.intervals)
        begins = frame.opens + day * DAY + part * frame.interval
        inside = np.maximum(np.minimum(begins + frame.interval, r.until) - np.maximum(begins, r.since), 0)
        return np.asarray(frame.overtime * inside // frame.interval, np.int64)


_COUNTED = {
    "arrival": ARRIVAL, "call_type": CALL_TYPE, "queue_entry": QUEUE_ENTRY, "answer": ANSWER, "end": END,
    "release": RELEASE, "group": GROUP, "outcome": OUTCOME, "ivr_exit": IVR_EXIT, "came": CAME,
    "accepted": ACCEPTED, "predicted": PREDICTED, "handed": HANDED, "off_line": OFF_LINE, "offer": OFFER, "taken": TAKEN,
    "rang": RANG,
}  # fmt: skip


def _matrix(log: CallLog) -> tuple[Ints, Ints, int, Ints]:
    """What is counted of a log's calls, callers' first calls before all others: rows, labels, how many first, numbers."""
    matrix = np.empty((len(log), COUNTED_COLUMNS), np.int64)
    for name, column in _COUNTED.items():
        matrix[:, column] = getattr(log, name)
    matrix[:, NEXT_CALL] = matrix[:, CHILD] = NONE
    matrix[:, UNSOLVED] = (log.solved == 0) & np.isin(log.outcome, SERVED)
    later = log.attempt > 0
    if not later.any() and not (log.came == Came.TICKET).any():
        return matrix, log.label, len(log), log.number
    rows = np.argsort(later, kind="stable")
    matrix, caller = matrix[rows], log.caller[rows]
    in_turn = np.lexsort((log.attempt[rows], caller))
    same = np.flatnonzero(caller[in_turn][1:] == caller[in_turn][:-1])
    matrix[in_turn[same], NEXT_CALL] = in_turn[same + 1]
    numbers = log.number[rows]
    left = np.flatnonzero((matrix[:, CAME] == Came.TICKET) & (log.parent[rows] != NONE) & ~later[rows])
    in_order = np.argsort(numbers)
    matrix[in_order[np.searchsorted(numbers, log.parent[rows][left], sorter=in_order)], CHILD] = left
    return matrix, log.label[rows], int(np.count_nonzero(~later)), numbers


def _legs_matrix(legs: LegLog) -> Ints:
    """What is counted of further legs, one a row."""
    matrix = np.full((len(legs), COUNTED_COLUMNS), NONE, np.int64)
    for name, column in _COUNTED.items():
        if hasattr(legs, name):
            matrix[:, column] = getattr(legs, name)
    matrix[:, HOW] = legs.how
    return matrix


@kernel
def _credit_calls(r: Rules, t: Sums, calls: Ints, label: Ints, first_calls: int) -> None:
    for n in range(calls.shape[0]):
        credit_call(r, t, calls[n], label[n])
    for n in range(first_calls - 1, -1, -1):  # work comes after the call that left it
        credit_caller(r, calls, n, t.callers)


@kernel
def _credit_legs(r: Rules, t: Sums, calls: Ints, label: Ints, of: Ints, legs: Ints) -> None:
    """The legs, each with the row of its call in `of`."""
    for n in range(legs.shape[0]):
        call = calls[of[n]]
        if r.since <= call[ARRIVAL] < r.until:
            credit_leg(r, t, call, legs[n], label[of[n]], credited(r, call, left_queue(call)))


@kernel
def _credit_stretches(
    r: Rules, group: Ints, state: Ints, since: Ints, until: Ints, finishing: Ints, paid: Ints, contacts: Ints,
    out: Ints,
) -> None:  # fmt: skip
    for n in range(group.shape[0]):
        credit_stretch(r, group[n], state[n], since[n], until[n], finishing[n], paid[n], contacts[n], out)
