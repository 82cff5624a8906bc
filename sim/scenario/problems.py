"""Problems: what pydantic found wrong with a table, in the words of a scenario file."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from pydantic import ValidationError

from sim.scenario.distributions import LAWS
from sim.scenario.errors import Problem
from sim.scenario.paths import Path, child, entry_kind, fields, join, nearest
from sim.scenario.scenario import Scenario

_SHORT = 60  # characters of a value that an error shows
_MUST_BE = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "date_type": "a date without quotes, such as 2026-03-12",
    "date_from_datetime_inexact": "a date without a time, such as 2026-03-12",
    "tuple_type": "a list [ ... ]",
    "list_type": "a list [ ... ]",
    "dict_type": "a table { ... }",
    "model_type": "a table { ... }",
    "model_attributes_type": "a table { ... }",
    "dataclass_type": "recorded calls",
    "dataclass_exact_type": "recorded calls",
    "is_instance_of": "recorded calls",
    "finite_number": "a finite number",
}


def problems_in(error: ValidationError, table: Any, kind: Any = Scenario) -> list[Problem]:
    """One Problem per thing that is wrong with `table`, with its path as ``--set`` writes it."""
    found: dict[Path, Problem] = {}
    for one in error.errors(include_url=False):
        path, value = walk(one["loc"], table, missing=one["type"] == "missing")
        if one["type"] == "too_short" and isinstance(value, list | tuple) and value:
            continue  # it is only short of the entries that are wrong themselves
        message, hint = _said(one, path, kind)
        shows = one["type"] not in ("missing", "extra_forbidden") and not isinstance(value, dict | list | tuple)
        problem = Problem(join(path), message, found=show(value) if shows else "", hint=hint)
        earlier = found.get(path)
        if earlier is None:
            found[path] = problem
        elif problem.message not in earlier.message:  # the ways a value could have been right
            said = problem.message.removeprefix("must be ")
            found[path] = Problem(join(path), f"{earlier.message} or {said}", earlier.found, earlier.hint)
    return list(found.values())


def walk(loc: tuple[int | str, ...], table: Any, *, missing: bool = False) -> tuple[Path, Any]:
    """The path and the value at pydantic's location: entries by name, and nothing that the table does not hold."""
    path: list[str] = []
    here = table
    for at, part in enumerate(loc):
        if isinstance(here, Mapping) and part in here:
            path.append(str(part))
            here = here[part]
        elif isinstance(here, list | tuple) and isinstance(part, int) and part < len(here):
            here = here[part]
            name = here.get("name") if isinstance(here, Mapping) else None
            path.append(name if isinstance(name, str) else str(part))
        elif missing and at == len(loc) - 1:
            path.append(str(part))
    return _as_written(path), here


def _as_written(path: list[str]) -> Path:
    """The path of a change as files have it: beside the numbers, not in a list of changes."""
    kept = [part for at, part in enumerate(path) if not _in_changes(path, at)]
    return tuple(kept)


def _in_changes(path: list[str], at: int) -> bool:
    begins = path[at] == "changes" and at + 1 < len(path) and path[at + 1].isdecimal()
    return begins or (path[at].isdecimal() and at > 0 and path[at - 1] == "changes")


def _said(one: Any, path: Path, kind: Any) -> tuple[str, str]:
    """The message and the hint for one of pydantic's errors."""
    type_, ctx = one["type"], one.get("ctx") or {}
    if type_ == "missing":
        return "is missing", ""
    if type_ == "extra_forbidden":
        return "no such key", nearest(path[-1], fields(_kind_at(kind, path[:-1])) or ()) if path else ""
    if type_ == "is_instance_of" and path[:1] == ("special_days",):
        return "recorded calls stand at the call type, with their own times", ""
    if type_ in _MUST_BE:
        return f"must be {_MUST_BE[type_]}", ""
    if type_ == "literal_error":
        return "must be " + re.sub(r"'([^']*)'", r'"\1"', str(ctx["expected"])), _near_literal(one, ctx)
    if type_ == "distribution":
        return str(one["msg"]), _near_law(one["input"])
    if type_ == "too_short":
        return (
            "must not be empty" if ctx["min_length"] == 1 else f"must have at least {ctx['min_length']} entries"
        ), ""
    if type_ == "string_too_short":
        return "must not be empty", ""
    if type_ == "greater_than_equal":
        return f"must be at least {ctx['ge']}", ""
    if type_ == "less_than_equal":
        return f"must be at most {ctx['le']}", ""
    text = str(one["msg"]).replace("Input should be", "must be").replace("Value error, ", "")
    message, _, guess = text.partition("; did you mean ")
    return message, f"did you mean {guess}" if guess else ""


def _near_literal(one: Any, ctx: Any) -> str:
    words = re.findall(r"'([^']*)'", str(ctx["expected"]))
    hint = nearest(str(one["input"]), words)
    return hint if hint.startswith("did") else ""


def _near_law(given: Any) -> str:
    words = list(given) if isinstance(given, Mapping) else [given] if isinstance(given, str) else []
    hint = nearest(str(words[0]), LAWS) if len(words) == 1 else ""
    return hint if hint.startswith("did") else ""


def _kind_at(kind: Any, path: Path) -> Any:
    for part in path:
        inner = entry_kind(kind)
        try:
            kind = inner if inner is not None else child(kind, part)
        except KeyError:
            return Any
    return kind


def show(value: Any) -> str:
    """A value as TOML writes it, shortened: ``"4x"``, ``-3``, ``[1, 2, ...]``."""
    text = _toml(value)
    return text if len(text) <= _SHORT else text[: _SHORT - 4] + " ..."


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(part) for part in value) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(part)}" for key, part in value.items()) + " }"
    return "nothing" if value is None else str(value)
