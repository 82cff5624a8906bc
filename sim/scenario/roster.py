"""Roster: the agents of a scenario one by one, with what their teams and groups say of them, and when each of them works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sim.scenario.people import Attendance, Codes, Person, Shift, Team
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


def individuals(scenario: Any) -> tuple[Individual, ...]:
    """The agents by name and those of teams who have none, by group, then by what they can do, then as they are listed."""
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
    return Individual(
        name, group, None if team is None else team.name, tuple(one for one in skills if one[1] > 0), attendance, said, codes
    )


@dataclass(frozen=True)
class Span:
    """A shift of one agent: ticks since midnight of the first day, which may be negative; `day`: on which it begins."""

    since: int
    until: int
    day: int
    shift: Shift


def spans_of(scenario: Any, one: Individual) -> list[Span]:
    """When an agent works, in order; also what reaches into the first day from the one before."""
    shifts = {shift.name: shift for shift in scenario.shifts}
    found = []
    for day in range(-1, scenario.calendar.days):
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
