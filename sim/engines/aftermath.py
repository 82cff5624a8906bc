"""Aftermath: what follows a call that is over, in the compiled engine."""

from __future__ import annotations

import numpy as np

from sim.calls import Came
from sim.chance.draws import FOLLOW_UP, again_key, caller_values, needs_key, what_next
from sim.chance.handling import FRESH, RECOGNIZED
from sim.chance.handling import SOLVED as BY_SCRIPT
from sim.chance.jit import at, cold, constant, part
from sim.chance.laws import Coming, ScenarioLaws
from sim.chance.tape import ARRIVAL as DRAWN_ARRIVAL
from sim.chance.tape import CAME as DRAWN_CAME
from sim.chance.tape import IVR, NUMBER, PATIENCE, STREAM, TALK, WAITED, WHAT, WRAP, packed, surge_of, unpacked
from sim.chance.tickets import ATTEMPT, DIGIT, NO_MORE, NO_TICKET, ticket_key, ticket_of
from sim.engines.events import Kind
from sim.engines.pending import MOST_TICK, later_push
from sim.engines.state import DEFLECTION, HANDLES, ROWS, SCRIPT, SOLVER, Day, Ints, Rules
from sim.tally.credit import (
    ANSWERED,
    ARRIVAL,
    CALL_TYPE,
    CALLED_BACK,
    CAME,
    CHILD,
    END,
    GROUP,
    NEXT_CALL,
    OUTCOME,
    UNSOLVED,
)

NONE = -1
ARRIVES, TICKET = constant(Kind.ARRIVAL), constant(Came.TICKET)


@part
def react(day: Day, rules: Rules, laws: ScenarioLaws, seed: np.uint64, replication: np.uint64, call: int) -> None:
    """The call is over: whether that settled the matter; if its caller comes back, another row for that call, and one for the
    work it left behind.
    """
    ended, old, key = at(day.calls, call), at(day.drawn, call), day.key[call]  # calls are kept: one row
    code, group = old[NUMBER] // rules.stride, ended[SOLVER] if rules.hands != 0 else ended[GROUP]
    attempt = (code & ATTEMPT) + 1
    by_script = 1 if day.now[HANDLES] != 0 and ended[SCRIPT] == BY_SCRIPT else 0
    solved, comes, delay, kind, came, saved, known = what_next(
        laws.coming, laws.reactions, laws.deflecting, seed, replication, key, ended[CALL_TYPE], ended[ARRIVAL], ended[CAME],
        attempt - 1, ended[OUTCOME], group,
        ended[DEFLECTION], by_script,
    )  # fmt: skip
    ended[UNSOLVED] = 1 if comes != 0 and came == FOLLOW_UP else 1 - solved
    if comes != 0:
        later = np.uint64(again_key(key, ended[OUTCOME], attempt))
        needs = np.uint64(needs_key(ended[OUTCOME], day.needs[call], later))
        day.calls[day.now[ROWS], SCRIPT] = RECOGNIZED if known != 0 else FRESH
        ended[NEXT_CALL] = day.now[ROWS]
        number = old[NUMBER] + rules.stride
        another(day, laws.coming, laws.factors, seed, replication, call, later, needs, delay, kind, came, saved, number)
    if laws.tickets.any != 0 and code < NO_MORE and group != NONE and ended[OUTCOME] in (ANSWERED, CALLED_BACK):
        work, delay = ticket_of(laws.tickets, laws.coming.laws, seed, replication, key, ended[CALL_TYPE], group, solved)
        if work != NO_TICKET:
            ended[UNSOLVED], ended[CHILD] = 1, day.now[ROWS]
            day.calls[day.now[ROWS], SCRIPT] = FRESH
            own, number = np.uint64(ticket_key(key)), old[NUMBER] + (((code + 1) << DIGIT) - code) * rules.stride
            another(day, laws.coming, laws.factors, seed, replication, call, own, own, delay, work, TICKET, 0, number)


@cold
def another(
    day: Day, coming: Coming, factors: Ints, seed: np.uint64, replication: np.uint64, call: int, key: np.uint64,
    needs: np.uint64, delay: int, kind: int, came: int, saved: int, number: int,
) -> None:  # fmt: skip
    """A row for a call that follows from that one; `needs` is what its rank of need hangs on."""
    now, old = day.now, at(day.drawn, call)
    row = now[ROWS]
    now[ROWS] = row + 1
    arrival = day.calls[call, END] + delay
    surge = surge_of(old[WHAT])
    factor = factors[surge]
    ivr, fate, via, balks, talk, wrap, patience = caller_values(
        coming, seed, replication, key, needs, kind, arrival, factor[0], factor[1], factor[2], at(day.label, call)
    )
    new = at(day.drawn, row)
    new[IVR], new[TALK], new[WRAP], new[PATIENCE], new[WAITED] = ivr, max(talk - saved, 0), wrap, patience, 0
    new[DRAWN_ARRIVAL], new[NUMBER] = arrival, number
    new[WHAT] = packed(kind, fate, via, balks, surge, unpacked(old[WHAT], STREAM)) | came << DRAWN_CAME[0]
    day.key[row], day.needs[row] = key, needs
    for family in range(day.label.shape[1]):
        day.label[row, family] = day.label[call, family]
    later_push(now, day.later, min(arrival, MOST_TICK), ARRIVES, number, row)  # beyond, all days are long over
