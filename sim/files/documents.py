"""Documents: TOML files as plain tables, with what they extend, and the line of everything in them."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from sim.files.locate import lines_of, nearest_line
from sim.files.reading import read_bytes, wrong
from sim.files.tables import is_table
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.merge import overlay
from sim.scenario.paths import Path as Parts
from sim.scenario.paths import is_series, split

_AT = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
_LISTS = {"per_interval", "per_hour", "profile", "fixed", "values", "weights", "after", "share"}


@dataclass(frozen=True)
class Document:
    """One TOML file: `table` as written, with the names of other files made independent of where it stands."""

    path: Path
    text: str
    table: dict[str, Any]

    @cached_property
    def lines(self) -> dict[tuple[str, ...], int]:
        """Path -> line."""
        return lines_of(self.text)


def shown(path: Path) -> str:
    """A path as messages show it: relative to the working folder where it lies below it."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return str(path)
    return str(path) if relative.startswith("..") else relative


def read_document(path: Path, *, of_scenario: bool = True) -> Document:
    """A TOML file; raises ScenarioError with file, line, column and the line that is wrong.

    of_scenario : whether its `parameters` name a file, as a scenario's do; those of gate and study files are a word
    """
    place = shown(path)
    try:
        content = read_bytes(path)
    except ScenarioError as error:
        raise ScenarioError([replace(problem, place=place) for problem in error.problems]) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        if b"\x00" in content:
            raise wrong(place, "is not a text file in UTF-8") from None
        raise wrong(f"{place}:{line}", "is not UTF-8", hint="save the file as UTF-8") from None
    if "\x00" in text:
        raise wrong(place, "is not a text file in UTF-8")
    text = text.replace("\r\n", "\n")
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(str(error), text, place) from None
    except RecursionError:
        raise wrong(place, "is nested too deeply") from None
    rooted = _rooted(table, path.parent, ())
    if of_scenario and isinstance(rooted.get("parameters"), str):
        rooted["parameters"] = str(path.parent / rooted["parameters"])
    return Document(path, text, rooted)


def _not_toml(message: str, text: str, place: str) -> ScenarioError:
    lines = text.split("\n")
    match = _AT.search(message)
    said = _AT.sub("", message)
    if match is None or match.group(1) is None:
        return wrong(f"{place}:{len(lines)}", f"is not TOML: {said} at the end of the file")
    line, column = int(match.group(1)), int(match.group(2))
    found = lines[line - 1].strip() if line <= len(lines) else ""
    return wrong(f"{place}:{line}:{column}", f"is not TOML: {said}", found=found[:80])


def takes_file(path: tuple[str, ...]) -> bool:
    """Whether a list at this path may be read from a table: ``{ file = "plan.csv", column = "calls" }``."""
    return is_series(path) or (len(path) > 1 and path[-1] in _LISTS and path[0] != "sources")


def _rooted(value: Any, folder: Path, path: tuple[str, ...]) -> Any:
    if isinstance(value, list):
        parts = enumerate(value)
        return [
            _rooted(part, folder, (*path, str(part.get("name", at)) if isinstance(part, dict) else str(at)))
            for at, part in parts
        ]
    if path == ("roster",):
        return _rooted_roster(value, folder)
    if not isinstance(value, dict):
        return value
    table = {key: _rooted(part, folder, (*path, key)) for key, part in value.items()}
    if takes_file(path) and isinstance(table.get("file"), str):
        table["file"] = str(folder / table["file"])
    if is_series(path) and path[-1] == "arrivals" and isinstance(table.get("replay"), str):
        table["replay"] = str(folder / table["replay"])
    return table


def _rooted_roster(value: Any, folder: Path) -> Any:
    """A roster's file, and the files beside it; a name that is not one of a table is that of a sheet."""
    if isinstance(value, str):
        return str(folder / value)
    if not isinstance(value, dict):
        return value
    files = {
        key: str(folder / name)
        for key, name in value.items()
        if isinstance(name, str) and name and (key == "file" or (key != "sheet" and is_table(name)))
    }
    return value | files


def chain_of(path: Path) -> list[Document]:
    """A scenario file and the files that it extends, the first extended one first.

    Raises ScenarioError, also for files that extend each other, naming the cycle.
    """
    chain: list[Document] = []
    seen: list[Path] = []
    here: Path | None = path
    while here is not None:
        resolved = here.resolve()
        if resolved in seen:
            cycle = [*seen[seen.index(resolved) :], resolved]
            names = " -> ".join(shown(one) for one in cycle)
            line = chain[0].lines.get(("extends",), 1)
            raise ScenarioError(
                [Problem("extends", f"files extend each other: {names}", place=f"{shown(chain[0].path)}:{line}")]
            )
        seen.append(resolved)
        document = read_document(here)
        chain.insert(0, document)
        here = _extended(document)
    return chain


def laid_over(table: dict[str, Any], documents: list[Document], chain: list[Document]) -> dict[str, Any]:
    """The table with files of a chain laid over it in order; raises ScenarioError with places in the files of the chain."""
    for document in documents:
        own = {key: value for key, value in document.table.items() if key != "extends"}
        try:
            table = overlay(table, own) if table else own
        except ScenarioError as error:
            raise placed(error, chain) from None
    return table


def _extended(document: Document) -> Path | None:
    target = document.table.get("extends")
    if target is None:
        return None
    line = document.lines.get(("extends",), 1)
    place = f"{shown(document.path)}:{line}"
    if not isinstance(target, str):
        raise ScenarioError([Problem("extends", "must be the name of one scenario file", place=place)])
    path = document.path.parent / target
    path = path / "scenario.toml" if path.is_dir() else path
    if not path.is_file():
        raise ScenarioError([Problem("extends", f"no such file: {shown(path)}", place=place)])
    return path


def placed(error: ScenarioError, documents: list[Document]) -> ScenarioError:
    """The error with file and line of every problem: those of the last file that says most about its path."""
    return ScenarioError([place(problem, documents) for problem in error.problems])


def place(problem: Problem, documents: list[Document], cells: Mapping[Parts, str] | None = None) -> Problem:
    """The problem with the file and line that set its value, unless it has a place; `cells` are places in other files."""
    if problem.place or not documents:
        return problem
    path = split(problem.path) if problem.path else ()
    best, where = nearest_line(cells or {}, path) or (0, shown(documents[-1].path))
    for document in documents:
        near = nearest_line(document.lines, path)
        if near is not None and near[0] >= best:
            best, where = near[0], f"{shown(document.path)}:{near[1]}"
    if best == 0:
        where = shown(documents[0 if problem.severity == "error" else -1].path)
    return replace(problem, place=where)
