"""Kept kernels: they are used again by the next process, and never after an edit of anything they call."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim.chance.jit import kernel_cache

ROOT = Path(__file__).resolve().parent.parent
_DAY = """
import sys
from sim.chance import draw
from sim.chance.jit import kernel_cache
from sim.engines import simulate
from sim.files import load
scenario = load("golden-club", policies=["priority"])
day = simulate(scenario, draw(scenario, seed=1))
from sim.engines.kernel import run_day
print(int(day.calls.answer.sum()), sum(run_day.stats.cache_hits.values()), kernel_cache())
"""


def answers(folder: Path, cache: Path) -> tuple[int, int, str]:
    """The sum of all answers' ticks, how often the kernel came from the cache, and the folder of the cache."""
    environment = os.environ | {
        "CALLSIM_CACHE": str(cache), "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("NUMBA_DISABLE_JIT", None)
    run = subprocess.run(
        [sys.executable, "-c", _DAY], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-2000:]
    total, hits, place = run.stdout.split(maxsplit=2)
    return int(total), int(hits), place.strip()


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
    first, compiled, folder = answers(tree, cache)
    again, kept, same = answers(tree, cache)
    assert again == first and compiled == 0 and kept == 1 and same == folder
    assert read_only(tree) == installed  # an installed package need not be writable, and nothing was written into it
    decisions = tree / "sim" / "engines" / "decisions.py"
    text = decisions.read_text(encoding="utf-8")
    wrong = text.replace("at(level, i) > best_level", "at(level, i) < best_level")
    assert wrong != text
    decisions.chmod(0o644)
    decisions.write_text(wrong, encoding="utf-8")
    changed, compiled, other = answers(tree, cache)
    assert changed != first and compiled == 0 and other != folder
