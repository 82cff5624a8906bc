"""Carried: the sets of a calibration after its scenario was changed: to a day to come, first calls, other staffing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.calibrate.bootstrap import measured
from sim.calibrate.calibration import Calibration
from sim.calibrate.figures import figures, intervals
from sim.chance.resample import days_drawn
from sim.scenario.parameters import NOTHING, Measured, Parameters, at

Ints = npt.NDArray[np.int64]


class _OtherFormError(Exception):
    """A value that has another form than the one it was measured in."""


def carried(found: Calibration) -> Calibration:
    """The calibration with its sets as its scenario is now.

    What was changed since it was measured is changed in each set by the same factor, number by number. A value of another
    form than before is the scenario's in every set. Who knows what a set would have said lays it over (`overlaid`).
    """
    if found.parameters is None:
        return found
    own, table = found.parameters, found.scenario.table()
    edited = own.edited(table)
    if not edited and own.of == found.scenario.name:
        return found
    rows: dict[str, list[Any]] = {}
    changed: dict[str, list[Any]] = {}
    for place, path in enumerate(own.parameters.paths):
        row = [values[place] for _, values in sorted(own.parameters.sets.items())]
        if path in edited:
            try:
                row = changed[path] = [_scaled(value, own.point[path], at(table, path)) for value in row]
            except _OtherFormError:
                continue
        rows[path] = row
    sets = {number: tuple(row[number] for row in rows.values()) for number in range(own.parameters.number)}
    point = {path: at(table, path, None) for path in rows}
    ends = {name: found.intervals[name] for name in found.intervals if name not in _about(edited)}
    carried_ = Parameters(tuple(rows), own.parameters.number, sets, own.parameters.days)
    return replace(
        found,
        parameters=Measured(found.scenario.name, point, carried_),
        intervals=ends | intervals(figures(changed), len(found.used)),
    )


def with_rows(found: Calibration, rows: Mapping[str, list[Any]], *, without: Iterable[str], days: int) -> Calibration:
    """The calibration with other values in its sets: those of `rows`, path -> the value of each set, of its scenario as it is,
    measured on so many `days`; the paths `without` leave them. Without sets it is as it was.
    """
    own = found.parameters
    if own is None:
        return found
    gone = tuple(without)
    kept = own.without(gone)
    varied = {path: row for path, row in rows.items() if any(one != row[0] for one in row)}
    table = found.scenario.table()
    point = {path: own.point[path] for path in kept.paths} | {path: at(table, path, None) for path in varied}
    sets = {number: (*values, *(row[number] for row in varied.values())) for number, values in kept.sets.items()}
    ends = {name: one for name, one in found.intervals.items() if name not in {*gone, *_about(gone)}}
    return replace(
        found,
        parameters=Measured(own.of, point, Parameters((*kept.paths, *varied), kept.number, sets, kept.days)),
        intervals=ends | (intervals(figures(rows), days) if days > 1 else {}),
    )


def values_of(found: Calibration, path: str) -> list[Any]:
    """The value at a path in each set; where it is alike in all, the scenario's, as often. None without sets: no values."""
    if found.parameters is None:
        return []
    sets = found.parameters.parameters
    if path in sets.paths:
        place = sets.paths.index(path)
        return [values[place] for _, values in sorted(sets.sets.items())]
    return [at(found.scenario.table(), path, None)] * sets.number


def overlaid(found: Calibration, rows: Mapping[str, list[Any]]) -> Calibration:
    """The calibration as its scenario is now (`carried`), with these values in its sets, one of each per set, at paths of the
    scenario: what was estimated once more on each set's days. Their intervals are made anew.
    """
    moved = carried(found)
    if moved.parameters is None or not rows:
        return moved
    all_ = {path: values_of(moved, path) for path in moved.parameters.parameters.paths} | dict(rows)
    ends = {name: known for name, known in moved.intervals.items() if name not in _about(tuple(rows))}
    told = intervals(figures(rows), len(found.used))
    return replace(moved, parameters=measured(moved.scenario, all_, len(found.used)), intervals=ends | told)


def drawn_of(days: Sequence[date], found: Sequence[Calibration]) -> Ints | None:
    """How often each of some recorded days counts in each set: int64, shape (sets, days); None without sets.

    Days on which one of the calibrations was measured count as in its sets, so that what is estimated of all days varies
    together with what was estimated of those; the others are drawn by themselves.
    """
    known = [one for one in found if one.drawn is not None]
    if not known:
        return None
    place = {day: at_ for at_, day in enumerate(days)}
    weights = np.full((len(known[0].drawn), len(days)), -1, np.int64)  # type: ignore[arg-type]
    for one in known:
        for column, day in enumerate(one.used):
            if day in place and one.drawn is not None:
                weights[:, place[day]] = one.drawn[:, column]
    rest = np.flatnonzero(weights[0] < 0)
    if len(rest):
        weights[:, rest] = days_drawn(len(rest), len(weights), "days of no scenario")
    return weights


def _about(paths: tuple[str, ...]) -> set[str]:
    """The figures that paths were the ground of, where they are made anew, or are none any more."""
    found = set()
    for path in paths:
        for end, names in (("arrivals.per_interval", ("calls",)), ("agents.per_interval", ("heads",)), ("patience", ())):
            if path.endswith(end):
                found |= {path.removesuffix(end) + name for name in names}
                found |= {f"{path}.{share} %" for share in (25, 50, 75)}
    return found


def _scaled(value: Any, old: Any, new: Any) -> Any:
    """A set's value, changed as the estimate was; a number that was 0 is the new one in every set."""
    if old is NOTHING or new is NOTHING:
        raise _OtherFormError
    if isinstance(new, dict) and isinstance(old, dict) and isinstance(value, dict):
        if not new.keys() == old.keys() == value.keys():
            raise _OtherFormError
        return {key: _scaled(value[key], old[key], new[key]) for key in new}
    if isinstance(new, list | tuple) and isinstance(old, list | tuple) and isinstance(value, list | tuple):
        if not len(new) == len(old) == len(value):
            raise _OtherFormError
        return [_scaled(*three) for three in zip(value, old, new, strict=True)]
    if not all(isinstance(one, int | float) for one in (value, old, new)):
        raise _OtherFormError
    return value if old == new else round(value * new / old, 4) if old else new
