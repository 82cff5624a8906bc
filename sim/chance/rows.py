"""rows: a Distribution of a scenario becomes a row of Laws; scipy only where there is no closed form."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from sim.chance import quantiles, tables
from sim.chance.elementary import log
from sim.chance.tables import Cdf, Floats, Ppf
from sim.scenario import distributions as d
from sim.scenario.units import value

Row = tuple[int, tuple[float, ...], Floats | None]


def law_row(law: d.Distribution) -> Row:
    """Kind, parameters and table of a distribution, as `quantiles.pack` takes them; seconds.

    A mean of 0 is always 0, a cv of 0 always the mean. Raises ValueError for an open range or a parameter
    outside its domain.
    """
    if isinstance(law, d.Never):
        return quantiles.NEVER, (), None
    if isinstance(law, d.Deterministic):
        return quantiles.DETERMINISTIC, (value(law.value),), None
    if isinstance(law, d.Uniform):
        return quantiles.UNIFORM, (value(law.low), value(law.high)), None
    if isinstance(law, d.Empirical):
        if len(set(law.values)) == 1:
            return quantiles.DETERMINISTIC, (law.values[0],), None
        return quantiles.TABLE, (), _table(law)
    if isinstance(law, d.HyperExponential):
        if len(law.means) == 1:
            return _exponential(value(law.means[0]))
        return quantiles.TABLE, (), _table(law)
    if isinstance(law, d.Survival | d.Mixture):
        return quantiles.TABLE, (), _table(law)
    return _by_mean(law, value(law.mean))


def _by_mean(law: d.Exponential | d.LogNormal | d.Weibull | d.Gamma | d.Erlang, mean: float) -> Row:
    if mean == 0.0:
        return quantiles.DETERMINISTIC, (0.0,), None
    if isinstance(law, d.Exponential):
        return _exponential(mean)
    if isinstance(law, d.Weibull):
        shape = value(law.shape)
        if shape <= 0.0:
            raise ValueError(f"the shape of a weibull must be above 0, found {shape:g}")
        return quantiles.WEIBULL, (mean / math.gamma(1.0 + 1.0 / shape), shape), None
    cv = 1.0 / math.sqrt(law.k) if isinstance(law, d.Erlang) else value(law.cv)
    if cv == 0.0:
        return quantiles.DETERMINISTIC, (mean,), None
    if isinstance(law, d.LogNormal):
        variance = log(1.0 + cv * cv)  # of the logarithm
        return quantiles.LOGNORMAL, (log(mean) - 0.5 * variance, math.sqrt(variance)), None
    if cv == 1.0:
        return _exponential(mean)
    return quantiles.TABLE, (), _gamma_table(cv) * mean


def _exponential(mean: float) -> Row:
    return (quantiles.EXPONENTIAL if mean > 0.0 else quantiles.DETERMINISTIC), (mean,), None


@lru_cache(maxsize=256)  # a law's table is a pure function of its numbers; a study asks for it every day
def _table(law: d.Distribution) -> Floats:
    table = quantiles.make_table(_component(law)[0])
    table.setflags(write=False)
    return table


@lru_cache(maxsize=256)  # by cv only: an uncertain mean needs no new table
def _gamma_table(cv: float) -> Floats:
    table = quantiles.make_table(tables.gamma(1.0, cv))
    table.setflags(write=False)
    return table


def quantile_function(law: d.Distribution) -> Ppf:
    """The quantile function of a law as numpy code: probabilities float64 -> seconds, of the same shape."""
    return _component(law)[0]


def _component(law: d.Distribution) -> tuple[Ppf, Cdf]:
    """Quantile and distribution function of any law, vectorized; for tables and mixtures."""
    if isinstance(law, d.HyperExponential):
        parts = [
            (*tables.exponential(value(mean)), value(share)) for mean, share in zip(law.means, law.shares, strict=True)
        ]
        return tables.mixture(parts), _mixture_cdf(parts)
    if isinstance(law, d.Mixture):
        mixed = [(*_component(part.of), value(part.share)) for part in law.parts]
        return tables.mixture(mixed), _mixture_cdf(mixed)
    if isinstance(law, d.Empirical):
        weights = None if law.weights is None else [value(weight) for weight in law.weights]
        return tables.empirical(law.values, weights), _empirical_cdf(law.values, weights)
    if isinstance(law, d.Survival):
        share, tail = [value(part) for part in law.share], value(law.tail)
        return tables.survival(law.after, share, tail), _survival_cdf(law.after, share, tail)
    if isinstance(law, d.Gamma | d.Erlang) and value(law.mean) > 0.0:
        cv = 1.0 / math.sqrt(law.k) if isinstance(law, d.Erlang) else value(law.cv)
        if cv > 0.0:
            return tables.gamma(value(law.mean), cv), tables.gamma_cdf(value(law.mean), cv)
    return _closed_form(law_row(law))


def _closed_form(row: Row) -> tuple[Ppf, Cdf]:
    kind, params, _ = row
    if kind == quantiles.EXPONENTIAL:
        return tables.exponential(params[0])
    if kind == quantiles.DETERMINISTIC:
        return (
            lambda u: np.full_like(u, params[0]),
            lambda x: np.asarray(x >= params[0], np.float64),
        )
    if kind == quantiles.UNIFORM:
        low, high = params
        if low == high:
            return _closed_form((quantiles.DETERMINISTIC, (low,), None))
        return (
            lambda u: low + (high - low) * u,
            lambda x: np.clip((x - low) / (high - low), 0.0, 1.0),
        )
    if kind == quantiles.WEIBULL:
        scale, shape = params
        return (
            lambda u: scale * (-np.log1p(-u)) ** (1.0 / shape),
            lambda x: -np.expm1(-((np.maximum(x, 0.0) / scale) ** shape)),
        )
    if kind == quantiles.LOGNORMAL:
        return _lognormal(*params)
    return lambda u: np.full_like(u, np.inf), lambda x: np.zeros_like(x)  # NEVER


def _lognormal(mu: float, sigma: float) -> tuple[Ppf, Cdf]:
    def ppf(u: Floats) -> Floats:
        from scipy.special import ndtri

        return np.asarray(np.exp(mu + sigma * ndtri(u)), np.float64)

    def cdf(x: Floats) -> Floats:
        from scipy.special import ndtr

        with np.errstate(divide="ignore"):  # log 0 is -inf, and its probability 0
            return np.asarray(ndtr((np.log(np.maximum(x, 0.0)) - mu) / sigma), np.float64)

    return ppf, cdf


def _mixture_cdf(parts: list[tables.Component]) -> Cdf:
    whole = math.fsum(share for _, _, share in parts)

    def cdf(x: Floats) -> Floats:
        return np.asarray(sum(share / whole * part(x) for _, part, share in parts), np.float64)

    return cdf


def _empirical_cdf(values: tuple[float, ...], weights: list[float] | None) -> Cdf:
    """The inverse of `tables.empirical`: the same plotting positions, atoms at both ends."""
    x = np.asarray(values, np.float64)
    w = np.ones_like(x) if weights is None else np.asarray(weights, np.float64)
    x, w = x[w > 0.0], w[w > 0.0]
    order = np.argsort(x, kind="stable")
    x, w = x[order], w[order]
    place = (np.cumsum(w) - 0.5 * w) / w.sum()

    def cdf(at: Floats) -> Floats:
        return np.where(at >= x[-1], 1.0, np.interp(at, x, place, left=0.0))

    return cdf


def _survival_cdf(after: tuple[float, ...], share: list[float], tail: float) -> Cdf:
    times, left = np.array([0.0, *after]), np.array([1.0, *share])

    def cdf(x: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):  # tail 0: nobody beyond
            beyond = left[-1] * np.exp(-np.maximum(x - times[-1], 0.0) / tail) if tail > 0.0 else np.zeros_like(x)
        return np.asarray(1.0 - np.where(x > times[-1], beyond, np.interp(x, times, left)), np.float64)

    return cdf
