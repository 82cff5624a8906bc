"""Agents who need time to pick up, or do not answer: exact days, what is measured, a known mean, what is taken away."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from experiments.causes import causes
from sim.calls import NONE, Day, Outcome, State
from sim.chance import draw
from sim.chance.presence import presence
from sim.chance.tape import tape_of
from sim.engines import count, simulate
from sim.engines.plan import plan
from sim.engines.witness import Witness
from sim.measures import MEASURES
from sim.scenario.errors import ScenarioError
from sim.scenario.merge import build
from sim.scenario.scenario import Scenario
from sim.scenario.units import NEVER, ticks
from sim.tally import Measuring, Tally, Work, side_by_side, tally
from tests.test_compiled import assert_same
from tests.test_theory import assert_within

S, EIGHT = ticks(1.0), 8 * 3600
KIND = {"arrivals": 0, "talk": {"deterministic": {"value": 60}}, "patience": "never"}
DEAF, SLOW = {"no_answer": 1.0, "rings": "20s", "away_for": "60s"}, {"pick_up": "5s"}
SHIFT = {"name": "day", "from": "08:00", "to": "10:00"}


def desk(*attendance: dict[str, Any], shift: dict[str, Any] = SHIFT, **parts: Any) -> Scenario:
    """A desk with one agent for each way of answering; who is idle as long as another goes in their order."""
    teams = [
        {"name": f"team {at}", "group": "desk", "agents": 1, "shift": "day", "attendance": given}
        for at, given in enumerate(attendance)
    ]
    base = {
        "name": "desk", "calendar": {"start": date(2026, 3, 9), "opens": "08:00", "closes": "10:00", "interval": "1h"},
        "call_types": [{"name": "a"} | KIND], "groups": [{"name": "desk", "skills": ["a"]}], "shifts": [shift], "teams": teams,
    }  # fmt: skip
    return build(base | parts)


def run(scenario: Scenario, at: list[float], patience: dict[int, float] | None = None) -> Day:
    """Calls at so many seconds after eight, which talk for a minute; both engines, which must agree."""
    zero = np.zeros(len(at), np.int64)
    patient = zero + NEVER
    for call, seconds in (patience or {}).items():
        patient[call] = round(seconds * S)
    tape = tape_of(
        seed=1, replication=0, presence=presence(scenario, seed=1, replication=0), number=np.arange(len(at)),
        key=np.arange(1, len(at) + 1, dtype=np.uint64), stream=zero, call_type=zero, label=zero.reshape(-1, 1)[:, :0],
        surge=zero - 1, arrival=np.array([round((EIGHT + one) * S) for one in at], np.int64), ivr=zero, fate=zero,
        via=zero - 1, balks=zero, talk=zero + 60 * S, wrap=zero, patience=patient, waited=zero,
    )  # fmt: skip
    return assert_same(scenario, tape)


def seconds(given: Any) -> list[float]:
    """Seconds after eight; -1 for what did not happen."""
    return [tick / S - EIGHT if tick != NONE else -1.0 for tick in given.tolist()]


def stretches(day: Day, agent: int = 0) -> list[tuple[str, float, float]]:
    """What the agent does but being idle: name, from, to; what is finished late ends in "late"."""
    one = day.agents
    assert one is not None
    own = np.flatnonzero((one.agent == agent) & (one.state != State.IDLE))
    names = [State(one.state[at]).name.lower() + " late" * int(one.finishing[at]) for at in own]
    return list(zip(names, seconds(one.since[own]), seconds(one.until[own]), strict=True))


# -- picking up ----------------------------------------------------------------------------------------------------------


def test_who_needs_five_seconds_to_pick_up_answers_five_seconds_later_also_from_the_queue():
    day = run(desk(SLOW), [0, 1])
    assert seconds(day.calls.answer) == [5, 70] and day.calls.rang.tolist() == [0, 0]
    assert stretches(day) == [("ring", 0, 5), ("talk", 5, 65), ("ring", 65, 70), ("talk", 70, 130)]


def test_who_is_being_rung_does_not_hang_up_nor_count_in_the_queue():
    overflow = [{"groups": ["other"], "waiting": 2}]
    groups = [{"name": "desk", "skills": ["a"]}, {"name": "other", "skills": ["a"], "agents": 1}]
    scenario = desk(SLOW, groups=groups, call_types=[{"name": "a"} | KIND | {"groups": ["desk"], "overflow": overflow}])
    day = run(scenario, [0, 1], {0: 2})
    assert seconds(day.calls.answer) == [5, 70]  # one waits when the other comes: the third would be taken elsewhere
    assert seconds(run(scenario, [0, 1, 2]).calls.answer) == [5, 70, 2]


def test_who_picks_up_at_once_is_as_good_as_who_is_not_asked_how():
    plain = desk({}, {}, call_types=[{"name": "a", "arrivals": {"per_hour": 60}, "talk": "2m"}])
    said = {"pick_up": 0, "no_answer": 0, "rings": "5s", "away_for": "9m"}
    asked = desk(said, said, call_types=[{"name": "a", "arrivals": {"per_hour": 60}, "talk": "2m"}])
    assert simulate(plain, draw(plain, seed=1)) == simulate(asked, draw(asked, seed=1))


# -- in vain -------------------------------------------------------------------------------------------------------------


def test_who_rang_in_vain_stands_at_his_old_place_before_later_callers():
    day = run(desk(DEAF, {}), [0, 5, 10])
    assert seconds(day.calls.answer) == [65, 5, 125] and day.calls.rang.tolist() == [1, 0, 1]
    assert stretches(day) == [("ring", 0, 20), ("off_phones", 20, 80), ("ring", 80, 100), ("off_phones", 100, 160)]
    assert MEASURES["no_answer_rate"](tally(day)) == pytest.approx(2 / 5)


def test_who_rang_in_vain_is_taken_at_once_by_who_is_free():
    day = run(desk(DEAF, {}), [0])
    assert seconds(day.calls.answer) == [20] and day.calls.agent.tolist() == [1]


@pytest.mark.parametrize(("patience", "end", "outcome"), [
    (19, 20, Outcome.ABANDONED), (20, 80, Outcome.ANSWERED), (70, 80, Outcome.ANSWERED),
])  # fmt: skip
def test_patience_that_ends_while_it_rings_ends_the_call_when_it_has_rung_in_vain(patience: float, end: float, outcome: Outcome):
    day = run(desk(DEAF, {}), [0], {0: patience})
    assert seconds(day.calls.end) == [end] and day.calls.outcome.tolist() == [outcome]


@pytest.mark.parametrize(("patience", "end"), [(19, 20), (20, 20), (21, 21), (79, 79), (81, 100)])
def test_patience_runs_from_when_he_first_asked(patience: float, end: float):
    """At 80 the agent is back, and it rings in vain again until 100."""
    day = run(desk(DEAF), [0], {0: patience})
    assert seconds(day.calls.end) == [end] and day.calls.outcome.tolist() == [Outcome.ABANDONED]


def test_overflow_goes_on_where_it_was():
    groups = [{"name": "desk", "skills": ["a"]}, {"name": "other", "skills": ["a"], "agents": 1}]
    for after, answer in (("10s", 20), ("30s", 30)):
        kind = {"name": "a"} | KIND | {"groups": ["desk"], "overflow": [{"groups": ["other"], "after": after}]}
        assert seconds(run(desk(DEAF, groups=groups, call_types=[kind]), [0]).calls.answer) == [answer]


def test_a_caller_who_never_gives_up_rings_thousands_of_times_and_there_is_room_for_it():
    day = run(desk(DEAF | {"rings": "1s", "away_for": 0}, DEAF | {"rings": "2s", "away_for": "3s"}), [0])
    assert day.calls.rang.tolist()[0] > 7000 and day.calls.outcome.tolist() == [Outcome.STILL_THERE]


# -- plans -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "after"), [(DEAF, []), ({"pick_up": "20s"}, [("talk late", 70, 130)])])
def test_a_shift_that_ends_while_it_rings_ends_when_it_has_rung_and_ringing_is_not_finishing(given: Any, after: Any):
    day = run(desk(given, shift=SHIFT | {"to": "08:01"}), [50], {0: 40})
    assert stretches(day) == [("ring", 50, 70), *after]


def test_a_break_that_is_due_while_he_is_off_or_while_it_rings_begins_then():
    with_break = SHIFT | {"breaks": [{"at": "08:01", "lasts": "5m"}]}
    off = run(desk(DEAF, shift=with_break), [0], {0: 20})
    assert stretches(off) == [("ring", 0, 20), ("off_phones", 20, 60), ("break", 60, 360)]
    ringing = run(desk(DEAF, shift=with_break), [50], {0: 20})
    assert stretches(ringing) == [("ring", 50, 70), ("break", 70, 370)]


def test_who_is_being_rung_at_closing_is_answered_or_sent_away_with_the_others():
    calendar = {"start": date(2026, 3, 9), "opens": "08:00", "closes": "10:00", "interval": "1h"}
    day = run(desk({"pick_up": "20s"}, calendar=calendar), [7190])
    assert seconds(day.calls.answer) == [7210] and stretches(day)[0] == ("ring", 7190, 7210)
    day = run(desk({"pick_up": "20s"}, calendar=calendar | {"after_closing": "drop"}), [7190])
    assert day.calls.outcome.tolist() == [Outcome.STILL_THERE] and day.calls.agent.tolist() == [NONE]
    assert seconds(day.calls.end) == [7200] and stretches(day) == [("ring", 7190, 7210)]


def test_work_and_the_further_agents_of_a_call_are_taken_at_once():
    day = run(desk(DEAF, call_types=[{"name": "a"} | KIND | {"contact": "work"}]), [3])
    assert seconds(day.calls.answer) == [3]
    on = [{"name": "on", "to": "a", "chance": 1.0}]
    day = run(desk({"pick_up": "5s"}, call_types=[{"name": "a"} | KIND | {"transfers": on}]), [0])
    assert day.legs is not None and len(day.legs) == 8
    assert [name for name, _, _ in stretches(day)].count("ring") == 1


# -- in the mean -------------------------------------------------------------------------------------------------------


def _days(scenario: Scenario, replications: int, warm_up: float = 0.0) -> Tally:
    measuring = Measuring(window=(warm_up, scenario.calendar.closes))
    return side_by_side([count(scenario, draw(scenario, seed=21, replication=i), measuring) for i in range(replications)])


def _one_agent(rate: float, **attendance: Any) -> Scenario:
    return desk(
        attendance, shift=SHIFT | {"from": "00:00", "to": "24:00"},
        calendar={"start": date(2026, 3, 9), "opens": "00:00", "closes": "24:00", "interval": "1h"},
        call_types=[{"name": "a"} | KIND | {"arrivals": {"per_hour": rate}, "talk": {"exponential": {"mean": 120}}}],
    )  # fmt: skip


@pytest.mark.slow
def test_one_agent_who_picks_up_slowly_is_a_queue_with_longer_service():
    """Pollaczek-Khinchine: the wait of M/G/1 with service = 30 s + exponential talk, and 30 s of ringing; seed 21."""
    rate, second = 15 / 3600, 30**2 + 2 * 30 * 120 + 2 * 120**2
    wait = rate * second / (2 * (1 - rate * 150))
    counted = _days(_one_agent(15.0, pick_up="30s"), replications=600, warm_up=7200.0)
    assert_within(counted, "asa", wait + 30)
    assert_within(counted, "occupancy", rate * 120)
    assert counted.agents is not None


def test_as_many_rings_are_in_vain_as_the_scenario_says():
    counted = _days(_one_agent(10.0, no_answer=0.2, away_for="20s"), replications=40)
    assert_within(counted, "no_answer_rate", 0.2)


def test_while_it_rings_he_is_on_the_phones_and_after_it_off_them_and_paid():
    counted = tally(run(desk(DEAF, {}), [0, 5, 10]))
    assert counted.agents is not None
    work = counted.agents.sum(axis=(0, 1, 2))
    assert work[Work.NOT_READY] == 120 * S and work[Work.TALK] == 180 * S
    assert work[Work.ON_PHONES] == (2 * 7200 - 120) * S and work[Work.PAID] == 2 * 7200 * S


# -- said, told, taken away --------------------------------------------------------------------------------------------


def test_what_makes_no_sense_is_refused_with_its_place():
    with pytest.raises(ScenarioError, match=r"teams\.team 0\.attendance\.rings: must be longer than 0"):
        desk(DEAF | {"rings": 0})
    with pytest.raises(ScenarioError, match=r"attendance\.no_answer"):
        desk(attendance={"no_answer": 1.2})


def test_a_caller_is_told_where_it_rang_and_that_nobody_answered():
    kind = [{"name": "a", "arrivals": {"per_hour": 6}, "talk": 60}]
    scenario = desk(DEAF, {"pick_up": "5s"}, call_types=kind)
    tape = draw(scenario, seed=1)
    witness = Witness(plan(scenario), tape, int(tape.number[0]))
    assert witness.run() == simulate(scenario, tape)
    story = "\n".join(step.show() for step in witness.story)
    assert "rings at team 0 1 of desk" in story and "nobody answers: back at the old place after 20s" in story
    assert "is answered by team 1 1 of desk after 25s" in story


def test_without_the_cause_awareness_everybody_answers_at_once_and_comes_as_before():
    scenario = desk(DEAF | {"absent": 0.1}, {}, attendance={"pick_up": "5s", "late": 0.2})
    (cause,) = [one for one in causes(scenario) if one.name == "awareness"]
    without = cause.without(scenario)
    of_team = without.teams[0].attendance
    assert of_team is not None and (of_team.no_answer, of_team.absent) == (0.0, 0.1)
    assert without.attendance.late == 0.2 and without.attendance == scenario.attendance.replace(pick_up=0.0)
    assert not any(simulate(without, draw(without, seed=1)).calls.rang)
