"""By type: one number for all calls, or a number for each call type that is named."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Tag

from sim.scenario.units import Number, Share


def _one_or_many(given: Any) -> str:
    return "many" if isinstance(given, dict) and not {"low", "high"} <= given.keys() else "one"


NumberByType = Annotated[
    Annotated[Number, Tag("one")] | Annotated[dict[str, Number], Tag("many")], Discriminator(_one_or_many)
]
ShareByType = Annotated[
    Annotated[Share, Tag("one")] | Annotated[dict[str, Share], Tag("many")], Discriminator(_one_or_many)
]
