"""Advice: what is allowed in a scenario and yet seldom meant, each with its consequence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.scenario.calendar import A_DAY, Calendar
from sim.scenario.callers import CallType, patiences
from sim.scenario.concurrency_check import concurrency_warnings
from sim.scenario.costs import Costs
from sim.scenario.demand import Arrivals, Busyness, Factor
from sim.scenario.distributions import Deterministic, Never
from sim.scenario.errors import Problem
from sim.scenario.fitting import warning
from sim.scenario.floor import Agents
from sim.scenario.handling_advice import handling_warnings
from sim.scenario.horizon import agents_on
from sim.scenario.ivr_advice import ivr_warnings
from sim.scenario.paths import join
from sim.scenario.people_advice import people_warnings
from sim.scenario.range import Range
from sim.scenario.routing_check import overflows, routing_warnings
from sim.scenario.series import Change
from sim.scenario.special_days import SpecialDay
from sim.scenario.units import DAY, show_clock, show_duration


def warnings(scenario: Any) -> list[Problem]:
    """Problems of severity "warning": the scenario runs, but somebody should look at these."""
    return [
        *(problem for kind in scenario.call_types for problem in _call_type(scenario, kind)),
        *(problem for group in scenario.groups for problem in _group(scenario, group)),
        *ivr_warnings(scenario),
        *people_warnings(scenario),
        *routing_warnings(scenario),
        *concurrency_warnings(scenario),
        *handling_warnings(scenario),
        *_whole(scenario),
    ]


def _call_type(scenario: Any, kind: CallType) -> Iterable[Problem]:
    here = ("call_types", kind.name)
    calls = calls_a_day(kind.arrivals, scenario.calendar)
    able = [group for group in scenario.groups if kind.name in group.ranks()]
    chosen = [set(kind.groups)] if kind.groups is not None else []
    chosen += [set(o.groups) for values in kind.by_label.values() for o in values.values() if o.groups is not None]
    chosen += [set(one.groups) for one in overflows(kind)]
    serving = [group for group in able if kind.groups is None or any(group.name in names for names in chosen)]
    if not any(_present(scenario, group) for group in serving):
        why = "nobody serves it" if not serving else "nobody who serves it is there all day"
        end = "waits for ever" if all(isinstance(law, Never) for _, law in patiences(kind)) else "waits until the caller gives up"
        yield warning(here, f"{why}: every call of it {end}; {_count(calls)} a day")
    for group in able:
        if group not in serving:
            message = f'group "{group.name}" has the skill "{kind.name}" and is not in {join((*here, "groups"))}'
            yield warning(("groups", group.name, "skills"), f"{message}: the skill is never used")
    if isinstance(kind.talk, Deterministic):
        yield warning((*here, "talk"), "every call lasts exactly as long: queues come out too short", "say how it varies")
    if kind.arrivals.replay is not None and scenario.calendar.days > 1:
        there = len({int(tick) // DAY for tick in kind.arrivals.replay.arrival})
        if there < scenario.calendar.days:
            yield warning((*here, "arrivals", "replay"), f"the log has calls on {there} of the {scenario.calendar.days} days")
    if isinstance(kind.arrivals.per_hour, tuple) and scenario.calendar.interval != 3600:
        yield warning((*here, "arrivals", "per_hour"), f"per_hour adds up to {_count(calls)} a day")
    yield from _windows(kind.arrivals.changes, scenario.calendar, (*here, "arrivals"))
    yield from _windows(kind.talk_factor.changes, scenario.calendar, (*here, "talk_factor"))
    yield from _short_parts(kind.busyness, scenario.calendar, (*here, "busyness"))
    yield from _short_parts(kind.talk_swing, scenario.calendar, (*here, "talk_swing"))
    if _most(kind.talk_factor.per_interval) == 0 and not kind.talk_factor.changes:
        yield warning((*here, "talk_factor"), "0 in every interval: no call lasts any time")
    yield from _reactions(scenario, kind, here)


def _reactions(scenario: Any, kind: CallType, here: tuple[str, ...]) -> Iterable[Problem]:
    calendar = scenario.calendar
    last = (calendar.days - 1) * A_DAY + calendar.closes - calendar.opens
    lasts = "the day" if calendar.days == 1 else "all days together"
    quiet = {one.name for one in scenario.call_types if one.quiet}  # for which doors are never closed
    for word, reaction in kind.next.given().items():
        mean = getattr(reaction.after, "value", getattr(reaction.after, "mean", 0.0))
        if _middle(mean) > last and (reaction.as_ or kind.name) not in quiet:
            message = f"{show_duration(_middle(mean))} is longer than {lasts}: most who come back find closed doors"
            yield warning((*here, "next", word, "after"), message, "they are counted as closed, and offered to nobody")
    if kind.next.closed is not None and calendar.days == 1:
        yield warning((*here, "next", "closed"), "no day follows on which they could come back", "say `days` in [calendar]")
    if kind.next.unsolved is not None and kind.solved == 1 and not kind.solved_by and not kind.transfers:
        yield warning((*here, "next", "unsolved"), "every answer solves the matter: nobody calls again", "say `solved`")
    if kind.callback is not None and _most(kind.callback.reached.per_interval) == 0:
        yield warning((*here, "callback", "reached"), "nobody is ever reached: every callback is missed")
    for offer in kind.offers:
        if _most(offer.success) == 0:
            yield warning((*here, "offers", offer.name), "nobody takes it: it costs talk and brings nothing", "say `success`")
    if kind.recognized != 0 and kind.opening == 0 and not kind.script:
        yield warning((*here, "recognized"), "there is no `opening` or `script` that a recognized caller could skip")


def _group(scenario: Any, group: Any) -> Iterable[Problem]:
    here = ("groups", group.name, "agents")
    if not _present(scenario, group):
        yield warning(here, "nobody is there all day")
    if group.agents.counts == "rostered" and group.agents.shrinkage == 0.0:
        yield warning(here, "rostered without shrinkage: everybody on the roster is taken to be on the phones")
    yield from _windows(group.agents.changes, scenario.calendar, here)


def _windows(changes: tuple[Change, ...], calendar: Calendar, here: tuple[str, ...]) -> Iterable[Problem]:
    for change in changes:
        begin = calendar.opens if change.from_ is None else change.from_
        end = calendar.closes if change.to is None else change.to
        if end <= calendar.opens or begin >= calendar.closes:
            window = f"{show_clock(begin)} to {show_clock(end)}"
            yield warning(here, f"the change from {window} lies outside the opening hours and never acts")


def _short_parts(swing: Busyness | Factor, calendar: Calendar, here: tuple[str, ...]) -> Iterable[Problem]:
    if swing.part != "day" and swing.part < calendar.interval:
        message = f"shorter than an interval ({show_duration(calendar.interval)}): an interval has the factor it begins with"
        yield warning((*here, "part"), message, "an interval as short makes every part act: calendar.interval")


def _whole(scenario: Any) -> Iterable[Problem]:
    for factor in scenario.factors:
        yield from _short_parts(factor, scenario.calendar, ("factors", factor.name))
    for one in scenario.special_days:
        here = ("special_days", one.name)
        if not any(one.acts_on(day) for day in scenario.calendar.dates):
            yield warning((*here, "on"), "no day of the calendar is one of these: it changes nothing")
        elif one == SpecialDay(name=one.name, on=one.on):
            yield warning(here, "says nothing that is different: it changes nothing")
        elif one.closed and (one.arrivals or one.agents or one.opens is not None or one.closes is not None):
            yield warning((*here, "closed"), "the center is closed: what else is said of the day does nothing")
        for name, agents in one.agents.items():
            yield from _windows(agents.changes, scenario.calendar, (*here, "agents", name))
        for name, arrivals in one.arrivals.items():
            yield from _windows(arrivals.changes, scenario.calendar, (*here, "arrivals", name))
    if scenario.lines.trunks is None:
        yield warning(("lines",), "no [lines]: there are as many lines as needed, and nobody is blocked")
    if scenario.costs == Costs():
        yield warning(("costs",), "no [costs]: costs stay empty")


def _count(calls: float) -> str:
    return f"{calls:,.0f} call{'' if round(calls) == 1 else 's'}"


def _most(given: Any) -> float:
    return max(_middle(one) for one in (given if isinstance(given, tuple) else (given,)))


def _middle(value: Any) -> float:
    if isinstance(value, Range):
        return (value.low + value.high) / 2 if value.likely is None else (value.low + value.likely + value.high) / 3
    return float(value)


def calls_a_day(arrivals: Arrivals, calendar: Calendar) -> float:
    """Expected everyday calls of a day, changes included; ranges at their means."""
    count = calendar.intervals
    if arrivals.replay is not None:
        return float(len(arrivals.replay))
    if arrivals.per_day is not None:
        weights = [_middle(one) for one in arrivals.profile or (1.0,) * count]
        total = sum(weights) or 1.0
        values = [_middle(arrivals.per_day) * weight / total for weight in weights]
    else:
        given = next(one for one in (arrivals.per_interval, arrivals.per_hour, arrivals.fixed) if one is not None)
        unit = calendar.interval / 3600 if arrivals.per_hour is not None else 1.0
        values = [_middle(one) * unit for one in (given if isinstance(given, tuple) else (given,) * count)]
    return sum(_changed(values, arrivals.changes, calendar))


def _present(scenario: Any, group: Any) -> bool:
    """Whether anybody of the group is there on any day."""
    days = range(scenario.calendar.days)
    return scenario.has_roster(group.name) or any(_there(agents_on(scenario, group, day), scenario.calendar) for day in days)


def _there(agents: Agents, calendar: Calendar) -> bool:
    given, calendar = agents.per_interval, calendar.cut(agents.every) or calendar
    values = [_middle(one) for one in (given if isinstance(given, tuple) else (given,) * calendar.intervals)]
    return any(value > 0 for value in _changed(values, agents.changes, calendar))


def _changed(values: list[float], changes: tuple[Change, ...], calendar: Calendar) -> list[float]:
    """The numbers per interval after the changes that touch the interval, not below 0."""
    for change in changes:
        for at, start in enumerate(calendar.starts()[: len(values)]):
            begin = start if change.from_ is None else change.from_
            end = start + calendar.interval if change.to is None else change.to
            if begin < start + calendar.interval and end > start:
                value = (
                    values[at] * _middle(change.times)
                    if change.times is not None
                    else values[at] + _middle(change.plus)
                )
                values[at] = max(value, 0.0)
    return values
