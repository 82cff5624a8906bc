"""State: everything the compiled engine keeps of a running day, as few flat arrays that kernels change in place.

All int64 unless said. Few and wide, because every array that a kernel hands on costs compile time, and because what is
read together then lies together. A column or a place is named by a constant below; NONE (-1) stands for "none".
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.jit import constant
from sim.engines.events import AGENT_BITS
from sim.engines.pools import CHATS, OF_TYPE
from sim.tally.credit import COUNTED_COLUMNS

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

FAR = constant((1 << 63) - 1)  # the tick of what never comes; as a key, later than every event's

# A pending event's key is its tick and its kind; within a kind the number decides. An agent's also has, in its low bits,
# the kind of its event and who he is, so the least of all agents' keys names him.
KIND_BITS = 4
AGENT_KEY_BITS = AGENT_BITS + 2
LATEST = int(FAR) >> AGENT_KEY_BITS  # the tick in the key of no event: the one after LAST_TICK

# Day.now: the numbers that change. NEXT_KEY, STEP_KEY : the keys of the next call on the tape and of the next step
# COMING : so many agents come in this tick, those who are away from COMING_FROM on
# OVER : the call that was over last, those before it linked by AHEAD, until they are counted; SPARE : free rows of calls
# HANDING : calls about to be handed over, or that ring; ENDED : 1 when the horizon is past; OPENED : when the doors opened last
# FIRST_PERSON : agents from this one on are on the roster; CLEARED_AT : when the floor was cleared last; GROUPS : how many
# TAKER : the agent who takes the call that has overflowed, or rung, else NONE
# RULE_FAILED : 1 when a rule of one's own has failed
# HANDLES, RINGS, SEVERAL, BLENDS : 1 where talk and wrap-up hang on who answers, where it rings first, where a group handles
#   several contacts at a time, and where one has a blend; here and not in Rules, of which every number is handed on in every call
# LOOKS : the agent who looks for one more, having taken a contact, else NONE
# TOO_LATE : 1 when an event would lie beyond LAST_TICK; LAZY : see `queueing.settle`
(
    CLOCK, LINES, IN_IVR, WAITING, CLOSED, CLEARED, ROWS, NEXT, NEXT_KEY, STEP, STEP_KEY, LATER, LEAVING, STRETCHES,
    COMING, COMING_FROM, TOO_LATE, LAZY, OVER, SPARE, HANDING, ENDED, OPENED, FIRST_PERSON, CLEARED_AT, GROUPS, TAKER,
    HANDLES, RULE_FAILED, RINGS, SEVERAL, BLENDS, LOOKS, NOWS,
) = range(34)  # fmt: skip

# Day.calls: first what is counted (`sim.tally.credit` says which columns), then where the call stands: the row of what is
# drawn of it, its number, its queue, its neighbors there, its place in the heap of those who may hang up, and the tick at
# which it does (FAR: never)
# TRIES to call back were there; of who is to be called back QUEUE is NONE while he does not stand in one
# DEFLECTION took the call; AS_TYPE is the call type in whose queue it stands
# of calls with several legs (see `handover`; a leg is a row): ROOT is the row of the call, NONE in that itself, LEG which of its
# legs, LAST_LEG and NEXT_LEG rows; NEXT_HOW and GOES_TO: how it goes on, and as which call type; HELD the row whose agent stays
# with the caller, TOGETHER and REST ticks of talk of both and after, PATIENT_FOR ticks that he stays; SOLVER the group that
# answered last, NONE if nobody did
# AGENT, of a call without an answer: at whom it rings
# HELD_BACK : a code of Reason, why an idle agent did not answer when it asked for one
# SCRIPT, where the day HANDLES: FRESH, RECOGNIZED or SOLVED of `sim.chance.handling`
(
    AGENT, ROW, CALL_NUMBER, QUEUE, AHEAD, BEHIND, PLACE, LEAVES, TRIES, DEFLECTION, AS_TYPE, SOLVER, ROOT, LEG, LAST_LEG,
    NEXT_LEG, NEXT_HOW, HELD, TOGETHER, REST, PATIENT_FOR, GOES_TO, HELD_BACK, SCRIPT,
) = range(COUNTED_COLUMNS, COUNTED_COLUMNS + 24)  # fmt: skip
CALL_COLUMNS = COUNTED_COLUMNS + 24

# Day.agents; of who is on the roster A_STEP is the row of `plans` with what he does, and A_DUE when that is over, FAR for others,
# and A_RESTED the tick from which on he is on the phones without a break
# A_RELEASE, while it rings: for how many ticks he is then away, or ANSWERS, and A_CALL is NONE once the caller was sent away
# A_HANDLED, A_IDLE : ticks with calls, and without; A_WHY : a code of Reason
# A_PLACE : what his place among the idle hangs on where chance decides
# of who handles several contacts at a time (see `in_hand`): A_POOL is his seat, A_DUE, of heads, when he was marked to go,
# A_IN_HAND how many he has, A_TALKS of how many the talk is not over, A_OTHER the kind of the one that is no chat, and A_ASKS, in
# the place of A_RELEASE, of how many he asks a colleague
# The first eight are what every call needs, and a cache line
(
    A_GROUP, A_POOL, A_STATE, A_SINCE, A_CALL, A_RELEASE, A_DUE, A_HANDLED, A_IDLE, A_WHY, A_STEP, A_PLACE, A_RESTED,
    A_IN_HAND, A_TALKS, A_OTHER,
) = range(16)  # fmt: skip
A_ASKS, AGENT_COLUMNS = A_RELEASE, 16

# Rules.seats: whose group, and whose pool it is, and where the other seats of that pool begin
OF_GROUP, BASE, SEATS_AT = range(3)

# Rules.groups: from how many idle agents on a group does work beside calls, and until how many; then what it handles at a time,
# as the columns of `contacts` in `sim.engines.pools`
STARTS, STOPS, G_CHATS = range(3)
G_TYPES = G_CHATS + OF_TYPE - CHATS

# Day.pools: where its agents begin, where its tournament over the idle begins and how many leaves it has, the ring of borders
# owed, and heads as planned; behind the pools are their other seats
FIRST_AGENT, PAST_AGENT, TREE_AT, LEAVES_OF, OWED_FIRST, OWED_COUNT, PLANNED, POOL_COLUMNS = range(8)

# Day.queues: its ends, when the patience of its head ends (FAR: never, or nobody there), the wait of who was answered last and
# had stayed on the line, and 1 where the floor stays after closing for who waits there
HEAD, TAIL, HEAD_LEAVES, LAST_ANSWERED, KEEPS_OPEN, QUEUE_COLUMNS = range(6)

# Day.steps and Day.later: an event's key, then what it is about: who leaves the IVR is a call, who arrives a row of `drawn`
KEY, ABOUT, HEADS, STEP_COLUMNS = range(4)
L_KEY, L_NUMBER, L_WHO, LATER_COLUMNS = range(4)

# Day.stretches, as AgentLog
S_AGENT, S_GROUP, S_STATE, S_SINCE, S_UNTIL, S_CALL, S_FINISHING, S_PAID, S_REASON, S_CONTACTS, STRETCH_COLUMNS = range(11)


class Day(NamedTuple):
    """A day as it runs.

    now : (NOWS,)
    drawn : (capacity, TAPE_COLUMNS), the Tape's rows, not written to but, in a copy, where the day HANDLES: talk and wrap-up
        are what they come to once somebody answers; then those of later calls as they come about
    key, needs : uint64, (capacity,), needs is what the rank of need hangs on; label : (capacity, families)
    calls : (calls, CALL_COLUMNS), what happens to them, from their arrival on; with Rules.keep each in the row of what is
        drawn of it, else in one of the `spare` rows, which it gives back when it is over: so few that they stay in the
        nearest cache. A call is a row of this matrix wherever nothing else is said
    spare : (calls,), a stack of the rows that are free
    agents : (agents, AGENT_COLUMNS)
    tree : (2 x leaves,), a tournament over the agents' events by key, FAR while there is none; agent a is at leaves + a,
        and tree[1] is the first of all
    pools : (seats, POOL_COLUMNS); owed : (agents,), borders at which heads should have left, a ring per pool
    plans : (steps, STEP_COLUMNS of `sim.chance.presence`), what the agents of the roster are to do
    waiting : tournaments over the agents who stand in each seat by their keys, one behind the other
    idle : (seats + 2 x groups,), the key of who is first in each seat, how many of a group are idle, and whether it does work
        beside calls; heads : (queues, HEAD_COLUMNS): the summaries that decisions see
    queues : (queues, QUEUE_COLUMNS), linked through the calls
    stretches : (capacity, STRETCH_COLUMNS), what agents did, in the order in which it ended; with Rules.log
    steps : (steps, STEP_COLUMNS), changes of heads, closing and the horizon, in order; the last never comes
    later : (capacity, LATER_COLUMNS), a heap of what is to come at a tick of its own, see `pending.later_push`
    leaving : (capacity,), a heap of the calls that may hang up
    """

    now: Ints
    drawn: Ints
    key: Keys
    needs: Keys
    label: Ints
    calls: Ints
    spare: Ints
    agents: Ints
    tree: Ints
    pools: Ints
    owed: Ints
    plans: Ints
    waiting: Ints
    idle: Ints
    queues: Ints
    heads: Ints
    stretches: Ints
    steps: Ints
    later: Ints
    leaving: Ints


class Rules(NamedTuple):
    """The plan as kernels read it; see `sim.engines.plan.Plan`.

    seats, groups : int64, a row each, see above; ruled, overflows : see `sim.engines.routes.Routes`
    by_label : 1 where labels change how a call is routed; fresh : calls on the tape; log : 1 to write stretches down
    keep : 1 to keep every call; see Day.calls; reacts : 1 where callers may come back, or answers may solve nothing
    work : (types,), above 0 where nobody waits, below where no line is held, see `CONTACTS`; works : 1 where there is some
    lazy : 1 where hanging up need not be noticed, see `queueing.settle`
    sells : 1 where agents offer callers something before they go
    hands : 1 where calls may have several legs; tells : 1 where callers are told a wait, or offered a callback
    stride : the number of a caller's next call is that of the one before plus this; no fresh call's is as large
    """

    look: Ints
    look_at: Ints
    seats: Ints
    scan: Ints
    scan_at: Ints
    order: Ints
    groups: Ints
    ruled: int
    overflows: int
    agent_rule: int
    call_rule: int
    idle_by: int
    first_class: Ints
    strides: Ints
    by_label: int
    trunks: int
    ports: int
    past_full: int
    fresh: int
    reacts: int
    tells: int
    hands: int
    work: Ints
    works: int
    lazy: int
    sells: int
    stride: int
    keep: int
    log: int
