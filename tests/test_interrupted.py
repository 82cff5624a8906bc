"""Interrupted: Ctrl-C, lost workers and disks that are full end with a message and a code, and leave nothing half done."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from pathlib import Path
from typing import Any

import pytest

from experiments.cli.main import main
from experiments.run import run as run_study
from experiments.study import Study
from sim.files import load, write_whole
from sim.scenario.errors import CannotFinishError

COMMAND = (sys.executable, "-m", "experiments.cli.main")
ROOT = Path(__file__).resolve().parent.parent


def started(*words: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *map(str, words)], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip


def children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False).stdout
    return [int(word) for word in found.split()]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of a process group")
@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_in_mid_run_exits_130_says_so_and_leaves_no_file(jobs: int, tmp_path: Path) -> None:
    figure = tmp_path / "figure.png"
    run = started("compare", "outage-surge", "--days", 30_000, "--jobs", jobs, "--figure", figure)
    time.sleep(6)
    assert run.poll() is None, run.communicate()
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does: everybody in the foreground hears it
    out, err = run.communicate(timeout=30)
    assert run.returncode == 130, err
    assert "Traceback" not in err and "interrupted" in err and out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32" or not Path("/usr/bin/ps").exists(), reason="needs ps")
def test_a_killed_worker_ends_the_run_with_4_and_a_way_on() -> None:
    run = started("compare", "outage-surge", "--days", 3000, "--jobs", 2, "--engine", "reference")
    deadline = time.monotonic() + 30
    workers: list[int] = []
    while time.monotonic() < deadline and len(workers) < 2:
        time.sleep(0.2)
        workers = [pid for child in children(run.pid) for pid in children(child)]  # a server starts them
    os.kill(workers[-1], signal.SIGKILL)
    out, err = run.communicate(timeout=60)
    assert run.returncode == 4, err
    assert "Traceback" not in err and "worker" in err and "--jobs" in err and out == ""


class BrokenPool(Executor):
    """A pool whose workers have died: the first task knows it already, the pool is about to tell the others."""

    def __init__(self) -> None:
        self.futures: list[Future[Any]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if not self.futures:
            future.set_exception(BrokenExecutor())
        self.futures.append(future)
        return future


def test_futures_of_a_broken_pool_are_left_to_it() -> None:
    study, pool = Study({"story": load("golden-club")}, replications=100), BrokenPool()
    with pytest.raises(CannotFinishError, match="worker process died"):
        run_study(study, executor=pool)
    assert len(pool.futures) > 1 and not any(future.cancelled() for future in pool.futures)


def test_a_full_disk_leaves_the_old_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "result.csv"
    path.write_text("as it was")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotFinishError, match=r"result\.csv: cannot be written: the disk is full"):
        write_whole(path, "as it should be")
    assert path.read_text() == "as it was" and len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_may_not_be_written_is_said_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # the tests may run as somebody who may do everything
    with pytest.raises(SystemExit) as ended:
        main(["run", "golden-club", "--days", "1", "--jobs", "1", "--log", str(tmp_path / "log.csv")])
    said = capsys.readouterr()
    assert ended.value.code == 4 and "is read-only; nothing was run" in said.err and said.out == ""


def test_a_file_that_is_locked_is_said_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object, **__: object) -> tuple[int, str]:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(tempfile, "mkstemp", locked)
    with pytest.raises(CannotFinishError, match="may not be written; if it is open in Excel, close it there"):
        write_whole(tmp_path / "result.csv", "x")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output_that_has_no_room_ends_with_4() -> None:
    with Path("/dev/full").open("w") as full:
        run = subprocess.run([*COMMAND, "measures"], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert run.returncode == 4 and "could not be written" in run.stderr and "Traceback" not in run.stderr


def test_a_reader_that_goes_away_is_no_error() -> None:
    run = started("measures")
    assert run.stdout is not None
    run.stdout.readline()
    run.stdout.close()
    assert run.wait(timeout=30) == 0


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "gbk"])
def test_consoles_of_other_encodings_get_plain_characters(encoding: str) -> None:
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    words = ("run", "golden-club", "--days", "2", "--jobs", "1")
    run = subprocess.run([*COMMAND, *words], cwd=ROOT, capture_output=True, env=environment, check=False)
    assert run.returncode == 0 and b"Traceback" not in run.stderr
    assert ("+-" if encoding == "ascii" else "±").encode(encoding) in run.stdout
