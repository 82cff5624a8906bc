"""Ringing: agents at whom it rings, until they answer, or do not, in the compiled engine.

Each function is the method of `sim.engines.answering.Answering` of that name.
"""

from __future__ import annotations

import numpy as np

from sim.calls import Outcome, State
from sim.chance.handling import Handling, agent_at
from sim.chance.jit import at, cold, constant, part
from sim.chance.quantiles import Laws
from sim.chance.ringing import ANSWERS, AT_ONCE, LAW, ring_of
from sim.engines.attendance import GOES_OFF, note
from sim.engines.events import Kind
from sim.engines.pending import agent_event, hang_up, later_pop, later_push, play
from sim.engines.state import (
    A_CALL,
    A_DUE,
    A_GROUP,
    A_IDLE,
    A_RELEASE,
    A_RESTED,
    A_SINCE,
    A_STATE,
    AGENT,
    CALL_NUMBER,
    CLOCK,
    FAR,
    FIRST_PERSON,
    HANDING,
    L_NUMBER,
    LATER,
    LEAVES,
    ROOT,
    ROW,
    STRETCHES,
    TAKER,
    Day,
    Rules,
)
from sim.engines.stays import COMES_BACK, OFF_PHONES
from sim.tally.credit import CALL_TYPE, ON_PHONES, RANG, Sums
from sim.tally.spans import NOWHERE, spread
from sim.tally.spans import Rules as Counting
from sim.tally.stretches import credit_away

NONE = -1
STOPS, RINGING, OVER_ABANDONED = constant(Kind.RING), constant(State.RING), constant(Outcome.ABANDONED)


@part
def room_for_more(day: Day, rules: Rules) -> bool:
    """Whether there is room for one more ring, or try to reach somebody: half of `later` and `stretches` is for what would be
    there without.
    """
    now, rows, pending = day.now, day.stretches.shape[0], day.later.shape[0]
    return bool(now[LATER] + pending // 2 + 2 <= pending and (rules.log == 0 or now[STRETCHES] + rows // 2 + 4 <= rows))


@part
def rings(
    day: Day, rules: Rules, r: Counting, t: Sums, laws: Laws, handling: Handling, seed: np.uint64, replication: np.uint64,
    call: int, agent: int,
) -> bool:  # fmt: skip
    """Whether the call that is given to the agent rings first; else he answers at once, or now that it has."""
    now, given, by = day.now, at(day.calls, call), at(day.agents, agent)
    if by[A_STATE] == RINGING:
        end_ringing(day, rules, r, t, agent, given[CALL_NUMBER])
        return False
    who = agent_at(handling, agent, by[A_GROUP], now[FIRST_PERSON])
    of_a_leg = rules.hands != 0 and given[ROOT] != NONE
    if handling.agents[who, LAW] == AT_ONCE or of_a_leg or rules.work[given[CALL_TYPE]] > 0:
        return False
    lasts, away = ring_of(handling.agents, laws, seed, replication, day.key[given[ROW]], who, given[RANG])
    if lasts == 0:
        return False
    given[AGENT] = agent
    now[HANDING] += 1
    by[A_STATE], by[A_SINCE], by[A_CALL], by[A_RELEASE] = RINGING, now[CLOCK], call, away
    play(day.tree, agent, FAR)
    later_push(now, day.later, now[CLOCK] + lasts, STOPS, given[CALL_NUMBER], agent)
    return True


@cold
def end_ringing(day: Day, rules: Rules, r: Counting, t: Sums, agent: int, number: int) -> None:
    """The time that it rang is written down, or counted; the number is that of the call."""
    by, now = at(day.agents, agent), day.now[CLOCK]
    by[A_IDLE] += now - by[A_SINCE]
    if rules.log != 0:
        note(day.now, day.stretches, agent, by[A_GROUP], RINGING, by[A_SINCE], now, number, 0, 1, 0)
    else:
        spread(r, by[A_SINCE], now, t.agents, by[A_GROUP], ON_PHONES, NOWHERE)


@cold
def stops_ringing(day: Day, rules: Rules, r: Counting, t: Sums) -> int:
    """The agent answers (TAKER); or he does not, and the caller goes back to his old place; or the caller was sent away.

    Returns the call if it is answered or asks again, else NONE.
    """
    now, number = day.now, day.later[0, L_NUMBER]
    agent = later_pop(now, day.later)
    by = at(day.agents, agent)
    call, away = by[A_CALL], by[A_RELEASE]
    if call == NONE:
        end_ringing(day, rules, r, t, agent, number)
        leaves_phones(day, agent, 0)
        return NONE
    now[HANDING] -= 1
    if away == ANSWERS:
        now[TAKER] = agent
        return int(call)
    end_ringing(day, rules, r, t, agent, number)
    waits = at(day.calls, call)
    waits[AGENT] = NONE
    waits[RANG] += 1
    leaves_phones(day, agent, away)
    if waits[LEAVES] < now[CLOCK]:
        hang_up(now, day.calls, call, OVER_ABANDONED)
        return NONE
    return int(call)


@cold
def leaves_phones(day: Day, agent: int, away: int) -> None:
    """The agent is off the phones so long, or until what is next on his plan is due."""
    by, now = at(day.agents, agent), day.now[CLOCK]
    by[A_STATE], by[A_SINCE], by[A_CALL] = OFF_PHONES, now, NONE
    if away > 0:
        by[A_RESTED] = now + away
    if by[A_DUE] <= now + away:
        agent_event(day.now, day.tree, agent, max(by[A_DUE], now), GOES_OFF)
    else:
        agent_event(day.now, day.tree, agent, now + away, COMES_BACK)


@cold
def is_back(day: Day, rules: Rules, r: Counting, t: Sums, agent: int) -> None:
    """The agent is on the phones again: his time off them is written down, or counted."""
    by, now = at(day.agents, agent), day.now[CLOCK]
    if rules.log != 0:
        note(day.now, day.stretches, agent, by[A_GROUP], OFF_PHONES, by[A_SINCE], now, NONE, 0, 1, 0)
    else:
        credit_away(r, by[A_GROUP], OFF_PHONES, by[A_SINCE], now, 1, t.agents)


@cold
def stops_at_once(day: Day, call: int) -> bool:
    """Whether it rings for the call, which is sent away; the agent is free when it would have ended."""
    agent = day.calls[call, AGENT]
    if agent == NONE:
        return False
    day.agents[agent, A_CALL], day.calls[call, AGENT] = NONE, NONE
    day.now[HANDING] -= 1
    return True
