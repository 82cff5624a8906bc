"""A comparison says what a policy gains, how sure that is, and when the order depends on the measure."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest

from experiments.compare import compare, reached, verdict
from experiments.order import reversals
from experiments.run import Results
from experiments.run import run as simulate_all
from experiments.screens.comparison_table import table
from experiments.screens.documents import compare_document
from experiments.sequential import looks
from experiments.statistics import Estimate
from experiments.study import Study
from experiments.values import parts, reads, worst_interval
from sim.calls import Frame, Prices
from sim.files import load
from sim.scenario.calendar import Calendar
from sim.scenario.costs import Target
from sim.scenario.errors import CallsimError
from sim.scenario.units import TICKS_PER_SECOND as S
from sim.tally import Count, Customers, Measuring, Tally, Work

HALF_HOUR = 1800 * S
THURSDAY = Calendar(start=date(2026, 3, 12))


def frame(intervals: int = 2) -> Frame:
    return Frame(
        start=date(2026, 3, 12),
        opens=8 * 3600 * S,
        closes=8 * 3600 * S + intervals * HALF_HOUR,
        interval=HALF_HOUR,
        intervals=intervals,
        horizon=24 * 3600 * S,
        call_types=("billing",),
        groups=("all",),
        paid_per_phone=(65_536,),
        prices=Prices(currency="CNY", wage=(30_000,)),
    )


def days(
    answered: np.ndarray, offered: np.ndarray, *, contained: int = 0, served: np.ndarray | None = None, heads: int = 10
) -> Tally:
    """Two half-hours with the same calls in both; what is offered and not answered hangs up."""
    answered, offered = np.asarray(answered), np.asarray(offered)
    n = len(answered)
    calls = np.zeros((n, 3, 1, len(Count)), np.int64)
    for i in (0, 1):
        calls[:, i, 0, Count.ANSWERED] = answered
        calls[:, i, 0, Count.ABANDONED] = offered - answered
        calls[:, i, 0, Count.CONTAINED] = contained
    agents = np.zeros((n, 3, 1, len(Work)), np.int64)
    agents[:, :2, 0, Work.ON_PHONES] = heads * HALF_HOUR
    agents[:, :2, 0, Work.PAID] = heads * HALF_HOUR
    callers = np.zeros((n, 1, len(Customers)), np.int64)
    callers[:, 0, Customers.CALLERS] = 2 * (offered + contained)
    callers[:, 0, Customers.SERVED] = 2 * (answered + contained) if served is None else served
    return Tally(
        frame(), Measuring(), calls, agents, callers, np.zeros((n, 1, 128), np.int64), np.zeros((n, 3, 1), np.int64)
    )


def results(middle: dict[str, Tally] | None = None, target: Target | None = None, **tallies: Tally) -> Results:
    class Story:  # compare asks a scenario for its targets, and whether it is uncertain
        parameters = None
        targets = (target,) if target is not None else ()

    first = next(iter(tallies.values()))
    study = Study({name: Story() for name in tallies}, replications=first.days)  # type: ignore[misc]
    return Results(study, tallies, middle or {}, {name: {} for name in tallies})


def noisy(seed: int, n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    offered = rng.poisson(1000, n)
    return rng.binomial(offered, 0.7), offered


def test_the_gain_is_paired_day_by_day() -> None:
    answered, offered = noisy(1)
    found = compare(results(baseline=days(answered, offered), more=days(answered + 20, offered)), baseline="baseline")
    row = found.row("more")
    assert row.gain is not None
    assert row.gain.value == pytest.approx(20 / offered.mean())
    # the value alone is known to a point, the gain to a tenth of one: days share their luck
    assert row.gain.half_width < row.value.half_width / 5
    assert row.verdict == "better"
    assert row.pairing is not None and row.pairing > 25


def test_a_policy_that_changes_nothing_is_equal_and_exactly_so() -> None:
    answered, offered = noisy(2)
    found = compare(results(baseline=days(answered, offered), same=days(answered, offered)), baseline="baseline")
    assert found.row("same").gain == Estimate(0.0, 0.0, 0.0)
    assert found.row("same").verdict == "equal"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.001, 0.004, "equal"),  # a difference of less than the margin is treated as equal, however sure it is
        (-0.005, 0.005, "equal"),
        (0.001, 0.02, "better"),
        (-0.02, -0.001, "worse"),
        (-0.001, 0.02, "undecided"),
        (-0.02, 0.02, "undecided"),
        (math.nan, math.nan, "undecided"),
    ],
)
def test_the_verdict_is_read_off_the_interval(low: float, high: float, expected: str) -> None:
    gain = Estimate((low + high) / 2, low, high)
    assert verdict(gain, margin=0.005, days=100) == expected


def test_where_less_is_better_the_verdict_turns_around() -> None:
    assert verdict(Estimate(-5, -6, -4), margin=0.5, days=100, more_is_better=False) == "better"
    assert verdict(Estimate(5, 4, 6), margin=0.5, days=100, more_is_better=False) == "worse"


def test_what_is_neither_good_nor_bad_is_more_or_less() -> None:
    for word, gain in (("more", (5, 4, 6)), ("less", (-5, -6, -4)), ("equal", (0, -0.1, 0.1)), ("undecided", (1, -1, 3))):
        assert verdict(Estimate(*gain), margin=0.5, days=100, more_is_better=None) == word
    assert reads("aht").more_is_better is None and reads("asa").more_is_better is False and reads("answer_rate").more_is_better


def test_few_days_have_no_verdict() -> None:
    answered, offered = noisy(3, n=19)
    found = compare(results(baseline=days(answered, offered), more=days(answered + 99, offered)), baseline="baseline")
    assert found.few_days
    assert found.row("more").verdict == "undecided"
    assert any("FEW DAYS" in line for line in table(found, title="t", calendar=THURSDAY))


def test_two_days_have_no_verdict_even_where_they_agree_exactly() -> None:
    found = compare(results(baseline=days([7, 7], [10, 10]), more=days([9, 9], [10, 10])), baseline="baseline")
    assert found.row("more").verdict == "undecided"


def test_a_chance_counts_days_and_leaves_out_days_without_calls() -> None:
    tally = days(np.array([9, 8, 9, 0]), np.array([10, 10, 10, 0]))
    found = reached(tally, Target(measure="answer_rate", at_least=0.9))
    assert (found.hits, found.days) == (2, 3)
    assert reached(tally, Target(measure="answer_rate", at_most=0.8)).hits == 1


def test_the_order_depends_on_the_measure_where_callers_are_sent_away() -> None:
    answered, offered = noisy(4)
    plain = days(answered, offered)
    away = days(answered, offered - 150, contained=150, served=2 * answered - 100)
    found = reversals({"plain": plain, "away": away}, measure="answer_rate")
    assert {(one.ahead, one.behind) for one in found} == {("away", "plain")}
    assert "callers_served_rate" in {one.other for one in found}
    assert all(one.gap > 0 and one.other_gap > 0 for one in found)
    text = table(compare(results(baseline=plain, away=away)), title="t", calendar=THURSDAY)
    assert any(line.startswith("ORDER DEPENDS ON THE MEASURE: away is before baseline") for line in text)


def test_noise_is_no_reversal() -> None:
    one, two = noisy(5), noisy(6)
    assert reversals({"one": days(*one), "two": days(*two)}, measure="answer_rate") == ()


def test_callers_not_served_and_answered_over_entered_stand_beside_the_rate() -> None:
    found = compare(results(baseline=days(np.full(20, 60), np.full(20, 80), contained=20)))
    (row,) = found.rows
    assert row.value.value == pytest.approx(60 / 80)
    assert row.answered_entered.value == pytest.approx(60 / 100)
    assert (row.callers, row.callers_not_served) == (200, 40)
    assert row.gain is None and row.verdict is None


def test_the_worst_interval_is_named_by_its_clock_time() -> None:
    tally = days(np.full(20, 60), np.full(20, 80))
    tally.calls[:, 1, 0, Count.ANSWERED] = 20
    assert worst_interval(tally) == (1, "08:30", pytest.approx(20 / 40))


def test_added_hours_cost_money() -> None:
    answered, offered = noisy(7)
    base, more = days(answered, offered), days(answered + 9, offered, heads=12)
    found = compare(results(baseline=base, more=more), baseline="baseline")
    first, second = found.rows
    assert first.cost.paid_hours == pytest.approx(10.0)
    assert second.cost.paid_hours == pytest.approx(12.0)
    assert first.cost.money is not None and second.cost.money is not None
    assert second.cost.money - first.cost.money == pytest.approx(60.0)  # two hours at 30
    assert any("more +2.0 paid hours" in line for line in table(found, title="t", calendar=THURSDAY))


def test_the_three_spreads_stand_apart_in_the_table() -> None:
    answered, offered = noisy(8)
    swing = answered - 200 * (np.arange(len(answered)) % 2)
    run = results({"baseline": days(answered, offered)}, baseline=days(swing, offered))
    run.inputs["baseline"]["surges.fault.calls"] = 600.0 + np.arange(len(answered)) % 2  # type: ignore[index]
    found = compare(run)
    spread = found.rows[0].spread
    assert spread.unknown is not None and spread.unknown > 3 * spread.luck
    text = "\n".join(table(found, title="t", calendar=THURSDAY))
    for words in ("simulation noise", "luck of the day", "unknown inputs", "surges.fault.calls"):
        assert words in text
    assert "Simulation error only" not in text


def test_without_ranges_the_table_says_simulation_error_only() -> None:
    found = compare(results(baseline=days(*noisy(9))))
    assert "Simulation error only" in "\n".join(table(found, title="t", calendar=THURSDAY))


def test_no_line_of_the_table_passes_100_columns() -> None:
    answered, offered = noisy(10)
    names = {"a policy with a name that is much longer than its column": days(answered + 5, offered)}
    names |= {f"policy {i}": days(answered - 9 * i, offered, heads=9 + i) for i in range(6)}
    target = Target(measure="answer_rate", at_least=0.85)
    found = compare(results(target=target, baseline=days(answered, offered), **names))
    lines = table(found, title="a title " * 20, calendar=THURSDAY, labels={name: "a label " * 9 for name in names})
    assert max(len(line) for line in lines) <= 100
    assert {line.split("  ")[0].strip() for line in lines} >= {"baseline", "policy 1"}


def test_measures_in_seconds_and_measures_where_less_is_better_have_a_table_too() -> None:
    answered, offered = noisy(11)
    run = results(baseline=days(answered, offered), more=days(answered + 20, offered))
    found = compare(run, measure="abandonment_rate")
    assert found.row("more").verdict == "better"
    assert found.row("more").gain is not None and found.row("more").gain.value < 0
    assert max(len(line) for line in table(found, title="t", calendar=THURSDAY)) <= 100


def test_unknown_names_are_refused_with_what_there_is() -> None:
    run = results(baseline=days(*noisy(12)))
    with pytest.raises(CallsimError, match="no scenario 'base'"):
        compare(run, baseline="base")
    with pytest.raises(CallsimError, match='did you mean "answer_rate"'):
        compare(run, measure="answer_rat")


def test_the_document_has_its_schema_and_every_column() -> None:
    answered, offered = noisy(13)
    found = compare(results(baseline=days(answered, offered), more=days(answered + 20, offered)))
    document = compare_document(found, story="s", calendar=THURSDAY, labels={"more": "two more"})
    assert document["schema"] == "callsim/compare/1"
    base, more = document["rows"]
    assert base["gain"] is None and more["verdict"] == "better"
    assert more["label"] == "two more"
    assert set(base) == set(more)
    assert more["gain"]["low"] < more["gain"]["value"] < more["gain"]["high"]


def test_looks_are_at_30_60_120_and_last_at_the_most_days() -> None:
    assert looks(1000) == (30, 60, 120, 240, 480, 960, 1000)
    assert looks(100) == (30, 60, 100)
    assert looks(30) == (30,)
    assert looks(5) == (5,)


def test_more_looks_make_wider_intervals() -> None:
    answered, offered = noisy(14)
    rng = np.random.default_rng(15)
    run = results(baseline=days(answered, offered), more=days(answered + rng.integers(0, 30, 60), offered))
    one, seven = compare(run).row("more").gain, compare(run, looks=7).row("more").gain
    assert one is not None and seven is not None
    assert seven.half_width > 1.2 * one.half_width


def test_a_cut_is_a_part_of_the_whole() -> None:
    tally = days(*noisy(16))
    tops, bottoms = zip(*(parts(tally, "answer_rate", interval=i) for i in range(2)), strict=True)
    top, bottom = parts(tally, "answer_rate")
    assert np.array_equal(sum(tops), top) and np.array_equal(sum(bottoms), bottom)


def test_the_table_shows_who_gains_and_who_pays_by_label() -> None:
    """Golden callers gain what ordinary ones lose: by label the rates of `days` cut in two add up to the whole."""
    story = load("golden-club")
    study = Study({"baseline": story, "priority": load("golden-club", policies=["priority"])}, replications=20, seed=2)
    found = compare(simulate_all(study))
    parts = {(part.name, part.label): part for part in found.by_label}
    golden, ordinary = parts["priority", "segment=golden"], parts["priority", "segment=ordinary"]
    assert golden.gain is not None and golden.gain.low > 0
    assert ordinary.gain is not None and ordinary.gain.value < 0 and golden.asa < ordinary.asa
    whole = (golden.value.value * golden.calls + ordinary.value.value * ordinary.calls) / (golden.calls + ordinary.calls)
    assert whole == pytest.approx(found.row("priority").value.value, abs=1e-9)
    lines = table(found, title="t", calendar=THURSDAY)
    (at,) = [i for i, line in enumerate(lines) if line.startswith("by segment")]
    assert "golden" in lines[at] and lines[at + 2].startswith("priority")
    assert max(map(len, lines)) <= 100
