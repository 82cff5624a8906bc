"""Explain screen: why a measure misses its target, as a planner reads it, and as a document.

callsim/explain/1: story, date, seed, days, parameters, sets, measure, target, verdict, today, half_width, without_all,
  causes [{name, title, there, alone, alone_half_width, value, verdict, share, share_half_width}], rest,
  enough {paid_hours, gain, half_width, value, verdict} or null, exact, combinations, method
"""

from __future__ import annotations

import math
from dataclasses import asdict
from datetime import date
from typing import Any

from experiments.data_error import METHOD as DATA_METHOD
from experiments.data_error import Halves
from experiments.explain import Explanation, Share
from experiments.screens.gate_screen import named
from experiments.screens.present import count, half_width, signed, simulated, when, wrapped
from experiments.threshold import REACHES
from experiments.values import Reading, reads
from experiments.verdicts import Word
from sim.scenario.calendar import Calendar

SCHEMA = "callsim/explain/1"
METHOD = "Shapley values of the measure over causes taken away, jackknife over days; enough: Erlang A, one pool"
_NAME, _ALONE, _SHARE = 38, 34, 24
_NOTES = {"met": " (meets)", "missed": "", "undecided": " (undecided)"}


def explain_lines(found: Explanation, *, title: str, calendar: Calendar) -> list[str]:
    """Lines of at most 100 columns: how far from the target, the causes, what is left, how to read it."""
    reading = reads(found.threshold.measure)
    value, bound = found.today.value * reading.scale, found.threshold.bound * reading.scale
    away = abs(bound - value)
    short = f"{away:.1f} {reading.difference_unit} {'beyond it' if _reaches(found) else 'short'}"
    head = f"{named(found.threshold)}, today {value:.1f}{reading.suffix} ±{half_width(found.today.half_width, reading)}: {short}"
    lines = [*wrapped("", f"{title}, {when(calendar)}: {simulated(found.days, calendar.days)} (seed {found.seed})", indent=0), ""]
    lines += wrapped("target", head)
    if math.isnan(value):
        return [*lines, *wrapped("", "there are no calls to explain")]
    lines += ["", _row("", "if only this is taken away", "its share of all")]
    lines += [_cause(one, reading) for one in found.shares if one.there]
    total = signed(sum(one.share.value for one in found.shares), reading)
    lines.append(_row("all of them", "", f"{total:>6}  -> {found.without_all.value * reading.scale:.1f}"))
    if not _reaches(found) or found.rest > 0:
        word = "not explained" if found.rest > 0 else "more than the target needs"
        lines.append(_row(word, "", f"{signed(found.rest, reading):>6}"))
    lines.append("")
    lines += _enough(found, reading) + _how_sure(found, reading)
    lines += wrapped(
        "read",
        "to know what ONE measure brings, use the first column; shares split what causes do together, and add up to "
        f"all of them. ± is {'simulation noise' if found.sets is None else 'simulation and data together'} at 95 %. "
        f"{_ways(found)}",
    )
    absent = [one.cause.title for one in found.shares if not one.there]
    if absent:
        lines += wrapped("not there today", ", ".join(absent))
    return lines


def explain_document(found: Explanation, *, story: str, day: date) -> dict[str, Any]:
    """The explanation as ``callsim/explain/1``."""
    enough = None
    if found.enough is not None:
        one = found.enough
        enough = {"paid_hours": one.hours, "gain": asdict(one.gain), "value": one.value, "verdict": one.word}
        enough["half_width"] = _halves(one.halves)
    return {
        "schema": SCHEMA, "story": story, "date": day.isoformat(), "seed": found.seed, "days": found.days,
        "parameters": "fixed" if found.sets is None else "uncertain", "sets": found.sets, "half_width": _halves(found.halves),
        "measure": found.threshold.measure, "target": found.threshold.text, "verdict": found.word,
        "today": asdict(found.today), "without_all": asdict(found.without_all),
        "causes": [
            {
                "name": one.cause.name, "title": one.cause.title, "there": one.there, "alone": asdict(one.alone),
                "value": one.value, "verdict": one.word, "share": asdict(one.share),
                "alone_half_width": _halves(one.alone_halves), "share_half_width": _halves(one.share_halves),
            }
            for one in found.shares
        ],
        "rest": found.rest, "enough": enough, "exact": found.exact, "combinations": found.combinations,
        "method": METHOD if found.sets is None else f"{METHOD}; {DATA_METHOD}",
    }  # fmt: skip


def _halves(halves: Halves | None) -> dict[str, float] | None:
    return None if halves is None else asdict(halves)


def _how_sure(found: Explanation, reading: Reading) -> list[str]:
    """What makes today, what each cause brings alone and its share unsure, where parameters are uncertain."""
    if found.sets is None or found.halves is None:
        return []

    def said(halves: Halves | None) -> str:
        return "?" if halves is None else f"simulation ±{half_width(halves.simulation, reading)}, " + (
            f"data ±{half_width(halves.data, reading)}"
        )

    there = [one for one in found.shares if one.there]
    parts = [f"{one.cause.name}: alone {said(one.alone_halves)}, share {said(one.share_halves)}" for one in there]
    return wrapped("how sure", "; ".join([f"today: {said(found.halves)}", *parts]))


def _reaches(found: Explanation) -> bool:
    return bool(REACHES[found.threshold.sign](found.today.value, found.threshold.bound))


def _cause(one: Share, reading: Reading) -> str:
    gain = f"{signed(one.alone.value, reading):>6} ±{half_width(one.alone.half_width, reading)}"
    alone = f"{gain}  -> {one.value * reading.scale:.1f}{_note(one.word)}"
    share = f"{signed(one.share.value, reading):>6} ±{half_width(one.share.half_width, reading)}"
    return _row(one.cause.title, alone, share)


def _enough(found: Explanation, reading: Reading) -> list[str]:
    if found.enough is None:
        return []
    one = found.enough
    gain = f"{signed(one.gain.value, reading)} ±{half_width(one.gain.half_width, reading)}"
    value = f"{one.value * reading.scale:.1f}{reading.suffix}{_note(one.word)}"
    hours = f"{count(abs(one.hours), 1)} {'hours on the phones' if one.on_phones else 'paid hours'} a day"
    return wrapped(
        "enough agents",
        f"what Erlang A asks for today's expected traffic at the target: {hours} {'fewer' if one.hours < 0 else 'more'}, "
        f"{gain} -> {value}; a way out, not a cause: it has no share",
    )


def _ways(found: Explanation) -> str:
    if found.exact:
        return f"All {found.combinations} combinations, on the same callers."
    return f"{found.combinations} combinations from sampled orders, on the same callers."


def _note(word: Word) -> str:
    return _NOTES[word]


def _row(name: str, alone: str, share: str) -> str:
    return f"{name:<{_NAME}}{alone:<{_ALONE}}{share}".rstrip()
