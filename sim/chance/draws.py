"""draws: what is random about one caller; shared by the Tape and, for later calls, by both engines.

Keys, seeds and replications are np.uint64, all else int64; uint64 and int64 are never mixed.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.calls import Came, Outcome
from sim.chance.jit import inlined, kernel, part
from sim.chance.laws import ScenarioLaws
from sim.chance.offers import AFTER, AGAIN_AFTER, DIAL
from sim.chance.philox import AGAIN, CALLBACK, CALLER, OFFER, SERVICE, block, derive, derived
from sim.chance.quantiles import NEVER_TICKS, law_ticks
from sim.chance.reactions import ENDS
from sim.chance.tape import Fate
from sim.scenario.reactions import REPEATS

Floats = npt.NDArray[np.float64]
Values = tuple[int, int, int, int, int, int]
Following = tuple[int, int, int, int, int, int]

QUEUE, CONTAINED, HANG_UP = int(Fate.QUEUE), int(Fate.CONTAINED), int(Fate.HANG_UP)
BLOCKED, ABANDONED, BALKED = int(Outcome.BLOCKED), int(Outcome.ABANDONED), int(Outcome.BALKED)
IVR_ABANDONED, CONTAINED_CALL, ANSWERED = int(Outcome.IVR_ABANDONED), int(Outcome.CONTAINED), int(Outcome.ANSWERED)
CALLED_BACK, CALLBACK_MISSED = int(Outcome.CALLED_BACK), int(Outcome.CALLBACK_MISSED)
FRESH, REDIAL, REPEAT = int(Came.FRESH), int(Came.REDIAL), int(Came.REPEAT)
FIRST_REPEAT = ENDS.index(REPEATS[0])
WAITS, GOES, TAKES_CALLBACK = range(3)
AGAIN_CHANNEL = np.uint64(1)  # of the next call of the same caller
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


@inlined
def end_of(outcome: int, solved: int) -> int:
    """Which of ENDS a call had; -1: one that nobody comes back after."""
    if outcome == BLOCKED:
        return 0
    if outcome == ABANDONED:
        return 1
    if outcome == BALKED:
        return 2
    if outcome == IVR_ABANDONED:
        return 3
    if outcome == CALLBACK_MISSED:
        return 4
    if outcome == CONTAINED_CALL:
        return 5
    if outcome in (ANSWERED, CALLED_BACK) and solved == 0:
        return 6
    return -1


@kernel
def what_next(
    s: ScenarioLaws,
    seed: np.uint64,
    replication: np.uint64,
    key: np.uint64,
    call_type: int,
    arrival: int,
    came: int,
    attempt: int,
    outcome: int,
    group: int,
) -> Following:
    """What follows a call that is over, by its key: (solved, comes, delay, call type, came, saved).

    solved, comes : 1 or 0: whether it settled the matter, and whether the caller comes back; delay : ticks, at least 1
    call type, came : of the next call; saved : ticks of talk that a recognized caller saves then
    """
    r = s.reactions
    u_comes, u_delay, u_solved, u_recognized = block(seed, replication, key, AGAIN, _ZERO)
    answered = outcome in (ANSWERED, CALLED_BACK)
    solved = 1 if answered and u_solved < r.solved[call_type, group] else 0
    end = end_of(outcome, solved)
    if end < 0:
        return solved, 0, 1, call_type, FRESH, 0
    to_come = REDIAL if end < FIRST_REPEAT else REPEAT
    chance = r.chance[call_type, end, interval_of(s, arrival)]
    if came == to_come and r.later[call_type, end] >= 0.0:
        chance = r.later[call_type, end]
    wants = u_comes < chance
    if outcome == CONTAINED_CALL:
        solved = 0 if wants else 1
    comes = 1 if wants and attempt < r.most[call_type, end] else 0
    becomes = r.becomes[call_type, end]
    delay = law_ticks(s.laws, r.delays + call_type * r.most.shape[1] + end, u_delay, 1.0)
    saved = r.opening[becomes] if to_come == REPEAT and u_recognized < r.recognized[becomes] else 0
    return solved, comes, max(delay, 1), becomes, to_come, saved


@kernel
def again_key(parent: np.uint64, attempt: int) -> np.uint64:
    """Key of a caller's later call from that of the call before; attempt 1 is the second call."""
    return derive(parent, AGAIN_CHANNEL, np.uint64(attempt))


@kernel
def told_to_wait(
    s: ScenarioLaws,
    seed: np.uint64,
    replication: np.uint64,
    key: np.uint64,
    call_type: int,
    predicted: int,
    queue: int,
    patience: int,
) -> tuple[int, int]:
    """What who has to wait does, told the predicted wait (ticks) with so many of his queue: (WAITS, GOES or TAKES_CALLBACK,
    ticks until the callback comes up, 0 where it keeps the place).
    """
    o = s.offers
    u_heeds, u_accepts, u_after, _ = block(seed, replication, key, OFFER, _ZERO)
    if predicted >= o.wait[call_type] and queue >= o.queue[call_type] and u_accepts < o.accepted[call_type]:
        return TAKES_CALLBACK, law_ticks(s.laws, o.laws + 3 * call_type + AFTER, u_after, 1.0)
    if predicted > patience and u_heeds < o.heeded[call_type]:
        return GOES, 0
    return WAITS, 0


@kernel
def try_values(
    s: ScenarioLaws, seed: np.uint64, replication: np.uint64, key: np.uint64, call_type: int, tick: int, tries: int
) -> tuple[int, int, int]:
    """(1 if the caller is reached else 0, ticks of dialing, ticks until the next try or -1 where this is the last).

    tries : how many there were before this one, which begins at `tick`
    """
    o, row = s.offers, s.offers.laws + 3 * call_type
    u_reached, u_dial, u_again, _ = block(seed, replication, key, CALLBACK, np.uint64(tries))
    reached = 1 if u_reached < o.reached[call_type, interval_of(s, tick)] else 0
    again = max(law_ticks(s.laws, row + AGAIN_AFTER, u_again, 1.0), 1) if tries + 1 < o.tries[call_type] else -1
    return reached, law_ticks(s.laws, row + DIAL, u_dial, 1.0), again


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
