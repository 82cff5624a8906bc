"""Handle times hang on who answers: worked by hand to the tick, and in closed form in the mean."""

from __future__ import annotations

import math

import numpy as np
import pytest

from experiments.expected import load_by_interval
from sim.calls import NONE, Came, Outcome
from sim.chance import draw
from sim.chance.composed import composed
from sim.engines import count
from sim.erlang import erlang_b
from sim.scenario.recorded import Recorded
from sim.tally import Measuring
from sim.tally.tally import side_by_side
from tests.handling_floor import HOUR, SCRIPT, TODAY, S, counted, expects, floor, simulated, talks, wraps
from tests.test_compiled import assert_same
from tests.test_theory import assert_within

# --- who answers -------------------------------------------------------------------------------------------------------


def test_a_slow_agent_talks_and_writes_longer_by_his_factor_to_the_tick() -> None:
    day, talk, drawn = simulated(floor(proficiency=1.25))
    assert np.array_equal(talk, (drawn * 5 + 2) // 4) and np.all(wraps(day) == 25 * S)
    day, talk, drawn = simulated(floor(proficiency={"calls": 0.5}))
    assert np.array_equal(talk, (drawn + 1) // 2) and np.all(wraps(day) == 10 * S)
    expects(floor(proficiency=1.25), 225, 25)


def test_what_is_said_of_an_agent_goes_before_what_is_said_of_his_team() -> None:
    slow = {"name": "anna", "team": "team", "shift": "day", "proficiency": 2.0}
    day, talk, drawn = simulated(floor({"agents": [slow]}, agents=1, proficiency=1.5))
    by_anna = day.calls.agent == day.frame.agents.index("anna")
    answered = day.calls.answer != NONE
    assert by_anna.sum() > 50 and np.array_equal(talk[by_anna], 2 * drawn[by_anna])
    assert np.array_equal(talk[answered & ~by_anna], (3 * drawn[answered & ~by_anna] + 1) // 2)


def test_everything_together_by_hand() -> None:
    scenario = floor({
        "call_types.calls.talk": 60, "call_types.calls.script": [{"name": "greet", "takes": 10}],
        "call_types.calls.lookups": {"things": 3, "chance": 1.0, "takes": 20},
        "call_types.calls.hold": {"chance": 1.0, "takes": 30}, "call_types.calls.transactions": {"crm": 2},
        "systems": [{"name": "crm", "takes": 5}], "call_types.calls.text": 100, "call_types.calls.typed_while_talking": 0.5,
    }, proficiency=1.25, knowledge=0.0, typing=40, system_speed=1.5)  # fmt: skip
    day, talk, _ = simulated(scenario)
    assert np.all(talk == (round(1.25 * (10 + 60 + 60)) * S + S // 2 + 45 * S))  # 162.5 + 30 + 2 x 5 x 1.5
    assert np.all(wraps(day) == 25 * S + 150 * S - talk // 2)
    assert load_by_interval(scenario) == pytest.approx(60 / 3600 * (207.5 + 25 + 150 - 103.75))


def test_heads_that_are_counted_know_everything_and_type_at_once_but_go_through_scripts() -> None:
    beside = {"call_types.calls.lookups": {"takes": 20}, "call_types.calls.text": 100}
    _, talk, drawn = simulated(counted(beside))
    assert np.array_equal(talk, drawn)
    day, talk, drawn = simulated(counted(beside | {"call_types.calls.script": [{"name": "greet", "takes": 10}]}))
    assert np.array_equal(talk, drawn + 10 * S) and np.all(wraps(day) == 20 * S)


def test_a_scenario_in_which_nothing_of_it_acts_has_the_same_calls() -> None:
    plain, said = floor(), floor({"call_types.calls.lookups": {"takes": 20}}, proficiency=1.0, knowledge=1.0, typing=50)
    tape = draw(plain, seed=1)
    assert np.array_equal(draw(said, seed=1).rows, tape.rows)
    one, other = assert_same(plain, tape), assert_same(said, tape)
    assert np.array_equal(one.calls.end, other.calls.end) and np.array_equal(one.calls.release, other.calls.release)


def test_a_line_is_blocked_as_erlang_b_says_of_the_whole_talk() -> None:
    """Blocking hangs on the mean talk alone (insensitivity): 1.5 x (180 + 2 x 0.5 x 0.6 x 50) = 315 s."""
    scenario = floor({
        "calendar.opens": "00:00", "calendar.closes": "24:00", "shifts.day.from": "00:00", "shifts.day.to": "24:00",
        "call_types.calls.wrap_up": 0, "lines.trunks": 6,
        "call_types.calls.lookups": {"things": 2, "chance": 0.5, "takes": {"exponential": {"mean": 50}}},
    }, agents=6, proficiency=1.5, knowledge=0.4)  # fmt: skip
    window = Measuring(window=(7200.0, 86_400.0))
    found = side_by_side([count(scenario, draw(scenario, seed=5, replication=i), window) for i in range(40)])
    assert_within(found, "blocking_rate", erlang_b(load=60 / 3600 * 315, servers=6))


# --- look-ups, hold, systems, typing -----------------------------------------------------------------------------------


def test_what_is_not_known_is_looked_up() -> None:
    lookups = {"things": 4, "chance": 0.5, "takes": {"exponential": {"mean": 30}}}
    expects(floor({"call_types.calls.lookups": lookups}, knowledge={"calls": 0.4}), 180 + 4 * 0.5 * 0.6 * 30, 20)


def test_hold_and_transactions_come_on_top_and_are_not_longer_for_the_slow() -> None:
    scenario = floor({
        "call_types.calls.hold": {"chance": 0.3, "takes": {"exponential": {"mean": 60}}},
        "call_types.calls.transactions": {"crm": 1.5, "forum": 0.2}, "systems": [
            {"name": "crm", "takes": {"exponential": {"mean": 8}}}, {"name": "forum", "takes": 100}],
    }, proficiency=1.25, system_speed=2.0)  # fmt: skip
    expects(scenario, 225 + 18 + 2 * (12 + 20), 25)


def test_a_part_of_a_transaction_is_one_more_in_that_share_of_the_calls() -> None:
    systems = [{"name": "crm", "takes": 10}]
    _, talk, drawn = simulated(counted({"systems": systems, "call_types.calls.transactions": {"crm": 2.5}}))
    times = (talk - drawn) // (10 * S)
    assert set(times.tolist()) == {2, 3} and abs((times == 3).mean() - 0.5) < 4 * 0.5 / math.sqrt(len(times))


def test_an_outage_acts_on_calls_answered_in_its_window_on_its_days() -> None:
    outages = [
        {"from": "10:00", "to": "11:00", "times": 3.0}, {"from": "12:00", "to": "13:00", "plus": "20s", "on": "friday"},
        {"from": "14:00", "to": "15:00", "plus": "20s", "on": [TODAY]},
    ]  # fmt: skip
    scenario = counted({"calendar.days": 2, "systems": [{"name": "crm", "takes": 10, "outages": outages}],
                        "call_types.calls.transactions": {"crm": 1}})  # fmt: skip
    day, talk, drawn = simulated(scenario)
    hour, of_day = day.calls.answer // HOUR % 24, day.calls.answer // (24 * HOUR)
    expected = np.full(len(talk), 10 * S)
    expected[hour == 10] = 30 * S
    expected[((hour == 12) & (of_day == 1)) | ((hour == 14) & (of_day == 0))] = 30 * S
    assert np.array_equal(talk - drawn, expected)
    load = load_by_interval(scenario).reshape(2, 8) * 60
    assert load[0] == pytest.approx([210, 230, 210, 210, 210, 230, 210, 210])
    assert load[1] == pytest.approx([210, 230, 210, 230, 210, 210, 210, 210])


def test_an_outage_past_midnight_begins_the_day_before() -> None:
    outages = [{"from": "23:00", "to": "34:00", "plus": 5}]
    _, talk, drawn = simulated(counted({"systems": [{"name": "crm", "takes": 10, "outages": outages}],
                                        "call_types.calls.transactions": {"crm": 1}}))  # fmt: skip
    assert set((talk - drawn).tolist()) == {10 * S, 15 * S}  # until ten


def test_what_is_expected_knows_the_outage_of_the_night_before() -> None:
    scenario = floor({
        "calendar.opens": "00:00", "calendar.closes": "24:00", "shifts.day.from": "00:00", "shifts.day.to": "24:00",
        "call_types.calls.transactions": {"crm": 2},
        "systems": [{"name": "crm", "takes": 30, "outages": [{"from": "23:00", "to": "25:30", "times": 4}]}],
    })  # fmt: skip
    plus = composed(scenario, scenario.call_types[0]).plus
    assert plus == pytest.approx([240, 150, *[60] * 21, 240])


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_what_is_not_typed_while_talking_is_typed_after_it(share: float) -> None:
    """E max(0, T - s X) = T - s m (1 - exp(-T / (s m))) of an exponential talk with mean m."""
    typed, m = 150.0, 180.0 * share
    left = typed - m * (1 - math.exp(-typed / m)) if share else typed
    scenario = floor({"call_types.calls.text": 100, "call_types.calls.typed_while_talking": share}, typing=40)
    day, talk, _ = simulated(scenario)
    assert np.all(wraps(day) == 20 * S + np.maximum(150 * S - (talk * round(share * 2) + 1) // 2, 0))
    expects(scenario, 180, 20 + left)


# --- scripts -----------------------------------------------------------------------------------------------------------

def test_a_step_that_solves_the_matter_ends_the_call() -> None:
    """It is solved, and nobody is transferred; all others are, and stay unsolved."""
    scenario = counted({
        "call_types.calls.script": SCRIPT, "call_types.calls.solved": 0.0, "groups.desk.skills": ["calls", "second"],
        "call_types.calls.transfers": [{"name": "on", "to": "second", "chance": 1.0}],
        "call_types": [{"name": "second", "arrivals": 0, "talk": 60}],
    })  # fmt: skip
    day, talk, drawn = simulated(scenario)
    solved = day.calls.solved == 1
    assert abs(solved.mean() - 0.55) < 4 * 0.5 / math.sqrt(len(solved))
    handed = day.calls.handed != NONE
    assert np.array_equal(handed, ~solved) and set(talk[solved].tolist()) == {30 * S, 50 * S}
    assert abs((talk[solved] == 30 * S).mean() - 0.4 / 0.55) < 4 * 0.5 / math.sqrt(solved.sum())
    handed_after = day.calls.handed[handed] - day.calls.answer[handed]
    assert np.array_equal(handed_after, drawn[handed] + 50 * S)


def test_the_script_takes_its_time_and_saves_what_it_solves() -> None:
    expects(counted({"call_types.calls.script": SCRIPT}), 30 + 0.6 * 20 + 0.45 * 180, 20)
    expects(floor({"call_types.calls.script": SCRIPT}, proficiency=1.25), 1.25 * (42 + 81), 25)


def test_another_step_moves_nobody_in_the_others() -> None:
    one, two = (counted({"call_types.calls.script": steps}) for steps in (SCRIPT[:1], SCRIPT[::-1]))
    a, b = simulated(one)[0], simulated(two)[0]
    by_cable = talks(b) == 20 * S
    assert np.array_equal((talks(a) == 30 * S)[~by_cable], (talks(b) == 50 * S)[~by_cable])


@pytest.mark.parametrize("recognized", [0.0, 1.0])
def test_a_recognized_repeat_call_skips_the_script(recognized: float) -> None:
    day, talk, _ = simulated(counted({
        "call_types.calls.talk": 100, "call_types.calls.script": [{"name": "greet", "takes": 10}], "call_types.calls.solved": 0.0,
        "call_types.calls.recognized": recognized, "call_types.calls.next.unsolved": {"chance": 0.7, "after": 600, "most": 2},
    }))  # fmt: skip
    repeats = (day.calls.came == Came.REPEAT) & (day.calls.answer != NONE)
    fresh = day.calls.came == Came.FRESH
    assert repeats.sum() > 100 and np.all(talk[fresh] == 110 * S)
    assert np.all(talk[repeats] == (100 if recognized else 110) * S)


def test_who_is_solved_by_the_script_is_not_a_repeat_caller() -> None:
    scenario = counted({"call_types.calls.script": [{"name": "all", "takes": 10, "solves": 1.0}], "call_types.calls.solved": 0.0,
                        "call_types.calls.next.unsolved": {"chance": 1.0, "after": 60, "most": 5}})  # fmt: skip
    day, talk, _ = simulated(scenario)
    assert np.all(day.calls.came == Came.FRESH) and np.all(talk == 10 * S) and np.all(day.calls.solved == 1)


# --- other ways to an agent --------------------------------------------------------------------------------------------


def test_who_takes_a_transferred_call_takes_it_at_his_own_speed() -> None:
    scenario = floor({
        "call_types.calls.transfers": [{"name": "on", "to": "second", "chance": 1.0}],
        "call_types": [{"name": "second", "arrivals": 0, "talk": 100, "wrap_up": 10}],
        "groups": [{"name": "pros", "skills": ["second"]}],
        "teams": [{"name": "pros", "group": "pros", "agents": 30, "shift": "day", "proficiency": 0.5}],
    }, proficiency=2.0)  # fmt: skip
    tape = draw(scenario, seed=1)
    day = assert_same(scenario, tape)
    assert day.legs is not None and np.all(day.legs.end - day.legs.answer == 50 * S)
    assert np.all(day.legs.release - day.legs.end == 5 * S)
    assert np.array_equal(day.calls.handed - day.calls.answer, 2 * tape.talk)


def test_a_senior_is_asked_by_who_does_not_know() -> None:
    ask = {"name": "ask", "to": "help", "how": "consult", "chance": 0.8, "if_unknown": True, "handover": 30}
    more = {"call_types": [{"name": "help", "arrivals": 0, "talk": 60}], "call_types.calls.transfers": [ask],
            "groups": [{"name": "pros", "skills": ["help"], "agents": 20}]}  # fmt: skip
    for knowledge, share in ((None, 0.0), (0.0, 0.8), (0.75, 0.2)):
        person = {} if knowledge is None else {"knowledge": knowledge}
        day, _, _ = simulated(floor(more, **person))
        assert day.legs is not None
        asked = len(day.legs) / len(day.calls)
        assert abs(asked - share) <= 4 * math.sqrt(share * (1 - share) / len(day.calls))


def test_contacts_of_a_list_and_callbacks_take_as_long_as_who_calls_needs() -> None:
    scenario = floor({
        "call_types": [{
            "name": "list", "contact": "outbound", "arrivals": 0, "talk": 60, "priority": 2,
            "outbound": {"contacts": 200, "dial": 0, "prepare": 0, "reached": 1.0},
        }], "groups.desk.skills": ["calls", "list"],
        "call_types.calls.callback": {"accepted": 1.0, "dial": 0, "reached": 1.0},
    }, agents=7, proficiency=2.0)  # fmt: skip
    tape = draw(scenario, seed=1)
    day = assert_same(scenario, tape)
    back = day.calls.outcome == Outcome.CALLED_BACK
    listed = back & (day.calls.call_type == 1)
    assert listed.sum() > 50 and np.all(talks(day)[listed] == 120 * S)
    mine = back & (day.calls.call_type == 0)
    assert mine.sum() > 20 and np.array_equal(talks(day)[mine], 2 * tape.talk[mine])


def test_recorded_handle_times_take_no_factor_again() -> None:
    at = np.arange(20, dtype=np.int64)
    nothing = np.zeros(20, np.int64)
    record = Recorded(
        number=at, arrival=9 * HOUR + at * 600 * S, ivr=nothing, outcome=nothing + int(Outcome.ANSWERED), wait=nothing,
        talk=(100 + at) * S, wrap=nothing + 7 * S,
    )  # fmt: skip
    scenario = floor({"call_types.calls.script": SCRIPT, "call_types.calls.text": 100, "call_types.calls.arrivals": {
        "replay": record}}, proficiency=3.0, typing=40)  # fmt: skip
    day, talk, _ = simulated(scenario)
    assert np.array_equal(talk, (100 + at) * S) and np.all(wraps(day) == 7 * S)
