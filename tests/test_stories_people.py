"""Stories about people and queues: what each README claims, in the mean, with its interval, on few days."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from experiments.compare import compare
from experiments.run import Results, run
from experiments.statistics import Estimate, difference
from experiments.study import Study
from experiments.study_file import read_study
from experiments.threshold import parse
from experiments.verdicts import series_of
from sim.files import load
from sim.files.stories import stories
from sim.measures import Cut, find_measure
from sim.scenario.scenario import Scenario

pytestmark = pytest.mark.slow
SEED, DAYS = 11, 40


def simulated(scenarios: Mapping[str, Scenario], days: int = DAYS) -> Results:
    with ThreadPoolExecutor(2) as pool:
        return run(Study(dict(scenarios), days, SEED, spread=()), executor=pool)


def policies(story: str, *names: str, days: int = DAYS) -> Results:
    """The story as it is, then each policy ("a+b" is both)."""
    return simulated({"": load(story)} | {name: load(story, policies=name.split("+")) for name in names}, days)


def varied(story: str, path: str, values: list[float], *, policy: str = "", days: int = DAYS) -> Results:
    with_it = [policy] if policy else []
    return simulated({f"{value:g}": load(story, policies=with_it, settings={path: value}) for value in values}, days)


def gain(results: Results, name: str, over: str, measure: str = "answer_rate") -> Estimate:
    """What `name` gains over another, paired; in a measure as a threshold spells it."""
    asked = parse(f"{measure} >= 0")
    one, other = (series_of(results.tallies[scenario], asked) for scenario in (name, over))
    return difference(*one, *other)


def falls(results: Results, names: list[str], measure: str = "answer_rate") -> None:
    """Each is surely lower than the one before."""
    for name, before in zip(names[1:], names[:-1], strict=True):
        assert gain(results, name, before, measure).high < 0, (name, before, measure)


def at(results: Results, name: str, clocks: str) -> float:
    tally = results.tallies[name]
    asked = parse(f"answer_rate[{clocks}] >= 0")
    above, below = find_measure("answer_rate").parts(tally, Cut(interval=asked.cut(tally.frame).interval))
    return float(above.sum() / below.sum())


def test_the_base_hotline_answers_about_nine_in_ten_and_eight_more_late_help():
    found = policies("hotline-10060", "late-8", "supper-later", "8-from-early", "segments-first")
    base = compare(found).row("")
    assert base.value.low > 0.90 and base.value.high < 0.95
    assert 8_000 < base.callers < 10_000
    assert gain(found, "late-8", "").low > 0.02
    assert gain(found, "supper-later", "").low > 0.004 and gain(found, "8-from-early", "").low > 0.004
    assert at(found, "", "17:00-17:30") < 0.78 < at(found, "supper-later", "17:00-17:30")
    assert gain(found, "segments-first", "", "answer_rate[segment=vip]").low > 0.03
    assert gain(found, "segments-first", "", "answer_rate[segment=golden]").low > 0.03
    assert gain(found, "segments-first", "", "answer_rate[segment=ordinary]").high < 0


def test_one_number_answers_more_than_six_and_the_smallest_desk_gains_most():
    found = policies("consolidation", "pooled", "transition")
    assert gain(found, "pooled", "").low > 0.07 and gain(found, "pooled", "").high < 0.09
    assert gain(found, "transition", "").low > 0.035 and gain(found, "transition", "pooled").high < 0
    small, large = (gain(found, "pooled", "", f"answer_rate[entry={code}]") for code in ("96180", "189"))
    assert small.low > large.high + 0.08


def test_one_number_needs_some_87_percent_of_the_agents_of_six():
    path = "groups.*.agents.times"
    few = {f"{share}": load("consolidation", policies=["pooled"], settings={path: share}) for share in (0.9, 0.85)}
    found = simulated({"": load("consolidation")} | few)
    assert gain(found, "0.9", "").low > 0.01 and gain(found, "0.85", "").high < 0


def test_members_gain_with_the_first_agent_kept_for_them_and_ordinary_callers_pay_for_each():
    path = "groups.hotline.reserve.0.agents"
    kept = {str(n): load("golden-club", policies=["reserve-2"], settings={path: n}) for n in (1, 2, 4, 8)}
    found = simulated({"0": load("golden-club", policies=["members-first"])} | kept)
    falls(found, ["0", "1", "2", "4", "8"], "answer_rate[segment=ordinary]")
    assert gain(found, "1", "0", "answer_rate[segment=golden]").low > 0.02
    assert 0 < gain(found, "2", "1", "answer_rate[segment=golden]").low < 0.01
    for more, less in (("4", "2"), ("8", "4")):
        assert gain(found, more, less, "answer_rate[segment=golden]").low >= 0


def test_who_has_waited_long_enough_is_as_urgent_as_a_member_and_members_gain_less():
    found = policies("golden-club", "members-first", "rises", "ageing", "dedicated-seats", "seats-both-ways")
    for name in ("rises", "ageing"):
        assert gain(found, name, "", "answer_rate[segment=golden]").low > 0.01
        assert gain(found, name, "members-first", "answer_rate[segment=golden]").high < 0
        assert gain(found, name, "members-first", "answer_rate[segment=ordinary]").low > 0
    for segment in ("golden", "ordinary"):
        assert gain(found, "seats-both-ways", "dedicated-seats", f"answer_rate[segment={segment}]").low > 0


def test_each_step_of_attendance_costs_answer_rate_more_than_the_step_before():
    found = varied("attendance", "attendance.absent", [0.0, 0.05, 0.1, 0.15, 0.2])
    names = ["0", "0.05", "0.1", "0.15", "0.2"]
    falls(found, names)
    falls(found, names, "attendance")
    steps = [gain(found, names[i], names[i + 1]).value for i in range(4)]
    assert steps == sorted(steps)


def test_absence_that_is_common_to_a_team_breaks_the_rule_on_more_days():
    found = policies("attendance", "together", "on-call", days=300)
    reaches = parse("chance(attendance >= 0.9) >= 0.95")

    def kept(name: str) -> float:
        above, below = series_of(found.tallies[name], reaches)
        return float(np.mean(above / below >= 0.9))

    assert kept("") > 0.92 and kept("together") < 0.90
    assert gain(found, "together", "", "attendance").low < 0 < gain(found, "together", "", "attendance").high
    assert gain(found, "on-call", "").low > 0.012


def test_shifts_that_follow_the_calls_answer_more_with_the_same_paid_hours():
    found = policies("shift-fit", "fitted", "through")
    assert gain(found, "fitted", "").low > 0.06
    assert gain(found, "through", "").low > 0.03 and gain(found, "fitted", "through").low > 0.02
    hours = {row.name: row.cost.paid_hours or 0.0 for row in compare(found).rows}
    assert abs(hours["fitted"] - hours[""]) < 0.01 * hours[""]
    assert at(found, "", "10:00-11:00") < 0.65 and at(found, "fitted", "10:00-11:00") > 0.92


def test_lunch_in_turn_fills_the_hole_at_noon():
    found = policies("breaks", "windows", "meeting-16", "windows+meeting-16")
    assert gain(found, "windows", "").low > 0.02 and gain(found, "meeting-16", "").low > 0.002
    assert gain(found, "windows+meeting-16", "windows").low > 0.002
    assert at(found, "", "12:00-13:00") < 0.65 and at(found, "windows", "12:00-13:00") > 0.98
    assert at(found, "", "10:00-10:30") < 0.92 < at(found, "meeting-16", "10:00-10:30")


def test_both_clients_gain_by_a_pool_and_the_bank_pays_for_a_strict_split():
    found = policies("two-tenants", "pooled", "strict-split")
    assert gain(found, "pooled", "", "answer_rate[client=bank]").low > 0.008
    assert gain(found, "pooled", "", "answer_rate[client=shop]").low > 0.03
    assert gain(found, "strict-split", "", "answer_rate[client=bank]").high < 0


def test_an_agent_is_worth_more_the_more_are_missing():
    found = varied("under-staffed", "groups.hotline.agents.plus", [2, 0, -2, -4, -6])
    falls(found, ["2", "0", "-2", "-4", "-6"])
    steps = [gain(found, a, b).value for a, b in (("2", "0"), ("0", "-2"), ("-2", "-4"), ("-4", "-6"))]
    assert steps == sorted(steps)
    falls(found, ["2", "0", "-2", "-4", "-6"], "callers_served_rate")


@pytest.mark.parametrize("story", sorted(name for name, path in stories().items() if (path / "study.toml").exists()))
def test_every_cell_of_a_shipped_study_can_be_built(story: str):
    assert len(read_study(Path(stories()[story]) / "study.toml").cells) > 1
