"""Tornado: how far each lever moves a measure, the farthest on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plots.style import COLORS, INK, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Bar:
    """A lever from its least gain to its greatest, with the value that brings each, and the ends of their intervals."""

    name: str
    low: float
    high: float
    at_low: str
    at_high: str
    low_from: float
    high_to: float


@dataclass(frozen=True)
class Tornado:
    """What is drawn, already scaled: bars from top to bottom."""

    bars: tuple[Bar, ...]
    measure: str
    unit: str
    simulated: str


def prepare(
    bars: Sequence[Bar], *, measure: str = "answer_rate", scale: float = 100.0, unit: str = "points", simulated: str
) -> Tornado:
    """The bars times `scale`; raises ValueError for none, or one whose low is above its high."""
    if not bars:
        raise ValueError("bars: there is no lever")
    for bar in bars:
        if not bar.low <= bar.high:
            raise ValueError(f"{bar.name}: low {bar.low:g} is above high {bar.high:g}")
    scaled = tuple(
        Bar(b.name, b.low * scale, b.high * scale, b.at_low, b.at_high, b.low_from * scale, b.high_to * scale) for b in bars
    )
    return Tornado(scaled, measure, unit, simulated)


def draw(prepared: Tornado, ax: Axes) -> None:
    """One bar per lever around 0, labeled at both ends with the values that bring it."""
    height = len(prepared.bars)
    for line, bar in enumerate(prepared.bars):
        place = height - 1 - line
        ax.barh(place, min(bar.high, 0.0) - min(bar.low, 0.0), left=min(bar.low, 0.0), height=0.6, color=COLORS[1])
        ax.barh(place, max(bar.high, 0.0) - max(bar.low, 0.0), left=max(bar.low, 0.0), height=0.6, color=COLORS[2])
        ends = (bar.low, bar.low_from, bar.at_low, "right", -6), (bar.high, bar.high_to, bar.at_high, "left", 6)
        for end, edge, value, side, shift in ends:
            ax.plot([end, edge], [place, place], color=INK, linewidth=1.4, solid_capstyle="butt")
            outer = min(end, edge) if side == "right" else max(end, edge)
            ax.annotate(
                f"{value}: {end:+.1f}", (outer, place), xytext=(shift, 0), textcoords="offset points", va="center", ha=side,
                fontsize=9, color=INK,
            )  # fmt: skip
    lows, highs = [bar.low_from for bar in prepared.bars], [bar.high_to for bar in prepared.bars]
    width = max(*highs, 0.0) - min(*lows, 0.0) or 1.0
    ax.set_xlim(min(*lows, 0.0) - 0.3 * width, max(*highs, 0.0) + 0.3 * width)
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_ylim(-0.6, height - 0.4)
    ax.set_yticks(range(height - 1, -1, -1), [bar.name for bar in prepared.bars])
    plain(
        ax, title=f"What each lever does to {prepared.measure}, alone; {prepared.simulated}",
        x=f"{prepared.measure}, {prepared.unit} gained over the day as it is",
    )  # fmt: skip
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
