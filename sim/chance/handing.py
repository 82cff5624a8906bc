"""Handing: which agents hand callers over, to whom and how, as arrays that kernels read, and as draws both engines share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.scenario.distributions import Deterministic, Distribution
from sim.scenario.scenario import Scenario
from sim.scenario.transfers import HOW
from sim.scenario.units import ticks, value

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

COLD, WARM, CONSULT, CALLBACK, LOST = range(len(HOW))
MISROUTED = LOST + 1  # stands in the wrong queue; handed over cold
TO, WAY, GIVE_UP, AFTER, WAITED, LAWS, HAND_COLUMNS = range(7)
IF_WAITED, IF_AGAIN, IF_UNKNOWN = range(3)
ALL_OF_IT, HALF = -1, -2  # in place of a law: how much of the talk comes before
MOST_LEGS = 8  # of a call: more than anybody goes through, so that every call ends
NO_LABEL = -2  # a row that asks for none


class Handing(NamedTuple):
    """Transfers by call type, in their order.

    rows : int64, shape (types, rows, HAND_COLUMNS): call type (-1: none), one of HOW by its code, ticks of giving up, the row
        of the law of the talk before (or ALL_OF_IT, HALF), ticks waited, the row of the law of the handover
    chance : float64, shape (types, rows, groups); times : float64, shape (types, rows, 3), see IF_WAITED, IF_AGAIN; and 1
        where the chance hangs on what the agent knows (IF_UNKNOWN)
    labels : int64, shape (types, rows, families), the code that a caller must have, or NO_LABEL
    misrouted : row of the law of the talk with who is in the wrong queue; any : 1 where somebody may be handed over
    """

    rows: Ints
    chance: Floats
    times: Floats
    labels: Ints
    misrouted: int
    any: int


def handing_of(
    scenario: Scenario, space: tuple[tuple[str, tuple[str, ...]], ...], laws: int
) -> tuple[Handing, list[Distribution]]:
    """The transfers of a scenario, and their laws in order; `laws` is where those will begin; `space` as `label_space`."""
    types, groups = scenario.call_types, [group.name for group in scenario.groups]
    codes = {kind.name: code for code, kind in enumerate(types)}
    most = max(len(kind.transfers) for kind in types)
    rows = np.full((len(types), most, HAND_COLUMNS), -1, np.int64)
    chance, times = np.zeros((len(types), most, len(groups))), np.ones((len(types), most, 3))
    labels = np.full((len(types), most, len(space)), NO_LABEL, np.int64)
    given: list[Distribution] = [scenario.ivr.misrouted]
    for code, kind in enumerate(types):
        for at, one in enumerate(kind.transfers):
            after = HALF if one.how == "consult" else ALL_OF_IT
            if one.after is not None:
                after = laws + len(given)
                given.append(one.after)
            to = -1 if one.to is None else codes[one.to]
            rows[code, at] = to, HOW.index(one.how), ticks(value(one.give_up)), after, ticks(value(one.waited)), laws + len(given)
            given.append(one.handover if one.how in ("warm", "consult") else Deterministic(value=0.0))
            times[code, at] = value(one.if_waited), value(one.if_again), float(one.if_unknown)
            chance[code, at] = [value(one.chance) if one.by is None or name in one.by else 0.0 for name in groups]
            for f, (family, values) in enumerate(space):
                if family in one.labels:
                    labels[code, at, f] = values.index(one.labels[family])
    wrong = any(value(menu.wrong) > 0 for menu in scenario.ivr.menu)
    return Handing(rows, chance, times, labels, laws, int(bool(chance.any()) or wrong)), given
