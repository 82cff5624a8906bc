"""Whether work, tickets and lists make sense: nobody waits for them, so nothing may be said of who does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.scenario.callers import patiences
from sim.scenario.distributions import Never
from sim.scenario.errors import Problem
from sim.scenario.fitting import least, names, refers, series, unique
from sim.scenario.laws_check import law_problems
from sim.scenario.paths import join
from sim.scenario.units import show_clock

_NOT_OF_WORK = ("balking", "announced", "callback", "transfers", "junk", "recognized")


def work_problems(scenario: Any) -> Iterable[Problem]:
    """What is wrong with call types that are work, and with the tickets of all."""
    work = {kind.name for kind in scenario.call_types if kind.contact == "work"}
    quiet = {kind.name for kind in scenario.call_types if kind.quiet}
    for kind in scenario.call_types:
        here = ("call_types", kind.name)
        if kind.name in quiet:
            for key in _NOT_OF_WORK:
                if getattr(kind, key) != type(kind).model_fields[key].default:
                    yield Problem(join((*here, key)), f'belongs to callers: nobody waits where contact = "{kind.contact}"')
            for where, law in patiences(kind):
                if not isinstance(law, Never):
                    yield Problem(join((*here, *where)), f'no patience ends where contact = "{kind.contact}"')
        if (kind.outbound is not None) != (kind.contact == "outbound"):
            message = "needs `outbound`, a list" if kind.outbound is None else 'a list is called: say contact = "outbound"'
            yield Problem(join((*here, "contact")), message, found=kind.contact)
        elif kind.outbound is not None:
            yield from _list(scenario, kind)
        yield from _tickets(scenario, kind, work)
    for kind in scenario.call_types:
        for transfer in kind.transfers:
            if transfer.to in quiet:
                path = join(("call_types", kind.name, "transfers", transfer.name, "to"))
                yield Problem(path, "callers cannot be transferred where nobody waits: leave a ticket", found=str(transfer.to))
        for word, reaction in kind.next.given().items():
            if reaction.as_ in quiet - work:
                path = join(("call_types", kind.name, "next", word, "as"))
                yield Problem(path, "nobody calls as a contact of a list: it is called", found=str(reaction.as_))
    past = {kind.name for kind in scenario.call_types if kind.contact != "live"}
    for key in ("containment", "hang_up"):
        for name in sorted(past.intersection(getattr(scenario.ivr, key))):
            yield Problem(join(("ivr", key, name)), "does not come through the IVR: nobody calls")
    for menu in scenario.ivr.menu:
        for key in ("containment", "options"):
            for name in sorted(past.intersection(getattr(menu, key))):
                yield Problem(join(("ivr", "menu", menu.name, key, name)), "does not come through the IVR: nobody calls")
    for one in scenario.ivr.deflections:
        for at, name in enumerate(one.call_types or ()):
            if one.where == "ivr" and name in past:
                path = join(("ivr", "deflections", one.name, "call_types", str(at)))
                yield Problem(path, "does not come through the IVR: nobody calls", found=name)


def _list(scenario: Any, kind: Any) -> Iterable[Problem]:
    here, given, calendar = ("call_types", kind.name, "outbound"), kind.outbound, scenario.calendar
    if kind.arrivals != type(kind.arrivals)(per_interval=0.0) or any(kind.name in one.calls for one in scenario.surges):
        yield Problem(join(("call_types", kind.name, "arrivals")), "nobody calls who is on a list: say arrivals = 0")
    since = calendar.opens if given.from_ is None else given.from_
    until = calendar.closes if given.to is None else given.to
    if not calendar.opens <= since < until <= calendar.closes:
        message = f"the window must lie within the day, from {show_clock(calendar.opens)} to {show_clock(calendar.closes)}"
        key = "from" if not calendar.opens <= since < calendar.closes else "to"
        yield Problem(join((*here, key)), message, found=f"{show_clock(since)} to {show_clock(until)}")
    yield from series(given.reached, calendar, (*here, "reached"))
    for name in ("prepare", "dial", "again_after", "later_after", "short"):
        if getattr(given, name) is not None:
            yield from law_problems(getattr(given, name), (*here, name))
    if sum(least(getattr(given, name)) for name in ("wrong", "silent", "later")) > 1 + 1e-9:
        yield Problem(join((*here, "later")), "shares of those who answer sum to more than 1")


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
            most = sum(least(one.chance) for one in given)
            if most > 1 + 1e-9:
                message = f'chances of calls served by "{group.name}" and {end} sum to more than 1'
                yield Problem(join(here), message, found=f"{most:g}")
                return
