"""Wrap-ups: how long agents are busy after a call, as recorded, or from how soon they take the next one while somebody waits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.calibrate.calibration import Sources, Table
from sim.calibrate.durations import law_of
from sim.calibrate.forms import first_law
from sim.calibrate.pools import between_calls
from sim.calls import NONE
from sim.files.history import History

Floats = npt.NDArray[np.float64]
UNRECORDED = "recorded of none of its calls: as of calls of all types together"


def wrap_ups(
    history: History, kinds: tuple[str, ...], shared: dict[str, Table], sources: Sources
) -> tuple[float, list[Floats] | None]:
    """Gives every type its wrap-up; the mean in seconds that agents stay after their last call, and, where it is not
    recorded, by day the times between two calls that it was measured on.
    """
    recorded = history.wrap_up
    answered, days = history.answer != NONE, np.unique(history.day)
    if bool((recorded[answered] != NONE).any()):
        for kind in kinds:
            mine = answered & (history.call_type == history.call_types.index(kind)) & (recorded != NONE)
            if not mine.any():
                shared[kind]["wrap_up"] = law_of(recorded[answered & (recorded != NONE)] / 1e6)
                sources.assumed(f"call_types.{kind}.wrap_up", UNRECORDED)
                continue
            of_day = np.searchsorted(days, history.day[mine])
            shared[kind]["wrap_up"], shared[kind]["wrap-up form"] = first_law(recorded[mine] / 1e6, of_day, days)
            sources.measured(f"call_types.{kind}.wrap_up", f"{int(mine.sum()):,} calls")
        return 0.0, None
    between = between_calls(history)
    seconds = np.concatenate([np.zeros(0), *between])
    law = law_of(seconds)
    for kind in kinds:
        shared[kind]["wrap_up"] = law
        note = "not in the log: the time between two calls of an agent while somebody waited"
        if len(seconds):
            sources.measured(f"call_types.{kind}.wrap_up", f"{note}, {len(seconds):,} times")
        else:
            sources.assumed(f"call_types.{kind}.wrap_up", "not in the log, and nobody waited: none")
    return float(seconds.mean()) if len(seconds) else 0.0, between
