"""People: agents one by one, the teams they belong to, the shifts they work and what takes them off the phones."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.by_type import NumberByType, ShareByType
from sim.scenario.distributions import Deterministic, Distribution
from sim.scenario.record import Record
from sim.scenario.special_days import When
from sim.scenario.units import Clock, FixedDuration, Number, Share

KINDS = ("break", "lunch", "meeting", "training", "coaching", "review")
BREAKS = ("break", "lunch")  # that last as long as they last, also where they begin late
LEVELS = 5

Codes = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda given: (given,) if isinstance(given, str) else given),
    Field(strict=False),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Level = Annotated[int, Field(ge=0, le=LEVELS)]


class Away(Record):
    """Planned time off the phones: `lasts` so long, from `at` on, or at some time `between` two others.

    Who goes when within `between` is laid out so that as few as can be are away at once, and no more than `at_once` of a group
    for what has this `name` and `kind`. Agents finish what is in hand first; a break or lunch that begins late ends late,
    anything else ends when it was to end. `paid` : not given: all but lunch.
    """

    name: str = ""
    kind: Literal["break", "lunch", "meeting", "training", "coaching", "review"] = "break"
    at: Clock | None = None
    between: Annotated[tuple[Clock, Clock] | None, Field(strict=False)] = None
    at_once: Annotated[int | None, Field(ge=1)] = None
    lasts: FixedDuration
    paid: bool | None = None

    @model_validator(mode="after")
    def _when(self) -> Self:
        if (self.at is None) == (self.between is None):
            raise PydanticCustomError("away", "must have either at or between", {})
        if self.at_once is not None and self.between is None:
            raise PydanticCustomError("away", "at_once goes with between", {})
        return self

    @property
    def is_paid(self) -> bool:
        """Whether it is paid."""
        return self.kind != "lunch" if self.paid is None else self.paid


class Shift(Record):
    """From when to when an agent works who has this code; `to` at or before `from` is on the next day."""

    name: Annotated[str, Field(min_length=1)]
    from_: Annotated[Clock, Field(alias="from")]
    to: Clock
    breaks: Annotated[tuple[Away, ...], Field(strict=False)] = ()


class Activity(Away):
    """A meeting, training, coaching or review of recordings, `on` some dates or weekdays (not given: every day), for the
    agents of these `groups` or `teams`, or for these `agents` (not given: all who work then).
    """

    name: Annotated[str, Field(min_length=1)]
    kind: Literal["break", "lunch", "meeting", "training", "coaching", "review"] = "meeting"
    on: When | None = None
    groups: Annotated[tuple[str, ...] | None, Field(strict=False, min_length=1)] = None
    teams: Annotated[tuple[str, ...] | None, Field(strict=False, min_length=1)] = None
    agents: Annotated[tuple[str, ...] | None, Field(strict=False, min_length=1)] = None


class Attendance(Record):
    """Who comes, and how exactly people keep to their shifts; drawn for every agent and day.

    `absent` : the share that does not come; `together` : how much of that is common to a team, from 0 (each for himself) to 1
    (all or none). `late` : the share of the others that comes late, by `late_by`. `off` : how often an hour an agent leaves the
    phones unplanned, for the time `off_for`. `overrun` : by how much breaks last longer. `paid` : whether absence is paid.

    Of each call that is given to an agent: `pick_up` : how long it rings until he answers; `no_answer` : the share that he does
    not answer: it `rings` so long, then the caller goes back to his old place in the queue, and the agent is off the phones
    for the time `away_for`. Of live calls until their first agent answers; callbacks, lists, work, and the further agents of a
    transferred call are answered at once.
    """

    absent: Share = 0.0
    together: Share = 0.0
    paid: bool = True
    late: Share = 0.0
    late_by: Distribution = Deterministic(value=600.0)
    off: Number = 0.0
    off_for: Distribution = Deterministic(value=300.0)
    overrun: Distribution = Deterministic(value=0.0)
    pick_up: Distribution = Deterministic(value=0.0)
    no_answer: Share = 0.0
    rings: FixedDuration = 20.0
    away_for: Distribution = Deterministic(value=60.0)


class Person(Record):
    """What may be said of one agent, or of all of a team who say nothing else.

    `skills` : call type -> level, 1 to 5 (0: not), of those of the group; not given: all of the group's, at level 1.
    `hired` : before that day he is not there, and after it new, as [learning] says (not given: experienced). `shift` : the
    codes of every day; `shifts` : by weekday or date what differs, [] is a day off. `breaks` : his own, in place of those
    of his shifts; each is taken in the shift within which it lies.

    How long calls take him: `proficiency` : talk and wrap-up take so many times as long (not given: 1; 1.2 is 20 % longer), in
    all calls or by call type; `knowledge` : the share that he knows of what one has to know (not given: 1), in all or by call
    type; `typing` : words a minute (not given: typing takes no time); `system_speed` : transactions take so many times as long.
    """

    skills: dict[str, Level] | None = None
    hired: date | None = None
    proficiency: NumberByType | None = None
    knowledge: ShareByType | None = None
    typing: Number | None = None
    system_speed: Number | None = None
    shift: Codes = ()
    shifts: dict[str, Codes] = {}
    breaks: Annotated[tuple[Away, ...] | None, Field(strict=False)] = None


def codes_of(text: str) -> list[str]:
    """The shifts of ``"E"``, or of ``"E+L"``, which is two on one day."""
    return [code.strip() for code in text.split("+")]


class Team(Person):
    """A team of a group. `agents` are as many who are not listed by name, on the team's shift, or so many by shift code
    (``"E+L"`` : on two shifts a day).
    """

    name: Annotated[str, Field(min_length=1)]
    group: Annotated[str, Field(min_length=1)]
    agents: Annotated[int, Field(ge=0)] | dict[str, Annotated[int, Field(ge=0)]] = 0
    attendance: Attendance | None = None

    def numbers(self) -> list[tuple[Codes | None, int]]:
        """How many on which shifts; None: the team's."""
        if isinstance(self.agents, int):
            return [(None, self.agents)]
        return [(tuple(codes_of(code)), heads) for code, heads in self.agents.items()]


class Agent(Person):
    """One agent, of a group and perhaps of a team."""

    name: Annotated[str, Field(min_length=1)]
    group: str = ""
    team: str | None = None

