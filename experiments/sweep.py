"""Sweep: every cell of a study simulated into a store, and what each cell's measures are beside the baseline's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from experiments.compare import MARGIN, VerdictWord, verdict
from experiments.run import fill
from experiments.selection import Selection, days_needed, told
from experiments.sequential import looks
from experiments.statistics import Estimate, difference
from experiments.store import Store
from experiments.study import Study
from experiments.study_file import Cell, Plan
from experiments.tasks import TASK_CALLS, Progress
from experiments.values import paid
from experiments.verdicts import Series, Verdict, judge, series_of
from sim.tally import Tally

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Row:
    """One cell. values, gains : by measure; the gain of the baseline is None, and so is its verdict

    verdict : of the first measure; front : whether no other cell is as good in it for fewer paid hours (or less money)
    hours, money : per day, NaN where nothing is paid; thresholds : one word per threshold
    """

    cell: Cell
    values: dict[str, Estimate]
    gains: dict[str, Estimate | None]
    verdict: VerdictWord | None
    hours: float
    money: float
    front: bool
    thresholds: tuple[Verdict, ...]


@dataclass(frozen=True, eq=False)
class Swept:
    """What a sweep found. level : of the gains in each measure together; new : days simulated now, others were stored."""

    plan: Plan
    rows: tuple[Row, ...]
    days: int
    new: int
    level: float
    reached: bool
    selection: Selection | None = None


def sweep(
    plan: Plan,
    store: Store,
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
    task_calls: int = TASK_CALLS,
) -> Swept:
    """Simulate what the store does not hold, then read off every cell; one cell's tally is in memory at a time.

    With `plan.select` as many days are added as choosing the best cell needs. With a precision days are added, in looks
    fixed in advance, until every gain in the first measure (the value, with one cell) is known to it. Raises as
    `experiments.run.fill`.
    """
    sizes = (plan.days,) if plan.precision is None else looks(plan.days)
    rows: tuple[Row, ...] = ()
    new, days, reached = 0, sizes[0], plan.precision is None
    for days in sizes:
        new += fill(study_of(plan, plan.cells, days), store, executor=executor, progress=progress, task_calls=task_calls)
        rows = read_rows(plan, store, days, len(sizes))
        if plan.precision is not None:
            first = plan.measures[0]
            widths = [row.gains[first] or row.values[first] for row in rows if row.gains[first] or len(rows) == 1]
            reached = all(one.half_width <= plan.precision for one in widths)
            if reached:
                break
    if plan.select is None:
        return Swept(plan, rows, days, new, 0.95, reached)
    stage = _linearized_days(plan, store, days)
    margin, chance = plan.select.margin, plan.select.chance
    needed = days_needed(stage, margin=margin, chance=chance)
    more = max(min(needed, plan.select.most), days)
    if more > days:
        new += fill(study_of(plan, plan.cells, more), store, executor=executor, progress=progress, task_calls=task_calls)
        rows = read_rows(plan, store, more)
    sign = 1 if _more(plan) else -1
    best = max(rows, key=lambda row: sign * row.values[plan.measures[0]].value)
    at_least = margin if more >= needed else told(stage, days=more, chance=chance)
    selection = Selection(best.cell.name, chance, margin, days, needed, more, at_least)
    return Swept(plan, rows, more, new, 0.95, selection.promised, selection)


def _linearized_days(plan: Plan, store: Store, days: int) -> Floats:
    """Linearized values of the first measure, shape (cells, days)."""
    keys = [store.key(cell.scenario, plan.measuring, plan.seed) for cell in plan.cells]
    return np.array([linearized(*plan.first.series(store.get(key, range(days)))) for key in keys])


def study_of(plan: Plan, cells: Sequence[Cell], days: int) -> Study:
    """The cells as a study of that many days."""
    scenarios = {cell.name: cell.scenario for cell in cells}
    return Study(scenarios, days, plan.seed, plan.measuring, spread=())


def read_rows(plan: Plan, store: Store, days: int, taken: int = 1) -> tuple[Row, ...]:
    """Every cell from the store; gains in each measure hold together at 95 % over all cells and `taken` looks."""

    def tally_of(cell: Cell) -> Tally:
        return store.get(store.key(cell.scenario, plan.measuring, plan.seed), range(days))

    (base_cell,) = [cell for cell in plan.cells if cell.name == plan.baseline]
    base_tally = tally_of(base_cell)
    base = {measure: plan.quantities[measure].series(base_tally) for measure in plan.measures}
    relative = {one.series: series_of(base_tally, one) for one in plan.thresholds if one.relative}
    families = max(len(plan.cells) - 1, 1) * taken
    rows = [_row(plan, cell, tally_of(cell), base, relative, families, taken) for cell in plan.cells]
    prices = [row.money if plan.front == "cost" else row.hours for row in rows]
    front = pareto([row.values[plan.measures[0]].value for row in rows], prices, _more(plan))
    return tuple(replace(row, front=on) for row, on in zip(rows, front, strict=True))


def pareto(values: Sequence[float], prices: Sequence[float], more_is_better: bool | None = True) -> list[bool]:
    """Which points no other one beats: at least as good at no higher price, and better in one. NaN is on no front."""
    goodness = np.array(values) if more_is_better is not False else -np.array(values)
    cost = np.array(prices)
    known = ~(np.isnan(goodness) | np.isnan(cost))
    found = []
    for i in range(len(goodness)):
        as_good = known & (goodness >= goodness[i]) & (cost <= cost[i])
        beaten = as_good & ((goodness > goodness[i]) | (cost < cost[i]))
        found.append(bool(known[i] and not beaten.any()))
    return found


def linearized(above: Floats, below: Floats) -> Floats:
    """Daily values whose mean is the ratio of sums, to first order with its spread: shape (days,).

    R + (above - R below) / mean(below), the ratio estimator's linear form (Cochran 1977, "Sampling techniques", section
    6.3).
    """
    mean = below.mean()
    if not mean:
        return np.full(len(above), math.nan)
    ratio_ = above.sum() / below.sum()
    return np.asarray(ratio_ + (above - ratio_ * below) / mean, dtype=np.float64)


def _row(
    plan: Plan, cell: Cell, tally: Tally, base: dict[str, Series], relative: dict[str, Series], families: int, taken: int
) -> Row:
    values, gains = {}, {}
    is_base = cell.name == plan.baseline
    for measure in plan.measures:
        own = plan.quantities[measure].series(tally)
        values[measure] = plan.quantities[measure].value(tally, level=1 - 0.05 / taken)
        gains[measure] = None if is_base else difference(*own, *base[measure], families=families)
    first = plan.measures[0]
    gain = gains[first]
    word = None
    if gain is not None:
        margin = MARGIN if plan.first.reading.unit == "share" else 0.0
        word = verdict(gain, margin=margin, days=tally.replications, more_is_better=_more(plan))
    judged = tuple(
        judge(one, series_of(tally, one), relative.get(one.series), looks=taken, family=len(plan.thresholds))
        for one in plan.thresholds
    )
    hours, money = (math.nan if one is None else one for one in paid(tally))
    return Row(cell, values, gains, word, hours, money, front=False, thresholds=judged)


def _more(plan: Plan) -> bool | None:
    return plan.first.reading.more_is_better
