"""selling: what agents offer at the end of a call, as arrays that kernels read, and as draws both engines share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.jit import kernel
from sim.chance.means import mean
from sim.chance.philox import SALE, block
from sim.chance.quantiles import Laws, law_ticks
from sim.scenario.callers import CallType
from sim.scenario.distributions import Distribution
from sim.scenario.scenario import Scenario
from sim.scenario.units import value

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NO_OFFER = -1
ANY_LABEL = -2
_ZERO = np.uint64(0)


class Selling(NamedTuple):
    """The offers by call type, in their order.

    chance : float64, shape (types, rows, groups); labels : int64, shape (types, rows, families), the code that a caller must
    have, or ANY_LABEL; success : float64, shape (types, rows); code : int64, shape (types, rows), over all types, or NO_OFFER
    talks : where the rows of laws begin that say how long it takes, types x rows + row; any : 1 if there are some
    """

    chance: Floats
    labels: Ints
    success: Floats
    code: Ints
    talks: int
    any: int


def selling_of(
    scenario: Scenario, space: tuple[tuple[str, tuple[str, ...]], ...], laws: int
) -> tuple[Selling, list[Distribution]]:
    """The offers of a scenario, and their laws in order; `laws` is where those will begin; `space` as `label_space`."""
    types, groups = scenario.call_types, [group.name for group in scenario.groups]
    most, made = max(len(kind.offers) for kind in types), 0
    chance, success = np.zeros((len(types), most, len(groups))), np.zeros((len(types), most))
    labels = np.full((len(types), most, len(space)), ANY_LABEL, np.int64)
    code = np.full((len(types), most), NO_OFFER, np.int64)
    talks: list[Distribution] = []
    for at, kind in enumerate(types):
        for row, one in enumerate(kind.offers):
            chance[at, row] = [value(one.chance) if one.by is None or name in one.by else 0.0 for name in groups]
            success[at, row], code[at, row], made = value(one.success), made, made + 1
            for f, (family, values) in enumerate(space):
                if family in one.labels:
                    labels[at, row, f] = values.index(one.labels[family])
        talks += [one.talk for one in kind.offers] + [types[0].talk] * (most - len(kind.offers))  # rows nobody reads
    return Selling(chance, labels, success, code, laws, int(bool(chance.any()))), talks


def mean_extra(kind: CallType) -> float:
    """Seconds by which offers make a type's mean talk longer, where every group makes them."""
    total = 0.0
    for one in kind.offers:
        share = value(one.chance)
        for family, label in one.labels.items():
            share *= value(kind.labels[family][label])
        total += share * mean(one.talk)
    return total


@kernel
def offer_of(
    s: Selling, laws: Laws, seed: np.uint64, replication: np.uint64, key: np.uint64, call_type: int, group: int, label: Ints
) -> tuple[int, int, int]:
    """(code of what the group offers in this call or NO_OFFER, ticks of talk for it, 1 if it is taken).

    label : int64, shape (families,)
    """
    u, u_talk, u_success, _ = block(seed, replication, key, SALE, _ZERO)
    below = 0.0
    for row in range(s.code.shape[1]):
        if s.code[call_type, row] == NO_OFFER:
            break
        fits = True
        for family in range(label.shape[0]):
            wanted = s.labels[call_type, row, family]
            fits = fits and (wanted == ANY_LABEL or wanted == label[family])
        if fits:
            below += s.chance[call_type, row, group]
        if u < below:
            talk = law_ticks(laws, s.talks + call_type * s.code.shape[1] + row, u_talk, 1.0)
            return s.code[call_type, row], talk, 1 if u_success < s.success[call_type, row] else 0
    return NO_OFFER, 0, 0
