"""Counting: calls and callers that are over, added to the counts of the day, in the compiled engine."""

from __future__ import annotations

import numpy as np

from sim.calls import Came
from sim.chance.jit import at, kernel, part
from sim.engines.state import (
    A_GROUP,
    A_HANDLED,
    A_IDLE,
    AHEAD,
    G_CHATS,
    NEXT_LEG,
    OVER,
    ROW,
    SEVERAL,
    SPARE,
    Day,
    Ints,
    Rules,
)
from sim.tally.credit import CAME, GROUP, Sums, credit_call, credit_work
from sim.tally.customers import credit_caller
from sim.tally.passed_on import credit_leg
from sim.tally.spans import NOWHERE
from sim.tally.spans import Rules as Counting
from sim.tally.stretches import credit_load

NONE = -1
FRESH, TICKET = int(Came.FRESH), int(Came.TICKET)


@part
def count_one(day: Day, rules: Rules, r: Counting, t: Sums) -> None:
    """One of the calls that are over is counted, unless the day is written down, and gives its row back."""
    now, call = day.now, day.now[OVER]
    ended = at(day.calls, call)
    now[OVER] = ended[AHEAD]
    if rules.log == 0:
        near = credit_call(r, t, ended, at(day.label, ended[ROW]))
        credit_agent(day, rules, r, t, ended, near)
        if rules.hands != 0:
            count_legs(day, rules, r, t, call, near)
    if rules.keep == 0:
        credit_caller(r, day.calls, call, t.callers)
        day.spare[np.uint64(now[SPARE])] = call
        now[SPARE] += 1


@part
def credit_agent(day: Day, rules: Rules, r: Counting, t: Sums, call: Ints, near: int) -> None:
    """The agent's time with a call is counted; of who handles several at a time it is as it passes, see `in_hand.spell`."""
    if day.now[SEVERAL] == 0 or call[GROUP] == NONE or at(rules.groups, call[GROUP])[G_CHATS] == 0:
        credit_work(r, call, near, t.agents)


@part
def count_legs(day: Day, rules: Rules, r: Counting, t: Sums, call: int, near: int) -> None:
    """The further legs of a call are counted where it was."""
    ended = at(day.calls, call)
    leg = ended[NEXT_LEG]
    while leg != NONE:
        of_call = at(day.calls, leg)
        if near != NOWHERE:
            credit_leg(r, t, ended, of_call, at(day.label, ended[ROW]), near)
        credit_agent(day, rules, r, t, of_call, near)
        leg = of_call[NEXT_LEG]


@kernel
def count_callers(r: Counting, calls: Ints, rows: int, out: Ints) -> None:
    """Count the callers where calls are kept, because some call more than once; work stands after the call that left it."""
    for call in range(rows - 1, -1, -1):
        if calls[call, CAME] in (FRESH, TICKET):
            credit_caller(r, calls, call, out)


@kernel
def count_loads(agents: Ints, row: int, out: Ints) -> None:
    """Count how evenly agents are loaded; as `credit_loads` of the log."""
    for agent in range(agents.shape[0]):
        busy = agents[agent, A_HANDLED]
        credit_load(busy, busy + agents[agent, A_IDLE], agents[agent, A_GROUP], row, out)
