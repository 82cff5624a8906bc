"""arrivals: how many fresh callers come in each cell of each stream, and when; see `sim.chance.streams`.

The count of a cell is the Poisson quantile of one keyed uniform and the place of its k-th caller a keyed uniform of its
own: more demand adds callers and moves none.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.columns import CHUNK, fresh_uniforms
from sim.chance.elementary import nearest
from sim.chance.jit import inlined, kernel
from sim.chance.philox import CALLER, COUNT, block, fresh_key
from sim.chance.poisson import poisson_quantile
from sim.chance.room import Room
from sim.chance.shapes import share, share_inverse
from sim.chance.streams import MOST_CALLERS, Cells
from sim.scenario.errors import Problem, ScenarioError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

_ZERO = np.uint64(0)


class Fresh(NamedTuple):
    """Fresh callers, not sorted: cell by cell, and the k-th of a cell is the k-th of its keys.

    counts : int64, shape (cells,), callers of each; arrival : int64, shape (calls,), ticks
    """

    cells: Cells
    counts: Ints
    arrival: Ints

    def of_cells(self, column: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """A column of the cells, once per caller."""
        return np.repeat(column, self.counts)

    @property
    def k(self) -> Ints:
        """The caller's number within his cell."""
        begin = np.cumsum(self.counts) - self.counts
        return np.arange(len(self.arrival), dtype=np.int64) - self.of_cells(begin)

    @property
    def key(self) -> Keys:
        """uint64, shape (calls,)."""
        high = (self.cells.identity << np.uint64(40)) | (self.cells.interval.astype(np.uint64) << np.uint64(24))
        return np.bitwise_or(self.of_cells(high), self.k.astype(np.uint64), dtype=np.uint64)


def fresh(given: Cells, *, seed: int, replication: int, room: Room | None = None) -> Fresh:
    """The callers of all cells, in the order of cells; see `cells`."""
    key_parts = np.uint64(seed), np.uint64(replication)
    counts = np.zeros(len(given.stream), np.int64)
    _count(given, *key_parts, counts)
    if len(counts) and counts.max() >= MOST_CALLERS:
        raise ScenarioError([Problem("", f"more than {MOST_CALLERS} callers in one interval")])
    room = Room() if room is None else room
    arrival = room.array("arrival", int(counts.sum()))
    _place(given, counts, *key_parts, room.array("uniforms", 4, CHUNK, dtype=np.float64), arrival)
    return Fresh(given, counts, arrival)


@kernel
def _count(c: Cells, seed: np.uint64, replication: np.uint64, out: Ints) -> None:
    """Callers per cell into `out`, int64, shape (cells,)."""
    for i in range(out.shape[0]):
        if c.fixed[i] >= 0:
            out[i] = c.fixed[i]
        else:
            key = fresh_key(c.identity[i], np.uint64(c.interval[i]), _ZERO)
            u, _, _, _ = block(seed, replication, key, COUNT, _ZERO)
            out[i] = poisson_quantile(u, c.mean[i])


@kernel
def _place(c: Cells, counts: Ints, seed: np.uint64, replication: np.uint64, scratch: Floats, out: Ints) -> None:
    """Arrival in ticks of every caller into `out`, shape (calls,); scratch : float64, shape (4, CHUNK)."""
    n = 0
    u = scratch[0]
    for i in range(counts.shape[0]):
        p = c.first[i]
        even = c.first[i + 1] == p + 1 and c.shape[p] < 0 and c.mass[p] > 0.0
        since, mass, length, last = c.since[p], c.mass[p], float(c.until[p] - c.since[p]), c.until[p] - 1
        for k in range(0, counts[i], CHUNK):
            size = min(CHUNK, counts[i] - k)
            fresh_uniforms(seed, replication, c.identity[i], c.interval[i], k, CALLER, size, scratch)
            ticks = out[n : n + size]
            if even:  # as `_tick`, in a loop that vectorizes
                for j in range(size):
                    ticks[j] = min(since + nearest(np.floor(min(u[j] * mass / mass, 1.0) * length)), last)
            else:
                for j in range(size):
                    ticks[j] = _tick(c, i, u[j])
            n += size


@inlined
def _tick(c: Cells, i: int, u: float) -> int:
    """The tick at share u of cell i: through the inverse of its pieces' shapes; rises with u."""
    whole = 0.0
    for p in range(c.first[i], c.first[i + 1]):
        whole += c.mass[p]
    wanted = u * whole
    p = c.first[i]
    while p + 1 < c.first[i + 1] and wanted >= c.mass[p]:
        wanted -= c.mass[p]
        p += 1
    part = min(wanted / c.mass[p], 1.0) if c.mass[p] > 0.0 else 0.0
    since, until = c.since[p], c.until[p]
    if c.shape[p] < 0:
        return min(since + int(part * (until - since)), until - 1)
    low = (since - c.origin[p]) / 1e6
    high = (until - c.origin[p]) / 1e6
    before, after = share(c.shapes, c.shape[p], low), share(c.shapes, c.shape[p], high)
    t = share_inverse(c.shapes, c.shape[p], before + part * (after - before), low, high)
    return min(max(c.origin[p] + int(t * 1e6), since), until - 1)
