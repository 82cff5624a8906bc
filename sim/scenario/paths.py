"""Paths: how a value of a scenario is named (``groups.hotline.agents``), and what the format allows at each step."""

from __future__ import annotations

import difflib
import re
import types
from collections.abc import Iterable
from typing import Annotated, Any, Union, get_args, get_origin

from sim.scenario.distributions import Law
from sim.scenario.range import Range
from sim.scenario.record import Record
from sim.scenario.series import CHANGE_KEYS, Series

Path = tuple[str, ...]
FILE_KEYS = frozenset({"file", "column", "sheet"})  # a list read from a table beside the scenario file
_PART = re.compile(r'"((?:[^"\\]|\\.)*)"|\'([^\']*)\'|([^."\']+)')


def split(text: str) -> Path:
    """The parts of ``groups."night shift".agents``; quotes are needed only around names with dots or quotes.

    Raises ValueError when the text is no path.
    """
    parts, at = [], 0
    while True:
        match = _PART.match(text, at)
        if match is None:
            raise ValueError(f"{text!r} is no path such as groups.hotline.agents")
        quoted, single, bare = match.groups()
        parts.append(
            re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else single if bare is None else bare.strip()
        )
        at = match.end()
        if at == len(text):
            return tuple(parts)
        if text[at] != ".":
            raise ValueError(f"{text!r} is no path such as groups.hotline.agents")
        at += 1


def join(parts: Iterable[str]) -> str:
    """The path as ``--set`` writes it."""
    return ".".join(_quote(part) for part in parts)


def _quote(part: str) -> str:
    if part and not re.search(r"""[."'\\]""", part):
        return part
    return '"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"'


def nearest(word: str, known: Iterable[str]) -> str:
    """``did you mean "faults"?``, or the known words when none is near; empty when nothing is known."""
    words = sorted({str(one) for one in known})
    folded = {one.casefold(): one for one in words}
    close = difflib.get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    if close:
        return f'did you mean "{folded[close[0]]}"?'
    return "known here: " + ", ".join(words) if words else ""


def is_series(path: Path) -> bool:
    """Whether a number per interval stands at this path, so that changes of it are kept and not computed at once."""
    if path[:2] == ("ivr", "talk_under"):
        path = ("ivr", *path[2:])
    match path:
        case ("call_types", _, "arrivals") | ("groups", _, "agents") | ("special_days", _, "arrivals" | "agents", _):
            return True
        case ("ivr", "containment" | "hang_up", _) | ("call_types", _, "next", _, "chance"):
            return True
        case ("call_types", _, "callback", "reached") | ("call_types", _, "talk_factor"):
            return True
        case ("ivr", "menu", _, "hang_up" | "agent") | ("ivr", "menu", _, "containment", _):
            return True
        case ("ivr", "deflections", _, "again", "chance"):
            return True
    return False


def members(kind: Any) -> list[Any]:
    """The types a field accepts, with unions and annotations taken apart."""
    if get_origin(kind) is Annotated:
        return members(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        return [one for part in get_args(kind) for one in members(part)]
    return [kind]


def entry_kind(kind: Any) -> Any | None:
    """The type of the entries when the field holds a list; None otherwise."""
    for one in members(kind):
        if get_origin(one) is tuple:
            return get_args(one)[0]
    return None


def fields(kind: Any) -> dict[str, Any] | None:
    """Key -> type for a field that holds a table; None when any key is allowed or it holds no table."""
    found: dict[str, Any] = {}
    for one in members(kind):
        if get_origin(one) is dict:
            return None
        if not (isinstance(one, type) and issubclass(one, Record)) or one is Range:
            continue
        if issubclass(one, Law) and one is not kind:
            found[one.word] = one
        else:
            found |= {field.alias or name: field.annotation for name, field in one.model_fields.items()}
            if "per_interval" in one.model_fields:
                found |= {key: Any for key in CHANGE_KEYS | FILE_KEYS}
    return found


def child(kind: Any, key: str) -> Any:
    """The type under a key; Any where the format does not say more. Raises KeyError for a key the format lacks."""
    if kind is Any:
        return Any
    for one in members(kind):
        if get_origin(one) is dict:
            return get_args(one)[1]
        if isinstance(one, type) and issubclass(one, Series) and key in CHANGE_KEYS:
            return Any
    known = fields(kind) or {}
    if key in known:
        return known[key]
    if not known and key in {"low", "likely", "high"} | CHANGE_KEYS | FILE_KEYS:
        return Any
    raise KeyError(key)
