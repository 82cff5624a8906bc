"""Options of the commands that read recorded calls, with one spelling and one meaning."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar, cast

import typer

from sim.scenario.errors import CallsimError
from sim.scenario.units import parse_duration

if TYPE_CHECKING:
    from sim.files.history import History
    from sim.files.report import Report

R = TypeVar("R", bound="History | Report")

From = Annotated[str | None, typer.Option("--from", metavar="DATE", help="the first day that is used")]
To = Annotated[str | None, typer.Option("--to", metavar="DATE", help="the last day that is used")]
HeadStart = Annotated[
    list[str] | None,
    typer.Option("--head-start", metavar="LABEL=TIME", help='credit in the queue: "priority.2=90s"; may be repeated'),
]
OwnAgents = Annotated[
    list[str] | None,
    typer.Option("--own-agents", metavar="TYPE", help="a call type with agents of its own; may be repeated"),
]
PatienceBy = Annotated[
    str | None,
    typer.Option(
        "--patience-by", metavar="FAMILY",
        help="the label family whose values may differ in patience, or none; not given: that of a head start, else priority, "
        "else the one that differs most",
    ),
]  # fmt: skip

TalkLevel = Annotated[
    str | None,
    typer.Option(
        "--talk-level", metavar="LEVEL",
        help='how long calls take by now: all (as in the whole record; if not given), recent (as the last weeks let expect, '
        'where these foretold the record better), or as in so many of the last weeks, "4w"',
    ),
]  # fmt: skip
_MOST_WEEKS = 520
_LEAST_SETS = 20  # whose least and largest value hold 19 of 20: of fewer nothing lies beyond an interval at 95 %


def talk_level(text: str | None) -> tuple[int, float] | None:
    """``"4w"`` as the last 4 weeks with share 1, ``"all"`` as (0, 0.0), ``"recent"``, what foretold best, as None; CallsimError
    for any other text.
    """
    if text is None or text.strip().casefold() == "all":
        return 0, 0.0
    if text.strip().casefold() == "recent":
        return None
    found = re.fullmatch(r"(\d{1,4})\s*w(?:eeks?)?", text.strip().casefold())
    if found is None or not 1 <= int(found[1]) <= _MOST_WEEKS:
        allowed = f"must be all, recent, or how many of the last weeks, such as 4w (1w to {_MOST_WEEKS}w)"
        raise CallsimError(f"--talk-level {text}: {allowed}; nothing was done")
    return int(found[1]), 1.0


def seconds_from(option: str, text: str) -> float:
    """A duration above 0 such as 30m; raises CallsimError for any other text."""
    seconds = parse_duration(text)
    if not seconds:
        raise CallsimError(f"{option} {text}: must be a duration such as 15m or 30m; nothing was done")
    return seconds


def head_starts(texts: list[str] | None) -> dict[str, float]:
    """``["priority.2=90s"]`` as ``{"priority.2": 90.0}``; raises CallsimError for what is not so written."""
    found = {}
    for text in texts or []:
        label, equals, time = text.partition("=")
        if not equals or "." not in label:
            raise CallsimError(f"--head-start {text}: must be FAMILY.VALUE=TIME, such as priority.2=90s")
        found[label.strip()] = seconds_from(f"--head-start {label}", time.strip())
    return found


def weekday_groups(text: str | None) -> tuple[tuple[int, ...], ...] | None:
    """``"sunday-thursday,friday"`` as groups of weekdays, Monday 0; raises CallsimError for what is no weekday."""
    if text is None:
        return None
    from sim.calibrate.days import parse_weekdays

    try:
        groups = tuple(parse_weekdays(part) for part in text.split(","))
    except ValueError as error:
        raise CallsimError(f"--weekdays: {error}; nothing was done") from None
    days = [day for group in groups for day in group]
    if len(days) != len(set(days)):
        raise CallsimError(f"--weekdays {text}: a weekday is named twice; nothing was done")
    return groups


def check_used(source: Path, recorded: History | Report, of_logs: Mapping[str, object], of_reports: Mapping[str, object]) -> None:
    """Raises CallsimError for an option that is given (not None) and does nothing with what is recorded: one of logs with a
    report, one of reports with a log.
    """
    from sim.files.history import History

    words = ("an interval report", "a call log")
    if isinstance(recorded, History):
        of_logs, words = of_reports, words[::-1]
    for option in (option for option, given in of_logs.items() if given is not None):
        raise CallsimError(f"{option}: goes with {words[1]}; {source} is {words[0]}; nothing was done")


def check_numbers(sets: int, heads_days: int) -> None:
    """Raises CallsimError for so few sets, or simulated days, that no interval follows from them; 0 of them are none."""
    if heads_days == 1:
        raise CallsimError("--heads-days 1: must be 2 or more, for one day says nothing of chance, or 0; nothing was done")
    if 0 < sets < _LEAST_SETS:
        least = f"{_LEAST_SETS} or more, for fewer have no interval at 95 %, or 0"
        raise CallsimError(f"--sets {sets}: must be {least}; nothing was done")


def counted(recorded: History | Report) -> list[str]:
    """``["8,536 calls of 7 days", its layout]``."""
    from experiments.screens.present import days
    from sim.files.history import History

    calls = isinstance(recorded, History)
    rows = f"{len(recorded):,} {'call' if calls else 'row'}{'s' * (len(recorded) != 1)} of {days(len(recorded.days()))}"
    return [rows, recorded.layout if isinstance(recorded, History) else "interval report"]


def used_of(whole: R, first: date | None, last: date | None) -> R:
    """What is recorded between two days; raises CallsimError where there is nothing."""
    used = cast(R, whole.between(first, last))  # each gives one of its own kind
    if not len(used):
        days = whole.days()
        asked = f"from {first or days[0]} to {last or days[-1]}"
        raise CallsimError(f"{whole.source}: nothing recorded {asked}; it has {days[0]} to {days[-1]}")
    return used
