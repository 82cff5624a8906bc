"""callsim import: what stands of records that change, folders after an error, hours that come twice, calls nobody took."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.cli.main import main
from sim.calls import Outcome
from sim.files.call_log import read_call_log
from sim.files.importers.importing import Options, import_files
from sim.files.interval_report import read_interval_report
from sim.scenario.errors import CallsimError, ScenarioError
from tests import exports
from tests.exports import TITLES, table
from tests.strategies import table_cells
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


def test_aggregates_of_several_media_and_queues_with_metrics_that_are_missing(tmp_path: Path) -> None:
    def entry(hour: int, **metrics: dict[str, float]) -> dict[str, object]:
        said = [{"metric": name, "stats": stats} for name, stats in metrics.items()]
        return {"interval": f"2026-03-02T{hour:02d}:00:00.000Z/2026-03-02T{hour:02d}:30:00.000Z", "metrics": said or None}

    voice = [
        entry(9, nOffered={"count": 10}, tAnswered={"count": 8, "sum": 80_000, "max": 20_000},
              tAbandon={"count": 2, "sum": 95_000, "max": 90_000}, tHandle={"count": 8, "sum": 800_000}),
        entry(10, nOffered={"count": 3}), entry(11),
    ]  # fmt: skip
    results: list[dict[str, object]] = [
        {"group": {"mediaType": "voice", "queueId": "a"}, "data": voice}, {"group": {"mediaType": "voice", "queueId": "c"}},
        {"group": {"mediaType": "chat", "queueId": "a"}, "data": [entry(9, nOffered={"count": 99})]},
        {"group": {"mediaType": "voice", "queueId": "b"}, "data": [entry(9, nOffered={"count": 5}, tAnswered={"count": 5})]},
    ]  # fmt: skip
    found, folder = brought(tmp_path, json.dumps({"results": results}), "g.json")
    report = read_interval_report(folder / "intervals.csv")
    assert report.names() == ["a", "a", "a", "b"] and report.offered.tolist() == [10, 3, 0, 5]
    assert report.answered.tolist() == [8, 0, 0, 5] and report.aht[0] == 100
    assert (report.longest_wait != report.longest_wait).all(), "the longest wait of the answered is not that of all"
    assert '1 row whose "mediaType" is not voice' in said(found)
    voice[1]["metrics"] = [{"metric": "nOffered"}]
    with pytest.raises(ScenarioError, match=r"g\.json:1: results\[0\]\.data\[1\] is not of an answer"):
        brought(tmp_path, json.dumps({"results": results}), "g.json")


def test_a_file_without_titles_is_refused_without_naming_anybody(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="in no form") as raised:
        brought(tmp_path, "Eva Muster,+49301234567,hello 5\nMax Frei,+4930999,x\n")
    assert "Eva" not in str(raised.value) and "4930" not in str(raised.value)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    titles=st.sampled_from(TITLES), rows=st.lists(st.lists(table_cells, min_size=3, max_size=11), max_size=6),
    separator=st.sampled_from(",;\t|"), cut=st.integers(0, 60),
    options=st.sampled_from([(), ("--zone", BERLIN), ("--keep-ids",)]),
)  # fmt: skip
def test_whatever_a_table_holds_it_is_read_or_refused(
    titles: list[str], rows: list[list[str]], separator: str, cut: int, options: tuple[str, ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    folder = tmp_path_factory.mktemp("import")
    content = table(titles, [list(row) for row in rows], separator=separator).encode("utf-8", "replace")
    (folder / "x.csv").write_bytes(content[: len(content) - cut] if cut % 3 == 0 else content)
    with pytest.raises(SystemExit) as end:
        main(["import", str(folder / "x.csv"), "-o", str(folder / "out"), *options])
    assert end.value.code in (0, 2), "never a fault, whatever the file"
