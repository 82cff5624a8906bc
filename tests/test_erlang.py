"""Erlang B, C, A against published values, chains solved in numpy, and what planners would swear to."""

import math
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from experiments.screens.erlang_sheet import Row, sheet
from sim.erlang import agents_needed, erlang_a, erlang_b, erlang_c, rostered

THURSDAY = {"calls_per_hour": 744.0, "aht": 290.0}  # 372 calls in 30 minutes


def chain(load, agents, patience, states):
    """Stationary probabilities of calls in system, by solving the balance equations; time in units of AHT."""
    q = np.zeros((states, states))
    for k in range(states - 1):
        q[k, k + 1] = load
        q[k + 1, k] = min(k + 1, agents) + max(0, k + 1 - agents) / patience
    q -= np.diag(q.sum(axis=1))
    a = np.vstack([q.T, np.ones(states)])
    return np.linalg.lstsq(a, np.append(np.zeros(states), 1.0), rcond=None)[0]


def answered_by(t, ahead, agents, patience):
    """P(answered within t | `ahead` callers wait in front, all agents busy), by uniformization.

    States 0..ahead: that many still in front; then answered, then hung up. Time in units of AHT.
    """
    size = ahead + 3
    q = np.zeros((size, size))
    for j in range(ahead + 1):
        q[j, ahead + 1 if j == 0 else j - 1] = agents + j / patience
        q[j, ahead + 2] = 1 / patience
    q -= np.diag(q.sum(axis=1))
    rate = -q.diagonal().min()
    step, at = np.eye(size) + q / rate, np.eye(size)[ahead]
    weight, total = math.exp(-rate * t), 0.0
    for i in range(int(rate * t + 12 * math.sqrt(rate * t) + 60)):
        total += weight * at[ahead + 1]
        weight *= rate * t / (i + 1)
        at = at @ step
    return total


# --- printed values


def test_w1_has_its_exact_values():
    a = erlang_a(calls_per_hour=6000, aht=300, agents=500, patience=120)
    assert round(a.delayed, 6) == 0.394772
    assert round(a.abandonment_rate, 6) == 0.021852
    assert round(a.mean_wait, 5) == 2.62228
    assert round(a.mean_busy, 3) == 489.074


def test_the_first_screen_under_erlang_c():
    c = erlang_c(**THURSDAY, agents=74)
    assert (f"{c.load:.1f}", f"{c.service_level:.1%}", f"{c.asa:.1f}") == ("59.9", "98.0%", "1.1")
    assert f"{c.occupancy:.1%}" == "81.0%"
    assert (c.answer_rate, c.stable) == (1.0, True)


def test_the_first_screen_under_erlang_a():
    a = erlang_a(**THURSDAY, agents=74, patience=150)
    assert (f"{a.service_level:.1%}", f"{a.answer_rate:.1%}", f"{a.occupancy:.1%}") == (
        "99.0%",
        "99.7%",
        "80.7%",
    )
    assert f"{a.mean_wait:.1f}" == "0.5"  # of all callers; the answered wait 0.44 s


def test_sixty_agents_tell_c_and_a_apart():
    assert round(erlang_c(**THURSDAY, agents=60).asa / 60) == 72
    a = erlang_a(**THURSDAY, agents=60, patience=150)
    assert (f"{a.answer_rate:.1%}", f"{a.service_level:.1%}") == ("94.1%", "77.7%")


def test_67_on_phones_are_93_rostered_and_86_by_the_usual_slip():
    assert agents_needed(**THURSDAY) == 67
    assert round(rostered(67, 0.28), 1) == 93.1
    assert round(rostered(67, 0.28, convention="markup"), 1) == 85.8


# --- against chains


@pytest.mark.parametrize(("load", "agents"), [(0.5, 1), (3.0, 4), (7.5, 5), (20.0, 30)])
def test_erlang_b_is_the_chain_without_a_queue(load, agents):
    p = np.cumprod(np.append(1.0, load / np.arange(1, agents + 1)))
    assert erlang_b(load, agents) == pytest.approx(p[-1] / p.sum(), rel=1e-13)


@pytest.mark.parametrize(("load", "agents"), [(0.5, 1), (3.0, 4), (12.0, 15)])
def test_erlang_c_is_the_chain_with_a_long_queue(load, agents):
    c = erlang_c(calls_per_hour=load * 12, aht=300, agents=agents)
    p = chain(load, agents, math.inf, agents + 200)
    queue = p @ np.maximum(0, np.arange(p.size) - agents)
    assert c.delayed == pytest.approx(p[agents:].sum(), abs=1e-10)
    assert c.asa == pytest.approx(queue / load * 300, rel=1e-8)


@pytest.mark.parametrize("within", [0.0, 20.0, 200.0])
@pytest.mark.parametrize(
    ("load", "agents", "patience"),
    [
        (0.5, 1, 0.4),
        (3.0, 4, 2.0),
        (8.0, 5, 0.5),
        (12.0, 3, 0.05),
        (30.0, 2, 1.0),
        (59.93333333, 60, 150 / 290),
    ],
)
def test_erlang_a_is_the_chain_with_hanging_up(load, agents, patience, within):
    aht = 290.0
    a = erlang_a(calls_per_hour=load * 3600 / aht, aht=aht, agents=agents, patience=patience * aht, within=within)
    p = chain(load, agents, patience, agents + 120)
    k = np.arange(p.size)
    queue, busy = p @ np.maximum(0, k - agents), p @ np.minimum(k, agents)
    in_time = p[:agents].sum() + sum(
        p[agents + j] * answered_by(within / aht, j, agents, patience) for j in range(100) if p[agents + j] > 1e-13
    )
    found = (a.delayed, a.mean_busy, a.mean_queue, a.answer_rate, a.abandonment_rate, a.service_level)
    exact = (p[agents:].sum(), busy, queue, busy / load, queue / patience / load, in_time)
    assert found == pytest.approx(exact, abs=1e-9)
    assert a.mean_wait == pytest.approx(queue / load * aht, abs=1e-7)
    assert a.occupancy == pytest.approx(busy / agents, abs=1e-9)


def test_the_asa_is_the_area_above_the_service_level_curve():
    case = {"calls_per_hour": 70.0, "aht": 290.0, "agents": 5, "patience": 120.0}
    a = erlang_a(**case)
    t = np.linspace(0.0, 2000.0, 2001)
    late = a.answer_rate - np.array([erlang_a(**case, within=x).service_level for x in t])
    assert a.asa == pytest.approx((late.sum() - late[0] / 2) / a.answer_rate, rel=1e-4)


def test_endless_patience_makes_erlang_a_erlang_c():
    c = erlang_c(**THURSDAY, agents=62)
    a = erlang_a(**THURSDAY, agents=62, patience=1e10)
    assert (a.delayed, a.service_level, a.asa) == pytest.approx((c.delayed, c.service_level, c.asa), rel=1e-5)


# --- what any planner would swear to

calls = st.one_of(st.just(0.0), st.floats(0.01, 1e6))
ahts = st.floats(1.0, 7200.0)
waits = st.floats(0.0, 3600.0)
patiences = st.floats(0.1, 1e6)
heads = st.one_of(st.integers(0, 60), st.sampled_from([74, 500, 2000]))


@given(calls, ahts, heads, patiences, waits)
@example(1e6, 7200.0, 1, 1e6, 0.0)
@example(1e6, 7200.0, 1, 0.1, 20.0)
def test_every_figure_is_finite_and_every_share_a_share(per_hour, aht, agents, patience, within):
    a = erlang_a(calls_per_hour=per_hour, aht=aht, agents=agents, patience=patience, within=within)
    shares = (a.answer_rate, a.service_level, a.abandonment_rate, a.delayed, a.occupancy)
    assert all(0.0 <= share <= 1.0 for share in shares)
    assert all(math.isfinite(x) and x >= 0.0 for x in (a.mean_wait, a.mean_busy, a.mean_queue))
    assert a.asa >= 0.0
    assert math.isfinite(a.asa) == (agents > 0)
    assert a.service_level <= a.answer_rate
    assert a.mean_wait <= patience
    assert a.answer_rate + a.abandonment_rate == pytest.approx(1.0, abs=1e-11)
    c = erlang_c(calls_per_hour=per_hour, aht=aht, agents=agents, within=within)
    assert all(0.0 <= share <= 1.0 for share in (c.service_level, c.delayed, c.occupancy))
    assert c.stable == (c.load < agents) == math.isfinite(c.asa)


@given(calls, ahts, heads, patiences, waits)
def test_one_more_agent_never_harms(per_hour, aht, agents, patience, within):
    case = {"calls_per_hour": per_hour, "aht": aht, "within": within}
    a, more = (erlang_a(**case, agents=n, patience=patience) for n in (agents, agents + 1))
    assert more.service_level >= a.service_level - 1e-10
    assert more.answer_rate >= a.answer_rate - 1e-10
    assert more.delayed <= a.delayed + 1e-10
    c, more_c = (erlang_c(**case, agents=n) for n in (agents, agents + 1))
    assert more_c.service_level >= c.service_level - 1e-12
    assert more_c.asa <= c.asa
    assert erlang_b(c.load, agents + 1) <= erlang_b(c.load, agents)


@given(st.floats(0.1, 5000.0), ahts, st.floats(0.0, 0.99), waits, st.none() | st.floats(1.0, 1e4))
def test_the_agents_needed_are_enough_and_one_fewer_is_not(per_hour, aht, target, within, patience):
    case = {"calls_per_hour": per_hour, "aht": aht, "within": within}

    def level(n):
        if patience is None:
            return erlang_c(**case, agents=n).service_level
        return erlang_a(**case, agents=n, patience=patience).service_level

    n = agents_needed(**case, service_level=target, patience=patience)
    assert level(n) >= target
    assert n == 0 or level(n - 1) < target


def test_an_answer_rate_can_ask_for_more_agents_than_the_service_level():
    case = {**THURSDAY, "patience": 150.0}
    n = agents_needed(**case, service_level=0.5, answer_rate=0.98)
    assert n > agents_needed(**case, service_level=0.5)
    assert erlang_a(**case, agents=n).answer_rate >= 0.98 > erlang_a(**case, agents=n - 1).answer_rate


# --- the ends of the scale


@pytest.mark.parametrize("load", [10.0, 9_900.0, 10_000.0, 10_100.0, 100_000.0])
def test_ten_thousand_agents_count_as_well_as_ten(load):
    a = erlang_a(calls_per_hour=load * 12, aht=300, agents=10_000, patience=120)
    assert all(math.isfinite(x) and x >= 0.0 for x in astuple(a))
    fluid = min(1.0, 10_000 / load)  # what is answered when chance is gone
    assert a.answer_rate == pytest.approx(fluid, abs=0.01)
    assert a.mean_busy == pytest.approx(load * (1 - a.mean_wait / 120), rel=1e-9)


def test_ten_thousand_agents_agree_with_the_sum_over_states():
    load, agents, patience = 9_950.0, 10_000, 120 / 300
    a = erlang_a(calls_per_hour=load * 12, aht=300, agents=agents, patience=120)
    k = np.arange(1, 20_000)
    log_p = np.append(0.0, np.cumsum(np.log(load / (np.minimum(k, agents) + np.maximum(0, k - agents) / patience))))
    p = np.exp(log_p - log_p.max())
    p /= p.sum()
    assert a.delayed == pytest.approx(p[agents:].sum(), rel=1e-9)
    assert a.mean_queue == pytest.approx(p @ np.maximum(0, np.arange(20_000) - agents), rel=1e-9)


def test_overload_has_no_erlang_c_but_an_erlang_a():
    c = erlang_c(calls_per_hour=3364, aht=290, agents=74)
    assert (c.stable, c.asa, c.service_level, c.delayed, c.answer_rate) == (False, math.inf, 0.0, 1.0, 1.0)
    a = erlang_a(calls_per_hour=3364, aht=290, agents=74, patience=150)
    assert a.answer_rate == pytest.approx(74 / a.load, abs=1e-6)


def test_without_agents_nobody_is_answered():
    a = erlang_a(**THURSDAY, agents=0, patience=150)
    assert (a.answer_rate, a.service_level, a.abandonment_rate, a.delayed) == (0.0, 0.0, 1.0, 1.0)
    assert (a.mean_wait, a.asa, a.mean_busy) == (150, math.inf, 0.0)
    assert not erlang_c(**THURSDAY, agents=0).stable
    assert erlang_b(3.0, 0) == 1.0


def test_without_calls_nobody_is_needed():
    assert agents_needed(calls_per_hour=0, aht=290) == 0
    assert erlang_a(calls_per_hour=0, aht=290, agents=3, patience=150).service_level == 1.0


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"calls_per_hour": -1.0}, r"calls_per_hour: -1.0 is not allowed"),
        ({"calls_per_hour": math.nan}, r"calls_per_hour: nan"),
        ({"aht": 0.0}, r"aht: 0.0 is not allowed; a number above 0 \(seconds\)"),
        ({"aht": math.inf}, r"aht: inf"),
        ({"agents": -1}, r"agents: -1"),
        ({"agents": 13.6}, r"agents: 13.6 is not allowed; a whole number"),
        ({"within": -20.0}, r"within: -20.0"),
        ({"patience": 0.0}, r"patience: 0.0"),
        ({"patience": math.inf}, r"use Erlang C"),
        ({"aht": -1.0, "within": math.nan}, r"aht: -1.0[^\n]*\nwithin: nan"),
    ],
)
def test_impossible_input_is_named_all_at_once(wrong, words):
    with pytest.raises(ValueError, match=words):
        erlang_a(**({**THURSDAY, "agents": 74, "patience": 150.0} | wrong))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: rostered(67, 1.0), r"shrinkage: 1.0 is not allowed; a share from 0 to below 1"),
        (lambda: rostered(67, 28), r"28 % is 0.28"),
        (lambda: rostered(-1, 0.1), r"on_phones: -1"),
        (lambda: rostered(67, 0.28, convention="times"), r"convention: \'times\' is not known"),
        (lambda: erlang_b(math.nan, 3), r"load: nan"),
        (lambda: agents_needed(**THURSDAY, service_level=80), r"80 % is 0.8"),
        (lambda: agents_needed(**THURSDAY, service_level=1.0), r"service_level: 1.0"),
        (lambda: agents_needed(**THURSDAY, answer_rate=0.9), r"give a patience"),
        (lambda: agents_needed(**THURSDAY, patience=-3), r"patience: -3"),
    ],
)
def test_impossible_wishes_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


# --- a whole sheet


def test_a_sheet_counts_every_row_and_says_where_erlang_c_is_silent():
    calm, surge, bare = sheet(
        [
            Row("10:00", 372, 1800, 290, 74, 150),
            ("10:30", 1682, 1800, 290, 74, 150),
            Row("11:00", 372, 1800, 290),
        ],
        shrinkage=0.28,
    )
    assert (calm.needed, round(calm.rostered, 1), round(calm.rostered_markup, 1)) == (67, 93.1, 85.8)
    assert (calm.note, calm.needed_a) == ("", agents_needed(**THURSDAY, patience=150))
    assert surge.note == "Erlang C has no answer: load 271.0 on 74"
    assert (surge.c_asa, surge.c_service_level) == (None, None)
    assert surge.a_answer_rate == pytest.approx(0.273, abs=0.001)
    assert (bare.c_asa, bare.a_asa, bare.needed, bare.note) == (None, None, 67, "")


def test_a_sheet_names_all_rows_it_cannot_count():
    rows = [Row("10:00", 372, 1800, -290, 74, 150), Row("10:30", 3, 0, 290), Row("11:00", -3, 1800, 290)]
    with pytest.raises(ValueError, match=r"rows\[0\] \(10:00\) aht.*\nrows\[1\] \(10:30\) per.*\nrows\[2\]"):
        sheet(rows)
