"""Warm: whether the kernels are compiled on this machine, and compiling them before they are needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from sim.chance.jit import kernel_cache

FUNCTIONS = 164  # about as many are compiled, for a line of progress

def is_warm() -> bool:
    """Whether the compiled engine can start from its cache; False too where no cache can be kept."""
    folder = kernel_cache()
    return folder is not None and any(Path(folder).rglob("kernel.run_day-*.nbc"))


def warm_up(progress: Callable[[int, int], None] | None = None) -> None:
    """Compile everything a study needs by counting a small day that uses every part of the model.

    progress(done, about) : after each function how many are compiled, and about how many it will be
    """
    from numba.core import event

    from sim.chance import draw
    from sim.engines import count
    from sim.scenario.scenario import Scenario
    from sim.tally.measuring import Measuring

    class Compiled(event.Listener):
        done = 0

        def on_start(self, event: Any) -> None:
            pass

        def on_end(self, event: Any) -> None:
            self.done += 1
            if progress is not None:
                progress(self.done, max(FUNCTIONS, self.done))

    scenario = Scenario.model_validate(_SMALL)
    with event.install_listener("numba:compile", Compiled()):
        count(scenario, draw(scenario, seed=1), Measuring())


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
            "next": {"contained": {"chance": 0.5}, "abandoned": {"chance": 0.5}},
        }
    ],
    "groups": [{"name": "desk", "skills": ["a"], "agents": 1}],
    "surges": [{"name": "s", "at": "09:10", "calls": {"a": 5}, "shape": {"decay": {"half_life": 300}}}],
    "ivr": {"containment": {"a": 0.2}, "delay": 5},
}
