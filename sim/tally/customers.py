"""customers: one caller with all his calls, added to the counts. Jitted; a kernel and a log share it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.chance.jit import at, constant, part
from sim.scenario.units import DAY
from sim.tally.credit import (
    ANSWERED,
    ARRIVAL,
    CALL_TYPE,
    CALLED_BACK,
    CHILD,
    CONTAINED,
    DEFLECTED,
    END,
    NEXT_CALL,
    NONE_,
    OUTCOME,
    SETTLED,
    UNSOLVED,
)
from sim.tally.spans import Rules, day_of, interval_of
from sim.tally.tally import Customers

Ints = npt.NDArray[np.int64]

CALLERS, SERVED, CALLS = int(Customers.CALLERS), int(Customers.SERVED), int(Customers.CALLS)
SOLVED, SOLVED_FIRST, TO_SOLUTION = (
    int(Customers.SOLVED), int(Customers.SOLVED_FIRST), int(Customers.TO_SOLUTION),
)  # fmt: skip
HELPED, HELPED_ONCE = int(Customers.HELPED), int(Customers.HELPED_ONCE)
HELPED_ONCE_7D, HELPED_ONCE_30D = int(Customers.HELPED_ONCE_7D), int(Customers.HELPED_ONCE_30D)
CONTAINED_CALLS, CONTAINED_TRULY = int(Customers.CONTAINED_CALLS), int(Customers.CONTAINED_TRULY)
NEVER_TICK = constant((1 << 63) - 1)


@part
def credit_caller(r: Rules, calls: Ints, first: int, out: Ints) -> None:
    """Add one caller, whose first call is in row `first`; nothing when that arrived outside the window.

    The work that his calls left must have been added before. Served is who was answered once at least, or contained or
    deflected the last time. out : int64, shape (days, types, Customers)
    """
    begin = at(calls, first)[ARRIVAL]
    settled = settles(calls, first)
    at(calls, first)[SETTLED] = settled
    if begin < r.since or begin >= r.until:
        return
    customers = at(at(out, day_of(r, interval_of(r, begin))), at(calls, first)[CALL_TYPE])
    customers[CALLERS] += 1
    served, helped, row = 0, 0, first
    while row != NONE_:
        call = at(calls, row)
        row = call[NEXT_CALL]
        customers[CALLS] += 1
        answered = call[OUTCOME] in (ANSWERED, CALLED_BACK)
        if not answered and call[OUTCOME] not in (CONTAINED, DEFLECTED):
            continue
        since = NEVER_TICK if row == NONE_ else at(calls, row)[ARRIVAL] - call[END]
        quiet = 1 if since >= DAY else 0
        if answered or row == NONE_:
            served = 1
        if call[OUTCOME] == CONTAINED:
            customers[CONTAINED_CALLS] += 1
            customers[CONTAINED_TRULY] += quiet
        if helped == 0:
            customers[HELPED_ONCE] += quiet
            customers[HELPED_ONCE_7D] += since >= 7 * DAY
            customers[HELPED_ONCE_30D] += since >= 30 * DAY
            customers[SOLVED_FIRST] += 1 - call[UNSOLVED]
        helped = 1
    customers[SERVED] += served
    customers[HELPED] += helped
    if settled < NEVER_TICK:
        customers[SOLVED] += 1
        customers[TO_SOLUTION] += settled - begin


@part
def settles(calls: Ints, first: int) -> int:
    """The tick at which one of the caller's calls, or the work that one left, settled the matter; NEVER_TICK if none did."""
    settled, row = NEVER_TICK, first
    while row != NONE_:
        call = at(calls, row)
        row = call[NEXT_CALL]
        served = call[OUTCOME] in (ANSWERED, CALLED_BACK, CONTAINED, DEFLECTED)
        if served and call[UNSOLVED] == 0:
            settled = min(settled, call[END])
        if call[CHILD] != NONE_:
            settled = min(settled, at(calls, call[CHILD])[SETTLED])
    return settled
