"""From a report: scenarios from an interval report, where only counts, AHT and perhaps heads are known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt

from sim.calibrate.bootstrap import FEWEST, SETS, TOO_FEW, Rows, measured, swing_rows
from sim.calibrate.calibration import Calibration, Sources, Table
from sim.calibrate.callers import UNANSWERED
from sim.calibrate.days import Counts, groups_of, with_days
from sim.calibrate.figures import figures, intervals
from sim.calibrate.level import Span, block
from sim.calibrate.pools import GENERAL
from sim.calibrate.report_estimates import Estimates, Seen, estimates, has_aht
from sim.calibrate.report_talk import reported_talk
from sim.calibrate.talk_days import WHOLE
from sim.calibrate.talks import Talk, in_sets, note_sources, shared_factor, talk_rows, talk_table
from sim.calibrate.volumes import factors_of, swing
from sim.chance.resample import days_drawn
from sim.erlang import agents_needed
from sim.files.gaps import marked, missing_intervals, missing_types
from sim.files.report import Report
from sim.scenario.errors import CallsimError
from sim.scenario.merge import build
from sim.scenario.paths import join

Floats = npt.NDArray[np.float64]


def calibrate_report(
    report: Report,
    *,
    weekdays: tuple[tuple[int, ...], ...] | None = None,
    surges_apart: bool = False,
    talk_level: tuple[int, float] | None = WHOLE,
    span: Span | None = None,
    sets: int = SETS,
) -> list[Calibration]:
    """Scenarios from an interval report, one per group of weekdays that are alike, the group with most days first.

    Handle times are exponential with the report's AHT, times what it is by hour, at its level (`talk_level` as in `calibrate`)
    and by day; patience is exponential, its mean from the waits where the
    report has them (all waits / abandoned), else such that Erlang A loses as many as the report says, else 2 minutes.
    Heads as given, else what Erlang C asks for 80 % within 20 s. surges_apart : days that have a surge do not count in the
    swing, for it is laid over the scenario by itself. span : the days that say how alike days are, if not these.
    sets : how often all that is measured is estimated once more, on whole days drawn again. Raises CallsimError for a report
    without calls, and where no day is left.
    """
    if not np.nansum(report.offered):
        raise CallsimError(f"{report.source}: no calls offered")
    days = sorted(set(report.day))
    offered, answered, abandoned = (laid_out(report, days, one) for one in ("offered", "answered", "abandoned"))
    counts = Counts(days, offered.sum(axis=1), answered.sum(axis=1), report.interval)
    found, of_types = [], missing_types(report)
    groups, left_out = with_days(groups_of(counts, together=weekdays, gaps=missing_intervals(report)), report.source)
    for group in groups:
        rows = list(group.rows)
        if not offered[rows][:, :, group.first : group.last].any():
            continue
        dates = {days[row] for row in rows}
        gaps = tuple(gap for gap in of_types if gap.day in dates)
        lost = marked(gaps, [days[row] for row in rows], report.call_types, offered.shape[2]) if gaps else None
        seen = Seen(report, days, group, offered[rows], abandoned[rows], surges_apart, gaps, lost, span)
        talk = reported_talk(seen, talk_level)
        known = estimates(seen, np.ones(len(rows), np.int64), talk.found.factor)
        table, notes = _scenario(seen, known, talk)
        notes = [*left_out, *notes]
        one = Calibration(group.name, build(table), len(rows), group.set_aside, tuple(notes), tuple(seen.used), talk=talk)
        one = replace(one, level=known.swing.steady)
        if sets and len(rows) < FEWEST:
            one = replace(one, notes=(*one.notes, TOO_FEW))
        elif sets:
            drawn = days_drawn(len(group.rows), sets, group.name, block(known.swing.steady, seen.used))
            again = _again(seen, known, talk, drawn)
            made = measured(one.scenario, again, len(rows))
            one = replace(one, parameters=made, intervals=intervals(figures(again), len(rows)), drawn=drawn)
        found.append(one)
    return found


def laid_out(report: Report, days: list[date], column: str) -> Floats:
    """A column of the report, all of whose days are among `days`, by (day, type, interval from midnight), summed; float64."""
    parts = round(86_400 / report.interval)
    out = np.zeros((len(days), len(report.call_types), parts))
    row = np.array([days.index(day) for day in report.day])
    part = np.minimum((report.start // report.interval).astype(np.int64), parts - 1)
    np.add.at(out, (row, report.call_type, part), np.nan_to_num(getattr(report, column)))
    return out


def _scenario(seen: Seen, found: Estimates, talk: Talk) -> tuple[Table, list[str]]:
    sources = Sources()
    report, group, mine = seen.report, seen.group, seen.used
    there, mean, handle, heads, load, patience, _ = found
    factors, notes = swing(found.swing, [report.call_types[at] for at in there], report.interval, mine, sources, seen.gaps)
    if heads is None:
        heads = _needed(mean[there].sum(axis=0), load, report.interval)
        sources.assumed(f"groups.{GENERAL}.agents", "no heads in the report: what Erlang C asks for 80 % in 20 s")
    else:
        _note_heads(report, mine, sources)
    on_used = _on(report, mine)
    for at in there:
        kind = report.call_types[at]
        less = len({gap.day for gap in seen.gaps if gap.call_type == kind})
        note = f"offered, mean of {len(group.rows)} days" + (f", {less} of them with a gap" if less else "")
        sources.measured(f"call_types.{kind}.arrivals", note)
        if has_aht(report, on_used, at):
            sources.measured(f"call_types.{kind}.talk", "AHT of the report (talk and wrap-up together)")
        else:
            sources.assumed(f"call_types.{kind}.talk", UNANSWERED)
        sources.table[f"call_types.{kind}.busyness"] = sources.table["factors"]  # measured, or not, as these are
        note_sources(talk, kind, sources)
        sources.assumed(f"call_types.{kind}.talk.exponential", "the spread is not in the report: exponential")
    sources.measured("calendar", "from when to when somebody was answered on half of the days; the last of them")
    sources.given("calendar.interval", "that of the report")
    sources.assumed(f"groups.{GENERAL}.skills", "not in the report: one group for all types, the longest waiting first")
    sources.table["call_types.*.patience"] = {"status": patience.status, "note": patience.note}
    sources.assumed("call_types.*.balking", "not in the report: none")
    sources.assumed("lines", "not in the report: as many as needed")
    busy = [
        {"cv": round(float(found.swing.own[row]), 4), "factors": factors_of(report.call_types[at], found.swing, row)}
        for row, at in enumerate(there)
    ]
    table: Table = {
        "name": f"{report.source}, {group.name}",
        "description": f"measured on {len(group.rows)} days between {min(report.day)} and {max(report.day)}",
        "calendar": {
            "start": max(mine),
            "opens": group.first * report.interval,
            "closes": group.last * report.interval,
            "interval": report.interval,
        },
        "factors": [*factors, *shared_factor(talk)],
        "call_types": [
            {
                "name": report.call_types[at],
                "arrivals": {"per_interval": [round(float(calls), 3) for calls in mean[at]]},
                "busyness": busy[row],
                "talk": {"exponential": {"mean": round(handle[at], 2)}},
                "patience": {"exponential": {"mean": round(patience.seconds, 1)}},
                **talk_table(talk, report.call_types[at], slice(group.first, group.last)),
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


def _on(report: Report, days: list[date]) -> npt.NDArray[np.int64]:
    """1 for the rows of these days, 0 for others: int64, shape (rows,)."""
    return np.isin([day.toordinal() for day in report.day], [day.toordinal() for day in days]).astype(np.int64)


def _note_heads(report: Report, days: list[date], sources: Sources) -> None:
    used = np.isin([day.toordinal() for day in report.day], [day.toordinal() for day in days])
    path = f"groups.{GENERAL}.agents"
    if np.isfinite(report.heads[used]).any():
        sources.measured(path, "heads of the report, mean over the days, as heads on the phones")
    else:
        sources.assumed(path, "the report has heads staffed only: taken as on the phones, too many by those in aux")


def _again(seen: Seen, known: Estimates, talk: Talk, drawn: npt.NDArray[np.int64]) -> Rows:
    """The value of each set of what is measured; drawn : how often it has each day."""
    talks, hours = in_sets(talk, drawn), slice(seen.group.first, seen.group.last)
    made = [estimates(seen, row, of_set.factor, known) for row, of_set in zip(drawn, talks, strict=True)]
    rows = swing_rows([one.swing for one in made], [seen.report.call_types[at] for at in known.there])
    there = tuple(seen.report.call_types[at] for at in known.there)
    rows |= {join(path): row for path, row in talk_rows(talk, talks, there, hours).items()}
    for at in known.there:
        path = ("call_types", seen.report.call_types[at])
        rows[join((*path, "arrivals", "per_interval"))] = [[round(float(n), 3) for n in one.mean[at]] for one in made]
        if has_aht(seen.report, _on(seen.report, seen.used), at):  # else it is assumed
            rows[join((*path, "talk"))] = [{"exponential": {"mean": round(one.handle[at], 2)}} for one in made]
        if known.patience.status == "measured":
            law = [{"exponential": {"mean": round(one.patience.seconds, 1)}} for one in made]
            rows[join((*path, "patience"))] = law
    if known.heads is not None:
        heads = [[round(float(n), 2) for n in one.heads] for one in made if one.heads is not None]
        rows[join(("groups", GENERAL, "agents", "per_interval"))] = heads
    return rows


def _needed(calls: Floats, aht: Floats, interval: float) -> Floats:
    hourly = calls * 3600 / interval
    return np.array(
        [float(agents_needed(calls_per_hour=float(n), aht=float(s))) if n > 0 else 0.0 for n, s in zip(hourly, aht, strict=True)]
    )
