"""Waterfall: from what a measure is today, cause by cause, to what it would be without all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plots.style import COLORS, INK, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_UP, _DOWN, _LEVEL = COLORS[2], COLORS[1], "#7A7A7A"


@dataclass(frozen=True)
class Bar:
    """One bar from `start` to `end`; low and high are the ends of its interval, None for a level."""

    name: str
    start: float
    end: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Waterfall:
    """What is drawn, already scaled: bars from top to bottom, and where the target is."""

    bars: tuple[Bar, ...]
    target: float
    measure: str
    unit: str
    simulated: str


def prepare(
    steps: Sequence[tuple[str, float, float, float]],
    *,
    today: float,
    target: float,
    measure: str = "answer_rate",
    scale: float = 100.0,
    unit: str = "%",
    simulated: str,
) -> Waterfall:
    """Bars of today, of each (name, share, low, high), and of what is left without all of them; values times `scale`.

    Raises ValueError for an interval that does not contain its share.
    """
    level = today * scale
    bars = [Bar("today", 0.0, level, None, None)]
    for name, share, low, high in steps:
        if not low <= share <= high:
            raise ValueError(f"{name}: the interval {low:g} to {high:g} must contain {share:g}")
        bars.append(Bar(name, level, level + share * scale, level + low * scale, level + high * scale))
        level += share * scale
    bars.append(Bar("without all of them", 0.0, level, None, None))
    return Waterfall(tuple(bars), target * scale, measure, unit, simulated)


def draw(prepared: Waterfall, ax: Axes) -> None:
    """Horizontal bars, each from where the last one ended; numbers at the right edge, the target as a line."""
    height = len(prepared.bars)
    for line, bar in enumerate(prepared.bars):
        place = height - 1 - line
        change = bar.end - bar.start
        ink = _LEVEL if bar.low is None else _UP if change >= 0 else _DOWN
        ax.barh(place, change, left=bar.start, height=0.62, color=ink)
        if bar.low is not None and bar.high is not None:
            ax.plot([bar.low, bar.high], [place, place], color=INK, linewidth=1.4, solid_capstyle="butt")
            ax.plot([bar.end, bar.end], [place - 0.31, place - 1.31], color=INK, linewidth=0.6)
        elif line == 0:
            ax.plot([bar.end, bar.end], [place - 0.31, place - 1.31], color=INK, linewidth=0.6)
        text = f"{bar.end:.1f} {prepared.unit}" if bar.low is None else f"{change:+.1f}"
        ax.annotate(
            text, (1.02, place), xycoords=("axes fraction", "data"), va="center", fontsize=9, color=INK,
            annotation_clip=False,
        )  # fmt: skip
    levels = [bar.end for bar in prepared.bars]
    levels += [prepared.target, *(end for bar in prepared.bars for end in (bar.low, bar.high) if end is not None)]
    room = 0.12 * (max(levels) - min(levels) or 1.0)
    low = max(min(levels) - 2 * room, 0.0)
    ax.set_xlim(low, max(levels) + room)
    ax.axvline(prepared.target, color=INK, linewidth=1.0, linestyle="--")
    ax.annotate(
        f"target {prepared.target:g}", (prepared.target, 1.0), xycoords=("data", "axes fraction"), xytext=(3, 2),
        textcoords="offset points", fontsize=9, color=INK,
    )  # fmt: skip
    ax.set_ylim(-0.6, height - 0.4)
    ax.set_yticks(range(height - 1, -1, -1), [bar.name for bar in prepared.bars])
    cut = "" if low == 0 else f", axis from {low:.0f}"
    plain(
        ax, title=f"What each cause takes from {prepared.measure}; {prepared.simulated}\n",
        x=f"{prepared.measure}, {prepared.unit}{cut}; a share of what all causes do together",
    )  # fmt: skip
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
