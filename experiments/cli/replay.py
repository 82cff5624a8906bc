"""`callsim replay`: a recorded day again, as it was and under policies, on its own callers."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from experiments.cli.answering import Question, answer, check_question
from experiments.cli.history_options import From, HeadStart, OwnAgents, To, head_starts, used_of
from experiments.cli.options import (
    FIGURES,
    Figure,
    Jobs,
    Json,
    Measure,
    Seed,
    check_days,
    check_jobs,
    check_output,
    date_from,
)
from experiments.cli.output import note
from sim.scenario.errors import CallsimError

if TYPE_CHECKING:
    from sim.calibrate import RecordedDay
    from sim.files.history import History
    from sim.scenario.scenario import Scenario

AS_IT_WAS = "as it was"


def replay(
    log: Annotated[Path, typer.Argument(help="a call log: .csv, .csv.gz, or a folder of callsim import")],
    day: Annotated[str, typer.Option("--day", metavar="DATE", help="the recorded day")],
    policy: Annotated[
        list[Path] | None, typer.Option("--policy", help="a policy file (.toml); may be repeated")
    ] = None,
    like: Annotated[
        str | None, typer.Option(help="a story that says what was not recorded; not given: measured in the log")
    ] = None,
    staffing: Annotated[
        str | None, typer.Option(help="inferred (from who answered when) or scenario (that of --like)")
    ] = None,
    sessions: Annotated[
        Path | None,
        typer.Option(help="who was there when (.csv, .csv.gz, .xlsx: agent, start, end): agents one by one, not heads"),
    ] = None,
    first: From = None,
    last: To = None,
    head_start: HeadStart = None,
    own_agents: OwnAgents = None,
    days: Annotated[int, typer.Option("--days", help="how often the day is replayed")] = 100,
    seed: Seed = 1,
    jobs: Jobs = None,
    measure: Measure = "answer_rate",
    margin: Annotated[float, typer.Option(help="a difference that counts as equal (points)")] = 0.5,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="keep the story in this new folder")] = None,
    figure: Figure = None,
    chart: Annotated[str, typer.Option(help="of --figure: answer-rate, forest or waits")] = "answer-rate",
    json: Json = False,
) -> None:
    """Replay a recorded day: its calls with their handle times, patience beyond the recorded waits drawn."""
    check_days(days)
    count = check_jobs(jobs)
    check_output("--figure", figure, FIGURES)
    check_question(None, margin)
    when = date_from("--day", day)
    assert when is not None
    since, until = date_from("--from", first), date_from("--to", last)
    starts = head_starts(head_start)
    if output is not None and output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise CallsimError(f"{output}: is not empty; nothing was written. Name a new or empty folder")

    from experiments.screens.replay_screen import replay_document, replay_lines
    from sim.calibrate import recorded_day
    from sim.calibrate.turns import turns
    from sim.files.call_log import read_call_log
    from sim.files.recorded import recorded_file
    from sim.files.sessions import read_sessions

    if staffing not in (None, "inferred", "scenario"):
        raise CallsimError(f'--staffing {staffing}: must be "inferred" or "scenario"; nothing was run')
    if staffing == "scenario" and like is None:
        raise CallsimError("--staffing scenario: needs --like STORY, whose staffing it is; nothing was run")
    if staffing == "scenario" and sessions is not None:
        raise CallsimError("--sessions: who was there is said twice, --staffing scenario says it too; nothing was run")
    own = tuple(own_agents or ())
    whole = read_call_log(recorded_file(log))
    recorded = whole.on(when)
    used = used_of(whole, since, until)
    source = _like(used, like, when, starts, own)
    heads: Literal["inferred", "scenario"] = "scenario" if staffing == "scenario" else "inferred"
    if sessions is None:
        found = recorded_day(recorded, when, source, staffing=heads, own_agents=own)
    else:
        found = recorded_day(recorded, when, source, sessions=read_sessions(sessions), always=turns(used, source))
    with _folder(output) as folder:
        names = _write(folder, found, policy or [])
        scenarios, labels = _scenarios(folder, names)
    asked = Question(days, seed, count, measure, margin, None, figure, chart, json)
    answer(
        asked, scenarios, story=str(log), labels=labels,
        before=lambda results: replay_lines(results, AS_IT_WAS, found),
        document=lambda results: replay_document(results, AS_IT_WAS, found),
    )  # fmt: skip
    if output is not None:
        note(f"wrote {output}: callsim compare {output}")


def _like(history: History, like: str | None, day: date, starts: dict[str, float], own: tuple[str, ...]) -> Scenario:
    """What was not recorded: a story's, or measured on the recorded days that are like this one."""
    if like is not None:
        from sim.files import load

        return load(like)
    from sim.calibrate import calibrate
    from sim.calibrate.days import parse_weekdays

    found = calibrate(history, head_start=starts, own_agents=own, sets=0)
    alike = [one for one in found if day.weekday() in parse_weekdays(one.name)]
    return (alike or found)[0].scenario


@contextlib.contextmanager
def _folder(output: Path | None) -> Iterator[Path]:
    if output is not None:
        yield output
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _write(folder: Path, found: RecordedDay, policies: list[Path]) -> list[str]:
    """The story as files: scenario, log and policies; the names of the policies."""
    from sim.calibrate.day_replay import LOG
    from sim.files.reading import read_bytes
    from sim.files.write import write_whole

    names: list[str] = []
    for path in policies:
        if path.stem in names:
            raise CallsimError(f"--policy {path}: two policies of one name: {path.stem}; nothing was run")
        names.append(path.stem)
        write_whole(folder / "policies" / f"{path.stem}.toml", read_bytes(path))
    write_whole(folder / LOG, found.log)
    write_whole(folder / "scenario.toml", found.file)
    return names


def _scenarios(folder: Path, names: list[str]) -> tuple[dict[str, Scenario], dict[str, str]]:
    """Baseline and policies, and the titles of the policies."""
    from sim.files import load
    from sim.files.stories import describe

    scenarios = {AS_IT_WAS: load(folder)} | {name: load(folder, policies=[name]) for name in names}
    return scenarios, {policy.name: policy.title for policy in describe(folder)}
