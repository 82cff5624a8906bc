"""From a report: scenarios from an interval report, where only counts, AHT and perhaps heads are known."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calibrate.calibration import Calibration, Sources, Table
from sim.calibrate.days import Counts, Group, groups_of
from sim.calibrate.pools import GENERAL
from sim.calibrate.volumes import SHARED, busyness, swing
from sim.erlang import agents_needed, erlang_a
from sim.files.gaps import missing_intervals
from sim.files.report import Report
from sim.scenario.errors import CallsimError
from sim.scenario.merge import build

Floats = npt.NDArray[np.float64]
_PATIENCE = 120.0  # seconds, where nothing says it
_SHORTEST, _LONGEST = 1.0, 36_000.0


class _Patience(NamedTuple):
    seconds: float
    status: str
    note: str


def calibrate_report(report: Report, *, weekdays: tuple[tuple[int, ...], ...] | None = None) -> list[Calibration]:
    """Scenarios from an interval report, one per group of weekdays that are alike, the group with most days first.

    Handle times are exponential with the report's AHT; patience is exponential, its mean from the waits where the
    report has them (all waits / abandoned), else such that Erlang A loses as many as the report says, else 2 minutes.
    Heads as given, else what Erlang C asks for 80 % within 20 s. Raises CallsimError for a report without calls.
    """
    if not np.nansum(report.offered):
        raise CallsimError(f"{report.source}: no calls offered")
    days = sorted(set(report.day))
    offered, answered, abandoned = (laid_out(report, days, one) for one in ("offered", "answered", "abandoned"))
    counts = Counts(days, offered.sum(axis=1), answered.sum(axis=1), report.interval)
    found = []
    for group in groups_of(counts, together=weekdays, gaps=missing_intervals(report)):
        rows = list(group.rows)
        if offered[rows][:, :, group.first : group.last].any():
            scenario, notes = _scenario(report, days, group, offered[rows], abandoned[rows])
            used = tuple(days[row] for row in rows)
            found.append(Calibration(group.name, build(scenario), len(rows), group.set_aside, tuple(notes), used))
    return found


def laid_out(report: Report, days: list[date], column: str) -> Floats:
    """A column of the report, all of whose days are among `days`, by (day, type, interval from midnight), summed; float64."""
    parts = round(86_400 / report.interval)
    out = np.zeros((len(days), len(report.call_types), parts))
    row = np.array([days.index(day) for day in report.day])
    part = np.minimum((report.start // report.interval).astype(np.int64), parts - 1)
    np.add.at(out, (row, report.call_type, part), np.nan_to_num(getattr(report, column)))
    return out


def _scenario(
    report: Report, days: list[date], group: Group, offered: Floats, abandoned: Floats
) -> tuple[Table, list[str]]:
    sources = Sources()
    mine = [days[row] for row in group.rows]
    hours = slice(group.first, group.last)
    mean = offered.mean(axis=0)[:, hours]
    there = [at for at in range(len(report.call_types)) if mean[at].sum() > 0]
    used = np.isin(np.array([day.toordinal() for day in report.day]), [day.toordinal() for day in mine])
    weekdays = np.array([day.weekday() for day in mine])
    found = busyness(offered[:, there][:, :, hours], weekdays, per_hour=max(1, round(3600 / report.interval)))
    factors, notes = swing(found, report.interval, mine, sources)
    handle = {at: _aht(report, used & (report.call_type == at)) for at in there}
    heads = reported_heads(report, used, hours, len(group.rows))
    load = sum(mean[at] * handle[at] for at in there) / mean[there].sum(axis=0).clip(1e-9)
    patience = _patience(report, used, mean[there].sum(axis=0), load, heads, abandoned.mean(axis=0)[:, hours].sum())
    if heads is None:
        heads = _needed(mean[there].sum(axis=0), load, report.interval)
        sources.assumed(f"groups.{GENERAL}.agents", "no heads in the report: what Erlang C asks for 80 % in 20 s")
    else:
        _note_heads(report, used, sources)
    for at in there:
        kind = report.call_types[at]
        sources.measured(f"call_types.{kind}.arrivals", f"offered, mean of {len(group.rows)} days")
        sources.measured(f"call_types.{kind}.talk", "AHT of the report (talk and wrap-up together)")
        sources.assumed(f"call_types.{kind}.talk.exponential", "the spread is not in the report: exponential")
    sources.table["call_types.*.patience"] = {"status": patience.status, "note": patience.note}
    sources.assumed("call_types.*.balking", "not in the report: none")
    sources.assumed("lines", "not in the report: as many as needed")
    table: Table = {
        "name": f"{report.source}, {group.name}",
        "description": f"measured on {len(group.rows)} days between {min(report.day)} and {max(report.day)}",
        "calendar": {
            "start": max(mine),
            "opens": group.first * report.interval,
            "closes": group.last * report.interval,
            "interval": report.interval,
        },
        "factors": factors,
        "call_types": [
            {
                "name": report.call_types[at],
                "arrivals": {"per_interval": [round(float(calls), 3) for calls in mean[at]]},
                "busyness": {"cv": round(float(found.own[row]), 4), "factors": list(SHARED)},
                "talk": {"exponential": {"mean": round(handle[at], 2)}},
                "patience": {"exponential": {"mean": round(patience.seconds, 1)}},
            }
            for row, at in enumerate(there)
        ],
        "groups": [
            {
                "name": GENERAL,
                "skills": [[report.call_types[at] for at in there]],
                "agents": {"per_interval": [round(float(number), 2) for number in heads]},
            }
        ],
        "sources": sources.table,
    }
    return table, notes


def _aht(report: Report, mine: npt.NDArray[np.bool_]) -> float:
    known = mine & np.isfinite(report.aht) & (report.answered > 0)
    if not known.any():
        raise CallsimError(f"{report.source}: no AHT; a report needs a column AHT, or total handle time and answered")
    return float(np.average(report.aht[known], weights=report.answered[known]))


def _on_phones(report: Report) -> Floats:
    """Heads on the phones by row; where the report has only those staffed, these."""
    return np.where(np.isnan(report.heads), report.staffed, report.heads)


def _note_heads(report: Report, used: npt.NDArray[np.bool_], sources: Sources) -> None:
    path = f"groups.{GENERAL}.agents"
    if np.isfinite(report.heads[used]).any():
        sources.measured(path, "heads of the report, mean over the days, as heads on the phones")
    else:
        sources.assumed(path, "the report has heads staffed only: taken as on the phones, too many by those in aux")


def reported_heads(report: Report, used: npt.NDArray[np.bool_], hours: slice, days: int) -> Floats | None:
    """Mean heads by interval; the most of the rows of an interval where each type has its own row of the same heads."""
    heads = _on_phones(report)
    if not np.isfinite(heads[used]).any():
        return None
    parts = round(86_400 / report.interval)
    each: dict[tuple[date, int], float] = {}
    for at in np.flatnonzero(used & np.isfinite(heads)):
        key = (report.day[at], min(int(report.start[at] // report.interval), parts - 1))
        each[key] = max(each.get(key, 0.0), float(heads[at]))
    total = np.zeros(parts)
    for (_, part), number in each.items():
        total[part] += number
    return (total / days)[hours]


def _patience(
    report: Report, used: npt.NDArray[np.bool_], calls: Floats, aht: Floats, heads: Floats | None, abandoned: float
) -> _Patience:
    lost = float(np.nansum(report.abandoned[used]))
    waits = np.nansum(report.wait_answered[used]) + np.nansum(report.wait_abandoned[used])
    if lost and np.isfinite(report.wait_answered[used]).any() and np.isfinite(report.wait_abandoned[used]).any():
        return _Patience(max(float(waits / lost), _SHORTEST), "measured", "all waits / abandoned (censored, exponential)")
    if heads is None or not lost:
        return _Patience(_PATIENCE, "assumed", "nothing in the report says it: 2 minutes, exponential")
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

    low, high = _SHORTEST, _LONGEST
    if not losses(high) < abandoned < losses(low):
        note = "no patience makes Erlang A lose as many as the report says (heads or AHT may be wrong): 2 minutes"
        return _Patience(_PATIENCE, "assumed", note)
    for _ in range(40):  # halving the exponent: patience to a millionth
        middle = float(np.sqrt(low * high))
        low, high = (middle, high) if losses(middle) > abandoned else (low, middle)
    return _Patience(low, "measured", "such that Erlang A with the report's heads loses as many as it says")


def _needed(calls: Floats, aht: Floats, interval: float) -> Floats:
    hourly = calls * 3600 / interval
    return np.array(
        [float(agents_needed(calls_per_hour=float(n), aht=float(s))) if n > 0 else 0.0 for n, s in zip(hourly, aht, strict=True)]
    )
