"""Across: every policy under each value of an input that nobody knows, the best in each, and how far a decision holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from experiments.compare import FEW_DAYS
from experiments.data_error import Halves, known_of, sets_of
from experiments.run import run
from experiments.statistics import Estimate
from experiments.study import Study
from experiments.tasks import Progress
from experiments.values import as_number, reads
from sim.scenario.scenario import Scenario


@dataclass(frozen=True)
class Column:
    """One value of the input. values : by policy; best : the policy with the best value; lead : over the second, paired

    sure : whether the lead leaves out 0, over all values together, and there are days enough
    halves, lead_halves : simulation and data in the half-widths of values and lead; None where inputs are fixed
    """

    value: Any
    values: Mapping[str, Estimate]
    best: str
    second: str
    lead: Estimate
    sure: bool
    halves: Mapping[str, Halves | None] = field(default_factory=dict)
    lead_halves: Halves | None = None


@dataclass(frozen=True)
class Turn:
    """The best policy changes from `before` to `after` between two values of the input; `at` is where their lines cross,
    None where the values are no numbers or durations (seconds).
    """

    before: str
    after: str
    between: tuple[Any, Any]
    at: float | None


@dataclass(frozen=True)
class Across:
    """Policies under each value of an input, in the order given; sets : of uncertain parameters, None where inputs are fixed."""

    path: str
    measure: str
    days: int
    seed: int
    columns: tuple[Column, ...]
    turns: tuple[Turn, ...]
    sets: int | None = None


def across(
    scenarios: Mapping[str, Scenario],
    path: str,
    values: Sequence[Any],
    *,
    measure: str = "answer_rate",
    days: int = 100,
    seed: int = 1,
    engine: str = "compiled",
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Across:
    """Simulate every scenario under each value on the same callers. Raises ScenarioError for a value it cannot take.

    Where parameters are uncertain the value stands in every set, and intervals hold data error too.
    """
    cells = {f"{at}\0{name}": one.with_({path: value}) for at, value in enumerate(values) for name, one in scenarios.items()}
    twice = tuple(name for name, one in cells.items() if one.parameters is not None)  # so that data error can be told
    results = run(Study(cells, days, seed, engine=engine, spread=twice), executor=executor, progress=progress)
    sign = 1 if reads(measure).more_is_better is not False else -1
    columns = []
    for at, value in enumerate(values):
        found = {name: known_of(results, f"{at}\0{name}", measure) for name in scenarios}
        estimates = {name: one.estimate for name, one in found.items()}
        ranked = sorted(scenarios, key=lambda name: -sign * estimates[name].value)
        best, second = ranked[0], ranked[min(1, len(ranked) - 1)]
        lead, parts = known_of(results, f"{at}\0{best}", measure, over=f"{at}\0{second}", families=len(values))
        sure = days >= FEW_DAYS and sign * (lead.low if sign > 0 else lead.high) > 0
        halves = {name: one.halves for name, one in found.items()}
        columns.append(Column(value, estimates, best, second, lead, sure, halves, parts))
    turns = [_turn(a, b) for a, b in pairwise(columns) if a.best != b.best]
    return Across(path, measure, days, seed, tuple(columns), tuple(turns), sets_of(results, *cells))


def _turn(a: Column, b: Column) -> Turn:
    """Where the two policies' values cross, taken as straight lines between the two columns."""
    ends = [as_number(one.value) for one in (a, b)]
    at = None
    if ends[0] is not None and ends[1] is not None:
        gaps = [one.values[a.best].value - one.values[b.best].value for one in (a, b)]
        share = gaps[0] / (gaps[0] - gaps[1]) if gaps[0] != gaps[1] else 0.5
        at = ends[0] + share * (ends[1] - ends[0])
    return Turn(a.best, b.best, (a.value, b.value), at)
