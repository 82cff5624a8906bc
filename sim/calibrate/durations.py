"""Durations: observed handle times and censored waits become distributions."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Law = Any  # a distribution as a scenario file writes it

POINTS = 40  # of an empirical distribution or a survival curve
_CLOSE = 0.03  # Kolmogorov distance up to which a lognormal is taken for the observed
_FEW = 30  # observations below which only the mean is believed
_FINEST = 0.01  # seconds; times are written so
_AT_RISK = 20  # the survival curve ends where fewer are still waiting


def law_of(seconds: Floats) -> Law:
    """The distribution of observed durations: lognormal where it fits, else the observed in 40 steps of equal weight.

    The mean is that of the observations. Fewer than 30 give an exponential of their mean.
    """
    mean = float(seconds.mean()) if len(seconds) else 0.0
    if mean <= 0:
        return 0.0
    if len(seconds) < _FEW:
        return {"exponential": {"mean": rounded(mean)}}
    cv = float(seconds.std() / mean)
    if cv < 1e-3:
        return rounded(mean)
    if _distance(seconds, mean, cv) <= _CLOSE:
        return {"lognormal": {"mean": rounded(mean), "cv": round(cv, 3)}}
    steps = np.array_split(np.sort(seconds), min(POINTS, len(seconds)))
    return {"empirical": {"values": [rounded(float(step.mean())) for step in steps]}}


def patience_of(waits: Floats, left: npt.NDArray[np.bool_]) -> Law:
    """Patience from waits in seconds, shape (calls,): those who left ended it, the wait of all others was shorter than it.

    The survival curve is that of Kaplan and Meier (1958), by scipy.stats.ecdf on right-censored data, in 40 steps; it
    ends where fewer than 20 still wait, and an exponential tail follows with the hazard beyond the curve's upper
    half. Waits of 0 say nothing and are left out. With fewer than 30 who left: exponential with
    all waits / number who left (the maximum-likelihood estimate); nobody left: never.
    """
    from scipy.stats import CensoredData, ecdf

    counts = waits > 0
    waits, left = waits[counts], left[counts]
    gone = int(left.sum())
    if gone == 0:
        return "never"
    if gone < _FEW:
        return {"exponential": {"mean": rounded(float(waits.sum() / gone))}}
    curve = ecdf(CensoredData(uncensored=waits[left], right=waits[~left])).sf
    after, share = curve.quantiles, curve.probabilities
    at_risk = len(waits) - np.searchsorted(np.sort(waits), after, side="left")
    law = survival_law(after, share, at_risk, waits, left, np.ones(len(waits), np.int64))
    return {"exponential": {"mean": rounded(float(waits.sum() / gone))}} if law is None else law


def survival_law(
    after: Floats, share: Floats, at_risk: Ints, waits: Floats, left: npt.NDArray[np.bool_], counts: Ints
) -> Law | None:
    """A survival curve, its share of callers still waiting just `after` each time, in 40 steps; None for less than two.

    at_risk : how many still wait at each time; waits, left : of which the tail is made, each of which `counts` so often
    """
    keep = (after >= _FINEST) & (at_risk >= _AT_RISK) & (share > 0)
    after, share = after[keep], share[keep]
    if len(after) < 2:
        return None
    grid = np.linspace(share[0], share[-1], POINTS)
    chosen = np.unique(np.searchsorted(-share, -grid).clip(0, len(share) - 1))
    points = {rounded(float(after[at])): round(float(share[at]), 4) for at in chosen}
    middle = float(after[np.searchsorted(-share, -(1 + share[-1]) / 2).clip(0, len(share) - 1)])
    beyond = waits > middle
    tail = float(((waits[beyond] - middle) * counts[beyond]).sum() / max(int((left * counts)[beyond].sum()), 1))
    return {"survival": {"after": list(points), "share": list(points.values()), "tail": rounded(max(tail, 1.0))}}


def quartiles(law: Law) -> tuple[float, float, float] | None:
    """Seconds after which a quarter, half and three quarters have lost patience; None for "never"."""
    from pydantic import TypeAdapter

    from sim.chance.rows import quantile_function
    from sim.scenario.distributions import Distribution

    if law == "never":
        return None
    record: Any = TypeAdapter(Distribution).validate_python(law)
    low, middle, high = quantile_function(record)(np.array([0.25, 0.5, 0.75]))
    return float(low), float(middle), float(high)


def _distance(seconds: Floats, mean: float, cv: float) -> float:
    """Kolmogorov's distance between the observed and the lognormal of their mean and cv."""
    from scipy.stats import kstest, lognorm

    sigma = float(np.sqrt(np.log1p(cv * cv)))
    return float(kstest(seconds, lognorm(sigma, scale=mean / np.exp(sigma * sigma / 2)).cdf).statistic)


def rounded(seconds: float) -> float:
    """Seconds as they are written."""
    return round(float(seconds), 2)
