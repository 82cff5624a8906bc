"""Deflections: what callers are offered instead of an agent: an announcement, a link, a message, a self-service."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from sim.scenario.distributions import Deterministic, Distribution
from sim.scenario.reactions import Reaction
from sim.scenario.record import Record
from sim.scenario.units import Clock, Duration, Number, Share


class Deflection(Record):
    """One way to do without an agent: who takes it ends the call, and may or may not be helped.

    `where` : "ivr", before the menus (the call is contained), or "queue", for who has to wait (the call is deflected) where
    the predicted wait is at least `wait` and `queue` callers are waiting. From `from` to `to` by the clock (not given: all
    day), `on` a date (not given: every day), to these `call_types` (not given: all), it is `offered` to a share, which hears
    it for the time it `takes`; of those a share has `accepted`. `easier` : mean talk of who accepts / of all it is there for.

    It has `solved` the matter of a share of who accepts; of the others some call `again`. Who hears it in the IVR and goes on
    may `hang_up`, has his `patience` multiplied, and his chances to `redial` should he reach nobody.
    """

    name: Annotated[str, Field(min_length=1)]
    where: Literal["ivr", "queue"] = "ivr"
    call_types: Annotated[tuple[str, ...] | None, Field(strict=False, min_length=1)] = None
    on: date | None = None
    from_: Annotated[Clock | None, Field(alias="from")] = None
    to: Clock | None = None
    wait: Duration = 0.0
    queue: Annotated[int, Field(ge=0)] = 0
    takes: Distribution = Deterministic(value=0.0)
    offered: Share = 1.0
    accepted: Share = 0.0
    easier: Number | None = None
    solved: Share = 1.0
    again: Reaction | None = None
    hang_up: Share = 0.0
    patience: Number = 1.0
    redial: Number = 1.0

    def is_for(self, call_type: str) -> bool:
        """Whether callers of that type may get it."""
        return self.call_types is None or call_type in self.call_types
