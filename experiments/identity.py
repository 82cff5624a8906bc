"""Identity: what makes two scenarios, or two ways of counting, the same experiment."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, fields
from datetime import date
from typing import Any

import numpy as np

from sim.scenario.parameters import Parameters
from sim.scenario.recorded import Recorded
from sim.scenario.scenario import Scenario
from sim.tally.measuring import Measuring

# Raised by hand when the same scenario and seed give other results; tests/test_identity.py fails until it is.
MODEL_VERSION = 6

_UNCOUNTED = ("name", "description", "targets", "sources")  # titles and judgments: no call depends on them


def content(scenario: Scenario) -> dict[str, Any]:
    """What results depend on, as a plain table: file contents instead of paths, nothing that is at its default.

    Fields at their default are left out so that an option of a later version changes nothing here.
    """
    return {key: _plain(value) for key, value in scenario.table().items() if key not in _UNCOUNTED}


def scenario_hash(scenario: Scenario) -> str:
    """32 hex digits of the content."""
    return digest(text(content(scenario)))


def measuring_hash(measuring: Measuring) -> str:
    """32 hex digits; settings at their default do not count."""
    standard = Measuring()
    changed = {
        part.name: getattr(measuring, part.name)
        for part in fields(measuring)
        if getattr(measuring, part.name) != getattr(standard, part.name)
    }
    return digest(text(_plain(changed)))


def changed_paths(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(path, old value, new value) of everything that differs between two contents; "" where there is nothing.

    Entries of arrays go by name; lists of numbers are one value.
    """
    before, after = dict(_leaves(old, "")), dict(_leaves(new, ""))
    paths = list(dict.fromkeys([*before, *after]))
    return [(path, before.get(path, ""), after.get(path, "")) for path in paths if before.get(path) != after.get(path)]


def text(table: Any) -> str:
    """A content as the text that is hashed and stored."""
    return json.dumps(table, sort_keys=True, ensure_ascii=True, allow_nan=False)


def digest(told: str) -> str:
    """32 hex digits of such a text."""
    return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, Parameters):
        return {"sets": value.number, "digest": value.digest}
    if isinstance(value, Recorded):
        return {"recorded": _recorded_digest(value), "calls": len(value)}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value == int(value) and abs(value) < 1 << 53:
        return int(value)  # 5 and 5.0 are one number, however the file writes it
    return value


def _recorded_digest(recorded: Recorded) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for name, column in asdict(recorded).items():
        for label, values in sorted(column.items()) if isinstance(column, dict) else [("", column)]:
            array = np.ascontiguousarray(values, dtype="<i8")
            digest.update(f"{name}\0{label}\0{len(array)}\0".encode())
            digest.update(array.tobytes())
    return digest.hexdigest()


def _leaves(node: Any, path: str) -> list[tuple[str, str]]:
    if isinstance(node, dict) and node:
        return [leaf for key, part in node.items() for leaf in _leaves(part, f"{path}.{key}" if path else key)]
    if isinstance(node, list) and node and all(isinstance(part, dict) for part in node):
        named = [(str(part.get("name", at)), part) for at, part in enumerate(node)]
        return [leaf for name, part in named for leaf in _leaves(part, f"{path}.{name}")]
    return [(path, json.dumps(node, ensure_ascii=False))]
