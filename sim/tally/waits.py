"""waits: the histogram of 128 cells that wait percentiles are read from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.chance.jit import at, part
from sim.scenario.units import TICKS_PER_SECOND

Ints = npt.NDArray[np.int64]

CELLS = 128
LONGEST = 4 * 3600  # seconds; longer waits are in the last cell
_FINE = 4  # bits of a wait's mantissa that, with its exponent, choose where to look for its cell


def _edges() -> Ints:
    # Exactly 0 has a cell of its own (answered at once); then every second to 20 s, where service levels lie;
    # then evenly on the logarithm: a cell is 6.3 % wide, so a percentile is right within that.
    fine = np.arange(1, 21, dtype=np.float64)
    coarse = np.geomspace(20.0, LONGEST, CELLS - 1 - 20 + 1)[1:-1]
    seconds = np.concatenate([[0.0], fine, coarse, [float(LONGEST)]])
    edges: Ints = np.round(seconds * TICKS_PER_SECOND).astype(np.int64)
    return edges


# int64, shape (128,), ticks: cell i holds EDGES[i - 1] < wait <= EDGES[i]; the last one all longer waits
EDGES = _edges()


@part
def cell_of(edges: Ints, starts: Ints, wait: int) -> int:
    """The first cell whose edge is not below the wait; the last cell holds all longer waits."""
    if wait <= 0:
        return 0
    i = int(np.float64(wait).view(np.int64)) >> (52 - _FINE)
    i -= 1023 << _FINE
    if i >= starts.shape[0]:
        return int(edges.shape[0]) - 1
    cell = at(starts, i)
    while cell < edges.shape[0] - 1 and at(edges, cell) < wait:
        cell += 1
    return int(cell)


def cell_starts(edges: Ints) -> Ints:
    """Where `cell_of` begins to look: by the leading bits of a wait, the cell of the shortest wait that has them."""
    waits = [np.ldexp(1.0 + (i & ((1 << _FINE) - 1)) / (1 << _FINE), i >> _FINE) for i in range(64 << _FINE)]
    inside = [wait for wait in waits if wait <= edges[-1]]
    return np.searchsorted(edges, np.floor(inside)).astype(np.int64)
