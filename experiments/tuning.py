"""Tuning: where only intervals are recorded, the patience with which the simulation loses as many calls as the record."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from experiments.tasks import replicate
from sim.calibrate import Calibration
from sim.calibrate.selection import of_days
from sim.files.report import Report
from sim.measures import MEASURES, Cut
from sim.scenario.errors import CallsimError
from sim.scenario.merge import build
from sim.scenario.scenario import Scenario
from sim.tally import Measuring

Floats = npt.NDArray[np.float64]
SHORTEST, LONGEST = 1.0, 36_000.0  # seconds of mean patience between which it is looked for
_CLOSE = 1e-3  # of the patience's logarithm: a thousandth of it


class Tuned(NamedTuple):
    """Mean patience in seconds with its 95 % interval, and abandoned / offered, recorded and simulated with it."""

    patience: float
    low: float
    high: float
    recorded: float
    simulated: float
    days: int


def tuned(found: Calibration, recorded: Report, *, replications: int = 200, seed: int = 1) -> tuple[Calibration, Tuned]:
    """The calibration with one exponential patience for all types, such that simulated and recorded abandonment are equal.

    The same callers are simulated with every patience, so the simulated share falls smoothly as patience grows, and its
    root is found by Brent's method (1973). Redials, where the scenario has them, are simulated too. The interval holds what
    the recorded days say of their own share (jackknife over days of the ratio of sums: Tukey 1958), not the heads and
    handle times, which are taken as they are. Raises CallsimError where no patience between a second and ten hours loses
    as many.
    """
    share, width, days = _recorded(found, recorded)
    goals = [share, min(share + width, 1.0), max(share - width, 0.0)]
    lost = _Lost(found.scenario, replications, seed)
    found_at = [lost.with_which(goal) for goal in goals]
    simulated = lost(found_at[0])
    if abs(simulated - share) > max(width, 0.005):
        raise CallsimError(
            f"{found.name}: no patience loses {share * 100:.1f} % as the record does; with {found_at[0]:,.0f} s the simulation "
            f"loses {simulated * 100:.1f} %: heads or AHT of the report are not those of who took the calls"
        )
    told = Tuned(found_at[0], found_at[1], found_at[2], share, simulated, days)
    table: dict[str, Any] = found.scenario.table()
    for kind in table["call_types"]:
        kind["patience"] = _law(told.patience)
    note = (
        f"such that the simulation loses {share * 100:.1f} % as the record does: mean {told.patience:,.0f} s "
        f"({told.low:,.0f} to {told.high:,.0f}, 95 %), exponential"
    )
    table["sources"]["call_types.*.patience"] = {"status": "measured", "note": note}
    return replace(found, scenario=build(table), notes=(*found.notes, f"patience: {note}")), told


def _law(mean: float) -> dict[str, Any]:
    return {"exponential": {"mean": round(mean, 2)}}


def _recorded(found: Calibration, recorded: Report) -> tuple[float, float, int]:
    """Abandoned / offered of the days used, the half-width of its 95 % interval, and how many days there are."""
    used = of_days(recorded, found.used)
    assert isinstance(used, Report)
    day = np.array([one.toordinal() for one in used.day])
    calendar = found.scenario.calendar
    open_ = (used.start >= calendar.opens) & (used.start < calendar.closes)
    lost, offered = (
        np.array([np.nansum(column[open_ & (day == one)]) for one in np.unique(day)]) for column in (used.abandoned, used.offered)
    )
    total = float(offered.sum())
    if not total:
        raise CallsimError(f"{found.name}: no calls offered on its days")
    share = float(lost.sum()) / total
    if len(lost) < 2:
        return share, 0.0, len(lost)
    without = (lost.sum() - lost) / (total - offered)
    variance = (len(lost) - 1) / len(lost) * float(((without - without.mean()) ** 2).sum())
    return share, 1.96 * variance**0.5, len(lost)


class _Lost:
    """Abandoned / offered of simulated days with a mean patience in seconds; what was simulated once is remembered."""

    def __init__(self, scenario: Scenario, replications: int, seed: int) -> None:
        self._scenario, self._replications, self._seed = scenario, replications, seed
        self._known: dict[float, float] = {}

    def __call__(self, patience: float) -> float:
        if patience not in self._known:
            self._known[patience] = self._simulated(patience)
        return self._known[patience]

    def with_which(self, share: float) -> float:
        """The patience with which so much is lost; the end of what is looked at where none does."""
        from scipy.optimize import brentq

        low, high = float(np.log(SHORTEST)), float(np.log(LONGEST))
        if self(SHORTEST) <= share:
            return SHORTEST
        if self(LONGEST) >= share:
            return LONGEST
        return float(np.exp(brentq(lambda power: self(_power(power)) - share, low, high, xtol=_CLOSE)))

    def _simulated(self, patience: float) -> float:
        table: dict[str, Any] = self._scenario.table()
        for kind in table["call_types"]:
            kind["patience"] = _law(patience)
        one = build(table)
        tallies = [
            replicate(one, seed=self._seed, replication=at, measuring=Measuring()) for at in range(self._replications)
        ]
        parts = [MEASURES["abandonment_rate"].parts(tally, Cut()) for tally in tallies]
        lost, offered = (float(sum(part[at].sum() for part in parts)) for at in (0, 1))
        return lost / offered if offered else 0.0


def _power(exponent: float) -> float:
    return min(max(float(np.exp(exponent)), SHORTEST), LONGEST)
