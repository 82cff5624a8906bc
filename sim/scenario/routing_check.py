"""Whether rules of routing make sense: groups that have the skill, reserves for somebody, weights that some rule asks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.scenario.errors import Problem
from sim.scenario.fitting import has_labels, least, most, names, refers, warning
from sim.scenario.paths import Path, join
from sim.scenario.routing import AGEING, WEIGHTED_WAIT, Overflow
from sim.scenario.units import show_duration

MOST_WEIGHT = 1000.0
AGES = (1.0, 86_400.0)  # seconds: what `ageing` may be, so that scores keep their precision


def overflows(kind: Any) -> list[Overflow]:
    """All overflow of a call type, of its labels, too."""
    of_labels = [one for values in kind.by_label.values() for override in values.values() for one in override.overflow or ()]
    return [*kind.overflow, *of_labels]


def routing_problems(scenario: Any) -> Iterable[Problem]:
    """What is wrong with overflow, reserves, ageing and rules of one's own."""
    for kind in scenario.call_types:
        here = ("call_types", kind.name)
        yield from _overflow(scenario, kind, kind.groups, kind.overflow, here)
        for family, values in kind.by_label.items():
            for word, override in values.items():
                groups = kind.groups if override.groups is None else override.groups
                yield from _overflow(scenario, kind, groups, override.overflow or (), (*here, "by_label", family, word))
        if kind.ageing is not None and not AGES[0] <= kind.ageing <= AGES[1]:
            allowed = " to ".join(show_duration(edge) for edge in AGES)
            yield Problem(join((*here, "ageing")), f"must be from {allowed}", found=show_duration(kind.ageing))
        if least(kind.weight) <= 0 or most(kind.weight) > MOST_WEIGHT:
            yield Problem(join((*here, "weight")), f"must be above 0 and {MOST_WEIGHT:g} at the most")
    for group in scenario.groups:
        yield from _reserve(scenario, group)
    for key in ("agent_score", "call_score"):
        given = getattr(scenario.routing, key)
        if given is not None and given.rule.startswith("__main__:"):
            message = "a rule must be in a module that can be imported again, not in __main__"
            yield Problem(join(("routing", key, "rule")), message, found=given.rule, hint="put it into a file of its own")


def _overflow(scenario: Any, kind: Any, groups: Any, given: tuple[Overflow, ...], here: Path) -> Iterable[Problem]:
    able = [group.name for group in scenario.groups if kind.name in group.ranks()]
    later = [name for one in given for name in one.groups]
    for at, one in enumerate(given):
        for place, name in enumerate(one.groups):
            path = (*here, "overflow", str(at), "groups", str(place))
            unknown = refers(name, names(scenario.groups), path, "group")
            yield from unknown
            if not unknown and name not in able:
                hint = f'add "{kind.name}" to {join(("groups", name, "skills"))}'
                yield Problem(join(path), f'group "{name}" does not have the skill "{kind.name}"', hint=hint)
            if name in (groups or ()):
                yield Problem(join(path), f'group "{name}" is in `groups`, and takes these calls at once')
    if len(set(later)) < len(later):
        yield Problem(join((*here, "overflow")), "names a group twice")
    if groups is None and given and set(able) <= set(later):
        yield Problem(join((*here, "overflow")), "names every group with the skill: nobody would take calls at once")


def _reserve(scenario: Any, group: Any) -> Iterable[Problem]:
    for at, one in enumerate(group.reserve):
        here = ("groups", group.name, "reserve", str(at))
        kinds = [kind for kind in scenario.call_types if kind.name in group.ranks()]
        for place, name in enumerate(one.call_types or ()):
            unknown = refers(name, names(scenario.call_types), (*here, "call_types", str(place)), "call type")
            yield from unknown
            if not unknown and name not in names(kinds):
                yield Problem(join((*here, "call_types", str(place))), f'group "{group.name}" does not have the skill "{name}"')
        wanted = [kind for kind in kinds if one.call_types is None or kind.name in one.call_types]
        if one.labels and wanted and not any(not list(has_labels(kind, one.labels, here)) for kind in wanted):
            yield from has_labels(wanted[0], one.labels, (*here, "labels"))


def routing_warnings(scenario: Any) -> Iterable[Problem]:
    """What is said of routing and never acts."""
    for kind in scenario.call_types:
        for key, rule, said in (("weight", WEIGHTED_WAIT, kind.weight != 1.0), ("ageing", AGEING, kind.ageing is not None)):
            if said and rule not in scenario.routing.call:
                yield warning(("call_types", kind.name, key), f'does nothing: "{rule}" is not in routing.call')
    if AGEING in scenario.routing.call and all(kind.ageing is None for kind in scenario.call_types):
        yield warning(("routing", "call"), f'"{AGEING}", and no call type has `ageing`: nobody gets older')
    for group in scenario.groups:
        quiet = [kind.name for kind in scenario.call_types if kind.quiet and kind.name in group.ranks()]
        if group.blend is not None and not quiet:
            yield warning(("groups", group.name, "blend"), "does nothing: the group has no skill in work or lists")
