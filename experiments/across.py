"""Across: every policy under each value of an input that nobody knows, the best in each, and how far a decision holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from experiments.compare import FEW_DAYS
from experiments.run import run
from experiments.statistics import Estimate, difference, ratio
from experiments.study import Study
from experiments.tasks import Progress
from experiments.values import as_number, parts, reads
from sim.scenario.scenario import Scenario


@dataclass(frozen=True)
class Column:
    """One value of the input. values : by policy; best : the policy with the best value; lead : over the second, paired

    sure : whether the lead leaves out 0, over all values together, and there are days enough
    """

    value: Any
    values: Mapping[str, Estimate]
    best: str
    second: str
    lead: Estimate
    sure: bool


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
    """Policies under each value of an input, in the order given."""

    path: str
    measure: str
    days: int
    seed: int
    columns: tuple[Column, ...]
    turns: tuple[Turn, ...]


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
    """Simulate every scenario under each value on the same callers. Raises ScenarioError for a value it cannot take."""
    cells = {f"{at}\0{name}": one.with_({path: value}) for at, value in enumerate(values) for name, one in scenarios.items()}
    results = run(Study(cells, days, seed, engine=engine, spread=()), executor=executor, progress=progress)
    sign = 1 if reads(measure).more_is_better is not False else -1
    columns = []
    for at, value in enumerate(values):
        series = {name: parts(results.tallies[f"{at}\0{name}"], measure) for name in scenarios}
        estimates = {name: ratio(*one) for name, one in series.items()}
        ranked = sorted(scenarios, key=lambda name: -sign * estimates[name].value)
        best, second = ranked[0], ranked[min(1, len(ranked) - 1)]
        lead = difference(*series[best], *series[second], families=len(values))
        sure = days >= FEW_DAYS and sign * (lead.low if sign > 0 else lead.high) > 0
        columns.append(Column(value, estimates, best, second, lead, sure))
    turns = [_turn(a, b) for a, b in pairwise(columns) if a.best != b.best]
    return Across(path, measure, days, seed, tuple(columns), tuple(turns))


def _turn(a: Column, b: Column) -> Turn:
    """Where the two policies' values cross, taken as straight lines between the two columns."""
    ends = [as_number(one.value) for one in (a, b)]
    at = None
    if ends[0] is not None and ends[1] is not None:
        gaps = [one.values[a.best].value - one.values[b.best].value for one in (a, b)]
        share = gaps[0] / (gaps[0] - gaps[1]) if gaps[0] != gaps[1] else 0.5
        at = ends[0] + share * (ends[1] - ends[0])
    return Turn(a.best, b.best, (a.value, b.value), at)
