"""Arrival counts: the Poisson quantile is exact, and more demand never removes a caller."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.chance.poisson import poisson_probability, poisson_quantile

STEP = 2.0**-32
PI = Decimal("3.14159265358979323846264338327950288419717")
uniforms = st.integers(0, 2**32 - 1).map(lambda word: (word + 0.5) * STEP)
GRID = np.concatenate([STEP * np.array([0.5, 1.5, 100.5]), [1e-6, 1e-3], np.linspace(0.015, 0.985, 41),
                       [1 - 1e-3, 1 - 1e-6], 1 - STEP * np.array([100.5, 1.5, 0.5])])  # fmt: skip


MEANS = [1e-9, 0.01, 0.3, 0.6931, 1.0, 2.5, 7.0, 15.9, 30.0, 99.5, 1000.0, 31_234.5, 1e6]


@pytest.mark.parametrize("mean", MEANS)
def test_the_quantile_agrees_with_scipy(mean):
    grid = GRID[:: 8 if mean > 1e5 else 1]  # small enough to run with JIT off
    expected = stats.poisson.ppf(grid, mean).astype(int).tolist()
    assert [poisson_quantile(float(u), mean) for u in grid] == expected


@pytest.mark.parametrize("mean", [0.01, 1.0, 12.3, 30.0, 1000.0])
def test_the_quantile_is_exact_just_beside_each_step(mean):
    n = np.arange(stats.poisson.ppf(1e-7, mean), stats.poisson.ppf(1 - 1e-7, mean), max(1, mean // 50))
    for at, below, above in zip(n, stats.poisson.cdf(n, mean), stats.poisson.sf(n, mean), strict=True):
        if below <= 0.5:
            assert poisson_quantile(below * (1 - 1e-12), mean) == at
            assert poisson_quantile(below * (1 + 1e-12), mean) == at + 1
        else:
            assert poisson_quantile(1 - above - max(above * 1e-11, 2e-16), mean) == at
            assert poisson_quantile(1 - above + max(above * 1e-11, 2e-16), mean) == at + 1


def exact_survival(n: int, mean: int) -> Decimal:
    """P(N > n) for a large n to 30 digits: Stirling's series for n!, then the terms of the tail."""
    with localcontext() as context:
        context.prec = 40
        big = Decimal(n)
        log_factorial = (2 * PI * big).ln() / 2 + big * big.ln() - big + 1 / (12 * big) - 1 / (360 * big**3)
        term = (big * Decimal(mean).ln() - mean - log_factorial).exp()
        total = Decimal(0)
        while term > total * Decimal("1e-20") or n < mean:
            n += 1
            term = term * mean / n
            total += term
        return total


@pytest.mark.parametrize("u", [0.6, 0.999, 1 - 100.5 * STEP, 1 - 0.5 * STEP])
@pytest.mark.parametrize("mean", [1000, 1_000_000, 10_000_000])
def test_the_quantile_is_exact_where_scipy_is_not(u, mean):
    n = poisson_quantile(u, float(mean))  # scipy 1.17: the tail at 1e7 is 2 % off, and with it the quantile
    assert exact_survival(n, mean) <= Decimal(1 - u) < exact_survival(n - 1, mean)


def test_no_demand_brings_nobody():
    assert poisson_quantile(0.999, 0.0) == 0
    assert poisson_quantile(1 - STEP / 2, 0.0) == 0


@pytest.mark.parametrize("mean", [5e-324, 1e-300, 1e-100, 1e-12])
def test_next_to_no_demand_brings_nobody_at_any_uniform(mean):
    assert [poisson_quantile(u, mean) for u in (STEP / 2, 0.5, 1 - STEP / 2)] == [0, 0, 0]


@given(uniforms, st.floats(0.0, 2000.0), st.floats(0.0, 2000.0))
def test_more_demand_never_removes_a_caller(u, one, other):
    low, high = sorted((one, other))
    assert poisson_quantile(u, low) <= poisson_quantile(u, high)


@given(uniforms, st.floats(0.0, 2000.0), st.floats(1.0, 1.01))
def test_a_little_more_demand_never_removes_a_caller(u, mean, factor):
    assert poisson_quantile(u, mean) <= poisson_quantile(u, mean * factor)


@given(uniforms, uniforms, st.floats(0.0, 2000.0))
def test_the_count_rises_with_the_uniform(one, other, mean):
    low, high = sorted((one, other))
    assert poisson_quantile(low, mean) <= poisson_quantile(high, mean)


@pytest.mark.parametrize("mean", [0.2, 5.0, 40.0, 1e4, 1e6])
def test_probabilities_are_right_to_thirteen_digits(mean):
    for n in {0, 1, 2, 15, 16, math.floor(mean), math.floor(mean + 3 * math.sqrt(mean))}:
        expected = math.exp(n * math.log(mean) - mean - math.lgamma(n + 1))
        if expected > 0 and mean < 1e3:
            assert poisson_probability(n, mean) == pytest.approx(expected, rel=1e-13)
        assert poisson_probability(n, mean) == pytest.approx(stats.poisson.pmf(n, mean), rel=1e-8)


def test_counts_have_the_mean_and_variance_of_the_law():
    mean, size = 25.0, 4096  # stratified uniforms: the quantile function's own moments
    counts = np.array([poisson_quantile((k + 0.5) / size, mean) for k in range(size)])
    assert counts.mean() == pytest.approx(mean, abs=0.01)
    assert counts.var() == pytest.approx(mean, rel=0.01)
