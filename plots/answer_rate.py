"""Answer rate by interval, for several policies with bands, over the calls offered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from plots.style import GRAY, INK, clock_axis, color, dashes, percent_axis, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Band:
    """One policy: its rate by interval and where 8 days in 10 lie.

    All are shares, shape (intervals,), NaN where 0/0.
    """

    name: str
    rate: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class AnswerRateByInterval:
    """What is drawn: `starts` (intervals,) and `interval` in seconds, calls `offered`, policies."""

    starts: Floats
    interval: float
    offered: Floats
    bands: tuple[Band, ...]
    target: float | None
    bottom: float
    title: str


def prepare(
    starts: Sequence[float] | Floats,
    *,
    interval: float,
    offered: Sequence[float] | Floats,
    rates: Mapping[str, tuple[Sequence[float] | Floats, Sequence[float] | Floats, Sequence[float] | Floats]],
    target: float | None = None,
    title: str = "Answer rate (answered / offered)",
) -> AnswerRateByInterval:
    """Values made by `experiments` brought into one shape; the baseline is the first of `rates`.

    `rates` maps a policy to (rate, low, high) by interval; `starts` are seconds since midnight, `interval` is
    seconds, `offered` the baseline's calls per interval. Raises ValueError when a length differs.
    """
    begin, calls = _floats(starts), _floats(offered)
    bands = tuple(Band(name, *(_floats(part) for part in three)) for name, three in rates.items())
    if not bands:
        raise ValueError("rates: at least one policy is needed")
    parts = [(f"rates[{band.name!r}]", part) for band in bands for part in (band.rate, band.low, band.high)]
    for what, values in [("offered", calls), *parts]:
        if values.shape != begin.shape:
            raise ValueError(f"{what}: {values.size} values for {begin.size} intervals")
    lows = [float(np.nanmin(band.low)) for band in bands if not np.all(np.isnan(band.low))]
    # Rates live between the lowest band and 100 %; an axis from 0 would press them into its upper third.
    bottom = max(0.0, float(np.floor(min(lows, default=0.0) * 10 - 1)) / 10)
    return AnswerRateByInterval(begin, interval, calls, bands, target, bottom, title)


def draw(prepared: AnswerRateByInterval, ax: Axes) -> None:
    """Lines with bands on `ax`; behind them gray bars of offered calls on the axis at the right."""
    middle = prepared.starts + prepared.interval / 2
    bars = ax.twinx()
    bars.bar(middle, prepared.offered, width=prepared.interval * 0.9, color=GRAY)
    bars.set_ylim(0, max(float(prepared.offered.max()), 1.0) * 4)  # the bars keep to the lower quarter
    plain(bars, y="calls offered")
    bars.yaxis.label.set_horizontalalignment("left")
    bars.yaxis.label.set_y(0.0)
    bars.set_yticks([tick for tick in bars.get_yticks() if tick <= float(prepared.offered.max())])
    for side in ("left", "bottom", "right"):
        bars.spines[side].set_visible(False)
    ax.set_zorder(bars.get_zorder() + 1)
    ax.patch.set_visible(False)  # else the background of the upper Axes hides the bars

    if prepared.target is not None:
        ax.axhline(prepared.target, color=INK, linewidth=0.8)
        ax.annotate(
            f"target {prepared.target * 100:g} %",
            (1.0, prepared.target),
            xycoords=("axes fraction", "data"),
            xytext=(-2, -2),
            textcoords="offset points",
            ha="right",
            va="top",
            fontsize=9,
            color=INK,
        )
    for position, band in enumerate(prepared.bands):
        ax.fill_between(middle, band.low, band.high, color=color(position), alpha=0.1, linewidth=0)
        ax.plot(
            middle,
            band.rate,
            color=color(position),
            linestyle=dashes(position),
            linewidth=1.8,
            label=band.name,
        )
    clock_axis(ax, float(prepared.starts[0]), float(prepared.starts[-1]) + prepared.interval)
    percent_axis(ax, prepared.bottom, 1.005)
    plain(ax, title=f"{prepared.title}; bands: 8 days in 10", y="answer rate")
    columns = min(len(prepared.bands), 4)
    ax.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, -0.08),
        ncols=columns,
        frameon=False,
        fontsize=9,
        handlelength=3.5,
    )


def _floats(values: Sequence[float] | Floats) -> Floats:
    return np.asarray(values, dtype=np.float64)
