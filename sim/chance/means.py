"""means: the mean of a distribution, in closed form."""

from __future__ import annotations

import numpy as np

from sim.scenario import distributions as d
from sim.scenario.units import value


def mean(law: d.Distribution) -> float:
    """Mean of a distribution in seconds; infinite for one that never comes."""
    if isinstance(law, d.Never):
        return float("inf")
    if isinstance(law, d.Deterministic):
        return value(law.value)
    if isinstance(law, d.Uniform):
        return (value(law.low) + value(law.high)) / 2
    if isinstance(law, d.HyperExponential):
        return sum(value(m) * value(s) for m, s in zip(law.means, law.shares, strict=True))
    if isinstance(law, d.Mixture):
        return sum(value(part.share) * mean(part.of) for part in law.parts)
    if isinstance(law, d.Empirical):
        weights = None if law.weights is None else [value(weight) for weight in law.weights]
        return float(np.average(law.values, weights=weights))
    if isinstance(law, d.Survival):
        shares = np.array([1.0, *(value(share) for share in law.share)])
        area = ((shares[1:] + shares[:-1]) / 2 * np.diff([0.0, *law.after])).sum()  # below the survival curve
        return float(area + shares[-1] * value(law.tail))
    return value(law.mean)
