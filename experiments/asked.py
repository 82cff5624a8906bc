"""Asked: what gate files and study files say in the same words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, ValidationError

from sim.files import load
from sim.files.documents import Document, place, read_document, shown
from sim.files.stories import stories
from sim.files.uncertain import Mode
from sim.scenario.errors import CallsimError, ScenarioError
from sim.scenario.problems import problems_in
from sim.scenario.record import Record
from sim.scenario.scenario import Scenario
from sim.scenario.units import Clock, FixedDuration
from sim.tally import Measuring

R = TypeVar("R", bound=Record)
Names = Annotated[tuple[str, ...], Field(strict=False)]


class MeasuringTable(Record):
    """How calls are counted, as a file says it; see `Measuring`."""

    within: FixedDuration = 20.0
    short_abandon: FixedDuration = 5.0
    clock_starts: Literal["arrival", "ivr_exit", "queue_entry"] = "queue_entry"
    credit: Literal["arrival", "answer", "end"] = "arrival"
    window: Annotated[tuple[Clock, Clock] | None, Field(strict=False)] = None

    def measuring(self, *scenarios: Scenario) -> Measuring:
        """The same as the record that counting takes; raises CallsimError for a window where days are connected."""
        if self.window is not None and any(one.calendar.days > 1 for one in scenarios):
            raise CallsimError("measuring.window: goes with one day; of connected days ask for one, or for its intervals")
        return Measuring(**{name: getattr(self, name) for name in type(self).model_fields})


def find_file(path_or_story: str | Path, name: str) -> Path:
    """A file, or the one of that name in a folder or a shipped story; a path that is none comes back as it is."""
    path = Path(path_or_story)
    if path.is_dir():
        return path / name
    shipped = stories().get(str(path_or_story))
    return path if path.exists() or shipped is None else shipped / name


def read_as(kind: type[R], path: Path) -> tuple[Document, R]:
    """The file and the record it holds; raises ScenarioError with everything that is wrong, with its line."""
    document = read_document(path, of_scenario=False)
    try:
        return document, kind.model_validate(document.table)
    except ValidationError as error:
        problems = problems_in(error, document.table, kind)
        raise ScenarioError([place(problem, [document]) for problem in problems]) from None


def load_beside(
    story: str, policies: tuple[str, ...], settings: Mapping[str, Any], path: Path, parameters: Mode = "fixed"
) -> Scenario:
    """The scenario of a story that stands where `path` does, or is shipped; problems of [set] name the file."""
    beside = path.parent / story
    try:
        return load(beside if beside.exists() else story, policies=policies, settings=settings, parameters=parameters)
    except ScenarioError as error:
        where = {"": shown(path), "--set": f"{shown(path)}: [set]"}
        if any(problem.message.startswith("no policy") for problem in error.problems):  # named here, looked for there
            where |= {problem.place: f"{shown(path)}: policies" for problem in error.problems}
        problems = [replace(problem, place=where.get(problem.place, problem.place)) for problem in error.problems]
        raise ScenarioError(problems) from None
