"""Every measure on calls made by hand, where the answer can be counted on fingers."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.calls import NONE, AgentLog, CallLog, Came, Day, Frame, Outcome, Prices, State
from sim.chance.tape import Tape
from sim.engines import simulate
from sim.measures import DENOMINATORS, MEASURES, Cut, find_measure
from sim.measures.days import minutes_under, recovery
from sim.measures.waits import percentile
from sim.scenario.calendar import A_DAY
from sim.scenario.errors import CallsimError
from sim.scenario.scenario import Scenario
from sim.scenario.units import ticks
from sim.tally import Measuring, tally
from sim.tally.tally import Count, Customers, Tally, Work
from sim.tally.waits import EDGES
from tests.strategies import cases

S = 1_000_000
PHONES = (State.IDLE, State.TALK, State.WRAP_UP, State.RING)
FRAME = Frame(
    start=date(2026, 3, 12), opens=0, closes=3600 * S, interval=1800 * S, intervals=2, horizon=18_000 * S,
    call_types=("billing", "faults"), groups=("desk",), labels=(("segment", ("golden", "ordinary")),),
    paid_per_phone=(81_920,),  # 1.25 paid heads per head on the phones
    overtime=np.array([[600 * S, 0]]),
    prices=Prices("EUR", (30_000,), 1500, 60, 100, 2000),
)  # fmt: skip


def call(
    outcome: Outcome, *, at: int = 10, wait: int = 0, talk: int = 100, wrap: int = 20, **more: int
) -> dict[str, int]:
    """A call by its times in seconds; the IVR takes 5 s."""
    nothing = ("ivr_exit", "queue_entry", "answer", "release", "group", "agent", "label", "accepted", "predicted")
    row = dict.fromkeys(nothing, NONE)
    row |= {"arrival": at, "end": at, "call_type": 0, "outcome": int(outcome), "caller": NONE, "attempt": 0, "came": 0, "rang": 0}
    row["solved"] = int(outcome in (Outcome.ANSWERED, Outcome.CONTAINED))
    if outcome not in (Outcome.BLOCKED, Outcome.CLOSED):
        row |= {"ivr_exit": at + 5, "end": at + 5}
    offered = (Outcome.BALKED, Outcome.ABANDONED, Outcome.ANSWERED, Outcome.DEFLECTED, Outcome.CALLBACK_MISSED)
    if outcome in offered or more.pop("asked", 0):
        row |= {"queue_entry": at + 5, "end": at + 5 + wait}
    if outcome == Outcome.ANSWERED:
        row |= {"answer": at + 5 + wait, "end": at + 5 + wait + talk, "group": 0, "agent": 0}
        row["release"] = row["end"] + wrap
    return row | more


def day(*calls: dict[str, int], agents: AgentLog | None = None) -> Day:
    times = ("arrival", "ivr_exit", "queue_entry", "answer", "end", "release")
    columns = {name: np.array([c[name] for c in calls], np.int64) for name in calls[0]} if calls else {}
    for name in times:
        columns[name] = np.where(columns[name] >= 0, columns[name] * S, NONE)
    number = np.arange(len(calls), dtype=np.int64)
    caller = np.where(columns["caller"] >= 0, columns["caller"], number)
    log = CallLog(
        number=number, key=number.astype(np.uint64), caller=caller, parent=number * 0 - 1,
        deflection=number * 0 - 1, handed=number * 0 - 1, off_line=number * 0 - 1, surge=number * 0 - 1,
        offer=number * 0 - 1, taken=number * 0, held_back=number * 0, rang=columns.pop("rang"),
        label=columns.pop("label").reshape(-1, 1),
        **{k: v for k, v in columns.items() if k != "caller"},
    )  # fmt: skip
    return Day(FRAME, log, agents)


def stretches(*rows: tuple[int, int, int, int]) -> AgentLog:
    """(state, since, until, finishing) of agent 0 of group 0, in seconds."""
    table = np.array(rows, np.int64)
    zero = np.zeros(len(rows), np.int64)
    return AgentLog(zero, zero, table[:, 0], table[:, 1] * S, table[:, 2] * S, zero - 1, table[:, 3], zero + 1, zero, zero)


def example() -> Tally:
    """domain.md 5: answered 1000, abandoned 60, answered within T 860, abandoned within T 20."""
    calls = [call(Outcome.ANSWERED, wait=10)] * 860 + [call(Outcome.ANSWERED, wait=30)] * 140
    calls += [call(Outcome.ABANDONED, wait=2)] * 8 + [call(Outcome.ABANDONED, wait=12)] * 12
    calls += [call(Outcome.ABANDONED, wait=60)] * 40
    return tally(day(*calls), Measuring(within=20, short_abandon=5))


@pytest.mark.parametrize(
    ("name", "exact"),
    [
        ("service_level_abandons_met", (860 + 20) / 1060),
        ("service_level_answered", 860 / 1000),
        ("service_level", 860 / 1060),
        ("service_level_without_quick", 860 / (1000 + 40)),
        ("service_level_without_short", 860 / (1060 - 8)),
        ("answer_rate", 1000 / 1060),
        ("answer_rate_without_short", 1000 / (1060 - 8)),
        ("abandonment_rate", 60 / 1060),
        ("asa", (860 * 10 + 140 * 30) / 1000),
        ("mean_wait_abandoned", (8 * 2 + 12 * 12 + 40 * 60) / 60),
        ("mean_wait", (860 * 10 + 140 * 30 + 8 * 2 + 12 * 12 + 40 * 60) / 1060),
        ("aht", 120.0),
        ("delayed_rate", 1.0),
    ],
)
def test_five_service_levels_and_their_neighbors(name: str, exact: float):
    assert MEASURES[name](example()) == pytest.approx(exact, rel=1e-12)


def every_outcome() -> Day:
    return day(
        call(Outcome.BLOCKED),
        call(Outcome.CLOSED, at=3700),
        call(Outcome.CONTAINED),
        call(Outcome.IVR_ABANDONED),
        call(Outcome.STILL_THERE),
        call(Outcome.STILL_THERE, asked=1, wait=50),
        call(Outcome.BALKED),
        call(Outcome.ABANDONED, wait=40),
        call(Outcome.DEFLECTED, wait=3),
        call(Outcome.CALLBACK_MISSED, wait=3),
        call(Outcome.ANSWERED, wait=0),
        call(Outcome.ANSWERED, wait=7, call_type=1, label=0),
    )


def test_each_outcome_is_in_its_denominators_and_in_no_other():
    counted = tally(every_outcome())
    sizes = {"attempted": 12, "entered": 10, "offered": 7, "answered": 2}
    for name, size in sizes.items():
        assert MEASURES[name](counted) == size
        assert int(counted.calls[0, :, :2][:, :, list(DENOMINATORS[name])].sum()) == size
    assert MEASURES["answer_rate"](counted) == pytest.approx(2 / 7)
    assert MEASURES["answer_rate_entered"](counted) == pytest.approx(2 / 10)
    assert MEASURES["handled_rate"](counted) == pytest.approx(3 / 10)
    assert MEASURES["answer_rate_with_blocked"](counted) == pytest.approx(2 / 8)
    assert MEASURES["blocking_rate"](counted) == pytest.approx(1 / 12)
    assert MEASURES["containment_rate"](counted) == pytest.approx(1 / 10)


def test_cuts_by_type_label_and_interval():
    counted = tally(every_outcome())
    rate = MEASURES["answer_rate"]
    assert rate(counted, call_type="faults") == 1.0
    assert rate(counted, call_type="billing") == pytest.approx(1 / 6)
    assert rate(counted, label="segment=golden") == 1.0
    assert math.isnan(rate(counted, label="segment=ordinary"))
    assert math.isnan(rate(counted, interval=1))
    with pytest.raises(CallsimError, match='no call type "fault"; did you mean "faults"'):
        rate(counted, call_type="fault")
    with pytest.raises(CallsimError, match="interval"):
        rate(counted, interval=2)
    with pytest.raises(CallsimError, match="nobody answered has no group"):
        rate(counted, group="desk")


def test_a_caller_is_served_when_answered_once_or_contained_for_good():
    counted = tally(
        day(
            call(Outcome.CONTAINED, caller=0),  # and never again
            call(Outcome.CONTAINED, caller=1),
            call(Outcome.ANSWERED, at=900, caller=1, attempt=1),
            call(Outcome.CONTAINED, caller=3),
            call(Outcome.ABANDONED, at=950, caller=3, attempt=1),
            call(Outcome.ABANDONED, caller=5),
        )
    )
    assert MEASURES["callers"](counted) == 4
    assert MEASURES["callers_not_served"](counted) == 2
    assert MEASURES["callers_served_rate"](counted) == 0.5


def test_where_the_clock_starts_and_which_interval_is_credited():
    late = day(call(Outcome.ANSWERED, at=1790, wait=20, talk=100))
    assert MEASURES["asa"](tally(late)) == 20
    assert MEASURES["asa"](tally(late, Measuring(clock_starts="arrival"))) == 25
    assert MEASURES["asa"](tally(late, Measuring(clock_starts="ivr_exit"))) == 20
    for credit, interval in (("arrival", 0), ("answer", 1), ("end", 1)):
        counted = tally(late, Measuring(credit=credit))  # type: ignore[arg-type]
        assert MEASURES["offered"](counted, interval=interval) == 1
        assert MEASURES["offered"](counted, interval=1 - interval) == 0


def test_queue_time_is_counted_where_it_passes_and_mean_queue_divides_by_the_hours():
    counted = tally(day(call(Outcome.ABANDONED, at=1785, wait=30)))  # in queue from 29:50 to 30:20
    assert MEASURES["mean_queue"](counted, interval=0) == pytest.approx(10 / 1800)
    assert MEASURES["mean_queue"](counted, interval=1) == pytest.approx(20 / 1800)
    assert MEASURES["mean_queue"](counted) == pytest.approx(30 / 3600)


def test_a_window_leaves_out_calls_and_time_before_it():
    counted = tally(
        day(call(Outcome.ABANDONED, at=100, wait=50), call(Outcome.ABANDONED, at=195, wait=50)),
        Measuring(window=(200 - 5, 3600)),
    )
    assert MEASURES["offered"](counted) == 1
    assert MEASURES["mean_queue"](counted) == pytest.approx(50 / (3600 - 195))


def test_occupancy_hours_and_cost_count_finishing_time_as_worked_and_paid():
    log = stretches(
        (State.IDLE, 0, 1000, 0), (State.TALK, 1000, 3400, 0), (State.WRAP_UP, 3400, 3600, 0),
        (State.TALK, 3600, 3700, 1),
    )  # fmt: skip
    counted = tally(day(call(Outcome.ANSWERED), call(Outcome.ABANDONED, wait=7), agents=log))
    busy, phones, paid = 2400 + 200 + 100, 3700, 3600 * 1.25 + 100
    assert MEASURES["occupancy"](counted) == pytest.approx(busy / phones)
    assert MEASURES["utilization"](counted) == pytest.approx(busy / paid)
    assert MEASURES["finishing_hours"](counted) == pytest.approx(100 / 3600)
    assert MEASURES["paid_hours"](counted) == pytest.approx(paid / 3600)
    assert MEASURES["overtime_hours"](counted) == pytest.approx(600 / 3600)
    line_minutes = (105 + 12) / 60
    cost = paid / 3600 * 30 + 600 / 3600 * 30 * 0.5 + line_minutes * 0.06 + 2.0
    assert MEASURES["cost"](counted) == pytest.approx(cost)
    assert MEASURES["cost_per_answered"](counted) == pytest.approx(cost)
    with pytest.raises(CallsimError, match="no record of agents"):
        MEASURES["occupancy"](tally(day(call(Outcome.ANSWERED))))


def test_minutes_under_the_target_and_time_to_recover():
    bad, good = call(Outcome.ABANDONED, at=60, wait=1), call(Outcome.ANSWERED, at=1900)
    counted = tally(day(bad, good))
    assert MEASURES["minutes_under_target"](counted) == 30
    assert MEASURES["recovery_time"](counted) == 30
    both = tally(day(bad, call(Outcome.ABANDONED, at=1900, wait=1)))
    assert minutes_under(both, Cut(), 0.8).tolist() == [60]
    assert recovery(tally(day(good)), Cut(), 0.8).tolist() == [0]


@given(st.lists(st.integers(0, 20_000 * S), min_size=1, max_size=60), st.sampled_from([0.5, 0.9, 0.95]))
def test_a_percentile_is_right_within_its_cell(waits: list[int], level: float):
    cells = np.zeros(len(EDGES), np.int64)
    np.add.at(cells, np.minimum(np.searchsorted(EDGES, waits), len(EDGES) - 1), 1)
    exact = sorted(waits)[math.ceil(level * len(waits)) - 1]
    i = min(int(np.searchsorted(EDGES, exact)), len(EDGES) - 1)
    low = EDGES[i - 1] if i else 0
    assert low / S - 1e-9 <= percentile(cells, level) <= EDGES[i] / S + 1e-9


def test_the_longest_wait_and_days_side_by_side():
    one, two = tally(day(call(Outcome.ABANDONED, wait=70))), tally(day(call(Outcome.ABANDONED, wait=30)))
    both = one + two
    assert both.days == 2
    assert MEASURES["longest_wait"](both) == 50
    assert MEASURES["offered"](both) == 1
    assert MEASURES["mean_wait"](both) == 50


def test_a_measure_of_nothing_is_not_a_number_and_an_unknown_one_is_named():
    counted = tally(day(call(Outcome.CLOSED, at=4000)))
    assert math.isnan(MEASURES["answer_rate"](counted))
    with pytest.raises(CallsimError, match='did you mean "answer_rate"'):
        find_measure("answerrate")


@given(cases())
def test_conservation_in_every_interval_and_type_and_tallies_agree_with_the_log(case: tuple[Scenario, Tape]):
    scenario, tape = case
    made = simulate(scenario, tape)
    counted = tally(made, Measuring(within=3e-6, short_abandon=1e-6))
    types = len(scenario.call_types)
    outcomes = counted.calls[:, :, :types, : Count.STILL_IN_IVR + 1].sum(axis=3)
    day = np.clip((made.calls.arrival - made.frame.opens) // ticks(A_DAY), 0, made.frame.days - 1)
    since = made.calls.arrival - made.frame.opens - day * ticks(A_DAY)
    outside = (since < 0) | (since >= made.frame.closes - made.frame.opens)
    place = np.where(outside, made.frame.intervals, since // made.frame.interval)
    came = np.zeros_like(outcomes)
    np.add.at(came, (day, place, made.calls.call_type), 1)
    assert np.array_equal(outcomes, came)
    live = np.array([not kind.quiet for kind in scenario.call_types])
    total = {name: MEASURES[name](counted) * counted.open_days.sum() for name in ("attempted", "entered", "callers")}
    assert total["attempted"] == pytest.approx(live[made.calls.call_type].sum())
    assert total["entered"] == pytest.approx(total["attempted"] - sum(
        int((made.calls.outcome == out).sum()) for out in (Outcome.BLOCKED, Outcome.CLOSED)
    ))
    assert total["callers"] == pytest.approx(live[tape.call_type].sum())
    assert counted.callers[:, :, Customers.CALLERS].sum() == len(tape) + int((made.calls.came == Came.TICKET).sum())
    assert counted.agents is not None and made.agents is not None
    there = made.agents.until - made.agents.since
    assert counted.agents[:, :, :, Work.ON_PHONES].sum() == there[np.isin(made.agents.state, PHONES)].sum()
    left = np.where(made.calls.answer >= 0, made.calls.answer, made.calls.end)
    left = np.where(made.calls.accepted >= 0, made.calls.accepted, left)
    asked = made.calls.queue_entry >= 0
    assert counted.calls[:, :, :types, Count.WAIT_ALL].sum() == (left - made.calls.queue_entry)[asked].sum()
    assert made.legs is not None
    promised = made.legs.accepted >= 0
    gone = np.where(promised, made.legs.accepted, np.where(made.legs.answer >= 0, made.legs.answer, made.legs.end))
    in_legs = (gone - made.legs.queue_entry).sum()
    assert counted.calls[:, :, :types, Count.QUEUE_TIME].sum() - in_legs == counted.calls[:, :, :types, Count.WAIT_ALL].sum()
    further = counted.calls[:, :, :types, [Count.TRANSFERS, Count.CONSULTS]].sum()
    assert further == len(made.legs) and np.all(np.isin(made.legs.call, made.calls.number))
    assert counted.waits.sum() == counted.calls[:, :, :types, [Count.ANSWERED, Count.CALLED_BACK]].sum()


def test_the_gap_is_between_the_best_and_the_worst_served_value_of_a_label():
    gold = [call(Outcome.ANSWERED, label=0)] * 3 + [call(Outcome.ABANDONED, label=0, wait=9)]
    plain = [call(Outcome.ANSWERED, label=1), call(Outcome.ABANDONED, label=1, wait=9)]
    counted = tally(day(*gold, *plain))
    assert MEASURES["fairness_gap"](counted) == pytest.approx(0.75 - 0.5)
    assert math.isnan(MEASURES["fairness_gap"](tally(day(*gold))))  # nobody to compare with
    with pytest.raises(CallsimError, match="not cut by"):
        MEASURES["fairness_gap"](counted, label="segment=golden")


def test_the_spread_of_loads_is_the_standard_deviation_of_occupancies():
    talks, waits, rests = State.TALK, State.IDLE, State.BREAK
    rows = [(0, talks, 0, 30), (0, waits, 30, 60), (1, waits, 0, 60), (2, talks, 0, 60), (3, rests, 0, 9)]
    busy = np.array(rows, np.int64)
    zero = np.zeros(len(busy), np.int64)
    log = AgentLog(busy[:, 0], zero, busy[:, 1], busy[:, 2] * S, busy[:, 3] * S, zero - 1, zero, zero + 1, zero, zero)
    counted = tally(day(call(Outcome.ANSWERED), agents=log))
    assert MEASURES["load_spread"](counted) == pytest.approx(np.std([0.5, 0.0, 1.0]), abs=1e-4)
