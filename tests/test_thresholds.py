"""Thresholds: what they say, what is wrong with them, and how often their verdicts are wrong."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.gate import looks
from experiments.screens.gate_screen import found, named
from experiments.threshold import Threshold, parse, parse_all
from experiments.verdicts import Series, Verdict, judge, overall
from sim.files import load
from sim.scenario.errors import CallsimError, ScenarioError

RIGHT = {
    "answer_rate >= 0.90": "answer_rate >= 90 %",
    "answer_rate>=90%": "answer_rate >= 90 %",
    " answer_rate[ call_type = billing ]  >=  85 % ": "answer_rate[call_type=billing] >= 85 %",
    "answer_rate[segment=golden] >= 0.95": "answer_rate[segment=golden] >= 95 %",
    "asa[8:00] <= 40s": "asa[08:00] <= 40 s",
    "asa[14:00-16:00] <= 1m30s": "asa[14:00-16:00] <= 90 s",
    "chance(answer_rate >= 0.9) >= 0.8": "chance(answer_rate >= 90 %) >= 80 %",
    "chance(asa >= 60) <= 20 %": "chance(asa >= 60 s) <= 20 %",
    "answer_rate >= baseline - 0.005": "answer_rate >= baseline - 0.5 points",
    "answer_rate >= baseline": "answer_rate >= baseline",
    "asa <= baseline + 2s": "asa <= baseline + 2 s",
    "occupancy[group=hotline] <= 0.85": "occupancy[group=hotline] <= 85 %",
}
WRONG = {
    "answer_rate": "must be like",
    "answer_rate > 0.9": "must be like",
    "answer_rate >= ": "must be like",
    "chance(answer_rate >= 0.9)": "must be like",
    "answer_rate >= 0.9) >= 0.8": "must be like",
    "anser_rate >= 0.9": 'did you mean "answer_rate"',
    "answer_rate >= 90": "a share is from 0 to 1; did you mean 0.9?",
    "answer_rate >= much": 'must be a share such as 0.9 or "90 %"; found "much"',
    "answer_rate >= nan": "must be a share",
    "asa <= soon": 'must be seconds or a duration such as "40s"; found "soon"',
    "asa <= 50 %": "must be seconds",
    "chance(answer_rate >= baseline) >= 0.8": "a chance is of a plain number",
    "chance(answer_rate >= 0.9) >= 80": "a share is from 0 to 1; did you mean 0.8?",
    "answer_rate >= baseline * 2": "must be a share",
    "answer_rate[billing] >= 0.9": "in \\[ \\]: must be call_type=",
    "answer_rate[call_type=billing, call_type=orders] >= 0.9": "two of a kind",
    "answer_rate[call_type=biling] >= 0.9": 'no call type "biling"; did you mean "billing"',
    "answer_rate[segment=gold] >= 0.9": 'no label "segment=gold"; did you mean "segment=golden"',
    "answer_rate[08:10] >= 0.9": "intervals begin from 08:00 to 22:00 in steps of 30 minutes",
    "answer_rate[23:00] >= 0.9": "intervals begin from 08:00",
    "answer_rate[16:00-14:00] >= 0.9": "intervals begin from 08:00",
    "answer_rate[25:99] >= 0.9": "no time of day",
    "answer_rate[group=hotline] >= 0.9": "not by group",
    "occupancy[call_type=billing] >= 0.9": "not by call type",
}


@pytest.mark.parametrize("text", RIGHT)
def test_a_threshold_is_read_as_it_is_meant(text: str) -> None:
    (threshold,) = parse_all([text], load("golden-club"), baseline=True)
    assert named(threshold) == RIGHT[text]
    assert parse(named(threshold).replace(" points", "").replace("0.5", "0.005")).series == threshold.series


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_threshold_is_named_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ScenarioError, match=WRONG[text]) as caught:
        parse_all(["answer_rate >= 0.5", text], load("golden-club"), baseline=True)
    assert [problem.path for problem in caught.value.problems] == ["thresholds.1"]


def test_all_that_is_wrong_is_said_at_once_and_a_missing_baseline_too() -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_all(["answer_rate >= baseline", "x >= 1"], load("golden-club"), baseline=False)
    assert len(caught.value.problems) == 2 and "no baseline to compare with" in str(caught.value)


def test_looks_follow_from_the_limit_alone() -> None:
    assert looks(1600) == (200, 400, 800, 1600) and looks(100) == (25, 50, 100)
    assert looks(30) == (30,) and looks(2) == (2,) and max(len(looks(n)) for n in range(2, 5000)) == 4


def days(count: int, rate: float) -> Series:
    """Days alike: of 100 calls so many are answered, every other day one more or less."""
    return np.array([100 * rate + (-1) ** i for i in range(count)]), np.full(count, 100.0)


def one(text: str, own: Series, base: Series | None = None, *, family: int = 1) -> Verdict:
    return judge(parse(text), own, base, looks=4, family=family)


def test_the_verdict_is_read_off_the_interval() -> None:
    assert one("answer_rate >= 0.8", days(100, 0.9)).word == "met"
    assert one("answer_rate >= 0.95", days(100, 0.9)).word == "missed"
    assert one("answer_rate >= 0.9", days(100, 0.9)).word == "undecided"
    assert one("answer_rate <= 0.95", days(100, 0.9)).word == "met"
    assert one("answer_rate <= 0.8", days(100, 0.9)).word == "missed"
    assert one("answer_rate >= baseline - 0.02", days(100, 0.9), days(100, 0.91)).word == "met"
    assert one("answer_rate >= baseline - 0.005", days(100, 0.9), days(100, 0.91)).word == "missed"
    assert one("chance(answer_rate >= 0.9) >= 0.2", days(100, 0.9)).word == "met"
    assert one("chance(answer_rate >= 0.9) >= 0.8", days(100, 0.9)).word == "missed"
    assert one("chance(answer_rate >= 0.9) <= 0.8", days(100, 0.9)).word == "met"


def test_few_days_and_no_calls_decide_nothing() -> None:
    assert one("answer_rate >= 0.1", days(19, 0.9)).word == "undecided"
    assert one("answer_rate >= 0.1", days(20, 0.9)).word == "met"
    nothing = one("answer_rate >= 0.1", (np.zeros(50), np.zeros(50)))
    assert nothing.word == "undecided" and nothing.more_days is None and found(nothing) == "no such calls"


def test_what_is_undecided_is_priced_and_that_many_days_decide_it() -> None:
    noise = np.random.default_rng(5).normal(90.3, 2.0, 100_000)
    verdict = one("answer_rate >= 0.9", (noise[:60], np.full(60, 100.0)))
    assert verdict.word == "undecided" and verdict.more_days is not None and 50 < verdict.more_days < 50_000
    again = round((60 + verdict.more_days) * 1.1)
    value = float(noise[:60].mean())
    shifted = noise[:again] - noise[:again].mean() + value  # the price holds if the value stays
    assert one("answer_rate >= 0.9", (shifted, np.full(again, 100.0))).word != "undecided"


def test_missed_goes_before_undecided_before_met() -> None:
    met, missed = one("answer_rate >= 0.8", days(100, 0.9)), one("answer_rate >= 0.95", days(100, 0.9))
    undecided = one("answer_rate >= 0.9", days(100, 0.9))
    assert overall([met, met]) == "met" and overall([met, undecided]) == "undecided"
    assert overall([undecided, missed, met]) == "missed"


def in_looks(threshold: Threshold, own: Series, base: Series | None, limit: int, family: int) -> str:
    """The word that a gate of that limit ends with, as `decide` looks."""
    word = "undecided"
    for n in looks(limit):
        first = None if base is None else (base[0][:n], base[1][:n])
        word = judge(threshold, (own[0][:n], own[1][:n]), first, looks=len(looks(limit)), family=family).word
        if word != "undecided":
            break
    return word


@pytest.mark.slow
@pytest.mark.parametrize("text", ["answer_rate >= 0.9", "chance(answer_rate >= 0.9) >= 0.5", "answer_rate >= baseline"])
def test_with_the_truth_on_the_threshold_a_verdict_is_wrong_at_most_one_time_in_twenty(text: str) -> None:
    """4,000 gates of 200 days, seed 11. On the bound "missed" is wrong, and just below it "met" would be: each at most
    5 %, and 99.9 % of gates with exactly 5 % would show at most 6.1 % here.
    """
    chance = np.random.default_rng(11)
    words = []
    for _ in range(4000):
        calls = chance.poisson(300.0, (2, 200)).astype(float)
        answered = np.round(calls * np.clip(0.9 + 0.03 * chance.standard_normal((2, 200)), 0, 1), 6)
        words.append(in_looks(parse(text), (answered[0], calls[0]), (answered[1], calls[1]), 200, 1))
    for word in ("met", "missed"):
        assert words.count(word) / len(words) <= 0.061


@pytest.mark.slow
def test_a_harmless_change_under_many_thresholds_is_red_at_most_one_time_in_twenty() -> None:
    """1,000 gates with 30 thresholds each, every truth on its bound, seed 12; 5 % with 99.9 % room is 7.3 %."""
    chance = np.random.default_rng(12)
    threshold, red = parse("answer_rate >= baseline"), 0
    for _ in range(1000):
        words = []
        for _ in range(30):
            calls = np.full(160, 100.0)
            change = chance.standard_normal(160)
            words.append(in_looks(threshold, (90 + change, calls), (np.full(160, 90.0), calls), 160, 30))
        red += "missed" in words
    assert red / 1000 <= 0.073


def test_a_threshold_on_the_baseline_needs_one() -> None:
    with pytest.raises(CallsimError, match="no baseline"):
        one("answer_rate >= baseline", days(30, 0.9))
