"""`callsim schema`: the JSON Schema of a scenario file, for editors that complete and check TOML."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from experiments.cli.output import print_json

SCHEMA = "callsim/scenario/1"


def schema(
    policy: Annotated[bool, typer.Option("--policy", help="of a policy file: nothing is required")] = False,
) -> None:
    """Print the JSON Schema of scenario files; `callsim schema > callsim.schema.json`, then let the editor know."""
    print_json(scenario_schema(policy=policy))


def scenario_schema(*, policy: bool = False) -> dict[str, Any]:
    """What a scenario file may say, as JSON Schema 2020-12; of a policy file nothing is required.

    pydantic describes the records; this adds the forms that only files have: a law as a one-key table, a plain number
    or list where a series stands, numbers from a file, changes, `extends` and `drop`.
    """
    from pydantic.json_schema import GenerateJsonSchema

    from sim.scenario.distributions import LAWS
    from sim.scenario.scenario import Scenario

    class Generate(GenerateJsonSchema):
        def dataclass_schema(self, schema: Any) -> dict[str, Any]:  # only recorded calls are a dataclass
            return {"type": "string", "description": "a call log beside the file"}

    table: dict[str, Any] = _without_null(Scenario.model_json_schema(by_alias=True, schema_generator=Generate))
    parts: dict[str, dict[str, Any]] = table["$defs"]
    for word, law in LAWS.items():
        parts[law.__name__] = _law(word, parts[law.__name__])
    for name in {"Series", "ShareSeries", "Agents", "Arrivals"} & set(parts):
        parts[name] = _series(parts[name], parts["Change"])
    for part in [entry for entry in parts.values() if "name" in entry.get("properties", {})]:
        part["properties"]["drop"] = {"type": "boolean", "description": "true removes the entry of this name"}
    names = {"type": "string", "description": "another scenario file, from which this one starts"}
    table["properties"]["extends"] = {"anyOf": [names, {"type": "array", "items": names}]}
    if policy:
        table.pop("required", None)
        for part in parts.values():
            if "name" in part.get("properties", {}):
                part["required"] = ["name"]
            elif set(part.get("required", ())) & {"arrivals", "calendar", "start"}:
                part.pop("required")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA} | table


def _law(word: str, inner: dict[str, Any]) -> dict[str, Any]:
    """``{ exponential = { mean = "2m" } }``; a plain duration is deterministic, the word never stands alone."""
    about = inner.pop("description", "")
    if word == "never":
        return {"const": "never", "description": about}
    table = {"type": "object", "properties": {word: inner}, "required": [word], "additionalProperties": False}
    if word != "deterministic":
        return table | {"description": about}
    plain = inner["properties"]["value"]
    table["properties"] = {word: {"anyOf": [inner, plain]}}
    return {"anyOf": [plain, table], "description": about}


def _series(inner: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """A number, a list with one number per interval, a range, or the table; the table may change what is there."""
    about = inner.pop("description", "")
    inner["properties"] |= {name: part for name, part in change["properties"].items() if name != "title"}
    inner["properties"] |= {
        "file": {"type": "string", "description": "a CSV or XLSX file beside this one"},
        "column": {"type": "string", "description": "the column of the file"},
        "sheet": {"type": "string", "description": "the sheet of an XLSX file"},
    }
    plain = inner["properties"]["per_interval"]
    forms = [form for form in plain.get("anyOf", [plain]) if "oneOf" in form]
    return {"anyOf": [*(one for form in forms for one in form["oneOf"]), inner], "description": about}


def _without_null(part: Any) -> Any:
    """The schema without ``null``, which TOML does not have, and without the titles pydantic makes of names."""
    if isinstance(part, list):
        return [_without_null(entry) for entry in part]
    if not isinstance(part, dict):
        return part
    kept = {
        name: _without_null(entry)
        for name, entry in part.items()
        if not (name == "title" and isinstance(entry, str)) and not (name == "default" and entry is None)
    }
    forms = [form for form in kept.pop("anyOf", []) if form != {"type": "null"}]
    if len(forms) == 1:
        return kept | forms[0]
    return kept | {"anyOf": forms} if forms else kept
