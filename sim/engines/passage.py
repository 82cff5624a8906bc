"""Passage: what a call goes through in the compiled engine, from its arrival until it is over.

Each function is the method of `ReferenceDay` of that name.
"""

from __future__ import annotations

import numpy as np

from sim.calls import Outcome
from sim.chance.calling import Calling
from sim.chance.handing import Handing
from sim.chance.handling import FRESH, Handling
from sim.chance.jit import at, constant, part
from sim.chance.quantiles import Laws
from sim.chance.selling import Selling
from sim.chance.tape import ARRIVAL as DRAWN_ARRIVAL
from sim.chance.tape import CALL_TYPE as DRAWN_TYPE
from sim.chance.tape import CAME as DRAWN_CAME
from sim.chance.tape import (
    FATE,
    IVR,
    NUMBER,
    TALK,
    WHAT,
    WRAP,
    Fate,
    unpacked,
    via_of,
)
from sim.engines.composing import compose
from sim.engines.events import Kind
from sim.engines.handover import talk
from sim.engines.in_hand import ends, takes
from sim.engines.offering import NOT_NOW, PAST_IVR, begins_work, dial, offered
from sim.engines.pending import hang_up, later_push, over
from sim.engines.queueing import has_left
from sim.engines.ringing import rings
from sim.engines.state import (
    A_GROUP,
    AGENT,
    AS_TYPE,
    CALL_NUMBER,
    CLOCK,
    CLOSED,
    DEFLECTION,
    HANDLES,
    HELD,
    HELD_BACK,
    IN_IVR,
    LAST_ANSWERED,
    LAST_LEG,
    LEG,
    LINES,
    NEXT_LEG,
    PLACE,
    QUEUE,
    RINGS,
    ROOT,
    ROW,
    SCRIPT,
    SOLVER,
    SPARE,
    TRIES,
    Day,
    Rules,
)
from sim.tally.credit import (
    ACCEPTED,
    ANSWER,
    ARRIVAL,
    CALL_TYPE,
    CAME,
    CHILD,
    GROUP,
    HANDED,
    IVR_EXIT,
    NEXT_CALL,
    OFF_LINE,
    OFFER,
    OUTCOME,
    PREDICTED,
    QUEUE_ENTRY,
    RANG,
    RELEASE,
    TAKEN,
    UNSOLVED,
    Sums,
)
from sim.tally.spans import Rules as Counting

NONE = -1
TO_QUEUE, CONTAINED, AWAY_AT_ONCE = int(Fate.QUEUE), int(Fate.CONTAINED), int(Fate.TURNED_AWAY)
LEAVES_NOW = 2
OVER_CLOSED, OVER_BLOCKED = constant(Outcome.CLOSED), constant(Outcome.BLOCKED)
OVER_CONTAINED, OVER_IVR = constant(Outcome.CONTAINED), constant(Outcome.IVR_ABANDONED)
OVER_BALKED, OVER_ANSWERED = constant(Outcome.BALKED), constant(Outcome.ANSWERED)
OVER_STILL_THERE = constant(Outcome.STILL_THERE)
ARRIVES, EXITS = constant(Kind.ARRIVAL), constant(Kind.IVR_EXIT)


@part
def arrives(day: Day, rules: Rules, row: int) -> int:
    """The call of that row of `drawn` comes: NONE where there is no room for it."""
    call = row
    if rules.keep == 0:
        spare = day.now[SPARE] - 1
        if spare < 0:
            return NONE
        day.now[SPARE] = spare
        call = at(day.spare, spare)
    new, drawn = at(day.calls, call), at(day.drawn, row)
    new[ARRIVAL], new[CALL_TYPE], new[ROW] = drawn[DRAWN_ARRIVAL], unpacked(drawn[WHAT], DRAWN_TYPE), row
    new[CALL_NUMBER], new[CAME], new[UNSOLVED] = drawn[NUMBER], unpacked(drawn[WHAT], DRAWN_CAME), 0
    new[ACCEPTED], new[PREDICTED], new[TRIES], new[DEFLECTION] = NONE, NONE, 0, NONE
    new[HANDED], new[OFF_LINE], new[AS_TYPE], new[OFFER], new[TAKEN] = NONE, NONE, new[CALL_TYPE], NONE, 0
    if rules.hands != 0:
        new[SOLVER], new[ROOT], new[LEG], new[LAST_LEG], new[NEXT_LEG], new[HELD] = NONE, NONE, 0, NONE, NONE, NONE
    if day.now[HANDLES] != 0 and row < rules.fresh:
        new[SCRIPT] = FRESH
    new[QUEUE_ENTRY], new[ANSWER], new[RELEASE], new[GROUP], new[OUTCOME] = NONE, NONE, NONE, NONE, NONE
    new[QUEUE], new[HELD_BACK], new[RANG] = NONE, 0, 0
    new[IVR_EXIT], new[NEXT_CALL], new[AGENT], new[PLACE], new[CHILD] = NONE, NONE, NONE, NONE, NONE
    return int(call)


@part
def enters_ivr(day: Day, rules: Rules, calling: Calling, call: int) -> int:
    """To closed doors (NOT_NOW), to busy lines, or into the IVR; LEAVES_NOW if in this tick, PAST_IVR if not into it."""
    now, entering = day.now, at(day.calls, call)
    contact = at(rules.work, entering[CALL_TYPE]) if rules.works != 0 else 0
    if contact > 0:
        return begins_work(day, rules, calling, call)
    drawn = at(day.drawn, entering[ROW])
    if now[CLOSED] != 0:
        over(now, day.calls, call, OVER_CLOSED, entering[ARRIVAL])  # who comes after all days has his own time
        return NOT_NOW
    if contact < 0:
        entering[IVR_EXIT], entering[OFF_LINE] = now[CLOCK], now[CLOCK]
        return PAST_IVR
    full = 0 <= rules.ports <= now[IN_IVR]
    turned_away = unpacked(drawn[WHAT], FATE) == AWAY_AT_ONCE or (full and rules.past_full == 0)
    if turned_away or 0 <= rules.trunks <= now[LINES]:
        over(now, day.calls, call, OVER_BLOCKED, now[CLOCK])
        return NOT_NOW
    now[LINES] += 1
    if full:
        entering[IVR_EXIT] = now[CLOCK]
        return PAST_IVR
    now[IN_IVR] += 1
    if drawn[IVR] == 0:
        return LEAVES_NOW
    later_push(now, day.later, now[CLOCK] + drawn[IVR], EXITS, entering[CALL_NUMBER], call)
    return NOT_NOW


@part
def leaves_ivr(day: Day, rules: Rules, call: int) -> bool:
    """The IVR is over: the caller asks for an agent, was contained, or hangs up. Whether he asks."""
    now, calls, exiting = day.now, day.calls, at(day.calls, call)
    if exiting[OUTCOME] != NONE:
        return False  # dropped at closing
    now[IN_IVR] -= 1
    exiting[IVR_EXIT] = now[CLOCK]
    what = at(day.drawn, exiting[ROW])[WHAT]
    fate = unpacked(what, FATE)
    if fate == TO_QUEUE:
        if rules.hands != 0 and via_of(what) != NONE:
            exiting[AS_TYPE] = via_of(what)
        return True
    exiting[DEFLECTION] = via_of(what)
    hang_up(now, calls, call, OVER_CONTAINED if fate == CONTAINED else OVER_IVR)
    return False


@part
def answer(
    day: Day, rules: Rules, r: Counting, t: Sums, laws: Laws, calling: Calling, handing: Handing, selling: Selling,
    handling: Handling, seed: np.uint64, replication: np.uint64, call: int, agent: int,
) -> None:  # fmt: skip
    """The agent, idle or free this very tick, takes the call; with that its end and his release are known.

    The end of the talk frees a line and changes nothing else: where lines are not counted it is no event of its own.
    """
    taken, now = at(day.calls, call), day.now[CLOCK]
    if rules.tells != 0 and taken[ACCEPTED] != NONE:
        dial(day, rules, r, t, laws, calling, selling, handling, seed, replication, call, agent)
        return
    if day.now[RINGS] != 0 and rings(day, rules, r, t, laws, handling, seed, replication, call, agent):
        return
    if rules.tells != 0:
        at(day.queues, taken[QUEUE])[LAST_ANSWERED] = now - taken[QUEUE_ENTRY]
    unknown = 0.0
    if day.now[HANDLES] != 0:
        unknown = compose(day, rules, handling, laws, seed, replication, call, agent)
    takes(day, rules, r, t, call, agent)
    if rules.hands != 0 and talk(day, rules, handing, selling, laws, seed, replication, call, agent, unknown):
        return
    group = at(day.agents, agent)[A_GROUP]
    drawn = at(day.drawn, taken[ROW])
    end = now + drawn[TALK]
    if rules.sells != 0:
        end += offered(day, rules, laws, selling, seed, replication, call, group)
    release = end + drawn[WRAP]
    taken[ANSWER], taken[RELEASE], taken[GROUP], taken[AGENT] = now, release, group, agent
    line = rules.trunks >= 0 and taken[OFF_LINE] == NONE
    ends(day.now, day.tree, day.later, day.agents, rules.groups, taken[AS_TYPE], agent, end, release, line)
    over(day.now, day.calls, call, OVER_ANSWERED, end)


@part
def abandon(day: Day, rules: Rules) -> None:
    """The caller's patience has ended in the queue; the line is free."""
    if at(day.calls, day.leaving[0])[OFF_LINE] == NONE:
        day.now[LINES] -= 1
    has_left(day, rules.order, day.leaving[0])
