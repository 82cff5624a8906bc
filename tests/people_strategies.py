"""Random rosters of tiny centers for Hypothesis: shifts of a few ticks, breaks that touch, people who come late or not at all."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from sim.scenario.distributions import Empirical
from sim.scenario.overtime import Overtime
from sim.scenario.people import KINDS, Activity, Agent, Attendance, Away, Shift, Team
from tests.caller_strategies import TICK, ticks_of
from tests.handling_strategies import of_a_person

LAST = 48  # ticks; the day of 40 begins at 4


@st.composite
def rosters(draw: st.DrawFn, groups: list[str], skills: dict[str, list[str]], composed: bool) -> dict[str, Any]:
    """Nobody, or the parts of a scenario that say who works when; `composed` : handle times hang on who they are."""
    if not groups or draw(st.integers(0, 2)) == 0:
        return {}
    shifts = tuple(draw(_shift(f"shift {i}")) for i in range(draw(st.integers(1, 3))))
    codes = [shift.name for shift in shifts]
    types = sorted({name for known in skills.values() for name in known})
    like = of_a_person(types) if composed else st.just({})
    teams = tuple(
        Team(
            **draw(like),
            name=f"team {i}", group=draw(st.sampled_from(groups)), shift=draw(st.sampled_from(codes)),
            agents=draw(st.sampled_from([0, 1, 2, {codes[0]: 1, codes[-1]: 1}])),
            attendance=draw(st.one_of(st.none(), st.just(Attendance()), _attendance())),
        )
        for i in range(draw(st.integers(0, 2)))
    )  # fmt: skip
    agents = []
    for i in range(draw(st.integers(0, 4))):
        group = draw(st.sampled_from(groups))
        known = draw(st.lists(st.sampled_from(skills[group]), unique=True))
        agents.append(
            Agent(
                **draw(like),
                name=f"agent {i}", group=group, shift=draw(st.sampled_from([*codes, ()])),
                skills=draw(st.sampled_from([None, dict.fromkeys(known, 2)])),
                breaks=draw(st.sampled_from([None, None, ()])),
                shifts=draw(st.sampled_from([{}, {"friday": codes[0]}, {"2026-03-12": ()}])),
            )
        )  # fmt: skip
    activities = ()
    if draw(st.booleans()):
        activities = (Activity(name="meeting", kind=draw(st.sampled_from(KINDS)), **draw(_when())),)
    overtime = ()
    if draw(st.booleans()):
        since = draw(st.integers(6, LAST - 2))
        overtime = (Overtime.model_validate({
            "name": "more", "from": since * TICK, "to": draw(st.integers(since + 1, LAST + 6)) * TICK, "agents": 1,
            "accepted": draw(st.sampled_from([1.0, 0.5])), "most": draw(st.sampled_from([3, 40])) * TICK,
            "notice": draw(st.sampled_from([0, 4])) * TICK,
        }, context={"clocks": "seconds"}),)  # fmt: skip
    return {
        "overtime": overtime,
        "shifts": shifts, "teams": teams, "agents": tuple(agents), "activities": activities, "attendance": draw(_attendance()),
    }  # fmt: skip


@st.composite
def _shift(draw: st.DrawFn, name: str) -> Shift:
    since = draw(st.integers(0, 30))
    until = draw(st.integers(since + 6, LAST))
    first = draw(st.integers(since, until - 4))
    lasts = draw(st.integers(1, 3))
    breaks = [Away(kind=draw(st.sampled_from(KINDS)), at=first * TICK, lasts=lasts * TICK)]
    if draw(st.booleans()) and first + lasts + 2 <= until:
        window = ((first + lasts) * TICK, until * TICK)
        breaks.append(Away(kind="lunch", between=window, lasts=draw(st.integers(1, 2)) * TICK))
    return Shift.model_validate({
        "name": name, "from": since * TICK, "to": until * TICK, "breaks": draw(st.sampled_from([(), tuple(breaks)])),
    }, context={"clocks": "seconds"})  # fmt: skip


@st.composite
def _when(draw: st.DrawFn) -> dict[str, Any]:
    return {"at": draw(st.integers(0, LAST)) * TICK, "lasts": draw(st.integers(1, 8)) * TICK, "paid": draw(st.booleans())}


@st.composite
def _attendance(draw: st.DrawFn) -> Attendance:
    often = draw(st.sampled_from([0.0, 0.0, 3.6e9 / 12]))  # every twelve ticks
    return Attendance(
        absent=draw(st.sampled_from([0.0, 0.2, 1.0])), together=draw(st.sampled_from([0.0, 0.5, 1.0])), paid=draw(st.booleans()),
        late=draw(st.sampled_from([0.0, 0.5])), late_by=ticks_of(draw, 12), off=often, off_for=ticks_of(draw, 3),
        overrun=ticks_of(draw, 3),
        **(draw(_ringing()) if draw(st.booleans()) else {}),
    )  # fmt: skip


@st.composite
def _ringing(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "pick_up": draw(st.sampled_from([ticks_of(draw, 3), Empirical(values=(0.0, 4 * TICK), weights=(2.0, 1.0))])),
        # not 1: until the floor is cleared, four hours after closing, it would ring some billion times
        "no_answer": draw(st.sampled_from([0.0, 0.3, 0.7])),
        "rings": draw(st.integers(1, 6)) * TICK, "away_for": ticks_of(draw, 6),
    }  # fmt: skip
