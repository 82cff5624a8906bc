"""The IVR as menus: what it contains by need, who leaves it how, restarts, ports, deflections; with known answers."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from experiments.expected import load_by_interval
from sim.calls import NONE, CallLog, Came, Outcome
from sim.chance.drawing import draw
from sim.chance.laws import scenario_laws
from sim.chance.screening import LOWER, UPPER, asking
from sim.chance.tape import Fate, Tape
from sim.engines import simulate
from sim.files import problems_of
from sim.measures import MEASURES
from sim.scenario import Scenario, ScenarioError
from sim.tally import tally

CV = 0.9
MINUTE = 60_000_000
TODAY: dict[str, Any] = {
    "name": "ivr",
    "calendar": {"start": date(2026, 3, 12), "opens": "09:00", "closes": "11:00"},
    "call_types": [
        {"name": name, "arrivals": {"per_hour": 20_000}, "talk": {"lognormal": {"mean": "6m", "cv": CV}},
         "patience": {"exponential": {"mean": "2m"}}}
        for name in ("bills", "faults")
    ],
    "groups": [{"name": "desk", "skills": [["bills", "faults"]], "agents": 2}],
}  # fmt: skip
MENUS = [
    {"name": "main", "prompt": "12s", "hang_up": 0.1, "agent": 0.2, "options": {"bills": "account"}},
    {"name": "account", "prompt": "8s", "containment": {"bills": 0.5}, "hang_up": 0.05},
]


def scenario(changes: dict[str, Any], **parts: Any) -> Scenario:
    return Scenario.model_validate(TODAY | parts).with_(changes)


def drawn(made: Scenario) -> Tape:
    return draw(made, seed=11)


# --- need: what easy matters leave behind ------------------------------------------------------------------------------


def test_a_fifth_of_half_the_length_leaves_six_minutes_and_three_quarters_and_nine_tenths_of_the_work() -> None:
    """domain.md 4, exactly in the mean: 20 % of contacts of 3 minutes, of a mean of 6, leave 6.75 and 90 % of the work."""
    today = scenario({"call_types.faults.arrivals": 0})
    policy = today.with_({"ivr.containment.bills": 0.2, "ivr.easier": 0.5})
    share, talk = asking(policy)
    assert share[0] == pytest.approx(0.8, abs=1e-12)
    assert talk[0] / 60 == pytest.approx(6.75, abs=1e-9)
    assert load_by_interval(policy) == pytest.approx(0.9 * load_by_interval(today), rel=1e-10)


def test_the_callers_of_a_day_are_the_same_and_the_hard_ones_reach_an_agent() -> None:
    """One seed, 80,000 callers: nobody's talk changes, and the mean of who is left is 6.75 within three of its errors."""
    today = scenario({})
    before, after = drawn(today), drawn(today.with_({"ivr.containment.bills": 0.2, "ivr.easier": 0.5}))
    assert np.array_equal(before.talk, after.talk) and np.array_equal(before.patience, after.patience)
    bills = after.call_type == 0
    left = after.talk[bills & (after.fate == Fate.QUEUE)] / MINUTE
    assert abs(left.mean() - 6.75) < 3 * left.std() / np.sqrt(len(left))
    assert np.all(after.fate[~bills] == Fate.QUEUE)


def test_talk_is_that_of_who_reaches_an_agent_under_the_ivr_it_was_measured_under() -> None:
    """With the baseline's containment those who reach an agent talk as `talk` says; without it the easy ones are back."""
    given = scenario({}, ivr={"containment": {"bills": 0.3, "faults": 0.3}, "easier": 0.6})
    share, talk = asking(given)
    assert talk == pytest.approx(360.0, abs=1e-9) and share == pytest.approx(0.7)
    tape = drawn(given)
    left = tape.talk[tape.fate == Fate.QUEUE] / MINUTE
    assert abs(left.mean() - 6.0) < 3 * left.std() / np.sqrt(len(left))
    quartiles = np.exp(np.log(6.0) - np.log(1 + CV**2) / 2 + np.sqrt(np.log(1 + CV**2)) * norm.ppf([0.25, 0.5, 0.75]))
    assert np.mean(left[:, np.newaxis] <= quartiles, axis=0) == pytest.approx([0.25, 0.5, 0.75], abs=0.01)
    everybody = given.with_({"ivr.containment.bills": 0.0, "ivr.containment.faults": 0.0})
    assert everybody.ivr.talk_under == given.ivr
    # contained 0.3 at 0.6 m of a mean m, the rest 0.7 at 6 minutes: m = 4.2 / (1 - 0.18)
    assert asking(everybody)[1] / 60 == pytest.approx(4.2 / 0.82, abs=1e-8)


def test_steps_one_after_the_other_contain_the_share_and_the_need_of_those_who_come() -> None:
    ivr = {"menu": [
        {"name": "one", "containment": {"bills": 0.2}, "easier": 0.5, "options": {"bills": "two"}, "agent": 0.1},
        {"name": "two", "containment": {"bills": 0.25}, "easier": 0.75, "hang_up": 0.1},
    ], "talk_under": {}}  # fmt: skip
    made = scenario({}, ivr=ivr)
    share, _ = asking(made)
    after_one = 0.8 * 6.75  # in the mean, of those not contained; a tenth of all have gone to an agent with it
    assert share[0, 0] == pytest.approx(0.1 + 0.7 * (1 - 0.25 - 0.1))
    chances = scenario_laws(made).coming.screening.chance[0, 1:3, 0]
    halves = [norm.cdf(norm.ppf(0.5) - np.sqrt(np.log(1 + CV**2)))]  # of the mean, below the median: the Lorenz curve
    lower, upper = 2 * 6 * halves[0], 2 * 6 * (1 - halves[0])
    come = np.array([0.5 - 0.5 * chances[0, LOWER] - 0.05, 0.5 - 0.5 * chances[0, UPPER] - 0.05])
    mean = (come @ [lower, upper]) / come.sum()
    contained = come * [chances[1, LOWER], chances[1, UPPER]]
    assert contained.sum() / come.sum() == pytest.approx(0.25)
    assert (contained @ [lower, upper]) / contained.sum() == pytest.approx(0.75 * mean)
    assert after_one == pytest.approx((0.5 - 0.5 * chances[0, [LOWER, UPPER]]) @ [lower, upper])


def test_a_menu_of_which_nobody_knows_the_need_takes_all_alike() -> None:
    made = scenario({"ivr.containment.bills": 0.4})
    assert made.ivr.talk_under is None
    assert asking(made)[1] == pytest.approx(360.0)


@pytest.mark.parametrize("easier", [0.2, 1.9])
def test_an_easier_that_cannot_be_had_is_refused_with_what_can(easier: float) -> None:
    made = scenario({"ivr.containment.bills": 0.2, "ivr.easier": easier})
    with pytest.raises(ScenarioError, match=r"ivr\.easier: .* from 0\.\d\d to 1\.\d\d can be had; found " + f"{easier:g}"):
        draw(made, seed=1)


def test_linting_finds_an_easier_that_cannot_be_had() -> None:
    found = problems_of("golden-club", policies=[], settings={"ivr.containment.billing": 0.2, "ivr.easier": 0.1})
    errors = [problem for problem in found if problem.severity == "error"]
    assert [error.path for error in errors] == ["ivr.easier"] and "can be had" in errors[0].message


# --- menus --------------------------------------------------------------------------------------------------------------


def test_who_leaves_the_menus_where() -> None:
    """Shares of a two-layer menu in closed form, within four standard errors of 40,000 callers; times are those heard."""
    tape = drawn(scenario({}, ivr={"menu": MENUS}))
    bills = tape.call_type == 0
    n = bills.sum()
    for fate, ticks, share in (
        (Fate.HANG_UP, 12, 0.1), (Fate.QUEUE, 12, 0.2), (Fate.CONTAINED, 20, 0.7 * 0.5), (Fate.HANG_UP, 20, 0.7 * 0.05),
        (Fate.QUEUE, 20, 0.7 * 0.45),
    ):  # fmt: skip
        here = bills & (tape.fate == fate) & (tape.ivr == ticks * 1_000_000)
        assert abs(here.sum() / n - share) < 4 * np.sqrt(share * (1 - share) / n)
    faults = ~bills
    assert np.all(tape.ivr[faults] == 12_000_000) and not np.any(tape.fate[faults] == Fate.CONTAINED)


def test_another_menu_moves_nobody_in_the_old_one() -> None:
    before = drawn(scenario({}, ivr={"menu": MENUS}))
    longer = [MENUS[0], MENUS[1] | {"options": {"bills": "third"}}, {"name": "third", "prompt": "9s", "hang_up": 0.3}]
    after = drawn(scenario({}, ivr={"menu": longer}))
    same = after.ivr == before.ivr
    assert np.array_equal(before.fate[same], after.fate[same])
    assert np.all(before.fate[~same] == Fate.QUEUE) and np.all((after.ivr - before.ivr)[~same] == 9_000_000)


@pytest.mark.parametrize(
    ("ivr", "said"),
    [
        ({"menu": [MENUS[0] | {"options": {"bills": "acount"}}, MENUS[1]]}, 'no menu "acount"'),
        ({"menu": [MENUS[0], MENUS[1] | {"options": {"bills": "main"}}]}, '"main" -> "account" -> "main"'),
        ({"menu": [MENUS[0], MENUS[1] | {"containment": {"bils": 0.1}}]}, 'no call type "bils"'),
        ({"menu": [MENUS[0] | {"agent": 0.95}, MENUS[1]]}, "sum to more than 1"),
        ({"menu": [MENUS[0], MENUS[0]]}, "two entries of one name"),
        ({"restarts": [{"name": "night", "at": "03:00", "lasts": "10m"}]}, "must lie within the day"),
        ({"deflections": [{"name": "link", "where": "queue", "accepted": 0.3, "hang_up": 0.1}]}, "heard in the IVR"),
        ({"deflections": [{"name": "news", "wait": "1m", "accepted": 0.3}]}, "of those who wait"),
        ({"deflections": [{"name": "news", "accepted": 0.7, "hang_up": 0.4}]}, "more than all"),
        ({"deflections": [{"name": "news", "from": "10:00", "to": "09:30"}]}, "must be after from"),
        ({"talk_under": {"talk_under": {}}}, "talk was measured under one IVR"),
    ],
)  # fmt: skip
def test_an_ivr_that_makes_no_sense_is_refused(ivr: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        scenario({}, ivr=ivr)
    assert said in str(refused.value)


def test_a_menu_to_which_no_way_leads_is_worth_a_warning() -> None:
    from sim.scenario.consistency import warnings

    made = scenario({}, ivr={"menu": [MENUS[0], MENUS[1], {"name": "lost"}]})
    assert any(found.path == "ivr.menu.lost" and "nobody hears" in found.message for found in warnings(made))


# --- ports and restarts ------------------------------------------------------------------------------------------------


def calls_of(made: Scenario) -> CallLog:
    return simulate(made, drawn(made)).calls


DOWN = {"name": "restart", "at": "10:00", "lasts": "10m"}
FEW = {"call_types.bills.arrivals": {"per_hour": 900}, "call_types.faults.arrivals": {"per_hour": 100}, "ivr.delay": "1m"}


@pytest.mark.parametrize("meanwhile", ["busy", "agents"])
def test_while_the_ivr_is_down_callers_hear_a_busy_tone_or_go_past_it(meanwhile: str) -> None:
    calls = calls_of(scenario(FEW, ivr={"restarts": [DOWN | {"meanwhile": meanwhile}], "containment": {"bills": 1.0}}))
    begins, ends = 600 * MINUTE, 610 * MINUTE
    down = (calls.arrival >= begins) & (calls.arrival < ends)
    inside = (calls.arrival < begins) & (calls.arrival + MINUTE > begins)
    assert down.sum() > 100 and inside.sum() > 5
    assert np.all(calls.outcome[inside] == Outcome.IVR_ABANDONED) and np.all(calls.end[inside] == begins)
    if meanwhile == "busy":
        assert np.all(calls.outcome[down] == Outcome.BLOCKED)
    else:
        assert np.all(calls.queue_entry[down] == calls.arrival[down])
    bills = (calls.call_type == 0) & ~down & ~inside
    assert np.all(calls.outcome[bills] == Outcome.CONTAINED)


@pytest.mark.parametrize("full", ["busy", "agents"])
def test_as_many_calls_find_the_ports_taken_as_erlang_b_says(full: str) -> None:
    """M/D/c/c with c = 20 ports and 1,000 calls an hour of one minute: Erlang B, ten days, within four standard errors."""
    from sim.erlang import erlang_b

    made = scenario(FEW, ivr={"ports": 20, "full": full})
    taken = total = 0
    for replication in range(10):
        calls = simulate(made, draw(made, seed=3, replication=replication)).calls
        later = calls.arrival > 545 * MINUTE  # the first minutes begin empty
        past = calls.outcome == Outcome.BLOCKED if full == "busy" else calls.queue_entry == calls.arrival
        taken, total = taken + int((past & later).sum()), total + int(later.sum())
    blocked = erlang_b(1000 / 60, 20)
    assert abs(taken / total - blocked) < 4 * np.sqrt(2 * blocked / total)  # twice the binomial's variance: they come in runs


# --- deflections ---------------------------------------------------------------------------------------------------------


def test_an_announcement_by_the_clock_takes_its_share_and_changes_patience_and_redials() -> None:
    news = {"name": "outage", "call_types": ["faults"], "from": "09:30", "to": "10:30", "takes": "15s", "accepted": 0.4,
            "hang_up": 0.1, "patience": 2.0, "redial": 0.5}  # fmt: skip
    today = scenario({}, ivr={"delay": "5s"})
    with_news = today.with_({"ivr.deflections": [news]})
    before, after = drawn(today), drawn(with_news)
    hears = (after.call_type == 1) & (after.arrival >= 570 * MINUTE) & (after.arrival < 630 * MINUTE)
    assert np.array_equal(before.rows[~hears], after.rows[~hears])
    assert np.all(after.ivr[hears] == 20_000_000)
    n = hears.sum()
    for fate, share in ((Fate.CONTAINED, 0.4), (Fate.HANG_UP, 0.1)):
        assert abs((after.fate[hears] == fate).mean() - share) < 4 * np.sqrt(share * (1 - share) / n)
    stays = hears & (after.fate == Fate.QUEUE)
    assert np.array_equal(after.patience[stays], 2 * before.patience[stays])
    assert set(after.via[hears & (after.fate == Fate.CONTAINED)]) == {0} and set(after.via[~hears]) == {NONE}
    redials = {"call_types.faults.next.abandoned": {"chance": 0.8, "after": "3h"}, "groups.desk.agents": 0}
    came = [calls_of(one.with_(redials | FEW | {"call_types.faults.arrivals": {"per_hour": 9000}})) for one in (today, with_news)]
    shares = []
    for calls in came:
        first = (calls.call_type == 1) & (calls.attempt == 0) & (calls.outcome == Outcome.ABANDONED)
        first &= (calls.arrival >= 570 * MINUTE) & (calls.arrival < 630 * MINUTE)
        back = np.isin(calls.caller[first], calls.caller[calls.attempt == 1])
        shares.append(back.mean())
    assert shares == pytest.approx([0.8, 0.4], abs=0.03)


LINK = {"name": "link", "where": "queue", "queue": 2, "accepted": 0.5, "solved": 0.7,
        "again": {"chance": 0.6, "after": {"exponential": {"mean": "10m"}}}}  # fmt: skip


def test_a_link_is_taken_where_enough_wait_and_may_fail() -> None:
    """Who takes it is deflected, in the denominator of what was offered; of the 30 % it does not help, 60 % call again."""
    changes = {"call_types.faults.arrivals": {"per_hour": 1000}, "call_types.bills.arrivals": 0}
    made = scenario(changes, ivr={"deflections": [LINK]})
    calls = calls_of(made)
    took = calls.outcome == Outcome.DEFLECTED
    assert took.sum() > 500 and np.all(calls.deflection[took] == 0) and np.all(calls.deflection[~took] == NONE)
    assert np.all(calls.end[took] == calls.queue_entry[took])
    assert calls.solved[took].mean() == pytest.approx(0.7, abs=0.05)
    failed = calls.number[took & (calls.solved == 0)]
    assert np.isin(failed, calls.parent).mean() == pytest.approx(0.6, abs=0.08)
    assert np.all(calls.came[calls.attempt > 0] == Came.REPEAT)
    day = tally(simulate(made, drawn(made)))
    offered = (calls.queue_entry != NONE).sum()
    assert MEASURES["deflection_rate"](day) == pytest.approx(took.sum() / offered)


def test_a_link_offered_at_a_length_of_the_queue_is_a_small_markov_chain() -> None:
    """M/M/2 with links offered from 3 waiting on, taken by half: a birth and death chain, solved; ten days, 4 errors."""
    changes = {
        "call_types.faults.arrivals": 0, "call_types.bills.arrivals": {"per_hour": 90},
        "call_types.bills.talk": {"exponential": {"mean": "1m"}}, "call_types.bills.patience": "never",
        "calendar": {"start": date(2026, 3, 12), "opens": "00:00", "closes": "48:00"},
    }  # fmt: skip
    made = scenario(changes, ivr={"deflections": [LINK | {"queue": 3, "solved": 1.0}]})
    weights = [1.0]
    for n in range(200):  # to n + 1 callers: 1.5 a minute, half of them once three wait beside the two served
        weights.append(weights[-1] * (1.5 if n < 5 else 0.75) / min(n + 1, 2))
    taken = 0.5 * sum(weights[5:]) / sum(weights)
    found = []
    for replication in range(20):
        calls = simulate(made, draw(made, seed=5, replication=replication)).calls
        found.append((calls.outcome == Outcome.DEFLECTED).mean())
    assert abs(np.mean(found) - taken) < 4 * np.std(found) / np.sqrt(len(found))
