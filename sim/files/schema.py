"""The JSON Schema of a scenario file, for editors that complete and check TOML while it is written."""

from __future__ import annotations

from typing import Any

from sim.scenario.distributions import LAWS
from sim.scenario.scenario import Scenario

_SCALARS: dict[str, dict[str, Any]] = {
    "Number": {"type": "number", "minimum": 0},
    "Signed": {"type": "number"},
    "Share": {"type": "number", "minimum": 0, "maximum": 1},
    "Duration": {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "examples": ["4m30s"]}]},
}
_SERIES = ("Agents", "Arrivals", "DayAgents", "DayArrivals", "Series", "ShareSeries")
_LISTS = {"profile", "fixed", "values", "weights", "after", "share", "per_interval", "per_hour"}
_TEXT = {"type": "string"}
_FILE = {"file": _TEXT, "column": _TEXT, "sheet": _TEXT}
_RANGE = {
    "type": "object",
    "description": "a number nobody knows exactly, drawn once per replication",
    "properties": {name: {"type": ["number", "string"]} for name in ("low", "likely", "high")},
    "required": ["low", "high"],
    "additionalProperties": False,
}
_FILE_LIST = {
    "type": "object",
    "description": "a list read from a CSV file or a workbook beside the scenario file",
    "properties": _FILE,
    "required": ["file"],
    "additionalProperties": False,
}
_ROSTER = {
    "description": "a table of agents and their shifts beside the scenario file: its name, or with the sheets of a workbook",
    "anyOf": [
        _TEXT,
        {
            "type": "object",
            "properties": {key: _TEXT for key in ("file", "sheet", "legend", "skills")},
            "required": ["file"],
            "additionalProperties": False,
        },
    ],
}


def schema(*, partial: bool = False) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a scenario file; `partial`: of a policy, or of a file that extends another."""
    whole = Scenario.model_json_schema(by_alias=True)
    defs = {name: _references(body) for name, body in whole.pop("$defs").items()}
    top = _references(whole)
    for name, kind in _SCALARS.items():
        defs[name] = {"anyOf": [kind, {"$ref": "#/$defs/Range"}]}
    defs |= {"Range": _RANGE, "FileList": _FILE_LIST}
    for law in LAWS.values():
        defs[law.__name__] = _law(law.word, defs[law.__name__])
    for name in _SERIES:
        if name in defs:
            defs[name] = _series(name, defs)
    for body in defs.values():
        for properties in _properties(body):
            for key in _LISTS & properties.keys():
                if _holds_list(properties[key]):
                    properties[key] = {"anyOf": [properties[key], {"$ref": "#/$defs/FileList"}]}
    top["properties"]["extends"] = _TEXT | {"description": "a scenario file that this one is laid over"}
    top["properties"]["roster"] = _ROSTER
    if partial:
        _loosen(top, defs)
    title = "callsim policy" if partial else "callsim scenario"
    head: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    head |= top
    return head | {"title": title, "$defs": defs}


def _references(node: Any) -> Any:
    """The schema with ranges by reference, and choices that may overlap as anyOf."""
    if isinstance(node, list):
        return [_references(part) for part in node]
    if not isinstance(node, dict):
        return node
    choices = node.get("anyOf")
    if isinstance(choices, list) and len(choices) == 2 and "low" in choices[1].get("properties", {}):
        for name, kind in _SCALARS.items():
            if choices[0] == kind:
                rest = {key: part for key, part in node.items() if key != "anyOf"}
                return rest | {"$ref": f"#/$defs/{name}"}
    return {
        "anyOf" if key == "oneOf" else key: _references(part) for key, part in node.items() if key != "discriminator"
    }


def _law(word: str, body: dict[str, Any]) -> dict[str, Any]:
    said = {"description": body.get("description", word)}
    if word == "never":
        return {"const": "never"} | said
    if word == "deterministic":
        duration = {"$ref": "#/$defs/Duration"}
        body = {"anyOf": [duration, body]}
        return said | {"anyOf": [duration, _one_key(word, body)]}
    return _one_key(word, body) | said


def _one_key(word: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {word: body}, "required": [word], "additionalProperties": False}


def _series(name: str, defs: dict[str, Any]) -> dict[str, Any]:
    number = {"$ref": "#/$defs/Share" if name == "ShareSeries" else "#/$defs/Number"}
    change = defs["Change"]["properties"]
    table = dict(defs[name])
    table["properties"] = table["properties"] | change | _FILE
    changes = {"type": "array", "items": {"$ref": "#/$defs/Change"}, "minItems": 1}
    numbers = {"type": "array", "items": number, "minItems": 1}
    return {"description": table.pop("description", ""), "anyOf": [number, numbers, changes, table]}


def _properties(body: Any) -> list[dict[str, Any]]:
    if isinstance(body, list):
        return [found for part in body for found in _properties(part)]
    if not isinstance(body, dict):
        return []
    own = [body["properties"]] if isinstance(body.get("properties"), dict) else []
    return own + [found for part in body.values() for found in _properties(part)]


def _holds_list(node: dict[str, Any]) -> bool:
    return node.get("type") == "array" or any(_holds_list(choice) for choice in node.get("anyOf", ()))


def _loosen(top: dict[str, Any], defs: dict[str, Any]) -> None:
    """Nothing but the name of an entry is required; entries may be dropped, numbers changed."""
    top.pop("required", None)
    for name, body in defs.items():
        if "name" in body.get("properties", {}):
            if "name" in body.pop("required", ()):  # a break needs none
                body["required"] = ["name"]
            body["properties"]["drop"] = {"const": True}
        elif name != "FileList":
            body.pop("required", None)
    for name in _SCALARS:
        defs[name]["anyOf"].append({"$ref": "#/$defs/Change"})
    for law in LAWS.values():
        for inner in defs[law.__name__].get("properties", {}).values():
            inner.pop("required", None)
