"""Kept kernels: they are used again by the next process, and never after an edit of anything they call."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numba
import pytest

from sim.chance.jit import kernel_cache
from sim.engines.warm import BESIDE, FUNCTIONS

ROOT = Path(__file__).resolve().parent.parent
_DAY = """
import sys
from sim.chance import draw
from sim.chance.jit import kernel_cache
from sim.engines import simulate
from sim.engines.warm import is_warm, warm_up
from sim.files import load
steps, there = [0], is_warm()
warm_up(lambda done, about: steps.append(done))
scenario = load("golden-club", policies=["priority"])
day = simulate(scenario, draw(scenario, seed=1))
from sim.engines.kernel import run_day
print(int(day.calls.answer.sum()), sum(run_day.stats.cache_hits.values()), there, steps[-1], kernel_cache())
"""


class Run(NamedTuple):
    """Of a process: the sum of all answers' ticks; how often the kernel came from the cache; whether it was said to be
    there; how many functions were compiled to get ready; the folder of the cache.
    """

    total: int
    hits: int
    warm: bool
    compiled: int
    folder: str


def answers(folder: Path, cache: Path) -> Run:
    """What a new process finds."""
    own = {"CALLSIM_CACHE": str(cache), "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    environment = os.environ | own
    environment.pop("NUMBA_DISABLE_JIT", None)
    run = subprocess.run(
        [sys.executable, "-c", _DAY], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-2000:]
    total, hits, warm, compiled, place = run.stdout.split(maxsplit=4)
    return Run(int(total), int(hits), warm == "True", int(compiled), place.strip())


def read_only(folder: Path) -> set[Path]:
    """All files of the folder, from now on not to be written to."""
    found = set(folder.rglob("*"))
    for path in found:
        path.chmod(0o555 if path.is_dir() else 0o444)
    return found


def test_without_a_place_for_the_cache_kernels_are_compiled_anyway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    monkeypatch.setenv("CALLSIM_CACHE", str(tmp_path / "file" / "cache"))
    assert kernel_cache.__wrapped__() is None
    monkeypatch.setenv("CALLSIM_CACHE", str(tmp_path / "new" / "cache"))
    assert Path(str(kernel_cache.__wrapped__())).parent == tmp_path / "new" / "cache"


@pytest.mark.slow
def test_an_edited_decision_changes_the_next_process_and_an_unchanged_one_is_not_compiled_again(tmp_path: Path) -> None:
    for room in ("sim", "scenarios"):
        shutil.copytree(ROOT / room, tmp_path / "tree" / room, ignore=shutil.ignore_patterns("__pycache__"))
    tree, cache = tmp_path / "tree", tmp_path / "cache"
    installed = read_only(tree)
    first, again = answers(tree, cache), answers(tree, cache)
    assert not first.warm and first.hits == 0 and 0.85 * BESIDE < first.compiled < 1.15 * FUNCTIONS
    assert again == Run(first.total, 1, True, 0, first.folder)
    assert read_only(tree) == installed  # an installed package need not be writable, and nothing was written into it
    decisions = tree / "sim" / "engines" / "decisions.py"
    text = decisions.read_text(encoding="utf-8")
    wrong = text.replace("row[LEVEL] > best_level", "row[LEVEL] < best_level")
    assert wrong != text
    decisions.chmod(0o644)
    decisions.write_text(wrong, encoding="utf-8")
    changed = answers(tree, cache)
    assert changed.total != first.total and not changed.warm and changed.hits == 0 and changed.folder != first.folder


def test_what_another_process_compiles_is_what_the_kernel_calls() -> None:
    """Compiled for other types than those of the kernel's calls it would be work for nothing."""
    from sim.engines.warm import last_compiled, warm_up

    warm_up()
    for function, arguments in last_compiled():
        known, missed = bool(function.signatures), sum(function.stats.cache_misses.values())
        function.compile(tuple(numba.typeof(argument) for argument in arguments))
        # compiled with the kernel by this process or, where that came from the cache, by the one that filled it
        there = known or sum(function.stats.cache_hits.values()) == 1
        assert there and sum(function.stats.cache_misses.values()) == missed, function.__name__
        assert len(function.signatures) == 1, function.__name__
