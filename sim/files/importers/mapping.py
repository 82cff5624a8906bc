"""Mapping: how an export's columns become those of callsim, as a TOML file says it; some are shipped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from sim.files.documents import Document, place, read_document
from sim.files.importers.moments import FORMS, DstRule
from sim.files.tables import plain
from sim.scenario.errors import CallsimError, ScenarioError
from sim.scenario.paths import nearest
from sim.scenario.problems import problems_in
from sim.scenario.record import Record
from sim.scenario.units import FixedDuration

Words = Annotated[tuple[str, ...], Field(strict=False)]
Unit = Literal["s", "ms", "min", "h", "clock"]

# what a column may be for, and what it is: text, a number, a duration in its unit, or a moment in one of its forms
CALLS: dict[str, str] = {
    "id": "text", "stamp": "text", "date": "moment", "arrival": "moment", "queue_entry": "moment", "answer": "moment",
    "end": "moment", "release": "moment", "duration": "duration", "ivr": "duration", "wait": "duration",
    "abandon_wait": "duration", "ring": "duration", "talk": "duration", "hold": "duration", "wrap_up": "duration",
    "call_type": "text", "agent": "text", "group": "text", "customer": "text", "outcome": "text",
}  # fmt: skip
INTERVALS: dict[str, str] = {
    "date": "moment", "start": "moment", "end": "moment", "interval": "duration", "call_type": "text",
    "offered": "number", "answered": "number", "abandoned": "number", "short_abandoned": "number",
    "answered_within": "number", "service_level": "share", "aht": "duration", "handle_total": "duration",
    "talk": "duration", "hold": "duration", "wrap_up": "duration", "talk_total": "duration", "hold_total": "duration",
    "wrap_up_total": "duration", "asa": "duration", "wait_answered": "duration", "mean_wait_abandoned": "duration",
    "wait_abandoned": "duration", "longest_wait": "duration", "staffed": "number", "heads": "number",
    "staffed_time": "duration", "aux_time": "duration", "flow_in": "number", "flow_out": "number",
}  # fmt: skip
OUTCOMES = ("answered", "abandoned", "ivr_abandoned", "contained", "blocked", "closed", "balked", "deflected", "left_out")


class Column(Record):
    """Where one thing stands: under the first of `titles` that the header has, compared without case and spaces.

    unit : of a duration; "clock" is h:mm:ss, m:ss or :ss
    forms : of a moment, tried in order: "iso", "epoch", "epoch ms", "clock", "hhmm", or a format of strptime
    nothing : words that stand for an empty cell
    plus : titles of more columns: numbers are added, the parts of an id joined, of moments and texts the first that is there
    """

    titles: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
    unit: Unit = "s"
    forms: Words = ("iso",)
    nothing: Words = ()
    plus: Words = ()

    @model_validator(mode="after")
    def _known_forms(self) -> Column:
        for form in self.forms:
            if form not in FORMS and "%" not in form:
                raise ValueError(f"forms: must be {', '.join(FORMS)} or a format such as %d.%m.%Y %H:%M:%S")
        return self


class Mapping(Record):
    """What a mapping file says; docs/import.md explains every key.

    known_by : titles that a header must have to be taken for this export
    keep : title -> words; rows that have another word there are not read
    labels : families of labels -> the column that holds them
    denominator : columns of which offered is the sum, where the export has no column for it
    """

    title: str
    status: str = ""
    rows: Literal["calls", "intervals"]
    known_by: Words = ()
    time_zone: str = ""
    dst: DstRule = "wall clock"
    interval: FixedDuration | None = None
    denominator: Words = ()
    short_calls: Literal["counted as offered", "left out by the switch", "unknown"] = "unknown"
    credited: Literal["arrival", "answer", "end", "unknown"] = "unknown"
    within: FixedDuration | None = None
    missing: Literal["gap", "zero"] = "gap"
    wait_includes_ring: bool = False
    talk_includes_hold: bool = False
    keep: dict[str, Words] = {}
    outcomes: dict[Literal[OUTCOMES], Words] = {}  # type: ignore[valid-type] # one place knows the words
    labels: dict[str, Column] = {}
    columns: dict[str, Column]

    @model_validator(mode="after")
    def _known_columns(self) -> Mapping:
        purposes = CALLS if self.rows == "calls" else INTERVALS
        for name in self.columns:
            if name not in purposes:
                hint = nearest(name, purposes)
                raise ValueError(f"columns.{name}: no such column of {self.rows}" + (f"; {hint}" if hint else ""))
        for name in self.denominator:
            if purposes.get(name) != "number":
                raise ValueError(f"denominator: {name} is no number of {self.rows}")
        needs: tuple[tuple[str, ...], ...]
        if self.rows == "calls":
            needs = (("arrival", "queue_entry", "end", "release"),)
        else:
            needs = (("start",), ("offered", "answered"), ("abandoned", "answered"))
        for either in needs:
            if not any(name in self.columns for name in either):
                raise ValueError(f"columns: {self.rows} need {' or '.join(either)}")
        return self

    def kind(self, purpose: str) -> str:
        """What the column for something is: text, number, share, duration or moment."""
        return (CALLS if self.rows == "calls" else INTERVALS)[purpose]


@dataclass(frozen=True)
class Found:
    """A mapping laid over a header: purpose -> the numbers of its columns, the first and those that are added.

    labels, keep : the same for label families and for columns by which rows are kept; unused : titles nobody asked for
    """

    mapping: Mapping
    columns: dict[str, tuple[int, ...]]
    labels: dict[str, int]
    keep: dict[int, frozenset[str]]
    unused: tuple[str, ...]


def fits(mapping: Mapping, header: Sequence[Any]) -> bool:
    """Whether a header has all titles by which the export is known."""
    titles = {plain(str(cell)) for cell in header}
    return bool(mapping.known_by) and all(plain(title) in titles for title in mapping.known_by)


def lay_over(mapping: Mapping, header: Sequence[Any]) -> Found:
    """Where everything stands under this header; what it does not have is left out."""
    titles = [plain(str(cell)) for cell in header]

    def at(names: Sequence[str]) -> int | None:
        return next((titles.index(name) for name in map(plain, names) if name in titles), None)

    columns = {}
    for purpose, column in mapping.columns.items():
        if (first := at(column.titles)) is not None:
            more = [number for title in column.plus if (number := at((title,))) is not None]
            if purpose != "id" or len(more) == len(column.plus):  # a part of an id would make different calls one
                columns[purpose] = (first, *more)
    labels = {family: number for family, column in mapping.labels.items() if (number := at(column.titles)) is not None}
    keep = {
        number: frozenset(map(str.casefold, words))
        for title, words in mapping.keep.items()
        if (number := at((title,))) is not None
    }
    used = {number for numbers in columns.values() for number in numbers} | set(labels.values()) | set(keep)
    unused = tuple(str(cell).strip() for number, cell in enumerate(header) if number not in used and str(cell).strip())
    return Found(mapping, columns, labels, keep, unused)


def missing_columns(found: Found) -> list[str]:
    """What an export must have to be of use, and does not have under this header."""
    there = found.columns
    if found.mapping.rows == "calls":
        return [] if {"arrival", "queue_entry", "end", "release"} & there.keys() else ["arrival"]
    missing = [] if "start" in there else ["start"]
    counts = [name for name in ("offered", "answered", "abandoned") if name in there]
    if len(counts) < 2:
        missing += [name for name in ("abandoned", "offered") if name not in counts][: 2 - len(counts)]
    return missing


def read_mapping(path: Path) -> Mapping:
    """The mapping in a TOML file; raises ScenarioError with everything that is wrong in it, with file and line."""
    return _mapping(read_document(path))


def shipped() -> dict[str, Mapping]:
    """Name -> the mappings that come with callsim, in the order in which they are tried."""
    return {path.stem: read_mapping(path) for path in _shipped_files()}


def mapping_named(name: str) -> Mapping:
    """A shipped mapping; raises CallsimError with those there are."""
    known = {path.stem: path for path in _shipped_files()}
    if name not in known:
        hint = nearest(name, known)
        raise CallsimError(f"no mapping {name!r}; {hint or 'there is ' + ', '.join(known)}")
    return read_mapping(known[name])


def _shipped_files() -> Iterator[Path]:
    """Exports of one switch before planners' own sheets, whose titles are those of everybody."""
    folder = Path(str(files("sim.files.importers") / "mappings"))
    yield from sorted(folder.glob("*.toml"), key=lambda path: (path.stem.startswith("sheet-"), path.stem))


def _mapping(document: Document) -> Mapping:
    try:
        return Mapping.model_validate(document.table)
    except ValidationError as error:
        problems = problems_in(error, document.table, Mapping)
        raise ScenarioError([place(problem, [document]) for problem in problems]) from None
