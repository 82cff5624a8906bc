"""replay: what a recorded call brings to the Tape, and what it lacks, drawn.

Times, types and handle times are as recorded and take no factor. Patience is as observed for those who abandoned and is
drawn given that it exceeds the recorded wait for the others who reached the queue: a fresh draw would make answered
callers abandon.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.chance.draws import CONTAINED, HANG_UP, QUEUE, Values, interval_of, ivr_fate
from sim.chance.jit import kernel
from sim.chance.laws import ScenarioLaws
from sim.chance.philox import CALLER, REPLAY, block
from sim.chance.quantiles import law_ticks, quantile_beyond, seconds_to_ticks

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

# Codes of sim.calls.Outcome, which this room may not import (a test compares them).
BLOCKED, CLOSED, IVR_CONTAINED, IVR_ABANDONED, STILL_THERE, BALKED, ABANDONED = 0, 1, 2, 3, 4, 5, 6
ANSWERED = 9
_ZERO = np.uint64(0)


@kernel
def replay_fate(s: ScenarioLaws, call_type: int, arrival: int, outcome: int, wait: int, u: float) -> int:
    """Code of Fate: as recorded; on top, the scenario's containment acts on calls recorded as reaching the queue."""
    if outcome in (BLOCKED, CLOSED) or (outcome == STILL_THERE and wait < 0):
        return ivr_fate(s, call_type, arrival, u)
    if outcome == IVR_CONTAINED:
        return CONTAINED
    if outcome == IVR_ABANDONED:
        return HANG_UP
    return CONTAINED if u < s.containment[call_type, interval_of(s, arrival)] else QUEUE


@kernel
def replay_values(
    s: ScenarioLaws,
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
) -> Values:
    """(ivr ticks, fate, balks, talk, wrap, patience) of a recorded call; -1 in what is given: not recorded."""
    _, _, u_fate, u_ivr = block(seed, replication, key, CALLER, _ZERO)
    u_patience, u_talk, u_wrap, u_balk = block(seed, replication, key, REPLAY, _ZERO)
    row = 3 * call_type
    fate = replay_fate(s, call_type, arrival, outcome, wait, u_fate)
    if ivr < 0:
        ivr = law_ticks(s.laws, 3 * s.balking.shape[0], u_ivr, 1.0)
    if talk < 0:
        talk = law_ticks(s.laws, row, u_talk, 1.0)
    if wrap < 0:
        wrap = law_ticks(s.laws, row + 1, u_wrap, 1.0)
    balks = 1 if u_balk < s.balking[call_type] else 0
    if outcome == BALKED:
        balks = 1
    elif outcome == ABANDONED or (outcome > BALKED and wait > 0) or (outcome == STILL_THERE and wait >= 0):
        balks = 0  # stood in the queue: was told that nobody is free, and stayed
    if outcome == ABANDONED and wait >= 0:
        patience = wait
    elif outcome >= STILL_THERE and outcome != BALKED and wait > 0:
        patience = max(seconds_to_ticks(quantile_beyond(s.laws, row + 2, wait / 1e6, u_patience)), wait + 1)
    else:
        patience = law_ticks(s.laws, row + 2, u_patience, 1.0)
    return ivr, fate, balks, talk, wrap, patience
