"""Places: where an agent stands among the idle, where chance decides."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.chance.jit import kernel
from sim.chance.philox import MASK, PLACE, philox

Keys = npt.NDArray[np.uint64]
_ONE, _STEP, _HALF = np.uint64(1), np.uint64(16), np.uint64(32)


def place_keys(names: Keys, seed: int, replication: int) -> Keys:
    """What an agent's place hangs on in one replication, by the hash of his name: uint64, shape (agents,), below 2**63."""
    keys = np.empty(len(names), np.uint64)
    _draw(names, np.uint64(seed), np.uint64(replication), keys)
    return keys


@kernel
def _draw(names: Keys, seed: np.uint64, replication: np.uint64, out: Keys) -> None:
    for agent in range(names.shape[0]):
        low, high, _, _ = philox(
            names[agent] & MASK, names[agent] >> _HALF, replication & MASK, PLACE << _STEP, seed & MASK, seed >> _HALF
        )
        out[agent] = ((high << _HALF) | low) >> _ONE
