"""Work that calls leave behind: tickets, visits, rework; who does it, when, and when the matter is settled; known answers.

Every bound is an interval at 99.9 % from the replications themselves; seeds are fixed.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from experiments.grid import grid
from sim.calls import NONE, Came, Outcome
from sim.chance import draw
from sim.chance.tickets import MOST_STRIDE, check_numbers, tickets_of
from sim.engines import simulate
from sim.engines.plan import plan
from sim.engines.witness import Witness
from sim.erlang import erlang_c
from sim.measures import MEASURES
from sim.scenario import Scenario, ScenarioError
from sim.scenario.errors import CallsimError
from sim.tally import tally
from tests.test_callers_theory import days
from tests.test_theory import assert_within

S = 1_000_000
TODAY: dict[str, Any] = {
    "name": "tickets",
    "calendar": {"start": date(2026, 3, 12), "opens": "00:00", "closes": "24:00"},
    "call_types": [
        {"name": "calls", "arrivals": {"per_hour": 60}, "talk": {"exponential": {"mean": 180}},
         "tickets": [{"name": "order", "as": "orders", "chance": 0.5}]},
        {"name": "orders", "contact": "work", "arrivals": 0, "talk": {"exponential": {"mean": 150}}},
        {"name": "visits", "contact": "work", "arrivals": 0, "talk": {"exponential": {"mean": 600}}},
    ],
    "groups": [
        {"name": "desk", "skills": ["calls"], "agents": 5},
        {"name": "office", "skills": ["orders"], "agents": 2},
        {"name": "crew", "skills": ["visits"], "agents": 10},
    ],
}  # fmt: skip


def scenario(changes: dict[str, Any] | None = None) -> Scenario:
    return Scenario.model_validate(TODAY).with_(changes or {})


def test_work_without_end_of_day_is_a_queue_of_its_own() -> None:
    """Jackson 1957: what half of the calls leave behind comes to the office as to an M/M/2."""
    found = days(scenario(), replications=80, seed=51, until=21 * 3600.0)
    exact = erlang_c(calls_per_hour=30, aht=150.0, agents=2, within=20.0)
    assert_within(found, "asa", exact.asa, call_type="orders")
    assert_within(found, "asa", erlang_c(calls_per_hour=60, aht=180.0, agents=5, within=20.0).asa)


def test_answer_rates_do_not_know_of_work() -> None:
    """Nobody does the orders: nothing that is said of callers changes, and all work stays."""
    today, idle = (simulate(*_drawn(scenario(changes))) for changes in ({}, {"groups.office.agents": 0}))
    assert np.array_equal(_live(today).number, _live(idle).number)
    one, other = tally(today), tally(idle)
    for name in ("answer_rate", "answer_rate_entered", "asa", "service_level", "offered", "callers", "aht"):
        assert MEASURES[name](one) == MEASURES[name](other)
    assert MEASURES["tickets_closed_rate"](one) > 0.99 and MEASURES["tickets_closed_rate"](other) == 0.0
    assert MEASURES["callers_solved_rate"](other) == pytest.approx(0.5, abs=0.06)  # 1,440 calls, four standard deviations
    assert set(idle.calls.outcome[idle.calls.call_type == 1]) == {Outcome.STILL_THERE}


def test_a_matter_is_settled_when_its_ticket_is() -> None:
    """Orders are right in 0.8 and lead to a visit in 0.9 of these; visits help in 0.7: settled are 0.8 (0.1 + 0.9 x 0.7)."""
    changes = {
        "call_types.orders.solved": 0.8, "call_types.visits.solved": 0.7,
        "call_types.orders.next.solved": {"chance": 0.9, "as": "visits", "after": 60},
        "calendar.closes": "24:00", "groups.crew.agents": 40, "groups.office.agents": 10,
    }  # fmt: skip
    found = days(scenario(changes), replications=40, seed=52, until=20 * 3600.0)  # the rest of the day for what they leave
    assert_within(found, "tickets_solved_rate", 0.8 * (0.1 + 0.9 * 0.7))
    assert MEASURES["tickets_closed_rate"](found) == 1.0
    one = simulate(*_drawn(scenario(changes)))
    calls, at = one.calls, {int(number): row for row, number in enumerate(one.calls.number)}
    waits = []
    for first in np.flatnonzero(calls.came == Came.FRESH):
        of_order = np.flatnonzero((calls.parent == calls.number[first]) & (calls.came == Came.TICKET))
        if len(of_order) == 0:
            assert calls.solved[first] == 1
            waits.append(calls.end[first] - calls.arrival[first])
            continue
        chain = np.flatnonzero(calls.caller == calls.number[of_order[0]])
        settled = calls.end[chain][calls.solved[chain] == 1]
        waits += [settled.min() - calls.arrival[first]] if len(settled) else []
        assert calls.parent[of_order[0]] == calls.number[first] and at[int(calls.parent[of_order[0]])] == first
    measured = tally(one)
    assert MEASURES["callers_solved_rate"](measured) == pytest.approx(len(waits) / (calls.came == Came.FRESH).sum())
    assert MEASURES["time_to_solution"](measured) == pytest.approx(np.mean(waits) / (60 * S))


def test_a_badly_written_order_comes_back_or_fails_the_visit_and_the_customer_calls() -> None:
    changes = {
        "call_types.orders.solved": 0.5,
        "call_types.orders.next.solved": {"chance": 1.0, "as": "visits", "after": 60},
        "call_types.orders.next.unsolved": {"chance": 1.0, "as": "orders", "after": 60},
        "call_types.visits.solved": 0.5,
        "call_types.visits.next.unsolved": {"chance": 1.0, "as": "calls", "after": 60},
    }
    calls = simulate(*_drawn(scenario(changes))).calls
    was = {int(number): int(kind) for number, kind in zip(calls.number, calls.call_type, strict=True)}
    follows = {(int(came), was[int(parent)], int(kind)) for came, parent, kind in
               zip(calls.came, calls.parent, calls.call_type, strict=True) if parent != NONE}  # fmt: skip
    follow, again, ticket = int(Came.FOLLOW_UP), int(Came.REPEAT), int(Came.TICKET)
    assert follows == {(ticket, 0, 1), (follow, 1, 2), (again, 1, 1), (again, 2, 0)}
    depth = calls.number // (calls.number[calls.came == Came.FRESH].max() + 1) >> 14
    assert np.all(depth >> 28 == 0) and (depth >> 14 > 0).any()  # a ticket of a ticket, and none of that


def test_work_keeps_nobody_after_closing_and_holds_no_line() -> None:
    changes = {"calendar.opens": "08:00", "calendar.closes": "10:00", "lines.trunks": 3, "groups.office.agents": 0,
               "groups.desk.skills": ["calls", "orders"], "groups.desk.agents": 3}  # fmt: skip
    found = simulate(*_drawn(scenario(changes)))
    assert found.agents is not None
    work = found.calls.call_type == 1
    live = ~work & np.isin(found.calls.outcome, (Outcome.ANSWERED,))
    last_wait = found.calls.answer[live].max()
    closes = 10 * 3600 * S
    served_late = work & (found.calls.answer >= max(closes, last_wait)) & (found.calls.answer != NONE)
    assert not served_late.any() and (work & (found.calls.outcome == Outcome.STILL_THERE)).any()
    for tick in found.calls.arrival[~work]:
        held = ~work & (found.calls.outcome == Outcome.ANSWERED) & (found.calls.arrival <= tick) & (found.calls.end > tick)
        assert held.sum() <= 3
    assert np.all(found.calls.off_line[work] == found.calls.arrival[work])


def test_heads_needed_stand_beside_heads_of_who_serves_callers() -> None:
    """Grid: the office and the crew do nothing else but work; 60 calls an hour of 3 minutes are a load of 3."""
    counted = tally(simulate(*_drawn(scenario())))
    found = grid(counted).intervals[20]
    assert found.phones == pytest.approx(5.0) and found.offered < 80 and counted.frame.back_office == ("office", "crew")
    assert counted.frame.live == [0] and counted.frame.work == ("orders", "visits")


def test_which_calls_leave_a_ticket() -> None:
    changes = {"call_types.calls.solved": 0.6, "groups.desk.agents": 3, "call_types.calls.tickets": [
        {"name": "order", "as": "orders", "chance": 1.0, "when": "solved", "by": ["second"]},
        {"name": "bad", "as": "visits", "chance": 0.5, "when": "unsolved"},
    ]}  # fmt: skip
    more = TODAY | {"groups": [*TODAY["groups"], {"name": "second", "skills": ["calls"], "agents": 3}]}
    calls = simulate(*_drawn(Scenario.model_validate(more).with_(changes))).calls
    left = {int(parent): int(kind) for parent, kind, came in
            zip(calls.parent, calls.call_type, calls.came, strict=True) if came == Came.TICKET}  # fmt: skip
    fresh = np.flatnonzero(calls.came == Came.FRESH)
    by_second, kinds = calls.group[fresh] == 3, np.array([left.get(int(number), -1) for number in calls.number[fresh]])
    assert 0.05 < by_second.mean() < 0.6
    assert np.all(by_second[kinds == 1])
    assert (kinds == 1)[by_second].mean() == pytest.approx(0.6, abs=0.12)
    assert (kinds == 2).mean() == pytest.approx(0.2, abs=0.05)
    assert np.all(calls.solved[fresh][kinds != -1] == 0)


def test_the_story_of_a_caller_tells_what_is_left_to_do() -> None:
    made = scenario({"call_types.calls.tickets.order.chance": 1.0})
    witness = Witness(plan(made), draw(made, seed=3), 0)
    witness.run()
    assert any("leaves orders to do in" in step.what for step in witness.story)


def test_tickets_leave_every_call_alone() -> None:
    """Common random numbers: who leaves a ticket has the calls he had without."""
    none = scenario({"call_types.calls.tickets.order.chance": 0.0})
    one, other = (_live(simulate(*_drawn(made))) for made in (none, scenario()))
    for name in ("number", "arrival", "answer", "end", "outcome"):
        assert np.array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"call_types.orders.patience": 60}, "no patience ends"),
        ({"call_types.orders.balking": 0.1}, "nobody waits"),
        ({"call_types.calls.tickets.order.as": "calls"}, "is not work"),
        ({"call_types.calls.tickets.order.as": "oders"}, 'no call type "oders"'),
        ({"call_types.calls.tickets.order.by": ["desks"]}, 'no group "desks"'),
        ({"call_types.calls.transfers": [{"name": "t", "to": "orders", "chance": 0.1}]}, "leave a ticket"),
        ({"ivr.containment.orders": 0.1}, "through the IVR"),
        ({"call_types.calls.tickets": [{"name": n, "as": "orders", "chance": 0.6} for n in ("a", "b")]}, "sum to more than 1"),
    ],
)
def test_work_that_cannot_be_is_named(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        scenario(changes)


def test_numbers_that_would_not_fit_are_refused() -> None:
    with pytest.raises(CallsimError, match="at most 1,048,576 calls, over all days"):
        check_numbers(tickets_of(scenario(), 0)[0], MOST_STRIDE + 1)


def _live(day: Any) -> Any:
    calls = day.calls
    rows = calls.call_type == 0
    return type("Live", (), {name: getattr(calls, name)[rows] for name in ("number", "arrival", "answer", "end", "outcome")})


def _drawn(made: Scenario) -> tuple[Scenario, Any]:
    return made, draw(made, seed=11)
