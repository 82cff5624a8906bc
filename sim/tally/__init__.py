"""Counting: a Day, simulated or recorded, becomes a Tally of integers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.calls import NONE, CallLog, Day, Frame, Outcome
from sim.chance.jit import kernel
from sim.tally.credit import (
    ANSWER,
    ARRIVAL,
    CALL_TYPE,
    COUNTED_COLUMNS,
    END,
    GROUP,
    IVR_EXIT,
    OUTCOME,
    QUEUE_ENTRY,
    RELEASE,
    STATE_TALK,
    STATE_WRAP,
    Rules,
    cell_starts,
    complete_work,
    credit_call,
    credit_stretch,
    rules,
)
from sim.tally.measuring import Measuring
from sim.tally.tally import Count, Customers, Tally, Work, side_by_side
from sim.tally.waits import CELLS, EDGES

Ints = npt.NDArray[np.int64]
NO_ANSWER = int(NONE)  # kernels read plain integers only
STARTS = cell_starts(EDGES)
__all__ = ["Count", "Counts", "Customers", "Measuring", "Tally", "Work", "side_by_side", "tally"]


def tally(day: Day, measuring: Measuring | None = None) -> Tally:
    """The counts of one day under a Measuring (default: service level within 20 s, credited to the arrival)."""
    log, agents = day.calls, day.agents
    matrix = np.empty((len(log), COUNTED_COLUMNS), np.int64)
    for name, column in _COUNTED.items():
        matrix[:, column] = getattr(log, name)
    counts = Counts(day.frame, measuring or Measuring())
    counts.credit_calls(matrix, log.label)
    counts.credit_customers(log)
    if agents is not None:
        _credit_stretches(
            counts.rules, agents.group, agents.state, agents.since, agents.until, agents.finishing, counts.agents
        )
    return counts.tally(agents is not None)


class Counts:
    """The counts of one day while it is counted: the arrays of a Tally without its axis of days."""

    def __init__(self, frame: Frame, measuring: Measuring) -> None:
        types, groups, spans = len(frame.call_types), len(frame.groups), frame.intervals + 1
        sizes = [len(values) for _, values in frame.labels]
        self.frame, self.measuring, self.rules = frame, measuring, rules(frame, measuring)
        self.first: Ints = types + np.cumsum([0, *sizes], dtype=np.int64)[:-1]
        rows = types + sum(sizes)
        self.calls = np.zeros((spans, rows, len(Count)), np.int64)
        self.agents = np.zeros((spans, groups, len(Work)), np.int64)
        self.callers = np.zeros((types, len(Customers)), np.int64)
        self.waits = np.zeros((types, CELLS), np.int64)
        self.longest = np.zeros((spans, rows), np.int64)

    def credit_calls(self, calls: Ints, label: Ints, *, with_work: bool = False) -> None:
        """Count calls, int64, shape (calls, COUNTED_COLUMNS or more), with label codes of shape (calls, families).

        with_work : also the agents' talk and wrap-up, where nobody wrote down what agents did
        """
        _credit_calls(
            self.rules, EDGES, STARTS, self.first, calls, label, int(with_work), self.calls, self.agents, self.callers,
            self.waits, self.longest,
        )  # fmt: skip

    def credit_customers(self, log: CallLog) -> None:
        """Count callers by all their calls, where somebody has called more than once."""
        if log.attempt.any():
            self.callers = _customers(log, self.frame, self.rules)

    def tally(self, with_agents: bool = True) -> Tally:
        """What was counted."""
        frame = self.frame
        paid = np.array(frame.paid_per_phone or [65_536] * len(frame.groups), np.int64)
        complete_work(paid, frame.overtime, self.agents)
        return Tally(
            frame=self.frame,
            measuring=self.measuring,
            calls=self.calls[np.newaxis],
            agents=self.agents[np.newaxis] if with_agents else None,
            callers=self.callers[np.newaxis],
            waits=self.waits[np.newaxis],
            longest=self.longest[np.newaxis],
        )


_COUNTED = {
    "arrival": ARRIVAL, "call_type": CALL_TYPE, "queue_entry": QUEUE_ENTRY, "answer": ANSWER, "end": END,
    "release": RELEASE, "group": GROUP, "outcome": OUTCOME, "ivr_exit": IVR_EXIT,
}  # fmt: skip


@kernel
def _credit_calls(
    r: Rules, edges: Ints, starts: Ints, first: Ints, calls: Ints, label: Ints, with_work: int, out_calls: Ints,
    out_agents: Ints, out_callers: Ints, out_waits: Ints, out_longest: Ints,
) -> None:  # fmt: skip
    for n in range(calls.shape[0]):
        call = calls[n]
        credit_call(
            r, edges, starts, first, call, label[n], out_calls, out_agents, out_callers, out_waits, out_longest
        )
        if with_work and call[ANSWER] != NO_ANSWER:
            credit_stretch(r, call[GROUP], STATE_TALK, call[ANSWER], call[END], 0, out_agents)
            credit_stretch(r, call[GROUP], STATE_WRAP, call[END], call[RELEASE], 0, out_agents)


@kernel
def _credit_stretches(
    r: Rules, group: Ints, state: Ints, since: Ints, until: Ints, finishing: Ints, out: Ints
) -> None:
    for n in range(group.shape[0]):
        credit_stretch(r, group[n], state[n], since[n], until[n], finishing[n], out)


def _customers(log: CallLog, frame: Frame, r: Rules) -> Ints:
    """Callers with all their calls, and callers served, by call type of the first call: int64, shape (types, len(Customers))."""
    out = np.zeros((len(frame.call_types), len(Customers)), np.int64)
    inside = (log.arrival >= r.since) & (log.arrival < r.until)
    _, caller = np.unique(log.caller, return_inverse=True)
    callers = int(caller.max()) + 1
    attempts = np.zeros(callers, np.int64)
    np.maximum.at(attempts, caller, log.attempt)
    answered = np.isin(log.outcome, (Outcome.ANSWERED, Outcome.CALLED_BACK))
    solved = (log.outcome == Outcome.CONTAINED) & (log.attempt == attempts[caller])
    served = np.zeros(callers, bool)
    served[caller[answered | solved]] = True
    first = np.flatnonzero((log.attempt == 0) & inside)
    types = len(frame.call_types)
    out[:, Customers.CALLERS] = np.bincount(log.call_type[first], minlength=types)
    out[:, Customers.SERVED] = np.bincount(log.call_type[first[served[caller[first]]]], minlength=types)
    return out
