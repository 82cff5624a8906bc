"""Recorded days of a small call center whose truth is known, for tests of what is measured in them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from experiments.screens.call_table import as_csv, columns
from sim.chance import draw, resolve
from sim.engines import simulate
from sim.files.call_log import read_call_log
from sim.files.history import History
from sim.scenario.scenario import Scenario

MONDAY = date(2024, 3, 4)


def desk() -> Scenario:
    """Two types on one group from 9 to 13 o'clock, about 130 calls a day; busy days, an IVR, labels."""
    return Scenario.model_validate(
        {
            "name": "known",
            "calendar": {"start": MONDAY, "opens": "09:00", "closes": "13:00"},
            "factors": [{"name": "day", "cv": 0.1}],
            "call_types": [
                {"name": "a", "arrivals": {"per_hour": 25}, "busyness": {"factors": ["day"]},
                 "talk": {"lognormal": {"mean": "4m", "cv": 0.7}}, "wrap_up": {"exponential": {"mean": "30s"}},
                 "patience": {"exponential": {"mean": "2m"}}, "balking": 0.1},
                {"name": "b", "arrivals": {"per_hour": 8}, "busyness": {"factors": ["day"]},
                 "talk": {"exponential": {"mean": "3m"}}, "patience": {"exponential": {"mean": "4m"}},
                 "labels": {"team": {"old": 0.25, "new": 0.75}}},
            ],
            "groups": [{"name": "all", "skills": [["a", "b"]], "agents": 3}],
            "ivr": {"delay": 15, "hang_up": {"a": 0.05}},
        }
    )  # fmt: skip


def recorded(folder: Path, *, days: int, seed: int, scenario: Scenario | None = None) -> History:
    """So many simulated weekdays of the desk, or of another scenario, as one log."""
    scenario, parts = scenario or desk(), []
    for day in range(days):
        when = MONDAY + timedelta(days=day + 2 * (day // 5))
        dated = scenario.with_({"calendar.start": when})
        text = as_csv(columns(simulate(dated, draw(resolve(dated, seed=seed, replication=day), seed=seed, replication=day))))
        parts.append(text if not day else text.split("\n", 1)[1])
    path = folder / f"log{seed}.csv"
    path.write_text("".join(parts))
    return read_call_log(path)
