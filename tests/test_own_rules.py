"""Rules of one's own: a function named in the scenario decides, in both engines or in one."""

from __future__ import annotations

import warnings

import pytest

from sim.chance import draw
from sim.engines import simulate
from sim.scenario.errors import CallsimError, ScenarioError
from tests import own_rules
from tests.routing_desk import CALLS, TWO, answered, by, desk, run

LAST = {"rule": "tests.own_rules:last_come", "version": "1"}


def test_a_rule_for_calls_decides_among_equals_in_both_engines():
    assert answered(run(desk({"a": {}, "b": {}}, TWO), CALLS)) == [0, 60, 120]
    ruled = desk({"a": {}, "b": {}}, TWO, routing={"call_score": LAST})
    assert answered(run(ruled, CALLS)) == [0, 120, 60]


def test_a_rule_for_agents_decides_among_equals_in_both_engines():
    rule = {"rule": "tests.own_rules:fewest_left", "version": "1"}
    groups = {"small": {"agents": 1, "skills": ["a"]}, "large": {"agents": 3, "skills": ["a"]}}
    calls: list[tuple[float, int]] = [(0, 0), (1, 0), (2, 0), (3, 0)]
    assert by(run(desk({"a": {}}, groups, routing={"agent": ["longest idle"]}), calls))[0] == "small"
    ruled = desk({"a": {}}, groups, routing={"agent": ["longest idle"], "agent_score": rule})
    assert by(run(ruled, calls))[:2] == ["large", "large"]


def test_plain_python_selects_the_reference_engine_and_says_so():
    plain = desk({"a": {}, "b": {}}, TWO, routing={"call_score": LAST | {"rule": "tests.own_rules:last_come_plain"}})
    with pytest.warns(UserWarning, match="is plain Python: the reference engine simulates"):
        assert answered(run(plain, CALLS)) == [0, 120, 60]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if hasattr(own_rules.last_come, "py_func"):  # with JIT off every rule is plain
            run(desk({"a": {}, "b": {}}, TWO, routing={"call_score": LAST}), CALLS)


def test_a_rule_that_fails_is_named_with_what_it_said():
    wrong = desk({"a": {}, "b": {}}, TWO, routing={"call_score": LAST | {"rule": "tests.own_rules:breaks"}})
    with pytest.raises(CallsimError, match=r'the rule "tests.own_rules:breaks" failed: ZeroDivisionError'):
        run(wrong, CALLS)


def test_a_compiled_rule_that_fails_is_named_and_gives_no_result():
    wrong = desk({"a": {}, "b": {}}, TWO, routing={"call_score": LAST | {"rule": "tests.own_rules:breaks_compiled"}})
    for engine in ("reference", "compiled"):
        with pytest.raises(CallsimError, match=r'the rule "tests.own_rules:breaks_compiled" failed'):
            simulate(wrong, draw(wrong.with_({"call_types.a.arrivals.per_interval": 200}), seed=1, replication=0), engine=engine)


def test_another_version_of_a_rule_is_another_experiment():
    from experiments.identity import scenario_hash

    one, other = (desk({"a": {}, "b": {}}, TWO, routing={"call_score": LAST | {"version": v}}) for v in ("1", "2"))
    assert scenario_hash(one) != scenario_hash(other)


NO_RULE = [
    ("tests.own_rules:first_come", 'module tests.own_rules has no "first_come"'),
    ("tests.no_rules:first", "cannot import tests.no_rules"),
    ("tests.own_rules:NUMBER", '"NUMBER" in tests.own_rules is no function'),
]


@pytest.mark.parametrize(("rule", "said"), NO_RULE, ids=[rule for rule, _ in NO_RULE])
def test_a_rule_that_is_not_there_is_named(rule: str, said: str):
    with pytest.raises(ScenarioError, match=said):
        run(desk({"a": {}, "b": {}}, TWO, routing={"call_score": {"rule": rule, "version": "1"}}), CALLS)
