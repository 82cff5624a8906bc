"""Distributions of durations, as a scenario file names them: ``{ lognormal = { mean = "4m", cv = 0.9 } }``.

Each is a one-key table; a plain duration is deterministic and ``"never"`` is a time that does not come. Values are
seconds. What a distribution means as numbers (its quantile function) is the business of ``sim.chance``.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Discriminator, Field, Tag, model_serializer, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.record import Record
from sim.scenario.units import Duration, FixedDuration, Number, Share


class Law(Record):
    """A distribution of durations; in a file a one-key table with the law's name as key."""

    word: ClassVar[str] = ""

    @model_validator(mode="before")
    @classmethod
    def _unwrap(cls, given: Any) -> Any:
        if isinstance(given, dict) and set(given) == {cls.word}:
            return given[cls.word]
        return given

    @model_serializer(mode="wrap")
    def _wrap(self, inner: Any) -> dict[str, Any]:
        plain = {name: part for name, part in inner(self).items() if part is not None}
        # a law that refers to itself (a mixture of mixtures) comes through here twice
        return plain if set(plain) == {self.word} else {self.word: plain}


class Exponential(Law):
    """Density exp(-x / mean) / mean."""

    word: ClassVar[str] = "exponential"
    mean: Duration


class LogNormal(Law):
    """exp of a normal; `cv` is the standard deviation over the mean."""

    word: ClassVar[str] = "lognormal"
    mean: Duration
    cv: Number


class Weibull(Law):
    """P(X > x) = exp(-(x / scale) ** shape), given by its mean."""

    word: ClassVar[str] = "weibull"
    mean: Duration
    shape: Annotated[Number, Field(description="below 1: the hazard falls; must be above 0")]


class Gamma(Law):
    """Gamma with the given mean and coefficient of variation (cv above 0)."""

    word: ClassVar[str] = "gamma"
    mean: Duration
    cv: Number


class Erlang(Law):
    """The sum of `k` exponential phases; `mean` is that of the sum."""

    word: ClassVar[str] = "erlang"
    mean: Duration
    k: Annotated[int, Field(ge=1)]


class HyperExponential(Law):
    """A mixture of exponentials with these means and shares (which sum to 1)."""

    word: ClassVar[str] = "hyperexponential"
    means: Annotated[tuple[Duration, ...], Field(min_length=1, strict=False)]
    shares: Annotated[tuple[Share, ...], Field(min_length=1, strict=False)]

    @model_validator(mode="after")
    def _sums(self) -> Self:
        _check_shares(self.shares, len(self.means), "means")
        return self


class Uniform(Law):
    """Evenly between `low` and `high`."""

    word: ClassVar[str] = "uniform"
    low: Duration
    high: Duration

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if isinstance(self.low, float) and isinstance(self.high, float) and self.low > self.high:
            raise PydanticCustomError("uniform", "low must not be above high", {})
        return self


class Deterministic(Law):
    """Always the same value; a file may write the plain duration instead."""

    word: ClassVar[str] = "deterministic"
    value: Duration

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, given: Any) -> Any:
        inner = given.get("deterministic", given) if isinstance(given, dict) else given
        return inner if isinstance(inner, dict) and "value" in inner else {"value": inner}


class Never(Law):
    """A time that does not come: nobody loses patience."""

    word: ClassVar[str] = "never"

    @model_validator(mode="before")
    @classmethod
    def _word(cls, given: Any) -> Any:
        return {} if given == "never" or given == {"never": {}} else given

    @model_serializer(mode="plain")
    def _wrap(self) -> str:  # type: ignore[override]  # a word instead of a table
        return "never"


class Empirical(Law):
    """Observed values with optional weights; linear between the sorted values, nothing beyond them."""

    word: ClassVar[str] = "empirical"
    values: Annotated[tuple[FixedDuration, ...], Field(min_length=1, strict=False)]
    weights: Annotated[tuple[Number, ...] | None, Field(strict=False)] = None

    @model_validator(mode="after")
    def _lengths(self) -> Self:
        if self.weights is not None and len(self.weights) != len(self.values):
            raise PydanticCustomError(
                "empirical",
                "weights must be as many as values ({values}), found {weights}",
                {"values": len(self.values), "weights": len(self.weights)},
            )
        return self


class Survival(Law):
    """Share still there `after` each duration, such as a Kaplan-Meier curve; beyond the last an exponential tail.

    `after` rises from above 0; `share` falls; between points the share is linear from 1 at 0. The tail has mean `tail`.
    """

    word: ClassVar[str] = "survival"
    after: Annotated[tuple[FixedDuration, ...], Field(min_length=1, strict=False)]
    share: Annotated[tuple[Share, ...], Field(min_length=1, strict=False)]
    tail: Duration

    @model_validator(mode="after")
    def _falls(self) -> Self:
        if len(self.after) != len(self.share):
            raise PydanticCustomError("survival", "after and share must have the same length", {})
        if any(b <= a for a, b in zip((0.0, *self.after), self.after, strict=False)):
            raise PydanticCustomError("survival", "after must rise, beginning above 0", {})
        shares = [1.0, *(float(share) for share in self.share if isinstance(share, float))]
        if any(b > a for a, b in pairwise(shares)):
            raise PydanticCustomError("survival", "share must not rise", {})
        return self


class Part(Record):
    """One part of a mixture."""

    share: Share
    of: Distribution


class Mixture(Law):
    """With these shares one of several distributions: ``{ mixture = { parts = [ { share = 0.3, of = ... } ] } }``."""

    word: ClassVar[str] = "mixture"
    parts: Annotated[tuple[Part, ...], Field(min_length=1, strict=False)]

    @model_validator(mode="after")
    def _sums(self) -> Self:
        _check_shares(tuple(part.share for part in self.parts), len(self.parts), "parts")
        return self


def _check_shares(shares: tuple[Any, ...], count: int, of: str) -> None:
    if len(shares) != count:
        raise PydanticCustomError("shares", "must be as many shares as {of}", {"of": of})
    plain = [share for share in shares if isinstance(share, float)]
    if len(plain) == len(shares) and abs(sum(plain) - 1) > 1e-6:
        raise PydanticCustomError("shares", "shares must sum to 1, found {sum}", {"sum": f"{sum(plain):g}"})


LAWS: dict[str, type[Law]] = {
    law.word: law
    for law in (
        Exponential, LogNormal, Weibull, Gamma, Erlang, HyperExponential,
        Uniform, Deterministic, Never, Empirical, Survival, Mixture,
    )
}  # fmt: skip


def _which(given: Any) -> str | None:
    if isinstance(given, Law):
        return given.word
    if given == "never":
        return "never"
    if isinstance(given, dict):
        return next(iter(given)) if len(given) == 1 and next(iter(given)) in LAWS else None
    if isinstance(given, str | int | float) and not isinstance(given, bool):
        return "deterministic"
    return None


Distribution = Annotated[
    Annotated[Exponential, Tag("exponential")]
    | Annotated[LogNormal, Tag("lognormal")]
    | Annotated[Weibull, Tag("weibull")]
    | Annotated[Gamma, Tag("gamma")]
    | Annotated[Erlang, Tag("erlang")]
    | Annotated[HyperExponential, Tag("hyperexponential")]
    | Annotated[Uniform, Tag("uniform")]
    | Annotated[Deterministic, Tag("deterministic")]
    | Annotated[Never, Tag("never")]
    | Annotated[Empirical, Tag("empirical")]
    | Annotated[Survival, Tag("survival")]
    | Annotated[Mixture, Tag("mixture")],
    Discriminator(
        _which,
        custom_error_type="distribution",
        custom_error_message='must be "never", a duration, or a table with one key of ' + ", ".join(LAWS),
    ),
]

Part.model_rebuild()
Mixture.model_rebuild()

Convention = Literal["divide", "markup"]
