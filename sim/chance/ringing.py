"""ringing: how long it rings at an agent of the roster, and whether he answers; one function that both engines share."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from sim.chance.jit import kernel
from sim.chance.philox import RING, block
from sim.chance.quantiles import Laws, law_ticks
from sim.scenario.distributions import Deterministic, Distribution
from sim.scenario.people import Attendance
from sim.scenario.roster import Individual
from sim.scenario.units import ticks, value

Ints = npt.NDArray[np.int64]

# Columns of Handling.agents: the row of his law of picking up, behind it that of being away (AT_ONCE: it does not ring), how many
# of 2**32 calls he does not answer, and how many ticks it then rings
LAW, MISSES, RINGS_FOR = range(2, 5)
AT_ONCE = -1
ANSWERS_AT_ONCE = (AT_ONCE, 0, 0)
ANSWERS = -1  # in the place of the ticks for which he is away
_WHOLE = 2.0**32
_STEPS = np.uint64(0xFFFF)  # of a purpose block: whom it rings for more often meets the same numbers again


def rings(given: Attendance) -> bool:
    """Whether it may ring at who comes in this way."""
    return value(given.no_answer) > 0 or given.pick_up != Deterministic(value=0.0)


def ringing_of(
    people: Sequence[Individual], several: Collection[str], laws: int
) -> tuple[list[tuple[int, int, int]], list[Distribution]]:
    """The columns of each of these people, and the laws in order; `laws` is where those will begin.

    several : groups whose agents handle several contacts at a time; they answer at once
    """
    rows: list[Distribution] = []
    known: dict[int, tuple[int, int, int]] = {}
    for one in people:
        given = one.attendance
        if id(given) not in known:
            known[id(given)] = ANSWERS_AT_ONCE
            if rings(given):
                known[id(given)] = laws + len(rows), round(value(given.no_answer) * _WHOLE), ticks(given.rings)
                rows += [given.pick_up, given.away_for]
    return [ANSWERS_AT_ONCE if one.group in several else known[id(one.attendance)] for one in people], rows


@kernel
def ring_of(
    agents: Ints, laws: Laws, seed: np.uint64, replication: np.uint64, key: np.uint64, agent: int, rang: int
) -> tuple[int, int]:
    """(ticks that it rings, ANSWERS, or ticks that the agent is then away) of a call that has rung `rang` times in vain.

    agents : int64, as Handling.agents, agent a row of it at whom it may ring; key : of the call
    """
    who = agents[agent]
    u_misses, u_picks, u_away, _ = block(seed, replication, key, RING, np.uint64(rang) & _STEPS)
    if u_misses * _WHOLE < who[MISSES]:
        return who[RINGS_FOR], law_ticks(laws, who[LAW] + 1, u_away, 1.0)
    return law_ticks(laws, who[LAW], u_picks, 1.0), ANSWERS
