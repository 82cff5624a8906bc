"""Redials: callers who were not answered and call again; attempts become first calls and what follows from them.

A record counts attempts. Where a scenario lets callers redial, its arrivals must be first calls, or redials count twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calibrate.bootstrap import FEWEST
from sim.calibrate.calibration import Calibration
from sim.calibrate.carried import overlaid, values_of
from sim.calibrate.durations import Law, law_of, record_of
from sim.calibrate.figures import intervals
from sim.calibrate.reweighted import laws, observed
from sim.calibrate.selection import of_days
from sim.calls import NONE, Outcome
from sim.chance.rows import quantile_function
from sim.files.history import History
from sim.files.report import Report
from sim.scenario.errors import CallsimError
from sim.scenario.merge import build
from sim.scenario.paths import join
from sim.scenario.units import DAY, ticks

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_WITHIN = ticks(3600.0)  # a call so soon after an unanswered one may be its redial
_FEW = 50  # unanswered calls of known callers, below which nothing can be said
_GRID = 200  # quantiles of the delay, and places within an interval, by which it is laid over intervals


class Again(NamedTuple):
    """The same of each set of days drawn again: float64, shape (sets,), and a law of the delay per set."""

    chance: Floats
    later: Floats
    overall: Floats
    after: list[Law]


class Redial(NamedTuple):
    """Of callers who gave up waiting the share `chance` calls again, `later` after a redial that failed too; `after`: when.

    overall : the share of all who gave up, whichever call it was
    low, high : the 95 % interval of the chance; note : on what it rests; status : as of a scenario's sources
    again : the same of each set; None where it was stated, or is not measured again
    """

    chance: float
    later: float
    overall: float
    after: Law
    low: float
    high: float
    note: str
    status: Literal["measured", "given"]
    again: Again | None = None


class _Known(NamedTuple):
    """Calls of known callers, each with the next of the same caller on the same day."""

    answered: Bools
    again: Bools  # whether he calls within the hour
    is_redial: Bools  # whether the call before was unanswered, within the hour
    delay: Floats  # seconds until the next call
    day: Ints  # its place among the days of the record


def measured_redial(history: History, weights: Ints | None = None) -> Redial:
    """How often callers redial, from those who are known.

    Of known callers who were not answered a share calls again within an hour, of those who were answered another: they
    had reasons of their own, as the former have too. With shares u and a, the chance of a redial is (u - a) / (1 - a)
    (Abbott 1925, "A method of computing the effectiveness of an insecticide": what happens with and without a cause).
    weights : how often each day of the history counts in each set, int64, shape (sets, days), all of which is then measured
        once more in each (`carried.drawn_of`); the interval of the chance is that of the sets, else of a difference of
        binomial shares
    Raises CallsimError where too few are known.
    """
    known = _known(history)
    lost = ~known.answered
    if int(lost.sum()) < _FEW or int(known.answered.sum()) < _FEW:
        raise CallsimError(
            f"{history.source}: {int(lost.sum()):,} unanswered calls of known callers are too few to measure redials; "
            'state them, such as --redials "40% after 12m"'
        )
    parts = _parts(known)
    once = np.ones((1, len(history.days())), np.int64)
    (chance,), (later,), (overall,) = _chances(known, parts, once)
    width = _half_width(known.again[parts.first], known.again[known.answered])
    base = float(known.again[known.answered].mean())
    note = (
        f"{known.again[lost].mean() * 100:.0f} % of {int(lost.sum()):,} unanswered known callers called within an hour, "
        f"{base * 100:.0f} % of {int(known.answered.sum()):,} answered"
    )
    seconds = lost & known.again
    after = law_of(known.delay[seconds])
    found = Redial(
        float(chance), float(later), float(overall), after, float(max(chance - width, 0.0)), float(min(chance + width, 1.0)),
        note, "measured",
    )  # fmt: skip
    if weights is None or weights.shape[1] < FEWEST:
        return found
    again = Again(
        *_chances(known, parts, weights), laws(after, observed(known.delay[seconds], known.day[seconds]), weights)
    )
    low, high = intervals({"chance": again.chance}, weights.shape[1])["chance"]
    return found._replace(low=low, high=high, again=again)


def stated_redial(chance: float, after: float) -> Redial:
    """A share that calls again after a mean of so many seconds, exponentially; as a planner states it."""
    law = {"exponential": {"mean": after}}
    return Redial(chance, chance, chance, law, chance, chance, "stated on the command line", "given")


def with_redials(found: Calibration, recorded: History | Report, redial: Redial) -> Calibration:
    """The calibration with first calls as arrivals and redials as what follows an abandoned call, in each set too.

    Of the attempts of an interval those are redials that follow from the abandoned of this and earlier intervals:
    first = attempts - overall chance x (abandoned, laid over the intervals by the delay). That is exact in the mean, for the
    abandoned of the record are attempts as well; where attempts were made those of a day to come (`grown`), abandoned are as
    many times more. In a set attempts, abandoned and, where it was measured, the redial
    are those of the set's days.
    """
    table: dict[str, Any] = found.scenario.table()
    calendar = found.scenario.calendar
    lost = _abandoned(of_days(recorded, found.used), found.used, calendar.interval)
    spread = _over_intervals(redial.after, calendar.interval, lost.shape[2])
    opening = slice(round(calendar.opens / calendar.interval), round(calendar.closes / calendar.interval))
    kinds, times = recorded.call_types, 1.0 if found.grown is None else found.grown.factor
    rows: dict[str, list[Any]] = {}
    attempts = calls = 0.0
    for kind in table["call_types"]:
        mine = lost[:, kinds.index(kind["name"])] if kind["name"] in kinds else np.zeros_like(lost[:, 0])
        arrivals = np.array(kind["arrivals"]["per_interval"], np.float64)
        left = _first(arrivals, times * mine.mean(axis=0), redial.overall, spread, opening)
        attempts, calls = attempts + float(arrivals.sum()), calls + float(left.sum())
        kind["arrivals"]["per_interval"] = [round(float(number), 3) for number in left]
        reaction = {"chance": round(redial.chance, 4), "later": round(redial.later, 4), "after": redial.after}
        kind["next"] = kind.get("next", {}) | {"abandoned": reaction}
        path = f"call_types.{kind['name']}"
        table["sources"][f"{path}.next.abandoned"] = {"status": redial.status, "note": redial.note}
        if f"{path}.arrivals" in table["sources"]:
            table["sources"][f"{path}.arrivals"]["note"] += ", less redials"
        if found.drawn is not None:
            rows |= _in_sets(found, kind["name"], redial, mine, opening)
    chance = f"{redial.chance * 100:.0f} %"
    if redial.high > redial.low:
        chance += f" ({redial.low * 100:.0f} to {redial.high * 100:.0f}, 95 %)"
    note = f"{attempts:,.0f} attempts a day = {calls:,.0f} first calls + {attempts - calls:,.0f} redials: {chance} call again"
    told = replace(found, scenario=build(table), notes=(*found.notes, f"{note}; {redial.note}"))
    return overlaid(told, rows)


def _in_sets(found: Calibration, kind: str, redial: Redial, lost: Floats, opening: slice) -> dict[str, list[Any]]:
    """First calls of a type in each set, and its redials where they were measured; lost : by day, (days, intervals)."""
    assert found.drawn is not None  # who asks has looked
    arrivals = join(("call_types", kind, "arrivals", "per_interval"))
    attempts, again = values_of(found, arrivals), redial.again
    sets = range(len(found.drawn))
    gone = found.drawn @ lost / found.drawn.sum(axis=1, keepdims=True)
    if found.grown is not None:
        each = found.grown.sets
        gone = gone * (found.grown.factor if each is None else each[:, np.newaxis])
    interval = found.scenario.calendar.interval
    laws_ = [redial.after] * len(sets) if again is None else again.after
    overall = [redial.overall] * len(sets) if again is None else again.overall
    rows: dict[str, list[Any]] = {arrivals: []}
    for at in sets:
        spread = _over_intervals(laws_[at], interval, lost.shape[1])
        left = _first(np.array(attempts[at], np.float64), gone[at], float(overall[at]), spread, opening)
        rows[arrivals].append([round(float(number), 3) for number in left])
    if again is not None:
        path = ("call_types", kind, "next", "abandoned")
        rows[join((*path, "chance", "per_interval"))] = [round(float(one), 4) for one in again.chance]
        rows[join((*path, "later"))] = [round(float(one), 4) for one in again.later]
        rows[join((*path, "after"))] = list(again.after)
    return rows


def _first(attempts: Floats, lost: Floats, overall: float, spread: Floats, opening: slice) -> Floats:
    """Attempts of the opening hours without what follows from the abandoned of the day, both by interval."""
    follow = overall * np.convolve(lost, spread)[: len(lost)]
    found: Floats = np.maximum(attempts - follow[opening][: len(attempts)], 0.0)
    return found


class _Parts(NamedTuple):
    """Unanswered calls of known callers: those that count for the first chance and for the later one, None: that one."""

    first: Bools
    later: Bools | None


def _parts(known: _Known) -> _Parts:
    lost = ~known.answered
    again, first = lost & known.is_redial, lost & ~known.is_redial
    return _Parts(first if int(first.sum()) >= _FEW else lost, again if int(again.sum()) >= _FEW else None)


def _chances(known: _Known, parts: _Parts, weights: Ints) -> tuple[Floats, Floats, Floats]:
    """First, later and overall chance of a redial on days that count so often: float64, shape (sets,)."""
    overall = _beyond(known, ~known.answered, weights)
    later = overall if parts.later is None else _beyond(known, parts.later, weights)
    return _beyond(known, parts.first, weights), later, overall


def _known(history: History) -> _Known:
    known = history.where((history.customer != NONE) & (history.queue_entry != NONE))
    order = np.lexsort((known.number, known.arrival, known.day, known.customer))
    known = known.where(order)
    over = np.where(known.end != NONE, known.end, known.arrival)
    same = (np.diff(known.customer) == 0) & (np.diff(known.day) == 0)
    gap = np.diff(known.arrival) + known.arrival[:-1] - over[:-1]
    soon = same & (gap >= 0) & (gap <= _WITHIN)
    answered = known.answer != NONE
    again, redials = np.append(soon, False), np.append(False, soon & ~answered[:-1])
    delay = np.append(np.where(soon, gap, 0), 0) / 1e6
    # who calls in the last hour of a day has no hour to call again
    days, at = np.unique(known.day, return_inverse=True)
    last = np.zeros(len(days), np.int64)
    np.maximum.at(last, at, known.arrival)
    whole = over + _WITHIN <= last[at]
    counts = whole & (answered | (known.outcome == Outcome.ABANDONED))
    place = np.searchsorted(np.unique(history.day), known.day[counts])
    return _Known(answered[counts], again[counts], redials[counts], delay[counts], place)


def _beyond(known: _Known, cause: Bools, weights: Ints) -> Floats:
    """The chance of calling again that the cause alone brings about, on days that count so often; the answered are without."""

    def share(mine: Bools) -> Floats:
        above, below = (weights @ np.bincount(known.day[one], minlength=weights.shape[1]) for one in (mine & known.again, mine))
        found: Floats = above / np.maximum(below, 1)
        return found

    u, a = share(cause), share(known.answered)
    return np.maximum((u - a) / np.maximum(1 - a, 1e-9), 0.0)


def _half_width(with_cause: Bools, without: Bools) -> float:
    """Of the 95 % interval of what the cause alone brings about, calls taken one by one."""
    u, a = float(with_cause.mean()), float(without.mean())
    variance = u * (1 - u) / len(with_cause) + a * (1 - a) / len(without)
    return float(1.96 * variance**0.5 / (1 - a))


def _abandoned(recorded: History | Report, days: Sequence[date], interval: float) -> Floats:
    """Abandoned by day, call type and interval from midnight: float64, shape (days, types, intervals)."""
    parts = DAY // ticks(interval)
    out = np.zeros((len(days), len(recorded.call_types), parts))
    ordinals = np.array([day.toordinal() for day in days], np.int64)
    if isinstance(recorded, Report):
        row = np.searchsorted(ordinals, [day.toordinal() for day in recorded.day])
        part = np.minimum((recorded.start // interval).astype(np.int64), parts - 1)
        np.add.at(out, (row, recorded.call_type, part), np.nan_to_num(recorded.abandoned))
    else:
        gone = recorded.where(recorded.outcome == Outcome.ABANDONED)
        left = np.minimum(gone.end // ticks(interval), parts - 1)
        np.add.at(out, (np.searchsorted(ordinals, gone.day), gone.call_type, left), 1.0)
    return out


def _over_intervals(after: Law, interval: float, parts: int) -> Floats:
    """The share of redials in the interval of the hang-up and in those after it: float64, shape (parts,)."""
    record = record_of(after)
    middles = (np.arange(_GRID) + 0.5) / _GRID
    delays = quantile_function(record)(middles) / interval
    steps = np.floor(middles[:, None] + delays[None, :]).astype(np.int64).ravel()
    return np.bincount(np.minimum(steps, parts), minlength=parts + 1)[:parts] / len(steps)
