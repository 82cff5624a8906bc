"""Present: numbers as a planner reads them. Pure functions from values to text; 0/0 is a dash."""

from __future__ import annotations

import math
from datetime import date

from experiments.statistics import Chance, Estimate
from experiments.values import Reading
from sim.scenario.calendar import Calendar
from sim.scenario.costs import Target
from sim.scenario.range import Range

NOTHING = "-"
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def percent(share: float | None, digits: int = 1) -> str:
    """``0.582`` as ``58.2 %``."""
    return NOTHING if share is None or math.isnan(share) else f"{share * 100:.{digits}f} %"


def count(number: float | None, digits: int = 0) -> str:
    """``3025.4`` as ``3,025``."""
    if number is None or math.isnan(number):
        return NOTHING
    text = f"{number:,.{digits}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.,") else text  # no "-0"


def days(number: int) -> str:
    """``1 day``, ``8 days``."""
    return f"{number:,} day" + "s" * (number != 1)


def amount(value: float | None, reading: Reading, digits: int = 1) -> str:
    """A value of the measure in its unit, without the unit: shares in percent."""
    return count(None if value is None else value * reading.scale, digits)


def signed(value: float, reading: Reading, digits: int = 1) -> str:
    """``+8.4``; shares in points."""
    if math.isnan(value):
        return NOTHING
    text = f"{value * reading.scale:+.{digits}f}"
    return "0." + "0" * digits if not text.strip("+-0.") else text


def gain(estimate: Estimate, reading: Reading) -> str:
    """``+8.4 ±0.1``."""
    if math.isnan(estimate.half_width):
        return f"{signed(estimate.value, reading)} ±?"
    return f"{signed(estimate.value, reading)} ±{half_width(estimate.half_width, reading)}"


def half_width(width: float, reading: Reading) -> str:
    """Rounded up, so that no interval looks narrower than it is: 0.041 points is ``0.1``, exactly 0 is ``0.0``."""
    if math.isnan(width):
        return "?"
    return f"{math.ceil(width * reading.scale * 10 - 1e-9) / 10:.1f}"


def between(ends: tuple[float, float], reading: Reading) -> str:
    """``50-69``: where 8 days in 10 lie; one digit where whole numbers would show no width."""
    low, high = (end * reading.scale for end in ends)
    if math.isnan(low):
        return NOTHING
    digits = 0 if high - low >= 2 else 1
    return f"{low:.{digits}f}-{high:.{digits}f}".replace("100.0", "100")


def likely(found: Chance | None) -> str:
    """``37 %``; never 0 % or 100 % where some days were the other way."""
    if found is None or found.days == 0:
        return NOTHING
    whole = round(found.value * 100)
    if whole == 0 and found.hits:
        return "<1 %"
    return ">99 %" if whole == 100 and found.hits < found.days else f"{whole} %"


def bound(target: Target, reading: Reading) -> str:
    """``>= 85 %``."""
    sign, limit = (">=", target.at_least) if target.at_least is not None else ("<=", target.at_most)
    if limit is None or isinstance(limit, Range):
        return f"{sign} ?"
    return f"{sign} {limit * reading.scale:g}{reading.suffix}"


def what(target: Target) -> str:
    """``answer_rate[call_type=faults]``."""
    cuts = [f"call_type={target.call_type}"] if target.call_type else []
    cuts += [f"group={target.group}"] if target.group else []
    cuts += [target.label] if target.label else []
    return target.measure + (f"[{', '.join(cuts)}]" if cuts else "")


def minutes(seconds: float) -> str:
    """``275`` as ``4 min 35 s``."""
    if math.isnan(seconds):
        return NOTHING
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def weekday(day: date) -> str:
    """``Thursday 2026-03-12``, in English whatever the locale."""
    return f"{_DAYS[day.weekday()]} {day.isoformat()}"


def when(calendar: Calendar) -> str:
    """``Thursday 2026-03-12``, or the first and the last of connected days."""
    first, last = calendar.dates[0], calendar.dates[-1]
    return weekday(first) if first == last else f"{weekday(first)} to {weekday(last)}"


def simulated(replications: int, days: int) -> str:
    """``100 simulated days``, or ``100 simulations of 5 connected days``."""
    s = "" if replications == 1 else "s"
    return f"{replications:,} simulated day{s}" if days == 1 else f"{replications:,} simulation{s} of {days} connected days"


def interval_word(seconds: float) -> str:
    """What planners call an interval of this length."""
    return {1800.0: "half-hour", 900.0: "quarter-hour", 3600.0: "hour"}.get(seconds, "interval")


def an(word: str) -> str:
    """``an hour``, ``a half-hour``: what an `interval_word` is with its article."""
    return f"{'an' if word in ('hour', 'interval') else 'a'} {word}"


def wrapped(label: str, text: str, *, indent: int = 19, width: int = 100) -> list[str]:
    """A labeled paragraph: the label in the margin, the text beside it in lines of at most `width` columns."""
    import textwrap

    lines = textwrap.wrap(text, width - indent, break_long_words=False, break_on_hyphens=False) or [""]
    return [(label if i == 0 else "").ljust(indent) + line for i, line in enumerate(lines)]
