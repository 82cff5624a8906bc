"""Skills: who can do what on a floor, how well, and in which order calls come to them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from experiments.expected import counted_heads
from sim.chance.laws import label_space
from sim.chance.ranges import resolve
from sim.engines.pools import pools_of
from sim.engines.routes import Route, classes_of
from sim.scenario.scenario import Scenario


class Can(NamedTuple):
    """level : of the skill; place : of the group in the call type's order, 1 first
    partly : by overflow, or for some callers only
    """

    level: int
    place: int
    partly: bool


class Skills(NamedTuple):
    """Agents who can do the same: their group's name, or the name of a single one; how many they are (of counted heads the most
    at a time), and what they can.
    """

    name: str
    heads: float
    can: dict[str, Can]


def skills(scenario: Scenario) -> list[Skills]:
    """All pools with somebody in them, by group."""
    known = resolve(scenario, seed=0, middle=True)
    pools, people = pools_of(known)
    most = {name: float(np.max(row)) for name, row in counted_heads(known).items()}
    families = list(label_space(known))
    routes = [classes_of(known, code, families)[0] for code in range(len(known.call_types))]
    found, listed = [], 0
    for pool in pools:
        name = known.groups[pool.group].name
        heads = float(pool.people) if pool.people >= 0 else most[name]
        if pool.people == 1:
            name = people[listed]
        listed += max(pool.people, 0)
        can = {
            kind.name: one
            for kind, of_type in zip(known.call_types, routes, strict=True)
            if kind.name in pool.levels and (one := _can(of_type, pool.group, pool.levels[kind.name])) is not None
        }
        if heads > 0:
            found.append(Skills(name, heads, can))
    return found


def _can(routes: list[Route], group: int, level: int) -> Can | None:
    """What the group does for a call type, of which the first of the routes is that of callers without labels."""
    places = [(place, after + waiting > 0) for route in routes for of, place, after, waiting in route.places if of == group]
    plain = [place for of, place, after, waiting in routes[0].places if of == group and after + waiting == 0]
    if plain:
        return Can(level, plain[0] + 1, False)
    return Can(level, min(places)[0] + 1, True) if places else None
