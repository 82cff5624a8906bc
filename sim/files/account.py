"""Account: what a reader of somebody else's file read, left out and assumed, and what is wrong in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from sim.scenario.errors import Problem, ScenarioError

# every noun that is counted here has its plural in s, and a verb directly or in a clause behind it
_PLURAL = re.compile(r"\{n\} ((?:\w+ )?\w+)s\b( that)?(?: (are|were|have|enter|last|lie|stand|hold)\b)?")
_SINGULAR = {"are": "is", "were": "was", "have": "has"}
MOST_PROBLEMS = 20  # a file has as many lines as calls; nobody reads more


class Finding(NamedTuple):
    """One thing to know of a file: a word for its subject, the sentence, and whether it was assumed."""

    subject: str
    text: str
    assumed: bool = False


@dataclass
class _Entry:
    count: int
    first: str
    assumed: bool


@dataclass
class Account:
    """Collects what there is to say while a file is read; what happens often is counted, with its first place.

    problems : the first 20; wrong_cells counts all of them
    where : what stands before every place that is said: the file or sheet, where there are several
    """

    problems: list[Problem] = field(default_factory=list)
    wrong_cells: int = 0
    where: str = ""
    _said: dict[tuple[str, str], _Entry] = field(default_factory=dict)

    def say(self, subject: str, text: str, *, place: str = "", count: int = 1, assumed: bool = False) -> None:
        """Keeps a sentence; ``{n}`` in it becomes how often it was said, and `place` where it was said first."""
        entry = self._said.get((subject, text))
        if entry is None:
            self._said[subject, text] = _Entry(count, f"{self.where} {place}".strip() if place else "", assumed)
        else:
            entry.count += count

    def wrong(self, problem: Problem) -> None:
        """Keeps a problem."""
        self.wrong_cells += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)

    def check(self) -> None:
        """Raises ScenarioError with the problems, if there are any."""
        if not self.problems:
            return
        more = self.wrong_cells - len(self.problems)
        rest = [Problem("", f"and {more:,} more problems")] if more else []
        raise ScenarioError([*self.problems, *rest])

    def findings(self) -> list[Finding]:
        """Everything said, by subject in the order in which subjects came up."""
        subjects = list(dict.fromkeys(subject for subject, _ in self._said))
        return [
            Finding(subject, _sentence(text, entry), entry.assumed)
            for wanted in subjects
            for (subject, text), entry in self._said.items()
            if subject == wanted
        ]

    def notes(self) -> tuple[str, ...]:
        """The findings as plain sentences."""
        return tuple(f"{one.subject}: {one.text}" for one in self.findings())


def _singular(found: re.Match[str]) -> str:
    noun, clause, verb = found.groups(default="")
    return f"{{n}} {noun}{clause}" + (f" {_SINGULAR.get(verb, f'{verb}s')}" if verb else "")


def _sentence(text: str, entry: _Entry) -> str:
    if entry.count == 1:
        text = _PLURAL.sub(_singular, text)
    said = text.replace("{n}", f"{entry.count:,}")
    if not entry.first:
        return said
    return f"{said} ({'first: ' if entry.count > 1 else ''}{entry.first})"
