"""Advice about the IVR: menus nobody comes to, shares that never act, talk that somebody should think about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.scenario.distributions import Deterministic
from sim.scenario.errors import Problem
from sim.scenario.fitting import names, warning


def ivr_warnings(scenario: Any) -> Iterable[Problem]:
    """What is allowed in an IVR and yet seldom meant."""
    ivr, types = scenario.ivr, scenario.call_types
    ways = {kind.name: names(ivr.way(kind.name)) for kind in types}
    for menu in ivr.menu:
        here = ("ivr", "menu", menu.name)
        come = {name for name, way in ways.items() if menu.name in way}
        if not come:
            yield warning(here, "no way leads here: nobody hears this menu")
            continue
        for key in ("containment", "options"):
            for name in getattr(menu, key):
                if name not in come:
                    yield warning((*here, key, name), f'callers of "{name}" never come to this menu')
        if menu.easier is not None and not menu.containment:
            yield warning((*here, "easier"), "nobody is contained here")
    if ivr.easier is not None and not ivr.containment:
        yield warning(("ivr", "easier"), "nobody is contained at the entrance")
    for given in ivr.deflections:
        here = ("ivr", "deflections", given.name)
        if given.accepted == 0 or given.offered == 0:
            if given.hang_up == 0 and given.patience == 1 and given.redial == 1:
                yield warning(here, "nobody takes it, and nothing else is said of it: it changes nothing")
        elif given.solved == 0 and given.again is None:
            yield warning(here, "it solves nothing, and nobody calls again: it loses callers", "say `again`")
        calendar = scenario.calendar
        outside = (given.from_ is not None and given.from_ >= calendar.closes) or (
            given.to is not None and given.to <= calendar.opens
        )
        if outside:
            yield warning(here, "lies outside the opening hours and never acts")
    if ivr.ports is not None and isinstance(ivr.delay, Deterministic) and ivr.delay.value == 0 and not ivr.menu:
        yield warning(("ivr", "ports"), "callers spend no time in the IVR: its ports are never taken", "say `delay`, or menus")
