"""Varying: how calls and talk differ from day to day and over the day, in words and for documents."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sim.calibrate import Calibration
from sim.calibrate.binned import SHORT
from sim.calibrate.forms import Form
from sim.calibrate.level import LONGEST, Level
from sim.calibrate.talk_days import days_tell
from sim.calibrate.talks import SHARED_TALK, Talk, said
from sim.calibrate.volumes import of_type
from sim.scenario.demand import Factor
from sim.scenario.parameters import at
from sim.scenario.paths import join
from sim.scenario.units import show_duration, value

_WORDS = {"level": "level", "day": "day to day", "hours": "within the day", "intervals": "interval to interval"}


def swing(one: Calibration) -> str:
    """How much days and hours differ beyond chance; where too few days were measured to tell, that."""
    source = one.scenario.sources.get("factors")
    if source is not None and source.status == "assumed":
        return source.note
    common = {factor.name: factor for factor in one.scenario.factors}
    own = [(kind.name, value(kind.busyness.cv)) for kind in one.scenario.call_types]

    def between(path: str) -> str:
        ends = one.intervals.get(path)
        return "" if ends is None else f" ({ends[0] * 100:.0f} to {ends[1] * 100:.0f})"

    said = [
        f"{word} +-{value(common[name].cv) * 100:.0f} %{between(f'factors.{name}.cv')}{_memory(common[name])}"
        for name, word in _WORDS.items()
        if name in common
    ]
    most = ", ".join(
        f"{name} {cv * 100:.0f} %{between(join(('call_types', name)) + '.busyness.cv')}" for name, cv in own if cv >= 0.005
    )
    within = ", ".join(
        f"{name} +-{value(factor.cv) * 100:.0f} %{between(join(('factors', factor.name)) + '.cv')}{_memory(factor)}"
        for name, _ in own
        if (factor := common.get(of_type(name))) is not None and value(factor.cv) >= 0.005
    )
    text = f"{', '.join(said)} of all types together"
    text = f"{text}; of its own, day to day: {most}" if most else text
    return f"{text}; of its own, within the day: {within}" if within else text


def level_text(found: Level) -> str:
    """How alike days are to those before them, and where the level was at the end of the record."""
    low, high = found.between
    about, before = found.spread
    now = math.expm1(found.now)
    return (
        f"days are like the day before: totals differ by {about * 100:.1f} % about the mean of their weekday, and by "
        f"{before * 100:.1f} % about what the day before lets expect; half of it is gone after {found.half_life:.1f} days "
        f"({low:.1f} to {high:.1f}{'' if high < LONGEST else ' or more'}); "
        f"{found.last} was {now * 100:+.1f} % beside that mean (±{1.96 * found.doubt**0.5 * 100:.1f})"
    )


def talk_text(one: Calibration) -> str:
    """How talk depends on the hour, of which weeks its level is, and how much days differ beyond chance."""
    if one.talk is None:
        return ""
    cvs = {"of all types together": f"factors.{SHARED_TALK}.cv"}
    cvs |= {f"of {kind.name} alone": join(("call_types", kind.name)) + ".talk_swing.cv" for kind in one.scenario.call_types}
    table = one.scenario.table()
    parts = []
    for words, path in cvs.items():
        cv = at(table, path, 0.0)
        ends = one.intervals.get(path)
        between = "" if ends is None else f" ({ends[0] * 100:.0f} to {ends[1] * 100:.0f})"
        parts += [f"{cv * 100:.0f} %{between} {words}"] if cv >= 0.005 else []
    sure = days_tell(one.talk.days, (one.talk.level.weeks, one.talk.level.share))
    alike = "days differ by chance alone" if sure else "too few days to tell how they differ"
    days_differ = f"days differ by {', '.join(parts)}" if parts else alike
    return "; ".join([*said(one.talk), days_differ])


def talk_document(talk: Talk, forms: Mapping[str, Form]) -> dict[str, Any]:
    """How it was chosen; shares, NaN where nothing was tried."""
    hours, level, best = talk.hours, talk.level, talk.best
    return {
        "hours": {"form": hours.form, "gain": _known(hours.gain), "error": _known(hours.error)},
        "level": {
            "weeks": level.weeks, "share": level.share, "factor": talk.now,
            "best": {
                "weeks": best.weeks, "share": best.share, "factor": talk.best_now, "tested_weeks": best.tested,
                "error": _known(best.error), "whole_record_error": _known(best.whole),
            },
        },
        "laws": {name: _law(form) for name, form in forms.items()},
    }  # fmt: skip


def _law(form: Form) -> dict[str, Any]:
    """What was chosen, over what, and the short services; seconds."""
    return {
        "form": form.word, "over": form.over, "gain": _known(form.gain), "error": _known(form.error),
        "left_out": form.lost or None, "short": {"below": SHORT, "share": form.share, "mean": form.mean} if form.short else None,
    }  # fmt: skip


def _known(number: float) -> float | None:
    """None for a NaN."""
    return None if math.isnan(number) else number


def _memory(factor: Factor) -> str:
    """After how long half of a busy time is over; to five minutes, or to the half-hour above two hours."""
    correlation = value(factor.correlation)
    if factor.part == "day" or not 0.0 < correlation < 1.0:
        return ""
    half_life = factor.part * math.log(0.5) / math.log(correlation)
    step = 1800 if half_life > 7200 else 300
    return f" (half of it gone after {show_duration(max(step, round(half_life / step) * step))})"
