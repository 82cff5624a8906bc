"""Packing: the counts of one day as a few kilobytes of bytes, and back; and a Frame as JSON.

Most counts are 0 and most others below 65,536: two bit masks say which, and the values follow. That is a third of the
size of the integers, at a tenth of the time that compressing them takes.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.calls import Frame, Prices
from sim.tally import Count, Customers, Measuring, Tally, Work
from sim.tally.waits import CELLS

Ints = npt.NDArray[np.int64]
_SMALL = 1 << 16


def pack_days(tally: Tally) -> list[bytes]:
    """One packed day after the other."""
    rows = np.concatenate([part.reshape(tally.days, -1) for part in _parts(tally)], axis=1)
    there = rows != 0
    values = rows[there]
    small = values.view(np.uint64) < _SMALL  # a negative number is a large one
    few, many = values[small].astype("<u2"), values[~small].astype("<i8")
    packed, begin, few_begin = [], 0, 0
    for mask, n in zip(np.packbits(there, axis=1), there.sum(axis=1).tolist(), strict=True):
        mine = small[begin : begin + n]
        k = int(np.count_nonzero(mine))
        many_begin = begin - few_begin
        pieces = mask, np.packbits(mine), few[few_begin : few_begin + k], many[many_begin : many_begin + n - k]
        packed.append(b"".join([piece.tobytes() for piece in pieces]))
        begin, few_begin = begin + n, few_begin + k
    return packed


def unpack_days(packed: list[bytes], frame: Frame, measuring: Measuring) -> Tally:
    """The Tally of these days; raises ValueError for bytes that are no such days."""
    shapes = _shapes(frame)
    sizes = [int(np.prod(shape)) for shape in shapes]
    rows = np.stack([_unpacked(one, sum(sizes)) for one in packed])
    columns = np.split(rows, np.cumsum(sizes)[:-1], axis=1)
    calls, agents, callers, waits, longest = (
        column.reshape(len(packed), *shape) for column, shape in zip(columns, shapes, strict=True)
    )
    return Tally(
        frame=frame, measuring=measuring, calls=calls, agents=agents, callers=callers, waits=waits, longest=longest
    )


def frame_text(frame: Frame) -> str:
    """The frame as JSON."""
    table = asdict(frame) | {"start": frame.start.isoformat(), "overtime": frame.overtime.tolist()}
    return json.dumps(table, sort_keys=True)


def frame_from(text: str) -> Frame:
    """The frame of such a text."""
    table = json.loads(text)
    return Frame(
        **{key: _tuples(value) for key, value in table.items() if key not in ("start", "overtime", "prices")},
        start=date.fromisoformat(table["start"]),
        overtime=np.array(table["overtime"], np.int64).reshape(len(table["groups"]), -1),
        prices=Prices(**{key: _tuples(value) for key, value in table["prices"].items()}),
    )


def _tuples(value: Any) -> Any:
    return tuple(_tuples(part) for part in value) if isinstance(value, list) else value


def _parts(tally: Tally) -> tuple[Ints, ...]:
    if tally.agents is None:
        raise ValueError("only simulated days, which have a record of agents, are stored")
    return tally.calls, tally.agents, tally.callers, tally.waits, tally.longest


def _shapes(frame: Frame) -> tuple[tuple[int, ...], ...]:
    spans, types = frame.intervals + 1, len(frame.call_types)
    rows = types + sum(len(values) for _, values in frame.labels)
    return (
        (spans, rows, len(Count)), (spans, len(frame.groups), len(Work)), (types, len(Customers)), (types, CELLS),
        (spans, rows),
    )  # fmt: skip


def _unpacked(packed: bytes, size: int) -> Ints:
    content = np.frombuffer(packed, np.uint8)
    at = -(-size // 8)
    there = np.unpackbits(content[:at], count=size).astype(bool)
    n = int(there.sum())
    end = at - (-n // 8)
    small = np.unpackbits(content[at:end], count=n).astype(bool)
    few = int(small.sum())
    if len(content) != end + 2 * few + 8 * (n - few):
        raise ValueError(f"a packed day of {len(content)} bytes")
    values = np.empty(n, np.int64)
    values[small] = content[end : end + 2 * few].view("<u2")
    values[~small] = content[end + 2 * few :].view("<i8")
    row = np.zeros(size, np.int64)
    row[there] = values
    return row
