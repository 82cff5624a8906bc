"""Stays: agents of a roster who come, take breaks and go, in the compiled engine.

Each function is the method of `sim.engines.shifts.Shifts` of that name.
"""

from __future__ import annotations

from sim.calls import State
from sim.chance.jit import at, cold, constant
from sim.chance.presence import BEYOND, DOES, PAID, gone_since, stay_from
from sim.engines.attendance import AWAY, IDLE, WRAPPING_UP, end_waiting, finishes, note, note_call
from sim.engines.events import Kind
from sim.engines.pending import agent_event, play
from sim.engines.state import (
    A_CALL,
    A_DUE,
    A_GROUP,
    A_POOL,
    A_RESTED,
    A_SINCE,
    A_STATE,
    A_STEP,
    CLEARED,
    CLEARED_AT,
    CLOCK,
    FAR,
    PLANNED,
    Day,
    Rules,
)
from sim.tally.credit import FINISHING, Sums
from sim.tally.spans import NOWHERE, spread
from sim.tally.spans import Rules as Counting
from sim.tally.stretches import credit_away

NONE = -1
COMES_BACK = constant(Kind.ON)
ON_PHONES, OFF_PHONES = constant(State.IDLE), constant(State.OFF_PHONES)


@cold
def goes_on(day: Day, rules: Rules, r: Counting, t: Sums, agent: int) -> int:
    """The agent, who has nothing in hand, does what is next on his plan: he, if he is then to look for a call, else NONE."""
    now, going, plans = day.now[CLOCK], at(day.agents, agent), day.plans
    before, state, group = going[A_STEP], going[A_STATE], going[A_GROUP]
    step, until = stay_from(plans, before + 1, now, day.now[CLEARED])
    was, does = plans[before, DOES], plans[step, DOES]
    border = gone_since(plans, before, step, day.now[CLEARED_AT])
    if state == WRAPPING_UP:
        if rules.log != 0:
            note_call(day, agent, border)
        elif border < now:
            spread(r, max(going[A_SINCE], border), now, t.agents, group, FINISHING, NOWHERE)
    elif state == IDLE:
        end_waiting(day, rules, r, t, agent)
    elif state == AWAY and was == ON_PHONES:  # he has let the last of several contacts go
        finishes(day.now, day.stretches, rules.log, r, t.agents, agent, group, border)
    elif state != AWAY:
        if rules.log != 0:
            note(day.now, day.stretches, agent, group, state, going[A_SINCE], now, NONE, 0, plans[before, PAID], 0)
        else:
            credit_away(r, group, state, going[A_SINCE], now, plans[before, PAID], t.agents)
    if was == ON_PHONES:
        day.pools[going[A_POOL], PLANNED] -= 1
    going[A_STEP], going[A_DUE] = step, until
    if does == ON_PHONES:
        if was != ON_PHONES:
            going[A_RESTED] = now
        day.pools[going[A_POOL], PLANNED] += 1
        return agent
    going[A_STATE], going[A_SINCE], going[A_CALL] = does, now, NONE
    if until < BEYOND:
        agent_event(day.now, day.tree, agent, until, COMES_BACK)
    else:
        play(day.tree, agent, FAR)
    return NONE


@cold
def is_off(day: Day, agent: int) -> bool:
    """Whether the agent is off the phones because he did not answer: by his plan he is on them."""
    return bool(day.agents[agent, A_STATE] == OFF_PHONES and day.plans[day.agents[agent, A_STEP], DOES] == ON_PHONES)
