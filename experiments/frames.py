"""Frames: results as tidy columns of equal length."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from experiments.values import dates
from sim.scenario.units import TICKS_PER_SECOND
from sim.tally.tally import Count, Tally

Columns = Mapping[str, npt.NDArray[np.generic]]
_TIMES = frozenset(
    {
        Count.WAIT_ANSWERED,
        Count.WAIT_ABANDONED,
        Count.WAIT_ALL,
        Count.TALK,
        Count.WRAP_UP,
        Count.QUEUE_TIME,
        Count.LINE_TIME,
        Count.CALLBACK_WAIT,
        Count.TOLD_ERROR,
        Count.TOLD_OVER,
        Count.TRANSFER_WAIT,
    }
)


def tidy(tallies: Mapping[str, Tally]) -> dict[str, npt.NDArray[np.generic]]:
    """See `Results.to_frame`."""
    parts: dict[str, list[npt.NDArray[np.generic]]] = {}
    for name, tally in tallies.items():
        frame, types = tally.frame, len(tally.frame.call_types)
        counts = tally.calls[:, :, :types, :]
        rows, when = frame.intervals + 1, [day.isoformat() for day in dates(tally)]
        clock = (frame.opens + frame.interval * np.arange(rows)) / TICKS_PER_SECOND
        clock[-1] = np.nan
        one = np.ones((tally.days, rows, types), dtype=np.int64)
        replication, day = np.divmod(np.arange(tally.days), frame.days)
        columns: dict[str, npt.NDArray[np.generic]] = {
            "scenario": np.full(one.size, name),
            "replication": (one * replication[:, None, None]).ravel(),
            "date": np.broadcast_to(np.array(when)[day][:, None, None], one.shape).ravel(),
            "interval": (one * clock[None, :, None]).ravel(),
            "call_type": np.broadcast_to(np.array(frame.call_types), one.shape).ravel(),
        }
        for count in Count:
            counted = counts[..., count].ravel()
            unit = TICKS_PER_SECOND if count in _TIMES else 1000 if count == Count.OFFER_VALUE else 1
            columns[count.name.lower()] = counted if unit == 1 else counted / unit
        for column, cells in columns.items():
            parts.setdefault(column, []).append(cells)
    return {column: np.concatenate(cells) for column, cells in parts.items()}
