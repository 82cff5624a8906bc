"""Errors: one base, and a problem list that names place, value and what is allowed."""

from __future__ import annotations

from dataclasses import dataclass


class CallsimError(Exception):
    """Base of every error callsim raises on purpose. `exit_code` is what the command ends with."""

    exit_code = 2


class CannotFinishError(CallsimError):
    """The work could not be finished (disk, permission, lost workers); what is done is kept."""

    exit_code = 4


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: `path` as ``--set`` writes it, `place` as file:line or workbook!cell."""

    path: str
    message: str
    found: str = ""
    hint: str = ""
    place: str = ""
    severity: str = "error"  # or "warning"

    def __str__(self) -> str:
        parts = [f"{self.place}: " if self.place else "", f"{self.path}: " if self.path else "", self.message]
        if self.found:
            parts.append(f"; found {self.found}")
        if self.hint:
            parts.append(f"; {self.hint}")
        return "".join(parts)


class ScenarioError(CallsimError):
    """A scenario that does not hold together; `problems` are all of them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[list[Problem]]]:
        return type(self), (self.problems,)  # so that it comes back whole from a worker process
