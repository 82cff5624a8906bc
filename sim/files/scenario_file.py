"""Loading a scenario: its file and what that extends, policies, values set by path, lists from tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.files.documents import Document, chain_of, place, read_document, shown
from sim.files.lists import with_lists
from sim.files.rosters import ABOUT_PEOPLE, with_roster
from sim.files.stories import Policy, find, policies, twins
from sim.files.uncertain import Mode, sets_file, with_sets
from sim.scenario.consistency import warnings
from sim.scenario.errors import CallsimError, Problem, ScenarioError
from sim.scenario.merge import build, compose, set_paths
from sim.scenario.paths import nearest, split
from sim.scenario.scenario import Scenario
from sim.scenario.series import CHANGE_KEYS

_TITLES = ("name", "description")


def load(
    path_or_story: str | Path,
    *,
    policies: Iterable[str] = (),
    settings: Mapping[str, Any] | None = None,
    parameters: Mode = "fixed",
) -> Scenario:
    """The scenario of a story under policies, with values set by path.

    A story is a folder with scenario.toml, a scenario file, or the name of a shipped story. A policy is named by its
    file's stem or its title; ``"a+b"`` is two of them. parameters : "uncertain" for the sets that calibration left beside the
    story, of which `resolve` takes one per replication. Raises ScenarioError with all problems, with file and line.
    """
    scenario, problems = _loaded(path_or_story, policies, settings, parameters)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors or scenario is None:
        raise ScenarioError(errors)
    return scenario


def problems_of(
    path_or_story: str | Path, *, policies: Iterable[str] | None = None, settings: Mapping[str, Any] | None = None
) -> list[Problem]:
    """Errors and warnings of a story and of each of its policies (or of those named together); raises nothing."""
    try:
        _, found = _loaded(path_or_story, policies or (), settings)
        if policies is None and not any(problem.severity == "error" for problem in found):
            found += _of_policies(path_or_story, settings, found)
    except CallsimError as error:
        found = error.problems if isinstance(error, ScenarioError) else [Problem("", str(error))]
    return list(dict.fromkeys(found))


def _of_policies(story: str | Path, settings: Mapping[str, Any] | None, said: list[Problem]) -> list[Problem]:
    """Of each policy what is not `said` of the story; what then stands in another file names the policy."""
    found: list[Problem] = []
    readable: list[Policy] = []
    for name, path in policies(story).items():
        try:
            readable.append(_policy(name, read_document(path)))
            new = [one for one in _loaded(story, [name], settings)[1] if one not in said]
            said_of = f'with policy "{name}": '
            found += [one if path.name in one.place else replace(one, message=said_of + one.message) for one in new]
        except ScenarioError as error:
            found += error.problems
    return found + twins(readable)


def _loaded(
    path_or_story: str | Path, names: Iterable[str], settings: Mapping[str, Any] | None, parameters: Mode = "fixed"
) -> tuple[Scenario | None, list[Problem]]:
    """The scenario, or None, and everything to say about it, with places."""
    if isinstance(names, str):
        names = [names]
    main = find(path_or_story)
    chain = chain_of(main)
    problems: list[Problem] = []
    scenario = None
    chosen = _chosen(main, names)
    documents = [*chain, *(document for _, document in chosen)]
    cells: dict[tuple[str, ...], str] = {}
    readable = True
    try:
        for _, document in chosen:
            if "extends" in document.table:
                raise ScenarioError([Problem("extends", "a policy extends nothing: it is laid over the scenario")])
        table, cells, readable = with_roster(chain, [document.table for _, document in chosen], problems)
        table.pop("roster", None)  # its agents are there
        own, laid = sets_file(table, problems), [(name, _changes(document)) for name, document in chosen]

        def changed(base: dict[str, Any]) -> dict[str, Any]:
            table = compose(base, laid)
            table.pop("roster", None)  # two policies that have one were refused
            table = set_paths(table, dict(settings or {}))
            if "parameters" in table:
                raise ScenarioError([Problem("parameters", "stands in the scenario file only: it is about what was measured")])
            return table

        as_given = table
        table = with_lists(changed(as_given), problems)
        scenario = build(table)
        scenario = with_sets(scenario, own, as_given, changed if laid or settings else None, parameters, problems)
        problems += warnings(scenario)
        if scenario.ivr.selective():
            from sim.chance.laws import scenario_laws
            from sim.chance.ranges import resolve

            scenario_laws(resolve(scenario, seed=0, middle=True))  # raises where an `easier` cannot be had
    except ScenarioError as error:
        problems += [one for one in error.problems if readable or not _is_about_people(one)]
    return scenario, [_with_place(problem, documents, cells, settings or {}) for problem in problems]


def _is_about_people(problem: Problem) -> bool:
    """Whether a problem may follow from a roster that could not be read."""
    path = split(problem.path) if problem.path else ()
    return bool(path) and (path[0] in ABOUT_PEOPLE or (path[0] == "groups" and path[-1] == "agents"))


def _with_place(
    problem: Problem, documents: list[Document], cells: Mapping[tuple[str, ...], str], settings: Mapping[str, Any]
) -> Problem:
    if not problem.place and problem.path:
        path = split(problem.path)
        for text in settings:
            try:
                parts = split(text)
            except ValueError:
                parts = (text,)
            parts = parts[:-1] if parts[-1] in CHANGE_KEYS else parts
            if text == problem.path or all(a in (b, "*") for a, b in zip(parts, path, strict=False)):
                return replace(problem, place="--set")
    return place(problem, documents, cells)


def _changes(document: Document) -> dict[str, Any]:
    return {key: value for key, value in document.table.items() if key not in _TITLES}


def _policy(name: str, document: Document) -> Policy:
    title = document.table.get("name", name)
    return Policy(name, title if isinstance(title, str) else name, "", document.path)


def _chosen(main: Path, names: Iterable[str]) -> list[tuple[str, Document]]:
    """The documents of the policies named, in order; raises ScenarioError for unknown, doubled and ambiguous names."""
    words = [word.strip() for name in names for word in _split_names(main, name)]
    if not words:
        return []
    there = policies(main)
    readable: dict[str, Policy] = {}
    for name, path in there.items():
        try:
            readable[name] = _policy(name, read_document(path))
        except ScenarioError:
            if name in words:
                raise
    problems = twins(list(readable.values()))
    titles = {policy.title: name for name, policy in readable.items()}
    chosen: dict[str, Document] = {}
    for word in words:
        name = word if word in there else titles.get(word, "")
        where = shown(main.parent / "policies")
        if not name:
            hint = nearest(word, there).replace("known here", "there are") or "there are none"
            problems.append(Problem("", f'no policy "{word}"', hint=hint, place=where))
        elif name in chosen:
            problems.append(Problem("", f'policy "{word}" is named twice', place=where))
        else:
            chosen[name] = read_document(there[name])
    if problems:
        raise ScenarioError(problems)
    return list(chosen.items())


def _split_names(main: Path, name: str) -> list[str]:
    return [name] if name in policies(main) else name.split("+")
