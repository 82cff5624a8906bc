"""Agents of a roster: who comes when, what takes them off the phones, and what is refused."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.calls import State
from sim.chance import draw
from sim.engines import simulate
from sim.measures import MEASURES, Cut
from sim.scenario.errors import ScenarioError
from sim.scenario.merge import build
from sim.scenario.rota import rota
from sim.scenario.units import DAY
from sim.tally import Measuring, tally
from tests.people_desk import ASKED, DESK, HOUR, day_of, desk, in_state, shift

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
