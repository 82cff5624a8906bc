"""Fit: recorded beside modeled: calls over the day and from day to day, how long calls take and callers wait, type by type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from plots.style import INK, clock_axis, color, percent_axis, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from experiments.fit import Curves, Profile
    from sim.calibrate.level import Course

_EIGHT_IN_TEN = 1.2816  # standard deviations about the mean of normal values within which 8 in 10 lie


def prepare(curves: Sequence[Curves], most: int = 6) -> tuple[Curves, ...]:
    """The types with most calls first, as many as a page holds."""
    return tuple(sorted(curves, key=lambda curve: -curve.calls)[:most])


def draw_curve(curve: Curves, ax: Axes, *, what: str, legend: bool = False) -> None:
    """Shares beyond a time: steps are recorded on the days of the story, the line is the law, which rests on all days used."""
    ax.step(curve.seconds, curve.recorded, where="post", color=color(1), linewidth=1.4, label="recorded, days of the story")
    ax.plot(curve.seconds, curve.law, color=color(2), linewidth=1.6, linestyle="--", label="in the story")
    ax.set_xlim(0, float(curve.seconds[-1]))
    percent_axis(ax, 0.0, 1.0)
    plain(ax, title=f"{curve.name}: {what}", x=f"seconds ({curve.calls:,} calls)")
    if legend:
        ax.legend(frameon=False, fontsize=9)


def draw_profile(profile: Profile, ax: Axes) -> None:
    """Calls by interval: recorded as points with bars, simulated as a line with a band, each with 8 days in 10."""
    middle = profile.starts + profile.interval / 2
    mean, low, high = profile.simulated
    ax.fill_between(middle, low, high, color=color(2), alpha=0.18, linewidth=0, label="8 in 10 simulated days")
    ax.plot(middle, mean, color=color(2), linewidth=1.6, label=f"simulated, mean of {profile.days[1]} days")
    mean, low, high = profile.recorded
    ax.vlines(middle, low, high, color=color(1), linewidth=1.0, label="8 in 10 recorded days")
    ax.plot(middle, mean, "o", color=color(1), markersize=3.5, label=f"recorded, mean of {profile.days[0]} days")
    clock_axis(ax, float(profile.starts[0]), float(profile.starts[-1] + profile.interval))
    ax.set_ylim(0, None)
    plain(ax, title="Calls by interval", y=f"calls in {profile.interval / 60:g} minutes")
    ax.yaxis.label.set_color(INK)
    ax.legend(frameon=False, fontsize=9, loc="upper right")


def draw_level(course: Course, ax: Axes) -> None:
    """Days' calls over their weekday's mean as points; the band is where 8 in 10 are expected after the days before each."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator()  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    low, middle, high = (np.expm1(course.expected + steps * course.spread) for steps in (-_EIGHT_IN_TEN, 0.0, _EIGHT_IN_TEN))
    days: list[Any] = list(course.days)
    ax.fill_between(days, low, high, color=color(2), alpha=0.18, linewidth=0, label="8 in 10, after the days before")
    ax.plot(days, middle, color=color(2), linewidth=1.4, label="expected after the days before")
    ax.plot(days, np.expm1(course.seen), "o", color=color(1), markersize=3.5, label=f"recorded, {len(days)} days")
    ax.axhline(0.0, color=INK, linewidth=0.8)
    bottom, top = ax.get_ylim()
    percent_axis(ax, bottom, top + 0.12 * (top - bottom))  # room for the legend
    plain(ax, title="Days beside what the days before let expect", y="calls over the weekday's mean")
    ax.legend(frameon=False, fontsize=9, loc="upper right", ncols=3)
