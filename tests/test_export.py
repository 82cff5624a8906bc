"""Export: intervals of a log counted exactly, and files that read back as they were, or an error that says why not."""

from __future__ import annotations

import errno
import json
import os
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from experiments.cli.main import main
from experiments.screens.call_table import as_csv, columns
from sim.calls import NONE, Outcome
from sim.chance import draw, resolve
from sim.engines import simulate
from sim.files import load
from sim.files import write_table as tables
from sim.files.call_log import is_call_log, read_call_log
from sim.files.exported import LOG_ENDINGS, REPORT_ENDINGS, log_file, report_file
from sim.files.history import History
from sim.files.importers.importing import Options, import_files
from sim.files.interval_report import read_interval_report
from sim.files.intervals_of import report_of
from sim.files.report import NUMBERS, REPORT_COLUMNS, Report
from sim.measures.log_waits import waits_of
from sim.scenario.errors import CallsimError
from sim.scenario.units import TICKS_PER_SECOND
from sim.tally import Count, Measuring, tally

HEADER = "date,number,caller,call_type,team,arrival,ivr_exit,queue_entry,answer,end,release,outcome,group,agent\n"
LOG = HEADER + (
    # 09:00 is 32400; answered after the border and ended an interval later, with wrap-up
    "2026-03-12,0,71,X,A,34190,34195,34195,34205,36010,36020,answered,desk,Ann\n"
    "2026-03-12,1,72,X,,34199,34199,34199,,34230,,abandoned,,\n"
    "2026-03-12,2,71,Y,B,34300,34300,34300,34320,34400,34400,answered,desk,Ann\n"
    "2026-03-12,3,,X,,34310,34310,34310,,34310,,balked,,\n"
    "2026-03-12,4,,X,,34311,34315,,,34315,,contained,,\n"
    "2026-03-12,5,,X,,30000,,,,30000,,closed,,\n"
    "2026-03-13,0,71,X,A,38700,38700,38700,38720.000001,38730,38730,answered,back office,Bob\n"
)


def log(tmp_path: Path, text: str = LOG, name: str = "log.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def call(*words: object) -> int:
    with pytest.raises(SystemExit) as end:
        main([str(word) for word in words])
    code = end.value.code
    assert isinstance(code, int)
    return code


# --- counting ----------------------------------------------------------------------------------------------------


def row(report: Report, day: date, clock: float, kind: str) -> dict[str, float]:
    (at,) = [
        at for at, key in enumerate(zip(report.day, report.start, report.names(), strict=True)) if key == (day, clock, kind)
    ]
    return {name: float(getattr(report, name)[at]) for name in NUMBERS}


FIRST, NINE = date(2026, 3, 12), 9 * 3600.0


def test_every_interval_of_every_day_and_type_has_a_row_also_where_nothing_happened(tmp_path: Path) -> None:
    report = report_of(read_call_log(log(tmp_path)))
    assert report.call_types == ("X", "Y") and report.interval == 1800.0 and report.credited == "arrival"
    assert sorted(set(report.start)) == [NINE, NINE + 1800, NINE + 3600, NINE + 5400]  # 09:00 to 11:00, nobody came after
    assert len(report) == 2 * 4 * 2 and [day.day for day in report.day] == [12] * 8 + [13] * 8
    quiet = row(report, FIRST, NINE + 5400, "Y")
    assert all(quiet[name] == 0 for name in ("offered", "answered", "abandoned", "wait_answered", "longest_wait"))
    assert np.isnan(quiet["aht"]) and np.isnan(report.heads).all() and np.isnan(report.short_abandoned).all()


@pytest.mark.parametrize(
    ("credited", "where"),
    [
        # the answered X of 09:29:50, answered 09:30:05, ended 10:00:10; the abandoned X of 09:29:59, gone 09:30:30
        ("arrival", {0: (2, 1, 1), 1800: (1, 0, 0), 3600: (0, 0, 0)}),
        ("answer", {0: (0, 0, 0), 1800: (3, 1, 1), 3600: (0, 0, 0)}),
        ("end", {0: (0, 0, 0), 1800: (2, 0, 1), 3600: (1, 1, 0)}),
    ],
)
def test_a_call_counts_where_it_is_credited(credited: str, where: dict[int, tuple[int, ...]], tmp_path: Path) -> None:
    report = report_of(read_call_log(log(tmp_path)), credited=credited)
    for since, counts in where.items():
        found = row(report, FIRST, NINE + since, "X")
        assert (found["offered"], found["answered"], found["abandoned"]) == counts, since
        assert found["wait_answered"] == 10 * counts[1] and found["wait_abandoned"] == 31 * counts[2]
        assert found["longest_wait"] == max(10 * counts[1], 31 * counts[2])
        assert found["aht"] == 1815 or not counts[1]
    assert report.offered.sum() == 5 and report.answered.sum() == 3


def test_who_waits_a_microsecond_too_long_is_not_answered_within(tmp_path: Path) -> None:
    history = read_call_log(log(tmp_path))
    assert report_of(history, within=20.0).answered_within.sum() == 2
    assert report_of(history, within=20.000001).answered_within.sum() == 3
    assert np.isnan(report_of(history, within=float("nan")).answered_within).all()


def test_a_call_that_ends_after_midnight_counts_on_the_next_date(tmp_path: Path) -> None:
    text = HEADER + "2026-03-12,0,,X,,86390,86390,86390,86395,86410,86410,answered,,\n"
    report = report_of(read_call_log(log(tmp_path, text)), credited="end")
    assert [(day.day, start) for day, start in zip(report.day, report.start, strict=True)] == [(12, 84600.0), (13, 0.0)]
    assert report.answered.tolist() == [0, 1]
    night = text + "2026-03-12,1,,X,,90000,90000,90000,90000,90010,90010,answered,,\n"  # the day goes on until 01:00
    report = report_of(read_call_log(log(tmp_path, night)), credited="end")
    assert set(report.day) == {FIRST} and report.start.tolist() == [84600.0, 86400.0, 88200.0, 90000.0]


@pytest.mark.parametrize("credit", ["arrival", "answer", "end"])
@pytest.mark.parametrize("story", ["outage-surge", "golden-club", "callback, in-turn"])
def test_intervals_of_a_simulated_log_are_those_of_its_tally(story: str, credit: Any, tmp_path: Path) -> None:
    name, *policies = story.split(", ")
    scenario = resolve(load(name, policies=policies), seed=5, replication=0)
    day = simulate(scenario, draw(scenario, seed=5, replication=0))
    frame, counted = day.frame, tally(day, Measuring(within=30.0, credit=credit))
    length = frame.interval / TICKS_PER_SECOND
    report = report_of(read_call_log(log(tmp_path, as_csv(columns(day)))), interval=length, within=30.0, credited=credit)
    for code, name in enumerate(frame.call_types):
        mine = np.array([kind == name for kind in report.names()])
        at = np.rint((report.start[mine] * TICKS_PER_SECOND - frame.opens) / frame.interval).astype(int)
        at = np.where((at < 0) | (at >= frame.intervals), frame.intervals, at)  # outside the hours there is one row
        theirs = counted.calls[0, :, code].copy()
        theirs[:, Count.ANSWERED] += theirs[:, Count.CALLED_BACK]  # who is called back is answered
        for column, count, unit in (
            ("answered", Count.ANSWERED, 1), ("abandoned", Count.ABANDONED, 1), ("answered_within", Count.ANSWERED_WITHIN, 1),
            ("wait_answered", Count.WAIT_ANSWERED, TICKS_PER_SECOND), ("wait_abandoned", Count.WAIT_ABANDONED, TICKS_PER_SECOND),
        ):  # fmt: skip
            ours = np.zeros(frame.intervals + 1)
            np.add.at(ours, at, getattr(report, column)[mine])
            assert ours == pytest.approx(theirs[:, count] / unit, rel=1e-12), column
        handle = np.zeros(frame.intervals + 1)
        np.add.at(handle, at, np.nan_to_num(report.aht[mine]) * report.answered[mine])
        assert handle == pytest.approx((theirs[:, Count.TALK] + theirs[:, Count.WRAP_UP]) / TICKS_PER_SECOND, rel=1e-12)
        offered = np.zeros(frame.intervals + 1)
        np.add.at(offered, at, report.offered[mine])
        assert offered.tolist() == theirs[:, Count.STILL_WAITING : Count.CALLED_BACK].sum(axis=1).tolist()


def test_what_a_log_cannot_say_is_noted(tmp_path: Path) -> None:
    called_back = "2026-03-12,6,,X,,34190,34195,34195,35000,35100,35110,called_back,,\n"
    text = LOG.replace("34205,36010,36020", "34205,36010,") + called_back
    notes = report_of(read_call_log(log(tmp_path, text))).notes
    assert any("wrap-up of 1 calls is not recorded" in note for note in notes)
    assert any("1 calls were called back" in note for note in notes)
    assert not any("wrap-up" in note or "called back" in note for note in report_of(read_call_log(log(tmp_path))).notes)


def test_a_log_without_callers_and_an_odd_interval_are_refused(tmp_path: Path) -> None:
    history = read_call_log(log(tmp_path))
    with pytest.raises(CallsimError, match="divide a day"):
        report_of(history, interval=420.0)
    with pytest.raises(CallsimError, match="no call asked for an agent"):
        report_of(history.where(history.outcome == Outcome.CLOSED))


# --- there and back ----------------------------------------------------------------------------------------------

LETTERS = st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="".join(
    chr(plane << 16 | 0xFFFE | last) for plane in range(17) for last in (0, 1)))  # fmt: skip
ODD = ["=cmd|' /C calc'!A0", "+1", "-1", "@x", "'=x", "''=x", "'", '"', 'a,"b"', "a;b", "套餐 咨询", "=", "\t=1", "x\ny", "Total",
       "sep=,", "_x0041_", "nan", "1.0", " blanks ", "\ufeffmark", "1e5", "#N/A", "TRUE", "\uff1d1", "https://x"]  # fmt: skip
NAMES = st.one_of(st.sampled_from(ODD), st.text(LETTERS, min_size=1, max_size=12)).filter(lambda name: bool(name.strip()))
NUMBER = st.one_of(st.just(float("nan")), st.floats(0, allow_infinity=False), st.integers(0, 10**6).map(float))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    kinds = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    days = st.dates(date(1900, 1, 1), date(2100, 1, 1))
    starts = st.one_of(st.integers(0, 50 * 3600).map(float), st.floats(0, 90_000))
    keys = draw(st.lists(st.tuples(days, starts, st.integers(0, len(kinds) - 1)), min_size=1, max_size=8, unique=True))
    numbers: dict[str, Any] = {
        name: np.array(draw(st.lists(NUMBER, min_size=len(keys), max_size=len(keys))), np.float64) for name in NUMBERS
    }
    return Report(
        source="made", interval=draw(st.one_of(st.sampled_from([300.0, 1800.0]), st.floats(1e-6, 86_400))),
        call_types=tuple(kinds), day=tuple(key[0] for key in keys), start=np.array([abs(key[1]) for key in keys]),
        call_type=np.array([key[2] for key in keys]), within=draw(NUMBER),
        credited=draw(st.sampled_from(["", "arrival", "answer", "end"])), **numbers,
    )  # fmt: skip


@pytest.mark.parametrize("ending", REPORT_ENDINGS)
@given(report=reports())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_report_reads_back_to_the_last_bit(ending: str, report: Report, tmp_path: Path) -> None:
    path = tmp_path / f"report{ending}"
    path.write_bytes(report_file(report, ending))
    again = read_interval_report(path)
    assert again.same_rows(report) and report.same_rows(again)
    assert report_file(again, ending) == path.read_bytes()


def test_another_number_order_or_meaning_is_another_report(tmp_path: Path) -> None:
    report = report_of(read_call_log(log(tmp_path)))
    assert report.same_rows(report.between(None, None))
    assert not report.same_rows(report.between(FIRST, FIRST))
    assert not report.same_rows(report_of(read_call_log(log(tmp_path)), within=21.0))
    assert not report.same_rows(report_of(read_call_log(log(tmp_path)), credited="end"))


@st.composite
def logs(draw: st.DrawFn) -> str:
    """A log in callsim's form with odd names; blanks around them are no part of a name in a log."""
    names = NAMES.map(str.strip).filter(lambda name: bool(name) and "\n" not in name)
    rows = []
    for number in range(draw(st.integers(1, 6))):
        times = sorted(draw(st.lists(st.integers(0, 10**11), min_size=6, max_size=6)))
        cells = ["" if draw(st.booleans()) and at else f"{tick / 1e6:.6f}" for at, tick in enumerate(times)]
        day = date(2026, 3, 12) + timedelta(days=draw(st.integers(0, 3)))
        who = [draw(st.one_of(st.just(""), names)) for _ in range(5)]
        rows.append([str(day), str(number), *who[:3], *cells, "answered", *who[3:]])
    table = {
        title: [tables_row[at] for tables_row in rows]
        for at, title in enumerate(HEADER.strip().replace("caller", "customer").split(","))
    }
    return as_csv(table)


def said(calls: History) -> dict[str, Any]:
    """What a History says, with names for codes."""
    found: dict[str, Any] = {
        name: getattr(calls, name).tolist()
        for name in ("day", "number", "arrival", "ivr_exit", "queue_entry", "answer", "end", "release", "outcome", "accepted")
    }
    coded = (("call_type", calls.call_types), ("agent", calls.agents), ("group", calls.groups), ("customer", calls.customers))
    for name, names in coded:
        found[name] = [names[code] if code >= 0 else None for code in getattr(calls, name).tolist()]
    return found | {"labels": calls.labels, "label": calls.label.tolist()}


@pytest.mark.parametrize("ending", LOG_ENDINGS)
@given(text=logs())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_call_log_reads_back_with_customers_groups_and_labels(ending: str, text: str, tmp_path: Path) -> None:
    calls = read_call_log(log(tmp_path, text))
    path = tmp_path / f"exported{ending}"
    path.write_bytes(log_file(calls, ending))
    assert is_call_log(path)
    assert said(read_call_log(path)) == said(calls)


def test_a_log_with_callbacks_reads_back_with_when_they_were_accepted(tmp_path: Path) -> None:
    scenario = resolve(load("callback", policies=["in-turn"]), seed=5, replication=0)
    day = simulate(scenario, draw(scenario, seed=5, replication=0))
    calls = read_call_log(log(tmp_path, as_csv(columns(day))))
    assert (calls.accepted != NONE).sum() == (day.calls.accepted != NONE).sum() > 50
    assert np.array_equal(waits_of(calls.as_day(day.frame)), waits_of(day))
    assert (calls.waited <= calls.wait).all() and (calls.waited < calls.wait).any()
    for ending in LOG_ENDINGS:
        path = tmp_path / f"exported{ending}"
        path.write_bytes(log_file(calls, ending))
        assert said(read_call_log(path)) == said(calls)
    found = import_files([tmp_path / "exported.csv"], tmp_path / "history", Options(keep_ids=True))
    assert said(read_call_log(found.files[0])) | {"number": None} == said(calls) | {"number": None}  # import numbers anew
    assert b"accepted" not in log_file(read_call_log(log(tmp_path)), ".csv")  # a log without callbacks has the columns it had


def test_a_callback_accepted_before_the_queue_is_named(tmp_path: Path) -> None:
    lines = LOG.splitlines()
    lines = [f"{lines[0]},accepted", f"{lines[1]},34194", *(f"{line}," for line in lines[2:])]
    with pytest.raises(CallsimError, match=r"log.csv:2: accepted: must not be before queue_entry; found 34194"):
        read_call_log(log(tmp_path, "\n".join(lines)))


def test_an_older_log_with_caller_numbers_keeps_its_callers(tmp_path: Path) -> None:
    calls = read_call_log(log(tmp_path))
    assert calls.customers == ("71", "72") and calls.groups == ("desk", "back office")
    assert said(calls)["customer"] == [None, "71", "72", "71", None, None, "71"]


def test_labels_that_a_log_has_no_room_for_are_refused(tmp_path: Path) -> None:
    from dataclasses import replace

    calls = read_call_log(log(tmp_path))
    for name in ("customer", "Team", "=team"):
        with pytest.raises(CallsimError, match="cannot have labels"):
            log_file(replace(calls, labels=((name, ("A", "B")),)), ".csv")


def test_text_that_looks_like_a_formula_is_none_in_a_spreadsheet(tmp_path: Path) -> None:
    text = LOG.replace(",X,", ",=1+1,")
    report = report_of(read_call_log(log(tmp_path, text)))
    assert ",'=1+1," in report_file(report, ".csv").decode()
    path = tmp_path / "report.xlsx"
    path.write_bytes(report_file(report, ".xlsx"))
    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("intervals").to_python()
    assert sheet[0] == [one.name for one in REPORT_COLUMNS] and sheet[1][:4] == [FIRST, "09:00", 1800.0, "=1+1"]
    import zipfile

    assert b"<f>" not in zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")


def test_chinese_in_a_csv_is_marked_as_utf_8_for_excel(tmp_path: Path) -> None:
    calls = read_call_log(log(tmp_path, LOG.replace(",X,", ",宽带,")))
    for content in (report_file(report_of(calls), ".csv"), log_file(calls, ".csv")):
        assert content.startswith(b"\xef\xbb\xbf") and "宽带" in content.decode("utf-8-sig")


@pytest.mark.parametrize(
    ("name", "why"), [("", "without a name"), ("  ", "without a name"), ("a\x00b", "cannot hold"), ("\ud800", "cannot hold")]
)
@pytest.mark.parametrize("ending", REPORT_ENDINGS)
def test_names_that_files_cannot_hold_are_refused(name: str, why: str, ending: str) -> None:
    report = Report(source="made", interval=1800.0, call_types=(name,), day=(FIRST,), start=np.zeros(1),
                    call_type=np.zeros(1, np.int64))  # fmt: skip
    with pytest.raises(CallsimError, match=why):
        report_file(report, ending)


@pytest.mark.parametrize("number", [-1.0, float("inf")])
def test_numbers_that_no_report_has_are_refused(number: float) -> None:
    report = Report(source="made", interval=1800.0, call_types=("x",), day=(FIRST,), start=np.zeros(1),
                    call_type=np.zeros(1, np.int64), offered=np.array([number]))  # fmt: skip
    with pytest.raises(CallsimError, match="offered must be numbers from 0 on"):
        report_file(report, ".csv")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("2026-03-12,09:30,1800,X,1,", "2026-03-12,09:30,1800,X,one,", r"report.csv:4: offered: must be a number; found .one"),
        ("2026-03-12,09:30,1800,X,1,", "2026-03-12,09:30,1800,X,-1,", r"report.csv:4: offered: must not be below 0; found -1"),
        ("2026-03-12,09:30,1800,X", "2026-03-12,half past,1800,X", r"report.csv:4: start: must be a clock time.*half past"),
        ("2026-03-12,09:30,1800,X", "yesterday,09:30,1800,X", r"report.csv:4: date: must be a date.*yesterday"),
        ("2026-03-12,09:30,1800,X", "2026-03-12,09:30,900,X", r"report.csv:4: interval: must be the same in all rows.*1800.*900"),
        ("2026-03-12,09:30,1800,X", "2026-03-12,09:30,1800,", r"report.csv:4: call_type: must be a name"),
        ("2026-03-12,09:30,1800,X", "2026-03-12,09:00,1800,X", r"report.csv:4: start: this interval of X stands in line 2"),
        (",arrival", ",noon", r"report.csv:2: credited: must be arrival, answer, end, or nothing; found noon"),
        (",1800,", ",0,", r"report.csv:2: interval: must be seconds, above 0"),
    ],
)
def test_what_was_changed_wrongly_in_an_exported_report_is_named(old: str, new: str, why: str, tmp_path: Path) -> None:
    text = report_file(report_of(read_call_log(log(tmp_path))), ".csv").decode()
    assert old in text
    path = log(tmp_path, text.replace(old, new), "report.csv")
    with pytest.raises(CallsimError, match=why):
        read_interval_report(path)


def test_an_exported_report_may_lose_columns_and_change_their_order(tmp_path: Path) -> None:
    report = report_of(read_call_log(log(tmp_path)))
    lines = [line.split(",") for line in report_file(report, ".csv").decode().splitlines()]
    gone = lines[0].index("staffed")
    text = "\n".join(",".join(reversed(line[:gone] + line[gone + 1 :])) for line in lines)
    assert read_interval_report(log(tmp_path, text, "turned.csv")).same_rows(report)


def test_the_page_lists_the_columns_with_their_definitions() -> None:
    page = (Path(__file__).resolve().parent.parent / "docs" / "export.md").read_text(encoding="utf-8")
    rows = [f"| `{one.name}` | {one.unit or 'number'} | {one.definition} |" for one in REPORT_COLUMNS]
    assert "\n".join(rows) in page


# --- the command -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", REPORT_ENDINGS)
def test_what_is_exported_can_be_calibrated_and_exported_again(
    ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, again = tmp_path / f"intervals{ending}", tmp_path / f"again{ending}"
    assert call("export", log(tmp_path), "-o", path, "--interval", "15m", "--within", "30s", "--credit", "end") == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "7 calls of 2 days" in out and "intervals of 15m and call type" in out and f"wrote {path}" in out
    assert "offered calls that asked for an agent" in out and "not known short_abandoned, staffed, heads" in out
    assert call("export", path, "-o", again) == 0
    assert again.read_bytes() == path.read_bytes()
    assert call("calibrate", path, "-o", tmp_path / "story") == 0


def test_days_may_be_chosen_and_the_document_says_what_was_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "calls.parquet"
    assert call("export", log(tmp_path), "-o", path, "--rows", "calls", "--from", "2026-03-13", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "callsim/export/1" and document["rows"] == "calls" and document["count"] == 1
    assert document["days"] == ["2026-03-13"] and document["file"] == str(path)
    assert len(read_call_log(path)) == 1
    assert call("export", log(tmp_path), "-o", tmp_path / "i.csv", "--to", "2026-03-12", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["interval"] == 1800 and document["within"] == 20 and document["credited"] == "arrival"
    assert [one["name"] for one in document["columns"] if not one["known"]] == [
        "short_abandoned", "staffed", "heads", "flow_in", "flow_out",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["log.csv", "-o", "out.pdf"], "out.pdf: intervals are written as .csv, .xlsx, .parquet"),
        (["log.csv", "-o", "out"], "out: intervals are written as"),
        (["log.csv", "-o", "out.xlsx", "--rows", "calls"], "out.xlsx: calls are written as .csv, .parquet"),
        (["log.csv", "-o", "log.csv"], "log.csv: is the source, which is not written over"),
        (["log.csv", "-o", "./../here/log.csv"], "is the source, which is not written over"),
        (["log.csv", "-o", "folder.csv"], "folder.csv: is a folder"),
        (["log.csv", "-o", "nowhere/out.csv"], "there is no folder nowhere"),
        (["log.csv", "-o", "log.csv/out.csv"], "there is no folder log.csv"),
        (["nothing.csv", "-o", "out.csv"], "nothing.csv: no such file"),
        (["folder.csv", "-o", "out.csv"], "folder.csv: is a folder"),
        (["log.csv", "-o", "out.csv", "--rows", "legs"], "--rows legs: must be intervals or calls"),
        (["log.csv", "-o", "out.csv", "--credit", "noon"], "--credit noon: must be arrival, answer, end"),
        (["log.csv", "-o", "out.csv", "--interval", "7m"], "an interval must divide a day"),
        (["log.csv", "-o", "out.csv", "--interval", "soon"], "--interval soon: must be a duration"),
        (["log.csv", "-o", "out.csv", "--within", "soon"], "--within soon: must be a duration"),
        (["log.csv", "-o", "out.csv", "--from", "2027-01-01"], "nothing recorded from 2027-01-01"),
        (["log.csv", "-o", "out.csv", "--rows", "calls", "--within", "9s"], "--within goes with --rows intervals"),
        (["report.csv", "-o", "out.csv", "--rows", "calls"], "report.csv: is an interval report, which has no calls"),
        (["report.csv", "-o", "out.csv", "--interval", "15m"], "written as it is; --interval goes with a call log"),
        (["report.csv", "-o", "out.csv", "--from", "2027-01-01"], "nothing recorded from 2027-01-01 to"),
        (["damaged.parquet", "-o", "out.csv"], "damaged.parquet: is not a Parquet file"),
        (["other.csv", "-o", "out.csv"], "an interval report needs the columns"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_written(
    words: list[str], why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    (here / "folder.csv").mkdir(parents=True)
    (here / "report.csv").write_bytes(report_file(report_of(read_call_log(log(here))), ".csv"))
    (here / "damaged.parquet").write_bytes(b"PAR1 and no more")
    (here / "other.csv").write_text("a,b\n1,2\n")
    monkeypatch.chdir(here)
    before = {path: path.read_bytes() for path in here.iterdir() if path.is_file()}
    assert call("export", *words) == 2
    out = capsys.readouterr()
    assert why in out.err and "Traceback" not in out.err and not out.out
    assert {path: path.read_bytes() for path in here.iterdir() if path.is_file()} == before


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_a_full_disk_or_a_locked_file_leaves_what_was_there(
    number: int, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.xlsx"
    path.write_bytes(b"as it was")

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync" if number == errno.ENOSPC else "replace", fail)
    monkeypatch.setattr(Path, "replace", fail)
    assert call("export", log(tmp_path), "-o", path) == 4
    said = capsys.readouterr().err
    assert ("the disk is full" if number == errno.ENOSPC else "close it there") in said and "Traceback" not in said
    assert path.read_bytes() == b"as it was" and sorted(one.name for one in tmp_path.iterdir()) == ["log.csv", "out.xlsx"]


def test_without_pyarrow_parquet_says_how_to_get_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, parquet = log(tmp_path), tmp_path / "i.parquet"
    assert call("export", source, "-o", parquet) == 0
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert call("export", source, "-o", tmp_path / "out.parquet") == 2
    assert call("export", parquet, "-o", tmp_path / "out.csv") == 2
    assert capsys.readouterr().err.count('pip install "callsim[parquet]"') == 2
    assert not (tmp_path / "out.parquet").exists() and not (tmp_path / "out.csv").exists()


def test_more_rows_than_a_sheet_has_are_refused_with_what_holds_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CallsimError, match=r"1,048,576 rows do not fit .* has 1,048,575; write .csv or .parquet"):
        tables.check_rows(1_048_576)
    tables.check_rows(1_048_575)
    monkeypatch.setattr(tables, "MOST_ROWS", 5)
    assert call("export", log(tmp_path), "-o", tmp_path / "out.xlsx") == 2
    assert "do not fit into a sheet" in capsys.readouterr().err and not (tmp_path / "out.xlsx").exists()


def test_a_large_workbook_is_written_row_by_row_and_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = report_of(read_call_log(log(tmp_path)))
    monkeypatch.setattr(tables, "_MANY_CELLS", 1)
    path = tmp_path / "large.xlsx"
    path.write_bytes(report_file(report, ".xlsx"))
    assert read_interval_report(path).same_rows(report)


def test_no_room_to_put_a_large_workbook_together_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tables, "_MANY_CELLS", 1)
    monkeypatch.setattr("tempfile.mkstemp", full)
    assert call("export", log(tmp_path), "-o", tmp_path / "out.xlsx") == 4
    assert "could not be put together" in capsys.readouterr().err and not (tmp_path / "out.xlsx").exists()
