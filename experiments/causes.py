"""Causes: why an answer rate is low, each as the scenario without it, in the one order in which they are taken away.

demand, callers, IVR, lines, people (what handle times hang on), hours, heads. What a cause needs to know (hours, traffic) is
worked out once, from the scenario as it is today, so that it does not depend on which others are taken away with it. Where
hours are laid anew, as many are on the phones as the roster then has there; where handle times hang on who answers, the mix of
agents is today's at every hour.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from experiments.expected import counted_heads, heads_by_interval, traffic
from experiments.laid_people import laid_people, unlike_counted
from sim.chance.ranges import resolve
from sim.scenario.demand import Arrivals, Busyness
from sim.scenario.distributions import Deterministic
from sim.scenario.floor import Agents, DayAgents
from sim.scenario.ivr import Ivr
from sim.scenario.people import Agent, Attendance, Shift, Team
from sim.scenario.reactions import REDIALS
from sim.scenario.scenario import Lines, Scenario
from sim.scenario.series import ShareSeries
from sim.scenario.special_days import SpecialDay

Floats = npt.NDArray[np.float64]


class Cause(NamedTuple):
    """A cause by its short name and as a planner says it; `without` gives the scenario without it."""

    name: str
    title: str
    without: Callable[[Scenario], Scenario]


def causes(today: Scenario) -> tuple[Cause, ...]:
    """All causes that today's parts of the model allow, in their order; one that is not there changes nothing."""
    laid = fitted_hours(today)

    def with_fitted_hours(scenario: Scenario) -> Scenario:
        """The hours that the scenario has, laid as today's are where today's traffic is."""
        if not scenario.teams and not scenario.agents:
            return with_heads(scenario, laid)
        now = heads_by_interval(resolve(scenario, seed=0, middle=True))
        more = {name: now[name].sum() / max(row.sum(), 1e-9) for name, row in laid.items()}
        return with_heads(scenario, {name: row * more[name] for name, row in laid.items()})

    return (
        Cause("surges", "surges beside the everyday traffic", _without_surges),
        Cause("swing", "the swing from day to day", _without_swing),
        Cause("redials", "redials when nobody answers", _without_redials),
        Cause("repeats", "repeat calls: not solved", _without_repeats),
        Cause("junk", "calls with no matter", _without_junk),
        Cause("menus", "callers who leave the IVR early", _without_leaving_menus),
        Cause("misroutes", "wrong options taken in the IVR", _without_wrong_options),
        Cause("contained", "contained and not helped", _without_false_containment),
        Cause("offers", "what agents offer before callers go", _without_offers),
        Cause("lists", "lists that agents call", _without_lists),
        Cause("lines", "too few lines", _without_limit_of_lines),
        Cause("knowledge", "agents who have to look things up", _without_not_knowing),
        Cause("scripts", "time that scripts take", _without_time_of_scripts),
        Cause("typing", "what is typed after calls", _without_typing),
        Cause("systems", "support systems and their outages", _without_systems),
        Cause("new hires", "agents who are new", _without_new_hires),
        Cause("awareness", "agents who do not answer, or not at once", _without_ringing),
        Cause("absence", "who does not come, or comes late", _without_absence),
        Cause("adherence", "unplanned time off the phones", _without_leaving_phones),
        Cause("breaks", "breaks and meetings", _without_breaks),
        Cause("hours", "hours not where the traffic is", with_fitted_hours),
    )


def fitted_hours(today: Scenario) -> dict[str, Floats]:
    """Today's hours of every group laid where its traffic is: heads on the phones, shape (days x intervals,).

    Square-root staffing: load + b sqrt(load), b such that the hours stay the same (Borst, Mandelbaum and Reiman 2004,
    "Dimensioning large call centers", Operations Research 52(1)); where the hours are less than the load, in proportion
    to it. A call type's load is split over its groups by their hours.
    """
    known = resolve(today, seed=0, middle=True)
    heads, load = heads_by_interval(known), traffic(known).load
    hours = {name: float(row.sum()) for name, row in heads.items()}
    share = {name: np.zeros(load.shape[1]) for name in heads}
    for kind, row in zip(known.call_types, load, strict=True):
        able = [group.name for group in known.takers(kind)]
        whole = sum(hours[name] for name in able)
        for name in able:
            share[name] = share[name] + row * (hours[name] / whole if whole else 0.0)
    laid = {}
    for name, mine in share.items():
        extra = hours[name] - mine.sum()
        if not mine.sum() > 0:
            laid[name] = heads[name]
        elif extra >= 0:
            laid[name] = mine + np.sqrt(mine) * (extra / np.sqrt(mine).sum())
        else:
            laid[name] = mine * (hours[name] / mine.sum())
    return laid


def with_heads(scenario: Scenario, heads: dict[str, Floats]) -> Scenario:
    """The scenario with these heads on the phones, shape (days x intervals,), paid as its groups' heads are.

    Heads are counted, but for groups with agents unlike counted heads (see `laid_people`): there they are agents who always
    come, have no breaks and do not tire, in today's mix of work, skills and ringing.
    """
    calendar = scenario.calendar
    people = {name: heads[name] for name in unlike_counted(scenario)}
    heads = {name: np.zeros_like(row) if name in people else row for name, row in heads.items()}
    rows = {name: row.reshape(calendar.days, calendar.intervals) for name, row in heads.items()}
    groups = tuple(group.replace(agents=_on_phones(group.agents, rows[group.name][0])) for group in scenario.groups)
    others = [one.replace(agents={}) for one in scenario.special_days if one.replace(agents={}) != _bare(one)]
    for day in range(1, calendar.days):
        of_day = {name: DayAgents(per_interval=_numbers(row[day])) for name, row in rows.items()}
        others.append(SpecialDay(name=f"heads of {calendar.dates[day]}", on=(calendar.dates[day],), agents=of_day))
    shifts, teams, agents = dict[str, Shift](), list[Team](), list[Agent]()
    counted = counted_heads(resolve(scenario, seed=0, middle=True))
    for name, row in people.items():
        hours = float(counted[name].sum()) * calendar.interval / 3600.0
        works, ringing, who = laid_people(scenario, name, row.reshape(calendar.days, calendar.intervals), hours)
        shifts |= {one.name: one for one in works}
        teams += ringing
        agents += who
    return scenario.replace(
        groups=groups, special_days=tuple(others), teams=tuple(teams), agents=tuple(agents), shifts=tuple(shifts.values()),
        activities=(), overtime=(), attendance=Attendance(), fatigue=None,
    )  # fmt: skip


def _bare(given: SpecialDay) -> SpecialDay:
    """That day without anything special."""
    return SpecialDay(name=given.name, on=given.on)


def _numbers(heads: Floats) -> tuple[float, ...]:
    return tuple(round(float(number), 6) for number in heads)


def _on_phones(agents: Agents, heads: Floats) -> Agents:
    numbers = _numbers(heads)
    away = agents.aux if agents.counts == "staffed" else agents.shrinkage
    # of "rostered" markup heads h / (1 + s) are on the phones, and of "on phones" markup heads h (1 + s) are paid: the same
    return Agents(per_interval=numbers, counts="on phones", shrinkage=away, convention=agents.convention)


def _without_surges(scenario: Scenario) -> Scenario:
    return scenario.replace(surges=())


def _without_swing(scenario: Scenario) -> Scenario:
    calm = tuple(kind.replace(busyness=Busyness(), talk_swing=Busyness()) for kind in scenario.call_types)
    return scenario.replace(call_types=calm, factors=())


def _without_leaving_menus(scenario: Scenario) -> Scenario:
    """The IVR as effective as designed: nobody hangs up in it, or asks for an agent, before the menu that serves him."""
    ivr = scenario.ivr
    menu = tuple(one.replace(hang_up=ShareSeries(), agent=ShareSeries()) for one in ivr.menu)
    return scenario.replace(ivr=ivr.replace(menu=menu, hang_up={}, talk_under=_measured(ivr)))


def _without_wrong_options(scenario: Scenario) -> Scenario:
    ivr = scenario.ivr
    right = tuple(menu.replace(wrong=0.0) for menu in ivr.menu)
    return scenario.replace(ivr=ivr.replace(menu=right, talk_under=_measured(ivr)))


def _measured(ivr: Ivr) -> Ivr | None:
    """The IVR under which talk was measured, once it changes."""
    return ivr if ivr.talk_under is None and ivr.selective() else ivr.talk_under


def _without_false_containment(scenario: Scenario) -> Scenario:
    ivr = scenario.ivr
    helped = tuple(one.replace(solved=1.0, again=None) for one in ivr.deflections)
    scenario = scenario.replace(ivr=ivr.replace(deflections=helped, talk_under=_measured(ivr)))
    return _without_reactions(scenario, ("contained",))


def _without_redials(scenario: Scenario) -> Scenario:
    return _without_reactions(scenario, REDIALS)


def _without_repeats(scenario: Scenario) -> Scenario:
    return _without_reactions(scenario, ("unsolved",))


def _without_reactions(scenario: Scenario, ends: tuple[str, ...]) -> Scenario:
    none = dict.fromkeys(ends)
    return scenario.replace(
        call_types=tuple(kind.replace(next=kind.next.replace(**none)) for kind in scenario.call_types)
    )


def _without_junk(scenario: Scenario) -> Scenario:
    junk, nobody = {kind.name for kind in scenario.call_types if kind.junk}, Arrivals(per_interval=0.0)
    surges = []
    for surge in scenario.surges:
        calls, factor = (
            {name: size for name, size in sizes.items() if name not in junk} for sizes in (surge.calls, surge.factor)
        )
        if calls or factor:
            surges.append(surge.replace(calls=calls, factor=factor))
    types = tuple(kind.replace(arrivals=nobody) if kind.junk else kind for kind in scenario.call_types)
    days = tuple(
        one.replace(arrivals={name: given for name, given in one.arrivals.items() if name not in junk})
        for one in scenario.special_days
    )
    return scenario.replace(call_types=types, surges=tuple(surges), special_days=days)


def _without_offers(scenario: Scenario) -> Scenario:
    return scenario.replace(call_types=tuple(kind.replace(offers=()) for kind in scenario.call_types))


def _without_lists(scenario: Scenario) -> Scenario:
    types = [
        kind if kind.outbound is None else kind.replace(outbound=kind.outbound.replace(contacts=0))
        for kind in scenario.call_types
    ]
    return scenario.replace(call_types=tuple(types))


def _without_limit_of_lines(scenario: Scenario) -> Scenario:
    return scenario.replace(lines=Lines())


def _without_not_knowing(scenario: Scenario) -> Scenario:
    """Everybody knows everything."""
    return _of_people(scenario, knowledge=None)


def _without_time_of_scripts(scenario: Scenario) -> Scenario:
    """Scripts take no time; what they solve stays solved."""
    at_once = Deterministic(value=0.0)
    kinds = [kind.replace(script=tuple(step.replace(takes=at_once) for step in kind.script)) for kind in scenario.call_types]
    return scenario.replace(call_types=tuple(kinds))


def _without_typing(scenario: Scenario) -> Scenario:
    """Everybody types at once."""
    return _of_people(scenario, typing=None)


def _without_systems(scenario: Scenario) -> Scenario:
    """Systems answer at once, and always."""
    kinds = tuple(kind.replace(transactions={}) for kind in scenario.call_types)
    return scenario.replace(call_types=kinds, systems=())


def _without_new_hires(scenario: Scenario) -> Scenario:
    """Everybody is experienced, and has all his skills."""
    return scenario.replace(learning=None)


def _without_ringing(scenario: Scenario) -> Scenario:
    """Everybody picks up at once, and answers."""
    return _attended(scenario, pick_up=Deterministic(value=0.0), no_answer=0.0)


def _without_absence(scenario: Scenario) -> Scenario:
    return _attended(scenario, absent=0.0, late=0.0)


def _without_leaving_phones(scenario: Scenario) -> Scenario:
    return _attended(scenario, off=0.0, overrun=Deterministic(value=0.0))


def _attended(scenario: Scenario, **said: Any) -> Scenario:
    teams = [
        team if team.attendance is None else team.replace(attendance=team.attendance.replace(**said)) for team in scenario.teams
    ]
    return scenario.replace(attendance=scenario.attendance.replace(**said), teams=tuple(teams))


def _without_breaks(scenario: Scenario) -> Scenario:
    """Everybody is on the phones from the begin of his shift to its end."""
    working = scenario.replace(shifts=tuple(shift.replace(breaks=()) for shift in scenario.shifts), activities=())
    return _of_people(working, breaks=None)


def _of_people(scenario: Scenario, **said: None) -> Scenario:
    return scenario.replace(
        teams=tuple(team.replace(**said) for team in scenario.teams),
        agents=tuple(agent.replace(**said) for agent in scenario.agents),
    )
