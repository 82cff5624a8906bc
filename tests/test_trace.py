"""A caller's story tells what was free, what was decided and by which rule, and agrees with the log."""

from datetime import date

import numpy as np

from experiments.cli.trace import find_caller
from sim.chance.tape import Tape, tape_of
from sim.engines.plan import plan
from sim.engines.reference import simulate
from sim.engines.witness import Witness
from sim.scenario.calendar import Calendar
from sim.scenario.callers import CallType
from sim.scenario.demand import Arrivals
from sim.scenario.distributions import Deterministic
from sim.scenario.floor import Agents, Group
from sim.scenario.scenario import Scenario

SECOND = 1_000_000


def scenario(**parts: object) -> Scenario:
    return Scenario(
        name="desk",
        calendar=Calendar(start=date(2026, 3, 12), opens=28_800.0, closes=32_400.0, interval=1800.0),
        call_types=(CallType(name="billing", arrivals=Arrivals(per_interval=0.0), talk=Deterministic(value=60.0)),),
        groups=(Group(name="desk", skills=("billing",), agents=Agents(per_interval=1.0)),),
        **parts,  # type: ignore[arg-type]
    )


def tape(*, ivr: int = 0, fate: int = 0, patience: int = 1 << 60) -> Tape:
    """Two callers ten seconds apart who talk for a minute each."""

    def both(value: int) -> np.ndarray:
        return np.full(2, value, np.int64)

    return tape_of(
        seed=1, replication=0, number=np.arange(2), key=np.array([0xAB, 0xCD], np.uint64), stream=both(0),
        call_type=both(0), label=np.zeros((2, 0), np.int64), surge=both(-1),
        arrival=np.array([28_800, 28_810]) * SECOND, ivr=both(ivr * SECOND), fate=both(fate), via=both(-1), balks=both(0),
        talk=both(60 * SECOND), wrap=both(0), patience=both(patience), waited=both(0),
    )  # fmt: skip


def told(caller: int, made: Scenario, drawn: Tape) -> str:
    witness = Witness(plan(made), drawn, caller)
    day = witness.run()
    assert day == simulate(plan(made), drawn), "watching changes nothing"
    return "\n".join(step.show() for step in witness.story)


def test_who_waits_is_told_why_and_who_answered_him_by_which_rule():
    story = told(1, scenario(), tape())
    assert "08:00:10.0  looks: desk 0 free; 0 callers wait" in story
    assert "joins the queue; will not give up" in story
    assert "08:01:00.0  is answered by agent 1 of desk after 50s" in story
    assert "freed agent: priority, skill rank, longest wait" in story
    assert story.endswith("08:02:00.0  is over: ANSWERED")


def test_who_gives_up_is_told_when():
    story = told(1, scenario(), tape(patience=20 * SECOND))
    assert "will give up after 20s" in story
    assert story.endswith("08:00:30.0  is over: ABANDONED")


def test_who_is_contained_and_calls_again_stays_one_story():
    contained = {"chance": 1.0, "after": 300, "most": 1}
    story = told(0, scenario().with_({"call_types.billing.next.contained": contained}), tape(ivr=5, fate=1))
    assert "leaves the IVR after 5s: is contained" in story
    assert "will call again in 5m" in story
    assert "08:05:05.0  calls again, attempt 2: billing" in story
    assert story.endswith("is over: ANSWERED")


def test_a_callback_is_told_from_the_offer_to_the_last_try():
    offer = {"accepted": 1.0, "dial": 10, "reached": 0.0, "tries": 2, "again_after": 60}
    changes = {"call_types.billing.callback": offer, "call_types.billing.announced": {"by": "last wait"}}
    story = told(1, scenario().with_(changes), tape(patience=20 * SECOND))
    assert "is told to wait 0s: takes a callback  [predicted by last wait]" in story
    assert "comes up, and is called back by agent 1 of" in story
    assert "is not reached; tried again in 1m" in story and "is not reached; that was the last try" in story
    assert story.endswith("is over: CALLBACK_MISSED")


def test_a_caller_is_found_by_key_or_number():
    numbers, keys = [0, 1], [0xAB, 0xCD]
    assert find_caller(numbers, keys, "00000000000000cd") == 1
    assert find_caller(numbers, keys, "0x00000000000000ab") == 0
    assert find_caller(numbers, keys, "1") == 1
    assert find_caller(numbers, keys, "7") is None
    assert find_caller(numbers, keys, "no") is None
