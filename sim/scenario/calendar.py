"""The calendar: which days there are, when the center is open, and how a day is cut into intervals."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.record import Record
from sim.scenario.units import Clock, FixedDuration, show_clock, ticks

MOST_DAYS = 42  # six weeks; no event may lie more than 50 days after the first midnight (`sim.engines.events`)
A_DAY = 86_400.0


class Calendar(Record):
    """A day of a call center, or `days` of them one after the other, of which `[[special_days]]` says what is different on some.

    Intervals run from `opens` to `closes` of a day; times are clock times of the first day. What callers do is connected:
    they may come back on a later day, and so may callbacks and work. Every day has 24 hours.
    """

    start: Annotated[date, Field(description="the date of the first day")]
    days: Annotated[int, Field(ge=1, le=MOST_DAYS, description="connected days, from `start` on")] = 1
    opens: Clock = 0.0
    closes: Clock = 86_400.0
    interval: Annotated[FixedDuration, Field(description="length of an interval: 30m, 15m, ...")] = 1800.0
    day_type: str | None = None
    after_closing: Annotated[
        Literal["finish", "drop"],
        Field(description="finish: the last interval's people stay until the queue is empty, four hours at most"),
    ] = "finish"

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.closes <= self.opens:
            raise PydanticCustomError(
                "calendar",
                "closes ({closes}) must be after opens ({opens})",
                {"closes": show_clock(self.closes), "opens": show_clock(self.opens)},
            )
        if self.days > 1 and self.closes - self.opens > A_DAY:
            raise PydanticCustomError(
                "calendar",
                "must close within 24 hours where another day follows; found {opens} to {closes}",
                {"closes": show_clock(self.closes), "opens": show_clock(self.opens)},
            )
        if self.interval <= 0 or (ticks(self.closes) - ticks(self.opens)) % max(ticks(self.interval), 1):
            raise PydanticCustomError(
                "calendar", "interval must divide the time from opens to closes into whole intervals", {}
            )
        return self

    @property
    def dates(self) -> tuple[date, ...]:
        """The date of each day."""
        return tuple(self.start + timedelta(days=day) for day in range(self.days))

    @property
    def intervals(self) -> int:
        """How many intervals a day has."""
        return (ticks(self.closes) - ticks(self.opens)) // ticks(self.interval)

    def cut(self, every: float | None) -> Calendar | None:
        """The same day in parts of `every` seconds; None where they do not fit a whole number of times."""
        if every is None or ticks(every) == ticks(self.interval):
            return self
        if not ticks(every) or (ticks(self.closes) - ticks(self.opens)) % ticks(every):
            return None
        return self.model_copy(update={"interval": every})

    def starts(self) -> tuple[float, ...]:
        """The clock time at which each interval begins: seconds since midnight, shape (intervals,)."""
        return tuple(self.opens + i * self.interval for i in range(self.intervals))
