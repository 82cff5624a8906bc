"""Selection: which cell is the best, with a stated chance of being right.

Clark and Yang (1986), "A Bonferroni selection procedure when using common random numbers with unknown variances", Proc.
Winter Simulation Conference: from a first stage of n0 days the variance of every pair's difference; then
N = max over pairs of (t S / margin)^2 days for all, with t Student's at 1 - (1 - chance) / (k - 1) on n0 - 1 degrees of
freedom; the largest mean is chosen. If the best is better than all others by the margin or more, it is chosen with at
least the chance stated, whatever the common callers correlate. The procedure is for means of normal values; a ratio of
sums enters by its linear form (`sweep.linearized`), whose means over days are near normal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from experiments.statistics import student

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Selection:
    """The cell chosen. days : simulated of each; needed : what the promise asks for; told : the difference from which on
    the promise holds with the days there are (the margin, where `needed` were simulated).
    """

    best: str
    chance: float
    margin: float
    first: int
    needed: int
    days: int
    told: float

    @property
    def promised(self) -> bool:
        """Whether enough days were simulated for the margin asked for."""
        return self.days >= self.needed


def days_needed(values: Floats, *, margin: float, chance: float) -> int:
    """Days for all cells, from the first stage's linearized values, shape (cells, days); at least those."""
    cells, first = values.shape
    widest = _widest(values)
    return max(int(first), math.ceil((_t(cells, first, chance) / margin) ** 2 * widest))


def told(values: Floats, *, days: int, chance: float) -> float:
    """The difference that so many days tell with that chance, by the first stage's values, shape (cells, days)."""
    cells, first = values.shape
    return _t(cells, first, chance) * math.sqrt(_widest(values) / days)


def _t(cells: int, first: int, chance: float) -> float:
    return student(first - 1, 1 - (1 - chance) / max(cells - 1, 1))


def _widest(values: Floats) -> float:
    """The largest variance of a difference between two rows."""
    spread = np.cov(values) if len(values) > 1 else np.zeros((1, 1))
    own = np.diag(spread)
    return float((own[:, np.newaxis] + own[np.newaxis, :] - 2 * spread).max())
