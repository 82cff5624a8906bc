"""JSON records: objects of a file of any length one after the other: one a line, end to end, or in a list."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from sim.files.importers.sheets import Progress
from sim.files.reading import OpenText, wrong

_PIECE = 1 << 20  # characters read at once
_BETWEEN = re.compile(r"[\s,\[\]]*")
_NEAR = 16  # characters before the end of what was read, from which on an error may be of an object that goes on
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def clean(text: str) -> str:
    """Text without what JSON can say and no text file can hold: control characters and halves of letters."""
    return _UNWRITABLE.sub("\ufffd", text)


def json_records(name: str, opened: OpenText, progress: Progress | None = None) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line, object) for each object at the top of the file, or in the list that it is.

    Raises ScenarioError naming the line where something is no JSON object.
    """
    decoder = json.JSONDecoder()
    text, at, line = "", 0, 1
    while True:
        if len(text) - at < _PIECE // 2:
            text, at = text[at:] + opened.text.read(_PIECE), 0
            if progress is not None:
                progress(opened.position(), opened.size)
        begin = _BETWEEN.match(text, at).end()  # type: ignore[union-attr] # it matches nothing as well
        line += text.count("\n", at, begin)
        at = begin
        if at == len(text):
            if not (more := opened.text.read(_PIECE)):
                return
            text, at = more, 0
            continue
        try:
            found, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            cut = error.msg.startswith("Unterminated string") or error.pos >= len(text.rstrip()) - _NEAR
            # twice as much each time, so that one long object is not begun anew for every piece
            if cut and (more := opened.text.read(max(_PIECE, len(text) - at))):
                text, at = text[at:] + more, 0
                continue
            if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
                raise wrong(f"{name}:{line}", "is not JSON: what begins here does not end") from None
            raise wrong(f"{name}:{line + text.count(chr(10), at, error.pos)}", f"is not JSON: {error.msg}") from None
        except (RecursionError, ValueError) as error:
            why = "objects lie too deep in one another" if isinstance(error, RecursionError) else "a number has too many digits"
            raise wrong(f"{name}:{line}", f"cannot be used: {why}") from None
        if not isinstance(found, dict):
            raise wrong(f"{name}:{line}", "must be a JSON object { ... }")
        yield line, found
        line += text.count("\n", at, end)
        at = end
