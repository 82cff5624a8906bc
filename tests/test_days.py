"""Days of a calendar as they are asked for and shown: what is refused, what is counted a day, screens, logs."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.asked import MeasuringTable
from experiments.causes import causes, fitted_hours, with_heads
from experiments.cli.main import main
from experiments.compare import compare
from experiments.expected import calls_by_interval
from experiments.grid import grid
from experiments.run import run
from experiments.screens.call_table import as_csv, columns
from experiments.screens.day_screen import first_screen
from experiments.study import Study
from experiments.threshold import parse_all
from experiments.values import paid
from sim.calibrate import recorded_day
from sim.calls import NONE
from sim.chance import draw
from sim.files.call_log import read_call_log
from sim.files.recorded_log import read_replay
from sim.measures import MEASURES
from sim.measures.log_waits import waits_of
from sim.scenario.consistency import warnings
from sim.scenario.errors import CallsimError, ScenarioError
from sim.scenario.horizon import hours
from sim.scenario.merge import build, overlay
from tests.test_horizon import DAY, MONDAY, S, counted, days_of, simulated, week


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"calendar.days": 43}, "calendar.days: must be at most 42"),
        ({"calendar.days": 0}, "calendar.days: must be at least 1"),
        ({"calendar.closes": "34:00"}, "must close within 24 hours"),
        ({"calendar.interval": "1s"}, "at most 65,535 intervals over all days"),
        ({"special_days": [{"name": "x", "on": "caturday"}]}, "must be a date, such as 2026-03-14, or a weekday"),
        ({"special_days": [{"name": "x", "on": []}]}, "must not be empty"),
        ({"special_days": [{"name": "x", "on": ["monday", "tue"]}]}, "found tue"),
        ({"special_days": [{"name": "x", "on": "tuesday", "opens": "14:00"},
                           {"name": "y", "on": date(2026, 3, 10), "closes": "12:00"}]},
         'special_days.y: "x" and "y" together leave no hour of 2026-03-10'),
        ({"opening_queue": {"calls": {"calls": 3}}, "special_days": [{"name": "x", "on": "monday", "closed": True}]},
         "opening_queue: the center is closed on the first day"),
        ({"call_types.calls.arrivals": {"per_day": 200, "profile": [0, 0, 0, 0, 1, 1, 1, 1]},
          "special_days": [{"name": "x", "on": "tuesday", "closes": "12:00", "arrivals": {"calls": {"per_day": 50}}}]},
         "special_days.x.arrivals.calls: the profile has no weight in the hours of 2026-03-10"),
        ({"special_days": [{"name": "f", "on": "tuesday", "arrivals": {"calls": {"fixed": [9] * 8}}},
                           {"name": "g", "on": date(2026, 3, 10), "arrivals": {"calls": {"times": 2.0}}}]},
         "special_days.g.arrivals.calls: fixed calls are what they are"),
        ({"call_types": [{"name": "list", "contact": "outbound", "arrivals": 0, "talk": 40,
                          "outbound": {"contacts": 50, "from": "14:00", "to": "15:00"}}],
          "groups": [{"name": "g", "skills": ["list"], "agents": 1}],
          "special_days": [{"name": "x", "on": ["monday", "tuesday", "wednesday"], "closes": "13:00"}]},
         "call_types.list.outbound: its window lies outside the hours of every day"),
        ({"special_days": [{"name": "x", "on": "monday", "agents": {"desk": {"every": "30m", "plus": 1}}}]}, "every goes with"),
        ({"special_days": [{"name": "x", "on": "monday", "arrivals": {"calls": {"replay": "a.csv"}}}]}, "stand at the call type"),
        ({"special_days": [{"name": "x", "on": "monday", "closes": "18:00"}]}, "special_days.x.closes: must be a border"),
        ({"special_days": [{"name": "x", "on": "monday", "closes": "12:30"}]}, "special_days.x.closes: must be a border"),
        ({"special_days": [{"name": "x", "on": "monday", "opens": "14:00", "closes": "12:00"}]}, "must be after 14:00"),
        ({"special_days": [{"name": "x", "on": "monday", "arrivals": {"cals": 3}}]}, 'no call type "cals"; did you mean'),
        ({"special_days": [{"name": "x", "on": "monday", "agents": {"dsk": 3}}]}, 'no group "dsk"; did you mean "desk"?'),
        ({"special_days": [{"name": "x", "on": "monday", "agents": {"desk": [1, 2]}}]}, "must have 8 numbers"),
        ({"special_days": [{"name": "x", "on": ["monday", "tuesday", "wednesday"], "closed": True}]}, "closed on every day"),
        ({"special_days": [{"name": "x", "on": "monday"}, {"name": "x", "on": "monday"}]}, "two special days of one name"),
        ({"call_types.calls.arrivals": {"fixed": [9] * 8},
          "special_days": [{"name": "x", "on": "monday", "arrivals": {"calls": {"times": 2}}}]}, "fixed calls are what they are"),
        ({"surges": [{"name": "s", "at": "10:00", "on": date(2026, 3, 20), "calls": {"calls": 9}, "shape": {"step": {}}}]},
         "surges.s.on: must be a day of the calendar, 2026-03-09 to 2026-03-11"),
        ({"surges": [{"name": "s", "at": "10:00", "calls": {"calls": 9}, "shape": {"step": {}}}],
          "special_days": [{"name": "x", "on": "monday", "closed": True}]}, "the center is closed on that day"),
    ],
)  # fmt: skip
def test_days_that_cannot_be_are_named_with_their_place(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError) as error:
        week(changes)
    assert said in str(error.value)


def test_who_comes_back_when_the_doors_open_may_always_come_back() -> None:
    always = {"call_types.calls.next.closed": {"chance": 1.0, "after": 0}}
    assert week(always).call_types[0].next.closed is not None


def test_advice_on_days() -> None:
    def said(changes: dict[str, Any], days: int = 3) -> str:
        return "; ".join(one.message for one in warnings(week(changes, days=days)))

    late = {"call_types.calls.next.abandoned": {"chance": 0.5, "after": 90_000}}
    assert "longer than the day: most" in said(late, days=1) and "longer than" not in said(late)
    later = {"call_types.calls.next.abandoned": {"chance": 0.5, "after": 300_000}}
    assert "longer than all days together" in said(later)
    shut = {"call_types.calls.next.closed": {"chance": 0.5}}
    assert "no day follows" in said(shut, days=1) and "no day follows" not in said(shut)
    quiet = {"special_days": [{"name": "x", "on": "sunday", "closed": True}]}
    assert "no day of the calendar is one of these" in said(quiet) and "no day of" not in said(quiet, days=7)


def test_a_log_of_connected_days_has_each_call_on_its_date(tmp_path: Path) -> None:
    day = simulated(week({"call_types.calls.next.abandoned": {"chance": 0.5, "after": 40_000}}))
    path = tmp_path / "log.csv"
    path.write_text(as_csv(columns(day)))
    history = read_call_log(path)
    assert history.days() == [MONDAY, date(2026, 3, 10), date(2026, 3, 11)]
    on = np.minimum((day.calls.arrival - day.frame.opens) // DAY, 2)
    assert 0 < (on == 1).sum() < len(on)
    for at, when in enumerate(history.days()):
        calls = history.between(when, when)
        assert np.array_equal(np.sort(calls.arrival), np.sort(day.calls.arrival[on == at] - at * DAY))


def test_a_holiday_stays_closed_whatever_a_later_day_says_of_other_things() -> None:
    holiday = {"name": "holiday", "on": date(2026, 3, 10), "closed": True}
    for later, there in (({"agents": {"desk": {"plus": 1}}}, None), ({"closed": False}, (9 * 3600.0, 17 * 3600.0))):
        assert hours(week({"special_days": [holiday, {"name": "tuesdays", "on": "tuesday"} | later]}), 1) == there
    laid = with_heads(week({"special_days": [holiday]}), fitted_hours(week({"special_days": [holiday]})))
    assert hours(laid, 1) is None


def test_a_day_is_one_on_which_the_center_is_open() -> None:
    """A closed Tuesday and a short Wednesday leave the numbers of an ordinary day as they are."""
    closed = [{"name": "off", "on": "tuesday", "closed": True}]
    one, three = (counted(week(changes, days=days)) for changes, days in (({}, 1), ({"special_days": closed}, 3)))
    alone = three.of_day(0)
    for name in ("offered", "paid_hours", "mean_queue", "callers", "cost"):
        assert MEASURES[name](alone) == MEASURES[name](one)
        assert np.isnan(MEASURES[name](three.of_day(1)))
    assert MEASURES["offered"](three) == pytest.approx(sum(MEASURES["offered"](three.of_day(day)) for day in (0, 2)) / 2)
    assert [row.phones for row in grid(three).intervals] == pytest.approx([2.0] * 8)
    short = counted(week({"special_days": [{"name": "short", "on": "monday", "closes": "12:00"}]}, days=1))
    assert [row.clock for row in grid(short).intervals] == ["09:00", "10:00", "11:00"]
    hours_, _ = paid(three)
    assert hours_ == pytest.approx(2 * 16, abs=1.0)  # of both open days, and what is finished after closing


def test_what_is_set_of_a_special_day_is_set_and_a_policy_goes_on_top() -> None:
    given = week({"special_days": [{"name": "calm", "on": "tuesday", "arrivals": {"calls": {"times": 0.5}}}]})
    for times in (0.5, 1, 2):
        (day,) = given.with_({"special_days.calm.arrivals.calls.times": times}).special_days
        assert [one.times for one in day.arrivals["calls"].changes] == [times]
    policy = {"special_days": [{"name": "calm", "arrivals": {"calls": {"times": 2}}}]}
    (day,) = build(overlay(given.table(), policy)).special_days
    assert [one.times for one in day.arrivals["calls"].changes] == [0.5, 2.0]
    with pytest.raises(ScenarioError, match='no special day of this name; did you mean "calm"'):
        overlay(given.table(), {"special_days": [{"name": "clam", "arrivals": {"calls": {"times": 2}}}]})


def test_a_night_is_no_wait() -> None:
    """Callbacks of the evening head the queue of the morning; nobody is told their night."""
    for by in ("head of queue", "last wait"):
        calls = simulated(week({
            "call_types.calls.arrivals": {"per_interval": [20] * 7 + [90]}, "calendar.after_closing": "drop",
            "call_types.calls.talk": {"exponential": {"mean": 300}},
            "call_types.calls.callback": {"accepted": 0.6, "dial": 1, "reached": 1.0},
            "call_types.calls.announced": {"by": by, "heeded": 1.0},
        }, days=2)).calls  # fmt: skip
        told = calls.predicted[(calls.predicted != NONE) & (calls.arrival // DAY == 1)]
        assert len(told) > 5 and told.max() < 3600 * S


def test_a_contact_stays_who_he_is_whenever_the_list_is_first_called() -> None:
    contacts = {
        "call_types": [{"name": "list", "contact": "outbound", "arrivals": 0, "talk": 40, "outbound": {"contacts": 50}}],
        "groups": [{"name": "g", "skills": ["list"], "agents": 2}],
    }
    later = [{"name": "mon", "on": "monday", "opens": "11:00"}], [{"name": "mon", "on": "monday", "closed": True}]
    keys = [draw(week(contacts | {"special_days": days}), seed=1) for days in ([], *later)]
    first, *others = (set(tape.key[tape.call_type == 1].tolist()) for tape in keys)
    assert len(first) == 50 and all(first == other for other in others)


def test_a_list_is_seen_day_by_day() -> None:
    sells = {"name": "more", "chance": 1.0, "talk": 30, "success": 1.0, "value": 2}
    scenario = week({
        "call_types.calls.arrivals": 0, "groups.desk.agents": 1, "groups.desk.skills": ["calls", "list"],
        "call_types": [{
            "name": "list", "contact": "outbound", "arrivals": 0, "talk": 200, "offers": [sells],
            "outbound": {"contacts": 300, "prepare": 0, "dial": 10, "reached": 1.0, "later": 0, "wrong": 0, "silent": 0},
        }],
    })  # fmt: skip
    found = counted(scenario)
    days = [found.of_day(day) for day in range(3)]
    done = [MEASURES["outbound_done_rate"](day) for day in days]
    assert done[0] == pytest.approx(120 / 300, abs=0.01) and np.isnan(done[1])  # 240 s each: 120 a day
    assert MEASURES["outbound_done_rate"](found) == MEASURES["outbound_reached_rate"](found) == 1.0
    assert [MEASURES["offer_value"](day) for day in days] == pytest.approx([240, 240, 120], abs=4)
    assert MEASURES["offers_made_rate"](found) == MEASURES["offers_taken_rate"](found) == 1.0
    closed = counted(scenario.with_({"special_days": [{"name": "off", "on": "tuesday", "closed": True}], "calendar.days": 4}))
    assert MEASURES["outbound_days"](closed) == 3.0


def test_junk_of_a_special_day_is_junk() -> None:
    junk = {"name": "junk", "junk": True, "arrivals": 5, "talk": 20}
    scenario = week({
        "call_types": [junk], "groups.desk.skills": ["calls", "junk"],
        "special_days": [{"name": "t", "on": "tuesday", "arrivals": {"junk": {"per_interval": 30}}}],
    })  # fmt: skip
    (cause,) = [one for one in causes(scenario) if one.name == "junk"]
    assert calls_by_interval(cause.without(scenario))["junk"].sum() == 0


def test_recorded_days_follow_each_other(tmp_path: Path) -> None:
    """What is recorded of three days is replayed on three days, call by call, and on one where only that is asked for."""
    day = simulated(week())
    (tmp_path / "log.csv").write_text(as_csv(columns(day)))
    table = week().table()
    (kind,) = table["call_types"]
    table["call_types"] = [kind | {"arrivals": {"replay": read_replay(tmp_path / "log.csv", "calls", week().calendar)}}]
    again = simulated(build(table), seed=9)
    assert np.array_equal(np.sort(again.calls.arrival), np.sort(day.calls.arrival))
    assert np.array_equal(again.calls.outcome, day.calls.outcome) and np.array_equal(again.calls.answer, day.calls.answer)
    alone = read_replay(tmp_path / "log.csv", "calls", week(days=1).calendar.replace(start=date(2026, 3, 10)))
    assert len(alone) == (days_of(day.calls.arrival) == 1).sum()
    table["calendar"] |= {"days": 4}
    assert "the log has calls on 3 of the 4 days" in "; ".join(one.message for one in warnings(build(table)))


def test_waits_of_an_interval_are_those_of_every_day() -> None:
    three, one = (simulated(week({"groups.desk.agents": 1}, days=days)) for days in (3, 1))
    in_hour = (three.calls.arrival % DAY // (3600 * S) == 9) & (three.calls.answer != NONE)
    assert len(waits_of(three, interval=0)) == in_hour.sum() > len(waits_of(one, interval=0))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("answer_rate[day=2026-03-10] >= 0.8", "the center is closed then"),
        ("answer_rate[day=2026-03-09, 14:00-15:00] >= 0.8", "the center is closed then"),
    ],
)
def test_a_threshold_of_closed_hours_is_refused(text: str, said: str) -> None:
    scenario = week({"special_days": [{"name": "off", "on": "tuesday", "closed": True},
                                      {"name": "short", "on": "monday", "closes": "13:00"}]})  # fmt: skip
    with pytest.raises(ScenarioError, match=said):
        parse_all([text], scenario, baseline=False)


def test_a_window_goes_with_one_day() -> None:
    table = MeasuringTable.model_validate({"window": ["10:00", "12:00"]})
    assert table.measuring(week(days=1)).window == (36_000.0, 43_200.0)
    with pytest.raises(CallsimError, match="goes with one day"):
        table.measuring(week())


def test_every_measure_has_a_first_screen_also_on_a_day_that_is_closed() -> None:
    scenario = week({"special_days": [{"name": "off", "on": "tuesday", "closed": True}]})
    whole = run(Study({"baseline": scenario}, replications=3, spread=("baseline",)))
    for results in (whole, whole.of_day(date(2026, 3, 10)), whole.of_day(MONDAY)):
        counts = results.tallies["baseline"]
        for name in MEASURES:
            lines = first_screen(compare(results, measure=name), counts, grid(counts), scenario)
            assert lines and max(len(line) for text in lines for line in text.splitlines()) <= 100, name
    assert first_screen(compare(whole.of_day(date(2026, 3, 10))), counts.of_day(0), grid(counts), scenario)


def test_verdicts_are_on_simulations_not_on_days() -> None:
    """7 simulations of 3 days are few, as 7 of one day are."""
    results = run(Study({"baseline": week(), "more": week({"groups.desk.agents": 3})}, replications=7))
    assert compare(results).row("more").verdict == "undecided"


def test_a_recorded_day_takes_from_a_week_what_is_true_on_its_date(tmp_path: Path) -> None:
    short: dict[str, Any] = {"name": "tue", "on": "tuesday", "closes": "12:00", "agents": {"desk": {"plus": 10}}}
    short["arrivals"] = {"calls": {"times": 2}}
    like = week({"special_days": [short], "call_types.calls.offers": [{"name": "o", "chance": 1.0, "talk": 60}]})
    day = simulated(week(days=1))
    (tmp_path / "log.csv").write_text(as_csv(columns(day)))
    found = recorded_day(read_call_log(tmp_path / "log.csv"), MONDAY, like)
    assert found.scenario.calendar.days == 1 and found.scenario.special_days == ()
    assert found.scenario.call_types[0].offers == ()
    given = recorded_day(read_call_log(tmp_path / "log.csv"), MONDAY, like, staffing="scenario").scenario
    assert given.special_days == () and len(simulated(given).calls) == len(day.calls)


def test_a_scenario_without_groups_runs() -> None:
    nobody = week({"groups": [{"name": "desk", "drop": True}]})
    assert MEASURES["answer_rate"](counted(nobody).of_day(1)) == 0.0


def test_occupancy_is_that_of_the_groups_that_serve_callers() -> None:
    orders = {"name": "orders", "contact": "work", "arrivals": 0, "talk": 60}
    found = counted(week({"call_types": [orders], "groups": [{"name": "idle", "skills": ["orders"], "agents": 5}]}))
    assert MEASURES["occupancy"](found) == MEASURES["occupancy"](found, group="desk") > 0
    assert MEASURES["paid_hours"](found) == pytest.approx(MEASURES["paid_hours"](found, group="desk") + 40, abs=0.1)


def test_a_path_is_that_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as error:
        week({"special_days": [{"name": "sat", "on": "monday", "arrivals": {"calls": {"times": -1}}}]})
    assert "special_days.sat.arrivals.calls.times" in str(error.value) and "changes" not in str(error.value)


def test_screens_show_each_day(capsys: pytest.CaptureFixture[str]) -> None:
    def shown(*words: str) -> str:
        with pytest.raises(SystemExit):
            main(["run", "tickets-and-visits", "--jobs", "1", "--days", "20", *words])
        return capsys.readouterr().out

    all_days, saturday = shown(), shown("--date", "2026-03-14")
    assert "Monday 2026-03-09 to Saturday 2026-03-14: 20 simulations of 6 connected days" in all_days
    assert "Sat 03-14" in all_days and "worst day" in all_days
    assert "Saturday 2026-03-14: 20 simulated days" in saturday and "worst hour" in saturday
    assert max(len(line) for line in (all_days + saturday).splitlines()) <= 100
    document = json.loads(shown("--json"))
    assert document["horizon"] == 6 and [one["date"] for one in document["by_day"]][-1] == "2026-03-14"
