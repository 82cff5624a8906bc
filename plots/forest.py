"""Comparison forest: what each policy gains over the baseline, with its interval and verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plots.style import COLORS, INK, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LOOKS = {
    "better": (COLORS[2], "o"), "worse": (COLORS[1], "s"), "equal": (INK, "D"), "undecided": (INK, "o"),
    "more": (COLORS[0], "o"), "less": (COLORS[0], "s"),
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A policy's gain over the baseline with its simultaneous interval, in the measure's own unit.

    verdict : better, worse, equal or undecided; more or less of what is neither good nor bad
    """

    name: str
    gain: float
    low: float
    high: float
    verdict: str


@dataclass(frozen=True)
class Forest:
    """What is drawn: rows from top to bottom, already scaled (a share times 100 is points)."""

    rows: tuple[Row, ...]
    margin: float
    unit: str
    baseline: str
    measure: str
    simulated: str | None


def prepare(
    rows: Sequence[Row],
    *,
    baseline: str,
    measure: str = "answer_rate",
    margin: float = 0.005,
    scale: float = 100.0,
    unit: str = "points",
    simulated: str | None = None,
) -> Forest:
    """Rows in the order given, times `scale`; `margin` (same unit as the rows) is what counts as equal.

    Raises ValueError for no rows, an unknown verdict or an interval that does not contain its gain.
    """
    if not rows:
        raise ValueError("rows: nothing to compare with the baseline")
    for row in rows:
        if row.verdict not in _LOOKS:
            raise ValueError(f"{row.name}: no verdict {row.verdict!r}; allowed: {', '.join(_LOOKS)}")
        if not row.low <= row.gain <= row.high:
            raise ValueError(f"{row.name}: the interval {row.low:g} to {row.high:g} must contain {row.gain:g}")
    scaled = tuple(Row(r.name, r.gain * scale, r.low * scale, r.high * scale, r.verdict) for r in rows)
    return Forest(scaled, margin * scale, unit, baseline, measure, simulated)


def draw(prepared: Forest, ax: Axes) -> None:
    """One line per policy: marker and interval, numbers at the right edge; the band of "equal" around 0."""
    ax.axvspan(-prepared.margin, prepared.margin, color="#EEEEEE", linewidth=0)
    ax.axvline(0, color=INK, linewidth=0.8)
    height = len(prepared.rows)
    for line, row in enumerate(prepared.rows):
        place = height - 1 - line
        ink, marker = _LOOKS[row.verdict]
        filled = "white" if row.verdict == "undecided" else ink
        ax.plot([row.low, row.high], [place, place], color=ink, linewidth=2, solid_capstyle="butt")
        ax.plot(
            [row.gain],
            [place],
            marker=marker,
            markersize=7,
            color=ink,
            markerfacecolor=filled,
            linestyle="none",
        )
        ax.annotate(
            f"{row.gain:+.1f}  ({row.low:+.1f} to {row.high:+.1f})  {row.verdict}",
            (1.02, place),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=9,
            color=INK,
            annotation_clip=False,
        )
    ends = [0.0, *(row.low for row in prepared.rows), *(row.high for row in prepared.rows)]
    room = 0.08 * (max(ends) - min(ends) or 1.0)
    ax.set_xlim(min(*ends, -prepared.margin) - room, max(*ends, prepared.margin) + room)
    ax.set_ylim(-0.6, height - 0.4)
    ax.set_yticks(range(height - 1, -1, -1), [row.name for row in prepared.rows])
    simulated = "" if prepared.simulated is None else f"; {prepared.simulated}"
    plain(
        ax,
        title=f"Gain over {prepared.baseline}{simulated}",
        x=f"{prepared.measure}, {prepared.unit}; gray: equal within {prepared.margin:g}",
    )
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
