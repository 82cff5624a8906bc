"""Sequential: simulate until the answer is precise enough, looking only at numbers of days fixed in advance."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from experiments.compare import Comparison
from experiments.data_error import beyond
from experiments.run import Results, extend, run
from experiments.study import Study
from experiments.tasks import Progress

FIRST_LOOK = 30


@dataclass(frozen=True, eq=False)
class Stopped:
    """What was found when the run stopped. `reached` says whether every half-width came down to the precision.

    data : the widest half-width of data alone, where that is above the precision, so that more days would not have helped; None:
        they would
    """

    results: Results
    comparison: Comparison
    reached: bool
    looks: tuple[int, ...]
    data: float | None = None


def looks(maximum: int) -> tuple[int, ...]:
    """The numbers of days at which is looked: 30, 60, 120, 240, ... below `maximum`, and `maximum`."""
    found, days = [], FIRST_LOOK
    while days < maximum:
        found.append(days)
        days *= 2
    return (*found, maximum)


def run_until(
    study: Study,
    precision: float,
    compare: Callable[[Results, int], Comparison],
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Stopped:
    """Simulate until `precision` bounds the half-width of every gain (of the value, when there is one scenario).

    At most `study.replications` days, and no more where data error alone is wider. `compare(results, looks)` makes the
    comparison with its level split evenly over that many looks (Bonferroni), so that looking again and again does not
    make an interval claim more than it may.
    """
    sizes = looks(study.replications)
    results: Results | None = None
    for days in sizes:
        if results is None:
            results = run(replace(study, replications=days), executor=executor, progress=progress)
        else:
            results = extend(results, days, executor=executor, progress=progress)
        comparison = compare(results, len(sizes))
        widths = [row.gain.half_width for row in comparison.policies if row.gain is not None]
        # a NaN is never small enough
        reached = all(width <= precision for width in widths or [comparison.rows[0].value.half_width])
        parts = [row.gain_halves for row in comparison.policies] or [comparison.rows[0].halves]
        wide = beyond(parts, precision, days=days, sets=comparison.sets)
        if reached or wide is not None or days == sizes[-1]:
            return Stopped(results, comparison, reached, sizes, wide)
    raise AssertionError("there is always a last look")
