"""Bank log: a call log with an IVR leg, a queue leg and a service leg, as the Anonymous Bank's of 1999.

`wait_seconds` 0 is a call answered at once, an empty one never reached the queue; `handle_seconds` is talk only, so that
the wrap-up is not recorded. Rows whose outcome is "phantom" are no calls.
"""

from __future__ import annotations

from sim.calls import NONE, Outcome
from sim.files.log_rows import LogRow, Names, Rows, since_midnight

BANK_COLUMNS = (
    "call_id", "arrival_ts", "vru_seconds", "queue_start_ts", "wait_seconds", "outcome", "service_start_ts",
    "handle_seconds", "agent_id", "call_type", "priority", "customer_id",
)  # fmt: skip
_OUTCOMES = {"answered": Outcome.ANSWERED, "abandoned": Outcome.ABANDONED, "vru_hangup": Outcome.IVR_ABANDONED}


def bank_row(cells: dict[str, str], rows: Rows) -> LogRow | None:
    """The call of a row; None for one that is left out (counted in `rows`) or wrong (a problem in `rows`)."""
    word = cells["outcome"].casefold()
    if word == "phantom":
        rows.left_out["phantom rows"] += 1
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
        rows.taken["with a negative IVR time were taken to arrive when they queued"] += 1
        cells["vru_seconds"] = ""
    ivr_exit = arrival + max(rows.span(cells, "vru_seconds"), 0)
    queue_entry = answer = NONE
    end = ivr_exit
    if outcome != Outcome.IVR_ABANDONED:
        wait = rows.span(cells, "wait_seconds")
        begin = rows.moment(cells, "service_start_ts" if wait == 0 and cells["service_start_ts"] else "queue_start_ts")
        if wait == NONE or (begin is None and wait > 0):
            rows.left_out[f"{word} calls without a wait"] += 1
            return None
        queue_entry = ivr_exit if begin is None else since_midnight(begin, came)
        ivr_exit = min(ivr_exit, queue_entry)  # clocks of switch and IVR differ by a second now and then
        arrival = min(arrival, ivr_exit)
        end = queue_entry + wait
        if outcome == Outcome.ANSWERED:
            talk = rows.span(cells, "handle_seconds")
            if talk == NONE:
                rows.left_out["answered calls without a handle time"] += 1
                return None
            answer, end = end, end + talk
    priority = rows.labels.setdefault("priority", Names()).code(cells["priority"])
    return LogRow(
        day=came.toordinal(), number=rows.line - 2, call_type=rows.call_types.code(cells["call_type"] or "unknown"),
        arrival=arrival, ivr_exit=ivr_exit, queue_entry=queue_entry, answer=answer, end=end, release=NONE,
        outcome=int(outcome), agent=rows.agents.code(cells["agent_id"]), group=NONE,
        customer=rows.customers.code(cells["customer_id"]), labels=(("priority", priority),),
    )  # fmt: skip
