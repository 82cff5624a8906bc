"""Days of a backtest: which are fitted, which are tested, and which say what staffing was known the evening before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from sim.calibrate import Calibration
from sim.calibrate.calibration import SetAside
from sim.calibrate.days import parse_weekdays, set_aside
from sim.calibrate.selection import meant_days
from sim.files.gaps import Gap
from sim.scenario.errors import CallsimError

Span = tuple[date | None, date | None]
EVERYTHING: Span = (None, None)
BEFORE = 4  # days of a weekday whose mean staffing is taken for what was known the evening before
_FEWEST = 3  # days of which each is tested by the others
_QUARTER = 4  # the last of so many parts of a record is tested, where nothing is said
_NAMED = 4  # tested days that an error names


@dataclass(frozen=True)
class Split:
    """The days of a record that are fitted and those that are tested; none is both.

    others : each tested day is simulated by a fit of all other days, so that it is among the fitted of all but its own
    """

    fitted: tuple[date, ...]
    tested: tuple[date, ...]
    others: bool = False


@dataclass(frozen=True)
class Chosen:
    """Tested days that are like the fitted ones.

    days : those of the fit's weekdays; before : of each, the days that say its staffing (where
    each day is tested by the others, the nearest); other : tested days of weekdays that
    are not the fit's; set_aside : those unlike their weekdays, by the rule and the median of the fitted days
    aside, aside_before : of those the ones that are tested as well, where that is asked for, and the days that say their staffing
    """

    days: tuple[date, ...]
    before: tuple[tuple[date, ...], ...]
    other: tuple[date, ...]
    set_aside: tuple[SetAside, ...]
    aside: tuple[date, ...] = ()
    aside_before: tuple[tuple[date, ...], ...] = ()

    @property
    def simulated(self) -> tuple[tuple[date, tuple[date, ...]], ...]:
        """All days that are simulated, those set aside last, each with the days that say its staffing."""
        return tuple(zip((*self.days, *self.aside), (*self.before, *self.aside_before), strict=True))


def split_of(
    days: Sequence[date],
    *,
    fit: Span = EVERYTHING,
    test: Span = EVERYTHING,
    words: str | None = None,
    others: bool = False,
) -> Split:
    """The days of a record, parted. `words` : which of the days are tested, such as "thursdays, last 6".

    Where nothing says which are tested it is the last quarter of the days; where nothing says which are fitted it is all days
    before the first tested one. `others` : each tested day is left out of a fit of its own, and of no other.
    Raises CallsimError where none is left for either, and for a day that would be both.
    """
    if words is None and test == EVERYTHING:
        later = [day for day in days if fit[1] is None or day > fit[1]]
        tested = later if fit[1] is not None else list(days)[-max(len(days) // _QUARTER, 1) :]
    else:
        tested = [day for day in days if _inside(day, test)]
        tested = meant_days(tested, words) if words is not None else tested
    there = f"the record has {days[0]} to {days[-1]}" if days else "the record has no days"
    if not tested:
        raise CallsimError(f"no days are left to test; {there}")
    if others:
        return Split(tuple(_all_but_one(days, fit, tested)), tuple(tested), others=True)
    fitted = [day for day in days if _inside(day, fit) and (fit != EVERYTHING or day < tested[0])]
    both = sorted(set(fitted) & set(tested))
    if both:
        more = f" and {len(both) - 1} more" if len(both) > 1 else ""
        raise CallsimError(f"{both[0]}{more}: both fitted and tested; a day that was fitted tests nothing")
    if not fitted:
        raise CallsimError(f"no days are left to fit: the first tested day is {tested[0]}, and {there}")
    return Split(tuple(fitted), tuple(tested))


def _all_but_one(days: Sequence[date], fit: Span, tested: Sequence[date]) -> list[date]:
    """The days of which each tested one is left out in turn."""
    fitted = [day for day in days if _inside(day, fit)]
    if len(set(fitted) | set(tested)) < _FEWEST:
        raise CallsimError(f"no days are left to fit: of {len(fitted)} days each is tested by the others; {_FEWEST} are needed")
    return fitted


def _why_none(tested: Sequence[date], wanted: Sequence[date], ordinary: Sequence[date]) -> str:
    """Why no tested day can be: of other weekdays than the fit's, unlike it, or none before of its weekday."""
    if not wanted:
        named = ", ".join(f"{day:%A} {day}" for day in tested[:_NAMED])
        more = f" and {len(tested) - _NAMED} more" if len(tested) > _NAMED else ""
        return f"and what is to be tested is of other weekdays: {named}{more}"
    return (
        f"of whose {len(wanted)} tested days {len(wanted) - len(ordinary)} are unlike the fitted ones, "
        f"and for {len(ordinary)} no day of the weekday says the staffing"
    )


def chosen_days(
    counts: Mapping[date, int], split: Split, fit: Calibration, gaps: Sequence[Gap] = (), *, with_set_aside: bool = False
) -> Chosen:
    """The tested days that the fit is about. `counts` : calls of the fit's types on each day of the record; `gaps` : where
    nothing was recorded, which sets a day aside, too; `with_set_aside` : those are tested as well, by themselves.

    Raises CallsimError where there are none.
    """
    weekdays = weekdays_of(fit)
    alike = [day for day in counts if day.weekday() in weekdays]
    usual = [counts[day] for day in fit.used]
    median = float(np.median(usual)) if usual else 0.0
    unlike = {day: found for day in alike if (found := set_aside(day, counts[day], median)) is not None}
    for gap in gaps:
        if gap.day in counts and gap.day not in unlike:
            why = f"nothing recorded {gap.clocks}, where {gap.usual:,.0f} calls are usual"
            unlike[gap.day] = SetAside(gap.day, counts[gap.day], why)
    wanted = [day for day in split.tested if day in set(alike)]
    days = [day for day in wanted if day not in unlike]
    near = _nearest if split.others else _before
    ordinary = [one for one in alike if one not in unlike]

    def with_staffing(of: Sequence[date]) -> list[tuple[date, tuple[date, ...]]]:
        return [(day, those) for day in of if (those := tuple(near(day, ordinary)))]

    known = with_staffing(days)
    aside = with_staffing([day for day in wanted if day in unlike]) if with_set_aside else []
    if not known:
        raise CallsimError(f"no days are left to test: the fit is of {fit.name}, {_why_none(split.tested, wanted, days)}")
    return Chosen(
        tuple(day for day, _ in known), tuple(those for _, those in known),
        tuple(day for day in split.tested if day.weekday() not in weekdays),
        tuple(unlike[day] for day in wanted if day in unlike),
        tuple(day for day, _ in aside), tuple(those for _, those in aside),
    )  # fmt: skip


def weekdays_of(fit: Calibration) -> set[int]:
    """The weekdays that a fit is about, Monday 0."""
    return set(range(7)) if fit.name == "every-day" else set(parse_weekdays(fit.name))


def _before(day: date, days: Sequence[date]) -> list[date]:
    return [one for one in days if one < day and one.weekday() == day.weekday()][-BEFORE:]


def _nearest(day: date, days: Sequence[date]) -> list[date]:
    others = [one for one in days if one != day and one.weekday() == day.weekday()]
    return sorted(sorted(others, key=lambda one: abs((one - day).days))[:BEFORE])


def _inside(day: date, span: Span) -> bool:
    return (span[0] or date.min) <= day <= (span[1] or date.max)
