"""Several connected days: each with its date, hours, traffic and heads; what callers do goes on from one to the next."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from experiments.compare import compare, reached
from experiments.days import completion, day_rows
from experiments.run import run
from experiments.statistics import chance, chance_of_days
from experiments.study import Study
from experiments.threshold import parse_all
from experiments.values import by_day, parts
from experiments.verdicts import check
from sim.calls import NONE, Came, Day, Outcome
from sim.chance import draw
from sim.chance.demand import expected
from sim.chance.factors import busyness
from sim.engines import count, simulate
from sim.erlang import erlang_a
from sim.measures import MEASURES
from sim.scenario.costs import Target
from sim.scenario.errors import CallsimError, ScenarioError
from sim.scenario.scenario import Scenario
from sim.tally import Measuring, Tally, tally
from sim.tally.tally import Count, Work, side_by_side
from tests.test_theory import assert_within
from tests.workloads import one_queue

S, DAY = 1_000_000, 86_400_000_000
MONDAY = date(2026, 3, 9)


def week(changes: dict[str, Any] | None = None, *, days: int = 3) -> Scenario:
    """09:00 to 17:00 by hours, 20 calls an hour of three minutes, two agents."""
    return Scenario.model_validate({
        "name": "week",
        "calendar": {"start": MONDAY, "days": days, "opens": "09:00", "closes": "17:00", "interval": "1h"},
        "call_types": [{
            "name": "calls", "arrivals": 20, "talk": {"exponential": {"mean": 180}}, "patience": {"exponential": {"mean": 120}},
        }],
        "groups": [{"name": "desk", "skills": ["calls"], "agents": 2}],
    }).with_(changes or {})  # fmt: skip


def simulated(scenario: Scenario, *, seed: int = 1, replication: int = 0) -> Day:
    return simulate(scenario, draw(scenario, seed=seed, replication=replication))


def counted(scenario: Scenario) -> Tally:
    """The counts of one replication."""
    return tally(simulated(scenario), Measuring())


def days_of(ticks: np.ndarray) -> np.ndarray:
    """Which day after the first midnight a tick lies in."""
    return np.asarray(ticks // DAY)


# -- each day by itself --------------------------------------------------------------------------------------------------


def test_the_first_of_several_days_is_that_day_alone() -> None:
    """Where nobody comes back, what follows changes nothing: same callers, same answers, same counts."""
    one, three = week(days=1), week(days=3)
    for replication in range(3):
        alone, first = (count(s, draw(s, seed=4, replication=replication), Measuring()) for s in (one, three))
        first = first.of_day(0)
        assert replace(first.frame, horizon=alone.frame.horizon) == alone.frame
        for name in ("calls", "agents", "callers", "waits", "longest"):
            mine, theirs = getattr(first, name), getattr(alone, name)
            if name == "agents":  # how evenly agents are loaded is known of all days together
                mine, theirs = mine[..., : Work.AGENTS], theirs[..., : Work.AGENTS]
            assert np.array_equal(mine, theirs), name


def test_days_differ_and_have_their_dates() -> None:
    found = tally(simulated(week()))
    assert found.days == 3 and found.replications == 1
    assert [row.date.isoformat() for row in day_rows(found)] == ["2026-03-09", "2026-03-10", "2026-03-11"]
    offered = by_day(found, "offered")[0][0]
    assert len(set(offered.tolist())) == 3 and offered.sum() == parts(found, "offered")[0][0]


def test_a_special_day_has_hours_traffic_and_heads_of_its_own() -> None:
    scenario = week({"special_days": [
        {"name": "short", "on": "tuesday", "opens": "10:00", "closes": "13:00", "arrivals": {"calls": {"times": 2.0}},
         "agents": {"desk": {"plus": 1.0, "from": "11:00"}}},
        {"name": "off", "on": [date(2026, 3, 11)], "closed": True},
    ]})  # fmt: skip
    means = expected(scenario, scenario.call_types[0]).reshape(3, 8)
    assert means.tolist() == [[20.0] * 8, [0.0, 40.0, 40.0, 40.0, 0.0, 0.0, 0.0, 0.0], [0.0] * 8]
    day = simulated(scenario)
    assert set(days_of(day.calls.arrival).tolist()) == {0, 1}
    assert not np.any(day.calls.outcome == Outcome.CLOSED)
    assert day.agents is not None
    second = day.agents.since >= DAY
    assert day.agents.since[second].min() == DAY + 10 * 3600 * S
    third = day.agents.agent == 2
    assert day.agents.since[third].min() == DAY + 11 * 3600 * S


def test_a_total_of_its_own_is_laid_out_within_the_hours_of_the_day() -> None:
    profile = [1.0, 2.0, 3.0, 4.0, 4.0, 3.0, 2.0, 1.0]
    scenario = week({
        "call_types.calls.arrivals": {"per_day": 200, "profile": profile},
        "special_days": [{"name": "short", "on": "wednesday", "closes": "13:00", "arrivals": {"calls": {"per_day": 50}}},
                         {"name": "cut", "on": "tuesday", "closes": "13:00"}],
    })  # fmt: skip
    means = expected(scenario, scenario.call_types[0]).reshape(3, 8)
    assert means[0].tolist() == pytest.approx([10.0 * weight for weight in profile])
    assert means[1].tolist() == pytest.approx([10.0, 20.0, 30.0, 40.0, 0.0, 0.0, 0.0, 0.0])
    assert means[2].tolist() == pytest.approx([5.0, 10.0, 15.0, 20.0, 0.0, 0.0, 0.0, 0.0])


def test_every_day_is_busy_in_its_own_way_and_the_first_as_if_it_were_alone() -> None:
    scenario, alone = (week({"call_types.calls.busyness": {"cv": 0.3}}, days=days) for days in (4, 1))
    factors = np.array([busyness(scenario.call_types[0], scenario, seed=1, replication=i).reshape(4, 8) for i in range(400)])
    assert np.all(factors == factors[:, :, :1])
    assert factors[0, 0].tolist() == busyness(alone.call_types[0], alone, seed=1, replication=0).tolist()
    between = np.corrcoef(factors[:, :, 0].T)
    assert np.abs(between - np.eye(4)).max() < 0.165  # 99.9 % of correlations of 400 independent pairs
    assert factors.mean() == pytest.approx(1.0, abs=3.3 * 0.3 / math.sqrt(1600))


def test_a_surge_and_a_restart_happen_on_their_day_and_an_announcement_on_every_or_on_one() -> None:
    surge = {"name": "fault", "at": "10:00", "on": date(2026, 3, 10), "calls": {"calls": 200}}
    surge |= {"shape": {"pulse": {"lasts": 3600}}}
    day = simulated(week({"surges": [surge]}))
    ours = day.calls.arrival[day.calls.surge == 0]
    assert len(ours) > 150 and ours.min() >= DAY + 10 * 3600 * S and ours.max() < DAY + 11 * 3600 * S
    moved = simulated(week({"surges": [surge | {"on": date(2026, 3, 11)}]})).calls
    assert np.array_equal(moved.key[moved.surge == 0], day.calls.key[day.calls.surge == 0])
    assert np.array_equal(moved.arrival[moved.surge == 0], ours + DAY)
    for on, where in ((None, {0, 1, 2}), (date(2026, 3, 10), {1})):
        told = {"name": "told", "from": "12:00", "to": "14:00", "accepted": 0.9, "on": on}
        calls = simulated(week({"ivr.deflections": [told]})).calls
        clock = calls.arrival % DAY // (3600 * S)
        contained = calls.outcome == Outcome.CONTAINED
        assert set(days_of(calls.arrival[contained]).tolist()) == where and set(clock[contained].tolist()) == {12, 13}
    down = {"name": "down", "at": "12:00", "on": date(2026, 3, 10), "lasts": "2h"}
    calls = simulated(week({"ivr.restarts": [down], "ivr.delay": 1})).calls
    blocked = calls.arrival[calls.outcome == Outcome.BLOCKED]
    assert len(blocked) > 20 and blocked.min() >= DAY + 12 * 3600 * S and blocked.max() < DAY + 14 * 3600 * S


# -- from one day to the next ----------------------------------------------------------------------------------------------


def test_who_finds_the_doors_closed_calls_when_they_open() -> None:
    scenario = week({
        "call_types.calls.solved": 0.0, "call_types.calls.next.unsolved": {"chance": 1.0, "after": "10h", "most": 1},
        "call_types.calls.next.closed": {"chance": 1.0, "after": "30m"},
    })  # fmt: skip
    calls = simulated(scenario).calls
    at = {int(number): row for row, number in enumerate(calls.number)}
    shut = calls.outcome == Outcome.CLOSED
    closed = np.flatnonzero((calls.came == Came.REPEAT) & shut & (calls.arrival < 3 * DAY + 9 * 3600 * S))
    after = [row for row in np.flatnonzero(calls.came == Came.REDIAL) if shut[at[int(calls.parent[row])]]]
    assert len(closed) > 100 and len(after) == len(closed)  # all 10 h later are at night, and all call again
    for row in after:
        before = at[int(calls.parent[row])]
        opens = (calls.arrival[before] // DAY + (calls.arrival[before] % DAY >= 9 * 3600 * S)) * DAY + 9 * 3600 * S
        assert calls.arrival[row] == opens + 1800 * S
    last = calls.arrival[after] >= 3 * DAY
    assert set(calls.outcome[after][last].tolist()) == {Outcome.CLOSED} and last.any()  # there is no fourth day


def test_what_comes_after_the_last_day_is_counted_and_not_simulated() -> None:
    later = {"call_types.calls.solved": 0.0, "call_types.calls.next.unsolved": {"chance": 1.0, "after": "60d", "most": 3}}
    day = simulated(week(later))
    found = tally(day)
    answered = int((day.calls.outcome == Outcome.ANSWERED).sum())
    assert found.calls[:, :, 0, Count.AFTER_LAST_DAY].sum() == found.calls[:, :, 0, Count.CLOSED].sum() == answered
    assert (day.calls.arrival > 50 * DAY).sum() == answered  # their own time, though no clock runs so long
    assert MEASURES["after_last_day"](found) == pytest.approx(answered / 3)
    assert MEASURES["first_contact_resolution_30d"](found) == 1.0


def test_first_contact_resolution_is_that_of_the_delay() -> None:
    """1 - (1 - solved) x (1 - exp(-d / mean)) after d days; 40 x 3 days, intervals at 99.9 %."""
    scenario = week({
        "call_types.calls.solved": 0.4, "groups.desk.agents": 6,
        "call_types.calls.next.unsolved": {"chance": 1.0, "after": {"exponential": {"mean": "5d"}}},
    })  # fmt: skip
    found = side_by_side([count(scenario, draw(scenario, seed=2, replication=i), Measuring()) for i in range(40)])
    for days in (1, 7, 30):
        assert_within(found, f"first_contact_resolution_{days}d", 1 - 0.6 * (1 - math.exp(-days / 5)))


def test_callbacks_that_come_up_at_night_come_up_in_the_morning_and_keep_their_place_until_then() -> None:
    callback = {"accepted": 1.0, "after": "8h", "dial": 1, "reached": 1.0}
    scenario = week({"call_types.calls.callback": callback, "call_types.calls.talk": {"exponential": {"mean": 600}}})
    calls = simulated(scenario).calls
    promised = calls.accepted != NONE
    late = promised & (calls.accepted % DAY > 9 * 3600 * S) & (calls.accepted < 2 * DAY)
    called = calls.answer[late]
    assert late.sum() > 50 and np.all(called >= DAY * (1 + days_of(calls.accepted[late])) + 9 * 3600 * S)
    assert np.all(calls.outcome[late] == Outcome.CALLED_BACK)
    last = promised & (calls.accepted >= 2 * DAY + 9 * 3600 * S)
    assert set(calls.outcome[last].tolist()) == {Outcome.CALLBACK_MISSED}  # no fourth day
    kept = simulated(scenario.with_({"call_types.calls.callback.after": 0, "calendar.after_closing": "drop"})).calls
    waited = (kept.accepted != NONE) & (days_of(kept.answer) > days_of(kept.accepted)) & (kept.answer != NONE)
    assert waited.sum() > 3  # stood in the queue at closing
    first = np.sort(kept.answer[waited])
    order = np.argsort(kept.accepted[waited], kind="stable")
    assert np.array_equal(kept.answer[waited][order], first)  # who came first is called first


def test_work_that_is_left_in_the_evening_is_done_in_the_morning() -> None:
    scenario = week({
        "call_types": [{"name": "orders", "contact": "work", "arrivals": 0, "talk": 1200}],
        "call_types.calls.tickets": [{"name": "order", "as": "orders", "chance": 0.5}],
        "groups": [{"name": "office", "skills": ["orders"], "agents": 1}],
    })  # fmt: skip
    calls = simulated(scenario).calls
    work = calls.call_type == 1
    done = work & (calls.outcome == Outcome.ANSWERED)
    overnight = done & (days_of(calls.answer) > days_of(calls.arrival))
    assert overnight.sum() > 10
    assert np.all(np.isin(calls.outcome[work & (calls.arrival < 2 * DAY)], [Outcome.ANSWERED, Outcome.STILL_THERE]))
    clock = calls.answer[done] % DAY
    assert np.all((clock >= 9 * 3600 * S) & (clock < 21 * 3600 * S))
    assert np.all(calls.end[work & (calls.outcome == Outcome.STILL_THERE)] >= 2 * DAY + 17 * 3600 * S)


def test_a_list_is_finished_on_the_day_on_which_so_many_can_be_called() -> None:
    """One agent, 60 s each, from 10:00 to 12:00: 120 a day, so 300 contacts take until the third day."""
    scenario = week({
        "call_types": [{"name": "list", "contact": "outbound", "arrivals": 0, "talk": 40, "outbound": {
            "contacts": 300, "from": "10:00", "to": "12:00", "mode": "progressive", "dial": 20, "reached": 1.0}}],
        "groups": [{"name": "callers", "skills": ["list"], "agents": 1}],
    })  # fmt: skip
    day = simulated(scenario)
    found = tally(day)
    assert found.calls[:, :, 1, Count.FINISHED].sum(axis=1).tolist() == [120, 120, 60]
    assert completion(found, "list") == (date(2026, 3, 11),) * 3
    assert MEASURES["outbound_days"](found) == 3.0 and MEASURES["outbound_done_rate"](found) == 1.0
    clock = day.calls.answer[day.calls.call_type == 1] % DAY
    assert clock.min() == 10 * 3600 * S and clock.max() < 12 * 3600 * S
    shorter = tally(simulated(scenario.with_({"calendar.days": 2})))
    assert completion(shorter, "list") is None
    assert MEASURES["outbound_days"](shorter) == pytest.approx(2.5)


def test_a_center_that_never_closes_does_not_notice_midnight() -> None:
    """Erlang A over five days of 24 hours, the first two hours left out; 20 x 5 days, intervals at 99.9 %."""
    scenario = one_queue(calls_per_hour=120, aht=240, agents=7, patience=120, hours=24).with_({"calendar.days": 5})
    exact = erlang_a(calls_per_hour=120, aht=240.0, agents=7, patience=120.0, within=20.0)
    window = Measuring(window=(7200.0, 5 * 86_400.0))
    found = side_by_side([count(scenario, draw(scenario, seed=3, replication=i), window) for i in range(20)])
    assert_within(found, "abandonment_rate", 1 - exact.answer_rate)
    assert_within(found, "mean_queue", exact.mean_queue)
    assert_within(found, "occupancy", exact.occupancy)
    day = simulated(scenario)
    assert not np.any(np.isin(day.calls.outcome, [Outcome.CLOSED]))
    still = day.calls.outcome == Outcome.STILL_THERE
    assert not np.any(still & (day.calls.arrival < 4 * DAY))
    talks_over = (day.calls.answer < DAY) & (day.calls.end > DAY) & (day.calls.answer != NONE)
    assert talks_over.any() and day.agents is not None
    assert not np.any(day.agents.finishing[(day.agents.until < 5 * DAY)])


# -- statistics over replications --------------------------------------------------------------------------------------------


def test_connected_days_are_taken_together_and_chances_day_by_day() -> None:
    scenario = week({"call_types.calls.busyness": {"cv": 0.2}, "targets": [{"measure": "answer_rate", "at_least": 0.8}]})
    results = run(Study({"baseline": scenario, "more": scenario.with_({"groups.desk.agents.plus": 1})}, replications=40))
    tally_ = results.tallies["baseline"]
    assert tally_.days == 120 and len(parts(tally_, "answer_rate")[0]) == 40
    found = compare(results)
    assert found.rows[0].value.value == pytest.approx(MEASURES["answer_rate"](tally_))
    chance_ = reached(tally_, Target(measure="answer_rate", at_least=0.8))
    assert chance_.days == 120 and 0 < chance_.low < chance_.value < chance_.high < 1
    assert found.rows[0].worst is not None and found.rows[0].worst.name.startswith("2026-03-")
    alone = compare(results.of_day(date(2026, 3, 10)))
    assert alone.rows[0].value.value == pytest.approx(MEASURES["answer_rate"](tally_.of_day(1)))
    assert sum(row.callers for row in day_rows(tally_)) == pytest.approx(3 * found.rows[0].callers)
    with pytest.raises(CallsimError, match="2026-03-09 to 2026-03-11"):
        results.of_day(date(2026, 3, 12))


def test_a_chance_over_connected_days_has_an_interval_over_replications() -> None:
    one = np.array([[True], [True], [False], [True]])
    assert chance_of_days(one, np.ones_like(one)) == chance(3, 4)
    together = np.repeat(np.arange(40) % 4 > 0, 5).reshape(40, 5)  # all five days alike
    found = chance_of_days(together, np.ones_like(together))
    assert found.value == 0.75 and found.days == 200
    wide = chance(30, 40)
    assert found.high - found.low == pytest.approx(wide.high - wide.low, rel=0.15)  # as wide as 40 days, not as 200
    certain = chance_of_days(np.ones((30, 5)), np.ones((30, 5)))
    assert (certain.value, certain.low) == (1.0, chance(30, 30).low)
    assert chance_of_days(np.zeros((3, 2)), np.zeros((3, 2))).days == 0


def test_thresholds_may_be_about_one_day() -> None:
    scenario = week({"special_days": [{"name": "calm", "on": "tuesday", "arrivals": {"calls": {"times": 0.1}}}]})
    results = run(Study({"baseline": scenario}, replications=30))
    texts = ["answer_rate[day=2026-03-10] >= 0.95", "answer_rate[day=2026-03-09] >= 0.95",
             "chance(answer_rate[day=2026-03-10] >= 0.9) >= 0.5", "chance(answer_rate >= 0.99) >= 0.9"]  # fmt: skip
    assert [one.word for one in check(results, texts)] == ["met", "missed", "met", "missed"]
    with pytest.raises(ScenarioError, match="2026-03-09 to 2026-03-11"):
        parse_all(["answer_rate[day=2026-04-10] >= 0.95"], scenario, baseline=False)
