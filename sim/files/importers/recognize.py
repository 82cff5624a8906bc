"""Recognize: in which form a file is, by its first rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from sim.files.account import Account
from sim.files.call_log import LAYOUTS, Layout, layout_of, opened_log
from sim.files.importers import aggregates, contact_records, queue_log
from sim.files.importers.json_records import json_records
from sim.files.importers.mapping import Mapping, fits, lay_over, missing_columns, shipped
from sim.files.importers.sheets import HEAD, Sheet, open_sheets
from sim.files.own_report import is_own_report
from sim.files.parquet import PARQUET
from sim.files.reading import open_text, wrong
from sim.files.tables import is_workbook
from sim.scenario.errors import CallsimError
from sim.scenario.paths import nearest

_NUMBERS = re.compile(r"\d{4}")
_LINE = 1 << 16  # characters of a line by which a form may be known
_NAMES = {"callsim": LAYOUTS[0], "anonymous-bank": LAYOUTS[1], "anonymous-bank-published": LAYOUTS[2]}
OWN_REPORT = "callsim-intervals"
_OWN_TITLE = "callsim's own interval report (callsim export)"
_CODED = {
    "asterisk-queue-log": queue_log.TITLE,
    "asterisk-queue-log-database": f"{queue_log.TITLE}, a table of the database",
    "amazon-connect": contact_records.TITLE,
}


class Form(NamedTuple):
    """The form of a file: its name and title, what its rows are, and the mapping or the layout that reads them, if one does.

    tops : sheet -> the line of its header; of a text file the sheet is ""
    """

    name: str
    title: str
    rows: Literal["calls", "intervals"]
    mapping: Mapping | None = None
    layout: Layout | None = None
    tops: dict[str, int] = {}


def form_titles() -> dict[str, str]:
    """What `--format` may be beside "auto" -> what it is."""
    mapped = {name: f"{one.title} ({one.status})" if one.status else one.title for name, one in shipped().items()}
    logs = {name: layout.title for name, layout in _NAMES.items()}
    return logs | {OWN_REPORT: _OWN_TITLE} | _CODED | mapped


def recognize(path: Path, *, name: str = "auto", mapping: Mapping | None = None, sheet: str | None = None) -> Form:
    """The form of a file, among all that are known, or as it is said to be.

    Raises ScenarioError for a file in no known form, or without the columns of the one it is said to be in, and CallsimError
    for a name that is none.
    """
    if mapping is not None:
        return _by_mappings(path, {"mapping": mapping}, sheet, said=True)
    known_names = ["auto", *form_titles()]
    if name not in known_names:
        raise CallsimError(f"--format {name}: {nearest(name, known_names) or 'must be ' + ', '.join(known_names)}")
    if name in _NAMES:
        _refuse_log(path, _NAMES[name])
        return _log(name)
    if name == OWN_REPORT:
        return Form(name, _OWN_TITLE, "intervals")
    if name in _CODED:
        return Form(name, _CODED[name], "calls")
    if path.suffix.lower() == PARQUET:
        raise wrong(path, "is Parquet, which only callsim itself exports: calibrate, replay and export read it as it is")
    known = shipped()
    if name != "auto":
        return _by_mappings(path, {name: known[name]}, sheet, said=True)
    if not is_workbook(path) and (found := _by_text(path)) is not None:
        return found
    return _by_mappings(path, known, sheet, said=False)


def _log(name: str) -> Form:
    return Form(name, _NAMES[name].title, "calls", layout=_NAMES[name])


def _refuse_log(path: Path, layout: Layout) -> None:
    """Raises ScenarioError where a file has not the columns of a layout that it is said to be in."""
    with open_text(path) as opened:
        header, _ = opened_log(path, opened.text)
    missing = [name for name in layout.needs if name not in map(str.casefold, header)]
    if missing:
        raise wrong(path, f"has not the columns of {layout.title}: {', '.join(missing)}", found=_shown(header))


def _by_text(path: Path) -> Form | None:
    """A form that is known by more than titles: JSON, lines with bars, a call log, a queue_log of the database."""
    with open_text(path) as opened:
        first = opened.text.readline(_LINE)  # a list of records may be one line
        lines = [first, *(opened.text.readline(_LINE) for _ in range(9))]
    begin = first.lstrip()[:1]
    if begin in ("{", "["):
        return _by_json(path)
    if any(map(queue_log.LINE.match, lines)):
        return Form("asterisk-queue-log", _CODED["asterisk-queue-log"], "calls")
    with open_sheets(path, Account(), sheet=None, progress=None) as sheets:
        header = [str(cell) for cell in sheets[0].head[0][1]] if sheets[0].head else []
    layout = layout_of(header)
    if layout is not None:
        return _log(next(name for name, one in _NAMES.items() if one == layout))
    if {cell.strip().casefold() for cell in header} >= set(queue_log.DB_COLUMNS):
        return Form("asterisk-queue-log-database", _CODED["asterisk-queue-log-database"], "calls")
    return None


def _by_json(path: Path) -> Form:
    with open_text(path) as opened:
        _, first = next(json_records(str(path), opened), (0, {}))
    if set(contact_records.NEEDS) <= first.keys():
        return Form("amazon-connect", contact_records.TITLE, "calls")
    if set(aggregates.NEEDS) <= first.keys():
        name = "genesys-cloud-aggregate"
        mapping = shipped()[name]
        return Form(name, mapping.title, "intervals", mapping=mapping)
    keys = ", ".join(list(first)[:8])
    hint = f"{contact_records.TITLE} (ContactId, InitiationTimestamp), Genesys Cloud aggregates (results)"
    raise wrong(path, "is JSON of a form that is not known here", found=keys, hint=hint)


def _by_mappings(path: Path, known: dict[str, Mapping], sheet: str | None, *, said: bool) -> Form:
    """The first mapping that a sheet of the file fits, and every sheet that fits it."""
    with open_sheets(path, Account(), sheet=sheet, progress=None) as sheets:
        if not said and sheets and sheets[0].head and is_own_report(sheets[0].head[0][1]):
            return Form(OWN_REPORT, _OWN_TITLE, "intervals")
        for name, mapping in known.items():
            tops = {_key(one): top for one in sheets if (top := _top(one, mapping, said=said)) is not None}
            if tops:
                return Form(name, mapping.title, mapping.rows, mapping=mapping, tops=tops)
        head = sheets[0].head if sheets else []
        header = _fullest(head)
    shown = _shown(header)
    if not said:
        hint = "callsim import --formats lists those that are known; --mapping FILE says how any other is read"
        raise wrong(path, "is in no form that is known here", found=shown, hint=hint)
    (mapping,) = known.values()
    missing = missing_columns(lay_over(mapping, header))
    titles = "; ".join(f"{one}: {', '.join(mapping.columns[one].titles)}" for one in missing if one in mapping.columns)
    raise wrong(path, f"has not the columns of {mapping.title}: {', '.join(missing)}", found=shown, hint=titles)


def _shown(header: Sequence[Any]) -> str:
    """The titles; of a row that has numbers, which may be those of callers, no more than that it has."""
    cells = [str(cell).strip() for cell in header if str(cell).strip()]
    if any(_NUMBERS.search(cell) for cell in cells):
        return f"{len(cells)} cells with numbers where titles should be"
    return f"the titles {', '.join(cells)[:200]}"


def _key(sheet: Sheet) -> str:
    return sheet.name if sheet.workbook else ""


def _top(sheet: Sheet, mapping: Mapping, *, said: bool) -> int | None:
    """The line of the first row that is a header of this mapping; None where there is none."""
    for line, row in sheet.head[:HEAD]:
        known = said or not mapping.known_by or fits(mapping, row)
        if known and sum(bool(str(cell).strip()) for cell in row) > 1 and not missing_columns(lay_over(mapping, row)):
            return line
    return None


def _fullest(head: Sequence[tuple[int, list[Any]]]) -> list[Any]:
    """The row that may have been meant as the header: of the first the one with most cells."""
    return max((row for _, row in head), key=lambda row: sum(bool(str(cell).strip()) for cell in row), default=[])
