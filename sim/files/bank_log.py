"""Bank log: a call log with an IVR leg, a queue leg and a service leg, as the Anonymous Bank's of 1999.

Two layouts: with dates and times of each leg (`BANK_COLUMNS`), and as it was published (`BANK_TEXT_COLUMNS`).

`wait_seconds` 0 is a call answered at once, an empty one never reached the queue; `handle_seconds` is talk only, so that
the wrap-up is not recorded. Rows whose outcome is "phantom" are no calls. A caller is identified while he waits: priority 0
without a customer, of a call that did not wait, is not known (of 24,650 regular customers who were answered at once in three
months 24,624 have it, of 41,734 who waited 436).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sim.calls import NONE, Outcome
from sim.files.log_rows import LogRow, Rows, since_midnight

BANK_COLUMNS = (
    "call_id", "arrival_ts", "vru_seconds", "queue_start_ts", "wait_seconds", "outcome", "service_start_ts",
    "handle_seconds", "agent_id", "call_type", "priority", "customer_id",
)  # fmt: skip
_OUTCOMES = {"answered": Outcome.ANSWERED, "abandoned": Outcome.ABANDONED, "vru_hangup": Outcome.IVR_ABANDONED}


BANK_TEXT_COLUMNS = (
    "vru+line", "call_id", "customer_id", "priority", "type", "date", "vru_entry", "vru_exit", "vru_time", "q_start",
    "q_exit", "q_time", "outcome", "ser_start", "ser_exit", "ser_time", "server",
)  # fmt: skip
_WORDS = {"AGENT": "answered", "HANG": "abandoned", "PHANTOM": "phantom"}
_NEVER = "0:00:00"  # in the published form: did not happen
_HALF_DAY = timedelta(hours=12)


def bank_rows(rows: Rows) -> Iterator[LogRow]:
    """The calls of a log with `BANK_COLUMNS`; what is left out or wrong is said to the rows' account."""
    for cells in rows:
        if (row := _bank_row(cells, rows)) is not None:
            yield row


def bank_text_rows(rows: Rows) -> Iterator[LogRow]:
    """The calls of a log with `BANK_TEXT_COLUMNS`: clock times of a day, 0:00:00 where something did not happen."""
    for cells in rows:
        before = rows.account.wrong_cells
        turned = _turned(cells, rows)
        if rows.account.wrong_cells == before and (row := _bank_row(turned, rows)) is not None:
            yield row


def _turned(cells: dict[str, str], rows: Rows) -> dict[str, str]:
    """A row of the published form in the columns of the other."""
    word = _WORDS.get(cells["outcome"].upper(), "")
    if not word:
        rows.wrong("outcome", f"must be one of {', '.join(_WORDS)}", cells["outcome"])
    day = _date(cells["date"], rows)
    came = _moment(cells, "vru_entry", day, None, rows)
    queued = cells["q_start"] != _NEVER
    served = cells["ser_start"] != _NEVER
    queue_start = _moment(cells, "q_start", day, came, rows) if queued else None
    service_start = _moment(cells, "ser_start", day, came, rows) if served else None
    if word == "abandoned" and not queued:
        word = "vru_hangup"
    known = cells["customer_id"] not in ("", "0")
    return {
        "call_id": cells["vru+line"] + "-" + cells["call_id"],
        "arrival_ts": came.isoformat() if came else "",
        "vru_seconds": cells["vru_time"],
        "queue_start_ts": queue_start.isoformat() if queue_start else "",
        "wait_seconds": cells["q_time"] if queued or served else "",
        "outcome": word,
        "service_start_ts": service_start.isoformat() if service_start else "",
        "handle_seconds": cells["ser_time"] if served else "",
        "agent_id": "" if cells["server"].upper() == "NO_SERVER" else cells["server"],
        "call_type": cells["type"],
        "priority": cells["priority"],
        "customer_id": cells["customer_id"] if known else "",
    }


def _date(text: str, rows: Rows) -> date:
    try:
        return datetime.strptime(text.zfill(6), "%y%m%d").date()
    except ValueError:
        rows.wrong("date", "must be a date such as 990301", text)
        return date.min


def _moment(cells: dict[str, str], column: str, day: date, since: datetime | None, rows: Rows) -> datetime | None:
    """A clock time of the day, or of the next where that is nearer to `since`; None with a problem kept."""
    parts = re.fullmatch(r"(\d{1,2}):(\d{2}):(\d{2})", cells[column])
    if parts is None or int(parts[1]) > 23 or max(int(parts[2]), int(parts[3])) > 59:
        rows.wrong(column, "must be a clock time such as 7:02:47", cells[column])
        return None
    hour, minute, second = map(int, parts.groups())
    found = datetime(day.year, day.month, day.day, hour, minute, second)
    return found + timedelta(days=1) if since is not None and since - found > _HALF_DAY else found


def _bank_row(cells: dict[str, str], rows: Rows) -> LogRow | None:
    """The call of a row; None for one that is left out (counted in `rows`) or wrong (a problem in `rows`)."""
    word = cells["outcome"].casefold()
    if word == "phantom":
        rows.left_out("phantom rows")
        return None
    if word not in _OUTCOMES:
        rows.wrong("outcome", f"must be one of {', '.join(_OUTCOMES)}, phantom", word)
        return None
    outcome = _OUTCOMES[word]
    came = rows.moment(cells, "arrival_ts")
    if came is None:
        if not cells["arrival_ts"]:
            rows.wrong("arrival_ts", "must be a date and time", "nothing")
        return None
    arrival = since_midnight(came, came)
    if cells["vru_seconds"].startswith("-"):
        said = "{n} calls with a negative IVR time were taken to arrive when they queued"
        rows.account.say("read as", said, place=rows.line_said, assumed=True)
        cells["vru_seconds"] = ""
    ivr_exit = arrival + max(rows.span(cells, "vru_seconds"), 0)
    queue_entry = answer = NONE
    end, wait = ivr_exit, 0
    if outcome != Outcome.IVR_ABANDONED:
        wait = rows.span(cells, "wait_seconds")
        begin = rows.moment(cells, "service_start_ts" if wait == 0 and cells["service_start_ts"] else "queue_start_ts")
        if wait == NONE or (begin is None and wait > 0):
            rows.left_out(f"{word} calls without a wait")
            return None
        queue_entry = ivr_exit if begin is None else since_midnight(begin, came)
        ivr_exit = min(ivr_exit, queue_entry)  # clocks of switch and IVR differ by a second now and then
        arrival = min(arrival, ivr_exit)
        end = queue_entry + wait
        if outcome == Outcome.ANSWERED:
            talk = rows.span(cells, "handle_seconds")
            if talk == NONE:
                rows.left_out("answered calls without a handle time")
                return None
            answer, end = end, end + talk
    return LogRow(
        day=came.toordinal(), number=rows.line - 2, call_type=cells["call_type"] or "unknown",
        arrival=arrival, ivr_exit=ivr_exit, queue_entry=queue_entry, answer=answer, end=end, release=NONE,
        outcome=int(outcome), agent=cells["agent_id"], customer=cells["customer_id"],
        labels=(("priority", _priority(cells, wait, rows)),),
    )  # fmt: skip


def _priority(cells: dict[str, str], wait: int, rows: Rows) -> str:
    """The caller's priority; "" where nobody asked who he is, for he did not wait (`wait`, ticks)."""
    if wait > 0 or cells["customer_id"] or cells["priority"] != "0":
        return cells["priority"]
    said = "priority 0 of {n} calls that did not wait and have no customer is taken as not known"
    rows.account.say("read as", said, place=rows.line_said, assumed=True)
    return ""
