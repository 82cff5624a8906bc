"""Recorded calls of one type from a call log in callsim's own form, as `callsim run --log` writes it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from sim.calls import NONE, Outcome
from sim.scenario.calendar import Calendar
from sim.scenario.errors import CannotFinishError, Problem, ScenarioError
from sim.scenario.recorded import Recorded
from sim.scenario.units import ticks

NEEDED = ("number", "call_type", "arrival", "ivr_exit", "queue_entry", "answer", "end", "release", "outcome")
_OUTCOMES = {outcome.name.lower(): int(outcome) for outcome in Outcome}


def read_replay(path: Path, call_type: str, calendar: Calendar) -> Recorded:
    """The log's calls of a type, sorted by arrival; times in the file are seconds since midnight of the day.

    First attempts and later ones alike: what calls again is in the log already. Raises ScenarioError naming line, column
    and value for everything that is wrong, and CannotFinishError for a file that cannot be read.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except FileNotFoundError:
        raise ScenarioError([Problem("", "no such file", place=str(path))]) from None
    except UnicodeDecodeError:
        raise ScenarioError([Problem("", "must be a CSV in UTF-8", place=str(path))]) from None
    except OSError as error:
        raise CannotFinishError(f"{path}: cannot be read: {error.strerror}") from error
    missing = [name for name in NEEDED if not rows or name not in rows[0]]
    if missing:
        raise ScenarioError(
            [
                Problem(
                    "",
                    f"a call log needs the columns {', '.join(NEEDED)}",
                    f"without {', '.join(missing)}",
                    place=str(path),
                )
            ]
        )
    problems: list[Problem] = []
    table = [
        _row(row, f"{path}:{line}", problems)
        for line, row in enumerate(rows, start=2)
        if (row["call_type"] or "").strip() == call_type
    ]
    if problems:
        raise ScenarioError(problems)
    if not table:
        raise ScenarioError([Problem("", f'no call of type "{call_type}" in the log', place=str(path))])
    table.sort(key=lambda row: (row[1], row[0]))
    columns = np.array(table, np.int64)
    number, arrival, ivr, outcome, wait, talk, wrap = columns.T.copy()
    return Recorded(number, arrival, ivr, outcome, wait, talk, wrap)


def _row(row: dict[str, str | None], place: str, problems: list[Problem]) -> list[int]:
    """number, arrival, ivr, outcome, wait, talk, wrap of one line; -1 where not recorded."""
    outcome = (row["outcome"] or "").strip().lower()
    if outcome not in _OUTCOMES:
        problems.append(Problem("outcome", f"must be one of {', '.join(_OUTCOMES)}", outcome, place=place))
        return [0] * 7
    times = {name: _tick(row[name], name, place, problems) for name in NEEDED[2:8]}
    number = (row["number"] or "").strip()
    if not number.isdecimal():
        problems.append(Problem("number", "must be a whole number", number, place=place))
        return [0] * 7
    if times["arrival"] == NONE:
        problems.append(Problem("arrival", "must be seconds since midnight", "nothing", place=place))

    def span(first: str, last: str) -> int:
        return times[last] - times[first] if NONE not in (times[first], times[last]) else NONE

    left = "answer" if times["answer"] != NONE else "end"
    talked = times["answer"] != NONE
    values = [
        int(number),
        times["arrival"],
        span("arrival", "ivr_exit"),
        _OUTCOMES[outcome],
        span("queue_entry", left),
        span("answer", "end") if talked else NONE,
        span("end", "release") if talked else NONE,
    ]
    if min(values[2], *values[4:]) < NONE:
        problems.append(Problem("", "times must not run backwards", place=place))
    return values


def _tick(text: str | None, name: str, place: str, problems: list[Problem]) -> int:
    stripped = (text or "").strip()
    if not stripped:
        return NONE
    try:
        seconds = float(stripped)
    except ValueError:
        seconds = float("nan")
    if not -1e9 < seconds < 1e9:
        problems.append(Problem(name, "must be seconds since midnight", stripped, place=place))
        return NONE
    return ticks(seconds)
