"""Heads against load: how many agents are on the phones, and how many the work would keep busy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from plots.style import COLORS, INK, clock_axis, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]
# Pale, so that the lines stay readable on them.
_SHADES = ("#BFD9EA", "#CFE8D5", "#F0D9B5", "#E6D0DE", "#D9D9D9")


@dataclass(frozen=True, eq=False)
class HeadsAgainstLoad:
    """What is drawn, by interval: heads on the phones by group (stacked), load in erlangs, heads needed."""

    starts: Floats
    interval: float
    heads: tuple[tuple[str, Floats], ...]
    load: Floats
    needed: Floats | None
    title: str

    @property
    def together(self) -> Floats:
        """Heads of all groups, shape (intervals,)."""
        return np.asarray(np.sum([heads for _, heads in self.heads], axis=0), dtype=np.float64)


def prepare(
    starts: Sequence[float] | Floats,
    *,
    interval: float,
    heads: Mapping[str, Sequence[float] | Floats],
    load: Sequence[float] | Floats,
    needed: Sequence[float] | Floats | None = None,
    title: str = "Heads on the phones against the load",
) -> HeadsAgainstLoad:
    """Values by interval in one shape: `starts` and `interval` in seconds, `load` in erlangs.

    The load is calls x AHT / interval; `needed` are the heads that Erlang C asks for. Raises ValueError when a
    length differs or no group is given.
    """
    begin = np.asarray(starts, dtype=np.float64)
    groups = tuple((name, np.asarray(values, dtype=np.float64)) for name, values in heads.items())
    work = np.asarray(load, dtype=np.float64)
    asked = None if needed is None else np.asarray(needed, dtype=np.float64)
    if not groups:
        raise ValueError("heads: at least one group is needed")
    for what, values in [*groups, ("load", work), ("needed", asked)]:
        if values is not None and values.shape != begin.shape:
            raise ValueError(f"{what}: {values.size} values for {begin.size} intervals")
    return HeadsAgainstLoad(begin, interval, groups, work, asked, title)


def draw(prepared: HeadsAgainstLoad, ax: Axes) -> None:
    """Stacked steps of heads, the load as a line over them, hatched where the load is above the heads."""
    borders = np.append(prepared.starts, prepared.starts[-1] + prepared.interval)
    below = np.zeros_like(prepared.load)
    for position, (name, heads) in enumerate(prepared.heads):
        ax.stairs(
            below + heads,
            borders,
            baseline=below,
            fill=True,
            color=_SHADES[position % len(_SHADES)],
            label=f"on the phones: {name}",
        )
        below = below + heads
    short = np.maximum(prepared.load, below)
    if np.any(prepared.load > below):
        ax.stairs(
            short, borders, baseline=below, fill=True, facecolor="none", edgecolor=COLORS[1], hatch="////",
            linewidth=0, label="load above the heads",
        )  # fmt: skip
    ax.stairs(prepared.load, borders, baseline=None, color=COLORS[0], linewidth=1.8, label="load, erlangs")
    if prepared.needed is not None:
        ax.stairs(
            prepared.needed, borders, baseline=None, color=COLORS[2], linewidth=1.5, linestyle="--",
            label="needed (Erlang C)",
        )  # fmt: skip
    clock_axis(ax, float(borders[0]), float(borders[-1]))
    ax.set_ylim(0, None)
    plain(ax, title=prepared.title, y="heads, erlangs")
    ax.yaxis.label.set_color(INK)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=4, frameon=False, fontsize=9)
