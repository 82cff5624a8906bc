"""walking: one caller's way through the IVR; shared by the Tape and, for later calls, by both engines."""

from __future__ import annotations

import numpy as np

from sim.chance.clock import interval_at, is_on
from sim.chance.jit import cold, inlined
from sim.chance.laws import Coming
from sim.chance.philox import CALLER, block, derived
from sim.chance.quantiles import NEVER_TICKS, law_ticks
from sim.chance.scaling import ONE, scaled
from sim.chance.screening import (
    AGENT,
    AT_ONE_STEP,
    BEGINS,
    BUSY,
    ENDS,
    HANG_UP,
    LAW,
    LOWER,
    ON,
    PATIENCE,
    REDIAL,
    SINCE,
    STEP_BY_STEP,
    TAKEN_FOR,
    UNTIL,
    UPPER,
    VIA,
    WRONG,
    Screening,
)
from sim.chance.tape import Fate

Walk = tuple[int, int, int, int]

QUEUE, CONTAINED, HANGS_UP, TURNED_AWAY = int(Fate.QUEUE), int(Fate.CONTAINED), int(Fate.HANG_UP), int(Fate.TURNED_AWAY)
NO_DEFLECTION = -1
_ZERO = np.uint64(0)


@inlined
def entrance_fate(c: Coming, call_type: int, arrival: int, u: float) -> int:
    """Code of Fate where the entrance is all the IVR there is, and takes all ranks of need alike."""
    chance = c.screening.chance[call_type, 0, interval_at(c.clock, arrival)]
    if u < chance[LOWER]:
        return CONTAINED
    if u < chance[LOWER] + chance[HANG_UP]:
        return HANGS_UP
    return QUEUE


@inlined
def ivr_values(
    c: Coming, seed: np.uint64, replication: np.uint64, key: np.uint64, call_type: int, arrival: int, rank: float
) -> Walk:
    """(ticks in the IVR, fate, via, factor on patience in 65536ths) of a call; rank : of need.

    via : the deflection that contained the caller, the call type that one is taken for who chose a wrong option, or -1

    What a step says is heard before any of it comes about, so who hangs up at a step has spent its time.
    """
    how = c.screening.how[call_type]
    if how == STEP_BY_STEP:
        ticks, fate, via, patience = walk(c, seed, replication, key, call_type, arrival, rank)
    else:
        _, _, u_fate, u_time = block(seed, replication, key, CALLER, _ZERO)
        ticks, fate, via, patience = law_ticks(c.laws, 3 * c.balking.shape[0], u_time, 1.0), QUEUE, NO_DEFLECTION, ONE
        if how == AT_ONE_STEP:
            fate = entrance_fate(c, call_type, arrival, u_fate)
    if c.screening.restarts.shape[0] > 0:
        stays, does = cut_off(c.screening, arrival, ticks, fate)
        if stays != ticks or does != fate:
            ticks, fate, via = stays, does, NO_DEFLECTION
    return ticks, fate, via, patience


@cold
def walk(
    c: Coming, seed: np.uint64, replication: np.uint64, key: np.uint64, call_type: int, arrival: int, rank: float
) -> Walk:
    """As `ivr_values`, step by step; the uniforms of a step hang on the caller and on its name."""
    ticks, patience, i = 0, ONE, interval_at(c.clock, arrival)
    for at in range(c.screening.steps.shape[1]):
        step = c.screening.steps[call_type, at]
        if step[LAW] < 0:
            break
        if not is_on(c.clock, arrival, step[ON], step[SINCE], step[UNTIL]):
            continue
        chance, name = c.screening.chance[call_type, at, i], c.screening.names[call_type, at]
        of_step = key if name == _ZERO else derived(key, name, _ZERO)
        _, _, u_fate, u_time = block(seed, replication, of_step, CALLER, _ZERO)
        ticks = min(ticks + law_ticks(c.laws, step[LAW], u_time, 1.0), NEVER_TICKS)
        contained = chance[LOWER] if rank < 0.5 else chance[UPPER]
        if u_fate < contained:
            return ticks, CONTAINED, step[VIA], patience
        if u_fate < contained + chance[HANG_UP]:
            return ticks, HANGS_UP, NO_DEFLECTION, patience
        leaves = contained + chance[HANG_UP] + chance[AGENT]
        if u_fate < leaves:
            break
        if u_fate < leaves + (1.0 - leaves) * chance[WRONG]:
            spent, other = wrong_way(c, seed, replication, key, call_type, at, (u_fate - leaves) / (1.0 - leaves) / chance[WRONG])
            return min(ticks + spent, NEVER_TICKS), QUEUE, other, patience
        patience = scaled(patience, step[PATIENCE])
    return ticks, QUEUE, NO_DEFLECTION, patience


@cold
def wrong_way(
    c: Coming, seed: np.uint64, replication: np.uint64, key: np.uint64, call_type: int, at: int, u: float
) -> tuple[int, int]:
    """(ticks of what is then heard, the call type one is taken for or -1) of who takes a wrong option at a menu; u : uniform.

    One of the types whose callers take another option there: he hears what is left of their way, and asks for an agent.
    """
    name, types = c.screening.names[call_type, at], c.screening.steps.shape[0]
    leads, others = after(c.screening, call_type, at), 0
    for other in range(types):
        others += leads_elsewhere(c.screening, other, call_type, name, leads)
    chosen = int(u * others)
    for other in range(types):
        if not leads_elsewhere(c.screening, other, call_type, name, leads):
            continue
        if chosen > 0:
            chosen -= 1
            continue
        ticks = 0
        for later in range(step_of(c.screening, other, name) + 1, c.screening.steps.shape[1]):
            step = c.screening.steps[other, later]
            if step[LAW] < 0:
                break
            _, _, _, u_time = block(seed, replication, derived(key, c.screening.names[other, later], _ZERO), CALLER, _ZERO)
            ticks = min(ticks + law_ticks(c.laws, step[LAW], u_time, 1.0), NEVER_TICKS)
        return ticks, other
    return 0, NO_DEFLECTION


@cold
def leads_elsewhere(s: Screening, other: int, call_type: int, name: np.uint64, leads: np.uint64) -> bool:
    """Whether another type's callers come to the menu of that name, and take another option than one that leads there."""
    at = step_of(s, other, name)
    if other == call_type or at < 0 or s.steps[other, at, TAKEN_FOR] == 0:
        return False
    theirs = after(s, other, at)
    return bool(theirs == _ZERO or theirs != leads)


@cold
def step_of(s: Screening, call_type: int, name: np.uint64) -> int:
    """Which step of a type's way has that name; -1: none."""
    for at in range(s.steps.shape[1]):
        if s.steps[call_type, at, LAW] >= 0 and s.names[call_type, at] == name:
            return at
    return -1


@cold
def after(s: Screening, call_type: int, at: int) -> np.uint64:
    """The name of the next step of a type's way; 0: an agent."""
    if at + 1 >= s.steps.shape[1] or s.steps[call_type, at + 1, LAW] < 0:
        return _ZERO
    return s.names[call_type, at + 1]


@cold
def cut_off(s: Screening, arrival: int, ticks: int, fate: int) -> tuple[int, int]:
    """(ticks in the IVR, fate) where it is down for a while: now, or while the caller is inside."""
    for i in range(s.restarts.shape[0]):
        restart = s.restarts[i]
        if restart[BEGINS] <= arrival < restart[ENDS]:
            return 0, TURNED_AWAY if restart[BUSY] != 0 else QUEUE
        if arrival < restart[BEGINS] < arrival + ticks:
            return restart[BEGINS] - arrival, HANGS_UP
    return ticks, fate


@cold
def redial_factor(c: Coming, call_type: int, arrival: int) -> float:
    """What announcements that were on when the call came make of the chance to redial."""
    factor = 1.0
    for at in range(c.screening.steps.shape[1]):
        step = c.screening.steps[call_type, at]
        if step[LAW] >= 0 and is_on(c.clock, arrival, step[ON], step[SINCE], step[UNTIL]):
            factor *= float(step[REDIAL]) / float(ONE)
    return factor
