"""Three spreads apart: simulation noise, the luck of a day, and inputs that nobody knows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from experiments.data_error import Halves
from experiments.statistics import Estimate, eight_in_ten

Floats = npt.NDArray[np.float64]
# Half the range in which 8 of 10 values of a normal distribution lie, in standard deviations: its 90 % quantile.
EIGHT_IN_TEN = 1.2815515655446004
METHOD = (
    "luck of the day: standard deviation of daily values with every range at its median; unknown inputs: variance with "
    "ranges drawn less that variance, not below 0; both times 1.28, which holds 8 normal days in 10; an input's share: "
    "squared standardized coefficient of the linear regression of daily values on the drawn inputs"
)


@dataclass(frozen=True)
class Spread:
    """How sure a result is, in the measure's own unit; NaN where there are too few days to say.

    noise : half-width of the interval of the result; shrinks with more days. With uncertain parameters simulation's part
    data : of the half-width what inputs measured on so many days make; shrinks with more of those; None: inputs are fixed
    luck : half the width that holds 8 days in 10 when every input is known; more days do not shrink it
    unknown : the same for the inputs given as ranges; shrinks only with better data; None without ranges
    unknown_share : part of the variance of daily values that comes from unknown inputs, 0 to 1; None without ranges
    luck_range : between which values 8 days in 10 lie when every input is known
    inputs : (path, share of the variance of daily values), largest first
    """

    noise: float
    luck: float
    unknown: float | None
    unknown_share: float | None
    luck_range: tuple[float, float]
    inputs: tuple[tuple[str, float], ...] = ()
    data: float | None = None

    @property
    def simulation_only(self) -> bool:
        """Whether no input is given as a range, so that the spread is simulation error and luck only."""
        return self.unknown is None


def spread(
    estimate: Estimate,
    values: Floats,
    middle: Floats | None = None,
    inputs: Mapping[str, Floats] | None = None,
    halves: Halves | None = None,
) -> Spread:
    """The spreads of a result with daily `values`, shape (days,).

    `middle` are the daily values of the same replications with every range at its median, and the estimates instead of
    sets; None: there are none, or they were not run. halves : of the estimate's half-width.
    """
    total = _variance(values)
    noise, data = (estimate.half_width, None) if halves is None else (halves.simulation, halves.data)
    if middle is None:
        return Spread(noise, EIGHT_IN_TEN * math.sqrt(total), None, None, eight_in_ten(values), data=data)
    luck = _variance(middle)
    unknown = max(0.0, total - luck) if not math.isnan(total - luck) else math.nan
    share = unknown / total if total > 0 else 0.0 if total == 0 else math.nan
    return Spread(
        noise=noise,
        luck=EIGHT_IN_TEN * math.sqrt(luck),
        unknown=EIGHT_IN_TEN * math.sqrt(unknown),
        unknown_share=share,
        luck_range=eight_in_ten(middle),
        inputs=shares(values, inputs or {}),
        data=data,
    )


def shares(values: Floats, inputs: Mapping[str, Floats]) -> tuple[tuple[str, float], ...]:
    """Which input makes the spread: its part of the variance of daily values, largest first.

    Inputs are drawn independently, so the squared standardized coefficients of the regression add up to what a straight
    line explains. Left out are those within two standard errors of none; nothing when there are fewer than two days more
    than inputs.
    """
    known = ~np.isnan(values)
    y = values[known]
    if not len(y):
        return ()
    varied = {path: drawn[known] for path, drawn in inputs.items() if np.ptp(drawn[known]) > 0}
    if not varied or len(y) < len(varied) + 3 or np.ptp(y) == 0:
        return ()
    x = np.column_stack([(drawn - drawn.mean()) / drawn.std() for drawn in varied.values()])
    coefficients = np.linalg.lstsq(x, (y - y.mean()) / y.std(), rcond=None)[0]
    parts = [float(min(c * c, 1.0)) for c in coefficients]
    left = max(1.0 - sum(parts), 0.0) / (len(y) - len(varied) - 1)  # the variance of a coefficient
    found = [(path, part) for path, part in zip(varied, parts, strict=True) if part > 4 * left]
    return tuple(sorted(found, key=lambda pair: -pair[1]))


def _variance(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(np.var(known, ddof=1)) if len(known) > 1 else math.nan
