"""Selling: what agents offer callers whose matter is dealt with: to stay, or to buy."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.scenario.distributions import Distribution
from sim.scenario.record import Record
from sim.scenario.units import Number, Share


class Offer(Record):
    """What a share of a type's callers is offered by the agent who ends their call, and how that goes.

    `chance` : of calls that one of the groups in `by` ends (not given: any) and whose caller has these `labels`, such as those
    who want to leave; the rows of a call type exclude each other, in their order. It makes the talk longer by `talk`, and is
    taken with the chance `success`; that is worth `value`, in the currency of [costs].
    """

    name: Annotated[str, Field(min_length=1)]
    chance: Share
    by: Annotated[tuple[str, ...] | None, Field(strict=False, min_length=1)] = None
    labels: dict[str, str] = {}
    talk: Distribution
    success: Share = 0.0
    value: Number = 0.0
