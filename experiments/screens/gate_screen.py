"""Gate screen: a decision as a person reads it, with what the baseline was and what differs from it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from experiments.baseline import Baseline
from experiments.gate import Decision, Gate
from experiments.identity import changed_paths, content
from experiments.screens.present import count, half_width, simulated, wrapped
from experiments.threshold import Threshold, shown_bound
from experiments.values import reads
from experiments.verdicts import Verdict
from sim.scenario.scenario import Scenario

_MOST_CHANGES = 12
_CUT = 40  # columns of a changed value
_NAMES = {"met": "met", "missed": "MISSED", "undecided": "undecided"}


def gate_lines(gate: Gate, decision: Decision, *, title: str, seconds: float = math.nan) -> list[str]:
    """Lines of at most 100 columns: what was tried, one line per threshold, the word over all of them.

    seconds : how long the days took, to price what is undecided; NaN where nobody looked
    """
    lines = wrapped("gate", f"{title}; {days_of(gate, decision)}, seed {gate.seed}")
    lines += baseline_lines(gate)
    lines += ["", *verdict_lines(decision.verdicts, seconds), *halves_lines(decision.verdicts), ""]
    tally = ", ".join(
        f"{sum(one.word == word for one in decision.verdicts)} {word}" for word in ("met", "missed", "undecided")
    )
    lines += wrapped("overall", f"{decision.word}: of {len(decision.verdicts)} thresholds {tally}")
    looked = f"looked at {', '.join(count(days) for days in decision.looks if days <= decision.days)} days"
    lines += wrapped("read", f"{looked}; a verdict is wrong with at most 5 % chance over all looks and thresholds")
    return lines


def verdict_lines(verdicts: Sequence[Verdict], seconds: float = math.nan) -> list[str]:
    """A line per threshold: what it says, what was found, the verdict."""
    head = ("threshold", "found (95 % interval)", "verdict")
    rows = [(named(one.threshold), found(one), _word(one, seconds)) for one in verdicts]
    first, second = (max(len(row[at]) for row in (head, *rows)) for at in (0, 1))
    return _columns([head, *rows], min(first, 46), min(second, 34))


def halves_lines(verdicts: Sequence[Verdict]) -> list[str]:
    """What makes each value unsure, where parameters are uncertain."""
    lines: list[str] = []
    for one in verdicts:
        if one.halves is not None and not math.isnan(one.halves.data):
            reading = reads(one.threshold.measure)
            parts = f"simulation ±{half_width(one.halves.simulation, reading)}, data ±{half_width(one.halves.data, reading)}"
            lines += wrapped("" if lines else "unsure by", f"{one.threshold.series}: {parts}")
    return lines


def baseline_lines(gate: Gate) -> list[str]:
    """What the baseline is, and what the candidate changes."""
    kept = gate.baseline
    if kept is None:
        return []
    if isinstance(kept, Scenario):
        lines, old = wrapped("baseline", f"{kept.name}, simulated beside it"), content(kept)
    else:
        made = f"kept: {kept.hash[:8]}, callsim {kept.version}, {kept.machine}, {count(kept.days)} days"
        lines, old = wrapped("baseline", made), dict(kept.content)
    return lines + difference_lines(old, content(gate.scenario))


def difference_lines(old: dict[str, object], new: dict[str, object]) -> list[str]:
    """What differs between two contents, a line each."""
    changes = changed_paths(old, new)
    if not changes:
        return wrapped("changed", "nothing")
    lines = []
    for at, (path, before, after) in enumerate(changes[:_MOST_CHANGES]):
        text = f"{path}: {_short(before)} -> {_short(after)}"
        lines += wrapped("changed" if at == 0 else "", text)
    if len(changes) > _MOST_CHANGES:
        lines += wrapped("", f"and {len(changes) - _MOST_CHANGES} more")
    return lines


def accepted_lines(old: Baseline | None, new: Baseline) -> list[str]:
    """What a new baseline says otherwise than the old one: the scenario, and every series."""
    if old is None:
        lines = wrapped("baseline", f"new: {new.hash[:8]}, {count(new.days)} days, seed {new.seed}")
        return lines + [line for name in new.series for line in wrapped("", f"{name} {_level(new, name)}")]
    lines = wrapped("baseline", f"{old.hash[:8]} -> {new.hash[:8]}, {count(new.days)} days, seed {new.seed}")
    lines += difference_lines(dict(old.content), dict(new.content))
    for name in new.series:
        before = _level(old, name) if name in old.series else "nothing"
        lines += wrapped("", f"{name} {before} -> {_level(new, name)}")
    return lines


def days_of(gate: Gate, decision: Decision) -> str:
    """``400 of at most 1,600 simulated days``."""
    most = simulated(gate.days, gate.scenario.calendar.days)
    return most if decision.days == gate.days else f"{count(decision.days)} of at most {most}"


def named(threshold: Threshold) -> str:
    """``chance(answer_rate >= 90 %) >= 80 %``."""
    text = f"{threshold.series} {threshold.sign} {shown_bound(threshold)}"
    return text if threshold.share is None else f"chance({text}) {threshold.share_sign} {threshold.share * 100:g} %"


def found(verdict: Verdict) -> str:
    """``93.8 % (93.2 to 94.4)``; differences carry their sign and points."""
    one = verdict.threshold
    if math.isnan(verdict.value):
        return "no such calls"
    if one.share is not None:
        return f"{verdict.value * 100:.0f} % ({verdict.low * 100:.0f} to {verdict.high * 100:.0f})"
    reading = reads(one.measure)
    sign = "+" if one.relative else ""
    suffix = " " + reading.difference_unit if one.relative else reading.suffix
    width = (verdict.high - verdict.low) * reading.scale
    digits = 2 if one.relative or width < 0.2 else 1
    value, low, high = (
        f"{round(part * reading.scale, digits) + 0.0:{sign},.{digits}f}" for part in (verdict.value, verdict.low, verdict.high)
    )  # + 0.0: no "-0.00"
    return f"{value}{suffix}" + ("" if math.isnan(width) else f" ({low} to {high})")


def price(verdict: Verdict, seconds: float = math.nan) -> str:
    """What it would take to decide: ``about 1,600 more days, 4 s``; "" where it is decided."""
    if verdict.word != "undecided":
        return ""
    if verdict.more_days is None:
        return "no number of days would decide it" if not math.isnan(verdict.value) else ""
    time = "" if math.isnan(seconds) else f", {max(seconds * verdict.more_days / max(verdict.days, 1), 1):,.0f} s"
    return f"about {count(verdict.more_days)} more days{time}"


def _word(verdict: Verdict, seconds: float) -> str:
    more = price(verdict, seconds)
    return _NAMES[verdict.word] + (f", {more}" if more else "")


def _columns(rows: list[tuple[str, str, str]], first: int, second: int) -> list[str]:
    lines = []
    for name, value, word in rows:
        if len(name) > first:
            lines.append(name)
            name = ""
        lines.append(f"{name:<{first}}  {value:<{second}}  {word}".rstrip())
    return lines


def _short(text: str) -> str:
    text = text or "nothing"
    return text if len(text) <= _CUT else text[: _CUT - 4] + " ..."


def _level(baseline: Baseline, name: str) -> str:
    above, below = baseline.series[name]
    reading = reads(name.partition("[")[0])
    value = above.sum() / below.sum() if below.sum() else math.nan
    return "-" if math.isnan(value) else f"{value * reading.scale:,.2f}{reading.suffix}"
