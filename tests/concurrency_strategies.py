"""Random concurrency for Hypothesis: several chats at a time, calls and work beside them, each slower the more there are."""

from __future__ import annotations

from hypothesis import strategies as st

from sim.scenario.callers import CallType
from sim.scenario.concurrency import Concurrency
from sim.scenario.floor import Group


@st.composite
def at_once(draw: st.DrawFn, group: Group, kinds: list[CallType]) -> Group:
    """The group, whose agents handle one contact at a time or several."""
    if draw(st.integers(0, 3)) == 0:
        return group
    chats = draw(st.integers(1, 3))
    others = [kind.name for kind in kinds if kind.contact != "chat" and kind.name in group.ranks()]
    named = draw(st.lists(st.sampled_from(others), unique=True)) if others else []
    given = Concurrency(chats=chats, beside={name: draw(st.integers(0, chats)) for name in named})
    slowdown = draw(st.sampled_from([(), tuple(1.0 + 0.25 * n for n in range(given.most))]))
    return group.replace(concurrency=given.replace(slowdown=slowdown))
