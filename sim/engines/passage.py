"""Passage: what a call goes through in the compiled engine, from its arrival until it is over.

Each function is the method of `ReferenceDay` of that name.
"""

from __future__ import annotations

import numpy as np

from sim.calls import Outcome
from sim.chance.draws import again_key, again_values, caller_values
from sim.chance.jit import inlined, kernel
from sim.chance.laws import ScenarioLaws
from sim.chance.tape import ARRIVAL as DRAWN_ARRIVAL
from sim.chance.tape import BALKS, FATE, IVR, NUMBER, PATIENCE, STREAM, SURGE, TALK, WAITED, WRAP, Fate
from sim.chance.tape import CALL_TYPE as DRAWN_TYPE
from sim.engines.attendance import TALKING, WRAPPING_UP, all_go, end_waiting
from sim.engines.decisions import NOBODY, pick_group
from sim.engines.events import Kind
from sim.engines.pending import MOST_TICK, agent_event, join, later_push, leave
from sim.engines.state import (
    A_GROUP,
    A_ROW,
    A_SINCE,
    A_STATE,
    AGENT,
    CLEARED,
    CLOCK,
    CLOSED,
    CONTAINED_ROW,
    F_ATTEMPT,
    F_CALLER,
    F_PARENT,
    FAR,
    FIRST_IDLE,
    IN_IVR,
    LEAVES,
    LINES,
    PLACE,
    QUEUE,
    ROWS,
    WAITING,
    Day,
    Rules,
)
from sim.tally.credit import ANSWER, ARRIVAL, CALL_TYPE, END, GROUP, IVR_EXIT, OUTCOME, QUEUE_ENTRY, RELEASE
from sim.tally.credit import Rules as Counting

NONE = -1
TO_QUEUE, CONTAINED = int(Fate.QUEUE), int(Fate.CONTAINED)
OVER_CLOSED, OVER_BLOCKED, OVER_CONTAINED = int(Outcome.CLOSED), int(Outcome.BLOCKED), int(Outcome.CONTAINED)
OVER_IVR, OVER_BALKED, OVER_ABANDONED = int(Outcome.IVR_ABANDONED), int(Outcome.BALKED), int(Outcome.ABANDONED)
OVER_ANSWERED = int(Outcome.ANSWERED)
ARRIVES, EXITS = int(Kind.ARRIVAL), int(Kind.IVR_EXIT)


@inlined
def arrive(day: Day, row: int) -> None:
    """Nothing has happened yet to the call that now comes."""
    call, drawn = day.calls[row], day.drawn[row]
    call[ARRIVAL], call[CALL_TYPE] = drawn[DRAWN_ARRIVAL], drawn[DRAWN_TYPE]
    call[QUEUE_ENTRY], call[ANSWER], call[END], call[RELEASE] = NONE, NONE, NONE, NONE
    call[GROUP], call[OUTCOME], call[IVR_EXIT], call[AGENT], call[PLACE] = NONE, NONE, NONE, NONE, NONE


@inlined
def enters_ivr(day: Day, rules: Rules, row: int) -> bool:
    """A call arrives: to closed doors, to busy lines, or into the IVR; whether it leaves that in the same tick."""
    now = day.now
    arrive(day, row)
    if not rules.opens <= now[CLOCK] < rules.closes:
        over(day, row, OVER_CLOSED)
        return False
    if 0 <= rules.trunks <= now[LINES]:
        over(day, row, OVER_BLOCKED)
        return False
    now[LINES] += 1
    now[IN_IVR] += 1
    if day.drawn[row, IVR] == 0:
        return True
    later_push(day, now[CLOCK] + day.drawn[row, IVR], EXITS, row)
    return False


@inlined
def leave_ivr(day: Day, rules: Rules, r: Counting, row: int) -> None:
    """The IVR is over: the caller asks for an agent, was contained, or hangs up."""
    now, calls, fate = day.now, day.calls, day.drawn[row, FATE]
    if calls[row, OUTCOME] != NONE:
        return  # dropped at closing
    now[IN_IVR] -= 1
    calls[row, IVR_EXIT] = now[CLOCK]
    if fate == TO_QUEUE:
        ask_for_agent(day, rules, r, row)
    elif fate == CONTAINED:
        hang_up(day, row, OVER_CONTAINED)
        if attempt_of(day, rules, row) < rules.again_most:
            now[CONTAINED_ROW] = row
    else:
        hang_up(day, row, OVER_IVR)
    check_cleared(day, rules, r)


@inlined
def class_of(day: Day, rules: Rules, row: int) -> int:
    """The class of a call, as `Plan.classes` has it: its type's first, and what its labels add."""
    kind = day.calls[row, CALL_TYPE]
    queue = rules.first_class[kind]
    for family in range(rules.strides.shape[1]):
        queue += (day.label[row, family] + 1) * rules.strides[kind, family]
    return int(queue)


@inlined
def ask_for_agent(day: Day, rules: Rules, r: Counting, row: int) -> None:
    """The call is answered at once, balks, or waits."""
    now, calls, drawn = day.now, day.calls, day.drawn
    queue = class_of(day, rules, row)
    calls[row, QUEUE_ENTRY] = now[CLOCK] - drawn[row, WAITED]
    group = pick_group(rules.look, rules.look_at[queue], rules.look_at[queue + 1], day.free)
    if group != NOBODY:
        agent = day.groups[group, FIRST_IDLE]
        end_waiting(day, rules, r, agent)
        answer(day, rules, row, agent)
    elif drawn[row, BALKS] != 0:
        hang_up(day, row, OVER_BALKED)
    else:
        calls[row, QUEUE] = queue
        patience = drawn[row, PATIENCE]
        calls[row, LEAVES] = now[CLOCK] + patience if patience <= MOST_TICK else FAR
        join(day, rules.head_start, row)


@inlined
def abandon(day: Day, rules: Rules, r: Counting, row: int) -> None:
    """The caller's patience has ended in the queue."""
    leave(day, rules.head_start, row)
    hang_up(day, row, OVER_ABANDONED)
    check_cleared(day, rules, r)


@inlined
def answer(day: Day, rules: Rules, row: int, agent: int) -> None:
    """The agent, idle or free this very tick, takes the call; with that its end and his release are known.

    The end of the talk frees a line and changes nothing else: where lines are not counted it is no event of its own.
    """
    call, agents, now = day.calls[row], day.agents, day.now[CLOCK]
    end = now + day.drawn[row, TALK]
    release = end + day.drawn[row, WRAP]
    call[ANSWER], call[END], call[RELEASE], call[OUTCOME] = now, end, release, OVER_ANSWERED
    call[GROUP], call[AGENT] = agents[agent, A_GROUP], agent
    agents[agent, A_SINCE], agents[agent, A_ROW] = now, row
    if rules.trunks < 0:
        agents[agent, A_STATE] = WRAPPING_UP
        agent_event(day, agent, release, 1)
    else:
        agents[agent, A_STATE] = TALKING
        agent_event(day, agent, end, 0)


@inlined
def end_talk(day: Day, agent: int) -> None:
    """The caller is gone and the line is free; wrap-up begins."""
    day.now[LINES] -= 1
    day.agents[agent, A_STATE] = WRAPPING_UP
    agent_event(day, agent, day.calls[day.agents[agent, A_ROW], RELEASE], 1)


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


@inlined
def attempt_of(day: Day, rules: Rules, row: int) -> int:
    """0 for a caller's first call, 1 for the next, ..."""
    return 0 if row < rules.fresh else int(day.family[row - rules.fresh, F_ATTEMPT])


@kernel
def call_again(
    day: Day, rules: Rules, laws: ScenarioLaws, seed: np.uint64, replication: np.uint64, stride: int, row: int
) -> None:
    """A contained caller may call again: another row, with the key and the number of that attempt."""
    drawn, old, key = day.drawn, day.drawn[row], day.key[row]
    kind = old[DRAWN_TYPE]
    comes, delay = again_values(laws, seed, replication, key, kind, old[DRAWN_ARRIVAL])
    if comes == 0:
        return
    row_of_new = day.now[ROWS]
    day.now[ROWS] = row_of_new + 1
    arrival, attempt = min(day.now[CLOCK] + delay, MOST_TICK + 1), attempt_of(day, rules, row) + 1
    caller = old[NUMBER] if row < rules.fresh else day.family[row - rules.fresh, F_CALLER]
    later = np.uint64(again_key(key, attempt))
    factor = laws.factors[old[SURGE]]
    ivr, fate, balks, talk, wrap, patience = caller_values(
        laws, seed, replication, later, kind, arrival, factor[0], factor[1], factor[2]
    )
    new = drawn[row_of_new]
    new[IVR], new[FATE], new[BALKS], new[TALK], new[WRAP], new[PATIENCE] = ivr, fate, balks, talk, wrap, patience
    new[DRAWN_ARRIVAL], new[DRAWN_TYPE], new[NUMBER] = arrival, kind, caller + attempt * stride
    new[WAITED], new[SURGE], new[STREAM] = 0, old[SURGE], old[STREAM]
    family = day.family[row_of_new - rules.fresh]
    family[F_CALLER], family[F_ATTEMPT], family[F_PARENT] = caller, attempt, old[NUMBER]
    day.key[row_of_new] = later
    for which in range(day.label.shape[1]):
        day.label[row_of_new, which] = day.label[row, which]
    later_push(day, arrival, ARRIVES, row_of_new)


@inlined
def check_cleared(day: Day, rules: Rules, r: Counting) -> None:
    """After closing the floor goes home as soon as nobody waits and nobody is in the IVR."""
    now = day.now
    if now[CLOSED] != 0 and now[CLEARED] == 0 and now[WAITING] == 0 and now[IN_IVR] == 0:
        now[CLEARED] = 1
        all_go(day, rules, r)
