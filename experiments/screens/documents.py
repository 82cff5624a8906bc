"""Documents: results as plain tables for `--json`. A key may be added within a version; none changes or goes.

Shares are from 0 to 1, times seconds, clock times "10:30"; null is 0/0, not recorded or not asked for. An estimate is
{value, low, high}, a chance {value, low, high, hits, days}, `between` the ends of where 8 days in 10 lie.

callsim/run/1: scenario, date, horizon, seed, days, measure, level, parameters, sets, result, target, measures, by_day,
  intervals, needed, assumed
callsim/compare/1: story, date, horizon, seed, days, measure, level, parameters, sets, margin, baseline, target, precision,
  rows, reversals, by_label, method
  a row or `result`: name, label, value, gain, verdict, between, chance, answered_entered, callers, callers_not_served,
  worst {clock or date, answer_rate}, paid_hours, cost, currency, spread {noise, data, luck, luck_between, unknown,
  unknown_share, inputs}, variance_reduction, half_width and gain_half_width {simulation, data}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from experiments.compare import Comparison, Row
from experiments.data_error import METHOD as DATA_METHOD
from experiments.days import DayRow
from experiments.grid import SERVICE_LEVEL, Grid
from experiments.spread import METHOD
from experiments.values import Worst
from sim.scenario.calendar import Calendar
from sim.scenario.costs import Target

RUN = "callsim/run/1"
COMPARE = "callsim/compare/1"


def compare_document(
    comparison: Comparison, *, story: str, calendar: Calendar, labels: Mapping[str, str], precision: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A comparison as ``callsim/compare/1``."""
    return {
        "schema": COMPARE,
        "story": story,
        **_head(comparison, calendar),
        "margin": comparison.margin,
        "baseline": comparison.baseline,
        "precision": precision,
        "few_days": comparison.few_days,
        "rows": [_row(row, labels.get(row.name, row.name)) for row in comparison.rows],
        "reversals": [asdict(found) for found in comparison.reversals],
        "by_label": [asdict(found) for found in comparison.by_label],
        "method": METHOD if comparison.sets is None else f"{METHOD}; {DATA_METHOD}",
    }


def run_document(
    comparison: Comparison,
    found: Grid,
    measures: Mapping[str, float],
    *,
    story: str,
    label: str,
    calendar: Calendar,
    by_day: Sequence[DayRow],
    assumed: list[str],
) -> dict[str, Any]:
    """A single scenario as ``callsim/run/1``; `measures` are all measures of all days together."""
    return {
        "schema": RUN,
        "story": story,
        "scenario": label,
        **_head(comparison, calendar),
        "few_days": comparison.few_days,
        "result": _row(comparison.rows[0], label),
        "measures": dict(measures),
        "by_day": [asdict(row) | {"date": row.date.isoformat()} for row in by_day],
        "intervals": [asdict(row) for row in (*found.intervals, found.day)],
        "needed": {"service_level": SERVICE_LEVEL, "within": found.within, "patience": found.patience},
        "assumed": assumed,
        "method": METHOD if comparison.sets is None else f"{METHOD}; {DATA_METHOD}",
    }


def _head(comparison: Comparison, calendar: Calendar) -> dict[str, Any]:
    return {
        "date": calendar.start.isoformat(),
        "horizon": calendar.days,
        "seed": comparison.seed,
        "days": comparison.days,
        "measure": comparison.measure,
        "level": comparison.level,
        "parameters": "fixed" if comparison.sets is None else "uncertain",
        "sets": comparison.sets,
        "target": _target(comparison.target),
    }


def _place(worst: Worst) -> str:
    return "date" if worst.name.count("-") == 2 else "clock"


def _target(target: Target | None) -> dict[str, Any] | None:
    return None if target is None else target.model_dump(mode="json", exclude_none=True)


def _row(row: Row, label: str) -> dict[str, Any]:
    return {
        "name": row.name,
        "label": label,
        "value": asdict(row.value),
        "gain": None if row.gain is None else asdict(row.gain),
        "verdict": row.verdict,
        "between": list(row.days_between),
        "chance": None if row.reaches is None else asdict(row.reaches),
        "answered_entered": asdict(row.answered_entered),
        "callers": row.callers,
        "callers_not_served": row.callers_not_served,
        "worst": None if row.worst is None else {_place(row.worst): row.worst.name, "answer_rate": row.worst.rate},
        "paid_hours": row.cost.paid_hours,
        "cost": row.cost.money,
        "currency": row.cost.currency,
        "spread": {
            "noise": row.spread.noise,
            "data": row.spread.data,
            "luck": row.spread.luck,
            "luck_between": list(row.spread.luck_range),
            "unknown": row.spread.unknown,
            "unknown_share": row.spread.unknown_share,
            "inputs": [{"path": path, "share": share} for path, share in row.spread.inputs],
        },
        "variance_reduction": row.pairing,
        "half_width": None if row.halves is None else asdict(row.halves),
        "gain_half_width": None if row.gain_halves is None else asdict(row.gain_halves),
    }
