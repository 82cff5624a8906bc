"""The IVR, for now without a menu: a delay, who is contained, who hangs up, and which of the contained call again."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.scenario.distributions import Deterministic, Distribution, Exponential
from sim.scenario.record import Record
from sim.scenario.series import ShareSeries


class Ivr(Record):
    """What happens before the queue, by call type and interval of arrival.

    `delay` is the time every caller spends in it. `containment` is the share that ends there without asking for an agent
    (solved, or turned away by an announcement); `again` the share of those who call again, `again_after` later and at
    most `again_most` times; `hang_up` the share that gives up inside.
    """

    delay: Distribution = Deterministic(value=0.0)
    containment: dict[str, ShareSeries] = {}
    hang_up: dict[str, ShareSeries] = {}
    again: dict[str, ShareSeries] = {}
    again_after: Distribution = Exponential(mean=600.0)
    again_most: Annotated[int, Field(ge=0, le=100)] = 3
