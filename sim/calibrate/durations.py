"""Durations: observed handle times and censored waits become distributions."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Law = Any  # a distribution as a scenario file writes it

POINTS = 40  # of an empirical distribution or a survival curve
Parts = tuple[tuple[float, int], ...]  # share of the calls, steps
_PARTS: tuple[tuple[int, Parts], ...] = (  # from so many observations on
    (8000, ((0.95, POINTS), (0.0475, 20), (0.0025, 10))),
    (400, ((0.95, POINTS), (0.05, 20))),
    (0, ((1.0, POINTS),)),
)
_SHORT_PART: Parts = ((1.0, 10),)
_CLOSE = 0.03  # Kolmogorov distance up to which a lognormal is taken for the observed
FEW = 30  # observations below which only the mean is believed
_FINEST = 0.01  # seconds; times are written so
_AT_RISK = 20  # the survival curve ends where fewer are still waiting


def record_of(law: Law) -> Any:
    """The distribution that a law in a scenario file's form is; raises pydantic's ValidationError for what is none."""
    return _adapter().validate_python(law)


@lru_cache(maxsize=1)  # it compiles a schema
def _adapter() -> Any:
    from pydantic import TypeAdapter

    from sim.scenario.distributions import Distribution

    adapter: TypeAdapter[Any] = TypeAdapter(Distribution)
    return adapter


def law_of(seconds: Floats) -> Law:
    """The distribution of observed durations: lognormal where it fits, else the observed in steps (`stepped`).

    The mean is that of the observations. Fewer than 30 give an exponential of their mean.
    """
    mean = float(seconds.mean()) if len(seconds) else 0.0
    if mean <= 0:
        return 0.0
    if len(seconds) < FEW:
        return {"exponential": {"mean": rounded(mean)}}
    cv = float(seconds.std() / mean)
    if cv < 1e-3:
        return rounded(mean)
    if _distance(seconds, mean, cv) <= _CLOSE:
        return {"lognormal": {"mean": rounded(mean), "cv": round(cv, 3)}}
    return stepped(np.sort(seconds), np.ones(len(seconds), np.int64), parts_of(len(seconds)))


def parts_of(observations: int) -> Parts:
    """Into which parts observed durations are cut: many enough have a tail of their own, and its end once more."""
    return next(parts for least, parts in _PARTS if observations >= least)


def stepped(seconds: Floats, each: Ints, parts: Parts) -> Law:
    """Durations in order, each of which counts so often, as means of steps: the body and the tails by themselves.

    Of one distribution in steps of equal weight the last, a fortieth of all calls, would be its longest: the calls that
    last for hours, which keep an agent from everything else, would be gone, and a tenth of the cv with them.
    """
    until, sums = np.cumsum(each), np.cumsum(each * seconds)
    many = int(until[-1])
    sizes: list[list[int]] = []
    left = many
    for share, steps in reversed(parts):
        part = left if len(sizes) == len(parts) - 1 else max(round(share * many), 1)
        number = min(steps, part)
        sizes.insert(0, [part // number + (at < part % number) for at in range(number)])
        left -= part
    flat = np.array([size for part in sizes for size in part], np.int64)
    edges = np.cumsum(flat)
    at = np.searchsorted(until, edges, side="left")  # the observation in which a step ends
    before = np.where(at > 0, sums[at - 1], 0.0)
    below = before + (edges - np.where(at > 0, until[at - 1], 0)) * seconds[at]
    means = iter(np.diff(below, prepend=0.0) / flat)
    laws = [_steps([rounded(float(next(means))) for _ in part], part) for part in sizes]
    if len(laws) == 1:
        return laws[0]
    shares = [round(sum(part) / many, 6) for part in sizes[1:]]
    shares.insert(0, round(1 - sum(shares), 6))
    return {"mixture": {"parts": [{"share": share, "of": law} for share, law in zip(shares, laws, strict=True)]}}


def in_steps(seconds: Floats, each: Ints, observations: int, short: float | None) -> Law:
    """As `stepped`, in parts by how many there were; those below `short` seconds, where it is given, are a part of their own."""
    border = 0 if short is None else int(np.searchsorted(seconds, short, side="left"))
    below, beyond = int(each[:border].sum()), int(each[border:].sum())
    if not below or not beyond:
        return stepped(seconds, each, parts_of(observations))
    share = round(below / (below + beyond), 6)
    first = stepped(seconds[:border], each[:border], _SHORT_PART)
    rest = stepped(seconds[border:], each[border:], parts_of(observations))
    others = rest["mixture"]["parts"] if "mixture" in rest else [{"share": 1.0, "of": rest}]
    parts = [{"share": round(one["share"] * (1 - share), 6), "of": one["of"]} for one in others]
    parts[0]["share"] = round(1 - share - sum(one["share"] for one in parts[1:]), 6)
    return {"mixture": {"parts": [{"share": share, "of": first}, *parts]}}


def _steps(values: list[float], sizes: list[int]) -> Law:
    """Weights only where they differ: steps of one more and one less observation."""
    table: dict[str, Any] = {"values": values}
    if len(set(sizes)) > 1:
        table["weights"] = sizes
    return {"empirical": table}


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
    if gone < FEW:
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


def _distance(seconds: Floats, mean: float, cv: float) -> float:
    """Kolmogorov's distance between the observed and the lognormal of their mean and cv."""
    from scipy.stats import kstest, lognorm

    sigma = float(np.sqrt(np.log1p(cv * cv)))
    return float(kstest(seconds, lognorm(sigma, scale=mean / np.exp(sigma * sigma / 2)).cdf).statistic)


def rounded(seconds: float) -> float:
    """Seconds as they are written."""
    return round(float(seconds), 2)
