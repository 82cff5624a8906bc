"""Bootstrap: every estimate once more on whole days drawn again, all of a set on the same days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.calibrate.calibration import Table
from sim.calibrate.callers import shares_of
from sim.calibrate.days import Group
from sim.calibrate.pools import Pool
from sim.calibrate.reweighted import Observed, laws, means, observed, patiences, shares
from sim.calibrate.volumes import SHARED, Busyness, busyness, mean_calls
from sim.calls import NONE, Outcome
from sim.chance.resample import days_drawn
from sim.files.history import History
from sim.scenario.parameters import NOTHING, Measured, Parameters, at
from sim.scenario.paths import join, split
from sim.scenario.scenario import Scenario

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SETS = 200
FEWEST = 5  # days from which on drawing them again says anything about others
TOO_FEW = f"fewer than {FEWEST} days: no intervals, and no sets of uncertain parameters"
Rows = dict[str, list[Any]]  # path -> the value of each set


class Again:
    """The laws that all groups of weekdays share, of each set; the days of each group are drawn by themselves.

    shared : what `laws_of_types` and the wrap-up gave; between : seconds between two calls, by day, where no wrap-up is
    recorded, else None
    """

    def __init__(
        self, used: History, groups: list[Group], ordinals: list[int], shared: dict[str, Table], between: list[Floats] | None,
        sets: int,
    ) -> None:
        self.drawn = {group.name: days_drawn(len(group.rows), sets, group.name) for group in groups}
        days = np.unique(used.day)
        self._weights = np.zeros((sets, len(days)), np.int64)
        for group in groups:
            mine = np.searchsorted(days, [ordinals[row] for row in group.rows])
            self._weights[:, mine] = self.drawn[group.name]
        self._day = np.searchsorted(days, used.day)
        self._used, self._shared = used, shared
        self.wrap: Floats | None = None
        self.rows: Rows = {}
        self._laws(between)

    def _laws(self, between: list[Floats] | None) -> None:
        used, weights = self._used, self._weights
        entered = used.ivr_exit != NONE
        first = next(iter(self._shared.values()))
        delay = laws(first["ivr"], self._seen((used.ivr_exit - used.arrival) / 1e6, entered), weights)
        self.rows["ivr.delay"] = delay
        wraps: list[Any] | None = None
        if between is not None:
            day = np.repeat(np.arange(len(between)), [len(one) for one in between])
            seen = observed(np.concatenate([np.zeros(0), *between]), day)
            self.wrap, wraps = means(seen, weights), laws(first["wrap_up"], seen, weights)
        wait, left, door = used.wait, used.outcome == Outcome.ABANDONED, _outcomes(used, Outcome.BLOCKED, Outcome.CLOSED)
        for kind, table in self._shared.items():
            mine = used.call_type == used.call_types.index(kind)
            answered, queued = mine & (used.answer != NONE), mine & (wait > 0)
            path = ("call_types", kind)
            self.rows[join((*path, "talk"))] = laws(table["talk"], self._seen(used.talk / 1e6, answered), weights)
            recorded = answered & (used.wrap_up != NONE)
            self.rows[join((*path, "wrap_up"))] = (
                laws(table["wrap_up"], self._seen(used.wrap_up / 1e6, recorded), weights) if wraps is None else wraps
            )
            self.rows[join((*path, "patience"))] = patiences(
                table["patience"], wait[queued] / 1e6, left[queued], self._day[queued], weights
            )
            balked = mine & (used.outcome == Outcome.BALKED)
            self.rows[join((*path, "balking"))] = self._share(balked, balked | queued)
            for key, outcome in (("containment", Outcome.CONTAINED), ("hang_up", Outcome.IVR_ABANDONED)):
                entering = mine & ~door
                share = self._share(entering & (used.outcome == outcome), entering)
                self.rows[join(("ivr", key, kind, "per_interval"))] = share

    def _seen(self, seconds: Floats, keep: npt.NDArray[np.bool_]) -> Observed:
        return observed(seconds[keep], self._day[keep])

    def _share(self, part: npt.NDArray[np.bool_], whole: npt.NDArray[np.bool_]) -> list[float]:
        days = self._weights.shape[1]
        above, below = (np.bincount(self._day[one], minlength=days) for one in (part, whole))
        return shares(above, below, self._weights)


@dataclass(frozen=True)
class Evidence:
    """What a group of weekdays was measured on: its calls; calls by (day, type, interval of the opening hours) of the types
    that are there; its pools, and the seconds that agents stay after their last call; intervals an hour; days whose course is
    unlike the others', shape (days,), which do not count in the swing; gone : where calls of a type were not recorded, of the
    shape of calls (None: nowhere).
    """

    history: History
    kinds: tuple[str, ...]
    calls: Floats
    pools: list[Pool]
    wrap: float
    per_hour: int
    unlike: npt.NDArray[np.bool_]
    gone: npt.NDArray[np.bool_] | None = None


def sets_of(group: Group, seen: Evidence, again: Again, scenario: Scenario) -> tuple[Measured, Rows]:
    """The sets of a group's scenario, and every estimate in each set, also those that are alike in all."""
    weights = again.drawn[group.name]
    rows: Rows = {path: row for path, row in again.rows.items() if _about(path, seen.kinds)}
    rows |= _volumes(seen, weights) | _labels(seen, weights) | _heads(seen, weights, again)
    point = scenario.table()
    for path in [path for path in rows if path.startswith("ivr.") and at(point, path) is NOTHING]:
        del rows[path]
    return measured(scenario, rows), rows


def measured(scenario: Scenario, rows: Mapping[str, list[Any]]) -> Measured:
    """Sets from the value of each, without what is alike in all of them."""
    varied = {path: row for path, row in rows.items() if any(value != row[0] for value in row)}
    table = scenario.table()
    number = len(next(iter(rows.values())))
    sets = {which: tuple(row[which] for row in varied.values()) for which in range(number)}
    point = {path: at(table, path, None) for path in varied}
    return Measured(scenario.name, point, Parameters(tuple(varied), number, sets))


def _about(path: str, kinds: tuple[str, ...]) -> bool:
    """Whether a path is about one of these call types, or about all."""
    parts = split(path)
    where = {"call_types": 1, "ivr": 2}[parts[0]]
    return len(parts) <= where or parts[where] in kinds


def _volumes(seen: Evidence, weights: Ints) -> Rows:
    """The profiles of the types, and how much days differ."""
    mean = mean_calls(seen.calls, seen.gone, weights)
    weekdays = np.array([day.weekday() for day in seen.history.days()])
    factors = swings(seen.calls, weekdays, seen.per_hour, seen.unlike, weights)
    rows = swing_rows(factors)
    for place, kind in enumerate(seen.kinds):
        profile = [[round(float(calls), 3) for calls in one] for one in mean[:, place]]
        rows[join(("call_types", kind, "arrivals", "per_interval"))] = profile
        rows[join(("call_types", kind, "busyness", "cv"))] = [round(float(one.own[place]), 4) for one in factors]
    return rows


def swings(calls: Floats, weekdays: Ints, per_hour: int, unlike: npt.NDArray[np.bool_], weights: Ints) -> list[Busyness]:
    """The swing in each set, without the days that are unlike the others.

    Days drawn again deviate less from their weekday's mean than the days themselves do, on average by 1 - 1/n of the
    variance for a weekday with n days (Efron and Tibshirani 1993, section 5.3), and that would be taken for less swing, all
    the more for Poisson's part. So their deviations are made as much larger.
    """
    calls, weekdays, weights = calls[~unlike], weekdays[~unlike], weights[:, ~unlike]
    days = {weekday: int((weekdays == weekday).sum()) for weekday in np.unique(weekdays).tolist()}
    found = []
    for row in weights:
        drawn, of = np.repeat(calls, row, axis=0), np.repeat(weekdays, row)
        for weekday, n in days.items() if (row != 1).any() else ():
            mine = of == weekday
            if n > 1 and mine.any():
                mean = drawn[mine].mean(axis=0)
                drawn[mine] = mean + (drawn[mine] - mean) * np.sqrt(n / (n - 1))
        found.append(busyness(drawn, of, per_hour=per_hour, every_day=True))
    return found


def swing_rows(factors: list[Busyness]) -> Rows:
    """The factors that all types share, of each set."""
    day, hours, intervals = SHARED
    return {
        f"factors.{day}.cv": [round(one.day, 4) for one in factors],
        f"factors.{hours}.cv": [round(one.hours, 4) for one in factors],
        f"factors.{hours}.correlation": [round(one.correlation, 4) for one in factors],
        f"factors.{intervals}.cv": [round(one.intervals, 4) for one in factors],
    }


def _labels(seen: Evidence, weights: Ints) -> Rows:
    """The shares of labels within each type."""
    rows: Rows = {}
    history, days = seen.history, np.unique(seen.history.day)
    day = np.searchsorted(days, history.day)
    for kind in seen.kinds:
        mine = history.call_type == history.call_types.index(kind)
        for place, (family, values) in enumerate(history.labels):
            known = mine & (history.label[:, place] != NONE)
            counts = np.zeros((len(days), len(values)), np.int64)
            np.add.at(counts, (day[known], history.label[known, place]), 1)
            if counts.sum():
                whole = shares_of(counts.sum(axis=0), values)
                drawn = weights @ counts
                row = [shares_of(one, values) if one.sum() else whole for one in drawn]
                rows[join(("call_types", kind, "labels", family))] = row
    return rows


def _heads(seen: Evidence, weights: Ints, again: Again) -> Rows:
    """Heads of the days drawn; who needs longer between two calls stays longer after his last one."""
    later = np.zeros(len(weights)) if again.wrap is None else again.wrap - seen.wrap
    rows: Rows = {}
    for pool in seen.pools:
        heads = (weights @ pool.by_day + later[:, None] * (weights @ pool.longer)) / weights.shape[1]
        row = [[round(float(number), 2) for number in np.maximum(one, 0.0)] for one in heads]
        rows[join(("groups", pool.name, "agents", "per_interval"))] = row
    return rows


def _outcomes(history: History, *outcomes: Outcome) -> npt.NDArray[np.bool_]:
    return np.isin(history.outcome, [int(one) for one in outcomes])
