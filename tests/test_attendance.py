"""Who of a roster is there is drawn, and the time of everybody adds up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from scipy.stats import multivariate_normal, norm

from sim.calls import State
from sim.chance import Tape, draw
from sim.chance.presence import presence
from sim.engines import simulate
from sim.measures import MEASURES
from sim.scenario.errors import ScenarioError
from sim.scenario.rota import ON_PHONES, rota
from sim.scenario.scenario import Scenario
from sim.scenario.units import ticks
from sim.tally import Work, tally
from tests.people_desk import DESK, HOUR, day_of, desk, shift
from tests.strategies import cases

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
    length, roster = agents.until - agents.since, (agents.state > State.WRAP_UP) & (agents.state != State.RING)
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
    assert MEASURES["present_hours"](counts) == pytest.approx(hours["rostered"] - hours["absent"])
    assert MEASURES["idle_hours"](counts) == pytest.approx(hours["phone"] * (1 - MEASURES["occupancy"](counts)))
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


def test_attendance_is_of_groups_with_a_roster_and_a_team_may_work_two_shifts_a_day():
    groups = [DESK["groups"][0], {"name": "others", "skills": ["questions"], "agents": 5}]
    shifts = [{"name": "M", "from": "08:00", "to": "12:00"}, {"name": "A", "from": "14:00", "to": "18:00"}]
    teams = [{"name": "red", "group": "desk", "agents": {"M+A": 2, "M": 1}}]
    scenario = desk(groups=groups, shifts=shifts, teams=teams)
    counted = tally(simulate(scenario, draw(scenario, seed=1, replication=0)))
    finishing = MEASURES["finishing_hours"](counted, group="desk")
    assert MEASURES["rostered_hours"](counted) == pytest.approx(20 + finishing)
    assert np.isnan(MEASURES["attendance"](counted, group="others"))
    with pytest.raises(ScenarioError, match=r'teams\.red\.agents\.M\+B: no shift "B"'):
        desk(groups=groups, shifts=shifts, teams=[{"name": "red", "group": "desk", "agents": {"M+B": 2}}])
