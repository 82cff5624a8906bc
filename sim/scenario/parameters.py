"""Parameters: the sets of values that the data might have given as well; a replication uses one of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple, Self

from sim.scenario.paths import split

Table = dict[str, Any]
NOTHING = object()


class Drawn(int):
    """How many sets there are; days : on how many recorded days, drawn again, each of them rests, None where nobody says."""

    days: int | None

    def __new__(cls, number: int, days: int | None = None) -> Self:
        self = super().__new__(cls, number)
        self.days = days
        return self


@dataclass(frozen=True, eq=False)
class Parameters:
    """Values of a scenario's inputs, one of each per set, estimated together on whole days drawn again.

    paths : as `--set` writes them; number : how many sets there are
    sets : number of a set -> its values in the order of the paths, in the form a scenario file gives them
    days : on how many recorded days, drawn again, each set rests, None where nobody says; results do not hang on it, only how
        sure they are
    """

    paths: tuple[str, ...]
    number: int
    sets: Mapping[int, tuple[Any, ...]]
    days: int | None = None

    @property
    def drawn(self) -> Drawn:
        """How many sets there are, and on how many days they rest."""
        return Drawn(self.number, self.days)

    def of(self, replication: int) -> int:
        """The number of the set that a replication uses, the same for every policy."""
        return replication % self.number

    def only(self, replications: Iterable[int]) -> Parameters:
        """No more than the sets that these replications use: little to send to a worker."""
        return replace(self, sets={at: self.sets[at] for at in sorted({self.of(i) for i in replications})})

    def laid(self, table: Table, number: int) -> Table:
        """The table with the values of a set in their places; it is not modified."""
        for path, value in zip(self.paths, self.sets[number], strict=True):
            table = _put(table, split(path), value)
        return table

    def under(self, table: Table, change: Callable[[Table], Table]) -> Parameters:
        """The sets of what a change makes of the table, whose inputs these sets are.

        The change is laid over each set. What it sets outright is the same in all of them and leaves the sets; what it
        multiplies or adds to stays in them, changed.
        """
        numbers = list(self.sets)
        changed = [change(self.laid(table, number)) for number in numbers]
        rows = {path: [at(one, path) for one in changed] for path in self.paths}
        kept = {path: row for path, row in rows.items() if NOTHING not in row and not _alike(row)}
        return Parameters(
            tuple(kept), self.number, {number: tuple(row[i] for row in kept.values()) for i, number in enumerate(numbers)},
            self.days,
        )

    @cached_property
    def digest(self) -> str:
        """32 hex digits of the paths and all values."""
        return content_digest([self.paths, self.number, sorted(self.sets.items())])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Parameters):
            return NotImplemented
        return self is other or (self.paths, self.number, self.sets) == (other.paths, other.number, other.sets)

    __hash__ = None  # type: ignore[assignment]  # lists have no hash


class Measured(NamedTuple):
    """What calibration leaves behind: `point` has the estimates at the same paths, None where one is at its default.

    of : the scenario's name, for people; hash : of the estimates
    """

    of: str
    point: Mapping[str, Any]
    parameters: Parameters

    @property
    def hash(self) -> str:
        """32 hex digits of the estimates: which measured scenario the sets belong to."""
        return content_digest(sorted(self.point.items()))

    def edited(self, table: Table) -> tuple[str, ...]:
        """The paths whose values in a scenario's table are no longer those that were measured."""
        return tuple(path for path, value in self.point.items() if _plain(at(table, path, None)) != _plain(value))

    def without(self, edited: Iterable[str]) -> Parameters:
        """The sets without some paths."""
        gone, all_ = set(edited), self.parameters
        keep = [place for place, path in enumerate(all_.paths) if path not in gone]
        return Parameters(
            tuple(all_.paths[place] for place in keep), all_.number,
            {number: tuple(values[place] for place in keep) for number, values in all_.sets.items()}, all_.days,
        )  # fmt: skip


def at(table: Table, path: str, otherwise: Any = NOTHING) -> Any:
    """What stands at a path of a table; entries of arrays by name."""
    node: Any = table
    for part in split(path):
        if isinstance(node, list | tuple):
            node = next((one for one in node if isinstance(one, dict) and one.get("name") == part), NOTHING)
        else:
            node = node.get(part, NOTHING) if isinstance(node, dict) else NOTHING
        if node is NOTHING:
            return otherwise
    return node


def content_digest(content: Any) -> str:
    """32 hex digits of plain values."""
    told = json.dumps(_plain(content), sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


def _put(node: Any, path: tuple[str, ...], value: Any) -> Any:
    """The node with a value at a path, tables made where there are none; an entry that is not there is left out."""
    if not path:
        return value
    if isinstance(node, list | tuple):
        return [_put(one, path[1:], value) if isinstance(one, dict) and one.get("name") == path[0] else one for one in node]
    if not isinstance(node, dict):
        return node
    return {**node, path[0]: _put(node.get(path[0], {} if len(path) > 1 else None), path[1:], value)}


def _alike(values: list[Any]) -> bool:
    return all(value == values[0] for value in values[1:])


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value
