"""Where randomness enters: a Scenario is resolved and drawn into a Tape. Names are imported when first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.chance.drawing import draw
    from sim.chance.ranges import drawn_inputs, open_ranges, resolve
    from sim.chance.tape import Tape

__all__ = ["Tape", "draw", "drawn_inputs", "open_ranges", "resolve"]

_HOMES = {
    "Tape": "sim.chance.tape",
    "draw": "sim.chance.drawing",
    "drawn_inputs": "sim.chance.ranges",
    "open_ranges": "sim.chance.ranges",
    "resolve": "sim.chance.ranges",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return found
