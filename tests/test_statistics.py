"""Estimates from replications say what they claim: values, intervals, coverage."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from experiments.spread import EIGHT_IN_TEN, shares, spread
from experiments.statistics import (
    Estimate,
    chance,
    daily,
    difference,
    eight_in_ten,
    ratio,
    student,
    variance_reduction,
)


def test_a_ratio_is_that_of_the_sums_and_not_the_mean_of_daily_ratios() -> None:
    assert ratio([90, 10], [100, 100]).value == 0.5
    assert ratio([900, 10], [1000, 100]).value == pytest.approx(910 / 1100)


def test_the_jackknife_of_a_mean_is_the_interval_of_students_t() -> None:
    values = np.array([3.0, 5.0, 8.0, 4.0, 1.0])
    found = ratio(values, np.ones(5), level=0.9)
    reach = 2.1318467863266495 * values.std(ddof=1) / math.sqrt(5)  # t(4) at 95 %, from tables
    assert found.low == pytest.approx(values.mean() - reach)
    assert found.high == pytest.approx(values.mean() + reach)


def test_the_jackknife_interval_of_a_ratio_worked_by_hand() -> None:
    # three days: 8/10, 9/20, 6/10; left out: 15/30, 14/20, 17/30
    left_out = np.array([15 / 30, 14 / 20, 17 / 30])
    variance = 2 / 3 * ((left_out - left_out.mean()) ** 2).sum()
    found = ratio([8, 9, 6], [10, 20, 10])
    assert found.half_width == pytest.approx(4.302652729911275 * math.sqrt(variance))  # t(2) at 97.5 %


def test_one_day_has_a_value_and_no_interval() -> None:
    found = ratio([9], [10])
    assert found.value == 0.9
    assert math.isnan(found.low) and math.isnan(found.high)


def test_no_calls_at_all_is_no_number() -> None:
    assert math.isnan(ratio([0, 0], [0, 0]).value)
    assert math.isnan(ratio([0, 0], [0, 0]).low)


def test_the_same_days_differ_by_exactly_nothing() -> None:
    top, bottom = [8, 9, 6], [10, 20, 10]
    found = difference(top, bottom, top, bottom)
    assert found == Estimate(0.0, 0.0, 0.0)
    assert variance_reduction(top, bottom, top, bottom) == math.inf


def test_pairs_need_equal_replications() -> None:
    with pytest.raises(ValueError, match="3 and 2"):
        difference([1, 1, 1], [2, 2, 2], [1, 1], [2, 2])
    with pytest.raises(ValueError, match="one number per replication"):
        ratio([1, 1, 1], [2, 2])


def test_pairing_pays_when_days_share_their_luck() -> None:
    rng = np.random.default_rng(3)
    offered = rng.poisson(1000, 50)
    luck = rng.normal(0, 50, 50)
    base = 0.7 * offered + luck
    better = base + 20 + rng.normal(0, 2, 50)
    assert variance_reduction(better, offered, base, offered) > 100


def test_several_policies_share_the_level() -> None:
    rng = np.random.default_rng(4)
    top, base, ones = rng.normal(1, 1, 40), rng.normal(0, 1, 40), np.ones(40)
    one = difference(top, ones, base, ones, level=0.95)
    three = difference(top, ones, base, ones, level=0.95, families=3)
    widths = student(39, 1 - 0.05 / 6) / student(39, 1 - 0.05 / 2)
    assert three.half_width / one.half_width == pytest.approx(widths)


@pytest.mark.parametrize("level", [0.0, 1.0, 1.5])
def test_a_level_that_is_none_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match="level"):
        ratio([1, 2], [3, 4], level=level)


def test_chances_have_clopper_and_pearsons_interval() -> None:
    # Clopper and Pearson (1934): 0 of n has the upper bound 1 - (alpha / 2) ** (1 / n)
    none = chance(0, 200)
    assert (none.value, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(1 - 0.025 ** (1 / 200))
    every = chance(10, 10)
    assert every.low == pytest.approx(0.025**0.1) and every.high == 1.0
    # 3 of 10 at 95 %, in every table of the exact interval: 0.0667 to 0.6525
    some = chance(3, 10)
    assert (round(some.low, 4), round(some.high, 4)) == (0.0667, 0.6525)


def test_no_days_leave_every_chance_open() -> None:
    nothing = chance(0, 0)
    assert math.isnan(nothing.value)
    assert (nothing.low, nothing.high) == (0.0, 1.0)
    with pytest.raises(ValueError, match="hits"):
        chance(3, 2)


@pytest.mark.parametrize("p", [0.05, 0.5, 0.9])
def test_the_interval_of_a_chance_covers_it(p: float) -> None:
    # exact, no sampling: over all outcomes of 40 days the interval holds p in at least 95 % of the weight
    covered = sum(
        math.comb(40, k) * p**k * (1 - p) ** (40 - k) for k in range(41) if chance(k, 40).low <= p <= chance(k, 40).high
    )
    assert covered >= 0.95


def test_eight_days_in_ten_lie_between_the_10_and_90_percent_quantiles() -> None:
    assert eight_in_ten(np.arange(11)) == (1.0, 9.0)
    assert eight_in_ten([5.0, math.nan, 5.0]) == (5.0, 5.0)
    assert all(math.isnan(end) for end in eight_in_ten([math.nan]))


def test_a_day_without_calls_has_no_ratio_of_its_own() -> None:
    assert np.array_equal(daily([1, 0], [2, 0]), [0.5, math.nan], equal_nan=True)


@pytest.mark.slow
def test_the_jackknife_interval_of_a_ratio_covers_it() -> None:
    # Days with a gamma number of calls and a rate that falls when they are many: the ratio of sums is
    # E[answered] / E[offered]. 4,000 studies of 30 days, seed 5: 95 % coverage would be seen within 0.945 to 0.955
    # (2 binomial standard errors are 0.7 points); the jackknife is first order, so 93.5 % is allowed.
    rng = np.random.default_rng(5)
    offered = rng.gamma(8, 125, size=(4000, 30))
    answered = offered * np.exp(-offered / 4000)
    # E[X exp(-X/4000)] / E[X] for X gamma(8, scale 125) is (1 + 125/4000) ** -9
    truth = (1 + 125 / 4000) ** -9
    found = [ratio(top, bottom) for top, bottom in zip(answered, offered, strict=True)]
    covered = np.mean([one.low <= truth <= one.high for one in found])
    assert 0.935 <= covered <= 0.965


@pytest.mark.slow
@pytest.mark.parametrize(("days", "low", "high"), [(50, 0.93, 0.97), (10, 0.90, 0.97)])
def test_in_two_thousand_studies_intervals_of_ratios_and_differences_cover(days: int, low: float, high: float) -> None:
    """Busy days have lower rates; a policy adds 2 points and noise of its own. Seed 21; the 10 days are what the docs tell."""
    rng = np.random.default_rng(21)
    offered = rng.gamma(8, 125, size=(2000, days))
    luck = np.exp(rng.normal(0, 0.03, size=(2000, days)) - 0.03**2 / 2)
    base = 0.8 * offered * np.exp(-offered / 8000) * luck
    more = base + offered * rng.normal(0.02, 0.01, size=(2000, days))
    truth = 0.8 * (1 + 125 / 8000) ** -9
    ratios = [ratio(top, bottom) for top, bottom in zip(base, offered, strict=True)]
    gains = [difference(*rows) for rows in zip(more, offered, base, offered, strict=True)]
    covered = [
        float(np.mean([one.low <= exact <= one.high for one in found])) for exact, found in ((truth, ratios), (0.02, gains))
    ]
    assert all(low <= share <= high for share in covered)
    page = (Path(__file__).resolve().parent.parent / "docs" / "ci.md").read_text(encoding="utf-8")
    assert all(f"{100 * share:.2f} %" in page for share in covered), covered


@pytest.mark.parametrize("p", [0.05, 0.2, 0.5, 0.8, 0.95])
def test_in_two_thousand_studies_of_fifty_days_chances_are_covered(p: float) -> None:
    hits = np.random.default_rng(22).binomial(50, p, size=2000)
    bounds = {int(hit): chance(int(hit), 50) for hit in set(hits.tolist())}
    assert np.mean([bounds[int(hit)].low <= p <= bounds[int(hit)].high for hit in hits]) >= 0.94


def test_simultaneous_intervals_hold_together() -> None:
    # Four policies without any gain, 1,000 studies of 20 days, seed 6: all four intervals hold 0 in at least 95 %
    # of studies; 2.5 binomial standard errors are 1.7 points.
    rng = np.random.default_rng(6)
    ones = np.ones(20)
    held = 0
    for _ in range(1000):
        base, *policies = rng.normal(0.8, 0.05, size=(5, 20))
        gains = [difference(policy, ones, base, ones, families=4) for policy in policies]
        held += all(gain.low <= 0 <= gain.high for gain in gains)
    assert held >= 933


def test_the_spread_of_unknown_inputs_is_what_luck_leaves_over() -> None:
    # 4,000 days, seed 7: luck of sd 0.02 and an input that moves the rate with sd 0.06; sds within 5 %
    rng = np.random.default_rng(7)
    luck, drawn, idle = rng.normal(0, 0.02, 4000), rng.uniform(-1, 1, 4000), rng.uniform(0, 1, 4000)
    moved = 0.06 * math.sqrt(3) * drawn
    found = spread(Estimate(0.8, 0.79, 0.81), 0.8 + luck + moved, 0.8 + luck, {"response": drawn, "idle": idle})
    assert found.noise == pytest.approx(0.01)
    assert found.luck == pytest.approx(EIGHT_IN_TEN * 0.02, rel=0.05)
    assert found.unknown == pytest.approx(EIGHT_IN_TEN * 0.06, rel=0.05)
    assert found.unknown_share == pytest.approx(0.9, abs=0.02)
    names = [path for path, _ in found.inputs]
    assert names == ["response"]  # the other is within two standard errors of nothing
    assert found.inputs[0][1] == pytest.approx(0.9, abs=0.02)


def test_unknown_inputs_never_take_away_spread() -> None:
    found = spread(Estimate(0.5, 0.4, 0.6), np.array([0.5, 0.5, 0.5]), np.array([0.2, 0.5, 0.8]))
    assert found.unknown == 0.0
    assert not found.simulation_only


def test_without_ranges_there_is_noise_and_luck_only() -> None:
    found = spread(Estimate(0.5, 0.4, 0.6), np.array([0.4, 0.5, 0.6]))
    assert found.simulation_only and found.unknown_share is None
    assert found.luck == pytest.approx(EIGHT_IN_TEN * 0.1)


def test_too_few_days_blame_no_input() -> None:
    assert shares(np.array([0.1, 0.2, 0.3]), {"a": np.array([1.0, 2.0, 3.0])}) == ()
    constant = np.ones(30)
    assert shares(np.arange(30.0), {"a": constant}) == ()
    assert shares(constant, {"a": np.arange(30.0)}) == ()
