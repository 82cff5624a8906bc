"""Handling: what the handle time of a call hangs on beside its matter: scripts, knowledge, systems, tenure, fatigue."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.distributions import Distribution
from sim.scenario.record import Record
from sim.scenario.special_days import When
from sim.scenario.units import Clock, Duration, Number, Share

CURVES = ("linear", "exponential", "s", "steps")


class ScriptStep(Record):
    """A step of the script that agents go through at the begin of a call. It `takes` so long, and `solves` the matter of that
    share of the calls that come to it; then the call is over.
    """

    name: Annotated[str, Field(min_length=1)]
    takes: Distribution
    solves: Share = 0.0


class Lookups(Record):
    """What has to be known in a call: so many `things`, each of which an agent who knows nothing looks up with that `chance`
    (others less, by their knowledge); that `takes` so long.
    """

    things: Annotated[int, Field(ge=1, le=100)] = 1
    chance: Share = 1.0
    takes: Distribution


class Hold(Record):
    """With that `chance` a caller is put on hold once, for the time that `takes`."""

    chance: Share
    takes: Distribution


class Outage(Record):
    """A system is slow `from` one time of day until another, `on` these dates or weekdays (not given: every day): each
    transaction of a call answered then takes `times` as long, or that much longer (`plus`).
    """

    from_: Annotated[Clock, Field(alias="from")]
    to: Clock
    on: When | None = None
    times: Number | None = None
    plus: Duration | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.times is None) == (self.plus is None):
            raise PydanticCustomError("outage", "must have either times or plus", {})
        return self


class System(Record):
    """A support system; a transaction in it `takes` so long for an agent whose `system_speed` is 1."""

    name: Annotated[str, Field(min_length=1)]
    takes: Distribution
    outages: Annotated[tuple[Outage, ...], Field(strict=False)] = ()


class LearningStep(Record):
    """From so long `after` the day of hire on, calls take `factor` times as long."""

    after: Duration
    factor: Number


class Nesting(Record):
    """In the first `days` after the day of hire an agent has only these `skills`, of those that he is to have."""

    days: Annotated[int, Field(ge=1)]
    skills: Annotated[tuple[str, ...], Field(strict=False)]


class Learning(Record):
    """How new agents become experienced: by how much longer their talk and wrap-up are, by the time since they were `hired`.

    `start` : the factor on the day of hire (1.3 to 1.8 are usual), `lasts` : the time until it is 1. `curve` : "linear", in a
    straight line; "exponential", fast at first: after `lasts` 95 % of the way are done; "s", slowly, then fast, then slowly;
    "steps", by the `steps`, in time, `start` before the first and whatever the last says after it.
    """

    curve: Literal["linear", "exponential", "s", "steps"] = "exponential"
    start: Number = 1.5
    lasts: Duration = 120 * 86_400.0
    steps: Annotated[tuple[LearningStep, ...], Field(strict=False)] = ()
    nesting: Nesting | None = None


class Fatigue(Record):
    """How agents of a roster tire: on the phones for longer than `after` without a break, a call takes longer by `slowdown`
    for every further hour, in proportion, and `most` times as long at the most.
    """

    after: Duration
    slowdown: Number
    most: Number = 1.5
