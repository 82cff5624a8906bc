"""Laws: distributions of durations as arrays, and their quantile functions as kernels.

A uniform becomes a value by the quantile function, by closed forms where they exist, else by a monotone
table.

Table layout: 4,225 values at nodes that halve toward both ends: 33 octaves from 1/2 down to 2**-34 of u,
mirrored for 1 - u, each of 64 equal cells, linear inside a cell. 32-bit uniforms lie between 2**-33 and 1 -
2**-33, so every one falls into a cell and far tails are as fine, relative to their probability, as the
middle. The bits of a float64 are its exponent and mantissa, so a shift of them is the cell and what is left
is the place inside: no logarithm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.elementary import exp, log, normal_quantile
from sim.chance.jit import cold, inlined, kernel

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NEVER = 0  # kinds of law; parameters in brackets, seconds unless they are shapes
DETERMINISTIC = 1  # [value]
EXPONENTIAL = 2  # [mean]
WEIBULL = 3  # [scale, shape]: P(X > x) = exp(-(x / scale) ** shape)
LOGNORMAL = 4  # [mu, sigma] of the logarithm of seconds
UNIFORM = 5  # [low, high]
TABLE = 6  # none; `start` is where its values begin in `tables`

NEVER_SECONDS = np.inf
NEVER_TICKS = 1 << 60  # equals NEVER of sim.scenario.units
LONGEST = 1e12  # seconds: beyond, a value is NEVER; in ticks it is still below NEVER_TICKS

OCTAVES = 33
CELLS = 64
HALF = OCTAVES * CELLS  # index of the node at u = 1/2
NODES = 2 * HALF + 1  # values in a table
_SHIFT = 46  # 52 bits of mantissa less the 6 that number the cells of an octave
_REST = (1 << _SHIFT) - 1
_FIRST = (1023 - OCTAVES - 1) * CELLS  # shifted bits of the outermost node
_OUTERMOST = 2.0 ** -(OCTAVES + 1)
_BELOW_ONE = 1.0 - 2.0**-53
TICKS = 1e6  # per second


class Laws(NamedTuple):
    """Distributions of durations in seconds, one per row.

    kind : int64, shape (laws,), one of the kinds above
    params : float64, shape (laws, 4), unused ones 0
    start : int64, shape (laws,), offset of a TABLE's NODES values, else 0
    tables : float64, flat
    """

    kind: Ints
    params: Floats
    start: Ints
    tables: Floats


def pack(rows: Sequence[tuple[int, Sequence[float], Floats | None]]) -> Laws:
    """Laws of rows (kind, up to four parameters, values of `make_table` for a TABLE else None)."""
    params = np.zeros((len(rows), 4), np.float64)
    start = np.zeros(len(rows), np.int64)
    tables: list[Floats] = []
    for i, (kind, given, values) in enumerate(rows):
        params[i, : len(given)] = given
        if (kind == TABLE) != (values is not None and values.shape == (NODES,)):
            raise ValueError(f"laws[{i}]: a table of {NODES} values goes with kind TABLE and no other")
        if values is not None:
            start[i] = len(tables) * NODES
            tables.append(values)
    flat = np.concatenate(tables) if tables else np.zeros(0, np.float64)
    return Laws(np.array([row[0] for row in rows], np.int64), params, start, flat)


def table_nodes() -> Floats:
    """The u of a table's values: float64, shape (NODES,), rising; u and 1 - u are exact."""
    octave, cell = np.divmod(np.arange(HALF), CELLS)
    low = np.ldexp(1.0 + cell / CELLS, octave - OCTAVES - 1)
    return np.concatenate([low, [0.5], 1.0 - low[::-1]])


def make_table(ppf: Callable[[Floats], Floats]) -> Floats:
    """Values in seconds, shape (NODES,), of a vectorized quantile function; ValueError where it is nan."""
    values = np.asarray(ppf(table_nodes()), np.float64)
    if values.shape != (NODES,) or bool(np.isnan(values).any()):
        raise ValueError(f"a quantile function must give {NODES} numbers, found {values!r}")
    return np.maximum.accumulate(values)


@cold
def _from_table(start: int, tables: Floats, u: float) -> float:
    """Value in seconds of a table at u; constant beyond the outermost nodes."""
    upper = u > 0.5
    v = max(1.0 - u if upper else u, _OUTERMOST)
    bits = int(np.float64(v).view(np.int64))
    cell = (bits >> _SHIFT) - _FIRST
    place = float(bits & _REST) * 2.0**-_SHIFT
    if upper:
        cell = NODES - 2 - cell
        place = 1.0 - place
    elif cell == HALF:  # u is 1/2
        return float(tables[start + HALF])
    a = float(tables[start + cell])
    b = float(tables[start + cell + 1])
    if place == 0.0 or a == b:  # also keeps inf - inf and inf * 0 away
        return a
    return min(a + (b - a) * place, b)  # min: rounding must not pass the next node


@inlined
def quantile(kind: int, p0: float, p1: float, p2: float, p3: float, start: int, tables: Floats, u: float) -> float:
    """Value in seconds (float64) of a law at u; rises with u, NEVER_SECONDS where it does not come."""
    if kind == EXPONENTIAL:
        return -p0 * log(1.0 - u)
    if kind == LOGNORMAL:
        return exp(p0 + p1 * normal_quantile(u))
    if kind == TABLE:
        return _from_table(start, tables, u)
    if kind == WEIBULL:  # scale * (-log(1 - u)) ** (1 / shape)
        return p0 * exp(log(-log(1.0 - u)) / p1)
    if kind == DETERMINISTIC:
        return p0
    if kind == UNIFORM:
        return min(p0 + (p1 - p0) * u, p1)
    return NEVER_SECONDS


@inlined
def law_quantile(laws: Laws, i: int, u: float) -> float:
    """Value in seconds of law i at u in (0, 1)."""
    p = laws.params
    return quantile(laws.kind[i], p[i, 0], p[i, 1], p[i, 2], p[i, 3], laws.start[i], laws.tables, u)


@inlined
def seconds_to_ticks(seconds: float) -> int:
    """Ticks (int64) of seconds, half to even, not below 0; NEVER_TICKS above LONGEST, for inf and for nan."""
    if not seconds <= LONGEST:
        return NEVER_TICKS
    if seconds <= 0.0:
        return 0
    exact = seconds * TICKS
    whole = int(exact)
    left = exact - float(whole)
    if left > 0.5 or (left == 0.5 and whole & 1 == 1):
        whole += 1
    return whole


@inlined
def law_ticks(laws: Laws, i: int, u: float, factor: float) -> int:
    """Ticks (int64) of law i at u times a factor (speed, tenure): rounded half to even, never negative."""
    return seconds_to_ticks(law_quantile(laws, i, u) * factor)


@kernel
def cumulative(laws: Laws, i: int, x: float) -> float:
    """P(X <= x seconds) of law i: the largest u whose quantile is at most x, by bisection, 2**-53 fine."""
    low = 0.0
    high = 1.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        if law_quantile(laws, i, middle) <= x:
            low = middle
        else:
            high = middle
    return low


@kernel
def quantile_beyond(laws: Laws, i: int, waited: float, u: float) -> float:
    """Value in seconds of law i at u *given that it exceeds* `waited` seconds; never below `waited`.

    The exponential forgets; others take the quantile at F(w) + (1 - F(w)) u. A law that ends at or before
    `waited` gives `waited`.
    """
    if laws.kind[i] == NEVER:
        return NEVER_SECONDS
    if laws.kind[i] == EXPONENTIAL:
        return max(waited, 0.0) + law_quantile(laws, i, u)
    passed = cumulative(laws, i, waited)
    if passed >= 1.0:
        return waited
    return max(waited, law_quantile(laws, i, min(passed + (1.0 - passed) * u, _BELOW_ONE)))
