"""Own log, exp and normal quantile against the platform's and scipy's."""

import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from sim.chance.elementary import exp, log, normal_quantile

TWO_ULP = 2.0**-51


def close(found: float, expected: float, relative: float) -> bool:
    return abs(found - expected) <= relative * abs(expected)


@given(st.floats(min_value=5e-324, max_value=1.7e308))
def test_log_is_right_to_a_unit_in_the_last_place(x):
    assert close(log(x), math.log(x), TWO_ULP / 2)


@given(st.floats(0.5, 2.0))
def test_log_keeps_its_relative_error_near_one(x):
    assert close(log(x), math.log(x), TWO_ULP / 2)


def test_log_over_a_grid():
    x = np.concatenate([np.geomspace(2.0**-33, 1.0, 4001), 1 - np.geomspace(2.0**-33, 0.5, 1001), [1e12, 1e300]])
    assert all(close(log(float(v)), math.log(v), TWO_ULP / 2) for v in x)


def test_log_at_the_edges():
    assert log(1.0) == 0.0
    assert log(0.0) == -math.inf
    assert log(math.inf) == math.inf
    assert math.isnan(log(-1.0))
    assert math.isnan(log(math.nan))


@given(st.floats(-708.0, 709.78))
def test_exp_is_right_to_a_unit_in_the_last_place(x):
    assert close(exp(x), math.exp(x), TWO_ULP / 2)


@given(st.floats(-746.0, -708.0))
def test_exp_runs_out_gently(x):
    assert abs(exp(x) - math.exp(x)) <= 1e-323  # two subnormal steps


def test_exp_at_the_edges():
    assert exp(0.0) == 1.0
    assert exp(710.0) == math.inf
    assert exp(math.inf) == math.inf
    assert exp(-math.inf) == 0.0
    assert math.isnan(exp(math.nan))


@given(st.integers(0, 2**32 - 1))
def test_the_normal_quantile_of_every_uniform_agrees_with_scipy(word):
    u = (word + 0.5) / 2**32
    assert close(normal_quantile(u), float(ndtri(u)), 1e-14)


def test_the_normal_quantile_over_a_grid_of_both_tails():
    low = np.geomspace(1e-300, 0.5, 3000)
    for p in np.concatenate([low, 1 - np.geomspace(2.0**-34, 0.5, 3000)]):
        assert close(normal_quantile(float(p)), float(ndtri(p)), 1e-14)


def test_the_normal_quantile_at_the_edges():
    assert normal_quantile(0.5) == 0.0
    assert normal_quantile(0.0) == -math.inf
    assert normal_quantile(1.0) == math.inf
    assert math.isnan(normal_quantile(-0.1))
    assert math.isnan(normal_quantile(1.1))


@given(st.floats(2.0**-33, 1 - 2.0**-33), st.floats(2.0**-33, 1 - 2.0**-33))
def test_the_normal_quantile_rises(p, q):
    low, high = sorted((p, q))
    assert normal_quantile(low) <= normal_quantile(high) + 1e-14


@pytest.mark.parametrize(
    ("function", "x", "bits"),
    [(log, 0.3, "bff34378fcbda721"), (exp, -1.7, "3fc7622c78a98a07"), (normal_quantile, 0.013, "c001cf481db98021")],
)
def test_the_bits_are_the_same_on_every_machine_with_jit_on_and_off(function, x, bits):
    assert struct.pack(">d", function(x)).hex() == bits
