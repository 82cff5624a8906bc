"""Deflecting: what is offered to who has to wait, and what follows a deflection, as arrays that kernels read."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.need import split, talk_of
from sim.chance.philox import name_hash
from sim.chance.screening import window
from sim.chance.spans import shares_of
from sim.scenario.distributions import Distribution
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.paths import join
from sim.scenario.reactions import MOST_CALLS, Reaction
from sim.scenario.scenario import Scenario
from sim.scenario.units import ticks, value

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

CODE, ON, SINCE, UNTIL, WAIT, QUEUE, LINK_COLUMNS = range(7)  # of Deflecting.links
SAME_TYPE = -1  # in Deflecting.becomes


class Deflecting(NamedTuple):
    """Deflections by their code, and those for who waits.

    solved, later : float64, shape (deflections,); later -1: as `chance`; chance : float64, shape (deflections, days x intervals)
    most, becomes : int64, shape (deflections,), as of Reactions; SAME_TYPE: the caller comes back as what he was
    delays : where the rows of laws begin that say when
    links : int64, shape (links, LINK_COLUMNS), those in the queue: code, the day or EVERY_DAY, ticks of its clock, of the
        predicted wait, and how many must be waiting; names : uint64, shape (links,), what the key of a caller's offer hangs on
    taken : float64, shape (types, links, 2), the chance to take it of the lower and of the upper ranks of need
    """

    solved: Floats
    chance: Floats
    later: Floats
    most: Ints
    becomes: Ints
    delays: int
    links: Ints
    names: Keys
    taken: Floats


def deflecting_of(scenario: Scenario, need: Floats, laws: int) -> tuple[Deflecting, list[Distribution]]:
    """The deflections of a scenario, and their laws in order; `laws` is where those will begin.

    need : by call type, of `screening_of`. Raises ScenarioError where an `easier` cannot be had.
    """
    given, types = scenario.ivr.deflections, scenario.call_types
    codes = {kind.name: code for code, kind in enumerate(types)}
    again = [one.again or Reaction() for one in given]
    links = [(code, one) for code, one in enumerate(given) if one.where == "queue"]
    taken, problems = np.zeros((len(types), len(links), 2)), []
    for at, (_, one) in enumerate(links):
        share = value(one.offered) * value(one.accepted)
        easier = None if one.easier is None else value(one.easier)
        for code, kind in enumerate(types):
            if one.is_for(kind.name):
                half = np.full(1, 0.5)
                chances = split(np.full(1, share), easier, half, half, talk_of(kind.talk, need[code]), np.ones(1))
                taken[code, at] = chances.lower[0], chances.upper[0]
                if not -1e-9 <= taken[code, at].min() <= taken[code, at].max() <= 1 + 1e-9:
                    message = f"from {chances.least[0]:.2f} to {chances.most[0]:.2f} can be had"
                    problems.append(Problem(join(("ivr", "deflections", one.name, "easier")), message, found=f"{easier:g}"))
    if problems:
        raise ScenarioError(problems)
    chance = [
        shares_of(one.chance, scenario.calendar, join(("ivr", "deflections", of.name, "again", "chance")))
        for one, of in zip(again, given, strict=True)
    ]
    found = Deflecting(
        solved=np.array([value(one.solved) for one in given]),
        chance=np.array(chance).reshape(len(given), scenario.calendar.days * scenario.calendar.intervals),
        later=np.array([-1.0 if one.later is None else value(one.later) for one in again]),
        most=np.array([MOST_CALLS if one.most is None else one.most for one in again], np.int64),
        becomes=np.array([SAME_TYPE if one.as_ is None else codes[one.as_] for one in again], np.int64),
        delays=laws,
        links=np.array([
            (code, *window(scenario, one), ticks(value(one.wait)), one.queue) for code, one in links
        ], np.int64).reshape(len(links), LINK_COLUMNS),
        names=np.array([name_hash(f"deflection\0{one.name}", bits=32) for _, one in links], np.uint64),
        taken=np.clip(taken, 0.0, 1.0),
    )  # fmt: skip
    return found, [one.after for one in again]
