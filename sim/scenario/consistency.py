"""Consistency: whether the parts of a scenario fit each other; everything that does not is said at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sim.scenario.advice import warnings as warnings
from sim.scenario.calendar import Calendar
from sim.scenario.callers import CallType
from sim.scenario.demand import Arrivals
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.laws_check import law_problems, shape_problems, weights_problems
from sim.scenario.paths import Path, join, nearest
from sim.scenario.series import Change, Series
from sim.scenario.units import show_clock, show_duration, ticks

MOST_INTERVALS = 65_535  # an interval's number has 16 bits in the key of a call


def check(scenario: Any) -> None:
    """Raises ScenarioError with everything about the scenario that does not fit together."""
    problems = [
        *_unique(scenario),
        *_calendar(scenario.calendar),
        *(problem for kind in scenario.call_types for problem in _call_type(scenario, kind)),
        *(problem for group in scenario.groups for problem in _group(scenario, group)),
        *_surges(scenario),
        *_ivr(scenario),
        *_costs_and_targets(scenario),
    ]
    if problems:
        # no ValueError: pydantic would wrap it, and the problems would be lost
        raise ScenarioError(problems)


def _unique(scenario: Any) -> Iterable[Problem]:
    for array in ("call_types", "groups", "surges", "factors"):
        for name, count in Counter(entry.name for entry in getattr(scenario, array)).items():
            if count > 1:
                yield Problem(join((array, name)), "two entries of one name")


def _calendar(calendar: Calendar) -> Iterable[Problem]:
    if calendar.intervals > MOST_INTERVALS:
        message = f"a day has at most {MOST_INTERVALS:,} intervals"
        yield Problem("calendar.interval", message, found=f"{calendar.intervals:,}")


def _names(entries: Iterable[Any]) -> list[str]:
    return [entry.name for entry in entries]


def _refers(word: str, known: Iterable[str], path: Path, what: str) -> list[Problem]:
    known = list(known)
    if word in known:
        return []
    return [Problem(join(path), f'no {what} "{word}"', hint=nearest(word, known))]


def _call_type(scenario: Any, kind: CallType) -> Iterable[Problem]:
    here = ("call_types", kind.name)
    yield from _arrivals(kind.arrivals, scenario.calendar, (*here, "arrivals"))
    for name in ("talk", "wrap_up", "patience"):
        yield from law_problems(getattr(kind, name), (*here, name))
    for at, factor in enumerate(kind.busyness.factors):
        yield from _refers(factor, _names(scenario.factors), (*here, "busyness", "factors", str(at)), "factor")
    if isinstance(kind.busyness.part, float) and kind.busyness.part <= 0:
        yield Problem(join((*here, "busyness", "part")), "must be above 0")
    for at, group in enumerate(kind.groups or ()):
        yield from _serving(scenario, kind, group, (*here, "groups", str(at)))
    if kind.groups and len(set(kind.groups)) < len(kind.groups):
        yield Problem(join((*here, "groups")), "names a group twice")
    for family, values in kind.by_label.items():
        for value, override in values.items():
            for at, group in enumerate(override.groups or ()):
                yield from _serving(scenario, kind, group, (*here, "by_label", family, value, "groups", str(at)))


def _serving(scenario: Any, kind: CallType, name: str, path: Path) -> list[Problem]:
    unknown = _refers(name, _names(scenario.groups), path, "group")
    if unknown:
        return unknown
    if any(kind.name in group.ranks() for group in scenario.groups if group.name == name):
        return []
    hint = f'add "{kind.name}" to {join(("groups", name, "skills"))}'
    return [Problem(join(path), f'group "{name}" does not have the skill "{kind.name}"', hint=hint)]


def _arrivals(arrivals: Arrivals, calendar: Calendar, here: Path) -> Iterable[Problem]:
    for name in ("per_interval", "per_hour", "profile", "fixed"):
        yield from _length(getattr(arrivals, name), calendar, (*here, name))
    if arrivals.profile is not None:
        yield from weights_problems(arrivals.profile, (*here, "profile"))
    yield from _borders(arrivals.changes, calendar, (*here, "changes"))


def _length(values: Any, calendar: Calendar, here: Path) -> Iterable[Problem]:
    if isinstance(values, tuple) and len(values) != calendar.intervals:
        yield Problem(
            join(here),
            f"must have {calendar.intervals} numbers, one per {show_duration(calendar.interval)} "
            f"from {show_clock(calendar.opens)} to {show_clock(calendar.closes)}",
            found=str(len(values)),
        )


def _borders(changes: tuple[Change, ...], calendar: Calendar, here: Path) -> Iterable[Problem]:
    for at, change in enumerate(changes):
        for key, clock in (("from", change.from_), ("to", change.to)):
            if clock is None or not calendar.opens < clock < calendar.closes:
                continue
            past = (ticks(clock) - ticks(calendar.opens)) % ticks(calendar.interval)
            if past:
                before = clock - past / 1e6
                yield Problem(
                    join((*here, str(at), key)),
                    f"must be a border between intervals, such as {show_clock(before)} "
                    f"or {show_clock(before + calendar.interval)}",
                    found=show_clock(clock),
                )


def _group(scenario: Any, group: Any) -> Iterable[Problem]:
    here = ("groups", group.name)
    seen: set[str] = set()
    for rank, skills in enumerate(group.skills):
        single = isinstance(skills, str)
        for at, skill in enumerate((skills,) if single else skills):
            path = (*here, "skills", str(rank)) if single else (*here, "skills", str(rank), str(at))
            yield from _refers(skill, _names(scenario.call_types), path, "call type")
            if skill in seen:
                yield Problem(join(path), f'names "{skill}" twice')
            seen.add(skill)
        if not single and not skills:
            yield Problem(join((*here, "skills", str(rank))), "must not be empty")
    calendar = scenario.calendar.cut(group.agents.every)
    if calendar is None and group.agents.every is not None:
        message = "must divide the time from opens to closes into whole parts"
        yield Problem(join((*here, "agents", "every")), message, found=show_duration(group.agents.every))
    else:
        yield from _series(group.agents, calendar or scenario.calendar, (*here, "agents"), borders=False)


def _series(series: Series, calendar: Calendar, here: Path, *, borders: bool) -> Iterable[Problem]:
    yield from _length(series.per_interval, calendar, (*here, "per_interval"))
    if borders:
        yield from _borders(series.changes, calendar, (*here, "changes"))


def _surges(scenario: Any) -> Iterable[Problem]:
    calendar, types = scenario.calendar, _names(scenario.call_types)
    for surge in scenario.surges:
        here = ("surges", surge.name)
        if not calendar.opens <= surge.at < calendar.closes:
            message = f"must lie within the day, from {show_clock(calendar.opens)} to {show_clock(calendar.closes)}"
            yield Problem(join((*here, "at")), message, found=show_clock(surge.at))
        for key in ("calls", "factor"):
            for name in getattr(surge, key):
                yield from _refers(name, types, (*here, key, name), "call type")
        yield from shape_problems(surge.shape, (*here, "shape"))
    if scenario.opening_queue is not None:
        for name in scenario.opening_queue.calls:
            yield from _refers(name, types, ("opening_queue", "calls", name), "call type")
    for factor in scenario.factors:
        if isinstance(factor.part, float) and factor.part <= 0:
            yield Problem(join(("factors", factor.name, "part")), "must be above 0")


def _ivr(scenario: Any) -> Iterable[Problem]:
    ivr, types = scenario.ivr, _names(scenario.call_types)
    for key in ("containment", "hang_up", "again"):
        for name, series in getattr(ivr, key).items():
            yield from _refers(name, types, ("ivr", key, name), "call type")
            yield from _series(series, scenario.calendar, ("ivr", key, name), borders=True)
    for key in ("delay", "again_after"):
        yield from law_problems(getattr(ivr, key), ("ivr", key))


def _costs_and_targets(scenario: Any) -> Iterable[Problem]:
    groups, types = _names(scenario.groups), _names(scenario.call_types)
    for name in scenario.costs.wages:
        yield from _refers(name, groups, ("costs", "wages", name), "group")
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
                yield from _refers(word, known, (*here, key), what)
