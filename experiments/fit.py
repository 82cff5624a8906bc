"""Fit: what was recorded beside what was made of it: how many call when, how long calls take, how long callers wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from experiments.dispersion import Spread, simulated_calls, spread
from sim.calibrate import Calibration
from sim.calibrate.level import Course, course
from sim.calibrate.patience import of_labels
from sim.calibrate.selection import of_days
from sim.calibrate.volumes import busyness
from sim.calls import NONE, Outcome
from sim.chance.rows import quantile_function
from sim.chance.talks import expected_factor
from sim.files.history import History
from sim.files.report import Report
from sim.scenario.callers import CallType, patiences
from sim.scenario.distributions import Never
from sim.scenario.errors import CallsimError
from sim.scenario.scenario import Scenario
from sim.scenario.units import DAY, ticks

Floats = npt.NDArray[np.float64]
_POINTS = 200  # of a curve
_DAYS = 100  # simulated for a band


@dataclass(frozen=True, eq=False)
class Curves:
    """Two curves of a distribution: the share of calls beyond each of `seconds`, recorded and of the law; shape (points,)."""

    name: str
    seconds: Floats
    recorded: Floats
    law: Floats
    calls: int


@dataclass(frozen=True, eq=False)
class Profile:
    """Calls by interval: the mean and where 8 days in 10 lie, recorded and simulated; float64, shape (intervals,).

    starts : seconds since midnight; interval : seconds; days : recorded, simulated
    """

    starts: Floats
    interval: float
    recorded: tuple[Floats, Floats, Floats]
    simulated: tuple[Floats, Floats, Floats]
    days: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Fit:
    """What the figures of a calibration show; talk and patience by call type, where calls are recorded one by one; `level` where
    days are like those before them.
    """

    name: str
    profile: Profile
    swing: Spread | None
    talk: tuple[Curves, ...]
    patience: tuple[Curves, ...]
    level: Course | None = None


def fit(found: Calibration, recorded: History | Report, *, surges_apart: bool = False, seed: int = 1) -> Fit:
    """A calibration beside the days that it was made of, `surges_apart` as then; raises CallsimError where it has none."""
    used = of_days(recorded, found.used)
    if not found.used or not len(used):
        raise CallsimError(f"{found.name}: none of its days is in the record")
    calls = _calls(used, found)
    calendar = found.scenario.calendar
    drawn = simulated_calls(found.scenario, range(_DAYS), seed=seed).sum(axis=1)
    starts: Floats = np.array(calendar.starts())
    profile = Profile(starts, float(calendar.interval), _band(calls), _band(drawn), (len(calls), _DAYS))
    talk = tuple(_talk(used, found)) if isinstance(used, History) else ()
    patience = tuple(_patience(used, found)) if isinstance(used, History) else ()
    swing = _swing(calls, found, seed, surges_apart=surges_apart)
    level = None if found.level is None else course(found.level, used.days(), calls.sum(axis=1))
    return Fit(found.name, profile, swing, talk, patience, level)


def _calls(used: History | Report, found: Calibration) -> Floats:
    """Calls of the calibration's types by day and interval of its hours: float64, shape (days, intervals)."""
    calendar, days = found.scenario.calendar, used.days()
    known = [kind.name for kind in found.scenario.call_types]
    mine = np.isin([used.call_types[code] for code in used.call_type.tolist()], known)
    if isinstance(used, History):
        day, tick, weight = used.day, used.arrival, np.ones(len(used))
    else:
        day = np.array([one.toordinal() for one in used.day], np.int64)
        tick, weight = np.round(used.start * 1e6).astype(np.int64), np.nan_to_num(used.offered)
    row = np.searchsorted([one.toordinal() for one in days], day)
    part = (tick - ticks(calendar.opens)) // ticks(calendar.interval)
    inside = mine & (part >= 0) & (part < calendar.intervals) & (tick < 2 * DAY)
    out = np.zeros((len(days), calendar.intervals))
    np.add.at(out, (row[inside], part[inside]), weight[inside])
    return out


def _band(calls: Floats) -> tuple[Floats, Floats, Floats]:
    low, high = np.quantile(calls, [0.1, 0.9], axis=0)
    mean: Floats = calls.mean(axis=0)
    return mean, low, high


def _swing(calls: Floats, found: Calibration, seed: int, *, surges_apart: bool) -> Spread | None:
    """Variance / mean over lengths that the interval divides, of days that count in the swing; None where they are few."""
    calendar = found.scenario.calendar
    lengths = [calendar.interval * step for step in (1, 2, 3, 4, 6) if 2 * step <= calendar.intervals]
    weekdays = np.array([day.weekday() for day in found.used])
    per_hour = max(1, round(3600 / calendar.interval))
    like = ~busyness(calls[:, None], weekdays, per_hour=per_hour, every_day=not surges_apart).unlike
    try:
        dates = [day for day, counts in zip(found.used, like, strict=True) if counts]
        return spread(calls[like], weekdays[like], found.scenario, days=dates, lengths=lengths, samples=30, seed=seed)
    except CallsimError:
        return None


def _talk(used: History, found: Calibration) -> list[Curves]:
    curves = []
    for kind in found.scenario.call_types:
        mine = used.where(_of(used, kind.name) & (used.answer != NONE))
        seconds = np.sort(mine.talk / 1e6)
        if len(seconds) > 1:
            grid = np.linspace(0.0, float(np.quantile(seconds, 0.99)), _POINTS)
            beyond = 1 - np.searchsorted(seconds, grid, side="right") / len(seconds)
            curves.append(Curves(kind.name, grid, beyond, _talked(mine, found.scenario, kind, grid), len(seconds)))
    return curves


def _talked(answered: History, scenario: Scenario, kind: CallType, seconds: Floats) -> Floats:
    """The share of a type's calls whose talk is longer, by its law times the factor of the interval in which each came."""
    calendar, factor = scenario.calendar, expected_factor(scenario, kind)
    part = np.clip((answered.arrival - ticks(calendar.opens)) // ticks(calendar.interval), 0, calendar.intervals - 1)
    calls = np.bincount(part, minlength=len(factor))
    beyond = _beyond(kind.talk, seconds / np.maximum(factor, 1e-9)[:, np.newaxis])
    return np.asarray(calls @ beyond / calls.sum(), np.float64)


def _patience(used: History, found: Calibration) -> list[Curves]:
    """Kaplan and Meier's curve (1958) of those who had to wait, to where a twentieth of them still wait."""
    from scipy.stats import CensoredData, ecdf

    curves = []
    for kind in found.scenario.call_types:
        queued = _of(used, kind.name) & (used.waited > 0)
        waits, left = used.waited[queued] / 1e6, (used.outcome == Outcome.ABANDONED)[queued]
        if not left.any() or isinstance(kind.patience, Never):
            continue
        curve = ecdf(CensoredData(uncensored=waits[left], right=waits[~left])).sf
        grid = np.linspace(0.0, float(np.quantile(waits, 0.95)), _POINTS)
        curves.append(Curves(kind.name, grid, curve.evaluate(grid), _patient(used.where(queued), kind, grid), len(waits)))
    return curves


def _patient(waiting: History, kind: CallType, seconds: Floats) -> Floats:
    """The share of a type's callers who had to wait whose patience is longer, by the laws that their labels have."""
    left, total = np.ones(len(waiting), np.bool_), np.zeros(len(seconds))
    for path, law in patiences(kind)[1:]:
        mine = of_labels(waiting, path[1], (path[2],))
        left &= ~mine
        total += mine.sum() * _beyond(law, seconds)
    return np.asarray((total + left.sum() * _beyond(kind.patience, seconds)) / len(waiting), np.float64)


def _of(used: History, kind: str) -> npt.NDArray[np.bool_]:
    code = used.call_types.index(kind) if kind in used.call_types else NONE - 1
    return np.asarray(used.call_type == code)


def _beyond(law: Any, seconds: Floats) -> Floats:
    """The share of a law beyond each of the seconds, by its quantile function."""
    shares = (np.arange(2000) + 0.5) / 2000
    return np.asarray(1 - np.searchsorted(quantile_function(law)(shares), seconds, side="right") / len(shares), np.float64)
