"""Agents of a roster: who comes when, what takes them off the phones, and that their time adds up."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from scipy.stats import multivariate_normal, norm

from sim.calls import AgentLog, State
from sim.chance import Tape, draw
from sim.chance.presence import presence
from sim.engines import simulate
from sim.measures import MEASURES
from sim.scenario.errors import ScenarioError
from sim.scenario.merge import build
from sim.scenario.rota import ON_PHONES, rota
from sim.scenario.scenario import Scenario
from sim.scenario.units import ticks
from sim.tally import Work, tally
from tests.strategies import cases

HOUR = ticks(3600.0)
DESK: dict[str, Any] = {
    "name": "desk",
    "calendar": {"start": date(2026, 3, 9), "opens": "08:00", "closes": "20:00", "interval": "30m"},
    "call_types": [
        {
            "name": name, "arrivals": {"per_hour": 30}, "talk": {"exponential": {"mean": 180}},
            "patience": {"exponential": {"mean": 120}},
        }
        for name in ("questions", "orders")
    ],
    "groups": [{"name": "desk", "skills": ["questions", "orders"]}],
    "shifts": [{"name": "early", "from": "08:00", "to": "16:00"}, {"name": "late", "from": "12:00", "to": "20:00"}],
    "teams": [{"name": "red", "group": "desk", "agents": {"early": 3, "late": 3}}],
}  # fmt: skip


def desk(**parts: Any) -> Scenario:
    return Scenario.model_validate(DESK | parts)


def shift(**parts: Any) -> list[dict[str, Any]]:
    return [{"name": "early", "from": "08:00", "to": "16:00"} | parts, DESK["shifts"][1]]


def day_of(scenario: Scenario, replication: int = 0) -> AgentLog:
    found = simulate(scenario, draw(scenario, seed=1, replication=replication)).agents
    assert found is not None
    return found


def in_state(agents: AgentLog, *states: State) -> np.ndarray[Any, Any]:
    """Ticks that each agent spends in one of these states, shape (agents,)."""
    there = np.isin(agents.state, states)
    return np.bincount(agents.agent, (agents.until - agents.since) * there)


# -- the plan ----------------------------------------------------------------------------------------------------------


def test_everybody_is_there_from_the_begin_of_his_shift_to_its_end():
    agents = day_of(desk())
    for agent in range(6):
        own = agents.agent == agent
        since, until = (8, 16) if agent < 3 else (12, 20)
        assert agents.since[own].min() == since * HOUR
        assert agents.until[own & (agents.finishing == 0)].max() == until * HOUR


def test_agents_who_are_all_there_all_day_are_as_good_as_counted_heads():
    shifts = [{"name": "all day", "from": "08:00", "to": "20:00"}]
    named = desk(shifts=shifts, teams=[{"name": "red", "group": "desk", "agents": 4, "shift": "all day"}])
    counted = desk(shifts=[], teams=[], groups=[DESK["groups"][0] | {"agents": 4}])
    tape = draw(counted, seed=1, replication=0)
    one = simulate(counted, tape)
    other = simulate(named, draw(named, seed=1, replication=0))
    assert one.calls == other.calls
    assert one.agents is not None and other.agents is not None
    assert np.array_equal(in_state(one.agents, State.IDLE, State.TALK), in_state(other.agents, State.IDLE, State.TALK))


def test_breaks_are_taken_when_they_are_due_and_last_as_long_as_planned():
    breaks = [{"at": "10:00", "lasts": "15m"}, {"kind": "lunch", "at": "12:00", "lasts": "30m"}]
    agents = day_of(desk(shifts=shift(breaks=breaks)))
    for agent in range(3):
        own = agents.agent == agent
        for state, since, lasts in ((State.BREAK, 10, 0.25), (State.LUNCH, 12, 0.5)):
            at = own & (agents.state == state)
            assert at.sum() == 1 and (agents.until - agents.since)[at][0] == lasts * HOUR
            assert since * HOUR <= agents.since[at][0] < (since + 1) * HOUR  # what is in hand is finished first


def test_a_meeting_that_begins_late_ends_on_time_and_a_break_does_not():
    talk = {"deterministic": {"value": 3540}}
    types = [DESK["call_types"][0] | {"talk": talk, "arrivals": {"per_hour": 60}}, DESK["call_types"][1]]
    for kind, lasts in (("meeting", 0.5 * HOUR), ("break", HOUR)):
        breaks = [{"kind": kind, "at": "10:00", "lasts": "1h"}]
        agents = day_of(desk(call_types=types, shifts=shift(breaks=breaks)))
        at = agents.state == State[kind.upper()]
        assert at.any()
        late = agents.since[at] > 10 * HOUR
        assert late.any()
        ends = agents.until[at][late]
        assert np.all(ends == 11 * HOUR) if kind == "meeting" else np.all(ends - agents.since[at][late] == lasts)


def test_lunch_within_a_window_is_laid_out_so_that_no_more_than_allowed_are_away():
    lunch = {"kind": "lunch", "between": ["11:00", "14:00"], "lasts": "30m", "at_once": 1}
    scenario = desk(shifts=shift(breaks=[lunch]))
    away = [(part.since, part.until) for planned in rota(scenario) for part in planned.parts if part.does == "lunch"]
    assert len(away) == 3
    assert all(one[1] <= other[0] or other[1] <= one[0] for at, one in enumerate(away) for other in away[at + 1 :])
    with pytest.raises(ScenarioError, match=r'lunch of group "desk": more than 1 would have to be away at once'):
        desk(shifts=shift(breaks=[lunch | {"between": ["11:00", "12:00"]}]))


def test_a_shift_over_midnight_works_into_the_next_day():
    calendar = DESK["calendar"] | {"opens": "00:00", "closes": "24:00", "days": 2}
    shifts = [{"name": "night", "from": "22:00", "to": "06:00", "breaks": [{"at": "02:00", "lasts": "30m"}]}]
    scenario = desk(
        calendar=calendar, shifts=shifts, teams=[],
        agents=[{"name": "Ann", "group": "desk", "shifts": {"2026-03-08": "night", "2026-03-09": "night"}}],
    )  # fmt: skip
    there = [(part.since // HOUR, part.until // HOUR) for planned in rota(scenario) for part in planned.parts]
    assert there == [(0, 2), (2, 2), (2, 6), (22, 26), (26, 26), (26, 30)]


def test_nobody_is_there_before_he_is_hired():
    agents = [{"name": f"new {day}", "group": "desk", "shift": "early", "hired": date(2026, 3, day)} for day in (8, 10, 11)]
    scenario = desk(calendar=DESK["calendar"] | {"days": 2}, teams=[], agents=agents)
    assert [(planned.person, planned.day) for planned in rota(scenario)] == [(0, 0), (0, 1), (1, 1)]


# -- chance ------------------------------------------------------------------------------------------------------------


def _absent(scenario: Scenario, days: int) -> np.ndarray[Any, Any]:
    """Who does not come at all: bool, shape (days, agents)."""
    found = []
    for replication in range(days):
        drawn = presence(scenario, seed=1, replication=replication)
        found.append([int(State.IDLE) not in drawn.steps[a:b, 1] for a, b in zip(drawn.first, drawn.first[1:], strict=False)])
    return np.array(found)


@pytest.mark.slow
@pytest.mark.parametrize("together", [0.0, 0.4, 1.0])
def test_as_many_are_absent_as_the_scenario_says_and_as_often_together(together: float):
    """Seed 1, 8,000 days: within 3.5 standard errors of a share of 10 %, and of the bivariate normal of a one-factor copula."""
    scenario, days = desk(attendance={"absent": 0.1, "together": together}), 8000
    absent = _absent(scenario, days)
    assert abs(absent[:, 0].mean() - 0.1) < 3.5 * np.sqrt(0.1 * 0.9 / days)
    z = norm.ppf(0.1)
    both = multivariate_normal([0, 0], [[1, together], [together, 1]], allow_singular=True).cdf([z, z])
    assert abs((absent[:, 0] & absent[:, 4]).mean() - both) < 3.5 * np.sqrt(both * (1 - both) / days)


def test_absence_of_one_team_says_nothing_about_another():
    teams = [{"name": name, "group": "desk", "agents": 1, "shift": "early"} for name in ("red", "blue")]
    absent = _absent(desk(teams=teams, attendance={"absent": 0.3, "together": 1.0}), 2000)
    both = (absent[:, 0] & absent[:, 1]).mean()
    assert abs(both - 0.09) < 3.5 * np.sqrt(0.09 * 0.91 / 2000)  # seed 1


def test_another_agent_or_team_moves_nobody():
    attendance = {"absent": 0.2, "late": 0.3, "off": 1.0, "late_by": {"exponential": {"mean": 600}}}
    few = desk(attendance=attendance)
    teams = [*DESK["teams"], {"name": "blue", "group": "desk", "agents": 2, "shift": "early"}]
    more = desk(attendance=attendance, teams=teams, agents=[{"name": "Ann", "group": "desk", "shift": "late"}])
    for replication in range(20):
        before, after = (presence(one, seed=1, replication=replication) for one in (few, more))
        at, own = more_names(more).index("red 1"), before.steps[: before.first[6]]
        assert np.array_equal(after.steps[after.first[at] : after.first[at + 6]], own)


def more_names(scenario: Scenario) -> list[str]:
    from sim.scenario.roster import individuals

    return [one.name for one in individuals(scenario)]


def test_who_is_late_comes_later_and_off_the_phones_is_as_often_as_said():
    late_by, off_for = {"deterministic": {"value": 900}}, {"deterministic": {"value": 60}}
    attendance = {"late": 1.0, "late_by": late_by, "off": 2.0, "off_for": off_for}
    scenario, off, hours = desk(attendance=attendance), 0, 0.0
    for replication in range(100):
        agents = day_of(scenario, replication)
        late = agents.state == State.ABSENT
        assert late.sum() == 6 and np.all((agents.until - agents.since)[late] == ticks(900.0))
        off += int((agents.state == State.OFF_PHONES).sum())
        hours += 6 * (8 - 0.25)
    expected = hours * 2 / (1 + 2 / 60)  # the next time is drawn from the end of the last on
    assert abs(off - expected) < 4 * np.sqrt(expected)  # seed 1; who is busy passes over what is over when he has finished


def test_breaks_overrun_by_what_is_drawn():
    breaks = [{"at": "10:00", "lasts": "15m"}]
    agents = day_of(desk(shifts=shift(breaks=breaks), attendance={"overrun": {"deterministic": {"value": 120}}}))
    at = agents.state == State.BREAK
    assert at.sum() == 3 and np.all((agents.until - agents.since)[at] == ticks(1020.0))


# -- time --------------------------------------------------------------------------------------------------------------


@given(cases())
def test_the_time_of_everybody_adds_up_tick_by_tick(case: tuple[Scenario, Tape]):
    """Of each agent: no gap and no overlap within a shift, nothing outside it but finishing, all of it in the counts."""
    scenario, tape = case
    day = simulate(scenario, tape)
    agents = day.agents
    assert agents is not None
    steps, begins = tape.presence.steps, tape.presence.first
    people = len(tape.presence)
    for person in range(people):
        agent = _first_person(scenario, people) + person
        own = np.flatnonzero(agents.agent == agent)
        assert np.all(agents.since[own][1:] >= agents.until[own][:-1])
        mine = steps[begins[person] : begins[person + 1]]
        for gap in np.flatnonzero(agents.since[own][1:] > agents.until[own][:-1]):
            left, back = agents.until[own][gap], agents.since[own][gap + 1]
            assert np.any((mine[:, 1] == -1) & (mine[:, 0] <= left))  # he had gone
            assert np.any(mine[:, 0] <= back)
    work = tally(day).agents
    assert work is not None
    sums = work.sum(axis=(0, 1, 2))
    length, roster = agents.until - agents.since, agents.state > State.WRAP_UP
    assert sums[[Work.ABSENT, Work.ON_BREAK, Work.NOT_READY]].sum() == length[roster].sum()
    assert sums[Work.PAID_AWAY] == length[roster & (agents.paid == 1)].sum()
    assert sums[Work.ON_PHONES] == length[~roster].sum()


def _first_person(scenario: Scenario, people: int) -> int:
    from sim.engines.plan import plan

    return int(plan(scenario).agent_at[-1]) - people


def test_what_is_paid_is_the_shift_less_lunch_and_what_is_finished_after_it():
    breaks = [{"at": "10:00", "lasts": "15m"}, {"kind": "lunch", "at": "12:00", "lasts": "30m"}]
    scenario = desk(shifts=shift(breaks=breaks), activities=[{"name": "talk", "at": "14:00", "lasts": "20m", "paid": False}])
    day = simulate(scenario, draw(scenario, seed=1, replication=0))
    agents = day.agents
    assert agents is not None
    late = (agents.until - agents.since)[agents.finishing == 1].sum()
    away = np.isin(agents.state, (State.LUNCH, State.MEETING))
    unpaid = (agents.until - agents.since)[away].sum()
    assert 3 * ticks(1800.0) < unpaid <= 3 * ticks(1800.0) + 6 * ticks(1200.0)
    paid = MEASURES["paid_hours"](tally(day))
    assert paid == pytest.approx((6 * 8 * HOUR + late - unpaid) / HOUR, abs=1e-9)


def test_the_ladder_leads_from_rostered_to_on_the_phones():
    attendance = {"absent": 0.2, "off": 1.0}
    scenario = desk(shifts=shift(breaks=[{"at": "10:00", "lasts": "15m"}]), attendance=attendance)
    counts = tally(simulate(scenario, draw(scenario, seed=1, replication=0)))
    names = ("rostered", "absent", "break", "not_ready", "phone", "finishing")
    hours = {name: MEASURES[f"{name}_hours"](counts) for name in names}
    assert hours["rostered"] == pytest.approx(48 + hours["finishing"])
    assert hours["rostered"] - hours["absent"] - hours["break"] - hours["not_ready"] == pytest.approx(hours["phone"])
    came = MEASURES["attendance"](counts)
    assert came == pytest.approx(1 - hours["absent"] / hours["rostered"])


def test_without_a_roster_nothing_is_known_of_attendance():
    counted = desk(shifts=[], teams=[], groups=[DESK["groups"][0] | {"agents": 4}])
    assert np.isnan(MEASURES["attendance"](tally(simulate(counted, draw(counted, seed=1, replication=0)))))


def test_expected_heads_of_a_roster_are_those_on_the_phones():
    from experiments.expected import heads_by_interval

    breaks = [{"at": "10:00", "lasts": "15m"}]
    heads = heads_by_interval(desk(shifts=shift(breaks=breaks), attendance={"absent": 0.1}))["desk"]
    assert heads[:4] == pytest.approx([2.7] * 4)
    assert heads[4] == pytest.approx(1.35)
    assert heads[9:16] == pytest.approx([5.4] * 7)
    planned = sum(part.until - part.since for one in rota(desk()) for part in one.parts if part.does == ON_PHONES)
    assert planned == 48 * HOUR


# -- what is refused ---------------------------------------------------------------------------------------------------

WRONG = [
    ({"teams": [{"name": "red", "group": "dest", "agents": 1, "shift": "early"}]}, r'teams\.red\.group.*did you mean "desk"'),
    ({"teams": [{"name": "red", "group": "desk", "agents": 1, "shift": "erly"}]}, r'teams\.red\.shift.*did you mean "early"'),
    ({"teams": [{"name": "red", "group": "desk", "agents": {"erly": 1}}]}, r'teams\.red\.agents.*did you mean "early"'),
    ({"agents": [{"name": "Ann", "team": "read"}]}, r'agents\.Ann\.team.*did you mean "red"'),
    ({"agents": [{"name": "Ann"}]}, r"agents\.Ann: needs a group or a team"),
    ({"agents": [{"name": "Ann", "team": "red"}] * 2}, r"Ann"),
    ({"agents": [{"name": "Ann", "team": "red", "skills": {"order": 1}}]}, r'agents\.Ann\.skills.*did you mean "orders"'),
    ({"agents": [{"name": "Ann", "team": "red", "skills": {"orders": 6}}]}, r"agents\.Ann\.skills\.orders"),
    ({"agents": [{"name": "Ann", "team": "red", "shifts": {"someday": "early"}}]}, r"agents\.Ann\.shifts\.someday.*weekday"),
    ({"agents": [{"name": "Ann", "team": "red", "shift": ["early", "late"]}]}, r'shifts "early" and "late" overlap'),
    ({"shifts": shift(breaks=[{"at": "16:00", "lasts": "15m"}])}, r"must lie within the shift, 08:00 to 16:00"),
    ({"shifts": shift(breaks=[{"at": "10:00", "lasts": "15m"}, {"at": "10:10", "lasts": "15m"}])}, r"two breaks overlap"),
    ({"shifts": shift(breaks=[{"between": ["10:00", "10:10"], "lasts": "15m"}])}, r"do not fit between 10:00 to 10:10"),
    ({"groups": [DESK["groups"][0] | {"agents": {"counts": "rostered", "per_interval": 1, "shrinkage": 0.3}}]}, r"them twice"),
    ({"teams": []}, r"groups\.desk\.agents: is missing"),
    ({"activities": [{"name": "talk", "at": "10:00", "lasts": "1h", "teams": ["blue"]}]}, r'activities\.talk\.teams.*"blue"'),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "said"), WRONG, ids=[said for _, said in WRONG])
def test_what_makes_no_sense_is_refused_with_its_place(parts: dict[str, Any], said: str):
    with pytest.raises(ScenarioError, match=said):
        build(DESK | parts)


def test_what_the_page_shows_is_read():
    page = (Path(__file__).resolve().parent.parent / "docs" / "people.md").read_text(encoding="utf-8")
    shown = tomllib.loads(page.split("```toml\n")[1].split("```")[0])
    types = [DESK["call_types"][0] | {"name": name} for name in ("billing", "orders")]
    scenario = build({"name": "page", "calendar": DESK["calendar"] | {"days": 6}, "call_types": types} | shown)
    assert len(draw(scenario, seed=1, replication=0).presence) == 25
