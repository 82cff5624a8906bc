"""Cut: the part of a tally that is measured, by call type, label, group or interval."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.calls import Frame
from sim.scenario.errors import CallsimError
from sim.tally.tally import Tally

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Cut:
    """Which calls or agents; None means all. `label` is "family=value"; `interval` is an index or a range of them.

    Calls outside the opening hours count as long as no interval is named; work and lists only where their call type is. `junk`
    False leaves out the call types that are.
    """

    call_type: str | None = None
    label: str | None = None
    group: str | None = None
    interval: int | tuple[int, int] | None = None
    junk: bool = True

    def calls(self, tally: Tally) -> Ints:
        """Counts per day: int64, shape (days, len(Count)); raises CallsimError for unknown names."""
        return np.asarray(self._span(tally, tally.calls)[:, :, self.rows(tally)].sum(axis=(1, 2)))

    def agents(self, tally: Tally) -> Ints:
        """Work per day: int64, shape (days, len(Work)); raises CallsimError where nobody recorded agents."""
        if tally.agents is None:
            raise CallsimError("this day has no record of agents, so measures of the floor cannot be taken")
        if self.call_type is not None or self.label is not None:
            raise CallsimError("measures of the floor are by group and interval, not by call type or label")
        work = self._span(tally, tally.agents)
        if self.group is not None:
            work = work[:, :, [place(self.group, tally.frame.groups, "group")]]
        return np.asarray(work.sum(axis=(1, 2)))

    def types(self, tally: Tally) -> list[int]:
        """The call types, for what is kept by day and call type only; raises CallsimError for a finer cut."""
        if self.label is not None or self.group is not None or self.interval is not None:
            raise CallsimError("this measure is by day and call type only; `waits_of` takes any cut of a log")
        if self.call_type is None:
            return tally.frame.live
        return [place(self.call_type, tally.frame.call_types, "call type")]

    def rows(self, tally: Tally) -> slice | list[int]:
        """The rows of `Tally.calls` the cut names; raises CallsimError for unknown names and for both at once."""
        frame = tally.frame
        if self.group is not None:
            raise CallsimError("a call that nobody answered has no group: this measure is not by group")
        if self.label is None:
            codes = list(range(len(frame.call_types)))
            if self.call_type is not None:
                codes = [place(self.call_type, frame.call_types, "call type")]
            elif len(frame.live) == len(codes) and (self.junk or not frame.junk):
                return slice(0, len(codes))
            else:
                codes = frame.live
            return [code for code in codes if self.junk or frame.call_types[code] not in frame.junk]
        if self.call_type is not None:
            raise CallsimError("counts are kept by call type and by label, not by both; `waits_of` takes any cut of a log")
        return [len(frame.call_types) + place(self.label, label_names(tally), "label")]

    def intervals(self, frame: Frame) -> tuple[int, int]:
        """The first interval and the one after the last: those of the whole day where none is named; raises CallsimError for
        what does not exist.
        """
        if self.interval is None:
            return 0, frame.intervals
        first, last = self.interval if isinstance(self.interval, tuple) else (self.interval, self.interval + 1)
        if not 0 <= first < last <= frame.intervals:
            raise CallsimError(f"interval: must be from 0 to {frame.intervals - 1}; found {self.interval}")
        return first, last

    def _span(self, tally: Tally, counts: Ints) -> Ints:
        first, last = self.intervals(tally.frame)
        return counts if self.interval is None else counts[:, first:last]


def label_names(tally: Tally) -> list[str]:
    """The label values as a cut names them: "family=value"."""
    return [f"{family}={name}" for family, values in tally.frame.labels for name in values]


def place(name: str, names: tuple[str, ...] | list[str], what: str) -> int:
    """Position of a name; raises CallsimError with the nearest spelling."""
    if name in names:
        return list(names).index(name)
    close = difflib.get_close_matches(name, names, n=1)
    hint = f'did you mean "{close[0]}"?' if close else f"there is {', '.join(names) or 'none'}"
    raise CallsimError(f'no {what} "{name}"; {hint}')
