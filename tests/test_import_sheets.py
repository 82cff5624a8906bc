"""callsim import of sheets as Excel in several languages really writes them: dates, midnight, totals, units, several files."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from sim.files.call_log import read_call_log
from sim.files.importers.importing import Options, import_files
from sim.files.interval_report import read_interval_report
from sim.scenario.errors import CallsimError, ScenarioError
from tests import exports
from tests.exports import table
from tests.test_import_intervals import AVAYA, SHEET, brought, days_of, said

openpyxl = pytest.importorskip("openpyxl")


@pytest.fixture(autouse=True)
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLSIM_CONFIG", str(tmp_path / "config"))


# --- dates and times ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "start", "options"),
    [("14.11.2026", "8:30", {}), ("14.11.26", "08:30", {}), ("2026/11/14", "8:30", {}), ("2026年11月14日", "上午8:30", {}),
     ("", "2026/11/14 8:30", {}), ("", "14.11.2026 08:30", {}), ("", "2026-11-14T08:30:00", {}),
     ("14/11/2026", "8:30", {"dates": "day/month"}), ("11/14/26", "8:30 AM", {"dates": "month/day"})],
)  # fmt: skip
def test_dates_as_excel_writes_them_in_german_chinese_and_english(
    day: str, start: str, options: dict[str, object], tmp_path: Path
) -> None:
    header = ["Date", "Start", "Offered", "Abandoned"] if day else ["Day", "Start", "Offered", "Abandoned"]
    header[0] = header[0] if day else "Note"
    _, report = brought(tmp_path, table(header, [[day, start, 20, 2]], separator=";"), **options)
    assert report.day == (date(2026, 11, 14),) and report.start.tolist() == [8.5 * 3600]


def test_a_date_that_may_be_read_in_two_ways_is_said_or_asked_for(tmp_path: Path) -> None:
    rows: list[list[object]] = [[f"03/{day:02d}/2026", "9:00AM", "q", 10, 1, 20, 20, 60, 20, 3] for day in (4, 5, 13)]
    found, report = brought(tmp_path, table(AVAYA, rows))
    assert report.days() == [date(2026, 3, day) for day in (4, 5, 13)]
    assert "2 dates were read as month/day; --dates day/month changes it" in said(found)
    assert '(first: line 2: "03/04/2026" is 2026-03-04)' in said(found)
    assert next(one for one in found.findings if one.subject == "dates").assumed
    found, report = brought(tmp_path, table(AVAYA, rows[:2]), dates="day/month")
    assert report.days() == [date(2026, 4, 3), date(2026, 5, 3)] and "2 dates were read as day/month; as stated" in said(found)
    sheet: list[list[object]] = [["03/04/2026", "09:00", "q", 20, 18, 2, 240]]
    with pytest.raises(ScenarioError, match=r'csv:2: date: .*found "03/04/2026"; --dates day/month or --dates month/day says'):
        brought(tmp_path, table(SHEET, sheet))


def test_times_of_a_workbook_may_be_off_by_a_hair_and_end_at_24_00(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.append(SHEET)
    for at, clock in enumerate((0.9583333333, 0.97916666, 1.0), 2):
        page.append([datetime(2026, 3, 2), clock, "q", 20, 18, 2, timedelta(hours=25)])
        page.cell(at, 2).number_format = "hh:mm"
    page.cell(2, 7).value, page.cell(2, 7).number_format = 1.0, "hh:mm"
    book.save(tmp_path / "late.xlsx")
    import_files([tmp_path / "late.xlsx"], tmp_path / "history", Options())
    report = read_interval_report(tmp_path / "history" / "intervals.csv")
    assert list(zip(report.day, report.start.tolist(), strict=True)) == [
        (date(2026, 3, 2), 23 * 3600), (date(2026, 3, 2), 23.5 * 3600), (date(2026, 3, 3), 0),
    ]  # fmt: skip
    assert report.interval == 1800 and report.aht.tolist() == [86_400, 90_000, 90_000]


def test_times_after_midnight_of_the_day_before_are_said(tmp_path: Path) -> None:
    rows: list[list[object]] = [["2026-03-02", clock, "q", 20, 18, 2, 240] for clock in ("24:00", "24:30", "25:00")]
    found, report = brought(tmp_path, table(SHEET, rows))
    assert report.days() == [date(2026, 3, 3)] and report.start.tolist() == [0, 1800, 3600]
    assert '3 times from 24:00 on were read as those of the day after the row\'s date (first: line 2: "24:00")' in said(found)


def test_a_date_in_merged_cells_is_that_of_all_rows_beside_them(tmp_path: Path) -> None:
    rows = [[row[0] if at % 20 == 0 else "", *row[1:]] for at, row in enumerate(days_of(2))]
    found, report = brought(tmp_path, table(SHEET, rows))
    assert report.days() == [date(2026, 3, 2), date(2026, 3, 9)] and len(report) == 40
    assert "38 empty cells of the date were taken to be of the day above (first: line 3)" in said(found)
    rows[0][0] = ""
    with pytest.raises(ScenarioError, match=r"csv:2: date: must be a date"):
        brought(tmp_path, table(SHEET, rows))


# --- rows that are none -------------------------------------------------------------------------------------------


def test_units_totals_of_days_and_queues_and_averages_are_no_intervals(tmp_path: Path) -> None:
    rows = days_of(1)
    extra: list[list[object]] = [
        ["2026-03-02", "Total", "q", 590, 550, 40, 240], ["2026-03-02", "08:00", "Total", 20, 18, 2, 240],
        ["Summe 02.03.2026", "", "", 590, 550, 40, 240], ["2026/3/2 汇总", "", "", 590, 550, 40, 240],
        ["Durchschnitt", "", "", 29.5, 27.5, 2, 240],
    ]  # fmt: skip
    units: list[object] = ["", "", "", "calls", "calls", "calls", "s"]
    found, report = brought(tmp_path, table(SHEET, [units, *rows, *extra]))
    assert len(report) == 20 and report.call_types == ("q",)
    assert "5 rows of totals" in said(found) and "1 row without a number (line 2)" in said(found)


def test_what_stands_for_nothing_is_nothing_and_said(tmp_path: Path) -> None:
    rows: list[list[object]] = [["2026-03-02", "08:00", "q", 0, 0, 0, "-"], ["2026-03-02", "08:30", "q", 0, "-", 0, "#DIV/0!"],
                                ["2026-03-02", "09:00", "q", "'20", "1\u2009800", 2, 240]]  # fmt: skip
    rows[2][4] = "18"
    found, report = brought(tmp_path, table(SHEET, rows))
    assert report.offered.tolist() == [0, 0, 20] and report.aht[~(report.aht != report.aht)].tolist() == [240]
    assert '3 cells that hold a sign for nothing were taken as empty (first: line 2: "-")' in said(found)
    rows[1][3] = "#DIV/0!"
    with pytest.raises(ScenarioError, match="csv:3: offered: must be a number"):
        brought(tmp_path, table(SHEET, rows))


def test_a_number_with_signs_for_thousands_is_in_the_unit_of_its_column(tmp_path: Path) -> None:
    header = "Interval Start,Interval End,Media Type,Queue Name,Offer,Answer,Abandon,ASA,Avg Handle\n"
    row = "2026-03-02T08:00:00Z,2026-03-02T08:30:00Z,voice,q,10,9,1,18'000,240\u2009000\n"
    _, report = brought(tmp_path, header + row)
    assert report.wait_answered.tolist() == [9 * 18] and report.aht.tolist() == [240]


@pytest.mark.parametrize(
    "change",
    [lambda text: text.replace("\n", ",,\r\n"), lambda text: text.replace("\r\n", "\r"), lambda text: "sep=,\r\n" + text,
     lambda text: "\ufeff" + text, lambda text: text.replace("aht", '"aht\nin s"'),
     lambda text: text.replace(",q,", ",q,,").replace("queue,", "queue,,")],
)  # fmt: skip
def test_signs_around_a_table_change_nothing(change, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    text = table(SHEET, days_of(2))
    _, plain = brought(tmp_path, text)
    _, changed = brought(tmp_path, change(text))
    assert [day.isoformat() for day in changed.day] == [day.isoformat() for day in plain.day]
    assert changed.offered.tolist() == plain.offered.tolist()


def test_a_german_sheet_is_read_as_excel_saves_it(tmp_path: Path) -> None:
    text = (
        "Hotline Störung;;;;;;\r\nZeitraum: 14.11.2026 - 15.11.2026;;;;;;\r\n;;;;;;\r\n;;;Anrufe;;;Zeiten;\r\n"
        "Datum;Von;Skill;Angeboten;Angenommen;Verloren;AHT;\r\n;hh:mm;;Stück;Stück;Stück;s;\r\n"
        "14.11.2026;08:00;Störung;1.214,0;1200;14;240,5;\r\n14.11.2026;08:30;Störung;1210;1'200;10;-;\r\n"
        "Summe 14.11.2026;;;2.424,0;2.400,0;24;;\r\n\r\nErstellt am 16.11.2026;;;;;;;\r\n"
    )
    found, report = brought(tmp_path, text.encode("cp1252"))
    assert found.forms[0].name == "sheet-intervals" and report.call_types == ("Störung",)
    assert report.offered.tolist() == [1214, 1210] and report.answered.tolist() == [1200, 1200] and report.aht[0] == 240.5
    for words in ("Windows-1252", "1 row without a number (line 6)", "1 row of totals (line 9)", "1 line below or between"):
        assert words in said(found), words


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_titles_above_a_short_table_do_not_hide_what_separates_its_cells(separator: str, tmp_path: Path) -> None:
    above = "Interval report\nHotline\nprinted today\nby somebody\n\n"
    _, report = brought(tmp_path, above + table(SHEET, days_of(1)[:1], separator=separator))
    assert report.offered.tolist() == [20]


# --- lengths, several files and sheets ----------------------------------------------------------------------------


def test_one_time_beside_the_grid_is_named_and_does_not_make_intervals_of_minutes(tmp_path: Path) -> None:
    rows = days_of(3)
    rows[30][1] = "13:05"
    with pytest.raises(ScenarioError, match=r"csv:32: start: lies beside the intervals of 30m .*13:05"):
        brought(tmp_path, table(SHEET, rows))


def test_an_interval_that_ends_at_midnight_or_before_it_begins(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        'title = "x"\nrows = "intervals"\n[columns]\ndate = { titles = ["date"] }\n'
        'start = { titles = ["from"], forms = ["clock"] }\nend = { titles = ["to"], forms = ["clock"] }\n'
        'offered = { titles = ["offered"] }\nabandoned = { titles = ["abandoned"] }\n'
    )
    rows: list[list[object]] = [["2026-03-02", "23:00", "23:30", 5, 0], ["2026-03-02", "23:30", "0:00", 5, 0]]
    _, report = brought(tmp_path, table(["date", "from", "to", "offered", "abandoned"], rows), mapping=tmp_path / "own.toml")
    assert report.interval == 1800
    rows.append(["2026-03-03", "08:00", "08:15", 5, 0])
    with pytest.raises(CallsimError, match=r"0export.csv:4: .*15m.*30m"):
        brought(tmp_path, table(["date", "from", "to", "offered", "abandoned"], rows), mapping=tmp_path / "own.toml")


def test_files_of_one_queue_each_without_its_name_are_not_laid_over_each_other_in_silence(tmp_path: Path) -> None:
    header = [title for title in SHEET if title != "queue"]
    rows = [[*row[:2], *row[3:]] for row in days_of(1)]
    other = [[*row[:2], 50, 48, 2, 200] for row in rows]
    found, report = brought(tmp_path, table(header, rows), table(header, other))
    assert report.offered.tolist() == [50] * 20
    late = next(one for one in found.findings if one.subject == "late")
    assert late.assumed and "1export.csv line 2" in late.text


def test_two_sheets_that_say_different_things_of_one_interval_are_told_apart(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name, offered in (("Januar", 20), ("Februar", 30)):
        page = book.create_sheet(name)
        page.append(SHEET)
        page.append([date(2026, 3, 2), time(8), "q", offered, 18, 2, 240])
    book.remove(book["Sheet"])
    book.save(tmp_path / "r.xlsx")
    with pytest.raises(ScenarioError, match=r"Februar!A2: start: this interval stands in .*Januar!A2 already"):
        import_files([tmp_path / "r.xlsx"], tmp_path / "history", Options())


def test_a_day_that_clocks_change_on_is_set_aside_also_in_local_times(tmp_path: Path) -> None:
    rows = [[day, *row[1:]] for day in ("2026-03-28", "2026-03-29", "2026-03-30") for row in days_of(1)]
    found, report = brought(tmp_path, table(SHEET, rows), zone="Europe/Berlin", dst="set aside")
    assert report.days() == [date(2026, 3, 28), date(2026, 3, 30)] and "2026-03-29, when clocks change" in said(found)
    with pytest.raises(CallsimError, match="--dst: set aside needs the call center's zone"):
        brought(tmp_path, table(SHEET, rows), dst="set aside")


# --- what stands below the rows -----------------------------------------------------------------------------------

SUMMARY: list[list[object]] = [
    [], ["Summary", "", "", "", "", "", ""], ["Queue", "Calls", "Answered", "Share", "", "", ""],
    ["q", 590, 550, "93 %", "", "", ""], ["Total", 590, 550, "93 %", "", "", ""], [],
    ["Mean handle time", 240, "", "", "", "", ""],
]  # fmt: skip


def test_a_summary_below_the_rows_is_left_out_with_its_lines(tmp_path: Path) -> None:
    rows = days_of(1)
    found, report = brought(tmp_path, table(SHEET, [*rows, *SUMMARY]))
    assert len(report) == 20 and report.offered.sum() == sum(int(str(row[3])) for row in rows)
    assert 'a summary below the rows, lines 23 to 28: "Summary"' in said(found)
    longer = [*rows, [], ["Total", 590, 550, 40, 240, 7, 7, 7, 7], ["of it", "q", 590, 1, 2, 3, 4, 5, 6]]
    found, report = brought(tmp_path, table(SHEET, longer))  # more cells than the header
    assert len(report) == 20 and 'lines 23 to 24: "Total"' in said(found)


def test_a_summary_in_a_workbook_is_left_out_too(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [SHEET, *days_of(1), *SUMMARY]:
        book.active.append(row)
    book.save(tmp_path / "export.xlsx")
    found = import_files([tmp_path / "export.xlsx"], tmp_path / "history", Options())
    assert found.count == 20 and 'a summary below the rows, rows 23 to 28: "Summary"' in said(found)


@pytest.mark.parametrize(
    "below",
    [
        [["Mean handle time", 240, "", "", "", "", ""]],  # no empty row before it
        [[], ["q", 590, 550, 40, "", "", ""]],  # neither a title nor totals
        [[], ["Summary", "", "", "", "", "", ""], ["q", 5, "", "", "", "", ""], ["2026-03-09", "8:00", "q", 20, 18, 2, 240]],
        [[], ["Summary", "", "", "", "", "", ""], ["2026-03-02", 590, "", "", "", "", ""]],  # a day's sum
    ],
)
def test_what_may_be_rows_is_no_summary_and_what_is_wrong_in_it_is_named(below: list[list[object]], tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as found:
        brought(tmp_path, table(SHEET, [*days_of(1), *below]))
    assert "0export.csv:2" in str(found.value)


def test_footnotes_and_rows_after_an_empty_row_are_what_they_were(tmp_path: Path) -> None:
    rows = days_of(1)
    text = table(SHEET, [*rows[:7], [], *rows[7:], [], ["Total", "", "", 590], ["printed 2026-03-09"]])
    found, report = brought(tmp_path, text)
    assert len(report) == 20 and "1 row of totals" in said(found) and "1 line below or between" in said(found)
    assert "summary" not in said(found)


# --- calls --------------------------------------------------------------------------------------------------------


def test_calls_without_the_parts_of_their_id_are_not_taken_for_one(tmp_path: Path) -> None:
    made = exports.calls(40)
    rows = [line.split(",") for line in exports.tcd(made).replace('"bill, query"', "bills").splitlines()]
    empty = [rows[0], *([row[0], "", "", "", *row[4:]] for row in rows[1:])]
    shorter = [[*row[:3], *row[4:]] for row in rows]  # legs of a call differ in the number that is left out
    for row in shorter[1:]:
        row[2] = "1001"
    for number, lines in enumerate((empty, shorter)):
        path = tmp_path / f"{number}.csv"
        path.write_text("\n".join(map(",".join, lines)), encoding="utf-8")
        assert import_files([path], tmp_path / f"history {number}", Options(keep_ids=True)).count == 40


def test_a_sheet_may_say_which_group_answered(tmp_path: Path) -> None:
    head = ["Date", "Call started", "Wait length", "Service length", "Queue", "Agent", "Group"]
    rows: list[list[object]] = [
        ["2026-03-02", "09:00:00", 5, 60, "bills", "a1", "north"], ["2026-03-02", "09:01:00", 9, 80, "bills", "a2", "south"],
        ["2026-03-02", "09:02:00", 30, 0, "bills", "", "south"],
    ]  # fmt: skip
    path = tmp_path / "sheet.csv"
    path.write_text(table([one.replace(" ", "_").lower() for one in head], rows), encoding="utf-8")
    found = import_files([path], tmp_path / "history", Options(keep_ids=True))
    history = read_call_log(found.files[0])
    assert [history.groups[code] if code >= 0 else "" for code in history.group] == ["north", "south", ""]


def test_an_answer_without_a_time_is_said(tmp_path: Path) -> None:
    text = exports.fusionpbx(exports.calls(5)).replace("cc_queue_answered_epoch", "other")
    path = tmp_path / "cdr.csv"
    path.write_text(text, encoding="utf-8")
    found = import_files([path], tmp_path / "history", Options())
    assert "answered calls without a wait or a time of the answer: answered at once" in said(found)


def test_zeros_fill_a_report_of_callsims_own_as_any_other(tmp_path: Path) -> None:
    found, _ = brought(tmp_path, table(SHEET, days_of(6, left_out={(2, 10)})))
    again = import_files(found.files, tmp_path / "again", Options(missing="zero"))
    assert again.count == 120 and not again.gaps
