"""Comparison table: policies beside their baseline in 100 columns, with what a reader must know under it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from experiments.breakdown import breakdown_lines
from experiments.compare import Comparison, Row
from experiments.data_error import Halves
from experiments.order import Reversal
from experiments.screens.present import (
    NOTHING,
    amount,
    between,
    bound,
    count,
    gain,
    half_width,
    interval_word,
    likely,
    percent,
    signed,
    simulated,
    what,
    when,
    wrapped,
)
from experiments.spread import Spread
from experiments.values import Reading, reads
from sim.scenario.calendar import Calendar

# name, value, gain, 8 in 10, chance, answered/entered, callers not served, worst interval, added cost
_SOME_HOURS, _SOME_SHARE = 0.5, 0.005  # paid hours that are worth a line
_WIDTHS = (19, 8, 13, 10, 10, 10, 10, 10, 10)


def table(
    comparison: Comparison,
    *,
    title: str,
    calendar: Calendar,
    labels: Mapping[str, str] | None = None,
    looks: int = 1,
) -> list[str]:
    """Lines of at most 100 columns. `labels` are longer names of policies, said once under the table."""
    reading = reads(comparison.measure)
    days = f"{simulated(comparison.days, calendar.days)} each, the same callers (seed {comparison.seed})"
    lines = wrapped("", f"{title}, {when(calendar)}: {days}", indent=0)
    if comparison.few_days:
        lines.append(f"FEW DAYS: {comparison.days} are too few for a verdict; try --days 100 or more")
    lines += ["", *_head(comparison, reading, interval_word(calendar.interval) if calendar.days == 1 else "day")]
    base = comparison.rows[0]
    for row in comparison.rows:
        lines += _row(row, base, reading)
    lines += breakdown_lines(comparison.by_label, comparison.measure)
    lines.append("")
    lines += _verdicts(comparison, reading, looks)
    lines += how_sure(base.spread, reading, of=base.name)
    lines += _gains(comparison, reading)
    lines += [line for found in _strongest(comparison.reversals) for line in _reversal(found)]
    lines += _money(comparison, reading)
    named = [f"{name} = {label}" for name, label in (labels or {}).items() if label and label != name]
    if named:
        lines += wrapped("names", "; ".join(named))
    lines += wrapped("read", _definitions(comparison, reading))
    return lines


def _head(comparison: Comparison, reading: Reading, worst: str) -> list[str]:
    target = comparison.target
    if target is None:
        chance = ("chance", "no target")
    elif target.measure == comparison.measure:
        chance = ("chance", bound(target, reading).replace(" ", ""))
    else:
        chance = ("chance", "of target")
    money = comparison.rows[0].cost
    first, second = ("answer", "rate") if comparison.measure == "answer_rate" else ("", reading.unit)
    tops = ("", first, "gain over", "8 days", chance[0], "answered", "callers", "worst", "added cost"[:9])
    lows = ("", second, "baseline", "in 10", chance[1], "/entered", "not srvd", worst[:9], money.currency)
    if comparison.measure != "answer_rate":
        tops = (comparison.measure, *tops[1:])
    if money.money is not None:
        tops = (*tops[:-1], "added")
        lows = (*lows[:-1], f"cost {money.currency}".strip()[:9])
    else:
        tops, lows = (*tops[:-1], ""), (*lows[:-1], "")
    return [_line(tops), _line(lows)]


def _line(cells: tuple[str, ...]) -> str:
    name, *rest = cells
    line = name.ljust(_WIDTHS[0]) + "".join(cell.rjust(width) for cell, width in zip(rest, _WIDTHS[1:], strict=True))
    return line.rstrip()


def _row(row: Row, base: Row, reading: Reading) -> list[str]:
    worst = NOTHING if row.worst is None else f"{_short(row.worst.name)} {row.worst.rate * 100:3.0f}"
    added = ""
    if row.gain is not None and row.cost.money is not None and base.cost.money is not None:
        added = count(row.cost.money - base.cost.money)
    cells = (
        row.name,
        amount(row.value.value, reading),
        "" if row.gain is None else gain(row.gain, reading),
        between(row.days_between, reading),
        likely(row.reaches),
        NOTHING if math.isnan(row.answered_entered.value) else f"{row.answered_entered.value * 100:.1f}",
        count(row.callers_not_served),
        worst,
        added,
    )
    if len(row.name) < _WIDTHS[0]:
        return [_line(cells)]
    return [row.name, _line(("", *cells[1:]))]  # a long name has a line of its own, so that no column moves


def _short(place: str) -> str:
    """A clock time as it is, a date as ``03-13``."""
    return place[5:] if place.count("-") == 2 else place


def _verdicts(comparison: Comparison, reading: Reading, looks: int) -> list[str]:
    if not comparison.policies:
        return []
    found: dict[str, list[str]] = {}
    for row in comparison.policies:
        found.setdefault(str(row.verdict), []).append(row.name)
    margin = f"{comparison.margin * reading.scale:g}{' points' if reading.scale == 100 else reading.suffix}"
    parts = []
    for word in ("better", "more", "equal", "less", "worse", "undecided"):
        if word in found:
            about = {"equal": f" (within {margin}: treat as equal)", "undecided": " (too close to call)"}.get(word, "")
            parts.append(f"{word}{about}: {', '.join(found[word])}")
    if comparison.few_days:
        parts = ["none with so few days"]
    shared = f"; gains hold together at {comparison.level * 100:g} %"
    shared += f", over {looks} looks" if looks > 1 else ""
    return wrapped("verdict", "; ".join(parts) + shared)


def how_sure(found: Spread, reading: Reading, *, of: str = "") -> list[str]:
    """The spreads apart, and what would make the answer surer."""
    label, of = "how sure", f"{of}: " if of else ""
    noise = f"simulation noise ±{half_width(found.noise, reading)}"
    luck = f"luck of the day ±{half_width(found.luck, reading)}"
    if found.data is not None:
        whole = half_width(math.hypot(found.noise, found.data), reading)
        parts = _halves(Halves(found.noise, found.data), reading)
        return [
            *wrapped(label, f"{of}±{whole} ({parts}); {luck} (8 days in 10)"),
            *wrapped("", "more simulated days make simulation smaller; more recorded days, data"),
        ]
    if found.unknown is None:
        return [
            *wrapped(label, f"{of}{noise}; {luck} (8 days in 10)"),
            *wrapped("", "Simulation error only: no input is given as a range"),
        ]
    lines = wrapped(label, f"{of}{noise}; {luck}; unknown inputs ±{half_width(found.unknown, reading)} (8 days in 10)")
    if found.inputs and found.unknown_share is not None and not math.isnan(found.unknown_share):
        path, share = found.inputs[0]
        more = ": more simulated days will not help" if share >= 0.5 else ""
        lines += wrapped("", f"{share * 100:.0f} % of the spread between days is {path}{more}")
    return lines


def _halves(halves: Halves, reading: Reading) -> str:
    """``simulation ±0.3, data ±0.8``."""
    return f"simulation ±{half_width(halves.simulation, reading)}, data ±{half_width(halves.data, reading)}"


def _gains(comparison: Comparison, reading: Reading) -> list[str]:
    """What makes each gain unsure, where parameters are uncertain."""
    parts = [
        f"{row.name} ±{half_width(row.gain.half_width, reading)} ({_halves(row.gain_halves, reading)})"
        for row in comparison.policies
        if row.gain is not None and row.gain_halves is not None
    ]
    return wrapped("gains", "; ".join(parts)) if parts else []


def _strongest(found: tuple[Reversal, ...]) -> list[Reversal]:
    """One reversal per pair of scenarios, the widest; three lines are enough to be warned."""
    pairs: dict[tuple[str, str], Reversal] = {}
    for one in sorted(found, key=lambda reversal: -min(reversal.gap, reversal.other_gap)):
        pairs.setdefault((one.ahead, one.behind), one)
    return list(pairs.values())[:3]


def _reversal(found: Reversal) -> list[str]:
    main, other = reads(found.measure), reads(found.other)
    text = (
        f"{found.ahead} is before {found.behind} by {found.measure} ({signed(found.gap, main)}), "
        f"but behind by {found.other} ({signed(-found.other_gap, other)})"
    )
    return wrapped("", f"ORDER DEPENDS ON THE MEASURE: {text}", indent=0)


def _money(comparison: Comparison, reading: Reading) -> list[str]:
    base = comparison.rows[0]
    parts = []
    for row in comparison.policies:
        if row.cost.paid_hours is None or base.cost.paid_hours is None or row.gain is None:
            continue
        hours = row.cost.paid_hours - base.cost.paid_hours
        if abs(hours) < max(_SOME_HOURS, base.cost.paid_hours * _SOME_SHARE):
            continue  # who finishes a call a little later is no change of staffing
        text = f"{row.name} {hours:+,.1f} paid hours"
        if hours > 0:
            text += f", {signed(row.gain.value / hours, reading, 2)} {reading.difference_unit} per added hour"
        parts.append(text)
    label = "hours a day" if comparison.horizon == 1 else f"hours in {comparison.horizon} days"
    lines = wrapped(label, "; ".join(parts)) if parts else []
    offers = [(row.name, row.cost.offers - base.cost.offers) for row in comparison.policies]
    if any(abs(more) >= 1 for _, more in offers):
        text = "; ".join(f"{name} {more:+,.0f} {base.cost.currency}".rstrip() for name, more in offers if abs(more) >= 1)
        lines += wrapped("offers taken", f"{text} in value; not in the cost")
    return lines


def _definitions(comparison: Comparison, reading: Reading) -> str:
    what_is = "simulation noise only" if comparison.sets is None else "simulation and data together"
    text = f"{comparison.measure} = {reading.formula}; ± is {what_is}; callers not served: per day"
    if comparison.horizon > 1:
        text += f"; hours and cost: of all {comparison.horizon} days"
    target = comparison.target
    if target is not None:
        other = reads(target.measure)
        reached = [row for row in comparison.rows if row.reaches is not None]
        text += f"; chance of {what(target)} {bound(target, other)} on a day"
        widest = max(reached, key=lambda row: row.reaches.high - row.reaches.low if row.reaches else 0.0)
        if widest.reaches is not None:
            text += f", e.g. {widest.name} {percent(widest.reaches.low, 0)} to {percent(widest.reaches.high, 0)}"
    return text + "; callsim measures lists all definitions"
