"""Percentiles of the wait of answered calls, from the histogram of a tally; and the longest wait of a day."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.measures.cut import Cut
from sim.measures.measure import Floats, Measure, Parts
from sim.scenario.units import TICKS_PER_SECOND
from sim.tally.tally import Tally
from sim.tally.waits import EDGES


def percentile(cells: npt.NDArray[np.int64], level: float) -> float:
    """Seconds below which the share `level` of the waits lies: linear inside a cell; nan without waits.

    cells : int64, shape (128,), counts by `sim.tally.waits.EDGES`
    """
    total = int(cells.sum())
    if total == 0:
        return float("nan")
    reached = np.cumsum(cells)
    i = int(np.searchsorted(reached, level * total))
    i = min(i, len(cells) - 1)
    low = float(EDGES[i - 1]) if i else 0.0
    before = int(reached[i - 1]) if i else 0
    part = (level * total - before) / int(cells[i]) if cells[i] else 0.0
    return (low + part * (float(EDGES[i]) - low)) / TICKS_PER_SECOND


def _percentile(level: float) -> Measure:
    def parts(tally: Tally, cut: Cut) -> Parts:
        cells = tally.waits[:, cut.types(tally)].sum(axis=1)
        values = np.array([percentile(day, level) for day in cells])
        there = ~np.isnan(values)
        return np.where(there, values, 0.0), there.astype(np.float64)

    def pooled(tally: Tally, cut: Cut) -> float:
        return percentile(tally.waits[:, cut.types(tally)].sum(axis=(0, 1)), level)

    name = f"{round(level * 100)}"
    return Measure(
        f"wait_p{name}", f"{name} % of the answered wait at most", f"the {name} % quantile of the wait of the answered",
        "s", "low", parts, kind="percentile", pooled=pooled,
    )  # fmt: skip


def _longest(tally: Tally, cut: Cut) -> Parts:
    rows = cut.rows(tally)
    longest = tally.longest[:, :, rows]
    if cut.interval is not None:
        first, last = cut.interval if isinstance(cut.interval, tuple) else (cut.interval, cut.interval + 1)
        longest = longest[:, first:last]
    worst: Floats = longest.reshape(tally.days, -1).max(axis=1) / TICKS_PER_SECOND
    return worst, tally.open_days


PERCENTILES = (
    _percentile(0.5),
    _percentile(0.9),
    _percentile(0.95),
    Measure(
        "longest_wait", "longest wait", "the longest wait of a day, on the average day", "s", "low", _longest,
        kind="mean",
    ),
)  # fmt: skip
