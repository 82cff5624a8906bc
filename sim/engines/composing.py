"""Composing: what the handle time of a call comes to once it is known who answers it, in the compiled engine."""

from __future__ import annotations

import numpy as np

from sim.chance.handing import CONSULT
from sim.chance.handling import SOLVED, Handling, agent_at, handled, unknown_of
from sim.chance.jit import at, cold, part
from sim.chance.quantiles import Laws
from sim.chance.scaling import ONE
from sim.chance.tape import TALK, WRAP
from sim.engines.decisions import OF
from sim.engines.state import (
    A_GROUP,
    A_IN_HAND,
    A_RESTED,
    AS_TYPE,
    CLOCK,
    FIRST_PERSON,
    G_CHATS,
    G_TYPES,
    HELD,
    OF_GROUP,
    ROOT,
    ROW,
    SCRIPT,
    SEVERAL,
    Day,
    Ints,
    Rules,
)
from sim.tally.credit import ACCEPTED, CALL_TYPE, HOW

NONE = -1


@part
def compose(
    day: Day, rules: Rules, handling: Handling, laws: Laws, seed: np.uint64, replication: np.uint64, call: int, agent: int
) -> float:
    """The agent is to answer: talk and wrap-up as they then are take the place of those drawn, unless he only helps a colleague,
    or does not serve a call that is not called back. Returns the share that he does not know of what one has to know in such
    calls.
    """
    taken = at(day.calls, call)
    if rules.hands != 0:
        if taken[HELD] != NONE and taken[HOW] == CONSULT:
            return 0.0
        if taken[ACCEPTED] == NONE and taken[AS_TYPE] != taken[CALL_TYPE]:
            queue = class_of(rules, taken[CALL_TYPE], at(day.label, taken[ROW]))
            if not serves(rules.look, rules.look_at, rules.seats, queue, day.agents[agent, A_GROUP]):
                return 0.0
    by, slowdown = at(day.agents, agent), ONE
    if day.now[SEVERAL] != 0 and at(rules.groups, by[A_GROUP])[G_CHATS] != 0:
        slowdown = rules.groups[by[A_GROUP], G_TYPES + rules.work.shape[0] + by[A_IN_HAND]]
    who = agent_at(handling, agent, by[A_GROUP], day.now[FIRST_PERSON])
    solved = handle(
        day.calls, day.drawn, handling, laws, seed, replication, day.key[taken[ROW]], day.now[CLOCK], by[A_RESTED], slowdown,
        call, who,
    )  # fmt: skip
    if solved and rules.hands != 0 and taken[ROOT] != NONE:
        at(day.calls, taken[ROOT])[SCRIPT] = SOLVED
    return float(unknown_of(handling, who, taken[CALL_TYPE]))


@cold
def handle(
    calls: Ints, rows: Ints, handling: Handling, laws: Laws, seed: np.uint64, replication: np.uint64, key: np.uint64, tick: int,
    rested: int, slowdown: int, call: int, who: int,
) -> bool:  # fmt: skip
    """Talk and wrap-up of the call as they are with him; whether the script solves the matter."""
    taken = at(calls, call)
    drawn = at(rows, taken[ROW])
    drawn[TALK], drawn[WRAP], taken[SCRIPT] = handled(
        handling, laws, seed, replication, key, taken[CALL_TYPE], who, tick, rested, slowdown, taken[SCRIPT], drawn[TALK],
        drawn[WRAP],
    )  # fmt: skip
    return bool(taken[SCRIPT] == SOLVED)


@part
def class_of(rules: Rules, kind: int, label: Ints) -> int:
    """The class of a call, as `Plan.classes` has it: its type's first, and what its labels add."""
    queue = at(rules.first_class, kind)
    if rules.by_label != 0:
        for family in range(label.shape[0]):
            queue += (label[family] + 1) * rules.strides[kind, family]
    return int(queue)


@cold
def serves(look: Ints, look_at: Ints, seats: Ints, queue: int, group: int) -> bool:
    """Whether the group serves that queue."""
    found = False
    for i in range(look_at[queue], look_at[queue + 1]):
        found = found or seats[look[i, OF], OF_GROUP] == group
    return bool(found)
