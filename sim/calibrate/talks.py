"""Talks: talk by hour and by day, as measured, in each set, and as a scenario writes it."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calibrate.calibration import Sources, Table
from sim.calibrate.talk_days import WHOLE, Days, Level, chosen_level, level_at, swing
from sim.calibrate.talk_hours import FORMS, Heard, Hours, heard, hours, profile
from sim.files.history import History
from sim.scenario.calendar import Calendar
from sim.scenario.units import ticks

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SHARED_TALK = "talk"  # the name of the factor on talk that all types share
_DIGITS = 4
_FORMS = {"same": "the same at all hours", "shared": "a profile that types share", "own": "a profile of each type"}


class Estimates(NamedTuple):
    """factor : on talk, by type and interval from midnight: float64, shape (types, parts): the profile at the level
    common, own : cv of the day's factor that types share, and of each type's own
    """

    factor: Floats
    common: float
    own: Floats


class Talk(NamedTuple):
    """What was measured, and on what; `hours` says how its form was chosen, `level` which level is taken, and `best` which
    foretold the record's weeks best.

    profile : float64, shape (types, parts), mean 1 over a type's calls; factor : what calls are expected to last by it now
    now, best_now : these levels, as factors on the record's mean
    """

    kinds: tuple[str, ...]
    interval: float
    hours: Hours
    level: Level
    now: float
    best: Level
    best_now: float
    profile: Floats
    found: Estimates
    seen: Heard
    days: Days

    @property
    def mean(self) -> Floats:
        """Seconds by type, on which the profile and the level are factors: float64, shape (types,)."""
        return _mean(self.seen)

    def at_the_mean_hour(self, calls: History, kind: str) -> Floats:
        """Seconds of talk of answered calls of one type, as long as they would have lasted at the mean hour; the mean stays."""
        seconds = calls.talk / 1e6
        part = np.minimum(calls.arrival // ticks(self.interval), self.profile.shape[1] - 1)
        even = np.asarray(seconds / self.profile[self.kinds.index(kind), part], np.float64)
        return even * (seconds.sum() / even.sum()) if even.sum() > 0 else even


def measured_talk(
    history: History, kinds: tuple[str, ...], interval: float, group: Ints, level: tuple[int, float] | None = WHOLE
) -> Talk:
    """Profile, level and swing of the answered calls of a history, all of whose days are used.

    group : int64, shape (days,), of weekdays that are alike; level : weeks and their share; None: what foretold best
    """
    return talk_of(heard(history, kinds, interval), kinds, interval, group, level)


def talk_of(
    seen: Heard, kinds: tuple[str, ...], interval: float, group: Ints, level: tuple[int, float] | None = WHOLE
) -> Talk:
    """As `measured_talk`, of what was heard."""
    chosen = hours(seen)
    once = np.ones(len(seen.days), np.int64)
    shape, days = _expected(seen, chosen.form, once, group)
    best = chosen_level(days)
    at = best if level is None else Level(*level)
    now, found = _estimates(seen, days, shape, (at.weeks, at.share), once)
    best_now = level_at(days, (best.weeks, best.share), _after(seen), once)
    return Talk(kinds, interval, chosen, at, now, best, best_now, shape, found, seen, days)


def in_sets(talk: Talk, weights: Ints) -> list[Estimates]:
    """The estimates in each set; weights : int64, shape (sets, days). What form the profile has, and of which weeks the level
    is, stay.
    """
    found = []
    for row in weights:
        shape, days = _expected(talk.seen, talk.hours.form, row, talk.days.group)
        found.append(_estimates(talk.seen, days, shape, (talk.level.weeks, talk.level.share), row)[1])
    return found


def _mean(seen: Heard) -> Floats:
    number = seen.number.sum(axis=(0, 2))
    return np.asarray(seen.total.sum(axis=(0, 2)) / np.maximum(number, 1.0), np.float64)


def _expected(seen: Heard, form: str, weights: Ints, group: Ints) -> tuple[Floats, Days]:
    """The profile of days that count so often, and what is expected of each day by it and the types' means."""
    number, total, squares = (np.tensordot(weights, one, axes=1) for one in seen[1:4])
    shape = profile(number, total, squares, form)
    mean = total.sum(axis=1) / np.maximum(number.sum(axis=1), 1.0)
    expects = (seen.number * (mean[:, np.newaxis] * shape)).sum(axis=2)
    return shape, Days(seen.days, group, seen.number.sum(axis=2), seen.total.sum(axis=2), expects, seen.follows)


def _estimates(seen: Heard, days: Days, shape: Floats, level: tuple[int, float], weights: Ints) -> tuple[float, Estimates]:
    now = level_at(days, level, _after(seen), weights)
    number, total, squares = (np.tensordot(weights, one, axes=1) for one in seen[1:4])
    calls = np.maximum(number.sum(axis=1), 1.0)
    even = (squares / shape**2).sum(axis=1) / calls
    mean = (total / shape).sum(axis=1) / calls
    cv = np.sqrt(np.maximum(np.divide(even, mean**2, out=np.ones_like(mean), where=mean > 0) - 1.0, 0.0))
    common, own = swing(days, level, cv, weights, again=bool((weights != 1).any()))
    return now, Estimates(shape * now, common, own)


def _after(seen: Heard) -> int:
    """The day after the last, as an ordinal."""
    return int(seen.days[-1]) + 1 if len(seen.days) else 0


def factor_row(found: Estimates, code: int, hours_open: slice) -> list[float]:
    """What a scenario's `talk_factor` is of a type in its opening hours."""
    return [round(float(one), _DIGITS) for one in found.factor[code, hours_open]]


def talk_table(talk: Talk, kind: str, hours_open: slice) -> Table:
    """`talk_factor` and `talk_swing` of a type, where they are more than 1 and 0."""
    code = talk.kinds.index(kind)
    table: Table = {}
    if talk.hours.form != FORMS[0] or (talk.level.weeks, talk.level.share) != WHOLE:
        table["talk_factor"] = {"per_interval": factor_row(talk.found, code, hours_open)}
    if swings(talk):
        table["talk_swing"] = {"cv": round(float(talk.found.own[code]), _DIGITS), "factors": [SHARED_TALK]}
    return table


def swings(talk: Talk) -> bool:
    """Whether days differ beyond chance."""
    return bool(talk.found.common > 0 or (talk.found.own > 0).any())


def shared_factor(talk: Talk) -> list[Table]:
    """The entry of `[[factors]]` that all types' talk shares, or none."""
    return [{"name": SHARED_TALK, "cv": round(talk.found.common, _DIGITS)}] if swings(talk) else []


def talk_rows(talk: Talk, sets: list[Estimates], kinds: tuple[str, ...], hours_open: slice) -> dict[tuple[str, ...], list[Any]]:
    """Path -> the value of each set, of what the scenario has."""
    rows: dict[tuple[str, ...], list[Any]] = {}
    if swings(talk):
        rows["factors", SHARED_TALK, "cv"] = [round(one.common, _DIGITS) for one in sets]
    for kind in kinds:
        code, table = talk.kinds.index(kind), talk_table(talk, kind, hours_open)
        if "talk_factor" in table:
            rows["call_types", kind, "talk_factor", "per_interval"] = [factor_row(one, code, hours_open) for one in sets]
        if "talk_swing" in table:
            rows["call_types", kind, "talk_swing", "cv"] = [round(float(one.own[code]), _DIGITS) for one in sets]
    return rows


def note_sources(talk: Talk, kind: str, sources: Sources) -> None:
    """Where a type's factors come from."""
    days = f"{len(talk.seen.days):,} days"
    table = talk_table(talk, kind, slice(0, 0))
    if "talk_factor" in table:
        sources.measured(f"call_types.{kind}.talk_factor", "; ".join(said(talk)))
    if "talk_swing" in table:
        note = f"how much days' talk differs beyond chance, {days}, about {level_words(talk.level)}"
        sources.measured(f"call_types.{kind}.talk_swing", note)
        sources.measured(f"factors.{SHARED_TALK}", note)


def said(talk: Talk) -> list[str]:
    """What was chosen, and by how much it is better than the next, in words."""
    found, level = talk.hours, talk.level
    text = f"by hour {_FORMS[found.form]}"
    if math.isnan(found.gain):
        text += ", for too few days to tell"
    if found.form != FORMS[0]:
        text += f" (on days held back {100 * found.gain:.2f} ±{196 * found.error:.2f} % of calls' variance better than none)"
    lines = [text]
    text = f"at the level of {level_words(level)}"
    if (level.weeks, level.share) != WHOLE:
        text += f", {talk.now:.3f} of the record's mean"
    best = talk.best
    if (best.weeks, best.share) != WHOLE:
        off = f"days of {best.tested} weeks were off by {100 * best.error:.1f} %, by the mean of the record up to then"
        off += f" by {100 * best.whole:.1f} %"
        taken = (best.weeks, best.share) == (level.weeks, level.share)
        other = "" if taken else f"{level_words(best)}, at {talk.best_now:.3f} of the record's mean, foretold its weeks better: "
        text += f" ({other}{off}{'' if taken else '; --talk-level recent takes it'})"
    return [*lines, text]


def level_words(level: Level) -> str:
    """Of which days the level is."""
    if (level.weeks, level.share) == WHOLE:
        return "the whole record"
    weeks = f"the last {level.weeks} week{'s' if level.weeks > 1 else ''}"
    return weeks if level.share == 1 else f"half {weeks}, half the whole record"


def level_before(talk: Talk, history: History) -> dict[int, float]:
    """Ordinal of each day of a history -> the level of talk as a planner would know it the evening before, as a factor on the
    measured one: that of the last weeks before the day, in the share that was chosen.
    """
    days = np.unique(history.day)
    level = talk.level.weeks, talk.level.share
    if level == WHOLE:
        return {int(day): 1.0 for day in days}
    weeks, share = level
    seen = heard(history, talk.kinds, talk.interval, talk.seen.most)
    expects = (seen.number * (talk.mean[:, np.newaxis] * talk.profile)).sum(axis=2)
    of = Days(days, np.zeros(len(days), np.int64), seen.number.sum(axis=2), seen.total.sum(axis=2), expects, seen.follows)
    once = np.ones(len(days))
    return {int(day): (share * level_at(of, (weeks, 1.0), int(day), once) + 1.0 - share) / talk.now for day in days}


def in_hours(factor: Table, own: Calendar, calendar: Table) -> Table:
    """A scenario's `talk_factor` in the intervals of another day: what it says of their times, and outside its hours of the
    nearest one. calendar : of that day, as of a scenario's table
    """
    given = factor.get("per_interval", 1.0)
    if not isinstance(given, list | tuple):
        return factor
    day = Calendar.model_validate({"start": own.start} | calendar)  # what is at its default is not in the table
    begins = np.arange(day.opens, day.closes - 1e-6, day.interval)
    places = np.clip((begins - own.opens) // own.interval, 0, len(given) - 1).astype(int)
    return factor | {"per_interval": [given[place] for place in places.tolist()]}
