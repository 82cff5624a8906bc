"""Advice on agents of a roster who never do anything: no shift on any day, no skill."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.scenario.errors import Problem
from sim.scenario.paths import join
from sim.scenario.roster import Individual, individuals, spans_of

_NAMED = 3  # of many


def people_warnings(scenario: Any) -> Iterable[Problem]:
    """Agents who do not work on any day of the calendar, and agents who can take no call."""
    people = individuals(scenario)
    absent = [one for one in people if not spans_of(scenario, one)]
    yield from _said(absent, "no shift on any day of the calendar: never there", "`shift` of the agent or his team, or `hired`")
    unable = [one for one in people if not one.skills]
    yield from _said(unable, "no skill of the group: takes no call", "levels above 0 of the group's skills")


def _said(who: list[Individual], message: str, hint: str) -> Iterable[Problem]:
    """One warning for each team, and for the agents without one together."""
    teams = dict.fromkeys(one.team for one in who)
    for team in teams:
        names = [one.name for one in who if one.team == team]
        shown = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
        path = ("teams", team) if team is not None else ("agents", names[0])
        yield Problem(join(path), f"{shown}: {message}", hint=hint, severity="warning")
