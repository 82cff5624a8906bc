"""The compiled engine: the same day as the reference engine's, call by call, in one numba kernel."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.calls import NONE, AgentLog, CallLog, Day
from sim.chance.tape import Tape
from sim.engines import state
from sim.engines.attendance import AWAY
from sim.engines.decisions import EMPTY
from sim.engines.events import Kind, order
from sim.engines.kernel import CLOSE, HORIZON, run_day
from sim.engines.plan import Plan
from sim.tally import Measuring, Tally, tally

Ints = npt.NDArray[np.int64]

# columns of the state that come from the tape and that go into the log, by their names there
_DRAWN = {
    "number": state.NUMBER, "call_type": state.CALL_TYPE, "surge": state.SURGE, "arrival": state.ARRIVAL,
    "ivr": state.IVR, "fate": state.FATE, "balks": state.BALKS, "talk": state.TALK, "wrap": state.WRAP,
    "patience": state.PATIENCE, "waited": state.WAITED,
}  # fmt: skip
_KEPT = {
    "number": state.NUMBER, "caller": state.CALLER, "attempt": state.ATTEMPT, "parent": state.PARENT,
    "call_type": state.CALL_TYPE, "surge": state.SURGE, "arrival": state.ARRIVAL, "ivr_exit": state.IVR_EXIT,
    "queue_entry": state.QUEUE_ENTRY, "answer": state.ANSWER, "end": state.END, "release": state.RELEASE,
    "group": state.GROUP, "agent": state.AGENT, "outcome": state.OUTCOME,
}  # fmt: skip


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


_rooms = threading.local()


def simulate(plan: Plan, tape: Tape) -> Day:
    """One day call by call."""
    day = run(plan, tape, Room())
    return Day(plan.frame, call_log(day, in_order=True), agent_log(day, in_order=True))


def count(plan: Plan, tape: Tape, measuring: Measuring) -> Tally:
    """The counts of one day; nothing of the day itself is kept."""
    if not hasattr(_rooms, "room"):
        _rooms.room = Room()
    day = run(plan, tape, _rooms.room)
    return tally(Day(plan.frame, call_log(day, in_order=False), agent_log(day, in_order=False)), measuring)


def run(plan: Plan, tape: Tape, memory: Room) -> state.Day:
    """The state at the end of the day; run again with more room where later calls did not fit."""
    again = bool(plan.laws.again.any()) and plan.laws.again_most > 0
    room = len(tape) // 4 + 16 if again else 0
    stride = int(tape.number.max(initial=-1)) + 1
    identity = np.uint64(tape.seed), np.uint64(tape.replication)
    rules = _rules(plan, len(tape), plan.laws.again_most if again else 0)
    while True:
        day = _day(plan, tape, room, memory)
        if run_day(day, rules, plan.laws, *identity, stride):
            return day
        room = max(2 * room, 16)


def call_log(day: state.Day, *, in_order: bool) -> CallLog:
    """The calls as views of the day's rows, sorted by (arrival, number); fresh calls are."""
    made = int(day.now[state.ROWS])
    calls, key, label = day.calls[:made], day.key[:made], day.label[:made]
    if in_order and made > int(day.now[state.NEXT]):  # later calls stand after all fresh ones
        rows = np.lexsort((calls[:, state.NUMBER], calls[:, state.ARRIVAL]))
        calls, key, label = calls[rows], key[rows], label[rows]
    return CallLog(key=key, label=label, **{name: calls[:, column] for name, column in _KEPT.items()})


def agent_log(day: state.Day, *, in_order: bool) -> AgentLog:
    """All stretches as views, sorted by (agent, since)."""
    kept = day.stretches[: int(day.now[state.STRETCHES])]
    if in_order:
        kept = kept[np.argsort(kept[:, state.S_AGENT], kind="stable")]  # those of one agent are in order already
    return AgentLog(*(kept[:, column] for column in range(state.STRETCH_COLUMNS)))


def _rules(plan: Plan, fresh: int, again_most: int) -> state.Rules:
    return state.Rules(
        plan.look, plan.look_at, plan.scan, plan.level, plan.scan_at, plan.head_start,
        opens=plan.frame.opens, closes=plan.frame.closes, trunks=plan.trunks, finish=int(plan.finish), fresh=fresh,
        again_most=again_most,
    )  # fmt: skip


def _day(plan: Plan, tape: Tape, room: int, memory: Room) -> state.Day:
    """Everything at the beginning of the day, with room for that many later calls."""
    steps = _steps(plan)
    queues, agents, groups = len(plan.class_type), int(plan.agent_at[-1]), len(plan.agent_at) - 1
    fresh, capacity = len(tape), len(tape) + room
    now = np.zeros(state.NOWS, np.int64)
    now[state.ROWS], now[state.CONTAINED_ROW] = fresh, NONE
    calls, key, label = _calls(plan, tape, capacity, memory)
    leaves = 1 << max(agents - 1, 1).bit_length()
    # a call is idle, talk and wrap-up; who leaves owed splits one of them; every head that goes leaves an idle stretch
    going = int(np.abs(steps[:, state.HEADS]).sum()) + 2 * agents
    return state.Day(
        now=now,
        calls=calls,
        key=key,
        label=label,
        agents=_agents(plan.agent_at),
        tick=np.full(2 * leaves, state.FAR, np.int64),
        word=np.zeros(leaves, np.int64),
        winner=_winners(leaves),
        groups=_groups(plan.agent_at),
        owed=np.zeros(agents, np.int64),
        free=np.zeros(groups, np.int64),
        queues=np.full((queues, state.QUEUE_COLUMNS), NONE, np.int64),
        head_key=np.full(queues, EMPTY, np.int64),
        head_number=np.zeros(queues, np.int64),
        stretches=memory.array("stretches", 3 * capacity + going + 16, state.STRETCH_COLUMNS),
        steps=steps,
        later=memory.array("later", capacity, state.LATER_COLUMNS),
        leaving=memory.array("leaving", capacity),
    )


def _calls(plan: Plan, tape: Tape, capacity: int, memory: Room) -> tuple[Ints, npt.NDArray[np.uint64], Ints]:
    """Calls, keys and labels with the tape's calls in their rows, by (arrival, number)."""
    fresh = len(tape)
    calls = memory.array("calls", capacity, state.CALL_COLUMNS)
    calls.fill(NONE)
    for name, column in _DRAWN.items():
        calls[:fresh, column] = getattr(tape, name)
    calls[:fresh, state.CALLER], calls[:fresh, state.ATTEMPT] = tape.number, 0
    calls[:fresh, state.QUEUE] = plan.classes(tape.call_type, tape.label)
    key = memory.array("key", capacity, dtype=np.uint64)
    label = memory.array("label", capacity, tape.label.shape[1])
    label.fill(NONE)
    key[:fresh], label[:fresh] = tape.key, tape.label
    if not bool(np.all(np.diff(tape.arrival) >= 0)) or not bool(np.all(np.diff(tape.number) > 0)):
        rows = np.lexsort((tape.number, tape.arrival))
        calls[:fresh], key[:fresh], label[:fresh] = calls[rows], key[rows], label[rows]
    return calls, key, label


def _agents(agent_at: Ints) -> Ints:
    agents = np.full((int(agent_at[-1]), state.AGENT_COLUMNS), NONE, np.int64)
    agents[:, state.A_GROUP] = np.repeat(np.arange(len(agent_at) - 1), np.diff(agent_at))
    agents[:, state.A_STATE], agents[:, state.A_SINCE] = AWAY, 0
    return agents


def _groups(agent_at: Ints) -> Ints:
    groups = np.zeros((len(agent_at) - 1, state.GROUP_COLUMNS), np.int64)
    groups[:, state.FIRST_AGENT], groups[:, state.PAST_AGENT] = agent_at[:-1], agent_at[1:]
    groups[:, state.FIRST_IDLE] = groups[:, state.LAST_IDLE] = NONE
    return groups


def _winners(leaves: int) -> Ints:
    """A tournament in which nobody has an event yet: any winner will do."""
    winner = np.zeros(2 * leaves, np.int64)
    winner[leaves:] = np.arange(leaves)
    below = leaves
    while below > 1:
        winner[below // 2 : below] = winner[below : 2 * below : 2]
        below //= 2
    return winner


def _steps(plan: Plan) -> Ints:
    """Tick, order word, group and change of every step, in order: int64, shape (steps, 4); the last never comes."""
    groups = len(plan.agent_at) - 1
    heads = [0] * groups
    rows = [
        (plan.frame.closes, order(Kind.OFF, groups), CLOSE, 0),
        (plan.frame.horizon, order(Kind.OFF, groups + 1), HORIZON, 0),
        (int(state.FAR), 0, NONE, 0),
    ]
    for tick, group, target in zip(*(column.tolist() for column in plan.staffing), strict=True):
        change = target - heads[group]
        heads[group] = target
        rows.append((tick, order(Kind.ON if change > 0 else Kind.OFF, group), group, change))
    return np.array(sorted(rows), np.int64)
