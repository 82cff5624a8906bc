"""resample: how often each recorded day is drawn when as many days are drawn again, with replacement."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
SEED = 1  # of all sets: the same days give the same sets
_LANES = 4  # uniforms of a block


def days_drawn(days: int, sets: int, name: str, together: int = 1) -> Ints:
    """How often each of `days` is drawn in each set: int64, shape (sets, days); every row sums to `days`.

    The bootstrap (Efron 1979, Annals of Statistics 7) of whole days, which keeps together what belongs together within a
    day. `name` : whose days they are; draws hang on it and on the number of the set only. together : so many days that follow
    each other are drawn at once, the first after the last (circular blocks: Politis and Romano 1992), where days are alike;
    of the last block only as many as are still wanted.
    """
    from sim.chance.philox import INPUT, block, name_hash  # compiles: only when there is something to draw

    key, seed = np.uint64(name_hash(f"days drawn again: {name}")), np.uint64(SEED)
    blocks = -(-days // together)
    steps = -(-blocks // _LANES)
    within = np.arange(together, dtype=np.int64)
    drawn = np.zeros((sets, days), np.int64)
    for number in range(sets):
        u = [lane for step in range(steps) for lane in block(seed, np.uint64(number), key, INPUT, np.uint64(step))]
        first = (np.array(u[:blocks]) * days).astype(np.int64)
        rows = (first[:, np.newaxis] + within).ravel()[:days] % days
        drawn[number] = np.bincount(rows, minlength=days)
    return drawn
