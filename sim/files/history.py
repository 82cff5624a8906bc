"""History: the recorded calls of many days as columns; each of its days is a Day, as a simulated one is."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from sim.calls import NONE, CallLog, Day, Frame
from sim.scenario.errors import CallsimError

Ints = npt.NDArray[np.int64]
_COLUMNS = (
    "day", "number", "call_type", "arrival", "ivr_exit", "queue_entry", "answer", "end", "release", "outcome",
    "agent", "group", "customer", "accepted",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class History:
    """Calls sorted by (day, arrival, number). Columns int64, shape (calls,); times in ticks since midnight of `day`.

    day : ordinal of the date; number : unique within a day, settles ties
    ivr_exit, queue_entry, answer, end, release : as in CallLog, -1 where it did not happen or was not recorded;
        release is -1 for answered calls where nobody recorded the wrap-up
    accepted : when the caller took the offer of a callback, -1: he did not, or the log does not say so
    agent, group, customer, label : codes into the names, -1 where not recorded; label has shape (calls, families)
    source : what was read; layout : the form it was in; notes : what was left out or taken for granted, for people
    """

    source: str
    layout: str
    call_types: tuple[str, ...]
    day: Ints
    number: Ints
    call_type: Ints
    arrival: Ints
    ivr_exit: Ints
    queue_entry: Ints
    answer: Ints
    end: Ints
    release: Ints
    outcome: Ints
    agent: Ints
    group: Ints
    customer: Ints
    label: Ints
    accepted: Ints
    agents: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    labels: tuple[tuple[str, tuple[str, ...]], ...] = ()
    notes: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.day)

    def days(self) -> list[date]:
        """The dates that have calls, in order."""
        return [date.fromordinal(int(day)) for day in np.unique(self.day)]

    def where(self, keep: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> History:
        """The calls that `keep` marks: bool, shape (calls,); or those of its rows, in their order."""
        return replace(self, label=self.label[keep], **{name: getattr(self, name)[keep] for name in _COLUMNS})

    def between(self, first: date | None, last: date | None) -> History:
        """The calls of the days from `first` to `last`, both included; None: no limit."""
        low = first.toordinal() if first else 0
        high = last.toordinal() if last else date.max.toordinal()
        return self.where((self.day >= low) & (self.day <= high))

    def on(self, day: date) -> History:
        """The calls of one day; raises CallsimError when there are none, with the days nearest to it."""
        found = self.between(day, day)
        if not len(found):
            days = self.days()
            near = sorted(days, key=lambda other: abs((other - day).days))[:2]
            there = f"{self.source} has {days[0]} to {days[-1]}" if days else f"{self.source} has no days"
            close = f"; nearest: {', '.join(str(one) for one in sorted(near))}" if near else ""
            raise CallsimError(f"{day}: no calls on that day; {there}{close}")
        return found

    @property
    def wait(self) -> Ints:
        """Ticks from queue entry to the answer or, unanswered, to the end; -1 for calls that never queued.

        So long a call stands in the queue, also that of who hung up to be called back.
        """
        until = np.where(self.answer != NONE, self.answer, self.end)
        there = (self.queue_entry != NONE) & (until != NONE)
        return np.where(there, until - self.queue_entry, NONE)

    @property
    def waited(self) -> Ints:
        """Ticks that a caller waited: as `wait`, but to the moment at which he accepted a callback, where that is recorded."""
        there = (self.wait != NONE) & (self.accepted != NONE)
        return np.where(there, self.accepted - self.queue_entry, self.wait)

    @property
    def talk(self) -> Ints:
        """Ticks from the answer to the end of talk; -1 for calls that were not answered."""
        return np.where((self.answer != NONE) & (self.end != NONE), self.end - self.answer, NONE)

    @property
    def wrap_up(self) -> Ints:
        """Ticks from the end of talk to the release; -1 where not recorded."""
        return np.where((self.end != NONE) & (self.release != NONE), self.release - self.end, NONE)

    def as_day(self, frame: Frame) -> Day:
        """One day's calls as a Day of the frame, types and labels found by name; a label the frame lacks is left out.

        Raises CallsimError for a call of a type that the frame does not have.
        """
        into = np.array([_code(name, frame.call_types) for name in self.call_types], np.int64)
        call_type = into[self.call_type]
        if (call_type == NONE).any():
            name = self.call_types[int(self.call_type[np.argmax(call_type == NONE)])]
            raise CallsimError(f'no call type "{name}"; there is {", ".join(frame.call_types)}')
        label = np.full((len(self), len(frame.labels)), NONE, np.int64)
        families = dict(self.labels)
        for at, (family, values) in enumerate(frame.labels):
            if family in families:
                codes = np.array([*(_code(value, values) for value in families[family]), NONE], np.int64)
                label[:, at] = codes[self.label[:, list(families).index(family)]]
        none = np.full(len(self), NONE, np.int64)
        release = np.where((self.answer != NONE) & (self.release == NONE), self.end, self.release)
        log = CallLog(
            number=self.number, key=np.zeros(len(self), np.uint64), caller=self.number, attempt=none + 1, parent=none,
            came=none + 1, solved=none, deflection=none, handed=none, off_line=none, accepted=self.accepted, predicted=none,
            call_type=call_type, label=label, surge=none, arrival=self.arrival, ivr_exit=self.ivr_exit,
            queue_entry=self.queue_entry, answer=self.answer, end=self.end, release=release, group=none,
            agent=self.agent, outcome=self.outcome, offer=none, taken=none + 1, held_back=none + 1, rang=none + 1,
        )  # fmt: skip
        return Day(frame, log)


def _code(name: str, names: tuple[str, ...]) -> int:
    return names.index(name) if name in names else NONE


assert set(_COLUMNS) | {"label"} <= {one.name for one in fields(History)}
