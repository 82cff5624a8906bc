"""Demand: everyday arrivals, how busy a day is, and surges."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, InstanceOf, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.record import Record
from sim.scenario.recorded import Recorded
from sim.scenario.series import Change, OneOrMany, as_table
from sim.scenario.units import Clock, Correlation, Duration, FixedDuration, Number

_SOURCES = ("per_interval", "per_hour", "per_day", "fixed", "replay")
_UNCHANGED = ("fixed", "replay")

# in a file the name of a call log
Replay = Annotated[
    InstanceOf[Recorded],
    WithJsonSchema({"type": "string", "description": "a call log beside the scenario file"}),
]


class _Sources(Record):
    least: ClassVar[int]  # how many sources there must be; never more than one

    per_interval: OneOrMany | None = None
    per_hour: OneOrMany | None = None
    per_day: Number | None = None
    profile: Annotated[tuple[Number, ...] | None, Field(strict=False, min_length=1)] = None
    fixed: Annotated[tuple[Annotated[int, Field(ge=0)], ...] | None, Field(strict=False, min_length=1)] = None
    replay: Replay | None = None
    changes: Annotated[tuple[Change, ...], Field(strict=False)] = ()

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, given: Any) -> Any:
        return as_table(given)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [name for name in _SOURCES if getattr(self, name) is not None]
        if not self.least <= len(given) <= 1:
            raise PydanticCustomError(
                "arrivals",
                "must have {most} one of per_interval, per_hour, per_day, fixed, replay or file; found {given}",
                {"most": "exactly" if self.least else "at most", "given": ", ".join(given) or "none"},
            )
        if self.profile is not None and self.per_day is None:
            raise PydanticCustomError("arrivals", "profile goes with per_day", {})
        if self.changes and given and given[0] in _UNCHANGED:
            raise PydanticCustomError(
                "arrivals", "{given} calls are what they are: no times or plus", {"given": given[0]}
            )
        return self

    @property
    def unchanged(self) -> str | None:
        """The word of a source whose calls are what they are, if it is one."""
        return next((name for name in _UNCHANGED if getattr(self, name) is not None), None)


class Arrivals(_Sources):
    """Everyday calls of a type. Exactly one source: calls `per_interval` or `per_hour` (one number or a list), a total
    `per_day` laid out by a `profile` of weights, `fixed` counts that do not vary, or recorded calls (`replay`).
    """

    least: ClassVar[int] = 1


class DayArrivals(_Sources):
    """A type's calls on a day unlike others: a source of their own, or changes of the everyday ones."""

    least: ClassVar[int] = 0

    @property
    def own(self) -> bool:
        """Whether there are numbers of their own."""
        return any(getattr(self, name) is not None for name in _SOURCES)

    def laid_over(self, everyday: Arrivals) -> Arrivals:
        """The calls of that day; another total without a `profile` is laid out as the everyday one."""
        if not self.own:
            return everyday.replace(changes=(*everyday.changes, *self.changes)) if self.changes else everyday
        given = {name: getattr(self, name) for name in type(self).model_fields}
        if self.per_day is not None and self.profile is None:
            given["profile"] = everyday.profile
        return everyday.replace(**given)


class Busyness(Record):
    """A random factor with mean 1 on a type's calls, or on their talk, new each `part` of the day; `factors` are shared by name.

    `correlation` is that of one part's factor with the next one's, as logarithms; of parts k apart it is correlation^k.
    `day_to_day` is the same of one day's factor with the next one's, over the days of the calendar.
    """

    cv: Number = 0.0
    part: Annotated[Literal["day"] | FixedDuration, Field(union_mode="left_to_right")] = "day"
    correlation: Correlation = 0.0
    day_to_day: Correlation = 0.0
    factors: Annotated[tuple[str, ...], Field(strict=False)] = ()


class Factor(Record):
    """A factor that several call types share by its name, on calls, talk or both; its keys are those of `busyness`."""

    name: str
    cv: Number
    part: Annotated[Literal["day"] | FixedDuration, Field(union_mode="left_to_right")] = "day"
    correlation: Correlation = 0.0
    day_to_day: Correlation = 0.0


class Pulse(Record):
    """The same rate for a while."""

    lasts: FixedDuration


class Step(Record):
    """The same rate from `at` until closing."""


class Ramp(Record):
    """The rate rises in a straight line for `rise`, stays for `hold`, and falls for `fall`."""

    rise: FixedDuration
    hold: FixedDuration = 0.0
    fall: FixedDuration = 0.0


class Decay(Record):
    """The rate halves every `half_life`."""

    half_life: FixedDuration


class Delayed(Record):
    """The rate rises to its peak `peak` after the event and then fades: (t / peak) exp(1 - t / peak)."""

    peak: FixedDuration


class RecordedShape(Record):
    """Weights per `interval` since the event, as once observed."""

    weights: Annotated[tuple[Number, ...], Field(strict=False, min_length=1)]
    interval: FixedDuration


class Shape(Record):
    """How a surge's calls spread over time; exactly one of its keys."""

    pulse: Pulse | None = None
    step: Step | None = None
    ramp: Ramp | None = None
    decay: Decay | None = None
    delayed: Delayed | None = None
    recorded: RecordedShape | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            raise PydanticCustomError("shape", "must be exactly one of pulse, step, ramp, decay, delayed, recorded", {})
        return self


class Surge(Record):
    """Calls beside the everyday traffic from clock time `at`, `on` a date (not given: the first day): a stream of its own.

    `calls` gives the expected number per call type (Poisson); `factor` instead multiplies the everyday traffic of the
    type while a `pulse`, `step` or `ramp` lasts (2.5 adds one and a half times the everyday calls). The factors on talk,
    wrap-up and patience act on the surge's own callers only.
    """

    name: str
    at: Clock
    on: date | None = None
    calls: dict[str, Number] = {}
    factor: dict[str, Number] = {}
    shape: Shape
    talk_factor: Number = 1.0
    wrap_up_factor: Number = 1.0
    patience_factor: Number = 1.0

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.calls and not self.factor:
            raise PydanticCustomError("surge", "must say calls or factor by call type", {})
        both = sorted(set(self.calls) & set(self.factor))
        if both:
            raise PydanticCustomError("surge", "calls and factor both given for {both}", {"both": ", ".join(both)})
        if self.factor and not (self.shape.pulse or self.shape.step or self.shape.ramp):
            raise PydanticCustomError("surge", "factor needs a shape pulse, step or ramp", {})
        return self


class OpeningQueue(Record):
    """Callers who already wait when the center opens, by call type; they skip the IVR and do not balk."""

    calls: dict[str, Annotated[int, Field(ge=0)]]
    waited: Duration = 0.0
