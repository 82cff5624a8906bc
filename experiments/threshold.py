"""Threshold: what a measure must reach, as text that is checked before anything runs.

    answer_rate >= 0.90                          answer_rate[call_type=faults] >= 85 %
    answer_rate[segment=golden] >= 0.95          asa[14:00-16:00] <= 40s
    answer_rate[day=2026-03-14] >= 0.80          (of connected days)
    chance(answer_rate >= 0.90) >= 0.8           answer_rate >= baseline - 0.005
"""

from __future__ import annotations

import math
import operator
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from experiments.values import day_alone, reads
from sim.calls import Frame
from sim.chance.ranges import resolve
from sim.measures import Cut, find_measure
from sim.scenario.errors import CallsimError, Problem, ScenarioError
from sim.scenario.scenario import Scenario
from sim.scenario.units import parse_clock, parse_duration, ticks
from sim.tally import Counts, Measuring, Tally

_SIGN = r"(?P<{0}sign>>=|<=)"
_TEXT = re.compile(
    rf"\s*(?P<chance>chance\s*\()?\s*(?P<measure>\w+)\s*(?:\[(?P<cut>[^\]]*)\])?\s*{_SIGN.format('')}\s*(?P<bound>[^()<>\s][^()<>]*?)\s*"
    rf"(?:\)\s*{_SIGN.format('outer')}\s*(?P<share>[^()<>\s][^()<>]*?)\s*)?$"
)
_RELATIVE = re.compile(r"baseline(?:\s*(?P<sign>[+-])\s*(?P<margin>.+))?$")
_CLOCKS = re.compile(r"(\d{1,2}:\d\d)(?:\s*-\s*(\d{1,2}:\d\d))?$")
_FORM = 'must be like "answer_rate >= 0.90", "chance(answer_rate >= 0.90) >= 0.8" or "answer_rate >= baseline - 0.005"'
REACHES = {">=": operator.ge, "<=": operator.le}


@dataclass(frozen=True)
class Threshold:
    """One threshold. `bound` is in the measure's own unit (shares from 0 to 1); `relative`: it is added to the baseline's.

    series : the measure with its cut in one spelling; by it a kept baseline finds its numbers
    share, share_sign : of a chance, else None and ""
    clocks : from and to, seconds since midnight, of a cut by time; day : the date of a cut by day
    """

    text: str
    measure: str
    sign: str
    bound: float
    relative: bool = False
    share: float | None = None
    share_sign: str = ""
    call_type: str | None = None
    group: str | None = None
    label: str | None = None
    clocks: tuple[float, float | None] | None = None
    day: date | None = None
    cut_text: str = ""

    @property
    def series(self) -> str:
        """``answer_rate[call_type=faults]``."""
        return f"{self.measure}[{self.cut_text}]" if self.cut_text else self.measure

    def cut(self, frame: Frame) -> Cut:
        """The cut for days of this frame; raises CallsimError for clock times that are no borders of intervals."""
        interval = None if self.clocks is None else _intervals(*self.clocks, frame)
        return Cut(call_type=self.call_type, group=self.group, label=self.label, interval=interval)

    def of_day(self, tally: Tally) -> Tally:
        """The days of the tally that the threshold is about; raises CallsimError for a date that is not among them."""
        return tally if self.day is None else day_alone(tally, self.day)


def parse(text: str) -> Threshold:
    """The threshold a text says; raises CallsimError saying what is allowed."""
    match = _TEXT.match(text)
    if match is None or (match["chance"] is None) != (match["share"] is None):
        raise CallsimError(_FORM)
    measure = match["measure"]
    unit = find_measure(measure).unit
    bound, relative = _bound(match["bound"], unit)
    share = None
    if match["share"] is not None:
        if relative:
            raise CallsimError("a chance is of a plain number, not of the baseline")
        share = _number(match["share"], "share")
    where = _where(match["cut"] or "")
    return Threshold(
        text=" ".join(text.split()), measure=measure, sign=match["sign"], bound=bound, relative=relative, share=share,
        share_sign=match["outersign"] or "", cut_text=_spelled(where), **where,
    )  # fmt: skip


def parse_all(texts: list[str], scenario: Scenario, *, baseline: bool) -> list[Threshold]:
    """All thresholds, checked against the scenario; raises ScenarioError with everything that is wrong.

    `baseline` : whether there is one to compare with. Problems go by the path thresholds.0, thresholds.1, ...
    """
    from sim.engines.plan import frame

    found, problems = [], []
    nothing = Counts(frame(resolve(scenario, seed=0, middle=True)), Measuring()).tally()
    for at, text in enumerate(texts):
        try:
            threshold = parse(text)
            if threshold.relative and not baseline:
                raise CallsimError("there is no baseline to compare with")
            day, cut = threshold.of_day(nothing), threshold.cut(nothing.frame)
            find_measure(threshold.measure).parts(day, cut)
            if not day.is_open[:, slice(*cut.intervals(day.frame))].any():
                raise CallsimError("in [ ]: the center is closed then")
            found.append(threshold)
        except CallsimError as error:
            problems.append(Problem(f"thresholds.{at}", str(error), hint=f'in "{text}"'))
    if problems:
        raise ScenarioError(problems)
    return found


def shown_bound(threshold: Threshold) -> str:
    """The bound as a table shows it: ``90 %``, ``baseline - 0.5 points``."""
    reading = reads(threshold.measure)
    if not threshold.relative:
        return f"{threshold.bound * reading.scale:g}{reading.suffix}"
    if threshold.bound == 0:
        return "baseline"
    unit = " " + reading.difference_unit
    return f"baseline {'-' if threshold.bound < 0 else '+'} {abs(threshold.bound) * reading.scale:g}{unit}"


def _bound(text: str, unit: str) -> tuple[float, bool]:
    match = _RELATIVE.match(text)
    if match is None:
        return _number(text, unit), False
    if match["margin"] is None:
        return 0.0, True
    margin = _number(match["margin"], unit)
    return (margin if match["sign"] == "+" else -margin), True


def _number(text: str, unit: str) -> float:
    text = text.strip()
    number: float | None
    percent = text.endswith("%") and unit == "share"
    try:
        number = float(text[:-1]) / 100 if percent else float(text)
    except ValueError:
        number = parse_duration(text) if unit == "s" else None
    if number is None or not math.isfinite(number):
        allowed = {"share": 'a share such as 0.9 or "90 %"', "s": 'seconds or a duration such as "40s"'}.get(unit, "a number")
        raise CallsimError(f'must be {allowed}; found "{text}"')
    if unit == "share" and not 0 <= number <= 1:
        hint = f"; did you mean {number / 100:g}?" if 1 < number <= 100 else ""
        raise CallsimError(f"a share is from 0 to 1{hint}")
    return number


def _where(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in (piece.strip() for piece in text.split(",")):
        if not part:
            continue
        clocks = _CLOCKS.match(part)
        given: Any
        name, equals, value = (one.strip() for one in part.partition("="))
        if clocks is not None:
            key, given = "clocks", _clock_pair(clocks)
        elif not equals or not value:
            allowed = "call_type=, group=, a label such as segment=golden, day=2026-03-14, or 14:00"
            raise CallsimError(f'in [ ]: must be {allowed}; found "{part}"')
        elif name == "day":
            key, given = name, _date(value)
        else:
            key, given = (name, value) if name in ("call_type", "group") else ("label", f"{name}={value}")
        if key in found:
            raise CallsimError(f'in [ ]: two of a kind; found "{part}"')
        found[key] = given
    return found


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CallsimError(f'in [ ]: day must be a date such as 2026-03-14; found "{text}"') from None


def _clock_pair(match: re.Match[str]) -> tuple[float, float | None]:
    since = parse_clock(match[1])
    until = None if match[2] is None else parse_clock(match[2])
    if since is None or (match[2] is not None and until is None):
        raise CallsimError(f'in [ ]: no time of day; found "{match[0]}"')
    return since, until


def _spelled(where: dict[str, Any]) -> str:
    from sim.scenario.units import show_clock

    words = []
    for key in ("call_type", "group", "label", "day", "clocks"):
        value = where.get(key)
        if isinstance(value, tuple):
            words.append("-".join(show_clock(clock) for clock in value if clock is not None))
        elif value is not None:
            words.append(str(value) if key == "label" else f"{key}={value}")
    return ", ".join(words)


def _intervals(since: float, until: float | None, frame: Frame) -> int | tuple[int, int]:
    first, rest = divmod(ticks(since) - frame.opens, frame.interval)
    last, more = (first + 1, 0) if until is None else divmod(ticks(until) - frame.opens, frame.interval)
    if rest or more or not 0 <= first < last <= frame.intervals:
        from sim.scenario.units import TICKS_PER_SECOND, show_clock

        opens, closes, length = (part / TICKS_PER_SECOND for part in (frame.opens, frame.closes, frame.interval))
        said = f"from {show_clock(opens)} to {show_clock(closes)} in steps of {length / 60:g} minutes"
        raise CallsimError(f"in [ ]: intervals begin {said}")
    return first if until is None else (first, last)
