"""Passage: what a call goes through in the compiled engine, from its arrival until it is over.

Each function is the method of `ReferenceDay` of that name.
"""

from __future__ import annotations

import numpy as np

from sim.calls import Outcome
from sim.chance.draws import again_key, again_values, caller_values
from sim.chance.jit import inlined, kernel
from sim.chance.laws import ScenarioLaws
from sim.chance.tape import Fate
from sim.engines.attendance import TALKING, WRAPPING_UP, all_go, end_waiting
from sim.engines.decisions import NOBODY, pick_group
from sim.engines.events import INDEX_BITS, Kind
from sim.engines.pending import agent_event, join, later_push, leave, leaving_push
from sim.engines.state import (
    A_GROUP,
    A_ROW,
    A_SINCE,
    A_STATE,
    AGENT,
    ANSWER,
    ARRIVAL,
    ATTEMPT,
    BALKS,
    CALL_TYPE,
    CALLER,
    CLEARED,
    CLOCK,
    CLOSED,
    CONTAINED_ROW,
    END,
    FATE,
    FIRST_IDLE,
    GROUP,
    IN_IVR,
    IVR,
    IVR_EXIT,
    LINES,
    NUMBER,
    OUTCOME,
    PARENT,
    PATIENCE,
    QUEUE,
    QUEUE_ENTRY,
    RELEASE,
    ROWS,
    SURGE,
    TALK,
    WAITED,
    WAITING,
    WRAP,
    Day,
    Rules,
)  # fmt: skip
from sim.scenario.units import NEVER

NONE = -1
TO_QUEUE, CONTAINED = int(Fate.QUEUE), int(Fate.CONTAINED)
OVER_CLOSED, OVER_BLOCKED, OVER_CONTAINED = int(Outcome.CLOSED), int(Outcome.BLOCKED), int(Outcome.CONTAINED)
OVER_IVR, OVER_BALKED, OVER_ABANDONED = int(Outcome.IVR_ABANDONED), int(Outcome.BALKED), int(Outcome.ABANDONED)
OVER_ANSWERED = int(Outcome.ANSWERED)
AT_TALK_END, AT_RELEASE = int(Kind.TALK_END) << INDEX_BITS, int(Kind.RELEASE) << INDEX_BITS
AT_ARRIVAL, AT_IVR_EXIT = int(Kind.ARRIVAL) << INDEX_BITS, int(Kind.IVR_EXIT) << INDEX_BITS
PATIENT = int(NEVER)


@inlined
def enters_ivr(day: Day, rules: Rules, row: int) -> bool:
    """A call arrives: to closed doors, to busy lines, or into the IVR; whether it leaves that in the same tick."""
    now, calls = day.now, day.calls
    if not rules.opens <= now[CLOCK] < rules.closes:
        over(day, row, OVER_CLOSED)
        return False
    if 0 <= rules.trunks <= now[LINES]:
        over(day, row, OVER_BLOCKED)
        return False
    now[LINES] += 1
    now[IN_IVR] += 1
    if calls[row, IVR] == 0:
        return True
    later_push(now, day.later, now[CLOCK] + calls[row, IVR], AT_IVR_EXIT | calls[row, NUMBER], row)
    return False


@inlined
def leave_ivr(day: Day, rules: Rules, row: int) -> None:
    """The IVR is over: the caller asks for an agent, was contained, or hangs up."""
    now, calls = day.now, day.calls
    if calls[row, OUTCOME] != NONE:
        return  # dropped at closing
    now[IN_IVR] -= 1
    calls[row, IVR_EXIT] = now[CLOCK]
    if calls[row, FATE] == TO_QUEUE:
        ask_for_agent(day, rules, row)
    elif calls[row, FATE] == CONTAINED:
        hang_up(day, row, OVER_CONTAINED)
        if calls[row, ATTEMPT] < rules.again_most:
            now[CONTAINED_ROW] = row
    else:
        hang_up(day, row, OVER_IVR)
    check_cleared(day)


@inlined
def ask_for_agent(day: Day, rules: Rules, row: int) -> None:
    """The call is answered at once, balks, or waits."""
    now, calls = day.now, day.calls
    queue = calls[row, QUEUE]
    calls[row, QUEUE_ENTRY] = now[CLOCK] - calls[row, WAITED]
    group = pick_group(rules.look, rules.look_at[queue], rules.look_at[queue + 1], day.free)
    if group != NOBODY:
        agent = day.groups[group, FIRST_IDLE]
        end_waiting(day, agent)
        answer(day, row, agent)
    elif calls[row, BALKS] != 0:
        hang_up(day, row, OVER_BALKED)
    else:
        join(day, rules.head_start, row)
        if calls[row, PATIENCE] < PATIENT:
            leaving_push(now, calls, day.leaving, row, now[CLOCK] + calls[row, PATIENCE])


@inlined
def abandon(day: Day, rules: Rules, row: int) -> None:
    """The caller's patience has ended in the queue."""
    leave(day, rules.head_start, row)
    hang_up(day, row, OVER_ABANDONED)
    check_cleared(day)


@inlined
def answer(day: Day, row: int, agent: int) -> None:
    """The agent, idle or free this very tick, takes the call."""
    calls, agents, now = day.calls, day.agents, day.now[CLOCK]
    calls[row, ANSWER], calls[row, AGENT], calls[row, GROUP] = now, agent, agents[agent, A_GROUP]
    agents[agent, A_STATE], agents[agent, A_SINCE], agents[agent, A_ROW] = TALKING, now, row
    agent_event(day.tick, day.word, day.winner, agent, now + calls[row, TALK], AT_TALK_END | calls[row, NUMBER])


@inlined
def end_talk(day: Day, agent: int) -> None:
    """The caller is gone; wrap-up begins."""
    calls, row = day.calls, day.agents[agent, A_ROW]
    hang_up(day, row, OVER_ANSWERED)
    day.agents[agent, A_STATE] = WRAPPING_UP
    calls[row, RELEASE] = day.now[CLOCK] + calls[row, WRAP]
    agent_event(day.tick, day.word, day.winner, agent, calls[row, RELEASE], AT_RELEASE | agent)


@inlined
def hang_up(day: Day, row: int, outcome: int) -> None:
    """The caller is gone and the line is free."""
    day.now[LINES] -= 1
    over(day, row, outcome)


@inlined
def over(day: Day, row: int, outcome: int) -> None:
    """The call has its outcome."""
    day.calls[row, OUTCOME] = outcome
    day.calls[row, END] = day.now[CLOCK]


@kernel
def call_again(
    day: Day, laws: ScenarioLaws, seed: np.uint64, replication: np.uint64, stride: int, row: int
) -> None:
    """A contained caller may call again: another row, with the key and the number of that attempt."""
    calls = day.calls
    kind, key = calls[row, CALL_TYPE], day.key[row]
    comes, delay = again_values(laws, seed, replication, key, kind, calls[row, ARRIVAL])
    if comes == 0:
        return
    new = day.now[ROWS]
    day.now[ROWS] = new + 1
    arrival, attempt = day.now[CLOCK] + delay, calls[row, ATTEMPT] + 1
    later = np.uint64(again_key(key, attempt))
    factor = laws.factors[calls[row, SURGE]]
    ivr, fate, balks, talk, wrap, patience = caller_values(
        laws, seed, replication, later, kind, arrival, factor[0], factor[1], factor[2]
    )
    calls[new, IVR], calls[new, FATE], calls[new, BALKS] = ivr, fate, balks
    calls[new, TALK], calls[new, WRAP], calls[new, PATIENCE] = talk, wrap, patience
    calls[new, NUMBER], calls[new, CALLER] = calls[row, CALLER] + attempt * stride, calls[row, CALLER]
    calls[new, ATTEMPT], calls[new, PARENT] = attempt, calls[row, NUMBER]
    calls[new, CALL_TYPE], calls[new, SURGE], calls[new, QUEUE] = kind, calls[row, SURGE], calls[row, QUEUE]
    calls[new, ARRIVAL], calls[new, WAITED] = arrival, 0
    day.key[new] = later
    for family in range(day.label.shape[1]):
        day.label[new, family] = day.label[row, family]
    later_push(day.now, day.later, arrival, AT_ARRIVAL | calls[new, NUMBER], new)


@inlined
def check_cleared(day: Day) -> None:
    """After closing the floor goes home as soon as nobody waits and nobody is in the IVR."""
    now = day.now
    if now[CLOSED] != 0 and now[CLEARED] == 0 and now[WAITING] == 0 and now[IN_IVR] == 0:
        now[CLEARED] = 1
        all_go(day)
