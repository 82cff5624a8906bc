"""Whether shifts, teams and agents make sense: names that exist, breaks inside shifts, shifts that do not overlap."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sim.scenario.errors import Problem
from sim.scenario.fitting import names, refers, unique
from sim.scenario.laws_check import law_problems
from sim.scenario.overtime import too_few
from sim.scenario.paths import Path, join
from sim.scenario.people import Agent, Away, Codes, Person, Shift, Team, codes_of
from sim.scenario.roster import Individual, ends, individuals, spans_of, window, within
from sim.scenario.rota import crowded, rota
from sim.scenario.special_days import WEEKDAYS
from sim.scenario.units import DAY, show_clock, show_duration, ticks


def people_problems(scenario: Any) -> Iterable[Problem]:
    """What is wrong with shifts, activities, teams, agents and attendance."""
    for array in ("shifts", "activities", "teams", "agents", "overtime"):
        yield from unique(getattr(scenario, array), (array,))
    for one in scenario.overtime:
        for key in ("groups", "teams"):
            for name in getattr(one, key) or ():
                yield from refers(name, names(getattr(scenario, key)), ("overtime", one.name, key), key[:-1])
    for shift in scenario.shifts:
        yield from _shift(shift)
    for one in scenario.activities:
        here = ("activities", one.name)
        yield from _away(one, here)
        for key in ("groups", "teams", "agents"):
            for name in getattr(one, key) or ():
                yield from refers(name, names(getattr(scenario, key)), (*here, key), key[:-1])
    yield from _attendance(scenario.attendance, ("attendance",))
    placed = list(_places(scenario))
    yield from placed
    for team in scenario.teams:
        here = ("teams", team.name)
        yield from _person(scenario, team, team.group, here)
        for given in _by_code(team):
            for code in codes_of(given):
                yield from refers(code, names(scenario.shifts), (*here, "agents", given), "shift")
        if team.attendance is not None:
            yield from _attendance(team.attendance, (*here, "attendance"))
    groups = {team.name: team.group for team in scenario.teams}
    for agent in scenario.agents:
        group = agent.group or groups.get(agent.team or "", "")
        yield from _person(scenario, agent, group, ("agents", agent.name))
    if not placed and not list(_unknown(scenario)):
        yield from _together(scenario)


def _places(scenario: Any) -> Iterable[Problem]:
    """Where somebody is put that does not exist, or nowhere."""
    teams = {team.name: team.group for team in scenario.teams}
    for team in scenario.teams:
        yield from refers(team.group, names(scenario.groups), ("teams", team.name, "group"), "group")
    for agent in scenario.agents:
        here = ("agents", agent.name)
        if agent.team is not None:
            yield from refers(agent.team, teams, (*here, "team"), "team")
        if agent.group:
            yield from refers(agent.group, names(scenario.groups), (*here, "group"), "group")
            if agent.team in teams and teams[agent.team] != agent.group:
                message = f'team "{agent.team}" is of group "{teams[agent.team]}"'
                yield Problem(join((*here, "group")), message, found=agent.group)
        elif agent.team is None:
            yield Problem(join(here), "needs a group or a team")


def _unknown(scenario: Any) -> Iterable[Problem]:
    for array in ("agents", "teams"):
        for one in getattr(scenario, array):
            codes = [*one.shift, *(code for given in one.shifts.values() for code in given)]
            codes += [code for given in _by_code(one) for code in codes_of(given)]
            for code in codes:
                yield from refers(code, names(scenario.shifts), (array, one.name, "shift"), "shift")


def _by_code(one: Any) -> Iterable[str]:
    return one.agents if isinstance(getattr(one, "agents", None), dict) else ()


def _person(scenario: Any, one: Person, group: str, here: Path) -> Iterable[Problem]:
    known = names(scenario.shifts)
    for code in one.shift:
        yield from refers(code, known, (*here, "shift"), "shift")
    for when, codes in one.shifts.items():
        if when not in WEEKDAYS and not _is_date(when):
            message = 'must be a date, such as "2026-03-14", or a weekday, such as "saturday"'
            yield Problem(join((*here, "shifts", when)), message)
        for code in codes:
            yield from refers(code, known, (*here, "shifts", when), "shift")
    for at, given in enumerate(one.breaks or ()):
        yield from _away(given, (*here, "breaks", given.name or str(at)))
    of_group = next((entry for entry in scenario.groups if entry.name == group), None)
    for name in one.skills or ():
        unknown = refers(name, names(scenario.call_types), (*here, "skills", name), "call type")
        yield from unknown
        if not unknown and of_group is not None and name not in of_group.ranks():
            hint = f'add "{name}" to {join(("groups", group, "skills"))}'
            yield Problem(join((*here, "skills", name)), f'group "{group}" does not have the skill "{name}"', hint=hint)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _attendance(given: Any, here: Path) -> Iterable[Problem]:
    for name in ("late_by", "off_for", "overrun", "pick_up", "away_for"):
        yield from law_problems(getattr(given, name), (*here, name))
    if ticks(given.rings) <= 0:
        yield Problem(join((*here, "rings")), "must be longer than 0")


def _shift(shift: Shift) -> Iterable[Problem]:
    here = ("shifts", shift.name)
    if ends(shift) - ticks(shift.from_) > DAY:
        yield Problem(join((*here, "to")), "a shift has 24 hours at most", found=show_clock(shift.to))
    for at, given in enumerate(shift.breaks):
        path = (*here, "breaks", given.name or str(at))
        yield from _away(given, path)
        if not within(shift, given):
            yield Problem(join(path), f"must lie within the shift, {_hours(shift)}", found=_said(given))
    yield from _one_by_one(shift, shift.breaks, here)


def _one_by_one(shift: Shift, breaks: Iterable[Away], here: Path) -> Iterable[Problem]:
    last = 0
    fixed = sorted(((window(shift, one), one) for one in breaks if one.at is not None), key=lambda pair: pair[0])
    for (since, until), one in fixed:
        if since < last:
            yield Problem(join((*here, "breaks")), "two breaks overlap", found=_said(one))
        last = max(last, until)


def _hours(shift: Shift) -> str:
    return f"{show_clock(shift.from_)} to {show_clock(shift.to)}"


def _said(given: Away) -> str:
    if given.between is None:
        return f"{show_clock(given.at or 0.0)} for {show_duration(given.lasts)}"
    return " to ".join(show_clock(clock) for clock in given.between)


def _away(given: Away, here: Path) -> Iterable[Problem]:
    if given.lasts <= 0:
        yield Problem(join((*here, "lasts")), "must be longer than 0")
    if given.between is not None:
        room = (ticks(given.between[1]) - ticks(given.between[0])) % DAY
        if room < ticks(given.lasts):
            message = f"{show_duration(given.lasts)} do not fit between {_said(given)}"
            yield Problem(join((*here, "between")), message)


def _together(scenario: Any) -> Iterable[Problem]:
    """Shifts of one agent that overlap, and groups whose people would be counted twice."""
    people = individuals(scenario)
    listed = {agent.name for agent in scenario.agents}
    for one in people:
        if one.name in listed and not isinstance(one.said[0], Agent):
            message = f'team "{one.team}" has an agent of that name beside those who are listed'
            yield Problem(join(("agents", one.name)), message, hint="another name, or fewer `agents` in the team")
    seen: set[tuple[Codes, Codes]] = set()
    for one in people:
        yield from _overlaps(scenario, one, seen)
    yield from _own_breaks(scenario, people)
    yield from _limits(scenario)
    for asked, text in too_few(scenario, people, rota(scenario, people)) if scenario.overtime and not crowded(scenario) else ():
        yield Problem(join(("overtime", asked.name, "agents")), text, found=str(asked.agents))
    for name in sorted({one.group for one in people}):
        agents = next(group.agents for group in scenario.groups if group.name == name)
        if agents.shrinkage != 0.0 or agents.aux != 0.0:
            message = "agents of a roster have breaks and absences of their own: shrinkage and aux would count them twice"
            yield Problem(join(("groups", name, "agents")), message, hint='count heads "on phones", without shrinkage')


def _own_breaks(scenario: Any, people: Iterable[Individual]) -> Iterable[Problem]:
    """Breaks of agents and teams that lie in none of the shifts of a day, or overlap; each of a team's is said once."""
    shifts = {shift.name: shift for shift in scenario.shifts}
    seen: set[tuple[Path, Codes]] = set()
    for one in people:
        who = one.breaks_of
        if who is None:
            continue
        here = ("teams" if isinstance(who, Team) else "agents", getattr(who, "name", ""))
        days = (scenario.calendar.start + timedelta(days=day) for day in range(-1, scenario.calendar.days))
        for codes in dict.fromkeys(one.codes_on(day) for day in days):
            if not codes or (here, codes) in seen:
                continue
            seen.add((here, codes))
            works = [shifts[code] for code in codes]
            for at, given in enumerate(who.breaks or ()):
                if not any(within(shift, given) for shift in works):
                    said = " and ".join(f'"{shift.name}", {_hours(shift)}' for shift in works)
                    message = f'must lie within the shift of agent "{one.name}", {said}'
                    yield Problem(join((*here, "breaks", given.name or str(at))), message, found=_said(given))
            for shift in works:
                yield from _one_by_one(shift, (given for given in who.breaks or () if within(shift, given)), here)


def _limits(scenario: Any) -> Iterable[Problem]:
    said = (*scenario.shifts, *scenario.teams, *scenario.agents)
    given = [one for who in said for one in who.breaks or ()]
    if any(one.at_once is not None for one in (*given, *scenario.activities)):
        yield from (Problem("shifts", text, hint="a longer window, or more at once") for text in crowded(scenario))


def _overlaps(scenario: Any, one: Individual, seen: set[tuple[Codes, Codes]]) -> Iterable[Problem]:
    days = [scenario.calendar.start + timedelta(days=day) for day in range(-1, scenario.calendar.days)]
    pairs = {(one.codes_on(when), one.codes_on(when + timedelta(days=1))) for when in days}
    if pairs <= seen:
        return
    seen |= pairs
    last = None
    for span in spans_of(scenario, one):
        if last is not None and span.since < last.until:
            when = scenario.calendar.start + timedelta(days=span.day)
            message = f'shifts "{last.shift.name}" and "{span.shift.name}" overlap on {when}'
            yield Problem(join(("agents", one.name, "shift")), message)
            return
        last = span
