"""Uncertain: the sets that calibration left beside a story, laid under what its policies and settings change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from sim.files.documents import shown
from sim.files.lists import with_lists
from sim.files.parameters_file import read_parameters
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.merge import build
from sim.scenario.parameters import NOTHING, Measured, at
from sim.scenario.scenario import Scenario

Mode = Literal["fixed", "uncertain"]
Table = dict[str, Any]
_OTHER = 0.5  # a story in which more of the values are others than measured is another story
_KEY = "parameters"


def sets_file(table: Table, problems: list[Problem]) -> Measured | None:
    """What the file holds that a scenario's table names, which is taken out of the table; what is wrong is added."""
    name = table.pop(_KEY, None)
    if name is None:
        return None
    if not isinstance(name, str):
        problems.append(Problem(_KEY, 'must be the name of a file of sets, such as "parameters.json.gz"'))
        return None
    try:
        return read_parameters(Path(name))
    except ScenarioError as error:
        file = shown(Path(name))
        problems += [Problem(_KEY, f"{file}: {one.message}", found=one.found, hint=one.hint) for one in error.problems]
    return None


def with_sets(
    scenario: Scenario,
    own: Measured | None,
    table: Table,
    change: Callable[[Table], Table] | None,
    mode: Mode,
    problems: list[Problem],
) -> Scenario:
    """The scenario; with its sets where the mode is "uncertain".

    table : the story's own, as its file gives it; change : what policies and settings make of such a table, None: nothing.
    A value that the story no longer has as it was measured is the story's in every set, with a warning.
    """
    if own is None:
        if mode == "uncertain" and not any(problem.path == _KEY for problem in problems):
            said = "is missing: the file of sets without which no inputs are uncertain together"
            problems.append(Problem(_KEY, said, hint="callsim calibrate writes one beside the story"))
        return scenario
    base = scenario if change is None else _alone(table)
    if base is None:  # said of the whole
        return scenario
    edited = _edited(own, table, base.table())
    if len(edited) > _OTHER * len(own.point):
        said = f"belongs to another scenario, {own.of}: {len(edited)} of its {len(own.point)} values are not those measured"
        problems.append(Problem(_KEY, said, hint="calibrate again, or leave parameters out"))
        return scenario
    said = "was edited after it was measured: it is the same in every set"
    problems += [Problem(path, said, severity="warning") for path in edited]
    if mode == "fixed":
        return scenario
    sets = own.without(edited)
    return scenario.replace(parameters=sets if change is None else sets.under(table, change))


def _alone(table: Table) -> Scenario | None:
    """The story without policies and settings; None where it is not whole without them."""
    try:
        return build(with_lists(table, []))
    except ScenarioError:
        return None


def _edited(own: Measured, given: Table, whole: Table) -> tuple[str, ...]:
    """Paths with other values than measured, or whose values stand elsewhere than they were written: in a table, say."""
    moved = {path for path, value in own.point.items() if value is not None and at(given, path) is NOTHING}
    changed = set(own.edited(whole)) | moved
    return tuple(path for path in own.point if path in changed)
