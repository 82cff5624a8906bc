"""Callers who come back: how often, as what, what is counted of them, and what is refused."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from experiments.cli.main import main
from sim.calls import CallLog, Came, Outcome
from sim.chance import draw
from sim.chance.tape import Tape
from sim.engines import simulate
from sim.measures import MEASURES
from sim.measures.cut import Cut
from sim.scenario.consistency import warnings
from sim.scenario.errors import ScenarioError
from sim.scenario.scenario import Scenario
from sim.tally import Customers, Measuring, tally
from tests.strategies import cases

S = 1_000_000


def story(changes: dict[str, Any] | None = None, *, types: tuple[Any, ...] = (), groups: tuple[Any, ...] = ()) -> Scenario:
    """One type, 60 calls an hour for three agents, and more types and groups; nobody comes back but by `changes`."""
    plain = Scenario.model_validate({
        "name": "day",
        "calendar": {"start": date(2026, 3, 12), "opens": "09:00", "closes": "17:00", "interval": "30m"},
        "call_types": [{"name": "a", "arrivals": {"per_hour": 60}, "talk": {"exponential": {"mean": "4m"}},
                        "patience": {"exponential": {"mean": "2m"}}}, *types],
        "groups": [{"name": "juniors", "skills": ["a"], "agents": 3}, *groups],
    })  # fmt: skip
    return plain.with_(changes or {})


def calls(scenario: Scenario, seed: int = 1) -> CallLog:
    return simulate(scenario, draw(scenario, seed=seed)).calls


def value(scenario: Scenario, name: str, seed: int = 1, **cut: Any) -> float:
    return MEASURES[name].value(tally(simulate(scenario, draw(scenario, seed=seed))), Cut(**cut))


NOBODY = {"groups.juniors.agents": 0, "call_types.a.patience": 10}


@pytest.mark.parametrize(
    ("reaction", "attempts"),
    [
        ({"chance": 1.0, "most": 3}, 4),
        ({"chance": 1.0, "later": 0.0}, 2),
        ({"chance": 1.0, "later": 1.0, "most": 0}, 1),
        ({"chance": 0.0, "later": 1.0}, 1),
    ],
)
def test_first_and_later_redials_have_chances_of_their_own_and_a_limit(reaction: dict[str, Any], attempts: int) -> None:
    """Nobody answers, and patience ends after 10 s; everybody calls so often, 20 s after hanging up."""
    found = calls(story(NOBODY | {"call_types.a.next.abandoned": reaction | {"after": 20}}))
    early = found.caller[(found.attempt == 0) & (found.arrival < 16 * 3600 * S)]
    assert len(early) > 100
    for caller in early:
        mine = found.arrival[found.caller == caller]
        assert len(mine) == attempts and np.all(np.diff(mine) == 30 * S)
    later = found.attempt > 0
    assert np.all(found.came[later] == Came.REDIAL) and np.all(found.solved == 0)


def test_a_chance_is_that_of_the_interval_in_which_the_call_came() -> None:
    chance = [1.0, *[0.0] * 15]
    found = calls(story(NOBODY | {"call_types.a.next.abandoned": {"chance": chance, "later": 0.0, "after": 3600}}))
    first = found.caller[(found.attempt == 0) & (found.arrival < 34_200 * S)]
    assert sorted(found.caller[found.attempt == 1]) == sorted(first) and len(first)


def test_the_busy_redial_until_they_are_served() -> None:
    """One line, one agent, nobody gives up: who tries every 10 s without end is served before the day is over."""
    often = {"chance": 1.0, "after": {"exponential": {"mean": 10}}}
    day = story({"lines.trunks": 1, "groups.juniors.agents": 1, "call_types.a.next.busy": often, "call_types.a.talk": 30,
                 "call_types.a.arrivals": [*[10.0] * 14, 0.0, 0.0]})  # fmt: skip
    assert value(day, "callers_served_rate") == 1.0 and value(day, "attempts_per_caller") > 1.05
    assert value(day, "redial_share") > 0.03 and value(day, "blocking_rate") > 0.03


def test_who_answers_decides_how_often_it_helps() -> None:
    seniors = {"name": "seniors", "skills": ["a"], "agents": 2}
    day = story({"call_types.a.solved": 0.25, "call_types.a.solved_by.seniors": 1.0}, groups=(seniors,))
    found = calls(day)
    answered = found.outcome == Outcome.ANSWERED
    by_juniors = answered & (found.group == 0)
    assert np.all(found.solved[answered & (found.group == 1)] == 1) and (answered & (found.group == 1)).sum() > 50
    share, n = found.solved[by_juniors].mean(), by_juniors.sum()
    assert abs(share - 0.25) < 3.3 * np.sqrt(0.25 * 0.75 / n)


def test_who_is_not_helped_comes_back_as_another_type_and_is_recognized() -> None:
    """A complaint's talk is 5 minutes, of which 40 s are a script that the recognized skip."""
    complaint = {"name": "b", "arrivals": 0, "talk": "5m", "opening": 40, "recognized": 0.5}
    changes = {"call_types.a.solved": 0.0, "call_types.a.next.unsolved": {"chance": 1.0, "after": 60, "as": "b"}}
    found = calls(story(changes, types=(complaint,), groups=({"name": "second", "skills": ["b"], "agents": 50},)))
    b = found.call_type == 1
    assert np.all(found.came[b] == Came.REPEAT) and np.all(found.attempt[b] == 1) and b.sum() > 100
    talks = ((found.end - found.answer)[b & (found.outcome == Outcome.ANSWERED)] // S).tolist()
    assert set(talks) == {260, 300}
    assert abs(np.mean(np.array(talks) == 260) - 0.5) < 3.3 * 0.5 / np.sqrt(len(talks))
    assert np.all(found.solved[b & (found.outcome == Outcome.ANSWERED)] == 1)


def test_a_delay_of_weeks_ends_at_closed_doors() -> None:
    found = calls(story({"call_types.a.solved": 0.0, "call_types.a.next.unsolved": {"chance": 1.0, "after": 90 * 86_400}}))
    again = found.attempt == 1
    assert again.sum() == (found.outcome == Outcome.ANSWERED).sum() > 100
    assert np.all(found.outcome[again] == Outcome.CLOSED)


def test_callers_are_counted_as_one_story_each() -> None:
    """Worked out by hand from the log of a day with everything on, against the counts."""
    soon_or_late = {"mixture": {"parts": [{"share": 0.6, "of": {"exponential": {"mean": "20m"}}},
                                          {"share": 0.4, "of": {"exponential": {"mean": "15d"}}}]}}  # fmt: skip
    day = story({
        "call_types.a.solved": 0.6, "call_types.a.next.unsolved": {"chance": 0.8, "after": soon_or_late},
        "call_types.a.next.abandoned": {"chance": 0.5}, "ivr.containment.a": 0.2, "ivr.delay": 10,
        "call_types.a.next.contained": {"chance": 0.4, "after": "30h"},
    })  # fmt: skip
    log = calls(day)
    counted = tally(simulate(day, draw(day, seed=1)), Measuring()).callers[0, 0]
    expected = dict.fromkeys(Customers, 0)
    helping = (Outcome.ANSWERED, Outcome.CONTAINED)
    for caller in np.unique(log.caller):
        rows = np.flatnonzero(log.caller == caller)
        rows = rows[np.argsort(log.attempt[rows])]
        helped = [row for row in rows if log.outcome[row] in helping]
        solving = [row for row in helped if log.solved[row]]
        answered = [row for row in helped if log.outcome[row] == Outcome.ANSWERED]

        def quiet(row: int, rows: Any = rows, days: int = 1) -> bool:
            after = log.arrival[rows][log.arrival[rows] > log.end[row]]
            return not np.any(after < log.end[row] + days * 86_400 * S)

        expected[Customers.CALLERS] += 1
        expected[Customers.CALLS] += len(rows)
        expected[Customers.SERVED] += bool(answered or log.outcome[rows[-1]] == Outcome.CONTAINED)
        expected[Customers.HELPED] += bool(helped)
        expected[Customers.SOLVED] += bool(solving)
        for days, column in ((1, Customers.HELPED_ONCE), (7, Customers.HELPED_ONCE_7D), (30, Customers.HELPED_ONCE_30D)):
            expected[column] += bool(helped) and quiet(helped[0], days=days)
        expected[Customers.SOLVED_FIRST] += bool(helped) and bool(log.solved[helped[0]])
        expected[Customers.TO_SOLUTION] += int(log.end[solving[0]] - log.arrival[rows[0]]) if solving else 0
        contained = [row for row in helped if log.outcome[row] == Outcome.CONTAINED]
        expected[Customers.CONTAINED_CALLS] += len(contained)
        expected[Customers.CONTAINED_TRULY] += sum(quiet(row) for row in contained)
    assert counted.tolist() == list(expected.values())
    assert expected[Customers.HELPED_ONCE] > expected[Customers.HELPED_ONCE_7D] > expected[Customers.HELPED_ONCE_30D]
    assert expected[Customers.CONTAINED_TRULY] == expected[Customers.CONTAINED_CALLS] > 50  # 30 h later is another day


@settings(max_examples=60)
@given(cases())
def test_every_caller_is_one_story_and_every_call_part_of_one(case: tuple[Scenario, Tape]) -> None:
    scenario, tape = case
    day = simulate(scenario, tape)
    counted, stories = tally(day), len(tape) + int((day.calls.came == Came.TICKET).sum())
    customers, calls_ = counted.callers.sum(axis=(0, 1)), counted.calls[:, :, : len(scenario.call_types), :12].sum()
    assert customers[Customers.CALLERS] == stories <= customers[Customers.CALLS] == calls_
    assert customers[Customers.SERVED] <= customers[Customers.HELPED] <= customers[Customers.CALLERS]
    assert customers[Customers.SOLVED_FIRST] <= customers[Customers.SOLVED] <= customers[Customers.HELPED]
    assert customers[Customers.CONTAINED_TRULY] <= customers[Customers.CONTAINED_CALLS]


def test_a_policy_that_touches_no_reaction_leaves_every_later_attempt_alone() -> None:
    """More agents: whoever comes back under both has the same delay, type, talk and patience, attempt by attempt."""
    reactions = {word: {"chance": 0.7, "after": {"exponential": {"mean": "5m"}}} for word in ("abandoned", "unsolved")}
    today = story({"call_types.a.solved": 0.5, "call_types.a.next": reactions, "call_types.a.wrap_up": "20s"})
    few, many = calls(today), calls(today.with_({"groups.juniors.agents.plus": 2}))
    both = set(few.key[few.attempt > 0].tolist()) & set(many.key[many.attempt > 0].tolist())
    assert len(both) > 50
    rows = [(int(np.flatnonzero(few.key == key)[0]), int(np.flatnonzero(many.key == key)[0])) for key in sorted(both)]
    same = 0
    for i, j in rows:
        assert (few.caller[i], few.attempt[i]) == (many.caller[j], many.attempt[j])
        if few.outcome[i] == many.outcome[j] == Outcome.ANSWERED:
            assert few.end[i] - few.answer[i] == many.end[j] - many.answer[j]
            same += 1
        if few.outcome[i] == many.outcome[j] == Outcome.ABANDONED:
            assert few.end[i] - few.queue_entry[i] == many.end[j] - many.queue_entry[j]
    assert same > 20


def test_rates_without_junk_leave_its_type_out_and_others_do_not() -> None:
    silent = {"name": "silent", "arrivals": {"per_hour": 30}, "talk": 15, "patience": 15, "junk": True}
    day = story({"groups.juniors.skills": [["a", "silent"]]}, types=(silent,))
    without = value(day, "answer_rate_without_junk")
    assert without == value(day, "answer_rate", call_type="a") != value(day, "answer_rate")
    assert np.isnan(value(day, "answer_rate_without_junk", call_type="silent"))
    assert value(day, "aht_without_junk") == value(day, "aht", call_type="a") > value(day, "aht")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"next.busy": {"chance": 1.0, "after": 0}}, 'calls again with chance 1, at once and without limit, "a" -> "a"'),
        ({"next.unsolved": {"chance": [0.2] * 15 + [1.0], "after": 0, "as": "b"}}, '"a" -> "b" -> "a"'),
        ({"next.busy": {"chance": 0.5, "as": "bb"}}, 'no call type "bb"'),
        ({"next.closed": {"chance": 0.5, "as": "bb"}}, 'no call type "bb"'),
        ({"solved_by": {"senior": 0.5}}, 'no group "senior"'),
        ({"next.busy": {"chance": [0.1, 0.2]}}, "must have 16 numbers"),
        ({"next.busy": {"chance": 1.2}}, "call_types.a.next.busy.chance"),
        ({"next.busy": {"chance": 0.5, "most": 20_000}}, "call_types.a.next.busy.most"),
        ({"next.bussy": {"chance": 0.5}}, 'did you mean "busy"'),
        ({"junk": True, "labels": {"segment": {"x": 1.0}}}, "junk calls have no labels"),
    ],
)
def test_what_makes_no_sense_is_named_with_its_place(changes: dict[str, Any], said: str) -> None:
    back = {"unsolved": {"chance": 1.0, "after": 0, "as": "a"}}
    other = {"name": "b", "arrivals": 0, "talk": 60, "next": back, "solved": 0.5}
    with pytest.raises(ScenarioError) as found:
        story({f"call_types.a.{path}": given for path, given in changes.items()}, types=(other,))
    assert said in str(found.value)


def test_a_deflection_that_helps_nobody_and_sends_all_back_at_once_would_never_end() -> None:
    link = {"name": "link", "accepted": 1, "solved": 0, "again": {"chance": 1, "after": 0}}
    with pytest.raises(ScenarioError, match="link\\.again: calls again"):
        story({"ivr": {"deflections": [link]}})
    for less in ({"accepted": 0.9}, {"offered": 0.9}, {"solved": 0.1}):
        assert story({"ivr": {"deflections": [link | less]}}).ivr.deflections


@pytest.mark.parametrize("limit", [{"most": 5}, {"after": 1}, {"later": 0.99}])
def test_persistent_callers_are_fine(limit: dict[str, Any]) -> None:
    day = story(NOBODY | {"call_types.a.next.abandoned": {"chance": 1.0, "after": 0} | limit})
    assert value(day, "callers_served_rate") == 0.0 and value(day, "attempts_per_caller") > 4


def test_advice_on_reactions() -> None:
    week = {"chance": 0.5, "after": {"exponential": {"mean": 7 * 86_400}}}
    said = [one.message for one in warnings(story({"call_types.a.next.unsolved": week, "call_types.a.recognized": 0.5}))]
    for words in ("longer than the day", "nobody calls again", "no `opening`"):
        assert any(words in message for message in said)


def test_the_first_screen_says_what_callers_do(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", "redial-storm", "--days", "5", "--jobs", "1"]
    with pytest.raises(SystemExit):
        main(words)
    out = capsys.readouterr().out
    assert "calls / callers" in out and "redials, " in out and "settled / callers" in out
    with pytest.raises(SystemExit):
        main([*words, "--json"])
    assert json.loads(capsys.readouterr().out)["schema"] == "callsim/run/1"
