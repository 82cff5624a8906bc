"""Overtime of people: who stays on, what it costs, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.calls import State
from sim.chance import draw
from sim.chance.presence import presence
from sim.engines import simulate
from sim.measures import MEASURES
from sim.scenario.errors import ScenarioError
from sim.scenario.merge import build
from sim.scenario.scenario import Scenario
from sim.tally import tally
from tests.people_desk import ASKED, DESK, HOUR, day_of, desk


def staying(scenario: Scenario, replication: int = 0) -> list[float]:
    """Until when those of the early shift are on the phones, in hours, without what they finish."""
    agents = day_of(scenario, replication)
    planned = (agents.finishing == 0) & (agents.state != State.ABSENT)
    return sorted(float(agents.until[planned & (agents.agent == agent)].max(initial=0)) / HOUR for agent in range(3))


def test_as_many_stay_on_as_are_wanted_and_no_longer_than_they_may():
    assert staying(desk(overtime=[ASKED])) == [16, 18, 18]
    assert staying(desk(overtime=[ASKED | {"most": "1h"}])) == [16, 17, 17]
    assert staying(desk(overtime=[ASKED | {"accepted": 0.0}])) == [16, 16, 16]
    assert staying(desk(overtime=[ASKED | {"on": "tuesday"}])) == [16, 16, 16]


def test_overtime_is_paid_as_such():
    scenario = desk(overtime=[ASKED], costs={"wage": 20.0, "overtime_factor": 1.5})
    counted = tally(simulate(scenario, draw(scenario, seed=1, replication=0)))
    assert MEASURES["overtime_hours"](counted) == pytest.approx(4.0)
    paid = MEASURES["paid_hours"](counted)
    assert paid == pytest.approx(48 + 4 + MEASURES["finishing_hours"](counted))
    assert MEASURES["cost"](counted) == pytest.approx(20 * (paid + 0.5 * 4))


def test_who_is_absent_cannot_be_asked_and_each_accepts_with_that_chance():
    """Seed 1, 2,000 days: of three, one is wanted; he is found unless all are absent or decline, within 3.5 standard errors."""
    scenario = desk(overtime=[ASKED | {"agents": 1, "accepted": 0.4}], attendance={"absent": 0.2})
    found = [presence(scenario, seed=1, replication=i).overtime.sum() > 0 for i in range(2000)]
    exact = 1 - (1 - 0.8 * 0.4) ** 3
    assert abs(np.mean(found) - exact) < 3.5 * np.sqrt(exact * (1 - exact) / 2000)
    who = [np.array(staying(scenario, i)) for i in range(20)]
    assert all((one > 16).sum() <= 1 for one in who)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"agents": 4}, r"overtime\.evening\.agents: only 3 of these agents .* ends between 15:00 and 18:00"),
        ({"from": "09:00", "to": "12:00"}, "only 0 of these agents"),
        ({"notice": "8h"}, "only 0 of these agents"),
        ({"teams": ["blue"]}, r'overtime\.evening\.teams.*"blue"'),
        ({"to": "14:00"}, "to must be after from"),
    ],
)
def test_overtime_of_people_who_are_not_there_is_refused(asked: dict[str, Any], said: str):
    with pytest.raises(ScenarioError, match=said):
        build(DESK | {"overtime": [ASKED | asked]})
