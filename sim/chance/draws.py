"""draws: what is random about one caller; shared by the Tape and, for later calls, by both engines.

Keys, seeds and replications are np.uint64, all else int64; uint64 and int64 are never mixed.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.chance.jit import inlined, kernel, part
from sim.chance.laws import ScenarioLaws
from sim.chance.philox import AGAIN, CALLER, SERVICE, block, derive, derived
from sim.chance.quantiles import NEVER_TICKS, law_ticks
from sim.chance.tape import Fate

Floats = npt.NDArray[np.float64]
Values = tuple[int, int, int, int, int, int]

QUEUE, CONTAINED, HANG_UP = int(Fate.QUEUE), int(Fate.CONTAINED), int(Fate.HANG_UP)
AGAIN_CHANNEL = np.uint64(1)  # contained callers who call again
_ZERO = np.uint64(0)


@inlined
def scaled(ticks: int, factor: int) -> int:
    """Ticks times a factor in 65536ths, rounded half up; NEVER_TICKS for what never comes or would pass it."""
    if ticks >= NEVER_TICKS:
        return NEVER_TICKS
    if factor == 65536:
        return ticks
    high = ticks >> 16  # in two halves: their products with a factor below 2**40 fit 63 bits
    low = ticks & 65535
    if factor > 0 and high > NEVER_TICKS // factor:
        return NEVER_TICKS
    return min(high * factor + ((low * factor + 32768) >> 16), NEVER_TICKS)


@part
def interval_of(s: ScenarioLaws, tick: int) -> int:
    """The interval a tick lies in; outside the opening hours the nearest one."""
    return min(max((tick - s.opens) // s.interval, 0), s.intervals - 1)


@inlined
def ivr_fate(s: ScenarioLaws, call_type: int, arrival: int, u: float) -> int:
    """Code of Fate by the shares of the call type in the interval of arrival."""
    i = interval_of(s, arrival)
    contained = s.containment[call_type, i]
    if u < contained:
        return CONTAINED
    if u < contained + s.hang_up[call_type, i]:
        return HANG_UP
    return QUEUE


@inlined
def caller_values(
    s: ScenarioLaws,
    seed: np.uint64,
    replication: np.uint64,
    key: np.uint64,
    call_type: int,
    arrival: int,
    talk_factor: int,
    wrap_factor: int,
    patience_factor: int,
) -> Values:
    """(ivr ticks, fate, balks, talk, wrap, patience) of a call; ticks, factors (65536ths) applied.

    Who hangs up in the IVR does so at the end of the IVR time.
    """
    _, _, u_fate, u_ivr = block(seed, replication, key, CALLER, _ZERO)
    u_talk, u_wrap, u_patience, u_balk = block(seed, replication, key, SERVICE, _ZERO)
    row = 3 * call_type
    delay = 3 * s.balking.shape[0]
    return (
        law_ticks(s.laws, delay, u_ivr, 1.0),
        ivr_fate(s, call_type, arrival, u_fate),
        1 if u_balk < s.balking[call_type] else 0,
        scaled(law_ticks(s.laws, row, u_talk, 1.0), talk_factor),
        scaled(law_ticks(s.laws, row + 1, u_wrap, 1.0), wrap_factor),
        scaled(law_ticks(s.laws, row + 2, u_patience, 1.0), patience_factor),
    )


@kernel
def again_values(
    s: ScenarioLaws,
    seed: np.uint64,
    replication: np.uint64,
    parent: np.uint64,
    call_type: int,
    parent_arrival: int,
) -> tuple[int, int]:
    """(1 if a contained caller calls again else 0, ticks until then, at least 1), by the parent call's key."""
    u_comes, u_delay, _, _ = block(seed, replication, parent, AGAIN, _ZERO)
    comes = 1 if u_comes < s.again[call_type, interval_of(s, parent_arrival)] else 0
    return comes, max(law_ticks(s.laws, 3 * s.balking.shape[0] + 1, u_delay, 1.0), 1)


@kernel
def again_key(parent: np.uint64, attempt: int) -> np.uint64:
    """Key of a caller's later call from that of the call before; attempt 1 is the second call."""
    return derive(parent, AGAIN_CHANNEL, np.uint64(attempt))


@inlined
def label_value(u: float, shares: Floats) -> int:
    """Place of the value at u by cumulative shares, shape (values,); -1 when there are none."""
    last = -1
    before = 0.0
    for v in range(shares.shape[0]):
        if shares[v] > before:
            last = v
            if u < shares[v]:
                return v
            before = shares[v]
    return last  # rounding left the sum a little below 1


@inlined
def label_uniform(seed: np.uint64, replication: np.uint64, key: np.uint64, family: np.uint64) -> float:
    """What a caller's label in a family hangs on: a key of caller and family, so a new family moves nothing."""
    _, u, _, _ = block(seed, replication, derived(key, family, _ZERO), CALLER, _ZERO)
    return u
