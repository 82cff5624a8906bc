"""Composing: what the handle time of a call comes to once it is known who answers it, in the compiled engine."""

from __future__ import annotations

import numpy as np

from sim.chance.handing import CONSULT
from sim.chance.handling import SOLVED, Handling, agent_at, handled, unknown_of
from sim.chance.jit import at, cold, part
from sim.chance.quantiles import Laws
from sim.chance.tape import TALK, WRAP
from sim.engines.decisions import OF
from sim.engines.state import A_GROUP, A_RESTED, AS_TYPE, CLOCK, FIRST_PERSON, HELD, ROOT, ROW, SCRIPT, Day, Ints, Rules
from sim.tally.credit import ACCEPTED, CALL_TYPE, HOW

NONE = -1


@cold
def compose(
    day: Day, rules: Rules, handling: Handling, laws: Laws, seed: np.uint64, replication: np.uint64, call: int, agent: int
) -> float:
    """The agent answers: talk and wrap-up as they then are take the place of those drawn, unless he only helps a colleague, or
    does not serve a call that is not called back. Returns the share that he does not know of what one has to know in such calls.
    """
    taken, kind, root = at(day.calls, call), day.calls[call, CALL_TYPE], NONE
    drawn, who = at(day.drawn, taken[ROW]), agent_at(agent, day.now[FIRST_PERSON])
    if rules.hands != 0:
        root = taken[ROOT]
        if taken[HELD] != NONE and taken[HOW] == CONSULT:
            return 0.0
        queue = class_of(rules, kind, day.label[taken[ROW]])
        if taken[ACCEPTED] == NONE and taken[AS_TYPE] != kind and not serves(rules, queue, day.agents[agent, A_GROUP]):
            return 0.0
    drawn[TALK], drawn[WRAP], taken[SCRIPT] = handled(
        handling, laws, seed, replication, day.key[taken[ROW]], kind, who, day.now[CLOCK], day.agents[agent, A_RESTED],
        taken[SCRIPT], drawn[TALK], drawn[WRAP],
    )  # fmt: skip
    if taken[SCRIPT] == SOLVED and root != NONE:
        day.calls[root, SCRIPT] = SOLVED
    return float(unknown_of(handling, who, kind))


@part
def class_of(rules: Rules, kind: int, label: Ints) -> int:
    """The class of a call, as `Plan.classes` has it: its type's first, and what its labels add."""
    queue = at(rules.first_class, kind)
    if rules.by_label != 0:
        for family in range(label.shape[0]):
            queue += (label[family] + 1) * rules.strides[kind, family]
    return int(queue)


@cold
def serves(rules: Rules, queue: int, group: int) -> bool:
    """Whether the group serves that queue."""
    found = False
    for i in range(rules.look_at[queue], rules.look_at[queue + 1]):
        found = found or rules.pool_group[rules.look[i, OF]] == group
    return bool(found)
