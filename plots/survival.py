"""Waiting-time survival: which share of the answered calls waited longer than a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from plots.style import INK, color, dashes, percent_axis, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curve:
    """Share of calls that waited longer than each of `Survival.seconds`; shape (edges,)."""

    name: str
    share: Floats


@dataclass(frozen=True, eq=False)
class Survival:
    """What is drawn: `seconds` (edges,) ascending, one curve per policy, the service level's threshold."""

    seconds: Floats
    curves: tuple[Curve, ...]
    within: float | None
    until: float


def prepare(
    edges: Sequence[float] | Floats, waits: Mapping[str, npt.ArrayLike], *, within: float | None = None
) -> Survival:
    """The histogram of waits (`Tally.waits` summed over days and call types) as shares above each edge.

    edges : upper edges of the cells in seconds, shape (cells,), as in `sim.tally.waits`; the last cell holds all longer
        waits, so its edge is not drawn
    waits : policy -> counts, shape (cells,)

    Raises ValueError when a length differs or a policy has no answered calls.
    """
    upper = np.asarray(edges, dtype=np.float64)
    seconds = upper[:-1]
    curves = []
    for name, given in waits.items():
        counts = np.asarray(given, dtype=np.int64)
        if counts.shape != upper.shape:
            raise ValueError(f"{name}: {counts.size} cells for {upper.size} edges")
        if counts.sum() == 0:
            raise ValueError(f"{name}: no answered calls, so no waits")
        above = counts.sum() - np.cumsum(counts)[:-1]
        curves.append(Curve(name, above / counts.sum()))
    if not curves:
        raise ValueError("waits: at least one policy is needed")
    # The axis ends where fewer than 1 in 1,000 still waits in every policy: beyond it there is only white.
    longest = max(int(np.searchsorted(-curve.share, -0.001)) for curve in curves)
    until = float(seconds[min(longest, seconds.size - 1)])
    return Survival(seconds, tuple(curves), within, max(until, within * 1.5 if within else 0.0))


def draw(prepared: Survival, ax: Axes) -> None:
    """One falling line per policy on `ax`."""
    for position, curve in enumerate(prepared.curves):
        ax.plot(
            prepared.seconds,
            curve.share,
            color=color(position),
            linestyle=dashes(position),
            linewidth=1.8,
            label=curve.name,
        )
    if prepared.within is not None:
        ax.axvline(prepared.within, color=INK, linewidth=0.8)
        ax.annotate(
            f"{prepared.within:g} s",
            (prepared.within, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(3, -10),
            textcoords="offset points",
            fontsize=9,
            color=INK,
        )
    ax.set_xlim(0, prepared.until)
    top = max(float(curve.share.max()) for curve in prepared.curves)
    percent_axis(ax, 0.0, min(1.0, top * 1.15) or 1.0)
    plain(ax, title="Waiting time of answered calls", x="seconds", y="share that waited longer")
    ax.legend(frameon=False, fontsize=9, handlelength=3.5)
