"""The compiled engine: the same day as the reference engine's, call by call, in one numba kernel."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.calls import NONE, SERVED, AgentLog, CallLog, Day, LegLog
from sim.chance.laws import with_talks
from sim.chance.places import place_keys
from sim.chance.presence import TICK, Presence
from sim.chance.ringing import AT_ONCE, LAW
from sim.chance.room import Room, own_room
from sim.chance.tape import ARRIVAL, NUMBER, Tape
from sim.chance.tickets import ATTEMPT, DIGIT, check_numbers
from sim.engines import state
from sim.engines.attendance import AWAY
from sim.engines.counting import count_callers, count_loads
from sim.engines.decisions import EMPTY, HEAD_COLUMNS, KEY, NOBODY_IDLE
from sim.engines.doors import BORDER
from sim.engines.events import AGENT_BITS, LAST_TICK, Kind, too_late
from sim.engines.kernel import BEYOND, DONE, run_day
from sim.engines.own_rules import RuleFailedError
from sim.engines.passing import OF_A_LEG
from sim.engines.plan import Plan, frame, plan
from sim.engines.pools import CHATS
from sim.scenario.scenario import Scenario
from sim.tally import Counts, Measuring, Tally, credit, spans

Ints = npt.NDArray[np.int64]

_AGAIN, _AGAIN_LEAST = 64, 1 << 16  # later calls for each, and at least, for which a larger day's room is laid out
_NOTHING = np.zeros((0, 0, 0), np.int64)
_NO_SUMS = credit.Sums(
    calls=_NOTHING, agents=_NOTHING, callers=_NOTHING, waits=_NOTHING, longest=np.zeros((0, 0), np.int64),
    edges=np.zeros(0, np.int64), starts=np.zeros(0, np.int64), first=np.zeros(0, np.int64),
    promised=np.zeros(0, np.int64), quiet=np.zeros(0, np.int64), values=np.zeros(0, np.int64),
)  # fmt: skip
_NOT_COUNTING = spans.Rules(
    within=0, short=0, clock_starts=0, credit=0, since=0, until=0, opens=0, interval=1, intervals=0, per_tick=1.0,
    days=1, past=0,
)


def simulate(plan: Plan, tape: Tape) -> Day:
    """One day call by call."""
    day = run(plan, tape, Room())
    return Day(plan.frame_of(tape), _call_log(day, tape), _agent_log(day), _leg_log(day))


def count(plan: Plan, tape: Tape, measuring: Measuring) -> Tally:
    """The counts of one day; nothing of the day itself is kept."""
    counts = Counts(plan.frame_of(tape), measuring)
    run(plan, tape, own_room(), counts)
    return counts.tally()


def run(plan: Plan, tape: Tape, memory: Room, counts: Counts | None = None) -> state.Day:
    """The state at the end of the day; calls and agents are counted, or where there are no counts written down.

    Run again with more room where calls did not fit. Raises CallsimError for an event beyond LAST_TICK.
    """
    check_numbers(plan.laws.tickets, _stride(tape))
    reacts, hands = plan.laws.reactions.any_comes > 0, plan.laws.handing.any > 0
    identity, laws = (np.uint64(tape.seed), np.uint64(tape.replication)), with_talks(plan.laws, tape.talks)
    rules = _rules(plan, tape, reacts=reacts, log=counts is None)
    sums, counting = (_NO_SUMS, _NOT_COUNTING) if counts is None else (counts.sums, counts.rules)
    room = min(memory.length("key") - len(tape), max(_AGAIN * len(tape), _AGAIN_LEAST))
    later = max(len(tape) // 4 + 16, room) if reacts or hands else int(plan.laws.handling.any)
    live = max(min(memory.length("live calls"), len(tape) + later), 1024)
    while True:
        day = _day(plan, tape, memory, rules, later, live)
        ended = run_day(day, rules, counting, sums, laws, *identity)
        if ended == BEYOND:
            raise too_late()
        if day.now[state.RULE_FAILED]:
            raise RuleFailedError("in a kernel")
        if ended == DONE:
            if counts is not None:
                count_loads(day.agents, counting.intervals, sums.agents)
                if rules.keep:
                    count_callers(counting, day.calls, int(day.now[state.ROWS]), sums.callers)
            return day
        if not rules.keep and day.now[state.SPARE] == 0:
            live *= 2
        else:
            later = max(2 * later, 16)
        if counts is not None:
            counts.clear()


def beginning(scenario: Scenario, tape: Tape, measuring: Measuring) -> tuple[Any, ...]:
    """What the kernel is handed when a day begins whose calls are counted."""
    made, counts = plan(scenario), Counts(frame(scenario), measuring)
    rules = _rules(made, tape, reacts=True, log=False)
    day = _day(made, tape, Room(), rules, 16, 16)
    return day, rules, counts.rules, counts.sums, made.laws, np.uint64(tape.seed), np.uint64(tape.replication)


def _stride(tape: Tape) -> int:
    return int(tape.number.max(initial=-1)) + 1


def _call_log(day: state.Day, tape: Tape) -> CallLog:
    """The calls as views of the day's rows, sorted by (arrival, number); fresh calls are."""
    made = int(day.now[state.ROWS])
    drawn, calls = tape, day.calls[:made]
    caller: Ints = tape.number
    attempt, parent = np.zeros(len(tape), np.int64), np.full(len(tape), NONE, np.int64)
    if made > len(tape):
        rows = np.flatnonzero(calls[:, credit.CAME] != OF_A_LEG)
        rows = rows[np.lexsort((day.drawn[rows, NUMBER], day.drawn[rows, ARRIVAL]))]
        drawn, calls = Tape(tape.seed, tape.replication, day.key[rows], day.label[rows], day.drawn[rows]), calls[rows]
        code, first = np.divmod(drawn.number, _stride(tape))
        attempt, stride = code & ATTEMPT, _stride(tape)
        caller, left = drawn.number - attempt * stride, first + ((code >> DIGIT) - 1) * stride
        parent = np.where(attempt > 0, drawn.number - stride, np.where(code > 0, left, NONE))
    served = np.isin(calls[:, credit.OUTCOME], SERVED)
    return CallLog(
        number=drawn.number, key=drawn.key, caller=caller, attempt=attempt, parent=parent, call_type=drawn.call_type,
        solved=(served & (calls[:, credit.UNSOLVED] == 0)).astype(np.int64),
        label=drawn.label, surge=drawn.surge, **{name: calls[:, column] for name, column in _HAPPENED.items()},
    )  # fmt: skip


_HAPPENED = {
    "arrival": credit.ARRIVAL, "ivr_exit": credit.IVR_EXIT, "queue_entry": credit.QUEUE_ENTRY, "answer": credit.ANSWER,
    "end": credit.END, "release": credit.RELEASE, "group": credit.GROUP, "agent": state.AGENT,
    "outcome": credit.OUTCOME, "came": credit.CAME,
    "accepted": credit.ACCEPTED, "predicted": credit.PREDICTED, "deflection": state.DEFLECTION,
    "handed": credit.HANDED, "off_line": credit.OFF_LINE,
    "offer": credit.OFFER, "taken": credit.TAKEN, "held_back": state.HELD_BACK, "rang": credit.RANG,
}  # fmt: skip


def _leg_log(day: state.Day) -> LegLog:
    """The legs of calls after the first, sorted by (call, leg)."""
    legs = day.calls[: int(day.now[state.ROWS])]
    legs = legs[legs[:, credit.CAME] == OF_A_LEG]
    legs = legs[np.lexsort((legs[:, state.LEG], legs[:, state.CALL_NUMBER]))]
    return LegLog(
        call=legs[:, state.CALL_NUMBER], leg=legs[:, state.LEG], call_type=legs[:, credit.CALL_TYPE], how=legs[:, credit.HOW],
        **{name: legs[:, column] for name, column in _HAPPENED.items() if name in LegLog.__dataclass_fields__},
    )  # fmt: skip


def _agent_log(day: state.Day) -> AgentLog:
    """All stretches as views, sorted by (agent, since)."""
    kept = day.stretches[: int(day.now[state.STRETCHES])]
    if day.now[state.SEVERAL]:  # what is finishing may have been parted late
        kept = kept[np.lexsort((kept[:, state.S_SINCE], kept[:, state.S_AGENT]))]
    else:
        kept = kept[np.argsort(kept[:, state.S_AGENT], kind="stable")]  # those of one agent are in order already
    return AgentLog(*(kept[:, column] for column in range(state.STRETCH_COLUMNS)))


def _rules(plan: Plan, tape: Tape, *, reacts: bool, log: bool) -> state.Rules:
    return _every_day(plan, reacts, log)._replace(fresh=len(tape), stride=_stride(tape) if reacts else 1)


@lru_cache(maxsize=16)  # a study runs a few plans, each of them day after day
def _every_day(plan: Plan, reacts: bool, log: bool) -> state.Rules:
    """The rules of a day without calls."""
    return state.Rules(
        plan.routes.look, plan.routes.look_at, _seats(plan), plan.routes.scan, plan.routes.scan_at, plan.routes.order,
        _groups(plan), plan.routes.ruled, plan.routes.overflows, plan.routes.agent_rule,
        plan.routes.call_rule, plan.idle_by, plan.first_class, plan.strides,
        by_label=int(plan.strides.any()), trunks=plan.trunks, ports=plan.ports, past_full=int(plan.past_full),
        fresh=0, reacts=int(reacts), tells=plan.laws.offers.any_told, log=int(log),
        keep=int(log or reacts or plan.laws.handing.any), stride=1, hands=plan.laws.handing.any, work=plan.laws.work,
        works=int(plan.laws.work.any()), lazy=int(_unnoticed(plan)), sells=plan.laws.selling.any,
    )  # fmt: skip


def _seats(plan: Plan) -> Ints:
    return np.stack([plan.seat_group, plan.seat_pool, plan.seats_at[plan.seat_pool]], axis=1)


def _groups(plan: Plan) -> Ints:
    blend = plan.blend if len(plan.blend) else np.zeros((len(plan.contacts), state.G_CHATS), np.int64)
    return np.ascontiguousarray(np.hstack([blend, plan.contacts]))


def _day(plan: Plan, tape: Tape, memory: Room, rules: state.Rules, later: int, live: int) -> state.Day:
    """The beginning of a day, with room for so many later calls, and for so many live ones where calls are not kept."""
    empty = _empty(plan)
    capacity, drawn, key, label = len(tape) + later, tape.rows, tape.key, tape.label
    needs = key
    if later:
        drawn, key = memory.longer("drawn", drawn, later), memory.longer("key", key, later)
        label, needs = memory.longer("label", label, later), memory.longer("needs", tape.key, later)
    rows = capacity if rules.keep else live
    calls = memory.array("calls" if rules.keep else "live calls", rows, state.CALL_COLUMNS)
    calls[:, credit.OUTCOME] = 0  # not NONE: none of them has arrived
    spare = memory.array("spare", 0 if rules.keep else rows)
    spare[:] = np.arange(len(spare))
    now = empty.now.copy()
    now[state.ROWS], now[state.SPARE] = len(tape), len(spare)
    if len(tape):
        now[state.NEXT_KEY] = int(drawn[0, ARRIVAL]) << state.KIND_BITS | Kind.ARRIVAL
    stretches, again = 0, int(now[state.RINGS] != 0 or rules.tells != 0)  # see `room_for_more`
    if rules.log:
        # a call is idle, talk and wrap-up; who leaves owed splits one; every head that goes leaves an idle stretch
        going = int(np.abs(empty.steps[:, state.HEADS]).sum()) + 2 * len(empty.agents) * len(plan.borders)
        going += 3 * len(tape.presence.steps)
        # each of several contacts at a time may begin three; a head marked that stays, one more
        stretches = (3 * capacity + going + 16) * (1 + int(now[state.SEVERAL]))
        stretches += (stretches + 8 * len(empty.agents)) * again
    pending = (2 * capacity + 1) * (1 + int(now[state.SEVERAL])) * (1 + again) + 8
    agents, tree = empty.agents.copy(), empty.tree.copy()
    _begin_shifts(tape.presence, agents, tree)
    if len(plan.places):
        agents[:, state.A_PLACE] = place_keys(plan.places, tape.seed, tape.replication)
    return empty._replace(
        now=now, drawn=drawn, key=key, needs=needs, label=label, calls=calls, spare=spare, agents=agents, tree=tree,
        pools=empty.pools.copy(), owed=empty.owed.copy(), plans=tape.presence.steps, waiting=empty.waiting.copy(),
        idle=empty.idle.copy(), queues=empty.queues.copy(), heads=empty.heads.copy(),
        stretches=memory.array("stretches", stretches, state.STRETCH_COLUMNS),
        later=memory.array("later", pending, state.LATER_COLUMNS), leaving=memory.array("leaving", rows),
    )  # fmt: skip


def _begin_shifts(presence: Presence, agents: Ints, tree: Ints) -> None:
    """Nobody of the roster is there yet: each comes when his first step ends."""
    people = len(presence)
    if not people:
        return
    first, leaves = len(agents) - people, len(tree) // 2
    due = presence.steps[presence.first[:-1] + 1, TICK]
    agents[first:, state.A_STEP], agents[first:, state.A_DUE] = presence.first[:-1], due
    comes = (np.minimum(due, LAST_TICK) << state.AGENT_KEY_BITS) | (int(Kind.ON) << AGENT_BITS) | np.arange(first, len(agents))
    tree[leaves + first : leaves + len(agents)] = np.where(due > LAST_TICK, state.FAR, comes)
    while leaves > 1:
        tree[leaves // 2 : leaves] = np.minimum(tree[leaves : 2 * leaves : 2], tree[leaves + 1 : 2 * leaves : 2])
        leaves //= 2


@lru_cache(maxsize=16)
def _empty(plan: Plan) -> state.Day:
    """A day of the plan before anything has happened, without calls."""
    queues, pools, agents = len(plan.class_type), len(plan.agent_at) - 1, int(plan.agent_at[-1])
    groups = len(plan.frame.groups)
    none = np.zeros((1, 0), np.int64)
    now = np.zeros(state.NOWS, np.int64)
    now[state.FIRST_PERSON], now[state.GROUPS] = agents - plan.people, groups
    now[state.TAKER] = now[state.LOOKS] = NONE
    now[state.BLENDS] = len(plan.blend) > 0
    now[state.SEVERAL] = int(plan.contacts[:, CHATS].any())
    now[state.HANDLES] = plan.laws.handling.any
    now[state.RINGS] = int((plan.laws.handling.agents[:, LAW] != AT_ONCE).any())
    now[state.OVER], now[state.CLOSED], now[state.CLEARED] = NONE, 1, 1  # until the doors open
    steps = _steps(plan)
    now[state.NEXT_KEY], now[state.STEP_KEY] = state.FAR, steps[0, state.KEY]
    of_agents = np.full((agents, state.AGENT_COLUMNS), NONE, np.int64)
    heads = np.diff(plan.agent_at)
    of_agents[:, state.A_POOL] = np.repeat(np.arange(pools), heads)
    of_agents[:, state.A_GROUP] = np.repeat(plan.seat_group[:pools], heads)
    of_agents[:, state.A_STATE], of_agents[:, state.A_SINCE], of_agents[:, state.A_DUE] = AWAY, 0, state.FAR
    of_agents[:, [state.A_HANDLED, state.A_IDLE, state.A_PLACE]] = 0
    of_agents[:, [state.A_IN_HAND, state.A_TALKS, state.A_OTHER, state.A_ASKS]] = 0
    of_seat = plan.seat_pool
    of_pools = np.zeros((len(of_seat), state.POOL_COLUMNS), np.int64)
    of_pools[:, state.FIRST_AGENT], of_pools[:, state.PAST_AGENT] = plan.agent_at[of_seat], plan.agent_at[of_seat + 1]
    leaves = np.array([1 << max(int(one) - 1, 0).bit_length() for one in heads], np.int64)[of_seat]
    of_pools[:, state.TREE_AT], of_pools[:, state.LEAVES_OF] = np.cumsum(2 * leaves) - 2 * leaves, leaves
    of_queues = np.full((queues, state.QUEUE_COLUMNS), NONE, np.int64)
    of_queues[:, state.HEAD_LEAVES] = state.FAR
    of_queues[:, state.LAST_ANSWERED] = 0
    of_queues[:, state.KEEPS_OPEN] = plan.laws.work[plan.class_type] <= 0
    heads_of_queues = np.zeros((queues, HEAD_COLUMNS), np.int64)
    heads_of_queues[:, KEY] = EMPTY
    return state.Day(
        now=now, drawn=none, key=np.zeros(0, np.uint64), needs=np.zeros(0, np.uint64), label=none, calls=none,
        spare=none[0], agents=of_agents,
        tree=np.full(2 << max(agents - 1, 1).bit_length(), state.FAR, np.int64), pools=of_pools,
        owed=np.zeros(agents, np.int64), plans=none, waiting=np.full(2 * int(leaves.sum()), NOBODY_IDLE, np.int64),
        idle=np.concatenate([np.full(len(of_seat), NOBODY_IDLE, np.int64), np.zeros(2 * groups, np.int64)]), queues=of_queues,
        heads=heads_of_queues, stretches=none,
        steps=steps, later=none, leaving=none,
    )  # fmt: skip


def _unnoticed(plan: Plan) -> bool:
    """Whether who hangs up is noticed only when somebody looks: no line, redial, prediction or rule hangs on the moment."""
    watched = plan.laws.offers.any_told + plan.laws.handing.any + plan.routes.lengths
    return plan.trunks < 0 and plan.laws.reactions.any_comes < 2 and watched == 0


def _steps(plan: Plan) -> Ints:
    """Key, group and change of every step, in order: int64, shape (steps, 3); the last never comes."""
    groups = len(plan.frame.groups)
    rows = [(one.time, int(Kind.OFF), groups + one.what, BORDER - one.what, 0) for one in plan.borders]
    rows.append((int(state.LATEST), int(max(Kind)), 0, NONE, 0))
    for tick, group, _, change in zip(*(column.tolist() for column in plan.staffing), strict=True):
        rows.append((tick, int(Kind.ON if change > 0 else Kind.OFF), group, group, change))
    return np.array([(tick << state.KIND_BITS | kind, group, change) for tick, kind, _, group, change in sorted(rows)])
