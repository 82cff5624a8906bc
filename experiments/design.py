"""Design: which values of its factors a study tries, as points: grids, samples that fill space, one at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

import numpy as np

from sim.scenario.errors import CallsimError, Problem, ScenarioError
from sim.scenario.units import parse_duration, show_duration

Point = dict[str, Any]  # path of a factor -> its value
Method = Literal["grid", "latin hypercube", "sobol", "one at a time", "sobol indices"]
SAMPLED = ("latin hypercube", "sobol", "sobol indices")


@dataclass(frozen=True)
class Span:
    """A factor between two numbers, or two durations (`seconds`: values are written as such)."""

    low: float
    high: float
    points: int = 2
    seconds: bool = False
    whole: bool = False

    def at(self, share: float) -> Any:
        """The value at a share from 0 to 1 of the way from low to high."""
        number = self.low + share * (self.high - self.low)
        if self.whole:
            return round(number)
        if self.seconds:
            return show_duration(round(number, 6))
        number = float(f"{number:.12g}")
        return int(number) if number == int(number) else number


Factor = Span | tuple[Any, ...]


def factor_from(path: str, given: Any) -> Factor:
    """A factor as a file gives it: a list of values, or { low, high } with `points` for a grid; raises ScenarioError."""
    if isinstance(given, list) and given:
        return tuple(given)
    if not isinstance(given, dict) or not {"low", "high"} <= set(given):
        raise _wrong(path, "must be a list of values, or { low = ..., high = ... }", given)
    unknown = [key for key in given if key not in ("low", "high", "points", "whole")]
    if unknown:
        raise _wrong(path, f'no such key "{unknown[0]}"; there is low, high, points, whole', given)
    ends, seconds = [], False
    for key in ("low", "high"):
        number = given[key]
        if isinstance(number, str):
            number, seconds = parse_duration(number), True
        if not isinstance(number, int | float) or isinstance(number, bool):
            raise _wrong(path, f"{key} must be a number or a duration", given)
        ends.append(float(number))
    points = given.get("points", 2)
    if not isinstance(points, int) or points < 2:
        raise _wrong(path, "points must be a whole number from 2 on", given)
    if not ends[0] < ends[1]:
        raise _wrong(path, "low must be below high", given)
    return Span(ends[0], ends[1], points, seconds, bool(given.get("whole", False)))


def design(factors: Mapping[str, Factor], method: Method, *, points: int | None, seed: int) -> list[Point]:
    """The points of a design, the first one without changes where it is "one at a time".

    grid : all combinations; latin hypercube and sobol : `points` of them, by scipy.stats.qmc with this seed. Raises
    CallsimError for samples of lists and for numbers of points that a method cannot take.
    """
    if method in SAMPLED:
        lists = [path for path, factor in factors.items() if not isinstance(factor, Span)]
        if lists or not factors:
            what = f"factors.{lists[0]}: is a list" if lists else "factors: there are none"
            raise CallsimError(f'{what}; design = "{method}" needs {{ low = ..., high = ... }}')
        if points is None or points < 1:
            raise CallsimError(f'points: design = "{method}" needs how many')
        if method != "latin hypercube" and points & (points - 1):
            raise CallsimError(f"points: must be a power of 2 for {method}; found {points}")
    if method == "one at a time":
        return [{}, *({path: value} for path, factor in factors.items() for value in _values(factor))]
    if method == "grid":
        return [dict(zip(factors, row, strict=True)) for row in product(*(_values(factor) for factor in factors.values()))]
    d, n = len(factors), points or 1
    if method == "sobol indices":  # A, B, and A with one column of B at a time (Saltelli et al. 2010, table 2)
        first, second = np.split(_sample(method, 2 * d, n, seed), 2, axis=1)
        mixed = [np.where(np.arange(d) == at, second, first) for at in range(d)]
        return [point_at(factors, row) for rows in (first, second, *mixed) for row in rows]
    return [point_at(factors, row) for row in _sample(method, d, n, seed)]


def point_at(factors: Mapping[str, Factor], shares: Sequence[float]) -> Point:
    """The point at shares from 0 to 1 of spans."""
    spans = [factor for factor in factors.values() if isinstance(factor, Span)]
    return {path: span.at(float(share)) for path, span, share in zip(factors, spans, shares, strict=True)}


def _sample(method: Method, dimensions: int, points: int, seed: int) -> Any:
    from scipy.stats import qmc

    rng = np.random.default_rng(seed)
    if method == "latin hypercube":
        return qmc.LatinHypercube(dimensions, seed=rng).random(points)
    return qmc.Sobol(dimensions, seed=rng).random(points)


def _values(factor: Factor) -> list[Any]:
    if isinstance(factor, Span):
        return [factor.at(share) for share in np.linspace(0, 1, factor.points)]
    return list(factor)


def _wrong(path: str, message: str, given: Any) -> ScenarioError:
    return ScenarioError([Problem(f'factors."{path}"', message, found=str(given))])
