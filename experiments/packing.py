"""Packing: the counts of one day as a few kilobytes of bytes, and back; and a Frame as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.calls import Frame, Prices
from sim.tally import Count, Customers, Measuring, Tally, Work
from sim.tally.varint import read, written
from sim.tally.waits import CELLS

Ints = npt.NDArray[np.int64]


def pack_days(tally: Tally) -> list[bytes]:
    """One replication after the other, each with all its days."""
    return written(np.concatenate([part.reshape(tally.replications, -1) for part in _parts(tally)], axis=1))


def unpack_days(packed: list[bytes], frame: Frame, measuring: Measuring) -> Tally:
    """The Tally of these replications; raises ValueError for bytes that are no such days."""
    shapes = _shapes(frame)
    sizes = [frame.days * int(np.prod(shape)) for shape in shapes]
    columns = np.split(read(packed, sum(sizes)), np.cumsum(sizes)[:-1], axis=1)
    calls, agents, callers, waits, longest = (
        column.reshape(len(packed) * frame.days, *shape) for column, shape in zip(columns, shapes, strict=True)
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
    """Of one day."""
    spans, types = frame.intervals + 1, len(frame.call_types)
    rows = types + sum(len(values) for _, values in frame.labels)
    return (
        (spans, rows, len(Count)), (spans, len(frame.groups), len(Work)), (types, len(Customers)), (types, CELLS),
        (spans, rows),
    )  # fmt: skip
