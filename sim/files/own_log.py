"""Own log: the call log that `callsim run --log` writes; times are seconds since midnight of `date`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from sim.calls import NONE, Outcome
from sim.files.cells import check_name, guarded, unguarded
from sim.files.history import History
from sim.files.log_rows import MOST_SECONDS, TIMES, LogRow, Rows
from sim.files.write_table import Column, as_csv
from sim.scenario.errors import CallsimError
from sim.scenario.units import TICKS_PER_SECOND

Ints = npt.NDArray[np.int64]
OWN_COLUMNS = ("date", "number", "call_type", *TIMES, "outcome")
_OTHERS = {
    "key", "caller", "customer", "attempt", "came", "parent", "surge", "group", "agent", "solved", "accepted", "predicted",
}  # fmt: skip
_WORDS = {int(outcome): outcome.name.lower() for outcome in Outcome}
_OUTCOMES = {word: code for code, word in _WORDS.items()}


def own_csv(calls: History) -> str:
    """Recorded calls in this form as CSV; raises as `own_call_columns`."""
    return as_csv(own_call_columns(calls, text=True))


def own_call_columns(calls: History, *, text: bool) -> dict[str, Column]:
    """What a History knows of its calls; nothing where something did not happen or was not recorded.

    `text` : for a CSV, where names must not look like formulas and times have whole ticks; else times are seconds.
    Raises CallsimError for names that would not come back as they were.
    """
    families = [family for family, _ in calls.labels]
    for family in families:
        if family in OWN_COLUMNS or family in _OTHERS or family != guarded(family.strip().casefold()):
            raise CallsimError(f"{calls.source}: a call log cannot have labels that are called {family!a}")
    names = [calls.call_types, calls.agents, calls.groups, calls.customers, *(values for _, values in calls.labels)]
    for name in (name for known in names for name in known):
        check_name(name, calls.source)
        if name != name.strip():
            raise CallsimError(f"{calls.source}: {name!a} has blanks around it, which a call log would lose")

    def named(codes: Ints, known: tuple[str, ...]) -> list[str]:
        said = [guarded(name) if text else name for name in known]
        return ["" if code == NONE else said[code] for code in codes.tolist()]

    days = [date.fromordinal(day) for day in calls.day.tolist()]
    columns: dict[str, Column] = {
        "date": [day.isoformat() for day in days] if text else days,
        "number": calls.number,
        "customer": named(calls.customer, calls.customers),
        "call_type": named(calls.call_type, calls.call_types),
    }
    for at, (family, values) in enumerate(calls.labels):
        columns[family] = named(calls.label[:, at], values)
    # when callbacks were accepted stands only where some were: other logs keep the columns they have
    for name in (*TIMES, *(("accepted",) if (calls.accepted != NONE).any() else ())):
        times = getattr(calls, name)
        seconds = np.where(times == NONE, np.nan, times / TICKS_PER_SECOND)
        columns[name] = [_seconds(tick) for tick in times.tolist()] if text else seconds
    columns["group"] = named(calls.group, calls.groups)
    columns["agent"] = named(calls.agent, calls.agents)
    columns["outcome"] = [_WORDS[code] for code in calls.outcome.tolist()]
    return columns


def _seconds(tick: int) -> str:
    return "" if tick == NONE else f"{tick // TICKS_PER_SECOND}.{tick % TICKS_PER_SECOND:06d}"


def own_header(families: list[str], *, accepted: bool) -> list[str]:
    """The titles of a log with these families of labels, in the order of `own_call_columns`; `accepted` : with callbacks."""
    times = (*TIMES, "accepted") if accepted else TIMES
    return ["date", "number", "customer", "call_type", *families, *times, "group", "agent", "outcome"]


def own_cells(row: LogRow, number: int, day: str, families: list[str], *, accepted: bool) -> list[str]:
    """One call as the cells below `own_header`."""
    said = dict(row.labels)
    promised = [_seconds(row.accepted)] if accepted else []
    return [
        day, str(number), guarded(row.customer), guarded(row.call_type), *(guarded(said.get(one, "")) for one in families),
        *map(_seconds, (row.arrival, row.ivr_exit, row.queue_entry, row.answer, row.end, row.release)), *promised,
        guarded(row.group), guarded(row.agent), _WORDS[row.outcome],
    ]  # fmt: skip


def own_rows(rows: Rows) -> Iterator[LogRow]:
    """The calls; columns that are not callsim's own are label families."""
    families = [name for name in rows.header if name not in OWN_COLUMNS and name not in _OTHERS]
    for cells in rows:
        if (row := _row(cells, rows, families)) is not None:
            yield row


def _row(cells: dict[str, str], rows: Rows, families: list[str]) -> LogRow | None:
    before = rows.account.wrong_cells
    outcome = _OUTCOMES.get(cells["outcome"].casefold(), NONE)
    if outcome == NONE:
        rows.wrong("outcome", f"must be one of {', '.join(_OUTCOMES)}", cells["outcome"])
    try:
        day = date.fromisoformat(cells["date"]).toordinal()
    except ValueError:
        rows.wrong("date", "must be a date such as 2026-03-12", cells["date"])
        day = 0
    number = _whole(cells, "number", rows)
    if number == NONE:
        rows.wrong("number", "must be a whole number", "nothing")
    times = {name: _tick(cells[name], name, rows) for name in TIMES}
    if times["arrival"] == NONE and rows.account.wrong_cells == before:
        rows.wrong("arrival", "must be seconds since midnight", "nothing")
    there = [times[name] for name in TIMES if times[name] != NONE]
    if any(later < earlier for earlier, later in pairwise(there)):
        rows.wrong("", "times must not run backwards: " + ", ".join(TIMES))
    accepted = _tick(cells.get("accepted", ""), "accepted", rows)
    if accepted != NONE and not NONE < times["queue_entry"] <= accepted:
        rows.wrong("accepted", "must not be before queue_entry", cells["accepted"])
    if rows.account.wrong_cells > before:
        return None
    if "caller" in cells:
        _whole(cells, "caller", rows)

    def name(column: str) -> str:
        return unguarded(cells.get(column, "")) if rows.csv else cells.get(column, "")

    return LogRow(
        day=day, number=number, call_type=name("call_type") or "unknown", outcome=outcome, agent=name("agent"),
        group=name("group"), customer=name("customer") or cells.get("caller", ""),
        labels=tuple((family, name(family)) for family in families),
        arrival=times["arrival"], ivr_exit=times["ivr_exit"], queue_entry=times["queue_entry"], answer=times["answer"],
        end=times["end"], release=times["release"], accepted=accepted,
    )  # fmt: skip


def _whole(cells: dict[str, str], column: str, rows: Rows) -> int:
    text = cells[column]
    if text and not text.isdecimal():
        rows.wrong(column, "must be a whole number", text)
        return NONE
    return int(text) if text else NONE


def _tick(text: str, column: str, rows: Rows) -> int:
    if not text:
        return NONE
    try:
        seconds = float(text)
    except ValueError:
        seconds = float("nan")
    if not 0 <= seconds < MOST_SECONDS:
        rows.wrong(column, "must be seconds since midnight", text)
        return NONE
    return round(seconds * TICKS_PER_SECOND)
