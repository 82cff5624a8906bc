"""Counting: a Day, simulated or recorded, becomes a Tally of integers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.calls import NONE, AgentLog, CallLog, Day, Frame, Outcome
from sim.chance.jit import kernel
from sim.tally.credit import Rules, credit_call, credit_stretch, rules
from sim.tally.measuring import Measuring
from sim.tally.tally import Count, Customers, Tally, Work, side_by_side
from sim.tally.waits import CELLS, EDGES

Ints = npt.NDArray[np.int64]
__all__ = ["Count", "Customers", "Measuring", "Tally", "Work", "side_by_side", "tally"]


def tally(day: Day, measuring: Measuring | None = None) -> Tally:
    """The counts of one day under a Measuring (default: service level within 20 s, credited to the arrival)."""
    measuring = measuring or Measuring()
    frame, r = day.frame, rules(day.frame, measuring or Measuring())
    types, groups = len(frame.call_types), len(frame.groups)
    rows = types + sum(len(values) for _, values in frame.labels)
    calls = np.zeros((frame.intervals + 1, rows, len(Count)), np.int64)
    agents = np.zeros((frame.intervals + 1, groups, len(Work)), np.int64)
    waits = np.zeros((types, CELLS), np.int64)
    longest = np.zeros((frame.intervals + 1, rows), np.int64)
    log = day.calls
    _credit_calls(
        r, EDGES, _rows_of(log, frame), log.call_type, log.arrival, log.ivr_exit, log.queue_entry, log.answer,
        log.end, log.release, log.group, log.outcome, calls, agents, waits, longest,
    )  # fmt: skip
    if day.agents is not None:
        _credit_agents(r, day.agents, frame, agents)
    return Tally(
        frame=frame,
        measuring=measuring,
        calls=calls[np.newaxis],
        agents=None if day.agents is None else agents[np.newaxis],
        callers=_customers(log, frame, r)[np.newaxis],
        waits=waits[np.newaxis],
        longest=longest[np.newaxis],
    )


def _rows_of(log: CallLog, frame: Frame) -> Ints:
    """Rows of `Tally.calls` that each call counts in: int64, shape (calls, 1 + families), -1 where none."""
    rows = np.full((len(log), 1 + len(frame.labels)), NONE, np.int64)
    rows[:, 0] = log.call_type
    first = len(frame.call_types)
    for f, (_, values) in enumerate(frame.labels):
        code = log.label[:, f]
        rows[:, 1 + f] = np.where(code >= 0, first + code, NONE)
        first += len(values)
    return rows


@kernel
def _credit_calls(
    r: Rules, edges: Ints, rows: Ints, call_type: Ints, arrival: Ints, ivr_exit: Ints, queue_entry: Ints,
    answer: Ints, end: Ints, release: Ints, group: Ints, outcome: Ints,
    out_calls: Ints, out_agents: Ints, out_waits: Ints, out_longest: Ints,
) -> None:  # fmt: skip
    for n in range(arrival.shape[0]):
        credit_call(
            r, edges, call_type[n], rows[n], arrival[n], ivr_exit[n], queue_entry[n], answer[n], end[n], release[n],
            group[n], outcome[n], out_calls, out_agents, out_waits, out_longest,
        )  # fmt: skip


def _credit_agents(r: Rules, log: AgentLog, frame: Frame, out: Ints) -> None:
    paid = np.array(frame.paid_per_phone or [65_536] * len(frame.groups), np.int64)
    _credit_stretches(r, log.group, log.state, log.since, log.until, log.finishing, paid, out)
    out[: frame.intervals, :, Work.OVERTIME] += frame.overtime.T


@kernel
def _credit_stretches(
    r: Rules, group: Ints, state: Ints, since: Ints, until: Ints, finishing: Ints, paid: Ints, out: Ints
) -> None:
    for n in range(group.shape[0]):
        credit_stretch(r, group[n], state[n], since[n], until[n], finishing[n], paid[group[n]], out)


def _customers(log: CallLog, frame: Frame, r: Rules) -> Ints:
    """Callers, and callers served, by call type of the first call: int64, shape (types, len(Customers))."""
    out = np.zeros((len(frame.call_types), len(Customers)), np.int64)
    if not len(log):
        return out
    inside = (log.arrival >= r.since) & (log.arrival < r.until)
    if not log.attempt.any():  # every call has a caller of its own
        served = np.isin(log.outcome, (Outcome.ANSWERED, Outcome.CALLED_BACK, Outcome.CONTAINED))
        out[:, Customers.CALLERS] = np.bincount(log.call_type[inside], minlength=len(out))
        out[:, Customers.SERVED] = np.bincount(log.call_type[inside & served], minlength=len(out))
        return out
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
