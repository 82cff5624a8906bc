"""State: everything the compiled engine keeps of a running day, as few flat arrays that kernels change in place.

All int64 unless said. Few and wide, because every array that a kernel hands on costs compile time, and because what is
read together then lies together. A column or a place is named by a constant below; NONE (-1) stands for "none".
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

FAR = 1 << 62  # the tick of an event that is not pending

# Day.now: the numbers that change
(
    CLOCK, LINES, IN_IVR, WAITING, CLOSED, CLEARED, ROWS, NEXT, STEP, LATER, LEAVING, STRETCHES, CONTAINED_ROW, NOWS,
) = range(14)  # fmt: skip

# Day.calls: first what is drawn or inherited, then what happens, then where the call stands: its neighbors in the queue,
# its place in the heap of those who may hang up, and the tick at which it does
(
    NUMBER, CALLER, ATTEMPT, PARENT, CALL_TYPE, SURGE, QUEUE, ARRIVAL, IVR, FATE, BALKS, TALK, WRAP, PATIENCE, WAITED,
    IVR_EXIT, QUEUE_ENTRY, ANSWER, END, RELEASE, GROUP, AGENT, OUTCOME, AHEAD, BEHIND, PLACE, LEAVES, CALL_COLUMNS,
) = range(28)  # fmt: skip

# Day.agents; neighbors are those among the idle of the group, longest idle first
A_GROUP, A_STATE, A_SINCE, A_ROW, A_AHEAD, A_BEHIND, AGENT_COLUMNS = range(7)

# Day.groups: where its agents begin, the ends of its list of the idle, and the ring of borders owed
FIRST_AGENT, PAST_AGENT, FIRST_IDLE, LAST_IDLE, OWED_FIRST, OWED_COUNT, GROUP_COLUMNS = range(7)

# Day.queues
HEAD, TAIL, QUEUE_COLUMNS = range(3)

# Day.steps and Day.later: an event's tick and order word, then what it is about
TICK, WORD, ABOUT, HEADS, STEP_COLUMNS = range(5)
LATER_COLUMNS = 3

# Day.stretches, as AgentLog
S_AGENT, S_GROUP, S_STATE, S_SINCE, S_UNTIL, S_CALL, S_FINISHING, STRETCH_COLUMNS = range(8)


class Day(NamedTuple):
    """A day as it runs.

    now : (NOWS,); calls : (capacity, CALL_COLUMNS), fresh calls first, later ones as they come about
    key : uint64, (capacity,); label : (capacity, families)
    agents : (agents, AGENT_COLUMNS); word : (leaves,), the order word of each agent's next event
    tick, winner : (2 x leaves,), a tournament over these events, FAR while there is none; agent a is at leaves + a, and
        winner[1] is the agent whose event is first, at tick[1]
    groups : (groups, GROUP_COLUMNS); owed : (agents,), borders at which heads should have left, a ring per group
    free : (groups,), how many are idle; head_key, head_number : (queues,): the summaries that decisions see
    queues : (queues, QUEUE_COLUMNS), linked through the calls
    stretches : (capacity, STRETCH_COLUMNS), what agents did, in the order in which it ended
    steps : (steps, STEP_COLUMNS), changes of heads, closing and the horizon, in order; the last never comes
    later : (capacity, LATER_COLUMNS), a heap of IVR exits and later calls
    leaving : (capacity,), a heap of the rows that may hang up
    """

    now: Ints
    calls: Ints
    key: Keys
    label: Ints
    agents: Ints
    tick: Ints
    word: Ints
    winner: Ints
    groups: Ints
    owed: Ints
    free: Ints
    queues: Ints
    head_key: Ints
    head_number: Ints
    stretches: Ints
    steps: Ints
    later: Ints
    leaving: Ints


class Rules(NamedTuple):
    """The plan as kernels read it; see `sim.engines.plan.Plan`. fresh : calls on the tape"""

    look: Ints
    look_at: Ints
    scan: Ints
    level: Ints
    scan_at: Ints
    head_start: Ints
    opens: int
    closes: int
    trunks: int
    finish: int
    fresh: int
    again_most: int
