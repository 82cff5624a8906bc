"""Whether what agents offer makes sense: names that exist, chances that are not more than all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.scenario.errors import Problem
from sim.scenario.fitting import has_labels, least, names, refers, unique
from sim.scenario.laws_check import law_problems
from sim.scenario.paths import join


def selling_problems(scenario: Any) -> Iterable[Problem]:
    """What is wrong with the offers of all call types."""
    for kind in scenario.call_types:
        here = ("call_types", kind.name, "offers")
        yield from unique(kind.offers, here)
        if kind.offers and kind.contact == "work":
            yield Problem(join(here), 'belongs to callers: nobody is offered anything where contact = "work"')
        for given in kind.offers:
            path = (*here, given.name)
            for name in given.by or ():
                yield from refers(name, names(scenario.groups), (*path, "by"), "group")
            yield from has_labels(kind, given.labels, (*path, "labels"))
            yield from law_problems(given.talk, (*path, "talk"))
        for group in scenario.groups:
            chances = [one.chance for one in kind.offers if not one.labels and (one.by is None or group.name in one.by)]
            most = sum(least(chance) for chance in chances)
            if most > 1 + 1e-9:
                yield Problem(join(here), f'chances of calls ended by "{group.name}" sum to more than 1', found=f"{most:g}")
                break
