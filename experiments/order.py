"""Whether the order of policies depends on which answer rate is taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from experiments.data_error import Twice, known
from experiments.statistics import Estimate
from experiments.values import parts, reads
from sim.tally.tally import Tally

# Their denominators differ, so a policy may win by one and lose by another (domain: six answer rates).
RATES = ("answer_rate", "answer_rate_entered", "handled_rate", "callers_served_rate", "answer_rate_with_blocked")


@dataclass(frozen=True)
class Reversal:
    """`ahead` leads `behind` by `gap` in `measure`, and trails it by `other_gap` in `other`; gaps are positive."""

    ahead: str
    behind: str
    measure: str
    gap: float
    other: str
    other_gap: float


def reversals(
    tallies: Mapping[str, Tally],
    *,
    measure: str,
    level: float = 0.95,
    middle: Mapping[str, Tally] | None = None,
    sets: int | None = None,
) -> tuple[Reversal, ...]:
    """Pairs of scenarios that stand in one order by `measure` and in the other by another answer rate.

    Only where both differences leave out 0 by paired intervals that hold together at `level`: noise is no reversal.
    middle, sets : see `data_error.known`
    """

    def lead(left: str, right: str, measure: str) -> Estimate:
        """By how much `left` is better, with its interval."""
        pair = [
            Twice(parts(tallies[name], measure), parts(middle[name], measure) if middle and name in middle else None)
            for name in (left, right)
        ]
        gap = known(*pair, sets=sets, level=level, families=families).estimate
        return gap if reads(measure).more_is_better is not False else Estimate(-gap.value, -gap.high, -gap.low)

    others = [name for name in RATES if name != measure]
    pairs = list(combinations(tallies, 2))
    families = len(pairs) * (len(others) + 1)
    found = []
    for left, right in pairs:
        main = lead(left, right, measure)
        if not _sure(main):
            continue
        ahead, behind = (left, right) if main.value > 0 else (right, left)
        for other in others:
            gap = lead(ahead, behind, other)
            if _sure(gap) and gap.value < 0:
                found.append(Reversal(ahead, behind, measure, abs(main.value), other, -gap.value))
    return tuple(found)


def _sure(gap: Estimate) -> bool:
    return gap.low > 0 or gap.high < 0
