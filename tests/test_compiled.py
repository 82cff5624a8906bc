"""The compiled engine gives the reference engine's day: every field of every call and of every stretch of every agent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import fields
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.calls import Day
from sim.chance import Tape, draw, resolve
from sim.engines import count, simulate
from sim.files import load
from sim.scenario.errors import CallsimError
from sim.scenario.scenario import Scenario
from sim.tally import Measuring, tally
from tests.strategies import TICK, cases
from tests.workloads import one_queue, w2, w3

ROOT = Path(__file__).resolve().parent.parent
MEASURINGS = (Measuring(), Measuring(within=2e-6, credit="end", clock_starts="arrival", window=(12e-6, 30e-6)))
STORIES = [("outage-surge", p) for p in ("", "announcement", "overtime", "both")]
STORIES += [("golden-club", p) for p in ("", "priority", "dedicated-seats")]
STORIES += [("ivr-diversion", p) for p in ("contain-more", "link")]
STORIES += [("language-shortage", p) for p in ("", "transfer-live", "interpreter")]
STORIES += [("tickets-and-visits", p) for p in ("", "bounce")]
STORIES += [("outbound-beside-inbound", p) for p in ("", "evening")]
STORIES += [("ivr-restart", p) for p in ("at-10", "at-10-to-agents")]
STORIES += [("golden-club", p) for p in ("rises", "ageing", "reserve-4", "seats-both-ways")]
STORIES += [("hotline-10060", "segments-first"), ("consolidation", "transition"), ("attendance", "together")]
STORIES += [("new-hires", ""), ("new-hires", "two-batches"), ("skill-levers", ""), ("skill-levers", "type-while-talking")]
STORIES += [("shift-fit", "fitted"), ("breaks", "windows"), ("two-tenants", ""), ("two-tenants", "pooled")]
STORIES += [("chats", ""), ("chats", "five"), ("chats", "beside")]


def assert_same(scenario: Scenario, tape: Tape) -> Day:
    return assert_compiled(simulate(scenario, tape, engine="reference"), scenario, tape)


def assert_compiled(one: Day, scenario: Scenario, tape: Tape) -> Day:
    """The compiled engine gives this day of the reference engine."""
    other = simulate(scenario, tape, engine="compiled")
    assert one.agents is not None and other.agents is not None and one.frame == other.frame
    assert one.legs is not None and other.legs is not None
    for mine, theirs in ((one.calls, other.calls), (one.agents, other.agents), (one.legs, other.legs)):
        for part in fields(mine):
            assert np.array_equal(getattr(mine, part.name), getattr(theirs, part.name)), part.name
    for measuring in MEASURINGS:
        written, counted = tally(other, measuring), count(scenario, tape, measuring)
        for name in ("calls", "agents", "callers", "waits", "longest"):
            assert np.array_equal(getattr(written, name), getattr(counted, name)), f"counts of {name}"
    return other


@st.composite
def hard_cases(draw: st.DrawFn) -> tuple[Scenario, Tape]:
    """Random days full of ties, some with the numbers of a replayed log, some with callers who wait at opening."""
    scenario, tape = draw(cases())
    count = len(tape)
    if draw(st.booleans()):
        numbers = np.array(draw(st.permutations(range(count))), np.int64) * 3
        tape = tape.with_columns(number=numbers)
    if draw(st.booleans()):
        at_opening = (tape.arrival == round(scenario.calendar.opens / TICK)) & (tape.ivr == 0) & (tape.fate == 0)
        waited = np.array(draw(st.lists(st.integers(0, 3), min_size=count, max_size=count)), np.int64)
        tape = tape.with_columns(waited=np.where(at_opening, waited, 0))
    return scenario, tape


@given(hard_cases())
def test_random_days_full_of_ties_are_the_same(case: tuple[Scenario, Tape]) -> None:
    assert_same(*case)


@pytest.mark.slow
@settings(max_examples=3000)
@given(hard_cases())
def test_thousands_of_random_days_are_the_same(case: tuple[Scenario, Tape]) -> None:
    assert_same(*case)


@pytest.mark.parametrize(("story", "policy"), STORIES)
def test_the_shipped_stories_are_the_same(story: str, policy: str) -> None:
    for replication in (0, 7):
        scenario = resolve(load(story, policies=[policy] if policy else []), seed=5, replication=replication)
        day = assert_same(scenario, draw(scenario, seed=5, replication=replication))
        assert len(day.calls) > 1000


def test_one_queue_three_skills_and_everything_on_are_the_same() -> None:
    for scenario in (one_queue(calls_per_hour=6000, aht=300, agents=500, patience=120, hours=2), w2(), w3()):
        assert_same(scenario, draw(scenario, seed=3))


BASE = {
    "name": "edge",
    "calendar": {"start": date(2026, 3, 12), "opens": "09:00", "closes": "11:00"},
    "call_types": [{"name": "a", "arrivals": {"per_hour": 30}, "talk": {"exponential": {"mean": "3m"}},
                    "patience": {"exponential": {"mean": "2m"}}}],
    "groups": [{"name": "desk", "skills": ["a"], "agents": 2}],
}  # fmt: skip
EDGES = {
    "overload": {"call_types.a.arrivals": {"per_hour": 900}},
    "overload without patience": {"call_types.a.arrivals": {"per_hour": 400}, "call_types.a.patience": "never"},
    "one agent": {"groups.desk.agents": 1},
    "nobody": {"groups.desk.agents": 0},
    "no calls": {"call_types.a.arrivals": 0},
    "no lines": {"lines.trunks": 0},
    "ten thousand agents": {"groups.desk.agents": 10_000, "call_types.a.arrivals": {"per_hour": 3000}},
    "dropped at closing": {"calendar.after_closing": "drop", "call_types.a.arrivals": {"per_hour": 300}},
    "everybody contained and again": {
        "ivr.containment.a": 1.0, "call_types.a.next.contained": {"chance": 1.0, "most": 20}, "ivr.delay": 5},
    "talk beyond the day": {"call_types.a.talk": "30h"},
    "everybody is transferred, round and round": {
        "call_types.a.arrivals": {"per_hour": 300}, "call_types.a.transfers": [{"name": "on", "to": "a", "chance": 1.0}]},
    "everybody asks a colleague, and nobody is free": {
        "call_types.a.arrivals": {"per_hour": 300},
        "call_types.a.transfers": [{"name": "ask", "to": "a", "how": "consult", "chance": 1.0, "give_up": "4h"}]},
    "everybody is handed over warm, and at closing all are dropped": {
        "calendar.after_closing": "drop", "call_types.a.arrivals": {"per_hour": 300},
        "call_types.a.transfers": [{"name": "on", "to": "a", "how": "warm", "chance": 1.0, "give_up": "40h"}]},
    "everything leaves work, which leaves work, for ever": {
        "call_types.a.arrivals": {"per_hour": 300}, "groups.desk.skills": ["a", "b"],
        "call_types.a.tickets": [{"name": "on", "as": "b", "chance": 1.0}], "call_types": [
            {"name": "b", "contact": "work", "arrivals": 0, "talk": 5, "next": {"solved": {"chance": 1.0, "after": 60}},
             "tickets": [{"name": "on", "as": "b", "chance": 1.0}]}]},
    "long at some hours, on some days and on busy ones": {
        "call_types.a.arrivals": {"per_hour": 300}, "factors": [{"name": "day", "cv": 0.3}],
        "call_types.a.busyness.factors": ["day"],
        "call_types.a.talk_factor": [0.5, 1, 3, 0], "call_types.a.talk_swing": {"cv": 0.3, "part": "1h", "factors": ["day"]},
        "call_types.a.next": {"abandoned": {"chance": 0.8, "after": "10m"}}, "call_types.a.transfers": [
            {"name": "on", "to": "a", "chance": 0.5}]},
    "no time at all": {"call_types.a.talk": 0, "call_types.a.patience": 0},
}  # fmt: skip


@pytest.mark.parametrize("edge", EDGES)
def test_days_at_the_edge_are_the_same(edge: str) -> None:
    scenario = Scenario.model_validate(BASE).with_(EDGES[edge])
    assert_same(scenario, draw(scenario, seed=2))


def test_rows_that_are_not_enough_for_later_calls_are_made_more() -> None:
    """Every caller is contained and calls again twenty times: far more rows than the engine begins with."""
    scenario = Scenario.model_validate(BASE).with_(EDGES["everybody contained and again"])
    scenario = scenario.with_({"call_types.a.next.contained.after": 60})
    tape = draw(scenario, seed=2)
    assert len(assert_same(scenario, tape).calls) > 10 * len(tape)


def test_an_engine_that_does_not_exist_is_refused() -> None:
    scenario = Scenario.model_validate(BASE)
    with pytest.raises(CallsimError, match="compiled and reference"):
        simulate(scenario, draw(scenario, seed=1), engine="fast")


# --- the comparison bites ------------------------------------------------------------------------------------------

WRONG_RULES = {
    "hanging up comes before an answer in the same tick": (
        "sim.engines.kernel", "ABANDONS = int(Kind.ABANDON)", "ABANDONS = int(Kind.TALK_END)"),
    "who is looked at in the tick his patience ends has hung up": (
        "sim.engines.queueing", "HEAD_LEAVES] < day.now[CLOCK]", "HEAD_LEAVES] <= day.now[CLOCK]"),
    "who hung up did so when somebody looked": (
        "sim.engines.queueing", "ABANDONED, day.calls[call, LEAVES])", "ABANDONED, day.now[CLOCK])"),
    "at closing nobody has hung up yet": (
        "sim.engines.queueing", "if day.calls[call, LEAVES] < day.now[CLOCK]:", "if False:"),
    "a call gives its row back too early": (
        "sim.engines.kernel", "call = call_for(day, rules, r, t, agent)",
        "call = call_for(day, rules, r, t, agent)\n            from sim.engines.state import SPARE"
        "\n            now[SPARE] += (call >= 0) * (1 - rules.keep)"),
    "a release comes after arrivals": (
        "sim.engines.kernel", "    kind = (of_agents >> AGENT_BITS) & AGENT_KINDS\n",
        "    kind = (of_agents >> AGENT_BITS) & AGENT_KINDS\n    kind += 6 * (kind == 2)\n"),
    "who is owed takes one more call": ("sim.engines.kernel", "OWED_COUNT] > 0:", "OWED_COUNT] > 1:"),
    "of idle agents the higher number is first": (
        "sim.engines.attendance", "np.uint64(place), agent))", "np.uint64(place), 0) + (1 << 19) - 1 - agent)"),
    "in a queue the higher number is first": (
        "sim.engines.queueing", "other[CALL_NUMBER] < number", "other[CALL_NUMBER] > number"),
    "who is released in the tick heads fall takes a call": (
        "sim.engines.kernel", "(of_agents >> AGENT_BITS) & AGENT_KINDS", "(of_agents >> AGENT_BITS) & 0"),
    "the latest owed border is taken first": (
        "sim.engines.heads", "border = day.owed[start + pools[pool, OWED_FIRST]]", "border = day.now[CLOCK]"),
    "a later call has the key of the one after it": (
        "sim.engines.aftermath", "OUTCOME], attempt))", "OUTCOME], attempt + 1))"),
    "who asks gives up before he is answered in the same tick": (
        "sim.engines.passing", "constant(Kind.GIVE_UP)", "constant(Kind.TALK_END)"),
    "who overflows does so a tick late": (
        "sim.engines.queueing", "rules.look[i, AFTER]\n", "rules.look[i, AFTER] + 1\n"),
    "a freed agent counts himself among the idle who stay": (
        "sim.engines.looking", "(1 if idle else 0)", "(1 if idle else -1)"),
    "a group begins work beside calls with one idle agent less": (
        "sim.engines.attendance", "rules.groups[group, STARTS], rules", "rules.groups[group, STARTS] - 1, rules"),
    "a break that begins late ends on time": (
        "sim.engines.stays", "plans, before + 1, now, day.now[CLEARED])", "plans, before + 1, plans[before + 1, 0], 1)"),
    "what is finished after the shift is not marked": (
        "sim.engines.stays", "border = gone_since(", "border = BEYOND + 0 * gone_since("),
    "work keeps the floor open": (
        "sim.engines.compiled", "plan.laws.work[plan.class_type] <= 0", "1"),
    "calls that come about later last as long at any time": (
        "sim.engines.compiled", "with_talks(plan.laws, tape.talks)", "plan.laws"),
    "a leg lasts as long as if it had begun with the one before": (
        "sim.engines.passing", "label, now[CLOCK], factor[0]", "label, before[ARRIVAL], factor[0]"),
    "a leg has the labels of nobody": (
        "sim.engines.passing", "day.label[leg, family] = day.label[calls[root, ROW], family]", "day.label[leg, family] = -1"),
    "a later call is as patient as its type's": (
        "sim.engines.aftermath", "factor[2], at(day.label, call)", "factor[2], at(day.label, call) * 0 - 1"),
    "a leg is as patient as its type's": (
        "sim.engines.passing", "label = at(day.label, calls[root, ROW])", "label = at(day.label, calls[root, ROW]) * 0 - 1"),
    "who was handed over is solved by the first": (
        "sim.engines.passing", "day.calls[ended[ROOT], SOLVER] = ended[SOLVER]", "pass"),
    "who has had a break is as tired as before": (
        "sim.engines.stays", "            going[A_RESTED] = now\n", "            pass\n"),
    "what the script of a later leg solves stays unsolved": (
        "sim.engines.composing", "at(day.calls, taken[ROOT])[SCRIPT] = SOLVED", "pass"),
    "counted heads of every group are as fast as those of the first": (
        "sim.engines.composing", "agent_at(handling, agent, by[A_GROUP],", "agent_at(handling, agent, 0,"),
    "of heads that go the lowest number with as little in hand is marked": (
        "sim.engines.heads", "has <= agents[found, A_IN_HAND]", "has < agents[found, A_IN_HAND]"),
    "who is marked to go takes one more contact": (
        "sim.engines.in_hand", "return NONE if marked or by", "return NONE if by"),
    "who writes with one of two wraps up": ("sim.engines.in_hand", "if by[A_TALKS] == 1:", "if by[A_TALKS] >= 1:"),
    "who has taken a contact looks for no other": (
        "sim.engines.kernel", "now[LOOKS] = agent  #", "pass  #"),
    "a contact takes as long as the one before it in hand": (
        "sim.engines.composing", "+ by[A_IN_HAND]]", "+ max(by[A_IN_HAND] - 1, 0)]"),
    "a chat holds a line": (
        "sim.engines.passage", "entering[OFF_LINE] = now[CLOCK], now[CLOCK]", "now[LINES] = now[CLOCK], now[LINES] + 1"),
}  # fmt: skip


@pytest.mark.slow
def test_each_wrong_rule_in_one_engine_is_caught() -> None:
    """Within 6000 random days; `tests.biting` has them."""
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    run = subprocess.run(
        [sys.executable, "-m", "tests.biting", "6000"], cwd=ROOT, env=environment, capture_output=True, text=True,
        check=False, timeout=600,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    assert json.loads(run.stdout) == []
