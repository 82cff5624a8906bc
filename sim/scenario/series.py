"""Series: a number per interval of the day, and the changes that a policy makes to it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.record import Record
from sim.scenario.units import Clock, Number, Share, Signed

CHANGE_KEYS = frozenset({"times", "plus", "from", "to", "overtime"})


class Change(Record):
    """``{ times = 1.1 }`` or ``{ plus = 20, from = "14:30", to = "17:00" }``: a change of what is there."""

    times: Number | None = None
    plus: Signed | None = None
    from_: Annotated[Clock | None, Field(alias="from")] = None
    to: Clock | None = None
    overtime: Annotated[bool, Field(description="the added agents are paid with the overtime factor")] = False

    @model_validator(mode="after")
    def _one(self) -> Change:
        if (self.times is None) == (self.plus is None):
            raise PydanticCustomError("change", "must have either times or plus", {})
        if self.from_ is not None and self.to is not None and self.from_ >= self.to:
            raise PydanticCustomError("change", "from must be before to", {})
        return self


def as_table(given: Any) -> Any:
    """A plain number, range or list as ``{ per_interval = ... }``; tables with a series' own keys stay."""
    if isinstance(given, list | tuple | int | float) and not isinstance(given, bool):
        return {"per_interval": given}
    if isinstance(given, dict) and "low" in given:
        return {"per_interval": given}
    return given


def _one_or_many(given: Any) -> str:
    return "list" if isinstance(given, list | tuple) else "one"


OneOrMany = Annotated[
    Annotated[Number, Tag("one")] | Annotated[tuple[Number, ...], Field(strict=False, min_length=1), Tag("list")],
    Discriminator(_one_or_many),
]
OneOrManyShares = Annotated[
    Annotated[Share, Tag("one")] | Annotated[tuple[Share, ...], Field(strict=False, min_length=1), Tag("list")],
    Discriminator(_one_or_many),
]


class Series(Record):
    """Numbers per interval: one for all intervals, or a list as long as the day has intervals; then changes in order."""

    per_interval: OneOrMany = 0.0
    changes: Annotated[tuple[Change, ...], Field(strict=False)] = ()

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, given: Any) -> Any:
        return as_table(given)


class ShareSeries(Series):
    """A series whose values are shares from 0 to 1 (also after changes: more than 1 is cut to 1)."""

    per_interval: OneOrManyShares = 0.0
