"""Sessions: a table that says who was there from when to when, by log-on or as inferred; a row is one session of one agent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sim.files.reading import wrong
from sim.files.shift_cells import text_of
from sim.files.tables import Table, blank, columns_by, read_table
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.paths import nearest
from sim.scenario.problems import show

# what a column is called, compared without case, spaces and signs; the one named first wins
_ALIASES = {
    "agent": ("agent", "agent id", "name", "employee", "姓名", "工号", "坐席", "座席"),
    "start": ("start", "from", "since", "begin", "login", "log on", "logon", "first service", "开始时间", "签入时间"),
    "end": ("end", "to", "until", "logout", "log off", "logoff", "last service end", "结束时间", "签出时间"),
    "group": ("group", "agent group", "技能组"),
    "skills": ("skills", "skill", "技能"),
}
_NEEDED = ("agent", "start", "end")
_MOST_PROBLEMS = 20  # a file has as many lines as sessions; nobody reads more
_LONGEST = timedelta(hours=24)  # as a shift
_MICROSECOND = timedelta(microseconds=1)


class Session(NamedTuple):
    """An agent was there from `start` to `end`; `group` and `skills` (call types) where the file says them."""

    agent: str
    start: datetime
    end: datetime
    group: str = ""
    skills: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sessions:
    """The sessions of a file, `source`, sorted by agent and start."""

    source: str
    sessions: tuple[Session, ...]

    def on(self, day: date, until: int) -> dict[str, list[tuple[int, int]]]:
        """Agent -> when he was there, ticks from midnight of the day, sessions that touch or overlap made one.

        What began the day before is there from midnight on; what begins at `until` or later is left out.
        """
        midnight = datetime(day.year, day.month, day.day)
        found: dict[str, list[tuple[int, int]]] = {}
        for one in self.sessions:
            if one.end <= midnight or one.start - midnight >= 2 * _LONGEST:
                continue
            since, to = max((one.start - midnight) // _MICROSECOND, 0), (one.end - midnight) // _MICROSECOND
            if since < until:
                spans = found.setdefault(one.agent, [])
                if spans and since <= spans[-1][1]:
                    spans[-1] = spans[-1][0], max(to, spans[-1][1])
                else:
                    spans.append((since, to))
        return found

    def of(self, agent: str, day: date) -> tuple[str, tuple[str, ...]]:
        """(group, skills) that the file says of the agent, in his sessions of the day; "" and () where it does not."""
        mine = [one for one in self.sessions if one.agent == agent and one.start.date() <= day <= one.end.date()]
        group = next((one.group for one in mine if one.group), "")
        return group, tuple(dict.fromkeys(skill for one in mine for skill in one.skills))


def read_sessions(path: Path) -> Sessions:
    """The sessions in a .csv, .csv.gz or workbook, columns found by their titles, in any order; others are not read.

    Raises ScenarioError naming line, column, value and what is allowed (the first 20 problems), CannotFinishError for a
    file that cannot be read.
    """
    table = read_table(path)
    columns = _columns(table)
    problems: list[Problem] = []
    found = [one for row in range(len(table.rows)) if (one := _session(table, row, columns, problems)) is not None]
    if problems:
        raise ScenarioError(problems[:_MOST_PROBLEMS])
    return Sessions(path.name, tuple(sorted(found)))


def _columns(table: Table) -> dict[str, int]:
    columns = columns_by(table, _ALIASES)
    missing = [key for key in _NEEDED if key not in columns]
    if missing:
        hint = nearest(missing[0], [title for title in table.header if title])
        said = "; ".join(f'no column "{key}" (or {", ".join(_ALIASES[key][1:4])})' for key in missing)
        raise wrong(table.name, f"is no table of sessions: {said}", found=", ".join(table.header[:8]), hint=hint)
    return columns


def _session(table: Table, row: int, columns: dict[str, int], problems: list[Problem]) -> Session | None:
    before = len(problems)
    cells = {key: table.rows[row][column] for key, column in columns.items()}
    agent = text_of(cells["agent"])
    if not agent:
        problems.append(Problem("agent", "must be a name", place=table.place(row, columns["agent"])))
    start, end = (_moment(cells[key], key, table.place(row, columns[key]), problems) for key in ("start", "end"))
    if start is None or end is None or len(problems) > before:
        return None
    if not start < end <= start + _LONGEST:
        allowed = f"must be after the start, {start}, by 24 hours at most"
        problems.append(Problem("end", allowed, found=str(end), place=table.place(row, columns["end"])))
        return None
    skills = re.split(r"[;,+、]", text_of(cells.get("skills")))
    return Session(agent, start, end, text_of(cells.get("group")), tuple(one.strip() for one in skills if one.strip()))


def _moment(cell: Any, key: str, place: str, problems: list[Problem]) -> datetime | None:
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None)
    if not blank(cell):
        try:
            return datetime.fromisoformat(str(cell).strip()).replace(tzinfo=None)  # the clock on the wall, as in the log
        except ValueError:
            pass
    found = "nothing" if blank(cell) else show(cell)
    problems.append(Problem(key, "must be a date and time such as 1999-01-01T08:30:00", found=found, place=place))
    return None

