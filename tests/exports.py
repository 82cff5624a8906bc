"""Exports: the same made-up calls as different switches would write them, for the tests of the importers."""

from __future__ import annotations

import csv
import io
import json
import random
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

BEGIN = datetime(2026, 3, 2, 8)  # a Monday
# of tables in several forms, for tests of what lies below them
TITLES = (
    ["date", "start", "queue", "offered", "answered", "abandoned", "aht"],
    ["date", "call_started", "wait_length", "service_length"],
    ["time", "callid", "queuename", "agent", "event", "data1", "data2"],
    ["date", "number", "call_type", "arrival", "ivr_exit", "queue_entry", "answer", "end", "release", "outcome"],
    ["date", "start", "interval", "call_type", "offered", "within", "credited"], ["Zeit", "呼入量", "date", "answered"],
)  # fmt: skip


class Call(NamedTuple):
    """What happened, in whole seconds; unanswered calls have no agent."""

    number: int
    arrival: datetime
    ivr: int
    wait: int
    ring: int
    talk: int
    hold: int
    wrap_up: int
    queue: str
    agent: str
    caller: str

    @property
    def answered(self) -> bool:
        return bool(self.agent)

    @property
    def queued(self) -> datetime:
        return self.arrival + timedelta(seconds=self.ivr)

    @property
    def answer(self) -> datetime:
        return self.queued + timedelta(seconds=self.wait + self.ring)

    @property
    def end(self) -> datetime:
        return self.answer + timedelta(seconds=self.talk + self.hold)

    @property
    def left(self) -> datetime:
        """When an unanswered caller hung up, or an answered call was over."""
        return self.end if self.answered else self.queued + timedelta(seconds=self.wait)

    @property
    def release(self) -> datetime:
        return self.end + timedelta(seconds=self.wrap_up)


def calls(count: int = 400, *, seed: int = 7, days: int = 3) -> list[Call]:
    """Calls by arrival; a fifth are not answered, and no two share a second, so that their order is one."""
    chance = random.Random(seed)
    seconds = sorted(chance.sample(range(10 * 3600), count))
    found = []
    for number, second in enumerate(seconds):
        arrival = BEGIN + timedelta(days=number % days, seconds=second)
        answered = chance.random() < 0.8
        ring, talk, hold, wrap = (chance.randint(low, high) for low, high in ((1, 8), (5, 400), (0, 60), (0, 90)))
        found.append(
            Call(
                number, arrival, chance.randint(1, 40), chance.randint(1, 300),
                *((ring, talk, hold, wrap) if answered else (0,) * 4),
                chance.choice(["Rechnung", "Störung", "bill, query"]), f"agent{number % 9}" if answered else "",
                f"+155501{number % 300:05d}",
            )
        )  # fmt: skip
    return sorted(found, key=lambda call: call.arrival)


def clock(seconds: int) -> str:
    return str(timedelta(seconds=seconds)).zfill(8)


def table(header: list[str], rows: list[list[object]], *, separator: str = ",") -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def queue_log(made: list[Call], *, utc_offset: int = 0) -> str:
    """Asterisk's file, with its IVR left out: it begins when the caller enters the queue."""
    lines = [(BEGIN - timedelta(hours=1), "NONE|NONE|NONE|QUEUESTART|")]
    for call in made:
        head = f"{call.number}.1|{call.queue}"
        lines.append((call.queued, f"{head}|NONE|ENTERQUEUE||{call.caller}|1"))
        if call.answered:
            waited = call.wait + call.ring
            lines.append((call.answer, f"{head}|{call.agent}|CONNECT|{waited}|x.{call.number}|{call.ring}"))
            lines.append((call.end, f"{head}|{call.agent}|COMPLETECALLER|{waited}|{call.talk + call.hold}|1"))
        else:
            lines.append((call.left, f"{head}|NONE|ABANDON|1|1|{call.wait}"))
    stamped = [(int((when - timedelta(hours=utc_offset)).replace(tzinfo=UTC).timestamp()), text) for when, text in lines]
    return "".join(f"{when}|{text}\n" for when, text in sorted(stamped, key=lambda line: line[0]))


def queue_table(made: list[Call]) -> str:
    """The same as rows of the database, in the server's local time."""
    rows: list[list[object]] = []
    for line in queue_log(made).splitlines():
        when, call, queue, agent, event, *data = line.split("|")
        time = datetime.fromtimestamp(int(when), UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        rows.append([time, call, queue, agent, event, *(data + [""] * 5)[:5]])
    return table(["time", "callid", "queuename", "agent", "event", *(f"data{n}" for n in range(1, 6))], rows)


def contact_record(call: Call, *, updated: int = 0) -> dict[str, object]:
    def stamp(moment: datetime) -> str:
        return moment.isoformat() + "Z"

    agent = {
        "Username": call.agent,
        "ConnectedToAgentTimestamp": stamp(call.answer),
        "AfterContactWorkStartTimestamp": stamp(call.end),
        "AfterContactWorkEndTimestamp": stamp(call.release),
        "AfterContactWorkDuration": call.wrap_up,
    }
    return {
        "ContactId": f"id-{call.number}",
        "Channel": "VOICE",
        "InitiationMethod": "INBOUND",
        "InitiationTimestamp": stamp(call.arrival),
        "Queue": {"Name": call.queue, "EnqueueTimestamp": stamp(call.queued)},
        "Agent": agent if call.answered else None,
        "DisconnectReason": "CUSTOMER_DISCONNECT",
        "DisconnectTimestamp": stamp(call.left),
        "CustomerEndpoint": {"Address": call.caller},
        "LastUpdateTimestamp": stamp(call.left + timedelta(minutes=updated)),
    }


def contact_records(made: list[Call], *, between: str = "\n") -> str:
    return between.join(json.dumps(contact_record(call)) for call in made)


def five9(made: list[Call]) -> str:
    header = ["CALL ID", "TIMESTAMP", "CAMPAIGN", "CALL TYPE", "AGENT", "ANI", "IVR TIME", "QUEUE WAIT TIME", "RING TIME",
              "TALK TIME", "HOLD TIME", "PARK TIME", "AFTER CALL WORK TIME", "ABANDONED"]  # fmt: skip
    rows: list[list[object]] = [
        [call.number, call.arrival.strftime("%a, %d %b %Y %H:%M:%S"), call.queue, "Inbound", call.agent or "[None]", call.caller,
         clock(call.ivr), clock(call.wait), clock(call.ring), clock(call.talk), clock(call.hold), clock(0), clock(call.wrap_up),
         int(not call.answered)]
        for call in made
    ]  # fmt: skip
    return table(header, rows)


def fusionpbx(made: list[Call]) -> str:
    def epoch(moment: datetime) -> int:
        return int(moment.replace(tzinfo=UTC).timestamp())

    header = ["xml_cdr_uuid", "start_epoch", "end_epoch", "caller_id_number", "cc_side", "cc_queue", "cc_queue_joined_epoch",
              "cc_queue_answered_epoch", "cc_queue_terminated_epoch", "cc_queue_canceled_epoch", "cc_cancel_reason", "cc_cause",
              "cc_agent"]  # fmt: skip
    rows: list[list[object]] = []
    for call in made:
        ends = [epoch(call.answer), epoch(call.end), ""] if call.answered else ["", "", epoch(call.left)]
        why = ["NONE", "answered"] if call.answered else ["BREAK_OUT", "cancel"]
        head = [f"u{call.number}", epoch(call.arrival), epoch(call.left), call.caller]
        rows.append([*head, "member", call.queue, epoch(call.queued), *ends, *why, call.agent])
        if call.answered:
            rows.append([*head, "agent", call.queue, "", "", "", "", "", "", call.agent])
    return table(header, rows)


def tcd(made: list[Call]) -> str:
    """Cisco's rows are written when a call is released."""
    header = ["DateTime", "RouterCallKeyDay", "RouterCallKey", "RouterCallKeySequenceNumber", "PeripheralCallType",
              "CallDisposition", "CallTypeID", "AgentSkillTargetID", "ANI", "RingTime", "DelayTime", "LocalQTime", "NetQTime",
              "TalkTime", "HoldTime", "WorkTime", "TimeToAband"]  # fmt: skip
    rows: list[list[object]] = [
        [call.release if call.answered else call.left, 151234, call.number, 1, 2, 13 if call.answered else 2, call.queue,
         call.agent, call.caller, call.ring, call.ivr, 0, call.wait, call.talk, call.hold, call.wrap_up,
         0 if call.answered else call.wait]
        for call in made
    ]  # fmt: skip
    return table(header, rows)
