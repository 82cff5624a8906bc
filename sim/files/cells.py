"""Cells: the number, duration, clock time or date in a cell of a table, or what is wrong with it."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from sim.files.tables import Table, blank
from sim.scenario.errors import CallsimError, Problem
from sim.scenario.problems import show
from sim.scenario.units import parse_clock, parse_duration, show_duration

_GROUPS = {",": re.compile(r"\d{1,3}(,\d{3})+"), ".": re.compile(r"\d{1,3}(\.\d{3})+")}
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_FORMULA = re.compile(r"'*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")  # what spreadsheets take for one, in both widths
_PARTS = re.compile(r"(\d*):(\d{2})(?::(\d{2})(?:\.\d+)?)?")
Times = Literal["m:ss", "h:mm"]


def number_at(
    table: Table, row: int, column: int, *, path: str = "", share: bool = False, notes: list[Problem] | None = None
) -> float | Problem:
    """The number in a cell, not yet checked for its range; a Problem when there is none.

    With `share` a percentage is read as a share, which is said in `notes`.
    """
    cell, place = table.rows[row][column], table.place(row, column)
    if blank(cell):
        return _empty(table, path, place)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    if not isinstance(cell, str):
        what = "a time" if isinstance(cell, time | timedelta) else "a date" if isinstance(cell, date) else "no number"
        return Problem(path, f"must be a number; this is {what}", found=str(cell), place=place)
    if cell.isascii() and cell.isdigit():  # most are; the rest of this takes ten times as long
        return float(cell)
    text = re.sub(r"[\s\u00a0\u202f'\u2019]", "", cell)
    if text.endswith(("%", "\uff05")):
        value = _plain(text[:-1], decimal_comma=table.decimal_comma)
        if share and isinstance(value, float):
            if notes is not None:
                message = f"{show(cell)} was read as the share {value / 100:g}"
                notes.append(Problem(path, message, place=place, severity="warning"))
            return value / 100
        return Problem(path, "must be a number, not a percentage", found=show(cell), place=place)
    value = _plain(text, decimal_comma=table.decimal_comma)
    if isinstance(value, str):
        return Problem(path, "must be a number", found=show(cell), hint=value, place=place)
    return value


def _plain(text: str, *, decimal_comma: bool) -> float | str:
    """A number in either spelling; a hint (perhaps empty) when it is none."""
    sign = -1.0 if text.startswith(("-", "\u2212")) else 1.0
    digits = text.lstrip("-+\u2212")
    if "," in digits and "." in digits:
        decimal = max(",.", key=digits.rfind)
    elif "," in digits:
        decimal = "," if decimal_comma or not _GROUPS[","].fullmatch(digits) else "."
        if decimal_comma and digits.count(",") > 1:
            decimal = "."
    elif _GROUPS["."].fullmatch(digits) and (decimal_comma or digits.count(".") > 1):
        if digits.count(".") == 1:
            return f"thousands or decimals? write {digits.replace('.', '')} or {digits.replace('.', ',')}"
        decimal = ","
    else:
        decimal = "."
    plain = digits.replace("," if decimal == "." else ".", "").replace(decimal, ".")
    if not re.fullmatch(r"\d+(\.\d*)?([eE][-+]?\d+)?|\.\d+", plain):
        return ""
    value = sign * float(plain)
    return value if math.isfinite(value) else ""


def duration_at(
    table: Table, row: int, column: int, *, path: str = "", notes: list[Problem] | None = None, times: Times = "m:ss"
) -> float | Problem:
    """Seconds in a cell: a number, ``4m30s``, ``0:04:30``, ``:30``, a time of a workbook; a Problem when there is none.

    ``4:30`` is taken as minutes and seconds, for nobody talks four hours and a half, or as `times` says; that is said in
    `notes`.
    """
    cell, place = table.rows[row][column], table.place(row, column)
    if blank(cell):
        return _empty(table, path, place)
    if isinstance(cell, str) and (parts := _PARTS.fullmatch(cell.strip())):
        first, second, third = parts.groups()
        if third is not None and first:
            return int(first) * 3600.0 + int(second) * 60.0 + float(cell.strip().split(":")[2])
        if third is None and not first:
            return float(second)
        if third is None:
            return _two_parts(int(first), int(second), cell.strip(), path, place, notes, times)
    if isinstance(cell, str):
        seconds = parse_duration(cell)
        if seconds is not None:
            return seconds
    cell = late_time(cell)
    if isinstance(cell, time | timedelta):
        seconds = _seconds(cell)
        if isinstance(cell, time) and seconds % 60 == 0 and seconds >= 3600:
            return _two_parts(cell.hour, cell.minute, f"{cell.hour}:{cell.minute:02d}", path, place, notes, times)
        return seconds
    value = number_at(table, row, column, path=path)
    if isinstance(value, Problem):
        return Problem(path, 'must be seconds or a duration such as "4m30s"', value.found, value.hint, value.place)
    return value


def late_time(cell: Any) -> Any:
    """What a workbook gives for a time from 24:00 on, a moment of its first days, as a timedelta; else the cell."""
    if not isinstance(cell, date):
        return cell
    moment = cell if isinstance(cell, datetime) else datetime(cell.year, cell.month, cell.day)
    days = moment - datetime(1899, 12, 31)
    return days if timedelta(0) <= days < timedelta(days=60) else cell


def _two_parts(
    first: int, second: int, shown: str, path: str, place: str, notes: list[Problem] | None, times: Times
) -> float:
    """Seconds of ``4:30``, which is minutes and seconds or hours and minutes."""
    value = (first * 60.0 + second) * (1 if times == "m:ss" else 60)
    if notes is not None:
        words = "minutes and seconds" if times == "m:ss" else "hours and minutes"
        message = f"{shown} was read as {words}: {show_duration(value)}"
        notes.append(Problem(path, message, place=place, severity="warning"))
    return value


def clock_at(table: Table, row: int, column: int) -> float | None:
    """Seconds since midnight in a cell: ``08:30``, ``08:30 - 09:00``, a date with a time; None when there is none."""
    cell = table.rows[row][column]
    if isinstance(cell, datetime):
        cell = cell.time()
    if isinstance(cell, time | timedelta):
        return _seconds(cell)
    if isinstance(cell, float) and 0 <= cell < 1:  # a workbook keeps a time as part of a day
        return float(round(cell * 86_400))
    if not isinstance(cell, str):
        return None
    for word in re.findall(r"\d{1,2}:\d{2}(?::\d{2})?", cell)[:1]:
        seconds = parse_clock(word)
        if seconds is not None:
            late = re.search(r"\d\s*([ap])\.?m\b", cell, re.IGNORECASE)
            if late and seconds < 13 * 3600:
                seconds = seconds % (12 * 3600) + (12 * 3600 if late.group(1).lower() == "p" else 0)
            return seconds
    return None


def date_of(cell: Any) -> date | None:
    """The date in a cell: one of a workbook, ``2026-03-14`` (with a time or without); None when there is none."""
    if isinstance(cell, datetime):
        return cell.date() if cell.year > 1900 else None
    if isinstance(cell, date):
        return cell
    if isinstance(cell, str):
        parts = _DATE.fullmatch(cell.strip())
        try:
            return datetime.fromisoformat(cell.strip()).date() if parts is None else date(*map(int, parts.groups()))
        except ValueError:
            return None
    return None


def _seconds(value: time | timedelta) -> float:
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.hour * 3600.0 + value.minute * 60.0 + value.second + value.microsecond / 1e6


def _empty(table: Table, path: str, place: str) -> Problem:
    hint = "a formula has no value until the workbook is opened in Excel and saved" if table.workbook else ""
    return Problem(path, "must be a number; the cell is empty", hint=hint, place=place)


def guarded(text: str) -> str:
    """Text as a CSV of callsim's own has it: with ' before what a spreadsheet would take for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """The text that `guarded` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def check_name(name: str, source: str) -> None:
    """Raises CallsimError for a name that some file of CSV, XLSX and Parquet cannot hold."""
    if not name.strip():
        raise CallsimError(f"{source}: something without a name cannot be written")
    for letter in name:
        unusual = unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\t\n\r"
        if unusual or ord(letter) & 0xFFFE == 0xFFFE:
            raise CallsimError(f"{source}: the name {name!a} has a letter that files cannot hold: {letter!a}")
