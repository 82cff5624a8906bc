"""Whether an IVR makes sense: menus that end, options that lead somewhere, shares that leave room for each other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.scenario.deflections import Deflection
from sim.scenario.errors import Problem
from sim.scenario.fitting import least, names, refers, series, unique
from sim.scenario.ivr import Ivr, Menu
from sim.scenario.laws_check import law_problems
from sim.scenario.paths import Path, join
from sim.scenario.series import Series
from sim.scenario.units import show_clock

MOST_DEFLECTIONS = 1000
AGENT = "agent"  # where an option leads that asks for one


def ivr_problems(scenario: Any) -> Iterable[Problem]:
    """What is wrong with the IVR, and with the one under which talk was measured."""
    ivr = scenario.ivr
    yield from _one(scenario, ivr, ("ivr",), names(scenario.call_types))
    if ivr.talk_under is not None:
        if ivr.talk_under.talk_under is not None:
            yield Problem("ivr.talk_under.talk_under", "talk was measured under one IVR")
        yield from _one(scenario, ivr.talk_under, ("ivr", "talk_under"), None)


def _one(scenario: Any, ivr: Ivr, here: Path, types: list[str] | None) -> Iterable[Problem]:
    """`types` : call types that may be named; None: those of an IVR of the past, which may be gone."""
    yield from law_problems(ivr.delay, (*here, "delay"))
    yield from law_problems(ivr.misrouted, (*here, "misrouted"))
    for key in ("containment", "hang_up"):
        for name, shares in getattr(ivr, key).items():
            yield from _of_type(scenario, shares, (*here, key, name), types)
    for array in ("deflections", "menu", "restarts"):
        yield from unique(getattr(ivr, array), (*here, array))
    if len(ivr.deflections) > MOST_DEFLECTIONS:
        yield Problem(join((*here, "deflections")), f"at most {MOST_DEFLECTIONS:,} deflections")
    for deflection in ivr.deflections:
        yield from _deflection(scenario, deflection, (*here, "deflections", deflection.name), types)
    for menu in ivr.menu:
        yield from _menu(scenario, ivr, menu, (*here, "menu", menu.name), types)
    yield from _circles(ivr, here)
    yield from _sums(ivr, here)


def _of_type(scenario: Any, shares: Series, path: Path, types: list[str] | None) -> Iterable[Problem]:
    if types is not None:
        yield from refers(path[-1], types, path, "call type")
    yield from series(shares, scenario.calendar, path)


def _menu(scenario: Any, ivr: Ivr, menu: Menu, here: Path, types: list[str] | None) -> Iterable[Problem]:
    if menu.name == AGENT:
        yield Problem(join((*here, "name")), f'a menu cannot be called "{AGENT}": an option with that word asks for an agent')
    yield from law_problems(menu.prompt, (*here, "prompt"))
    for name, shares in menu.containment.items():
        yield from _of_type(scenario, shares, (*here, "containment", name), types)
    for key in ("hang_up", "agent"):
        yield from series(getattr(menu, key), scenario.calendar, (*here, key))
    for name, leads_to in menu.options.items():
        if types is not None:
            yield from refers(name, types, (*here, "options", name), "call type")
        if leads_to != AGENT:
            yield from refers(leads_to, [*names(ivr.menu), AGENT], (*here, "options", name), "menu")


def _deflection(scenario: Any, given: Deflection, here: Path, types: list[str] | None) -> Iterable[Problem]:
    yield from law_problems(given.takes, (*here, "takes"))
    if given.from_ is not None and given.to is not None and given.from_ >= given.to:
        yield Problem(join((*here, "to")), f"must be after from ({show_clock(given.from_)})", found=show_clock(given.to))
    for at, name in enumerate(given.call_types or ()):
        yield from refers(name, types or [name], (*here, "call_types", str(at)), "call type")
    if least(given.offered) * least(given.accepted) + least(given.hang_up) > 1 + 1e-9:
        yield Problem(join((*here, "hang_up")), "who accepts and who hangs up are more than all")
    if given.where == "queue":
        for key in ("hang_up", "patience", "redial", "takes"):
            if getattr(given, key) != Deflection.model_fields[key].default:
                yield Problem(join((*here, key)), 'belongs to a deflection that is heard in the IVR (where = "ivr")')
    elif given.wait or given.queue:
        key = "wait" if given.wait else "queue"
        yield Problem(join((*here, key)), 'belongs to a deflection of those who wait (where = "queue")')
    if given.again is not None:
        path = (*here, "again")
        yield from series(given.again.chance, scenario.calendar, (*path, "chance"))
        yield from law_problems(given.again.after, (*path, "after"))
        if given.again.as_ is not None and types is not None:
            yield from refers(given.again.as_, types, (*path, "as"), "call type")


def _circles(ivr: Ivr, here: Path) -> Iterable[Problem]:
    """Ways through the menus that come back to where they were."""
    for name in {name for menu in ivr.menu for name in menu.options}:
        way = ivr.way(name)
        back = way[-1].options.get(name) if way else None
        if back is not None and back in names(way):
            circle = names(way)[names(way).index(back) :]
            shown = " -> ".join(f'"{one}"' for one in (*circle, back))
            path = join((*here, "menu", way[-1].name, "options", name))
            yield Problem(path, f"the menus go round, {shown}: a caller would never get out")
            return


def _sums(ivr: Ivr, here: Path) -> Iterable[Problem]:
    """Shares of those who hear a menu that are more than all of them; only what is plain, changes are cut."""
    for name in ivr.containment.keys() & ivr.hang_up.keys():
        yield from _too_much((*here, "containment", name), ivr.containment[name], ivr.hang_up[name])
    for menu in ivr.menu:
        for name, shares in menu.containment.items():
            yield from _too_much((*here, "menu", menu.name, "containment", name), shares, menu.hang_up, menu.agent)
        if not menu.containment:
            yield from _too_much((*here, "menu", menu.name, "agent"), menu.agent, menu.hang_up)


def _too_much(path: Path, *parts: Series) -> Iterable[Problem]:
    lists = [part.per_interval if isinstance(part.per_interval, tuple) else (part.per_interval,) for part in parts]
    length = max(len(one) for one in lists)
    if any(len(one) not in (1, length) for one in lists) or any(part.changes for part in parts):
        return  # said elsewhere, or cut when they are computed
    sums = [sum(least(one[at % len(one)]) for one in lists) for at in range(length)]
    if max(sums) > 1 + 1e-9:
        yield Problem(join(path), "shares of those who hear it sum to more than 1", found=f"{max(sums):g}")
