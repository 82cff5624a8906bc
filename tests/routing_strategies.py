"""Random rules of routing for Hypothesis: overflow after some ticks, reserves, blends, every order of agents and calls."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from sim.scenario.callers import CallType
from sim.scenario.floor import Group
from sim.scenario.routing import AGENT_ORDERS, CALL_ORDERS, Blend, Overflow, Reserve, Rise, Routing
from tests.caller_strategies import TICK


@st.composite
def routing(draw: st.DrawFn, kinds: list[CallType], groups: list[Group]) -> dict[str, Any]:
    """Nothing, or the parts of a scenario that say who takes which call."""
    if draw(st.integers(0, 2)) == 0 or not groups:
        return {}
    agent = [*draw(st.lists(st.sampled_from(["ranked groups", "most skilled", "fewest skills"]), unique=True))]
    last = draw(st.sampled_from(CALL_ORDERS))
    call = draw(st.lists(st.sampled_from(["skill rank"] if "ageing" in last else ["priority", "skill rank"]), unique=True))
    return {
        "call_types": tuple(draw(_call_type(kind, groups)) for kind in kinds),
        "groups": tuple(draw(_group(group, kinds)) for group in groups),
        "routing": Routing(agent=(*agent, draw(st.sampled_from(AGENT_ORDERS))), call=(*call, last)),
    }


@st.composite
def _call_type(draw: st.DrawFn, kind: CallType, groups: list[Group]) -> CallType:
    able = [group.name for group in groups if kind.name in group.ranks()]
    of_labels = [name for values in kind.by_label.values() for one in values.values() for name in one.groups or ()]
    at_once = {*of_labels, *(able[:1] if kind.groups is None else kind.groups)}
    free = [name for name in able if name not in at_once]
    later = draw(st.lists(st.sampled_from(free), unique=True, min_size=1, max_size=2)) if free else []
    overflow = [draw(_overflow(name)) for name in later]
    rises = Rise(after=draw(st.integers(0, 6)) * TICK, priority=draw(st.integers(0, 2)))
    return kind.replace(
        overflow=tuple(overflow), rises=draw(st.sampled_from([None, rises])), weight=draw(st.sampled_from([1.0, 0.5, 3.0])),
        ageing=draw(st.sampled_from([None, 1.0, 2.0])),
    )  # fmt: skip


@st.composite
def _overflow(draw: st.DrawFn, name: str) -> Overflow:
    after, waiting = draw(st.sampled_from([(0, None), (1, None), (3, None), (8, None), (None, 1), (None, 2), (2, 2)]))
    return Overflow(groups=(name,), after=None if after is None else after * TICK, waiting=waiting)


@st.composite
def _group(draw: st.DrawFn, group: Group, kinds: list[CallType]) -> Group:
    of_group = [kind for kind in kinds if kind.name in group.ranks()]
    reserve = []
    if draw(st.booleans()):
        kind = draw(st.sampled_from(of_group))
        labels = {family: draw(st.sampled_from(list(values))) for family, values in kind.labels.items()}
        given = draw(st.sampled_from([{}, labels]))
        types = None if given and draw(st.booleans()) else (kind.name,)
        reserve.append(Reserve(agents=draw(st.integers(1, 2)), call_types=types, labels=given))
    start = draw(st.integers(1, 3))
    blend = Blend(start=start, stop=draw(st.integers(0, start - 1)))
    return group.replace(reserve=tuple(reserve), blend=draw(st.sampled_from([None, blend])))
