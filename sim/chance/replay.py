"""replay: what a recorded call brings to the Tape, and what it lacks, drawn.

Times, types and handle times are as recorded and take no factor; a talk that is not recorded is drawn as any is. Patience is as
observed for those who abandoned and is drawn given that it exceeds the recorded wait for the others who reached the queue: a
fresh draw would make answered callers abandon.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.chance.draws import Values
from sim.chance.jit import kernel
from sim.chance.laws import Coming
from sim.chance.need import ranked
from sim.chance.patience import patience_law
from sim.chance.philox import REPLAY, block
from sim.chance.quantiles import law_ticks, quantile_beyond, seconds_to_ticks
from sim.chance.talks import of_its_time
from sim.chance.walking import CONTAINED, HANGS_UP, NO_DEFLECTION, QUEUE, ivr_values

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

# Codes of sim.calls.Outcome, which this room may not import (a test compares them).
BLOCKED, CLOSED, IVR_CONTAINED, IVR_ABANDONED, STILL_THERE, BALKED, ABANDONED = 0, 1, 2, 3, 4, 5, 6
ANSWERED = 9
_ZERO = np.uint64(0)


@kernel
def replay_values(
    c: Coming,
    seed: np.uint64,
    replication: np.uint64,
    key: np.uint64,
    call_type: int,
    arrival: int,
    ivr: int,
    outcome: int,
    wait: int,
    talk: int,
    wrap: int,
    label: Ints,
) -> Values:
    """(ivr ticks, fate, deflection, balks, talk, wrap, patience) of a recorded call; -1 in what is given: not recorded.

    label : int64, shape (families,), as recorded or else drawn
    What the IVR did is as recorded; on top, the scenario's may contain calls recorded as reaching the queue, whose need is
    known by their talk.
    """
    u_patience, u_talk, u_wrap, u_balk = block(seed, replication, key, REPLAY, _ZERO)
    row, need = 3 * call_type, c.screening.need[call_type]
    lasts = patience_law(c.patience, call_type, label)
    rank = u_talk
    if talk >= 0:
        middle = of_its_time(c.talks, c.clock, call_type, arrival, law_ticks(c.laws, row, need, 1.0))
        rank = 0.25 if talk <= middle else 0.75
    ticks, fate, via, _ = ivr_values(c, seed, replication, key, call_type, arrival, rank)
    if outcome == IVR_CONTAINED:
        fate, via = CONTAINED, NO_DEFLECTION
    elif outcome == IVR_ABANDONED:
        fate, via = HANGS_UP, NO_DEFLECTION
    elif not (outcome in (BLOCKED, CLOSED) or (outcome == STILL_THERE and wait < 0)) and fate == HANGS_UP:
        fate = QUEUE
    if ivr < 0:
        ivr = ticks
    if talk < 0:
        talk = of_its_time(c.talks, c.clock, call_type, arrival, law_ticks(c.laws, row, ranked(need, u_talk), 1.0))
    if wrap < 0:
        wrap = law_ticks(c.laws, row + 1, u_wrap, 1.0)
    balks = 1 if u_balk < c.balking[call_type] else 0
    if outcome == BALKED:
        balks = 1
    elif outcome == ABANDONED or (outcome > BALKED and wait > 0) or (outcome == STILL_THERE and wait >= 0):
        balks = 0  # stood in the queue: was told that nobody is free, and stayed
    if outcome == ABANDONED and wait >= 0:
        patience = wait
    elif outcome >= STILL_THERE and outcome != BALKED and wait > 0:
        patience = max(seconds_to_ticks(quantile_beyond(c.laws, lasts, wait / 1e6, u_patience)), wait + 1)
    else:
        patience = law_ticks(c.laws, lasts, u_patience, 1.0)
    return ivr, fate, via, balks, talk, wrap, patience
