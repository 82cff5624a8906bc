"""Calibration: a call log or an interval report becomes Scenarios, a recorded day becomes one that replays it.

Every number is marked as measured, given or assumed in `Scenario.sources`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.calibrate.calibration import Calibration
    from sim.calibrate.day_replay import RecordedDay, recorded_day
    from sim.calibrate.from_log import calibrate
    from sim.calibrate.from_report import calibrate_report

__all__ = ["Calibration", "RecordedDay", "calibrate", "calibrate_report", "recorded_day"]

_HOMES = {
    "Calibration": "calibration",
    "RecordedDay": "day_replay",
    "calibrate": "from_log",
    "calibrate_report": "from_report",
    "recorded_day": "day_replay",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"sim.calibrate.{_HOMES[name]}"), name)
