"""legs: how a call goes on with another agent; shared by both engines."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.chance.clock import Clock
from sim.chance.handing import (
    AFTER,
    HALF,
    IF_AGAIN,
    IF_UNKNOWN,
    IF_WAITED,
    LAWS,
    MOST_LEGS,
    NO_LABEL,
    WAITED,
    WAY,
    Handing,
)
from sim.chance.jit import kernel
from sim.chance.patience import patience_law
from sim.chance.philox import HAND, SERVICE, block, derive
from sim.chance.quantiles import Laws, law_ticks
from sim.chance.scaling import scaled
from sim.chance.talks import of_its_time

Ints = npt.NDArray[np.int64]

NO_TRANSFER = -1
LEG_CHANNEL = np.uint64(4)
_ZERO = np.uint64(0)


@kernel
def transfer_of(
    h: Handing, seed: np.uint64, replication: np.uint64, key: np.uint64, call_type: int, group: int, waited: int, again: int,
    legs: int, label: Ints, unknown: float,
) -> int:  # fmt: skip
    """Which transfer follows when the group answers this leg of a call, or NO_TRANSFER.

    waited : ticks in the queue of this leg; again : 1 of a caller's later call; legs : how many there were before it;
    label : int64, shape (families,); unknown : the share that the agent does not know of what one has to know
    """
    if legs >= MOST_LEGS:
        return NO_TRANSFER
    u, _, _, _ = block(seed, replication, key, HAND, _ZERO)
    below = 0.0
    for row in range(h.rows.shape[1]):
        if h.rows[call_type, row, WAY] < 0:
            break
        chance = h.chance[call_type, row, group]
        for family in range(label.shape[0]):
            if h.labels[call_type, row, family] != NO_LABEL and h.labels[call_type, row, family] != label[family]:
                chance = 0.0
        if h.rows[call_type, row, WAITED] > 0 and waited >= h.rows[call_type, row, WAITED]:
            chance *= h.times[call_type, row, IF_WAITED]
        if again != 0:
            chance *= h.times[call_type, row, IF_AGAIN]
        if h.times[call_type, row, IF_UNKNOWN] != 0.0:
            chance *= unknown
        below += chance
        if u < below:
            return row
    return NO_TRANSFER


@kernel
def transfer_times(
    h: Handing, laws: Laws, seed: np.uint64, replication: np.uint64, key: np.uint64, call_type: int, row: int, talk: int
) -> tuple[int, int, int]:
    """(ticks of talk before, ticks that two agents then talk, ticks of talk left for who goes on alone) of a transfer."""
    _, u_after, u_together, _ = block(seed, replication, key, HAND, _ZERO)
    law = h.rows[call_type, row, AFTER]
    before = talk
    if law >= 0:
        before = law_ticks(laws, law, u_after, 1.0)
    elif law == HALF:
        before = talk // 2
    return before, law_ticks(laws, h.rows[call_type, row, LAWS], u_together, 1.0), max(talk - before, 0)


@kernel
def leg_key(call: np.uint64, leg: int) -> np.uint64:
    """Key of a further leg of a call, from the key of the call; leg 1 is the second."""
    return derive(call, LEG_CHANNEL, np.uint64(leg))


@kernel
def leg_values(
    laws: Laws, patience: Ints, talks: Ints, clock: Clock, seed: np.uint64, replication: np.uint64, key: np.uint64,
    call_type: int, label: Ints, tick: int, talk_factor: int, wrap_factor: int, patience_factor: int,
) -> tuple[int, int, int]:  # fmt: skip
    """(talk, wrap, patience) in ticks of a leg that is handled as a call of that type from `tick` on; factors in 65536ths.

    patience : of the scenario's laws, see `sim.chance.patience`; label : int64, shape (families,), of the caller
    """
    u_talk, u_wrap, u_patience, _ = block(seed, replication, key, SERVICE, _ZERO)
    row = 3 * call_type
    return (
        of_its_time(talks, clock, call_type, tick, scaled(law_ticks(laws, row, u_talk, 1.0), talk_factor)),
        scaled(law_ticks(laws, row + 1, u_wrap, 1.0), wrap_factor),
        scaled(law_ticks(laws, patience_law(patience, call_type, label), u_patience, 1.0), patience_factor),
    )


@kernel
def leg_delay(laws: Laws, law: int, seed: np.uint64, replication: np.uint64, key: np.uint64) -> int:
    """Ticks, by that law, until who answers a leg knows that the caller is in the wrong queue, or until the callback comes up
    that the leg is; `key` of the leg.
    """
    _, u_after, _, _ = block(seed, replication, key, HAND, _ZERO)
    return law_ticks(laws, law, u_after, 1.0)
