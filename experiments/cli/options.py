"""Options that several commands share, with one spelling and one meaning."""

from __future__ import annotations

import difflib
import os
import tomllib
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.usual_days import usual_days
from sim.scenario.errors import CallsimError

if TYPE_CHECKING:
    from sim.files.uncertain import Mode
    from sim.scenario.scenario import Scenario

StoryArgument = Annotated[str, typer.Argument(help="a story's folder or the name of a shipped one")]
PolicyOption = Annotated[str | None, typer.Option("--policy", help="a policy of the story, or several: a+b")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="set a value by path; may be repeated"),
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="same seed, same numbers")]
Date = Annotated[str | None, typer.Option("--date", metavar="DATE", help="only this one of several connected days")]
Days = Annotated[int, typer.Option("--days", help="simulated days (replications)")]
DaysOrNone = Annotated[
    int | None, typer.Option("--days", help="simulated days (replications); 100, with uncertain parameters 400")
]
Jobs = Annotated[int | None, typer.Option("--jobs", help="worker processes; not given: one per core")]
Parameters = Annotated[
    str, typer.Option("--parameters", help="fixed: the estimates; uncertain: a set of them per simulated day")
]
Json = Annotated[bool, typer.Option("--json", help="print a JSON document with a versioned schema")]
Measure = Annotated[str, typer.Option("--measure", help="the headline; callsim measures lists them")]
Engine = Annotated[str, typer.Option("--engine", help="compiled (fast) or reference (on SimPy); the same calls")]
Figure = Annotated[Path | None, typer.Option("--figure", help="write a figure: .png, .svg or .pdf")]
FIGURES = (".png", ".svg", ".pdf")


def settings_from(texts: list[str] | None) -> dict[str, Any]:
    """``["lines.trunks=60"]`` as ``{"lines.trunks": 60}``: values as TOML writes them, else as plain text.

    Raises CallsimError for a text without "=" and for a path that is set twice.
    """
    settings: dict[str, Any] = {}
    for text in texts or []:
        path, equals, value = text.partition("=")
        path = path.strip()
        if not equals or not path or not value.strip():
            raise CallsimError(f'--set {text}: must be PATH=VALUE, for example --set "groups.hotline.agents.plus=2"')
        if path in settings:
            raise CallsimError(f"--set {path}: set twice ({settings[path]!r} and {value.strip()})")
        settings[path] = _value(value.strip())
    return settings


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text  # 4m30s, 14:30, on phones


def load_story(story: str, policy: str | None, settings: dict[str, Any], parameters: Mode = "fixed") -> Scenario:
    """The scenario of a story under a policy, or several joined by "+"; raises CallsimError naming what is wrong."""
    from sim.files import load

    return load(story, policies=policy.split("+") if policy else [], settings=settings, parameters=parameters)


def check_parameters(parameters: str) -> Mode:
    """How the inputs are taken; raises CallsimError for another word."""
    if parameters == "fixed":
        return "fixed"
    if parameters == "uncertain":
        return "uncertain"
    raise CallsimError(f"--parameters {parameters}: there is fixed and uncertain; nothing was run")


def days_or(days: int | None, parameters: str) -> int:
    """The number of simulated days: as given, else as many as usual."""
    return check_days(usual_days(parameters) if days is None else days)


def policies_of(story: str, asked: str | None) -> list[str]:
    """The policies to compare: those asked for (``"a,b,a+b"``), else each of the story.

    Raises CallsimError for one the story does not have, one named twice, or none at all.
    """
    from sim.files.stories import policies

    there = list(policies(story))
    if asked is None:
        if not there:
            raise CallsimError(f"{story}: has no policies to compare; callsim run {story} simulates it as planned")
        return there
    names = [name.strip() for name in asked.split(",") if name.strip()]
    if not names:
        raise CallsimError("--policies: names none; leave it out to compare with each of the story")
    for name in names:
        if names.count(name) > 1:
            raise CallsimError(f'--policies: "{name}" is named twice')
        for part in name.split("+"):
            if part not in there:
                close = difflib.get_close_matches(part, there, n=1)
                hint = f'did you mean "{close[0]}"?' if close else f"there is {', '.join(there) or 'none'}"
                raise CallsimError(f'--policies: {story} has no policy "{part}"; {hint}')
    return names


def date_from(option: str, text: str | None) -> date | None:
    """A date written 2026-03-12; raises CallsimError for any other text."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CallsimError(f"{option} {text}: must be a date such as 2026-03-12; nothing was done") from None


def check_date(scenario: Scenario, day: date | None, name: str = "") -> None:
    """Raises CallsimError for a date that is none of the scenario's days; `name` : of its policies."""
    dates = scenario.calendar.dates
    if day is not None and day not in dates:
        there = f"{dates[0]} to {dates[-1]}" if len(dates) > 1 else f"{dates[0]} only"
        with_ = f" with {name}" if name else ""
        raise CallsimError(f"--date {day}: there is {there}{with_}; nothing was run")


def check_days(days: int) -> int:
    """The number of simulated days; raises CallsimError below 1."""
    if days < 1:
        raise CallsimError(f"--days: must be 1 or more; found {days}; nothing was run")
    return days


def check_jobs(jobs: int | None) -> int:
    """The number of worker processes: as given, else one per core this process may use; raises CallsimError below 1."""
    if jobs is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if jobs < 1:
        raise CallsimError(f"--jobs: must be 1 or more; found {jobs}; nothing was run")
    return jobs


def check_engine(engine: str) -> str:
    """The name of an engine; raises CallsimError for one that does not exist."""
    from sim.engines import ENGINES

    if engine not in ENGINES:
        raise CallsimError(f"--engine {engine}: there is {' and '.join(ENGINES)}; nothing was run")
    return engine


def check_output(option: str, path: Path | None, endings: tuple[str, ...] = ()) -> None:
    """Refuse, before anything runs, a path that cannot be written or has another ending; raises CallsimError."""
    from sim.scenario.errors import CannotFinishError

    if path is None:
        return
    if endings and path.suffix.lower() not in endings:
        raise CallsimError(f"{option} {path}: must end in {', '.join(endings)}; nothing was run")
    if path.is_dir():
        raise CallsimError(f"{option} {path}: is a folder; name a file in it; nothing was run")
    if not path.parent.is_dir():
        raise CallsimError(f"{option} {path}: there is no folder {path.parent}; nothing was run")
    if not os.access(path.parent, os.W_OK):
        raise CannotFinishError(f"{option} {path}: the folder {path.parent} is read-only; nothing was run")
