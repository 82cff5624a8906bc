"""Values set by path, as ``--set groups.hotline.agents.plus=2`` and study files do."""

from __future__ import annotations

from typing import Any

from sim.scenario.changes import Table, is_change, keeping_talk, series_table
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.paths import Path, child, entry_kind, fields, is_series, join, nearest, split
from sim.scenario.scenario import Scenario
from sim.scenario.series import CHANGE_KEYS
from sim.scenario.units import parse_clock

_WINDOW = ("from", "to", "overtime")


def set_paths(table: Table, changes: dict[str, Any]) -> Table:
    """The table with values set by path; the table is not modified.

    Entries of arrays are named by their name, or numbered from 0 where they have none; ``*`` names every entry. A
    path that ends in times or plus (with from, to beside it) changes what is there. Raises ScenarioError for every
    path that the scenario does not have, with the nearest spelling.
    """
    from sim.scenario.merge import overlay  # merge offers this function, too

    problems: list[Problem] = []
    writes: list[tuple[Path, Any]] = []
    for text, value in changes.items():
        try:
            parts = split(text)
        except ValueError as error:
            problems.append(Problem(text, str(error)))
            continue
        writes += [(path, value) for path in _expand(table, Scenario, parts, (), problems)]
    if problems:
        raise ScenarioError(problems)
    result = table
    for path, value in _grouped(writes):
        try:
            before = _without_change(result, path, value) if path[0] == "special_days" and is_change(value) else result
            result = overlay(before, _nested(result, path, value))
        except ScenarioError as error:
            problems.extend(error.problems)
    if problems:
        raise ScenarioError(problems)
    return keeping_talk(table, result)


def _expand(here: Any, kind: Any, parts: Path, done: Path, problems: list[Problem]) -> list[Path]:
    """The paths that `parts` names, ``*`` filled in; adds a problem where there is nothing of that name."""
    if not parts:
        return [done]
    part, rest = parts[0], parts[1:]
    if is_series(done) and here is not None:
        here = series_table(here)[0]  # agents = [...] has a per_interval, too
    if isinstance(here, list | tuple) and not (part in CHANGE_KEYS and not rest):
        known = [entry.get("name", str(i)) if isinstance(entry, dict) else str(i) for i, entry in enumerate(here)]
        inner = entry_kind(kind) or Any
        if part != "*" and part not in known:
            problems.append(Problem(join((*done, part)), "no such entry", hint=nearest(part, known)))
            return []
        return [
            path
            for i, name in enumerate(known)
            if part in ("*", name)
            for path in _expand(here[i], inner, rest, (*done, name), problems)
        ]
    if part == "*":
        keys = list(here) if isinstance(here, dict) else []
        if not keys:
            problems.append(Problem(join((*done, part)), "there is nothing here"))
        return [path for key in keys for path in _expand(here, kind, (key, *rest), done, problems)]
    if entry_kind(kind) is not None and not isinstance(here, dict) and part not in CHANGE_KEYS:
        problems.append(Problem(join((*done, part)), "no such entry", hint="there are none"))
        return []
    try:
        inner = child(kind, part)
    except KeyError:
        if part not in (*CHANGE_KEYS, "drop"):
            hint = nearest(part, fields(kind) or ())
            problems.append(Problem(join((*done, part)), "no such value in a scenario", hint=hint))
            return []
        inner = Any
    return _expand(here.get(part) if isinstance(here, dict) else None, inner, rest, (*done, part), problems)


def _grouped(writes: list[tuple[Path, Any]]) -> list[tuple[Path, Any]]:
    """The writes, with times, plus, from, to and overtime of one value brought together as changes of it."""
    grouped: dict[Path, Any] = {}
    for path, value in writes:
        if path[-1] in CHANGE_KEYS and len(path) > 1:
            grouped.setdefault((*path[:-1], "*"), {})[path[-1]] = value
        else:
            grouped[path] = value
    result: list[tuple[Path, Any]] = []
    for path, value in grouped.items():
        if path[-1] != "*":
            result.append((path, value))
            continue
        window = {key: value[key] for key in _WINDOW if key in value}
        both = [{key: value[key]} | window for key in value if key in ("times", "plus")]
        result += [(path[:-1], change) for change in both or [window]]
    return result


def _without_change(here: Any, path: Path, change: Table) -> Any:
    """The table without a change of the same kind and window at that path: what a special day says is set, not added to."""
    if not path:
        rest, beside = series_table(here)
        mine = [one for one in (*rest.get("changes", ()), *beside) if not _same_kind(one, change)]
        return {key: part for key, part in rest.items() if key != "changes"} | ({"changes": mine} if mine else {})
    part, rest_of_path = path[0], path[1:]
    if isinstance(here, list | tuple):
        return [_without_change(one, rest_of_path, change) if one.get("name") == part else one for one in here]
    if not isinstance(here, dict) or here.get(part) is None:
        return here
    return here | {part: _without_change(here[part], rest_of_path, change)}


def _same_kind(one: Table, change: Table) -> bool:
    window = ("from", "to")
    return ("times" in one) == ("times" in change) and all(_when(one.get(key)) == _when(change.get(key)) for key in window)


def _when(clock: Any) -> Any:
    return parse_clock(clock) if isinstance(clock, str) else clock


def _nested(here: Any, path: Path, value: Any) -> Any:
    """The overlay table that sets one path."""
    if not path:
        return value
    part, rest = path[0], path[1:]
    if isinstance(here, list | tuple):
        if all(isinstance(entry, dict) and "name" in entry for entry in here):
            entry = next(entry for entry in here if entry["name"] == part)
            inner = _nested(entry, rest, value)
            return [{"name": part} | inner] if isinstance(inner, dict) else inner
        from sim.scenario.merge import overlay

        at = int(part)
        changed = overlay({"x": here[at]}, {"x": _nested(here[at], rest, value)})["x"]
        return [*here[:at], changed, *here[at + 1 :]]
    return {part: _nested(here.get(part) if isinstance(here, dict) else None, rest, value)}
