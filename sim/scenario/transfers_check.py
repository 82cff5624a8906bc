"""Whether transfers make sense: somebody to go to, chances that are not more than all, no ring without time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.scenario.distributions import Deterministic
from sim.scenario.errors import Problem
from sim.scenario.fitting import has_labels, least, names, refers, unique
from sim.scenario.laws_check import law_problems
from sim.scenario.paths import Path, join
from sim.scenario.transfers import Transfer


def transfer_problems(scenario: Any) -> Iterable[Problem]:
    """What is wrong with the transfers of all call types."""
    for kind in scenario.call_types:
        here = ("call_types", kind.name, "transfers")
        yield from unique(kind.transfers, here)
        for given in kind.transfers:
            yield from _one(scenario, kind, given, (*here, given.name))
        for group in scenario.groups:
            plain = [t for t in kind.transfers if not t.labels and (t.by is None or group.name in t.by)]
            if sum(least(t.chance) for t in plain) > 1 + 1e-9:
                found = f"{sum(least(t.chance) for t in plain):g}"
                yield Problem(join(here), f'chances of calls answered by "{group.name}" sum to more than 1', found=found)
                break


def _one(scenario: Any, kind: Any, given: Transfer, here: Path) -> Iterable[Problem]:
    types = {one.name: one for one in scenario.call_types}
    if given.how == "lost":
        if given.to is not None:
            yield Problem(join((*here, "to")), "who is lost goes nowhere", found=given.to)
    elif given.to is None:
        yield Problem(join((*here, "to")), "must name the call type in whose queue the caller then stands")
    else:
        yield from refers(given.to, types, (*here, "to"), "call type")
        target = types.get(given.to)
        if given.how == "callback" and target is not None and target.callback is None:
            message = f'call type "{given.to}" has no `callback`, which says how callers are called back'
            yield Problem(join((*here, "to")), message)
    for name in given.by or ():
        yield from refers(name, names(scenario.groups), (*here, "by"), "group")
    yield from has_labels(kind, given.labels, (*here, "labels"))
    yield from law_problems(given.handover, (*here, "handover"))
    if given.after is not None:
        yield from law_problems(given.after, (*here, "after"))
    if given.how == "consult" and isinstance(given.handover, Deterministic) and least(given.handover.value) == 0:
        yield Problem(join((*here, "handover")), "a consult takes time: say how long both talk")

