"""Stories: folders with a scenario.toml and policies, by path or by the name of a shipped one."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from sim.files.documents import read_document, shown
from sim.files.reading import wrong
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.paths import nearest

_SIM = Path(__file__).resolve().parent.parent
_MAIN = "scenario.toml"


class Policy(NamedTuple):
    """A policy file: its short `name` (the file's stem), its `title` for tables, what it says of itself, where it is."""

    name: str
    title: str
    description: str
    path: Path


def stories() -> dict[str, Path]:
    """Name -> folder of the stories that come with callsim, in a checkout or installed."""
    for root in (_SIM.parent / "scenarios", _SIM / "_scenarios"):
        found = {path.parent.name: path.parent for path in sorted(root.glob(f"*/{_MAIN}"))}
        if found:
            return found
    return {}


def find(path_or_story: str | Path) -> Path:
    """The scenario file of a folder, a file, or a shipped story's name; raises ScenarioError."""
    path = Path(path_or_story)
    shipped = stories()
    name = str(path_or_story)
    try:
        folder, file = path.is_dir(), path.is_file()
    except (OSError, ValueError):
        folder = file = False
    if folder and (path / _MAIN).is_file():
        return path / _MAIN
    if name in shipped and not file:
        return shipped[name] / _MAIN
    if folder:
        raise wrong(shown(path), f"the folder has no {_MAIN}")
    if file:
        return path
    hint = nearest(name, shipped).replace("known here", "shipped stories")
    raise wrong(name, "no such file, folder or shipped story", hint=hint)


def policies(story: str | Path) -> dict[str, Path]:
    """Name -> file of a story's policies: policies/*.toml beside its scenario file, in order of name."""
    folder = find(story).parent / "policies"
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def describe(story: str | Path) -> list[Policy]:
    """The policies of a story with their titles; raises ScenarioError when two have one name."""
    found = []
    for name, path in policies(story).items():
        table = read_document(path).table
        title, description = table.get("name", name), table.get("description", "")
        found.append(Policy(name, title if isinstance(title, str) else name, str(description), path))
    problems = twins(found)
    if problems:
        raise ScenarioError(problems)
    return found


def twins(found: list[Policy]) -> list[Problem]:
    """A problem for every policy whose name or title another one has."""
    problems: list[Problem] = []
    first: dict[str, Policy] = {}
    for policy in found:
        for word in {policy.name.casefold(), policy.title.casefold()}:
            other = first.setdefault(word, policy)
            if other is not policy:
                message = f"two policies of one name: {shown(other.path)} and {shown(policy.path)}"
                line = read_document(policy.path).lines.get(("name",), 1)
                problems.append(
                    Problem("name", message, found=f'"{policy.title}"', place=f"{shown(policy.path)}:{line}")
                )
                break
    return problems
