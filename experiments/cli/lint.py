"""`callsim lint`: everything that is wrong with a story, all at once, before anything runs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from experiments.cli.options import Json, StoryArgument
from experiments.cli.output import echo, print_json
from sim.scenario.errors import CallsimError, Problem

SCHEMA = "callsim/lint/1"
FORMATS = ("text", "github")
WRONG = 2  # exit code when there is an error; warnings alone end with 0


def lint(
    story: StoryArgument,
    format_: Annotated[str, typer.Option("--format", help="text, or github: annotations of the lines")] = "text",
    json: Json = False,
) -> None:
    """List every error and warning with file and line, path, value found and what is allowed; runs nothing."""
    from experiments.screens.annotations import problem_annotation
    from sim.files import problems_of

    if format_ not in FORMATS:
        raise CallsimError(f"--format {format_}: there is {' and '.join(FORMATS)}")
    problems = problems_of(story)
    errors = [problem for problem in problems if problem.severity == "error"]
    warnings = [problem for problem in problems if problem.severity != "error"]
    if json:
        listed = [asdict(problem) for problem in (*errors, *warnings)]
        counts = {"errors": len(errors), "warnings": len(warnings)}
        print_json({"schema": SCHEMA, "story": story} | counts | {"problems": listed})
    else:
        for problem in (*errors, *warnings):
            echo(problem_annotation(problem) if format_ == "github" else line(problem))
        echo(f"{_count(errors, 'error')}, {_count(warnings, 'warning')}; nothing was run")
    if errors:
        raise typer.Exit(WRONG)


def line(problem: Problem) -> str:
    """A problem on one line, warnings marked."""
    return ("warning  " if problem.severity != "error" else "") + str(problem)


def _count(problems: list[Problem], word: str) -> str:
    return f"{len(problems)} {word}{'' if len(problems) == 1 else 's'}"
