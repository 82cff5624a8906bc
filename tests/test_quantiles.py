"""Durations: every law's quantile function against scipy, through the tails, and given what was waited."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from sim.chance import quantiles, tables
from sim.chance.quantiles import (
    DETERMINISTIC,
    EXPONENTIAL,
    LOGNORMAL,
    NEVER,
    NEVER_TICKS,
    TABLE,
    UNIFORM,
    WEIBULL,
    cumulative,
    law_quantile,
    law_ticks,
    make_table,
    pack,
    quantile_beyond,
    seconds_to_ticks,
    table_nodes,
)

STEP = 2.0**-32
words = st.integers(0, 2**32 - 1)
uniforms = words.map(lambda word: (word + 0.5) * STEP)
TAIL = (np.floor(np.geomspace(1, 2.0**31, 401)) - 0.5) * STEP  # uniforms as the generator makes them: 1 - u is exact
GRID = np.concatenate([TAIL, 1 - TAIL[::-1]])

MIXED = tables.mixture(
    [
        (tables.gamma(30, 0.5), tables.gamma_cdf(30, 0.5), 0.3),
        (tables.gamma(400, 1.2), tables.gamma_cdf(400, 1.2), 0.7),
    ]
)
LAWS = pack(
    [
        (NEVER, (), None),
        (DETERMINISTIC, (42.0,), None),
        (EXPONENTIAL, (180.0,), None),
        (WEIBULL, (120.0, 0.7), None),
        (LOGNORMAL, (5.0, 0.9), None),
        (UNIFORM, (10.0, 20.0), None),
        (TABLE, (), make_table(tables.gamma(240, 0.3))),
        (TABLE, (), make_table(tables.gamma(240, 2.0))),
        (TABLE, (), make_table(tables.hyperexponential([20, 600], [0.4, 0.6]))),
        (TABLE, (), make_table(MIXED)),
        (TABLE, (), make_table(tables.empirical([3, 1, 2, 50], [1, 2, 1, 0.5]))),
        (TABLE, (), make_table(tables.survival([10, 60, 300], [0.9, 0.7, 0.2], 240.0))),
        (TABLE, (), make_table(tables.survival([10, 60, 300], [0.9, 0.7, 0.2], math.inf))),
    ]
)
rows = st.integers(0, len(LAWS.kind) - 1)


def values(i: int, u: np.ndarray) -> np.ndarray:
    return np.array([law_quantile(LAWS, i, float(v)) for v in u])


def table_values(ppf: tables.Ppf, u: np.ndarray) -> np.ndarray:
    laws = pack([(TABLE, (), make_table(ppf))])
    return np.array([law_quantile(laws, 0, float(v)) for v in u])


@pytest.mark.parametrize(
    ("row", "law"),
    [
        (2, stats.expon(scale=180)),
        (3, stats.weibull_min(0.7, scale=120)),
        (4, stats.lognorm(0.9, scale=math.exp(5))),
        (5, stats.uniform(10, 10)),
    ],
)
def test_closed_forms_agree_with_scipy(row, law):
    expected = np.where(GRID <= 0.5, law.ppf(GRID), law.isf(1 - GRID))
    np.testing.assert_allclose(values(row, GRID), expected, rtol=1e-13)


@pytest.mark.parametrize(("cv", "low", "high"), [(0.3, 2e-5, 2e-5), (1.0, 1e-13, 5e-5), (2.0, 4e-4, 1e-4)])
def test_a_gamma_table_is_close_through_both_tails(cv, low, high):
    law = stats.gamma(1 / cv**2, scale=240 * cv**2)
    found = table_values(tables.gamma(240, cv), GRID)
    lower = GRID <= 0.5
    np.testing.assert_allclose(found[lower], law.ppf(GRID[lower]), rtol=max(low, 4e-5))
    np.testing.assert_allclose(found[~lower], law.isf(1 - GRID[~lower]), rtol=high)


@pytest.mark.parametrize("shares", [(0.4, 0.6), (0.999, 0.001)])
def test_a_hyperexponential_table_is_close_through_both_tails(shares):
    found = table_values(tables.hyperexponential([20, 600], shares), GRID)
    for u, x in zip(GRID, found, strict=True):
        survival = shares[0] * math.exp(-x / 20) + shares[1] * math.exp(-x / 600)
        passed = -shares[0] * math.expm1(-x / 20) - shares[1] * math.expm1(-x / 600)
        assert abs(passed - u) < 2e-4 * min(u, 1) if u <= 0.5 else abs(survival - (1 - u)) < 2e-4 * (1 - u)


def test_a_mixture_table_is_close_to_the_exact_root():
    one, other = stats.gamma(4, scale=7.5), stats.gamma(1 / 1.44, scale=400 * 1.44)
    u = GRID[::40]
    found = table_values(MIXED, u)
    for p, x in zip(u, found, strict=True):
        if p <= 0.5:
            root = optimize.brentq(lambda y, p=p: 0.3 * one.cdf(y) + 0.7 * other.cdf(y) - p, 0, 1e5, xtol=1e-300)
        else:
            root = optimize.brentq(lambda y, p=p: 0.3 * one.sf(y) + 0.7 * other.sf(y) - (1 - p), 0, 1e5)
        assert x == pytest.approx(root, rel=3e-4)


def test_a_mixture_with_a_part_that_never_comes():
    never = (lambda u: np.full_like(u, np.inf), np.zeros_like, 0.25)
    ppf = tables.mixture([(*tables.exponential(60.0), 0.75), never])
    u = np.array([0.1, 0.5, 0.7499, 0.7501, 0.99])
    expected = [-60 * math.log1p(-p / 0.75) if p < 0.75 else math.inf for p in u]
    np.testing.assert_allclose(ppf(u), expected, rtol=1e-9)
    found = table_values(ppf, u)
    assert found[:2] == pytest.approx(expected[:2], rel=1e-4)
    assert found[-1] == math.inf


def test_a_mixture_of_one_is_that_one():
    u = table_nodes()
    np.testing.assert_allclose(tables.hyperexponential([60], [1.0])(u), -60 * np.log1p(-u), rtol=1e-12)


def test_the_mean_of_a_table_is_the_mean_of_its_law():
    u = (np.arange(4096) + 0.5) / 4096  # midpoints: their own error is below 1 part in 1,000
    assert table_values(tables.gamma(240, 1.0), u).mean() == pytest.approx(240, rel=1e-3)
    assert table_values(tables.empirical([3, 1, 2, 50]), u).mean() == pytest.approx(14, rel=1e-3)


def test_an_empirical_law_is_linear_between_and_ends_at_its_extremes():
    ppf = tables.empirical([30.0, 10.0, 20.0])
    np.testing.assert_allclose(ppf(np.array([1e-9, 1 / 6, 1 / 3, 0.5, 1 - 1e-9])), [10, 10, 15, 20, 30])
    np.testing.assert_allclose(tables.empirical([7.0])(np.array([0.1, 0.9])), 7)
    with pytest.raises(ValueError, match="as many as values"):
        tables.empirical([1.0, 2.0], [1.0])


def test_a_survival_curve_is_followed_and_then_falls_exponentially():
    ppf = tables.survival([10, 60, 300], [0.9, 0.7, 0.2], 240.0)
    u = np.array([0.05, 0.1, 0.2, 0.3, 0.55, 0.8, 0.9])
    np.testing.assert_allclose(ppf(u), [5, 10, 35, 60, 180, 300, 300 + 240 * math.log(2)])
    np.testing.assert_allclose(tables.survival([10, 20], [0.5, 0.0], 99.0)(np.array([0.5, 0.75, 1 - 1e-9])),
                               [10, 15, 20])  # fmt: skip
    np.testing.assert_allclose(tables.survival([10], [0.5], math.inf)(np.array([0.25, 0.5, 0.6])), [5, 10, np.inf])


def test_table_nodes_rise_and_every_node_is_met_exactly():
    u = table_nodes()
    assert u.shape == (quantiles.NODES,)
    assert bool(np.all(np.diff(u) > 0))
    assert u[0] == 2.0**-34
    assert u[-1] == 1 - 2.0**-34
    laws = pack([(TABLE, (), make_table(lambda v: 2.0 * v))])
    some = np.concatenate([u[::97], u[quantiles.HALF - 2 : quantiles.HALF + 3]])
    assert [law_quantile(laws, 0, float(v)) for v in some] == (2 * some).tolist()


def test_a_table_that_falls_is_made_monotone_and_nan_is_refused():
    assert bool(np.all(np.diff(make_table(lambda u: np.sin(20 * u))) >= 0))
    with pytest.raises(ValueError, match="must give 4225 numbers"):
        make_table(lambda u: u * np.nan)
    with pytest.raises(ValueError, match=r"laws\[0\]: a table of 4225 values"):
        pack([(TABLE, (), None)])


@given(rows, words, words)
def test_every_law_rises_with_the_uniform(i, one, other):
    low, high = ((word + 0.5) * STEP for word in sorted((one, other)))
    assert law_quantile(LAWS, i, low) <= law_quantile(LAWS, i, high)


@given(rows, st.integers(0, 2**32 - 2))
def test_every_law_rises_from_one_uniform_to_the_next(i, word):
    assert law_ticks(LAWS, i, (word + 0.5) * STEP, 1.0) <= law_ticks(LAWS, i, (word + 1.5) * STEP, 1.0)


@given(st.floats(0.0, 1e9))
def test_ticks_are_rounded_half_to_even(seconds):
    assert seconds_to_ticks(seconds) == round(seconds * 1e6)


def test_ticks_at_the_edges():
    assert seconds_to_ticks(0.5e-6) == 0
    assert seconds_to_ticks(1.5e-6) == 2
    assert seconds_to_ticks(-3.0) == 0
    assert seconds_to_ticks(math.nan) == NEVER_TICKS
    assert seconds_to_ticks(math.inf) == NEVER_TICKS
    assert seconds_to_ticks(1.1e12) == NEVER_TICKS
    assert seconds_to_ticks(1e12) == 10**18 < NEVER_TICKS
    assert law_ticks(LAWS, 0, 0.5, 1.0) == NEVER_TICKS
    assert law_ticks(LAWS, 0, 0.5, 0.0) == NEVER_TICKS
    assert law_ticks(LAWS, 1, 0.5, 1.25) == 52_500_000


@pytest.mark.parametrize("x", [0.5, 12.0, 42.0, 150.0, 2000.0])
def test_the_distribution_function_inverts_the_quantile(x):
    expected = {
        0: 0.0,
        1: float(x >= 42),
        2: stats.expon(scale=180).cdf(x),
        3: stats.weibull_min(0.7, scale=120).cdf(x),
        4: stats.lognorm(0.9, scale=math.exp(5)).cdf(x),
        5: stats.uniform(10, 10).cdf(x),
    }
    for i, share in expected.items():
        assert cumulative(LAWS, i, x) == pytest.approx(share, rel=1e-12, abs=1e-15)
    assert cumulative(LAWS, 7, x) == pytest.approx(stats.gamma(0.25, scale=960).cdf(x), rel=1e-4)


@given(rows, st.floats(0.0, 5000.0), uniforms)
def test_patience_given_a_wait_is_never_below_it(i, waited, u):
    assert quantile_beyond(LAWS, i, waited, u) >= waited


@given(st.sampled_from([2, 3, 4, 7, 9]), st.floats(0.0, 1000.0), st.floats(0.01, 0.99))
def test_patience_given_a_wait_has_the_conditional_law(i, waited, u):
    passed = cumulative(LAWS, i, waited)
    reached = cumulative(LAWS, i, quantile_beyond(LAWS, i, waited, u))
    assert reached == pytest.approx(passed + (1 - passed) * u, rel=1e-9)


@given(st.floats(0.0, 5000.0), uniforms)
def test_the_exponential_forgets_the_wait(waited, u):
    assert quantile_beyond(LAWS, 2, waited, u) == waited + law_quantile(LAWS, 2, u)


@given(rows, uniforms)
def test_without_a_wait_the_law_is_unchanged(i, u):
    assert quantile_beyond(LAWS, i, 0.0, u) == pytest.approx(law_quantile(LAWS, i, u), rel=1e-9)


def test_a_law_that_has_ended_gives_the_wait_itself():
    assert quantile_beyond(LAWS, 1, 42.0, 0.5) == 42.0
    assert quantile_beyond(LAWS, 1, 41.0, 0.5) == 42.0
    assert quantile_beyond(LAWS, 5, 30.0, 0.5) == 30.0
    assert quantile_beyond(LAWS, 10, 50.0, 0.5) == 50.0
    assert quantile_beyond(LAWS, 0, 50.0, 0.5) == math.inf


def test_components_beside_each_other_are_inverted_without_bisection_and_alike() -> None:
    """A body, its tail and the tail's end: at every u the smallest x with F(x) >= u, as the bisection finds it."""
    from sim.chance.rows import _empirical_cdf
    from sim.chance.tables import empirical, exponential, mixture

    body, tail, end = (1.0, 4.0, 30.0, 90.0), (100.0, 140.0, 150.0), (400.0, 9000.0)
    parts = [(empirical(x), _empirical_cdf(x, None), share) for x, share in ((body, 0.9), (end, 0.02), (tail, 0.08))]
    u = (np.arange(5000) + 0.5) / 5000
    apart = mixture(parts)(u)
    # a component that overlaps all others and has next to no share sends it through the bisection
    bisected = mixture([*parts, (*exponential(200.0), 1e-12)])(u)
    assert apart == pytest.approx(bisected, rel=1e-6)
    assert (np.diff(apart) >= 0).all() and apart[0] == 1.0 and apart[-1] == 9000.0
