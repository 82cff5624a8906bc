"""Locate: the line of a TOML file where the value at a path is set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from sim.scenario.paths import Path

Place = TypeVar("Place")
_BARE = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)"""
_KEY = re.compile(rf"\s*({_BARE}(?:\s*\.\s*{_BARE})*)\s*=")
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_BARE}(?:\s*\.\s*{_BARE})*)\s*\]")
_ONE = re.compile(_BARE)
_NAME = re.compile(r"""\s*name\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)')""")
_INLINE_NAME = re.compile(r"""\{[^{}]*?\bname\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)')""")
# what may hide a bracket: strings of all four kinds, comments
_HIDING = re.compile(r'"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*', re.DOTALL)


def lines_of(text: str) -> dict[Path, int]:
    """Line numbers, from 1, of the tables, entries and keys in a TOML text; entries of arrays are named by their name.

    Keys inside inline tables are not listed: they stand where their nearest listed ancestor does.
    """
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    names: dict[Path, str] = {}
    table: Path = ()
    depth = 0
    bare = _HIDING.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text).split("\n")
    for number, (line, plain) in enumerate(zip(text.split("\n"), bare, strict=True), 1):
        if (depth == 0 and plain.strip()) or (depth == 0 and _KEY.match(line)):
            header, key = _HEADER.match(line), _KEY.match(line)
            if header:
                table = _numbered(_parts(header.group(2)), counts, opens=header.group(1) == "[[")
                found.setdefault(table, number)
                continue
            if key and not line.lstrip().startswith("#"):
                parts = _parts(key.group(1))
                for end in range(1, len(parts) + 1):
                    found.setdefault((*table, *parts[:end]), number)
                if name := _NAME.match(line):
                    names[table] = _unquoted(name)
                _inline_entries(line, (*table, *parts), number, found, names)
        depth = max(0, depth + sum(plain.count(one) for one in "[{") - sum(plain.count(one) for one in "]}"))
    return {_named(path, names): number for path, number in found.items()}


def _parts(text: str) -> Path:
    return tuple(part[1:-1] if part[0] in "\"'" else part for part in _ONE.findall(text))


def _unquoted(match: re.Match[str]) -> str:
    return match.group(1) if match.group(1) is not None else match.group(2)


def _inline_entries(line: str, path: Path, number: int, found: dict[Path, int], names: dict[Path, str]) -> None:
    for at, match in enumerate(_INLINE_NAME.finditer(line)):
        if re.match(r"\s*\[", line[line.index("=") + 1 :]):
            found[(*path, str(at))] = number
            names[(*path, str(at))] = _unquoted(match)


def _numbered(parts: Path, counts: dict[Path, int], *, opens: bool) -> Path:
    """The path of a header with the number of the present entry after each array."""
    path: Path = ()
    for at, part in enumerate(parts):
        path = (*path, part)
        if opens and at == len(parts) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, str(counts[path]))
    return path


def _named(path: Path, names: dict[Path, str]) -> Path:
    return tuple(names.get(path[: at + 1], part) for at, part in enumerate(path))


def nearest_line(lines: Mapping[Path, Place], path: Path) -> tuple[int, Place] | None:
    """(how many parts of the path are found, the line or cell of the last of them); None when not even the first is."""
    for end in range(len(path), 0, -1):
        if path[:end] in lines:
            return end, lines[path[:end]]
    return None
