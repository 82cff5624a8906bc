"""Passing: a call on its way from one agent to the next, in the compiled engine.

Each function is the method of `sim.engines.relay.Relay` of that name. A further leg is a row of its own, with the number of the
call.
"""

from __future__ import annotations

import numpy as np

from sim.calls import Outcome
from sim.chance.clock import Clock
from sim.chance.handing import CALLBACK, CONSULT, MISROUTED, WARM
from sim.chance.handling import FRESH
from sim.chance.jit import at, cold, constant
from sim.chance.legs import leg_delay, leg_key, leg_values
from sim.chance.quantiles import Laws
from sim.chance.tape import ARRIVAL as DRAWN_ARRIVAL
from sim.chance.tape import CAME as DRAWN_CAME
from sim.chance.tape import IVR, NUMBER, PATIENCE, STREAM, TALK, WAITED, WHAT, WRAP, packed, surge_of, unpacked
from sim.engines.events import Kind
from sim.engines.handover import finish, wrap_up
from sim.engines.in_hand import asks
from sim.engines.offering import comes_up
from sim.engines.pending import MOST_TICK, hang_up, later_pop, later_push, leaving_push, over
from sim.engines.queueing import leave
from sim.engines.state import (
    AGENT,
    AS_TYPE,
    CALL_NUMBER,
    CLEARED,
    CLOCK,
    DEFLECTION,
    FAR,
    GOES_TO,
    HANDING,
    HELD,
    HELD_BACK,
    LAST_LEG,
    LEAVES,
    LEG,
    LINES,
    NEXT_HOW,
    NEXT_LEG,
    PATIENT_FOR,
    PLACE,
    QUEUE,
    REST,
    ROOT,
    ROW,
    ROWS,
    SCRIPT,
    SOLVER,
    TOGETHER,
    TRIES,
    Day,
    Ints,
    Rules,
)
from sim.tally.credit import (
    ACCEPTED,
    ANSWER,
    ARRIVAL,
    CALL_TYPE,
    CAME,
    CHILD,
    END,
    GROUP,
    HANDED,
    HOW,
    IVR_EXIT,
    NEXT_CALL,
    OFF_LINE,
    OUTCOME,
    PREDICTED,
    QUEUE_ENTRY,
    RANG,
    RELEASE,
    UNSOLVED,
)

NONE = -1
HANDS, GIVES_UP = constant(Kind.HANDOVER), constant(Kind.GIVE_UP)
OVER_ANSWERED, OVER_ABANDONED = constant(Outcome.ANSWERED), constant(Outcome.ABANDONED)
OVER_STILL_THERE = constant(Outcome.STILL_THERE)
OF_A_LEG = 7  # in the column CAME of what is drawn of a leg: it is no call


@cold
def hand_over(
    day: Day, laws: Laws, patience: Ints, talks: Ints, clock: Clock, factors: Ints, promises: int, seed: np.uint64,
    replication: np.uint64,
) -> int:  # fmt: skip
    """The next leg of the call that is to be handed over now, if it looks for an agent, or NONE.

    patience : see `sim.chance.patience`; promises : where the laws begin that say when a callback comes up, by call type
    """
    now = day.now
    row = later_pop(now, day.later)
    now[HANDING] -= 1
    leg = new_leg(day, laws, patience, talks, clock, factors, seed, replication, row)
    taken, how = at(day.calls, leg), day.calls[row, NEXT_HOW]
    if how in (WARM, CONSULT):
        taken[HELD] = row
        asks(now, day.agents, day.pools, day.waiting, day.idle, day.calls[row, AGENT])
    if how == CALLBACK:
        taken[ACCEPTED] = now[CLOCK]
        if day.calls[taken[ROOT], OFF_LINE] == NONE:
            day.calls[taken[ROOT], OFF_LINE] = now[CLOCK]
            now[LINES] -= 1
        after = leg_delay(laws, promises + taken[CALL_TYPE], seed, replication, day.key[taken[ROW]])
        comes_up(day, leg, now[CLOCK] + after)
        return NONE
    return int(leg)


@cold
def new_leg(
    day: Day, laws: Laws, patience: Ints, talks: Ints, clock: Clock, factors: Ints, seed: np.uint64, replication: np.uint64,
    row: int,
) -> int:  # fmt: skip
    """The row of the call's next leg."""
    calls, now = day.calls, day.now
    before = at(calls, row)
    root = row if before[ROOT] == NONE else before[ROOT]
    leg, kind, of_call = now[ROWS], before[GOES_TO], at(day.drawn, calls[root, ROW])
    now[ROWS] = leg + 1
    key = np.uint64(leg_key(day.key[calls[root, ROW]], before[LEG] + 1))
    surge = surge_of(of_call[WHAT])
    factor = factors[surge]
    label = at(day.label, calls[root, ROW])
    talk, wrap, lasts = leg_values(
        laws, patience, talks, clock, seed, replication, key, kind, label, now[CLOCK], factor[0], factor[1], factor[2]
    )
    script = FRESH
    if before[NEXT_HOW] == MISROUTED:
        talk, wrap = of_call[TALK], of_call[WRAP]
        script = calls[root, SCRIPT]
    drawn, new = at(day.drawn, leg), at(calls, leg)
    drawn[IVR], drawn[TALK], drawn[WRAP], drawn[PATIENCE], drawn[WAITED] = 0, talk, wrap, lasts, 0
    drawn[DRAWN_ARRIVAL], drawn[NUMBER] = now[CLOCK], of_call[NUMBER]
    drawn[WHAT] = packed(kind, 0, NONE, 0, surge, unpacked(of_call[WHAT], STREAM)) | OF_A_LEG << DRAWN_CAME[0]
    day.key[leg], day.needs[leg] = key, key
    for family in range(day.label.shape[1]):
        day.label[leg, family] = day.label[calls[root, ROW], family]
    new[ARRIVAL], new[CALL_TYPE], new[AS_TYPE], new[ROW], new[CALL_NUMBER] = now[CLOCK], kind, kind, leg, before[CALL_NUMBER]
    new[CAME], new[UNSOLVED], new[ACCEPTED], new[PREDICTED], new[TRIES], new[DEFLECTION] = OF_A_LEG, 0, NONE, NONE, 0, NONE
    new[QUEUE_ENTRY], new[ANSWER], new[RELEASE], new[GROUP], new[OUTCOME], new[END] = now[CLOCK], NONE, NONE, NONE, NONE, NONE
    new[IVR_EXIT], new[NEXT_CALL], new[AGENT], new[PLACE], new[QUEUE] = now[CLOCK], NONE, NONE, NONE, NONE
    new[CHILD], new[HELD_BACK], new[RANG] = NONE, 0, 0
    new[HANDED], new[SOLVER], new[HELD], new[NEXT_LEG], new[LAST_LEG] = NONE, NONE, NONE, NONE, NONE
    new[OFF_LINE] = calls[root, OFF_LINE]
    new[ROOT], new[LEG], new[HOW], new[TOGETHER] = root, before[LEG] + 1, before[NEXT_HOW], before[TOGETHER]
    new[LEAVES], new[REST], new[PATIENT_FOR], new[SCRIPT] = FAR, before[REST], before[PATIENT_FOR], script
    last = calls[root, LAST_LEG]
    calls[root if last == NONE else last, NEXT_LEG] = leg
    calls[root, LAST_LEG] = leg
    return int(leg)


@cold
def waits_as_leg(day: Day, rules: Rules, call: int) -> bool:
    """What a leg does that finds nobody free: whether it joins its queue; until when it stays there is set."""
    now, asking = day.now, at(day.calls, call)
    if now[CLEARED] != 0:
        drop_leg(day, rules, call)
        return False
    asking[LEAVES] = patience_ends(day, call)
    if asking[HELD] != NONE:
        asking[LEAVES] = FAR
        later_push(now, day.later, now[CLOCK] + asking[PATIENT_FOR], GIVES_UP, asking[CALL_NUMBER], call)
    return True


@cold
def patience_ends(day: Day, call: int) -> int:
    """The tick at which the patience of a leg ends that begins now."""
    patience = day.drawn[day.calls[call, ROW], PATIENCE]
    return int(day.now[CLOCK] + patience) if patience <= MOST_TICK else int(FAR)


@cold
def give_up(day: Day, rules: Rules) -> None:
    """Nobody has answered the agent who asks: he leaves the caller in the queue, or goes on alone."""
    now = day.now
    leg = later_pop(now, day.later)
    asking = at(day.calls, leg)
    if asking[HELD] == NONE or asking[OUTCOME] != NONE:
        return
    if asking[HOW] == CONSULT:
        leave(day, rules.order, leg)
        go_on_alone(day, rules, leg)
    else:
        wrap_up(day.now, day.calls, day.drawn, day.agents, day.tree, day.later, rules.groups, asking[HELD], now[CLOCK])
        asking[HELD], asking[LEAVES] = NONE, patience_ends(day, leg)
        leaving_push(now, day.calls, day.leaving, leg)


@cold
def go_on_alone(day: Day, rules: Rules, leg: int) -> None:
    """The agent who asked talks the rest without having been helped."""
    asking = at(day.calls, leg)
    row = asking[HELD]
    asking[HELD], asking[OUTCOME], asking[END] = NONE, OVER_ABANDONED, day.now[CLOCK]
    until = day.now[CLOCK] + asking[REST]
    finish(day.now, day.calls, day.drawn, day.agents, day.tree, day.later, rules.groups, rules.trunks, row, until)


@cold
def drop_leg(day: Day, rules: Rules, leg: int) -> None:
    """Nobody will answer the leg any more: the day ends."""
    asking = at(day.calls, leg)
    if asking[HELD] != NONE and asking[HOW] == CONSULT:
        go_on_alone(day, rules, leg)
        return
    if asking[HELD] != NONE:
        wrap_up(day.now, day.calls, day.drawn, day.agents, day.tree, day.later, rules.groups, asking[HELD], day.now[CLOCK])
        asking[HELD] = NONE
    hang_up(day.now, day.calls, leg, OVER_STILL_THERE)


@cold
def end_call(day: Day, leg: int) -> None:
    """What ends the last leg of a call ends the call, which has been answered; who answered last may have solved it."""
    ended = at(day.calls, leg)
    day.calls[ended[ROOT], SOLVER] = ended[SOLVER]
    over(day.now, day.calls, ended[ROOT], OVER_ANSWERED, ended[END])
