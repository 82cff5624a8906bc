"""Bootstrap: every estimate once more on whole days drawn again, all of a set on the same days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.calibrate.calibration import Table
from sim.calibrate.callers import shares_of, who_asked
from sim.calibrate.days import Group
from sim.calibrate.group_times import handle_times, pace_of_calls, paces_again
from sim.calibrate.patience import of_labels
from sim.calibrate.pools import Pool
from sim.calibrate.reweighted import Observed, laws, means, observed, patiences, shares, stretched
from sim.calibrate.talks import Talk, in_sets, talk_rows
from sim.calibrate.volumes import LEVEL, SHARED, Busyness, busyness, mean_calls, of_type
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

    shared : what `laws_of_types` and the wrap-up gave; talk : by hour and by day
    between : seconds between two calls, by day, where no wrap-up is recorded, else None
    together : of each group, how many days are drawn at once (`level.block`)
    """

    def __init__(
        self, used: History, groups: list[Group], ordinals: list[int], shared: dict[str, Table], talk: Talk,
        between: list[Floats] | None, sets: int, together: Mapping[str, int],
    ) -> None:
        self.drawn = {one.name: days_drawn(len(one.rows), sets, one.name, together[one.name]) for one in groups}
        days = np.unique(used.day)
        self._weights = np.zeros((sets, len(days)), np.int64)
        for group in groups:
            mine = np.searchsorted(days, [ordinals[row] for row in group.rows])
            self._weights[:, mine] = self.drawn[group.name]
        self._day = np.searchsorted(days, used.day)
        self._used, self._shared, self.talk = used, shared, talk
        self.talks = in_sets(talk, self._weights)
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
        pace, times = pace_of_calls(used, self._shared), handle_times(used, self.talk)
        wait, door = used.waited, _outcomes(used, Outcome.BLOCKED, Outcome.CLOSED)
        for kind, table in self._shared.items():
            mine = used.call_type == used.call_types.index(kind)
            answered, queued = mine & (used.answer != NONE), mine & (wait > 0)
            path = ("call_types", kind)
            paces = paces_again(used, kind, table.get("pace", {}), times, self._day, weights)
            self.rows |= {join(("groups", name, "proficiency", kind)): row for name, row in paces.factors.items()}
            even = observed(self.talk.at_the_mean_hour(used.where(answered), kind) / pace[answered], self._day[answered])
            talk = laws(table["talk"], even, weights, table["talk form"])
            if answered.any():  # else they are assumed
                self.rows[join((*path, "talk"))] = stretched(talk, paces.longer)
            after = self._seen(used.wrap_up / 1e6 / pace, answered & (used.wrap_up != NONE))
            own = wraps or stretched(laws(table["wrap_up"], after, weights, table.get("wrap-up form")), paces.longer)
            if answered.any() or between is not None:
                self.rows[join((*path, "wrap_up"))] = own
            self.rows[join((*path, "patience"))] = self._patiences(table["patience"], queued)
            for family, laws_of in table.get("by_label", {}).items():
                for group in table["alike"]:
                    row = self._patiences(laws_of[group[0]]["patience"], queued & of_labels(used, family, group))
                    self.rows |= {join((*path, "by_label", family, value, "patience")): row for value in group}
            balked = mine & (used.outcome == Outcome.BALKED)
            self.rows[join((*path, "balking"))] = self._share(balked, balked | queued)
            for key, outcome in (("containment", Outcome.CONTAINED), ("hang_up", Outcome.IVR_ABANDONED)):
                entering = mine & ~door
                share = self._share(entering & (used.outcome == outcome), entering)
                self.rows[join(("ivr", key, kind, "per_interval"))] = share

    def _seen(self, seconds: Floats, keep: npt.NDArray[np.bool_]) -> Observed:
        return observed(seconds[keep], self._day[keep])

    def _patiences(self, law: Any, waiting: npt.NDArray[np.bool_]) -> list[Any]:
        used = self._used
        left = used.outcome[waiting] == Outcome.ABANDONED
        return patiences(law, used.waited[waiting] / 1e6, left, self._day[waiting], self._weights)

    def _share(self, part: npt.NDArray[np.bool_], whole: npt.NDArray[np.bool_]) -> list[float]:
        days = self._weights.shape[1]
        above, below = (np.bincount(self._day[one], minlength=days) for one in (part, whole))
        return shares(above, below, self._weights)


@dataclass(frozen=True)
class Evidence:
    """What a group of weekdays was measured on: its calls; calls by (day, type, interval of the opening hours) of the types
    that are there; its pools, and the seconds that agents stay after their last call; intervals an hour; the swing of the days
    as they are; the opening hours among the intervals from midnight; gone : where calls of a type were not recorded, of the
    shape of calls (None: nowhere).
    """

    history: History
    kinds: tuple[str, ...]
    calls: Floats
    pools: list[Pool]
    wrap: float
    per_hour: int
    swing: Busyness
    hours: slice
    gone: npt.NDArray[np.bool_] | None = None


def sets_of(group: Group, seen: Evidence, again: Again, scenario: Scenario) -> tuple[Measured, Rows]:
    """The sets of a group's scenario, and every estimate in each set, also those that are alike in all."""
    weights = again.drawn[group.name]
    rows: Rows = {path: row for path, row in again.rows.items() if _about(path, seen.kinds)}
    rows |= _volumes(seen, weights) | _labels(seen, weights) | _heads(seen, weights, again)
    rows |= {join(path): row for path, row in talk_rows(again.talk, again.talks, seen.kinds, seen.hours).items()}
    point = scenario.table()
    optional = [path for path in rows if split(path)[0] == "ivr" or split(path)[2:3] in (("by_label",), ("proficiency",))]
    for path in [path for path in optional if at(point, path) is NOTHING]:
        del rows[path]
    return measured(scenario, rows, len(group.rows)), rows


def measured(scenario: Scenario, rows: Mapping[str, list[Any]], days: int) -> Measured:
    """Sets from the value of each, on so many days drawn again, without what is alike in all of them."""
    varied = {path: row for path, row in rows.items() if any(value != row[0] for value in row)}
    table = scenario.table()
    number = len(next(iter(rows.values())))
    sets = {which: tuple(row[which] for row in varied.values()) for which in range(number)}
    point = {path: at(table, path, None) for path in varied}
    return Measured(scenario.name, point, Parameters(tuple(varied), number, sets, days))


def _about(path: str, kinds: tuple[str, ...]) -> bool:
    """Whether a path is about one of these call types, or about all."""
    parts = split(path)
    where = {"call_types": 1, "ivr": 2, "groups": 3}[parts[0]]
    return len(parts) <= where or parts[where] in kinds


def _volumes(seen: Evidence, weights: Ints) -> Rows:
    """The profiles of the types, and how much days differ."""
    mean = mean_calls(seen.calls, seen.gone, weights)
    weekdays = np.array([day.weekday() for day in seen.history.days()])
    rows = swing_rows(swings(seen.calls, weekdays, seen.per_hour, seen.swing, weights), seen.kinds)
    for place, kind in enumerate(seen.kinds):
        profile = [[round(float(calls), 3) for calls in one] for one in mean[:, place]]
        rows[join(("call_types", kind, "arrivals", "per_interval"))] = profile
    return rows


def swings(calls: Floats, weekdays: Ints, per_hour: int, known: Busyness, weights: Ints) -> list[Busyness]:
    """The swing in each set. known : that of the days as they are, which says the days that are unlike the others and do not
    count, the types that have hours of their own, and how alike days are.

    Days drawn again deviate less from their weekday's mean than the days themselves do, on average by 1 - 1/n of the
    variance for a weekday with n days (Efron and Tibshirani 1993, section 5.3), and that would be taken for less swing, all
    the more for Poisson's part. So their deviations are made as much larger.
    """
    like = ~known.unlike
    calls, weekdays, weights = calls[like], weekdays[like], weights[:, like]
    days = {weekday: int((weekdays == weekday).sum()) for weekday in np.unique(weekdays).tolist()}
    found = []
    for row in weights:
        drawn, of = np.repeat(calls, row, axis=0), np.repeat(weekdays, row)
        for weekday, n in days.items() if (row != 1).any() else ():
            mine = of == weekday
            if n > 1 and mine.any():
                mean = drawn[mine].mean(axis=0)
                drawn[mine] = mean + (drawn[mine] - mean) * np.sqrt(n / (n - 1))
        found.append(busyness(drawn, of, per_hour=per_hour, every_day=True, known=known))
    return found


def swing_rows(factors: list[Busyness], kinds: Sequence[str]) -> Rows:
    """The factors of each set: those that all types share, and what each of the `kinds`, in their order, has of its own."""
    day, hours, intervals = SHARED
    rows: Rows = {
        f"factors.{day}.cv": [round(one.day, 4) for one in factors],
        f"factors.{hours}.cv": [round(one.hours, 4) for one in factors],
        f"factors.{hours}.correlation": [round(one.correlation, 4) for one in factors],
        f"factors.{intervals}.cv": [round(one.intervals, 4) for one in factors],
    }
    if factors[0].alike is not None:
        rows[f"factors.{LEVEL}.cv"] = [round(one.level, 4) for one in factors]
    for place, kind in enumerate(kinds):
        rows[join(("call_types", kind, "busyness", "cv"))] = [round(float(one.own[place]), 4) for one in factors]
        if factors[0].with_own_hours[place]:
            path = ("factors", of_type(kind))
            rows[join((*path, "cv"))] = [round(float(one.own_hours[place]), 4) for one in factors]
            rows[join((*path, "correlation"))] = [round(float(one.own_correlation[place]), 4) for one in factors]
    return rows


def _labels(seen: Evidence, weights: Ints) -> Rows:
    """The shares of labels within each type."""
    rows: Rows = {}
    history, days = seen.history, np.unique(seen.history.day)
    day = np.searchsorted(days, history.day)
    for kind in seen.kinds:
        mine = who_asked(history, kind)
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
        heads = pool.in_sets(pool.by_day, weights) + later[:, None] * pool.in_sets(pool.longer, weights)
        row = [[round(float(number), 2) for number in np.maximum(one, 0.0)] for one in heads]
        rows[join(("groups", pool.name, "agents", "per_interval"))] = row
    return rows


def _outcomes(history: History, *outcomes: Outcome) -> npt.NDArray[np.bool_]:
    return np.isin(history.outcome, [int(one) for one in outcomes])
