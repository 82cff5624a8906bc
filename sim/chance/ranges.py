"""resolve: uncertain inputs become numbers, once per replication and the same for every policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
from pydantic import ValidationError

from sim.chance.remember import remembered
from sim.chance.sets import estimated, of_set
from sim.scenario.callers import CallType
from sim.scenario.distributions import HyperExponential, Law, Mixture
from sim.scenario.errors import CallsimError, Problem, ScenarioError
from sim.scenario.paths import join
from sim.scenario.range import Range
from sim.scenario.record import Record
from sim.scenario.scenario import Scenario

Outline: TypeAlias = "dict[Any, tuple[str, Range] | Outline]"

_ROUND = 1e-12  # shares this near to a sum of 1 are left as they are


def resolve(scenario: Scenario, *, seed: int, replication: int = 0, middle: bool = False) -> Scenario:
    """The scenario with every range drawn (`middle`: at its median); the same object when it has none.

    Where it has sets of parameters, replication i has the values of set i modulo their number (`middle`: the estimates).
    A range's value hangs on seed, replication and its path only: every policy sees the same. Shares of labels and
    of mixtures that hold a range are scaled to sum to 1 afterwards. Raises ScenarioError when the drawn numbers do
    not hold together.
    """
    check_seed(seed, replication)
    if scenario.parameters is not None:
        measured = estimated(scenario)
        scenario = measured if middle else of_set(scenario, scenario.parameters.of(replication))
        if not open_ranges(measured):  # a set has numbers only
            open_ranges.know(scenario, {})
    if not open_ranges(scenario):
        return scenario
    if middle:
        return _at_median(scenario)
    return _resolved(scenario, _drawn(open_ranges(scenario), seed, replication))


def is_open(scenario: Scenario) -> bool:
    """Whether it has ranges, or sets of parameters, so that no two replications need have the same inputs."""
    return scenario.parameters is not None or bool(open_ranges(scenario))


@remembered
def _at_median(scenario: Scenario) -> Scenario:
    return _resolved(scenario, {path: given.quantile(0.5) for path, given in open_ranges(scenario).items()})


def _resolved(scenario: Scenario, drawn: dict[str, float]) -> Scenario:
    try:
        resolved: Scenario = _filled(scenario, _outline(scenario), drawn)
    except ValidationError as error:
        problems = [Problem(".".join(map(str, e["loc"])), e["msg"], found=repr(e["input"])) for e in error.errors()]
        raise ScenarioError(problems) from error
    open_ranges.know(resolved, {})
    return resolved


@remembered
def open_ranges(scenario: Scenario) -> dict[str, Range]:
    """Path -> range, for every number nobody has resolved yet; entries with a name are named, others counted."""
    return dict(_leaves(_outline(scenario)))


def drawn_inputs(scenario: Scenario, seed: int, replication: int) -> dict[str, float]:
    """Path -> value that `resolve` draws for a range (seconds for durations), before shares are scaled."""
    check_seed(seed, replication)
    return _drawn(open_ranges(scenario), seed, replication)


def check_resolved(scenario: Scenario, verb: str) -> None:
    """Raises CallsimError for a scenario that is open: what is to be done with it needs numbers."""
    unknown = list(open_ranges(scenario))
    if scenario.parameters is not None:
        unknown.append(f"{scenario.parameters.number} sets of parameters")
    if unknown:
        raise CallsimError(f"cannot {verb} with open ranges: call resolve first; open: {', '.join(unknown)}")


def check_seed(seed: int, replication: int) -> None:
    """Raises CallsimError unless the seed is from 0 to 2**63 - 1 and the replication from 0 to 2**32 - 1."""
    if not 0 <= seed < 1 << 63:
        raise CallsimError(f"seed must be from 0 to 2**63 - 1, found {seed}")
    if not 0 <= replication < 1 << 32:
        raise CallsimError(f"replication must be from 0 to 2**32 - 1, found {replication}")


def _drawn(ranges: dict[str, Range], seed: int, replication: int) -> dict[str, float]:
    from sim.chance.philox import INPUT, block, name_hash  # compiles: only when there is something to draw

    values = {}
    for path, given in ranges.items():
        key = np.uint64(name_hash(path))
        u, _, _, _ = block(np.uint64(seed), np.uint64(replication), key, INPUT, np.uint64(0))
        values[path] = given.quantile(u)
    return values


def _children(node: Any, path: str) -> list[tuple[Any, Any, str]]:
    """(field, key or index; value; path) of the parts of a record, tuple or dict; paths as `--set` writes them."""
    if isinstance(node, Record):
        if isinstance(node, Law):
            path = f"{path}.{node.word}"
        parts = [(name, getattr(node, name)) for name in type(node).model_fields]
        return [(name, part, f"{path}.{name}" if path else name) for name, part in parts]
    if isinstance(node, dict):
        return [(key, part, f"{path}.{join([key])}") for key, part in node.items()]
    if isinstance(node, tuple):
        return [(i, part, f"{path}.{join([getattr(part, 'name', str(i))])}") for i, part in enumerate(node)]
    return []


@remembered
def _outline(scenario: Scenario) -> Outline:
    return _outline_of(scenario, "")


def _outline_of(node: Any, path: str) -> Outline:
    """Of the parts of a node those that are ranges, with their paths, and those that hold some, with their outlines."""
    found: Outline = {}
    for key, part, where in _children(node, path):
        if isinstance(part, Range):
            found[key] = where, part
        elif isinstance(part, Record | dict | tuple) and (inside := _outline_of(part, where)):
            found[key] = inside
    return found


def _leaves(outline: Outline) -> Iterator[tuple[str, Range]]:
    for part in outline.values():
        if isinstance(part, dict):
            yield from _leaves(part)
        else:
            yield part


def _filled(node: Any, outline: Outline, drawn: dict[str, float]) -> Any:
    """The node with the ranges of its outline replaced."""
    new: dict[Any, Any] = {}
    for key, part in outline.items():
        if isinstance(part, dict):
            new[key] = _filled(getattr(node, key) if isinstance(node, Record) else node[key], part, drawn)
        else:
            new[key] = drawn[part[0]]
    if isinstance(node, Record):
        return node.replace(**_shares(node, new))
    if isinstance(node, dict):
        return {**node, **new}
    return tuple(new.get(i, part) for i, part in enumerate(node))


def _shares(node: Record, new: dict[str, Any]) -> dict[str, Any]:
    """Shares that had a range among them, scaled to sum to 1."""
    if isinstance(node, CallType) and "labels" in new:
        labels = {family: dict(zip(s, _whole(tuple(s.values())), strict=True)) for family, s in new["labels"].items()}
        return {**new, "labels": labels}
    if isinstance(node, HyperExponential) and "shares" in new:
        return {**new, "shares": _whole(new["shares"])}
    if isinstance(node, Mixture) and "parts" in new:
        shares = _whole(tuple(part.share for part in new["parts"]))
        return {**new, "parts": tuple(p.replace(share=s) for p, s in zip(new["parts"], shares, strict=True))}
    return new


def _whole(shares: tuple[float, ...]) -> tuple[float, ...]:
    total = sum(shares)
    return shares if not total > 0.0 or abs(total - 1.0) < _ROUND else tuple(share / total for share in shares)
