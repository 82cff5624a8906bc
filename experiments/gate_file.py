"""Gate file: a TOML that names a story, its thresholds and what to do when too few days decide."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from experiments.asked import MeasuringTable, Names, load_beside, read_as
from experiments.baseline import Baseline, read_baseline
from experiments.gate import Gate, Undecided
from experiments.threshold import parse_all
from sim.files.documents import Document, shown
from sim.files.uncertain import Mode
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.record import Record
from sim.scenario.scenario import Scenario


class Other(Record):
    """A baseline that is simulated beside the candidate; what is not given is the candidate's, but for policies and set."""

    story: str | None = None
    policies: Names = ()
    set: dict[str, Any] = {}


class GateFile(Record):
    """What a gate file may say."""

    story: str
    policies: Names = ()
    set: dict[str, Any] = {}
    days: Annotated[int, Field(ge=2, le=1_000_000)] = 1600
    seed: Annotated[int, Field(ge=0)] = 1
    undecided: Undecided = "fail"
    parameters: Mode = "fixed"
    baseline: str | Other | None = None
    measuring: MeasuringTable = MeasuringTable()
    thresholds: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]


class Read(NamedTuple):
    """A gate with where it stands: the file, the line of every threshold, the file of a kept baseline or None."""

    gate: Gate
    path: Path
    lines: tuple[int, ...]
    baseline_path: Path | None


def read_gate(path: Path, *, accepting: bool = False, parameters: Mode | None = None) -> Read:
    """The gate a file describes; raises ScenarioError with everything that is wrong in it, with file and line.

    Stories and baselines are found from where the file stands; a story may also be the name of a shipped one. While
    accepting, a baseline that is not there yet is no mistake. parameters : instead of the file's.
    """
    document, file = read_as(GateFile, path)
    mode = file.parameters if parameters is None else parameters
    lines = _lines(document, file.thresholds)
    scenario = load_beside(file.story, file.policies, file.set, path, mode)
    baseline_path = path.parent / file.baseline if isinstance(file.baseline, str) else None
    try:
        thresholds = parse_all(list(file.thresholds), scenario, baseline=file.baseline is not None)
    except ScenarioError as error:
        raise ScenarioError([_placed(problem, path, lines) for problem in error.problems]) from None
    other: Scenario | Baseline | None = None
    if isinstance(file.baseline, Other):
        beside = file.baseline.story or file.story
        other = load_beside(beside, file.baseline.policies, file.baseline.set, path, mode)
    elif baseline_path is not None and not accepting:
        other = read_baseline(baseline_path)
    gate = Gate(
        scenario, tuple(thresholds), file.days, file.seed, file.measuring.measuring(scenario), other, file.undecided
    )
    return Read(gate, path, lines, baseline_path)


def _lines(document: Document, texts: tuple[str, ...]) -> tuple[int, ...]:
    """The line of every threshold: where its text stands, after the key."""
    first = document.lines.get(("thresholds",), 1)
    lines = document.text.split("\n")
    found = []
    for text in texts:
        here = [number for number, line in enumerate(lines, 1) if number >= first and text in line]
        found.append(next((number for number in here if number not in found), here[0] if here else first))
    return tuple(found)


def _placed(problem: Problem, path: Path, lines: tuple[int, ...]) -> Problem:
    at = int(problem.path.rpartition(".")[2])
    return replace(problem, place=f"{shown(path)}:{lines[at]}")
