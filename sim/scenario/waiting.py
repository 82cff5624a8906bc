"""Waiting: what a caller is told who has to wait, and the callback that he may be offered instead."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sim.scenario.distributions import Deterministic, Distribution
from sim.scenario.record import Record
from sim.scenario.series import ShareSeries
from sim.scenario.units import Duration, Share

MOST_TRIES = 1000

PREDICTORS = ("last wait", "head of queue", "queue length")


class Announcement(Record):
    """The wait that callers of the type are told on joining the queue.

    `by` : "last wait" of the one who was answered last; "head of queue", how long the first has waited; "queue length":
    (callers of the type waiting + 1) x mean handle time / heads that serve it. `heeded` : the share that leaves at once when
    what is told is longer than its patience.
    """

    by: Literal["last wait", "head of queue", "queue length"] = "queue length"
    heeded: Share = 0.0


class Callback(Record):
    """A call back, offered to who has to wait where the predicted wait is at least `wait` and `queue` callers are waiting.

    `accepted` : the share that takes it; the line is free then. The callback keeps the caller's place in the queue, or
    comes up `after` a time. The agent dials (`dial`), and reaches the caller with the chance of that interval; if not, tries
    again `again_after`, in all at most `tries` times. In time is who is reached `within` that of accepting.
    """

    wait: Duration = 0.0
    queue: Annotated[int, Field(ge=0)] = 0
    accepted: Share
    after: Distribution = Deterministic(value=0.0)
    dial: Distribution = Deterministic(value=20.0)
    reached: ShareSeries = ShareSeries(per_interval=1.0)
    tries: Annotated[int, Field(ge=1, le=MOST_TRIES)] = 3
    again_after: Distribution = Deterministic(value=900.0)
    within: Duration = 3600.0
