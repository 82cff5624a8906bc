"""Roster: the agents of a scenario one by one, with what their teams and groups say of them, and when each of them works."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sim.scenario.horizon import hours
from sim.scenario.people import Attendance, Away, Codes, Person, Shift, Team
from sim.scenario.special_days import WEEKDAYS
from sim.scenario.units import DAY, ticks


@dataclass(frozen=True)
class Individual:
    """An agent of a roster, with all that is said of him.

    skills : (call type, level), in the order of the group's skills, levels above 0; said : of him, his team, later ones first
    """

    name: str
    group: str
    team: str | None
    skills: tuple[tuple[str, int], ...]
    attendance: Attendance
    said: tuple[Person, ...]
    codes: Codes | None = None

    def codes_on(self, when: date) -> Codes:
        """The codes of his shifts on that day; () where he does not work."""
        for one in self.said:
            if one.hired is not None:
                if when < one.hired:
                    return ()
                break
        for one in self.said:
            given = one.shifts.get(when.isoformat(), one.shifts.get(WEEKDAYS[when.weekday()]))
            if given is not None:
                return given
        return next((one.shift for one in self.said if one.shift), ()) if self.codes is None else self.codes

    @property
    def breaks_of(self) -> Person | None:
        """Who says what his breaks are, he or his team; None: his shifts do."""
        return next((one for one in self.said if one.breaks is not None), None)

    @property
    def hired(self) -> date | None:
        """The day on which he was hired, if it is said."""
        found: date | None = self.own("hired")
        return found

    def own(self, field: str) -> Any:
        """What is said of him in that field: by himself, else by his team, else None."""
        return next((given for one in self.said if (given := getattr(one, field)) is not None), None)


def individuals(scenario: Any) -> tuple[Individual, ...]:
    """The agents by name and those of teams who have none, by group, then by what they can do, then as they are listed.

    Who is nesting on the first day of the calendar on which he works has the skills of the nesting on all its days, for what
    an agent can do is one thing in a run.
    """
    teams = {team.name: team for team in scenario.teams}
    found = []
    for agent in scenario.agents:
        team = teams.get(agent.team) if agent.team is not None else None
        group = agent.group or ("" if team is None else team.group)
        found.append(_individual(scenario, agent.name, group, team, (agent, team) if team is not None else (agent,)))
    for team in scenario.teams:
        number = 0
        for codes, heads in team.numbers():
            for _ in range(heads):
                number += 1
                found.append(_individual(scenario, f"{team.name} {number}", team.group, team, (team,), codes))
    order = {group.name: place for place, group in enumerate(scenario.groups)}
    kinds: dict[tuple[str, tuple[tuple[str, int], ...]], int] = {}
    for one in found:
        kinds.setdefault((one.group, one.skills), len(kinds))
    return tuple(sorted(found, key=lambda one: (order[one.group], kinds[one.group, one.skills])))


def _individual(
    scenario: Any, name: str, group: str, team: Team | None, said: tuple[Person, ...], codes: Codes | None = None
) -> Individual:
    own = next((one.skills for one in said if one.skills is not None), None)
    of_group = next(one for one in scenario.groups if one.name == group).ranks()
    skills = tuple((kind, 1 if own is None else own.get(kind, 0)) for kind in of_group)
    attendance = scenario.attendance if team is None or team.attendance is None else team.attendance
    one = Individual(
        name, group, None if team is None else team.name, tuple(one for one in skills if one[1] > 0), attendance, said, codes
    )
    if scenario.learning is None or scenario.learning.nesting is None or not _is_nesting(scenario, one):
        return one
    return replace(one, skills=tuple(skill for skill in one.skills if skill[0] in scenario.learning.nesting.skills))


def _is_nesting(scenario: Any, one: Individual) -> bool:
    """Whether he is, on the first day of the calendar on which he works."""
    first = next((when for when in scenario.calendar.dates if one.codes_on(when)), scenario.calendar.start)
    return one.hired is not None and (first - one.hired).days < scenario.learning.nesting.days


@dataclass(frozen=True)
class Span:
    """A shift of one agent: ticks since midnight of the first day, which may be negative; `day`: on which it begins."""

    since: int
    until: int
    day: int
    shift: Shift


def spans_of(scenario: Any, one: Individual) -> list[Span]:
    """When an agent works, in order; also what reaches into the first day from the one before.

    No shift begins on a day on which the center is closed.
    """
    shifts = {shift.name: shift for shift in scenario.shifts}
    found = []
    for day in range(-1, scenario.calendar.days):
        if day >= 0 and hours(scenario, day) is None:
            continue
        when = scenario.calendar.start + timedelta(days=day)
        for code in one.codes_on(when):
            shift = shifts[code]
            since, until = day * DAY + ticks(shift.from_), day * DAY + ends(shift)
            if until > 0:
                found.append(Span(since, until, day, shift))
    return sorted(found, key=lambda span: span.since)


def ends(shift: Shift) -> int:
    """When a shift ends, in ticks since midnight of the day on which it begins."""
    return ticks(shift.to) + (DAY if shift.to <= shift.from_ else 0)


def window(shift: Shift, given: Away) -> tuple[int, int]:
    """From when to when an agent on that shift may be away for a break, in ticks since midnight of the shift's day."""
    since, until = (given.at, given.at) if given.between is None else given.between
    first = ticks(since or 0.0)
    first += DAY if first < ticks(shift.from_) and ends(shift) > DAY else 0
    if given.between is None:
        return first, first + ticks(given.lasts)
    return first, first + (ticks(until or 0.0) - ticks(since or 0.0)) % DAY


def within(shift: Shift, given: Away) -> bool:
    """Whether all of the time in which a break may be taken is in the shift."""
    since, until = window(shift, given)
    return ticks(shift.from_) <= since and until <= ends(shift)
