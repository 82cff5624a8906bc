"""shapes: how a surge's calls spread over the time since its `at`; shares and their inverses, as kernels.

Times are seconds since `at`. The share F(t) is that of the surge's calls that have come by t; a caller's place is
its inverse, in closed form but for `delayed` and `recorded` (bisection). What a decay or a delayed wave leaves after
40 half-lives or peaks (less than 1e-9 of it) comes at their end.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.elementary import exp, log
from sim.chance.jit import kernel
from sim.scenario.demand import Shape
from sim.scenario.units import value

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FLAT = 0  # kinds; parameters in brackets, seconds
RAMP = 1  # [rise, hold, fall]
DECAY = 2  # [half-life]
DELAYED = 3  # [peak]
RECORDED = 4  # [length of a weight's interval]

LAST = 40.0  # half-lives or peaks after which a wave is over
_LN2 = 0.6931471805599453
_BISECTIONS = 60  # halvings: finer than a tick for any surge that ends within two years


class Shapes(NamedTuple):
    """Shapes of surges, one per row.

    kind : int64, shape (shapes,); params : float64, shape (shapes, 3); lasts : float64, seconds until the last call
    start : int64, shape (shapes + 1,), where a RECORDED shape's cumulative shares begin (and end) in `shares`
    """

    kind: Ints
    params: Floats
    lasts: Floats
    start: Ints
    shares: Floats


def pack_shapes(shapes: list[tuple[Shape, float]]) -> Shapes:
    """Shapes with the seconds left from `at` until closing (a step's length); ValueError when one lasts no time."""
    kinds: list[int] = []
    params: list[tuple[float, float, float]] = []
    lasts: list[float] = []
    shares: list[float] = []
    start = [0]
    for shape, until_closing in shapes:
        kind, given, length = _row(shape, until_closing)
        if not length > 0.0:
            raise ValueError("a surge must last some time before closing")
        if shape.recorded is not None:
            weights = [value(weight) for weight in shape.recorded.weights]
            whole = math.fsum(weights)
            if not whole > 0.0:
                raise ValueError("the weights of a recorded shape must not all be 0")
            shares += [0.0, *(math.fsum(weights[: i + 1]) / whole for i in range(len(weights)))]
        kinds.append(kind)
        params.append(given)
        lasts.append(length)
        start.append(len(shares))
    return Shapes(
        np.array(kinds, np.int64),
        np.array(params, np.float64).reshape(-1, 3),
        np.array(lasts, np.float64),
        np.array(start, np.int64),
        np.array(shares, np.float64),
    )


def _row(shape: Shape, until_closing: float) -> tuple[int, tuple[float, float, float], float]:
    if shape.pulse is not None:
        return FLAT, (0.0, 0.0, 0.0), shape.pulse.lasts
    if shape.ramp is not None:
        ramp = shape.ramp
        return RAMP, (ramp.rise, ramp.hold, ramp.fall), ramp.rise + ramp.hold + ramp.fall
    if shape.decay is not None:
        return DECAY, (shape.decay.half_life, 0.0, 0.0), LAST * shape.decay.half_life
    if shape.delayed is not None:
        return DELAYED, (shape.delayed.peak, 0.0, 0.0), LAST * shape.delayed.peak
    if shape.recorded is not None:
        recorded = shape.recorded
        return RECORDED, (recorded.interval, 0.0, 0.0), recorded.interval * len(recorded.weights)
    return FLAT, (0.0, 0.0, 0.0), until_closing


@kernel
def full_time(shapes: Shapes, i: int) -> float:
    """Seconds at full height that give the same calls: the area under a pulse, step or ramp of height 1."""
    if shapes.kind[i] == RAMP:
        return 0.5 * shapes.params[i, 0] + shapes.params[i, 1] + 0.5 * shapes.params[i, 2]
    return shapes.lasts[i]


@kernel
def share(shapes: Shapes, i: int, t: float) -> float:
    """F(t): the share of shape i that has come by t seconds after `at`; 0 before, 1 at its end."""
    if t <= 0.0:
        return 0.0
    if t >= shapes.lasts[i]:
        return 1.0
    kind = shapes.kind[i]
    p = shapes.params[i, 0]
    if kind == DECAY:
        return 1.0 - exp(-_LN2 * t / p)
    if kind == DELAYED:
        x = t / p
        return 1.0 - (1.0 + x) * exp(-x)
    if kind == RAMP:
        rise, hold, fall = shapes.params[i, 0], shapes.params[i, 1], shapes.params[i, 2]
        whole = full_time(shapes, i)
        if t < rise:
            return 0.5 * t * t / rise / whole
        if t <= rise + hold:
            return (t - 0.5 * rise) / whole
        left = shapes.lasts[i] - t
        return 1.0 - 0.5 * left * left / fall / whole
    if kind == RECORDED:
        first = shapes.start[i]
        cell = min(int(t / p), shapes.start[i + 1] - first - 2)
        a, b = shapes.shares[first + cell], shapes.shares[first + cell + 1]
        return min(a + (b - a) * (t / p - cell), b)
    return t / shapes.lasts[i]


@kernel
def share_inverse(shapes: Shapes, i: int, p: float, low: float, high: float) -> float:
    """Seconds after `at` by which the share p of shape i has come, known to lie from `low` to `high`."""
    kind = shapes.kind[i]
    t = p * shapes.lasts[i]
    if kind == DECAY:
        t = -shapes.params[i, 0] * log(1.0 - p) / _LN2
    elif kind == RAMP:
        rise, hold, fall = shapes.params[i, 0], shapes.params[i, 1], shapes.params[i, 2]
        area = p * full_time(shapes, i)
        if area < 0.5 * rise:
            t = math.sqrt(2.0 * rise * area)
        elif area <= 0.5 * rise + hold:
            t = area + 0.5 * rise
        else:
            t = shapes.lasts[i] - math.sqrt(2.0 * fall * max(full_time(shapes, i) - area, 0.0))
    elif kind != FLAT:
        a, b = low, high
        for _ in range(_BISECTIONS):
            middle = 0.5 * (a + b)
            if share(shapes, i, middle) < p:
                a = middle
            else:
                b = middle
        t = b
    return min(max(t, low), high)
