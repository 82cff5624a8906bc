"""Events: the one table of what comes first when several things happen in the same tick.

Kinds in ascending order; within a kind by number: the caller number for calls, the agent number for agents, the group
for staffing. Never by row, never by insertion. What an event causes at its own time with an earlier kind is simply
next.
"""

from __future__ import annotations

from enum import IntEnum

from sim.scenario.errors import CallsimError
from sim.scenario.units import DAY

# No event may lie beyond, and no more agents work: a tick, one of four kinds and an agent's number are packed into one key
LAST_TICK = (1 << 42) - 2  # 50 days
AGENT_BITS = 19
MOST_AGENTS = 1 << AGENT_BITS
INDEX_BITS = 62  # an order word is kind << 62 | number


class Kind(IntEnum):
    """The kinds of event, earliest first."""

    TALK_END = 0  # caller and line gone; what the caller does next is drawn
    OFF = 1  # heads fall: idle agents leave, highest number first; the rest is owed
    RELEASE = 2  # wrap-up over: who is owed leaves, else takes the next call
    ON = 3  # heads rise: what is owed is cancelled first, then agents come
    RING = 4  # the agent at whom it rings answers, or it has rung in vain
    HANDOVER = 5  # a caller asks for the next agent, or his agent does
    GIVE_UP = 6  # an agent who asked no longer waits for an answer
    ARRIVAL = 7
    IVR_EXIT = 8
    TIMER = 9  # a callback comes up
    OVERFLOW = 10  # a call has waited so long that further groups take it
    ABANDON = 11  # last, so who is answered in the tick his patience ends is answered


def too_late() -> CallsimError:
    """What both engines raise for an event beyond LAST_TICK."""
    days = LAST_TICK // DAY
    return CallsimError(
        f"a call would last more than {days} days after the day began: look for a talk, wrap_up, "
        "ivr.delay that can be that long"
    )


def order(kind: int, number: int) -> int:
    """The place of an event within its tick."""
    return kind << INDEX_BITS | number
