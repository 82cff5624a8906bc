"""Measure list: every measure with its formula and unit, and which outcome each denominator counts."""

from __future__ import annotations

from typing import Any

from experiments.screens.present import wrapped
from sim.measures import DENOMINATORS, MEASURES
from sim.tally.measuring import Measuring
from sim.tally.tally import Count

MEASURE_LIST = "callsim/measures/1"
# what is counted beside outcomes: parts of them, or sums
_OUTCOMES = tuple(one for one in Count if any(one in counted for counted in DENOMINATORS.values()))
_INDENT = 48  # columns before the formula
_BETTER = {"high": "more", "low": "less", None: ""}
_STANDARD = Measuring()
_WORDS = (
    f"T = {_STANDARD.within:g} s and the short limit = {_STANDARD.short_abandon:g} s unless a study's Measuring says "
    "otherwise; still_waiting and still_in_ivr: the record ends while the call is there; 0/0 is printed as a dash"
)


def measure_lines() -> list[str]:
    """Lines of at most 100 columns."""
    lines = ["Measures: one spelling in Python, JSON, tables and --measure", ""]
    lines.append(_line("measure", "unit", "better", "formula"))
    for measure in MEASURES.values():
        first, *more = wrapped("", measure.formula, indent=0, width=100 - _INDENT)
        lines.append(_line(measure.name, measure.unit, _BETTER[measure.better], first))
        lines += [" " * _INDENT + line for line in more]
    lines += ["", *wrapped("", _WORDS, indent=0)]
    lines += ["", "Which outcome is in which denominator", ""]
    lines.append(f"{'outcome':<18}" + "".join(name.rjust(11) for name in DENOMINATORS))
    for outcome in _OUTCOMES:
        marks = ("x" if outcome in counted else "" for counted in DENOMINATORS.values())
        lines.append((f"{outcome.name.lower():<18}" + "".join(mark.rjust(11) for mark in marks)).rstrip())
    return lines


def measure_document() -> dict[str, Any]:
    """``callsim/measures/1``: measures {name, title, formula, unit, better} and denominators {name: outcomes}."""
    return {
        "schema": MEASURE_LIST,
        "measures": [
            {"name": one.name, "title": one.title, "formula": one.formula, "unit": one.unit, "better": one.better}
            for one in MEASURES.values()
        ],
        "denominators": {name: [one.name.lower() for one in counted] for name, counted in DENOMINATORS.items()},
    }


def _line(name: str, unit: str, better: str, formula: str) -> str:
    return f"{name:<31}{unit:<9}{better:<8}{formula}".rstrip()
