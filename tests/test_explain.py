"""Explain: shares of causes, worked by hand and on simulated days."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from experiments.causes import Cause, causes, fitted_hours, with_heads
from experiments.cli.main import main
from experiments.compare import compare
from experiments.data_error import Twice
from experiments.expected import heads_by_interval, traffic
from experiments.explain import Explanation, _sampled, _shares, enough_heads, explain
from experiments.run import run
from experiments.screens.explain_screen import explain_lines
from experiments.study import Study
from experiments.tasks import replicate
from experiments.threshold import parse
from sim.chance.ranges import resolve
from sim.erlang import agents_needed
from sim.files import load
from sim.measures import MEASURES
from sim.scenario.errors import CallsimError
from sim.scenario.merge import build
from sim.scenario.scenario import Scenario
from sim.tally import Measuring

TARGET = parse("answer_rate >= 0.9")


def day(**changes: object) -> Scenario:
    base = Scenario.model_validate({
        "name": "day",
        "calendar": {"start": date(2026, 3, 12), "opens": "09:00", "closes": "13:00", "interval": "1h"},
        "call_types": [{"name": "a", "arrivals": {"per_hour": [40, 160, 80, 40]}, "talk": {"exponential": {"mean": "3m"}},
                        "patience": {"exponential": {"mean": "2m"}}}],
        "groups": [{"name": "desk", "skills": ["a"], "agents": {"per_interval": [6, 6, 6, 6]}}],
    })  # fmt: skip
    return base.with_({path.replace("__", "."): value for path, value in changes.items()})


def game(worth: Callable[[frozenset[int]], float], players: int, orders: list[tuple[int, ...]]) -> list[float]:
    """Shares of a game whose value is the same on each of two days."""
    sets = {frozenset(order[:n]) for order in orders for n in range(players + 1)} | {frozenset([at]) for at in range(players)}
    series = {one: Twice((np.full(2, worth(one)), np.ones(2)), None) for one in sets}
    named = [Cause(str(at), "", lambda scenario: scenario) for at in range(players)]
    return [one.share.value for one in _shares(named, range(players), orders, series, TARGET, None)]


def test_shapley_values_worked_by_hand() -> None:
    orders = list(permutations(range(3)))
    assert game(lambda s: 0.1 * (0 in s) + 0.2 * (1 in s), 3, orders) == pytest.approx([0.1, 0.2, 0.0])
    # gloves (Shapley): 0 has a left one, 1 and 2 a right one each; a pair is worth 1
    assert game(lambda s: float(0 in s and len(s) > 1), 3, orders) == pytest.approx([4 / 6, 1 / 6, 1 / 6])
    # the landing strip: the dearest of 1, 2, 3 counts
    assert game(lambda s: max(s, default=-1) + 1.0, 3, orders) == pytest.approx([1 / 3, 5 / 6, 11 / 6])


def test_sampled_orders_add_up_and_come_near_the_exact_shares() -> None:
    sampled = _sampled(range(7), seed=3)
    assert len(sampled) == 48 and all(sorted(order) == list(range(7)) for order in sampled)
    weights = np.random.default_rng(4).random((7, 7))

    def worth(removed: frozenset[int]) -> float:
        return float(sum(weights[i, j] for i in removed for j in removed))

    near, exact = game(worth, 7, sampled), game(worth, 7, list(permutations(range(7))))
    assert sum(near) == pytest.approx(worth(frozenset(range(7)))) == sum(exact)
    # games of pairs are exact under pairs of opposite orders: each pair of players is met in both orders equally often
    assert near == pytest.approx(exact, abs=1e-9)


@pytest.fixture(scope="module")
def surge() -> Explanation:
    shape = {"decay": {"half_life": "20m"}}
    scenario = day(
        surges=[{"name": "fault", "at": "11:00", "calls": {"a": 150}, "shape": shape}],
        ivr={"containment": {"a": 0.3}},
        lines={"trunks": 500},
    ).with_({"call_types.a.next.contained": {"chance": 0.6, "most": 3, "after": {"exponential": {"mean": "5m"}}}})
    return explain(scenario, TARGET, days=40)


def test_shares_add_up_to_all_removed_less_today(surge: Explanation) -> None:
    total = sum(one.share.value for one in surge.shares)
    assert total == pytest.approx(surge.without_all.value - surge.today.value, abs=1e-12)
    assert surge.rest == pytest.approx(0.9 - surge.without_all.value) and surge.combinations == 16 and surge.exact


def test_a_cause_that_changes_nothing_has_share_zero_and_an_interval_that_says_so(surge: Explanation) -> None:
    swing, lines = (next(one for one in surge.shares if one.cause.name == name) for name in ("swing", "lines"))
    assert not swing.there and lines.there  # no swing at all, and lines that are never all taken
    for one in (swing, lines):
        assert (one.share.value, one.share.low, one.share.high) == (0.0, 0.0, 0.0)
        assert one.alone.value == 0.0 and one.value == surge.today.value


def test_what_one_measure_brings_is_the_paired_difference(surge: Explanation) -> None:
    shape = {"decay": {"half_life": "20m"}}
    base = day(
        surges=[{"name": "fault", "at": "11:00", "calls": {"a": 150}, "shape": shape}],
        ivr={"containment": {"a": 0.3}},
        lines={"trunks": 500},
    ).with_({"call_types.a.next.contained": {"chance": 0.6, "most": 3, "after": {"exponential": {"mean": "5m"}}}})
    results = run(Study({"today": base, "calm": base.replace(surges=())}, replications=40, spread=()))
    gain = compare(results).row("calm").gain
    alone = next(one for one in surge.shares if one.cause.name == "surges").alone
    assert gain is not None and (gain.value, gain.low, gain.high) == pytest.approx((alone.value, alone.low, alone.high))
    assert alone.low > 0.02


def test_hours_are_laid_where_the_traffic_is_and_stay_as_many() -> None:
    laid = fitted_hours(day())["desk"]
    load = traffic(day()).load.sum(axis=0)
    assert laid.sum() == pytest.approx(24.0) and load.tolist() == pytest.approx([2.0, 8.0, 4.0, 2.0])
    extra = (laid - load) / np.sqrt(load)
    assert extra == pytest.approx(np.full(4, extra[0])) and extra[0] > 0
    short = fitted_hours(day(groups__desk__agents=3))["desk"]
    assert short == pytest.approx(load * 12 / 16)  # fewer hours than load: in proportion


@pytest.mark.parametrize(
    "agents",
    [
        {"per_interval": [6, 8, 6, 6], "counts": "rostered", "shrinkage": 0.25},
        {"per_interval": [6, 8, 6, 6], "counts": "rostered", "shrinkage": 0.25, "convention": "markup"},
        {"per_interval": [6, 8, 6, 6], "counts": "staffed", "aux": 0.2},
        {"per_interval": [6, 8, 6, 6], "counts": "on phones", "shrinkage": 0.3},
    ],
)
def test_the_same_hours_are_paid_however_heads_are_counted(agents: dict[str, object]) -> None:
    scenario = day(groups__desk__agents=agents)
    moved = with_heads(scenario, fitted_hours(scenario))
    hours = [
        MEASURES["paid_hours"](replicate(one.with_({"call_types.a.arrivals": 0}), seed=1, replication=0, measuring=Measuring()))
        for one in (scenario, moved)
    ]
    assert hours[1] == pytest.approx(hours[0], rel=1e-5) and heads_by_interval(moved)["desk"].sum() > 0


@pytest.mark.parametrize(
    "team",
    [
        {"skills": {"a": 1}},
        {"attendance": {"pick_up": {"exponential": {"mean": 15}}, "no_answer": 0.15}},
        {"proficiency": 1.3},
    ],
    ids=["skills", "ringing", "proficiency"],
)
def test_as_many_agents_as_today_at_the_same_hours_answer_the_same_calls(team: dict[str, object]) -> None:
    """Nothing but the hours is moved by laying hours anew: who can do what, and how calls ring, stays (seed 1)."""
    table, plain = day().table(), {"group": "desk", "shift": "day", "agents": 3}
    table["call_types"] = [*table["call_types"], {"name": "b", "arrivals": 60, "talk": 150}]
    table["groups"] = [{"name": "desk", "skills": ["a", "b"]}]
    shifts, teams = [{"name": "day", "from": "09:00", "to": "13:00"}], [{"name": "one"} | plain | team, {"name": "two"} | plain]
    today = build(table | {"shifts": shifts, "teams": teams})
    laid = with_heads(today, heads_by_interval(today))
    rates = [
        MEASURES["answer_rate"](replicate(one, seed=1, replication=0, measuring=Measuring())) for one in (today, laid)
    ]
    assert rates[0] == rates[1] < 0.95


def test_enough_agents_is_erlang_a_for_the_expected_traffic() -> None:
    scenario = day()
    tally = replicate(scenario, seed=1, replication=0, measuring=Measuring())
    from experiments.grid import mean_patience

    patience = mean_patience(tally)
    assert patience is not None
    heads = enough_heads(scenario, 0.95, tally)["desk"]
    needed = [
        agents_needed(calls_per_hour=n, aht=180.0, service_level=0.0, patience=patience, answer_rate=0.95)
        for n in (40.0, 160.0, 80.0, 40.0)
    ]
    assert heads.tolist() == [max(6, n) for n in needed] and needed[1] > 6


def test_traffic_knows_surges_factors_and_containment() -> None:
    shape = {"pulse": {"lasts": "2h"}}
    scenario = day(
        surges=[
            {"name": "s", "at": "10:00", "calls": {"a": 100}, "shape": shape, "talk_factor": 2.0},
            {"name": "f", "at": "11:00", "factor": {"a": 3.0}, "shape": {"pulse": {"lasts": "1h"}}},
        ],
        ivr={"containment": {"a": 0.5}},
    )
    found = traffic(scenario)
    assert found.calls[0] == pytest.approx([20.0, 105.0, 145.0, 20.0])
    assert found.load[0] == pytest.approx([1.0, (160 * 180 + 50 * 360) / 7200, (240 * 180 + 50 * 360) / 7200, 1.0])


def test_ranges_are_no_hindrance_and_stay_what_they_are() -> None:
    story = load("outage-surge")
    assert [cause.name for cause in causes(story)] == [
        "surges", "swing", "redials", "repeats", "junk", "menus", "misroutes", "contained", "offers", "lists", "lines",
        "knowledge", "scripts", "typing", "systems", "new hires", "awareness", "absence", "adherence", "breaks", "hours",
    ]
    laid = fitted_hours(story)
    today = heads_by_interval(resolve(story, seed=0, middle=True))
    assert {name: row.sum() for name, row in laid.items()} == pytest.approx({name: row.sum() for name, row in today.items()})


@pytest.mark.parametrize("text", ["chance(answer_rate >= 0.9) >= 0.8", "answer_rate >= baseline"])
def test_only_a_plain_target_can_be_explained(text: str) -> None:
    with pytest.raises(CallsimError, match="explain needs a plain target"):
        explain(day(), parse(text), days=2)


def test_where_less_is_better_the_rest_turns_around(surge: Explanation) -> None:
    waits = explain(day(), parse("asa <= 5s"), days=3)
    assert waits.enough is None and waits.rest == pytest.approx(waits.without_all.value - 5.0)
    assert replace(surge, threshold=parse("answer_rate >= 0.5")).rest < 0


def test_the_command_prints_adds_up_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figure = tmp_path / "why.png"
    words = ["explain", "golden-club", "--days", "20", "--target", "answer_rate >= 0.97"]
    with pytest.raises(SystemExit) as ended:
        main([*words, "--figure", str(figure)])
    out = capsys.readouterr().out
    assert ended.value.code == 0 and figure.stat().st_size > 10_000
    for said in ("points short", "if only this is taken away", "not explained", "enough agents", "not there today"):
        assert said in out
    assert all(len(line) <= 100 for line in out.splitlines())
    with pytest.raises(SystemExit):
        main([*words, "--json"])
    found = json.loads(capsys.readouterr().out)
    total = sum(one["share"]["value"] for one in found["causes"])
    assert total == pytest.approx(found["without_all"]["value"] - found["today"]["value"], abs=1e-12)


def test_a_wrong_target_is_named_before_anything_runs(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["explain", "golden-club", "--target", "anser_rate >= 0.9"])
    assert ended.value.code == 2 and 'did you mean "answer_rate"' in capsys.readouterr().err


def test_of_agents_on_a_roster_the_hours_asked_for_are_on_the_phones() -> None:
    """What Erlang A's heads would be paid nobody says: they have no breaks and no absence."""
    story = load("shift-fit")
    found = explain(story, TARGET, days=6)
    assert found.enough is not None and found.enough.on_phones and 10 < found.enough.hours < 50
    text = " ".join(explain_lines(found, title="x", calendar=story.calendar))
    assert "hours on the phones a day more" in " ".join(text.split())


def test_attendance_has_no_causes_to_take_away() -> None:
    with pytest.raises(CallsimError, match="not of who comes"):
        explain(load("attendance"), parse("attendance >= 0.9"), days=2)
