"""Stories about handle times: what each README claims, in the mean, with its interval, on few days."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from experiments.explain import explain
from experiments.run import Results
from experiments.threshold import parse
from sim.files import load
from tests.test_stories_people import SEED, at, falls, gain, policies, simulated

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def batch() -> Results:
    return policies("new-hires", "mixed", "trained-first", "two-batches", "in-two-months", "experienced")


def test_new_agents_on_one_shift_cost_the_evening_and_each_policy_gives_some_of_it_back(batch: Results) -> None:
    falls(batch, ["experienced", "in-two-months", "two-batches", ""])
    for name in ("mixed", "trained-first"):
        assert gain(batch, name, "").low > 0 and gain(batch, name, "").high < 0.015
    assert at(batch, "", "18:00-18:30") < 0.76
    assert 0.80 < at(batch, "mixed", "18:00-18:30") < at(batch, "experienced", "18:00-18:30")


def test_mixing_gains_in_the_evening_and_pays_before_noon(batch: Results) -> None:
    assert gain(batch, "mixed", "", "answer_rate[17:30-20:00]").low > 0.08
    noon = gain(batch, "mixed", "", "answer_rate[08:00-11:30]")
    assert noon.low > -0.03 and noon.high < -0.01


def test_calls_take_longer_and_colleagues_are_asked_more_while_agents_are_new(batch: Results) -> None:
    falls(batch, ["", "two-batches", "in-two-months", "experienced"], "aht")
    falls(batch, ["", "two-batches", "in-two-months", "experienced"], "consult_rate")


def test_twenty_new_agents_are_worth_some_fourteen_experienced_ones() -> None:
    path = "teams.black.agents.C"
    instead = {str(n): load("new-hires", policies=["no-course"], settings={path: 10 + n}) for n in (11, 16)}
    found = simulated({"": load("new-hires")} | instead, days=60)
    assert gain(found, "11", "").high < 0 < gain(found, "16", "").low


def test_two_months_after_the_first_day_the_course_is_worth_more_than_today() -> None:
    path = "teams.spring course.hired"
    dates = (date(2025, 12, 12), date(2026, 1, 12), date(2026, 2, 12), date(2026, 3, 12))
    days = {when.isoformat(): load("new-hires", settings={path: when}) for when in dates}
    falls(simulated(days), list(days))


def test_explain_names_new_hires_and_knowledge() -> None:
    with ThreadPoolExecutor(2) as pool:
        found = explain(load("new-hires"), parse("answer_rate >= 0.95"), days=20, seed=SEED, executor=pool)
    alone = {one.cause.name: one.alone for one in found.shares if one.there}
    for name in ("new hires", "knowledge"):
        assert alone[name].low > 0.012
    assert found.enough is not None and 0 < found.enough.hours < 40


@pytest.fixture(scope="module")
def levers() -> Results:
    names = ("ten-seconds", "script", "knowledge-base", "systems", "typing", "type-while-talking", "no-restart", "three-agents")
    return policies("skill-levers", *names, days=60)


SECONDS = {"ten-seconds": -7.5, "script": -7.8, "knowledge-base": -7.0, "systems": -6.2, "typing": -17.1,
           "type-while-talking": -20.8, "no-restart": 9.0}  # fmt: skip


@pytest.mark.parametrize("name", list(SECONDS))
def test_a_lever_saves_the_seconds_that_the_table_says(levers: Results, name: str) -> None:
    saved = gain(levers, name, "", "aht")
    assert saved.low - 0.2 < SECONDS[name] < saved.high + 0.2 and saved.half_width < 1


def test_points_follow_seconds_whatever_saves_them(levers: Results) -> None:
    """About 1.4 points for ten seconds of handle time, and half as much again as an agent."""
    for name, seconds in SECONDS.items():
        won = gain(levers, name, "")
        assert 0.0009 < won.value / -seconds < 0.0019, name
        assert (won.low > 0) == (seconds < 0)
    agent = gain(levers, "three-agents", "").value / 3
    assert 0.006 < agent < 0.013
    assert gain(levers, "typing", "ten-seconds").low > 0.006


def test_ten_seconds_of_talk_are_fewer_of_handle_time(levers: Results) -> None:
    assert gain(levers, "ten-seconds", "", "mean_talk").high < gain(levers, "ten-seconds", "", "aht").low - 1
    assert gain(levers, "type-while-talking", "", "mean_talk").low < 0 < gain(levers, "type-while-talking", "", "mean_talk").high


def test_each_ten_seconds_more_cost_more_than_the_ten_before() -> None:
    path = "call_types.*.talk.lognormal.mean.plus"
    found = simulated({str(plus): load("skill-levers", settings={path: plus}) for plus in (-30, 0, 30)}, days=60)
    falls(found, ["-30", "0", "30"])
    assert gain(found, "-30", "0").value < gain(found, "0", "30").value


def test_three_chats_at_a_time_are_better_than_one_and_than_five_and_the_phone_does_not_notice() -> None:
    found = policies("chats", "two", "three", "five", "beside")
    falls(found, ["beside", "three", "five", "two", ""])
    falls(found, ["three", "five", "two", ""], "answer_rate[call_type=chat]")
    for name in ("two", "three", "five"):
        same = gain(found, name, "", "answer_rate[call_type=call]")
        assert same.low == same.value == same.high == 0
    assert gain(found, "beside", "", "answer_rate[call_type=call]").low > 0.08
    assert gain(found, "beside", "three", "tickets_closed_rate").high < -0.02
