"""Stories with roster files, written into a folder and read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from sim.files import problems_of
from sim.scenario.people import Agent
from sim.scenario.roster import individuals
from sim.scenario.rota import ON_PHONES, rota
from sim.scenario.scenario import Scenario
from sim.scenario.units import DAY, show_clock

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "roster.md").read_text("utf-8")
FILES = dict(re.findall(r"`(\w+\.csv)`:\n\n```csv\n(.*?)```", PAGE, re.DOTALL))
GROUP = '[[groups]]\nname = "{}"\nskills = ["sales", "support"]\nagents = 0\n'
SHIFTS = """[[shifts]]
name = "E"
from = "08:00"
to = "14:00"
breaks = [{ at = "10:00", lasts = "15m" }]
[[shifts]]
name = "L"
from = "14:00"
to = "20:00"
"""
HEAD = "agent,group,shift\n"
PLAN = '{ file = "plan.csv", legend = "legend.csv", skills = "skills.csv" }'
DAYS = {name.replace(".", "_"): FILES[name] for name in ("plan.csv", "legend.csv", "skills.csv")}


def scenario(roster: str, *, groups: tuple[str, ...] = ("desk",), rest: str = SHIFTS, days: int = 3) -> str:
    types = "".join(
        f'[[call_types]]\nname = "{kind}"\narrivals = 10\ntalk = {{ exponential = {{ mean = "3m" }} }}\n'
        for kind in ("sales", "support")
    )
    calendar = f'[calendar]\nstart = 2026-03-09\ndays = {days}\nopens = "08:00"\ncloses = "20:00"\n'
    return f'name = "desk"\nroster = {roster}\n{calendar}{types}{"".join(map(GROUP.format, groups))}{rest}'


def story(folder: Path, text: str, **files: str) -> Path:
    """A story with CSV files beside it, `roster_csv` for roster.csv."""
    for name, content in files.items():
        (folder / name.replace("_csv", ".csv")).write_text(content, "utf-8")
    (folder / "scenario.toml").write_text(text, "utf-8")
    return folder


def csv_story(folder: Path, content: str, **given: Any) -> Path:
    return story(folder, scenario('"roster.csv"', **given), roster_csv=content)


def workbook(folder: Path, **sheets: list[list[object]]) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(folder / "plan.xlsx")


def agents(found: Scenario) -> dict[str, Agent]:
    return {one.name: one for one in found.agents}


def errors(folder: Path, **given: Any) -> list[str]:
    found = [str(problem) for problem in problems_of(folder, **given) if problem.severity == "error"]
    return [re.sub(r"^\S*/", "", one) for one in found]


def warned(folder: Path) -> str:
    return "\n".join(str(problem) for problem in problems_of(folder) if problem.severity == "warning")


def on_phones(found: Scenario, name: str) -> list[str]:
    """When an agent is planned to be on the phones, as "day from to"."""
    people = individuals(found)
    return [
        f"{part.since // DAY} {show_clock(part.since % DAY / 1e6)} {show_clock(part.until % DAY / 1e6)}"
        for one in rota(found) if people[one.person].name == name
        for part in one.parts if part.does == ON_PHONES
    ]  # fmt: skip
