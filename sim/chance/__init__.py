"""Where randomness enters: a Scenario is resolved and drawn into a Tape. Names are imported when first used."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.chance.draw import draw
    from sim.chance.resolve import drawn_inputs, open_ranges, resolve
    from sim.chance.tape import Tape

__all__ = ["Tape", "draw", "drawn_inputs", "open_ranges", "resolve"]

_HOMES = {
    "Tape": "sim.chance.tape",
    "draw": "sim.chance.draw",
    "drawn_inputs": "sim.chance.resolve",
    "open_ranges": "sim.chance.resolve",
    "resolve": "sim.chance.resolve",
}


class _Package(ModuleType):
    """`sim.chance.draw` is the function, whichever is imported first: the import system would set the module."""

    def __setattr__(self, name: str, found: Any) -> None:
        if isinstance(found, ModuleType) and name in _HOMES:
            found = getattr(found, name)
        super().__setattr__(name, found)

    def __getattr__(self, name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return getattr(import_module(_HOMES[name]), name)


sys.modules[__name__].__class__ = _Package
