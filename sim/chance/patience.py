"""patience: which law a caller's patience has, by call type and by the value of a label."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.chance.jit import inlined
from sim.scenario.distributions import Distribution
from sim.scenario.scenario import Scenario

Ints = npt.NDArray[np.int64]

NO_FAMILY = -1
FAMILY, OF_NO_VALUE, OF_VALUES = range(3)  # columns of `patience_of`; the law of a label's code is in column OF_VALUES + code


def patience_of(
    scenario: Scenario, space: tuple[tuple[str, tuple[str, ...]], ...], laws: int
) -> tuple[Ints, list[Distribution]]:
    """By call type which law patience has, int64, shape (types, OF_VALUES + values of the largest family): the family that it
    hangs on or NO_FAMILY, the row of the type's own law, and of every label code the row of its law; and the laws that the
    labels add, in order. `laws` is where those will begin; `space` as `label_space`.
    """
    widest = max((len(values) for _, values in space), default=0)
    rows = np.full((len(scenario.call_types), OF_VALUES + widest), NO_FAMILY, np.int64)
    given: list[Distribution] = []
    for code, kind in enumerate(scenario.call_types):
        rows[code, OF_NO_VALUE:] = 3 * code + 2
        for f, (family, values) in enumerate(space):
            for value, override in kind.by_label.get(family, {}).items():
                if override.patience is not None:
                    rows[code, FAMILY], rows[code, OF_VALUES + values.index(value)] = f, laws + len(given)
                    given.append(override.patience)
    return rows, given


@inlined
def patience_law(patience: Ints, call_type: int, label: Ints) -> int:
    """The row of the law of a caller's patience; patience : as `patience_of` gives it; label : int64, shape (families,)."""
    family = patience[call_type, FAMILY]
    return patience[call_type, OF_NO_VALUE if family < 0 else OF_VALUES + label[family]]
