"""A desk with a roster, whose days tell who was in which state."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from sim.calls import AgentLog, State
from sim.chance import draw
from sim.engines import simulate
from sim.scenario.scenario import Scenario
from sim.scenario.units import ticks

HOUR = ticks(3600.0)
DESK: dict[str, Any] = {
    "name": "desk",
    "calendar": {"start": date(2026, 3, 9), "opens": "08:00", "closes": "20:00", "interval": "30m"},
    "call_types": [
        {
            "name": name, "arrivals": {"per_hour": 30}, "talk": {"exponential": {"mean": 180}},
            "patience": {"exponential": {"mean": 120}},
        }
        for name in ("questions", "orders")
    ],
    "groups": [{"name": "desk", "skills": ["questions", "orders"]}],
    "shifts": [{"name": "early", "from": "08:00", "to": "16:00"}, {"name": "late", "from": "12:00", "to": "20:00"}],
    "teams": [{"name": "red", "group": "desk", "agents": {"early": 3, "late": 3}}],
}  # fmt: skip
ASKED = {"name": "evening", "from": "15:00", "to": "18:00", "agents": 2}


def desk(**parts: Any) -> Scenario:
    return Scenario.model_validate(DESK | parts)


def shift(**parts: Any) -> list[dict[str, Any]]:
    return [{"name": "early", "from": "08:00", "to": "16:00"} | parts, DESK["shifts"][1]]


def day_of(scenario: Scenario, replication: int = 0) -> AgentLog:
    found = simulate(scenario, draw(scenario, seed=1, replication=replication)).agents
    assert found is not None
    return found


def in_state(agents: AgentLog, *states: State) -> np.ndarray[Any, Any]:
    """Ticks that each agent spends in one of these states, shape (agents,)."""
    there = np.isin(agents.state, states)
    return np.bincount(agents.agent, (agents.until - agents.since) * there)
