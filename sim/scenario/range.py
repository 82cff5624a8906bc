"""Range: a number nobody knows exactly, drawn once per replication and the same for every policy."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from pydantic import model_serializer
from pydantic_core import PydanticCustomError

from sim.scenario.record import Record


class Range(Record):
    """``{ low, likely, high }`` (triangular) or ``{ low, high }`` (uniform); seconds where the field is a duration."""

    low: float
    high: float
    likely: float | None = None

    @classmethod
    def parse(cls, table: dict[str, Any], parse: Callable[[Any], float]) -> Range:
        """A range whose parts are read by `parse`, the reader of the field it stands in; raises PydanticCustomError."""
        if not {"low", "high"} <= set(table) <= {"low", "likely", "high"}:
            raise PydanticCustomError("range", "must be a single value or a range with low, likely and high", {})
        low, high = parse(table["low"]), parse(table["high"])
        likely = parse(table["likely"]) if table.get("likely") is not None else None
        if not low <= (low if likely is None else likely) <= high:
            raise PydanticCustomError("range", "must have low <= likely <= high", {})
        return cls(low=low, high=high, likely=likely)

    def quantile(self, u: float) -> float:
        """The value at probability u in (0, 1): inverse of the triangular or uniform distribution function."""
        width = self.high - self.low
        if self.likely is None or width == 0:
            return self.low + u * width
        rise = (self.likely - self.low) / width
        if u < rise:
            return self.low + math.sqrt(u * width * (self.likely - self.low))
        return self.high - math.sqrt((1 - u) * width * (self.high - self.likely))

    def show(self) -> str:
        """As a scenario file writes it, without braces."""
        parts = [self.low, self.high] if self.likely is None else [self.low, self.likely, self.high]
        return " - ".join(f"{part:g}" for part in parts)

    @model_serializer
    def _plain(self) -> dict[str, float]:
        table = {"low": self.low, "high": self.high}
        return table if self.likely is None else {"low": self.low, "likely": self.likely, "high": self.high}
