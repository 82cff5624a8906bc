"""Passage: what a call goes through in the compiled engine, from its arrival until it is over.

Each function is the method of `ReferenceDay` of that name.
"""

from __future__ import annotations

import numpy as np

from sim.calls import Outcome
from sim.chance.calling import Calling
from sim.chance.deflecting import Deflecting
from sim.chance.handing import Handing
from sim.chance.jit import at, cold, constant, part
from sim.chance.laws import Coming
from sim.chance.offers import Offers
from sim.chance.quantiles import Laws
from sim.chance.selling import Selling
from sim.chance.tape import ARRIVAL as DRAWN_ARRIVAL
from sim.chance.tape import (
    BALKS,
    FATE,
    IVR,
    NUMBER,
    PATIENCE,
    TALK,
    WAITED,
    WHAT,
    WRAP,
    Fate,
    unpacked,
    via_of,
)
from sim.chance.tape import CALL_TYPE as DRAWN_TYPE
from sim.chance.tape import CAME as DRAWN_CAME
from sim.engines.attendance import TALKING, WRAPPING_UP, end_waiting, wait
from sim.engines.decisions import NOBODY, pick_pool, pick_queue
from sim.engines.events import MOST_AGENTS, Kind
from sim.engines.handover import talk
from sim.engines.offering import NOT_NOW, PAST_IVR, begins_work, dial, offered, stays_on_the_line
from sim.engines.passing import waits_as_leg
from sim.engines.pending import (
    MOST_TICK,
    RELEASES,
    TALK_ENDS,
    agent_event,
    hang_up,
    has_left,
    join,
    later_push,
    leave,
    over,
    settle,
)
from sim.engines.state import (
    A_CALL,
    A_GROUP,
    A_POOL,
    A_RELEASE,
    A_SINCE,
    A_STATE,
    AGENT,
    AS_TYPE,
    CALL_NUMBER,
    CLOCK,
    CLOSED,
    DEFLECTION,
    FAR,
    HEAD,
    HELD,
    IN_IVR,
    LAST_ANSWERED,
    LAST_LEG,
    LEAVES,
    LEG,
    LINES,
    NEXT_LEG,
    PLACE,
    QUEUE,
    ROOT,
    ROW,
    SOLVER,
    SPARE,
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
    GROUP,
    HANDED,
    IVR_EXIT,
    NEXT_CALL,
    OFF_LINE,
    OFFER,
    OUTCOME,
    PREDICTED,
    QUEUE_ENTRY,
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
    new[QUEUE_ENTRY], new[ANSWER], new[RELEASE], new[GROUP], new[OUTCOME] = NONE, NONE, NONE, NONE, NONE
    new[IVR_EXIT], new[NEXT_CALL], new[AGENT], new[PLACE], new[CHILD] = NONE, NONE, NONE, NONE, NONE
    return int(call)


@part
def enters_ivr(day: Day, rules: Rules, calling: Calling, call: int) -> int:
    """To closed doors (NOT_NOW), to busy lines, or into the IVR; LEAVES_NOW if in this tick, PAST_IVR if not into it."""
    now, entering = day.now, at(day.calls, call)
    if rules.works != 0 and at(rules.work, entering[CALL_TYPE]) != 0:
        return begins_work(day, rules, calling, call)
    drawn = at(day.drawn, entering[ROW])
    if now[CLOSED] != 0:
        over(now, day.calls, call, OVER_CLOSED, entering[ARRIVAL])  # who comes after all days has his own time
        return NOT_NOW
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
def class_of(rules: Rules, kind: int, label: Ints) -> int:
    """The class of a call, as `Plan.classes` has it: its type's first, and what its labels add."""
    queue = at(rules.first_class, kind)
    if rules.by_label != 0:
        for family in range(label.shape[0]):
            queue += (label[family] + 1) * rules.strides[kind, family]
    return int(queue)


@part
def agent_for(
    day: Day, rules: Rules, r: Counting, t: Sums, coming: Coming, offers: Offers, deflecting: Deflecting, seed: np.uint64,
    replication: np.uint64, call: int,
) -> int:  # fmt: skip
    """The call asks for an agent, or is a callback that comes up: who takes it, or NONE; then it balks, or waits."""
    now, asking = day.now, at(day.calls, call)
    drawn = at(day.drawn, asking[ROW])
    queue = class_of(rules, asking[AS_TYPE], at(day.label, asking[ROW]))
    asking[QUEUE] = queue
    if asking[ACCEPTED] == NONE:
        asking[QUEUE_ENTRY] = now[CLOCK] - drawn[WAITED]
    pool = pick_pool(rules.look, rules.look_level, at(rules.look_at, queue), at(rules.look_at, queue + 1), day.idle)
    if pool != NOBODY:
        agent = at(day.idle, pool) & (MOST_AGENTS - 1)
        end_waiting(day, rules, r, t, agent)
        return int(agent)
    if asking[ACCEPTED] != NONE:
        join(day, rules.head_start, call)
        return NONE
    if rules.hands != 0 and asking[ROOT] != NONE:
        if waits_as_leg(day, rules, call):
            join(day, rules.head_start, call)
        return NONE
    if rules.works != 0 and at(rules.work, asking[CALL_TYPE]) != 0:
        asking[LEAVES] = FAR
        join(day, rules.head_start, call)
        return NONE
    if unpacked(drawn[WHAT], BALKS) != 0:
        hang_up(now, day.calls, call, OVER_BALKED)
        return NONE
    if rules.tells != 0 and not stays_on_the_line(day, rules, coming, offers, deflecting, seed, replication, call):
        return NONE
    asking[LEAVES] = now[CLOCK] + drawn[PATIENCE] if drawn[PATIENCE] <= MOST_TICK else FAR
    join(day, rules.head_start, call)
    return NONE


@part
def call_for(day: Day, rules: Rules, agent: int) -> int:
    """The agent looks for a call: the one his group's order gives him, or NONE; then he waits for one."""
    pool = at(day.agents, agent)[A_POOL]
    first, last = at(rules.scan_at, pool), at(rules.scan_at, pool + 1)
    for i in range(first, last):
        settle(day, rules.head_start, at(rules.scan, i))
    queue = pick_queue(rules.scan, rules.level, first, last, day.head_key, day.head_number)
    if queue == NOBODY:
        wait(day, agent)
        return NONE
    call = at(day.queues, queue)[HEAD]
    leave(day, rules.head_start, call)
    return int(call)


@part
def answer(
    day: Day, rules: Rules, r: Counting, t: Sums, laws: Laws, calling: Calling, handing: Handing, selling: Selling,
    seed: np.uint64, replication: np.uint64, call: int, agent: int,
) -> None:  # fmt: skip
    """The agent, idle or free this very tick, takes the call; with that its end and his release are known.

    The end of the talk frees a line and changes nothing else: where lines are not counted it is no event of its own.
    """
    taken, by, now = at(day.calls, call), at(day.agents, agent), day.now[CLOCK]
    if rules.tells != 0:
        if taken[ACCEPTED] != NONE:
            dial(day, rules, r, t, laws, calling, selling, seed, replication, call, agent)
            return
        at(day.queues, taken[QUEUE])[LAST_ANSWERED] = now - taken[QUEUE_ENTRY]
    if rules.hands != 0 and talk(day, rules, handing, selling, laws, seed, replication, call, agent):
        return
    drawn = at(day.drawn, taken[ROW])
    end = now + drawn[TALK]
    if rules.sells != 0:
        end += offered(day, rules, laws, selling, seed, replication, call, by[A_GROUP])
    release = end + drawn[WRAP]
    taken[ANSWER], taken[RELEASE], taken[GROUP], taken[AGENT] = now, release, by[A_GROUP], agent
    over(day.now, day.calls, call, OVER_ANSWERED, end)
    by[A_SINCE], by[A_CALL], by[A_RELEASE], by[A_STATE] = now, call, release, WRAPPING_UP
    tick, kind = release, RELEASES
    if rules.trunks >= 0 and taken[OFF_LINE] == NONE:
        by[A_STATE] = TALKING
        tick, kind = end, TALK_ENDS
    agent_event(day.now, day.tree, agent, tick, kind)


@cold
def end_talk(now: Ints, agents: Ints, tree: Ints, agent: int) -> None:
    """The caller is gone and the line is free; wrap-up begins."""
    now[LINES] -= 1
    agents[agent, A_STATE] = WRAPPING_UP
    agent_event(now, tree, agent, agents[agent, A_RELEASE], RELEASES)


@part
def abandon(day: Day, rules: Rules) -> None:
    """The caller's patience has ended in the queue; the line is free."""
    day.now[LINES] -= 1
    has_left(day, rules.head_start, day.leaving[0])
