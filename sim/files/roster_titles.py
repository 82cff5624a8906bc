"""Roster titles: what the columns of a roster, of its legend and of its skills are for, by their titles."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from sim.files.cells import date_of
from sim.files.shift_cells import Wrong, text_of
from sim.files.tables import Table, blank, plain
from sim.scenario.errors import Problem
from sim.scenario.paths import join, nearest
from sim.scenario.problems import show
from sim.scenario.special_days import WEEKDAYS

# what a column is called; compared without case, spaces and signs, the one named first wins
_ALIASES = {
    "agent": ("agent", "name", "employee", "agent name", "employee name", "姓名", "员工", "员工姓名", "坐席", "座席"),
    "number": ("agent id", "employee id", "employee number", "工号"),
    "team": ("team", "班组", "小组", "团队"),
    "group": ("group", "agent group", "技能组"),
    "skills": ("skills", "skill", "技能"),
    "hired": ("hired", "hire date", "hired on", "start date", "入职日期", "入职时间"),
    "shift": ("shift", "shifts", "shift code", "班次", "班别"),
    "breaks": ("breaks", "break", "休息", "休息时间"),
    "proficiency": ("proficiency", "AHT factor", "handle time factor", "熟练度"),
    "knowledge": ("knowledge", "业务知识", "知识"),
    "typing": ("typing", "typing speed", "words per minute", "wpm", "打字速度"),
    "system_speed": ("system speed", "system time factor", "系统熟练度"),
    "code": ("code", "shift", "shift code", "班次", "代码", "班次代码"),
    "from": ("from", "start", "begins", "上班", "开始", "上班时间", "开始时间"),
    "to": ("to", "end", "ends", "下班", "结束", "下班时间", "结束时间"),
    "note": ("description", "meaning", "note", "notes", "说明", "备注"),
}
NUMBERS = ("proficiency", "knowledge", "typing", "system_speed")  # what one number says of an agent; see docs/handling.md
PLAN = ("agent", "number", "team", "group", "skills", "hired", "shift", "breaks", *NUMBERS)
LEGEND = ("code", "from", "to", "breaks", "note")
SKILLS = ("agent", "number")
_CHINESE = "一二三四五六日"
_SHORT = {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}


@dataclass
class Sheet:
    """A table of a roster, and what is wrong in it."""

    table: Table
    problems: list[Problem] = field(default_factory=list)

    def rows(self) -> Iterable[int]:
        """The rows; those of totals are left out, which is said."""
        for row in range(len(self.table.rows)):
            if self.table.is_total(row):
                place = self.table.place(row)
                self.problems.append(Problem("roster", "a row of totals was left out", place=place, severity="warning"))
            else:
                yield row

    def cell(self, row: int, column: int | None) -> Any:
        """What stands in a cell; None where there is no such column."""
        return None if column is None else self.table.rows[row][column]

    def text(self, row: int, column: int | None) -> str:
        """What stands in a cell, as text."""
        return text_of(self.cell(row, column))

    def wrong(self, row: int, column: int, path: Iterable[str], *found: Wrong) -> None:
        """Keeps what is wrong with a cell, with its place and the title of its column."""
        for one in found:
            said = Wrong(f'column "{self.table.header[column]}": {one.message}', one.hint)
            self.problems.append(said.at(self.table.place(row, column), join(path), self.cell(row, column)))

    def wrong_title(self, column: int, message: str, hint: str = "") -> None:
        """Keeps what is wrong with the title of a column."""
        place, title = self.table.title_place(column), self.table.header[column]
        self.problems.append(Problem("roster", message, found=show(title), hint=hint, place=place))

    def missing(self, message: str, hint: str = "", *, path: Iterable[str] = ("roster",), place: str = "") -> None:
        """Keeps a problem of what the table lacks, or a part of it."""
        self.problems.append(Problem(join(path), message, hint=hint, place=place or self.table.name))


@dataclass(frozen=True)
class Columns:
    """The numbers of the columns: `of` what each is for, `levels` by call type, `days` by date (2026-03-14) or weekday."""

    of: dict[str, int]
    levels: dict[str, int]
    days: dict[str, int]

    @property
    def agent(self) -> int | None:
        """The column that names agents; that of their numbers where there is no other."""
        return self.of.get("agent", self.of.get("number"))


def columns_of(sheet: Sheet, purposes: Collection[str], call_types: Collection[str] = (), *, days: bool = False) -> Columns:
    """The columns of a table; titles that say nothing known are problems of the sheet, with the nearest one."""
    found = Columns({}, {}, {})
    types = {plain(kind): kind for kind in call_types}
    for column, title in enumerate(sheet.table.header):
        if not title:
            if not all(blank(row[column]) for row in sheet.table.rows):
                sheet.wrong_title(column, "a column without a title")
            continue
        purpose = next((one for one in purposes if plain(title) in map(plain, _ALIASES[one])), None)
        kind = title if title in call_types else types.get(plain(title))
        day = day_of(title) if days else None
        key: dict[str, int]
        if purpose is not None:
            key, word = found.of, purpose
        elif kind is not None:
            key, word = found.levels, kind
        elif day is not None:
            key, word = found.days, day
        else:
            sheet.wrong_title(column, "no such column", _near(title, purposes, call_types, days=days))
            continue
        if word in key:
            sheet.wrong_title(column, f'two columns for {word}: "{sheet.table.header[key[word]]}" is one already')
        key.setdefault(word, column)
    return found


def day_of(title: str) -> str | None:
    """The weekday or date that a title names: ``saturday``, ``Sat``, ``周六``, ``2026-03-14``; None where it names none."""
    when = date_of(title)
    if when is not None:
        return when.isoformat()
    word = title.casefold().rstrip(".")
    if match := re.fullmatch(f"(?:周|星期|礼拜)([{_CHINESE}天])", word):
        return WEEKDAYS[6 if match.group(1) == "天" else _CHINESE.index(match.group(1))]
    if word in _SHORT:
        return WEEKDAYS[_SHORT[word]]
    return next((day for day in WEEKDAYS if word in (day, day[:3])), None)


def _near(title: str, purposes: Collection[str], call_types: Collection[str], *, days: bool) -> str:
    if days and re.search(r"\d", title):
        return 'a day is written "2026-03-14" or "saturday"'
    every = (*(alias for one in purposes for alias in _ALIASES[one]), *call_types, *(WEEKDAYS if days else ()))
    near = nearest(title, every)
    return near if near.startswith("did") else nearest(title, (*purposes, *call_types))
