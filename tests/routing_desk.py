"""Days of a few calls, each given by hand, and who answered which of them when."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from sim.calls import NONE, Day
from sim.chance.presence import presence
from sim.chance.tape import tape_of
from sim.engines import simulate
from sim.scenario.merge import build
from sim.scenario.scenario import Scenario
from sim.scenario.units import NEVER, ticks

S = ticks(1.0)
KIND = {"arrivals": 0, "talk": {"deterministic": {"value": 60}}, "patience": "never"}
BASE: dict[str, Any] = {
    "name": "desk",
    "calendar": {"start": date(2026, 3, 9), "opens": "08:00", "closes": "10:00", "interval": "1h"},
}
TWO = {"desk": {"agents": 1, "skills": [["a", "b"]]}}
CALLS: list[tuple[float, int]] = [(0, 0), (10, 0), (20, 1)]


def desk(kinds: dict[str, Any], groups: dict[str, Any], **parts: Any) -> Scenario:
    types = [{"name": name} | KIND | one for name, one in kinds.items()]
    return build(BASE | {"call_types": types, "groups": [{"name": name} | one for name, one in groups.items()]} | parts)


def run(scenario: Scenario, calls: list[tuple[float, int] | tuple[float, int, float]], labels: list[int] | None = None) -> Day:
    """Calls as (seconds after eight, call type, seconds of talk, 60 where not given); both engines, which must agree."""
    count = len(calls)
    zero = np.zeros(count, np.int64)
    kind = np.array([one[1] for one in calls], np.int64)
    talk = np.array([round((one[2] if len(one) > 2 else 60) * S) for one in calls], np.int64)
    label = np.zeros((count, 0), np.int64) if labels is None else np.array(labels, np.int64).reshape(count, 1)
    tape = tape_of(
        seed=1, replication=0, presence=presence(scenario, seed=1, replication=0), number=np.arange(count),
        key=np.arange(1, count + 1, dtype=np.uint64), stream=kind, call_type=kind, label=label, surge=zero - 1,
        arrival=np.array([round((8 * 3600 + one[0]) * S) for one in calls], np.int64), ivr=zero, fate=zero, via=zero - 1,
        balks=zero, talk=talk, wrap=zero, patience=zero + NEVER, waited=zero,
    )  # fmt: skip
    one, other = (simulate(scenario, tape, engine=engine) for engine in ("reference", "compiled"))
    assert one == other
    return one


def answered(day: Day) -> list[float]:
    """Seconds after eight at which each call is answered."""
    return [(tick - 8 * 3600 * S) / S if tick != NONE else -1.0 for tick in day.calls.answer.tolist()]


def by(day: Day) -> list[str]:
    """The group that answers each call."""
    return [day.frame.groups[group] if group != NONE else "" for group in day.calls.group.tolist()]
