"""Reports: what an interval report gives of every tested day, where it says who was there."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from experiments.backtest_counts import Column, Counted, measuring_of
from experiments.backtest_days import Split, chosen_days
from experiments.backtest_erlang import Sheet
from experiments.backtest_material import Material, Prepared
from experiments.backtest_parts import LADDER, Given, in_hours_of
from sim.calibrate import Calibration
from sim.calibrate.figures import over_the_day
from sim.calibrate.from_report import laid_out
from sim.calibrate.report_estimates import reported_heads
from sim.calibrate.selection import day_counts
from sim.calibrate.talks import SHARED_TALK
from sim.chance.means import mean
from sim.files.report import Report
from sim.scenario.errors import CallsimError
from sim.scenario.merge import build
from sim.scenario.scenario import Scenario
from sim.scenario.units import ticks
from sim.tally.waits import CELLS

Floats = npt.NDArray[np.float64]
NEEDED = {"offered": "calls offered", "answered": "calls answered", "aht": "AHT"}
# which columns a measure needs beside those
_MEASURES = {
    "offered": (), "answered": (), "answer_rate": (), "abandonment_rate": ("abandoned",),
    "service_level": ("answered_within",), "asa": ("wait_answered",),
}  # fmt: skip
_COLUMNS = {
    Column.OFFERED: ("offered", 1), Column.ANSWERED: ("answered", 1), Column.ABANDONED: ("abandoned", 1),
    Column.ANSWERED_WITHIN: ("answered_within", 1), Column.WAIT_ANSWERED: ("wait_answered", ticks(1.0)),
}  # fmt: skip


def on_days(report: Report, days: Collection[date]) -> Report:
    """The rows of some days."""
    return report.where(np.array([day in days for day in report.day], np.bool_))


def material_of_report(
    report: Report,
    fit: Calibration,
    split: Split,
    *,
    within: float = 20.0,
    credit: str | None = None,
    without: Callable[[date], Calibration] | None = None,
    with_set_aside: bool = False,
) -> Material:
    """The tested days of an interval report that are like the fitted ones; single calls' patience and waits it does not have.

    within, credit : where the report does not say them; without, with_set_aside : as in `material_of_log`.
    Raises CallsimError naming the columns that are missing, and where no tested day is like the fitted ones.
    """
    missing = [title for name, title in NEEDED.items() if not np.isfinite(getattr(report, name)).any()]
    if not np.isfinite([report.heads, report.staffed]).any():
        missing.append("heads on the phones, or staffed")
    if missing:
        raise CallsimError(
            f"{report.source}: is an interval report without {', '.join(missing)}; a backtest needs "
            f"{', '.join(NEEDED.values())} and heads by interval, or a call log"
        )
    like, names = fit.scenario, [kind.name for kind in fit.scenario.call_types]
    days = report.days()
    laid = {name: _of_types(report, days, name, names) for name in ("offered", *(name for name, _ in _COLUMNS.values()))}
    offered = laid["offered"].sum(axis=(1, 2)).astype(int).tolist()
    counts, gaps = dict(zip(days, offered, strict=True)), day_counts(report)[1]
    chosen = chosen_days(counts, split, fit, gaps, with_set_aside=with_set_aside)
    hours = slice(round(like.calendar.opens / report.interval), round(like.calendar.closes / report.interval))
    answered = tuple(name for name, needs in _MEASURES.items() if all(np.isfinite(getattr(report, one)).any() for one in needs))
    known_within = report.within if report.within == report.within else within
    measuring = measuring_of(like, within=known_within, credit=report.credited or credit or "arrival")
    prepared = []
    for day, before in chosen.simulated:
        at = days.index(day)
        real = _counted({name: column[at][:, hours] for name, column in laid.items()})
        here = on_days(report, {day})
        mine = fit if without is None else without(day)
        sheet, told = _sheet(on_days(report, set(mine.used)), like, hours), in_hours_of(mine.scenario, like)
        heads = _heads(here, hours, 1), _heads(on_days(report, set(before)), hours, len(before))
        scenarios = {
            name: report_day(here, told, given, heads[0] if given.staffing else heads[1], hours)
            for name, given in LADDER.items()
            if not given.patience
        }
        prepared.append(Prepared(day, real, scenarios, *heads, _aht_by_interval(here, hours, sheet.aht), sheet))
    ordinary = len(chosen.days)
    return Material(report.source, chosen, tuple(prepared[:ordinary]), measuring, answered, tuple(prepared[ordinary:]))


def _of_types(report: Report, days: list[date], column: str, names: list[str]) -> Floats:
    """A column by (day, type of the fit, interval from midnight)."""
    return laid_out(report, days, column)[:, [report.call_types.index(name) for name in names]]


def _counted(columns: dict[str, Floats]) -> Counted:
    """A day's counts; columns : float64, shape (types, intervals)."""
    shape = columns["offered"].shape
    table = np.zeros((*shape, len(Column)), np.int64)
    for column, (name, scale) in _COLUMNS.items():
        table[..., column] = np.rint(columns[name] * scale)
    return Counted(table.sum(axis=0)[None], table.sum(axis=1)[None], np.zeros((1, CELLS), np.int64))


def _heads(report: Report, hours: slice, days: int) -> Floats:
    found = reported_heads(report, np.ones(len(report), np.int64), hours, days)
    if found is None:
        raise CallsimError(f"{report.source}: no heads on {report.day[0]}, so who was there is not known")
    return found


def _aht(report: Report, mine: npt.NDArray[np.bool_]) -> float | None:
    known = mine & np.isfinite(report.aht) & (report.answered > 0)
    return float(np.average(report.aht[known], weights=report.answered[known])) if known.any() else None


def _aht_by_interval(report: Report, hours: slice, usual: float) -> Floats:
    """AHT of all types in each interval; the usual one where nobody was answered."""
    place = (report.start // report.interval).astype(np.int64)
    found = [_aht(report, place == at) for at in range(hours.start, hours.stop)]
    return np.array([usual if one is None else one for one in found])


def _sheet(fitted: Report, like: Scenario, hours: slice) -> Sheet:
    days = fitted.days()
    offered = laid_out(fitted, days, "offered").sum(axis=1).mean(axis=0)[hours]
    waits, left = float(np.nansum(fitted.wait_answered + fitted.wait_abandoned)), float(np.nansum(fitted.abandoned))
    patience = waits / left if waits > 0 and left > 0 else mean(like.call_types[0].patience)
    return Sheet(offered, _aht(fitted, np.ones(len(fitted), np.bool_)) or 0.0, 0.0, patience)


def report_day(report: Report, like: Scenario, given: Given, heads: Floats, hours: slice) -> Scenario:
    """The day told so much: calls as many in each interval as were offered, the day's AHT, its heads."""
    table = like.table()
    table["calendar"] = table["calendar"] | {"start": report.day[0], "days": 1}
    offered = laid_out(report, report.days(), "offered")[0]
    for entry in table["call_types"]:
        code = report.call_types.index(entry["name"])
        if given.calls:
            entry["arrivals"] = {"fixed": [round(calls) for calls in offered[code, hours].tolist()]}
            entry.pop("busyness", None)
        aht = _aht(report, report.call_type == code) if given.handle_times else None
        if aht:
            factor = entry.get("talk_factor", {}).get("per_interval", 1.0)
            over = over_the_day(factor, offered[code, hours]) if isinstance(factor, list | tuple) else factor
            entry["talk"] = {"exponential": {"mean": round(aht / over, 2)}}
            entry.pop("talk_swing", None)  # the day's own level is in it
    if given.calls:
        table["factors"] = [one for one in table.get("factors", ()) if one["name"] == SHARED_TALK]
    group: dict[str, Any] = table["groups"][0]
    group["agents"] = {"per_interval": [round(float(number), 3) for number in heads]}
    table.pop("sources", None)
    return build(table)
