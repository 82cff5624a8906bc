"""Whether what follows a call makes sense: names that exist, shares, and no caller who comes back for ever at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.scenario.deflections import Deflection
from sim.scenario.distributions import Deterministic, Law, Uniform
from sim.scenario.errors import Problem
from sim.scenario.fitting import names, refers, series
from sim.scenario.laws_check import law_problems
from sim.scenario.paths import Path, join
from sim.scenario.range import Range
from sim.scenario.reactions import Reaction


def reaction_problems(scenario: Any) -> Iterable[Problem]:
    """What is wrong with `next`, `solved_by` and the like of all call types."""
    types = names(scenario.call_types)
    for kind in scenario.call_types:
        here = ("call_types", kind.name)
        if kind.junk and kind.labels:
            yield Problem(join((*here, "labels")), "junk calls have no labels, so that those of others can be measured alone")
        for name in kind.solved_by:
            yield from refers(name, names(scenario.groups), (*here, "solved_by", name), "group")
        if kind.callback is not None:
            offer = (*here, "callback")
            yield from series(kind.callback.reached, scenario.calendar, (*offer, "reached"))
            for name in ("after", "dial", "again_after"):
                yield from law_problems(getattr(kind.callback, name), (*offer, name))
        for word, reaction in kind.next.given().items():
            path = (*here, "next", word)
            yield from series(reaction.chance, scenario.calendar, (*path, "chance"))
            yield from law_problems(reaction.after, (*path, "after"))
            if reaction.as_ is not None:
                yield from refers(reaction.as_, types, (*path, "as"), "call type")
    yield from _circles(scenario)


def _circles(scenario: Any) -> Iterable[Problem]:
    """Chains that never end and take no time: a chance of 1, no limit and no delay, from one call type to the next.

    Who found the doors closed comes back when they open, which takes time.
    """
    steps: dict[str, dict[str, Path]] = {}
    for kind in scenario.call_types:
        follows = [(("call_types", kind.name, "next", word), one) for word, one in kind.next.given().items() if word != "closed"]
        follows += [
            (("ivr", "deflections", one.name, "again"), one.again)
            for one in scenario.ivr.deflections
            if one.again is not None and one.is_for(kind.name) and _solves_nothing(one)
        ]
        for path, reaction in follows:
            if _certain(reaction) and reaction.most is None and _at_once(reaction.after):
                steps.setdefault(kind.name, {}).setdefault(reaction.as_ or kind.name, path)
    for begin in steps:
        way = _way_back(begin, steps)
        if way:
            circle = " -> ".join(f'"{name}"' for name in way)
            message = f"calls again with chance 1, at once and without limit, {circle}: this would never end"
            yield Problem(join(steps[begin][way[1]]), message, hint="give `after`, `most`, or a chance below 1")
            return


def _way_back(begin: str, steps: dict[str, dict[str, Path]]) -> list[str]:
    """A way from a call type back to itself, both ends included; empty where there is none."""
    ways, seen = [[begin]], {begin}
    while ways:
        way = ways.pop()
        for name in steps.get(way[-1], {}):
            if name == begin:
                return [*way, name]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


def _solves_nothing(given: Deflection) -> bool:
    return _high(given.offered) >= 1 and _high(given.accepted) >= 1 and _low(given.solved) == 0


def _certain(reaction: Reaction) -> bool:
    chance = reaction.chance.per_interval if reaction.later is None else reaction.later
    return any(_high(one) >= 1 for one in (chance if isinstance(chance, tuple) else (chance,)))


def _at_once(law: Law) -> bool:
    if isinstance(law, Deterministic):
        return _high(law.value) == 0
    return isinstance(law, Uniform) and _high(law.high) == 0


def _low(number: Any) -> float:
    return number.low if isinstance(number, Range) else float(number)


def _high(number: Any) -> float:
    return number.high if isinstance(number, Range) else float(number)
