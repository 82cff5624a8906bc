"""Consistency: whether the parts of a scenario fit each other; everything that does not is said at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.scenario.advice import warnings as warnings
from sim.scenario.callers import CallType, patiences
from sim.scenario.concurrency_check import concurrency_problems
from sim.scenario.days_check import arrivals_problems, day_problems, heads_problems
from sim.scenario.demand import Busyness, Factor
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.fitting import names, refers, series, unique
from sim.scenario.handling_check import handling_problems
from sim.scenario.ivr_check import ivr_problems
from sim.scenario.laws_check import law_problems, shape_problems
from sim.scenario.paths import Path, join
from sim.scenario.people_check import people_problems
from sim.scenario.range import Range
from sim.scenario.reactions_check import reaction_problems
from sim.scenario.routing_check import routing_problems
from sim.scenario.selling_check import selling_problems
from sim.scenario.transfers_check import transfer_problems
from sim.scenario.work_check import work_problems

MOST_TYPES = 1023  # a type's code has 10 bits in a row of a tape


def check(scenario: Any) -> None:
    """Raises ScenarioError with everything about the scenario that does not fit together."""
    problems = [
        *_unique(scenario),
        *day_problems(scenario),
        *(problem for kind in scenario.call_types for problem in _call_type(scenario, kind)),
        *reaction_problems(scenario),
        *(problem for group in scenario.groups for problem in _group(scenario, group)),
        *_surges(scenario),
        *transfer_problems(scenario),
        *work_problems(scenario),
        *selling_problems(scenario),
        *people_problems(scenario),
        *routing_problems(scenario),
        *concurrency_problems(scenario),
        *handling_problems(scenario),
        *ivr_problems(scenario),
        *_costs_and_targets(scenario),
    ]
    if problems:
        # no ValueError: pydantic would wrap it, and the problems would be lost
        raise ScenarioError(problems)


def _unique(scenario: Any) -> Iterable[Problem]:
    for array in ("call_types", "groups", "surges", "factors"):
        yield from unique(getattr(scenario, array), (array,))
    if len(scenario.call_types) > MOST_TYPES:
        yield Problem("call_types", f"at most {MOST_TYPES:,} call types", found=f"{len(scenario.call_types):,}")


def _call_type(scenario: Any, kind: CallType) -> Iterable[Problem]:
    here = ("call_types", kind.name)
    yield from arrivals_problems(kind.arrivals, scenario.calendar, (*here, "arrivals"))
    for name in ("talk", "wrap_up"):
        yield from law_problems(getattr(kind, name), (*here, name))
    for path, law in patiences(kind):
        yield from law_problems(law, (*here, *path))
    yield from series(kind.talk_factor, scenario.calendar, (*here, "talk_factor"), inside=False)
    for name, swing in (("busyness", kind.busyness), ("talk_swing", kind.talk_swing)):
        for at, factor in enumerate(swing.factors):
            yield from refers(factor, names(scenario.factors), (*here, name, "factors", str(at)), "factor")
        yield from _parts(swing, (*here, name))
    for at, group in enumerate(kind.groups or ()):
        yield from _serving(scenario, kind, group, (*here, "groups", str(at)))
    if kind.groups and len(set(kind.groups)) < len(kind.groups):
        yield Problem(join((*here, "groups")), "names a group twice")
    for family, values in kind.by_label.items():
        for value, override in values.items():
            for at, group in enumerate(override.groups or ()):
                yield from _serving(scenario, kind, group, (*here, "by_label", family, value, "groups", str(at)))


def _parts(swing: Busyness | Factor, here: Path) -> Iterable[Problem]:
    if isinstance(swing.part, float) and swing.part <= 0:
        yield Problem(join((*here, "part")), "must be above 0")
    if swing.part == "day" and swing.correlation != 0.0:
        found = swing.correlation.show() if isinstance(swing.correlation, Range) else f"{swing.correlation:g}"
        hint = 'give the parts that follow each other a length: part = "30m"'
        yield Problem(join((*here, "correlation")), 'must be 0 where part is "day"', found=found, hint=hint)
    if swing.part != "day" and swing.day_to_day != 0.0:
        hint = "leave the part out, or say correlation, which is that of the parts of a day"
        yield Problem(join((*here, "day_to_day")), 'goes with part = "day", for it is the correlation of days', hint=hint)


def _serving(scenario: Any, kind: CallType, name: str, path: Path) -> list[Problem]:
    unknown = refers(name, names(scenario.groups), path, "group")
    if unknown:
        return unknown
    if any(kind.name in group.ranks() for group in scenario.groups if group.name == name):
        return []
    hint = f'add "{kind.name}" to {join(("groups", name, "skills"))}'
    return [Problem(join(path), f'group "{name}" does not have the skill "{kind.name}"', hint=hint)]


def _group(scenario: Any, group: Any) -> Iterable[Problem]:
    here = ("groups", group.name)
    seen: set[str] = set()
    for rank, skills in enumerate(group.skills):
        single = isinstance(skills, str)
        for at, skill in enumerate((skills,) if single else skills):
            path = (*here, "skills", str(rank)) if single else (*here, "skills", str(rank), str(at))
            yield from refers(skill, names(scenario.call_types), path, "call type")
            if skill in seen:
                yield Problem(join(path), f'names "{skill}" twice')
            seen.add(skill)
        if not single and not skills:
            yield Problem(join((*here, "skills", str(rank))), "must not be empty")
    if "agents" not in group.model_fields_set and not scenario.has_roster(group.name):
        yield Problem(join((*here, "agents")), "is missing", hint="how many are there, or by name: [[teams]], [[agents]]")
    yield from heads_problems(group.agents, scenario.calendar, (*here, "agents"))


def _surges(scenario: Any) -> Iterable[Problem]:
    types = names(scenario.call_types)
    for surge in scenario.surges:
        here = ("surges", surge.name)
        for key in ("calls", "factor"):
            for name in getattr(surge, key):
                yield from refers(name, types, (*here, key, name), "call type")
        yield from shape_problems(surge.shape, (*here, "shape"))
    if scenario.opening_queue is not None:
        for name in scenario.opening_queue.calls:
            yield from refers(name, types, ("opening_queue", "calls", name), "call type")
    for factor in scenario.factors:
        yield from _parts(factor, ("factors", factor.name))


def _costs_and_targets(scenario: Any) -> Iterable[Problem]:
    groups, types = names(scenario.groups), names(scenario.call_types)
    for name in scenario.costs.wages:
        yield from refers(name, groups, ("costs", "wages", name), "group")
    labels = [
        f"{family}={value}"
        for kind in scenario.call_types
        for family, values in kind.labels.items()
        for value in values
    ]
    for at, target in enumerate(scenario.targets):
        here = ("targets", str(at))
        for key, known, what in (
            ("call_type", types, "call type"),
            ("group", groups, "group"),
            ("label", labels, "label"),
        ):
            word = getattr(target, key)
            if word is not None:
                yield from refers(word, known, (*here, key), what)
