"""Tables beside a scenario file: every form that planners' tools write, and what is said of wrong ones."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from sim.files import load, problems_of
from sim.scenario.scenario import Scenario

SCENARIO = """name = "small day"
[calendar]
start = 2026-03-12
opens = "09:00"
closes = "11:00"
[[call_types]]
name = "questions"
arrivals = {{ file = "{file}", column = "calls" }}
talk = {{ exponential = {{ mean = "3m" }} }}
[[groups]]
name = "desk"
skills = ["questions"]
agents = 5
"""
ROWS = "start,calls\n09:00,40\n09:30,50\n10:00,45\n10:30,41\n"


def story(tmp_path: Path, content: bytes | str, file: str = "plan.csv") -> Path:
    (tmp_path / file).write_bytes(content.encode() if isinstance(content, str) else content)
    (tmp_path / "scenario.toml").write_text(SCENARIO.format(file=file))
    return tmp_path


def calls(scenario: Scenario) -> tuple[object, ...]:
    given = scenario.call_types[0].arrivals.per_interval
    assert isinstance(given, tuple)
    return given


def errors(path: Path) -> list[str]:
    return [str(problem) for problem in problems_of(path) if problem.severity == "error"]


def warned(path: Path) -> str:
    return "\n".join(str(problem) for problem in problems_of(path) if problem.severity == "warning")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (ROWS, (40, 50, 45, 41)),
        (b"\xef\xbb\xbf" + ROWS.encode(), (40, 50, 45, 41)),
        (ROWS.replace(",", ";").replace("40", "40,5").replace("50", "1.250,25"), (40.5, 1250.25, 45, 41)),
        (ROWS.replace(",", "\t"), (40, 50, 45, 41)),
        (ROWS.encode("utf-16"), (40, 50, 45, 41)),
        (ROWS.replace("start", "时段").encode("gb18030"), (40, 50, 45, 41)),
        (ROWS.replace("\n", "\r\n"), (40, 50, 45, 41)),
        (ROWS + "\n,,\n", (40, 50, 45, 41)),
        ("sep=;\n" + ROWS.replace(",", ";"), (40, 50, 45, 41)),
        ("start,calls\n10:30,41\n09:30,50\n09:00,40\n10:00,45\n", (40, 50, 45, 41)),
        (ROWS.replace("40", '"1,040"'), (1040, 50, 45, 41)),
        ("calls\n40\n50\n45\n41\n", (40, 50, 45, 41)),
    ],
    ids=["plain", "byte-order mark", "semicolons and decimal commas", "tabs", "utf-16", "gb18030", "windows lines",
         "blank rows", "sep line", "another order", "thousands", "no clock column"],
)  # fmt: skip
def test_the_forms_of_a_csv_give_the_same_numbers(content: bytes | str, expected: tuple[float, ...], tmp_path: Path) -> None:
    assert calls(load(story(tmp_path, content))) == expected


def test_a_row_of_totals_is_left_out_and_said(tmp_path: Path) -> None:
    folder = story(tmp_path, ROWS + "Total,176\n")
    assert calls(load(folder)) == (40, 50, 45, 41)
    assert "plan.csv:6" in warned(folder) and "a row of totals was left out" in warned(folder)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (ROWS.replace("09:30,50\n", ""), "plan.csv: call_types.questions.arrivals: no row for 09:30"),
        (ROWS.replace("10:00", "09:30"), "plan.csv:4: call_types.questions.arrivals: the interval 09:30 is there twice"),
        (ROWS.replace("50", "many"), 'plan.csv:3: call_types.questions.arrivals: must be a number; found "many"'),
        (ROWS.replace("50", ""), "plan.csv:3: call_types.questions.arrivals: must be a number; the cell is empty"),
        (ROWS.replace("50", "-50"), "plan.csv:3: call_types.questions.arrivals: must be a number not below 0; found -50"),
        (ROWS.replace("50", "inf"), 'plan.csv:3: call_types.questions.arrivals: must be a number; found "inf"'),
        (ROWS.replace("calls", "anrufe"), 'plan.csv: no column "calls"'),
        (ROWS.replace("50", "12,50"), "plan.csv:3: has 3 cells, the header 2; a number with a comma must stand in quotes"),
        ("start,calls\n", "has a header and no rows"),
        ("", "is empty"),
        (b"\x00\x01\x02\xff", "is not a text file"),
    ],
)
def test_a_wrong_table_is_named_with_its_line_value_and_what_is_allowed(
    content: bytes | str, said: str, tmp_path: Path
) -> None:
    found = "\n".join(errors(story(tmp_path, content)))
    assert said in found


def test_every_wrong_cell_is_said_at_once(tmp_path: Path) -> None:
    assert len(errors(story(tmp_path, ROWS.replace("50", "x").replace("45", "y").replace("41", "-1")))) == 3


def test_a_missing_table_and_a_folder_in_its_place_are_named(tmp_path: Path) -> None:
    folder = story(tmp_path, ROWS)
    (folder / "plan.csv").unlink()
    assert "plan.csv: no such file" in "\n".join(errors(folder))
    (folder / "plan.csv").mkdir()
    assert "is a folder, not a file" in "\n".join(errors(folder))


# --- workbooks ---------------------------------------------------------------------------------------------------


def workbook(tmp_path: Path, rows: list[list[object]], column: str = "calls") -> Path:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "Plan"
    for row in [["start", "calls", "aht"], *rows]:
        book.active.append(row)
    book.save(tmp_path / "plan.xlsx")
    text = SCENARIO.format(file="plan.xlsx")
    if column == "aht":
        laws = '{ empirical = { values = { file = "plan.xlsx", sheet = "Plan", column = "aht" } } }'
        text = text.replace('{ exponential = { mean = "3m" } }', laws)
    (tmp_path / "scenario.toml").write_text(text)
    return tmp_path


def test_a_workbook_gives_the_numbers_of_its_cells(tmp_path: Path) -> None:
    rows: list[list[object]] = [[time(9, 0), 40, 0], [time(9, 30), 50.5, 0], ["10:00", "45", 0], [time(10, 30), 41, 0]]
    assert calls(load(workbook(tmp_path, rows))) == (40, 50.5, 45, 41)


def test_a_handle_time_written_4_30_is_minutes_and_seconds_and_that_is_said(tmp_path: Path) -> None:
    times = [time(4, 30), "4:45", 300, "5m"]
    rows: list[list[object]] = [[time(9 + i // 2, 30 * (i % 2)), 40, aht] for i, aht in enumerate(times)]
    folder = workbook(tmp_path, rows, column="aht")
    talk = load(folder).call_types[0].talk
    assert talk.values == (270.0, 285.0, 300.0, 300.0)  # type: ignore[union-attr]
    assert "plan.xlsx!Plan!C2" in warned(folder) and "4:30 was read as minutes and seconds: 4m30s" in warned(folder)


def test_an_empty_formula_is_named_by_its_cell_with_what_to_do(tmp_path: Path) -> None:
    rows: list[list[object]] = [[time(9, 0), 40, 0], [time(9, 30), "=B2+10", 0], [time(10, 0), 45, 0], [time(10, 30), 41, 0]]
    found = "\n".join(errors(workbook(tmp_path, rows)))
    assert "plan.xlsx!Plan!B3" in found and "until the workbook is opened in Excel and saved" in found


def test_text_and_dates_in_number_cells_of_a_workbook_are_named_by_cell(tmp_path: Path) -> None:
    rows: list[list[object]] = [[time(9, 0), "n/a", 0], [time(9, 30), time(1, 0), 0], [time(10, 0), 45, 0], [time(10, 30), 41, 0]]
    found = "\n".join(errors(workbook(tmp_path, rows)))
    assert "plan.xlsx!Plan!B2" in found and "plan.xlsx!Plan!B3" in found and "this is a time" in found


def test_a_sheet_that_is_not_there_and_a_file_that_is_no_workbook_are_refused(tmp_path: Path) -> None:
    folder = workbook(tmp_path, [[time(9, 0), 40, 0]])
    text = (folder / "scenario.toml").read_text()
    (folder / "scenario.toml").write_text(text.replace('"plan.xlsx", column', '"plan.xlsx", sheet = "Plam", column'))
    assert 'no sheet "Plam"; did you mean "Plan"?' in "\n".join(errors(folder))
    (folder / "scenario.toml").write_text(text)
    (folder / "plan.xlsx").write_bytes(b"not a workbook")
    assert "is not an Excel workbook" in "\n".join(errors(folder))
