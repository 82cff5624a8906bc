"""Record: the base of everything a scenario is made of: frozen, strict, no unknown keys."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict

CLOCKS_IN_SECONDS = {"clocks": "seconds"}


class Record(BaseModel):
    """A frozen, validated value. `replace` varies it and validates again."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        arbitrary_types_allowed=True,
        populate_by_name=True,
        serialize_by_alias=True,
    )

    def replace(self, **changes: Any) -> Self:
        """The same record with some fields changed; raises pydantic.ValidationError like the constructor."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        # the context lets clock times be seconds, as records hold them; a file must write "08:30"
        return type(self).model_validate(fields | changes, context=CLOCKS_IN_SECONDS)
