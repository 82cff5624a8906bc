"""Call logs and interval reports as files: what is read, what is left out, and what is said of wrong ones."""

from __future__ import annotations

import gzip
from datetime import date, time
from pathlib import Path

import numpy as np
import pytest

from sim.calls import Outcome
from sim.files.call_log import is_call_log, read_call_log
from sim.files.interval_report import read_interval_report
from sim.files.own_log import own_csv
from sim.scenario.errors import CallsimError, ScenarioError

BANK = (
    "call_id,arrival_ts,vru_seconds,queue_start_ts,wait_seconds,outcome,service_start_ts,handle_seconds,agent_id,call_type,"
    "priority,customer_id\n"
)
ROWS = (
    "1,2024-03-01T08:00:02,6,2024-03-01T08:00:08,140,abandoned,,,,X,2,C1\n"
    "2,2024-03-01T08:00:31,5,,0,answered,2024-03-01T08:00:36,153,A1,X,0,C2\n"
    "3,2024-03-01T08:01:00,9,2024-03-01T08:01:09,20,answered,2024-03-01T08:01:29,60,A2,Y,1,\n"
    "4,2024-03-01T08:02:00,11,,,vru_hangup,,,,X,0,\n"
    "5,2024-03-01T08:03:00,4,,,phantom,,,,X,0,\n"
    "6,2024-03-02T09:00:00,-40,2024-03-02T08:59:50,10,abandoned,,,,X,0,C1\n"
)
OWN = "date,number,call_type,team,arrival,ivr_exit,queue_entry,answer,end,release,outcome,agent\n"


def bank(tmp_path: Path, rows: str = ROWS, name: str = "log.csv") -> Path:
    path = tmp_path / name
    path.write_text(BANK + rows, encoding="utf-8")
    return path


def test_a_bank_log_becomes_calls_with_waits_and_handle_times(tmp_path: Path) -> None:
    history = read_call_log(bank(tmp_path))
    assert history.days() == [date(2024, 3, 1), date(2024, 3, 2)]
    assert history.call_types == ("X", "Y")
    assert history.labels == (("priority", ("0", "1", "2")),)
    day = history.on(date(2024, 3, 1))
    assert [Outcome(code).name for code in day.outcome] == ["ABANDONED", "ANSWERED", "ANSWERED", "IVR_ABANDONED"]
    assert (day.wait // 10**6).tolist() == [140, 0, 20, -1]
    assert [talk // 10**6 if talk >= 0 else None for talk in day.talk.tolist()] == [None, 153, 60, None]
    assert (day.wrap_up == -1).all()


def test_who_did_not_wait_and_was_not_identified_has_no_known_priority(tmp_path: Path) -> None:
    """Priority 0 stays where there is a customer (row 2), and where the caller waited; else it is said (row 4, and this one)."""
    more = (
        "7,2024-03-02T10:00:00,5,,0,answered,2024-03-02T10:00:05,60,A1,X,0,\n"
        "8,2024-03-02T11:00:00,5,2024-03-02T11:00:05,9,answered,2024-03-02T11:00:14,60,A1,X,0,\n"
    )
    history = read_call_log(bank(tmp_path, ROWS + more))
    assert history.label[:, 0].tolist() == [2, 0, 1, -1, 0, -1, 0]
    assert any("priority 0 of 2 calls that did not wait and have no customer" in one for one in history.notes)


def test_phantoms_are_left_out_and_odd_ivr_times_are_said(tmp_path: Path) -> None:
    history = read_call_log(bank(tmp_path))
    assert any("1 phantom" in note for note in history.notes)
    assert any("negative IVR time" in note for note in history.notes)
    odd = history.on(date(2024, 3, 2))
    assert odd.arrival[0] == odd.ivr_exit[0] == odd.queue_entry[0]


def test_a_gzipped_log_and_another_order_of_columns_give_the_same_calls(tmp_path: Path) -> None:
    plain = read_call_log(bank(tmp_path))
    packed = tmp_path / "log.csv.gz"
    packed.write_bytes(gzip.compress((BANK + ROWS).encode()))
    lines = [line.split(",") for line in (BANK + ROWS).splitlines()]
    turned = tmp_path / "turned.csv"
    turned.write_text("\n".join(",".join(reversed(line)) for line in lines))
    for other in (read_call_log(packed), read_call_log(turned)):
        for column in ("day", "number", "arrival", "queue_entry", "answer", "end", "outcome"):
            assert np.array_equal(getattr(plain, column), getattr(other, column)), column


def test_a_history_written_in_callsims_form_reads_back_the_same(tmp_path: Path) -> None:
    history = read_call_log(bank(tmp_path))
    path = tmp_path / "own.csv"
    path.write_text(own_csv(history), encoding="utf-8")
    again = read_call_log(path)
    assert again.call_types == history.call_types and again.labels == history.labels
    for column in ("day", "number", "call_type", "arrival", "ivr_exit", "queue_entry", "answer", "end", "release",
                   "outcome", "label", "agent"):  # fmt: skip
        assert np.array_equal(getattr(again, column), getattr(history, column)), column


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("7,yesterday,1,,0,answered,,1,,X,0,\n", "arrival_ts: must be a date and time such as"),
        ("7,2024-03-01T08:00:00,1,,0,lost,,1,,X,0,\n", "outcome: must be one of answered, abandoned, vru_hangup, phantom"),
        ("7,2024-03-01T08:00:00,x,,0,answered,,1,,X,0,\n", "vru_seconds: must be seconds, 0 or more; found x"),
        ("7,2024-03-01T08:00:00,1,,0,answered\n", "has 6 cells, the header 12"),
    ],
)
def test_a_wrong_row_is_named_with_line_column_and_value(row: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as raised:
        read_call_log(bank(tmp_path, ROWS + row))
    assert "log.csv:8" in str(raised.value) and said in str(raised.value)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2024-03-01,0,X,A,50,40,,,60,60,contained,", "times must not run backwards"),
        ("2024-03-01,0,X,A,abc,,,,,,contained,", "arrival: must be seconds since midnight; found abc"),
        ("2024-03-01,zero,X,A,50,,,,60,60,contained,", "number: must be a whole number; found zero"),
        ("1 March,0,X,A,50,,,,60,60,contained,", "date: must be a date such as"),
        ("2024-03-01,0,X,A,50,,,,60,60,gone,", "outcome: must be one of"),
        ("2024-03-01,0,X,A,nan,,,,60,60,contained,", "arrival: must be seconds since midnight"),
    ],
)
def test_a_wrong_row_of_an_own_log_is_named(row: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(OWN + row + "\n")
    with pytest.raises(ScenarioError) as raised:
        read_call_log(path)
    assert "own.csv:2" in str(raised.value) and said in str(raised.value)


def test_a_table_that_is_no_call_log_is_refused_with_the_layouts_there_are(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    assert not is_call_log(path)
    with pytest.raises(ScenarioError, match=r"no call log.*callsim run --log.*Anonymous Bank"):
        read_call_log(path)


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b broken", b"\x00\x01\x02\xff\x00"])
def test_files_that_are_no_text_are_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(content)
    with pytest.raises(ScenarioError):
        read_call_log(path)


# --- interval reports --------------------------------------------------------------------------------------------

REPORT = (
    "Interval Start;Calls Offered;Calls Handled;Aban Calls;Avg Handle;Agents\n"
    "2024-03-01T09:00;100;91;9;4:00;12\n2024-03-01T09:30;125;115;10;4:10;13,5\nTotal;225;206;19;;\n"
)


def test_a_report_is_read_by_its_titles_with_decimal_commas_and_totals_left_out(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text(REPORT)
    report = read_interval_report(path)
    assert report.interval == 1800 and report.day == (date(2024, 3, 1),) * 2
    assert report.offered.tolist() == [100, 125] and report.heads.tolist() == [12, 13.5]
    assert report.aht.tolist() == [240, 250]
    assert any("totals" in note for note in report.notes)
    assert any("minutes and seconds" in note for note in report.notes)


def test_a_workbook_with_dates_and_times_is_read_as_well(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["date", "time", "offered", "abandoned", "aht"])
    book.active.append([date(2024, 3, 1), time(9, 0), 40, 2, 200])
    book.active.append([date(2024, 3, 1), time(9, 15), 44, 0, 210])
    book.save(tmp_path / "report.xlsx")
    report = read_interval_report(tmp_path / "report.xlsx")
    assert report.interval == 900 and report.answered.tolist() == [38, 44]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("start,offered\n2024-03-01T09:00,5\n", "needs the columns abandoned"),
        ("start,offered,abandoned\n09:00,5,1\n", "has no date"),
        ("start,offered,abandoned\n2024-03-01T09:00,five,1\n", "offered: must be a number"),
        ("start,offered,abandoned\n2024-03-01T09:00,-5,0\n", "offered: must not be below 0"),
        ("start,offered,abandoned,answered\n2024-03-01T09:00,5,0,6\n", "more answered (6) than offered (5)"),
        ("start,offered,abandoned\n2024-03-01T09:00,5,1\n2024-03-01T09:00,5,1\n", "stands in line 2 already"),
        ("date,start,offered,abandoned\n03/01/2024,09:00,5,1\n", "date: must be a date such as 2026-03-12"),
    ],
)
def test_a_wrong_report_is_refused_with_place_and_what_is_allowed(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text(text)
    with pytest.raises(CallsimError) as raised:
        read_interval_report(path)
    assert said in str(raised.value) and "report.csv" in str(raised.value)


def test_a_report_without_dates_takes_the_date_that_is_stated(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("start,offered,abandoned\n09:00,5,1\n09:30,7,0\n")
    assert read_interval_report(path, day=date(2024, 3, 1)).day == (date(2024, 3, 1),) * 2
