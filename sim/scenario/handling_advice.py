"""Advice on handling: what is said of agents, scripts and systems and never acts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.scenario.errors import Problem
from sim.scenario.fitting import warning
from sim.scenario.roster import individuals


def handling_warnings(scenario: Any) -> Iterable[Problem]:
    """Problems of severity "warning"."""
    people = [(array, one) for array in ("teams", "agents") for one in getattr(scenario, array)]
    types = scenario.call_types
    asks = any(kind.lookups is not None or any(one.if_unknown for one in kind.transfers) for kind in types)
    transacts = any(number != 0 for kind in types for number in kind.transactions.values())
    acts = {
        "knowledge": (asks, "no call type has `lookups`, or a consult with `if_unknown`"),
        "typing": (any(kind.text != 0 for kind in types), "no call type has a `text`"),
        "system_speed": (transacts, "no call type has `transactions`"),
    }
    for field, (does, why) in acts.items():
        said = [(array, one) for array, one in people if getattr(one, field) is not None]
        if said and not does:
            array, first = said[0]
            yield warning((array, first.name, field), f"{why}: it changes nothing")
    given = {field: any(getattr(one, field) is not None for _, one in people) for field in (*acts, "hired")}
    for kind in types:
        here = ("call_types", kind.name)
        if kind.lookups is not None and not given["knowledge"]:
            yield warning((*here, "lookups"), "no agent has a `knowledge`: everybody knows everything, and nothing is looked up")
        if any(one.if_unknown for one in kind.transfers) and not given["knowledge"]:
            yield warning((*here, "transfers"), "no agent has a `knowledge`: nobody asks where `if_unknown`")
        if kind.text != 0 and not given["typing"]:
            yield warning((*here, "text"), "no agent has a `typing`: it is typed in no time")
        if kind.typed_while_talking != 0 and kind.text == 0:
            yield warning((*here, "typed_while_talking"), "there is no `text` to type")
        if kind.arrivals.replay is not None and (kind.script or kind.lookups or kind.hold or kind.transactions or kind.text != 0):
            message = "recorded calls last as long as they did: script, lookups, hold, transactions and text do nothing"
            yield warning((*here, "arrivals", "replay"), message)
    for system in scenario.systems:
        if not any(kind.transactions.get(system.name, 0) != 0 for kind in types):
            yield warning(("systems", system.name), "no call type has `transactions` in it")
    if given["hired"] and scenario.learning is None and any(_new(scenario, one) for _, one in people):
        yield warning(("learning",), "no [learning]: who was hired of late is as fast as the others")
    if scenario.learning is not None and not given["hired"]:
        yield warning(("learning",), "nobody has a day on which he was `hired`: everybody is experienced")
    if scenario.fatigue is not None and not people:
        yield warning(("fatigue",), "agents that are only counted do not tire: list [[teams]] or [[agents]]")
    if scenario.learning is not None and scenario.learning.nesting is not None:
        idle = next((one for one in individuals(scenario) if not one.skills), None)
        if idle is not None:
            yield warning(("learning", "nesting", "skills"), f'{idle.name} has none of these: he can take no call')


def _new(scenario: Any, one: Any) -> bool:
    return one.hired is not None and (scenario.calendar.dates[-1] - one.hired).days < 180
