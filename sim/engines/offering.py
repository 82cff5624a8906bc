"""Offering: what the compiled engine's callers are told who have to wait, and calling them back, and contacts of lists.

Each function is the method of `sim.engines.promises.Promises` of that name.
"""

from __future__ import annotations

import numpy as np

from sim.calls import Outcome
from sim.chance.calling import OUTBOUND, Calling, called_from, try_values
from sim.chance.deflecting import Deflecting
from sim.chance.draws import GOES, TAKES_LINK, WAITS, told_to_wait
from sim.chance.handling import Handling
from sim.chance.jit import at, cold, constant, part
from sim.chance.laws import Coming
from sim.chance.offers import NO_PREDICTION, Offers
from sim.chance.quantiles import Laws
from sim.chance.selling import Selling, offer_of
from sim.chance.tape import PATIENCE, TALK, WRAP
from sim.engines.composing import compose
from sim.engines.decisions import AFTER, LENGTH, OF, predicted_wait
from sim.engines.decisions import WAITING as AT_LEAST
from sim.engines.events import Kind
from sim.engines.in_hand import ends, takes
from sim.engines.pending import MOST_TICK, hang_up, later_pop, later_push, over
from sim.engines.queueing import join
from sim.engines.state import (
    A_GROUP,
    A_IN_HAND,
    AGENT,
    AS_TYPE,
    BASE,
    CALL_NUMBER,
    CLOCK,
    DEFLECTION,
    ENDED,
    FAR,
    G_CHATS,
    HANDLES,
    HEAD,
    LAST_ANSWERED,
    LEAVES,
    LINES,
    OF_GROUP,
    OPENED,
    PLANNED,
    QUEUE,
    ROOT,
    ROW,
    SOLVER,
    TRIES,
    Day,
    Rules,
)
from sim.scenario.units import NEVER
from sim.tally.credit import (
    ACCEPTED,
    ANSWER,
    ARRIVAL,
    CALL_TYPE,
    GROUP,
    IVR_EXIT,
    OFF_LINE,
    OFFER,
    PREDICTED,
    QUEUE_ENTRY,
    RELEASE,
    TAKEN,
    WORK_TALK,
    Sums,
)
from sim.tally.spans import NOWHERE, spread
from sim.tally.spans import Rules as Counting

NONE = -1
OVER_BALKED, OVER_DEFLECTED = constant(Outcome.BALKED), constant(Outcome.DEFLECTED)
OVER_CALLED_BACK, OVER_MISSED = constant(Outcome.CALLED_BACK), constant(Outcome.CALLBACK_MISSED)
OVER_STILL_THERE = constant(Outcome.STILL_THERE)
COMES_UP = constant(Kind.TIMER)
NOT_NOW, PAST_IVR = range(2)  # whether who has arrived asks for an agent


@cold
def begins_work(day: Day, rules: Rules, calling: Calling, call: int) -> int:
    """Work comes, or a contact is to be called: past lines, IVR and doors into its queue, unless all days are over (NOT_NOW)."""
    now, entering = day.now, at(day.calls, call)
    comes = entering[ARRIVAL]
    entering[IVR_EXIT], entering[OFF_LINE], entering[QUEUE_ENTRY], entering[LEAVES] = comes, comes, comes, FAR
    if rules.work[entering[CALL_TYPE]] == OUTBOUND:
        entering[ACCEPTED] = comes
        return NOT_NOW if called_later(day, rules, calling, call) else PAST_IVR
    if now[ENDED] == 0:
        return PAST_IVR
    over(now, day.calls, call, OVER_STILL_THERE, comes)
    return NOT_NOW


@part
def stays_on_the_line(
    day: Day, rules: Rules, coming: Coming, offers: Offers, deflecting: Deflecting, seed: np.uint64, replication: np.uint64,
    call: int,
) -> bool:  # fmt: skip
    """Whether the caller waits, told the predicted wait; else he has gone, or taken the offer of a callback."""
    now, asking = day.now, at(day.calls, call)
    kind, drawn = asking[CALL_TYPE], at(day.drawn, asking[ROW])
    if offers.by[kind] == NO_PREDICTION:
        return True
    asking[PREDICTED] = predicted(day, rules, offers, kind, asking[QUEUE])
    does, after = told_to_wait(
        coming, offers, deflecting, seed, replication, day.key[asking[ROW]], day.needs[asking[ROW]], kind, now[CLOCK],
        asking[PREDICTED],
        day.heads[asking[QUEUE], LENGTH], drawn[PATIENCE],
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
        join(day, rules, call)
    else:
        comes_up(day, call, now[CLOCK] + after)
    return False


@part
def predicted(day: Day, rules: Rules, offers: Offers, kind: int, place: int) -> int:
    """The wait that the caller is told."""
    queue, waited, heads = at(day.queues, place), 0, 0
    if queue[HEAD] != NONE:
        head = at(day.calls, queue[HEAD])
        kept_overnight = head[ACCEPTED] != NONE and head[QUEUE_ENTRY] < day.now[OPENED]
        waited = day.now[CLOCK] - (day.now[OPENED] if kept_overnight else head[QUEUE_ENTRY])
    for i in range(rules.look_at[place], rules.look_at[place + 1]):
        pool = rules.look[i, OF]
        if rules.look[i, AFTER] == 0 and rules.look[i, AT_LEAST] == 0 and rules.seats[pool, BASE] == pool:
            at_once = rules.groups[rules.seats[pool, OF_GROUP], G_CHATS] if rules.work[kind] < 0 else 1
            heads += day.pools[pool, PLANNED] * max(at_once, 1)
    return int(
        predicted_wait(offers.by[kind], queue[LAST_ANSWERED], waited, day.heads[place, LENGTH], offers.handle[kind], heads)
    )


@cold
def comes_up(day: Day, call: int, tick: int) -> None:
    """The callback comes up at that tick, and stands in no queue until then."""
    day.calls[call, QUEUE] = NONE
    later_push(day.now, day.later, min(tick, MOST_TICK), COMES_UP, day.calls[call, CALL_NUMBER], call)


@cold
def call_back(day: Day, rules: Rules, calling: Calling) -> int:
    """A callback comes up: it, if an agent is to be found for it, else NONE; after closing nobody calls back until the doors
    open again.
    """
    call = later_pop(day.now, day.later)
    return NONE if called_later(day, rules, calling, call) else int(call)


@cold
def called_later(day: Day, rules: Rules, calling: Calling, call: int) -> bool:
    """Whether nobody may be called now: then it is tried when somebody may, or not any more."""
    now, kind = day.now[CLOCK], day.calls[call, CALL_TYPE]
    when = called_from(calling, kind, now)
    if when == NEVER:
        over(day.now, day.calls, call, left_over(rules, kind), now)
    elif when > now:
        comes_up(day, call, when)
    return bool(when > now)


@cold
def left_over(rules: Rules, kind: int) -> int:
    """What becomes of who is not tried any more, or of what nobody does: a contact stays on its list, work stays there."""
    return OVER_MISSED if rules.work[kind] <= 0 else OVER_STILL_THERE


@cold
def offered(
    day: Day, rules: Rules, laws: Laws, selling: Selling, seed: np.uint64, replication: np.uint64, call: int, group: int
) -> int:
    """Ticks of talk for what an agent of the group offers who ends the call."""
    ended = at(day.calls, call)
    root = call if rules.hands == 0 or ended[ROOT] == NONE else ended[ROOT]
    code, talk, taken = offer_of(
        selling, laws, seed, replication, day.key[ended[ROW]], ended[CALL_TYPE], group, day.label[day.calls[root, ROW]]
    )
    day.calls[root, OFFER], day.calls[root, TAKEN] = code, taken
    return int(talk)


@cold
def dial(
    day: Day, rules: Rules, r: Counting, t: Sums, laws: Laws, calling: Calling, selling: Selling,
    handling: Handling, seed: np.uint64, replication: np.uint64, call: int, agent: int,
) -> None:  # fmt: skip
    """The agent dials: the caller is reached, and they talk, or is not, and the agent is free again."""
    taken, by, now = at(day.calls, call), at(day.agents, agent), day.now[CLOCK]
    drawn = at(day.drawn, taken[ROW])
    taken[QUEUE] = NONE
    if calling.lists[taken[CALL_TYPE]] != 0 and called_later(day, rules, calling, call):
        takes(day, rules, r, t, call, agent)
        ends(day.now, day.tree, day.later, day.agents, rules.groups, taken[AS_TYPE], agent, now, now, False)
        return
    reached, dials, again = try_values(
        calling, laws, seed, replication, day.key[taken[ROW]], taken[CALL_TYPE], now, taken[TRIES]
    )
    taken[TRIES] += 1
    end = now + dials
    if reached != 0 and day.now[HANDLES] != 0:
        compose(day, rules, handling, laws, seed, replication, call, agent)
    takes(day, rules, r, t, call, agent)
    release = end
    if reached != 0:
        end += drawn[TALK]
        if rules.sells != 0:
            end += offered(day, rules, laws, selling, seed, replication, call, by[A_GROUP])
        release = end + drawn[WRAP]
        taken[ANSWER], taken[RELEASE], taken[GROUP], taken[AGENT] = now, release, by[A_GROUP], agent
        taken[SOLVER] = by[A_GROUP]
        over(day.now, day.calls, call, OVER_CALLED_BACK, end)
    else:
        if rules.log == 0 and by[A_IN_HAND] == 0:
            spread(r, now, end, t.agents, by[A_GROUP], WORK_TALK, NOWHERE)
        if again < 0:
            over(day.now, day.calls, call, OVER_MISSED, end)
        else:
            comes_up(day, call, end + again)
    ends(day.now, day.tree, day.later, day.agents, rules.groups, taken[AS_TYPE], agent, end, release, False)
