"""Actual against simulated by interval: a recorded day, the band in which 8 of its simulated days in 10 are, other days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from plots.style import COLORS, INK, clock_axis, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ActualBand:
    """What is drawn. starts : seconds since midnight; recorded, simulated, low, high : the day, and mean and band of its
    simulations; all of shape (intervals,). others : recorded days drawn as dots, shape (days, intervals)
    """

    starts: Floats
    interval: float
    recorded: Floats
    simulated: Floats
    low: Floats
    high: Floats
    others: Floats
    title: str
    unit: str


def prepare(
    starts: Sequence[float] | Floats,
    *,
    interval: float,
    recorded: Floats,
    simulated: Floats,
    low: Floats,
    high: Floats,
    others: Floats,
    title: str,
    unit: str = "calls answered",
) -> ActualBand:
    """Values made by `experiments` brought into one shape; raises ValueError where a length differs."""
    begin = np.asarray(starts, np.float64)
    parts = {"recorded": recorded, "simulated": simulated, "low": low, "high": high, "others": others}
    for name, part in parts.items():
        if np.shape(part)[-1] != len(begin):
            raise ValueError(f"{name}: {np.shape(part)[-1]} values for {len(begin)} intervals")
    line, mean, bottom, top, dots = (np.asarray(part, np.float64) for part in parts.values())
    return ActualBand(begin, interval, line, mean, bottom, top, dots, title, unit)


def draw(prepared: ActualBand, ax: Axes) -> None:
    """Band and mean of the simulation, the recorded day as a line, other recorded days as dots."""
    middle = prepared.starts + prepared.interval / 2
    blue = COLORS[2]
    ax.fill_between(
        middle, prepared.low, prepared.high, color=blue, alpha=0.18, linewidth=0, label="8 simulated days in 10",
    )  # fmt: skip
    every = np.broadcast_to(middle, prepared.others.shape)
    ax.scatter(every.ravel(), prepared.others.ravel(), s=5, color=INK, alpha=0.3, linewidths=0, label="another tested day")
    ax.plot(middle, prepared.simulated, color=blue, linewidth=1.8, linestyle="--", label="simulated, mean")
    ax.plot(middle, prepared.recorded, color=COLORS[0], linewidth=1.6, label="recorded")
    clock_axis(ax, float(prepared.starts[0]), float(prepared.starts[-1]) + prepared.interval)
    ax.set_ylim(0, None)
    plain(ax, title=prepared.title, y=prepared.unit)
