"""Measuring: what is counted and how; part of a study, not of a scenario."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Measuring:
    """Settings of counting; durations in seconds, clock times in seconds since midnight.

    within : the T of the service level
    short_abandon : abandons with a wait up to this are "short"
    clock_starts : where a wait begins: "arrival", "ivr_exit" or "queue_entry"
    credit : the interval a call belongs to: that of its "arrival", "answer" (calls not answered: their end) or "end"
    window : (from, to): only calls arriving in it and only time in it count; None: the whole day
    """

    within: float = 20.0
    short_abandon: float = 5.0
    clock_starts: Literal["arrival", "ivr_exit", "queue_entry"] = "queue_entry"
    credit: Literal["arrival", "answer", "end"] = "arrival"
    window: tuple[float, float] | None = None
