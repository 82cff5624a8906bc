"""Scenario: the parts of a call center together, and whether they fit each other."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, InstanceOf, WithJsonSchema, model_validator

from sim.scenario.calendar import Calendar
from sim.scenario.callers import CallType
from sim.scenario.costs import Costs, Target
from sim.scenario.demand import Factor, OpeningQueue, Surge
from sim.scenario.floor import Group
from sim.scenario.handling import Fatigue, Learning, System
from sim.scenario.ivr import Ivr
from sim.scenario.overtime import Overtime
from sim.scenario.parameters import Parameters
from sim.scenario.people import Activity, Agent, Attendance, Shift, Team
from sim.scenario.record import Record
from sim.scenario.routing import Routing
from sim.scenario.special_days import SpecialDay

_SETS = {"type": "string", "description": "the file of sets that callsim calibrate writes beside the story"}
# here the sets themselves, and only where a replication is to use one of them
_Sets = Annotated[InstanceOf[Parameters], WithJsonSchema(_SETS)]


class Lines(Record):
    """Telephone lines: a call holds one from its arrival to the end of talk; not given: as many as needed."""

    trunks: Annotated[int | None, Field(ge=0)] = None


class Source(Record):
    """Where an input comes from: measured in data, given by somebody, or assumed."""

    status: Literal["measured", "given", "assumed"]
    note: str = ""


class Scenario(Record):
    """All that is asked of a simulated day, or of connected days. Frozen; vary it with `with_` (paths) or `replace` (fields)."""

    name: str
    description: str = ""
    calendar: Calendar
    special_days: Annotated[tuple[SpecialDay, ...], Field(strict=False)] = ()
    call_types: Annotated[tuple[CallType, ...], Field(strict=False, min_length=1)]
    groups: Annotated[tuple[Group, ...], Field(strict=False)] = ()
    shifts: Annotated[tuple[Shift, ...], Field(strict=False)] = ()
    activities: Annotated[tuple[Activity, ...], Field(strict=False)] = ()
    teams: Annotated[tuple[Team, ...], Field(strict=False)] = ()
    agents: Annotated[tuple[Agent, ...], Field(strict=False)] = ()
    attendance: Attendance = Attendance()
    overtime: Annotated[tuple[Overtime, ...], Field(strict=False)] = ()
    routing: Routing = Routing()
    learning: Learning | None = None
    fatigue: Fatigue | None = None
    systems: Annotated[tuple[System, ...], Field(strict=False)] = ()
    surges: Annotated[tuple[Surge, ...], Field(strict=False)] = ()
    factors: Annotated[tuple[Factor, ...], Field(strict=False)] = ()
    opening_queue: OpeningQueue | None = None
    lines: Lines = Lines()
    ivr: Ivr = Ivr()
    costs: Costs = Costs()
    targets: Annotated[tuple[Target, ...], Field(strict=False)] = ()
    sources: dict[str, Source] = {}
    parameters: _Sets | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        from sim.scenario.consistency import check

        check(self)
        return self

    @property
    def back_office(self) -> tuple[str, ...]:
        """The groups that do nothing for callers: their skills are work and lists only."""
        quiet = {kind.name for kind in self.call_types if kind.quiet}
        return tuple(group.name for group in self.groups if quiet.issuperset(group.ranks()))

    def takers(self, kind: CallType) -> tuple[Group, ...]:
        """The groups that take calls of the type at once."""
        able = (group for group in self.groups if kind.name in group.ranks())
        return tuple(group for group in able if kind.groups is None or group.name in kind.groups)

    def has_roster(self, group: str) -> bool:
        """Whether agents of the group are known one by one."""
        of_teams = {team.name: team.group for team in self.teams}
        named = {agent.group or of_teams.get(agent.team or "", "") for agent in self.agents}
        return group in named or any(team.group == group and team.agents for team in self.teams)

    def table(self) -> dict[str, Any]:
        """The scenario as a plain table, in the form a file gives it; `Scenario(**table)` is equal to this one."""
        table = self.model_dump(mode="python", exclude_defaults=True, exclude={"parameters"})
        if self.parameters is not None:
            table["parameters"] = self.parameters
        for kind, entry in zip(self.call_types, table["call_types"], strict=True):
            if kind.arrivals.replay is not None:  # pydantic would take the recorded calls apart
                entry["arrivals"]["replay"] = kind.arrivals.replay
        for group, entry in zip(self.groups, table.get("groups", ()), strict=True):
            if "agents" in group.model_fields_set:  # "nobody" is an answer, not to say anything is a mistake
                entry.setdefault("agents", {"per_interval": 0.0})
        return table

    def with_(self, changes: dict[str, Any]) -> Scenario:
        """A scenario with values set by path, as ``--set`` does: ``{"groups.generalists.agents.plus": 2}``; in every set.

        Raises ScenarioError naming the path, the value found and what is allowed.
        """
        from sim.scenario.merge import build, set_paths

        table = self.table()
        changed = set_paths(table, changes)
        if self.parameters is not None:
            changed["parameters"] = self.parameters.under(table, lambda one: set_paths(one, changes))
        return build(changed)
