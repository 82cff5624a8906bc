"""Special days: what is different on some days of the calendar: hours, traffic, heads."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from sim.scenario.demand import DayArrivals
from sim.scenario.floor import DayAgents
from sim.scenario.record import Record
from sim.scenario.units import Clock

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _when(given: Any) -> Any:
    return tuple(_one(one) for one in (given if isinstance(given, list | tuple) else (given,)))


def _one(given: Any) -> Any:
    if isinstance(given, str) and given.lower() in WEEKDAYS:
        return given.lower()
    if type(given) is date:
        return given
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError):
        allowed = "must be a date, such as 2026-03-14, or a weekday, such as \"saturday\", or a list of these; found {given}"
        raise PydanticCustomError("days", allowed, {"given": str(given)}) from None


_ONE = {"anyOf": [{"enum": list(WEEKDAYS)}, {"type": "string", "format": "date"}]}
When = Annotated[
    tuple[str | date, ...],
    BeforeValidator(_when),
    Field(strict=False, min_length=1),
    WithJsonSchema({"anyOf": [_ONE, {"type": "array", "items": _ONE, "minItems": 1}]}),
]


def falls_on(on: tuple[date | str, ...] | None, day: date) -> bool:
    """Whether a date is one of these dates and weekdays; None: every day is."""
    return on is None or day in on or WEEKDAYS[day.weekday()] in on


class SpecialDay(Record):
    """What is different `on` these dates or weekdays; where several act on one day, the later of them goes over the earlier.

    `opens`, `closes` : hours of its own, within those of the calendar; nobody calls or works outside them. `closed` : all
    day, or not, where an earlier one says so. `arrivals` by call type and `agents` by group: numbers of its own, or changes
    of the everyday ones; they count what those count.
    """

    name: Annotated[str, Field(min_length=1)]
    on: When
    opens: Clock | None = None
    closes: Clock | None = None
    closed: bool | None = None
    arrivals: dict[str, DayArrivals] = {}
    agents: dict[str, DayAgents] = {}

    def acts_on(self, day: date) -> bool:
        """Whether it is about that date."""
        return falls_on(self.on, day)
