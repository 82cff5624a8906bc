"""Routing against closed forms and small chains solved exactly, at 99.9 %; seeds are fixed (see `test_theory`)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from math import sqrt
from typing import Any

import numpy as np
import pytest

from sim.calls import State as Does
from sim.chance import draw
from sim.engines import simulate
from sim.erlang import erlang_a, erlang_c
from sim.scenario.calendar import Calendar
from sim.scenario.merge import build
from sim.scenario.scenario import Scenario
from tests.chains import Center, State, balance, solve
from tests.test_theory import assert_within, days

HOURS = 24
DAY = Calendar(start=date(2026, 3, 12), opens=0.0, closes=HOURS * 3600.0, interval=3600.0)


def center(kinds: dict[str, dict[str, Any]], groups: dict[str, dict[str, Any]], **parts: Any) -> Scenario:
    """Call types with calls an hour, mean handle time and patience in seconds; groups with agents and skills."""
    return build({
        "name": "routing", "calendar": DAY.model_dump(),
        "call_types": [
            {"name": name, "arrivals": {"per_hour": one.pop("calls")}, "talk": {"exponential": {"mean": one.pop("aht")}},
             "patience": {"exponential": {"mean": one.pop("patience")}} if "patience" in one else "never"} | one
            for name, one in ((name, dict(one)) for name, one in kinds.items())
        ],
        "groups": [{"name": name} | one for name, one in groups.items()],
    } | parts)  # fmt: skip


@pytest.mark.slow
def test_two_priorities_are_those_of_the_closed_form():
    """M/M/s, nobody hangs up, no call is broken off: W_k = C s^-1 aht / (1 - load before) / (1 - load with it)
    (Kella and Yechiali 1985, "Waiting times in the non-preemptive priority M/M/c queue", Stochastic Models 1(2)).
    """
    calls, aht, agents = (40.0, 80.0), 240.0, 10
    scenario = center(
        {"urgent": {"calls": calls[0], "aht": aht, "priority": 1}, "plain": {"calls": calls[1], "aht": aht, "priority": 2}},
        {"desk": {"agents": agents, "skills": [["urgent", "plain"]]}},
    )
    delayed = erlang_c(calls_per_hour=sum(calls), aht=aht, agents=agents, within=20.0).delayed
    load = [rate * aht / 3600 / agents for rate in calls]
    first = delayed * aht / agents / (1 - load[0])
    exact = {"urgent": first, "plain": first / (1 - load[0] - load[1])}
    counted = days(scenario, warm_up=7200.0, replications=150, seed=31)
    for name, wait in exact.items():
        assert_within(counted, "asa", wait, call_type=name)
        assert_within(counted, "delayed_rate", delayed, call_type=name)


def _check(scenario: Scenario, exact: Center, *, seed: int, names: tuple[str, ...]) -> None:
    answers, counted = solve(exact), days(scenario, warm_up=7200.0, replications=120, seed=seed)
    for k, name in enumerate(names):
        assert_within(counted, "abandonment_rate", answers.abandon[k], call_type=name)
        assert_within(counted, "delayed_rate", answers.waits[k], call_type=name)
    for pool, group in enumerate(scenario.groups):
        assert_within(counted, "occupancy", float(answers.busy[pool].sum()) / exact.agents[pool], group=group.name)


def _first_free(exact: dict[str, Any], order: dict[int, list[int]], state: State, kind: int) -> int | None:
    agents = exact["agents"]
    return next((pool for pool in order[kind] if sum(state.busy[pool]) < agents[pool]), None)


def _first_waiting(order: dict[int, list[int]], state: State, pool: int) -> int | None:
    return next((kind for kind in order[pool] if state.waiting[kind]), None)


def _skills(rates: dict[str, Any], looks: dict[int, list[int]], scans: dict[int, list[int]]) -> Center:
    return Center(
        **rates, arrives=lambda state, kind: _first_free(rates, looks, state, kind),
        freed=lambda state, pool: _first_waiting(scans, state, pool),
    )  # fmt: skip


@pytest.mark.slow
def test_the_n_design_is_its_chain():
    """Orders only at the second desk, which helps with questions once it has none of its own."""
    scenario = center(
        {"questions": {"calls": 40, "aht": 180, "patience": 120, "groups": ["first", "second"]},
         "orders": {"calls": 25, "aht": 300, "patience": 240}},
        {"first": {"agents": 2, "skills": ["questions"]}, "second": {"agents": 3, "skills": ["orders", "questions"]}},
    )  # fmt: skip
    rates = {"arrivals": (40.0, 25.0), "service": (20.0, 12.0), "patience": (30.0, 15.0), "agents": (2, 3), "most": 16}
    exact = _skills(rates, {0: [0, 1], 1: [1]}, {0: [0], 1: [1, 0]})
    _check(scenario, exact, seed=32, names=("questions", "orders"))


@pytest.mark.slow
def test_the_m_design_is_its_chain():
    """Two desks of specialists, and one that takes what is too much for either, orders first."""
    scenario = center(
        {"questions": {"calls": 40, "aht": 180, "patience": 120, "groups": ["first", "both"]},
         "orders": {"calls": 25, "aht": 300, "patience": 240, "groups": ["second", "both"]}},
        {"first": {"agents": 1, "skills": ["questions"]}, "second": {"agents": 2, "skills": ["orders"]},
         "both": {"agents": 2, "skills": ["orders", "questions"]}},
    )  # fmt: skip
    rates = {"arrivals": (40.0, 25.0), "service": (20.0, 12.0), "patience": (30.0, 15.0), "agents": (1, 2, 2), "most": 14}
    exact = _skills(rates, {0: [0, 2], 1: [1, 2]}, {0: [0], 1: [1], 2: [1, 0]})
    _check(scenario, exact, seed=33, names=("questions", "orders"))


@pytest.mark.slow
def test_the_w_design_is_its_chain():
    """Three kinds of calls, two desks; the one in the middle is served by both, at the second desk first."""
    scenario = center(
        {"questions": {"calls": 20, "aht": 180, "patience": 120}, "orders": {"calls": 18, "aht": 240, "patience": 180,
         "groups": ["second", "first"]}, "faults": {"calls": 15, "aht": 300, "patience": 240}},
        {"first": {"agents": 2, "skills": ["questions", "orders"]}, "second": {"agents": 2, "skills": ["faults", "orders"]}},
    )  # fmt: skip
    rates = {"arrivals": (20.0, 18.0, 15.0), "service": (20.0, 15.0, 12.0), "patience": (30.0, 20.0, 15.0), "agents": (2, 2),
             "most": 9}  # fmt: skip
    exact = _skills(rates, {0: [0], 1: [1, 0], 2: [1]}, {0: [0, 1], 1: [2, 1]})
    _check(scenario, exact, seed=34, names=("questions", "orders", "faults"))


@pytest.mark.slow
def test_a_reserve_is_its_chain():
    """One agent of four stays idle for members; the others' calls wait until two are."""
    kinds = {"members": {"calls": 12, "aht": 240, "patience": 180, "priority": 1},
             "others": {"calls": 40, "aht": 240, "patience": 180, "priority": 2}}  # fmt: skip
    desk = {"agents": 4, "skills": [["members", "others"]], "reserve": [{"agents": 1, "call_types": ["members"]}]}
    rates = {"arrivals": (12.0, 40.0), "service": (15.0, 15.0), "patience": (20.0, 20.0), "agents": (4,), "most": 20}

    def arrives(state: State, kind: int) -> int | None:
        return 0 if 4 - sum(state.busy[0]) > (0 if kind == 0 else 1) else None

    def freed(state: State, _: int) -> int | None:
        if state.waiting[0]:
            return 0
        return 1 if state.waiting[1] and 4 - sum(state.busy[0]) > 1 else None

    exact = Center(**rates, arrives=arrives, freed=freed)
    _check(center(kinds, {"desk": desk}), exact, seed=35, names=("members", "others"))


@pytest.mark.slow
def test_overflow_from_a_number_of_callers_on_is_its_chain():
    """A second desk helps as soon as three wait, and as long as they do."""
    scenario = center(
        {"calls": {"calls": 60, "aht": 240, "patience": 180, "overflow": [{"groups": ["second"], "waiting": 3}]}},
        {"first": {"agents": 3, "skills": ["calls"]}, "second": {"agents": 2, "skills": ["calls"]}},
    )
    rates = {"arrivals": (60.0,), "service": (15.0,), "patience": (20.0,), "agents": (3, 2), "most": 40}

    def arrives(state: State, _: int) -> int | None:
        if sum(state.busy[0]) < 3:
            return 0
        return 1 if sum(state.busy[1]) < 2 and state.waiting[0] + 1 >= 3 else None

    def freed(state: State, pool: int) -> int | None:
        return 0 if state.waiting[0] >= (1 if pool == 0 else 3) else None

    _check(scenario, Center(**rates, arrives=arrives, freed=freed), seed=36, names=("calls",))


@pytest.mark.slow
def test_a_blend_leaves_calls_the_agents_that_it_keeps():
    """Endless work beside calls, begun when three of five are idle and until one is: a chain with a memory of which it was."""
    scenario = center(
        {"calls": {"calls": 30, "aht": 240, "patience": 180},
         "mail": {"calls": 0, "aht": 360, "contact": "work"}},
        {"desk": {"agents": 5, "skills": ["calls", "mail"], "blend": {"start": 3, "stop": 1}}},
        opening_queue={"calls": {"mail": 3000}, "waited": 0},
    )  # fmt: skip
    exact = _blend_chain(calls=30.0, service=15.0, patience=20.0, mail=10.0, agents=5, start=3, stop=1)
    counted = days(scenario, warm_up=7200.0, replications=150, seed=37)
    assert_within(counted, "abandonment_rate", exact, call_type="calls")


def _blend_chain(
    *, calls: float, service: float, patience: float, mail: float, agents: int, start: int, stop: int, most: int = 25
) -> float:
    """The share of calls that abandon; states (agents with calls, agents with mail, callers waiting)."""
    def settled(with_calls: int, with_mail: int) -> tuple[int, int]:
        idle = agents - with_calls - with_mail
        return (with_calls, agents - with_calls - stop) if idle >= start else (with_calls, with_mail)

    def moves(state: tuple[int, int, int]) -> Iterable[tuple[tuple[int, int, int], float]]:
        busy, writing, waiting = state
        if busy + writing < agents:
            yield (busy + 1, writing, waiting), calls
        elif waiting < most:
            yield (busy, writing, waiting + 1), calls
        if waiting:
            yield (busy, writing, waiting - 1), waiting * patience
        if busy:
            yield ((busy, writing, waiting - 1) if waiting else (*settled(busy - 1, writing), 0)), busy * service
        if writing:
            yield ((busy + 1, writing - 1, waiting - 1) if waiting else (*settled(busy, writing - 1), 0)), writing * mail

    states, share = balance((*settled(0, 0), 0), moves)
    return float(share @ np.array([waiting for _, _, waiting in states])) * patience / calls


@pytest.mark.slow
def test_pooled_numbers_are_one_queue_and_split_ones_are_two():
    """Six short codes are each Erlang A with its own agents; pooled they are one with all of them, and less is lost."""
    codes = {"labels": {"entry": {"189": 0.5, "170": 0.5}}}
    kinds = {"calls": {"calls": 120, "aht": 240, "patience": 120} | codes}
    split = {"calls": kinds["calls"] | {"by_label": {"entry": {"189": {"groups": ["a"]}, "170": {"groups": ["b"]}}}}}
    desks = {"a": {"agents": 4, "skills": ["calls"]}, "b": {"agents": 4, "skills": ["calls"]}}
    alone = erlang_a(calls_per_hour=60.0, aht=240.0, agents=4, patience=120.0, within=20.0)
    together = erlang_a(calls_per_hour=120.0, aht=240.0, agents=8, patience=120.0, within=20.0)
    assert alone.abandonment_rate > together.abandonment_rate + 0.05
    for one, exact in ((split, alone), (kinds, together)):
        counted = days(center(one, desks), warm_up=7200.0, replications=100, seed=38)
        assert_within(counted, "abandonment_rate", exact.abandonment_rate)


@pytest.mark.slow
@pytest.mark.parametrize("last", ["longest idle", "least occupied", "random"])
def test_symmetric_agents_have_equal_loads_whoever_goes_first(last: str):
    """Twelve agents at a load of 60 %, 60 days: each is busy as much as the others, within 4 standard errors (seed 39)."""
    scenario = center(
        {"calls": {"calls": 108, "aht": 240, "patience": 600}}, {"desk": {"agents": 12, "skills": ["calls"]}},
        routing={"agent": ["ranked groups", last]},
    )  # fmt: skip
    busy = []
    for replication in range(60):
        agents = simulate(scenario, draw(scenario, seed=39, replication=replication)).agents
        assert agents is not None
        busy.append(np.bincount(agents.agent, (agents.until - agents.since) * (agents.state == Does.TALK), 12))
    hours = np.array(busy) / 3.6e9
    means, error = hours.mean(axis=0), hours.std(axis=0, ddof=1) / sqrt(len(hours))
    assert np.all(abs(means - means.mean()) < 4 * error)
    spread = (hours.max(axis=1) - hours.min(axis=1)).mean()
    assert spread < {"longest idle": 3.5, "least occupied": 0.5, "random": 3.5}[last]
