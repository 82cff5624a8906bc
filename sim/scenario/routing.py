"""Routing: which agent takes a call, which call an agent takes, and what holds one back although the other is there."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.record import Record
from sim.scenario.units import FixedDuration

RANKED, MOST_SKILLED, FEWEST_SKILLS = "ranked groups", "most skilled", "fewest skills"
LONGEST_IDLE, LEAST_OCCUPIED, RANDOM = "longest idle", "least occupied", "random"
PRIORITY, SKILL_RANK = "priority", "skill rank"
LONGEST_WAIT, WEIGHTED_WAIT, AGEING, LONGEST_QUEUE = "longest wait", "weighted wait", "priority with ageing", "longest queue"
AGENT_ORDERS = (LONGEST_IDLE, LEAST_OCCUPIED, RANDOM)
CALL_ORDERS = (LONGEST_WAIT, WEIGHTED_WAIT, AGEING, LONGEST_QUEUE)

AgentRule = Literal["ranked groups", "most skilled", "fewest skills", "longest idle", "least occupied", "random"]
CallRule = Literal["priority", "skill rank", "longest wait", "weighted wait", "priority with ageing", "longest queue"]


class Rule(Record):
    """A rule of one's own: ``rule = "module:function"``, with a `version` that changes when its answers do."""

    rule: Annotated[str, Field(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")]
    version: Annotated[str, Field(min_length=1)]


class Routing(Record):
    """The rules of the floor, each a list that is gone through from the first: what it leaves equal the next decides.

    `agent` : which of the idle agents takes a call that comes. "ranked groups": of the first group in the call type's order;
    "most skilled": the highest level in the call type; "fewest skills": who can do the least else; then one of "longest idle",
    "least occupied" (the least time with calls so far), "random".
    `call` : which of the waiting calls a freed agent takes. "priority", "skill rank" (the order of the group's `skills`); then
    one of "longest wait" (head starts counted), "weighted wait" (times the call type's `weight`), "priority with ageing" (one
    priority better for every `ageing` of wait), "longest queue".
    `agent_score`, `call_score` : a rule of one's own in the place of the last: the highest score goes first.
    """

    agent: Annotated[tuple[AgentRule, ...], Field(strict=False, min_length=1)] = ("ranked groups", "longest idle")
    call: Annotated[tuple[CallRule, ...], Field(strict=False, min_length=1)] = ("priority", "skill rank", "longest wait")
    agent_score: Rule | None = None
    call_score: Rule | None = None

    @model_validator(mode="after")
    def _lists(self) -> Self:
        for name, rules, last in (("agent", self.agent, AGENT_ORDERS), ("call", self.call, CALL_ORDERS)):
            if len(set(rules)) < len(rules):
                raise PydanticCustomError("routing", "{name} names a rule twice", {"name": name})
            orders = [rule for rule in rules if rule in last]
            if len(orders) != 1 or rules[-1] not in last:
                raise PydanticCustomError(
                    "routing", "{name} must end with one of {last}, and have no other of them",
                    {"name": name, "last": ", ".join(f'"{one}"' for one in last)},
                )  # fmt: skip
        if AGEING in self.call and PRIORITY in self.call:
            raise PydanticCustomError("routing", 'call has "priority" and "priority with ageing": one of them', {})
        return self


class Overflow(Record):
    """Further groups that take a call once it has waited so long (`after`), or where at least so many wait (`waiting`, the
    call that comes counted); where both are given, once both hold.
    """

    groups: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
    after: FixedDuration | None = None
    waiting: Annotated[int | None, Field(ge=1)] = None

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.after is None and self.waiting is None:
            raise PydanticCustomError("overflow", "needs after or waiting", {})
        return self


class Rise(Record):
    """Another priority for who has waited so long."""

    after: FixedDuration
    priority: Annotated[int, Field(ge=0, le=1000)]


class Reserve(Record):
    """So many `agents` of the group stay idle for calls of these types, or with these labels; others take only the rest."""

    agents: Annotated[int, Field(ge=0)]
    call_types: Annotated[tuple[str, ...] | None, Field(strict=False, min_length=1)] = None
    labels: dict[str, str] = {}

    @model_validator(mode="after")
    def _for_some(self) -> Self:
        if self.call_types is None and not self.labels:
            raise PydanticCustomError("reserve", "needs call_types or labels: for whom", {})
        return self


class Blend(Record):
    """When agents of the group do work and lists beside calls: they begin once `start` are idle, and go on until no more than
    `stop` are. Between the two it stays as it was (hysteresis).
    """

    start: Annotated[int, Field(ge=1)]
    stop: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.stop >= self.start:
            raise PydanticCustomError("blend", "stop must be below start", {})
        return self

