"""Parameters file: the sets that calibration leaves beside a story, written and read."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

from sim.files.documents import shown
from sim.files.reading import read_bytes, wrong
from sim.scenario.parameters import Measured, Parameters

SCHEMA = "callsim/parameters/1"
_AGAIN = "callsim calibrate writes it anew"


def parameters_text(measured: Measured) -> bytes:
    """The file's content: JSON, compressed; the same sets give the same bytes. Values that several inputs share stand once."""
    columns: dict[str, int] = {}
    places = []
    for place in range(len(measured.parameters.paths)):
        told = json.dumps([values[place] for _, values in sorted(measured.parameters.sets.items())], separators=(",", ":"))
        places.append(columns.setdefault(told, len(columns)))
    head = {
        "schema": SCHEMA, "of": measured.of, "hash": measured.hash, "sets": measured.parameters.number,
        "days": measured.parameters.days,
        "measured": dict(measured.point), "paths": dict(zip(measured.parameters.paths, places, strict=True)),
    }  # fmt: skip
    text = json.dumps(head)[:-1] + ', "values": [\n' + ",\n".join(columns) + "\n]}\n"
    return gzip.compress(text.encode(), mtime=0)


def read_parameters(path: Path) -> Measured:
    """The sets in a file; raises ScenarioError for one that is missing, damaged, or of another kind."""
    place = shown(path)
    content = read_bytes(path)
    try:
        table = json.loads(gzip.decompress(content))
    except (OSError, EOFError, zlib.error, ValueError):
        raise wrong(place, "is damaged, or no file of parameters", hint=_AGAIN) from None
    if not isinstance(table, dict) or table.get("schema") != SCHEMA:
        found = table.get("schema") if isinstance(table, dict) else None
        raise wrong(place, f"is no file of parameters that this callsim reads ({SCHEMA})", found=str(found), hint=_AGAIN)
    try:
        return _measured(table)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        raise wrong(place, "is not whole", hint=_AGAIN) from None


def _measured(table: dict[str, Any]) -> Measured:
    number, paths, values = int(table["sets"]), dict(table["paths"]), table["values"]
    columns = [values[column] for column in paths.values()]
    if number < 1 or any(len(column) != number for column in columns):
        raise ValueError(number)
    sets = {at: tuple(column[at] for column in columns) for at in range(number)}
    days = table.get("days")  # files of the first form do not say it
    if days is not None and (not isinstance(days, int) or days < 2):
        raise ValueError(days)
    found = Measured(str(table["of"]), dict(table["measured"]), Parameters(tuple(paths), number, sets, days))
    if found.hash != table["hash"] or set(found.point) != set(paths):
        raise ValueError(table["hash"])
    return found
