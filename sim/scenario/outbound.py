"""Outbound lists: people the center calls, in a window, by agents who have time or do nothing else."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sim.scenario.distributions import Deterministic, Distribution, Exponential
from sim.scenario.record import Record
from sim.scenario.series import ShareSeries
from sim.scenario.units import Clock, Share
from sim.scenario.waiting import MOST_TRIES

# what an agent does before it rings, if nothing else is said, and the share that he dials wrongly
PREPARES = {"manual": (45.0, 0.02), "preview": (20.0, 0.0), "progressive": (0.0, 0.0)}


class Outbound(Record):
    """A list of so many `contacts` to be tried between `from` and `to`, each at most `tries` times, `again_after` a time.

    `mode` : "manual", agents look the contact up and dial by hand; "preview", they read it, and the system dials;
    "progressive", the system dials as soon as an agent is free. `prepare` and `misdialed` say how long that takes and how many
    numbers are wrong; not given: as usual for the mode. `dial` : until somebody answers, or it is given up. `reached` : of
    tries, by the interval in which they begin. Of those who answer, shares are the `wrong` person or a `silent` line (the
    contact is finished) or ask to be called `later` (`later_after`), which takes the time `short`; the others talk.
    """

    contacts: Annotated[int, Field(ge=0)]
    from_: Annotated[Clock | None, Field(alias="from")] = None
    to: Clock | None = None
    mode: Literal["manual", "preview", "progressive"] = "preview"
    prepare: Distribution | None = None
    misdialed: Share | None = None
    dial: Distribution = Deterministic(value=25.0)
    reached: ShareSeries = ShareSeries(per_interval=0.35)
    tries: Annotated[int, Field(ge=1, le=MOST_TRIES)] = 3
    again_after: Distribution = Exponential(mean=7200.0)
    wrong: Share = 0.0
    silent: Share = 0.0
    later: Share = 0.0
    later_after: Distribution = Exponential(mean=10800.0)
    short: Distribution = Deterministic(value=15.0)
