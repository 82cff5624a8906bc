"""Compare: what each policy gains over the baseline on the same callers, how sure that is, and what it costs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from experiments.breakdown import Part, breakdown
from experiments.data_error import Halves, known_of, sets_of
from experiments.order import Reversal, reversals
from experiments.run import Results
from experiments.spread import Spread, spread
from experiments.statistics import (
    Chance,
    Estimate,
    chance_of_days,
    daily,
    eight_in_ten,
    variance_reduction,
)
from experiments.values import Worst, by_day, cut_of, paid, parts, reads, worst_day, worst_interval
from sim.scenario.costs import Target
from sim.scenario.errors import CallsimError
from sim.scenario.range import Range
from sim.tally.tally import Tally

MARGIN = 0.005  # a difference that counts as equal, in the unit of shares
FEW_DAYS = 20  # below this a table says "few days" and gives no verdict
VerdictWord = Literal["better", "worse", "more", "less", "equal", "undecided"]


@dataclass(frozen=True)
class Cost:
    """Of a day, or of all connected days together: paid hours and money, None where no agents are recorded or nothing has a
    price; offers : the value of those taken, which is no cost.
    """

    paid_hours: float | None
    money: float | None
    currency: str
    offers: float = 0.0


@dataclass(frozen=True)
class Row:
    """One scenario of a comparison; estimates in the measure's own unit, shares from 0 to 1.

    value : the measure over all days with its interval; gain : less the baseline, paired, intervals holding together
    verdict : better, worse, equal (within the margin) or undecided; None for the baseline
    days_between : between which values 8 days in 10 lie
    reaches : the chance that a day reaches the target, None without a target
    answered_entered : answered / entered beside it, which a policy that sends callers away cannot flatter
    callers, callers_not_served : per day
    worst : the interval, or of connected days the day, with the lowest answer rate; None without calls
    pairing : how many times fewer days the shared callers need than independent ones; None for the baseline
    halves, gain_halves : simulation and data in the half-widths of value and gain; None where inputs are fixed
    """

    name: str
    value: Estimate
    gain: Estimate | None
    verdict: VerdictWord | None
    days_between: tuple[float, float]
    reaches: Chance | None
    answered_entered: Estimate
    callers: float
    callers_not_served: float
    worst: Worst | None
    cost: Cost
    spread: Spread
    pairing: float | None
    halves: Halves | None = None
    gain_halves: Halves | None = None


@dataclass(frozen=True)
class Comparison:
    """Policies beside their baseline. `rows[0]` is the baseline.

    level : that of all gains together; margin : the difference that counts as equal, in the measure's own unit
    horizon : connected days; sets : of uncertain parameters, None where inputs are fixed
    reversals : pairs of scenarios whose order depends on the measure; by_label : who gains and who pays
    """

    measure: str
    baseline: str
    level: float
    margin: float
    days: int
    seed: int
    target: Target | None
    rows: tuple[Row, ...]
    reversals: tuple[Reversal, ...] = ()
    by_label: tuple[Part, ...] = ()
    horizon: int = 1
    sets: int | None = None

    @property
    def few_days(self) -> bool:
        """Whether there are too few days for a verdict."""
        return self.days < FEW_DAYS

    @property
    def policies(self) -> tuple[Row, ...]:
        """The rows without the baseline."""
        return self.rows[1:]

    def row(self, name: str) -> Row:
        """The row of a scenario; KeyError when it is not there."""
        return {row.name: row for row in self.rows}[name]


def compare(
    results: Results,
    *,
    baseline: str | None = None,
    measure: str = "answer_rate",
    level: float = 0.95,
    margin: float = MARGIN,
    target: Target | None = None,
    looks: int = 1,
) -> Comparison:
    """Every scenario of the results against the baseline (the first when not given), paired by replication.

    The intervals of all gains hold together at `level` (Bonferroni), also when `looks` of them are taken before the
    last, and hold data error where parameters are uncertain (see `data_error`); a chance is over all that is unknown as it
    is. `target` is the first of the baseline's targets in this measure, or of all, when not given. Raises CallsimError for an
    unknown name.
    """
    names = list(results.tallies)
    baseline = names[0] if baseline is None else baseline
    if baseline not in results.tallies:
        raise CallsimError(f"baseline: no scenario {baseline!r}; there is {', '.join(names)}")
    reads(measure)  # refuses an unknown measure before any is counted
    targets = results.study.scenarios[baseline].targets
    target = target or next(iter([one for one in targets if one.measure == measure] or targets), None)
    names.sort(key=lambda name: name != baseline)  # stable: the baseline first, the others as they are
    families = max(len(names) - 1, 1) * looks
    rows = tuple(_row(results, name, baseline, measure, level, margin, target, families, looks) for name in names)
    tallies = {name: results.tallies[name] for name in names}
    sets = sets_of(results, *names)
    order = reversals(tallies, measure=measure, level=level, middle=results.middle, sets=sets)
    labels = breakdown(results, baseline=baseline, measure=measure, level=level, families=families)
    return Comparison(
        measure, baseline, level, margin, results.days, results.study.seed, target, rows, order, labels,
        tallies[baseline].frame.days, sets,
    )  # fmt: skip


def verdict(gain: Estimate, *, margin: float, days: int, more_is_better: bool | None = True) -> VerdictWord:
    """Read off the interval: equal when all of it is within the margin, better or worse when it leaves out 0; more or less
    where neither is better (None).
    """
    if days < FEW_DAYS or math.isnan(gain.low):
        return "undecided"
    if -margin <= gain.low and gain.high <= margin:
        return "equal"
    if gain.low <= 0 <= gain.high:
        return "undecided"
    if more_is_better is None:
        return "more" if gain.low > 0 else "less"
    return "better" if (gain.low > 0) == more_is_better else "worse"


def reached(tally: Tally, target: Target, *, level: float = 0.95, interval: int | None = None) -> Chance:
    """The chance that a day's own value (that of one interval) reaches the target; days with 0/0 are left out."""
    values = daily(*by_day(tally, target.measure, **cut_of(target), interval=interval))
    bound = target.at_least if target.at_least is not None else target.at_most
    if bound is None or isinstance(bound, Range):
        raise CallsimError(f"targets: {target.measure} needs a plain number, not a range")
    hits = values >= bound if target.at_least is not None else values <= bound
    return chance_of_days(hits, ~np.isnan(values), level=level)


def _row(
    results: Results,
    name: str,
    baseline: str,
    measure: str,
    level: float,
    margin: float,
    target: Target | None,
    families: int,
    looks: int,
) -> Row:
    tally = results.tallies[name]
    own, base = parts(tally, measure), parts(results.tallies[baseline], measure)
    alone = 1 - (1 - level) / looks
    value, halves = known_of(results, name, measure, level=alone)
    gain, gain_halves = (
        (None, None) if name == baseline else known_of(results, name, measure, over=baseline, level=level, families=families)
    )
    more = reads(measure).more_is_better
    middle = results.middle.get(name)
    values = daily(*by_day(tally, measure)).ravel()
    inputs = {path: np.repeat(drawn, tally.frame.days) for path, drawn in results.inputs.get(name, {}).items()}
    callers, days = tally.callers[:, tally.frame.live].sum(axis=1), max(float(tally.open_days.sum()), 1.0)
    return Row(
        name=name,
        value=value,
        gain=gain,
        verdict=None if gain is None else verdict(gain, margin=margin, days=results.days, more_is_better=more),
        days_between=eight_in_ten(values),
        reaches=None if target is None else reached(tally, target, level=alone),
        answered_entered=known_of(results, name, "answer_rate_entered", level=alone).estimate,
        callers=float(callers[:, 0].sum()) / days,
        callers_not_served=float((callers[:, 0] - callers[:, 1]).sum()) / days,
        worst=worst_interval(tally) if tally.frame.days == 1 else worst_day(tally),
        cost=_cost(tally),
        spread=spread(
            value, values, None if middle is None else daily(*by_day(middle, measure)).ravel(), inputs, halves
        ),
        pairing=None if gain is None else variance_reduction(*own, *base),
        halves=halves,
        gain_halves=gain_halves,
    )


def _cost(tally: Tally) -> Cost:
    hours, money = paid(tally)
    return Cost(hours, money, tally.frame.prices.currency, float(parts(tally, "offer_value")[0].mean()))
