"""Target: what was measured on like days, made the scenario of one day to come; and how calls grow from week to week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calibrate.calibration import Calibration
from sim.calibrate.selection import Chosen
from sim.scenario.merge import build

Floats = npt.NDArray[np.float64]
_LEAST_DAYS = 8
_LEAST_WEEKS = 3.0


class Growth(NamedTuple):
    """Calls grow by this share a week, with the 95 % interval; days : on how many it rests; weeks : over how many."""

    per_week: float
    low: float
    high: float
    days: int
    weeks: float

    def __str__(self) -> str:
        rate = f"{self.per_week * 100:+.2f} % a week ({self.low * 100:+.2f} to {self.high * 100:+.2f}, 95 %)"
        return f"{rate} over {self.weeks:.0f} weeks"

    def over(self, weeks: float) -> float:
        """The factor on calls over some weeks."""
        return float((1 + self.per_week) ** weeks)


def growth(days: Sequence[date], totals: Floats) -> Growth | None:
    """How calls a day grow from week to week; totals: float64, shape (days,). None where days are too few to say it.

    Least squares of the logarithm of the totals on time, each weekday with a level of its own; the interval is
    Student's. Days that follow each other are more alike than that supposes, so it is rather too short.
    """
    from scipy.stats import t

    there = np.asarray(totals) > 0
    when = np.array([day.toordinal() for day in days], np.float64)[there] / 7
    weekday = np.array([day.weekday() for day in days])[there]
    levels = np.unique(weekday)
    free = len(when) - len(levels) - 1
    if len(when) < _LEAST_DAYS or free < 2 or np.ptp(when) < _LEAST_WEEKS:
        return None
    design = np.column_stack([when - when.mean(), *((weekday == level).astype(np.float64) for level in levels)])
    logs = np.log(np.asarray(totals, np.float64)[there])
    found, _, rank, _ = np.linalg.lstsq(design, logs, rcond=None)
    if rank < design.shape[1]:
        return None
    residual = logs - design @ found
    variance = float(residual @ residual) / free * float(np.linalg.inv(design.T @ design)[0, 0])
    width = float(t.ppf(0.975, free)) * variance**0.5
    slope = float(found[0])
    per_week = (float(np.expm1(slope)), float(np.expm1(slope - width)), float(np.expm1(slope + width)))
    return Growth(*per_week, days=len(when), weeks=float(np.ptp(when)))


def for_day(
    found: Calibration, day: date, chosen: Chosen, seen: Growth | None, *, factor: float = 1.0, said: str = ""
) -> Calibration:
    """The calibration of like days as the scenario of the day; `factor` on its calls, because of what is `said`.

    seen : how calls were seen to grow, for people
    """
    table: dict[str, Any] = found.scenario.table()
    table["name"] = f"like {chosen.asked}"
    table["calendar"]["start"] = day
    notes = [*found.notes, f"growth: {seen or 'too few days to say'}; {said or 'not applied (--growth)'}"]
    if factor != 1.0:
        for kind in table["call_types"]:
            arrivals = kind["arrivals"]["per_interval"]
            kind["arrivals"]["per_interval"] = [round(calls * factor, 3) for calls in arrivals]
        notes.append(f"calls are times {factor:.3f}")
        status = "measured" if said.startswith("measured") else "given"
        for path, source in table["sources"].items():
            if path.endswith(".arrivals"):
                source["note"] += f", times {factor:.3f}: {said}"
                source["status"] = status
    aside = tuple(sorted((*chosen.left_out, *found.set_aside)))
    return replace(found, name=str(day), scenario=build(table), set_aside=aside, notes=tuple(notes))
