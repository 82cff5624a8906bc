"""Own log: the call log that `callsim run --log` writes; times are seconds since midnight of `date`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from sim.calls import NONE, Outcome
from sim.files.history import History
from sim.files.log_rows import TIMES, LogRow, Rows
from sim.scenario.units import TICKS_PER_SECOND

OWN_COLUMNS = ("date", "number", "call_type", *TIMES, "outcome")
_OTHERS = {"key", "caller", "attempt", "came", "parent", "surge", "group", "agent", "solved", "accepted", "predicted"}
_OUTCOMES = {outcome.name.lower(): int(outcome) for outcome in Outcome}


def own_csv(calls: History) -> str:
    """Recorded calls in this form: what a History knows, "" where something did not happen or was not recorded."""
    columns: dict[str, list[str]] = {
        "date": [date.fromordinal(day).isoformat() for day in calls.day.tolist()],
        "number": [str(number) for number in calls.number.tolist()],
        "call_type": [calls.call_types[code] for code in calls.call_type.tolist()],
    }
    for at, (family, values) in enumerate(calls.labels):
        columns[family] = ["" if code == NONE else values[code] for code in calls.label[:, at].tolist()]
    for name in TIMES:
        columns[name] = [_seconds(tick) for tick in getattr(calls, name).tolist()]
    columns["agent"] = ["" if code == NONE else calls.agents[code] for code in calls.agent.tolist()]
    columns["outcome"] = [Outcome(code).name.lower() for code in calls.outcome.tolist()]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return out.getvalue()


def _seconds(tick: int) -> str:
    return "" if tick == NONE else f"{tick // TICKS_PER_SECOND}.{tick % TICKS_PER_SECOND:06d}"


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
    if rows.account.wrong_cells > before:
        return None
    return LogRow(
        day=day, number=number, call_type=cells["call_type"] or "unknown", outcome=outcome,
        agent=cells.get("agent", ""), group=cells.get("group", ""),
        customer=cells.get("customer", "") or cells.get("caller", ""),
        labels=tuple((family, cells[family]) for family in families),
        arrival=times["arrival"], ivr_exit=times["ivr_exit"], queue_entry=times["queue_entry"], answer=times["answer"],
        end=times["end"], release=times["release"],
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
    if not 0 <= seconds < 1e7:
        rows.wrong(column, "must be seconds since midnight", text)
        return NONE
    return round(seconds * TICKS_PER_SECOND)
