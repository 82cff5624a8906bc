"""Sweep: every cell of a study simulated into a store, and what each cell's measures are beside the baseline's."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from experiments.compare import MARGIN, VerdictWord, verdict
from experiments.data_error import Halves, Twice, beyond, known
from experiments.run import fill
from experiments.selection import Selection, days_needed, told
from experiments.sequential import looks
from experiments.statistics import Estimate
from experiments.store import Store
from experiments.study import Study
from experiments.study_file import Cell, Plan
from experiments.tasks import TASK_CALLS, Progress
from experiments.threshold import Threshold
from experiments.values import paid
from experiments.verdicts import Series, Unsure, Verdict, judge, series_of
from sim.tally import Tally

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Row:
    """One cell. values, gains : by measure; the gain of the baseline is None, and so is its verdict

    verdict : of the first measure; front : whether no other cell is as good in it for fewer paid hours (or less money)
    hours, money : per day, NaN where nothing is paid; thresholds : one word per threshold
    halves, gain_halves : by measure, simulation and data in the half-widths; None where inputs are fixed, and of a chance
    """

    cell: Cell
    values: dict[str, Estimate]
    gains: dict[str, Estimate | None]
    verdict: VerdictWord | None
    hours: float
    money: float
    front: bool
    thresholds: tuple[Verdict, ...]
    halves: dict[str, Halves | None] = field(default_factory=dict)
    gain_halves: dict[str, Halves | None] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Swept:
    """What a sweep found. level : of the gains in each measure together; new : days simulated now, others were stored.

    data : the widest half-width that data error alone makes of a gain in the first measure, where the precision asked for is
        below it, so that more days would not have helped
    """

    plan: Plan
    rows: tuple[Row, ...]
    days: int
    new: int
    level: float
    reached: bool
    selection: Selection | None = None
    data: float | None = None

    @property
    def simulated(self) -> int:
        """Days of all cells that were needed; where inputs are uncertain each once more with the estimates."""
        return self.days * (len(self.rows) + sum(row.cell.scenario.parameters is not None for row in self.rows))


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
    fixed in advance, until every gain in the first measure (the value, with one cell) is known to it, or data error alone is
    wider. Raises as `experiments.run.fill`.
    """
    sizes = (plan.days,) if plan.precision is None else looks(plan.days)
    rows: tuple[Row, ...] = ()
    new, days, reached = 0, sizes[0], plan.precision is None
    data: float | None = None
    for days in sizes:
        new += fill(study_of(plan, plan.cells, days), store, executor=executor, progress=progress, task_calls=task_calls)
        rows = read_rows(plan, store, days, len(sizes))
        if plan.precision is not None:
            first = plan.measures[0]
            widths = [row.gains[first] or row.values[first] for row in rows if row.gains[first] or len(rows) == 1]
            reached = all(one.half_width <= plan.precision for one in widths)
            parts = [row.gain_halves.get(first) or row.halves.get(first) for row in rows if row.gains[first] or len(rows) == 1]
            wide = beyond(parts, plan.precision, days=days, sets=plan.sets)
            if reached or wide is not None:
                data = None if reached else wide
                break
    if plan.select is None:
        return Swept(plan, rows, days, new, 0.95, reached, data=data)
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
    twice = tuple(name for name, one in scenarios.items() if one.parameters is not None)  # so that data error can be told
    return Study(scenarios, days, plan.seed, plan.measuring, spread=twice)


def read_rows(plan: Plan, store: Store, days: int, taken: int = 1) -> tuple[Row, ...]:
    """Every cell from the store; gains in each measure hold together at 95 % over all cells and `taken` looks."""

    def counted(cell: Cell) -> _Counted:
        keys = [store.key(cell.scenario, plan.measuring, plan.seed, middle=also) for also in (False, True)]
        middle = None if cell.scenario.parameters is None else store.get(keys[1], range(days))
        return _Counted(store.get(keys[0], range(days)), middle)

    (base_cell,) = [cell for cell in plan.cells if cell.name == plan.baseline]
    of_base = counted(base_cell)
    base = {measure: of_base.twice(plan.quantities[measure].series) for measure in plan.measures}
    relative = {one.series: of_base.twice(partial(series_of, threshold=one)) for one in plan.thresholds if one.relative}
    families = max(len(plan.cells) - 1, 1) * taken
    rows = [_row(plan, cell, counted(cell), base, relative, families, taken) for cell in plan.cells]
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


class _Counted(NamedTuple):
    """The days of a cell, and the same with the estimates; None where inputs are fixed."""

    tally: Tally
    middle: Tally | None

    def twice(self, series: Callable[[Tally], Series]) -> Twice:
        """A series of both."""
        return Twice(series(self.tally), None if self.middle is None else series(self.middle))


def _row(
    plan: Plan, cell: Cell, counted: _Counted, base: dict[str, Twice], relative: dict[str, Twice], families: int, taken: int
) -> Row:
    values, gains = dict[str, Estimate](), dict[str, Estimate | None]()
    halves, gain_halves = dict[str, Halves | None](), dict[str, Halves | None]()
    is_base, tally = cell.name == plan.baseline, counted.tally
    for measure in plan.measures:
        quantity = plan.quantities[measure]
        own = counted.twice(quantity.series)
        sets = None if quantity.is_chance else plan.sets  # a chance is over all that is unknown as it is
        value = known(own, sets=sets, level=1 - 0.05 / taken)
        values[measure] = quantity.value(tally, level=1 - 0.05 / taken) if sets is None else value.estimate
        halves[measure], gains[measure], gain_halves[measure] = value.halves, None, None
        if not is_base:
            gains[measure], gain_halves[measure] = known(own, base[measure], sets=sets, families=families)
    first = plan.measures[0]
    gain = gains[first]
    word = None
    if gain is not None:
        margin = MARGIN if plan.first.reading.unit == "share" else 0.0
        word = verdict(gain, margin=margin, days=tally.replications, more_is_better=_more(plan))
    judged = tuple(_judged(plan, one, counted, relative.get(one.series), taken) for one in plan.thresholds)
    hours, money = (math.nan if one is None else one for one in paid(tally))
    return Row(
        cell, values, gains, word, hours, money, front=False, thresholds=judged, halves=halves, gain_halves=gain_halves
    )  # fmt: skip


def _judged(plan: Plan, one: Threshold, counted: _Counted, base: Twice | None, taken: int) -> Verdict:
    own = counted.twice(partial(series_of, threshold=one))
    unsure = None
    if plan.sets is not None and one.share is None:
        unsure = Unsure(plan.sets, own.middle, None if base is None else base.middle)
    return judge(
        one, own.own, None if base is None else base.own, looks=taken, family=len(plan.thresholds), unsure=unsure
    )  # fmt: skip


def _more(plan: Plan) -> bool | None:
    return plan.first.reading.more_is_better
