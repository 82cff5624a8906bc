"""JSON records: objects of a file of any length one after the other: one a line, end to end, or in a list."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, TextIO

from sim.files.importers.sheets import Progress
from sim.files.reading import OpenText, wrong

_PIECE = 1 << 20  # characters read at once
_BETWEEN = re.compile(r"[\s,\[\]]*")


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
            text, grown = _longer(text, opened.text)
            if grown:  # the object goes on beyond what was read
                continue
            if error.pos >= len(text.rstrip()):
                raise wrong(f"{name}:{line}", "is not JSON: what begins here does not end") from None
            raise wrong(f"{name}:{line + text.count(chr(10), at, error.pos)}", f"is not JSON: {error.msg}") from None
        if not isinstance(found, dict):
            raise wrong(f"{name}:{line}", "must be a JSON object { ... }")
        yield line, found
        line += text.count("\n", at, end)
        at = end


def _longer(text: str, source: TextIO) -> tuple[str, bool]:
    more = source.read(_PIECE)
    return text + more, bool(more)
