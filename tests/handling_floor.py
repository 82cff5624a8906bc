"""A floor on which nobody waits, to read handle times off."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from experiments.expected import load_by_interval, traffic
from sim.calls import Day
from sim.chance import draw
from sim.engines import count
from sim.scenario.scenario import Scenario
from sim.tally import Measuring
from sim.tally.tally import side_by_side
from tests.test_compiled import assert_same
from tests.test_theory import assert_within

S = 1_000_000
HOUR = 3600 * S
TODAY = date(2026, 3, 12)  # a Thursday
SCRIPT = [{"name": "restart", "takes": 30, "solves": 0.4}, {"name": "cable", "takes": 20, "solves": 0.25}]


def floor(changes: dict[str, Any] | None = None, *, agents: int = 30, **person: Any) -> Scenario:
    """Eight hours, 60 calls an hour, and so many agents that nobody waits, all alike."""
    return Scenario.model_validate({
        "name": "floor", "calendar": {"start": TODAY, "opens": "09:00", "closes": "17:00", "interval": "1h"},
        "call_types": [{"name": "calls", "arrivals": 60, "talk": {"exponential": {"mean": 180}}, "wrap_up": 20}],
        "groups": [{"name": "desk", "skills": ["calls"], "agents": 0}],
        "shifts": [{"name": "day", "from": "09:00", "to": "17:00"}],
        "teams": [{"name": "team", "group": "desk", "agents": agents, "shift": "day", **person}],
    }).with_(changes or {})  # fmt: skip


def counted(changes: dict[str, Any]) -> Scenario:
    """The same with heads that are only counted."""
    return floor({"teams": [{"name": "team", "drop": True}], "groups.desk.agents": 30} | changes)


def simulated(scenario: Scenario, seed: int = 1) -> tuple[Day, np.ndarray, np.ndarray]:
    """A day, the same in both engines, with talk and wrap-up of the answered as they were and talk as it was drawn."""
    tape = draw(scenario, seed=seed)
    day = assert_same(scenario, tape)
    return day, talks(day), tape.talk


def talks(day: Day) -> np.ndarray:
    return day.calls.end - day.calls.answer


def wraps(day: Day) -> np.ndarray:
    return day.calls.release - day.calls.end


def days(scenario: Scenario, replications: int = 30) -> Any:
    return side_by_side([count(scenario, draw(scenario, seed=5, replication=i), Measuring()) for i in range(replications)])


def expects(scenario: Scenario, talk: float, wrap: float) -> None:
    """Mean talk is that in simulated days, and the expected load counts with both."""
    load = 60 / 3600 * (talk + wrap)
    assert load_by_interval(scenario) == pytest.approx(load, rel=1e-4)
    assert traffic(scenario).load.sum(axis=0) == pytest.approx(load, rel=1e-4)
    found = days(scenario)
    assert_within(found, "mean_talk", talk)
    assert_within(found, "aht", talk + wrap)
