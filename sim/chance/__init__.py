"""Where randomness enters: a Scenario is resolved and drawn into a Tape. Names are imported when first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.chance.draw import draw
    from sim.chance.resolve import resolve
    from sim.chance.tape import Tape

__all__ = ["Tape", "draw", "resolve"]

_HOMES = {"Tape": "sim.chance.tape", "draw": "sim.chance.draw", "resolve": "sim.chance.resolve"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found  # the module of the same name is an attribute too; the function is what is meant
    return found
