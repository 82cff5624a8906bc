"""Costs and targets: what a day costs and what it should reach."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.record import Record
from sim.scenario.units import Number


class Costs(Record):
    """Prices in one currency; all optional. `wage` is per paid hour, by group (`wages`) where it differs."""

    currency: str = ""
    wage: Number | None = None
    wages: dict[str, Number] = {}
    overtime_factor: Number = 1.5
    line_minute: Number = 0.0
    contained: Annotated[Number, Field(description="per contact contained in the IVR")] = 0.0
    lost_call: Annotated[Number, Field(description="per call offered and not answered, or blocked")] = 0.0


class Target(Record):
    """What a day should reach: a measure at least or at most a value. Printed as a chance; never an exit code."""

    measure: str
    at_least: Number | None = None
    at_most: Number | None = None
    call_type: str | None = None
    group: str | None = None
    label: Annotated[str | None, Field(description="family=value")] = None

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise PydanticCustomError("target", "must have either at_least or at_most", {})
        return self
