"""Warm: whether the kernels are compiled on this machine, and compiling them before they are needed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from sim.chance.jit import kernel_cache


def is_warm() -> bool:
    """Whether the compiled engine can start from its cache; False too where no cache can be kept."""
    folder = kernel_cache()
    return folder is not None and any(Path(folder).rglob("kernel.run_day-*.nbc"))


def warm_up() -> None:
    """Compile everything a study needs by simulating and counting a small day that uses every part of the model."""
    from sim.chance import draw
    from sim.engines import simulate
    from sim.scenario.scenario import Scenario
    from sim.tally import tally

    scenario = Scenario.model_validate(_SMALL)
    tally(simulate(scenario, draw(scenario, seed=1), engine="compiled"))


_SMALL: dict[str, Any] = {
    "name": "small",
    "calendar": {"start": date(2026, 1, 1), "opens": "09:00", "closes": "10:00"},
    "call_types": [
        {
            "name": "a",
            "arrivals": {"per_hour": 20},
            "busyness": {"cv": 0.1},
            "talk": {"gamma": {"mean": 100, "cv": 0.7}},
            "patience": {"exponential": {"mean": 60}},
            "labels": {"team": {"x": 0.5, "y": 0.5}},
        }
    ],
    "groups": [{"name": "desk", "skills": ["a"], "agents": 1}],
    "surges": [{"name": "s", "at": "09:10", "calls": {"a": 5}, "shape": {"decay": {"half_life": 300}}}],
    "ivr": {"containment": {"a": 0.2}, "again": {"a": 0.5}, "delay": 5},
}
