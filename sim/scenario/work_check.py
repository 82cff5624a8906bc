"""Whether work and tickets make sense: nobody waits for work, so nothing may be said of who does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.scenario.distributions import Never
from sim.scenario.errors import Problem
from sim.scenario.fitting import names, refers, unique
from sim.scenario.laws_check import law_problems
from sim.scenario.paths import join
from sim.scenario.range import Range
from sim.scenario.tickets import Ticket

_NOT_OF_WORK = ("balking", "announced", "callback", "transfers", "junk", "recognized")


def work_problems(scenario: Any) -> Iterable[Problem]:
    """What is wrong with call types that are work, and with the tickets of all."""
    work = {kind.name for kind in scenario.call_types if kind.contact == "work"}
    for kind in scenario.call_types:
        here = ("call_types", kind.name)
        if kind.name in work:
            for key in _NOT_OF_WORK:
                if getattr(kind, key) != type(kind).model_fields[key].default:
                    yield Problem(join((*here, key)), 'belongs to callers: for work (contact = "work") nobody waits')
            if not isinstance(kind.patience, Never):
                yield Problem(join((*here, "patience")), "nobody waits for work, so no patience ends")
        yield from _tickets(scenario, kind, work)
    for kind in scenario.call_types:
        for transfer in kind.transfers:
            if transfer.to in work:
                path = join(("call_types", kind.name, "transfers", transfer.name, "to"))
                yield Problem(path, "callers cannot be transferred to work: leave a ticket", found=str(transfer.to))
    for key in ("containment", "hang_up"):
        for name in work.intersection(getattr(scenario.ivr, key)):
            yield Problem(join(("ivr", key, name)), "work does not come through the IVR")
    for menu in scenario.ivr.menu:
        for key in ("containment", "options"):
            for name in work.intersection(getattr(menu, key)):
                yield Problem(join(("ivr", "menu", menu.name, key, name)), "work does not come through the IVR")


def _tickets(scenario: Any, kind: Any, work: set[str]) -> Iterable[Problem]:
    here = ("call_types", kind.name, "tickets")
    yield from unique(kind.tickets, here)
    for given in kind.tickets:
        path = (*here, given.name)
        yield from refers(given.as_, names(scenario.call_types), (*path, "as"), "call type")
        if given.as_ in names(scenario.call_types) and given.as_ not in work:
            message = f'call type "{given.as_}" is not work; say contact = "work" there'
            yield Problem(join((*path, "as")), message)
        for name in given.by or ():
            yield from refers(name, names(scenario.groups), (*path, "by"), "group")
        yield from law_problems(given.after, (*path, "after"))
    for group in scenario.groups:
        for end in ("solved", "unsolved"):
            given = [one for one in kind.tickets if one.when in ("answered", end) and (one.by is None or group.name in one.by)]
            most = sum(_least(one) for one in given)
            if most > 1 + 1e-9:
                message = f'chances of calls served by "{group.name}" and {end} sum to more than 1'
                yield Problem(join(here), message, found=f"{most:g}")
                return


def _least(given: Ticket) -> float:
    return float(given.chance.low) if isinstance(given.chance, Range) else float(given.chance)
