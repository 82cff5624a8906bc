"""Mapped calls: an export with one row per call, by its mapping, becomes the rows of a call log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from sim.calls import NONE, Outcome
from sim.files.account import Account
from sim.files.importers.mapping import Found
from sim.files.importers.moments import WallClock, day_and_ticks
from sim.files.importers.values import Values
from sim.files.log_rows import LogRow
from sim.files.tables import Table
from sim.scenario.errors import Problem
from sim.scenario.units import ticks

_QUEUED = (Outcome.ANSWERED, Outcome.ABANDONED, Outcome.BALKED, Outcome.DEFLECTED)
UNNAMED = "calls"  # the call type where the export has none


class _Spans(NamedTuple):
    """Seconds of each leg; None where the export does not say it."""

    ivr: float | None
    wait: float | None
    talk: float | None
    wrap_up: float | None


def mapped_calls(
    tables: Iterable[Table], found: Found, values: Values, clock: WallClock, account: Account
) -> Iterator[LogRow]:
    """The calls of the tables, in their order; `number` counts them. What is wrong or left out goes to the account."""
    meant = {word.casefold(): name for name, words in found.mapping.outcomes.items() for word in words}
    number = 0
    for table in tables:
        for row in range(len(table.rows)):
            if not values.kept(table, row):
                continue
            before = account.wrong_cells
            call = _call(table, row, found, meant, values, clock, account, number)
            if call is not None and account.wrong_cells == before:
                number += 1
                yield call


def _call(
    table: Table, row: int, found: Found, meant: dict[str, str], values: Values, clock: WallClock, account: Account, number: int
) -> LogRow | None:
    spot = table.spot(row, 0)
    moments = {name: values.moment(table, row, name) for name in ("arrival", "queue_entry", "answer", "end", "release")}
    outcome = _outcome(table, row, found, meant, values, moments, account)
    if outcome is None:
        account.say("left out", "{n} rows that are no calls, by the mapping", place=spot)
        return None
    spans = _spans(table, row, values, found, outcome)
    begin = _begin(moments, spans, outcome)
    if begin is None:
        account.wrong(Problem("", "a call needs a time of arrival; its cells are empty", place=table.place(row)))
        return None
    came = clock.at(begin, spot)
    if came is None:
        return None
    after = _after(begin, moments, spans, outcome, clock)
    if after is None:
        account.say("left out", "{n} answered calls without a time of their end", place=spot)
        return None
    if outcome == Outcome.ANSWERED and moments["answer"] is None and spans.wait is None:
        said = "{n} answered calls without a wait or a time of the answer: answered at once"
        account.say("read as", said, place=spot, assumed=True)
    there = [tick for tick in after if tick != NONE]
    if any(later < earlier for earlier, later in pairwise((0, *there))):
        account.say("left out", "{n} calls whose times run backwards", place=spot)
        return None
    day, arrival = day_and_ticks(came)
    ivr_exit, entry, answer, end, release = (arrival + tick if tick != NONE else NONE for tick in after)
    return LogRow(
        day, number, values.text(table, row, "call_type") or UNNAMED, arrival, ivr_exit, entry, answer, end, release,
        int(outcome),
        agent=values.text(table, row, "agent") if outcome == Outcome.ANSWERED else "",
        group=values.text(table, row, "group") if outcome == Outcome.ANSWERED else "",
        customer=values.text(table, row, "customer"),
        labels=tuple((family, values.label(table, row, at)) for family, at in found.labels.items()),
        id=values.text(table, row, "id"), stamp=values.text(table, row, "stamp"),
    )  # fmt: skip


def _outcome(
    table: Table, row: int, found: Found, meant: dict[str, str], values: Values, moments: dict[str, datetime | None],
    account: Account,
) -> Outcome | None:  # fmt: skip
    """What became of the call: by the mapping's words (word -> outcome), else by its times; None for a row that is no call."""
    said = values.words(table, row, "outcome")
    for word in said:
        if word.casefold() in meant:
            name = meant[word.casefold()]
            return None if name == "left_out" else Outcome[name.upper()]
    spot = table.spot(row, found.columns["outcome"][0]) if said else ""
    if said and "answered" in found.mapping.outcomes:
        what = "what became of {n} calls was seen from their times: the mapping does not know their words"
        account.say("read as", what, place=f'{spot}: "{said[0]}"', assumed=True)
    talk = values.number(table, row, "talk")
    if moments["answer"] is not None or talk:
        return Outcome.ANSWERED
    waited = values.number(table, row, "wait") or values.number(table, row, "abandon_wait")
    if moments["queue_entry"] is not None or waited:
        if said and "abandoned" in found.mapping.outcomes and "answered" not in found.mapping.outcomes:
            what = "{n} callers whom no agent answered and who did not give up either, as the export says (deflected)"
            account.say("read as", what, place=spot, assumed=True)
            return Outcome.DEFLECTED
        return Outcome.ABANDONED
    if talk is not None and values.text(table, row, "agent"):
        return Outcome.ANSWERED  # for less than a second
    account.say("read as", "{n} calls with no wait and no agent were taken as hung up in the IVR", place=spot, assumed=True)
    return Outcome.IVR_ABANDONED


def _spans(table: Table, row: int, values: Values, found: Found, outcome: Outcome) -> _Spans:
    wait = values.number(table, row, "wait")
    if outcome == Outcome.ANSWERED:
        ring = values.number(table, row, "ring")
        if ring is not None and not found.mapping.wait_includes_ring:
            wait = (wait or 0.0) + ring
    else:
        wait = values.number(table, row, "abandon_wait") or wait
    talk = values.number(table, row, "talk")
    hold = values.number(table, row, "hold")
    if talk is not None and hold is not None and not found.mapping.talk_includes_hold:
        talk += hold
    return _Spans(values.number(table, row, "ivr"), wait, talk, values.number(table, row, "wrap_up"))


def _begin(moments: dict[str, datetime | None], spans: _Spans, outcome: Outcome) -> datetime | None:
    """When the call came: as recorded, or counted back from what is."""
    if moments["arrival"] is not None:
        return moments["arrival"]
    back = [spans.ivr]
    if moments["queue_entry"] is not None:
        return _before(moments["queue_entry"], back)
    back.append(spans.wait)
    if outcome == Outcome.ANSWERED:
        back.append(spans.talk)
    if moments["end"] is not None:
        return _before(moments["end"], back)
    if outcome == Outcome.ANSWERED:
        back.append(spans.wrap_up)
    return None if moments["release"] is None else _before(moments["release"], back)


def _before(moment: datetime, spans: list[float | None]) -> datetime:
    return moment - timedelta(seconds=sum(span or 0.0 for span in spans))


def _after(
    begin: datetime, moments: dict[str, datetime | None], spans: _Spans, outcome: Outcome, clock: WallClock
) -> tuple[int, int, int, int, int] | None:
    """(ivr_exit, queue_entry, answer, end, release) in ticks after the arrival; None where an end is not known."""

    def since(name: str) -> int | None:
        moment = moments[name]
        return None if moment is None else clock.elapsed(begin, moment)

    answer, end, release = since("answer"), since("end"), since("release")
    entry = since("queue_entry")
    if entry is None and spans.ivr is None and answer is not None and spans.wait is not None:
        entry = max(answer - ticks(spans.wait), 0)  # what is not wait was before the queue
    if entry is None:
        entry = ticks(spans.ivr or 0.0)
    if outcome not in _QUEUED:
        end = entry if end is None else max(end, entry)
        return end, NONE, NONE, end, NONE
    if outcome != Outcome.ANSWERED:
        left = entry + ticks(spans.wait) if spans.wait is not None else end if end is not None else entry
        return entry, entry, NONE, left, NONE
    if answer is None:
        answer = entry + ticks(spans.wait or 0.0)
    if end is None and spans.talk is not None:
        end = answer + ticks(spans.talk)
    if end is None and release is not None and spans.wrap_up is not None:
        end = release - ticks(spans.wrap_up)
    if end is None:
        return None
    if release is None:
        release = NONE if spans.wrap_up is None else end + ticks(spans.wrap_up)
    return entry, entry, answer, end, release
