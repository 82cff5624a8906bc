"""sequence: callers in the order in which they come, without a general sort."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.chance.jit import kernel
from sim.chance.room import Room

Ints = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int32]  # half the memory of int64, and the order of a day is made in the caches

_CROWDED = 64  # callers in an even stretch of time, beyond which a general sort is quicker


def places(arrival: Ints, room: Room) -> Rows:
    """Where each fresh caller stands by (arrival, stream, k): int32, shape (calls,).

    They are given cell by cell, by stream and then k, so this is a stable order by arrival: callers are dealt into as
    many even stretches of time as there are callers, in their order, and each stretch is sorted by insertion.
    """
    n = len(arrival)
    if not n:
        return np.zeros(0, np.int32)
    first, last = int(arrival.min()), int(arrival.max())
    width, row_bits = ((last - first) // n).bit_length(), n.bit_length()  # a stretch is 2**width ticks
    begin = room.array("stretches of time", n + 2, dtype=np.int32)
    begin.fill(0)
    if (last - first).bit_length() + row_bits > 63 or _crowd(arrival, first, width, begin) > _CROWDED:
        return inverse(np.argsort(arrival, kind="stable"), room)
    out: Rows = room.array("places", n, dtype=np.int32)
    _deal(arrival, first, width, row_bits, begin, room.array("order", n), out)
    return out


def inverse(order: Ints, room: Room) -> Rows:
    """Where each row stands in an order of rows: int32, of the same shape."""
    out: Rows = room.array("places", len(order), dtype=np.int32)
    out[order] = np.arange(len(order), dtype=np.int32)
    return out


@kernel
def _crowd(arrival: Ints, first: int, width: int, begin: Rows) -> int:
    """Counts callers by stretch into `begin`, shape (calls + 2,), two places on; the most in one."""
    most = 0
    for row in range(arrival.shape[0]):
        stretch = np.uint64(((arrival[row] - first) >> width) + 2)
        begin[stretch] += 1
        most = max(most, begin[stretch])
    return most


@kernel
def _deal(arrival: Ints, first: int, width: int, row_bits: int, begin: Rows, keys: Ints, out: Rows) -> None:
    """Places into `out`, with the counts that `_crowd` left in `begin`; keys : room for time and row in one, per caller."""
    n, zero, one = arrival.shape[0], np.uint64(0), np.uint64(1)
    for i in range(1, n + 2):
        begin[i] += begin[i - 1]
    for row in range(n):
        since = arrival[row] - first
        stretch = np.uint64((since >> width) + 1)
        keys[np.uint64(begin[stretch])] = since << row_bits | row
        begin[stretch] += 1
    for i in range(1, n):
        key, j = keys[i], np.uint64(i)
        while j > zero and keys[j - one] > key:
            keys[j] = keys[j - one]
            j -= one
        keys[j] = key
    for i in range(n):
        out[np.uint64(keys[i] & ((1 << row_bits) - 1))] = i
