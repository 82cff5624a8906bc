"""callsim import of what switches really write: logs cut in the middle, records again and late, odd types, withheld numbers."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from experiments.cli.main import main
from sim.calls import NONE
from sim.files.call_log import read_call_log
from sim.files.importers import json_records
from sim.files.importers.importing import Options, import_files
from sim.files.importers.pseudonyms import Pseudonyms
from sim.files.sessions import read_sessions
from sim.scenario.errors import ScenarioError
from sim.scenario.units import TICKS_PER_SECOND
from tests import exports
from tests.test_import import BERLIN, brought, expected, rows_of, said

BEGIN = 1_772_438_400  # 2026-03-02 08:00 UTC


@pytest.fixture(autouse=True)
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLSIM_CONFIG", str(tmp_path / "config"))


def log_of(*events: tuple[float, str]) -> str:
    return "".join(f"{BEGIN + second}|{event}\n" for second, event in events)


# --- queue_log ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_log_cut_into_files_is_one_log_in_whatever_order_they_are_named(newest_first: bool, tmp_path: Path) -> None:
    made = exports.calls()
    lines = exports.queue_log(made).splitlines(keepends=True)
    paths = [tmp_path / name for name in ("queue_log.2", "queue_log.1", "queue_log")]
    for path, part in zip(paths, (lines[:301], lines[301:703], lines[703:]), strict=True):
        path.write_text("".join(part), encoding="utf-8")
    found = import_files(paths[::-1] if newest_first else paths, tmp_path / "history", Options(keep_ids=True))
    want = [expected(call, ivr=False, wrap_up=False) for call in made]
    assert rows_of(read_call_log(tmp_path / "history" / "calls.csv")) == sorted(want, key=lambda row: row[:2])
    assert "began before the log" not in said(found) and "older than" not in said(found)


def test_files_of_a_log_that_overlap_have_each_call_once(tmp_path: Path) -> None:
    lines = exports.queue_log(exports.calls(100)).splitlines(keepends=True)
    for name, part in (("queue_log.1", lines[:200]), ("queue_log", lines[100:])):
        (tmp_path / name).write_text("".join(part), encoding="utf-8")
    found = import_files([tmp_path / "queue_log", tmp_path / "queue_log.1"], tmp_path / "history", Options(keep_ids=True))
    assert found.count == 100 and "duplicates: " in said(found) and "(first: queue_log:" in said(found)


def test_a_call_id_that_is_used_again_years_later_gives_no_call_of_years(tmp_path: Path) -> None:
    calls = [(0, "c|q|NONE|ENTERQUEUE||1|1"), (5, "c|q|A|CONNECT|5|x|1"), (900 * 86_400, "c|q|A|COMPLETECALLER|5|9|1"),
             (900 * 86_400, "d|q|NONE|ENTERQUEUE||2|1"), (900 * 86_400 + 60, "d|q|NONE|ABANDON|1|1|60")]  # fmt: skip
    found, _ = brought(tmp_path, log_of(*calls), "queue_log")
    assert found.count == 1 and "1 call that lasts more than a day" in said(found)


def test_an_agent_seen_only_by_his_pause_is_gone_when_he_leaves(tmp_path: Path) -> None:
    text = log_of((0, "NONE|NONE|A|PAUSEALL|"), (60, "NONE|NONE|A|UNPAUSEALL|"), (600, "NONE|q|A|REMOVEMEMBER|"),
                  (700, "c|q|NONE|ENTERQUEUE||1|1"), (1000, "c|q|NONE|ABANDON|1|1|300"))  # fmt: skip
    _, folder = brought(tmp_path, text, "queue_log")
    (one,) = read_sessions(folder / "sessions.csv").sessions
    assert one.end - one.start == timedelta(seconds=540)


def test_a_table_that_says_its_zone_in_some_rows_only_is_read(tmp_path: Path) -> None:
    rows = "time,callid,queuename,agent,event,data1,data2\n2026-03-02 08:00:00,c,q,NONE,ENTERQUEUE,,1\n"
    rows += "2026-03-02 08:00:05+01:00,c,q,A,CONNECT,5,x\n2026-03-02 08:01:05,c,q,A,COMPLETEAGENT,5,60\n"
    found, _ = brought(tmp_path, rows, "db.csv", zone=BERLIN)
    assert found.count == 1


# --- contact records ----------------------------------------------------------------------------------------------


def test_the_newest_record_stands_whether_or_not_its_time_has_milliseconds(tmp_path: Path) -> None:
    (call,) = exports.calls(1)
    records = [exports.contact_record(call._replace(queue=queue)) | {"LastUpdateTimestamp": f"2026-03-02T09:00:00{more}"}
               for queue, more in (("old", "Z"), ("new", ".500Z"), ("early", "+01:00"))]  # fmt: skip
    _, folder = brought(tmp_path, "\n".join(map(json.dumps, records)), "contacts.json")
    assert read_call_log(folder / "calls.csv").call_types == ("new",)


@pytest.mark.parametrize(
    "odd",
    [{"Queue": "support"}, {"Agent": [1]}, {"CustomerEndpoint": "x"}, {"InitiationMethod": {}}, {"Channel": None},
     {"DisconnectTimestamp": "2026-03-02T09:00:00"}, {"DisconnectTimestamp": "9999-12-31T23:59:59Z"}, {"ContactId": 7},
     {"InitiationTimestamp": "0001-01-01T00:00:00Z"}, {"Queue": {"Name": "\ud800\u0000", "EnqueueTimestamp": 5}},
     {"Agent": {"Username": "a\ud800", "ConnectedToAgentTimestamp": "2026-03-02T20:00:00Z", "AfterContactWorkDuration": 1e308}}],
)  # fmt: skip
def test_a_record_with_odd_fields_is_read_or_refused_with_its_line(
    odd: dict[str, object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "c.json").write_text(json.dumps(exports.contact_record(exports.calls(1)[0]) | odd))
    for more in ([], ["--keep-ids"]):
        with pytest.raises(SystemExit) as end:
            main(["import", str(tmp_path / "c.json"), "-o", str(tmp_path / f"out{more}"), "--zone", BERLIN, *more])
        assert end.value.code == 0 or (end.value.code == 2 and "c.json:1: " in capsys.readouterr().err)
        if end.value.code == 0:
            assert len(read_call_log(tmp_path / f"out{more}" / "calls.csv")) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 200_000, "is JSON of a form that is not known"),
        ('{"ContactId": ' + "[" * 200_000 + "]" * 200_000 + "}", "lie too deep in one another"),
        ('{"ContactId": ' + "9" * 5000 + "}", "too many digits"),
        ('{"ContactId": "' + "x" * 9000, "what begins here does not end"),
    ],
)
def test_json_that_cannot_be_used_is_refused(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=words):
        brought(tmp_path, text, "c.json")


def test_a_fault_in_json_is_told_without_reading_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log may be larger than memory, so a wrong line must not be kept with all that follows."""
    monkeypatch.setattr(json_records, "_PIECE", 1000)
    record = json.dumps(exports.contact_record(exports.calls(1)[0]))
    path = tmp_path / "c.json"
    path.write_text("\n".join([record, "{'ContactId': 1}", *[record] * 500]))
    with path.open() as text:
        opened = json_records.OpenText(text, lambda: 0, 1, "utf-8")
        with pytest.raises(ScenarioError, match=r"c\.json:2: is not JSON"):
            list(json_records.json_records("c.json", opened))
        assert len(text.read()) > 500 * len(record) - 3000


# --- names --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["anonymous", "Restricted", "<unknown>", "0", "-", "匿名"])
def test_callers_who_withhold_their_number_are_not_one_caller(name: str, tmp_path: Path) -> None:
    made = [call._replace(caller=name) for call in exports.calls(20)]
    for number, keep in enumerate((True, False)):
        found, folder = brought(tmp_path, exports.five9(made), f"{number}.csv", keep_ids=keep)
        assert not found.callers and (read_call_log(folder / "calls.csv").customer == NONE).all()
        assert "20 calls of callers whose number is withheld" in said(found)


def test_a_phone_number_is_one_caller_however_switches_write_it() -> None:
    names = Pseudonyms(b"k" * 32)
    ways = ("+49 (30) 123-4567", "0049301234567", "49301234567", "+49301234567", "+49 30 1234567")
    assert len({names.caller(way) for way in ways}) == 1
    assert len({names.caller(way) for way in ("007", "7", "C-1234567", "1234567", "01234567")}) == 5


def test_no_identifier_is_left_in_what_is_written_or_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = [call._replace(agent=call.agent and f"Eva, M\n{call.agent}") for call in exports.calls(60)]
    lines = exports.queue_log(exports.calls(60)).replace("agent", "=PJSIP/agent")
    for name, text in (("a.csv", exports.five9(made)), ("q.log", lines), ("c.json", exports.contact_records(made))):
        (tmp_path / name).write_text(text, encoding="utf-8")
        for more in ((), ("--json",)):
            with pytest.raises(SystemExit) as end:
                main(["import", str(tmp_path / name), "-o", str(tmp_path / f"{name} {len(more)}"), *more])
            assert end.value.code == 0
        printed = "".join(capsys.readouterr())
        written = [path.read_text("utf-8") for path in (tmp_path / f"{name} 0").rglob("*") if path.is_file()]
        for text in (printed, *written):
            assert not any(word in text for word in ("Eva", "PJSIP", "agent1", *(call.caller for call in made)))


def test_names_with_line_breaks_and_formulas_come_back(tmp_path: Path) -> None:
    odd = ["=1+1", "Eva, \"M\"", "a\r\nb", "a\rb", "-x"]
    made = [call._replace(agent=odd[call.number % 5] if call.answered else "") for call in exports.calls(40)]
    _, folder = brought(tmp_path, exports.contact_records(made), "c.json")
    history = read_call_log(folder / "calls.csv")
    assert set(history.agents) == set(odd)
    assert (history.wait >= 0).all() and len(history) == 40
    assert datetime.fromordinal(int(history.day[0])).replace(tzinfo=UTC).year == 2026
    assert (history.talk[history.answer != NONE] >= 5 * TICKS_PER_SECOND).all()


# --- logs in text -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [lambda text: "sep=,\n" + text, lambda text: "\n\n" + text, lambda text: text.replace("\n", ",,\n"),
     lambda text: text.replace(",", ";"), lambda text: text.replace("\n", "\r"), lambda text: "\ufeff" + text],
)  # fmt: skip
def test_a_log_of_callsims_own_that_went_through_excel_is_read(change: Callable[[str], str], tmp_path: Path) -> None:
    _, folder = brought(tmp_path, exports.fusionpbx(exports.calls(30)).replace("bill, query", "bills"))
    text = (folder / "calls.csv").read_bytes().decode("utf-8")
    found, again = brought(tmp_path, change(text), "again.csv")
    assert found.forms[0].name == "callsim"
    assert (again / "calls.csv").read_bytes().decode("utf-8") == text


def test_a_quote_that_is_never_closed_in_a_log_is_told(tmp_path: Path) -> None:
    header = "time,callid,queuename,agent,event,data1,data2\n"
    with pytest.raises(ScenarioError, match=r"db\.csv.*: is not a table"):
        brought(tmp_path, header + '2026-03-02 08:00:00,c,q,"A,' + "x" * 200_000, "db.csv")


def test_a_table_with_bars_is_no_queue_log(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="is in no form that is known here"):
        brought(tmp_path, "a|b|c|d|e|f\n1|2|3|4|5|6\n", "bars.txt")
    cut = exports.queue_log(exports.calls(20))
    assert brought(tmp_path, "72438500|" + cut, "queue_log")[0].count == 20


def test_control_signs_in_a_text_are_told(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="is not a text file"):
        brought(tmp_path, exports.queue_log(exports.calls(5)) + "\x0b", "queue_log")


@pytest.mark.parametrize(
    ("change", "words"),
    [(("00:00:20", "9" * 400), "csv:2: ivr: must be below 10,000,000"), (("00:00:18", "99999999"), "csv:2: wait: must be below")],
)
def test_a_time_beyond_all_bounds_is_refused_with_its_line(change: tuple[str, str], words: str, tmp_path: Path) -> None:
    (call,) = (call._replace(ivr=20, wait=18) for call in exports.calls(1))
    with pytest.raises(ScenarioError, match=words):
        brought(tmp_path, exports.five9([call]).replace(*change))


@pytest.mark.parametrize("form", ["callsim", "anonymous-bank", "anonymous-bank-published"])
def test_a_file_without_the_columns_of_the_form_it_is_said_to_have_is_refused(form: str, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"has not the columns of .*: .*; found the titles a, b"):
        brought(tmp_path, "a,b\n1,2\n", form=form)


def test_an_agent_paused_in_every_queue_he_is_named_in_is_paused(tmp_path: Path) -> None:
    text = log_of((0, "NONE|NONE|A|ADDMEMBER|"), (0, "NONE|q1|A|ADDMEMBER|"), (0, "NONE|q2|A|ADDMEMBER|"),
                  (60, "NONE|q1|A|PAUSE|"), (90, "NONE|q2|A|PAUSE|"), (300, "NONE|q2|A|UNPAUSE|"),
                  (700, "c|q1|NONE|ENTERQUEUE||1|1"),
                  (1000, "c|q1|NONE|ABANDON|1|1|300"))  # fmt: skip
    found, folder = brought(tmp_path, text, "queue_log")
    assert [(one.end - one.start).seconds for one in read_sessions(folder / "sessions.csv").sessions] == [90, 700]
    assert "1 agent is still there at the end of the log" in said(found)
