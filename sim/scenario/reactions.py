"""Reactions: when a call is over, whether the same caller comes back, when, and as what.

Redials follow a call that reached nobody, repeat calls one that was served and solved nothing.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.scenario.distributions import Distribution, Exponential
from sim.scenario.record import Record
from sim.scenario.series import ShareSeries
from sim.scenario.units import Share

MOST_CALLS = 10_000  # later calls of one caller on a day: above what anybody does, so that every day ends

REDIALS = ("busy", "abandoned", "balked", "hung_up", "missed", "closed")
REPEATS = ("contained", "unsolved")
FOLLOWS = ("solved",)
WORDS = (*REDIALS, *REPEATS, *FOLLOWS)


class Reaction(Record):
    """The caller comes back with the `chance` of the interval in which the call arrived, `after` it is over.

    `later` is the chance after a call that was itself a redial (or, for `contained` and `unsolved`, itself a repeat
    call); not given: `chance`. `most` : later calls of the caller in all; not given: as many as it takes. `as` : the call
    type in which he comes back; not given: the same.
    """

    chance: ShareSeries = ShareSeries()
    later: Share | None = None
    after: Distribution = Exponential(mean=600.0)
    most: Annotated[int | None, Field(ge=0, le=MOST_CALLS)] = None
    as_: Annotated[str | None, Field(alias="as")] = None


class Next(Record):
    """What follows a call, by how it ended; what is not given does not come about.

    `busy` : all lines in use; `abandoned` : patience ended in the queue; `balked` : left on learning that nobody is free;
    `hung_up` : left in the IVR; `missed` : was promised a callback and not reached; `closed` : found the doors closed, and comes
    back `after` they open again; `contained` : the IVR served it, and not
    well; `unsolved` : answered, and not solved; `solved` : answered and solved, and that is not the end of it, as of a visit that
    an order leads to: the matter is settled when that is.
    """

    busy: Reaction | None = None
    abandoned: Reaction | None = None
    balked: Reaction | None = None
    hung_up: Reaction | None = None
    missed: Reaction | None = None
    closed: Reaction | None = None
    contained: Reaction | None = None
    unsolved: Reaction | None = None
    solved: Reaction | None = None

    def given(self) -> dict[str, Reaction]:
        """Those that are given, by their words."""
        found = {word: getattr(self, word) for word in WORDS}
        return {word: reaction for word, reaction in found.items() if reaction is not None}
