"""Handle time by group: of heads that are counted, of who is on the roster, in the mean and against chains solved exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from experiments.expected import handle_seconds
from sim.chance import draw, resolve
from sim.engines import simulate
from sim.files import dump_scenario, load
from sim.scenario.errors import ScenarioError
from tests.chains import balance
from tests.handling_floor import S, counted, expects, floor, simulated, talks, wraps
from tests.test_compiled import assert_same
from tests.test_routing_theory import center
from tests.test_theory import assert_within, days


def times(drawn: np.ndarray, factor: float) -> np.ndarray:
    """Ticks times a factor, half a tick up."""
    return np.floor(drawn * factor + 0.5)


def test_counted_heads_of_a_slow_group_take_longer_by_as_much() -> None:
    day, talk, drawn = simulated(counted({"groups.desk.proficiency": 1.25}))
    assert np.array_equal(talk, times(drawn, 1.25)) and set(wraps(day)) == {25 * S}
    expects(counted({"groups.desk.proficiency": {"calls": 1.25}}), 225, 25)


def test_what_is_said_of_one_group_is_not_of_another() -> None:
    """A second desk takes who is more than the first has heads for; its calls alone last half as long."""
    scenario = counted({
        "call_types.calls.arrivals": 600, "groups.desk.agents": 20, "groups.desk.proficiency": 1.5,
        "groups": [{"name": "second", "skills": ["calls"], "agents": 40, "proficiency": 0.5}],
        "call_types.calls.groups": ["desk", "second"],
    })  # fmt: skip
    day, talk, drawn = simulated(scenario)
    second = day.calls.group == 1
    assert second.sum() > 300 and (~second).sum() > 300
    assert np.array_equal(talk, np.where(second, times(drawn, 0.5), times(drawn, 1.5)))
    other = counted({"groups.desk.proficiency": {"calls": 1.5}, "call_types": [{"name": "mail", "arrivals": 30, "talk": 60}],
                     "groups.desk.skills": ["calls", "mail"]})  # fmt: skip
    day = assert_same(other, tape := draw(other, seed=1))
    mail = day.calls.call_type == 1
    assert set(talks(day)[mail]) == {60 * S} and np.array_equal(talks(day)[~mail], times(tape.talk[~mail], 1.5))


def test_a_roster_has_what_is_said_of_its_group_where_nothing_is_said_of_it() -> None:
    """A team's word goes first, an agent's before that; by call type each for itself."""
    group = {"groups.desk.proficiency": {"calls": 1.5}}
    _, talk, drawn = simulated(floor(group))
    assert np.array_equal(talk, times(drawn, 1.5))
    _, talk, drawn = simulated(floor(group, proficiency=0.5))
    assert np.array_equal(talk, times(drawn, 0.5))
    more = {"call_types": [{"name": "mail", "arrivals": 0, "talk": 60}], "groups.desk.skills": ["calls", "mail"]}
    _, talk, drawn = simulated(floor(group | more | {"teams.team.proficiency": {"mail": 3.0}}))
    assert np.array_equal(talk, times(drawn, 1.5))
    one = {"name": "anna", "team": "team", "shift": "day", "proficiency": 2.0}
    day, talk, drawn = simulated(floor(group | {"agents": [one]}, agents=0))
    taken = day.calls.answer >= 0
    assert taken.sum() > 50 and np.array_equal(talk[taken], 2 * drawn[taken])


def test_a_factor_of_1_changes_nothing_and_recorded_scenarios_stay_as_they_are() -> None:
    plain, said = (counted(one) for one in ({}, {"groups.desk.proficiency": 1.0}))
    one, other = (simulate(scenario, draw(scenario, seed=3)).calls for scenario in (plain, said))
    assert np.array_equal(one.end, other.end) and np.array_equal(one.release, other.release)


def test_expected_times_are_weighed_by_who_is_there() -> None:
    """20 heads at 1.5 and 40 at 0.75 on one call type: 200 s x (20 x 1.5 + 40 x 0.75) / 60."""
    scenario = counted({
        "groups.desk.agents": 20, "groups.desk.proficiency": 1.5,
        "groups": [{"name": "second", "skills": ["calls"], "agents": 40, "proficiency": 0.75}],
    })  # fmt: skip
    assert handle_seconds(scenario)["calls"] == pytest.approx(200.0)
    assert handle_seconds(scenario.with_({"groups.second.agents": 10}))["calls"] == pytest.approx(200 * (30 + 7.5) / 30)


@pytest.mark.slow
def test_a_fast_and_a_slow_group_on_one_queue_are_the_chain_of_both() -> None:
    """M/M/(2+2) + M: a group that takes 1.3 times as long is asked when the fast one is busy; 99.9 %, seed 43."""
    calls, aht, patience, sizes, most = 70 / 3600, 180.0, 120.0, (2, 2), 40
    rates = (1 / aht, 1 / (1.3 * aht))

    def moves(state: tuple[int, int, int]) -> Any:
        fast, slow, line = state
        if fast < sizes[0]:
            yield (fast + 1, slow, line), calls
        elif slow < sizes[1]:
            yield (fast, slow + 1, line), calls
        elif line < most:
            yield (fast, slow, line + 1), calls
        if line:
            yield (fast, slow, line - 1), line / patience + fast * rates[0] + slow * rates[1]
        else:
            yield (fast - 1, slow, 0), fast * rates[0]
            yield (fast, slow - 1, 0), slow * rates[1]

    def possible(state: tuple[int, int, int]) -> Any:
        return [(other, rate) for other, rate in moves(state) if rate > 0]

    chain = dict(zip(*balance((0, 0, 0), possible), strict=True))
    group = {"skills": ["calls"], "agents": 2}
    scenario = center(
        {"calls": {"calls": calls * 3600, "aht": aht, "patience": patience, "groups": ["fast", "slow"]}},
        {"fast": group, "slow": group | {"proficiency": 1.3}},
    )
    counted_days = days(scenario, warm_up=3600.0, replications=120, seed=43)
    waiting = sum(p * line for (_, _, line), p in chain.items())
    assert_within(counted_days, "abandonment_rate", waiting / patience / calls)
    assert_within(counted_days, "mean_wait", waiting / calls)
    busy = [sum(p * state[at] for state, p in chain.items()) / sizes[at] for at in (0, 1)]
    for name, share in zip(("fast", "slow"), busy, strict=True):
        assert_within(counted_days, "occupancy", share, group=name)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"call": 1.2}, 'groups.desk.proficiency.call: no call type "call"; did you mean "calls"?'),
        (0, "groups.desk.proficiency: must be above 0 and at most 100; found 0"),
        ({"calls": 120}, "groups.desk.proficiency.calls: must be above 0 and at most 100; found 120"),
        ("slow", "groups.desk.proficiency"),
    ],
)
def test_a_factor_that_is_none_is_named_with_its_place(given: Any, said: str) -> None:
    with pytest.raises(ScenarioError) as error:
        counted({"groups.desk.proficiency": given})
    assert said in str(error.value)


def test_it_may_be_a_range_and_is_written_and_read(tmp_path: Any) -> None:
    scenario = counted({"groups.desk.proficiency": {"calls": {"low": 1.1, "high": 1.5}}})
    (tmp_path / "scenario.toml").write_text(dump_scenario(scenario))
    assert load(tmp_path / "scenario.toml") == scenario
    drawn = resolve(scenario, seed=1).groups[0].proficiency
    assert isinstance(drawn, dict) and 1.1 < float(str(drawn["calls"])) < 1.5
