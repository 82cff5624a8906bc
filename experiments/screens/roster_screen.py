"""Roster screen: a roster beside who was there on the days of the record, in words and as a document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments.screens.present import days
from sim.calibrate import Calibration
from sim.calibrate.rostered import Rostered, share_of
from sim.scenario.units import show_clock

_MOST_NAMES = 6  # on the screen; the document has all


def roster_texts(one: Calibration) -> list[str]:
    """What there is to say of a calibration's roster; nothing without one."""
    seen = one.rostered
    if seen is None:
        return []
    return [f"{seen.source}, {seen.agents} agents: {_compared(one, seen)}", *_unmatched(seen)]


def roster_document(one: Calibration) -> dict[str, Any] | None:
    """``{file, agents, days, compared, there, intervals, shifts, absent, off, unknown, others, others_share}``; None without."""
    seen = one.rostered
    if seen is None:
        return None
    compared, starts = seen.compared, one.scenario.calendar.starts()
    return {
        "file": seen.source,
        "agents": seen.agents,
        "days": [] if compared is None else [str(day) for day in compared.days],
        "compared": None if compared is None else seen.how,
        "there": seen.there_by or None,
        "intervals": []
        if compared is None
        else [
            {"clock": show_clock(start), "planned": float(planned), "there": float(there)}
            for start, planned, there in zip(starts, compared.planned.mean(axis=0), compared.there.mean(axis=0), strict=True)
        ],
        "shifts": None if compared is None or seen.how != "names" else int(compared.shifts.sum()),
        "absent": _estimate(one, "absent", seen.absent[0], compared is not None),
        "off": _estimate(one, "off", seen.off[0], compared is not None and seen.how == "names"),
        "unknown": list(seen.strange),
        "others": list(seen.others),
        "others_share": seen.by_others,
    }


def _compared(one: Calibration, seen: Rostered) -> str:
    compared = seen.compared
    if compared is None:
        first, last = one.used[0], one.used[-1]
        why = f"it has nobody on {first} to {last}" if seen.there_by else "the record does not say who was there"
        return f"how many of them come is not known, for {why}; everybody does"
    planned, there = compared.planned.mean(axis=0), compared.there.mean(axis=0)
    whose = "of those whom the record knows " if seen.how == "names" else ""
    text = f"on {days(len(compared.days))} {whose}{planned.mean():.1f} on the phones by shifts and breaks"
    text += f", {there.mean():.1f} there"
    if planned.sum() > 0:
        text += f" ({there.sum() / planned.sum() * 100:.0f} %)"
        at = int(np.argmax(planned - there))
        if planned[at] > there[at]:
            start = one.scenario.calendar.starts()[at]
            text += f", fewest at {show_clock(start)}: {there[at]:.1f} of {planned[at]:.1f}"
    text += f" ({seen.there_by})"
    absent = f"{seen.absent[0] * 100:.1f} %{_between(one, 'absent')}"
    if seen.how == "names":
        shifts = int(compared.shifts.sum())
        off = f"{seen.off[0] * 100:.1f} %{_between(one, 'off')}"
        return f"{text}; nobody came to {absent} of {shifts:,} shifts; who came was off the phones {off} of the planned time"
    return f"{text}; all that is missing is taken as absence: {absent}"


def _unmatched(seen: Rostered) -> list[str]:
    found = []
    if seen.strange:
        what = "left out of the comparison" if seen.how == "names" else "so heads are compared, not names"
        found.append(f"not in the record, {what}: {_names(seen.strange)}")
    if seen.others:
        share = f", with {seen.by_others * 100:.0f} % of the answered calls" if seen.by_others else ""
        found.append(f"in the record and not on the roster{share}: {_names(seen.others)}")
    return found


def _names(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _ends(one: Calibration, key: str) -> tuple[float, float] | None:
    """The ends of the interval of a share, absent or off."""
    ends = one.intervals.get(f"attendance.{key}")
    if ends is None or key == "absent":
        return ends
    return share_of(ends[0]), share_of(ends[1])


def _between(one: Calibration, key: str) -> str:
    ends = _ends(one, key)
    return "" if ends is None else f" ({ends[0] * 100:.1f} to {ends[1] * 100:.1f})"


def _estimate(one: Calibration, key: str, share: float, known: bool) -> dict[str, Any] | None:
    if not known:
        return None
    low, high = _ends(one, key) or (None, None)
    return {"value": share, "low": low, "high": high}
