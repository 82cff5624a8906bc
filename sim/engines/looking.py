"""Looking: a call looks for an agent, an agent for a call, in the compiled engine.

Each function is the method of `ReferenceDay` of that name: `agent_for` is its `ask_for_agent`, `call_for` its `take_call`.
"""

from __future__ import annotations

import numpy as np

from sim.calls import Outcome
from sim.chance.deflecting import Deflecting
from sim.chance.jit import at, cold, constant, part
from sim.chance.laws import Coming
from sim.chance.offers import Offers
from sim.chance.tape import (
    BALKS,
    PATIENCE,
    WAITED,
    WHAT,
    unpacked,
)
from sim.engines.attendance import IDLE, end_waiting, until_due, wait
from sim.engines.composing import class_of
from sim.engines.decisions import FAILED, LENGTH, OF, pick_pool, pick_queue
from sim.engines.events import MOST_AGENTS
from sim.engines.in_hand import stand_again, stop_standing
from sim.engines.offering import stays_on_the_line
from sim.engines.passing import waits_as_leg
from sim.engines.pending import MOST_TICK, hang_up, later_pop
from sim.engines.queueing import join, leave, overflows_later, settle
from sim.engines.state import (
    A_GROUP,
    A_IN_HAND,
    A_POOL,
    A_STATE,
    AGENT,
    AS_TYPE,
    CALL_NUMBER,
    CLOCK,
    FAR,
    GROUPS,
    HEAD,
    HELD_BACK,
    L_NUMBER,
    LEAVES,
    QUEUE,
    RINGS,
    ROOT,
    ROW,
    RULE_FAILED,
    SEVERAL,
    TAKER,
    Day,
    Rules,
)
from sim.tally.credit import (
    ACCEPTED,
    ANSWER,
    CALL_TYPE,
    OUTCOME,
    QUEUE_ENTRY,
    RANG,
    Sums,
)
from sim.tally.spans import Rules as Counting

NONE = -1
OVER_BALKED = constant(Outcome.BALKED)


@part
def agent_for(
    day: Day, rules: Rules, r: Counting, t: Sums, coming: Coming, offers: Offers, deflecting: Deflecting, seed: np.uint64,
    replication: np.uint64, call: int,
) -> int:  # fmt: skip
    """The call asks for an agent, or is a callback that comes up: who takes it, or NONE; then it balks, or waits."""
    now, asking = day.now, at(day.calls, call)
    drawn = at(day.drawn, asking[ROW])
    if now[TAKER] != NONE:
        agent = now[TAKER]
        now[TAKER] = NONE
        return int(agent)
    queue = class_of(rules, asking[AS_TYPE], at(day.label, asking[ROW]))
    asking[QUEUE] = queue
    again = asking[RANG] > 0  # it has rung in vain
    if asking[ACCEPTED] == NONE and not again:
        asking[QUEUE_ENTRY] = now[CLOCK] - drawn[WAITED]
        if now[RINGS] != 0:
            asking[LEAVES] = now[CLOCK] + drawn[PATIENCE] if drawn[PATIENCE] <= MOST_TICK else FAR
    pool = pick_pool(
        rules.look, at(rules.look_at, queue), at(rules.look_at, queue + 1), day.idle, rules.ruled,
        now[CLOCK] - asking[QUEUE_ENTRY], at(day.heads, queue)[LENGTH] + 1, rules.agent_rule,
    )  # fmt: skip
    if pool == FAILED:
        now[RULE_FAILED] = 1
    if pool >= 0:
        agent = at(day.idle, pool) & (MOST_AGENTS - 1)
        end_waiting(day, rules, r, t, agent)
        return int(agent)
    if asking[ACCEPTED] == NONE and not again:
        asking[HELD_BACK] = -1 - pool
    if asking[ACCEPTED] != NONE or again:
        join(day, rules, call)
        return NONE
    if rules.hands != 0 and asking[ROOT] != NONE:
        if waits_as_leg(day, rules, call):
            join(day, rules, call)
        return NONE
    if rules.works != 0 and at(rules.work, asking[CALL_TYPE]) > 0:
        asking[LEAVES] = FAR
        join(day, rules, call)
        return NONE
    if unpacked(drawn[WHAT], BALKS) != 0:
        hang_up(now, day.calls, call, OVER_BALKED)
        return NONE
    if rules.tells != 0 and not stays_on_the_line(day, rules, coming, offers, deflecting, seed, replication, call):
        return NONE
    asking[LEAVES] = now[CLOCK] + drawn[PATIENCE] if drawn[PATIENCE] <= MOST_TICK else FAR
    join(day, rules, call)
    return NONE


@part
def call_for(day: Day, rules: Rules, r: Counting, t: Sums, agent: int) -> int:
    """The agent, free or idle, looks for a call: the one that the rules give him, or NONE; then he waits for one."""
    looks = at(day.agents, agent)
    first, last = at(rules.scan_at, looks[A_POOL]), at(rules.scan_at, looks[A_POOL] + 1)
    for i in range(first, last):
        settle(day, rules.order, at(rules.scan, i)[OF])
    idle = looks[A_STATE] == IDLE
    left = at(day.idle, day.idle.shape[0] - 2 * day.now[GROUPS] + looks[A_GROUP]) - (1 if idle else 0)
    queue = pick_queue(
        rules.scan, first, last, day.heads, rules.order, day.idle, rules.ruled, day.now[CLOCK], left, rules.call_rule
    )
    if queue == FAILED:
        day.now[RULE_FAILED] = 1
    if queue < 0:
        if idle:
            until_due(day, agent)
        elif day.now[SEVERAL] != 0 and looks[A_IN_HAND] > 0:
            stand_again(day, rules, agent)
        else:
            wait(day, rules, agent, -1 - queue)
        return NONE
    if idle:
        end_waiting(day, rules, r, t, agent)
    elif day.now[SEVERAL] != 0 and looks[A_IN_HAND] > 0:
        stop_standing(day.agents, day.pools, day.waiting, day.idle, agent)
    call = at(day.queues, queue)[HEAD]
    leave(day, rules.order, call)
    return int(call)


@cold
def overflows(day: Day, rules: Rules, r: Counting, t: Sums) -> int:
    """A call has waited so long that further groups take it: it, if one of their agents (TAKER) does, else NONE."""
    now, number = day.now, day.later[0, L_NUMBER]
    call = later_pop(now, day.later)
    waits = at(day.calls, call)
    gone = waits[CALL_NUMBER] != number or waits[ANSWER] != NONE or waits[OUTCOME] != NONE or waits[LEAVES] < now[CLOCK]
    if gone or waits[QUEUE] == NONE or waits[AGENT] != NONE:
        return NONE
    queue = waits[QUEUE]
    pool = pick_pool(
        rules.look, rules.look_at[queue], rules.look_at[queue + 1], day.idle, rules.ruled, now[CLOCK] - waits[QUEUE_ENTRY],
        day.heads[queue, LENGTH], rules.agent_rule,
    )  # fmt: skip
    if pool == FAILED:
        now[RULE_FAILED] = 1
    if pool < 0:
        overflows_later(day, rules, call)
        return NONE
    now[TAKER] = day.idle[pool] & (MOST_AGENTS - 1)
    leave(day, rules.order, call)
    end_waiting(day, rules, r, t, now[TAKER])
    return int(call)
