"""Aftermath: what follows a call that is over, in the compiled engine."""

from __future__ import annotations

import numpy as np

from sim.chance.draws import again_key, caller_values, needs_key, what_next
from sim.chance.jit import at, cold, constant
from sim.chance.laws import ScenarioLaws
from sim.chance.tape import ARRIVAL as DRAWN_ARRIVAL
from sim.chance.tape import CAME as DRAWN_CAME
from sim.chance.tape import IVR, NUMBER, PATIENCE, STREAM, TALK, WAITED, WHAT, WRAP, packed, surge_of, unpacked
from sim.engines.events import Kind
from sim.engines.pending import MOST_TICK, later_push
from sim.engines.state import DEFLECTION, ROWS, SOLVER, Day, Rules
from sim.tally.credit import ARRIVAL, CALL_TYPE, CAME, END, GROUP, NEXT_CALL, OUTCOME, UNSOLVED

ARRIVES = constant(Kind.ARRIVAL)


@cold
def react(day: Day, rules: Rules, laws: ScenarioLaws, seed: np.uint64, replication: np.uint64, call: int) -> None:
    """The call is over: whether that settled the matter; if its caller comes back, another row for that call."""
    now, ended, old, key = day.now, at(day.calls, call), at(day.drawn, call), day.key[call]  # calls are kept: one row
    attempt, number = old[NUMBER] // rules.stride + 1, old[NUMBER] + rules.stride
    solved, comes, delay, kind, came, saved = what_next(
        laws, seed, replication, key, ended[CALL_TYPE], ended[ARRIVAL], ended[CAME], attempt - 1, ended[OUTCOME],
        ended[SOLVER] if rules.hands != 0 else ended[GROUP], ended[DEFLECTION],
    )  # fmt: skip
    ended[UNSOLVED] = 1 - solved
    if comes == 0:
        return
    row = now[ROWS]
    now[ROWS] = row + 1
    ended[NEXT_CALL] = row
    arrival = min(ended[END] + delay, MOST_TICK)  # beyond, the day is long over
    later = np.uint64(again_key(key, ended[OUTCOME], attempt))
    surge = surge_of(old[WHAT])
    factor = laws.factors[surge]
    needs = np.uint64(needs_key(ended[OUTCOME], day.needs[call], later))
    ivr, fate, via, balks, talk, wrap, patience = caller_values(
        laws, seed, replication, later, needs, kind, arrival, factor[0], factor[1], factor[2]
    )
    new = at(day.drawn, row)
    new[IVR], new[TALK], new[WRAP], new[PATIENCE], new[WAITED] = ivr, max(talk - saved, 0), wrap, patience, 0
    new[DRAWN_ARRIVAL], new[NUMBER] = arrival, number
    new[WHAT] = packed(kind, fate, via, balks, surge, unpacked(old[WHAT], STREAM)) | came << DRAWN_CAME[0]
    day.key[row], day.needs[row] = later, needs
    for family in range(day.label.shape[1]):
        day.label[row, family] = day.label[call, family]
    later_push(now, day.later, arrival, ARRIVES, number, row)
