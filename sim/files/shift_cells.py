"""Shift cells: what stands in one cell of a roster, as text: shift codes, hours, breaks, skills and their levels."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from sim.files.tables import blank
from sim.scenario.errors import Problem
from sim.scenario.paths import nearest
from sim.scenario.people import KINDS, LEVELS
from sim.scenario.problems import show
from sim.scenario.units import parse_clock, parse_duration, show_clock, show_duration

LEVEL = f"must be a level, a whole number from 0 to {LEVELS}"
BREAKS = 'must be breaks such as "10:00 15m; 12:00-14:00 30m lunch"'
_OFF = {"", "-", "\u2013", "\u2014", "off", "休", "休息"}
_NONE = {"none", "no", "-", "无"}
_KINDS = {"午餐": "lunch", "午休": "lunch", "休息": "break", "培训": "training", "会议": "meeting"}
_HOURS = re.compile(r"(\d{1,2}(?::\d{2})?)\s*[-\u2013\u2014~至到]\s*(\d{1,2}(?::\d{2})?)")
_CLOCK = re.compile(r"\d{1,2}:\d{2}")


class Wrong(NamedTuple):
    """What is wrong with a text, and perhaps what may have been meant."""

    message: str
    hint: str = ""

    def at(self, place: str, path: str, cell: Any) -> Problem:
        """The problem of the cell in which it stands."""
        return Problem(path, self.message, found=show(cell), hint=self.hint, place=place)


class Hours(NamedTuple):
    """From when to when, as a scenario file writes it."""

    since: str
    until: str

    @property
    def name(self) -> str:
        """What a shift of these hours is called that has no code."""
        return f"{self.since}-{self.until}"


def text_of(cell: Any) -> str:
    """The text in a cell; a whole number of a workbook has no decimals."""
    if blank(cell):
        return ""
    return str(int(cell) if isinstance(cell, float) and cell == int(cell) else cell).strip()


def narrow(text: str) -> str:
    """The text with the wide signs of Chinese keyboards made narrow."""
    return unicodedata.normalize("NFKC", text).strip()


def named(word: str, known: Collection[str]) -> str | None:
    """The name that is meant: the one spelled so, or the only one that differs in capitals, width and spaces alone."""
    if word in known:
        return word
    near = [one for one in known if _folded(one) == _folded(word)]
    return near[0] if len(near) == 1 else None


def _folded(text: str) -> str:
    return re.sub(r"\s+", "", narrow(text).casefold())


def hours_in(text: str) -> Hours | None:
    """``08:00-16:30`` or ``8-16``; None where it is something else."""
    match = _HOURS.fullmatch(narrow(text))
    if match is None:
        return None
    clocks = [parse_clock(part if ":" in part else f"{part}:00") for part in match.groups()]
    if clocks[0] is None or clocks[1] is None:
        return None
    return Hours(show_clock(clocks[0]), show_clock(clocks[1]))


def codes_in(text: str, known: Collection[str]) -> tuple[list[str], list[Hours], list[Wrong]]:
    """The codes of the shifts in a cell, the hours among them (each the shift of its name), and what is no shift.

    No codes and nothing wrong: a day off.
    """
    whole = named(text, known)
    if whole is not None:
        return [whole], [], []
    codes: list[str] = []
    hours: list[Hours] = []
    wrong: list[Wrong] = []
    if narrow(text).casefold() in _OFF:
        return codes, hours, wrong
    for part in _parts(text, r"[+,;、\n]"):
        code, given = named(part, known), hours_in(part)
        if code is None and given is not None:
            code = given.name
            hours.append(given)
        if code is None:
            hint = nearest(part, known) or 'say what it means in [[shifts]] or in a legend, or write hours such as "08:00-16:30"'
            wrong.append(Wrong(f'no shift "{part}"', hint))
        else:
            codes.append(code)
    return codes, hours, wrong


def breaks_in(text: str) -> tuple[list[dict[str, Any]] | None, list[Wrong]]:
    """The breaks in a cell as a scenario file has them, and what cannot be read; None where nothing is said, [] for "none"."""
    if not text:
        return None, []
    found: list[dict[str, Any]] = []
    wrong: list[Wrong] = []
    for part in _parts("" if narrow(text).casefold() in _NONE else text, r"[;,、\n]"):
        one = _break(re.sub(r"\s*[-\u2013\u2014~]\s*", "-", part))
        if isinstance(one, Wrong):
            wrong.append(one)
        else:
            found.append(one)
    return found, wrong


def _break(part: str) -> dict[str, Any] | Wrong:
    found: dict[str, Any] = {}
    for word in part.split():
        given, clock = hours_in(word), parse_clock(word) if _CLOCK.fullmatch(word) else None
        seconds = parse_duration(re.sub(r"(min|分钟|分)$", "m", word))
        kind = _KINDS.get(word, word.casefold())
        key: str
        value: Any
        if given is not None:
            key, value = "between", [given.since, given.until]
        elif clock is not None:
            key, value = "at", show_clock(clock)
        elif seconds is not None:
            key, value = "lasts", show_duration(seconds)
        elif kind in KINDS:
            key, value = "kind", kind
        elif kind in ("paid", "unpaid"):
            key, value = "paid", kind == "paid"
        elif word.isalpha():
            return Wrong(f'{BREAKS}; "{word}" is none', nearest(word, (*KINDS, "paid", "unpaid")))
        else:
            return Wrong(f'{BREAKS}; "{word}" is neither a time nor how long it lasts')
        if key in found:
            return Wrong(f'{BREAKS}; "{part}" says two times the same', "breaks are parted by ;")
        found[key] = value
    if "lasts" not in found or ("at" in found) == ("between" in found):
        return Wrong(f'{BREAKS}; "{part}" does not say when and how long')
    return found


def skills_in(text: str, known: Collection[str]) -> tuple[dict[str, int], list[Wrong]]:
    """Call type -> level of ``sales:3; support:1`` or ``sales, support`` (level 1), and what is wrong with the rest."""
    found: dict[str, int] = {}
    wrong: list[Wrong] = []
    for part in [text] if named(text, known) is not None else _parts(text, r"[;,、\n]"):
        word, said = part, "1"
        if named(part, known) is None and (match := re.fullmatch(r"(.+?)\s*[:=]\s*([^:=]*)", part)):
            word, said = match.groups()
        kind = named(word, known)
        level = level_in(said)
        if kind is None:
            wrong.append(Wrong(f'no call type "{word}"', nearest(word, known)))
        if level is None:
            wrong.append(Wrong(f'level "{said}" of "{word}" {LEVEL}'))
        if kind is not None and level is not None:
            if found.get(kind, level) != level:
                wrong.append(Wrong(f'names "{kind}" with two levels'))
            found[kind] = level
    return found, wrong


def level_in(cell: Any) -> int | None:
    """The level in a cell, 0 where it is empty; None where it holds none."""
    text = narrow(text_of(cell))
    if not text:
        return 0
    return int(text) if re.fullmatch(r"\d", text) and int(text) <= LEVELS else None


def unlike(mine: Mapping[str, int], others: Mapping[str, int]) -> list[str]:
    """The call types for which two say different levels."""
    return [kind for kind, level in mine.items() if others.get(kind, level) != level]


def _parts(text: str, signs: str) -> list[str]:
    parts = (part.strip() for part in re.split(signs, narrow(text)))
    return [part for part in parts if part]
