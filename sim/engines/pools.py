"""Pools: agents of a group who can do the same, and who the engines' agents are.

The first pools are the groups' anonymous heads, in their order; then come the agents of the roster.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from sim.scenario.roster import individuals
from sim.scenario.scenario import Scenario


@dataclass(frozen=True)
class Pool:
    """group : its code; levels : call type -> level of the skill; people : how many of the roster, -1 of anonymous heads."""

    group: int
    levels: dict[str, int]
    people: int = -1


def pools_of(scenario: Scenario) -> tuple[list[Pool], tuple[str, ...]]:
    """All pools, and the names of the agents on the roster, pool by pool."""
    found = [Pool(code, dict.fromkeys(group.ranks(), 1)) for code, group in enumerate(scenario.groups)]
    codes = {group.name: code for code, group in enumerate(scenario.groups)}
    people = individuals(scenario)
    for (group, skills), members in groupby(people, key=lambda one: (one.group, one.skills)):
        found.append(Pool(codes[group], dict(skills), len(list(members))))
    return found, tuple(one.name for one in people)
