"""Style: colors that everybody can tell apart, an axis of clock times, and a figure without global state."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito (2008), "Color universal design": distinct under the common kinds of color blindness. The
# first is for the baseline; yellow is left out because it cannot be read on white.
COLORS = ("#000000", "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
# Told apart in gray print as well.
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)))
GRAY = "#D9D9D9"
INK = "#333333"


def color(position: int) -> str:
    """The color of the policy at this position; 0 is the baseline."""
    return COLORS[position % len(COLORS)]


def dashes(position: int) -> str | tuple[int, tuple[int, ...]]:
    """The line style of the policy at this position, beside its color."""
    return DASHES[position % len(DASHES)]


def figure(width: float = 9.0, height: float = 4.5) -> tuple[Figure, Axes]:
    """A new figure of this size in inches, with one Axes; no pyplot, so nothing outlives it."""
    from matplotlib.figure import Figure

    new = Figure(figsize=(width, height), dpi=150, layout="constrained")
    return new, new.add_subplot()


def plain(ax: Axes, *, title: str = "", x: str = "", y: str = "") -> None:
    """Title and axis labels in one size, without the box's upper and right side."""
    ax.set_title(title, loc="left", fontsize=11, color=INK)
    ax.set_xlabel(x, fontsize=10, color=INK)
    ax.set_ylabel(y, fontsize=10, color=INK)
    ax.tick_params(labelsize=9, colors=INK)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)


def clock_axis(ax: Axes, start: float, end: float) -> None:
    """The x axis in clock times from `start` to `end` (seconds since midnight), labeled at whole hours."""
    hours = (end - start) / 3600.0
    every = next((step for step in (1, 2, 3, 6) if hours / step <= 15), 12)
    first = -(-start // (every * 3600.0))
    places = [first * every * 3600.0]
    while places[-1] + every * 3600.0 <= end:
        places.append(places[-1] + every * 3600.0)
    ax.set_xlim(start, end)
    ax.set_xticks(places, [f"{int(place // 3600):02d}:00" for place in places])


def percent_axis(ax: Axes, low: float = 0.0, high: float = 1.0) -> None:
    """The y axis in percent; values are shares."""
    from matplotlib.ticker import PercentFormatter

    ax.set_ylim(low, high)
    ax.yaxis.set_major_formatter(PercentFormatter(xmax=1.0, decimals=0, symbol=" %"))
