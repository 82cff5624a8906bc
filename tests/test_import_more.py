"""callsim import: what stands of records that change, folders after an error, hours that come twice, calls nobody took."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from sim.calls import Outcome
from sim.files.call_log import read_call_log
from sim.files.importers.importing import Options, import_files
from sim.files.interval_report import read_interval_report
from sim.scenario.errors import CallsimError, ScenarioError
from tests import exports
from tests.exports import table
from tests.test_import import BERLIN, brought, said
from tests.test_import_intervals import SHEET, days_of


@pytest.fixture(autouse=True)
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLSIM_CONFIG", str(tmp_path / "config"))


def test_call_types_and_callers_are_those_of_the_records_that_stand(tmp_path: Path) -> None:
    (call,) = exports.calls(1)
    records = [exports.contact_record(call._replace(queue="old")), exports.contact_record(call._replace(queue="new"), updated=1)]
    records[1]["CustomerEndpoint"] = None
    found, _ = brought(tmp_path, "\n".join(map(json.dumps, records)), "c.json")
    assert found.call_types == ("new",) and not found.callers


def test_an_import_that_fails_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError):
        brought(tmp_path, exports.five9(exports.calls(5)).replace("00:00", "x"), "bad.csv")
    assert not (tmp_path / "history bad.csv").exists()
    (tmp_path / "history worse.csv").mkdir()
    with pytest.raises(ScenarioError):
        brought(tmp_path, exports.five9(exports.calls(5)).replace("00:00", "x"), "worse.csv")
    assert (tmp_path / "history worse.csv").is_dir(), "who made it may want it"


def test_a_call_that_the_export_does_not_call_abandoned_is_not(tmp_path: Path) -> None:
    (call,) = (call._replace(agent="", ring=0, talk=0, hold=0, wrap_up=0, wait=30) for call in exports.calls(1))
    text = exports.five9([call]).replace(",1\r\n", ",0\r\n")
    found, folder = brought(tmp_path, text)
    assert read_call_log(folder / "calls.csv").outcome.tolist() == [int(Outcome.DEFLECTED)]
    assert "1 caller whom no agent answered and who did not give up either" in said(found)


def test_an_hour_that_stands_there_twice_is_not_the_hour_that_clocks_show_twice(tmp_path: Path) -> None:
    header = "Interval Start,Interval End,Media Type,Queue Name,Offer,Answer,Abandon\n"
    row = "2026-10-25T{}:00:00Z,2026-10-25T{}:00:00Z,voice,q,10,8,2\n"
    path = tmp_path / "g.csv"
    path.write_text(header + row.format("00", "01") * 2 + row.format("02", "03"))
    found = import_files([path], tmp_path / "history", Options(zone=BERLIN))
    assert "word for word" in said(found)
    assert read_interval_report(tmp_path / "history" / "intervals.csv").offered.tolist() == [10, 10]


def test_parquet_needs_no_import(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"PAR1\x00\x01PAR1")
    with pytest.raises(CallsimError, match=r"x\.parquet: is Parquet.*calibrate"):
        import_files([tmp_path / "x.parquet"], tmp_path / "history", Options())


def test_a_sheet_per_month_is_one_report_and_findings_name_the_sheet(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for month in (3, 4):
        page = book.create_sheet(f"2026-{month:02d}")
        page.append(SHEET)
        for row in days_of(1):
            page.append([date(2026, month, 2), *row[1:]])
        page.append(["Summe", None, None, 590, 550, 40, None])
    book.save(tmp_path / "r.xlsx")
    found = import_files([tmp_path / "r.xlsx"], tmp_path / "history", Options())
    assert found.count == 40 and "2 rows of totals (first: 2026-03 row 22)" in said(found)


def test_two_files_out_of_order_are_in_the_order_of_time(tmp_path: Path) -> None:
    rows = days_of(4)
    for name, part in (("b.csv", rows[40:]), ("a.csv", rows[:40])):
        (tmp_path / name).write_text(table(SHEET, part), encoding="utf-8")
    import_files([tmp_path / "b.csv", tmp_path / "a.csv"], tmp_path / "history", Options())
    report = read_interval_report(tmp_path / "history" / "intervals.csv")
    assert list(report.day) == sorted(report.day) and len(report) == 80
