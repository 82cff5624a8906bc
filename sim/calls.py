"""What a day leaves behind: a log of calls, a log of agents, and the frame that says what their codes mean.

A real call log takes the same form, so every measure works on both. Times are int64 ticks (microseconds since midnight
of the first day); -1 means "did not happen" or "not recorded".
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date
from enum import IntEnum

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

NONE = -1  # "did not happen" in every column of ticks and codes


class Outcome(IntEnum):
    """How a call ended; which outcome is in which denominator is the table of `sim.tally`."""

    BLOCKED = 0
    CLOSED = 1
    CONTAINED = 2
    IVR_ABANDONED = 3
    STILL_THERE = 4
    BALKED = 5
    ABANDONED = 6
    DEFLECTED = 7
    CALLBACK_MISSED = 8
    ANSWERED = 9
    CALLED_BACK = 10


SERVED = (Outcome.CONTAINED, Outcome.DEFLECTED, Outcome.ANSWERED, Outcome.CALLED_BACK)  # what may settle a matter


class Came(IntEnum):
    """How a call came about."""

    FRESH = 0
    REDIAL = 1  # after a call that reached nobody
    REPEAT = 2  # after a call that was served and did not settle the matter
    FOLLOW_UP = 3  # after one that was served and did its part: what is still to do
    TICKET = 4  # work that a call left behind: the first of a chain of its own


class State(IntEnum):
    """What an agent is doing; the first three and RING are on the phones."""

    IDLE = 0
    TALK = 1
    WRAP_UP = 2
    BREAK = 3
    LUNCH = 4
    MEETING = 5
    TRAINING = 6
    COACHING = 7
    REVIEW = 8
    OFF_PHONES = 9  # away unplanned
    ABSENT = 10  # did not come, or not yet
    NOT_OPEN = 11  # on shift while the doors are closed
    RING = 12  # a call rings at him: neither idle nor handling


class Reason(IntEnum):
    """Why an agent is idle while a call waits that he could take, or did not take it when it came."""

    NONE = 0  # there is no such call
    RESERVE = 1  # he is kept for others
    OVERFLOW = 2  # it has not waited so long, or too few wait
    BLEND = 3  # his group does no work beside calls just then


def reason_of(decided: int) -> int:
    """The Reason of what `sim.engines.decisions` gives: an agent, a pool, a queue, or below 0 why there is none."""
    return max(-1 - decided, 0)


AWAY = -1  # in the place of a State: not on shift


@dataclass(frozen=True)
class Prices:
    """Money in integer thousandths of the currency: per paid hour by group, line minute, contained, lost call."""

    currency: str = ""
    wage: tuple[int, ...] | None = None
    overtime_factor: int = 1500
    line_minute: int = 0
    contained: int = 0
    lost_call: int = 0


@dataclass(frozen=True)
class Frame:
    """What the codes and ticks of a Day mean.

    start, days : the first date, and how many days follow each other from it on
    opens, closes, interval : ticks of the first day; `intervals` of them; `horizon` is the last tick that is simulated or
        recorded
    call_types, groups : names, in the order of their codes; agents : of who is on a roster, whose numbers are the last;
        rostered : the groups that have such agents
    labels : (family, values in the order of their codes), over all call types
    deflections, offers : names, in the order of their codes; offer_values : what each of the latter is worth, thousandths
    junk : names of the call types that are junk: silent or inaudible lines, wrong numbers; they have no labels
    work, outbound : names of the call types for which nobody waits: work, and contacts of lists; back_office : of the groups
        that do nothing else
    doors : which intervals of each day the center is open, from the first up to the last, which is left out; none: all of them
    promised : ticks by call type within which a callback is promised; none where nothing is
    paid_per_phone : per group, 65536ths of a paid head per head on the phones (shrinkage and aux)
    overtime : int64, shape (groups, days x intervals): ticks of paid overtime, already in paid heads
    """

    start: date
    opens: int
    closes: int
    interval: int
    intervals: int
    horizon: int
    call_types: tuple[str, ...]
    groups: tuple[str, ...] = ()
    labels: tuple[tuple[str, tuple[str, ...]], ...] = ()
    paid_per_phone: tuple[int, ...] = ()
    overtime: Ints = field(default_factory=lambda: np.zeros((0, 0), np.int64), compare=False)
    prices: Prices = Prices()
    junk: tuple[str, ...] = ()
    work: tuple[str, ...] = ()
    outbound: tuple[str, ...] = ()
    back_office: tuple[str, ...] = ()
    promised: tuple[int, ...] = ()
    deflections: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    offer_values: tuple[int, ...] = ()
    days: int = 1
    agents: tuple[str, ...] = ()
    rostered: tuple[str, ...] = ()
    doors: tuple[tuple[int, int], ...] = ()

    @property
    def is_open(self) -> npt.NDArray[np.bool_]:
        """Whether the center is open, shape (days, intervals)."""
        at, doors = np.arange(self.intervals), np.array(self.doors or [(0, self.intervals)] * self.days)
        return (doors[:, :1] <= at) & (at < doors[:, 1:])

    @property
    def live(self) -> list[int]:
        """The codes of the call types for which somebody waits."""
        return [code for code, name in enumerate(self.call_types) if name not in (*self.work, *self.outbound)]


@dataclass(frozen=True, eq=False)
class _Columns:
    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(np.array_equal(getattr(self, f.name), getattr(other, f.name)) for f in fields(self))

    __hash__ = None  # type: ignore[assignment]  # arrays have no hash


@dataclass(frozen=True, eq=False)
class CallLog(_Columns):
    """One row per call, sorted by (arrival, number). All int64 but `key`; shape (calls,) but `label`.

    number : caller-call number; unique, settles ties; fresh calls as on the Tape, later calls after
    key : uint64, the key that the call's random numbers hang on (0: a real log)
    caller : the number of the caller's first call
    attempt : 0 for a caller's first call, 1 for the next, ...
    came : how the call came about: 0 fresh, 1 a redial, 2 a repeat call, 3 a follow-up, 4 a ticket (Came)
    solved : 1 if the call settled the caller's matter, else 0; a real log does not know (-1)
    parent : the number of the call before, or -1
    call_type : code; label : shape (calls, families), code of the value or -1; surge : code of the surge or -1
    arrival : enters; ivr_exit : leaves the IVR (-1: never entered or still in); queue_entry : asked for an agent
    accepted : took the offer of a callback; predicted : ticks of wait told on joining the queue (-1: not told)
    answer : an agent answers, or begins the try that reached who is called back; end : the caller is gone, line free
    release : the agent is free (after wrap-up)
    group, agent : who answered; agents are numbered over all groups
    handed : the first agent's part is over, where the call goes on with another; off_line : the line is free, and he is to be
    called back; -1 else
    outcome : code of Outcome; deflection : code of the one that took the call, or -1
    offer : code of what the agent offered before the end, or -1; taken : 1 if the caller took it, else 0
    held_back : the Reason for which an idle agent did not take it when it asked for one, 0 for none
    rang : how often it rang at an agent in vain
    """

    number: Ints
    key: Keys
    caller: Ints
    attempt: Ints
    came: Ints
    parent: Ints
    call_type: Ints
    label: Ints
    surge: Ints
    arrival: Ints
    ivr_exit: Ints
    queue_entry: Ints
    predicted: Ints
    accepted: Ints
    answer: Ints
    end: Ints
    release: Ints
    group: Ints
    agent: Ints
    outcome: Ints
    solved: Ints
    deflection: Ints
    handed: Ints
    off_line: Ints
    offer: Ints
    taken: Ints
    held_back: Ints
    rang: Ints


@dataclass(frozen=True, eq=False)
class LegLog(_Columns):
    """One row per leg of a call after its first, sorted by (call, leg). All int64, shape (legs,).

    call : number of the call; leg : 1, 2, ...; call_type : in whose queue it stood; how : code of scenario.transfers.HOW, one
    more: had stood in the wrong queue
    queue_entry, answer, release, group, agent : as in CallLog; end : this agent's part is over, or the leg ended unanswered
    accepted : promised to be called back (-1: not); outcome : code of Outcome, of this leg; held_back : as in CallLog
    """

    call: Ints
    leg: Ints
    call_type: Ints
    how: Ints
    queue_entry: Ints
    accepted: Ints
    answer: Ints
    end: Ints
    release: Ints
    group: Ints
    agent: Ints
    outcome: Ints
    held_back: Ints


@dataclass(frozen=True, eq=False)
class AgentLog(_Columns):
    """One row per stretch of an agent's presence, sorted by (agent, since). All int64, shape (stretches,).

    agent, group : numbers; state : code of State; since, until : ticks; call : number of the call in hand or -1
    finishing : 1 when the stretch lies after the agent's shift or staffing border (finishing what is in hand)
    paid : 1 where the time is paid; of heads that are counted only their time on the phones is known
    reason : of an idle agent, the Reason why he took none of the calls that waited when he became idle, 0 for none
    contacts : how many are in hand. Of who handles several at a time `call` is -1, and he talks while he does with one of them
    """

    agent: Ints
    group: Ints
    state: Ints
    since: Ints
    until: Ints
    call: Ints
    finishing: Ints
    paid: Ints
    reason: Ints
    contacts: Ints


@dataclass(frozen=True, eq=False)
class Day:
    """A simulated or a recorded day. `agents`, and `legs` after the first, are None where nobody recorded them."""

    frame: Frame
    calls: CallLog
    agents: AgentLog | None = None
    legs: LegLog | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Day):
            return NotImplemented
        return self.frame == other.frame and all(
            getattr(self, name) == getattr(other, name) for name in ("calls", "agents", "legs")
        )

    __hash__ = None  # type: ignore[assignment]  # arrays have no hash
