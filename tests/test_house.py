"""The house keeps its walls: layers, file sizes, what is loaded when, and no trace of the machine it was built on."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("sim", "experiments", "plots")
HEAVY = ("numba", "scipy", "matplotlib", "simpy")
STORIES = sorted(path.parent.name for path in (ROOT / "scenarios").glob("*/scenario.toml"))


def sources(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "__pycache__" not in path.parts]


def loaded_by(program: str) -> tuple[int, set[str], str]:
    """Exit code, which heavy packages were loaded, and the output of a program in a fresh interpreter."""
    report = (
        "import json, sys\ncode = 0\n"
        f"try:\n    {program}\nexcept SystemExit as end:\n    code = end.code or 0\n"
        f"print('\\n@@' + json.dumps([code, [name for name in {HEAVY!r} if name in sys.modules]]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", report], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    text, _, last = done.stdout.rpartition("@@")
    code, names = json.loads(last)
    return code, set(names), text


def test_data_flows_one_way() -> None:
    pytest.importorskip("importlinter")
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout


@pytest.mark.parametrize("room", ROOMS)
def test_no_file_has_more_than_300_lines(room: str) -> None:
    files = sources(room)
    assert files
    long = {str(path.relative_to(ROOT)): n for path in files if (n := len(path.read_text("utf-8").splitlines())) > 300}
    assert not long, "look for the second subject"


@pytest.mark.parametrize("room", ROOMS)
def test_every_module_says_its_subject_first(room: str) -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in sources(room)
        if (text := path.read_text("utf-8").lstrip()) and not text.startswith(('"""', 'r"""'))
    ]
    assert not silent


def test_importing_the_public_face_loads_nothing_heavy() -> None:
    code, heavy, _ = loaded_by("import callsim")
    assert (code, heavy) == (0, set())


@pytest.mark.parametrize("command", ["--help", "lint outage-surge", "lint golden-club", "schema"])
def test_commands_that_do_not_simulate_load_nothing_heavy(command: str) -> None:
    words = ["callsim", *command.split()]
    code, heavy, text = loaded_by(f"sys.argv = {words!r}; from experiments.cli.main import main; main()")
    assert (code, heavy) == (0, set()), text


def test_every_name_of_the_public_face_is_there() -> None:
    import callsim

    for name in callsim.__all__:
        assert callable(getattr(callsim, name)), name  # a module of the same name is not
    assert callable(callsim.answer_rate)
    assert set(callsim.__all__) <= set(dir(callsim))


def test_type_checkers_and_the_program_read_the_same_public_face() -> None:
    import callsim

    text = (ROOT / "callsim.py").read_text("utf-8")
    pairs = {name: module for module, name in re.findall(r"from (\S+) import (\w+) as \w+", text)}
    assert pairs == callsim._PLACES


def test_an_unknown_name_of_the_public_face_is_an_attribute_error() -> None:
    import callsim

    with pytest.raises(AttributeError, match="no attribute 'simulat'"):
        callsim.simulat  # noqa: B018


def test_no_path_of_a_machine_is_in_the_tree() -> None:
    # Spelled in parts, so that this file does not find itself.
    homes = ["/" + "home/", "/" + "root/", "/" + "Users/", "/" + "work/main", "/" + "work/shared", "C:" + "\\Users"]
    found = []
    for path in tree():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {home}" for home in homes if home in text]
    assert not found


def tree() -> list[Path]:
    """The files of the checkout as git knows them; without git, all that do not begin with a dot."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode == 0 and listed.stdout:
        return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]
    walked = (Path(folder) / name for folder, _, names in os.walk(ROOT) for name in names)
    return [path for path in walked if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)]


def test_the_two_shipped_stories_are_there() -> None:
    assert {"golden-club", "outage-surge"} <= set(STORIES)


@pytest.mark.parametrize("story", STORIES)
def test_a_shipped_story_and_each_of_its_policies_loads_without_a_problem(story: str) -> None:
    from sim.files import load, problems_of

    assert [str(problem) for problem in problems_of(story) if problem.severity == "error"] == []
    baseline = load(story)
    policies = sorted(path.stem for path in (ROOT / "scenarios" / story / "policies").glob("*.toml"))
    assert policies
    for policy in policies:
        assert load(story, policies=[policy]) != baseline
    assert (ROOT / "scenarios" / story / "README.md").read_text("utf-8").startswith(f"# {story}\n")


def test_both_is_the_announcement_and_the_overtime() -> None:
    from sim.files import load

    composed = load("outage-surge", policies=["announcement", "overtime"])
    both = load("outage-surge", policies=["both"])
    assert both.ivr == composed.ivr
    assert both.groups == composed.groups
