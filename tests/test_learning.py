"""New agents get faster and learn more skills; who is on the phones for long tires."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pytest

from experiments.expected import load_by_interval
from sim.chance import draw
from sim.chance.composed import mean_tiredness
from sim.chance.learning import tenure_factor
from sim.engines.pools import pools_of
from sim.scenario.handling import Fatigue, Learning
from sim.scenario.roster import individuals
from tests.handling_floor import HOUR, S, floor, simulated, talks, wraps
from tests.test_compiled import assert_same

# --- new agents --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("curve", "factors"),
    [
        ("linear", [1.6, 1.3, 1.0, 1.0]), ("s", [1.6, 1.3, 1.0, 1.0]),
        ("exponential", [1.6, 1 + 0.6 * math.exp(-1.5), 1 + 0.6 * math.exp(-3), 1 + 0.6 * math.exp(-6)]),
    ],
)  # fmt: skip
def test_curves_at_hire_half_way_and_at_their_end(curve: Any, factors: list[float]) -> None:
    learning = Learning(curve=curve, start=1.6, lasts="100d")
    assert [tenure_factor(learning, days) for days in (0, 50, 100, 200)] == pytest.approx(factors)
    assert all(tenure_factor(learning, n) >= tenure_factor(learning, n + 1) for n in range(150))


def test_steps_are_taken_on_their_days() -> None:
    steps = [{"after": "28d", "factor": 1.2}, {"after": "56d", "factor": 0.9}]
    learning = Learning.model_validate({"curve": "steps", "start": 1.7, "steps": steps})
    assert [tenure_factor(learning, days) for days in (0, 27, 28, 55, 56, 900)] == [1.7, 1.7, 1.2, 1.2, 0.9, 0.9]


def test_who_is_new_gets_faster_day_by_day() -> None:
    new = {"calendar.days": 3, "learning": {"curve": "linear", "start": 1.5, "lasts": "4d"}}
    scenario = floor(new, hired=date(2026, 3, 11))
    day, talk, drawn = simulated(scenario)
    factor = np.array([90_112, 81_920, 73_728])[day.calls.answer // (24 * HOUR)]  # 1.375, 1.25, 1.125 of 65,536
    assert np.array_equal(talk, (drawn * factor + 32_768) >> 16)
    assert load_by_interval(scenario).reshape(3, 8)[:, 0] == pytest.approx([200 * f / 60 for f in (1.375, 1.25, 1.125)])
    assert np.array_equal(simulated(floor(new))[1], simulated(floor({"calendar.days": 3}))[1])  # without a day of hire


def test_who_is_nesting_has_only_the_skills_of_the_nesting() -> None:
    def able(hired: str, days: int) -> list[dict[str, int]]:
        scenario = floor({
            "calendar.days": 2, "call_types": [{"name": "hard", "arrivals": 30, "talk": 60}],
            "groups.desk.skills": ["calls", "hard"], "learning": {"nesting": {"days": days, "skills": ["calls"]}},
        }, hired=date.fromisoformat(hired))  # fmt: skip
        return [pool.levels for pool in pools_of(scenario)[0] if pool.people > 0]

    both, one = [{"calls": 1, "hard": 1}], [{"calls": 1}]
    assert able("2026-03-01", 11) == both and able("2026-03-01", 12) == one
    assert able("2026-03-13", 1) == one  # by the first day on which he works
    assert individuals(floor())[0].hired is None


# --- fatigue -----------------------------------------------------------------------------------------------------------


def test_who_is_on_the_phones_for_long_tires_until_he_has_a_break() -> None:
    """One agent, from 9 to 17 with a break at 13:00 for half an hour: a call every half hour, of 400 s and 40 s of wrap-up."""
    scenario = floor({
        "shifts.day.breaks": [{"at": "13:00", "lasts": "30m"}], "fatigue": {"after": "1h", "slowdown": 0.125, "most": 1.25},
        "call_types.calls.talk": 400, "call_types.calls.wrap_up": 40,
    }, agents=1)  # fmt: skip
    tape = draw(scenario, seed=1)
    at = np.arange(len(tape))
    tape = tape.with_columns(arrival=9 * HOUR + at * HOUR // 2)
    day = assert_same(scenario, tape)
    expected = [
        0, 0, 0, 0.0625, 0.125, 0.1875, 0.25, 0.25,  # from 9:00 on: 1/8 per hour beyond ten o'clock, 1/4 at the most
        0, 0, 0, 0, 0.0625, 0.125, 0.1875,  # from 13:30 on, when the call of 13:00 is answered, and then that of 13:30
    ]  # fmt: skip
    answered = day.calls.answer[:15] - 9 * HOUR
    assert answered[8] == 9 * HOUR // 2 and answered[7] == 7 * HOUR // 2
    late = answered[9] - 9 * HOUR // 2  # he takes the two that wait one after the other
    assert late == 440 * S
    assert (talks(day)[:15] / (400 * S)).tolist() == pytest.approx([1 + one for one in expected])
    assert (wraps(day)[:15] / (40 * S)).tolist() == pytest.approx([1 + one for one in expected])


def test_the_mean_of_fatigue_over_a_spell() -> None:
    given = Fatigue(after="1h", slowdown=0.1, most=1.2)
    assert mean_tiredness(given, 3600.0) == 1.0
    assert mean_tiredness(given, 7200.0) == pytest.approx(1 + 0.05 / 2)
    assert mean_tiredness(given, 4 * 3600.0) == pytest.approx(1 + (0.1 * 2 + 0.2) / 4)
    scenario = floor({"fatigue": {"after": "1h", "slowdown": 0.1, "most": 1.2}})
    mean = 1 + (0.1 * 2 + 0.2 * 5) / 8
    assert load_by_interval(scenario) == pytest.approx(60 / 3600 * 200 * mean)
