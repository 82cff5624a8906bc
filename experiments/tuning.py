"""Tuning: where only intervals are recorded, the patience with which the simulation loses as many calls as the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from experiments.expected import heads_by_interval, traffic
from experiments.statistics import ratio
from experiments.tasks import replicate
from sim.calibrate import Calibration
from sim.calibrate.carried import overlaid
from sim.calibrate.figures import intervals
from sim.calibrate.selection import of_days
from sim.chance.resample import days_drawn
from sim.files.report import Report
from sim.measures import MEASURES, Cut
from sim.scenario.errors import CallsimError
from sim.scenario.merge import build
from sim.scenario.paths import join
from sim.scenario.scenario import Scenario
from sim.scenario.units import value
from sim.tally import Measuring

Floats = npt.NDArray[np.float64]
SHORTEST, LONGEST = 1.0, 36_000.0  # seconds of mean patience between which it is looked for
_CLOSE = 1e-3  # of the patience's logarithm: a thousandth of it
_NEAR = 0.05  # of it: an end no farther away than this says nothing of a slope
_EACH = 4  # simulated days of each set, as many beside them with the estimates


class Tuned(NamedTuple):
    """Mean patience in seconds with its 95 % interval, and abandoned / offered, recorded and simulated with it."""

    patience: float
    low: float
    high: float
    recorded: float
    simulated: float
    days: int


def tuned(
    found: Calibration, recorded: Report, *, replications: int = 200, seed: int = 1
) -> tuple[Calibration, Tuned]:
    """The calibration with one exponential patience for all types, such that simulated and recorded abandonment are equal.

    The same callers are simulated with every patience, so the simulated share falls smoothly as patience grows, and its
    root is found by Brent's method (1973). Redials, where the scenario has them, are simulated too. A scenario whose calls are
    those of a day to come is simulated with the calls that the record has (`Calibration.grown`). Without sets the interval
    holds what the recorded days say of their own share (jackknife over days of the ratio of sums: Tukey 1958); with sets
    each has a patience of its own (`_in_sets`), and the interval is theirs, with calls, heads and handle times as
    uncertain as they are. Raises CallsimError where no patience between a second and ten hours loses as many.
    """
    lost_of, offered_of = _by_day(found, recorded)
    share, width = _with_half_width(found, lost_of, offered_of)
    goals = [share, min(share + width, 1.0), max(share - width, 0.0)]
    lost = _Lost(build(_as_recorded(found.scenario.table(), found)), replications, seed)
    at = [lost.with_which(goal) for goal in goals]
    simulated = lost(at[0])
    if abs(simulated - share) > max(width, 0.005):
        raise CallsimError(
            f"{found.name}: no patience loses {share * 100:.1f} % as the record does; with {at[0]:,.0f} s the simulation "
            f"loses {simulated * 100:.1f} %: heads or AHT of the report are not those of who took the calls"
        )
    told = Tuned(at[0], at[1], at[2], share, simulated, len(lost_of))
    drawn: Floats | None = None
    if found.drawn is not None and found.parameters is not None:
        shares = found.drawn @ lost_of / np.maximum(found.drawn @ offered_of, 1.0)
        drawn = _in_sets(found, shares - share, lost, at)
        low, high = intervals({"patience": drawn}, len(found.used))["patience"]
        told = told._replace(low=low, high=high)
    table: dict[str, Any] = found.scenario.table()
    rows: dict[str, list[Any]] = {}
    for kind in table["call_types"]:
        kind["patience"] = _law(told.patience)
        if drawn is not None:
            rows[join(("call_types", kind["name"], "patience"))] = [_law(float(one)) for one in drawn]
    note = (
        f"such that the simulation loses {share * 100:.1f} % as the record does: mean {told.patience:,.0f} s "
        f"({told.low:,.0f} to {told.high:,.0f}, 95 %), exponential"
    )
    table["sources"]["call_types.*.patience"] = {"status": "measured", "note": note}
    changed = replace(found, scenario=build(table), notes=(*found.notes, f"patience: {note}"))
    return overlaid(changed, rows), told


def _in_sets(found: Calibration, more: Floats, lost: _Lost, at: list[float]) -> Floats:
    """The patience of each set, seconds, shape (sets,); more : what its days lost more than all days, abandoned / offered.

    To first order (the delta method: Oehlert 1992, The American Statistician 46), for to solve for each set again would
    take as long as two hundred tunings: the logarithm of patience moves by (recorded more - simulated more) / slope. The
    slope is that between the patience found and those at the ends of the recorded share's interval, up and down by itself.
    Simulated more is what calls, heads, handle times and swing of the set lose with the patience found beside those of the
    estimate: on busy days that lost more patience is no shorter. It is read off a straight line through what a few days of
    each set, and the same days with the estimates, lose (a metamodel, as in Barton, Nelson and Xie 2014), for the days of
    one set alone say little of it. The days that were simulated to find the patience are drawn again as well.
    """
    assert found.parameters is not None  # who asks has looked
    own, table = found.parameters.parameters, found.scenario.table()

    def patient(one: dict[str, Any]) -> Scenario:
        for kind in one["call_types"]:
            kind["patience"] = _law(at[0])
        return build(one)

    middle = patient(_as_recorded(table, found))
    base, seen = lost.by_day(middle), _features(middle)
    differences, features = [], []
    for number in range(own.number):
        scenario = patient(_as_recorded(own.laid(found.scenario.table(), number), found, number))
        days = [(number * _EACH + one) % lost.replications for one in range(_EACH)]
        differences.append(_share(lost.by_day(scenario, days)) - _share(base[days]))
        features.append(_features(scenario) - seen)
    line, *_ = np.linalg.lstsq(np.array(features), np.array(differences), rcond=None)
    # that the simulated days are so many and no more is as unsure as that the recorded are: they are drawn again, too
    again = days_drawn(len(base), own.number, "simulated days").astype(np.float64)
    luck = np.array([_share(row[:, np.newaxis] * base) for row in again]) - _share(base)
    away = more - np.array(features) @ line - luck
    up, down = (lost.slope(at[0], end) for end in at[1:])
    power: Floats = np.log(at[0]) + np.where(away > 0, away / up, away / down)
    return np.asarray(np.clip(np.exp(power), SHORTEST, LONGEST), np.float64)


def _as_recorded(table: dict[str, Any], found: Calibration, number: int | None = None) -> dict[str, Any]:
    """The table of the scenario, or of a set of it, with as many calls as the record has, which lost what it lost with these."""
    if found.grown is None:
        return table
    times = found.grown.factor if number is None or found.grown.sets is None else float(found.grown.sets[number])
    for kind in table["call_types"]:
        kind["arrivals"]["per_interval"] = [calls / times for calls in kind["arrivals"]["per_interval"]]
    return table


def _features(scenario: Scenario) -> Floats:
    """What a share of lost calls hangs on beside patience, float64, shape (2,): the logarithm of load over heads, mean over
    the calls of the day, and the squared cv of what all calls share.
    """
    known = traffic(scenario)
    calls, load = known.calls.sum(axis=0), known.load.sum(axis=0)
    heads = np.sum(list(heads_by_interval(scenario).values()), axis=0)
    busy = (load > 0) & (heads > 0)
    pressure = np.average(np.log(load[busy] / heads[busy]), weights=calls[busy]) if busy.any() else 0.0
    return np.array([float(pressure), sum(value(factor.cv) ** 2 for factor in scenario.factors)])


def _law(mean: float) -> dict[str, Any]:
    return {"exponential": {"mean": round(mean, 2)}}


def _by_day(found: Calibration, recorded: Report) -> tuple[Floats, Floats]:
    """Abandoned and offered within the opening hours of each day used: float64, shape (days,)."""
    used = of_days(recorded, found.used)
    assert isinstance(used, Report)
    place = np.searchsorted([one.toordinal() for one in found.used], [one.toordinal() for one in used.day])
    calendar = found.scenario.calendar
    open_ = (used.start >= calendar.opens) & (used.start < calendar.closes)
    lost, offered = (
        np.asarray(np.bincount(place[open_], np.nan_to_num(column[open_]), minlength=len(found.used)), np.float64)
        for column in (used.abandoned, used.offered)
    )
    return lost, offered


def _with_half_width(found: Calibration, lost: Floats, offered: Floats) -> tuple[float, float]:
    """Abandoned / offered, and the half-width of its 95 % interval."""
    if not offered.sum():
        raise CallsimError(f"{found.name}: no calls offered on its days")
    share = ratio(lost, offered)
    return share.value, 0.0 if len(lost) < 2 else share.half_width


class _Lost:
    """Abandoned / offered of simulated days with a mean patience in seconds; what was simulated once is remembered."""

    def __init__(self, scenario: Scenario, replications: int, seed: int) -> None:
        self._scenario, self.replications, self._seed = scenario, replications, seed
        self._known: dict[float, float] = {}

    def __call__(self, patience: float) -> float:
        if patience not in self._known:
            table: dict[str, Any] = self._scenario.table()
            for kind in table["call_types"]:
                kind["patience"] = _law(patience)
            self._known[patience] = _share(self.by_day(build(table)))
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

    def slope(self, patience: float, end: float) -> float:
        """By how much the share changes as the patience's logarithm does, towards an end, which may be too near to tell."""
        if abs(np.log(end / patience)) < _NEAR:
            end = patience * float(np.exp(_NEAR))
        rise = (self(end) - self(patience)) / float(np.log(end / patience))
        return min(rise, -1e-6)  # who never loses a call would be moved without end; what is read off is clipped

    def by_day(self, scenario: Scenario, days: Sequence[int] | None = None) -> Floats:
        """Abandoned and offered of a scenario on days, on all where none are named: float64, shape (days, 2)."""
        tallies = [
            replicate(scenario, seed=self._seed, replication=at, measuring=Measuring())
            for at in (range(self.replications) if days is None else days)
        ]
        parts = [MEASURES["abandonment_rate"].parts(tally, Cut()) for tally in tallies]
        return np.array([[float(part[at].sum()) for at in (0, 1)] for part in parts])


def _share(days: Floats) -> float:
    lost, offered = days.sum(axis=0).tolist()
    return lost / offered if offered else 0.0


def _power(exponent: float) -> float:
    return min(max(float(np.exp(exponent)), SHORTEST), LONGEST)
