"""Stand-ins for the parts of a table that are wrong, so that the rest can be checked and everything said at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.scenario.changes import Table
from sim.scenario.paths import Path

_ARRAYS = ("call_types", "groups", "surges", "factors")
_WHO = {  # tables that say who is there, and those that name their entries
    "shifts": ("teams", "agents", "activities", "overtime"),
    "teams": ("agents", "activities", "overtime"),
    "agents": ("activities", "overtime"),
}


def repaired(table: Table, wrong: Iterable[Path]) -> tuple[Table, set[Path]] | None:
    """The table with harmless values where something is wrong, and the paths they stand at.

    None where the rest cannot be judged without the wrong part: no calendar, an entry without a name.
    """
    result = dict(table)
    replaced: set[Path] = set()
    for path in wrong:
        if not path or path[0] == "calendar" or not _named_entries(table, "groups" if path[0] in _WHO else path[0]):
            return None
        if path[0] not in _ARRAYS:
            result.pop(path[0], None)
            if path[0] in _WHO:  # not that groups have nobody, or teams no shift, when what is wrong is who there is
                for key in _WHO[path[0]]:
                    result.pop(key, None)
                result["groups"] = [{"agents": _stand_in(table, "agents")} | group for group in result["groups"]]
            if path[0] == "name":
                result["name"] = "unnamed"
            replaced.add(path[:1])
            continue
        if len(path) < 3 or path[2] == "name":
            return None
        stand_in = _stand_in(table, path[2])
        result[path[0]] = [_with(entry, path, stand_in) for entry in result[path[0]]]
        replaced.add(path[:3])
    return result, replaced


def _named_entries(table: Table, key: str) -> bool:
    if key not in _ARRAYS:
        return True
    entries = table.get(key)
    return isinstance(entries, list | tuple) and all(isinstance(one, dict) and "name" in one for one in entries)


def _with(entry: Table, path: Path, stand_in: Any) -> Table:
    if entry["name"] != path[1]:
        return entry
    rest = {key: value for key, value in entry.items() if key != path[2]}
    return rest if stand_in is None else rest | {path[2]: stand_in}


def _stand_in(table: Table, field: str) -> Any:
    match field:
        case "arrivals" | "agents":
            return {"per_interval": 1.0}
        case "talk":
            return 1.0
        case "skills":  # whoever is said to serve a type has the skill
            return [[entry["name"] for entry in table["call_types"] if isinstance(entry.get("name"), str)]]
        case "at":
            return table["calendar"].get("opens", "00:00")
        case "shape":
            return {"step": {}}
        case "calls":
            return {entry["name"]: 0.0 for entry in table["call_types"]}
        case "cv":
            return 0.0
    return None
