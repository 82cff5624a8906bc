"""Transfers: an agent hands a caller over, asks a colleague, promises that one calls back, or can do nothing."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sim.scenario.distributions import Deterministic, Distribution
from sim.scenario.record import Record
from sim.scenario.units import Duration, Number, Share

HOW = ("cold", "warm", "consult", "callback", "lost")


class Transfer(Record):
    """What happens to a share of the answered calls of a type, instead of their ending with the first agent.

    `chance` : of calls that one of the groups in `by` answers (not given: any) and whose caller has these `labels`; the rows
    of a call type exclude each other, in their order. Who has waited `waited` or longer asks for it `if_waited` times as
    often, who calls again `if_again` times.

    `to` : the call type in whose queue the caller then stands, with its groups, priority, talk, wrap-up and patience.
    `how` : "cold", at once; "warm", the agent stays with him until a colleague answers and both have talked for the time of
    the `handover`, but waits `give_up` at most and then transfers cold; "consult", the same, but the colleague leaves again
    and the agent goes on (alone, if he gives up); "callback", the caller hangs up and is called back as the `callback` of
    `to` says; "lost", nobody can help. `after` : talk before that; not given: all of it, of a consult half.
    `if_unknown` : the chance of a consult is that of an agent who knows nothing of the call type, of others less, by their
    `knowledge`.
    """

    name: Annotated[str, Field(min_length=1)]
    to: str | None = None
    how: Literal["cold", "warm", "consult", "callback", "lost"] = "cold"
    chance: Share
    by: Annotated[tuple[str, ...] | None, Field(strict=False, min_length=1)] = None
    labels: dict[str, str] = {}
    waited: Duration = 0.0
    if_waited: Number = 1.0
    if_again: Number = 1.0
    if_unknown: bool = False
    after: Distribution | None = None
    handover: Distribution = Deterministic(value=30.0)
    give_up: Duration = 120.0
