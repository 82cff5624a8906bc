"""Several contacts at a time against known answers: as many agents with one, call by call, and a chain solved exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from sim.chance import draw
from sim.engines import simulate
from sim.scenario.merge import build
from tests.chains import balance
from tests.routing_desk import BASE
from tests.test_theory import assert_within, days


def test_without_slowdown_so_many_places_are_so_many_agents():
    """Three agents of four chats each are twelve agents of one: call by call, on a day with patience and wrap-up."""
    kind = {
        "arrivals": {"per_hour": 180}, "talk": {"gamma": {"mean": 200, "cv": 1.2}}, "wrap_up": {"exponential": {"mean": 40}},
        "patience": {"exponential": {"mean": 90}},
    }  # fmt: skip
    several = build(BASE | {"call_types": [{"name": "chat", "contact": "chat"} | kind], "groups": [
        {"name": "desk", "skills": ["chat"], "agents": 3, "concurrency": {"chats": 4}}]})  # fmt: skip
    alone = build(BASE | {"call_types": [{"name": "chat", "contact": "chat"} | kind], "groups": [
        {"name": "desk", "skills": ["chat"], "agents": 12}]})  # fmt: skip
    for seed in range(20):
        tape = draw(several, seed=seed)
        one, other = simulate(several, tape).calls, simulate(alone, tape).calls
        assert len(one) > 200 and (one.answer > one.queue_entry).any()
        for name in ("answer", "end", "release", "outcome"):
            assert np.array_equal(getattr(one, name), getattr(other, name)), name


# rates an hour: chats and calls that come, are handled alone, and whose patience ends
COMES, SERVED, LEAVES = {"chat": 40.0, "call": 12.0}, {"chat": 15.0, "call": 20.0}, {"chat": 30.0, "call": 60.0}
SLOWDOWN, MOST, BESIDE = (1.0, 1.3, 1.7), 3, 1
Contacts = tuple[tuple[tuple[str, int], int], ...]
Busy = tuple[Contacts, int, int]  # how many of which kind that began as which in hand; chats and calls that wait


def _taken(contacts: Counter[tuple[str, int]], chats: int, calls: int) -> Busy:
    """What one agent has in hand once he has taken what he may: a call first, beside one chat at most."""
    while True:
        held = sum(n for (kind, _), n in contacts.items() if kind == "chat")
        calling = any(kind == "call" for (kind, _), n in contacts.items() if n)
        if calls and not calling and held <= BESIDE:
            contacts["call", held + 1] += 1
            calls -= 1
        elif chats and held < (BESIDE if calling else MOST):
            contacts["chat", held + calling + 1] += 1
            chats -= 1
        else:
            return tuple(sorted((+contacts).items())), chats, calls


def _moves(state: Busy) -> Iterable[tuple[Busy, float]]:
    contacts, chats, calls = Counter(dict(state[0])), state[1], state[2]
    if chats < 14:
        yield _taken(Counter(contacts), chats + 1, calls), COMES["chat"]
    if calls < 8:
        yield _taken(Counter(contacts), chats, calls + 1), COMES["call"]
    if chats:
        yield (state[0], chats - 1, calls), chats * LEAVES["chat"]
    if calls:
        yield (state[0], chats, calls - 1), calls * LEAVES["call"]
    for (kind, began), n in contacts.items():
        yield _taken(contacts - Counter({(kind, began): 1}), chats, calls), n * SERVED[kind] / SLOWDOWN[began - 1]


@pytest.mark.slow
def test_one_agent_with_chats_and_calls_is_his_chain():
    """40 days of 24 hours without the first two, seed 31; the chain is cut at 14 chats and 8 calls that wait."""
    states, share = balance(_taken(Counter(), 0, 0), _moves)

    def mean(value: Any) -> float:
        return float(share @ np.array([value(*state) for state in states], float))

    kinds = [
        {
            "name": kind, "contact": "chat" if kind == "chat" else "live", "priority": 2 if kind == "chat" else 1,
            "arrivals": {"per_hour": COMES[kind]}, "talk": {"exponential": {"mean": 3600 / SERVED[kind]}},
            "patience": {"exponential": {"mean": 3600 / LEAVES[kind]}},
        }
        for kind in COMES
    ]  # fmt: skip
    concurrency = {"chats": MOST, "beside": {"call": BESIDE}, "slowdown": list(SLOWDOWN)}
    scenario = build({
        "name": "one", "calendar": {"start": BASE["calendar"]["start"], "opens": "00:00", "closes": "24:00", "interval": "1h"},
        "call_types": kinds, "groups": [{"name": "desk", "skills": ["chat", "call"], "agents": 1, "concurrency": concurrency}],
    })  # fmt: skip
    counted = days(scenario, warm_up=7200.0, replications=40, seed=31)
    chats, calls = (mean(lambda _, chats, calls, which=which: (chats, calls)[which]) for which in (0, 1))
    assert_within(counted, "abandonment_rate", chats * LEAVES["chat"] / COMES["chat"], call_type="chat")
    assert_within(counted, "abandonment_rate", calls * LEAVES["call"] / COMES["call"], call_type="call")
    busy = mean(lambda contacts, *_: bool(contacts))
    assert_within(counted, "occupancy", busy)
    assert_within(counted, "contacts_in_hand", mean(lambda contacts, *_: sum(n for _, n in contacts)) / busy)
