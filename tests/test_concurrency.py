"""Several contacts at a time: what is in hand, how long it takes, when somebody goes; by hand, as a chain, and on random days."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from sim.calls import NONE, Day, Outcome, State
from sim.chance.presence import presence
from sim.chance.tape import Tape
from sim.engines import simulate
from sim.engines.plan import plan
from sim.engines.pools import pools_of
from sim.measures import MEASURES
from sim.scenario.consistency import warnings
from sim.scenario.errors import ScenarioError
from sim.scenario.floor import Agents
from sim.scenario.scenario import Scenario
from sim.scenario.transfers import HOW
from sim.tally import Count, tally
from tests.routing_desk import S, answered, desk, run
from tests.strategies import cases

CHAT, CALL = {"contact": "chat"}, {}
CHATS: dict[str, Any] = {"chat": CHAT}
BOTH: dict[str, Any] = {"chat": CHAT, "call": CALL}


def of(group: dict[str, Any], **concurrency: Any) -> dict[str, Any]:
    return {"desk": {"agents": 1} | group | {"concurrency": concurrency}}


def released(day: Day) -> list[float]:
    """Seconds after eight at which each contact is let go."""
    return [(tick - 8 * 3600 * S) / S if tick != NONE else -1.0 for tick in day.calls.release.tolist()]


def stretches(day: Day) -> list[tuple[float, float, str, int]]:
    """(since, until, state, contacts in hand) in seconds after eight, of the only agent; without being idle."""
    agents = day.agents
    assert agents is not None
    rows = zip(agents.since.tolist(), agents.until.tolist(), agents.state.tolist(), agents.contacts.tolist(), strict=True)
    return [((a - 28_800 * S) / S, (b - 28_800 * S) / S, State(s).name, n) for a, b, s, n in rows if s != State.IDLE]


def finished(day: Day) -> list[tuple[float, float, int]]:
    """(since, until, contacts) of what was finishing, in seconds after eight."""
    agents = day.agents
    assert agents is not None
    rows = zip(agents.since.tolist(), agents.until.tolist(), agents.contacts.tolist(), agents.finishing.tolist(), strict=True)
    return [((a - 28_800 * S) / S, (b - 28_800 * S) / S, n) for a, b, n, late in rows if late]


# -- by hand ----------------------------------------------------------------------------------------------------------


def test_so_many_at_a_time_and_the_next_waits_until_one_is_over():
    day = run(desk(CHATS, of({"skills": ["chat"]}, chats=2)), [(0, 0, 100), (10, 0, 30), (20, 0, 60), (30, 0, 60)])
    assert answered(day) == [0, 10, 40, 100] and released(day) == [100, 40, 100, 160]
    assert stretches(day) == [(0, 10, "TALK", 1), (10, 40, "TALK", 2), (40, 100, "TALK", 2), (100, 160, "TALK", 1)]


def test_how_long_a_contact_takes_hangs_on_what_was_in_hand_when_it_began_and_stays_so():
    given = of({"skills": ["chat"]}, chats=3, slowdown=[1.0, 1.5, 2.0])
    day = run(desk(CHATS, given), [(0, 0, 100), (10, 0, 100), (20, 0, 100), (30, 0, 100)])
    assert released(day) == [100, 160, 220, 300]  # the last begins at 100, with two others in hand


def test_calls_are_alone_unless_the_group_says_so():
    calls = [(0, 0, 100), (10, 1, 50), (20, 0, 50), (200, 1, 50), (210, 0, 10)]
    alone = run(desk(BOTH, of({"skills": ["chat", "call"]}, chats=2)), calls)
    assert answered(alone) == [0, 100, 20, 200, 250]
    beside = run(desk(BOTH, of({"skills": ["chat", "call"]}, chats=2, beside={"call": 1})), calls)
    assert answered(beside) == [0, 10, 60, 200, 210]


def test_two_calls_are_never_in_hand_at_once():
    given = of({"skills": ["chat", "call"]}, chats=3, beside={"call": 3})
    assert answered(run(desk(BOTH, given), [(0, 1, 60), (10, 1, 60), (20, 0, 60)])) == [0, 60, 20]


def test_mail_is_done_in_the_gaps_or_beside_chats():
    kinds = {"chat": CHAT, "mail": {"contact": "work"}}
    calls = [(0, 0, 60), (5, 1, 100), (70, 0, 20)]
    assert answered(run(desk(kinds, of({"skills": ["chat", "mail"]}, chats=2)), calls)) == [0, 60, 160]
    beside = of({"skills": ["chat", "mail"]}, chats=2, beside={"mail": 2})
    assert answered(run(desk(kinds, beside), calls)) == [0, 5, 70]


def test_who_has_least_in_hand_takes_the_next_then_who_has_stood_longest():
    day = run(
        desk(CHATS, {"desk": {"agents": 2, "skills": ["chat"], "concurrency": {"chats": 3}}}),
        [(0, 0, 500), (1, 0, 500), (2, 0, 20), (3, 0, 500), (30, 0, 500), (31, 0, 500), (32, 0, 500)],
    )
    assert day.calls.agent.tolist() == [0, 1, 0, 1, 0, 1, 0]


def test_an_agent_who_comes_takes_as_many_as_he_may_at_once():
    scenario = desk(CHATS, of({"skills": ["chat"], "agents": [0, 1]}, chats=3))
    assert answered(run(scenario, [(0, 0), (1, 0), (2, 0), (3, 0)])) == [3600, 3600, 3600, 3660]


def test_time_with_several_contacts_is_his_once_and_each_of_theirs():
    counted = tally(run(desk(CHATS, of({"skills": ["chat"]}, chats=2)), [(0, 0, 60), (30, 0, 60)]))
    assert MEASURES["contacts_in_hand"](counted) == pytest.approx(120 / 90)
    assert MEASURES["occupancy"](counted) == pytest.approx(90 / 7200) and MEASURES["aht"](counted) == pytest.approx(60)


def test_he_wraps_up_when_he_talks_with_nobody():
    kind = {"contact": "chat", "arrivals": 0, "talk": {"deterministic": {"value": 60}}}
    scenario = desk({"chat": kind | {"text": 40}}, of({"skills": ["chat"], "agents": 0}, chats=2), shifts=[
        {"name": "day", "from": "08:00", "to": "10:00"}], agents=[
        {"name": "Ann", "group": "desk", "shift": "day", "typing": 40}])  # fmt: skip
    day = run(scenario, [(0, 0, 60), (30, 0, 60)])  # a minute of typing after each
    assert released(day) == [120, 150]
    assert stretches(day) == [(0, 30, "TALK", 1), (30, 90, "TALK", 2), (90, 120, "WRAP_UP", 2), (120, 150, "WRAP_UP", 1)]


def test_a_chat_holds_no_line_and_hears_no_ivr():
    parts = {"lines": {"trunks": 0}, "ivr": {"delay": 30, "ports": 0, "containment": {"call": 0.5}}}
    day = run(desk(BOTH, of({"skills": ["chat", "call"]}, chats=2), **parts), [(0, 0), (1, 1), (5, 0)])
    assert day.calls.outcome.tolist() == [Outcome.ANSWERED, Outcome.BLOCKED, Outcome.ANSWERED]
    assert answered(day) == [0, -1, 5] and tally(day).calls[..., Count.LINE_TIME].sum() == 0


def test_after_closing_nobody_chats_but_who_waits_does():
    scenario = desk(CHATS, of({"skills": ["chat"]}, chats=1))
    day = run(scenario, [(7190, 0, 30), (7195, 0, 30), (7201, 0, 30)])
    assert day.calls.outcome.tolist() == [Outcome.ANSWERED, Outcome.ANSWERED, Outcome.CLOSED] and answered(day)[1] == 7220


def test_a_break_begins_when_the_last_contact_is_over_and_nothing_is_taken_meanwhile():
    shift = {"name": "early", "from": "08:00", "to": "10:00", "breaks": [{"kind": "break", "at": "08:10", "lasts": "5m"}]}
    scenario = desk(
        CHATS, {"desk": {"skills": ["chat"], "concurrency": {"chats": 2}}}, shifts=[shift],
        agents=[{"name": "Ann", "group": "desk", "shift": "early"}],
    )  # fmt: skip
    day = run(scenario, [(500, 0, 150), (590, 0, 90), (660, 0, 30), (890, 0, 30)])
    assert answered(day) == [500, 590, 980, 980]
    assert (680.0, 980.0, "BREAK", 0) in stretches(day) and finished(day) == []


def test_what_is_done_after_the_shift_is_finishing_and_parted_from_what_was_before():
    shift = {"name": "early", "from": "08:00", "to": "09:00", "breaks": [{"kind": "break", "at": "08:58", "lasts": "1m"}]}
    scenario = desk(
        CHATS, {"desk": {"skills": ["chat"], "concurrency": {"chats": 2}}}, shifts=[shift],
        agents=[{"name": "Ann", "group": "desk", "shift": "early"}],
    )  # fmt: skip
    day = run(scenario, [(3000, 0, 700), (3400, 0, 400)])  # the break comes late, and the end of the shift meanwhile
    assert finished(day) == [(3600.0, 3700.0, 2), (3700.0, 3800.0, 1)]
    assert MEASURES["finishing_hours"](tally(day)) == pytest.approx(200 / 3600)


def test_a_head_that_stays_after_all_has_finished_nothing():
    agents = {"per_interval": [2, 1, 2, 2], "every": "30m", "shrinkage": 0.3}
    for concurrency in (None, {"chats": 1}, {"chats": 2}):
        scenario = desk(CHATS, {"desk": {"skills": ["chat"], "agents": agents, "concurrency": concurrency}})
        found = tally(run(scenario, [(1700, 0, 3000), (1710, 0, 3000)]))
        assert MEASURES["finishing_hours"](found) == 0 and MEASURES["paid_hours"](found) == pytest.approx(4 / 0.7, rel=1e-5)


def test_whose_head_goes_takes_no_more_and_goes_when_he_has_finished():
    scenario = desk(CHATS, of({"skills": ["chat"], "agents": [1, 0]}, chats=2))
    day = run(scenario, [(3500, 0, 200), (3590, 0, 50), (3610, 0, 10)])
    assert answered(day) == [3500, 3590, -1] and stretches(day)[-1][:2] == (3640.0, 3700.0)


def test_of_two_heads_the_one_with_less_in_hand_goes_and_stays_if_heads_rise_again():
    scenario = desk(CHATS, of({"skills": ["chat"], "agents": {"per_interval": [2, 1, 2, 2], "every": "30m"}}, chats=2))
    calls = [(1700, 0, 3000), (1710, 0, 3000), (1720, 0, 20), (1900, 0, 3000), (2000, 0, 3000)]
    day = run(scenario, calls)
    assert day.calls.agent.tolist() == [0, 1, 0, 0, 1] and answered(day) == [1700, 1710, 1720, 1900, 3600]


@pytest.mark.parametrize("how", ["warm", "consult"])
def test_nobody_asks_himself_and_who_asks_takes_nothing_meanwhile(how: str):
    """A chat of 60 s is followed by asking after 10 s, for at most two minutes: nobody else is there."""
    transfer = {"name": "up", "to": "expert", "how": how, "chance": 1, "after": 10, "handover": 5, "give_up": "2m"}
    kinds = {"chat": CHAT | {"transfers": [transfer]}, "expert": CHAT}
    day = run(desk(kinds, of({"skills": ["chat", "expert"]}, chats=3)), [(0, 0, 60), (20, 0, 60)])
    legs = day.legs
    assert legs is not None and answered(day)[0] == 0 and answered(day)[1] == 130
    if how == "consult":
        assert legs.outcome[0] == Outcome.ABANDONED and (legs.end[0] - legs.queue_entry[0]) / S == 120
    else:  # he leaves the chat in the queue, and takes it as any other
        assert legs.answer[0] > legs.queue_entry[0] and (legs.answer[0] - legs.queue_entry[0]) / S == 120


def test_the_least_occupied_counts_what_is_in_hand():
    group = {"agents": 2, "skills": ["chat"], "concurrency": {"chats": 2}}
    scenario = desk(CHATS, {"desk": group}, routing={"agent": ["ranked groups", "least occupied"]})
    day = run(scenario, [(0, 0, 3000), (1, 0, 100), (1000, 0, 3000), (1100, 0, 60)])
    assert day.calls.agent.tolist() == [0, 1, 1, 1]


def test_a_reserve_is_of_agents_with_nothing_in_hand():
    """Whoever has room: while fewer are idle than are kept, ordinary chats wait."""
    group = {"agents": 2, "skills": [["chat", "vip"]], "reserve": [{"agents": 1, "call_types": ["vip"]}]}
    scenario = desk({"chat": CHAT, "vip": CHAT}, {"desk": group | {"concurrency": {"chats": 2}}})
    day = run(scenario, [(0, 0), (1, 0), (2, 0), (3, 1)])
    assert answered(day) == [0, 1, 63, 3] and day.calls.agent.tolist() == [0, 0, 1, 1]


# -- on random days -----------------------------------------------------------------------------------------------------


def _held(day: Day) -> dict[str, np.ndarray[Any, Any]]:
    """Of all answered calls and legs: who had them in hand, from when on until when, and what they were."""
    assert day.legs is not None
    names = "agent", "answer", "release", "call_type", "group"
    found = {name: np.concatenate([getattr(day.calls, name), getattr(day.legs, name)]) for name in names}
    return {name: column[found["answer"] != NONE] for name, column in found.items()}


@given(cases(chats=True))
def test_nobody_has_more_in_hand_than_his_group_allows(case: tuple[Scenario, Tape]):
    scenario, tape = case
    held = _held(simulate(scenario, tape))
    chat = np.array([kind.contact == "chat" for kind in scenario.call_types])[held["call_type"]]
    for row in range(len(chat)):
        tick = held["answer"][row]
        there = (held["agent"] == held["agent"][row]) & (held["answer"] <= tick) & (tick < held["release"])
        given = scenario.groups[held["group"][row]].concurrency
        others = held["call_type"][there & ~chat]
        if given is None:
            assert there.sum() <= 1
        else:
            assert (there & chat).sum() <= given.chats and len(others) <= 1
            for code in others:
                assert (there & chat).sum() <= given.beside.get(scenario.call_types[code].name, 0)


@given(cases(chats=True))
def test_no_chat_waits_while_an_agent_who_takes_it_has_room(case: tuple[Scenario, Tape]):
    scenario, tape = case
    plain = scenario.replace(
        call_types=tuple(kind.replace(overflow=(), groups=None, by_label={}) for kind in scenario.call_types),
        groups=tuple(group.replace(reserve=(), blend=None, agents=Agents(per_interval=2.0)) for group in scenario.groups),
        ivr=scenario.ivr.replace(menu=()),
        shifts=(), teams=(), agents=(), activities=(), overtime=(), special_days=(),
    )  # fmt: skip
    there = presence(plain, seed=tape.seed, replication=0)
    day = simulate(plain, replace(tape.with_columns(via=np.full(len(tape), NONE)), presence=there))
    agents, calls, held = day.agents, day.calls, _held(day)
    assert agents is not None
    left = np.where(calls.answer != NONE, calls.answer, calls.end)
    assert day.legs is not None
    asks = np.isin(day.legs.how, (HOW.index("warm"), HOW.index("consult"))).any()  # who does takes nothing meanwhile
    rings = np.isin(calls.number, agents.call[agents.state == State.RING])  # who is being rung does not wait for who has room
    for row in np.flatnonzero((calls.queue_entry != NONE) & (left > calls.queue_entry) & (calls.accepted == NONE) & ~rings):
        kind = plain.call_types[calls.call_type[row]]
        if kind.contact != "chat":
            continue
        busy = (agents.contacts > 0) & (agents.finishing == 0)
        busy &= (agents.since < left[row]) & (agents.until > calls.queue_entry[row])
        for at in np.flatnonzero(busy):
            given = plain.groups[agents.group[at]].concurrency
            if given is None or kind.name not in _skills(plain, agents.agent[at], agents.group[at]):
                continue
            tick = max(agents.since[at], calls.queue_entry[row])
            there = (held["agent"] == agents.agent[at]) & (held["answer"] <= tick) & (tick < held["release"])
            if there.sum() == agents.contacts[at] and not asks:  # else he dials
                of_hand = [plain.call_types[code] for code in held["call_type"][there]]
                chats = sum(one.contact == "chat" for one in of_hand)
                room = [given.beside.get(one.name, 0) for one in of_hand if one.contact != "chat"]
                assert chats >= min(room, default=given.chats)


def _skills(scenario: Scenario, agent: int, group: int) -> set[str]:
    at = plan(scenario).agent_at
    return set(pools_of(scenario)[0][int(np.searchsorted(at, agent, side="right")) - 1].levels)


# -- what cannot be -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("concurrency", "place", "said"),
    [
        ({"chats": 3, "slowdown": [1, 1.2]}, "slowdown", "3 of them, for 1 to 3"),
        ({"chats": 2, "slowdown": [1, 0]}, "slowdown.1", "above 0"),
        ({"chats": 2, "slowdown": [1.2, 1.5]}, "slowdown.0", "must be 1"),
        ({"chats": 2, "slowdown": [1, {"low": 0, "likely": 1, "high": 2}]}, "slowdown.1", "above 0"),
        ({"chats": 2, "beside": {"call": 3}}, "beside.call", "at most 2 chats"),
        ({"chats": 2, "beside": {"chat": 1}}, "beside.chat", "said by `chats`"),
        ({"chats": 2, "beside": {"cal": 1}}, "beside.cal", "call"),
        ({"chats": 2, "beside": {"fax": 1}}, "beside.fax", 'does not have the skill "fax"'),
        ({"chats": 0}, "chats", "1"),
        ({"chats": 21}, "chats", "20"),
    ],
)  # fmt: skip
def test_wrong_concurrency_is_named_by_its_place(concurrency: dict[str, Any], place: str, said: str):
    with pytest.raises(ScenarioError) as error:
        desk(BOTH | {"fax": {}}, {"desk": {"agents": 1, "skills": ["chat", "call"], "concurrency": concurrency},
                                  "other": {"agents": 1, "skills": ["fax"]}})  # fmt: skip
    path = f"groups.desk.concurrency.{place}"
    assert any(path in one.path and said in f"{one.message} {one.hint}" for one in error.value.problems)


@pytest.mark.parametrize(
    ("parts", "place"),
    [
        ({"ivr": {"containment": {"chat": 0.2}}}, "ivr.containment.chat"),
        ({"ivr": {"menu": [{"name": "main", "options": {"chat": "agent"}}]}}, "ivr.menu.main.options.chat"),
        (
            {"ivr": {"deflections": [{"name": "bot", "call_types": ["chat"], "accepted": 0.2}]}},
            "ivr.deflections.bot.call_types.0",
        ),
    ],
)  # fmt: skip
def test_chats_come_through_no_ivr_and_nobody_is_called_back(parts: dict[str, Any], place: str):
    group = of({"skills": ["chat"]}, chats=2)
    with pytest.raises(ScenarioError) as error:
        desk(CHATS, group, **parts)
    assert [one.path for one in error.value.problems] == [place]
    with pytest.raises(ScenarioError) as error:
        desk({"chat": CHAT | {"callback": {"accepted": 0.5}}}, group)
    assert [one.path for one in error.value.problems] == ["call_types.chat.callback"]


def test_what_never_acts_or_helps_nobody_is_said_of_ranges_too():
    def said(**concurrency: Any) -> list[tuple[str, str]]:
        found = warnings(desk(BOTH, of({"skills": ["chat", "call"]}, **concurrency)))
        return [(one.path, one.message) for one in found if "concurrency" in one.path]

    assert not said(chats=2, slowdown=[1, {"low": 1.5, "likely": 1.8, "high": 2.5}])
    ((path, message),) = said(chats=2, slowdown=[1, {"low": 2.1, "likely": 2.2, "high": 2.5}])
    assert path == "groups.desk.concurrency.slowdown.1" and "longer than one after the other" in message
    alone = warnings(desk({"call": CALL}, of({"skills": ["call"]}, chats=2)))
    assert next(one.message for one in alone if "concurrency" in one.path).startswith("the group has no skill in chats")
