"""Tickets: work that a call leaves behind, beside its caller: an order, a claim, a visit."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sim.scenario.distributions import Deterministic, Distribution
from sim.scenario.record import Record
from sim.scenario.units import Share

MOST_TICKETS = 2  # one after the other: of a call that follows from a ticket, and of one that follows from that one's


class Ticket(Record):
    """What a share of the calls (or work) of a type leave behind when they are done, as work of the call type `as`.

    `chance` : of those that one of the groups in `by` served (not given: any) and that ended as `when` says: "answered",
    "solved", or "unsolved"; the rows of a call type exclude each other, in their order. `after` : from the end of the call.
    What follows from the work itself stands at its own call type, under `next`. A call that left a ticket has settled the
    matter when the ticket does.
    """

    name: Annotated[str, Field(min_length=1)]
    as_: Annotated[str, Field(alias="as")]
    chance: Share
    by: Annotated[tuple[str, ...] | None, Field(strict=False, min_length=1)] = None
    when: Literal["answered", "solved", "unsolved"] = "answered"
    after: Distribution = Deterministic(value=0.0)
