"""The floor: groups of agents, what they can do, and how many are there in each interval."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.by_type import NumberByType
from sim.scenario.concurrency import Concurrency
from sim.scenario.distributions import Convention
from sim.scenario.record import Record
from sim.scenario.routing import Blend, Reserve
from sim.scenario.series import Change, OneOrMany, Series, as_table
from sim.scenario.units import FixedDuration, Share


class Agents(Series):
    """Heads per interval. Fractions are time: 13.6 is 14 heads for the first 60 % of the interval and 13 after.

    `counts` says which heads: "on phones"; "staffed" (logged in, of whom the share `aux` is not ready); "rostered" (of
    whom the `shrinkage` is away). Convention "divide": on phones = rostered x (1 - shrinkage), as in
    rostered = needed / (1 - s); "markup": on phones = rostered / (1 + shrinkage). Changes count the same heads. With
    "on phones" a shrinkage only says how many are paid beside those on the phones. `every` is the length of the parts that
    `per_interval` lists, where heads are known more finely than the calendar's interval.
    """

    counts: Literal["on phones", "staffed", "rostered"] = "on phones"
    shrinkage: Share = 0.0
    convention: Convention = "divide"
    aux: Share = 0.0
    every: FixedDuration | None = None

    @model_validator(mode="after")
    def _ladder(self) -> Self:
        if self.counts == "rostered" and self.aux != 0.0:
            raise PydanticCustomError("agents", 'aux goes with counts = "staffed"; rostered heads have shrinkage', {})
        if self.counts == "on phones" and self.aux != 0.0:
            raise PydanticCustomError("agents", 'aux goes with counts = "staffed"; heads on phones are ready', {})
        if self.counts == "staffed" and self.shrinkage != 0.0:
            raise PydanticCustomError("agents", 'shrinkage goes with counts = "rostered"; staffed heads have aux', {})
        if self.convention == "divide" and self.shrinkage == 1.0:
            raise PydanticCustomError("agents", "shrinkage must be below 1", {})
        return self


class DayAgents(Record):
    """A group's heads on a day unlike others: as many `per_interval` (of parts `every` so long), or changes of the everyday
    ones. They count the same heads.
    """

    per_interval: OneOrMany | None = None
    every: FixedDuration | None = None
    changes: Annotated[tuple[Change, ...], Field(strict=False)] = ()

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, given: Any) -> Any:
        return as_table(given)

    @model_validator(mode="after")
    def _parts(self) -> Self:
        if self.every is not None and self.per_interval is None:
            raise PydanticCustomError("agents", "every goes with per_interval", {})
        return self

    def laid_over(self, everyday: Agents) -> Agents:
        """The heads of that day."""
        if self.per_interval is not None:
            return everyday.replace(per_interval=self.per_interval, every=self.every, changes=self.changes)
        return everyday.replace(changes=(*everyday.changes, *self.changes)) if self.changes else everyday


class Group(Record):
    """Agents who can do the same. `skills` are call types in order of preference; a list within it is one rank.

    `agents` : heads that are counted, beside those on the roster; need not be said of a group that has a roster. `reserve` :
    for whom some stay idle. `blend` : when they do work and lists beside calls; not given: whenever no call goes before.
    `concurrency` : how many contacts each handles at a time; not given: one. `proficiency` : talk and wrap-up take so many
    times as long (not given: 1), in all calls or by call type: of the heads that are counted, and of whom on its roster nothing
    else is said.
    """

    name: Annotated[str, Field(min_length=1)]
    skills: Annotated[
        tuple[str | Annotated[tuple[str, ...], Field(strict=False)], ...], Field(strict=False, min_length=1)
    ]
    agents: Agents = Agents(per_interval=0.0)
    reserve: Annotated[tuple[Reserve, ...], Field(strict=False)] = ()
    blend: Blend | None = None
    concurrency: Concurrency | None = None
    proficiency: NumberByType | None = None
    labels: dict[str, str] = {}

    def ranks(self) -> dict[str, int]:
        """Call type -> rank of the skill, 0 first."""
        return {
            skill: rank
            for rank, skills in enumerate(self.skills)
            for skill in ((skills,) if isinstance(skills, str) else skills)
        }
