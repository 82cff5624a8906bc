"""Merging plain tables: a base, the policies laid over it, values set by path; and a Scenario built from the result."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from sim.scenario.changes import (
    RANGE_KEYS,
    SOURCES,
    Table,
    change_series,
    change_value,
    is_change,
    is_range,
    keeping_talk,
    order_cannot_matter,
    series_table,
)
from sim.scenario.demand import Shape
from sim.scenario.distributions import LAWS
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.paths import Path, is_series, join, nearest, split
from sim.scenario.problems import problems_in
from sim.scenario.repair import repaired
from sim.scenario.scenario import Scenario
from sim.scenario.settings import set_paths as set_paths

NAMED = {
    "call_types": "call type", "groups": "group", "surges": "surge", "factors": "factor",
    "menu": "menu", "deflections": "deflection", "restarts": "restart", "transfers": "transfer", "tickets": "ticket",
    "offers": "offer", "script": "script step", "systems": "system",
    "special_days": "special day", "shifts": "shift", "activities": "activity", "teams": "team", "agents": "agent",
    "overtime": "overtime",
}  # fmt: skip

_WINDOWS = ("outbound",)  # tables with a `from` and a `to` of their own
# what an entry must say that is new; one without is a change of an entry whose name is misspelt
_NEEDED = {"call_types": {"arrivals", "talk"}, "groups": {"skills"}, "surges": {"at", "shape"},
           "special_days": {"on"}, "systems": {"takes"}, "script": {"takes"}, "shifts": {"from", "to"}, "teams": {"group"},
           "overtime": {"from", "to", "agents"}}


def overlay(base: Table, change: Table) -> Table:
    """`change` laid over `base`; neither is modified.

    Tables merge. Arrays of tables with names merge by name: a new name adds, ``drop = true`` removes. Other arrays
    replace. A table of times, plus, from, to changes what is there. Raises ScenarioError with all problems.
    """
    problems: list[Problem] = []
    merged = _tables(base, change, (), problems)
    if problems:
        raise ScenarioError(problems)
    return merged


def _tables(base: Table, change: Table, path: Path, problems: list[Problem]) -> Table:
    merged = dict(base)
    for key, value in change.items():
        here = (*path, key)
        try:
            merged[key] = _value(base.get(key), value, here, problems)
        except ScenarioError as error:
            problems.extend(error.problems)
    return merged


def _value(base: Any, value: Any, path: Path, problems: list[Problem]) -> Any:
    if is_series(path):
        return _plainest(base, value, path)
    if is_change(value) and path[-1] not in _WINDOWS:
        return change_value(base, value, path)
    if _named(value) and (base is None or _named(base) or len(base) == 0):
        return _entries(base or (), value, path, problems)
    if base is None and path[-1] in NAMED and isinstance(value, list | tuple):  # some have no name, which is said elsewhere
        return [_tables({}, one, (*path, str(i)), problems) if isinstance(one, dict) else one for i, one in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if not isinstance(base, dict) or _instead(base, value):
        base = {}
    return _tables(base, value, path, problems)


def _plainest(base: Any, value: Any, path: Path) -> Any:
    """A series; left as written where nothing is laid over it and no change stands beside it."""
    if base is None and not series_table(value)[1]:
        return value
    return change_series(base, value, path)


def _named(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) > 0
        and all(isinstance(entry, dict) and isinstance(entry.get("name"), str) for entry in value)
    )


def _instead(base: Table, value: Table) -> bool:
    """Whether a table takes the place of another and does not merge: another law, another shape, another range."""
    if is_range(value) or (is_range(base) and not value.keys() <= RANGE_KEYS):
        return True
    for words in (LAWS.keys(), Shape.model_fields.keys()):
        if base.keys() <= words and value.keys() <= words and base.keys() != value.keys():
            return True
    return False


def _entries(base: Any, change: Any, path: Path, problems: list[Problem]) -> list[Table]:
    entries = {entry["name"]: entry for entry in base}
    if len(entries) < len(base):
        return [*base, *change]  # two of one name in the original; the check says so
    word = NAMED.get(path[-1], "entry")
    seen: set[str] = set()
    for entry in change:
        name = entry["name"]
        here = (*path, name)
        unknown = f"no {word} of this name"
        if name in seen:
            problems.append(Problem(join(here), f"two {word}s of one name"))
        elif "drop" in entry:
            if name not in entries:
                problems.append(Problem(join(here), unknown + " to drop", hint=nearest(name, entries)))
            elif entry["drop"] is not True or len(entry) > 2:
                problems.append(Problem(join(here), "drop = true stands alone beside the name"))
            else:
                del entries[name]
        elif name not in entries:
            inner: list[Problem] = []
            entries[name] = _tables({}, entry, here, inner)
            needed = _NEEDED.get(path[-1])
            if base and (inner or (needed is not None and not needed & entry.keys())):
                inner = [Problem(join(here), unknown, hint=nearest(name, entries.keys() - {name}))]
            problems.extend(inner)
        else:
            entries[name] = _tables(entries[name], entry, here, problems)
        seen.add(name)
    return list(entries.values())


def compose(base: Table, policies: list[tuple[str, Table]]) -> Table:
    """Policies, as (name, table), laid over a base in order.

    Raises ScenarioError when two of them set one value, or change one value in a way where the order matters.
    """
    problems: list[Problem] = []
    written: list[tuple[str, Path, list[Table] | None]] = []
    merged = base
    for name, table in policies:
        mine = [(name, path, changes) for path, changes in _writes(base, table, ())]
        for _, path, changes in mine:
            for other, there, theirs in written:
                if not _same(path, there):
                    continue
                if (
                    changes is not None
                    and theirs is not None
                    and path == there
                    and order_cannot_matter(theirs, changes)
                ):
                    continue
                verb = "set" if changes is None or theirs is None else "change"
                shown = path if len(path) >= len(there) else there
                problem = Problem(join(shown), f'policies "{other}" and "{name}" both {verb} this value')
                if problem not in problems:
                    problems.append(problem)
        written += mine
        try:
            merged = overlay(merged, table)
        except ScenarioError as error:
            problems.extend(error.problems)
    if problems:
        raise ScenarioError(problems)
    return keeping_talk(base, merged)


def _same(a: Path, b: Path) -> bool:
    shorter = min(len(a), len(b))
    return a[:shorter] == b[:shorter]


def _writes(base: Any, value: Any, path: Path) -> list[tuple[Path, list[Table] | None]]:
    """What a policy touches: (path, changes), with None for changes where it sets the value outright."""
    if is_series(path):
        rest, changes = series_table(value)
        numbers = (*path, "per_interval")  # whatever the source is called, it is one value
        found: list[tuple[Path, list[Table] | None]] = [
            (numbers if key in (*SOURCES, "profile", "changes") else (*path, key), None) for key in rest
        ]
        return [*found, (numbers, changes)] if changes else found
    if is_change(value) and path[-1] not in _WINDOWS:
        return [(path, [value])]
    if _named(value):
        there = {entry["name"]: entry for entry in base} if _named(base) else {}
        return [
            write
            for entry in value
            for write in (
                [((*path, entry["name"]), None)]
                if "drop" in entry
                else _writes(
                    there.get(entry["name"]),
                    {key: part for key, part in entry.items() if key != "name"},
                    (*path, entry["name"]),
                )
            )
        ]
    if not isinstance(value, dict) or not value or (isinstance(base, dict) and _instead(base, value)):
        return [(path, None)] if path else []
    inner = base if isinstance(base, dict) else {}
    return [write for key, part in value.items() for write in _writes(inner.get(key), part, (*path, key))]


def build(table: Table) -> Scenario:
    """A Scenario from a plain table; raises ScenarioError with everything that is wrong with it."""
    problems: list[Problem] = []
    plain = _tables({}, table, (), problems)  # changes that stand beside their numbers are put in order
    try:
        scenario = Scenario.model_validate(plain)
    except ValidationError as error:
        said = {problem.path for problem in problems}
        problems += [problem for problem in problems_in(error, plain) if problem.path not in said]
        problems += _of_the_rest(plain, [split(problem.path) for problem in problems if problem.path])
    except ScenarioError as error:
        problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return scenario


def _of_the_rest(table: Table, wrong: list[Path]) -> list[Problem]:
    """What does not fit together in the parts that are right."""
    found = repaired(table, wrong)
    if found is None:
        return []
    rest, replaced = found
    try:
        Scenario.model_validate(rest)
    except ScenarioError as error:
        return [p for p in error.problems if not any(split(p.path)[: len(one)] == one for one in replaced)]
    except (ValidationError, TypeError, AttributeError):
        pass  # something wrong stood behind what was wrong; it is said once that is mended
    return []
