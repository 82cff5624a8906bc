"""Report estimates: what an interval report says of a group of weekdays, on its days as they are or drawn again."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calibrate.bootstrap import swings
from sim.calibrate.days import Group
from sim.calibrate.level import Span
from sim.calibrate.volumes import Busyness, busyness, mean_calls
from sim.erlang import erlang_a
from sim.files.gaps import Gap
from sim.files.report import Report
from sim.scenario.errors import CallsimError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_PATIENCE = 120.0  # seconds, where nothing says it
_SHORTEST, _LONGEST = 1.0, 36_000.0
_AROUND = 1.5  # times and part of the estimate, between which a set's is looked for first


class Patience(NamedTuple):
    """Mean seconds, and what they rest on, as in a scenario's sources."""

    seconds: float
    status: str
    note: str


class Seen(NamedTuple):
    """The report of a group of weekdays; offered, abandoned : float64, shape (used days, types, intervals from midnight).

    gaps : of single types on the used days; gone : where they are, of the shape of offered (None: nowhere)
    """

    report: Report
    days: list[date]
    group: Group
    offered: Floats
    abandoned: Floats
    surges_apart: bool
    gaps: tuple[Gap, ...] = ()
    gone: npt.NDArray[np.bool_] | None = None
    span: Span | None = None

    @property
    def used(self) -> list[date]:
        """The days of the group that are used."""
        return [self.days[row] for row in self.group.rows]


class Estimates(NamedTuple):
    """What is measured: of types that are there, the profile, shape (types, intervals), and AHT; the rest of all together."""

    there: list[int]
    mean: Floats
    handle: dict[int, float]
    heads: Floats | None
    load: Floats
    patience: Patience
    swing: Busyness


def estimates(seen: Seen, drawn: Ints, factor: Floats, known: Estimates | None = None) -> Estimates:
    """The estimates on days each of which counts as often as it was drawn, int64, shape (used days,).

    factor : on the AHT by type and interval from midnight, float64, shape (types, parts)
    known : those of the days as they are, from which a set's days that are unlike and its patience are near
    """
    report, group, used = seen.report, seen.group, seen.used
    hours = slice(group.first, group.last)
    offered, abandoned = (mean_calls(one, seen.gone, drawn) for one in (seen.offered, seen.abandoned))
    mean = offered[:, hours]
    there = [at for at in range(len(report.call_types)) if seen.offered[:, at, hours].any()]
    of_day = {day: int(times) for day, times in zip(used, drawn, strict=True)}
    counts = np.array([of_day.get(day, 0) for day in report.day], np.int64)
    weekdays, per_hour = np.array([day.weekday() for day in used]), max(1, round(3600 / report.interval))
    calls = seen.offered[:, there][:, :, hours]
    lost = None if seen.gone is None else seen.gone[:, there][:, :, hours]
    swing = (
        busyness(calls, weekdays, per_hour=per_hour, every_day=not seen.surges_apart, dates=used, span=seen.span, gone=lost)
        if known is None
        else swings(calls, weekdays, per_hour, known.swing, drawn[None])[0]
    )
    handle = {at: _aht(report, counts, at, None if known is None else known.handle[at]) for at in there}
    heads = reported_heads(report, counts, hours, len(used))
    load = sum(mean[at] * handle[at] * factor[at, hours] for at in there) / mean[there].sum(axis=0).clip(1e-9)
    near = None if known is None else known.patience.seconds
    patience = _patience(report, counts, mean[there].sum(axis=0), load, heads, float(abandoned[:, hours].sum()), near)
    return Estimates(there, mean, handle, heads, load, patience, swing)


def has_aht(report: Report, counts: Ints, at: int) -> bool:
    """Whether a type has rows with an AHT on days that count so often; counts : int64, shape (rows,)."""
    return bool(_with_aht(report, counts)[report.call_type == at].any())


def _with_aht(report: Report, counts: Ints) -> npt.NDArray[np.bool_]:
    return np.asarray((counts > 0) & np.isfinite(report.aht) & (report.answered > 0))


def _aht(report: Report, counts: Ints, at: int, otherwise: float | None) -> float:
    """Of a type; where it has none, `otherwise`, and where that is not known, that of all types together."""
    known = _with_aht(report, counts)
    if not known.any():
        raise CallsimError(f"{report.source}: no AHT; a report needs a column AHT, or total handle time and answered")
    mine = known & (report.call_type == at)
    if not mine.any():
        if otherwise is not None:
            return otherwise
        mine = known
    return float(np.average(report.aht[mine], weights=report.answered[mine] * counts[mine]))


def on_phones(report: Report) -> Floats:
    """Heads on the phones by row; where the report has only those staffed, these."""
    return np.where(np.isnan(report.heads), report.staffed, report.heads)


def reported_heads(report: Report, counts: Ints, hours: slice, days: int) -> Floats | None:
    """Mean heads by interval; the most of the rows of an interval where each type has its own row of the same heads.

    counts : int64, shape (rows,), how often the day of each row counts; days : how many that makes
    """
    heads, used = on_phones(report), counts > 0
    if not np.isfinite(heads[used]).any():
        return None
    parts = round(86_400 / report.interval)
    each: dict[tuple[date, int], float] = {}
    times: dict[date, int] = {}
    for at in np.flatnonzero(used & np.isfinite(heads)):
        key = (report.day[at], min(int(report.start[at] // report.interval), parts - 1))
        each[key] = max(each.get(key, 0.0), float(heads[at]))
        times[key[0]] = int(counts[at])
    total = np.zeros(parts)
    for (day, part), number in each.items():
        total[part] += number * times[day]
    return (total / days)[hours]


def _patience(
    report: Report, counts: Ints, calls: Floats, aht: Floats, heads: Floats | None, abandoned: float, near: float | None
) -> Patience:
    """Patience on days that count so often; near : looked for around this many seconds first, for it is the same on others."""
    from scipy.optimize import brentq

    used = counts > 0
    lost = float(np.nansum(report.abandoned * counts))
    waits = np.nansum(report.wait_answered * counts) + np.nansum(report.wait_abandoned * counts)
    if lost and np.isfinite(report.wait_answered[used]).any() and np.isfinite(report.wait_abandoned[used]).any():
        return Patience(max(float(waits / lost), _SHORTEST), "measured", "all waits / abandoned (censored, exponential)")
    if heads is None or not lost:
        return Patience(_PATIENCE, "assumed", "nothing in the report says it: 2 minutes, exponential")
    busy = (calls > 0) & (heads >= 0.5)

    def losses(seconds: float) -> float:
        hourly = calls * 3600 / report.interval
        return float(
            sum(
                calls[at]
                * erlang_a(
                    calls_per_hour=float(hourly[at]), aht=float(aht[at]), agents=round(heads[at]), patience=seconds
                ).abandonment_rate
                for at in np.flatnonzero(busy)
            )
        )

    def beyond(power: float) -> float:
        return losses(float(np.exp(power))) - abandoned

    def root(low: float, high: float, close: float) -> float | None:
        """The patience between two, to a share of itself; None where the losses are not reached there."""
        try:
            return float(np.exp(brentq(beyond, np.log(low), np.log(high), xtol=close)))
        except ValueError:  # the same sign at both ends
            return None

    found = None if near is None else root(near / _AROUND, near * _AROUND, 5e-4)  # a set's, to three digits
    found = root(_SHORTEST, _LONGEST, 1e-6) if found is None else found
    if found is None:
        note = "no patience makes Erlang A lose as many as the report says (heads or AHT may be wrong): 2 minutes"
        return Patience(_PATIENCE, "assumed", note)
    return Patience(found, "measured", "such that Erlang A with the report's heads loses as many as it says")
