"""Own hours: busy times within the day that one call type has by itself, beside those that all types share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

HALF_LIVES = 80  # tried, evenly on the scale of logarithms: each 8 % longer than the one before on a day of 5-minute intervals

_SURE = 0.977  # one-sided: of simulated types without own hours up to 1 in 20 is said to have them
_LEAST_LAGS = 3  # of which two columns can be fitted


def memories(parts: int) -> Floats:
    """Correlations of successive intervals that are tried, for half-lives from half an interval up to half of the day."""
    return np.asarray(0.5 ** (1.0 / np.geomspace(0.5, parts / 2, HALF_LIVES)), np.float64)


def by_lag(x: Floats) -> Floats:
    """Sums over t of x_t x_(t + lag), by lag, along the last axis: float64, shape as x."""
    parts = x.shape[-1]
    padded = 1 << (2 * parts - 1).bit_length()  # so that no pair goes round, and the transform is fast
    power = np.abs(np.fft.rfft(x, padded, axis=-1)) ** 2
    return np.asarray(np.fft.irfft(power, padded, axis=-1)[..., :parts], np.float64)


def pairs_of_calls(rest: Floats, mean: Floats) -> Floats:
    """Sums by lag of the covariance beyond Poisson's part; rest : (days, types, intervals), mean and what is returned:
    float64, shape (types, intervals).
    """
    found = by_lag(rest).sum(axis=0)
    found[:, 0] -= mean.sum(axis=1)
    return np.asarray(found, np.float64)


def beyond_chance(rest: Floats, mean: Floats) -> Bools:
    """Types whose calls go together within the day more than those of different types do: bool, shape (types,).

    rest : float64, shape (days, types, intervals), deviations from what is usual, such that squares summed over days are
    variances; mean : shape (types, intervals)

    A type's covariance of two intervals by lag, less that of calls of different types, is what it has of its own. The slope b
    of its least squares on a + b r^lag, with the r that fits best, is a sum over days; so days say how sure it is (a mean of
    independent terms). Beyond chance is b above so many standard errors as Student's 97.7 % point says, 2 of many days.
    """
    days, types, _ = rest.shape
    from scipy.stats import t

    found = np.zeros(types, np.bool_)
    pairs = by_lag(mean)
    across = by_lag(mean.sum(axis=0)) - pairs.sum(axis=0)
    if types == 1 or days < 2 or not (across > 0).any():
        return found
    each = by_lag(rest)
    shared = by_lag(rest.sum(axis=1)) - each.sum(axis=1)
    for kind in range(types):
        lags = _lags(np.minimum(pairs[kind], across))
        if len(lags) < _LEAST_LAGS:
            continue
        own = each[:, kind, lags] / pairs[kind, lags] - shared[:, lags] / across[lags]
        own -= np.where(lags == 0, mean[kind].sum(), 0.0) / pairs[kind, lags] / days  # Poisson's part
        fit = _Fit(lags, pairs[kind, lags], rest.shape[2])
        best = int(np.argmin(fit.of(own.sum(axis=0))[2]))
        slopes = own @ fit.slope[best]
        found[kind] = bool(slopes.sum() > t.ppf(_SURE, days - 1) * slopes.std(ddof=1) * days**0.5)
    return found


def own_hours(seen: Floats, mean: Floats, shared: Floats) -> tuple[float, float]:
    """Squared cv of a type's own hours, and their correlation; seen : its `pairs_of_calls` by lag; mean : (intervals,).

    shared : by lag, what the factors it shares multiply E(N_t N_s) / m_t m_s by. With factors of its own that is, beside
    Poisson's part, shared (1 + own^2) (1 + own hours^2)^(r^lag); so what is left after `shared` is fitted by a + b r^lag, by
    least squares not below 0, weighted and with half-lives looked for as in those that types share (`volumes`).
    """
    pairs = by_lag(mean)
    lags = _lags(pairs)
    if len(lags) < _LEAST_LAGS:
        return 0.0, 0.0
    fit = _Fit(lags, pairs[lags], len(mean))
    day, hours, error = fit.of((1.0 + seen[lags] / pairs[lags]) / shared[lags] - 1.0)
    best = int(np.argmin(error))
    return (float(hours[best] / (1.0 + day[best])), float(fit.memory[best])) if hours[best] > 0 else (0.0, 0.0)


def of_day(mean: Floats, hours: float, correlation: float, intervals: float) -> float:
    """Squared cv that factors within the day give to totals of days with this mean by interval, shape (intervals,)."""
    lags = np.arange(len(mean))
    factor = (1.0 + hours) ** (correlation**lags) * (1.0 + intervals * (lags == 0)) - 1.0
    pairs = by_lag(mean / mean.sum()) * np.where(lags == 0, 1.0, 2.0)
    return float(pairs @ factor)


def _lags(pairs: Floats) -> Ints:
    """Lags of which there are pairs of calls, beyond what rounding leaves of none."""
    return np.flatnonzero(pairs > 1e-9 * pairs.max(initial=1e-300))


class _Fit:
    """Weighted least squares on a + b r^lag for every r of `memories`; a lag weighs its pairs of calls / (1 + lag)."""

    def __init__(self, lags: Ints, pairs: Floats, parts: int) -> None:
        self.memory = memories(parts)
        self._weight = pairs / (1.0 + lags)
        self._weight = self._weight / self._weight.sum()
        self._x = self.memory[:, np.newaxis] ** lags
        self._mean = self._x @ self._weight
        off = self._x - self._mean[:, np.newaxis]
        self.slope = self._weight * off / np.maximum((off**2 @ self._weight)[:, np.newaxis], 1e-300)  # b = slope @ y

    def of(self, y: Floats) -> tuple[Floats, Floats, Floats]:
        """a, b and the error for every r, with a and b not below 0: where one would be, the other is alone."""
        mean = float(y @ self._weight)
        b = self.slope @ y
        a = mean - b * self._mean
        alone = np.maximum(self._x @ (self._weight * y) / (self._x**2 @ self._weight), 0.0)
        b = np.where(b < 0, 0.0, np.where(a < 0, alone, b))
        a = np.where(b <= 0, max(mean, 0.0), np.maximum(a, 0.0))
        error = ((y - a[:, np.newaxis] - b[:, np.newaxis] * self._x) ** 2) @ self._weight
        return a, b, np.asarray(error, np.float64)
