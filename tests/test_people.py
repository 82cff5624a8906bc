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
from sim.measures import MEASURES, Cut
from sim.scenario.errors import ScenarioError
from sim.scenario.merge import build
from sim.scenario.rota import ON_PHONES, rota
from sim.scenario.scenario import Scenario
from sim.scenario.units import DAY, ticks
from sim.tally import Measuring, Work, tally
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


def test_explain_prices_absence_breaks_and_hours_of_real_shifts():
    from experiments.causes import causes
    from experiments.expected import heads_by_interval

    breaks = [{"at": "10:00", "lasts": "30m"}]
    attendance = {"absent": 0.1, "off": 1.0}
    talk = {"name": "talk", "at": "13:00", "lasts": "1h"}
    scenario = desk(shifts=shift(breaks=breaks), attendance=attendance, activities=[talk])
    found = {cause.name: cause.without(scenario) for cause in causes(scenario)}
    hours = {name: heads_by_interval(one)["desk"].sum() / 2 for name, one in found.items()}
    today = heads_by_interval(scenario)["desk"].sum() / 2
    assert today == pytest.approx((48 - 3 * 0.5 - 6) * 0.9)
    assert hours["absence"] == pytest.approx(today / 0.9) and hours["breaks"] == pytest.approx(48 * 0.9)
    assert hours["hours"] == pytest.approx(today) and not found["hours"].teams
    both = {cause.name: cause for cause in causes(scenario)}["hours"].without(found["absence"])
    assert heads_by_interval(both)["desk"].sum() / 2 == pytest.approx(today / 0.9)
    assert found["adherence"].attendance.off == 0 and found["adherence"].attendance.absent == 0.1


# -- overtime ----------------------------------------------------------------------------------------------------------

ASKED = {"name": "evening", "from": "15:00", "to": "18:00", "agents": 2}


def staying(scenario: Scenario, replication: int = 0) -> list[float]:
    """Until when those of the early shift are on the phones, in hours, without what they finish."""
    agents = day_of(scenario, replication)
    planned = (agents.finishing == 0) & (agents.state != State.ABSENT)
    return sorted(float(agents.until[planned & (agents.agent == agent)].max(initial=0)) / HOUR for agent in range(3))


def test_as_many_stay_on_as_are_wanted_and_no_longer_than_they_may():
    assert staying(desk(overtime=[ASKED])) == [16, 18, 18]
    assert staying(desk(overtime=[ASKED | {"most": "1h"}])) == [16, 17, 17]
    assert staying(desk(overtime=[ASKED | {"accepted": 0.0}])) == [16, 16, 16]
    assert staying(desk(overtime=[ASKED | {"on": "tuesday"}])) == [16, 16, 16]


def test_overtime_is_paid_as_such():
    scenario = desk(overtime=[ASKED], costs={"wage": 20.0, "overtime_factor": 1.5})
    counted = tally(simulate(scenario, draw(scenario, seed=1, replication=0)))
    assert MEASURES["overtime_hours"](counted) == pytest.approx(4.0)
    paid = MEASURES["paid_hours"](counted)
    assert paid == pytest.approx(48 + 4 + MEASURES["finishing_hours"](counted))
    assert MEASURES["cost"](counted) == pytest.approx(20 * (paid + 0.5 * 4))


def test_who_is_absent_cannot_be_asked_and_each_accepts_with_that_chance():
    """Seed 1, 2,000 days: of three, one is wanted; he is found unless all are absent or decline, within 3.5 standard errors."""
    scenario = desk(overtime=[ASKED | {"agents": 1, "accepted": 0.4}], attendance={"absent": 0.2})
    found = [presence(scenario, seed=1, replication=i).overtime.sum() > 0 for i in range(2000)]
    exact = 1 - (1 - 0.8 * 0.4) ** 3
    assert abs(np.mean(found) - exact) < 3.5 * np.sqrt(exact * (1 - exact) / 2000)
    who = [np.array(staying(scenario, i)) for i in range(20)]
    assert all((one > 16).sum() <= 1 for one in who)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"agents": 4}, r"overtime\.evening\.agents: only 3 of these agents .* ends between 15:00 and 18:00"),
        ({"from": "09:00", "to": "12:00"}, "only 0 of these agents"),
        ({"notice": "8h"}, "only 0 of these agents"),
        ({"teams": ["blue"]}, r'overtime\.evening\.teams.*"blue"'),
        ({"to": "14:00"}, "to must be after from"),
    ],
)
def test_overtime_of_people_who_are_not_there_is_refused(asked: dict[str, Any], said: str):
    with pytest.raises(ScenarioError, match=said):
        build(DESK | {"overtime": [ASKED | asked]})


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


# -- days --------------------------------------------------------------------------------------------------------------


def test_no_shift_begins_on_a_day_on_which_the_center_is_closed():
    closed = [{"name": "holiday", "on": "2026-03-10", "closed": True}]
    scenario = desk(calendar=DESK["calendar"] | {"days": 3}, special_days=closed, overtime=[ASKED])
    assert sorted({planned.day for planned in rota(scenario)}) == [0, 2]
    counted = tally(simulate(scenario, draw(scenario, seed=1, replication=0)))
    assert MEASURES["paid_hours"].parts(counted, Cut())[0][1] == 0
    assert MEASURES["rostered_hours"](counted) == pytest.approx(48 + 4 + MEASURES["finishing_hours"](counted))


def test_what_follows_the_last_day_is_no_part_of_a_night_shift():
    calendar = DESK["calendar"] | {"opens": "00:00", "closes": "24:00"}
    shifts = [{"name": "night", "from": "22:00", "to": "06:00"}]
    scenario = desk(calendar=calendar, shifts=shifts, teams=[{"name": "red", "group": "desk", "agents": 2, "shift": "night"}])
    there = [(part.since // HOUR, part.until // HOUR) for planned in rota(scenario) for part in planned.parts]
    assert there == [(0, 6), (22, 24)] * 2
    counted = tally(simulate(scenario, draw(scenario, seed=1, replication=0)))
    rostered = MEASURES["rostered_hours"](counted)
    assert 16 <= rostered < 16.25  # who is there at midnight stays until nobody waits


def test_an_activity_after_midnight_is_in_the_shift_that_began_at_noon():
    calendar = DESK["calendar"] | {"opens": "00:00", "closes": "24:00", "days": 2}
    shifts = [{"name": "long", "from": "13:00", "to": "01:30"}]
    scenario = desk(
        calendar=calendar, shifts=shifts, teams=[{"name": "red", "group": "desk", "agents": 1, "shift": "long"}],
        activities=[{"name": "talk", "at": "01:10", "lasts": "10m"}],
    )  # fmt: skip
    talks = [part.since for planned in rota(scenario) for part in planned.parts if part.does == "meeting"]
    assert talks == [round(1.1666667 * 3600) * 1_000_000, DAY + round(1.1666667 * 3600) * 1_000_000]


def test_a_meeting_during_a_break_is_the_shorter_or_left_out_and_a_break_is_taken_later():
    breaks = [{"at": "10:00", "lasts": "15m"}]
    for lasts, left in (("15m", []), ("30m", [(10.25, 10.5)])):
        scenario = desk(shifts=shift(breaks=breaks), activities=[{"name": "talk", "at": "10:00", "lasts": lasts}])
        first = rota(scenario)[0].parts
        assert [(part.since / HOUR, part.until / HOUR) for part in first if part.does == "meeting"] == left
    scenario = desk(shifts=shift(breaks=breaks), activities=[{"name": "talk", "at": "09:50", "lasts": "20m"}])
    rests = [(part.since / HOUR, part.until / HOUR) for part in rota(scenario)[0].parts if part.does == "break"]
    assert rests == [(pytest.approx(10 + 1 / 6), pytest.approx(10 + 5 / 12))]


def test_overtime_ends_where_the_next_shift_begins_and_is_counted_within_the_window():
    shifts = [{"name": "M", "from": "08:00", "to": "12:00"}, {"name": "A", "from": "13:00", "to": "17:00"}]
    asked = {"name": "noon", "from": "12:00", "to": "16:00", "agents": 2, "most": "4h"}
    scenario = desk(shifts=shifts, teams=[{"name": "red", "group": "desk", "agents": {"M+A": 2}}], overtime=[asked])
    day = simulate(scenario, draw(scenario, seed=1, replication=0))
    assert MEASURES["overtime_hours"](tally(day)) == pytest.approx(2.0)
    window = Measuring(window=(12.5 * 3600, 14 * 3600))
    assert MEASURES["overtime_hours"](tally(day, window)) == pytest.approx(1.0)


def test_a_listed_agent_may_not_have_the_name_of_one_who_is_counted():
    with pytest.raises(ScenarioError, match=r'agents\."?red 1"?: team "red" has an agent of that name'):
        desk(agents=[{"name": "red 1", "group": "desk", "shift": "early"}])


def test_who_never_works_or_can_do_nothing_is_said():
    from sim.scenario.consistency import warnings

    late = [{"name": f"new {n}", "team": "red", "shift": "early", "hired": date(2027, 1, 1)} for n in range(5)]
    idle = {"name": "Ann", "group": "desk", "shift": "early", "skills": {"orders": 0}}
    said = [str(one) for one in warnings(desk(agents=[*late, idle]))]
    assert any("teams.red: new 0, new 1, new 2 and 2 more: no shift on any day of the calendar" in one for one in said)
    assert any("agents.Ann: Ann: no skill of the group" in one for one in said)
