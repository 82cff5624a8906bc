"""Across screen: policies under each assumption, as a planner reads it, and as a document.

callsim/across/1: story, input, measure, date, seed, days, parameters, sets, columns [{value, values, half_width, best, second,
  lead, lead_half_width, sure}], turns [{before, after, between, at}]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from experiments.across import Across, Column, Turn
from experiments.compare import FEW_DAYS
from experiments.data_error import Halves
from experiments.screens.present import half_width, simulated, when, wrapped
from experiments.values import Reading, reads
from sim.scenario.calendar import Calendar
from sim.scenario.units import show_duration

SCHEMA = "callsim/across/1"
_NAME, _CELL = 22, 13
_MOST_COLUMNS = 6


def across_lines(found: Across, *, title: str, calendar: Calendar) -> list[str]:
    """Lines of at most 100 columns: a column per assumption, the best marked, and up to where each is the best."""
    reading = reads(found.measure)
    text = f"{simulated(found.days, calendar.days)} each, the same callers (seed {found.seed})"
    unit = "%" if reading.scale == 100 else reading.unit
    lines = [*wrapped("", f"{title}, {when(calendar)}: {text}", indent=0), "", f"{reading.name} in {unit}, by {found.path}"]
    names = list(found.columns[0].values)
    for first in range(0, len(found.columns), _MOST_COLUMNS):
        block = found.columns[first : first + _MOST_COLUMNS]
        lines.append(" " * _NAME + "".join(f"{one.value!s:>{_CELL}}" for one in block))
        for name in names:
            cells = []
            for one in block:
                mark = "*" if name == one.best else " "
                value = one.values[name]
                cells.append(f"{value.value * reading.scale:.1f} ±{half_width(value.half_width, reading)}{mark}".rjust(_CELL))
            lines += [name.ljust(_NAME) + "".join(cells)] if len(name) < _NAME else [name, " " * _NAME + "".join(cells)]
        leads = [_lead(one, reading).rjust(_CELL) for one in block]
        lines.append("lead of the best".ljust(_NAME) + "".join(leads))
        if found.sets is not None:
            lines += _data(block, names, reading)
        lines.append("")
    best = {one.best for one in found.columns}
    if len(best) == 1 and found.days >= FEW_DAYS:
        lines += wrapped("decision", f"{best.pop()} under every assumption")
    for turn in found.turns:
        lines += wrapped("decision", _said(turn, found.path))
    read = f"*: the best; lead: over the second, paired, all {len(found.columns)} together at 95 %"
    if not all(one.sure for one in found.columns):
        few = found.days < FEW_DAYS
        read += "; ?: too few days to say" if few else "; ?: too close to call, treat them as equal"
    if found.sets is not None:
        read += "; ± is simulation and data together; data: its part, which more simulated days leave as it is"
    return lines + wrapped("read", read)


def across_document(found: Across, *, story: str, day: date) -> dict[str, Any]:
    """The table as ``callsim/across/1``."""
    return {
        "schema": SCHEMA, "story": story, "input": found.path, "measure": found.measure, "date": day.isoformat(),
        "seed": found.seed, "days": found.days, "parameters": "fixed" if found.sets is None else "uncertain",
        "sets": found.sets,
        "columns": [
            {
                "value": one.value, "values": {name: asdict(value) for name, value in one.values.items()}, "best": one.best,
                "half_width": {name: _parts(halves) for name, halves in one.halves.items()},
                "second": one.second, "lead": asdict(one.lead), "lead_half_width": _parts(one.lead_halves), "sure": one.sure,
            }
            for one in found.columns
        ],
        "turns": [asdict(one) for one in found.turns],
    }  # fmt: skip


def _data(block: Sequence[Column], names: Sequence[str], reading: Reading) -> list[str]:
    """What data error alone makes of the half-widths above, policy by policy, and of the leads."""
    lines = []
    for name in names:
        cells = "".join(f"±{_of(one.halves[name], reading)} ".rjust(_CELL) for one in block)
        label = f"data, {name}"
        lines += [label.ljust(_NAME) + cells] if len(label) < _NAME else [label, " " * _NAME + cells]
    return [*lines, "data, lead".ljust(_NAME) + "".join(f"±{_of(one.lead_halves, reading)} ".rjust(_CELL) for one in block)]


def _of(halves: Halves | None, reading: Reading) -> str:
    return "?" if halves is None else half_width(halves.data, reading)


def _parts(halves: Halves | None) -> dict[str, float] | None:
    return None if halves is None else asdict(halves)


def _lead(column: Column, reading: Reading) -> str:
    lead = f"{abs(column.lead.value) * reading.scale:.1f} ±{half_width(column.lead.half_width, reading)}"
    return lead + (" " if column.sure else "?")


def _said(turn: Turn, path: str) -> str:
    low, high = turn.between
    where = f"somewhere between {low} and {high}"
    if turn.at is not None:
        at = show_duration(round(turn.at)) if isinstance(low, str) else f"{turn.at:.4g}"
        where = f"up to about {at} (between {low} and {high})"
    return f"{turn.before} holds {where} of {path}; beyond, {turn.after}"
