"""Verdicts: whether a threshold is met, missed or undecided, with at most 5 % chance of a wrong word over all looks.

"Met" stands on a one-sided bound at 1 - 0.05/L each, L looks: that all of them are met is one claim, which is wrong only
if one that is not true is said to be met, so m thresholds need no correction. "Missed" is said of any of m, so it stands
on 1 - 0.05/(L m) (Bonferroni's inequality; Dunn 1961, JASA 56). Fewer than 20 days decide nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from experiments.compare import FEW_DAYS
from experiments.data_error import Halves, Twice, known, sets_of
from experiments.run import Results
from experiments.statistics import chance_of_days, daily
from experiments.threshold import REACHES, Threshold, parse_all
from sim.measures import find_measure
from sim.scenario.errors import CallsimError
from sim.tally import Tally

Floats = npt.NDArray[np.float64]
Series = tuple[Floats, Floats]  # what is divided by what, one entry per replication; of a chance one row, with its days
Word = Literal["met", "missed", "undecided"]
WRONG = 0.05  # the chance of a wrong verdict, over all looks and thresholds


@dataclass(frozen=True)
class Verdict:
    """What was found of a threshold.

    value : of the measure, its difference from the baseline, or the chance; low, high : its interval at 95 %
    days : at which it was decided, or looked at last; more_days : about how many more would decide it, None where it is
        decided or never would be
    halves : simulation and data in the half-width; None where inputs are fixed, and of a chance
    """

    threshold: Threshold
    word: Word
    value: float
    low: float
    high: float
    days: int
    more_days: int | None = None
    halves: Halves | None = None


class Unsure(NamedTuple):
    """What tells data error: how many sets of parameters there are, and the series of the same replications with the
    estimates, of the scenario and of what it is compared with (see `data_error`).
    """

    sets: int
    own: Series | None = None
    base: Series | None = None


def overall(verdicts: Sequence[Verdict]) -> Word:
    """Missed before undecided before met."""
    words = {verdict.word for verdict in verdicts}
    return "missed" if "missed" in words else "undecided" if "undecided" in words else "met"


def series_of(tally: Tally, threshold: Threshold) -> Series:
    """Numerator and denominator of each replication, of a chance by day; raises CallsimError for an impossible cut."""
    tally = threshold.of_day(tally)
    above, below = find_measure(threshold.measure).parts(tally, threshold.cut(tally.frame))
    days = above.reshape(-1, tally.frame.days), below.reshape(-1, tally.frame.days)
    return days if threshold.share is not None else (days[0].sum(axis=1), days[1].sum(axis=1))


def check(
    results: Results, thresholds: Sequence[str], *, scenario: str | None = None, baseline: str | None = None
) -> list[Verdict]:
    """The verdicts on a scenario of the results (the last when not named), in one look.

    `baseline` names the scenario that thresholds mean by that word. Raises ScenarioError for thresholds that do not
    parse or do not fit the scenario, CallsimError for an unknown name.
    """
    names = list(results.tallies)
    scenario = names[-1] if scenario is None else scenario
    for name in (scenario, baseline):
        if name is not None and name not in results.tallies:
            raise CallsimError(f"no scenario {name!r}; there is {', '.join(names)}")
    parsed = parse_all(list(thresholds), results.study.scenarios[scenario], baseline=baseline is not None)
    tally = results.tallies[scenario]
    base = {} if baseline is None else {
        one.series: series_of(results.tallies[baseline], one) for one in parsed if one.relative
    }  # fmt: skip
    return [
        judge(
            one, series_of(tally, one), base.get(one.series), looks=1, family=len(parsed),
            unsure=unsure_of(results, one, scenario, baseline),
        )
        for one in parsed
    ]  # fmt: skip


def unsure_of(results: Results, threshold: Threshold, scenario: str, baseline: str | None) -> Unsure | None:
    """What the results know of data error; None where the inputs are fixed."""
    base = baseline if threshold.relative else None
    sets = sets_of(results, scenario, *([] if base is None else [base]))
    if sets is None or threshold.share is not None:
        return None
    own, other = (None if name is None else results.middle.get(name) for name in (scenario, base))
    return Unsure(sets, *(None if one is None else series_of(one, threshold) for one in (own, other)))


def judge(
    threshold: Threshold, own: Series, base: Series | None, *, looks: int, family: int, unsure: Unsure | None = None
) -> Verdict:
    """The verdict on one threshold in one of `looks` looks, one of `family` thresholds; None: inputs are fixed."""
    days = len(own[0])
    met_tail, missed_tail = WRONG / looks, WRONG / (looks * family)
    (value, low, high), halves = _interval(threshold, own, base, 0.025, unsure)
    sign, limit = (threshold.sign, threshold.bound) if threshold.share is None else (threshold.share_sign, threshold.share)
    word: Word = "undecided"
    if days >= FEW_DAYS and not math.isnan(value):
        reaches = REACHES[sign]
        (_, met_low, met_high), _ = _interval(threshold, own, base, met_tail, unsure)
        (_, missed_low, missed_high), _ = _interval(threshold, own, base, missed_tail, unsure)
        if reaches(met_low if sign == ">=" else met_high, limit):
            word = "met"
        elif not reaches(missed_high if sign == ">=" else missed_low, limit):
            word = "missed"
    more = None
    if word == "undecided":
        ends, parts = _interval(threshold, own, base, missed_tail, unsure)
        more = _more_days(days, value, limit, *ends[1:], 0.0 if parts is None else parts.data)
    return Verdict(threshold, word, value, low, high, days, more, halves)


def _interval(
    threshold: Threshold, own: Series, base: Series | None, tail: float, unsure: Unsure | None
) -> tuple[tuple[float, float, float], Halves | None]:
    """The value and bounds each of which fails with chance `tail`; the parts of the half-width.

    A chance is over all that is unknown as it is, so its bounds are about the days only.
    """
    level = 1 - 2 * tail
    if threshold.share is not None:
        values = daily(*own).reshape(len(own[0]), -1)
        found = chance_of_days(REACHES[threshold.sign](values, threshold.bound), ~np.isnan(values), level=level)
        return (found.value, found.low, found.high), None
    if threshold.relative and base is None:
        raise CallsimError(f"{threshold.text}: there is no baseline to compare with")
    sets = None if unsure is None else unsure.sets
    twice = Twice(own, None if unsure is None else unsure.own)
    other = None if not threshold.relative or base is None else Twice(base, None if unsure is None else unsure.base)
    estimate, halves = known(twice, other, sets=sets, level=level)
    return (estimate.value, estimate.low, estimate.high), halves


def _more_days(days: int, value: float, limit: float, low: float, high: float, data: float) -> int | None:
    """How many more days would bring the nearer bound to the limit, if the value stayed: widths shrink as 1 / sqrt(days).

    The part that data error makes does not shrink; where it alone is wider, no number of days would do.
    """
    if days < FEW_DAYS:
        return FEW_DAYS - days
    reach = value - low if value >= limit else high - value
    away = abs(value - limit)
    if data > 0:
        if not data < away:
            return None
        reach, away = math.sqrt(max(reach**2 - data**2, 0.0)), math.sqrt(away**2 - data**2)
    if math.isnan(reach) or away == 0 or reach <= 0:
        return None
    return max(math.ceil(days * (reach / away) ** 2) - days, 1)


def kept(thresholds: Sequence[Threshold], tally: Tally) -> Mapping[str, Series]:
    """The series of every threshold over all days of a replication, by `Threshold.series`."""
    return {one.series: series_of(tally, replace(one, share=None)) for one in thresholds}
