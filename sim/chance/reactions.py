"""Reactions: who comes back after which end of a call, as arrays that kernels read."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.spans import shares_of
from sim.scenario.distributions import Distribution
from sim.scenario.reactions import MOST_CALLS, WORDS, Reaction
from sim.scenario.scenario import Scenario
from sim.scenario.units import ticks, value

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ENDS = WORDS


class Reactions(NamedTuple):
    """Who comes back, by call type and by *end*: the words of `Next` in their order (ENDS).

    chance : float64, shape (types, ends, days x intervals); later : float64, shape (types, ends), -1: as `chance`
    most, becomes : int64, shape (types, ends): later calls of the caller at most, and the call type he comes back with
    delays : where the rows of laws begin that say when, type * ends + end
    solved : float64, shape (types, groups); opening : int64 ticks, recognized : float64, both of shape (types,)
    any_comes : 1 where somebody may come back, or not be solved; 2 if some who abandoned may
    any_follows : 1 where something may follow a call that was solved
    """

    chance: Floats
    later: Floats
    most: Ints
    becomes: Ints
    delays: int
    solved: Floats
    opening: Ints
    recognized: Floats
    any_comes: int
    any_follows: int


def reactions_of(scenario: Scenario) -> tuple[Reactions, list[Distribution]]:
    """The reactions of a scenario, and the laws of their delays in order."""
    types = scenario.call_types
    codes = {kind.name: code for code, kind in enumerate(types)}
    shape = len(types), len(ENDS)
    chance = np.zeros((*shape, scenario.calendar.days * scenario.calendar.intervals))
    later, most, becomes = np.full(shape, -1.0), np.full(shape, MOST_CALLS, np.int64), np.zeros(shape, np.int64)
    after: list[Distribution] = []
    for code, kind in enumerate(types):
        for end, word in enumerate(ENDS):
            given: Reaction = getattr(kind.next, word) or Reaction()
            after.append(given.after)
            chance[code, end] = shares_of(given.chance, scenario.calendar, f"call_types.{kind.name}.next.{word}.chance")
            becomes[code, end] = code if given.as_ is None else codes[given.as_]
            if given.later is not None:
                later[code, end] = value(given.later)
            if given.most is not None:
                most[code, end] = given.most
    solved = np.array([
        [value(kind.solved_by.get(group.name, kind.solved)) for group in scenario.groups] for kind in types
    ]).reshape(len(types), len(scenario.groups))  # fmt: skip
    comes = (np.maximum(chance.max(axis=2), later) > 0.0) & (most > 0)
    failing = any(value(one.solved) < 1.0 for one in scenario.ivr.deflections)
    handing = any(kind.transfers for kind in types) or any(value(menu.wrong) > 0 for menu in scenario.ivr.menu)
    any_comes = int(comes.any() or (solved < 1.0).any() or failing or handing or any(kind.tickets for kind in types))
    found = Reactions(
        chance=chance, later=later, most=most, becomes=becomes, delays=3 * len(types) + 1, solved=solved,
        opening=np.array([ticks(value(kind.opening)) for kind in types], np.int64),
        recognized=np.array([value(kind.recognized) for kind in types]),
        any_comes=2 if comes[:, ENDS.index("abandoned")].any() else any_comes,
        any_follows=int(comes[:, ENDS.index("solved")].any()),
    )  # fmt: skip
    return found, after
