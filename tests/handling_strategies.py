"""What handle times hang on in the random call centers of `strategies`: times of a few ticks, so that ties stay everywhere."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from sim.scenario.handling import (
    CURVES,
    Fatigue,
    Hold,
    Learning,
    LearningStep,
    Lookups,
    Nesting,
    Outage,
    ScriptStep,
    System,
)
from tests.caller_strategies import TICK, law

A_TICK = 3.6e9  # an hour in ticks: 1 / A_TICK is a number per tick


@st.composite
def of_a_type(draw: st.DrawFn, systems: list[str]) -> dict[str, Any]:
    """What calls of a type take beside the matter."""
    script = tuple(
        ScriptStep(name=f"step {i}", takes=draw(law(3)), solves=draw(st.sampled_from([0.0, 0.3, 0.6])))
        for i in range(draw(st.integers(0, 2)))
    )
    things = draw(st.integers(1, 3))
    lookups = draw(st.none() | st.builds(Lookups, things=st.just(things), chance=st.sampled_from([0.5, 1.0]), takes=law(3)))
    return {
        "script": script, "lookups": lookups,
        "hold": draw(st.none() | st.builds(Hold, chance=st.sampled_from([0.4, 1.0]), takes=law(4))),
        "transactions": {name: draw(st.sampled_from([0.0, 0.5, 1.0, 2.5])) for name in systems},
        "text": draw(st.sampled_from([0.0, 0.0001, 0.0002])),  # six and thirteen ticks at a thousand words a minute
        "typed_while_talking": draw(st.sampled_from([0.0, 0.5, 1.0])),
    }  # fmt: skip


@st.composite
def of_a_person(draw: st.DrawFn, types: list[str]) -> dict[str, Any]:
    """What an agent, or a team, is like."""
    return {
        "hired": draw(st.sampled_from([None, None, date(2026, 2, 20), date(2026, 3, 10), date(2026, 3, 13)])),
        "proficiency": draw(st.sampled_from([None, 0.5, 1.5, {types[0]: 2.0}])),
        "knowledge": draw(st.sampled_from([None, 0.0, 0.5, {types[-1]: 0.0}])),
        "typing": draw(st.sampled_from([None, 500.0, 1000.0])), "system_speed": draw(st.sampled_from([None, 0.5, 1.7])),
    }  # fmt: skip


@st.composite
def of_the_floor(draw: st.DrawFn, systems: list[str], types: list[str]) -> dict[str, Any]:
    """Systems and their outages, how agents learn, and how they tire."""
    curve = draw(st.sampled_from(CURVES))
    steps = (LearningStep(after=86_400.0, factor=1.4), LearningStep(after=172_800.0, factor=1.0)) if curve == "steps" else ()
    nesting = draw(st.none() | st.just(Nesting(days=draw(st.sampled_from([2, 30])), skills=tuple(types[:1]))))
    learning = Learning(curve=curve, start=2.0, lasts=40 * 86_400.0, steps=steps, nesting=nesting)
    most = st.sampled_from([1.5, 3.0])
    tired = st.builds(Fatigue, after=st.integers(0, 8).map(lambda n: n * TICK), slowdown=st.just(A_TICK / 10), most=most)
    return {
        "systems": tuple(System(name=name, takes=draw(law(3)), outages=draw(_outages())) for name in systems),
        "learning": draw(st.none() | st.just(learning)),
        "fatigue": draw(st.none() | tired),
    }  # fmt: skip


@st.composite
def _outages(draw: st.DrawFn) -> tuple[Outage, ...]:
    found = []
    for _ in range(draw(st.integers(0, 2))):
        since = draw(st.integers(0, 30))
        how = draw(st.sampled_from([{"times": 3.0}, {"times": 0.0}, {"plus": 4 * TICK}]))
        on = draw(st.sampled_from([None, ("friday",), (date(2026, 3, 12),)]))
        found.append(Outage(**{"from": since * TICK, "to": (since + draw(st.integers(1, 20))) * TICK}, on=on, **how))
    return tuple(found)
