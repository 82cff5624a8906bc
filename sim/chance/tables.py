"""tables: quantile functions without a closed form, made by scipy, for `quantiles.make_table`.

A `Ppf` maps u in (0, 1), float64 of any shape, to seconds of the same shape; a `Cdf` maps seconds to
probabilities. scipy is imported when a function is called.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ppf = Callable[[Floats], Floats]
Cdf = Callable[[Floats], Floats]
Component = tuple[Ppf, Cdf, float]  # with its share

_BISECTIONS = 200  # more than halvings between two float64 of the same order; stops when nothing moves
_DOUBLINGS = 64  # beyond 2**64 seconds a time does not come


def gamma(mean: float, cv: float) -> Ppf:
    """Gamma law of a mean (seconds) and coefficient of variation, both above 0: shape 1 / cv**2."""
    shape = 1.0 / (cv * cv)
    scale = mean * cv * cv

    def ppf(u: Floats) -> Floats:
        from scipy.special import gammainccinv, gammaincinv

        u = np.asarray(u, np.float64)
        lower = gammaincinv(shape, np.minimum(u, 0.5))
        upper = gammainccinv(shape, np.minimum(1.0 - u, 0.5))  # 1 - u is exact at nodes: no loss in the tail
        return np.asarray(np.where(u <= 0.5, lower, upper) * scale, np.float64)

    return ppf


def gamma_cdf(mean: float, cv: float) -> Cdf:
    """Distribution function of `gamma`, for use in a mixture."""
    shape = 1.0 / (cv * cv)
    scale = mean * cv * cv

    def cdf(x: Floats) -> Floats:
        from scipy.special import gammainc

        return np.asarray(gammainc(shape, np.maximum(x, 0.0) / scale), np.float64)

    return cdf


def mixture(components: Sequence[Component]) -> Ppf:
    """With these shares one of several laws: the smallest x with F(x) >= u, found by bisection.

    A mixture's quantile lies between those of its components at the same u. A component that does not come
    has a ppf of inf and a cdf of 0. Components without share are left out.
    """
    parts = [part for part in components if part[2] > 0.0]
    whole = math.fsum(share for _, _, share in parts)
    if not parts:
        raise ValueError("a mixture needs a component with a share above 0")
    if (one_by_one := _apart(parts, whole)) is not None:
        return one_by_one

    def cdf(x: Floats) -> Floats:
        total = np.zeros_like(x)
        for _, part, share in parts:
            total += share / whole * part(x)
        return total

    def ppf(u: Floats) -> Floats:
        u = np.asarray(u, np.float64)
        values = np.stack([np.asarray(part(u), np.float64) for part, _, _ in parts])
        low, high = values.min(axis=0), values.max(axis=0)
        high = _finite(cdf, u, low, high)
        never = np.isinf(high)
        high = np.where(never, low, high)
        for _ in range(_BISECTIONS):
            middle = low + 0.5 * (high - low)
            enough = cdf(middle) >= u
            if bool(np.all((middle == low) | (middle == high))):
                break
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        return np.where(never, np.inf, high)

    return ppf


def _apart(parts: Sequence[Component], whole: float) -> Ppf | None:
    """The quantile function of components that lie beside each other, as a body and its tail do: each in its own range of u.

    None where two of them overlap; the bisection above gives the same to the last digits, and takes a hundred times as long.
    """
    ends = np.array([0.0, 1.0])
    with np.errstate(divide="ignore"):  # an open end is infinite
        limits = [np.asarray(ppf(ends), np.float64).tolist() for ppf, _, _ in parts]
    found = [(low, high, ppf, share) for (low, high), (ppf, _, share) in zip(limits, parts, strict=True)]
    placed = sorted(found, key=lambda one: one[:2])
    if any(before[1] > after[0] for before, after in pairwise(placed)):
        return None
    borders = np.cumsum([share / whole for _, _, _, share in placed])

    def ppf(u: Floats) -> Floats:
        u = np.asarray(u, np.float64)
        part = np.minimum(np.searchsorted(borders, u, side="left"), len(placed) - 1)
        out = np.empty_like(u)
        for at, (_, _, own, share) in enumerate(placed):
            mine = part == at
            begin = borders[at] - share / whole
            out[mine] = own(np.clip((u[mine] - begin) / (share / whole), 0.0, 1.0))
        return out

    return ppf


def _finite(cdf: Cdf, u: Floats, low: Floats, high: Floats) -> Floats:
    """`high` with inf replaced by a finite upper bound of the quantile; inf stays where there is none."""
    open_ = np.isinf(high)
    if not bool(open_.any()):
        return high
    bound = np.where(np.isfinite(low), np.maximum(low, 1.0), np.inf)
    for _ in range(_DOUBLINGS):
        short = open_ & np.isfinite(bound) & (cdf(np.where(np.isfinite(bound), bound, 0.0)) < u)
        if not bool(short.any()):
            break
        bound = np.where(short, 2.0 * bound, bound)
    else:
        bound = np.where(short, np.inf, bound)
    return np.where(open_, bound, high)


def exponential(mean: float) -> tuple[Ppf, Cdf]:
    """Quantile and distribution function of an exponential law, for use in a mixture; mean 0 is always 0."""

    def ppf(u: Floats) -> Floats:
        return np.asarray(-mean * np.log1p(-np.asarray(u, np.float64)), np.float64)

    def cdf(x: Floats) -> Floats:
        if mean == 0.0:
            return np.asarray(np.where(x >= 0.0, 1.0, 0.0), np.float64)
        return np.asarray(-np.expm1(-np.maximum(x, 0.0) / mean), np.float64)

    return ppf, cdf


def hyperexponential(means: Sequence[float], shares: Sequence[float]) -> Ppf:
    """A mixture of exponentials with these means (seconds) and shares."""
    return mixture([(*exponential(mean), share) for mean, share in zip(means, shares, strict=True)])


def empirical(values: Sequence[float], weights: Sequence[float] | None = None) -> Ppf:
    """Linear between the sorted values, nothing beyond the smallest and largest.

    A value stands in the middle of its weight (Hazen 1914, plotting position (i - 1/2) / n), so with equal
    weights the mean is the mean of the values.
    """
    x = np.asarray(values, np.float64)
    w = np.ones_like(x) if weights is None else np.asarray(weights, np.float64)
    if x.shape != w.shape or not bool(np.all(w >= 0.0)) or not w.sum() > 0.0:
        raise ValueError("weights must be as many as values, not below 0, and not all 0")
    x, w = x[w > 0.0], w[w > 0.0]
    order = np.argsort(x, kind="stable")
    x, w = x[order], w[order]
    place = (np.cumsum(w) - 0.5 * w) / w.sum()

    def ppf(u: Floats) -> Floats:
        return np.asarray(np.interp(u, place, x), np.float64)

    return ppf


def survival(after: Sequence[float], share: Sequence[float], tail: float) -> Ppf:
    """The law of a survival curve: linear from 1 at 0 through the points, then exponential of mean `tail`.

    `after` (seconds) rises from above 0, `share` still there falls; with `tail` inf who is left never goes.
    """
    times = np.concatenate([[0.0], np.asarray(after, np.float64)])
    left = np.concatenate([[1.0], np.asarray(share, np.float64)])
    last = float(left[-1])

    def ppf(u: Floats) -> Floats:
        v = 1.0 - np.asarray(u, np.float64)
        inside = np.interp(v, left[::-1], times[::-1])
        if last == 0.0:
            return np.asarray(inside, np.float64)
        excess = np.log(last / np.minimum(v, last))
        beyond = np.where(excess > 0.0, tail, 0.0) * np.where(excess > 0.0, excess, 1.0)
        return np.asarray(np.where(v >= last, inside, times[-1] + beyond), np.float64)

    return ppf
