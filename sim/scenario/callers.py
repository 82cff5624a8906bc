"""Callers: a call type with its handle time, patience, labels and place in the queue."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.demand import Arrivals, Busyness
from sim.scenario.distributions import Deterministic, Distribution, Law, Never
from sim.scenario.handling import Hold, Lookups, ScriptStep
from sim.scenario.outbound import Outbound
from sim.scenario.paths import Path
from sim.scenario.reactions import Next
from sim.scenario.record import Record
from sim.scenario.routing import Overflow, Rise
from sim.scenario.selling import Offer
from sim.scenario.series import Series
from sim.scenario.tickets import Ticket
from sim.scenario.transfers import Transfer
from sim.scenario.units import Duration, FixedDuration, Number, Share
from sim.scenario.waiting import Announcement, Callback


class ByLabel(Record):
    """What differs for callers with one label value; what is not given is as for the type.

    `patience` : theirs; a caller's own random number is the same with any label, so of two laws the one that lasts longer
    everywhere is the longer for every caller.
    """

    priority: Annotated[int | None, Field(ge=0, le=1000)] = None
    groups: Annotated[tuple[str, ...] | None, Field(strict=False, min_length=1)] = None
    head_start: Duration | None = None
    patience: Distribution | None = None
    overflow: Annotated[tuple[Overflow, ...] | None, Field(strict=False)] = None
    rises: Rise | None = None


CONTACTS = {"live": 0, "work": 1, "outbound": 2, "chat": -1}  # codes: above 0 where nobody waits, below where no line is held


class CallType(Record):
    """Callers with one kind of matter.

    `priority` 1 goes before 2. `groups` is the order in which an arriving call looks, and only these groups serve it, and
    those of `overflow`, once it has waited or many wait (not given: every other group with the skill, in file order).
    `head_start` is waiting time credited on joining the queue. `rises` is another priority after some wait; `ageing` and
    `weight` are what rules of `[routing]` ask for. `balking` is the chance to leave on learning that nobody is free.
    `announced` is what who waits is told, `callback` what he is offered instead, `transfers` what agents do who do not
    end the call themselves, `tickets` the work that calls leave behind, `offers` what callers are offered before they go.
    `contact` "work" is such work, or mail: nobody waits, no line is held, no doors close; what is not done when the last
    day ends stays there. "outbound" are the contacts of a list (`outbound`), which agents call. "chat" are people who wait in
    writing: they hold no line and hear no IVR, and a group with `concurrency` handles several at a time. `labels` maps a family
    ("segment") to the shares of its values; `by_label` says what depends on a value. `solved` is the share of answered
    calls that solve the matter, `solved_by` the same by the group that answers; `next` says who comes back after which
    end of a call. A repeat call is `recognized` with that chance, and its talk is then shorter by the `opening` script.
    `junk` marks calls with no matter: they occupy lines and agents, and measures exist without them.

    The talk that is drawn is multiplied by the `talk_factor` of the interval in which the call comes (or is handed over), and by
    the day's `talk_swing`, a random factor with the keys of `busyness`. Recorded calls last as they did.

    Beside the talk that the matter needs: `script` are steps that agents go through first, in order, until one of them solves
    the matter, else the `talk` follows (a recognized repeat call skips them); `lookups` what agents have to know, `hold` time on
    hold, `transactions` how many in which of the [[systems]] (2.5: half of the calls have 2, half 3). `text` : words that are
    typed for a call; what is not `typed_while_talking`, in that share of the talk, makes the wrap-up longer.
    """

    name: Annotated[str, Field(min_length=1)]
    contact: Literal["live", "work", "outbound", "chat"] = "live"
    arrivals: Arrivals
    outbound: Outbound | None = None
    busyness: Busyness = Busyness()
    talk: Distribution
    talk_factor: Series = Series(per_interval=1.0)
    talk_swing: Busyness = Busyness()
    wrap_up: Distribution = Deterministic(value=0.0)
    patience: Distribution = Never()
    balking: Share = 0.0
    announced: Announcement | None = None
    callback: Callback | None = None
    transfers: Annotated[tuple[Transfer, ...], Field(strict=False)] = ()
    tickets: Annotated[tuple[Ticket, ...], Field(strict=False)] = ()
    offers: Annotated[tuple[Offer, ...], Field(strict=False)] = ()
    priority: Annotated[int, Field(ge=0, le=1000)] = 1
    groups: Annotated[tuple[str, ...] | None, Field(strict=False, min_length=1)] = None
    head_start: Duration = 0.0
    overflow: Annotated[tuple[Overflow, ...], Field(strict=False)] = ()
    rises: Rise | None = None
    ageing: FixedDuration | None = None
    weight: Number = 1.0
    labels: dict[str, dict[str, Share]] = {}
    by_label: dict[str, dict[str, ByLabel]] = {}
    solved: Share = 1.0
    solved_by: dict[str, Share] = {}
    opening: Duration = 0.0
    recognized: Share = 0.0
    next: Next = Next()
    junk: bool = False
    script: Annotated[tuple[ScriptStep, ...], Field(strict=False)] = ()
    lookups: Lookups | None = None
    hold: Hold | None = None
    transactions: dict[str, Number] = {}
    text: Number = 0.0
    typed_while_talking: Share = 0.0

    @property
    def quiet(self) -> bool:
        """Whether nobody waits for an answer."""
        return CONTACTS[self.contact] > 0

    @model_validator(mode="after")
    def _labels_fit(self) -> Self:
        for family, shares in self.labels.items():
            plain = [share for share in shares.values() if isinstance(share, float)]
            if not shares or (len(plain) == len(shares) and abs(sum(plain) - 1) > 1e-6):
                raise PydanticCustomError(
                    "labels",
                    "the shares of {family} must sum to 1, found {sum}",
                    {"family": family, "sum": f"{sum(plain):g}"},
                )
        setters: dict[str, str] = {}
        for family, values in self.by_label.items():
            for value, override in values.items():
                if value not in self.labels.get(family, {}):
                    raise PydanticCustomError(
                        "labels", "by_label names {family}.{value}, which labels does not have",
                        {"family": family, "value": value},
                    )  # fmt: skip
                for part in override.model_fields_set:
                    if setters.setdefault(part, family) != family:
                        raise PydanticCustomError(
                            "labels", "{part} may depend on one label family only, found {a} and {b}",
                            {"part": part, "a": setters[part], "b": family},
                        )  # fmt: skip
        return self


def patiences(kind: CallType) -> tuple[tuple[Path, Law], ...]:
    """Where in a call type a law of patience stands, and the law: its own, then those of label values."""
    found: list[tuple[Path, Law]] = [(("patience",), kind.patience)]
    for family, values in kind.by_label.items():
        for value, override in values.items():
            if override.patience is not None:
                found.append((("by_label", family, value, "patience"), override.patience))
    return tuple(found)
