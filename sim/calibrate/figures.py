"""Figures: what a calibration says in single numbers, as measured and in each set, and their intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.calibrate.durations import Law, record_of
from sim.chance.means import mean
from sim.chance.rows import quantile_function
from sim.scenario.distributions import Empirical, Exponential, Gamma, LogNormal, Mixture, Never, Weibull
from sim.scenario.paths import join, split
from sim.scenario.units import value

Floats = npt.NDArray[np.float64]
QUARTILES = (0.25, 0.5, 0.75)
_LEVEL = 0.95
_GRID = (np.arange(1000) + 0.5) / 1000


def figures(rows: Mapping[str, list[Any]]) -> dict[str, Floats]:
    """Estimate -> its value in each set, shape (sets,), from the values of each set at paths of a scenario.

    ``call_types.NAME.calls`` (a day), ``.aht`` (talk and wrap-up), ``.cv`` (of the talk), ``.patience.25 %`` and so on (by
    then so many would have given up; NaN: never), ``.by_label.FAMILY.VALUE.patience.25 %`` and so on, ``.balking``,
    ``.labels.FAMILY.VALUE``, ``.busyness.cv``, ``.talk_swing.cv``; ``factors.day.cv``, ``factors.hours.cv``,
    ``factors.talk.cv``; ``groups.NAME.heads`` (mean over the day), ``groups.NAME.proficiency.TYPE``; ``ivr.delay``,
    ``ivr.containment.NAME``, ``ivr.hang_up.NAME``; where redials are told apart ``call_types.NAME.next.abandoned.chance``,
    ``.later``, ``.after`` (the mean delay). Times in seconds.
    """
    found: dict[str, Floats] = {}
    known = _Laws()
    for path, row in rows.items():
        match split(path):
            case ("call_types", kind, "arrivals", "per_interval"):
                found[join(("call_types", kind, "calls"))] = np.array([sum(one) for one in row])
            case ("call_types", kind, "talk"):
                wrap = rows.get(join(("call_types", kind, "wrap_up")), [0.0] * len(row))
                factors = _factors(rows, kind, len(row))
                three = zip(row, wrap, factors, strict=True)
                both = [known.mean(talk) * factor + known.mean(after) for talk, after, factor in three]
                found[join(("call_types", kind, "aht"))] = np.array(both)
                found[join(("call_types", kind, "cv"))] = np.array([known.cv(one) for one in row])
            case ("call_types", _, "patience") | ("call_types", _, "by_label", _, _, "patience"):
                times = np.array([known.quartiles(one) for one in row])
                found |= {f"{path}.{100 * share:.0f} %": times[:, at] for at, share in enumerate(QUARTILES)}
            case ("groups", name, "agents", "per_interval"):
                found[join(("groups", name, "heads"))] = np.array([np.mean(one) for one in row])
            case ("ivr", "delay") | ("call_types", _, "next", _, "after"):
                found[path] = np.array([known.mean(one) for one in row])
            case ("call_types", _, "labels", _):
                found |= {f"{path}.{join([value])}": np.array([one[value] for one in row]) for value in row[0]}
            case ("ivr", key, kind, "per_interval"):
                found[join(("ivr", key, kind))] = np.array(row, np.float64)
            case ("call_types", kind, "next", end, "chance", "per_interval"):
                found[join(("call_types", kind, "next", end, "chance"))] = np.array(row, np.float64)
            case (*_, "wrap_up") | (*_, "talk_factor", "per_interval"):
                pass  # in the AHT
            case _:
                found[path] = np.array(row, np.float64)
    return found


def _factors(rows: Mapping[str, list[Any]], kind: str, sets: int) -> list[float]:
    """What talk is multiplied by in each set, over the day as the type's calls come."""
    factors = rows.get(join(("call_types", kind, "talk_factor", "per_interval")))
    calls = rows.get(join(("call_types", kind, "arrivals", "per_interval")))
    if factors is None or calls is None:
        return [1.0] * sets
    return [over_the_day(row, weights) for row, weights in zip(factors, calls, strict=True)]


def over_the_day(factor: Any, calls: Any) -> float:
    """The mean of a factor by interval over calls by interval; where nobody calls, over the intervals."""
    return float(np.average(factor, weights=calls if np.sum(calls) > 0 else None))


def intervals(found: Mapping[str, Floats], days: int) -> dict[str, tuple[float, float]]:
    """The interval at 95 % of each estimate, from its values in sets of so many days drawn again.

    The percentile interval (Efron and Tibshirani 1993, section 13.3), expanded: of n days drawn again a mean varies
    (n - 1) / n times too little, and percentiles reach as far as a normal's, where Student's should be reached. So the
    percentiles are those at which a normal lies sqrt(n / (n - 1)) times Student's quantile away (Hesterberg 2015, "What
    teachers should know about the bootstrap", The American Statistician 69(4), section 4.4).
    """
    from scipy.special import ndtr, stdtrit

    reach = math.sqrt(days / (days - 1)) * stdtrit(days - 1, (1 + _LEVEL) / 2)
    tail = float(ndtr(-reach))
    ends = {}
    for name, values in found.items():
        known = values[np.isfinite(values)]
        if len(known):
            low, high = np.quantile(known, [tail, 1 - tail])
            ends[name] = float(low), float(high)
    return ends


class _Laws:
    """Means, spread and quartiles of laws as tables; several types, and groups, may have one law."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], tuple[Law, Any]] = {}

    def mean(self, law: Law) -> float:
        found: float = self._once("mean", law, lambda record: mean(record))
        return found

    def cv(self, law: Law) -> float:
        found: float = self._once("cv", law, spread)
        return found

    def quartiles(self, law: Law) -> tuple[float, ...]:
        found: tuple[float, ...] = self._once("quartiles", law, gone_by)
        return found

    def _once(self, what: str, law: Law, function: Callable[[Any], Any]) -> Any:
        if (what, id(law)) not in self._kept:
            self._kept[what, id(law)] = law, function(record_of(law))
        return self._kept[what, id(law)][1]


def spread(law: Any) -> float:
    """Coefficient of variation of a law: in closed form of what calibration makes, else from a thousand quantiles, whose
    longest is too short for a long tail.
    """
    own = _own_cv(law)
    if own is not None:
        return own
    moments = _moments(law)
    if moments is None:
        times = quantile_function(law)(_GRID)
        moments = float(times.mean()), float((times**2).mean())
    first, second = moments
    return max(second - first * first, 0.0) ** 0.5 / first if first > 0 else 0.0


def _own_cv(law: Any) -> float | None:
    """The cv of a law that has one in closed form, None of any other; of a Weibull by Gamma functions (Johnson, Kotz and
    Balakrishnan 1994, chapter 21).
    """
    if isinstance(law, LogNormal | Gamma):
        return value(law.cv)
    if isinstance(law, Exponential):
        return 1.0
    if not isinstance(law, Weibull):
        return None
    first, second = (math.lgamma(1 + power / value(law.shape)) for power in (1, 2))
    return math.sqrt(max(math.exp(second - 2 * first) - 1, 0.0))


def _moments(law: Any) -> tuple[float, float] | None:
    """E(X) and E(X^2) of observed steps, of a law with a cv in closed form, or of a mixture of such; None of any other law.

    Between the places of two steps the quantile function is a straight line, whose square has the mean
    (a^2 + a b + b^2) / 3 (`sim.chance.tables.empirical`).
    """
    if isinstance(law, Mixture):
        parts = [(value(part.share), _moments(part.of)) for part in law.parts]
        known = [(share, found) for share, found in parts if found is not None]
        if len(known) < len(parts):
            return None
        return sum(share * found[0] for share, found in known), sum(share * found[1] for share, found in known)
    own = _own_cv(law)
    if own is not None:
        return mean(law), mean(law) ** 2 * (1 + own**2)
    if not isinstance(law, Empirical):
        return None
    x = np.array(law.values, np.float64)
    weights = np.ones(len(x)) if law.weights is None else np.array([value(weight) for weight in law.weights])
    order = np.argsort(x, kind="stable")
    x, weights = x[order], weights[order]
    place = (np.cumsum(weights) - 0.5 * weights) / weights.sum()
    gaps, ends = np.diff(place), (place[0], 1 - place[-1])
    first = ends[0] * x[0] + (gaps * (x[1:] + x[:-1]) / 2).sum() + ends[1] * x[-1]
    inner = (gaps * (x[1:] ** 2 + x[1:] * x[:-1] + x[:-1] ** 2) / 3).sum()
    return float(first), float(ends[0] * x[0] ** 2 + inner + ends[1] * x[-1] ** 2)


def gone_by(law: Any) -> tuple[float, ...]:
    """After how many seconds a quarter, half and three quarters have lost patience; NaN for who never does."""
    if isinstance(law, Never):
        return (np.nan,) * len(QUARTILES)
    return tuple(float(time) for time in quantile_function(law)(np.array(QUARTILES)))
