"""Binned: observed durations counted in fixed bins, and the laws that are fitted to such counts."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SHORT = 10.0  # seconds: a service that ends before is short
LAWS = ("exponential", "lognormal", "gamma", "weibull")  # of their mean, and of a shape but for the first
_BINS = 60
_SHAPES = {"lognormal": (0.02, 20.0), "gamma": (0.02, 20.0), "weibull": (0.1, 10.0)}  # cv, cv, shape: looked for between
_NEAR = 1.6  # times and part of a known shape, between which one that is near it is looked for
_CLOSE = 2e-3  # of the logarithm of a shape; three digits are written
_ROUNDS = 6  # in which the share of short services and the mean of the rest agree to a thousandth
_MOST_SHORT = 0.9


class Binned(NamedTuple):
    """Durations by day and bin: `number` of them and their `total` in seconds, float64, shape (days, bins).

    edges : float64, shape (bins + 1,), the first 0, the last infinite; a bin has its lower edge
    """

    edges: Floats
    number: Floats
    total: Floats


class Fitted(NamedTuple):
    """A law of durations: `word` with `mean` and `shape` (a cv; of a weibull its shape; 1 of an exponential), of all but the
    `share` of short services, whose numbers by bin are `excess`: what is below SHORT beyond what the law says.
    """

    word: str
    mean: float
    shape: float
    share: float
    excess: Floats


def binned(seconds: Floats, day: Ints, days: int) -> Binned:
    """Some 60 bins with as many observations each, and whole seconds below SHORT. Where seconds are recorded as whole ones, the
    time that has passed, a bin from 5 to 7 holds what lasted from 5 to below 7.
    """
    levels = np.quantile(seconds, np.arange(1, _BINS) / _BINS, method="lower")
    inner = np.unique(np.concatenate([levels[levels > 0], np.arange(1.0, SHORT + 1)]))
    edges = np.concatenate([[0.0], inner, [np.inf]])
    place = np.searchsorted(edges, seconds, side="right") - 1
    out = np.zeros((2, days, len(edges) - 1))
    np.add.at(out[0], (day, place), 1.0)
    np.add.at(out[1], (day, place), seconds)
    return Binned(edges, out[0], out[1])


def distribution(word: str, mean: float, shape: float) -> Callable[[Floats], Floats]:
    """The distribution function of a law with that mean and shape, as `sim.chance.rows` draws it."""
    from scipy.special import gammainc, ndtr

    if word == "exponential":
        return lambda x: -np.expm1(-x / mean)
    if word == "weibull":
        scale = mean / math.gamma(1.0 + 1.0 / shape)
        return lambda x: -np.expm1(-((x / scale) ** shape))
    if word == "gamma":
        k = 1.0 / (shape * shape)
        return lambda x: np.asarray(gammainc(k, x * k / mean), np.float64)
    variance = math.log1p(shape * shape)

    def lognormal(x: Floats) -> Floats:
        with np.errstate(divide="ignore"):
            return np.asarray(ndtr((np.log(x / mean) + 0.5 * variance) / math.sqrt(variance)), np.float64)

    return lognormal


def shares_of_bins(fitted: Fitted, edges: Floats) -> Floats:
    """What share of durations a law puts into each bin: float64, shape (bins,)."""
    rest = np.diff(distribution(fitted.word, fitted.mean, fitted.shape)(edges))
    if fitted.share == 0.0:
        return rest
    return np.asarray(fitted.share * fitted.excess / fitted.excess.sum() + (1.0 - fitted.share) * rest, np.float64)


def fit(word: str, edges: Floats, number: Floats, total: Floats, *, short: bool, near: float | None = None) -> Fitted | None:
    """The law of the largest likelihood of counts in bins whose mean is that of the observations; None where it cannot be.

    number, total : float64, shape (bins,); short : with short services apart; near : a shape that this one is near

    Short services are apart where what lasts SHORT or longer is the law's, given that it does, and there are more below than it
    has there: with the share A beyond SHORT they are 1 - A / (1 - F(SHORT)) of all, and below SHORT they are what the law
    does not explain (a mixture whose one part is free below a border, and 0 beyond).
    """
    if not number.sum() > 0 or not total.sum() > 0:
        return None
    if word == LAWS[0]:
        return _with_shape(word, 1.0, edges, number, total, short)
    from scipy.optimize import minimize_scalar

    low, high = _SHAPES[word] if near is None else (near / _NEAR, near * _NEAR)

    def loss(power: float) -> float:
        found = _with_shape(word, math.exp(power), edges, number, total, short)
        if found is None:
            return 1e12 + abs(power)
        return -float(number @ np.log(np.maximum(shares_of_bins(found, edges), 1e-12)))

    least = minimize_scalar(loss, bounds=(math.log(low), math.log(high)), method="bounded", options={"xatol": _CLOSE})
    return _with_shape(word, math.exp(least.x), edges, number, total, short)


def _with_shape(word: str, shape: float, edges: Floats, number: Floats, total: Floats, short: bool) -> Fitted | None:
    whole, mean = float(number.sum()), float(total.sum() / number.sum())
    nothing = np.zeros_like(number)
    if not short:
        return Fitted(word, mean, shape, 0.0, nothing)
    below = edges[1:] <= SHORT
    beyond = float(number[~below].sum()) / whole
    of_short = float(total[below].sum() / max(number[below].sum(), 1.0))
    share, rest = 0.0, mean
    for _ in range(_ROUNDS):
        there = float(distribution(word, rest, shape)(np.array([SHORT]))[0])
        share = 1.0 - beyond / max(1.0 - there, 1e-9)
        if not 0.0 < share < _MOST_SHORT:
            return None
        rest = (mean - share * of_short) / (1.0 - share)
    law = np.diff(distribution(word, rest, shape)(edges))
    excess = np.where(below, np.maximum(number - whole * (1.0 - share) * law, 0.0), 0.0)
    return Fitted(word, rest, shape, share, excess) if excess.sum() > 0 else None
