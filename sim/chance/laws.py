"""ScenarioLaws: what chance needs to know of a scenario, as arrays that kernels read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.philox import name_hash
from sim.chance.quantiles import Laws, pack
from sim.chance.remember import remembered
from sim.chance.rows import law_row
from sim.scenario.calendar import Calendar
from sim.scenario.distributions import Distribution
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.range import Range
from sim.scenario.reactions import MOST_CALLS, REDIALS, REPEATS, Reaction
from sim.scenario.scenario import Scenario
from sim.scenario.series import Change, Series
from sim.scenario.units import ticks, value

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

ENDS = (*REDIALS, *REPEATS)
TALK, WRAP, PATIENCE = 0, 1, 2  # law of a call type: 3 * code + one of these
ONE = 65_536  # a factor of 1


class ScenarioLaws(NamedTuple):
    """A scenario's laws and chances, without open ranges.

    laws : rows 3 * type + TALK, WRAP, PATIENCE; then the IVR delay (3 * types); then at `delays` that of every reaction
    balking : float64, shape (types,)
    containment, hang_up : float64, shape (types, intervals), after changes, from 0 to 1
    screened : int64, shape (types,), 1 where a call of the type may be contained or hang up in the IVR
    reactions : how a type's callers come back after which end of a call
    factors : int64, shape (surges + 1, 3), 65536ths on talk, wrap-up and patience of a surge's callers; the last row
        is 1, so the surge code -1 (everyday callers) finds it
    shares : float64, shape (types, families, values), cumulative shares of a type's label values in its own order, so
        that another type's order moves nobody; all 0 without the family
    codes : int64, as `shares`, the code of each of these values
    families : uint64, shape (families,), what the key of a caller's label hangs on
    opens, interval : ticks; intervals : how many
    """

    laws: Laws
    balking: Floats
    containment: Floats
    hang_up: Floats
    screened: Ints
    reactions: Reactions
    factors: Ints
    shares: Floats
    codes: Ints
    families: Keys
    opens: int
    interval: int
    intervals: int


class Reactions(NamedTuple):
    """Who comes back, by call type and by *end*: the words of `Next` in their order (ENDS).

    chance : float64, shape (types, ends, intervals); later : float64, shape (types, ends), -1: as `chance`
    most, becomes : int64, shape (types, ends): later calls of the caller at most, and the call type he comes back with
    delays : where the rows of laws begin that say when, type * ends + end
    solved : float64, shape (types, groups); opening : int64 ticks, recognized : float64, both of shape (types,)
    any_comes : 1 where somebody may come back, or not be solved; 2 if some who abandoned may
    """

    chance: Floats
    later: Floats
    most: Ints
    becomes: Ints
    delays: int
    solved: Floats
    opening: Ints
    recognized: Floats
    any_comes: int


def reactions(scenario: Scenario) -> tuple[Reactions, list[Distribution]]:
    """The reactions of a scenario, and the laws of their delays in order."""
    types = scenario.call_types
    codes = {kind.name: code for code, kind in enumerate(types)}
    shape = len(types), len(ENDS)
    chance = np.zeros((*shape, scenario.calendar.intervals))
    later, most, becomes = np.full(shape, -1.0), np.full(shape, MOST_CALLS, np.int64), np.zeros(shape, np.int64)
    after: list[Distribution] = []
    for code, kind in enumerate(types):
        for end, word in enumerate(ENDS):
            given: Reaction = getattr(kind.next, word) or Reaction()
            after.append(given.after)
            chance[code, end] = _shares(given.chance, scenario.calendar, f"call_types.{kind.name}.next.{word}.chance")
            becomes[code, end] = code if given.as_ is None else codes[given.as_]
            if given.later is not None:
                later[code, end] = value(given.later)
            if given.most is not None:
                most[code, end] = given.most
    solved = np.array([
        [value(kind.solved_by.get(group.name, kind.solved)) for group in scenario.groups] for kind in types
    ]).reshape(len(types), len(scenario.groups))  # fmt: skip
    comes = (chance.max(axis=2) > 0.0) & (most > 0)
    any_comes = int(comes.any() or (solved < 1.0).any())
    found = Reactions(
        chance=chance, later=later, most=most, becomes=becomes, delays=3 * len(types) + 1, solved=solved,
        opening=np.array([ticks(value(kind.opening)) for kind in types], np.int64),
        recognized=np.array([value(kind.recognized) for kind in types]),
        any_comes=2 if comes[:, ENDS.index("abandoned")].any() else any_comes,
    )  # fmt: skip
    return found, after


@remembered
def scenario_laws(scenario: Scenario) -> ScenarioLaws:
    """The laws of a scenario; raises ValueError for open ranges and for parameters outside their domain."""
    calendar, ivr, types = scenario.calendar, scenario.ivr, scenario.call_types
    distributions = [law for kind in types for law in (kind.talk, kind.wrap_up, kind.patience)]
    surges = [(s.talk_factor, s.wrap_up_factor, s.patience_factor) for s in scenario.surges]
    space = label_space(scenario)
    shares, codes = _label_shares(scenario, space)
    containment, hang_up = _by_type(scenario, ivr.containment), _by_type(scenario, ivr.hang_up)
    coming_back, delays = reactions(scenario)
    return ScenarioLaws(
        laws=pack([law_row(law) for law in [*distributions, ivr.delay, *delays]]),
        balking=np.array([value(kind.balking) for kind in types]),
        containment=containment,
        hang_up=hang_up,
        screened=((containment + hang_up).max(axis=1) > 0.0).astype(np.int64),
        reactions=coming_back,
        factors=np.array(
            [[round(value(factor) * ONE) for factor in row] for row in [*surges, (1.0, 1.0, 1.0)]], np.int64
        ),
        shares=shares,
        codes=codes,
        families=np.array([name_hash(f"label\0{family}", bits=32) for family, _ in space], np.uint64),
        opens=ticks(calendar.opens),
        interval=ticks(calendar.interval),
        intervals=calendar.intervals,
    )


def label_space(scenario: Scenario) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(family, values) of all label families over the call types, both by first appearance; codes are positions."""
    space: dict[str, dict[str, None]] = {}
    for kind in scenario.call_types:
        for family, shares in kind.labels.items():
            space.setdefault(family, {}).update(dict.fromkeys(shares))
    return tuple((family, tuple(values)) for family, values in space.items())


def per_interval(given: float | Range | tuple[float | Range, ...], intervals: int, path: str) -> Floats:
    """One number for all intervals or a list, as float64 of shape (intervals,); ScenarioError on another length."""
    if not isinstance(given, tuple):
        return np.full(intervals, value(given))
    if len(given) != intervals:
        raise ScenarioError(
            [Problem(path, f"must have one number per interval ({intervals})", found=f"{len(given)} numbers")]
        )
    return np.array([value(number) for number in given])


def overlaps(change: Change, calendar: Calendar) -> Floats:
    """The part of each interval, from 0 to 1, that lies in a change's window; float64, shape (intervals,)."""
    starts = ticks(calendar.opens) + ticks(calendar.interval) * np.arange(calendar.intervals, dtype=np.int64)
    ends = starts + ticks(calendar.interval)
    low = starts if change.from_ is None else np.maximum(starts, ticks(change.from_))
    high = ends if change.to is None else np.minimum(ends, ticks(change.to))
    return np.maximum(high - low, 0) / ticks(calendar.interval)


def changed(values: Floats, changes: Sequence[Change], calendar: Calendar) -> Floats:
    """Values per interval after changes, in order; an interval partly in a window changes by that part; not below 0."""
    for change in changes:
        part = overlaps(change, calendar)
        if change.times is not None:
            values = values * (1.0 + part * (value(change.times) - 1.0))
        elif change.plus is not None:
            values = values + part * value(change.plus)
    return np.maximum(values, 0.0)


def _by_type(scenario: Scenario, series: Mapping[str, Series]) -> Floats:
    calendar = scenario.calendar
    table = np.zeros((len(scenario.call_types), calendar.intervals))
    for code, kind in enumerate(scenario.call_types):
        given = series.get(kind.name)
        if given is not None:
            table[code] = _shares(given, calendar, f"ivr.{kind.name}")
    return table


def _shares(given: Series, calendar: Calendar, path: str) -> Floats:
    return np.minimum(changed(per_interval(given.per_interval, calendar.intervals, path), given.changes, calendar), 1.0)


def _label_shares(scenario: Scenario, space: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[Floats, Ints]:
    widest = max((len(values) for _, values in space), default=0)
    table = np.zeros((len(scenario.call_types), len(space), widest))
    codes = np.zeros(table.shape, np.int64)
    for code, kind in enumerate(scenario.call_types):
        for f, (family, values) in enumerate(space):
            for v, (name, share) in enumerate(kind.labels.get(family, {}).items()):
                table[code, f, v], codes[code, f, v] = value(share), values.index(name)
    total = table.sum(axis=2, keepdims=True)
    shares = np.cumsum(np.divide(table, total, out=np.zeros_like(table), where=total > 0), axis=2)
    return shares, codes
