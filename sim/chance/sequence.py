"""sequence: callers in the order in which they come, without a general sort."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.chance.jit import kernel
from sim.chance.room import Room

Ints = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int32]  # half the memory of int64, and the order of a day is made in the caches

_CROWDED = 64  # callers in an even stretch of time, beyond which a general sort is quicker


def in_order(arrival: Ints, room: Room) -> Rows:
    """The rows of fresh callers by (arrival, stream, k): int32, shape (calls,).

    They stand cell by cell, by stream and then k, so this is a stable order by arrival: callers are dealt into as many
    even stretches of time as there are callers, in their order, and each stretch is sorted by insertion.
    """
    n = len(arrival)
    rows: Rows = room.array("order", n, dtype=np.int32)
    if not n:
        return rows
    first, last = int(arrival.min()), int(arrival.max())
    width = ((last - first) // n).bit_length()  # of a stretch: 2**width ticks
    begin = room.array("stretches of time", n + 2, dtype=np.int32)
    begin.fill(0)
    if _crowd(arrival, first, width, begin) > _CROWDED:
        return np.argsort(arrival, kind="stable").astype(np.int32)
    _deal(arrival, first, width, begin, rows)
    return rows


def places(order: Rows, room: Room) -> Rows:
    """Where each row stands in an order of rows: the inverse, int32, of the same shape."""
    out: Rows = room.array("places", len(order), dtype=np.int32)
    _invert(order, out)
    return out


@kernel
def _invert(order: Rows, out: Rows) -> None:
    for i in range(order.shape[0]):
        out[order[i]] = i


@kernel
def _crowd(arrival: Ints, first: int, width: int, begin: Rows) -> int:
    """Counts callers by stretch into `begin`, shape (calls + 2,), two places on; the most in one."""
    most = 0
    for row in range(arrival.shape[0]):
        stretch = ((arrival[row] - first) >> width) + 2
        begin[stretch] += 1
        most = max(most, begin[stretch])
    return most


@kernel
def _deal(arrival: Ints, first: int, width: int, begin: Rows, out: Rows) -> None:
    """Rows in order into `out`, shape (calls,), with the counts that `_crowd` left in `begin`."""
    n = arrival.shape[0]
    for stretch in range(1, n + 2):
        begin[stretch] += begin[stretch - 1]
    for row in range(n):
        stretch = ((arrival[row] - first) >> width) + 1
        out[begin[stretch]] = row
        begin[stretch] += 1
    for i in range(1, n):
        row, tick = out[i], arrival[out[i]]
        j = i
        while j > 0 and arrival[out[j - 1]] > tick:
            out[j] = out[j - 1]
            j -= 1
        out[j] = row
