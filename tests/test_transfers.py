"""Transfers: cold, warm, by asking a colleague, by a promise, lost, out of the wrong queue; with known answers.

Every bound is an interval at 99.9 % from the replications themselves; seeds are fixed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import product
from typing import Any

import numpy as np
import pytest

from sim.calls import NONE, Outcome
from sim.chance import draw
from sim.chance.handing import CALLBACK, MISROUTED, MOST_LEGS
from sim.engines import simulate
from sim.engines.plan import plan
from sim.engines.witness import Witness
from sim.erlang import erlang_c
from sim.measures import MEASURES
from sim.scenario import Scenario, ScenarioError
from sim.tally import tally
from tests.test_callers_theory import days, stationary
from tests.test_theory import assert_within

S = 1_000_000
LAMBDA, MU, MEETING, SECOND = 60 / 3600, 1 / 180, 1 / 60, 1 / 150  # calls, and ends of talk, of handover, of the colleague's talk
TODAY: dict[str, Any] = {
    "name": "transfers",
    "calendar": {"start": date(2026, 3, 12), "opens": "00:00", "closes": "24:00"},
    "call_types": [
        {"name": "first", "arrivals": {"per_hour": 60}, "talk": {"exponential": {"mean": 180}}, "patience": "never"},
        {"name": "second", "arrivals": 0, "talk": {"exponential": {"mean": 150}}, "patience": "never"},
    ],
    "groups": [
        {"name": "desk", "skills": ["first"], "agents": 5},
        {"name": "experts", "skills": ["second"], "agents": 2},
    ],
}  # fmt: skip


def scenario(changes: dict[str, Any] | None = None, **transfer: Any) -> Scenario:
    """Calls of "first" go on as `transfer` says, with "second" where it names nobody else."""
    given = {"name": "on", "to": "second", "chance": 1.0} | transfer
    return Scenario.model_validate(TODAY).with_({"call_types.first.transfers": [given]} | (changes or {}))


def test_cold_transfers_without_patience_are_two_queues_in_a_row() -> None:
    """Jackson 1957, "Networks of waiting lines": the second station is M/M/s with the calls transferred to it."""
    found = days(scenario(chance=0.5), replications=80, seed=41)
    exact = erlang_c(calls_per_hour=30, aht=150.0, agents=2, within=20.0)
    assert_within(found, "mean_transfer_wait", exact.asa)
    assert_within(found, "transfer_rate", 0.5)
    assert_within(found, "asa", erlang_c(calls_per_hour=60, aht=180.0, agents=5, within=20.0).asa)
    assert_within(found, "aht", 180.0 + 0.5 * 150.0)


def meeting(agents: int, experts: int, lines: int, *, stays: bool) -> dict[str, float]:
    """Warm transfers (`stays`: consults) of all calls, nobody gives up: (queue, talking, asking, meeting, alone).

    alone : with the expert alone, or, of a consult, with the agent again: of two exponential laws of the same mean, talk is
    the longer one in half of all calls, and then what is left of it is exponential.
    """

    def moves(state: tuple[int, ...]) -> Iterable[tuple[tuple[int, ...], float]]:
        queue, talking, asking, together, alone = state
        held = talking + asking + together + (alone if stays else 0)  # agents who are busy
        free = experts - together - (0 if stays else alone)

        def freed(state: list[int], agent: bool, expert: bool) -> tuple[int, ...]:
            if agent and state[0]:
                state[0], state[1] = state[0] - 1, state[1] + 1
            if expert and state[2]:
                state[2], state[3] = state[2] - 1, state[3] + 1
            return tuple(state)

        if queue + talking + asking + together + alone < lines:
            yield ((queue, talking + 1, *state[2:]) if held < agents else (queue + 1, *state[1:])), LAMBDA
        if talking:
            to = [queue, talking - 1, asking + (free == 0), together + (free > 0), alone]
            yield tuple(to), talking * MU
        if together:
            left = together * MEETING * (0.5 if stays else 1.0)
            yield freed([queue, talking, asking, together - 1, alone + 1], not stays, stays), left
            if stays:
                yield freed([queue, talking, asking, together - 1, alone], True, True), left
        if alone:
            yield freed([queue, talking, asking, together, alone - 1], stays, not stays), alone * (MU if stays else SECOND)

    every = [state for state in product(*(range(n + 1) for n in (lines, agents, agents, experts, lines))) if sum(state) <= lines]
    held = {state: sum(state[1:4]) + (state[4] if stays else 0) for state in every}
    states = [
        state for state in every
        if held[state] <= agents and (state[0] == 0 or held[state] == agents)
        and state[3] + (0 if stays else state[4]) <= experts
        and (state[2] == 0 or state[3] + (0 if stays else state[4]) == experts)
    ]  # fmt: skip
    chain = stationary(states, moves)  # type: ignore[arg-type]
    mean = {at: sum(p * state[at] for state, p in chain.items()) for at in range(5)}
    blocked = sum(p for state, p in chain.items() if sum(state) == lines)
    through = LAMBDA * (1 - blocked)
    return {
        "blocking_rate": blocked,
        "mean_wait": mean[0] / through,
        "mean_transfer_wait": mean[2] / through,
        "occupancy of experts": (mean[3] + (0 if stays else mean[4])) / experts,
        "occupancy of desk": sum(p * held[state] for state, p in chain.items()) / agents,
    }


def test_warm_transfers_hold_the_agent_until_a_colleague_answers() -> None:
    exact = meeting(4, 2, 7, stays=False)
    law = {"handover": {"exponential": {"mean": 60}}}
    made = scenario({"groups.desk.agents": 4, "lines.trunks": 7}, how="warm", give_up="20h", **law)
    found = days(made, replications=60, seed=42)
    for name in ("blocking_rate", "mean_wait", "mean_transfer_wait"):
        assert_within(found, name, exact[name])
    for group in ("desk", "experts"):
        assert_within(found, "occupancy", exact[f"occupancy of {group}"], group=group)


def test_consults_hold_both_for_a_while_and_the_agent_goes_on() -> None:
    exact = meeting(4, 1, 6, stays=True)
    law = {"handover": {"exponential": {"mean": 60}}, "after": {"exponential": {"mean": 180}}}
    changes = {"groups.desk.agents": 4, "groups.experts.agents": 1, "lines.trunks": 6}
    found = days(scenario(changes, how="consult", give_up="20h", **law), replications=60, seed=43)
    assert_within(found, "consult_rate", 1.0)
    for name in ("blocking_rate", "mean_wait"):
        assert_within(found, name, exact[name])
    for group in ("desk", "experts"):
        assert_within(found, "occupancy", exact[f"occupancy of {group}"], group=group)


def test_who_gives_up_asking_transfers_cold_or_goes_on_alone() -> None:
    """Nobody is there to answer: a warm transfer becomes a cold one, a consult costs the time of giving up."""
    nobody = {"groups.experts.agents": 0, "calendar.closes": "02:00"}
    nobody |= {"call_types.first.talk": 100, "call_types.first.wrap_up": 10}
    warm = simulate(*_drawn(scenario(nobody | {"call_types.second.patience": 45}, how="warm", give_up=30)))
    legs = warm.legs
    assert legs is not None and len(legs) > 50
    assert np.all(legs.outcome == Outcome.ABANDONED) and np.all(legs.end - legs.queue_entry == 75 * S)
    assert np.all(warm.calls.outcome == Outcome.ANSWERED)
    assert np.all(warm.calls.handed - warm.calls.answer == 130 * S)  # talk, and 30 s until the agent leaves the caller
    assert np.all(warm.calls.release - warm.calls.handed == 10 * S)
    assert np.all(warm.calls.solved == 0)
    ask = simulate(*_drawn(scenario(nobody, how="consult", give_up=30)))
    assert np.all(ask.calls.end - ask.calls.answer == 130 * S)
    assert np.all(ask.calls.handed == NONE) and np.all(ask.calls.solved == 1)
    measured = tally(ask)
    assert MEASURES["consult_rate"](measured) == 1.0 and MEASURES["transfer_rate"](measured) == 0.0


def test_a_promise_takes_the_caller_off_the_line_and_is_kept_in_time_or_not() -> None:
    called = {"accepted": 0.0, "after": "9m", "within": "10m", "reached": 0.5, "tries": 1, "dial": 0}
    found = simulate(*_drawn(scenario({"call_types.second.callback": called}, how="callback")))
    legs = found.legs
    assert legs is not None and np.all(legs.how == CALLBACK)
    off = dict(zip(found.calls.number.tolist(), found.calls.off_line.tolist(), strict=True))
    assert legs.accepted.tolist() == [off[number] for number in legs.call.tolist()]
    reached = legs.outcome == Outcome.CALLED_BACK
    assert 0.4 < reached.mean() < 0.6  # 1,440 calls, four standard deviations
    assert np.all(legs.answer[reached] >= legs.accepted[reached] + 540 * S)
    measured = tally(found)
    in_time = (legs.answer - legs.accepted <= 600 * S) & reached
    assert MEASURES["callbacks_kept"](measured) == pytest.approx(reached.mean())
    assert MEASURES["callbacks_in_time"](measured) == pytest.approx(in_time.mean())
    assert 0 < in_time.sum() < reached.sum()


def test_after_one_way_audio_the_center_calls_again_within_ten_minutes() -> None:
    """As docs/callers.md has it: one call in ten is cut after 10 s and called again a minute later, before all others."""
    again = {
        "name": "called again", "arrivals": 0, "priority": 0, "talk": {"exponential": {"mean": 120}},
        "callback": {"accepted": 1.0, "after": "1m", "reached": 0.9, "tries": 2, "again_after": "3m", "within": "10m"},
    }  # fmt: skip
    audio = {"name": "one-way audio", "to": "called again", "how": "callback", "chance": 0.1, "after": "10s"}
    made = Scenario.model_validate(TODAY).with_({
        "call_types": [again], "call_types.first.transfers": [audio], "groups.desk.skills": ["first", "called again"],
    })  # fmt: skip
    found = simulate(*_drawn(made))
    measured = tally(found)
    assert found.legs is not None and len(found.legs) > 100
    parted = found.calls.handed != NONE
    assert np.all(found.calls.handed[parted] - found.calls.answer[parted] == 10 * S)
    waited = (found.legs.answer - found.legs.accepted)[found.legs.answer != NONE]
    in_time = (waited <= 600 * S).sum() / len(found.legs)
    assert waited.min() == 60 * S and MEASURES["callbacks_in_time"](measured) == pytest.approx(in_time) and in_time > 0.95
    assert MEASURES["callbacks_kept"](measured) < 1.0


def test_who_speaks_another_language_is_called_back_by_a_colleague_or_lost() -> None:
    """Labels pick the transfer: of a third of callers a colleague speaks the language, of a sixth nobody does."""
    spoken = {"language": {"plain": 0.5, "rare": 0.33, "none": 0.17}}
    transfers = [
        {"name": "colleague", "to": "second", "chance": 1.0, "labels": {"language": "rare"}, "after": 30},
        {"name": "nobody", "how": "lost", "chance": 1.0, "labels": {"language": "none"}, "after": 20},
    ]
    labels = {f"call_types.{name}.labels": spoken for name in ("first", "second")}
    made = Scenario.model_validate(TODAY).with_(labels | {"call_types.first.transfers": transfers})
    found = simulate(*_drawn(made))
    assert found.legs is not None
    calls, label = found.calls, found.calls.label[:, 0]
    transferred = np.isin(calls.number, found.legs.call)
    assert np.array_equal(transferred, label == 1)
    assert np.array_equal(calls.solved == 0, label == 2)
    assert np.all(calls.end[label == 2] - calls.answer[label == 2] == 20 * S)
    assert 0.28 < transferred.mean() < 0.39  # 1,440 calls, four standard deviations


def test_who_has_waited_or_calls_again_asks_for_the_supervisor_more_often() -> None:
    """A chance of 0.1, four times that after a minute's wait; of a later call twice that."""
    again = {"chance": 1.0, "after": 600, "most": 1}
    changes = {"groups.desk.agents": 6, "call_types.first.next.unsolved": again, "call_types.first.solved": 0.2}
    changes |= {"groups.experts.agents": 6, "call_types.first.arrivals.per_hour": 60}
    found = simulate(*_drawn(scenario(changes, chance=0.1, waited=60, if_waited=4.0, if_again=2.0)))
    assert found.legs is not None
    calls = found.calls
    answered = calls.answer != NONE
    waited = calls.answer - calls.queue_entry >= 60 * S
    for long, again, chance in ((False, False, 0.1), (True, False, 0.4), (False, True, 0.2), (True, True, 0.8)):
        those = answered & (waited == long) & ((calls.came > 0) == again)
        n, share = those.sum(), np.isin(calls.number[those], found.legs.call).mean()
        assert n > 50 and abs(share - chance) < 4 * np.sqrt(chance * (1 - chance) / n)


def test_everybody_is_transferred_for_ever_and_the_day_ends() -> None:
    rare = {"groups.experts.skills": ["first", "second"], "call_types.first.arrivals.per_hour": 5}
    found = simulate(*_drawn(scenario(rare, to="first")))
    assert found.legs is not None
    assert np.bincount(found.legs.leg).tolist()[1:] == [len(found.calls)] * MOST_LEGS


MENUS = {
    "ivr.menu": [{"name": "main", "prompt": 10, "wrong": 0.25, "options": {"first": "deeper"}}, {"name": "deeper", "prompt": 5}],
    "ivr.misrouted": 40, "call_types.second.arrivals": {"per_hour": 30}, "groups.experts.agents": 6,
}  # fmt: skip


def test_a_wrong_option_leads_to_the_wrong_queue_and_from_there_to_the_right_one() -> None:
    made = Scenario.model_validate(TODAY).with_(MENUS)
    found = simulate(*_drawn(made))
    calls, legs = found.calls, found.legs
    assert legs is not None and np.all(legs.how == MISROUTED)
    share = len(legs) / len(calls)
    assert abs(share - 0.25) < 4 * np.sqrt(0.25 * 0.75 / len(calls))
    stray = np.isin(calls.number, legs.call)
    assert np.array_equal(calls.group[calls.answer != NONE] != calls.call_type[calls.answer != NONE], stray[calls.answer != NONE])
    assert np.all((calls.handed - calls.answer)[stray] == 40 * S)
    spent = (calls.ivr_exit - calls.arrival) // S
    assert np.array_equal(spent == 15, (calls.call_type == 0) != stray)  # who strays hears the other type's menus
    assert np.array_equal(spent == 10, (calls.call_type == 1) != stray)
    assert legs.call_type.tolist() == [calls.call_type[calls.number == number][0] for number in legs.call]
    assert MEASURES["misrouted_rate"](tally(found)) == pytest.approx(share, rel=0.01)
    skilled = {"groups.experts.skills": ["first", "second"], "groups.desk.skills": ["second", "first"]}
    both = simulate(*_drawn(made.with_(skilled)))
    assert both.legs is not None and len(both.legs) == 0  # who serves all queues helps whoever comes


def test_the_story_of_a_caller_tells_of_every_agent_he_met() -> None:
    made = scenario(how="warm")
    tape = draw(made, seed=3)
    first = Witness(plan(made), tape, 0)
    first.run()
    told = "\n".join(step.show() for step in first.story)
    assert "is to be transferred to second; the agent stays" in told and "of desk" in told and "of experts" in told


def test_transfers_leave_every_other_draw_alone() -> None:
    """Common random numbers: a transfer changes when agents are free, and nothing a caller brings along."""
    today, then = Scenario.model_validate(TODAY), scenario(chance=0.3)
    one, other = (simulate(*_drawn(made)).calls for made in (today, then))
    assert np.array_equal(one.number, other.number) and np.array_equal(one.arrival, other.arrival)
    kept = other.handed == NONE
    assert 0.6 < kept.mean() < 0.8
    assert np.array_equal((one.end - one.answer)[kept], (other.end - other.answer)[kept])


@pytest.mark.parametrize(
    ("transfer", "says"),
    [
        ({"to": "thrid"}, 'no call type "thrid"'),
        ({"to": None}, "must name the call type"),
        ({"how": "lost"}, "goes nowhere"),
        ({"how": "callback"}, "has no `callback`"),
        ({"by": ["desks"]}, 'no group "desks"'),
        ({"labels": {"language": "rare"}}, "language"),
        ({"how": "consult", "handover": 0}, "takes time"),
    ],
)
def test_a_transfer_that_cannot_be_is_named(transfer: dict[str, Any], says: str) -> None:
    given = {"name": "on", "to": "second", "chance": 0.5} | transfer
    today = {**TODAY, "call_types": [TODAY["call_types"][0] | {"transfers": [given]}, TODAY["call_types"][1]]}
    with pytest.raises(ScenarioError) as caught:
        Scenario.model_validate(today)
    assert any(says in str(problem) and "transfers" in problem.path for problem in caught.value.problems), caught.value


def test_chances_that_are_more_than_all_are_refused() -> None:
    rows = [{"name": name, "to": "second", "chance": 0.6} for name in ("one", "two")]
    today = {**TODAY, "call_types": [TODAY["call_types"][0] | {"transfers": rows}, TODAY["call_types"][1]]}
    with pytest.raises(ScenarioError, match=r"sum to more than 1; found 1\.2"):
        Scenario.model_validate(today)


def _drawn(made: Scenario) -> tuple[Scenario, Any]:
    return made, draw(made, seed=11)
