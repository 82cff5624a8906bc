"""Logged on: heads from sessions that say who was there, in the place of those inferred from who answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.calibrate.bootstrap import FEWEST
from sim.calibrate.calibration import Calibration
from sim.calibrate.carried import with_rows
from sim.files.sessions import Sessions
from sim.scenario.errors import CallsimError
from sim.scenario.merge import build
from sim.scenario.paths import join
from sim.scenario.units import ticks

Floats = npt.NDArray[np.float64]


def with_sessions(found: Calibration, sessions: Sessions) -> Calibration:
    """The calibration with heads as logged on: the mean over its days, in parts of an interval, by group.

    A session counts from log-on to log-off, pauses between two sessions of an agent do not. Sessions that name a group of
    the scenario count there; without groups they count in its only one. Days of which nobody has a session are left out
    and said. Where five days or more have sessions each set has the heads of those among its days; where fewer have, those
    that were inferred, changed by the same factors (`carried`). Raises CallsimError where no day has a session, and for
    sessions that belong to no group of the scenario.
    """
    table: dict[str, Any] = found.scenario.table()
    calendar = found.scenario.calendar
    names = [group["name"] for group in table["groups"]]
    opens, length, parts = ticks(calendar.opens), ticks(calendar.interval), calendar.intervals
    edges = opens + length * np.arange(parts + 1, dtype=np.int64)
    each = {name: np.zeros((len(found.used), parts)) for name in names}
    having = np.zeros(len(found.used), np.bool_)
    for row, day in enumerate(found.used):
        there = {  # who is logged on only on the next day, or went home before opening, says nothing of this one
            agent: spans
            for agent, spans in sessions.on(day, int(edges[-1])).items()
            if any(until > edges[0] for _, until in spans)
        }
        having[row] = bool(there)
        for agent, spans in there.items():
            said = sessions.of(agent, day)[0] or sessions.of(agent, day + timedelta(days=1))[0]  # of hours after midnight
            group = _group(said, names, sessions.source)
            for since, until in spans:
                inside: Floats = np.clip(edges, since, until).astype(np.float64)
                each[group][row] += (inside[1:] - inside[:-1]) / length
    heads, days = {name: by_day.sum(axis=0) for name, by_day in each.items()}, int(having.sum())
    if not days:
        first, last = found.used[0], found.used[-1]
        raise CallsimError(f"{sessions.source}: nobody was there on any of the days {first} to {last} that are measured")
    before = f"groups.{names[0]}.agents"
    inferred = np.sum([group["agents"]["per_interval"] for group in table["groups"]], axis=0)
    for group in table["groups"]:
        group["agents"] = {"per_interval": [round(float(number), 2) for number in heads[group["name"]] / days]}
        note = f"logged on by {sessions.source}, mean of {days} days"
        table["sources"][f"groups.{group['name']}.agents"] = {"status": "measured", "note": note}
    logged = np.sum(list(heads.values()), axis=0) / days
    known_by = found.scenario.sources[before].note
    otherwise = "inferred from who answered when"
    if "report" in known_by:
        otherwise = "by Erlang C" if "Erlang C" in known_by else "by the report"
    elif known_by.startswith("no agents"):
        otherwise = "counted as the most in service at once"
    notes = [
        f"heads are those logged on, {logged.mean():.1f} on average; {otherwise} they are "
        f"{np.mean(inferred):.1f}: who is logged on and not ready takes no calls"
    ]
    if days < len(found.used):
        notes.append(f"{len(found.used) - days} of {len(found.used)} days have no sessions; heads are the mean of the others")
    logged_on = replace(found, scenario=build(table), notes=(*found.notes, *notes), trials={})
    if found.drawn is None or days < FEWEST:
        return logged_on
    rows = {join(("groups", name, "agents", "per_interval")): _sets(by_day, having, found.drawn) for name, by_day in each.items()}
    return with_rows(logged_on, rows, without=rows, days=days)


def _sets(by_day: Floats, having: npt.NDArray[np.bool_], drawn: npt.NDArray[np.int64]) -> list[list[float]]:
    """Mean heads by interval of each set, over those of its days that have sessions; over all such days, where it has none."""
    weights = drawn * having
    weights = np.where(weights.any(axis=1, keepdims=True), weights, having)
    means = weights @ by_day / weights.sum(axis=1, keepdims=True)
    return [[round(float(number), 2) for number in row] for row in means]


def _group(said: str, names: list[str], source: str) -> str:
    if said in names:
        return said
    if len(names) == 1:
        return names[0]  # the log tells no groups apart
    shown = f'the group "{said}"' if said else "sessions without a group"
    raise CallsimError(f"{source}: {shown} cannot be told to one of the groups {', '.join(names)}")
