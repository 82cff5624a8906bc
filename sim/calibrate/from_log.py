"""From a log: scenarios for the weekdays that are alike, with what each number rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt

from sim.calibrate.bootstrap import FEWEST, SETS, TOO_FEW, Again, Evidence, sets_of
from sim.calibrate.calibration import Calibration, Sources, Table
from sim.calibrate.callers import few_calls, label_shares, laws_of_types, patience_notes
from sim.calibrate.days import Counts, Group, group_of_days, groups_of, with_days
from sim.calibrate.figures import figures, intervals
from sim.calibrate.group_times import by_group, proficiency
from sim.calibrate.level import Span, block, level
from sim.calibrate.patience import by_label
from sim.calibrate.pools import Pool, names_agents, pools
from sim.calibrate.talk_days import WHOLE
from sim.calibrate.talks import Talk, measured_talk, shared_factor, talk_table
from sim.calibrate.volumes import busyness, factors_of, mean_calls, swing
from sim.calibrate.wrap_ups import wrap_ups
from sim.calls import NONE
from sim.files.gaps import Gap, marked, silent_stretches, silent_types
from sim.files.history import History
from sim.scenario.errors import CallsimError
from sim.scenario.merge import build
from sim.scenario.scenario import Scenario
from sim.scenario.units import ticks

Floats = npt.NDArray[np.float64]


def calibrate(
    history: History,
    *,
    interval: float = 1800.0,
    weekdays: tuple[tuple[int, ...], ...] | None = None,
    head_start: Mapping[str, float] | None = None,
    own_agents: tuple[str, ...] = (),
    patience_by: str | None = None,
    surges_apart: bool = False,
    talk_level: tuple[int, float] | None = WHOLE,
    span: Span | None = None,
    sets: int = SETS,
) -> list[Calibration]:
    """Scenarios from recorded calls, one for each group of weekdays that are alike, the group with most days first.

    interval : seconds, divides a day; weekdays : groups as numbers, Monday 0 (not given: by the data)
    head_start : "family.value" -> seconds of waiting time credited to callers with that label
    patience_by : the label family whose values may differ in patience, or "none"; not given: see `patience.by_label`
    own_agents : call types that have agents of their own; all others share one group
    surges_apart : surges are laid over the scenario by themselves, so days that have one do not count in the swing
    talk_level : of how many of the last weeks talk's level is, and their share beside the whole record's: (0, 0.0) is the whole
        record, None what foretold the record's own weeks best, see `talk_days.chosen_level`
    span : the days that say how alike days are (not given: these)
    sets : how often all estimates are made once more, on whole days drawn again; 0: without intervals
    Raises CallsimError for a label or type that the log does not have, for a log without offered calls, and where no day is left.
    """
    starts = dict(head_start or {})
    _check(history, interval, starts, own_agents)
    kinds, notes = few_calls(history)
    if own_agents and bool((history.group != NONE).any()):
        notes.append(f"own agents of {', '.join(own_agents)}: not used, for the log names the group that answered")
    history = history.where(np.isin(history.call_type, [history.call_types.index(kind) for kind in kinds]))
    days = history.days()
    calls = _by_interval(history, days, kinds, interval, history.call_type >= 0)
    answered = _by_interval(history, days, kinds, interval, history.answer != NONE)
    counts = Counts(days, calls.sum(axis=1), answered.sum(axis=1), interval)
    groups = groups_of(counts, together=weekdays, gaps=silent_stretches(days, counts.calls, interval))
    found, left_out = with_days(groups, history.source)
    notes += left_out
    of_types = silent_types(days, calls, kinds, interval)
    gone = marked(of_types, days, kinds, calls.shape[2])
    sources = Sources()
    used = history.where(np.isin(history.day, [days[row].toordinal() for group in found for row in group.rows]))
    talk = measured_talk(used, kinds, interval, group_of_days(found, days, np.unique(used.day)), talk_level)
    shared = laws_of_types(used, kinds, talk, sources)
    notes += by_label(used, kinds, shared, starts, sources, asked=patience_by)
    wrap, between = wrap_ups(used, kinds, shared, sources)
    notes += by_group(used, kinds, shared, talk, sources)
    together = {group.name: _together(counts, group, span) for group in found}
    ordinals = [day.toordinal() for day in days]
    again = Again(used, found, ordinals, shared, talk, between, sets, together) if sets else None
    calibrations = []
    for group in found:
        if not calls[list(group.rows)][:, :, group.first : group.last].any():
            continue
        mine = history.where(np.isin(history.day, [days[row].toordinal() for row in group.rows]))
        dates = {days[row] for row in group.rows}
        scenario, remarks, seen = _scenario(
            mine, kinds, group, calls[list(group.rows)], interval, shared, talk, wrap, starts, own_agents, sources,
            surges_apart=surges_apart, gaps=[gap for gap in of_types if gap.day in dates], gone=gone[list(group.rows)],
            span=span,
        )  # fmt: skip
        remarks = [*notes, *remarks]
        one = Calibration(
            group.name, scenario, len(group.rows), group.set_aside, tuple(remarks), tuple(mine.days()), talk=talk,
            level=seen.swing.steady,
            forms={kind: shared[kind]["talk form"] for kind in seen.kinds if shared[kind]["talk form"] is not None},
        )  # fmt: skip
        if again is not None and len(group.rows) < FEWEST:
            one = replace(one, notes=(*one.notes, TOO_FEW))
        elif again is not None:
            made, rows = sets_of(group, seen, again, scenario)
            ends = intervals(figures(rows), len(group.rows))
            one = replace(one, parameters=made, intervals=ends, drawn=again.drawn[group.name])
        calibrations.append(one)
    return calibrations


def _together(counts: Counts, group: Group, span: Span | None) -> int:
    """How many days of a group are drawn again at once."""
    rows = list(group.rows)
    days = [counts.days[row] for row in rows]
    return block(level(*(span or Span(tuple(days), counts.calls[rows].sum(axis=1)))), days)


def _check(history: History, interval: float, head_start: Mapping[str, float], own_agents: tuple[str, ...]) -> None:
    if ticks(86_400.0) % max(ticks(interval), 1):
        raise CallsimError(f"interval: must divide a day into whole parts; found {interval:g} s")
    if not (history.queue_entry != NONE).any():
        raise CallsimError(f"{history.source}: none of its {len(history):,} calls asked for an agent")
    known = {f"{family}.{value}" for family, values in history.labels for value in values}
    for name in head_start:
        if name not in known:
            there = ", ".join(sorted(known)) or "the log has no labels"
            raise CallsimError(f'head start: no label "{name}"; there is {there}')
    for kind in own_agents:
        if kind not in history.call_types:
            raise CallsimError(f'own agents: no call type "{kind}"; there is {", ".join(history.call_types)}')


def _by_interval(
    history: History, days: list[date], kinds: tuple[str, ...], interval: float, keep: npt.NDArray[np.bool_]
) -> Floats:
    """Calls that are kept, by arrival: float64, shape (days, types, intervals from midnight)."""
    parts = ticks(86_400.0) // ticks(interval)
    day = np.searchsorted([one.toordinal() for one in days], history.day)
    code = np.array([kinds.index(name) if name in kinds else -1 for name in history.call_types])[history.call_type]
    part = np.minimum(history.arrival // ticks(interval), parts - 1)
    out = np.zeros((len(days), len(kinds), parts))
    np.add.at(out, (day[keep], code[keep], part[keep]), 1.0)
    return out


def _scenario(
    history: History,
    kinds: tuple[str, ...],
    group: Group,
    calls: Floats,
    interval: float,
    shared: dict[str, Table],
    talk: Talk,
    wrap: float,
    head_start: dict[str, float],
    own_agents: tuple[str, ...],
    common: Sources,
    *,
    surges_apart: bool,
    gaps: Sequence[Gap],
    gone: npt.NDArray[np.bool_],
    span: Span | None,
) -> tuple[Scenario, list[str], Evidence]:
    sources = Sources()
    sources.table = dict(common.table)
    inside = calls[:, :, group.first : group.last]
    lost = gone[:, :, group.first : group.last] if gaps else None
    mean = mean_calls(inside, lost)
    there = [at for at in range(len(kinds)) if mean[at].sum() > 0]
    if lost is not None:
        lost = lost[:, there]
    weekdays = np.array([day.weekday() for day in history.days()])
    per_hour = max(1, round(3600 / interval))
    found = busyness(
        inside[:, there], weekdays, per_hour=per_hour, every_day=not surges_apart, dates=history.days(), span=span, gone=lost
    )
    factors, unlike = swing(found, [kinds[at] for at in there], float(interval), history.days(), sources, gaps)
    opens = group.first * ticks(interval)
    days = f"{len(group.rows)} days"
    types = []
    for row, at in enumerate(there):
        kind = kinds[at]
        own = {"cv": round(float(found.own[row]), 4), "factors": factors_of(kind, found, row)}
        lasting = talk_table(talk, kind, slice(group.first, group.last))
        types.append(lasting | _type(kind, mean[at], own, shared[kind], label_shares(history, kind), head_start))
        less = len({gap.day for gap in gaps if gap.call_type == kind})
        sources.measured(f"call_types.{kind}.arrivals", f"mean of {days}" + (f", {less} of them with a gap" if less else ""))
        sources.table[f"call_types.{kind}.busyness"] = sources.table["factors"]  # measured, or not, as these are
        if types[-1].get("labels"):
            sources.measured(f"call_types.{kind}.labels", "shares of its calls that asked for an agent and whose label is known")
        for name in head_start:
            sources.given(f"call_types.{kind}.by_label.{name}.head_start", "stated on the command line")
    names = tuple(kinds[at] for at in there)
    floor = pools(
        history, types=names, own_agents=tuple(kind for kind in own_agents if kind in names), opens=opens,
        length=ticks(interval), parts=group.last - group.first, after=ticks(wrap),
    )  # fmt: skip
    if lost is not None:
        floor = [pool.without(names, lost) for pool in floor]
    _note_staffing(history, floor, sources)
    sources.measured("calendar", "from when to when somebody was answered on half of the days; the last of them")
    sources.given("calendar.interval", "stated, or the usual half-hour")
    sources.assumed("costs", "none given: cost columns stay empty")
    sources.assumed("lines", "not in the log: as many as needed")
    last = max(history.days())
    table: Table = {
        "name": f"{history.source}, {group.name}",
        "description": f"measured on {days} between {min(history.days())} and {last}",
        "calendar": {
            "start": last,
            "opens": float(group.first * interval),
            "closes": float(group.last * interval),
            "interval": float(interval),
        },
        "factors": [*factors, *shared_factor(talk)],
        "call_types": types,
        "groups": [_group(pool, shared) for pool in floor],
        "ivr": _ivr(names, shared),
        "sources": sources.table,
    }
    outside = float((calls.sum() - inside.sum()) / len(group.rows))
    notes = [f"{outside:,.0f} calls a day outside the opening hours were left out"] if outside >= 1 else []
    hours = slice(group.first, group.last)
    seen = Evidence(history, names, inside[:, there], floor, wrap, per_hour, found, hours, lost)
    return build(table), [*notes, *unlike, *patience_notes(history)], seen


def _type(
    kind: str,
    mean: Floats,
    busy: Table,
    shared: Table,
    labels: dict[str, dict[str, float]],
    head_start: dict[str, float],
) -> Table:
    table: Table = {
        "name": kind,
        "arrivals": {"per_interval": [round(float(calls), 3) for calls in mean]},
        "busyness": busy,
        **{key: shared[key] for key in ("talk", "wrap_up", "patience", "balking")},
    }
    if labels:
        table["labels"] = labels
    parts: dict[str, dict[str, Table]] = {}
    for name, seconds in head_start.items():
        family, value = name.split(".", 1)
        parts.setdefault(family, {})[value] = {"head_start": seconds}
    for family, values in shared.get("by_label", {}).items():
        for value, law in values.items():
            parts.setdefault(family, {}).setdefault(value, {}).update(law)
    known = {family: {value: part for value, part in values.items() if value in labels.get(family, {})}
             for family, values in parts.items()}
    if any(known.values()):
        table["by_label"] = {family: values for family, values in known.items() if values}
    return table


def _group(pool: Pool, shared: dict[str, Table]) -> Table:
    counted = [round(float(number), 2) for number in pool.heads]
    table: Table = {"name": pool.name, "skills": [list(pool.skills)], "agents": {"per_interval": counted}}
    paces = proficiency(pool.name, pool.skills, shared)
    return table | ({"proficiency": paces} if paces else {})


def _ivr(kinds: tuple[str, ...], shared: dict[str, Table]) -> Table:
    table: Table = {"delay": shared[kinds[0]]["ivr"]}
    for key in ("containment", "hang_up"):
        shares = {kind: shared[kind][key] for kind in kinds if shared[kind][key] > 0}
        if shares:
            table[key] = shares
    return table


def _note_staffing(history: History, floor: list[Pool], sources: Sources) -> None:
    for pool in floor:
        path = f"groups.{pool.name}.agents"
        if names_agents(history):
            sources.measured(path, "inferred from who answered when (mean over the days); the log has no log-on data")
        else:
            sources.assumed(path, "no agents in the log: the most who were in service at once")
        sources.assumed(f"groups.{pool.name}.skills", "all in one rank: the longest waiting first")

