"""Calibration screen: what was measured in recorded calls, what was left out, and what nobody knows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.expected import calls_by_interval, heads_by_interval
from experiments.screens.present import days, minutes, wrapped
from sim.calibrate import Calibration
from sim.chance.means import mean
from sim.chance.rows import quantile_function
from sim.scenario.callers import CallType
from sim.scenario.demand import Factor
from sim.scenario.distributions import Never
from sim.scenario.units import show_clock, show_duration, value

CALIBRATION = "callsim/calibrate/1"
_DEFINITIONS = (
    "calls: entering a day; AHT: talk and wrap-up; cv: of the talk; patience: by then a quarter, half and three quarters "
    "of those who have to wait would have given up (Kaplan-Meier: waits of the answered are censored)"
)
_WORDS = {"day": "day to day", "hours": "within the day", "intervals": "interval to interval"}
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
        lines += wrapped("swing", swing(one))
        lines += [line for text in one.notes for line in wrapped("note", text)]
        lines += wrapped("wrote", str(path))
    assumed = [path for path, source in found[0].scenario.sources.items() if source.status == "assumed"]
    lines += ["", *wrapped("assumed", f"{', '.join(assumed)} (callsim show {files[0].parent} --assumptions)")]
    lines += wrapped("read as", _DEFINITIONS)
    lines += wrapped("next", f"callsim run {files[0].parent}")
    return lines


def calibration_document(
    found: Sequence[Calibration], files: Sequence[Path], *, log: str, read: Sequence[str]
) -> dict[str, Any]:
    """``callsim/calibrate/1``: groups {name, file, days, set_aside, notes, call_types, heads, sources}; times in seconds."""
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
                "sources": {path: source.model_dump() for path, source in one.scenario.sources.items()},
            }
            for one, path in zip(found, files, strict=True)
        ],
    }


def _calls(one: Calibration) -> list[tuple[CallType, float]]:
    calls = calls_by_interval(one.scenario)
    return [(kind, float(calls[kind.name].sum())) for kind in one.scenario.call_types]


def _types(one: Calibration) -> list[str]:
    lines = [f"{'call type':<19}{'calls':>8}{'AHT':>12}{'cv':>6}   patience: 25 %, 50 %, 75 % gone"]
    rows = type_cells(one)
    return lines + [f"{name[:18]:<19}{calls:>8}{aht:>12}{cv:>6}   {patience}" for name, calls, aht, cv, patience in rows]


def type_cells(one: Calibration) -> list[tuple[str, str, str, str, str]]:
    """A row per call type: name, calls a day, AHT, cv of the talk, by when a quarter, half and three quarters are gone."""
    rows = []
    for kind, calls in _calls(one):
        times = _quartiles(kind)
        patience = "never" if times is None else ", ".join(minutes(time) for time in times)
        rows.append((kind.name, f"{calls:,.0f}", minutes(_aht(kind)), f"{_cv(kind):.2f}", patience))
    return rows


def _aht(kind: CallType) -> float:
    return mean(kind.talk) + mean(kind.wrap_up)


def _cv(kind: CallType) -> float:
    """Coefficient of variation of the talk, from a thousand quantiles."""
    talk = quantile_function(kind.talk)((np.arange(1000) + 0.5) / 1000)
    return float(talk.std() / talk.mean()) if talk.mean() > 0 else 0.0


def _quartiles(kind: CallType) -> tuple[float, float, float] | None:
    if isinstance(kind.patience, Never):
        return None
    low, middle, high = quantile_function(kind.patience)(np.array([0.25, 0.5, 0.75]))
    return float(low), float(middle), float(high)


def _heads(one: Calibration) -> str:
    starts = one.scenario.calendar.starts()
    parts = []
    for name, row in heads_by_interval(one.scenario).items():
        top = int(np.argmax(row))
        parts.append(f"{name}: {row.mean():.1f} on average, most {row[top]:.1f} at {show_clock(starts[top])}")
    return "; ".join(parts)


def swing(one: Calibration) -> str:
    """How much days and hours differ beyond chance."""
    common = {factor.name: factor for factor in one.scenario.factors}
    said = [f"{word} +-{value(common[name].cv) * 100:.0f} %{_memory(common[name])}" for name, word in _WORDS.items()]
    own = [(kind.name, value(kind.busyness.cv)) for kind in one.scenario.call_types]
    most = ", ".join(f"{name} {cv * 100:.0f} %" for name, cv in own if cv >= 0.005)
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
