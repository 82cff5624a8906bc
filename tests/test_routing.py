"""Rules of routing: who takes which call when, exactly, and what is refused."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.calls import Reason, State
from sim.scenario.errors import ScenarioError
from tests.routing_desk import CALLS, KIND, TWO, S, answered, by, desk, run

ONE = {"agents": 1, "skills": ["a"]}


def test_a_call_overflows_after_its_time_to_the_tick_and_not_before():
    overflow = [{"groups": ["second"], "after": "20s"}, {"groups": ["third"], "after": "30s"}]
    day = run(desk({"a": {"overflow": overflow}}, {"first": ONE, "second": ONE, "third": ONE}), [(0, 0)] * 4)
    assert answered(day) == [0, 20, 30, 60] and by(day) == ["first", "second", "third", "first"]
    assert day.calls.held_back.tolist() == [0, Reason.OVERFLOW, Reason.OVERFLOW, Reason.OVERFLOW]


def test_an_agent_of_the_further_group_who_becomes_free_looks_at_how_long_the_head_has_waited():
    kinds = {"a": {"overflow": [{"groups": ["second"], "after": "20s"}]}, "b": {}}
    groups = {"first": ONE, "second": {"agents": 1, "skills": ["b", "a"]}}
    day = run(desk(kinds, groups), [(0, 0, 600), (0, 1, 30), (5, 0), (15, 0)])
    assert answered(day) == [0, 0, 30, 90]  # at 30 the first has waited 25 s
    day = run(desk(kinds, groups), [(0, 0, 600), (0, 1, 30), (15, 0)])
    assert answered(day) == [0, 0, 35]  # at 30 he has waited 15 s only: the agent is idle until 35
    assert day.agents is not None
    idle = (day.agents.state == State.IDLE) & (day.agents.reason == Reason.OVERFLOW)
    assert (day.agents.until - day.agents.since)[idle].tolist() == [5 * S]


def test_a_call_overflows_at_once_when_it_is_one_too_many():
    kinds = {"a": {"overflow": [{"groups": ["second"], "waiting": 3}]}}
    day = run(desk(kinds, {"first": ONE, "second": ONE}), [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0)])
    assert by(day)[3] == "second" and answered(day)[3] == 3
    assert answered(day)[1:3] == [60, 120] and answered(day)[4] == 180


def test_dedicated_seats_help_others_only_beyond_what_they_keep():
    kinds = {"gold": {}, "plain": {"overflow": [{"groups": ["seats"], "after": "0s"}]}}
    seats = {"agents": 3, "skills": ["gold", "plain"], "reserve": [{"agents": 1, "call_types": ["gold"]}]}
    calls = [(0, 1), (1, 1), (2, 1), (3, 1), (4, 0)]
    day = run(desk(kinds, {"desk": {"agents": 1, "skills": ["plain"]}, "seats": seats}), calls)
    assert by(day) == ["desk", "seats", "seats", "desk", "seats"] and answered(day) == [0, 1, 2, 60, 4]
    assert day.calls.held_back.tolist() == [0, 0, 0, Reason.RESERVE, 0]


def test_a_reserve_for_a_label_is_kept_for_who_has_it():
    kinds = {"a": {"labels": {"segment": {"gold": 0.5, "plain": 0.5}}}}
    groups = {"desk": {"agents": 2, "skills": ["a"], "reserve": [{"agents": 1, "labels": {"segment": "gold"}}]}}
    day = run(desk(kinds, groups), [(0, 0), (1, 0), (2, 0)], labels=[1, 1, 0])
    assert answered(day) == [0, 62, 2]  # at 60 the one who becomes free is kept: the other has the member


def test_who_has_waited_long_enough_goes_before_who_is_more_urgent():
    kinds = {"urgent": {"priority": 1}, "plain": {"priority": 2, "rises": {"after": "90s", "priority": 0}}}
    groups = {"desk": {"agents": 1, "skills": [["urgent", "plain"]]}}
    day = run(desk(kinds, groups), [(0, 0), (1, 1), (2, 0), (3, 0)])
    assert answered(day) == [0, 120, 60, 180]


def test_priorities_age_by_one_for_every_ageing_of_wait():
    kinds = {"urgent": {"priority": 1, "ageing": "1h"}, "plain": {"priority": 2, "ageing": "50s"}}
    groups = {"desk": {"agents": 1, "skills": [["urgent", "plain"]]}}
    calls = [(0, 0), (1, 1), (15, 0), (16, 0)]  # at 60 the plain one has waited 59 s: 2 - 59/50 < 1 - 45/3600
    assert answered(run(desk(kinds, groups, routing={"call": ["priority with ageing"]}), calls)) == [0, 60, 120, 180]
    kinds["plain"]["ageing"] = "70s"
    assert answered(run(desk(kinds, groups, routing={"call": ["priority with ageing"]}), calls)) == [0, 120, 60, 180]


def test_weighted_waits_and_the_longest_queue():
    groups = {"desk": {"agents": 1, "skills": [["a", "b"]]}}
    calls = [(0, 0), (20, 1), (40, 0), (50, 0)]
    weighted = desk({"a": {"weight": 3}, "b": {}}, groups, routing={"call": ["weighted wait"]})
    assert answered(run(weighted, calls))== [0, 180, 60, 120]  # at 60: 3 x 20 s against 40 s; at 120: 3 x 70 s against 100 s
    longest = desk({"a": {}, "b": {}}, groups, routing={"call": ["longest queue"]})
    assert answered(run(longest, calls)) == [0, 120, 60, 180]


def test_of_idle_agents_the_most_skilled_or_the_one_with_the_fewest_skills_goes_first():
    agents = [
        {"name": "Ann", "group": "desk", "shift": "day", "skills": {"a": 2, "b": 1}},
        {"name": "Bob", "group": "desk", "shift": "day", "skills": {"a": 4, "b": 1}},
        {"name": "Cem", "group": "desk", "shift": "day", "skills": {"a": 1}},
    ]
    roster: dict[str, Any] = {"shifts": [{"name": "day", "from": "08:00", "to": "10:00"}], "agents": agents}
    for rule, order in (("most skilled", ["Bob", "Ann", "Cem"]), ("fewest skills", ["Cem", "Ann", "Bob"])):
        scenario = desk({"a": {}, "b": {}}, {"desk": {"skills": ["a", "b"]}}, routing={"agent": [rule, "longest idle"]}, **roster)
        day = run(scenario, [(1, 0), (2, 0), (3, 0)])
        assert [day.frame.agents[agent] for agent in day.calls.agent] == order


def test_the_least_occupied_goes_first():
    scenario = desk({"a": {}}, {"desk": {"agents": 2, "skills": ["a"]}}, routing={"agent": ["least occupied"]})
    day = run(scenario, [(0, 0, 300), (1, 0, 10), (20, 0, 10), (40, 0, 10), (400, 0, 10)])
    assert day.calls.agent.tolist() == [0, 1, 1, 1, 1]


def test_random_agents_are_the_same_for_every_policy_and_others_in_another_replication():
    scenario = desk({"a": {}}, {"desk": {"agents": 8, "skills": ["a"]}}, routing={"agent": ["random"]})
    calls = [(10 * n, 0, 5) for n in range(600)]
    agents = run(scenario, calls).calls.agent
    assert len(set(agents.tolist())) == 8
    longer = scenario.with_({"groups": [{"name": "other", "skills": ["a"], "agents": 1}], "call_types.a.groups": ["desk"]})
    assert np.array_equal(run(longer, calls).calls.agent, agents)


def test_a_blend_begins_with_enough_idle_agents_and_ends_with_too_few():
    kinds = {"a": {}, "mail": {"contact": "work"}}
    groups = {"desk": {"agents": 4, "skills": ["a", "mail"], "blend": {"start": 4, "stop": 2}}}
    mails = [(0, 1, 600)] * 8
    day = run(desk(kinds, groups), [*mails, (100, 0, 30)])
    begun = sorted(tick for tick in answered(day)[:8] if tick >= 0)
    assert begun[:2] == [0, 0]  # four are idle at eight: two begin, two are kept
    assert begun[2] == 600  # with the call at 100 one of the kept is busy, then idle again: three are never four before
    assert answered(day)[8] == 100


def test_work_that_comes_while_the_blend_is_off_waits_and_the_log_says_why():
    kinds = {"a": {}, "mail": {"contact": "work"}}
    groups = {"desk": {"agents": 3, "skills": ["a", "mail"], "blend": {"start": 3, "stop": 0}}}
    day = run(desk(kinds, groups), [(0, 0), (0, 0, 90), (10, 0, 5), (20, 1)])
    assert day.calls.held_back.tolist()[3] == Reason.BLEND or answered(day)[3] == 20
    assert answered(day)[3] >= 20


# -- what is refused ---------------------------------------------------------------------------------------------------

WRONG = [
    ({"routing": {"agent": ["ranked groups"]}}, "must end with one of"),
    ({"routing": {"agent": ["longest idle", "random"]}}, "must end with one of"),
    ({"routing": {"call": ["priority", "priority with ageing"]}}, "one of them"),
    ({"routing": {"call_score": {"rule": "__main__:f", "version": "1"}}}, "not in __main__"),
    ({"routing": {"call_score": {"rule": "module:f"}}}, r"routing\.call_score\.version: is missing"),
    ({"routing": {"call_score": {"rule": "module", "version": "1"}}}, r"routing\.call_score\.rule"),
    ({"call_types": {"overflow": [{"groups": ["first", "third"], "after": 5}]}}, "names every group"),
    ({"call_types": {"groups": ["first"], "overflow": [{"groups": ["first"], "after": 5}]}}, "is in `groups`"),
    ({"call_types": {"overflow": [{"groups": ["thrid"], "after": 5}]}}, r'overflow\.0\.groups\.0.*did you mean "third"'),
    ({"call_types": {"overflow": [{"groups": ["other"], "after": 5}]}}, 'does not have the skill "a"'),
    ({"call_types": {"overflow": [{"groups": ["third"]}]}}, "needs after or waiting"),
    ({"call_types": {"overflow": [{"groups": ["third"], "after": 5}] * 2}}, "names a group twice"),
    ({"call_types": {"ageing": 0.5}}, r"call_types\.a\.ageing: must be from 1s to 24h"),
    ({"call_types": {"weight": 0}}, r"call_types\.a\.weight"),
    ({"groups": {"reserve": [{"agents": 1}]}}, "needs call_types or labels"),
    ({"groups": {"reserve": [{"agents": 1, "call_types": ["b"]}]}}, 'does not have the skill "b"'),
    ({"groups": {"reserve": [{"agents": 1, "labels": {"segment": "gold"}}]}}, 'no label family "segment"'),
    ({"groups": {"blend": {"start": 2, "stop": 2}}}, "stop must be below start"),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "said"), WRONG, ids=[said for _, said in WRONG])
def test_rules_that_make_no_sense_are_refused_with_their_place(parts: dict[str, Any], said: str):
    kinds = {"a": parts.get("call_types", {}), "b": {}}
    groups = {"first": ONE | parts.get("groups", {}), "third": ONE, "other": {"agents": 1, "skills": ["b"]}}
    with pytest.raises(ScenarioError, match=said):
        desk(kinds, groups, **{key: given for key, given in parts.items() if key == "routing"})


def test_what_is_said_and_does_nothing_is_advised_against():
    from sim.scenario.consistency import warnings as advice

    scenario = desk(
        {"a": {"weight": 2, "ageing": "1m"}}, {"desk": ONE | {"blend": {"start": 2, "stop": 1}}},
    )  # fmt: skip
    said = [str(one) for one in advice(scenario)]
    for words in ("call_types.a.weight", "call_types.a.ageing", "groups.desk.blend"):
        assert any(words in one for one in said), words


def test_who_can_do_what_names_single_agents_and_marks_what_is_for_some_callers_or_by_overflow():
    from experiments.skills import Can, skills

    kinds = {"a": {"overflow": [{"groups": ["back"], "after": 20}], "labels": {"segment": {"gold": 0.1, "plain": 0.9}},
                   "by_label": {"segment": {"gold": {"groups": ["gold"]}}}}, "b": {}}  # fmt: skip
    groups = {"desk": {"agents": 3, "skills": ["a", "b"]}, "gold": {"skills": ["a"]}, "back": {"agents": 2, "skills": ["a"]}}
    roster = {"shifts": [{"name": "day", "from": "08:00", "to": "10:00"}],
              "agents": [{"name": "Ann", "group": "gold", "shift": "day", "skills": {"a": 4}}]}  # fmt: skip
    kinds["a"]["groups"] = ["desk"]
    found = {one.name: one for one in skills(desk(kinds, groups, **roster))}
    assert found["desk"].heads == 3 and found["desk"].can == {"a": Can(1, 1, False), "b": Can(1, 1, False)}
    assert found["Ann"].can == {"a": Can(4, 1, True)} and found["back"].can == {"a": Can(1, 2, True)}


def test_what_the_page_shows_is_read_and_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    page = (Path(__file__).resolve().parent.parent / "docs" / "routing.md").read_text(encoding="utf-8")
    for shown in page.split("```toml\n")[1:]:
        table = tomllib.loads(shown.split("```")[0])
        types = {name: dict(KIND) for name in ("billing", "orders", "members", "others", "calls", "mail", "survey")}
        types |= {one["name"]: KIND | one for one in table.get("call_types", ())}
        groups = {name: {"agents": 1, "skills": list(types)} for name in ("desk", "seniors", "team leaders")}
        groups |= {one["name"]: one for one in table.get("groups", ())}
        desk(types, groups, routing=table.get("routing", {}))
    (tmp_path / "myrules.py").write_text(page.split("```python\n")[1].split("```")[0], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    rules = {key: {"rule": f"myrules:{name}", "version": "1"} for key, name in (("call_score", "fresh_first"),)}
    run(desk({"a": {}, "b": {}}, TWO, routing=rules), CALLS)
    rules = {"agent_score": {"rule": "myrules:one_kept", "version": "1"}}
    with pytest.warns(UserWarning, match="plain Python"):
        run(desk({"a": {}, "b": {}}, TWO, routing=rules), CALLS)
