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
from pydantic import TypeAdapter

from sim.calibrate.calibration import Calibration
from sim.calibrate.durations import Law, law_of
from sim.calibrate.selection import of_days
from sim.calls import NONE, Outcome
from sim.chance.rows import quantile_function
from sim.files.history import History
from sim.files.report import Report
from sim.scenario.distributions import Distribution
from sim.scenario.errors import CallsimError
from sim.scenario.merge import build
from sim.scenario.units import DAY, ticks

Floats = npt.NDArray[np.float64]
_WITHIN = ticks(3600.0)  # a call so soon after an unanswered one may be its redial
_FEW = 50  # unanswered calls of known callers, below which nothing can be said
_GRID = 200  # quantiles of the delay, and places within an interval, by which it is laid over intervals


class Redial(NamedTuple):
    """Of callers who gave up waiting the share `chance` calls again, `later` after a redial that failed too; `after`: when.

    overall : the share of all who gave up, whichever call it was
    low, high : the 95 % interval of the chance; note : on what it rests; status : as of a scenario's sources
    """

    chance: float
    later: float
    overall: float
    after: Law
    low: float
    high: float
    note: str
    status: Literal["measured", "given"]


class _Known(NamedTuple):
    """Calls of known callers, each with the next of the same caller on the same day."""

    answered: npt.NDArray[np.bool_]
    again: npt.NDArray[np.bool_]  # whether he calls within the hour
    is_redial: npt.NDArray[np.bool_]  # whether the call before was unanswered, within the hour
    delay: Floats  # seconds until the next call


def measured_redial(history: History) -> Redial:
    """How often callers redial, from those who are known.

    Of known callers who were not answered a share calls again within an hour, of those who were answered another: they
    had reasons of their own, as the former have too. With shares u and a, the chance of a redial is (u - a) / (1 - a)
    (Abbott 1925, "A method of computing the effectiveness of an insecticide": what happens with and without a cause).
    The interval is that of a difference of binomial shares. Raises CallsimError where too few are known.
    """
    known = _known(history)
    lost = ~known.answered
    if int(lost.sum()) < _FEW or int(known.answered.sum()) < _FEW:
        raise CallsimError(
            f"{history.source}: {int(lost.sum()):,} unanswered calls of known callers are too few to measure redials; "
            'state them, such as --redials "40% after 12m"'
        )
    chance, width = overall, _ = _beyond(known.again[lost], known.again[known.answered])
    again, first = lost & known.is_redial, lost & ~known.is_redial
    later = _beyond(known.again[again], known.again[known.answered])[0] if int(again.sum()) >= _FEW else chance
    base = float(known.again[known.answered].mean())
    note = (
        f"{known.again[lost].mean() * 100:.0f} % of {int(lost.sum()):,} unanswered known callers called within an hour, "
        f"{base * 100:.0f} % of {int(known.answered.sum()):,} answered"
    )
    if int(first.sum()) >= _FEW:
        chance, width = _beyond(known.again[first], known.again[known.answered])
    after = law_of(known.delay[lost & known.again])
    return Redial(chance, later, overall, after, max(chance - width, 0.0), min(chance + width, 1.0), note, "measured")


def stated_redial(chance: float, after: float) -> Redial:
    """A share that calls again after a mean of so many seconds, exponentially; as a planner states it."""
    law = {"exponential": {"mean": after}}
    return Redial(chance, chance, chance, law, chance, chance, "stated on the command line", "given")


def with_redials(found: Calibration, recorded: History | Report, redial: Redial) -> Calibration:
    """The calibration with first calls as arrivals and redials as what follows an abandoned call.

    Of the attempts of an interval those are redials that follow from the abandoned of this and earlier intervals:
    first = attempts - overall chance x (abandoned, laid over the intervals by the delay). That is exact in the mean, for the
    abandoned of the record are attempts as well.
    """
    table: dict[str, Any] = found.scenario.table()
    calendar = found.scenario.calendar
    lost = _abandoned(of_days(recorded, found.used), found.used, calendar.interval)
    spread = _over_intervals(redial.after, calendar.interval, lost.shape[1])
    first = round(calendar.opens / calendar.interval)
    kinds = recorded.call_types
    attempts = calls = 0.0
    for kind in table["call_types"]:
        mine = lost[kinds.index(kind["name"])] if kind["name"] in kinds else np.zeros(lost.shape[1])
        follow = redial.overall * np.convolve(mine, spread)[: lost.shape[1]]
        arrivals = np.array(kind["arrivals"]["per_interval"], np.float64)
        left = np.maximum(arrivals - follow[first : first + len(arrivals)], 0.0)
        attempts, calls = attempts + float(arrivals.sum()), calls + float(left.sum())
        kind["arrivals"]["per_interval"] = [round(float(number), 3) for number in left]
        reaction = {"chance": round(redial.chance, 4), "later": round(redial.later, 4), "after": redial.after}
        kind["next"] = kind.get("next", {}) | {"abandoned": reaction}
        path = f"call_types.{kind['name']}"
        table["sources"][f"{path}.next.abandoned"] = {"status": redial.status, "note": redial.note}
        if f"{path}.arrivals" in table["sources"]:
            table["sources"][f"{path}.arrivals"]["note"] += ", less redials"
    chance = f"{redial.chance * 100:.0f} %"
    if redial.high > redial.low:
        chance += f" ({redial.low * 100:.0f} to {redial.high * 100:.0f}, 95 %)"
    note = f"{attempts:,.0f} attempts a day = {calls:,.0f} first calls + {attempts - calls:,.0f} redials: {chance} call again"
    return replace(found, scenario=build(table), notes=(*found.notes, f"{note}; {redial.note}"))


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
    return _Known(answered[counts], again[counts], redials[counts], delay[counts])


def _beyond(with_cause: npt.NDArray[np.bool_], without: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """(chance, half-width of its 95 % interval) of what the cause alone brings about."""
    u, a = float(with_cause.mean()), float(without.mean())
    variance = u * (1 - u) / len(with_cause) + a * (1 - a) / len(without)
    return max((u - a) / (1 - a), 0.0), 1.96 * variance**0.5 / (1 - a)


def _abandoned(recorded: History | Report, days: Sequence[date], interval: float) -> Floats:
    """Abandoned a day by call type and interval from midnight, mean of the days: float64, shape (types, intervals)."""
    parts = DAY // ticks(interval)
    out = np.zeros((len(recorded.call_types), parts))
    if isinstance(recorded, Report):
        part = (recorded.start // interval).astype(np.int64)
        np.add.at(out, (recorded.call_type, np.minimum(part, parts - 1)), np.nan_to_num(recorded.abandoned))
    else:
        gone = recorded.where(recorded.outcome == Outcome.ABANDONED)
        left = np.minimum(gone.end // ticks(interval), parts - 1)
        np.add.at(out, (gone.call_type, left), 1.0)
    return out / max(len(days), 1)


def _over_intervals(after: Law, interval: float, parts: int) -> Floats:
    """The share of redials in the interval of the hang-up and in those after it: float64, shape (parts,)."""
    record: Any = TypeAdapter(Distribution).validate_python(after)
    middles = (np.arange(_GRID) + 0.5) / _GRID
    delays = quantile_function(record)(middles) / interval
    steps = np.floor(middles[:, None] + delays[None, :]).astype(np.int64).ravel()
    return np.bincount(np.minimum(steps, parts), minlength=parts + 1)[:parts] / len(steps)
