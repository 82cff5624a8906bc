"""Target: what was measured on like days, made the scenario of one day to come; and how calls grow from week to week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calibrate.calibration import Calibration, Grown
from sim.calibrate.carried import drawn_of, overlaid, values_of
from sim.calibrate.recent import at_level
from sim.calibrate.selection import Chosen
from sim.scenario.merge import build
from sim.scenario.paths import join

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
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
    when, logs, levels = _regressors(days, totals)
    free = len(when) - levels.shape[1] - 1
    if len(when) < _LEAST_DAYS or free < 2 or np.ptp(when) < _LEAST_WEEKS:
        return None
    design = np.column_stack([when - when.mean(), levels])
    found, _, rank, _ = np.linalg.lstsq(design, logs, rcond=None)
    if rank < design.shape[1]:
        return None
    residual = logs - design @ found
    variance = float(residual @ residual) / free * float(np.linalg.inv(design.T @ design)[0, 0])
    width = float(t.ppf(0.975, free)) * variance**0.5
    slope = float(found[0])
    per_week = (float(np.expm1(slope)), float(np.expm1(slope - width)), float(np.expm1(slope + width)))
    return Growth(*per_week, days=int(there.sum()), weeks=float(np.ptp(when)))


def growths(days: Sequence[date], totals: Floats, weights: Ints, known: Growth) -> Floats:
    """Growth a week estimated once more on days that count so often in each set, int64, shape (sets, days); a share a week,
    float64, shape (sets,).

    Pairs of day and total are drawn again (Efron and Tibshirani 1993, section 9.5). Residuals of a fit to n days with p
    coefficients vary (n - p) / n times too little, so the slopes' deviations from the `known` growth are made as much
    larger (as residuals are in Davison and Hinkley 1997, "Bootstrap methods and their application", equation 6.9). A set
    that cannot tell growth, for all its days are of one week, has the known one.
    """
    there = np.asarray(totals) > 0
    when, logs, levels = _regressors(days, totals)
    design = np.column_stack([when - when.mean(), levels])
    more = np.sqrt(len(when) / (len(when) - design.shape[1]))
    slope = np.log1p(known.per_week)
    found = np.full(len(weights), slope)
    for at, row in enumerate(weights[:, there]):
        root = np.sqrt(row)
        mine = (design.T @ row) != 0  # a weekday that was not drawn has no level
        mine[0] = True
        fitted, _, rank, _ = np.linalg.lstsq(design[:, mine] * root[:, np.newaxis], logs * root, rcond=None)
        if rank == mine.sum():
            found[at] = slope + more * (fitted[0] - slope)
    per_week: Floats = np.expm1(found)
    return per_week


def measured_growth(found: Calibration, day: date, days: Sequence[date], totals: Floats, known: Growth) -> Grown:
    """What the known growth, of these days' totals, makes of the calls of the days that the calibration is measured on
    until a day to come; in each set growth and the middle of its days are those of its days.
    """
    used = np.array([one.toordinal() for one in found.used], np.float64)
    weeks = (day.toordinal() - used.mean()) / 7
    said = f"measured growth over {weeks:.1f} weeks"
    weights = drawn_of(days, [found])
    if weights is None or found.drawn is None:
        return Grown(known.over(weeks), said)
    each = (day.toordinal() - found.drawn @ used / found.drawn.sum(axis=1)) / 7
    return Grown(known.over(weeks), said, (1 + growths(days, totals, weights, known)) ** each)


def _regressors(days: Sequence[date], totals: Floats) -> tuple[Floats, Floats, Floats]:
    """Of days that have calls: weeks, logarithms of the totals, and a column per weekday that marks its days."""
    there = np.asarray(totals) > 0
    when = np.array([day.toordinal() for day in days], np.float64)[there] / 7
    weekday = np.array([day.weekday() for day in days])[there]
    levels = (weekday[:, np.newaxis] == np.unique(weekday)).astype(np.float64)
    return when, np.log(np.asarray(totals, np.float64)[there]), levels


_NOT = Grown()


def for_day(
    found: Calibration, day: date, chosen: Chosen, seen: Growth | None, grown: Grown = _NOT, *, recent: bool = False
) -> Calibration:
    """The calibration of like days as the scenario of the day, with calls, in each set too, as they have grown.

    The sets are of the like days drawn again, so the mean of these varies in them. seen : how calls were seen to grow,
    for people; recent : where they have not, at the level that is expected on the day after those before it (`at_level`)
    """
    table: dict[str, Any] = found.scenario.table()
    table["name"] = f"like {chosen.asked}"
    table["calendar"]["start"] = day
    factor, said, sets = grown
    notes = [*found.notes, f"growth: {seen or 'too few days to say'}; {said or 'not applied (--growth)'}"]
    rows: dict[str, list[Any]] = {}
    if factor != 1.0:
        for kind in table["call_types"]:
            path = join(("call_types", kind["name"], "arrivals", "per_interval"))
            if sets is not None:
                drawn = zip(values_of(found, path), sets.tolist(), strict=True)
                rows[path] = [[round(one * times, 3) for one in calls] for calls, times in drawn]
            kind["arrivals"]["per_interval"] = [round(one * factor, 3) for one in kind["arrivals"]["per_interval"]]
        notes.append(f"calls are times {factor:.3f}")
        status = "measured" if said.startswith("measured") else "given"
        for path, source in table["sources"].items():
            if path.endswith(".arrivals"):
                source["note"] += f", times {factor:.3f}: {said}"
                source["status"] = status
    calls = _calls(table)
    notes += at_level(table, found.level, day, recent=recent and factor == 1.0)
    times = factor * _calls(table) / calls if calls else factor
    aside = tuple(sorted((*chosen.left_out, *found.set_aside)))
    told = replace(
        found, name=str(day), scenario=build(table), set_aside=aside, notes=tuple(notes), grown=Grown(times, said, sets)
    )
    return overlaid(told, rows)


def _calls(table: dict[str, Any]) -> float:
    """Calls of the day, all types together."""
    return float(sum(np.sum(kind["arrivals"]["per_interval"]) for kind in table["call_types"]))
