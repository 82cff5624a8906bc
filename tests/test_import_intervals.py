"""callsim import of interval reports: units, encodings, gaps, doubled and late rows, workbooks, mapping files; and its errors."""

from __future__ import annotations

import json
import os
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pytest

from experiments.cli.main import main
from sim.calibrate import calibrate_report
from sim.files.call_log import read_call_log
from sim.files.gaps import days_without, silent_stretches
from sim.files.importers.importing import Imported, Options, import_files
from sim.files.importers.mapping import Mapping, fits, lay_over, missing_columns, read_mapping, shipped
from sim.files.importers.recognize import recognize
from sim.files.interval_report import read_interval_report
from sim.files.report import Report
from sim.scenario.errors import CallsimError, CannotFinishError, ScenarioError
from tests import exports
from tests.exports import table

openpyxl = pytest.importorskip("openpyxl")

AVAYA = ["Date", "Interval", "Split/Skill", "ACD Calls", "Aban Calls", "Avg Speed Ans", "Avg Aban Time", "Avg ACD Time",
         "Avg ACW Time", "Avg Pos Staff"]  # fmt: skip
SHEET = ["date", "start", "queue", "offered", "answered", "abandoned", "aht"]


@pytest.fixture(autouse=True)
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLSIM_CONFIG", str(tmp_path / "config"))


def brought(tmp_path: Path, *contents: str | bytes, name: str = "export.csv", **options: object) -> tuple[Imported, Report]:
    paths = []
    for number, content in enumerate(contents):
        paths.append(tmp_path / f"{number}{name}")
        paths[-1].write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    folder = tmp_path / f"history {len(list(tmp_path.iterdir()))}"
    found = import_files(paths, folder, Options(**options))  # type: ignore[arg-type]
    return found, read_interval_report(folder / "intervals.csv")


def said(found: Imported) -> str:
    return "\n".join(f"{one.subject}: {one.text}" for one in found.findings)


def days_of(count: int, *, left_out: set[tuple[int, int]] = frozenset()) -> list[list[object]]:  # type: ignore[assignment]
    """Rows of a sheet: half-hours 08:00 to 18:00 of Mondays, 20 to 39 calls; (day, part) in `left_out` has no row."""
    return [
        [date(2026, 3, 2) + timedelta(weeks=day), f"{8 + part // 2:02d}:{30 * (part % 2):02d}", "q", 20 + part, 18 + part, 2, 240]
        for day in range(count)
        for part in range(20)
        if (day, part) not in left_out
    ]


def test_units_totals_repeated_headers_and_parts_of_the_handle_time(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Split/Skill report", *[""] * 9], [], AVAYA,  # type: ignore[list-item]
        ["11/14/2026", "9:00AM- 9:30AM", "Störung", 91, 9, ":18", ":46", "4:00", ":40", 13.6],
        AVAYA,  # type: ignore[list-item]
        ["11/14/2026", "12:30PM- 1:00PM", "Störung", 115, 10, "1:22", ":53", "0:04:10", ":40", 15.2],
        ["Total", "", "", 206, 19, "", "", "", "", ""],
        ["printed by somebody", *[""] * 9],
    ]  # fmt: skip
    found, report = brought(tmp_path, table([], rows).lstrip())
    assert found.forms[0].name == "avaya-cms-split-skill" and found.count == 2
    assert report.start.tolist() == [9 * 3600, 12.5 * 3600] and report.interval == 1800
    assert report.offered.tolist() == [100, 125] and report.aht.tolist() == [280, 290]
    assert report.wait_answered.tolist() == [91 * 18, 115 * 82] and report.staffed.tolist() == [13.6, 15.2]
    assert np.isnan(report.heads).all()
    for words in (
        "1 row of totals", "1 repeated header", "1 line below or between", "header stands in row 3", "cells of two parts",
        "taken as answered + abandoned", "talk + wrap-up", "whether that includes aux",
    ):  # fmt: skip
        assert words in said(found), words


def test_staffed_heads_are_taken_as_on_the_phones_and_marked_as_assumed(tmp_path: Path) -> None:
    header = ["date", "start", "offered", "abandoned", "aht", "avg pos staff"]
    times = [(day, hour) for day in range(2, 7) for hour in range(9, 17)]
    rows: list[list[object]] = [[f"2026-03-{day:02d}", f"{hour}:00", 60, 3, 200, 7] for day, hour in times]
    _, report = brought(tmp_path, table(header, rows))
    (found,) = calibrate_report(report)
    assert found.scenario.sources["groups.agents.agents"].status == "assumed"
    assert found.scenario.table()["groups"][0]["agents"]["per_interval"][0] == 7


@pytest.mark.parametrize(
    ("encoding", "separator", "said_so"),
    [("utf-8", ",", ""), ("utf-8-sig", ";", "decimal comma"), ("utf-16", "\t", "UTF-16"), ("gb18030", ",", "GB18030"),
     ("cp1252", ";", "Windows-1252")],
)  # fmt: skip
def test_a_sheet_in_any_encoding_is_the_same_sheet(encoding: str, separator: str, said_so: str, tmp_path: Path) -> None:
    queue = "投诉" if encoding == "gb18030" else "Störung"
    aht = "240,5" if separator == ";" else "240.5"
    text = table(SHEET, [["2026-03-02", f"{hour}:00", queue, 10, 9, 1, aht] for hour in range(8, 12)], separator=separator)
    found, report = brought(tmp_path, text.encode(encoding))
    assert report.call_types == (queue,) and report.aht.tolist() == [240.5] * 4
    assert said_so in said(found)


def test_what_is_missing_is_a_gap_and_not_zero_calls(tmp_path: Path) -> None:
    rows = days_of(6, left_out={(2, 10), (2, 11), (4, 0)})
    found, report = brought(tmp_path, table(SHEET, rows))
    gaps = [(str(gap.day), gap.clocks, gap.usual) for gap in found.gaps]
    assert gaps == [("2026-03-16", "13:00 - 14:00", 61), ("2026-03-30", "08:00 - 08:30", 20)]
    (calibrated,) = calibrate_report(report)
    assert calibrated.days == 4 and [one.why for one in calibrated.set_aside] == [
        "nothing recorded 13:00 - 14:00, where 61 calls are usual", "nothing recorded 08:00 - 08:30, where 20 calls are usual",
    ]  # fmt: skip
    assert calibrated.scenario.table()["call_types"][0]["arrivals"]["per_interval"] == tuple(range(20, 40))
    found, report = brought(tmp_path, table(SHEET, rows), missing="zero")
    assert not found.gaps and len(report) == 120 and report.offered.sum() == sum(int(str(row[3])) for row in rows)
    assert (np.diff([day.toordinal() * 86_400 + s for day, s in zip(report.day, report.start, strict=True)]) > 0).all()


def test_the_hour_that_clocks_leave_out_is_no_gap(tmp_path: Path) -> None:
    """A center open day and night on the Sundays of March; in Berlin 29 March has no 02:00 to 03:00."""
    rows = [
        [day, f"{hour:02d}:00", "q", 30, 28, 2, 240]
        for day in (date(2026, 3, 1) + timedelta(weeks=week) for week in range(5))
        for hour in range(24)
        if (day, hour) != (date(2026, 3, 29), 2)
    ]
    found, report = brought(tmp_path, table(SHEET, rows), zone="Europe/Berlin")
    assert not found.gaps and "2026-03-29 has no 02:00 - 03:00, for the clocks go forward: no gap" in said(found)
    again, report = brought(tmp_path, table(SHEET, rows), zone="Europe/Berlin", missing="zero")
    assert len(report) == 119 and not again.gaps
    for options in ({}, {"zone": "Asia/Shanghai"}):
        other, _ = brought(tmp_path, table(SHEET, rows), **options)  # type: ignore[arg-type]
        assert [gap.clocks for gap in other.gaps] == ["02:00 - 03:00"], options
    wider = [row for row in rows if (row[0], row[1]) != (date(2026, 3, 29), "03:00")]
    found, _ = brought(tmp_path, table(SHEET, wider), zone="Europe/Berlin")
    assert [gap.clocks for gap in found.gaps] == ["02:00 - 04:00"]


def test_silence_in_a_call_log_is_found_where_calls_are_usual(tmp_path: Path) -> None:
    days = [date(2026, 3, 2) + timedelta(days=step) for step in range(14) if step != 9]
    calls = np.zeros((13, 48))
    calls[:, 16:36] = 12.0
    calls[:, 40] = 1.0
    calls[5, 20:24] = 0.0  # 48 calls are missing
    calls[7, 30] = 0.0  # 12 may be chance
    (gap,) = silent_stretches(days, calls, 1800)
    assert (gap.day, gap.clocks, gap.usual) == (days[5], "10:00 - 12:00", 48)
    assert days_without(days) == [date(2026, 3, 11)]


def test_rows_that_stand_there_twice_are_one_or_an_error_or_as_stated(tmp_path: Path) -> None:
    rows = days_of(1)
    found, report = brought(tmp_path, table(SHEET, [*rows, rows[3]]))
    assert len(report) == 20 and "1 row that stands there twice, word for word" in said(found)
    other = [*rows[3][:3], 40, 36, 4, 200]
    with pytest.raises(ScenarioError, match=r"csv:22: start: this interval stands in line 5 already; --doubled last or sum"):
        brought(tmp_path, table(SHEET, [*rows, other]))
    _, report = brought(tmp_path, table(SHEET, [*rows, other]), doubled="last")
    assert report.offered[3] == 40 and report.aht[3] == 200
    _, report = brought(tmp_path, table(SHEET, [*rows, other]), doubled="sum")
    assert report.offered[3] == 63 and report.aht[3] == pytest.approx((21 * 240 + 36 * 200) / 57)
    with pytest.raises(ScenarioError, match="stands in line 5 already"):
        brought(tmp_path, table(SHEET, [*rows, rows[3]]), doubled="error")


def test_late_rows_of_a_later_file_stand(tmp_path: Path) -> None:
    rows = days_of(2)
    late = [[*row[:3], 99, 90, 9, 100] for row in rows[20:]]
    found, report = brought(tmp_path, table(SHEET, rows), table(SHEET, list(reversed(late))))
    assert report.offered.tolist() == [*range(20, 40), *[99] * 20]
    assert "late: 20 intervals stand in two files; those of the file that is named later stand" in said(found)


def test_import_export_import_is_the_same_report(tmp_path: Path) -> None:
    row: list[object] = ["11/14/2026", "9:00AM- 9:30AM", "a, b", 91, 9, ":18", ":46", "4:00", ":40", 13.6]
    found, report = brought(tmp_path, table(AVAYA, [row]))
    folder = found.files[0].parent
    for ending in (".csv", ".xlsx", ".parquet"):
        with pytest.raises(SystemExit) as end:
            main(["export", str(folder), "-o", str(tmp_path / f"out{ending}")])
        assert end.value.code == 0
        assert read_interval_report(tmp_path / f"out{ending}").same_rows(report)
    again = import_files([tmp_path / "out.csv"], tmp_path / "again", Options())
    assert (tmp_path / "again" / "intervals.csv").read_bytes() == (folder / "intervals.csv").read_bytes() and again.count == 1


# --- workbooks ----------------------------------------------------------------------------------------------------


def test_a_workbook_with_titles_hidden_sheets_and_times_is_read_with_its_cells(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.title = "März"
    for row in (["Hotline 10060"], [], ["Datum und Zeit"], SHEET):
        page.append(row)
    for part in range(4):
        page.append([datetime(2026, 3, 2), time(8 + part // 2, 30 * (part % 2)), "q", 20, 18, 2, time(4, 30)])
    page.append(["Summe", None, None, 80, 72, 8, None])
    book.create_sheet("notes").append(["nothing to see"])
    hidden = book.create_sheet("old")
    hidden.append(SHEET)
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "report.xlsx")
    found = import_files([tmp_path / "report.xlsx"], tmp_path / "history", Options())
    report = read_interval_report(tmp_path / "history" / "intervals.csv")
    assert report.aht.tolist() == [270] * 4 and found.count == 4
    for words in ("1 hidden sheets: old", "the sheet notes", "row of totals (row 9)", "such as 4:30", "(first: G5: 4:30)",
                  "header stands in row 4"):  # fmt: skip
        assert words in said(found), words
    import_files([tmp_path / "report.xlsx"], tmp_path / "hours", Options(times="h:mm"))
    assert read_interval_report(tmp_path / "hours" / "intervals.csv").aht.tolist() == [16_200] * 4


def test_all_that_is_wrong_in_a_workbook_is_named_with_its_cells_in_one_run(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.append(SHEET)
    page.append([date(2026, 3, 2), "08:00", "q", "many", 18, 2, 240])
    page.append([date(2026, 3, 2), "25:99", "q", 20, 18, 2, 240])
    page.append(["last Monday", "09:00", "q", 20, 18, 2, 240])
    page.append([date(2026, 3, 2), "09:30", "q", 20, -18, 2, 240])
    page.append([date(2026, 3, 2), "10:00", "q", 20, 18, 2, "long"])
    book.save(tmp_path / "report.xlsx")
    with pytest.raises(ScenarioError) as raised:
        import_files([tmp_path / "report.xlsx"], tmp_path / "history", Options())
    for words in ("Sheet!D2: offered: must be a number; found", "Sheet!B3: start: must be a clock time such as 08:30",
                  "Sheet!A4: date: must be a date such as 2026-03-12", "Sheet!E5: answered: must not be below 0; found -18",
                  "Sheet!G6: aht: must be seconds or a duration"):  # fmt: skip
        assert words in str(raised.value), words
    assert not (tmp_path / "history").exists()


# --- mapping files ------------------------------------------------------------------------------------------------

OWN = """
title = "our ACD"
rows = "intervals"
time_zone = "UTC"
interval = "15m"
denominator = ["answered", "abandoned", "flow_out"]
[keep]
Kanal = ["Telefon"]
[columns]
start = { titles = ["Zeit"], forms = ["%d.%m.%Y %H:%M"] }
answered = { titles = ["Angenommen"] }
abandoned = { titles = ["Verloren"] }
flow_out = { titles = ["Überlauf"] }
talk = { titles = ["Gespräch"], unit = "min" }
"""


def test_a_mapping_of_ones_own_says_columns_units_zone_and_denominator(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN, encoding="utf-8")
    rows: list[list[object]] = [
        ["02.03.2026 08:00", "Telefon", 9, 1, 2, "4,5"], ["02.03.2026 08:15", "Chat", 5, 0, 0, "1,0"],
        ["02.03.2026 08:30", "Telefon", 12, 0, 0, "5,0"],
    ]  # fmt: skip
    text = table(["ZEIT", "kanal", "angenommen", "verloren", "überlauf", "gespräch"], rows, separator=";")
    found, report = brought(tmp_path, text, mapping=tmp_path / "own.toml", zone="Asia/Shanghai")
    assert report.offered.tolist() == [12, 12] and report.aht.tolist() == [270, 300] and report.interval == 900
    assert report.start.tolist() == [16 * 3600, 16.5 * 3600]
    assert '1 row whose "kanal" is not telefon' in said(found)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('rows = "intervals"', 'rows = "weeks"'), 'own.toml:3: rows: must be "calls" or "intervals"; found "weeks"'),
        (('unit = "min"', 'unit = "minutes"'), "own.toml:14: columns.talk.unit: must be"),
        (("answered = {", "answred = {"), "columns.answred: no such column of intervals"),
        (("%d.%m.%Y %H:%M", "german"), "clock, hhmm, day.month, day/month, month/day or a format such as"),
        (('denominator = ["answered"', 'denominator = ["talk"'), "denominator: talk is no number of intervals"),
        (('time_zone = "UTC"', 'time_zone = "Mars"'), "time_zone: no time zone 'Mars'"),
        (('title = "our ACD"', "title = 5"), "own.toml:2: title: must be text in quotes"),
        (("start = {", "begin = {"), "columns.begin: no such column"),
        (("[columns]", "[columns"), "own.toml:9"),
    ],
)
def test_a_wrong_mapping_is_refused_with_line_and_what_is_allowed(change: tuple[str, str], words: str, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN.replace(*change), encoding="utf-8")
    with pytest.raises(CallsimError) as raised:
        brought(tmp_path, table(["Zeit", "Kanal", "Angenommen", "Verloren"], [["02.03.2026 08:00", "Telefon", 9, 1]]),
                mapping=tmp_path / "own.toml")  # fmt: skip
    assert words in str(raised.value)


def test_every_shipped_mapping_says_where_it_comes_from_and_no_two_know_one_header() -> None:
    known = shipped()
    assert len(known) >= 12
    for name, mapping in known.items():
        if not name.startswith("sheet-"):
            assert mapping.status == "from documentation, not tried on a real export", name
        header = [column.titles[0] for column in mapping.columns.values()]
        header += [title for column in mapping.columns.values() for title in column.plus] + list(mapping.keep)
        assert not missing_columns(lay_over(mapping, [*header, *mapping.known_by])), name
        others = [other for other, one in known.items() if one.known_by and fits(one, [*header, *mapping.known_by])]
        assert others in ([name], []), name


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[2] / "shared" / "formats").glob("*")), ids=lambda path: path.name)
def test_the_sample_exports_are_recognized(path: Path, tmp_path: Path) -> None:
    """Skipped, as no case, where the samples are absent."""
    unknown = {"README.txt", "asterisk_cdr_Master.csv"}
    if path.name in unknown:
        with pytest.raises(ScenarioError, match=r"in no form that is known|is empty"):
            recognize(path)
    elif "header" in path.name:  # a header only
        assert recognize(path).name == "talkdesk-contacts"
    else:
        assert import_files([path], tmp_path / "history", Options()).count >= 1


# --- the command --------------------------------------------------------------------------------------------------


def call(*words: object) -> int:
    with pytest.raises(SystemExit) as end:
        main([str(word) for word in words])
    assert isinstance(end.value.code, int)
    return end.value.code


def test_the_command_writes_calls_report_and_document_and_calibrate_reads_the_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log").write_text(exports.queue_log(exports.calls(2000, days=5)), encoding="utf-8")
    assert call("import", tmp_path / "log", "-o", tmp_path / "history", "--zone", "Europe/Berlin") == 0
    out = capsys.readouterr().out
    assert all(len(line) <= 100 for line in out.splitlines() if str(tmp_path) not in line)
    assert "2,000 calls; 5 days, 2026-03-02 to 2026-03-06" in out and "names" in out
    report = (tmp_path / "history" / "import-report.txt").read_text("utf-8")
    assert report.rstrip() in out
    document = json.loads((tmp_path / "history" / "import.json").read_text("utf-8"))
    assert document["schema"] == "callsim/import/1" and document["count"] == 2000 and document["hashed"]
    assert call("calibrate", tmp_path / "history", "-o", tmp_path / "story") == 0
    assert call("lint", tmp_path / "story") == 0
    assert call("export", tmp_path / "history", "-o", tmp_path / "x.csv", "--interval", "15m") == 0


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ((), 2, "FILES: name the exports"),
        (("log",), 2, "--output: name a new or empty folder"),
        (("log", "-o", "full"), 2, "is not empty"),
        (("log", "-o", "killed"), 2, "killed: holds what a killed import left; remove the folder"),
        (("log", "-o", "new", "--format", "avaya"), 2, "--format avaya: "),
        (("log", "-o", "new", "--format", "avaya-cms-hsplit"), 2, "has not the columns of Avaya CMS, table hsplit: start"),
        (("log", "-o", "new", "--dst", "summer"), 2, "--dst summer: must be wall clock, standard time, set aside"),
        (("log", "-o", "new", "--doubled", "twice"), 2, "--doubled twice: must be same, last, sum, error"),
        (("log", "-o", "new", "--keep-ids", "--id-key", "k"), 2, "--id-key: goes with hashes"),
        (("log", "-o", "new", "--format", "asterisk-queue-log", "--mapping", "m"), 2, "--mapping: says how the file is read"),
        (("missing", "-o", "new"), 2, "missing: no such file"),
        (("full", "-o", "new"), 2, "full: is a folder"),
        (("log", "sheet.csv", "-o", "new"), 2, "import them one after the other"),
        (("odd.csv", "-o", "new"), 2, "is in no form that is known here; found the titles apples, pears"),
        (("binary", "-o", "new"), 2, "is not a text file"),
        (("broken.json", "-o", "new"), 2, "broken.json:2: is not JSON"),
        (("other.json", "-o", "new"), 2, "is JSON of a form that is not known here; found a, b"),
        (("short.csv", "-o", "new"), 2, "short.csv:1: has 2 parts; a queue_log has at least 5"),
        (("log", "-o", "log/new"), 4, "log"),
    ],
)
def test_what_is_wrong_is_said_with_its_exit_code_and_nothing_is_written(
    words: tuple[str, ...], code: int, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("log").write_text(exports.queue_log(exports.calls(20)), encoding="utf-8")
    Path("sheet.csv").write_text(table(SHEET, days_of(1)), encoding="utf-8")
    Path("odd.csv").write_text("apples,pears\n1,2\n")
    Path("binary").write_bytes(b"\x00\x01\x02\xff\x00\x80")
    Path("broken.json").write_text('{"ContactId": "1", "InitiationTimestamp": "2026-03-02T08:00:00Z"}\n{"ContactId": \n')
    Path("other.json").write_text('{"a": 1, "b": 2}')
    Path("short.csv").write_text("1772438400|c\n")
    if "short.csv" in words:
        words = (*words, "--format", "asterisk-queue-log")
    Path("killed/.import-x1").mkdir(parents=True)
    Path("full").mkdir()
    Path("full/file").write_text("x")
    assert call("import", *words) == code
    error = capsys.readouterr().err
    assert message in error and "Traceback" not in error
    assert not Path("new/calls.csv").exists() and not Path("new/intervals.csv").exists()


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "log").write_text(exports.queue_log(exports.calls(20)), encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotFinishError, match="the disk is full"):
        import_files([tmp_path / "log"], tmp_path / "history", Options(keep_ids=True))
    assert not (tmp_path / "history").exists()


def test_a_log_that_is_not_sorted_is_sorted_day_by_day(tmp_path: Path) -> None:
    made = exports.calls(300, days=4)
    lines = exports.tcd(made).splitlines(keepends=True)
    for name, text in (("a.csv", lines), ("b.csv", [lines[0], *reversed(lines[1:])])):
        (tmp_path / name).write_text("".join(text), encoding="utf-8")
        import_files([tmp_path / name], tmp_path / f"of {name}", Options(keep_ids=True))
    first, second = (read_call_log(tmp_path / f"of {name}" / "calls.csv") for name in ("a.csv", "b.csv"))
    assert np.array_equal(first.arrival, second.arrival) and np.array_equal(first.end, second.end)
    assert (np.diff(first.day * 10**12 + first.arrival) > 0).all()


def test_a_mapping_file_is_read_as_shipped_ones_are(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN, encoding="utf-8")
    assert isinstance(read_mapping(tmp_path / "own.toml"), Mapping)
