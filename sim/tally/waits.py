"""waits: the 128 edges of the histogram that wait percentiles are read from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.scenario.units import TICKS_PER_SECOND

CELLS = 128
LONGEST = 4 * 3600  # seconds; longer waits are in the last cell


def _edges() -> npt.NDArray[np.int64]:
    # Exactly 0 has a cell of its own (answered at once); then every second to 20 s, where service levels lie;
    # then evenly on the logarithm: a cell is 6.3 % wide, so a percentile is right within that.
    fine = np.arange(1, 21, dtype=np.float64)
    coarse = np.geomspace(20.0, LONGEST, CELLS - 1 - 20 + 1)[1:-1]
    seconds = np.concatenate([[0.0], fine, coarse, [float(LONGEST)]])
    edges: npt.NDArray[np.int64] = np.round(seconds * TICKS_PER_SECOND).astype(np.int64)
    return edges


# int64, shape (128,), ticks: cell i holds EDGES[i - 1] < wait <= EDGES[i]; the last one all longer waits
EDGES = _edges()
