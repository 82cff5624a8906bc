"""What a command writes to stdout: text that every console can show, and JSON."""

from __future__ import annotations

import codecs
import json
import math
import sys
from typing import Any

WIDTH = 100  # columns of every table, whatever the console's width: output can be compared
_PLAIN = {
    "\u00b1": "+-",  # plus-minus
    "\u2013": "-",  # dashes and minus
    "\u2014": "-",
    "\u2212": "-",
    "\u00d7": "x",
    "\u2026": "...",
    "\u2265": ">=",
    "\u2264": "<=",
    "\u00a0": " ",
}


def plain_console() -> None:
    """Let stdout and stderr write plain characters for those their encoding lacks, instead of failing."""
    codecs.register_error("callsim-plain", _plainly)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="callsim-plain")


class ReaderGone(Exception):  # noqa: N818 - nothing is wrong
    """Whoever read stdout (`head`, a pager) has left."""


def echo(text: str = "") -> None:
    """One line, or several, on stdout; raises ReaderGone when nobody reads it any more."""
    # print and not typer.echo, which writes UTF-8 to a console that said ASCII and ends the program on a closed pipe
    try:
        print("\n".join(line.rstrip() for line in text.split("\n")))
    except BrokenPipeError:
        raise ReaderGone from None


def note(text: str) -> None:
    """A line beside the result, on stderr."""
    print(text, file=sys.stderr)


def print_json(value: Any) -> None:
    """A JSON document on stdout; NaN and infinity become null, for no parser agrees on them."""
    echo(as_json(value))


def as_json(value: Any) -> str:
    """The document as text, indented by two."""
    return json.dumps(_finite(value), indent=2, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    if hasattr(value, "item") and not isinstance(value, str):  # a numpy scalar
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_PLAIN.get(letter, "?") for letter in error.object[error.start : error.end]), error.end
