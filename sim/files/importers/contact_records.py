"""Contact records: Amazon Connect's, a JSON object per contact; of those delivered more than once the newest stands.

Source of the fields: "Contact records data model" in the Amazon Connect administrator guide. Records are delivered at least
once and again when something is added, so ContactId names a contact and LastUpdateTimestamp says which record is newest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from sim.calls import NONE, Outcome
from sim.files.account import Account
from sim.files.importers.json_records import clean
from sim.files.importers.moments import WallClock, day_and_ticks, moment_of
from sim.files.log_rows import LogRow
from sim.scenario.errors import Problem
from sim.scenario.units import TICKS_PER_SECOND

TITLE = "Amazon Connect contact records"
NEEDS = ("ContactId", "InitiationTimestamp")
_LONGEST = 86_400.0  # seconds of after-contact work
_COMES = {"INBOUND": "", "TRANSFER": "transfer", "QUEUE_TRANSFER": "transfer"}


def contact_calls(
    records: Iterable[tuple[int, dict[str, Any]]], name: str, clock: WallClock, account: Account
) -> Iterator[LogRow]:
    """The calls among the records, in their order; duplicates have one `id`. What is wrong or left out goes to the account."""
    for number, (line, record) in enumerate(records):
        before = account.wrong_cells
        row = _call(record, f"{name}:{line}", f"line {line}", number, clock, account)
        if row is not None and account.wrong_cells == before:
            yield row


def _call(
    record: dict[str, Any], place: str, spot: str, number: int, clock: WallClock, account: Account
) -> LogRow | None:
    channel, method = _text(record, "Channel") or "VOICE", _text(record, "InitiationMethod") or "INBOUND"
    if channel != "VOICE":
        account.say("left out", f"{{n}} contacts of the channel {channel}", place=spot)
        return None
    if method not in _COMES:
        account.say("left out", f"{{n}} contacts that callers did not begin ({method})", place=spot)
        return None
    if _COMES[method]:
        said = "{n} contacts came by a transfer, each a call of its own where it went: a caller may be offered more than once"
        account.say("read as", said, place=spot, assumed=True)
    queue, agent = _table(record, "Queue", "QueueInfo"), _table(record, "Agent", "AgentInfo")
    came = _moment(record, "InitiationTimestamp", place, account)
    over = _moment(record, "DisconnectTimestamp", place, account)
    if came is None or over is None:
        if came is None:
            account.wrong(Problem("InitiationTimestamp", "is missing", place=place))
        else:
            account.say("left out", "{n} contacts that were not over", place=spot)
        return None
    wall = clock.at(came, spot)
    if wall is None:
        return None
    day, arrival = day_and_ticks(wall)

    def tick(table: dict[str, Any], key: str) -> int:
        moment = _moment(table, key, place, account)
        return NONE if moment is None else arrival + max(clock.elapsed(came, moment), 0)

    entry, answer = tick(queue, "EnqueueTimestamp"), tick(agent, "ConnectedToAgentTimestamp")
    end, release = arrival + max(clock.elapsed(came, over), 0), NONE
    if answer != NONE:
        entry = answer if entry == NONE else entry
        outcome, end = Outcome.ANSWERED, max(_talk_end(agent, tick, end), answer)
        release = _release(agent, tick, end)
    elif entry != NONE:
        left = tick(queue, "DequeueTimestamp")
        outcome, end = _left(record, account, spot), max(left if left != NONE else end, entry)
    else:
        outcome = Outcome.CONTAINED if record.get("DisconnectReason") == "CONTACT_FLOW_DISCONNECT" else Outcome.IVR_ABANDONED
    exit_ = entry if entry != NONE else end
    if answer != NONE and answer < entry:
        account.say("left out", "{n} contacts whose times run backwards", place=spot)
        return None
    name = _text(agent, "Username") or _text(agent, "Id") or _text(agent, "ARN").rpartition("/")[2]
    newest = _moment(record, "LastUpdateTimestamp", place, account)
    return LogRow(
        day, number, _text(queue, "Name") or "no queue", arrival, exit_, entry, answer, end, release, int(outcome),
        agent=name if answer != NONE else "", customer=_text(_table(record, "CustomerEndpoint"), "Address"),
        id=_text(record, "ContactId"), stamp="" if newest is None else newest.astimezone(UTC).isoformat(timespec="microseconds"),
    )  # fmt: skip


def _table(record: dict[str, Any], *keys: str) -> dict[str, Any]:
    """The object under the first of the keys that has one; {} where there is none."""
    return next((found for key in keys if isinstance(found := record.get(key), dict) and found), {})


def _text(table: dict[str, Any], key: str) -> str:
    """The text under a key; "" where there is none, or something that is no text."""
    found = table.get(key)
    return clean(found).strip() if isinstance(found, str) else ""


def _talk_end(agent: dict[str, Any], tick: Any, end: int) -> int:
    """When the talk was over: after-contact work begins then, also where the contact ends with it."""
    began = int(tick(agent, "AfterContactWorkStartTimestamp"))
    return end if began == NONE else began


def _release(agent: dict[str, Any], tick: Any, end: int) -> int:
    done, lasts = int(tick(agent, "AfterContactWorkEndTimestamp")), agent.get("AfterContactWorkDuration")
    if done == NONE and isinstance(lasts, int | float) and 0 <= lasts < _LONGEST:
        done = end + round(lasts * TICKS_PER_SECOND)
    return max(done, end) if done != NONE else NONE


def _left(record: dict[str, Any], account: Account, spot: str) -> Outcome:
    """What became of who left the queue without an agent."""
    if _text(record, "DisconnectReason") in ("", "CUSTOMER_DISCONNECT", "TELECOM_PROBLEM"):
        return Outcome.ABANDONED
    said = "{n} callers were taken out of the queue by the contact flow: offered, not answered (deflected)"
    account.say("read as", said, place=spot, assumed=True)
    return Outcome.DEFLECTED


def _moment(table: dict[str, Any], key: str, place: str, account: Account) -> datetime | None:
    text = table.get(key)
    if not text:
        return None
    found = moment_of(clean(str(text)), ("iso",))
    if not isinstance(found, datetime):
        account.wrong(Problem(key, "must be a date and time such as 2022-01-05T17:28:17Z", clean(str(text)), place=place))
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)  # Connect writes UTC
