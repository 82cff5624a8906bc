"""stretches: agents' time added to the counts. Jitted; a kernel and a log share it."""

from __future__ import annotations

from sim.calls import State
from sim.chance.jit import cold, constant, kernel, part
from sim.tally.credit import FINISHING, ON_PHONES, WORK_TALK, WORK_WRAP, Ints
from sim.tally.spans import NOWHERE, Rules, spread
from sim.tally.tally import Work

PAID, OVERTIME = int(Work.PAID), int(Work.OVERTIME)
ABSENT, ON_BREAK, NOT_READY = constant(Work.ABSENT), constant(Work.ON_BREAK), constant(Work.NOT_READY)
PAID_AWAY, BESIDE = constant(Work.PAID_AWAY), constant(Work.BESIDE)
AGENTS, OCCUPANCY, SQUARED = int(Work.AGENTS), int(Work.OCCUPANCY), int(Work.OCCUPANCY_SQUARED)
STATE_TALK, STATE_WRAP, STATE_RING = int(State.TALK), int(State.WRAP_UP), int(State.RING)
STATE_BREAK, STATE_LUNCH, STATE_ABSENT = int(State.BREAK), int(State.LUNCH), int(State.ABSENT)


@cold
def credit_away(r: Rules, group: int, state: int, since: int, until: int, paid: int, out: Ints) -> None:
    """Add the time of an agent who is on shift and not on the phones; `out` as in `credit_stretch`."""
    column = NOT_READY
    if state == STATE_ABSENT:
        column = ABSENT
    elif state in (STATE_BREAK, STATE_LUNCH):
        column = ON_BREAK
    spread(r, since, until, out, group, column, NOWHERE)
    if paid != 0:
        spread(r, since, until, out, group, PAID_AWAY, NOWHERE)


@part
def credit_stretch(
    r: Rules, group: int, state: int, since: int, until: int, finishing: int, paid: int, contacts: int, out: Ints
) -> None:
    """Add one stretch of an agent to the intervals of the clock it lies in; idle and ringing are put under ON_PHONES.

    out : int64, shape (intervals + 1, groups, Work), modified in place; `complete_work` makes the sums of it
    """
    if state > STATE_WRAP and state != STATE_RING:
        credit_away(r, group, state, since, until, paid, out)
        return
    column = ON_PHONES
    if state == STATE_TALK:
        column = WORK_TALK
    elif state == STATE_WRAP:
        column = WORK_WRAP
    spread(r, since, until, out, group, column, NOWHERE)
    if finishing:
        spread(r, since, until, out, group, FINISHING, NOWHERE)
    for _ in range(contacts - 1):
        spread(r, since, until, out, group, BESIDE, NOWHERE)


@part
def credit_load(busy: int, phones: int, group: int, row: int, out: Ints) -> None:
    """Add the occupancy of one agent; `out` as in `credit_stretch`."""
    if phones > 0:
        share = (busy << 16) // phones
        out[row, group, AGENTS] += 1
        out[row, group, OCCUPANCY] += share
        out[row, group, SQUARED] += share * share


@kernel
def credit_loads(agent: Ints, group: Ints, state: Ints, since: Ints, until: Ints, row: int, out: Ints) -> None:
    """Add the occupancy of every agent, whose stretches lie together; windows do not matter."""
    phones, busy = 0, 0
    for n in range(agent.shape[0]):
        if state[n] <= STATE_WRAP or state[n] == STATE_RING:
            phones += until[n] - since[n]
            if STATE_TALK <= state[n] <= STATE_WRAP:
                busy += until[n] - since[n]
        if n + 1 == agent.shape[0] or agent[n + 1] != agent[n]:
            credit_load(busy, phones, group[n], row, out)
            phones, busy = 0, 0


@kernel
def complete_work(paid: Ints, overtime: Ints, intervals: int, out: Ints) -> None:
    """From the parts of agents' time: all of it, what of it is paid, and overtime; `out` as in `credit_stretch`.

    paid : int64, shape (groups,), 65,536ths of a paid head per head on the phones; finishing time is paid as it is worked
    overtime : int64, shape (groups, days x intervals); intervals : of a day
    """
    for i in range(out.shape[0]):
        for group in range(out.shape[1]):
            work = out[i, group]
            work[ON_PHONES] += work[WORK_TALK] + work[WORK_WRAP]
            planned = work[ON_PHONES] - work[FINISHING]
            high, low = planned >> 16, planned & 65_535  # in two halves, whose products fit
            work[PAID] = work[PAID_AWAY] + work[FINISHING] + high * paid[group] + ((low * paid[group] + 32_768) >> 16)
            day, part = i // (intervals + 1), i % (intervals + 1)
            if part < intervals and overtime.shape[1] > 0:
                work[OVERTIME] += overtime[group, day * intervals + part]
