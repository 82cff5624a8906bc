"""Calibration screen: what was measured in recorded calls, what was left out, and what nobody knows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.expected import calls_by_interval, heads_by_interval
from experiments.screens.present import days, minutes, wrapped
from experiments.screens.roster_screen import roster_document, roster_texts
from experiments.screens.varying import level_text, swing, talk_document, talk_text
from sim.calibrate import Calibration
from sim.calibrate.figures import QUARTILES, gone_by, over_the_day, spread
from sim.calibrate.forms import form_words
from sim.calibrate.trial import Trial
from sim.chance.means import mean
from sim.chance.talks import expected_factor
from sim.scenario.callers import CallType, patiences
from sim.scenario.distributions import Law, Never
from sim.scenario.paths import Path as Place
from sim.scenario.paths import join
from sim.scenario.units import show_clock, value

CALIBRATION = "callsim/calibrate/1"
_DEFINITIONS = (
    "calls: entering a day; AHT: talk and wrap-up; cv: of the talk; patience: by then a quarter, half and three quarters "
    "of those who have to wait would have given up (Kaplan-Meier: waits of the answered are censored), where a label is named "
    "of the callers who have it; swing, and what days differ by: standard deviations of random factors whose mean is 1, beyond "
    "chance; likelier: by so much in the mean logarithm of a call's probability"
)
_INTERVALS = "; ± and ranges: 95 %, from {sets} sets of all estimates, whole days drawn again"
_MOST_ASIDE = 6  # days named on the screen; the document has all
_FEW_CALLS = 1.0  # a day, of a label value, below which the screen has no row of it; the document has


def calibration_lines(found: Sequence[Calibration], files: Sequence[Path], *, log: str, read: Sequence[str]) -> list[str]:
    """Lines of at most 100 columns: one block per group of weekdays, then what is assumed and what to do next.

    What is measured of all groups together, talk, the form of its laws and some notes, is said in the first of their blocks.
    """
    lines = wrapped("read", f"{log}: {'; '.join(read)}")
    for at, (one, path) in enumerate(zip(found, files, strict=True)):
        calendar = one.scenario.calendar
        lines += ["", f"{one.name}: {days(one.days)}, {show_clock(calendar.opens)} to {show_clock(calendar.closes)}"]
        if one.set_aside:
            named = "; ".join(f"{day} {calls:,} calls, {why}" for day, calls, why in one.set_aside[:_MOST_ASIDE])
            more = f"; and {len(one.set_aside) - _MOST_ASIDE} more" if len(one.set_aside) > _MOST_ASIDE else ""
            lines += wrapped("set aside", f"{days(len(one.set_aside))}: {named}{more}")
        lines += _types(one)
        lines += wrapped("heads on phones", _heads(one))
        lines += [line for text in roster_texts(one) for line in wrapped("roster", text)]
        lines += [line for name in one.trials for line in wrapped("inferred", _inferred(one, name))]
        lines += wrapped("calls take", slower) if (slower := _paces(one)) else []
        lines += wrapped("swing", swing(one))
        lines += wrapped("level", level_text(one.level)) if one.level is not None else []
        if one.talk is not None and all(one.talk is not earlier.talk for earlier in found[:at]):
            lines += wrapped("talk", talk_text(one))
            lines += [line for name, form in one.forms.items() for line in wrapped(f"law of {name}"[:18], form_words(form))]
        before = {text for earlier in found[:at] for text in earlier.notes}
        lines += [line for text in one.notes if text not in before for line in wrapped("note", text)]
        beside = sets_file(one, path)
        lines += wrapped("wrote", str(path) if beside is None else f"{path}, {beside.name}")
    assumed = [path for path, source in found[0].scenario.sources.items() if source.status == "assumed"]
    lines += ["", *wrapped("assumed", f"{', '.join(assumed)} (callsim show {files[0].parent} --assumptions)")]
    made = found[0].parameters
    lines += wrapped("read as", _DEFINITIONS + ("" if made is None else _INTERVALS.format(sets=made.parameters.number)))
    also = "" if made is None else "; with --parameters uncertain each simulated day has one of the sets"
    lines += wrapped("next", f"callsim run {files[0].parent}{also}")
    return lines


def calibration_document(
    found: Sequence[Calibration], files: Sequence[Path], *, log: str, read: Sequence[str]
) -> dict[str, Any]:
    """``callsim/calibrate/1``: groups {name, file, days, set_aside, notes, talk, call_types, proficiency, heads, trials, roster,
    sources, sets, parameters, intervals, level}; times in seconds, of the level in days.
    """
    return {
        "schema": CALIBRATION,
        "log": log,
        "read": list(read),
        "groups": [
            {
                "name": one.name,
                "file": str(path),
                "days": one.days,
                "set_aside": [{"date": str(day), "calls": calls, "why": why} for day, calls, why in one.set_aside],
                "notes": list(one.notes),
                "talk": None if one.talk is None else talk_document(one.talk, one.forms),
                "call_types": [
                    {
                        "name": kind.name, "calls": calls, "aht": _aht(one, kind), "patience": _quartiles(kind.patience),
                        "patience_by_label": [
                            {"label": path[1], "value": path[2], "calls": mine, "patience": _quartiles(law)}
                            for path, law, mine in _by_label(one, kind)
                        ],
                    }
                    for kind, calls in _calls(one)
                ],
                "proficiency": {group.name: group.proficiency for group in one.scenario.groups if group.proficiency is not None},
                "heads": {name: row.tolist() for name, row in heads_by_interval(one.scenario).items()},
                "trials": {name: _trial(trial) for name, trial in one.trials.items()},
                "roster": roster_document(one),
                "sources": {path: source.model_dump() for path, source in one.scenario.sources.items()},
                "sets": 0 if one.parameters is None else one.parameters.parameters.number,
                "parameters": None if (beside := sets_file(one, path)) is None else str(beside),
                "intervals": {name: list(ends) for name, ends in one.intervals.items()},
                "level": None if one.level is None else one.level._asdict() | {"last": str(one.level.last)},
            }
            for one, path in zip(found, files, strict=True)
        ],
    }


def sets_file(one: Calibration, path: Path) -> Path | None:
    """The file of the sets, beside the calibration's; None without sets."""
    if one.parameters is None:
        return None
    return path.with_name("parameters.json.gz" if path.name == "scenario.toml" else f"{one.name}.parameters.json.gz")


def _calls(one: Calibration) -> list[tuple[CallType, float]]:
    calls = calls_by_interval(one.scenario)
    return [(kind, float(calls[kind.name].sum())) for kind in one.scenario.call_types]


def _types(one: Calibration) -> list[str]:
    lines = [f"{'call type':<19}{'calls':>8}{'AHT':>12}{'cv':>6}   patience: 25 %, 50 %, 75 % gone"]
    for (kind, _), (name, calls, aht, cv, patience) in zip(_calls(one), type_cells(one), strict=True):
        lines.append(f"{name[:18]:<19}{calls:>8}{aht:>12}{cv:>6}   {patience}")
        if one.intervals:
            lines.append(_halves(one, kind))
        for path, law, mine in _by_label(one, kind):
            if mine < _FEW_CALLS:
                continue
            lines.append(f"{f'  {path[1]} {path[2]}'[:18]:<19}{mine:>8,.0f}{'':>18}   {_gone(law)}")
            if one.intervals:
                lines.append(f"{'':<48}{_times(one, kind, path, law)}".rstrip())
    return lines


def _by_label(one: Calibration, kind: CallType) -> list[tuple[Place, Law, float]]:
    """Where in the type the patience of a label value stands, the law, and how many calls a day have the label, in its order."""
    calls = float(calls_by_interval(one.scenario)[kind.name].sum())
    found = [(path, law, calls * value(kind.labels[path[1]][path[2]])) for path, law in patiences(kind)[1:]]
    return sorted(found, key=lambda row: list(kind.labels[row[0][1]]).index(row[0][2]))


def type_cells(one: Calibration) -> list[tuple[str, str, str, str, str]]:
    """A row per call type: name, calls a day, AHT, cv of the talk, by when a quarter, half and three quarters are gone."""
    rows = []
    for kind, calls in _calls(one):
        rows.append((kind.name, f"{calls:,.0f}", minutes(_aht(one, kind)), f"{spread(kind.talk):.2f}", _gone(kind.patience)))
    return rows


def _gone(law: Law) -> str:
    times = _quartiles(law)
    return "never" if times is None else ", ".join(minutes(time) for time in times)


def _half(one: Calibration, kind: CallType, name: str, text: Callable[[float], str]) -> str:
    """Half the interval of an estimate of a type; empty where it has none."""
    low, high = one.intervals.get(join(("call_types", kind.name)) + f".{name}", (math.nan, math.nan))
    return "" if math.isnan(high - low) else f"±{text((high - low) / 2)}"


def _halves(one: Calibration, kind: CallType) -> str:
    """Half the interval of each estimate of a type, under it."""
    calls = _half(one, kind, "calls", lambda n: f"{n:,.0f}" if n >= 1 else f"{n:.1f}")
    aht, cv = _half(one, kind, "aht", minutes), _half(one, kind, "cv", lambda n: f"{n:.2f}")
    return f"{'':<19}{calls:>8}{aht:>12}{cv:>6}   {_times(one, kind, ('patience',), kind.patience)}".rstrip()


def _times(one: Calibration, kind: CallType, path: Place, law: Law) -> str:
    """Half the intervals of the times by which a quarter, half and three quarters are gone; `path` within the type."""
    if isinstance(law, Never):
        return ""
    return ", ".join(_half(one, kind, f"{join(path)}.{100 * share:.0f} %", minutes) for share in QUARTILES)


def _aht(one: Calibration, kind: CallType) -> float:
    calls = calls_by_interval(one.scenario)[kind.name]
    return mean(kind.talk) * over_the_day(expected_factor(one.scenario, kind), calls) + mean(kind.wrap_up)


def _quartiles(law: Law) -> tuple[float, ...] | None:
    return None if isinstance(law, Never) else gone_by(law)


def _heads(one: Calibration) -> str:
    starts = one.scenario.calendar.starts()
    parts = []
    for name, row in heads_by_interval(one.scenario).items():
        top = int(np.argmax(row))
        ends = one.intervals.get(join(("groups", name)) + ".heads")
        between = "" if ends is None else f" ({ends[0]:.1f} to {ends[1]:.1f})"
        parts.append(f"{name}: {row.mean():.1f} on average{between}, most {row[top]:.1f} at {show_clock(starts[top])}")
    return "; ".join(parts)


def _inferred(one: Calibration, name: str) -> str:
    """How sure the rule is that inferred a group's heads: the bracket around them, and what it finds on simulated days."""
    trial = one.trials[name]
    low, high = trial.recorded.busy, trial.recorded.active
    rule, bracket = "the most in service at once", f"{low.mean():.1f} in service while somebody waited"
    simple = f"in service {trial.error_of('busy') * 100:+.0f} %"
    if high is not None:
        rule, bracket = "from who answered when", f"{bracket} and {high.mean():.1f} active in an interval"
        lies = low.mean() <= trial.known.mean() <= high.mean()
        bracket = f"{'between' if lies else 'beside'} {bracket}"
        simple += f", active {trial.error_of('active') * 100:+.0f} %"
    lone = f"{name}: " if len(one.trials) > 1 else ""
    waited = f"somebody waited {trial.recorded.waited * 100:.0f} % of the time, and who is away at other times is not seen"
    return f"{lone}{rule}, {trial.known.mean():.1f} on average, {bracket}; {trial} ({simple}); {waited}"


def _trial(trial: Trial) -> dict[str, Any]:
    error, half = trial.error
    worst, active = trial.worst, trial.recorded.active
    return {
        "days": len(trial.found),
        "error": {"value": error, "low": error - half, "high": error + half},
        "known": trial.known.tolist(),
        "found": trial.found.mean(axis=0).tolist(),
        "worst": None if worst is None else {"clock": show_clock(worst.start), "known": worst.known, "found": worst.inferred},
        "waited": trial.recorded.waited,
        "busy": {"recorded": trial.recorded.busy.tolist(), "error": trial.error_of("busy")},
        "active": None if active is None else {"recorded": active.tolist(), "error": trial.error_of("active")},
    }


def _paces(one: Calibration) -> str:
    """How many times as long as the type's mean calls take the agents of each group; empty where they are alike."""
    parts = []
    for group in one.scenario.groups:
        for kind, factor in group.proficiency.items() if isinstance(group.proficiency, dict) else ():
            ends = one.intervals.get(join(("groups", group.name, "proficiency", kind)))
            between = "" if ends is None else f" ({ends[0]:.2f} to {ends[1]:.2f})"
            parts.append(f"{group.name}, {kind}: {value(factor):.2f}{between}")
    return f"{'; '.join(parts)} times as long as the mean of their type" if parts else ""
