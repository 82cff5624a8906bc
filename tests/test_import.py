"""callsim import: the same calls come back from every switch's export, and what was assumed is said with its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path

import pytest

from sim.calls import NONE, Outcome
from sim.files.call_log import read_call_log
from sim.files.history import History
from sim.files.importers.importing import Imported, Options, import_files
from sim.files.interval_report import read_interval_report
from sim.files.sessions import read_sessions
from sim.scenario.errors import CallsimError, ScenarioError
from sim.scenario.units import TICKS_PER_SECOND, show_clock
from tests import exports
from tests.exports import Call

KEPT = Options(keep_ids=True)


@pytest.fixture(autouse=True)
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLSIM_CONFIG", str(tmp_path / "config"))


def brought(tmp_path: Path, content: str | bytes, name: str = "export.csv", **options: object) -> tuple[Imported, Path]:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    folder = tmp_path / f"history {name}"
    asked = Options(**({"keep_ids": True} | options))  # type: ignore[arg-type]
    return import_files([path], folder, asked), folder


def said(found: Imported) -> str:
    return "\n".join(f"{one.subject}: {one.text}" for one in found.findings)


def rows_of(history: History) -> list[tuple[object, ...]]:
    """One tuple per call, in the log's order: what an export can tell."""

    def name(names: tuple[str, ...], code: int) -> str:
        return "" if code == NONE else names[code]

    return [
        (
            date.fromordinal(int(history.day[at])),
            *(int(getattr(history, column)[at]) for column in ("arrival", "ivr_exit", "queue_entry", "answer", "end", "release")),
            Outcome(int(history.outcome[at])).name, history.call_types[history.call_type[at]],
            name(history.agents, history.agent[at]), name(history.customers, history.customer[at]),
        )
        for at in range(len(history))
    ]  # fmt: skip


def expected(call: Call, *, ivr: bool = True, wrap_up: bool = True) -> tuple[object, ...]:
    """The row of a call, from an export that tells the IVR's time and the wrap-up or not."""
    midnight = datetime.combine(call.arrival.date(), time())

    def tick(moment: datetime) -> int:
        return int((moment - midnight).total_seconds()) * TICKS_PER_SECOND

    queued = tick(call.queued)
    return (
        call.arrival.date(), tick(call.arrival) if ivr else queued, queued, queued,
        tick(call.answer) if call.answered else NONE, tick(call.left),
        tick(call.release) if call.answered and wrap_up else NONE,
        "ANSWERED" if call.answered else "ABANDONED", call.queue, call.agent, call.caller,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("export", "name", "form", "ivr", "wrap_up"),
    [
        (exports.queue_log, "queue_log", "asterisk-queue-log", False, False),
        (exports.queue_table, "queue_log.csv", "asterisk-queue-log-database", False, False),
        (exports.contact_records, "contacts.jsonl", "amazon-connect", True, True),
        (lambda made: exports.contact_records(made, between=""), "contacts.json", "amazon-connect", True, True),
        (lambda made: f"[{exports.contact_records(made, between=', ')}]", "list.json", "amazon-connect", True, True),
        (exports.five9, "five9.csv", "five9-call-log", True, True),
        (exports.fusionpbx, "cdr.csv", "freeswitch-fusionpbx", True, False),
        (exports.tcd, "tcd.csv", "cisco-ucce-tcd", True, True),
    ],
)
def test_every_export_of_the_same_calls_gives_the_same_calls(
    export: Callable[[list[Call]], str], name: str, form: str, ivr: bool, wrap_up: bool, tmp_path: Path
) -> None:
    made = exports.calls()
    found, folder = brought(tmp_path, export(made), name)
    assert found.forms[0].name == form and found.count == len(made)
    want = [expected(call, ivr=ivr, wrap_up=wrap_up) for call in made]
    assert rows_of(read_call_log(folder / "calls.csv")) == sorted(want, key=lambda row: row[:2])


def test_records_that_are_delivered_again_count_once_and_the_newest_stands(tmp_path: Path) -> None:
    made = exports.calls(50)
    longer = made[3]._replace(talk=999) if made[3].answered else made[4]._replace(talk=999)
    assert longer.answered
    records = [exports.contact_record(call) for call in made]
    records += [exports.contact_record(longer, updated=5), exports.contact_record(made[0]), records[9]]
    found, folder = brought(tmp_path, "\n".join(map(json.dumps, records)), "contacts.json")
    assert found.count == 50 and "duplicates: 3 records" in said(found)
    want = [expected(longer if call.number == longer.number else call) for call in made]
    assert rows_of(read_call_log(folder / "calls.csv")) == sorted(want, key=lambda row: row[:2])


def test_what_is_no_voice_call_of_a_caller_is_left_out_and_transfers_are_said(tmp_path: Path) -> None:
    made = exports.calls(6)
    records = [exports.contact_record(call) for call in made]
    records[0]["Channel"], records[1]["InitiationMethod"], records[2]["InitiationMethod"] = "CHAT", "OUTBOUND", "TRANSFER"
    records[3] |= {"Queue": None, "Agent": None, "DisconnectReason": "CONTACT_FLOW_DISCONNECT"}
    records[4] |= {"Agent": None, "DisconnectReason": "CONTACT_FLOW_DISCONNECT"}
    records[5] |= {"Queue": None, "Agent": None}
    found, folder = brought(tmp_path, "\n".join(map(json.dumps, records)), "contacts.json")
    outcomes = [row[7] for row in rows_of(read_call_log(folder / "calls.csv"))]
    transferred = "ANSWERED" if made[2].answered else "ABANDONED"
    assert sorted(outcomes) == sorted([transferred, "CONTAINED", "DEFLECTED", "IVR_ABANDONED"])
    for words in ("channel CHAT", "did not begin (OUTBOUND)", "came by a transfer", "taken out of the queue by the contact flow"):
        assert words in said(found), words


def test_a_queue_log_conserves_its_calls(tmp_path: Path) -> None:
    """Every ENTERQUEUE is a call of the log or one of those that are said to be left out."""
    log = exports.queue_log(exports.calls())
    lines = log.splitlines(keepends=True)
    cut = "".join(lines[40:-25])  # as a rotated file begins and ends: in the middle
    entered = sum("ENTERQUEUE" in line for line in lines[40:-25])
    found, _ = brought(tmp_path, cut, "queue_log")
    texts = said(found)
    open_at_end = int(texts.split(" calls that are not over at the end")[0].split()[-1])
    assert found.count + open_at_end == entered
    assert "calls that began before the log does" in texts


def test_a_queue_log_says_who_was_on_the_phones(tmp_path: Path) -> None:
    begin = 1_772_438_400  # 2026-03-02 08:00 UTC
    events = [
        (0, "NONE|NONE|NONE|QUEUESTART|"), (10, "NONE|support|A|ADDMEMBER|"), (20, "NONE|sales|A|ADDMEMBER|"),
        (100, "c1|support|NONE|ENTERQUEUE||123|1"), (110, "c1|support|A|CONNECT|10|x|3"),
        (150, "c1|support|A|BLINDTRANSFER|200|default|10|40|1"), (300, "NONE|NONE|A|PAUSE|lunch"),
        (1200, "NONE|NONE|A|UNPAUSE|"), (2000, "NONE|support|A|REMOVEMEMBER|"), (3000, "NONE|sales|A|REMOVEMEMBER|"),
        (3100, "c2|support|NONE|ENTERQUEUE||124|1"), (3110, "c2|support|B|CONNECT|10|x|3"),
        (3200, "c2|support|B|COMPLETEAGENT|10|90|1"), (3300, "c3|support|NONE|ENTERQUEUE||125|1"),
        (3360, "c3|support|NONE|EXITWITHKEY|1|1|1|60"), (3400, "NONE|NONE|NONE|CONFIGRELOAD|"),
    ]  # fmt: skip
    text = "".join(f"{begin + second}|{event}\n" for second, event in events)
    found, folder = brought(tmp_path, text, "queue_log")
    eight = datetime(2026, 3, 2, 8)
    spans = [
        (one.agent, (one.start - eight).total_seconds(), (one.end - eight).total_seconds())
        for one in read_sessions(folder / "sessions.csv").sessions
    ]
    assert spans == [("A", 10, 300), ("A", 1200, 3000), ("B", 3110, 3400)]
    assert [row[7] for row in rows_of(read_call_log(folder / "calls.csv"))] == ["ANSWERED", "ANSWERED", "DEFLECTED"]
    assert "from their first call on" in said(found) and "left the queue by its timeout, a key" in said(found)


# --- names --------------------------------------------------------------------------------------------------------


def test_callers_and_agents_become_keyed_hashes_that_still_link_calls(tmp_path: Path) -> None:
    made = exports.calls()
    _, folder = brought(tmp_path, exports.five9(made), keep_ids=False)
    text = (folder / "calls.csv").read_text("utf-8")
    assert not any(call.caller in text for call in made) and "agent3" not in text
    history = read_call_log(folder / "calls.csv")
    assert len(history.customers) == len({call.caller for call in made})
    _, again = brought(tmp_path, exports.tcd(made), "tcd.csv", keep_ids=False)
    assert set(read_call_log(again / "calls.csv").customers) == set(history.customers), "one key, one name"
    key = tmp_path / "other.key"
    key.write_text("ab" * 32)
    _, other = brought(tmp_path, exports.five9(made), "other.csv", keep_ids=False, key=key)
    assert not set(read_call_log(other / "calls.csv").customers) & set(history.customers)
    mode = (tmp_path / "config" / "id.key").stat().st_mode & 0o777
    assert mode == 0o600


def test_a_log_that_was_imported_before_keeps_its_names(tmp_path: Path) -> None:
    _, folder = brought(tmp_path, exports.five9(exports.calls()), keep_ids=False)
    first = (folder / "calls.csv").read_bytes()
    found, again = brought(tmp_path, first, "again.csv", keep_ids=False)
    assert found.forms[0].name == "callsim" and (again / "calls.csv").read_bytes() == first


@pytest.mark.parametrize("content", ["", "zz" * 32, "ab" * 31])
def test_a_wrong_key_is_refused(content: str, tmp_path: Path) -> None:
    key = tmp_path / "id.key"
    key.write_text(content)
    with pytest.raises(ScenarioError, match=r"id\.key"):
        brought(tmp_path, exports.five9(exports.calls(5)), keep_ids=False, key=key)


# --- clocks -------------------------------------------------------------------------------------------------------

BERLIN = "Europe/Berlin"


def contact_at(*moments: str) -> str:
    """Contacts that came at these moments in UTC, waited 10 s and talked a minute."""
    made = []
    for number, text in enumerate(moments):
        call = Call(number, datetime.fromisoformat(text), 0, 10, 0, 60, 0, 5, "q", "a", "c")
        made.append(json.dumps(exports.contact_record(call)))
    return "\n".join(made)


def clocks(folder: Path) -> list[tuple[str, str]]:
    history = read_call_log(folder / "calls.csv")
    return [(str(row[0]), show_clock(int(row[1]) / TICKS_PER_SECOND)) for row in rows_of(history)]  # type: ignore[call-overload]


def test_times_in_utc_stay_so_and_it_is_said_where_the_zone_is_not(tmp_path: Path) -> None:
    found, folder = brought(tmp_path, contact_at("2026-03-02T08:00:00"), "c.json")
    assert clocks(folder) == [("2026-03-02", "08:00")] and "times are in UTC" in said(found)
    found, folder = brought(tmp_path, contact_at("2026-03-02T23:30:00"), "d.json", zone=BERLIN)
    assert clocks(folder) == [("2026-03-03", "00:30")] and "UTC" not in said(found)


def test_a_day_of_25_hours_has_the_hour_twice_in_one_or_keeps_standard_time_or_is_set_aside(tmp_path: Path) -> None:
    # on 25 October 2026 the clock in Berlin shows 02:00 to 03:00 twice: from 00:00 and from 01:00 UTC
    text = contact_at("2026-10-24T23:30:00", "2026-10-25T00:30:00", "2026-10-25T01:30:00", "2026-10-25T02:30:00")
    found, folder = brought(tmp_path, text, "wall.json", zone=BERLIN)
    assert [one for _, one in clocks(folder)] == ["01:30", "02:30", "02:30", "03:30"]
    assert "hour that comes twice" in said(found)
    _, folder = brought(tmp_path, text, "standard.json", zone=BERLIN, dst="standard time")
    assert [one for _, one in clocks(folder)] == ["00:30", "01:30", "02:30", "03:30"]
    text += "\n" + json.dumps(exports.contact_record(exports.calls(1)[0]._replace(number=9)))
    found, folder = brought(tmp_path, text, "aside.json", zone=BERLIN, dst="set aside")
    assert found.count == 1 and "2026-10-25, when clocks change, were set aside" in said(found)


def test_a_wait_over_a_change_of_the_clocks_is_as_long_as_it_was(tmp_path: Path) -> None:
    _, folder = brought(tmp_path, contact_at("2026-03-29T00:59:55", "2026-10-25T00:59:55"), "c.json", zone=BERLIN)
    history = read_call_log(folder / "calls.csv")
    assert (history.wait // TICKS_PER_SECOND).tolist() == [10, 10]
    assert (history.talk // TICKS_PER_SECOND).tolist() == [60, 60]
    # in local times the answer stands an hour before the entry, or an hour late
    rows = "time,callid,queuename,agent,event,data1,data2\n"
    rows += "2026-10-25 02:59:55,c,q,NONE,ENTERQUEUE,,1\n2026-10-25 02:00:05,c,q,A,CONNECT,10,x\n"
    rows += "2026-10-25 02:01:05,c,q,A,COMPLETEAGENT,10,60\n"
    _, folder = brought(tmp_path, rows, "db.csv", zone=BERLIN)
    history = read_call_log(folder / "calls.csv")
    assert (history.wait // TICKS_PER_SECOND).tolist() == [10] and (history.talk // TICKS_PER_SECOND).tolist() == [60]


def test_an_interval_that_came_twice_as_clocks_changed_is_added(tmp_path: Path) -> None:
    header = "Interval Start,Interval End,Media Type,Queue Name,Offer,Answer,Abandon,ASA,Avg Handle\n"
    rows = "".join(
        f"2026-10-25T{hour:02d}:00:00Z,2026-10-25T{hour + 1:02d}:00:00Z,voice,q,{10 + hour},{8 + hour},2,1000,"
        f"{(1 + hour) * 1000}\n"
        for hour in range(3)
    )
    found, folder = brought(tmp_path, header + rows, zone=BERLIN)
    report = read_interval_report(folder / "intervals.csv")
    assert [show_clock(start) for start in report.start] == ["02:00", "03:00"]
    assert report.offered.tolist() == [21, 12] and report.answered.tolist() == [17, 10]
    assert report.aht[0] == pytest.approx((8 * 1 + 9 * 2) / 17) and report.interval == 3600
    assert "came twice as clocks changed" in said(found)


@pytest.mark.parametrize("options", [{"zone": "Berlin"}, {"zone": "../etc/passwd"}])
def test_a_zone_that_is_none_is_refused(options: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(CallsimError, match="no time zone"):
        brought(tmp_path, contact_at("2026-03-02T08:00:00"), "c.json", **options)
