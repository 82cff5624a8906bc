"""Sensitivity: how much a measure moves with each factor: one at a time (tornado), and by shares of variance (Sobol).

A tornado's effects are paired differences from the study as it is, on the same callers. Sobol's indices are estimated by
scipy.stats.sobol_indices (Saltelli et al. 2010, "Variance based sensitivity analysis of model output", with its
bootstrap); the callers are the same at every point, so the variance is that of the factors alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from experiments.statistics import Estimate
from experiments.study_file import Plan
from experiments.sweep import Row
from experiments.values import as_number
from sim.scenario.errors import CallsimError

Floats = npt.NDArray[np.float64]
_NO_HOURS = 0.5  # paid hours a day: less is how long the last callers are served, not a decision


@dataclass(frozen=True)
class Lever:
    """One factor alone. low, high : gains at the values that move the measure least and most, with these values

    per_unit : of the measure per unit of the factor between its ends, NaN where they are no numbers or durations (seconds)
    per_hour : of the measure per paid hour a day between its ends, NaN where hours stay as they are
    """

    path: str
    ends: tuple[object, object]
    low: Estimate
    high: Estimate
    per_unit: float
    per_hour: float

    @property
    def reach(self) -> float:
        """How far apart its ends are."""
        return self.high.value - self.low.value


@dataclass(frozen=True)
class Index:
    """Sobol's indices of a factor: `first` alone, `total` with all it does together with others; at 95 %."""

    path: str
    first: Estimate
    total: Estimate


def tornado(plan: Plan, rows: Sequence[Row]) -> list[Lever]:
    """The levers of a study with design "one at a time", that with the farthest reach first; of the first story and policy."""
    if plan.method != "one at a time":
        raise CallsimError(f'a tornado needs design = "one at a time"; the study has "{plan.method}"')
    measure = plan.measures[0]
    first = plan.cells[0]
    mine = [row for row in rows if (row.cell.story, row.cell.policy) == (first.story, first.policy)]
    base = next(row for row in mine if not row.cell.point)
    found = []
    for path in plan.factors:
        cells = [row for row in mine if path in row.cell.point]
        gains = [(_gain(row, measure), row) for row in cells]
        (low, least), (high, most) = (pick(gains, key=lambda one: one[0].value) for pick in (min, max))
        if len(cells) == 1:  # one value, and the study as it is
            zero = Estimate(0.0, 0.0, 0.0)
            (low, least), (high, most) = sorted([(zero, base), *gains], key=lambda one: one[0].value)
        ends = least.cell.point.get(path), most.cell.point.get(path)
        hours = most.hours - least.hours
        reach = high.value - low.value
        found.append(Lever(path, ends, low, high, _per(reach, ends), reach / hours if abs(hours) > _NO_HOURS else np.nan))
    return sorted(found, key=lambda lever: -abs(lever.reach))


def _gain(row: Row, measure: str) -> Estimate:
    gain = row.gains[measure]
    return Estimate(0.0, 0.0, 0.0) if gain is None else gain


def _per(reach: float, ends: tuple[object, object]) -> float:
    numbers = [as_number(end) for end in ends]
    if numbers[0] is None or numbers[1] is None or numbers[0] == numbers[1]:
        return float("nan")
    return reach / (numbers[1] - numbers[0])


def sobol(plan: Plan, rows: Sequence[Row]) -> list[Index]:
    """Sobol's indices of the first measure over the points of a study with design "sobol indices".

    Raises CallsimError for more than one policy, and where the measure never varies.
    """
    from scipy.stats import bootstrap

    if plan.method != "sobol indices":
        raise CallsimError(f'indices need design = "sobol indices"; the study has "{plan.method}"')
    if len(plan.stories) > 1:
        raise CallsimError('policies: design = "sobol indices" takes one story and one policy')
    n, d = plan.points or 1, len(plan.factors)
    values = np.array([row.values[plan.measures[0]].value for row in rows]).reshape(d + 2, n)
    if not np.isfinite(values).all() or values[:2].var() == 0:
        raise CallsimError(f"{plan.measures[0]}: does not vary with the factors, so there is nothing to share out")
    found = _indices(values)
    chance = np.random.default_rng(plan.seed)
    again = bootstrap(
        [np.arange(n)], lambda rows_: _indices(values[:, rows_]), vectorized=False, method="percentile", n_resamples=999,
        random_state=chance,
    )  # fmt: skip
    low, high = again.confidence_interval
    return [
        Index(path, *(Estimate(*(float(one[order, at]) for one in (found, low, high))) for order in (0, 1)))
        for at, path in enumerate(plan.factors)
    ]


def _indices(values: Floats) -> Floats:
    """First and total indices, shape (2, factors), from the rows A, B, and A with one column of B each."""
    from scipy.stats import sobol_indices

    parts = {"f_A": values[0][np.newaxis], "f_B": values[1][np.newaxis], "f_AB": values[2:, np.newaxis]}
    found = sobol_indices(func=parts, n=values.shape[1])
    return np.array([np.ravel(found.first_order), np.ravel(found.total_order)])
