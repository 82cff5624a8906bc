"""customers: one caller with all his calls, added to the counts. Jitted; a kernel and a log share it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.chance.jit import at, part
from sim.scenario.units import ticks
from sim.tally.credit import (
    ANSWERED,
    ARRIVAL,
    CALL_TYPE,
    CALLED_BACK,
    CONTAINED,
    DEFLECTED,
    END,
    NEXT_CALL,
    NONE_,
    OUTCOME,
    UNSOLVED,
    Rules,
)
from sim.tally.tally import Customers

Ints = npt.NDArray[np.int64]

CALLERS, SERVED, CALLS = int(Customers.CALLERS), int(Customers.SERVED), int(Customers.CALLS)
SOLVED, SOLVED_FIRST, TO_SOLUTION = (
    int(Customers.SOLVED), int(Customers.SOLVED_FIRST), int(Customers.TO_SOLUTION),
)  # fmt: skip
HELPED, HELPED_ONCE = int(Customers.HELPED), int(Customers.HELPED_ONCE)
CONTAINED_CALLS, CONTAINED_TRULY = int(Customers.CONTAINED_CALLS), int(Customers.CONTAINED_TRULY)
A_DAY = ticks(86_400)


@part
def credit_caller(r: Rules, calls: Ints, first: int, out: Ints) -> None:
    """Add one caller, whose first call is in row `first`; nothing when that arrived outside the window.

    Served is who was answered once at least, or contained or deflected the last time. out : int64, shape (types, Customers)
    """
    begin = at(calls, first)[ARRIVAL]
    if begin < r.since or begin >= r.until:
        return
    customers = at(out, at(calls, first)[CALL_TYPE])
    customers[CALLERS] += 1
    served, helped, solved, row = 0, 0, 0, first
    while row != NONE_:
        call = at(calls, row)
        row = call[NEXT_CALL]
        customers[CALLS] += 1
        answered = call[OUTCOME] in (ANSWERED, CALLED_BACK)
        if not answered and call[OUTCOME] not in (CONTAINED, DEFLECTED):
            continue
        quiet = 1 if row == NONE_ or at(calls, row)[ARRIVAL] - call[END] >= A_DAY else 0
        if answered or row == NONE_:
            served = 1
        if call[OUTCOME] == CONTAINED:
            customers[CONTAINED_CALLS] += 1
            customers[CONTAINED_TRULY] += quiet
        if helped == 0:
            customers[HELPED_ONCE] += quiet
            customers[SOLVED_FIRST] += 1 - call[UNSOLVED]
        helped = 1
        if solved == 0 and call[UNSOLVED] == 0:
            solved = 1
            customers[TO_SOLUTION] += call[END] - begin
    customers[SERVED] += served
    customers[HELPED] += helped
    customers[SOLVED] += solved
