"""The IVR, for now without a menu: a delay, who is contained, who hangs up."""

from __future__ import annotations

from sim.scenario.distributions import Deterministic, Distribution
from sim.scenario.record import Record
from sim.scenario.series import ShareSeries


class Ivr(Record):
    """What happens before the queue, by call type and interval of arrival.

    `delay` is the time every caller spends in it. `containment` is the share that ends there without asking for an agent
    (solved, or turned away by an announcement; a call type's `next.contained` says how many of them call again);
    `hang_up` the share that gives up inside.
    """

    delay: Distribution = Deterministic(value=0.0)
    containment: dict[str, ShareSeries] = {}
    hang_up: dict[str, ShareSeries] = {}
