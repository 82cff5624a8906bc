"""The only place in the model that opens files: scenarios, tables, logs. Names are imported when first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.files.scenario_file import load as load
    from sim.files.scenario_file import problems_of as problems_of
    from sim.files.schema import schema as schema
    from sim.files.stories import policies as policies
    from sim.files.stories import stories as stories
    from sim.files.write import dump_scenario as dump_scenario
    from sim.files.write import write_whole as write_whole

_HOMES = {
    "load": "scenario_file",
    "problems_of": "scenario_file",
    "schema": "schema",
    "policies": "stories",
    "stories": "stories",
    "dump_scenario": "write",
    "write_whole": "write",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"sim.files.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
