"""Dispersion: variance / mean of calls against the time over which they are counted, recorded days beside the model's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from plots.style import INK, color, dashes, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from experiments.dispersion import Spread

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Line:
    """Variance / mean at each of `Dispersion.minutes`, recorded and in the model, each with its ends; shape (lengths,)."""

    name: str
    recorded: Floats
    recorded_ends: Floats  # below and above the recorded, not below 0, shape (2, lengths), as error bars want them
    model: Floats
    model_low: Floats
    model_high: Floats


@dataclass(frozen=True, eq=False)
class Dispersion:
    """What is drawn: `minutes` (lengths,) ascending, a line without and one with the day's total given, the ends' level."""

    minutes: Floats
    lines: tuple[Line, ...]
    level: float


def prepare(found: Spread) -> Dispersion:
    """The figure of recorded and simulated days; lengths are put in ascending order."""
    order = np.argsort(found.seconds)
    lines = []
    for row, name in enumerate(("as counted", "given the day's total")):
        parts = (found.recorded, found.recorded_low, found.recorded_high, found.simulated, found.simulated_low)
        recorded, low, high, model, model_low = (part[row, order] for part in parts)
        ends = np.maximum(np.stack([recorded - low, high - recorded]), 0.0)
        lines.append(Line(name, recorded, ends, model, model_low, found.simulated_high[row, order]))
    return Dispersion(np.array(found.seconds)[order] / 60.0, tuple(lines), found.level)


def draw(prepared: Dispersion, ax: Axes) -> None:
    """Points with bars are recorded, lines with bands the model; Poisson calls would be at 1 everywhere."""
    from matplotlib.ticker import FixedLocator, NullLocator, ScalarFormatter

    for position, line in enumerate(prepared.lines, start=1):
        shade = color(position)
        ax.fill_between(prepared.minutes, line.model_low, line.model_high, color=shade, alpha=0.15, linewidth=0)
        ax.plot(
            prepared.minutes, line.model, color=shade, linestyle=dashes(position), linewidth=1.8, label=f"model, {line.name}"
        )
        ax.errorbar(
            prepared.minutes, line.recorded, yerr=line.recorded_ends, color=shade, fmt="os"[position - 1], markersize=5,
            capsize=3, linewidth=1.0, label=f"recorded, {line.name}",
        )  # fmt: skip
    ax.axhline(1.0, color=INK, linewidth=0.8)
    ax.annotate(
        "Poisson", (1.0, 1.0), xycoords=("axes fraction", "data"), xytext=(-3, 3), textcoords="offset points",
        ha="right", fontsize=9, color=INK,
    )  # fmt: skip
    ax.set_xscale("log")
    ax.set_yscale("log")
    for axis, places in ((ax.xaxis, prepared.minutes), (ax.yaxis, np.array([0.5, 1, 2, 3, 5, 10, 20, 50, 100, 200]))):
        axis.set_major_locator(FixedLocator(places.tolist()))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(ScalarFormatter())
    plain(
        ax,
        title="How much calls vary more than by chance",
        x="minutes over which calls are counted",
        y=f"variance / mean (with {prepared.level * 100:.0f} % ends)",
    )
    ax.legend(frameon=False, fontsize=9, handlelength=3.5, loc="upper left")
