"""Handover: what an agent does with a call he has taken, where agents may pass calls on, in the compiled engine.

Each function is the method of `sim.engines.relay.Relay` of that name; what happens between two agents is in `passing`.
"""

from __future__ import annotations

import numpy as np

from sim.calls import Outcome
from sim.chance.handing import CONSULT, GIVE_UP, LOST, MISROUTED, TO, WARM, WAY, Handing
from sim.chance.handling import SOLVED
from sim.chance.jit import at, cold, constant, part
from sim.chance.legs import (
    NO_TRANSFER,
    leg_delay,
    transfer_of,
    transfer_times,
)
from sim.chance.quantiles import Laws
from sim.chance.selling import Selling
from sim.chance.tape import TALK, WRAP
from sim.engines.composing import class_of, serves
from sim.engines.events import Kind
from sim.engines.in_hand import ends
from sim.engines.offering import offered
from sim.engines.pending import later_push, over, play
from sim.engines.state import (
    A_GROUP,
    A_IN_HAND,
    AGENT,
    AS_TYPE,
    CALL_NUMBER,
    CLOCK,
    FAR,
    GOES_TO,
    HANDING,
    HANDLES,
    HELD,
    LEG,
    NEXT_HOW,
    PATIENT_FOR,
    REST,
    ROOT,
    ROW,
    SCRIPT,
    SOLVER,
    TOGETHER,
    Day,
    Ints,
    Rules,
)
from sim.tally.credit import ANSWER, CALL_TYPE, CAME, END, GROUP, HANDED, HOW, OFF_LINE, OUTCOME, QUEUE_ENTRY, RELEASE

NONE = -1
HANDS = constant(Kind.HANDOVER)
OVER_ANSWERED = constant(Outcome.ANSWERED)


@part
def talk(
    day: Day, rules: Rules, handing: Handing, selling: Selling, laws: Laws, seed: np.uint64, replication: np.uint64, call: int,
    agent: int, unknown: float,
) -> bool:  # fmt: skip
    """The agent has taken the leg, and will hand it over, or has been asked by a colleague; False if he just talks.

    unknown : the share that he does not know of what one has to know in such calls
    """
    taken, by, now = at(day.calls, call), at(day.agents, agent), day.now[CLOCK]
    drawn = at(day.drawn, taken[ROW])
    taken[ANSWER], taken[GROUP], taken[SOLVER], taken[AGENT] = now, by[A_GROUP], by[A_GROUP], agent
    asked_by = taken[HELD]
    if asked_by != NONE:
        taken[HELD] = NONE
        meet = now + taken[TOGETHER]
        if taken[HOW] == CONSULT:
            taken[OUTCOME], taken[END], taken[HANDED], taken[RELEASE] = OVER_ANSWERED, meet, meet, meet
            ends(day.now, day.tree, day.later, day.agents, rules.groups, taken[AS_TYPE], agent, meet, meet, False)
            until = meet + taken[REST]
            finish(day.now, day.calls, day.drawn, day.agents, day.tree, day.later, rules.groups, rules.trunks, asked_by, until)
            return True
        wrap_up(day.now, day.calls, day.drawn, day.agents, day.tree, day.later, rules.groups, asked_by, meet)
        drawn[TALK] += taken[TOGETHER]
    how, before = what_follows(day, rules, handing, laws, seed, replication, call, unknown)
    if how == NO_TRANSFER:
        return False
    if how == LOST:
        taken[SOLVER] = NONE
        finish(day.now, day.calls, day.drawn, day.agents, day.tree, day.later, rules.groups, rules.trunks, call, now + before)
        return True
    day.now[HANDING] += 1
    if how == CONSULT and rules.sells != 0:
        taken[REST] += offered(day, rules, laws, selling, seed, replication, call, by[A_GROUP])  # he ends the call, too
    if how not in (WARM, CONSULT):
        wrap_up(day.now, day.calls, day.drawn, day.agents, day.tree, day.later, rules.groups, call, now + before)
    elif by[A_IN_HAND] == 0:
        play(day.tree, agent, FAR)
    later_push(day.now, day.later, now + before, HANDS, taken[CALL_NUMBER], call)
    return True


@part
def what_follows(
    day: Day, rules: Rules, handing: Handing, laws: Laws, seed: np.uint64, replication: np.uint64, call: int, unknown: float
) -> tuple[int, int]:
    """(how the call goes on or NO_TRANSFER, ticks of talk before); what else is drawn of it is written into its row."""
    taken = at(day.calls, call)
    root = call if taken[ROOT] == NONE else taken[ROOT]
    key, kind, group, label = day.key[taken[ROW]], taken[CALL_TYPE], taken[GROUP], day.label[day.calls[root, ROW]]
    if taken[AS_TYPE] != kind and not serves(
        rules.look, rules.look_at, rules.seats, class_of(rules, kind, label), group
    ):
        taken[NEXT_HOW], taken[GOES_TO], taken[TOGETHER], taken[REST] = MISROUTED, kind, 0, 0
        return MISROUTED, leg_delay(laws, handing.misrouted, seed, replication, key)
    if day.now[HANDLES] != 0 and taken[SCRIPT] == SOLVED:
        return NO_TRANSFER, 0
    again = 1 if day.calls[root, CAME] != 0 else 0
    waited = day.now[CLOCK] - taken[QUEUE_ENTRY]
    which = transfer_of(handing, seed, replication, key, kind, group, waited, again, taken[LEG], label, unknown)
    if which == NO_TRANSFER:
        return NO_TRANSFER, 0
    to, how = handing.rows[kind, which, TO], handing.rows[kind, which, WAY]
    before, together, rest = transfer_times(
        handing, laws, seed, replication, key, kind, which, day.drawn[taken[ROW], TALK]
    )
    taken[NEXT_HOW], taken[GOES_TO], taken[TOGETHER], taken[REST] = how, to, together, rest
    taken[PATIENT_FOR] = handing.rows[kind, which, GIVE_UP]
    return how, before


@cold
def finish(
    now: Ints, calls: Ints, rows: Ints, agents: Ints, tree: Ints, later: Ints, groups: Ints, trunks: int, call: int, end: int
) -> None:
    """The agent of that leg talks with the caller until the end of the call."""
    taken = at(calls, call)
    release = end + rows[taken[ROW], WRAP]
    taken[HANDED], taken[RELEASE] = NONE, release
    line = trunks >= 0 and taken[OFF_LINE] == NONE
    ends(now, tree, later, agents, groups, taken[AS_TYPE], taken[AGENT], end, release, line)
    over(now, calls, call, OVER_ANSWERED, end)


@cold
def wrap_up(
    now: Ints, calls: Ints, rows: Ints, agents: Ints, tree: Ints, later: Ints, groups: Ints, call: int, end: int
) -> None:
    """The agent's part in that leg is over then, and his wrap-up begins."""
    taken = at(calls, call)
    taken[HANDED], taken[RELEASE] = end, end + rows[taken[ROW], WRAP]
    if taken[ROOT] != NONE:
        taken[OUTCOME], taken[END] = OVER_ANSWERED, end
    ends(now, tree, later, agents, groups, taken[AS_TYPE], taken[AGENT], end, taken[RELEASE], False)
