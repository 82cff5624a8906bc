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
from sim.calibrate import Calibration
from sim.calibrate.figures import QUARTILES, gone_by, spread
from sim.calibrate.trial import Trial
from sim.chance.means import mean
from sim.scenario.callers import CallType
from sim.scenario.demand import Factor
from sim.scenario.distributions import Never
from sim.scenario.paths import join
from sim.scenario.units import show_clock, show_duration, value

CALIBRATION = "callsim/calibrate/1"
_DEFINITIONS = (
    "calls: entering a day; AHT: talk and wrap-up; cv: of the talk; patience: by then a quarter, half and three quarters "
    "of those who have to wait would have given up (Kaplan-Meier: waits of the answered are censored)"
)
_WORDS = {"day": "day to day", "hours": "within the day", "intervals": "interval to interval"}
_INTERVALS = "; ± and ranges: 95 %, from {sets} sets of all estimates, whole days drawn again"
_MOST_ASIDE = 6  # days named on the screen; the document has all


def calibration_lines(found: Sequence[Calibration], files: Sequence[Path], *, log: str, read: Sequence[str]) -> list[str]:
    """Lines of at most 100 columns: one block per group of weekdays, then what is assumed and what to do next."""
    lines = wrapped("read", f"{log}: {'; '.join(read)}")
    for one, path in zip(found, files, strict=True):
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
        lines += wrapped("swing", swing(one))
        lines += [line for text in one.notes for line in wrapped("note", text)]
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
    """``callsim/calibrate/1``: groups {name, file, days, set_aside, notes, call_types, heads, trials, roster, sources, sets,
    parameters, intervals}; times in seconds.
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
                "call_types": [
                    {"name": kind.name, "calls": calls, "aht": _aht(kind), "patience": _quartiles(kind)}
                    for kind, calls in _calls(one)
                ],
                "heads": {name: row.tolist() for name, row in heads_by_interval(one.scenario).items()},
                "trials": {name: _trial(trial) for name, trial in one.trials.items()},
                "roster": roster_document(one),
                "sources": {path: source.model_dump() for path, source in one.scenario.sources.items()},
                "sets": 0 if one.parameters is None else one.parameters.parameters.number,
                "parameters": None if (beside := sets_file(one, path)) is None else str(beside),
                "intervals": {name: list(ends) for name, ends in one.intervals.items()},
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
            lines.append(_halves(one, kind, not isinstance(kind.patience, Never)))
    return lines


def type_cells(one: Calibration) -> list[tuple[str, str, str, str, str]]:
    """A row per call type: name, calls a day, AHT, cv of the talk, by when a quarter, half and three quarters are gone."""
    rows = []
    for kind, calls in _calls(one):
        times = _quartiles(kind)
        patience = "never" if times is None else ", ".join(minutes(time) for time in times)
        rows.append((kind.name, f"{calls:,.0f}", minutes(_aht(kind)), f"{spread(kind.talk):.2f}", patience))
    return rows


def _halves(one: Calibration, kind: CallType, gone: bool) -> str:
    """Half the interval of each estimate of a type, under it."""

    def half(name: str) -> float:
        low, high = one.intervals.get(join(("call_types", kind.name)) + f".{name}", (math.nan, math.nan))
        return (high - low) / 2

    def shown(name: str, text: Callable[[float], str]) -> str:
        width = half(name)
        return "" if math.isnan(width) else f"±{text(width)}"

    calls = shown("calls", lambda n: f"{n:,.0f}" if n >= 1 else f"{n:.1f}")
    aht, cv = shown("aht", minutes), shown("cv", lambda n: f"{n:.2f}")
    times = ", ".join(shown(f"patience.{100 * share:.0f} %", minutes) for share in QUARTILES) if gone else ""
    return f"{'':<19}{calls:>8}{aht:>12}{cv:>6}   {times}".rstrip()


def _aht(kind: CallType) -> float:
    return mean(kind.talk) + mean(kind.wrap_up)


def _quartiles(kind: CallType) -> tuple[float, ...] | None:
    return None if isinstance(kind.patience, Never) else gone_by(kind.patience)


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
        rule, bracket = "from who answered when", f"between {bracket} and {high.mean():.1f} active in an interval"
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


def swing(one: Calibration) -> str:
    """How much days and hours differ beyond chance."""
    common = {factor.name: factor for factor in one.scenario.factors}
    own = [(kind.name, value(kind.busyness.cv)) for kind in one.scenario.call_types]

    def between(path: str) -> str:
        ends = one.intervals.get(path)
        return "" if ends is None else f" ({ends[0] * 100:.0f} to {ends[1] * 100:.0f})"

    said = [
        f"{word} +-{value(common[name].cv) * 100:.0f} %{between(f'factors.{name}.cv')}{_memory(common[name])}"
        for name, word in _WORDS.items()
    ]
    most = ", ".join(
        f"{name} {cv * 100:.0f} %{between(join(('call_types', name)) + '.busyness.cv')}" for name, cv in own if cv >= 0.005
    )
    text = f"{', '.join(said)} of all types together"
    return f"{text}; of its own: {most}" if most else text


def _memory(factor: Factor) -> str:
    """After how long half of a busy time is over; to five minutes, or to the half-hour above two hours."""
    correlation = value(factor.correlation)
    if factor.part == "day" or not 0.0 < correlation < 1.0:
        return ""
    half_life = factor.part * math.log(0.5) / math.log(correlation)
    step = 1800 if half_life > 7200 else 300
    return f" (half of it gone after {show_duration(max(step, round(half_life / step) * step))})"
