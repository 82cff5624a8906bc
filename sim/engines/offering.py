"""Offering: what the compiled engine's callers are told who have to wait, and calling them back.

Each function is the method of `sim.engines.promises.Promises` of that name.
"""

from __future__ import annotations

import numpy as np

from sim.calls import Outcome
from sim.chance.calling import try_values
from sim.chance.draws import GOES, TAKES_LINK, WAITS, told_to_wait
from sim.chance.jit import at, cold, constant
from sim.chance.laws import ScenarioLaws
from sim.chance.offers import NO_PREDICTION, Offers
from sim.chance.tape import PATIENCE, TALK, WRAP
from sim.engines.attendance import WRAPPING_UP
from sim.engines.decisions import predicted_wait
from sim.engines.events import Kind
from sim.engines.pending import MOST_TICK, agent_event, hang_up, join, later_pop, later_push, over
from sim.engines.state import (
    A_CALL,
    A_GROUP,
    A_RELEASE,
    A_SINCE,
    A_STATE,
    AGENT,
    CALL_NUMBER,
    CLOCK,
    CLOSED,
    DEFLECTION,
    FAR,
    HEAD,
    LAST_ANSWERED,
    LEAVES,
    LENGTH,
    LINES,
    PLANNED,
    QUEUE,
    ROW,
    SOLVER,
    TRIES,
    Day,
    Rules,
)
from sim.tally.credit import (
    ACCEPTED,
    ANSWER,
    CALL_TYPE,
    GROUP,
    NOWHERE,
    OFF_LINE,
    PREDICTED,
    QUEUE_ENTRY,
    RELEASE,
    WORK_TALK,
    Sums,
    spread,
)
from sim.tally.credit import Rules as Counting

NONE = -1
OVER_BALKED, OVER_DEFLECTED = constant(Outcome.BALKED), constant(Outcome.DEFLECTED)
OVER_CALLED_BACK, OVER_MISSED = constant(Outcome.CALLED_BACK), constant(Outcome.CALLBACK_MISSED)
OVER_STILL_THERE = constant(Outcome.STILL_THERE)
COMES_UP = constant(Kind.TIMER)


@cold
def stays_on_the_line(
    day: Day, rules: Rules, laws: ScenarioLaws, seed: np.uint64, replication: np.uint64, call: int
) -> bool:
    """Whether the caller waits, told the predicted wait; else he has gone, or taken the offer of a callback."""
    now, asking = day.now, at(day.calls, call)
    kind, drawn = asking[CALL_TYPE], at(day.drawn, asking[ROW])
    if laws.offers.by[kind] == NO_PREDICTION:
        return True
    queue = at(day.queues, asking[QUEUE])
    asking[PREDICTED] = predicted(day, rules, laws.offers, kind, asking[QUEUE])
    does, after = told_to_wait(
        laws, seed, replication, day.key[asking[ROW]], day.needs[asking[ROW]], kind, now[CLOCK], asking[PREDICTED],
        queue[LENGTH], drawn[PATIENCE],
    )  # fmt: skip
    if does == WAITS:
        return True
    if does == GOES:
        hang_up(now, day.calls, call, OVER_BALKED)
        return False
    if does == TAKES_LINK:
        asking[DEFLECTION] = after
        hang_up(now, day.calls, call, OVER_DEFLECTED)
        return False
    asking[ACCEPTED], asking[OFF_LINE], asking[LEAVES] = now[CLOCK], now[CLOCK], FAR
    now[LINES] -= 1
    if after == 0:
        join(day, rules.head_start, call)
    else:
        comes_up(day, call, now[CLOCK] + after)
    return False


@cold
def predicted(day: Day, rules: Rules, offers: Offers, kind: int, place: int) -> int:
    """The wait that the caller is told."""
    queue, waited, heads = at(day.queues, place), 0, 0
    if queue[HEAD] != NONE:
        waited = day.now[CLOCK] - day.calls[queue[HEAD], QUEUE_ENTRY]
    for i in range(rules.look_at[place], rules.look_at[place + 1]):
        heads += day.groups[rules.look[i], PLANNED]
    return int(
        predicted_wait(offers.by[kind], queue[LAST_ANSWERED], waited, queue[LENGTH], offers.handle[kind], heads)
    )


@cold
def comes_up(day: Day, call: int, tick: int) -> None:
    """The callback comes up at that tick, and stands in no queue until then."""
    day.calls[call, QUEUE] = NONE
    later_push(day.now, day.later, min(tick, MOST_TICK), COMES_UP, day.calls[call, CALL_NUMBER], call)


@cold
def call_back(day: Day, rules: Rules) -> int:
    """A callback comes up: it, if an agent is to be found for it; after closing nobody calls back, and NONE."""
    call = later_pop(day.now, day.later)
    kind = day.calls[call, CALL_TYPE]
    if day.now[CLOSED] != 0 or day.now[CLOCK] >= rules.until[kind]:
        over(day.now, day.calls, call, OVER_MISSED if rules.work[kind] == 0 else OVER_STILL_THERE, day.now[CLOCK])
        return NONE
    return int(call)


@cold
def dial(
    day: Day, rules: Rules, r: Counting, t: Sums, laws: ScenarioLaws, seed: np.uint64, replication: np.uint64, call: int,
    agent: int,
) -> None:  # fmt: skip
    """The agent dials: the caller is reached, and they talk, or is not, and the agent is free again."""
    taken, by, now = at(day.calls, call), at(day.agents, agent), day.now[CLOCK]
    drawn = at(day.drawn, taken[ROW])
    taken[QUEUE] = NONE
    if now >= rules.until[taken[CALL_TYPE]]:
        over(day.now, day.calls, call, OVER_STILL_THERE, now)
        by[A_SINCE], by[A_CALL], by[A_STATE], by[A_RELEASE] = now, call, WRAPPING_UP, now
        agent_event(day.now, day.tree, agent, now, 1)
        return
    reached, dials, again = try_values(
        laws.calling, laws.laws, seed, replication, day.key[taken[ROW]], taken[CALL_TYPE], now, taken[TRIES]
    )
    taken[TRIES] += 1
    by[A_SINCE], by[A_CALL], by[A_STATE] = now, call, WRAPPING_UP
    end = now + dials
    by[A_RELEASE] = end
    if reached != 0:
        end += drawn[TALK]
        by[A_RELEASE] = end + drawn[WRAP]
        taken[ANSWER], taken[RELEASE], taken[GROUP], taken[AGENT] = now, by[A_RELEASE], by[A_GROUP], agent
        taken[SOLVER] = by[A_GROUP]
        over(day.now, day.calls, call, OVER_CALLED_BACK, end)
    else:
        if rules.log == 0:
            spread(r, now, end, t.agents, by[A_GROUP], WORK_TALK, NOWHERE)
        if again < 0:
            over(day.now, day.calls, call, OVER_MISSED, end)
        else:
            comes_up(day, call, end + again)
    agent_event(day.now, day.tree, agent, by[A_RELEASE], 1)
