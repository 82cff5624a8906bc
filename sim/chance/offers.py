"""Offers: what callers who have to wait are told and offered, as arrays that kernels read."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.composed import mean_handle
from sim.chance.selling import mean_extra
from sim.scenario.callers import CallType
from sim.scenario.distributions import Distribution
from sim.scenario.scenario import Scenario
from sim.scenario.units import NEVER, ticks, value
from sim.scenario.waiting import PREDICTORS, Announcement, Callback

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NO_PREDICTION, LAST_WAIT, HEAD_OF_QUEUE, QUEUE_LENGTH = range(4)
FOR_EVER = 1 << 43  # ticks of a predicted wait where nobody is there to end it: beyond every day


class Offers(NamedTuple):
    """Announcements and callbacks by call type.

    by : int64, shape (types,), how the wait is predicted; handle : int64 ticks (types,), mean talk and wrap-up,
        of who is only counted, with as many chats as he may have
    heeded, accepted : float64, shape (types,); wait, within : int64 ticks; queue : int64, all (types,)
    laws : where the rows of laws begin that say when a callback comes up, by type
    any_told : 1 where somebody is told or offered anything, or called
    """

    by: Ints
    handle: Ints
    heeded: Floats
    accepted: Floats
    wait: Ints
    within: Ints
    queue: Ints
    laws: int
    any_told: int


def offers_of(scenario: Scenario, laws: int) -> tuple[Offers, list[Distribution]]:
    """The offers of a scenario, and their laws in order; `laws` is where those will begin."""
    rows: list[Distribution] = []
    told: list[tuple[int, int, float]] = []
    given: list[Callback] = []
    for kind in scenario.call_types:
        callback = kind.callback or Callback(accepted=0.0)
        announced = kind.announced or Announcement()
        linked = any(one.where == "queue" and one.is_for(kind.name) for one in scenario.ivr.deflections)
        speaks = kind.announced is not None or kind.callback is not None or linked
        by = PREDICTORS.index(announced.by) + 1 if speaks else NO_PREDICTION
        seconds = (mean_handle(scenario, kind) + mean_extra(kind)) * _slower(scenario, kind)
        told.append((by, ticks(seconds) if seconds < 1e9 else NEVER, value(announced.heeded)))
        given.append(callback)
        rows.append(callback.after)
    found = Offers(
        by=np.array([by for by, _, _ in told], np.int64),
        handle=np.array([handle for _, handle, _ in told], np.int64),
        heeded=np.array([heeded for _, _, heeded in told]),
        accepted=np.array([value(one.accepted) for one in given]),
        wait=np.array([ticks(value(one.wait)) for one in given], np.int64),
        within=np.array([ticks(value(one.within)) for one in given], np.int64),
        queue=np.array([one.queue for one in given], np.int64),
        laws=laws,
        any_told=int(any(by != NO_PREDICTION for by, _, _ in told) or any(kind.outbound for kind in scenario.call_types)),
    )
    return found, rows


def _slower(scenario: Scenario, kind: CallType) -> float:
    """How much longer chats take of an agent who has as many as he may, in the mean of the groups that take them."""
    able = scenario.takers(kind)
    given = [group.concurrency for group in able if group.concurrency is not None and kind.contact == "chat"]
    slower = [1.0 if kind.arrivals.replay is not None else one.slowest for one in given] + [1.0] * (len(able) - len(given))
    return sum(slower) / len(slower) if slower else 1.0
