"""Staffing: heads as a calibration has them, between simple estimates that are too low and too high, and beside a roster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from plots.style import GRAY, INK, clock_axis, color, dashes, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Staffing:
    """What is drawn, heads by interval: lines by name, and the band (low, high) that they are to lie in, or None."""

    starts: Floats
    interval: float
    lines: tuple[tuple[str, Floats], ...]
    band: tuple[Floats, Floats] | None
    title: str


def prepare(
    starts: Sequence[float] | Floats,
    *,
    interval: float,
    lines: Sequence[tuple[str, Sequence[float] | Floats]],
    band: tuple[Sequence[float] | Floats, Sequence[float] | Floats] | None = None,
    title: str = "Heads on the phones",
) -> Staffing:
    """Values by interval in one shape; `starts` and `interval` in seconds. Raises ValueError when a length differs."""
    begin = np.asarray(starts, np.float64)
    drawn = tuple((name, np.asarray(values, np.float64)) for name, values in lines)
    ends = None if band is None else (np.asarray(band[0], np.float64), np.asarray(band[1], np.float64))
    for what, values in [*drawn, *(() if ends is None else (("band, low", ends[0]), ("band, high", ends[1])))]:
        if values.shape != begin.shape:
            raise ValueError(f"{what}: {values.size} values for {begin.size} intervals")
    return Staffing(begin, interval, drawn, ends, title)


def draw(prepared: Staffing, ax: Axes) -> None:
    """Steps, each line in a color and dashes of its own, over the band."""
    borders = np.append(prepared.starts, prepared.starts[-1] + prepared.interval)
    if prepared.band is not None:
        low, high = prepared.band
        label = "between in service while somebody waited and active in the interval"
        ax.stairs(np.maximum(low, high), borders, baseline=low, fill=True, color=GRAY, label=label)
    for position, (name, heads) in enumerate(prepared.lines):
        ax.stairs(heads, borders, baseline=None, color=color(position), linestyle=dashes(position), linewidth=1.8, label=name)
    clock_axis(ax, float(borders[0]), float(borders[-1]))
    ax.set_ylim(0, None)
    plain(ax, title=prepared.title, y="heads on the phones, mean of the days")
    ax.yaxis.label.set_color(INK)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=2, frameon=False, fontsize=9)
