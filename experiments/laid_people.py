"""Laid people: agents as today's are, on shifts that put so many of them on the phones in each interval."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.ranges import resolve
from sim.scenario.people import Agent, Attendance, Shift, Team
from sim.scenario.roster import Individual, individuals
from sim.scenario.rota import ON_PHONES, rota
from sim.scenario.scenario import Scenario
from sim.scenario.units import TICKS_PER_SECOND, show_clock

Floats = npt.NDArray[np.float64]
OF_WORK = ("proficiency", "knowledge", "typing", "system_speed", "hired")  # what handle times hang on
OF_RINGING = ("pick_up", "no_answer", "rings", "away_for")  # what how calls ring hangs on


def unlike_counted(scenario: Scenario) -> set[str]:
    """Groups with agents who are not as heads that are counted: calls may take them another time, ring longer or in vain, or
    they have other skills.
    """
    said = OF_WORK if scenario.learning is not None else OF_WORK[:-1]
    skills = {group.name: tuple((kind, 1) for kind in group.ranks()) for group in scenario.groups}
    return {
        one.group
        for one in individuals(scenario)
        if any(one.own(field) is not None for field in said)
        or one.skills != skills[one.group]
        or _ringing(one) != Attendance()
    }


def laid_people(scenario: Scenario, group: str, heads: Floats, counted: float) -> tuple[list[Shift], list[Team], list[Agent]]:
    """Shifts, teams (for how calls ring) and agents with which so many of the group are on the phones, shape (days, intervals).

    Kinds of agents follow one another in proportion to today's hours on the phones, so any number of them is the same mix.
    They have no breaks. counted : today's hours of heads of the group that are only counted
    """
    kinds = _kinds(scenario, group, counted)
    share = np.array([kind.hours for kind in kinds])
    rings = list(dict.fromkeys(kind.ringing for kind in kinds))
    teams = [Team(name=f"{group}, ringing {number}", group=group, attendance=one) for number, one in enumerate(rings, start=1)]
    share, placed = share / share.sum(), np.zeros(len(share))
    shifts: dict[str, Shift] = {}
    agents = []
    for number in range(int(np.ceil(heads.max() - 1e-9))):
        kind = int(np.argmax(share * (number + 1) - placed))
        placed[kind] += 1
        dates = {}
        for when, row in zip(scenario.calendar.dates, np.clip(heads - number, 0.0, 1.0), strict=True):
            works = _shifts(scenario, row)
            shifts |= {one.name: one for one in works}
            dates[when.isoformat()] = tuple(one.name for one in works)
        team = teams[rings.index(kinds[kind].ringing)].name
        agents.append(kinds[kind].agent.replace(name=f"{group} {number + 1}", team=team, shifts=dates))
    return list(shifts.values()), teams, agents


def _shifts(scenario: Scenario, there: Floats) -> list[Shift]:
    """One agent's shifts on a day, from the part of each interval in which he is there, at its begin; in whole seconds."""
    calendar = scenario.calendar
    found: list[list[int]] = []
    for i, part in enumerate(there.tolist()):
        since = round(calendar.opens + i * calendar.interval)
        until = since + round(part * calendar.interval)
        if until > since and found and found[-1][1] == since:
            found[-1][1] = until
        elif until > since:
            found.append([since, until])
    spans = [(show_clock(since), show_clock(until)) for since, until in found]
    return [Shift.model_validate({"name": f"{since}-{until}", "from": since, "to": until}) for since, until in spans]


class _Kind(NamedTuple):
    """Agents who are alike in their work, with their hours on the phones by today's plan."""

    agent: Agent
    ringing: Attendance
    hours: float


def _kinds(scenario: Scenario, group: str, counted: float) -> list[_Kind]:
    people = individuals(scenario)
    hours = np.zeros(len(people))
    for planned in rota(resolve(scenario, seed=0, middle=True), people):
        ticks = sum(part.until - part.since for part in planned.parts if part.does == ON_PHONES)
        hours[planned.person] += ticks / TICKS_PER_SECOND / 3600.0
    found = [_Kind(Agent(name="counted", group=group), Attendance(), counted)] if counted > 0 else []
    for one, mine in zip(people, hours.tolist(), strict=True):
        if one.group == group and mine > 0:
            kind = _Kind(_as_agent(one), _ringing(one), mine)
            at = next((i for i, other in enumerate(found) if other[:2] == kind[:2]), len(found))
            found[at : at + 1] = [kind._replace(hours=mine + (found[at].hours if at < len(found) else 0.0))]
    return found


def _as_agent(one: Individual) -> Agent:
    said = {field: one.own(field) for field in OF_WORK}
    return Agent(name="one", group=one.group, skills=dict(one.skills), **said)


def _ringing(one: Individual) -> Attendance:
    """How calls ring at him, and nothing else of his attendance."""
    given = one.attendance
    said = {field: getattr(given, field) for field in OF_RINGING}
    at_once = all(getattr(given, field) == getattr(Attendance(), field) for field in OF_RINGING[:2])
    return Attendance() if at_once else Attendance().replace(**said)
