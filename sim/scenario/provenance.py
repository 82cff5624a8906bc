"""Provenance: which status every input of a scenario has: measured, given or assumed; each exactly one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.scenario.paths import Path, join, split
from sim.scenario.scenario import Scenario, Source

_NO_INPUTS = ("name", "description", "sources", "targets", "parameters")
AS_GIVEN = Source(status="given", note="as the file gives it; nobody said more")


def status_of(scenario: Scenario) -> dict[str, Source]:
    """Path -> source of every input that the scenario has a value for.

    A source covers all that lies below its path, the longest path first, a name before ``*``. What no source covers is
    given: it stands in the file.
    """
    said = {split(path): source for path, source in scenario.sources.items()}
    return {join(path): _covering(path, said) or AS_GIVEN for path in _inputs(scenario)}


def unsaid(scenario: Scenario) -> list[str]:
    """The inputs that no source covers, each as the shortest path below which none is covered."""
    said = {split(path): source for path, source in scenario.sources.items()}
    inputs = list(_inputs(scenario))
    covered = [path for path in inputs if _covering(path, said) is not None]
    found: dict[str, None] = {}
    for path in inputs:
        if path in covered:
            continue
        length = next(n for n in range(1, len(path) + 1) if not any(one[:n] == path[:n] for one in covered))
        found[join(path[:length])] = None
    return list(found)


def _covering(path: Path, said: dict[Path, Source]) -> Source | None:
    over = [one for one in said if len(one) <= len(path) and all(a in (b, "*") for a, b in zip(one, path, strict=False))]
    return said[max(over, key=lambda one: (len(one), -one.count("*")))] if over else None


def _inputs(scenario: Scenario) -> Iterator[Path]:
    for key, value in scenario.table().items():
        if key not in _NO_INPUTS:
            yield from _leaves(value, (key,))


def _leaves(node: Any, path: Path) -> Iterator[Path]:
    if isinstance(node, dict) and node:
        for key, part in node.items():
            if key != "name":
                yield from _leaves(part, (*path, str(key)))
    elif isinstance(node, list | tuple) and node and all(isinstance(part, dict) for part in node):
        for at, part in enumerate(node):
            yield from _leaves(part, (*path, str(part.get("name", at))))
    else:
        yield path
