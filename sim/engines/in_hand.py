"""In hand: what agents have in hand, one contact or several at a time, in the compiled engine.

Of who handles several at a time each contact has its own end, on the heap of what is to come; his event among the agents' is what
is next on his plan. See `sim.engines.hands`; functions here are the methods of `sim.engines.floor.Floor` of that name, or parts
of them.
"""

from __future__ import annotations

from sim.chance.jit import at, cold, part
from sim.engines.attendance import (
    AWAY,
    TALKING,
    WRAPPING_UP,
    finishes,
    note,
    place_of,
    stand,
    stands,
    until_due,
)
from sim.engines.decisions import NOBODY_IDLE, seat_of
from sim.engines.pending import RELEASES, TALK_ENDS, agent_event, later_pop, later_push, play
from sim.engines.pools import CHAT
from sim.engines.state import (
    A_ASKS,
    A_CALL,
    A_DUE,
    A_GROUP,
    A_HANDLED,
    A_IN_HAND,
    A_OTHER,
    A_POOL,
    A_RELEASE,
    A_SINCE,
    A_STATE,
    A_TALKS,
    AS_TYPE,
    BASE,
    CLOCK,
    FAR,
    FIRST_PERSON,
    G_CHATS,
    G_TYPES,
    LINES,
    SEATS_AT,
    SEVERAL,
    Day,
    Ints,
    Rules,
)
from sim.engines.stays import goes_on
from sim.tally.credit import Sums
from sim.tally.spans import Rules as Counting
from sim.tally.stretches import credit_stretch

NONE = -1
PARTS, LETS_GO = TALK_ENDS, RELEASES  # kinds of what is to come
_LINE, _AGENT = 2, 4  # in the place of who: 1 where the contact is no chat, 2 where it holds a line, and 4 times the agent


@part
def takes(day: Day, rules: Rules, r: Counting, t: Sums, call: int, agent: int) -> None:
    """The agent has that contact in hand."""
    by = at(day.agents, agent)
    if day.now[SEVERAL] != 0 and at(rules.groups, by[A_GROUP])[G_CHATS] != 0:
        call_type = at(day.calls, call)[AS_TYPE]
        begins(day.now, day.agents, day.stretches, rules.seats, rules.groups, rules.log, r, t.agents, agent, call_type)
        until_due(day, agent)
        return
    by[A_SINCE], by[A_CALL], by[A_STATE] = day.now[CLOCK], call, WRAPPING_UP


@part
def ends(
    now: Ints, tree: Ints, later: Ints, agents: Ints, groups: Ints, call_type: int, agent: int, end: int, release: int, line: bool
) -> None:
    """Agent and caller part at `end`, with which a line is free or not, and he is done with the contact at `release`.

    call_type : as which he has it in hand
    """
    by = at(agents, agent)
    if now[SEVERAL] != 0 and by[A_IN_HAND] > 0:
        ends_beside(now, tree, later, agents, agent, at(groups, by[A_GROUP])[G_TYPES + call_type] != CHAT, end, release, line)
        return
    by[A_RELEASE] = release
    tick, kind = release, RELEASES
    if line:
        by[A_STATE] = TALKING
        tick, kind = end, TALK_ENDS
    agent_event(now, tree, agent, tick, kind)


@cold
def ends_beside(
    now: Ints, tree: Ints, later: Ints, agents: Ints, agent: int, other: bool, end: int, release: int, line: bool
) -> None:
    """As `ends`, of who handles several contacts at a time; `other` : it is no chat. Who has asked a colleague, and took nothing
    meanwhile, looks for one more.
    """
    by = at(agents, agent)
    if by[A_ASKS] > 0:
        by[A_ASKS] -= 1
        if by[A_ASKS] == 0 and by[A_DUE] > now[CLOCK]:
            agent_event(now, tree, agent, now[CLOCK], RELEASES)
    who = _AGENT * agent + (_LINE if line else 0) + (1 if other else 0)
    later_push(now, later, end, PARTS, who, who)
    later_push(now, later, release, LETS_GO, 2 * agent + (1 if other else 0), who)


@cold
def begins(
    now: Ints, agents: Ints, kept: Ints, seats: Ints, groups: Ints, log: int, r: Counting, out: Ints, agent: int, call_type: int
) -> None:
    """The agent has one contact more in hand, of that type."""
    spell(now, agents, kept, log, r, out, agent)
    by = at(agents, agent)
    kind = at(groups, by[A_GROUP])[G_TYPES + call_type]
    by[A_IN_HAND] += 1
    by[A_TALKS] += 1
    if kind != CHAT:
        by[A_OTHER] = kind
    by[A_STATE] = TALKING
    sit(agents, seats, groups, agent)


@part
def parts(day: Day, rules: Rules, r: Counting, t: Sums) -> None:
    """An agent and a caller part; his wrap-up begins, where he talks with nobody else."""
    who = later_pop(day.now, day.later)
    agent = who // _AGENT
    if who & _LINE:
        day.now[LINES] -= 1
    by = at(day.agents, agent)
    if by[A_TALKS] == 1:
        spell(day.now, day.agents, day.stretches, rules.log, r, t.agents, agent)
        by[A_STATE] = WRAPPING_UP
    by[A_TALKS] -= 1


@part
def lets_go(day: Day, rules: Rules, r: Counting, t: Sums) -> int:
    """An agent is done with a contact: he, if he is then to look for a call, else NONE."""
    who = later_pop(day.now, day.later)
    agent = who // _AGENT
    by = at(day.agents, agent)
    spell(day.now, day.agents, day.stretches, rules.log, r, t.agents, agent)
    stop_standing(day.agents, day.pools, day.waiting, day.idle, agent)
    by[A_IN_HAND] -= 1
    if who & 1:
        by[A_OTHER] = CHAT
    sit(day.agents, rules.seats, rules.groups, agent)
    marked = by[A_DUE] <= day.now[CLOCK]
    if by[A_IN_HAND] > 0:
        return NONE if marked or by[A_ASKS] > 0 else agent
    by[A_STATE] = AWAY  # until it is said what he does
    if not marked:
        return int(agent)
    if agent >= day.now[FIRST_PERSON]:
        return int(goes_on(day, rules, r, t, agent))
    finishes(day.now, day.stretches, rules.log, r, t.agents, agent, by[A_GROUP], by[A_DUE])
    by[A_DUE] = FAR
    play(day.tree, agent, FAR)
    return NONE


@cold
def spell(now: Ints, agents: Ints, kept: Ints, log: int, r: Counting, out: Ints, agent: int) -> None:
    """Another stretch begins: the one before is written down, or counted."""
    by, tick = at(agents, agent), now[CLOCK]
    contacts, since = by[A_IN_HAND], by[A_SINCE]
    by[A_SINCE] = tick
    if contacts == 0 or since >= tick:
        return
    by[A_HANDLED] += tick - since
    if log != 0:
        note(now, kept, agent, by[A_GROUP], by[A_STATE], since, tick, NONE, 0, 1, contacts)
    else:
        credit_stretch(r, by[A_GROUP], by[A_STATE], since, tick, 0, 1, contacts, out)


@part
def sit(agents: Ints, seats: Ints, groups: Ints, agent: int) -> None:
    """The agent, who stands nowhere, has the seat of what he has in hand."""
    by = at(agents, agent)
    pool, other = at(seats, by[A_POOL])[BASE], by[A_OTHER]
    chats = by[A_IN_HAND] - (1 if other != CHAT else 0)
    by[A_POOL] = seat_of(pool, at(seats, pool)[SEATS_AT], at(groups, by[A_GROUP])[G_CHATS], chats, other)


@part
def stand_again(day: Day, rules: Rules, agent: int) -> None:
    """The agent, who has contacts in hand, stands in his seat from now on, if he does not yet."""
    if not stands(day.agents, day.pools, day.waiting, agent):
        place = place_of(day.now, day.agents, rules.idle_by, agent)
        stand(day.agents, day.pools, day.waiting, day.idle, agent, place)
    until_due(day, agent)


@cold
def stop_standing(agents: Ints, pools: Ints, waiting: Ints, idle: Ints, agent: int) -> None:
    """The agent is not there for a call any more, if he was."""
    if stands(agents, pools, waiting, agent):
        stand(agents, pools, waiting, idle, agent, NOBODY_IDLE)


@cold
def mark(
    now: Ints, agents: Ints, pools: Ints, tree: Ints, waiting: Ints, idle: Ints, kept: Ints, log: int, r: Counting, out: Ints,
    agent: int,
) -> None:  # fmt: skip
    """The agent, who is to go from now on, does when the last of his contacts is over, and takes no more."""
    spell(now, agents, kept, log, r, out, agent)
    stop_standing(agents, pools, waiting, idle, agent)
    play(tree, agent, FAR)


@cold
def asks(now: Ints, agents: Ints, pools: Ints, waiting: Ints, idle: Ints, agent: int) -> None:
    """The agent asks a colleague, and takes nothing until one has answered, or he has given up."""
    if now[SEVERAL] != 0 and agents[agent, A_IN_HAND] > 0:
        agents[agent, A_ASKS] += 1
        stop_standing(agents, pools, waiting, idle, agent)
