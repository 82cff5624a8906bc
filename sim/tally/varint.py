"""Varint: rows of counts as few bytes, for a file that keeps many days.

A count is written seven bits at a time, the lowest first, as Protocol Buffers and SQLite write integers: every byte but the
last has its highest bit set. Most counts are 0 and come in runs, so a byte 0 is followed by how many more zeros there are.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from sim.chance.jit import kernel

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
MOST = 10  # bytes of a count: 64 bits, seven at a time; a negative one always takes all


def written(rows: Ints) -> list[bytes]:
    """Each row of the array (rows, counts) by itself."""
    content, ends = np.empty(rows.size * MOST, np.uint8), np.empty(len(rows), np.int64)
    _write(np.ascontiguousarray(rows), content, ends)
    cuts = [0, *ends.tolist()]
    return [content[a:b].tobytes() for a, b in pairwise(cuts)]


def read(rows: list[bytes], counts: int) -> Ints:
    """The array of shape (rows, counts); raises ValueError for bytes that are no such rows."""
    found = np.empty((len(rows), counts), np.int64)
    for row, content in zip(found, rows, strict=True):
        if not _read(np.frombuffer(content, np.uint8), row):
            raise ValueError(f"{len(content)} bytes that are not {counts} counts")
    return found


@kernel
def _write(rows: Ints, content: Bytes, ends: Ints) -> None:
    at = 0
    for i in range(rows.shape[0]):
        k = 0
        while k < rows.shape[1]:
            left = np.uint64(rows[i, k])
            k += 1
            if left == 0:
                content[at] = 0
                at += 1
                begin = k
                while k < rows.shape[1] and rows[i, k] == 0:
                    k += 1
                left = np.uint64(k - begin)
            while left >= 128:
                content[at] = (left & np.uint64(127)) | np.uint64(128)
                left >>= np.uint64(7)
                at += 1
            content[at] = left
            at += 1
        ends[i] = at


@kernel
def _read(content: Bytes, row: Ints) -> bool:
    """Whether the bytes are as many counts as the row has places; they are then in it."""
    at = k = 0
    zeros = False  # the number that is read says how many more of them there are
    while at < len(content):
        value, shift = np.uint64(0), np.uint64(0)
        while content[at] >= 128 and at + 1 < len(content) and shift < 63:
            value |= np.uint64(content[at] & 127) << shift
            shift += np.uint64(7)
            at += 1
        if content[at] >= 128:
            return False
        value |= np.uint64(content[at]) << shift
        at += 1
        n = value if zeros else np.uint64(1)
        if n > np.uint64(len(row) - k):
            return False
        row[k : k + int(n)] = np.int64(0) if zeros else np.int64(value)
        k += int(n)
        zeros = not zeros and value == 0
    return k == len(row) and not zeros
