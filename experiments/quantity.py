"""Quantity: what a study measures: a measure, one of a part of the day, or the chance of one, as text.

    answer_rate                       answer_rate[segment=golden]
    asa[14:00-16:00]                  chance(attendance >= 0.90)
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from experiments.statistics import Estimate, chance_of_days, daily, ratio
from experiments.threshold import REACHES, Threshold, parse_all
from experiments.values import Reading, reads
from experiments.verdicts import Series, series_of
from sim.scenario.errors import CallsimError, ScenarioError
from sim.scenario.scenario import Scenario
from sim.tally import Tally

Bools = npt.NDArray[np.bool_]
_FORM = '"answer_rate", "answer_rate[segment=golden]" or "chance(answer_rate >= 0.90)"'


@dataclass(frozen=True)
class Quantity:
    """One quantity: its `text` as given, the `threshold` that has its parts, and how it is to be read."""

    text: str
    threshold: Threshold
    reading: Reading

    @property
    def is_chance(self) -> bool:
        """Whether it is a chance, whose interval is not even about its value."""
        return self.threshold.share is not None

    def series(self, tally: Tally) -> Series:
        """Numerator and denominator of each replication; of a chance, days that reach it and days."""
        if not self.is_chance:
            return series_of(tally, self.threshold)
        hits, known = self._days(tally)
        return hits.sum(axis=1).astype(np.float64), known.sum(axis=1).astype(np.float64)

    def value(self, tally: Tally, *, level: float) -> Estimate:
        """The quantity with its interval at `level`."""
        if not self.is_chance:
            return ratio(*self.series(tally), level=level)
        found = chance_of_days(*self._days(tally), level=level)
        return Estimate(found.value, found.low, found.high)

    def _days(self, tally: Tally) -> tuple[Bools, Bools]:
        """Which days reach the bound, and of which that is known: shape (replications, days)."""
        values = daily(*series_of(tally, self.threshold))
        known = ~np.isnan(values)
        return np.asarray(REACHES[self.threshold.sign](values, self.threshold.bound) & known, dtype=np.bool_), known


def quantities(texts: tuple[str, ...], scenario: Scenario) -> dict[str, Quantity]:
    """By text; raises CallsimError for one that is not a measure, or not one of this scenario."""
    return {text: _quantity(text, scenario) for text in texts}


def _quantity(text: str, scenario: Scenario) -> Quantity:
    chance = text.lstrip().startswith("chance")
    if not chance:
        if "<" in text or ">" in text:
            raise CallsimError(f'must be like {_FORM}; found "{text}"')
        reads(text.partition("[")[0].strip())  # refuses an unknown measure with the nearest spelling
    try:
        (threshold,) = parse_all([f"{text} >= 0"], scenario, baseline=False)
    except ScenarioError as error:
        raise CallsimError(f'{error.problems[0].message}; found "{text}"') from None
    if chance and threshold.share is None:
        raise CallsimError(f'must be like {_FORM}; found "{text}"')
    of = reads(threshold.measure)
    if chance:
        formula = f"days with {text.strip().removeprefix('chance').strip()} / days"
        return Quantity(text, threshold, Reading(text, formula, "share", 100.0, " %", more_is_better=True))
    formula = f"{of.formula}, of {threshold.cut_text}" if threshold.cut_text else of.formula
    return Quantity(text, threshold, replace(of, name=text, formula=formula))
