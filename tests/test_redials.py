"""Redials: what is measured of known callers, and attempts that become first calls and what follows from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter

from experiments.cli.main import main
from experiments.screens.call_table import as_csv, columns
from experiments.statistics import chance
from sim.calibrate import calibrate, calibrate_report
from sim.calibrate.calibration import Grown
from sim.calibrate.carried import drawn_of, values_of
from sim.calibrate.redials import measured_redial, stated_redial, with_redials
from sim.calibrate.selection import Chosen
from sim.calibrate.target import for_day
from sim.chance import draw, resolve
from sim.chance.means import mean
from sim.engines import simulate
from sim.files import load
from sim.files.call_log import read_call_log
from sim.files.history import History
from sim.files.intervals_of import report_of
from sim.scenario.distributions import Distribution
from sim.scenario.errors import CallsimError
from sim.scenario.merge import build
from sim.scenario.scenario import Scenario
from tests.recorded_days import as_recorded

HEADER = "date,number,customer,call_type,arrival,ivr_exit,queue_entry,answer,end,release,outcome\n"
MONDAY = date(2026, 3, 2)
CHANCE, LATER, DELAY, FIRST = 0.45, 0.45, 480.0, 30.0


def log(tmp_path: Path, rows: list[str]) -> History:
    path = tmp_path / "log.csv"
    path.write_text(HEADER + "\n".join(rows) + "\n")
    return read_call_log(path)


def lost(number: int, caller: str, at: float, wait: float = 60) -> str:
    return f"2026-03-02,{number},{caller},x,{at},{at},{at},,{at + wait},,abandoned"


def served(number: int, caller: str, at: float) -> str:
    return f"2026-03-02,{number},{caller},x,{at},{at},{at},{at + 5},{at + 100},{at + 100},answered"


def test_the_chance_is_what_the_unanswered_call_again_beyond_the_answered(tmp_path: Path) -> None:
    """Of 100 unanswered 55 call again, of 100 answered 10: (0.55 - 0.10) / 0.90 = 0.5; all 300 s after the end."""
    rows: list[str] = []
    for caller in range(100):
        rows.append(lost(len(rows), f"u{caller}", 30_000 + caller))
        if caller < 55:
            rows.append(served(len(rows), f"u{caller}", 30_000 + caller + 60 + 300))
    for caller in range(45):
        rows.append(served(len(rows), f"a{caller}", 30_000 + caller))
    for caller in range(10):
        rows.append(served(len(rows), f"a{caller}", 30_000 + caller + 100 + 300))
    rows.append(served(len(rows), "last", 60_000))
    found = measured_redial(log(tmp_path, rows))
    assert found.chance == pytest.approx((0.55 - 10 / 110) / (1 - 10 / 110)) and found.after == 300.0
    assert found.low < found.chance < found.high


def test_too_few_known_callers_are_said(tmp_path: Path) -> None:
    with pytest.raises(CallsimError, match=r"0 unanswered calls of known callers are too few.*40% after 12m"):
        measured_redial(log(tmp_path, [served(0, "", 30_000), served(1, "a", 30_100)]))


def a_day() -> Scenario:
    """Ten agents too few for 30 calls in each quarter of an hour, so that a quarter give up; 45 % of them call again."""
    after = {"exponential": {"mean": DELAY}}
    return Scenario.model_validate(
        {
            "name": "redials", "calendar": {"start": MONDAY, "opens": 28_800.0, "closes": 64_800.0, "interval": 900.0},
            "call_types": [
                {
                    "name": "x", "arrivals": {"per_interval": (FIRST,) * 40}, "talk": {"exponential": {"mean": 240.0}},
                    "patience": {"exponential": {"mean": 120.0}},
                    "next": {"abandoned": {"chance": {"per_interval": CHANCE}, "later": LATER, "after": after}},
                }
            ],
            "groups": [{"name": "desk", "skills": [["x"]], "agents": {"per_interval": 8.0}}],
        },
        context={"clocks": "seconds"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> History:
    """Thirty days of it (seed 11), with their callers."""
    folder, scenario = tmp_path_factory.mktemp("log"), resolve(a_day(), seed=11)
    texts: list[str] = []
    for number in range(30):
        simulated = simulate(scenario, draw(scenario, seed=11, replication=number))
        day = (MONDAY + timedelta(weeks=number)).isoformat()
        lines = as_csv(columns(simulated, ())).replace("\r\n", "\n").strip().split("\n")
        caller = lines[0].split(",").index("caller")
        for line in lines[1:]:
            cells = line.split(",")
            cells[0], cells[caller] = day, f"{number:03d}{cells[caller]}"
            texts.append(",".join(cells))
    path = folder / "log.csv"
    path.write_text("\n".join([lines[0], *texts]) + "\n")
    return read_call_log(path)


def test_chance_delay_and_first_calls_of_a_simulated_log_come_back(recorded: History) -> None:
    redial = measured_redial(recorded)
    assert redial.low <= CHANCE <= redial.high and redial.later == pytest.approx(LATER, abs=0.04)
    after: Any = TypeAdapter(Distribution).validate_python(redial.after)
    assert mean(after) == pytest.approx(DELAY, rel=0.06)
    (found,) = calibrate(recorded, interval=900.0)
    attempts = np.array(found.scenario.table()["call_types"][0]["arrivals"]["per_interval"])
    told = with_redials(found, recorded, redial)
    first = np.array(told.scenario.table()["call_types"][0]["arrivals"]["per_interval"])
    assert attempts.mean() > 1.08 * FIRST
    assert first.mean() == pytest.approx(FIRST, rel=0.025)
    source = told.scenario.sources["call_types.x.next.abandoned"]
    assert source.status == "measured" and any("first calls + " in note for note in told.notes)


def test_without_callers_the_stated_share_gives_the_same_first_calls(recorded: History) -> None:
    unknown = replace(recorded, customer=np.full(len(recorded), -1))
    report = report_of(unknown, interval=900.0)
    (found,) = calibrate_report(replace(report, aht=np.where(np.isnan(report.aht), 240.0, report.aht)))
    told = with_redials(found, report, stated_redial(CHANCE, DELAY))
    first = np.array(told.scenario.table()["call_types"][0]["arrivals"]["per_interval"])
    assert first.mean() == pytest.approx(FIRST, rel=0.03)
    assert told.scenario.sources["call_types.x.next.abandoned"].status == "given"
    with pytest.raises(CallsimError, match="too few to measure redials"):
        measured_redial(unknown)


def test_the_command_writes_what_follows_an_abandoned_call(tmp_path: Path) -> None:
    rows = [served(number, f"c{number}", 30_000 + 40 * number) for number in range(400)]
    rows += [lost(400 + number, f"d{number}", 30_020 + 40 * number) for number in range(100)]
    log(tmp_path, rows)
    with pytest.raises(SystemExit) as end:
        main(["calibrate", str(tmp_path / "log.csv"), "-o", str(tmp_path / "story"), "--redials", "40% after 12m"])
    assert end.value.code == 0
    reaction = load(tmp_path / "story").call_types[0].next.abandoned
    assert reaction is not None and reaction.chance.per_interval == pytest.approx(0.4)


@pytest.mark.parametrize("text", ["40%", "40% after", "140% after 12m", "often after 12m", "40% after 0s"])
def test_what_is_no_share_and_delay_is_refused(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["calibrate", str(tmp_path / "log.csv"), "-o", str(tmp_path / "story"), "--redials", text])
    assert end.value.code == 2 and "must be measured, or such as" in capsys.readouterr().err


def test_a_log_whose_group_is_called_agents_is_calibrated(recorded: History) -> None:
    named = replace(recorded, groups=("agents",))
    (found,) = calibrate(named, interval=900.0)
    assert [group.name for group in found.scenario.groups] == ["agents"]


@pytest.mark.slow
def test_heads_inferred_without_log_on_data_are_those_that_were_there(recorded: History) -> None:
    """Eight heads, inferred of 30 days from who answered when: within 3 % on average (seed 11), and 10 % in every interval."""
    bare = replace(recorded, group=np.full(len(recorded), -1), release=np.full(len(recorded), -1))
    (found,) = calibrate(bare, interval=900.0)
    heads = np.array(found.scenario.groups[0].agents.per_interval)[1:-1]
    assert heads.mean() == pytest.approx(8.0, rel=0.03)
    assert heads == pytest.approx(8.0, rel=0.10)


# --- in sets -------------------------------------------------------------------------------------------------------------

EACH = 12.0


def an_hour_or_four() -> Scenario:
    """Three agents too few for 12 first calls in each quarter of four hours; 45 % of who gave up call again, 30 % after that."""
    after = {"exponential": {"mean": DELAY}}
    return Scenario.model_validate(
        {
            "name": "redials", "calendar": {"start": MONDAY, "opens": 28_800.0, "closes": 43_200.0, "interval": 900.0},
            "factors": [{"name": "day", "cv": 0.1}],
            "call_types": [
                {
                    "name": "x", "arrivals": {"per_interval": (EACH,) * 16}, "busyness": {"factors": ["day"]},
                    "talk": {"exponential": {"mean": 240.0}}, "patience": {"exponential": {"mean": 120.0}},
                    "next": {"abandoned": {"chance": {"per_interval": CHANCE}, "later": 0.3, "after": after}},
                }
            ],
            "groups": [{"name": "desk", "skills": [["x"]], "agents": {"per_interval": 3.0}}],
        },
        context={"clocks": "seconds"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def days() -> History:
    return as_recorded(an_hour_or_four(), days=12, seed=100)


def test_redials_are_measured_again_in_every_set_and_first_calls_with_them(days: History) -> None:
    """With every day once a set is the estimate; first calls of a set are its attempts less its own redials."""
    (found,) = calibrate(days, interval=900.0, weekdays=((0, 1, 2, 3, 4),), sets=20)
    weights = drawn_of(days.days(), [found])
    assert weights is not None and (weights == found.drawn).all()
    once = measured_redial(days, np.ones_like(weights))
    assert once.again is not None
    assert once.again.chance == pytest.approx(once.chance) and once.again.later == pytest.approx(once.later)
    assert all(law == once.after for law in once.again.after)
    told = with_redials(found, days, measured_redial(days, weights))
    assert told.parameters is not None and told.parameters.edited(told.scenario.table()) == ()
    path = "call_types.x.next.abandoned"
    assert {f"{path}.chance", f"{path}.later", f"{path}.after"} <= set(told.intervals)
    assert len({str(value) for value in values_of(told, f"{path}.chance.per_interval")}) > 10
    ratio = np.array(values_of(told, "call_types.x.arrivals.per_interval")).sum(axis=1)
    ratio = ratio / np.array(values_of(found, "call_types.x.arrivals.per_interval")).sum(axis=1)
    assert np.ptp(ratio) > 0.01  # days that lose more have more redials among their calls
    laid = build(told.parameters.parameters.laid(told.scenario.table(), 3)).call_types[0].next.abandoned
    assert laid is not None and laid.chance.per_interval == values_of(told, f"{path}.chance.per_interval")[3]


def test_a_stated_redial_is_the_same_in_every_set_and_first_calls_vary(days: History) -> None:
    (found,) = calibrate(days, interval=900.0, weekdays=((0, 1, 2, 3, 4),), sets=20)
    told = with_redials(found, days, stated_redial(CHANCE, DELAY))
    assert told.parameters is not None
    paths = told.parameters.parameters.paths
    assert "call_types.x.arrivals.per_interval" in paths and not any(".next." in path for path in paths)


def test_first_calls_of_a_day_to_come_are_as_many_times_those_measured_as_attempts_are(days: History) -> None:
    (found,) = calibrate(days, interval=900.0, weekdays=((0, 1, 2, 3, 4),), sets=20)
    chosen = Chosen("every day", found.used, ())
    path, redial = "call_types.x.arrivals.per_interval", stated_redial(CHANCE, DELAY)
    times = np.linspace(1.2, 1.6, 20)
    for sets in (None, times):
        grown = Grown(1.4, "growth of +40% as stated", sets)
        told = with_redials(for_day(found, date(2024, 6, 3), chosen, None, grown), days, redial)
        plain = with_redials(found, days, redial)
        calls, before = (np.array(one.scenario.table()["call_types"][0]["arrivals"]["per_interval"]) for one in (told, plain))
        assert calls == pytest.approx(1.4 * before, abs=0.01)
        each = 1.4 if sets is None else times[:, np.newaxis]
        assert np.array(values_of(told, path)) == pytest.approx(each * np.array(values_of(plain, path)), abs=0.02)


def test_days_of_no_scenario_are_drawn_by_themselves(days: History) -> None:
    (found,) = calibrate(days.between(None, days.days()[7]), interval=900.0, weekdays=((0, 1, 2, 3, 4),), sets=20)
    weights = drawn_of(days.days(), [found])
    assert weights is not None and (weights[:, :8] == found.drawn).all()
    assert (weights[:, 8:].sum(axis=1) == 4).all() and weights[:, 8:].std() > 0
    assert drawn_of(days.days(), calibrate(days, sets=0)) is None


@pytest.mark.slow
def test_intervals_of_redials_and_first_calls_hold_the_truth() -> None:
    """24 logs of 30 days (seeds 100 to 123), 60 sets each: of first calls, the chance, the later one and the mean delay the
    99.9 % binomial interval of the coverage reaches 95 % (from 18 of 24 on it does), of all together they hold 86 % or more.
    """
    path = "call_types.x"
    truth = {
        f"{path}.calls": 16 * EACH, f"{path}.next.abandoned.chance": CHANCE, f"{path}.next.abandoned.later": 0.3,
        f"{path}.next.abandoned.after": DELAY,
    }  # fmt: skip
    hits = dict.fromkeys(truth, 0)
    for seed in range(100, 124):
        log_ = as_recorded(an_hour_or_four(), days=30, seed=seed)
        (found,) = calibrate(log_, interval=1800.0, weekdays=((0, 1, 2, 3, 4),), sets=60)
        told = with_redials(found, log_, measured_redial(log_, drawn_of(log_.days(), [found])))
        for name, true in truth.items():
            low, high = told.intervals[name]
            hits[name] += low <= true <= high
    for name, number in hits.items():
        assert chance(number, 24, level=0.999).high >= 0.95, (name, number)
    assert sum(hits.values()) >= 0.86 * 24 * len(truth), hits
