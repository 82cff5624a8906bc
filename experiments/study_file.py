"""Study file: a TOML that names a story, policies, factors and what is to be measured; each combination is a cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from experiments.asked import MeasuringTable, Names, load_beside, read_as
from experiments.compare import FEW_DAYS
from experiments.data_error import drawn_in
from experiments.design import Factor, Method, Point, design, factor_from
from experiments.quantity import Quantity, quantities
from experiments.threshold import Threshold, parse_all
from experiments.usual_days import usual_days
from sim.files.documents import place, shown
from sim.files.uncertain import Mode
from sim.scenario.errors import CallsimError, Problem, ScenarioError
from sim.scenario.record import Record
from sim.scenario.scenario import Scenario
from sim.tally import Measuring

BASELINE = "baseline"
Front = Literal["paid_hours", "cost"]  # what the front is drawn against
_Measures = Annotated[tuple[str, ...], Field(strict=False, min_length=1)]


class Select(Record):
    """Choose the best cell: `margin` (points, or the measure's unit) is a difference that matters, `chance` that of being
    right about it, `most` the most days to simulate for it.
    """

    margin: Annotated[float, Field(gt=0)]
    chance: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    most: Annotated[int, Field(ge=2, le=1_000_000)] = 10_000


class StudyFile(Record):
    """What a study file may say."""

    name: str = ""
    story: str | None = None
    stories: Names = ()
    policies: Names = ()
    set: dict[str, Any] = {}
    factors: dict[str, Any] = {}
    design: Method = "grid"
    points: Annotated[int | None, Field(ge=1)] = None
    days: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    precision: Annotated[float | None, Field(gt=0)] = None
    seed: Annotated[int, Field(ge=0)] = 1
    measures: _Measures = ("answer_rate",)
    baseline: str | None = None
    thresholds: Names = ()
    select: Select | None = None
    front: Front = "paid_hours"
    measuring: MeasuringTable = MeasuringTable()
    parameters: Mode = "fixed"


@dataclass(frozen=True, eq=False)
class Cell:
    """One combination: its name, the story and the policy ("" where there is one story, or none is laid over it), the
    values of the factors, and the scenario they make.
    """

    name: str
    story: str
    policy: str
    point: Point
    scenario: Scenario


@dataclass(frozen=True, eq=False)
class Plan:
    """A study as its file means it. `stories` : (story, policy) -> scenario, from which `cell` makes more cells.

    precision : in the first measure's own unit, None: as many `days` as said; else at most
    quantities : what each of the `measures` is
    select : the best cell is to be chosen, with `days` for the first stage; its margin is in the measure's own unit
    sets : of uncertain parameters, None where inputs are fixed
    """

    title: str
    cells: tuple[Cell, ...]
    stories: Mapping[tuple[str, str], Scenario]
    factors: Mapping[str, Factor]
    method: Method
    points: int | None
    days: int
    precision: float | None
    seed: int
    measures: tuple[str, ...]
    quantities: Mapping[str, Quantity]
    baseline: str
    thresholds: tuple[Threshold, ...]
    measuring: Measuring
    select: Select | None = None
    front: Front = "paid_hours"
    sets: int | None = None

    @property
    def horizon(self) -> int:
        """The connected days of a simulation, the most where cells differ."""
        return max(scenario.calendar.days for scenario in self.stories.values())

    @property
    def first(self) -> Quantity:
        """The first measure, which orders the cells."""
        return self.quantities[self.measures[0]]

    def cell(self, of: tuple[str, str], point: Point) -> Cell:
        """The cell of a story and policy at a point; raises ScenarioError naming what the scenario cannot take."""
        scenario = self.stories[of]
        return Cell(cell_name(*of, point), *of, point, scenario.with_(point) if point else scenario)


def read_study(path: Path, *, parameters: Mode | None = None) -> Plan:
    """The study a file describes, every cell built; raises ScenarioError with everything that is wrong, with its line.

    parameters : instead of the file's
    """
    document, file = read_as(StudyFile, path)
    try:
        return _plan(file if parameters is None else file.replace(parameters=parameters), path)
    except ScenarioError as error:
        raise ScenarioError([place(problem, [document]) for problem in error.problems]) from None
    except CallsimError as error:
        where, _, said = str(error).partition(": ")
        raise ScenarioError([place(Problem(where, said), [document])]) from None


def cell_name(story: str, policy: str, point: Point) -> str:
    """``overtime, agents.plus=10``; paths by their last two parts, of a special day with its name."""
    words = [word for word in (story, policy) if word]
    words += [f"{_short(path)}={value}" for path, value in point.items()]
    return ", ".join(words) or BASELINE


def _short(path: str) -> str:
    parts = path.split(".")
    day = f"{parts[1]} " if parts[0] == "special_days" and len(parts) > 3 else ""
    last = 3 if len(parts) > 2 and parts[-2].isdigit() else 2  # an entry without a name: by the array it stands in
    return day + ".".join(parts[-last:])


def _plan(file: StudyFile, path: Path) -> Plan:
    if (file.story is None) == (not file.stories):
        raise CallsimError("story: give one, or several as stories")
    several = file.stories or (str(file.story),)
    stories = {
        (one if file.stories else "", _policy(name)): load_beside(one, _parts(name), file.set, path, file.parameters)
        for one in several
        for name in file.policies or ("",)
    }
    if file.parameters == "uncertain":
        _goes_with_sets(file)
    days = file.days or usual_days(file.parameters)
    factors = {key: factor_from(key, given) for key, given in file.factors.items()}
    first, *_ = stories.values()
    try:
        asked = quantities(file.measures, first)
    except CallsimError as error:
        raise CallsimError(f"measures: {error}") from None
    scale = asked[file.measures[0]].reading.scale
    try:
        thresholds = parse_all(list(file.thresholds), first, baseline=True)
    except ScenarioError as error:
        raise ScenarioError([replace(one, path="thresholds") for one in error.problems]) from None
    precision = None if file.precision is None else file.precision / scale
    select = file.select
    if select is not None:
        if precision is not None:
            raise CallsimError("select: says how many days are needed, and so does precision; give one of them")
        if days < FEW_DAYS:
            raise CallsimError(f"days: select needs {FEW_DAYS} or more to see how much cells differ")
        select = select.replace(margin=select.margin / scale)
    plan = Plan(
        file.name or shown(path), (), stories, factors, file.design, file.points, days, precision, file.seed,
        file.measures, asked, "", tuple(thresholds), file.measuring.measuring(*stories.values()), select, file.front,
        drawn_in(stories.values()),
    )  # fmt: skip
    points = design(factors, file.design, points=file.points, seed=file.seed)
    cells = _cells(plan, points)
    names = [cell.name for cell in cells]
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise CallsimError(f'factors: two cells are called "{twice[0]}"')
    baseline = file.baseline or (names[0] if names else BASELINE)
    if baseline not in names:  # as `policies` says it: the day as it is has no name of its own in a cell's
        baseline = baseline.removeprefix(f"{BASELINE}, ")
    if names and baseline not in names:
        from sim.scenario.paths import nearest

        raise CallsimError(f'baseline: no cell "{baseline}"; {nearest(baseline, names)}')
    return replace(plan, cells=tuple(cells), baseline=baseline)


def _goes_with_sets(file: StudyFile) -> None:
    """Raises CallsimError for what makes no sense where inputs are uncertain together."""
    if file.select is not None:
        raise CallsimError(
            "select: says how many days choose the best cell, and no number of days takes data error away; goes with "
            'parameters = "fixed"'
        )
    if file.design == "sobol indices":
        raise CallsimError(
            'design: "sobol indices" shares out what factors make, all else the same; goes with parameters = "fixed"'
        )


def _cells(plan: Plan, points: list[Point]) -> list[Cell]:
    cells, problems = [], []
    for of in plan.stories:
        for point in points:
            try:
                cells.append(plan.cell(of, point))
            except ScenarioError as error:
                problems += [_of_factor(problem, point) for problem in error.problems]
    if problems:
        raise ScenarioError(list(dict.fromkeys(problems)))
    return cells


def _of_factor(problem: Problem, point: Point) -> Problem:
    """The problem at the line of the factor that brought it about."""
    for path in point:
        if problem.path and (path.startswith(problem.path) or problem.path.startswith(path)):
            return replace(problem, path=f'factors."{path}"', message=f"{problem.path}: {problem.message}")
    return replace(problem, path="factors", message=f"{problem.path}: {problem.message}")


def _policy(name: str) -> str:
    return "" if name == BASELINE else name


def _parts(name: str) -> tuple[str, ...]:
    return tuple(name.split("+")) if _policy(name) else ()
