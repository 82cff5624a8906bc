"""`callsim gate`: thresholds against a scenario, for CI: exit code 0 met, 3 undecided, 99 missed."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.options import Engine, Jobs, Json, check_engine, check_jobs, check_output, check_parameters
from experiments.cli.output import echo, note, print_json
from experiments.cli.progress import Progress
from experiments.cli.thresholds import code_of
from experiments.cli.workers import workers
from sim.scenario.errors import CallsimError

if TYPE_CHECKING:
    from experiments.gate import Decision
    from experiments.gate_file import Read

FORMATS = ("text", "github")
_MOST_SUMMARY = 1 << 20  # GitHub takes no more of a step


def gate(
    file: Annotated[Path, typer.Argument(help="a gate file, or a folder or shipped story with a gate.toml")],
    accept: Annotated[bool, typer.Option("--accept", help="write the baseline file anew from this scenario")] = False,
    jobs: Jobs = None,
    junit: Annotated[Path | None, typer.Option("--junit", help="write JUnit XML")] = None,
    format_: Annotated[str, typer.Option("--format", help="text, or github: annotations beside it")] = "text",
    parameters: Annotated[
        str | None, typer.Option("--parameters", help="fixed or uncertain, instead of what the gate file says")
    ] = None,
    engine: Engine = "compiled",
    json: Json = False,
) -> None:
    """Decide whether a scenario meets its thresholds; ends with 0 met, 3 undecided, 99 missed."""
    from dataclasses import replace

    from experiments.asked import find_file
    from experiments.gate import decide
    from experiments.gate_file import read_gate

    count = check_jobs(jobs)
    if format_ not in FORMATS:
        raise CallsimError(f"--format {format_}: there is {' and '.join(FORMATS)}; nothing was run")
    check_output("--junit", junit, (".xml",))
    mode = None if parameters is None else check_parameters(parameters)
    read = read_gate(find_file(file, "gate.toml"), accepting=accept, parameters=mode)
    read = read._replace(gate=replace(read.gate, engine=check_engine(engine)))
    if accept:
        _accept(read, count, json)
        return
    began = time.perf_counter()
    with Progress().compiling(engine) as progress, workers(count, engine) as executor:
        decision = decide(read.gate, executor=executor, progress=progress)
    _write(read, decision, time.perf_counter() - began, junit, format_, json)
    code = code_of(decision.verdicts, read.gate.undecided)
    if decision.word == "undecided" and read.gate.undecided == "warn":
        note(f"warning: undecided after {decision.days:,} days")
    if code:
        raise typer.Exit(code)


def _write(read: Read, decision: Decision, seconds: float, junit_path: Path | None, format_: str, json: bool) -> None:
    from experiments.screens.gate_formats import gate_document, github_lines, junit, markdown
    from experiments.screens.gate_screen import gate_lines
    from sim.files import write_whole
    from sim.files.documents import shown

    file, title = shown(read.path).replace(os.sep, "/"), f"{shown(read.path)}: {read.gate.scenario.name}"
    if json:
        print_json(gate_document(read.gate, decision, file=file, lines=read.lines))
    else:
        for line in gate_lines(read.gate, decision, title=title, seconds=seconds):
            echo(line)
    if format_ == "github":
        for line in github_lines(read.gate, decision, file=file, lines=read.lines):
            echo(line)
    if junit_path is not None:
        write_whole(junit_path, junit(read.gate, decision, file=file, lines=read.lines, seconds=seconds))
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        _append(Path(summary), markdown(read.gate, decision, title=title))


def _append(path: Path, text: str) -> None:
    """Append to a summary, or say there that it is full; more than GitHub takes would lose all of it."""
    there = path.stat().st_size if path.exists() else 0
    if there + len(text.encode()) > _MOST_SUMMARY:
        note(f"the summary {path} is full; the verdict was not added to it")
        return
    with path.open("a", encoding="utf-8") as out:
        out.write(text + "\n")


def _accept(read: Read, jobs: int, json: bool) -> None:
    from experiments.baseline import Baseline, read_baseline, write_baseline
    from experiments.cli.main import version
    from experiments.gate import accept
    from experiments.screens.gate_screen import accepted_lines
    from sim.files import write_whole

    path = read.baseline_path
    if path is None:
        raise CallsimError(f'{read.path}: names no baseline file to accept into; add baseline = "baseline.json"')
    check_output("baseline", path)
    old: Baseline | None = None
    try:
        old = read_baseline(path)
    except CallsimError as error:
        if path.exists():
            note(f"replaced: {error}")
    with Progress().compiling(read.gate.engine) as progress, workers(jobs, read.gate.engine) as executor:
        new = accept(read.gate, version=version(), executor=executor, progress=progress)
    write_whole(path, write_baseline(new))
    if json:
        print_json({"schema": "callsim/accept/1", "baseline": str(path), "hash": new.hash, "days": new.days})
        return
    for line in accepted_lines(old, new):
        echo(line)
    note(f"wrote {path}")
