"""Recorded day: one day of a log as a scenario that replays it, to be run under policies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from sim.calibrate.calibration import Sources, Table
from sim.calibrate.callers import redials
from sim.calibrate.crew import Crew, crew
from sim.calibrate.pools import Pool, names_agents, pools
from sim.calibrate.talks import in_hours
from sim.calibrate.turns import Turns, turns
from sim.calls import NONE
from sim.chance.rows import quantile_function
from sim.files.history import History
from sim.files.own_log import own_csv
from sim.files.recorded_log import recorded
from sim.files.sessions import Sessions
from sim.files.write import dump_scenario
from sim.scenario.calendar import A_DAY
from sim.scenario.errors import CallsimError
from sim.scenario.merge import build
from sim.scenario.scenario import Scenario
from sim.scenario.units import ticks

LOG = "calls.csv"  # beside the scenario file
STEP = 300.0  # seconds; how finely inferred heads follow the day
_PEOPLE = ("teams", "agents", "shifts", "activities", "attendance", "overtime")  # of the scenario that lends its laws
_IN_THE_LOG = ("arrivals", "busyness", "talk_swing", "next", "offers", "transfers", "tickets")  # or in its handle times


@dataclass(frozen=True)
class RecordedDay:
    """A day of a log, to be replayed: its calls, the scenario, the scenario's file and the log beside it (LOG)."""

    calls: History
    scenario: Scenario
    file: str
    log: str
    notes: tuple[str, ...]


def recorded_day(
    history: History,
    day: date,
    like: Scenario,
    *,
    staffing: Literal["inferred", "scenario"] = "inferred",
    own_agents: tuple[str, ...] = (),
    sessions: Sessions | None = None,
    always: Turns | None = None,
    interval: float = 1800.0,
) -> RecordedDay:
    """The scenario in which the recorded calls of a day come as they came, with what was not recorded from `like`.

    `like` gives patience beyond the recorded waits, handle times of those who were not answered, wrap-up, what depends on
    labels, costs and targets; its busyness, surges, what agents do who do not end a call, and everything that makes callers come
    again are left out, for what they would bring is in the log.

    staffing "inferred": heads in parts of five minutes, from who answered when (see
    `sim.calibrate.presence`); "scenario": those of `like` on that date, with its hours and groups.

    sessions : who was there when; then the agents are on the roster one by one (see `sim.calibrate.crew`) in place of the
    inferred heads. always : the turns of the whole log, from which skills are seen that the day does not show (not given:
    counted here). Raises CallsimError for a day without calls, or without calls of a type that `like` has, or without
    sessions, where they are asked for.
    """
    calls = history.on(day)
    known = [kind.name for kind in like.call_types if kind.name in calls.call_types]
    there = np.isin(calls.call_type, [calls.call_types.index(name) for name in known])
    notes = []
    if not there.all():
        names = sorted({calls.call_types[code] for code in calls.call_type[~there].tolist()})
        notes.append(f"left out: {int((~there).sum())} calls of types that {like.name} does not have: {', '.join(names)}")
    calls = calls.where(there)
    if not len(calls):
        raise CallsimError(f"{day}: no calls of a type that {like.name} has; there is {', '.join(history.call_types)}")
    if sessions is not None and not names_agents(calls):
        raise CallsimError(f"{calls.source}: does not say who answered; agents one by one need a log that does")
    table = like.table() | {"name": f"{calls.source}, replayed", "description": f"recorded calls of {day}, replayed"}
    sources = Sources()
    if staffing == "scenario":
        table["calendar"] = table["calendar"] | {"start": day, "days": 1}
        sources.given("groups", f"as in {like.name}")
    else:
        for key in _PEOPLE:
            table.pop(key, None)
        table["calendar"] = _hours(calls, day, interval)
        if sessions is None:
            _heads(table, calls, like, tuple(known), own_agents, sources)
            if any(group.concurrency is not None for group in like.groups):
                notes.append(f"inferred heads handle one contact at a time, those of {like.name} several: see --staffing")
        else:
            found = crew(calls, day, sessions, like, ticks(table["calendar"]["closes"]), always or turns(history, like))
            calls = found.calls
            notes += _people(table, found, sessions, sources)
        _forget_groups(table, {group["name"] for group in table["groups"]})
    table["call_types"] = [_type(entry, calls, sources, day) for entry in table["call_types"]]
    for entry in table["call_types"]:
        if "talk_factor" in entry:
            entry["talk_factor"] = in_hours(entry["talk_factor"], like.calendar, table["calendar"])
    for key in ("factors", "surges", "opening_queue"):
        table.pop(key, None)
    table["special_days"] = _special(table, like, day) if staffing == "scenario" else []
    table["ivr"] = {key: part for key, part in table.get("ivr", {}).items() if key == "delay"}
    table["sources"] = sources.table
    scenario = build(table)
    again = redials(calls)
    if again:
        notes.append(f"{again} calls are redials of callers who were not answered; they stay in as recorded")
    return RecordedDay(calls, scenario, dump_scenario(scenario, replay=LOG), own_csv(calls), tuple(notes))


def _heads(
    table: Table, calls: History, like: Scenario, types: tuple[str, ...], own_agents: tuple[str, ...], sources: Sources
) -> None:
    """Puts groups with inferred heads into the table."""
    floor = _inferred(calls, like, types, own_agents, table["calendar"])
    table["groups"] = [_group(pool) for pool in floor]
    how = "from who answered when" if names_agents(calls) else "the most who were in service at once"
    for pool in floor:
        sources.measured(f"groups.{pool.name}.agents", f"inferred in parts of 5 minutes: {how}")


def _people(table: Table, found: Crew, sessions: Sessions, sources: Sources) -> list[str]:
    """Puts the agents into the table; what is to be said of it."""
    table |= {"groups": found.groups, "shifts": found.shifts, "agents": found.agents}
    sources.measured("agents", f"sessions of {sessions.source}; skills and time away from who answered when")
    notes = []
    if found.unnamed:
        notes.append(f"{found.unnamed} calls were answered by nobody who has a session then; an agent was there for each")
    if found.silent:
        notes.append(f"there, and answered no call: {', '.join(found.silent)}")
    return notes


def _special(table: Table, like: Scenario, day: date) -> list[Table]:
    """The hours and heads of the special days of `like` that act on the day."""
    acting = [one.name for one in like.special_days if one.acts_on(day)]
    return [
        {key: part for key, part in entry.items() if key != "arrivals"}
        for entry in table.get("special_days", ())
        if entry["name"] in acting
    ]


def _type(entry: Table, calls: History, sources: Sources, day: date) -> Table:
    name = entry["name"]
    kept = {key: part for key, part in entry.items() if key not in _IN_THE_LOG}
    if name not in calls.call_types or not (calls.call_type == calls.call_types.index(name)).any():
        return kept | {"arrivals": {"per_interval": 0.0}}
    sources.measured(f"call_types.{name}.arrivals", f"recorded calls of {day}, with their handle times")
    sources.given(f"call_types.{name}.patience", "as recorded for who hung up, else drawn beyond the recorded wait")
    labels = {family: list(shares) for family, shares in entry.get("labels", {}).items()}
    return kept | {"arrivals": {"replay": recorded(calls, name, labels)}}


def _forget_groups(table: Table, there: set[str]) -> None:
    """Takes out what names a group that the inferred floor does not have."""
    for entry in table["call_types"]:
        parts = [entry, *(one for values in entry.get("by_label", {}).values() for one in values.values())]
        if not there.issuperset(name for part in parts for name in _groups_of(part)):
            for part in parts:
                part.pop("groups", None)
                part.pop("overflow", None)
        if "solved_by" in entry:
            entry["solved_by"] = {name: share for name, share in entry["solved_by"].items() if name in there}
    wages = table.get("costs", {}).get("wages", {})
    if wages:
        kept = {name: wage for name, wage in wages.items() if name in there}
        table["costs"] = table["costs"] | {"wages": kept}
    table["targets"] = [one for one in table.get("targets", ()) if one.get("group") is None or one["group"] in there]


def _groups_of(part: Table) -> set[str]:
    """The groups that a call type, or what depends on a label of it, names as those who serve it."""
    return {*(part.get("groups") or ()), *(name for one in part.get("overflow") or () for name in one["groups"])}


def _hours(calls: History, day: date, interval: float) -> Table:
    """Whole intervals around all that happened: from the first call to the last arrival or answer."""
    last = max(int(calls.arrival.max()), int(calls.answer.max())) / 1e6
    opens = math.floor(float(calls.arrival.min()) / 1e6 / interval) * interval
    closes = min(max(math.ceil((last + 1e-6) / interval), opens / interval + 1) * interval, 2 * A_DAY)
    return {"start": day, "opens": opens, "closes": float(closes), "interval": float(interval)}


def _inferred(
    calls: History, like: Scenario, types: tuple[str, ...], own_agents: tuple[str, ...], calendar: Table
) -> list[Pool]:
    kinds = {kind.name: kind for kind in like.call_types}
    middle = (np.arange(1000) + 0.5) / 1000
    after = 0.0
    if not bool((calls.wrap_up != NONE).any()):  # the mean, as the mean of a thousand quantiles
        after = float(np.mean([quantile_function(kinds[name].wrap_up)(middle).mean() for name in types]))
    parts = round((calendar["closes"] - calendar["opens"]) / STEP)
    return pools(
        calls, types=types, own_agents=own_agents, opens=ticks(calendar["opens"]), length=ticks(STEP), parts=parts,
        after=ticks(after),
    )  # fmt: skip


def _group(pool: Pool) -> Table:
    counted = [round(float(number), 3) for number in pool.heads]
    return {"name": pool.name, "skills": [list(pool.skills)], "agents": {"every": STEP, "per_interval": counted}}
