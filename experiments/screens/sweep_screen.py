"""Sweep screen: the cells of a study in order of their first measure, and all of them as columns.

callsim/sweep/1: study, baseline, days, new, seed, parameters, sets, level, precision, reached, data, model_version, measures,
  cells [{name, story, policy, factors, values, half_width, gains, gain_half_width, verdict, paid_hours, cost, front,
  thresholds}], files
"""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from experiments.data_error import Halves
from experiments.identity import MODEL_VERSION
from experiments.screens.gate_formats import verdict_table
from experiments.screens.present import count, gain, half_width, simulated, wrapped
from experiments.sensitivity import sobol, tornado
from experiments.sweep import Row, Swept
from experiments.verdicts import overall

SCHEMA = "callsim/sweep/1"
_MOST_ROWS = 20
_NAME = 40
_FURTHER = 4  # measures after the first that stand beside each other


def sweep_lines(found: Swept) -> list[str]:
    """Lines of at most 100 columns: what was simulated, the best cells, how to read them."""
    plan, first = found.plan, found.plan.first.reading
    stored = found.simulated - found.new
    text = f"{len(found.rows):,} cells, {simulated(found.days, plan.horizon)} each, the same callers (seed {plan.seed})"
    lines = [f"{plan.title}: {text}", ""]
    title = first.name if len(first.name) <= 18 else first.name[:17] + "."
    over = "gain over" if len(found.rows) > 1 else ""
    lines.append(f"{'':<{_NAME}}{title:>18}{over:>14}{'':>11}{'paid':>9}")
    unit = "%" if first.scale == 100 else first.unit
    lines.append(f"{'':<{_NAME}}{unit:>18}{'baseline' if over else '':>14}{'':>11}{'hours':>9}")
    rows = ordered(found)
    lines += [line for row in rows[:_MOST_ROWS] for line in _row(row, found)]
    if len(rows) > _MOST_ROWS:
        lines.append(f"... {len(rows) - _MOST_ROWS:,} more cells in the files")
    lines += data_lines(found) + further_lines(found)
    if plan.method == "one at a time":
        lines += lever_lines(found)
    if plan.method == "sobol indices":
        lines += index_lines(found)
    lines.append("")
    lines += wrapped("baseline", plan.baseline)
    lines += wrapped("computed", f"{found.new:,} days now" + (f", {stored:,} were stored" if stored else ""))
    if plan.thresholds:
        words = [overall(row.thresholds) for row in found.rows]
        said = ", ".join(f"{words.count(word):,} {word}" for word in ("met", "missed", "undecided") if word in words)
        lines += wrapped("thresholds", f"{said} of {len(words):,} cells")
    if found.selection is not None:
        lines += selection_lines(found)
    elif not found.reached:
        why = "" if found.data is None else f"; data alone makes ±{half_width(found.data, first)}, however many days"
        lines += wrapped("precision", f"not reached in {found.days:,} days{why}")
    both = "" if plan.sets is None else "is simulation and data, "
    lines += wrapped(
        "read",
        f"{first.formula}; ± {both}at 95 %, of all gains together. *: on the front: no other cell has a better "
        f"{first.name} for as {'little money' if plan.front == 'cost' else 'few paid hours'}",
    )
    return lines


def data_lines(found: Swept) -> list[str]:
    """Where parameters are uncertain: what data error alone makes of the half-widths of the first measure."""
    plan = found.plan
    if plan.sets is None or plan.first.is_chance:
        return []
    first, reading = plan.measures[0], plan.first.reading
    lines = ["", f"{'of which data':<{_NAME}}{'value':>18}{'gain':>14}"]
    for row in ordered(found)[:_MOST_ROWS]:
        cells = [
            "" if halves is None else f"±{half_width(halves.data, reading)}"
            for halves in (row.halves.get(first), row.gain_halves.get(first))
        ]
        tail = f"{cells[0]:>18}{cells[1]:>14}"
        name = row.cell.name
        lines += [f"{name:<{_NAME}}{tail}".rstrip()] if len(name) < _NAME else [name[:99], f"{'':<{_NAME}}{tail}".rstrip()]
    return lines + wrapped("", "more simulated days make simulation smaller; more recorded days, data")


def further_lines(found: Swept) -> list[str]:
    """The measures after the first, as many as fit beside each other, for the same cells."""
    shown = found.plan.measures[1 : _FURTHER + 1]
    if not shown:
        return []
    numbers = [f"({at})" for at in range(2, len(shown) + 2)]
    lines = ["", " " * _NAME + "".join(f"{number:>14}" for number in numbers)]
    for row in ordered(found)[:_MOST_ROWS]:
        cells = "".join(f"{_value(row, found, measure):>14}" for measure in shown)
        name = row.cell.name
        lines += [f"{name:<{_NAME}}{cells}"] if len(name) < _NAME else [name[:99], " " * _NAME + cells]
    units = [found.plan.quantities[measure].reading.suffix for measure in shown]
    said = [f"{number} {measure},{unit}" for number, measure, unit in zip(numbers, shown, units, strict=True)]
    return lines + wrapped("", "; ".join(said))


def selection_lines(found: Swept) -> list[str]:
    """Which cell was chosen, and what is promised of it."""
    one = found.selection
    if one is None:
        return []
    reading = found.plan.first.reading
    margin = f"{one.told * reading.scale:.2g} {reading.difference_unit}"
    text = f"{one.best}: if the best is better than all others by {margin}, this is it with a chance of {one.chance * 100:g} %"
    if not one.promised:
        asked = f"{one.margin * reading.scale:g} {reading.difference_unit}"
        text += f"; for {asked} {count(one.needed)} days are needed, {count(one.days)} were allowed"
    return wrapped("best", text)


def lever_lines(found: Swept) -> list[str]:
    """The tornado of a study with design "one at a time": how far each lever moves the first measure, alone."""
    reading = found.plan.first.reading
    unit = reading.difference_unit
    lines = ["", f"{'lever, alone':<{_NAME}}{'from':>17}{'to':>17}{'per unit':>12}{'per paid hour':>14}"]
    for one in tornado(found.plan, found.rows):
        ends = [f"{'as it is' if end is None else end}: {gain_.value * reading.scale:+.1f}" for end, gain_ in
                zip(one.ends, (one.low, one.high), strict=True)]  # fmt: skip
        rates = [_rate(number * reading.scale) for number in (one.per_unit, one.per_hour)]
        name = one.path if len(one.path) < _NAME else "..." + one.path[-_NAME + 4 :]
        lines.append(f"{name:<{_NAME}}{ends[0]:>17}{ends[1]:>17}{rates[0]:>12}{rates[1]:>14}")
    said = f"in {unit} over the day as it is, on the same callers; a unit is a head, a line, a second of a duration, ..."
    return lines + wrapped("", said)


def index_lines(found: Swept) -> list[str]:
    """Sobol's indices of a study with that design."""
    lines = ["", f"{'share of the variance':<{_NAME}}{'alone':>24}{'with all others':>24}"]
    for one in sobol(found.plan, found.rows):
        cells = [f"{e.value:.2f} ({e.low:.2f} to {e.high:.2f})" for e in (one.first, one.total)]
        name = one.path if len(one.path) < _NAME else "..." + one.path[-_NAME + 4 :]
        lines.append(f"{name:<{_NAME}}{cells[0]:>24}{cells[1]:>24}")
    said = f"Sobol's indices from {found.plan.points} points, intervals by bootstrap at 95 %; factors even over their spans"
    return lines + wrapped("", said)


def _rate(number: float) -> str:
    return "-" if math.isnan(number) else f"{number:+.3g}"


def ordered(found: Swept) -> list[Row]:
    """The cells, the best in the first measure first; those without a value last."""
    first = found.plan.measures[0]
    sign = -1 if found.plan.first.reading.more_is_better is not False else 1

    def place(row: Row) -> tuple[bool, float]:
        value = row.values[first].value
        return math.isnan(value), sign * value if not math.isnan(value) else 0.0

    return sorted(found.rows, key=place)


def sweep_columns(found: Swept) -> dict[str, list[Any]]:
    """One row per cell in the order of the study: names, factors, measures with the ends of their intervals."""
    rows, plan = found.rows, found.plan
    columns: dict[str, list[Any]] = {
        "cell": [row.cell.name for row in rows],
        "story": [row.cell.story for row in rows],
        "policy": [row.cell.policy for row in rows],
    }
    for path in plan.factors:
        columns[path] = [row.cell.point.get(path) for row in rows]
    for measure in plan.measures:
        estimates, gains = [row.values[measure] for row in rows], [row.gains[measure] for row in rows]
        columns |= {
            measure: [one.value for one in estimates],
            f"{measure} low": [one.low for one in estimates],
            f"{measure} high": [one.high for one in estimates],
            f"{measure} gain": [None if one is None else one.value for one in gains],
            f"{measure} gain low": [None if one is None else one.low for one in gains],
            f"{measure} gain high": [None if one is None else one.high for one in gains],
        }
        if plan.sets is not None:
            columns |= {
                f"{measure} data": [_data(row.halves.get(measure)) for row in rows],
                f"{measure} gain data": [_data(row.gain_halves.get(measure)) for row in rows],
            }
    columns |= {
        "verdict": [row.verdict for row in rows],
        "paid_hours": [row.hours for row in rows],
        "cost": [row.money for row in rows],
        "front": [row.front for row in rows],
    }
    for at, one in enumerate(plan.thresholds):
        columns[one.text] = [row.thresholds[at].word for row in rows]
    columns["days"] = [found.days] * len(rows)
    return columns


def sweep_document(found: Swept, *, files: list[str]) -> dict[str, Any]:
    """The sweep as ``callsim/sweep/1``."""
    plan = found.plan
    return {
        "schema": SCHEMA, "study": plan.title, "baseline": plan.baseline, "days": found.days, "new": found.new,
        "seed": plan.seed, "parameters": "fixed" if plan.sets is None else "uncertain", "sets": plan.sets,
        "level": found.level, "precision": plan.precision, "reached": found.reached, "data": found.data,
        "model_version": MODEL_VERSION, "measures": list(plan.measures),
        "cells": [
            {
                "name": row.cell.name, "story": row.cell.story, "policy": row.cell.policy, "factors": row.cell.point,
                "values": {name: asdict(one) for name, one in row.values.items()},
                "half_width": {name: None if one is None else asdict(one) for name, one in row.halves.items()},
                "gains": {name: None if one is None else asdict(one) for name, one in row.gains.items()},
                "gain_half_width": {name: None if one is None else asdict(one) for name, one in row.gain_halves.items()},
                "verdict": row.verdict, "paid_hours": row.hours, "cost": row.money, "front": row.front,
                "thresholds": [verdict_table(one) for one in row.thresholds],
            }
            for row in found.rows
        ],
        "files": files, "selection": None if found.selection is None else asdict(found.selection), **extra_document(found),
    }  # fmt: skip


def _data(halves: Halves | None) -> float | None:
    return None if halves is None else halves.data


def extra_document(found: Swept) -> dict[str, Any]:
    """What a design brings beside its cells: `levers` or `indices`."""
    if found.plan.method == "one at a time":
        return {"levers": [asdict(one) for one in tornado(found.plan, found.rows)]}
    if found.plan.method == "sobol indices":
        return {"indices": [asdict(one) for one in sobol(found.plan, found.rows)]}
    return {}


def _row(row: Row, found: Swept) -> list[str]:
    first = found.plan.measures[0]
    reading = found.plan.first.reading
    more = row.gains[first]
    shown = _value(row, found, first)
    gained = "" if more is None else gain(more, reading)
    mark = "*" if row.front else ""
    name = row.cell.name
    tail = f"{shown:>18}{gained:>14}{row.verdict or '':>11}{count(row.hours, 1):>9} {mark}"
    return [f"{name:<{_NAME}}{tail}".rstrip()] if len(name) < _NAME else [name[:99], f"{'':<{_NAME}}{tail}".rstrip()]


def _value(row: Row, found: Swept, measure: str) -> str:
    value, asked = row.values[measure], found.plan.quantities[measure]
    if math.isnan(value.value):
        return "-"
    if asked.is_chance:
        return f"{value.value * 100:.0f} ({value.low * 100:.0f}-{value.high * 100:.0f})"
    return f"{value.value * asked.reading.scale:.1f} ±{half_width(value.half_width, asked.reading)}"
