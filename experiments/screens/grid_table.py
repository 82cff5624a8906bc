"""Grid table: the simulated day interval by interval, as text."""

from __future__ import annotations

import math
from collections.abc import Sequence

from experiments.compare import Comparison
from experiments.grid import SERVICE_LEVEL, Grid, Interval
from experiments.screens.present import NOTHING, between, bound, count, interval_word, likely, minutes, percent, wrapped
from experiments.values import reads

_MOST_ROWS = 32  # half-hours of a long day; quarter-hours are shown in part


def grid_lines(found: Grid, comparison: Comparison, *, every: bool = False) -> list[str]:
    """The half-hour grid: a header, the intervals, the day, and why simulation and formulas differ."""
    if not found.intervals:
        return []
    target = comparison.target
    plain = any(row.reaches is not None for row in found.intervals)
    chance = bound(target, reads(target.measure)).replace(" ", "") if target is not None and plain else ""
    word = interval_word(found.length)
    tops = ("", "", "answer", "8 days", "chance" if chance else "", "mean", "occu-", "heads on", "needed by Erlang")
    lows = (word, "offered", "rate", "in 10", chance, "queue", "pancy", "phones", "C")
    lines = [_columns(tops[:8]) + "   needed, Erlang", _columns(lows[:8]) + f"{'C':>9}{'A':>8}"]
    shown = found.intervals if every else _some(found.intervals)
    lines += [_interval(row) for row in shown]
    if len(shown) < len(found.intervals):
        lines.append(f"... {len(found.intervals)} intervals; --all shows every one")
    lines.append(_interval(found.day))
    patience = "" if found.patience is None else f" and patience is {minutes(found.patience)} on average"
    lines += ladder_lines(found, shown)
    lines += wrapped(
        "why they differ",
        f"needed: heads for {SERVICE_LEVEL * 100:g} % within {found.within:g} s if this {word} went on for ever. "
        f"Erlang C: nobody hangs up; A: callers do{patience}. The simulation carries queues and busy agents over from "
        f"one {word} to the next, knows skills, lines and the swing of the day, and its heads are those planned",
    )
    return lines


def ladder_lines(found: Grid, shown: Sequence[Interval]) -> list[str]:
    """Of agents on a roster, heads by interval: how many are on shift, and why they are not on the phones."""
    if found.day.rostered is None:
        return []
    words = ("rostered", "- absent", "- on break", "- not ready", "= on phones")
    lines = ["", f"{interval_word(found.length):<13}" + "".join(f"{word:>13}" for word in words)]
    for row in (*shown, found.day):
        heads = row.rostered, row.absent, row.on_break, row.not_ready, row.phones
        lines.append(f"{row.clock:<13}" + "".join(f"{count(one, 1):>13}" for one in heads))
    return [*lines, ""]


def _some(rows: Sequence[Interval]) -> list[Interval]:
    """All of a few; of many every second, third, ... and the three worst."""
    if len(rows) <= _MOST_ROWS:
        return list(rows)
    step = -(-len(rows) // 24)
    known = [row for row in rows if not math.isnan(row.rate)]
    worst = {row.clock for row in sorted(known, key=lambda row: row.rate)[:3]}
    return [row for i, row in enumerate(rows) if i % step == 0 or row.clock in worst]


def _columns(cells: Sequence[str]) -> str:
    widths = (13, 9, 9, 12, 9, 9, 9, 10)
    first, *rest = cells
    return first.ljust(widths[0]) + "".join(cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))


def _interval(row: Interval) -> str:
    cells = (
        row.clock,
        count(row.offered),
        percent(row.rate),
        between(row.between, reads("answer_rate")),
        "" if row.reaches is None else likely(row.reaches),
        count(row.queue, 1),
        percent(row.occupancy, 0),
        count(row.phones, 1),
    )
    needed = f"{_heads(row.needed_c):>9}{_heads(row.needed_a):>8}" if row.clock != "day" else ""
    return (_columns(cells) + needed).rstrip()


def _heads(number: int | None) -> str:
    return NOTHING if number is None else str(number)
