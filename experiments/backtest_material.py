"""Material of a backtest: what a source gives of every tested day, and from a call log how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from experiments.backtest_counts import Counted, measuring_of, recorded_counts, seconds
from experiments.backtest_days import Chosen, Split, chosen_days
from experiments.backtest_erlang import Sheet, sheet_of
from experiments.backtest_parts import LADDER, UnseenDay, in_hours_of, scenario_of, unseen_day
from experiments.backtest_scores import MEASURES
from sim.calibrate import Calibration
from sim.calibrate.day_replay import STEP
from sim.calibrate.pools import Pool, names_agents
from sim.calibrate.selection import day_counts
from sim.calibrate.talks import level_before
from sim.calls import NONE
from sim.files.history import History
from sim.scenario.errors import CallsimError
from sim.scenario.merge import build
from sim.scenario.scenario import Scenario
from sim.scenario.units import ticks
from sim.tally import Measuring

Floats = npt.NDArray[np.float64]


class Prepared(NamedTuple):
    """A tested day, ready to be simulated.

    recorded : one row; scenarios : step of the ladder -> the day told so much; there, before : heads on the day and in the mean
    of the weekday's last days; aht : seconds on the day; float64, shape (intervals,), in the hours of the fit
    sheet : what a planner's sheet takes from the days that are fitted for it
    """

    day: date
    recorded: Counted
    scenarios: Mapping[str, Scenario]
    there: Floats
    before: Floats
    aht: Floats
    sheet: Sheet


class Material(NamedTuple):
    """What a source gives: the days, how they are counted, and which measures the source has; aside : of days set aside."""

    source: str
    chosen: Chosen
    days: tuple[Prepared, ...]
    measuring: Measuring
    measures: tuple[str, ...]
    aside: tuple[Prepared, ...] = ()


def material_of_log(
    history: History,
    fit: Calibration,
    split: Split,
    *,
    within: float = 20.0,
    credit: str = "arrival",
    own_agents: tuple[str, ...] = (),
    without: Callable[[date], Calibration] | None = None,
    with_set_aside: bool = False,
) -> Material:
    """The tested days of a call log that are like the fitted ones. `without` : the fit of all days but one, where each day is
    tested by the others; `fit`, of all of them, then says which days are alike, and their hours and call types.
    `with_set_aside` : also those that are not like them, by themselves.

    Raises CallsimError where there are none, and for a log that does not say who answered.
    """
    if not names_agents(history):
        raise CallsimError(
            f"{history.source}: does not say who answered (agent_id), so who was there on a day cannot be known; "
            "a backtest needs a log that does"
        )
    like = fit.scenario
    names = [kind.name for kind in like.call_types]
    known = history.where(np.isin(history.call_type, [i for i, name in enumerate(history.call_types) if name in names]))
    ordinals, calls = np.unique(known.day, return_counts=True)
    counts = {date.fromordinal(int(day)): int(n) for day, n in zip(ordinals, calls, strict=True)}
    chosen = chosen_days(counts, split, fit, day_counts(history)[1], with_set_aside=with_set_aside)
    needed = {one for day, before in chosen.simulated for one in (day, *before)}
    used = known.where(np.isin(known.day, [day.toordinal() for day in needed]))
    measuring = measuring_of(like, within=within, credit=credit)
    days = []
    for day, before in chosen.simulated:
        mine = fit if without is None else without(day)
        expected = at_its_level(mine, known, day)
        sheet = sheet_of(known.where(np.isin(known.day, [one.toordinal() for one in mine.used])), like)
        one = unseen_day(used, day, in_hours_of(expected, like), before, own_agents=own_agents)
        scenarios = {name: scenario_of(one, given) for name, given in LADDER.items()}
        real = recorded_counts(one.calls, like, measuring)
        heads = mean_heads(one.there, like), mean_heads(one.before, like)
        days.append(Prepared(day, real, scenarios, *heads, day_aht(one, sheet), sheet))
    ordinary = len(chosen.days)
    return Material(history.source, chosen, tuple(days[:ordinary]), measuring, MEASURES, tuple(days[ordinary:]))


def at_its_level(fit: Calibration, history: History, day: date) -> Scenario:
    """The fit with talk at the level of the weeks before the day, in the share that the fit chose for its own last ones."""
    scenario, levels = fit.scenario, {} if fit.talk is None else level_before(fit.talk, history)
    now = levels.get(day.toordinal(), 1.0)
    if now == 1.0:
        return scenario
    table = scenario.table()
    for entry in table["call_types"]:
        factors = entry["talk_factor"]["per_interval"]
        entry["talk_factor"] = {"per_interval": [round(factor * now, 4) for factor in factors]}
    return build(table)


def mean_heads(pools: tuple[Pool, ...], like: Scenario) -> Floats:
    """Mean heads of all groups in each interval of the fit; the pools are in parts of five minutes from midnight."""
    calendar = like.calendar
    total = np.sum([pool.heads for pool in pools], axis=0)
    first, last = round(calendar.opens / STEP), round(calendar.closes / STEP)
    edges = np.concatenate([[0.0], np.cumsum(total[first:last])])
    places = np.arange(round((calendar.closes - calendar.opens) / calendar.interval) + 1) * calendar.interval / STEP
    return np.asarray(np.diff(np.interp(places, np.arange(len(edges)), edges)) * STEP / calendar.interval, np.float64)


def day_aht(tested: UnseenDay, sheet: Sheet) -> Floats:
    """AHT of the calls that came in each interval and were answered; that of the fitted days where none was."""
    calls, calendar = tested.calls, tested.like.calendar
    count = round((calendar.closes - calendar.opens) / calendar.interval)
    place = (calls.arrival - ticks(calendar.opens)) // ticks(calendar.interval)
    mine = (calls.answer != NONE) & (place >= 0) & (place < count)
    handle = calls.talk + (np.maximum(calls.wrap_up, 0) if not sheet.wrap_up else 0)
    total = np.bincount(place[mine], seconds(handle[mine]), minlength=count)
    number = np.bincount(place[mine], minlength=count)
    return np.where(number > 0, total / np.maximum(number, 1) + sheet.wrap_up, sheet.aht)
