"""Whether what handle times hang on makes sense: names that exist, factors above 0, outages that end after they begin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.scenario.callers import CallType
from sim.scenario.errors import Problem
from sim.scenario.fitting import least, most, names, refers, unique
from sim.scenario.handling import Learning, System
from sim.scenario.laws_check import law_problems
from sim.scenario.paths import Path, join
from sim.scenario.people import Person
from sim.scenario.problems import show
from sim.scenario.range import Range
from sim.scenario.units import show_clock, show_duration

MOST_FACTOR = 100.0  # on handle times: products of all of them fit 64 bits, and what is meant in percent is noticed
MOST_WORDS, MOST_TRANSACTIONS, MOST_STEPS = 100_000, 1000, 100


def handling_problems(scenario: Any) -> Iterable[Problem]:
    """What is wrong with scripts, look-ups, hold, systems, learning, fatigue, and what is said of agents for them."""
    yield from unique(scenario.systems, ("systems",))
    for system in scenario.systems:
        yield from _system(system)
    for kind in scenario.call_types:
        yield from _call_type(scenario, kind)
    for array in ("teams", "agents"):
        for one in getattr(scenario, array):
            yield from _person(scenario, one, (array, one.name))
    for group in scenario.groups:
        yield from _of_types(scenario, group.proficiency, ("groups", group.name, "proficiency"))
        yield from _factors(group.proficiency, ("groups", group.name, "proficiency"), MOST_FACTOR)
    if scenario.learning is not None:
        yield from _learning(scenario, scenario.learning)
    if scenario.fatigue is not None:
        yield from _within(scenario.fatigue.most, ("fatigue", "most"), 1.0, MOST_FACTOR)


def _call_type(scenario: Any, kind: CallType) -> Iterable[Problem]:
    here = ("call_types", kind.name)
    yield from unique(kind.script, (*here, "script"))
    if len(kind.script) > MOST_STEPS:
        yield Problem(join((*here, "script")), f"at most {MOST_STEPS} steps", found=str(len(kind.script)))
    for step in kind.script:
        yield from law_problems(step.takes, (*here, "script", step.name, "takes"))
    for name in ("lookups", "hold"):
        given = getattr(kind, name)
        if given is not None:
            yield from law_problems(given.takes, (*here, name, "takes"))
    for name, number in kind.transactions.items():
        yield from refers(name, names(scenario.systems), (*here, "transactions", name), "system")
        yield from _within(number, (*here, "transactions", name), 0.0, MOST_TRANSACTIONS)
    yield from _within(kind.text, (*here, "text"), 0.0, MOST_WORDS)
    for transfer in kind.transfers:
        if transfer.if_unknown and transfer.how != "consult":
            path = (*here, "transfers", transfer.name, "if_unknown")
            yield Problem(join(path), 'goes with how = "consult"', found=f'how = "{transfer.how}"')


def _system(system: System) -> Iterable[Problem]:
    here = ("systems", system.name)
    yield from law_problems(system.takes, (*here, "takes"))
    for at, outage in enumerate(system.outages):
        path = (*here, "outages", str(at))
        if outage.to <= outage.from_:
            message = f'must be after from, {show_clock(outage.from_)}; past midnight from "24:00" on'
            yield Problem(join((*path, "to")), message, found=show_clock(outage.to))
        if outage.times is not None:
            yield from _within(outage.times, (*path, "times"), 0.0, MOST_FACTOR)


def _person(scenario: Any, one: Person, here: Path) -> Iterable[Problem]:
    for field in ("proficiency", "knowledge"):
        yield from _of_types(scenario, getattr(one, field), (*here, field))
    for field, high in (("proficiency", MOST_FACTOR), ("system_speed", MOST_FACTOR), ("typing", 1000.0)):
        yield from _factors(getattr(one, field), (*here, field), high)


def _of_types(scenario: Any, given: Any, here: Path) -> Iterable[Problem]:
    """Names of call types that there are not, of what may be said by call type."""
    for name in given if isinstance(given, dict) else ():
        yield from refers(name, names(scenario.call_types), (*here, name), "call type")


def _factors(given: Any, here: Path, high: float) -> Iterable[Problem]:
    for name, number in given.items() if isinstance(given, dict) else (("", given),):
        if number is not None:
            yield from _above_0(number, (*here, name) if name else here, high)


def _learning(scenario: Any, given: Learning) -> Iterable[Problem]:
    here, last = ("learning",), -1.0
    yield from _above_0(given.start, (*here, "start"), MOST_FACTOR)
    if least(given.lasts) <= 0:
        yield Problem(join((*here, "lasts")), "must be longer than 0")
    if given.steps and given.curve != "steps":
        yield Problem(join((*here, "steps")), 'go with curve = "steps"', found=f'curve = "{given.curve}"')
    if given.curve == "steps" and not given.steps:
        yield Problem(join((*here, "steps")), 'is missing: curve = "steps" goes by them')
    for at, step in enumerate(given.steps):
        path = (*here, "steps", str(at))
        yield from _above_0(step.factor, (*path, "factor"), MOST_FACTOR)
        if least(step.after) <= last:
            yield Problem(join((*path, "after")), "must be later than the step before", found=show_duration(least(step.after)))
        last = least(step.after)
    for at, name in enumerate(given.nesting.skills if given.nesting is not None else ()):
        yield from refers(name, names(scenario.call_types), (*here, "nesting", "skills", str(at)), "call type")


def _above_0(number: Any, path: Path, high: float) -> Iterable[Problem]:
    if not least(number) > 0 or most(number) > high:
        yield Problem(join(path), f"must be above 0 and at most {high:g}", found=_shown(number))


def _within(number: Any, path: Path, low: float, high: float) -> Iterable[Problem]:
    if least(number) < low or most(number) > high:
        yield Problem(join(path), f"must be from {low:g} to {high:g}", found=_shown(number))


def _shown(number: Any) -> str:
    return number.show() if isinstance(number, Range) else show(number)
