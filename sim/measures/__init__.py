"""Measures: every one a named function of a Tally; one spelling each in Python, JSON, tables and thresholds.

``from sim.measures import answer_rate``; all take (tally, *, call_type, label, group, interval) and give a float.
"""

from __future__ import annotations

import difflib
from typing import Any

from sim.measures.callers import CALLBACKS, CALLERS, LEGS, LISTS, OFFERS, TICKETS, WITHOUT_JUNK
from sim.measures.cut import Cut
from sim.measures.days import DAYS
from sim.measures.fairness import FAIRNESS
from sim.measures.floor import COUNTS, FLOOR
from sim.measures.measure import Measure
from sim.measures.money import MONEY
from sim.measures.ratios import ANSWER_RATES, DENOMINATORS, HANDLING, SERVICE_LEVELS, SHARES, WAITS
from sim.measures.waits import PERCENTILES
from sim.scenario.errors import CallsimError

MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        *ANSWER_RATES,
        *SERVICE_LEVELS,
        *WAITS,
        *PERCENTILES,
        *SHARES,
        *HANDLING,
        *CALLERS,
        *CALLBACKS,
        *LEGS,
        *TICKETS,
        *LISTS,
        *OFFERS,
        *WITHOUT_JUNK,
        *FLOOR,
        *FAIRNESS,
        *DAYS,
        *COUNTS,
        *MONEY,
    )
}
__all__ = ["DENOMINATORS", "MEASURES", "Cut", "Measure", "find_measure"]


def find_measure(name: str) -> Measure:
    """The measure of that name; raises CallsimError with the nearest spelling."""
    if name not in MEASURES:
        close = difflib.get_close_matches(name, MEASURES, n=1)
        hint = f'did you mean "{close[0]}"?' if close else "`callsim measures` lists them"
        raise CallsimError(f'no measure "{name}"; {hint}')
    return MEASURES[name]


def __getattr__(name: str) -> Any:
    if name in MEASURES:
        return MEASURES[name]
    raise AttributeError(f"module 'sim.measures' has no attribute {name!r}")
