"""poisson_quantile: the exact quantile function of the Poisson law, in O(sqrt(mean)).

Monotone in u and in the mean: more demand adds callers and moves none. The tail on the side of u is summed,
all terms positive, from the probability at a first guess (Cornish and Fisher 1938), and corrected term by
term. That probability is by Loader 2000, "Fast and accurate computation of binomial probabilities": no
cancellation, about 1e-15 relative. Sums carry relative, not absolute, errors, so the far tails of 32-bit
uniforms are right as well.
"""

from __future__ import annotations

import math

from sim.chance.elementary import exp, log, normal_quantile
from sim.chance.jit import cold, kernel

_TINY = 1e-18  # a term this small beside its sum no longer counts; what follows falls geometrically
_NOBODY = 1e-17  # below, P(N > 0) is less than 1 - u of any float64 u below 1
_SQRT_2_PI = 2.5066282746310005024


@cold
def _stirling_error(n: float) -> float:
    """log(n!) - log(sqrt(2 pi n) (n/e)**n) for n > 0: Loader 2000; his series, shifted up below 16."""
    shift = 0.0
    while n < 16.0:  # delta(n) - delta(n + 1) = (n + 1/2) log((n + 1) / n) - 1, as a series in 1 / (2 n + 1)
        z = 1.0 / ((2.0 * n + 1.0) * (2.0 * n + 1.0))
        term = z
        k = 3.0
        while term > 1e-20:
            shift += term / k
            term *= z
            k += 2.0
        n += 1.0
    s = 1.0 / (n * n)
    rest = 1.0 / 1680 - s * (1.0 / 1188 - s * 691.0 / 360360)
    series = 1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s * rest))
    return series / n + shift


@cold
def _deviance(n: float, mean: float) -> float:
    """n log(n / mean) + mean - n without cancellation: bd0 of Loader 2000, section 3."""
    d = n - mean
    if abs(d) < 0.1 * (n + mean):
        v = d / (n + mean)
        total = d * v
        term = 2.0 * n * v
        v = v * v
        for j in range(1, 1000):
            term *= v
            more = total + term / (2 * j + 1)
            if more == total:
                return more
            total = more
    return n * log(n / mean) - d


@kernel
def poisson_probability(n: int, mean: float) -> float:
    """P(N = n) for a Poisson N, mean > 0; n int64 not below 0. Loader 2000, equation (5)."""
    if n == 0:
        return exp(-mean)
    x = float(n)
    return exp(-_stirling_error(x) - _deviance(x, mean)) / (_SQRT_2_PI * math.sqrt(x))


@kernel
def poisson_quantile(u: float, mean: float) -> int:
    """The smallest n (int64) with P(N <= n) >= u, u inside (0, 1); 0 when the mean is 0."""
    n = 0
    if not mean > _NOBODY or not u > 0.0:
        return n
    z = normal_quantile(u)
    guess = mean + z * math.sqrt(mean) + (z * z - 1.0) / 6.0
    if u <= 0.5:
        guess = min(guess, mean)  # the expansion overshoots at small means
        if guess > 2.0:
            n = int(guess) - 2  # low, so that the correction adds instead of taking away
        return _from_below(n, u, mean)
    n = int(max(guess, mean)) + 2  # high, for the same reason; not below the mean, so terms fall
    return _from_above(n, 1.0 - u, mean)


@cold
def _from_below(n: int, u: float, mean: float) -> int:
    """The quantile by the lower tail: total = P(N <= n)."""
    p = poisson_probability(n, mean)
    total = p
    term = p
    j = n
    while j > 0 and term > _TINY * total:
        term *= j / mean
        total += term
        j -= 1
    while n > 0 and total - p >= u:
        total -= p
        p *= n / mean
        n -= 1
    while total < u and p > 0.0:
        n += 1
        p *= mean / n
        total += p
    return n


@cold
def _from_above(n: int, v: float, mean: float) -> int:
    """The quantile by the upper tail: total = P(N > n), wanted at most v = 1 - u."""
    p = poisson_probability(n, mean)
    total = 0.0
    term = p
    j = n
    while True:
        j += 1
        term *= mean / j
        total += term
        if not term > _TINY * total:
            break
    while total > v and p > 0.0:
        n += 1
        p *= mean / n
        total -= p
    while n > 0 and total + p <= v:
        total += p
        p *= n / mean
        n -= 1
    return n
