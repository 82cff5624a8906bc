"""Data error: how far a result may be off because its inputs were estimated from some recorded days and no more.

A replication has the values of one of several sets, each estimated on days drawn again; so results vary between sets (data)
and within one (simulation), and an interval for the truth holds both: half-width^2 = simulation^2 + data^2. More simulated
days make the first smaller and leave the second. Cheng and Holland (1997), J. Statist. Comput. Simul. 57, add the two
variances so; Barton, Nelson and Xie (2014), INFORMS J. Computing 26(1), let sets from the bootstrap stand for the first;
Song, Nelson and Pegden (2014), Winter Simulation Conference, review both. Ankenman and Nelson (2012), the same conference,
tell them apart by an analysis of variance with sets as random effects.

Here a replication is run twice on the same callers, once with its set and once with the estimates, and the variance between
sets is that of the difference d_i of the two, which the luck of the day leaves small: from 2 replications of each set on by the
analysis of variance (Searle, Casella and McCulloch 1992, Variance Components, chapter 3), else the variance of all d_i, which
holds what a set does on one day and not on another as well, and so is too large rather than too small.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from experiments.statistics import Estimate, jackknife, leave_one_out, student
from experiments.values import parts
from sim.scenario.parameters import Drawn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from experiments.run import Results
    from sim.scenario.scenario import Scenario

Floats = npt.NDArray[np.float64]
Series = tuple[Floats, Floats]  # numerator and denominator of each replication
METHOD = (
    "half-width^2 = simulation^2 + data^2; simulation: jackknife over replications; data: Student's quantile at one degree of "
    "freedom less than the n recorded days, times sqrt(n / (n - 1)) and the standard deviation between sets of parameters, of "
    "the difference from the same replication with the estimates, by analysis of variance from 2 replications of each set on, "
    "else of all differences"
)
_EACH = 2  # replications of each set, from which on what varies within one is known


@dataclass(frozen=True)
class Halves:
    """The two parts of a half-width: half-width^2 = simulation^2 + data^2."""

    simulation: float
    data: float


class Twice(NamedTuple):
    """A result with sets, and the same replications with the estimates: `middle`, None where they were not run."""

    own: Series
    middle: Series | None


class Known(NamedTuple):
    """An estimate, and the parts of its half-width; None where the inputs are fixed, and its interval simulation's alone."""

    estimate: Estimate
    halves: Halves | None


def known(
    own: Twice, base: Twice | None = None, *, sets: int | None, level: float = 0.95, families: int = 1
) -> Known:
    """The ratio of sums, or its difference from that of a base, with an interval that holds data error where there are sets.

    sets : how many, replication i has set i modulo them; None: inputs are fixed. `families` intervals hold together.
    """
    value, left_out = _jackknifed(own.own, None if base is None else base.own)
    without = own.middle is None or (base is not None and base.middle is None)
    middle = None if without else _jackknifed(own.middle, None if base is None else base.middle)[1]
    return joined(value, left_out, middle, sets=sets, level=1 - (1 - level) / max(families, 1))


def joined(value: float, left_out: Floats, middle: Floats | None, *, sets: int | None, level: float = 0.95) -> Known:
    """A value with an interval that holds data error where there are sets, from the value without each replication, and the
    same with the estimates (`middle`), both of shape (replications,).
    """
    simulated = jackknife(value, left_out, level)
    if sets is None:
        return Known(simulated, None)
    data = data_half_width(left_out, middle, sets, level)
    reach = math.hypot(simulated.half_width, data)
    return Known(Estimate(value, value - reach, value + reach), Halves(simulated.half_width, data))


def out_of_reach(halves: Halves | None, precision: float, *, days: int, sets: int | None) -> bool:
    """Whether no number of days brings a half-width down to the precision: data alone is wider. It is said from 2 days of each
    set on, for with fewer data comes out too wide.
    """
    return halves is not None and sets is not None and days >= _EACH * sets and halves.data > precision


def beyond(halves: Iterable[Halves | None], precision: float, *, days: int, sets: int | None) -> float | None:
    """The widest half-width that data alone makes of those that no number of days brings down to the precision; None for none."""
    wide = [one.data for one in halves if one is not None and out_of_reach(one, precision, days=days, sets=sets)]
    return max(wide, default=None)


def known_of(
    results: Results, name: str, measure: str, *, over: str | None = None, level: float = 0.95, families: int = 1,
    label: str | None = None,
) -> Known:
    """What the results say of a scenario's measure, or `over` another: of its gain; raises CallsimError as `parts`."""

    def twice(one: str) -> Twice:
        middle = results.middle.get(one)
        own = parts(results.tallies[one], measure, label=label)
        return Twice(own, None if middle is None else parts(middle, measure, label=label))

    sets = sets_of(results, name, *([] if over is None else [over]))
    return known(twice(name), None if over is None else twice(over), sets=sets, level=level, families=families)


def sets_of(results: Results, *names: str) -> Drawn | None:
    """How many sets of parameters these scenarios have, on how many days at least; None where their inputs are fixed."""
    return drawn_in(results.study.scenarios[name] for name in names)


def drawn_in(scenarios: Iterable[Scenario]) -> Drawn | None:
    """The same of scenarios."""
    having = [one.parameters for one in scenarios if one.parameters is not None]
    if not having:
        return None
    return Drawn(max(one.number for one in having), min((one.days for one in having if one.days is not None), default=None))


def data_half_width(left_out: Floats, middle: Floats | None, sets: int, level: float) -> float:
    """Student's quantile times the standard deviation between sets, of a result known without each replication.

    That a `Drawn` knows on how many days its sets rest makes it as wide as so few days ask for: n days drawn again vary
    (n - 1) / n times too little, and their spread is known with n - 1 degrees of freedom (Hesterberg 2015, as in
    `sim.calibrate.figures.intervals`).

    middle : the same with the estimates; NaN where neither it nor replications enough of each set are there
    """
    n = len(left_out)
    if n < 2 or (middle is None and n < _EACH * sets):
        return math.nan
    # what a replication adds to the result, n times over: the jackknife's pseudo-values (Efron 1982), centered
    added = -(n - 1) * (left_out - left_out.mean())
    if middle is not None:
        added = added + (n - 1) * (middle - middle.mean())
    variance = between_sets(added, sets) if n >= _EACH * sets else float(np.var(added, ddof=1))
    days = sets.days if isinstance(sets, Drawn) and sets.days is not None else None
    known_from, too_little = (min(n, sets), 1.0) if days is None else (min(n, sets, days), math.sqrt(days / (days - 1)))
    return too_little * student(known_from - 1, (1 + level) / 2) * math.sqrt(variance) if known_from > 1 else math.nan


def between_sets(values: Floats, sets: int) -> float:
    """The variance between sets of values, one per replication; not below 0."""
    which = np.arange(len(values)) % sets
    many = np.bincount(which, minlength=sets).astype(np.float64)
    means = np.bincount(which, values, minlength=sets) / many
    n = len(values)
    within = float(((values - means[which]) ** 2).sum()) / (n - sets)
    between = float((many * (means - values.mean()) ** 2).sum()) / (sets - 1) if sets > 1 else 0.0
    return max((between - within) / ((n - float((many**2).sum()) / n) / (sets - 1)), 0.0) if sets > 1 else 0.0


def _jackknifed(own: Series | None, base: Series | None) -> tuple[float, Floats]:
    """The value, and the value without each replication."""
    assert own is not None  # who asks has looked
    value, left_out = _share(own), leave_one_out(*own)
    if base is None:
        return value, left_out
    if len(own[0]) != len(base[0]):
        raise ValueError(f"pairs need equal replications: {len(own[0])} and {len(base[0])}")
    return value - _share(base), left_out - leave_one_out(*base)


def _share(series: Series) -> float:
    above, below = float(series[0].sum()), float(series[1].sum())
    return above / below if below else math.nan
