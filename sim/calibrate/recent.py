"""Recent: a scenario at the level that the last days before its day let expect, and as unsure as that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from sim.calibrate.calibration import Table
from sim.calibrate.level import Level, Span
from sim.calibrate.volumes import LEVEL

Floats = npt.NDArray[np.float64]
_NEAR = 1.2816  # standard deviations within which 8 of 10 normal values lie


def span_before(when: date, since: date, days: Sequence[date], totals: Floats, types: Mapping[date, str]) -> Span:
    """The days from `since` to before `when`, those of a type of their own left out, which say the level.

    days, in order, with their totals : calls, float64, shape (days,). A level is about the mean of its days, so from the first
    day used on: "last 8" means a mean of the last 8.
    """
    rows = [at for at, day in enumerate(days) if since <= day < when and day not in types]
    return Span(tuple(days[at] for at in rows), np.asarray(totals, np.float64)[rows])


def at_level(table: Table, found: Level | None, day: date, *, recent: bool) -> list[str]:
    """Puts the level that is expected on `day` into the table of its scenario, if `recent`; what to say of it.

    With the expected m, its standard deviation s and the level's own S the calls are times exp(m + s^2 / 2 - S^2 / 2), for the
    mean of days is that of a lognormal factor; the factor's cv is times s / S, which after some half-lives is 1 again.
    """
    if found is None:
        return []
    expected, sure = found.on(day)
    factor = float(np.exp(expected + (sure**2 - found.sd**2) / 2))
    low, high = np.expm1(expected - _NEAR * sure), np.expm1(expected + _NEAR * sure)
    said = (
        f"level beside the days' mean: {found.last} {np.expm1(found.now) * 100:+.1f} %, on {day} "
        f"{np.expm1(expected) * 100:+.1f} % is expected ({low * 100:+.1f} to {high * 100:+.1f}, 80 %)"
    )
    if not recent:
        return [f"{said}; not applied (--calls-level)"]
    for kind in table["call_types"]:
        kind["arrivals"]["per_interval"] = [round(calls * factor, 3) for calls in kind["arrivals"]["per_interval"]]
    for one in table["factors"]:
        if one["name"] == LEVEL:
            one["cv"] = round(one["cv"] * sure / found.sd, 4)
    for path, source in table["sources"].items():
        if path.endswith(".arrivals"):
            source["note"] += f", times {factor:.3f}: the level expected on {day}"
    return [f"{said}; calls are times {factor:.3f}"]
