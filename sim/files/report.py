"""Report: the rows of an interval report as columns, and what each of its columns means."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
CREDITED = ("arrival", "answer", "end")


class ReportColumn(NamedTuple):
    """A column of a report: its title in files, the unit of its numbers ("" is a count), what it means."""

    name: str
    unit: str
    definition: str


# the one place that knows the columns' titles and definitions, in the order in which they are written
REPORT_COLUMNS = (
    ReportColumn("date", "date", "the day, 2026-03-12"),
    ReportColumn("start", "clock", "when the interval begins; above 24:00 where a day goes on after midnight"),
    ReportColumn("interval", "s", "how long the interval is"),
    ReportColumn("call_type", "name", "the call type or queue"),
    ReportColumn("offered", "", "calls that asked for an agent, whatever became of them"),
    ReportColumn("answered", "", "of the offered, those an agent answered; called back counts"),
    ReportColumn("abandoned", "", "of the offered, those who gave up waiting"),
    ReportColumn("short_abandoned", "", "of the abandoned, those who gave up sooner than the switch's short-call limit"),
    ReportColumn("answered_within", "", "of the answered, those who waited no longer than within"),
    ReportColumn("within", "s", "the limit of answered_within"),
    ReportColumn("aht", "s", "mean handle time of the answered: talk, hold and wrap-up"),
    ReportColumn("wait_answered", "s", "waiting of the answered, summed"),
    ReportColumn("wait_abandoned", "s", "waiting of the abandoned, summed"),
    ReportColumn("longest_wait", "s", "the longest wait of the answered and the abandoned"),
    ReportColumn("staffed", "", "mean agents logged in, aux included"),
    ReportColumn("heads", "", "mean agents on the phones"),
    ReportColumn("flow_in", "", "calls that came from another queue"),
    ReportColumn("flow_out", "", "calls that went to another queue"),
    ReportColumn("credited", "name", "where a call counts: the interval of its arrival, of its answer (or loss), or of its end"),
)
NUMBERS = (
    "offered", "answered", "abandoned", "short_abandoned", "answered_within", "aht", "wait_answered", "wait_abandoned",
    "longest_wait", "staffed", "heads", "flow_in", "flow_out",
)  # fmt: skip


def _unsaid() -> Floats:
    return np.empty(0)  # __post_init__ knows how many rows there are


@dataclass(frozen=True, eq=False, kw_only=True)
class Report:
    """Rows of an interval report, in the order of the file. REPORT_COLUMNS says what the columns mean.

    Columns float64, shape (rows,), times in seconds; NaN where the report has no such number. One that is not given is
    all NaN.
    day : date of each row; start : seconds since midnight; call_type : codes into `call_types`
    interval : seconds; within : seconds, NaN where unknown; credited : one of CREDITED, "" where unknown
    source : what was read; notes : what was left out or taken for granted, for people
    """

    source: str
    interval: float
    call_types: tuple[str, ...]
    day: tuple[date, ...]
    start: Floats
    call_type: npt.NDArray[np.int64]
    offered: Floats = field(default_factory=_unsaid)
    answered: Floats = field(default_factory=_unsaid)
    abandoned: Floats = field(default_factory=_unsaid)
    short_abandoned: Floats = field(default_factory=_unsaid)
    answered_within: Floats = field(default_factory=_unsaid)
    aht: Floats = field(default_factory=_unsaid)
    wait_answered: Floats = field(default_factory=_unsaid)
    wait_abandoned: Floats = field(default_factory=_unsaid)
    longest_wait: Floats = field(default_factory=_unsaid)
    staffed: Floats = field(default_factory=_unsaid)
    heads: Floats = field(default_factory=_unsaid)
    flow_in: Floats = field(default_factory=_unsaid)
    flow_out: Floats = field(default_factory=_unsaid)
    within: float = float("nan")
    credited: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in NUMBERS:
            if not len(getattr(self, name)):
                object.__setattr__(self, name, unknown(len(self.day)))

    def __len__(self) -> int:
        return len(self.day)

    def days(self) -> list[date]:
        """The dates that have rows, in order."""
        return sorted(set(self.day))

    def where(self, keep: npt.NDArray[np.bool_]) -> Report:
        """The rows that `keep` marks: bool, shape (rows,)."""
        columns = {name: getattr(self, name)[keep] for name in ("start", "call_type", *NUMBERS)}
        return replace(self, day=tuple(day for day, kept in zip(self.day, keep, strict=True) if kept), **columns)

    def between(self, first: date | None, last: date | None) -> Report:
        """The rows of the days from `first` to `last`, both included; None: no limit."""
        return self.where(np.array([(first or date.min) <= day <= (last or date.max) for day in self.day], np.bool_))

    def rows(self, first: int, last: int) -> Report:
        """The rows from `first` to before `last`."""
        columns = {name: getattr(self, name)[first:last] for name in ("start", "call_type", *NUMBERS)}
        return replace(self, day=self.day[first:last], **columns)

    def same_rows(self, other: Report) -> bool:
        """Whether both say the same in the same order, every number to the last bit; where it was read does not matter."""
        said, others = ((one.day, one.interval, one.credited, repr(one.within), one.names()) for one in (self, other))
        columns = ((getattr(self, name), getattr(other, name)) for name in ("start", *NUMBERS))
        return said == others and all(
            np.array_equal(a, b, equal_nan=True) and np.array_equal(np.signbit(a[a == 0]), np.signbit(b[b == 0]))
            for a, b in columns
        )

    def names(self) -> list[str]:
        """The call type of each row."""
        return [self.call_types[code] for code in self.call_type.tolist()]


def unknown(rows: int) -> Floats:
    """A column of a report that does not have it: float64, shape (rows,), NaN."""
    return np.full(rows, np.nan)


assert {*NUMBERS, "start", "call_type", "interval", "within", "credited"} <= {one.name for one in fields(Report)}
assert [one.name for one in REPORT_COLUMNS if one.name in NUMBERS] == list(NUMBERS)
