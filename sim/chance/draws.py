"""draws: what is random about one caller; shared by the Tape and, for later calls, by both engines.

Keys, seeds and replications are np.uint64, all else int64; uint64 and int64 are never mixed.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.calls import Came, Outcome
from sim.chance.clock import Clock, interval_at, is_on, opening_after
from sim.chance.deflecting import CODE, ON, QUEUE, SAME_TYPE, SINCE, UNTIL, WAIT, Deflecting
from sim.chance.jit import cold, inlined, kernel
from sim.chance.laws import Coming, ScenarioLaws
from sim.chance.need import ranked
from sim.chance.offers import Offers
from sim.chance.patience import patience_law
from sim.chance.philox import AGAIN, CALLER, OFFER, SERVICE, block, derive, derived
from sim.chance.quantiles import NEVER_TICKS, law_ticks
from sim.chance.reactions import ENDS, Reactions
from sim.chance.scaling import scaled
from sim.chance.talks import of_its_time
from sim.chance.walking import ivr_values, redial_factor
from sim.scenario.reactions import FOLLOWS, REPEATS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Values = tuple[int, int, int, int, int, int, int]
Following = tuple[int, int, int, int, int, int, int]

BLOCKED, ABANDONED, BALKED = int(Outcome.BLOCKED), int(Outcome.ABANDONED), int(Outcome.BALKED)
CLOSED = int(Outcome.CLOSED)
IVR_ABANDONED, CONTAINED_CALL, ANSWERED = int(Outcome.IVR_ABANDONED), int(Outcome.CONTAINED), int(Outcome.ANSWERED)
CALLED_BACK, CALLBACK_MISSED, DEFLECTED = int(Outcome.CALLED_BACK), int(Outcome.CALLBACK_MISSED), int(Outcome.DEFLECTED)
FRESH, REDIAL, REPEAT, FOLLOW_UP = int(Came.FRESH), int(Came.REDIAL), int(Came.REPEAT), int(Came.FOLLOW_UP)
CLOSED_END, FIRST_REPEAT, SOLVED_END = ENDS.index("closed"), ENDS.index(REPEATS[0]), ENDS.index(FOLLOWS[0])
WAITS, GOES, TAKES_CALLBACK, TAKES_LINK = range(4)
REACHED_NOBODY, CONTAINED_AGAIN, ANSWERED_AGAIN = np.uint64(1), np.uint64(2), np.uint64(3)  # channels of a caller's next call
_ZERO = np.uint64(0)


@inlined
def caller_values(
    c: Coming,
    seed: np.uint64,
    replication: np.uint64,
    key: np.uint64,
    needs: np.uint64,
    call_type: int,
    arrival: int,
    talk_factor: int,
    wrap_factor: int,
    patience_factor: int,
    label: Ints,
) -> Values:
    """(ivr ticks, fate, deflection, balks, talk, wrap, patience) of a later call; ticks, factors (65536ths) applied.

    needs : the key that the caller's rank of need hangs on: that of the call with which this matter began
    label : int64, shape (families,)
    """
    u_need, _, _, _ = block(seed, replication, needs, SERVICE, _ZERO)
    _, u_wrap, u_patience, u_balk = block(seed, replication, key, SERVICE, _ZERO)
    row = 3 * call_type
    ivr, fate, via, patience = ivr_values(c, seed, replication, key, call_type, arrival, u_need)
    talk = law_ticks(c.laws, row, ranked(c.screening.need[call_type], u_need), 1.0)
    return (
        ivr,
        fate,
        via,
        1 if u_balk < c.balking[call_type] else 0,
        of_its_time(c.talks, c.clock, call_type, arrival, scaled(talk, talk_factor)),
        scaled(law_ticks(c.laws, row + 1, u_wrap, 1.0), wrap_factor),
        scaled(scaled(law_ticks(c.laws, patience_law(c.patience, call_type, label), u_patience, 1.0), patience_factor), patience),
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
    if outcome == CLOSED:
        return CLOSED_END
    if outcome == CONTAINED_CALL:
        return FIRST_REPEAT
    if outcome in (ANSWERED, CALLED_BACK):
        return SOLVED_END if solved != 0 else SOLVED_END - 1
    return -1


@inlined
def what_next(
    c: Coming,
    r: Reactions,
    d: Deflecting,
    seed: np.uint64,
    replication: np.uint64,
    key: np.uint64,
    call_type: int,
    arrival: int,
    came: int,
    attempt: int,
    outcome: int,
    group: int,
    via: int,
    by_script: int,
) -> Following:
    """What follows a call that is over, by its key: (solved, comes, delay, call type, came, saved, known).

    group : that answered last, or -1: nobody; via : the deflection that took it, or -1; by_script : 1 if the script has solved
    the matter
    solved, comes : 1 or 0: whether it settled the matter, and whether the caller comes back; delay : ticks, at least 1; of who
    found the doors closed it begins when they open
    call type, came : of the next call; saved : ticks of talk that a recognized caller saves then; known : 1 if
    he is recognized
    """
    u_comes, u_delay, u_solved, u_recognized = block(seed, replication, key, AGAIN, _ZERO)
    if via >= 0:
        solved, wants, most, becomes, law = after_deflection(d, c.clock, call_type, arrival, came, via, u_solved, u_comes)
        to_come = REPEAT
    else:
        answered = outcome in (ANSWERED, CALLED_BACK)
        solved = 1 if answered and group >= 0 and (by_script != 0 or u_solved < r.solved[call_type, group]) else 0
        end = end_of(outcome, solved)
        too_late = end == CLOSED_END and arrival >= c.clock.past
        if end < 0 or too_late or (end == SOLVED_END and r.any_follows == 0):
            return solved, 0, 1, call_type, FRESH, 0, 0
        to_come = REDIAL if end < FIRST_REPEAT else REPEAT
        if end == SOLVED_END:
            to_come = FOLLOW_UP
        chance = r.chance[call_type, end, interval_at(c.clock, arrival)]
        if came == to_come and r.later[call_type, end] >= 0.0:
            chance = r.later[call_type, end]
        if c.screening.any_redial != 0 and to_come == REDIAL and outcome not in (BLOCKED, CLOSED):
            chance *= redial_factor(c, call_type, arrival)
        wants = u_comes < chance
        if outcome == CONTAINED_CALL:
            solved = 0 if wants else 1
        most, becomes = r.most[call_type, end], r.becomes[call_type, end]
        law = r.delays + call_type * r.most.shape[1] + end
    comes = 1 if wants and attempt < most else 0
    delay = law_ticks(c.laws, law, u_delay, 1.0)
    if outcome == CLOSED:
        delay = min(delay + min(opening_after(c.clock, arrival), c.clock.past) - arrival, NEVER_TICKS)
    known = 1 if to_come == REPEAT and u_recognized < r.recognized[becomes] else 0
    return solved, comes, max(delay, 1), becomes, to_come, r.opening[becomes] if known != 0 else 0, known


@cold
def after_deflection(
    d: Deflecting, clock: Clock, call_type: int, arrival: int, came: int, via: int, u_solved: float, u_comes: float
) -> tuple[int, bool, int, int, int]:
    """(solved, wants to come back, later calls at most, as what, law of the delay) of who took that deflection."""
    becomes = call_type if d.becomes[via] == SAME_TYPE else d.becomes[via]
    if u_solved < d.solved[via]:
        return 1, False, 0, becomes, d.delays + via
    chance = d.chance[via, interval_at(clock, arrival)]
    if came == REPEAT and d.later[via] >= 0.0:
        chance = d.later[via]
    return 0, u_comes < chance, d.most[via], becomes, d.delays + via


@kernel
def needs_key(outcome: int, needs: np.uint64, later: np.uint64) -> np.uint64:
    """What the rank of need of a caller's later call hangs on: an agent has dealt with the old need, nobody else has."""
    return later if outcome in (ANSWERED, CALLED_BACK) else needs


@kernel
def again_key(parent: np.uint64, outcome: int, attempt: int) -> np.uint64:
    """Key of a caller's later call from that of the call before and how that ended; attempt 1 is the second call."""
    channel = REACHED_NOBODY
    if outcome in (ANSWERED, CALLED_BACK):
        channel = ANSWERED_AGAIN
    elif outcome in (CONTAINED_CALL, DEFLECTED):
        channel = CONTAINED_AGAIN
    return derive(parent, channel, np.uint64(attempt))


@inlined
def told_to_wait(
    c: Coming,
    o: Offers,
    d: Deflecting,
    seed: np.uint64,
    replication: np.uint64,
    key: np.uint64,
    needs: np.uint64,
    call_type: int,
    tick: int,
    predicted: int,
    queue: int,
    patience: int,
) -> tuple[int, int]:
    """What who has to wait does, told at `tick` the predicted wait (ticks) with so many of his queue: (WAITS, GOES,
    TAKES_CALLBACK or TAKES_LINK, ticks until the callback comes up, 0 where it keeps the place, or the deflection taken).

    Links are offered first, in their order, then the callback.
    """
    if d.links.shape[0] > 0:
        via = link_taken(d, c.clock, seed, replication, key, needs, call_type, tick, predicted, queue)
        if via >= 0:
            return TAKES_LINK, via
    u_heeds, u_accepts, u_after, _ = block(seed, replication, key, OFFER, _ZERO)
    if predicted >= o.wait[call_type] and queue >= o.queue[call_type] and u_accepts < o.accepted[call_type]:
        return TAKES_CALLBACK, law_ticks(c.laws, o.laws + call_type, u_after, 1.0)
    if predicted > patience and u_heeds < o.heeded[call_type]:
        return GOES, 0
    return WAITS, 0


@cold
def link_taken(
    d: Deflecting, clock: Clock, seed: np.uint64, replication: np.uint64, key: np.uint64, needs: np.uint64, call_type: int,
    tick: int, predicted: int, queue: int,
) -> int:  # fmt: skip
    """The first deflection offered in the queue that the caller takes, or -1."""
    u_need, _, _, _ = block(seed, replication, needs, SERVICE, _ZERO)
    half = 0 if u_need < 0.5 else 1
    for i in range(d.links.shape[0]):
        link = d.links[i]
        if is_on(clock, tick, link[ON], link[SINCE], link[UNTIL]) and predicted >= link[WAIT] and queue >= link[QUEUE]:
            _, u_takes, _, _ = block(seed, replication, derived(key, d.names[i], _ZERO), OFFER, _ZERO)
            if u_takes < d.taken[call_type, i, half]:
                return int(link[CODE])
    return -1


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


@inlined
def label_of(
    s: ScenarioLaws, seed: np.uint64, replication: np.uint64, key: np.uint64, call_type: int, family: int
) -> int:  # fmt: skip
    """Code of a fresh caller's label in a family, or -1: his call type does not have it."""
    place = label_value(label_uniform(seed, replication, key, s.families[family]), s.shares[call_type, family])
    return s.codes[call_type, family, place] if place >= 0 else -1
