"""Closeness: how near replays come to the record, day by day, with heads or with agents one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from experiments.tasks import replicate
from sim.calibrate import Calibration, recorded_day
from sim.calibrate.days import parse_weekdays
from sim.calibrate.turns import Turns, turns
from sim.calls import NONE
from sim.engines.plan import frame
from sim.files.history import History
from sim.files.sessions import Sessions
from sim.measures import MEASURES, Cut
from sim.scenario.scenario import Scenario
from sim.tally import Measuring, tally

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Closeness:
    """A measure of recorded days beside its mean over their replays; float64, shape (days,), in the measure's unit."""

    measure: str
    days: tuple[date, ...]
    recorded: Floats
    replayed: Floats

    @property
    def errors(self) -> Floats:
        """Replayed less recorded, of each day."""
        return self.replayed - self.recorded

    @property
    def bias(self) -> float:
        """Mean error."""
        return float(self.errors.mean())

    @property
    def mean_absolute(self) -> float:
        """Mean absolute error."""
        return float(np.abs(self.errors).mean())

    @property
    def root_mean_square(self) -> float:
        """Root of the mean squared error."""
        return float(np.sqrt((self.errors**2).mean()))

    @property
    def correlation(self) -> float:
        """Of the days, recorded with replayed."""
        return float(np.corrcoef(self.recorded, self.replayed)[0, 1])


def ordinary_days(history: History, calibration: Calibration) -> list[date]:
    """The days of a log that are alike by a calibration of it and were not set aside."""
    weekdays = parse_weekdays(calibration.name)
    unlike = {one.day for one in calibration.set_aside}
    asked = history.where(history.queue_entry != NONE)
    return [day for day in asked.days() if day.weekday() in weekdays and day not in unlike]


def closeness(
    history: History,
    days: Sequence[date],
    like: Scenario,
    *,
    sessions: Sessions | None = None,
    always: Turns | None = None,
    measures: tuple[str, ...] = ("asa", "abandonment_rate"),
    call_type: str | None = None,
    replications: int = 20,
    seed: int = 1,
) -> dict[str, Closeness]:
    """Replays each of the days so many times; measure -> Closeness.

    sessions : who was there when (not given: heads are inferred, as `callsim replay` does without --sessions)
    always, like : as in `recorded_day`; both replays see the day itself, so this says how well a day is told again, not how
    well one is foreseen. call_type : of this type only, days without an answer of it left out
    """
    if sessions is not None and always is None:
        always = turns(history, like)
    rows: list[list[tuple[float, float]]] = []
    used = []
    cut = Cut(call_type=call_type)
    for day in days:
        found = recorded_day(history, day, like, sessions=sessions, always=always)
        real = tally(found.calls.as_day(frame(found.scenario)))
        again = replicate(found.scenario, seed=seed, replication=0, measuring=Measuring())
        for replication in range(1, replications):
            again = again + replicate(found.scenario, seed=seed, replication=replication, measuring=Measuring())
        pairs = [(MEASURES[name].value(real, cut), MEASURES[name].value(again, cut)) for name in measures]
        if np.isfinite(pairs).all():
            used.append(day)
            rows.append(pairs)
    table = np.array(rows).reshape(-1, len(measures), 2)
    return {name: Closeness(name, tuple(used), table[:, at, 0], table[:, at, 1]) for at, name in enumerate(measures)}
