"""Annotations: messages that GitHub shows at a line of a changed file, as workflow commands."""

from __future__ import annotations

from sim.scenario.errors import Problem


def annotation(kind: str, file: str, line: int | None, title: str, message: str) -> str:
    """One GitHub workflow command, escaped as GitHub's toolkit does."""
    where = f"file={_property(file)}" + (f",line={line}" if line else "")
    return f"::{kind} {where},title={_property(title)}::{_data(message)}"


def problem_annotation(problem: Problem) -> str:
    """A problem of a file as a GitHub workflow command."""
    file, _, line = problem.place.partition(":")
    number = line.partition(":")[0]
    kind = "error" if problem.severity == "error" else "warning"
    said = str(Problem(problem.path, problem.message, problem.found, problem.hint))
    return annotation(kind, file, int(number) if number.isdigit() else None, problem.path or "callsim lint", said)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
