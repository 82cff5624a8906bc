"""The compiled engine: the same day as the reference engine's, call by call, in one numba kernel."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.calls import NONE, AgentLog, CallLog, Day
from sim.chance.tape import ARRIVAL, CALL_TYPE, NUMBER, SURGE, Tape
from sim.engines import state
from sim.engines.attendance import AWAY
from sim.engines.decisions import EMPTY
from sim.engines.events import Kind, too_late
from sim.engines.kernel import BEYOND, CLOSE, DONE, HORIZON, run_day
from sim.engines.plan import Plan
from sim.tally import Counts, Measuring, Tally, credit

Ints = npt.NDArray[np.int64]

class Room:
    """Memory for the large arrays of a day. A study uses one room for all days of a thread: fresh pages cost more than
    simulating what is written on them.
    """

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    def array(self, name: str, length: int, *more: int, dtype: type = np.int64) -> Any:
        """An array of that length (and width), not cleared; it is used again when the name is asked for again."""
        kept = self._kept.get(name)
        if kept is None or len(kept) < length or kept.shape[1:] != more:
            kept = self._kept[name] = np.empty((length + length // 8, *more), dtype)
        return kept[:length]

    def longer(self, name: str, first: Any, more: int) -> Any:
        """An array with a copy of `first` and so many rows more."""
        out = self.array(name, len(first) + more, *first.shape[1:], dtype=first.dtype)
        out[: len(first)] = first
        return out


_rooms = threading.local()
_NO_WORK = np.zeros((0, 0, 0), np.int64)
_NOT_COUNTING = credit.Rules(
    within=0, short=0, clock_starts=0, credit=0, since=0, until=0, opens=0, interval=1, intervals=0, per_tick=1.0
)


def simulate(plan: Plan, tape: Tape) -> Day:
    """One day call by call."""
    day = run(plan, tape, Room())
    return Day(plan.frame, _call_log(day, tape), _agent_log(day))


def count(plan: Plan, tape: Tape, measuring: Measuring) -> Tally:
    """The counts of one day; nothing of the day itself is kept."""
    if not hasattr(_rooms, "room"):
        _rooms.room = Room()
    counts = Counts(plan.frame, measuring)
    day = run(plan, tape, _rooms.room, counts)
    made = int(day.now[state.ROWS])
    counts.credit_calls(day.calls[:made], day.label[:made], with_work=True)
    if made > len(tape):
        counts.credit_customers(_call_log(day, tape))
    return counts.tally()


def run(plan: Plan, tape: Tape, memory: Room, counts: Counts | None = None) -> state.Day:
    """The state at the end of the day; what agents did is added to the counts, or written down where there are none.

    Run again with more room where later calls did not fit. CallsimError for an event beyond LAST_TICK.
    """
    again = bool(plan.laws.again.any()) and plan.laws.again_most > 0
    room = len(tape) // 4 + 16 if again else 0
    stride = _stride(tape) if again else 1
    identity = np.uint64(tape.seed), np.uint64(tape.replication)
    rules = _rules(plan, len(tape), plan.laws.again_most if again else 0, stride, log=counts is None)
    counting = _NOT_COUNTING if counts is None else counts.rules
    while True:
        work = _NO_WORK if counts is None else counts.agents * 0
        day = _day(plan, tape, room, memory, work)
        ended = run_day(day, rules, counting, plan.laws, *identity)
        if ended == BEYOND:
            raise too_late()
        if ended == DONE:
            if counts is not None:
                counts.agents += work
            return day
        room = max(2 * room, 16)


def _stride(tape: Tape) -> int:
    return int(tape.number.max(initial=-1)) + 1


def _call_log(day: state.Day, tape: Tape) -> CallLog:
    """The calls as views of the day's rows, sorted by (arrival, number); fresh calls are."""
    made = int(day.now[state.ROWS])
    drawn, calls, key, label = day.drawn[:made], day.calls[:made], day.key[:made], day.label[:made]
    number = drawn[:, NUMBER]
    caller: Ints = number
    attempt, parent = np.zeros(made, np.int64), np.full(made, NONE, np.int64)
    if made > len(tape):
        rows = np.lexsort((number, drawn[:, ARRIVAL]))
        drawn, calls, key, label, number = drawn[rows], calls[rows], key[rows], label[rows], number[rows]
        stride = _stride(tape)
        attempt, caller = np.divmod(number, stride)
        parent = np.where(attempt > 0, number - stride, NONE)
    return CallLog(
        number=number, key=key, caller=caller, attempt=attempt, parent=parent, call_type=drawn[:, CALL_TYPE],
        label=label, surge=drawn[:, SURGE], **{name: calls[:, column] for name, column in _HAPPENED.items()},
    )  # fmt: skip


_HAPPENED = {
    "arrival": credit.ARRIVAL, "ivr_exit": credit.IVR_EXIT, "queue_entry": credit.QUEUE_ENTRY, "answer": credit.ANSWER,
    "end": credit.END, "release": credit.RELEASE, "group": credit.GROUP, "agent": state.AGENT,
    "outcome": credit.OUTCOME,
}  # fmt: skip


def _agent_log(day: state.Day) -> AgentLog:
    """All stretches as views, sorted by (agent, since)."""
    kept = day.stretches[: int(day.now[state.STRETCHES])]
    kept = kept[np.argsort(kept[:, state.S_AGENT], kind="stable")]  # those of one agent are in order already
    return AgentLog(*(kept[:, column] for column in range(state.STRETCH_COLUMNS)))


def _rules(plan: Plan, fresh: int, again_most: int, stride: int, *, log: bool) -> state.Rules:
    return state.Rules(
        plan.look, plan.look_at, plan.scan, plan.level, plan.scan_at, plan.head_start, plan.first_class, plan.strides,
        by_label=int(plan.strides.any()), opens=plan.frame.opens, closes=plan.frame.closes, trunks=plan.trunks,
        finish=int(plan.finish), fresh=fresh, again_most=again_most, stride=stride, log=int(log),
    )  # fmt: skip


def _day(plan: Plan, tape: Tape, room: int, memory: Room, work: Ints) -> state.Day:
    """Everything at the beginning of the day, with room for that many later calls."""
    empty = _empty(plan)
    capacity, drawn, key, label = len(tape) + room, tape.rows, tape.key, tape.label
    if room:
        drawn, key = memory.longer("drawn", drawn, room), memory.longer("key", key, room)
        label = memory.longer("label", label, room)
    now = empty.now.copy()
    now[state.ROWS] = len(tape)
    # a call is idle, talk and wrap-up; who leaves owed splits one of them; every head that goes leaves an idle stretch
    going = int(np.abs(empty.steps[:, state.HEADS]).sum()) + 2 * len(empty.agents)
    return empty._replace(
        now=now,
        drawn=drawn,
        calls=memory.array("calls", capacity, state.CALL_COLUMNS),
        key=key,
        label=label,
        agents=empty.agents.copy(),
        tree=empty.tree.copy(),
        groups=empty.groups.copy(),
        owed=empty.owed.copy(),
        free=empty.free.copy(),
        queues=empty.queues.copy(),
        head_key=empty.head_key.copy(),
        head_number=empty.head_number.copy(),
        stretches=memory.array("stretches", 3 * capacity + going + 16 if work is _NO_WORK else 0, state.STRETCH_COLUMNS),
        work=work,
        later=memory.array("later", capacity + 1, state.LATER_COLUMNS),
        leaving=memory.array("leaving", capacity),
    )


@lru_cache(maxsize=16)  # a study runs a few plans, each of them day after day
def _empty(plan: Plan) -> state.Day:
    """A day of the plan before anything has happened, without calls."""
    queues, groups, agents = len(plan.class_type), len(plan.agent_at) - 1, int(plan.agent_at[-1])
    none = np.zeros((0, 0), np.int64)
    now = np.zeros(state.NOWS, np.int64)
    now[state.CONTAINED_ROW], now[state.LAZY] = NONE, plan.trunks < 0
    of_agents = np.full((agents, state.AGENT_COLUMNS), NONE, np.int64)
    of_agents[:, state.A_GROUP] = np.repeat(np.arange(groups), np.diff(plan.agent_at))
    of_agents[:, state.A_STATE], of_agents[:, state.A_SINCE] = AWAY, 0
    of_groups = np.zeros((groups, state.GROUP_COLUMNS), np.int64)
    of_groups[:, state.FIRST_AGENT], of_groups[:, state.PAST_AGENT] = plan.agent_at[:-1], plan.agent_at[1:]
    of_groups[:, state.FIRST_IDLE] = of_groups[:, state.LAST_IDLE] = NONE
    of_queues = np.full((queues, state.QUEUE_COLUMNS), NONE, np.int64)
    of_queues[:, state.HEAD_LEAVES] = state.FAR
    return state.Day(
        now=now, drawn=none, calls=none, key=np.zeros(0, np.uint64), label=none, agents=of_agents,
        tree=np.full(2 << max(agents - 1, 1).bit_length(), state.FAR, np.int64), groups=of_groups,
        owed=np.zeros(agents, np.int64), free=np.zeros(groups, np.int64), queues=of_queues,
        head_key=np.full(queues, EMPTY, np.int64), head_number=np.zeros(queues, np.int64), stretches=none,
        work=_NO_WORK, steps=_steps(plan), later=none, leaving=none,
    )  # fmt: skip


def _steps(plan: Plan) -> Ints:
    """Key, group and change of every step, in order: int64, shape (steps, 3); the last never comes."""
    groups = len(plan.agent_at) - 1
    heads = [0] * groups
    rows = [
        (plan.frame.closes, int(Kind.OFF), groups, CLOSE, 0),
        (plan.frame.horizon, int(Kind.OFF), groups + 1, HORIZON, 0),
        (int(state.LATEST), int(max(Kind)), 0, NONE, 0),
    ]
    for tick, group, target in zip(*(column.tolist() for column in plan.staffing), strict=True):
        change = target - heads[group]
        heads[group] = target
        rows.append((tick, int(Kind.ON if change > 0 else Kind.OFF), group, group, change))
    return np.array([(tick << state.KIND_BITS | kind, group, change) for tick, kind, _, group, change in sorted(rows)])
