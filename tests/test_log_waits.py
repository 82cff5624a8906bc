"""Waits under any cut of a log, and two small sums with known answers on simulated days."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from experiments.expected import load_by_interval
from sim.calls import SERVED, Day
from sim.chance import Tape, draw
from sim.chance.means import mean
from sim.engines import simulate
from sim.measures import MEASURES, Cut, answer_rate_entered, callers_served_rate
from sim.measures.log_waits import wait_quantile, waits_of
from sim.scenario.errors import CallsimError
from sim.scenario.scenario import Scenario
from sim.tally import tally
from tests.strategies import cases


def scenario(**more: Any) -> Scenario:
    table: dict[str, Any] = {
        "name": "two types",
        "calendar": {"start": date(2026, 3, 12), "opens": "09:00", "closes": "12:00"},
        "call_types": [
            {"name": "short", "arrivals": {"per_hour": 20}, "talk": 180, "labels": {"team": {"old": 0.5, "new": 0.5}}},
            {"name": "long", "arrivals": {"per_hour": 80}, "talk": 405, "patience": {"exponential": {"mean": "3m"}}},
        ],
        "groups": [{"name": "desk", "skills": [["short", "long"]], "agents": 9}],
    }
    return Scenario.model_validate(table | more)


@pytest.fixture(scope="module")
def day() -> Day:
    return simulate(scenario(), draw(scenario(), seed=1))


def test_cuts_of_a_log_add_up_to_the_whole(day: Day) -> None:
    whole = waits_of(day)
    assert len(whole) == len(waits_of(day, call_type="short")) + len(waits_of(day, call_type="long"))
    assert len(waits_of(day, call_type="short")) == sum(len(waits_of(day, label=f"team={name}")) for name in ("old", "new"))
    assert len(whole) == sum(len(waits_of(day, interval=at)) for at in range(6)) == len(waits_of(day, interval=(0, 6)))
    assert len(waits_of(day, group="desk")) == len(whole) < len(waits_of(day, answered=False))


def test_waits_agree_with_the_tally(day: Day) -> None:
    found = tally(day)
    assert waits_of(day).mean() == pytest.approx(MEASURES["asa"](found))
    assert waits_of(day, call_type="long").mean() == pytest.approx(MEASURES["asa"](found, call_type="long"))
    assert waits_of(day, answered=False).mean() == pytest.approx(MEASURES["mean_wait"](found))
    exact = wait_quantile(waits_of(day), 0.9)
    assert MEASURES["wait_p90"](found) == pytest.approx(exact, rel=0.07, abs=1.0)  # a cell of the histogram is 6.3 % wide


def test_a_quantile_is_a_wait_that_happened() -> None:
    waits = np.array([1.0, 2, 3, 4, 10])
    assert [wait_quantile(waits, level) for level in (0.0, 0.2, 0.5, 0.8, 0.81, 1.0)] == [1, 1, 3, 4, 10, 10]
    assert np.isnan(wait_quantile(np.zeros(0), 0.5))
    with pytest.raises(CallsimError, match="from 0 to 1"):
        wait_quantile(waits, 90)


@pytest.mark.parametrize(
    ("cut", "said"),
    [({"call_type": "shrt"}, 'did you mean "short"'), ({"label": "team=young"}, "no label"), ({"group": "x"}, "no group"),
     ({"interval": 6}, "must be from 0 to 5")],
)  # fmt: skip
def test_unknown_cuts_are_refused(cut: dict[str, Any], said: str, day: Day) -> None:
    with pytest.raises(CallsimError, match=said):
        waits_of(day, **cut)


def test_containing_the_short_fifth_of_calls_takes_a_tenth_of_the_load_and_lengthens_what_is_left() -> None:
    """20 % of the calls take 3 min, the mean is 6: contained, the rest takes 6.75 min and the load falls by 10 %."""
    before, after = scenario(), scenario(ivr={"containment": {"short": 1.0}})
    kinds = before.call_types
    assert 0.2 * mean(kinds[0].talk) + 0.8 * mean(kinds[1].talk) == pytest.approx(360)
    assert load_by_interval(after).sum() / load_by_interval(before).sum() == pytest.approx(0.9)
    found = tally(simulate(after, draw(after, seed=1)))
    assert MEASURES["mean_talk"](found) == pytest.approx(405) and MEASURES["contained"](found) > 0


@given(cases())
def test_callers_are_at_most_attempts_and_served_callers_at_most_answered_and_contained_calls(
    case: tuple[Scenario, Tape],
) -> None:
    day = simulate(*case)
    found, scenario_ = tally(day), case[0]
    quiet = [kind.quiet for kind in scenario_.call_types]
    by_work = float((np.array(quiet)[day.calls.call_type] & np.isin(day.calls.outcome, SERVED)).sum())  # who came back as work
    number = {name: MEASURES[name].value(found, Cut()) for name in ("callers", "attempted", "answered", "contained", "deflected")}
    served = number["callers"] - MEASURES["callers_not_served"].value(found, Cut())
    by_work /= found.days  # as all these are, per day
    assert number["callers"] <= number["attempted"]
    assert served <= number["answered"] + number["contained"] + number["deflected"] + by_work + 1e-9


def test_served_callers_are_a_larger_share_than_answered_calls_where_callers_call_again() -> None:
    again = {"call_types.long.next.contained": {"chance": 0.5, "after": {"exponential": {"mean": "5m"}}}}
    case = scenario(ivr={"containment": {"long": 0.3}}).with_(again)
    found = tally(simulate(case, draw(case, seed=1)))
    assert MEASURES["callers"](found) < MEASURES["attempted"](found)
    assert callers_served_rate(found) >= answer_rate_entered(found)
