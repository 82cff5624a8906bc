"""Measure: a named function of a Tally with its formula, unit and direction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from sim.measures.cut import Cut
from sim.tally.tally import Tally

Floats = npt.NDArray[np.float64]
Parts = tuple[Floats, Floats]


@dataclass(frozen=True)
class Measure:
    """One measure. `parts` gives what is divided, day by day, so that ratios of sums and their intervals can be taken.

    kind "ratio": the value is sum(numerator) / sum(denominator) over the days
    kind "mean": a value of each day; its denominator is 1 on every day that has the value, else 0
    kind "percentile": taken from the summed histogram of waits; `parts` gives each day's percentile as for "mean"
    """

    name: str
    title: str
    formula: str
    unit: Literal["share", "s", "min", "h", "calls", "callers", "contacts", "money", "days"]
    better: Literal["high", "low"] | None
    parts: Callable[[Tally, Cut], Parts]
    kind: Literal["ratio", "mean", "percentile"] = "ratio"
    pooled: Callable[[Tally, Cut], float] | None = None

    def __call__(
        self,
        tally: Tally,
        *,
        call_type: str | None = None,
        label: str | None = None,
        group: str | None = None,
        interval: int | tuple[int, int] | None = None,
    ) -> float:
        """The measure over all days of the tally; nan for 0/0. Raises CallsimError for a cut that does not exist."""
        return self.value(tally, Cut(call_type=call_type, label=label, group=group, interval=interval))

    def value(self, tally: Tally, cut: Cut) -> float:
        """The measure over all days of the tally under a cut; nan for 0/0."""
        if self.pooled is not None:
            return self.pooled(tally, cut)
        above, below = self.parts(tally, cut)
        return float(above.sum() / below.sum()) if below.sum() else float("nan")

    def daily(self, tally: Tally, cut: Cut) -> Floats:
        """The measure of each day by itself: float64, shape (days,), nan for 0/0."""
        above, below = self.parts(tally, cut)
        values: Floats = np.divide(above, below, out=np.full(above.shape, np.nan), where=below != 0)
        return values
