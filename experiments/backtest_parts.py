"""Parts of a tested day: its calls, its staffing, its handle times and its patience, each as it was or from the fit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calibrate.calibration import Table
from sim.calibrate.day_replay import STEP, recorded_day
from sim.calibrate.durations import law_of, patience_of
from sim.calibrate.patience import of_labels
from sim.calibrate.pools import Pool, pools
from sim.calibrate.talks import in_hours
from sim.calls import NONE, Outcome
from sim.chance.rows import quantile_function
from sim.files.history import History
from sim.scenario.calendar import Calendar
from sim.scenario.errors import CallsimError
from sim.scenario.merge import build
from sim.scenario.recorded import Recorded
from sim.scenario.scenario import Scenario
from sim.scenario.units import ticks

Floats = npt.NDArray[np.float64]
_LONGEST_DAY = 48 * 3600.0  # seconds; heads are listed from midnight up to there
_FEW = 100  # answered calls, or callers who left, of a type below which the fit's law is kept
_MIDDLES = (np.arange(1000) + 0.5) / 1000


class Given(NamedTuple):
    """Which parts of the tested day are as they were; all others are from the fit, of which the day is no part.

    calls : when each came, its type, labels and IVR; staffing : heads, inferred from who answered when (else the mean of the
    weekday's last days before); handle_times, patience : as recorded, or where calls are drawn the day's own distributions
    """

    calls: bool = False
    staffing: bool = False
    handle_times: bool = False
    patience: bool = False


# each part by itself, then one after the other up to all that was recorded
LADDER = {
    "forecast": Given(),
    "calls": Given(calls=True),
    "staffing": Given(staffing=True),
    "handle_times": Given(handle_times=True),
    "patience": Given(patience=True),
    "calls_staffing": Given(calls=True, staffing=True),
    "given": Given(calls=True, staffing=True, handle_times=True),
    "replayed": Given(True, True, True, True),
}


@dataclass(frozen=True, eq=False)
class UnseenDay:
    """A day that was not fitted: what was recorded of it, and the fit that is put to the test.

    calls : those of types that the fit has; like : the fit; replayed : the day with all that was recorded
    there, before : groups with their heads on the day, and in the mean of the days `used_before`, in parts of five minutes
    from midnight
    """

    day: date
    calls: History
    like: Scenario
    replayed: Scenario
    there: tuple[Pool, ...]
    before: tuple[Pool, ...]
    used_before: tuple[date, ...]


def unseen_day(
    history: History, day: date, like: Scenario, before: tuple[date, ...], *, own_agents: tuple[str, ...] = ()
) -> UnseenDay:
    """The recorded day beside the fit. `before` : days of the same weekday, all before it, whose staffing was known then.

    Raises CallsimError where the day has no call of a type that the fit has, and where no day is before it.
    """
    if not before:
        raise CallsimError(f"{day}: no day of its weekday is before it in the record, so its staffing cannot be foreseen")
    names = [kind.name for kind in like.call_types]

    def known(calls: History) -> History:
        return calls.where(np.isin(calls.call_type, [i for i, name in enumerate(calls.call_types) if name in names]))

    calls = known(history.on(day))
    if not len(calls):
        raise CallsimError(f"{day}: no calls of a type that the fitted days have: {', '.join(names)}")
    after = 0.0
    if not bool((calls.wrap_up != NONE).any()):
        after = float(np.mean([quantile_function(kind.wrap_up)(_MIDDLES).mean() for kind in like.call_types]))
    of_before = known(history.where(np.isin(history.day, [one.toordinal() for one in before])))

    def heads(of: History) -> tuple[Pool, ...]:
        types = tuple(name for name in names if name in of.call_types)
        own = tuple(kind for kind in own_agents if kind in types)
        return tuple(
            pools(
                of, types=types, own_agents=own, opens=0, length=ticks(STEP), parts=round(_LONGEST_DAY / STEP),
                after=ticks(after),
            )
        )  # fmt: skip

    replayed = recorded_day(calls, day, like, own_agents=own_agents, interval=float(like.calendar.interval)).scenario
    return UnseenDay(day, calls, like, replayed, heads(calls), heads(of_before), before)


def in_hours_of(scenario: Scenario, like: Scenario) -> Scenario:
    """A calibrated scenario in the hours of another: in intervals that it does not have nobody calls and nobody is there."""
    own, hours = scenario.calendar, like.calendar
    if (own.opens, own.closes) == (hours.opens, hours.closes):
        return scenario
    table, shift = scenario.table(), round((hours.opens - own.opens) / hours.interval)
    table["calendar"] = table["calendar"] | {"opens": float(hours.opens), "closes": float(hours.closes)}
    for entry in table["call_types"]:
        if "talk_factor" in entry:
            entry["talk_factor"] = in_hours(entry["talk_factor"], own, table["calendar"])
    for part in (*(entry["arrivals"] for entry in table["call_types"]), *(group["agents"] for group in table["groups"])):
        given = list(part["per_interval"])
        places = range(shift, shift + hours.intervals)
        part["per_interval"] = [given[at] if 0 <= at < len(given) else 0.0 for at in places]
    return build(table)


def scenario_of(tested: UnseenDay, given: Given) -> Scenario:
    """The tested day as a scenario in which the given parts are as they were and all others as the fit says."""
    like = tested.like
    if given.calls:
        table, day = tested.replayed.table(), tested.replayed.calendar
        hours = min(day.opens, like.calendar.opens), max(day.closes, like.calendar.closes)
        table["calendar"] = table["calendar"] | {"opens": float(hours[0]), "closes": float(hours[1])}
        factors = {entry["name"]: entry.get("talk_factor", {}) for entry in like.table()["call_types"]}
        for entry in table["call_types"]:
            if "talk_factor" in entry:
                entry["talk_factor"] = in_hours(factors[entry["name"]], like.calendar, table["calendar"])
            if "replay" in entry["arrivals"]:
                entry["arrivals"]["replay"] = _told(entry["arrivals"]["replay"], given)
    else:
        table = like.table()
        hours = like.calendar.opens, like.calendar.closes
        table["calendar"] = table["calendar"] | {"start": tested.day, "days": 1}
        for entry in table["call_types"]:
            _laws(entry, tested.calls, given, like.calendar)
    table["name"] = f"{tested.calls.source}, {tested.day}"
    floor = tested.there if given.staffing else tested.before
    paces = {} if given.handle_times else {group.name: group.proficiency for group in like.groups}  # the day's laws are of all
    table["groups"] = [_group(pool, *hours, paces.get(pool.name)) for pool in floor]
    table.pop("sources", None)
    return build(table)


def _told(calls: Recorded, given: Given) -> Recorded:
    """The recorded calls without what is not given of them, which is drawn from the fit instead."""
    unsaid = np.full(len(calls), NONE, np.int64)
    if not given.handle_times:
        calls = replace(calls, talk=unsaid, wrap=unsaid)
    if not given.patience:  # an answer without a wait says of a call that it asked for an agent, and no more
        asked = np.isin(calls.outcome, (Outcome.BALKED, Outcome.ABANDONED, Outcome.STILL_THERE)) & (calls.wait != NONE)
        balked = calls.outcome == Outcome.BALKED
        calls = replace(calls, outcome=np.where(asked | balked, Outcome.ANSWERED, calls.outcome), wait=unsaid)
    return calls


def _laws(entry: Table, calls: History, given: Given, calendar: Calendar) -> None:
    """Puts the day's own distributions into a call type, where the day has calls enough for them."""
    if entry["name"] not in calls.call_types:
        return
    mine = calls.where(calls.call_type == calls.call_types.index(entry["name"]))
    answered = mine.answer != NONE
    if given.handle_times and int(answered.sum()) >= _FEW:
        entry["talk"] = law_of(even_talk(entry, mine.where(answered), calendar))
        entry.pop("talk_swing", None)  # the day's own level is in it
        if bool((mine.wrap_up[answered] != NONE).all()):
            entry["wrap_up"] = law_of(mine.wrap_up[answered] / 1e6)
    queued, left = mine.waited > 0, mine.outcome == Outcome.ABANDONED
    if given.patience and int((queued & left).sum()) >= _FEW:
        entry["patience"] = patience_of(mine.waited[queued] / 1e6, left[queued])
        for path, part in _of_labels(entry):
            his = queued & of_labels(mine, path[0], (path[1],))
            del part["patience"]  # where too few of them left it is that of all, on that day
            if int((his & left).sum()) >= _FEW:
                part["patience"] = patience_of(mine.waited[his] / 1e6, left[his])


def _of_labels(entry: Table) -> list[tuple[tuple[str, str], Table]]:
    """The (family, value) of a call type's labels that have a patience of their own, and what depends on them."""
    families = entry.get("by_label", {}).items()
    parts = [((family, value), part) for family, values in families for value, part in values.items()]
    return [(path, part) for path, part in parts if "patience" in part]


def even_talk(entry: Table, answered: History, calendar: Calendar) -> Floats:
    """Seconds of talk as at the mean hour of the fit, such that times its factors they come to as much as they did."""
    seconds = answered.talk / 1e6
    given = entry.get("talk_factor", {}).get("per_interval", 1.0)
    factor = np.asarray(given if isinstance(given, list | tuple) else [given], np.float64)
    part = (answered.arrival - ticks(calendar.opens)) // ticks(calendar.interval)
    of_call = np.maximum(factor[np.clip(part, 0, len(factor) - 1)], 1e-9)
    even = np.asarray(seconds / of_call, np.float64)
    return even * (seconds.sum() / (even.mean() * of_call.sum())) if even.sum() > 0 else even


def _group(pool: Pool, opens: float, closes: float, pace: Any) -> Table:
    first, last = round(opens / STEP), round(closes / STEP)
    counted = [round(float(number), 3) for number in pool.heads[first:last]]
    return {"name": pool.name, "skills": [list(pool.skills)], "agents": {"every": STEP, "per_interval": counted}} | (
        {} if pace is None else {"proficiency": pace}
    )
