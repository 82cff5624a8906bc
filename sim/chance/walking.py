"""walking: one caller's way through the IVR; shared by the Tape and, for later calls, by both engines."""

from __future__ import annotations

import numpy as np

from sim.chance.jit import cold, inlined, part
from sim.chance.laws import ScenarioLaws
from sim.chance.philox import CALLER, block, derived
from sim.chance.quantiles import NEVER_TICKS, law_ticks
from sim.chance.screening import (
    AGENT,
    AT_ONE_STEP,
    BEGINS,
    BUSY,
    ENDS,
    HANG_UP,
    LAW,
    LOWER,
    ONE,
    PATIENCE,
    REDIAL,
    SINCE,
    STEP_BY_STEP,
    UNTIL,
    UPPER,
    VIA,
)
from sim.chance.tape import Fate

Walk = tuple[int, int, int, int]

QUEUE, CONTAINED, HANGS_UP, TURNED_AWAY = int(Fate.QUEUE), int(Fate.CONTAINED), int(Fate.HANG_UP), int(Fate.TURNED_AWAY)
NO_DEFLECTION = -1
_ZERO = np.uint64(0)


@inlined
def scaled(ticks: int, factor: int) -> int:
    """Ticks times a factor in 65536ths, rounded half up; NEVER_TICKS for what never comes or would pass it."""
    if ticks >= NEVER_TICKS:
        return NEVER_TICKS
    if factor == ONE:
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
def entrance_fate(s: ScenarioLaws, call_type: int, arrival: int, u: float) -> int:
    """Code of Fate where the entrance is all the IVR there is, and takes all ranks of need alike."""
    chance = s.screening.chance[call_type, 0, interval_of(s, arrival)]
    if u < chance[LOWER]:
        return CONTAINED
    if u < chance[LOWER] + chance[HANG_UP]:
        return HANGS_UP
    return QUEUE


@inlined
def ivr_values(
    s: ScenarioLaws, seed: np.uint64, replication: np.uint64, key: np.uint64, call_type: int, arrival: int, rank: float
) -> Walk:
    """(ticks in the IVR, fate, deflection or -1, factor on patience in 65536ths) of a call; rank : of need.

    What a step says is heard before any of it comes about, so who hangs up at a step has spent its time.
    """
    how = s.screening.how[call_type]
    if how == STEP_BY_STEP:
        ticks, fate, via, patience = walk(s, seed, replication, key, call_type, arrival, rank)
    else:
        _, _, u_fate, u_time = block(seed, replication, key, CALLER, _ZERO)
        ticks, fate, via, patience = law_ticks(s.laws, 3 * s.balking.shape[0], u_time, 1.0), QUEUE, NO_DEFLECTION, ONE
        if how == AT_ONE_STEP:
            fate = entrance_fate(s, call_type, arrival, u_fate)
    if s.screening.restarts.shape[0] > 0:
        ticks, fate = cut_off(s, arrival, ticks, fate)
        via = via if fate == CONTAINED else NO_DEFLECTION
    return ticks, fate, via, patience


@cold
def walk(
    s: ScenarioLaws, seed: np.uint64, replication: np.uint64, key: np.uint64, call_type: int, arrival: int, rank: float
) -> Walk:
    """As `ivr_values`, step by step; the uniforms of a step hang on the caller and on its name."""
    ticks, patience, i = 0, ONE, interval_of(s, arrival)
    for at in range(s.screening.steps.shape[1]):
        step = s.screening.steps[call_type, at]
        if step[LAW] < 0:
            break
        if not step[SINCE] <= arrival < step[UNTIL]:
            continue
        chance, name = s.screening.chance[call_type, at, i], s.screening.names[call_type, at]
        of_step = key if name == _ZERO else derived(key, name, _ZERO)
        _, _, u_fate, u_time = block(seed, replication, of_step, CALLER, _ZERO)
        ticks = min(ticks + law_ticks(s.laws, step[LAW], u_time, 1.0), NEVER_TICKS)
        contained = chance[LOWER] if rank < 0.5 else chance[UPPER]
        if u_fate < contained:
            return ticks, CONTAINED, step[VIA], patience
        if u_fate < contained + chance[HANG_UP]:
            return ticks, HANGS_UP, NO_DEFLECTION, patience
        if u_fate < contained + chance[HANG_UP] + chance[AGENT]:
            break
        patience = scaled(patience, step[PATIENCE])
    return ticks, QUEUE, NO_DEFLECTION, patience


@cold
def cut_off(s: ScenarioLaws, arrival: int, ticks: int, fate: int) -> tuple[int, int]:
    """(ticks in the IVR, fate) where it is down for a while: now, or while the caller is inside."""
    for i in range(s.screening.restarts.shape[0]):
        restart = s.screening.restarts[i]
        if restart[BEGINS] <= arrival < restart[ENDS]:
            return 0, TURNED_AWAY if restart[BUSY] != 0 else QUEUE
        if arrival < restart[BEGINS] < arrival + ticks:
            return restart[BEGINS] - arrival, HANGS_UP
    return ticks, fate


@cold
def redial_factor(s: ScenarioLaws, call_type: int, arrival: int) -> float:
    """What announcements that were on when the call came make of the chance to redial."""
    factor = 1.0
    for at in range(s.screening.steps.shape[1]):
        step = s.screening.steps[call_type, at]
        if step[LAW] >= 0 and step[SINCE] <= arrival < step[UNTIL]:
            factor *= float(step[REDIAL]) / float(ONE)
    return factor
