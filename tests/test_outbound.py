"""Lists that agents call: tries, windows, modes, and what they cost inbound callers; with known answers.

Every bound is an interval at 99.9 % from the replications themselves, or four standard deviations; seeds are fixed.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from sim.calls import NONE, Outcome, State
from sim.chance import draw
from sim.chance.room import Room
from sim.engines import compiled, count, simulate
from sim.engines.plan import frame, plan
from sim.engines.state import CALL_COLUMNS
from sim.measures import MEASURES
from sim.scenario import Scenario, ScenarioError
from sim.scenario.merge import build, overlay
from sim.tally import Counts, Measuring, tally
from tests.test_callers_theory import days
from tests.test_theory import assert_within

S = 1_000_000
LIST: dict[str, Any] = {"contacts": 3000, "mode": "progressive", "reached": 0.3, "tries": 3}
TODAY: dict[str, Any] = {
    "name": "lists",
    "calendar": {"start": date(2026, 3, 12), "opens": "00:00", "closes": "24:00"},
    "call_types": [
        {"name": "calls", "arrivals": {"per_hour": 10}, "talk": {"exponential": {"mean": 180}}},
        {"name": "list", "contact": "outbound", "arrivals": 0, "priority": 5, "talk": {"exponential": {"mean": 100}},
         "wrap_up": 20, "outbound": LIST},
    ],
    "groups": [{"name": "desk", "skills": [["calls", "list"]], "agents": 1}],
}  # fmt: skip


def scenario(changes: dict[str, Any] | None = None, **outbound: Any) -> Scenario:
    given = {"call_types": [{"name": "list", "outbound": outbound}]} if outbound else {}
    return Scenario.model_validate(overlay(TODAY, given)).with_(changes or {})


def test_an_endless_list_costs_callers_the_rest_of_a_try() -> None:
    """M/G/1 with vacations (Doshi 1986, "Queueing systems with vacations", QUESTA 1): W = rho / (1 - rho) S + E V^2 / 2 E V.

    One agent; a try nobody answers takes an exponential time of a minute, of which half of E V^2 / E V is again a minute.
    """
    made = scenario(reached=0.0, contacts=20_000, dial={"exponential": {"mean": 60}}, tries=1)
    found = days(made, replications=60, seed=61)
    assert_within(found, "asa", 0.5 / (1 - 0.5) * 180.0 + 60.0)
    assert_within(found, "occupancy", 1.0)
    none = days(scenario(contacts=0), replications=60, seed=61)
    assert_within(none, "asa", 0.5 / (1 - 0.5) * 180.0)


@pytest.mark.parametrize(("mode", "seconds", "wrong"), [("manual", 45, 0.02), ("preview", 20, 0.0), ("progressive", 0, 0.0)])
def test_how_many_contacts_agents_get_through_in_a_day(mode: str, seconds: float, wrong: float) -> None:
    """Renewal reward: a try takes preparing, dialing and, where somebody talks, the talk and the wrap-up."""
    dedicated = {"call_types.calls.arrivals": 0, "groups.desk.agents": 4}
    made = scenario(dedicated, mode=mode, tries=1, contacts=20_000)
    reached = 0.3 * (1 - wrong)
    a_try = seconds + 25.0 + reached * 120.0
    found = tally(simulate(*_drawn(made)))
    done, contacts = MEASURES["outbound_done_rate"](found) * 20_000, 4 * 86_400 / a_try
    spread = np.sqrt(contacts * (reached * (120.0**2 + 100.0**2) + 2 * reached * 120.0 * (seconds + 25.0))) / a_try
    assert abs(done - contacts) < 4 * spread + 4
    assert MEASURES["outbound_reached_rate"](found) / MEASURES["outbound_done_rate"](found) == pytest.approx(reached, abs=0.02)
    assert MEASURES["outbound_days"](found) == pytest.approx(20_000 / done)


def test_tries_end_when_somebody_talks_is_the_wrong_one_or_they_are_used_up() -> None:
    """Of three tries, each reached in 0.3, of those a tenth is gone and a fifth asks for another time."""
    free = {"call_types.calls.arrivals": 0, "groups.desk.agents": 60}
    made = scenario(free, wrong=0.06, silent=0.04, later=0.2, again_after=600, later_after=900)
    found = tally(simulate(*_drawn(made)))
    goes_on = 0.7 + 0.3 * 0.2
    talks = 0.3 * 0.7 * (1 + goes_on + goes_on**2)
    assert MEASURES["outbound_done_rate"](found) == 1.0
    assert MEASURES["outbound_reached_rate"](found) == pytest.approx(talks, abs=4 * np.sqrt(talks * (1 - talks) / 3000))


def test_reach_goes_by_the_hour() -> None:
    free = {"call_types.calls.arrivals": 0, "groups.desk.agents": 2}
    hours = [share for share in (0.0, 0.8, 0.2, 0.5) for _ in range(12)]
    calls = simulate(*_drawn(scenario(free, contacts=20_000, tries=1, reached=hours))).calls
    for quarter, chance in enumerate((0.0, 0.8, 0.2, 0.5)):
        there = (calls.end // (6 * 3600 * S) == quarter) & (calls.outcome != Outcome.STILL_THERE)
        share = (calls.outcome[there] == Outcome.CALLED_BACK).mean()
        assert there.sum() > 300 and abs(share - chance) < 4 * np.sqrt(chance * (1 - chance) / there.sum()) + 0.01


def test_nobody_is_called_outside_the_window() -> None:
    found = simulate(*_drawn(scenario({"groups.desk.agents": 3}, **{"from": "10:00", "to": "12:00"})))
    assert found.agents is not None
    contacts = found.calls.call_type == 1
    calling = np.isin(found.agents.call, found.calls.number[contacts]) & (found.agents.state == State.TALK)
    assert found.agents.since[calling].min() == 10 * 3600 * S and found.agents.since[calling].max() < 12 * 3600 * S
    assert set(found.calls.outcome[contacts]) == {Outcome.CALLED_BACK, Outcome.CALLBACK_MISSED, Outcome.STILL_THERE}
    assert np.all(found.calls.arrival[contacts] == 10 * 3600 * S)
    late = contacts & (found.calls.outcome == Outcome.STILL_THERE)
    assert late.sum() > 1000 and found.calls.end[late].min() >= 12 * 3600 * S


def test_a_list_is_in_no_measure_of_callers_and_holds_no_line() -> None:
    """Agents of their own: nothing that is said of callers changes."""
    apart = {"groups": [{"name": "callers", "skills": ["list"], "agents": 2}], "groups.desk.skills": ["calls"], "lines.trunks": 3}
    one, other = (tally(simulate(*_drawn(scenario(apart, contacts=contacts)))) for contacts in (0, 3000))
    for name in ("answer_rate", "asa", "offered", "callers", "callers_served_rate", "mean_queue", "blocking_rate", "aht"):
        assert MEASURES[name](one) == MEASURES[name](other)
    assert np.isnan(MEASURES["outbound_done_rate"](one)) and MEASURES["outbound_done_rate"](other) > 0.3
    assert np.isnan(MEASURES["callback_rate"](other)) or MEASURES["callback_rate"](other) == 0.0


def test_who_was_called_in_vain_may_call_back() -> None:
    back = {"call_types.list.next.missed": {"chance": 0.5, "as": "calls", "after": 60}, "groups.desk.agents": 30}
    calls = simulate(*_drawn(scenario(back, tries=1))).calls
    missed = calls.outcome == Outcome.CALLBACK_MISSED
    back_again = np.isin(calls.number[missed], calls.parent)
    assert abs(back_again.mean() - 0.5) < 4 * 0.5 / np.sqrt(missed.sum())
    assert np.all(calls.call_type[(calls.parent != NONE)] == 0)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"call_types.list.arrivals": 3}, "arrivals = 0"),
        ({"call_types.list.contact": "live"}, "say contact"),
        ({"call_types.calls.contact": "outbound"}, "needs `outbound`"),
        ({"call_types.list.patience": 60}, "no patience ends"),
        ({"call_types.list.outbound.to": "00:00"}, "within the day"),
        ({"call_types.list.outbound.wrong": 0.6, "call_types.list.outbound.later": 0.6}, "more than 1"),
        ({"call_types.calls.next.abandoned": {"chance": 0.1, "as": "list"}}, "it is called"),
        ({"call_types.calls.transfers": [{"name": "t", "to": "list", "chance": 0.1}]}, "nobody waits"),
    ],
)
def test_a_list_that_cannot_be_is_named(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        scenario(changes)


def _drawn(made: Scenario) -> tuple[Scenario, Any]:
    return made, draw(made, seed=11)


def _many_tries(**concurrency: Any) -> Scenario:
    """A list of which nobody is reached in many tries; another group takes over after a while."""
    kinds = [{"name": "list", "contact": "outbound", "arrivals": 0, "talk": 60, "outbound": {
        "contacts": 100, "reached": 0, "tries": 40, "again_after": 30}, "groups": ["desk"],
        "overflow": [{"groups": ["second"], "after": "50m"}]}]  # fmt: skip
    groups = [{"name": name, "skills": ["list"], "agents": agents} for name, agents in (("desk", 6), ("second", 1))]
    return build({
        "name": "many tries", "calendar": {"start": date(2026, 3, 12), "opens": "08:00", "closes": "10:00", "interval": "1h"},
        "call_types": kinds, "groups": [group | concurrency for group in groups],
    })  # fmt: skip


@pytest.mark.parametrize("concurrency", [{}, {"concurrency": {"chats": 2, "beside": {"list": 1}}}])
def test_many_tries_in_vain_fit_into_the_log_and_the_counts(concurrency: dict[str, Any]) -> None:
    """Each try is a stretch of an agent, and there are more than there is room for at first."""
    made = _many_tries(**concurrency)
    tape = draw(made, seed=1)
    one, other = (simulate(made, tape, engine=engine) for engine in ("reference", "compiled"))
    assert one == other and one.agents is not None and len(one.agents) > 3 * len(one.calls) + 100
    counted = count(made, tape, Measuring())
    assert np.array_equal(counted.calls, tally(one).calls) and np.array_equal(counted.agents, tally(one).agents)


def test_a_day_that_needs_more_room_is_given_only_what_was_short() -> None:
    """Rows of live calls are few enough here; what is to come is not."""
    made, memory = _many_tries(), Room()
    memory.array("live calls", 50_000, CALL_COLUMNS)
    before = memory.length("live calls")
    compiled.run(plan(made), draw(made, seed=1), memory, Counts(frame(made), Measuring()))
    assert memory.length("live calls") == before and memory.length("later") > 500


def test_a_small_day_is_not_laid_out_in_all_the_room_that_a_large_one_left() -> None:
    """In a process that has simulated large days a small one would take as long as clearing their memory does."""
    made, memory = _many_tries(), Room()
    memory.array("live calls", 1_000_000, CALL_COLUMNS)
    memory.array("key", 1_000_000, dtype=np.uint64)
    tape = draw(made, seed=1)
    day = compiled.run(plan(made), tape, memory, Counts(frame(made), Measuring()))
    assert len(day.calls) < 200_000 and len(day.key) < 200_000
