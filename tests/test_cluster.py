"""A Dask cluster on this machine, started by its own commands: the same results, and no accident ends the others."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from experiments.cli.cluster import cluster
from experiments.cli.main import main
from experiments.run import fill
from experiments.store import Store
from experiments.study import Study
from sim.files import load
from sim.scenario.errors import CallsimError, CannotFinishError
from sim.scenario.scenario import Scenario

pytest.importorskip("distributed", reason="distributed is not installed")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "killpg"), reason="no process groups here"),
    pytest.mark.xdist_group("cluster"),
]
DASK = shutil.which("dask", path=str(Path(sys.executable).parent)) or "dask"
ROOT = Path(__file__).resolve().parent.parent
LIMIT = 150  # seconds that a test may take


@pytest.fixture(autouse=True)
def in_time() -> Iterator[None]:
    def late(*_: object) -> None:
        raise TimeoutError(f"the cluster took more than {LIMIT} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(LIMIT)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def begin(*words: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    environment |= {"DEADLY": "1"} if words[0] == "worker" else {}
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([DASK, *words], cwd=ROOT, env=environment, start_new_session=True, **quiet)


def end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def worker(address: str) -> subprocess.Popen[bytes]:
    return begin("worker", address, "--nthreads", "1", "--nworkers", "1", "--no-dashboard", "--name", f"w{time.time()}")


@pytest.fixture
def address() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = f"tcp://127.0.0.1:{port}"
    scheduler = begin("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    for _ in range(100):
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.2)
    yield found
    end(scheduler)


@pytest.fixture
def two_workers(address: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    from distributed import Client

    started = [worker(address), worker(address)]
    with Client(address, timeout=30, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        client.wait_for_workers(2, timeout=60)
    yield started
    for one in started:
        end(one)


def study(days: int = 6) -> Study:
    story = load("golden-club")
    return Study({f"plus {n}": story.with_({"groups.hotline.agents.plus": n}) for n in range(4)}, days, 3)


def rows(path: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as file:
        return file.execute("SELECT * FROM days ORDER BY scenario, replication").fetchall()


def test_a_cluster_stores_what_this_machine_would(
    address: str, two_workers: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("study.toml").write_text(
        'story = "golden-club"\ndays = 6\nbaseline = "agents.plus=0"\n[factors]\n"groups.hotline.agents.plus" = [0, 1, 2]\n'
    )
    for words in (("-o", "there", "--dask", address), ("-o", "here")):
        with pytest.raises(SystemExit) as ended:
            main(["sweep", "study.toml", *words])
        assert ended.value.code == 0, capsys.readouterr().err
    assert rows(Path("there/store.sqlite")) == rows(Path("here/store.sqlite"))
    assert Path("there/results.csv").read_text() == Path("here/results.csv").read_text()


def test_a_worker_killed_in_the_middle_costs_only_time(
    address: str, two_workers: list[subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    killed = []

    def progress(done: int, _: int) -> None:
        if done > 40 and not killed:
            killed.append(done)
            end(two_workers[0])

    with Store(tmp_path / "s.sqlite") as store, cluster(address) as executor:
        assert fill(study(200), store, executor=executor, progress=progress, task_calls=20_000) == 800
    assert killed
    with Store(tmp_path / "plain.sqlite") as store:
        fill(study(200), store)
    assert rows(tmp_path / "s.sqlite") == rows(tmp_path / "plain.sqlite")


class Deadly(Scenario):
    """Ends the worker that unpacks it; the scheduler, which does so too, lives on."""

    def __reduce__(self) -> tuple[Any, ...]:  # type: ignore[override]
        return _unpacked, (self.table(),)


def _unpacked(table: dict[str, Any]) -> Scenario:
    if os.environ.get("DEADLY"):
        os._exit(9)
    return Deadly.model_validate(table)  # the scheduler hands on what it unpacked


def test_a_task_that_always_dies_is_reported_and_the_rest_is_finished(
    address: str, two_workers: object, tmp_path: Path
) -> None:
    asked = study(4)
    deadly = Deadly.model_validate(asked.scenarios["plus 0"].with_({"lines.trunks": 66}).table())
    last = asked.scenarios["plus 1"].with_({"lines.trunks": 77})
    told = Study({"first": asked.scenarios["plus 0"], "deadly": deadly, "last": last}, 4, 3)
    said = "4 days were not simulated, all others were; deadly, days 0 to 0: the workers that took it died"
    with Store(tmp_path / "s.sqlite") as store, cluster(address) as executor:
        with pytest.raises(CannotFinishError, match=said):
            fill(told, store, executor=executor, task_calls=4_000_000)
        there = {name: store.there(store.key(one, told.measuring, 3)) for name, one in told.scenarios.items()}
    assert there == {"first": {0, 1, 2, 3}, "deadly": set(), "last": {0, 1, 2, 3}}


def test_nobody_there_and_no_workers_are_named(address: str) -> None:
    with pytest.raises(CannotFinishError, match="the scheduler has no workers"), cluster(address):
        pass


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CallsimError, match=r'pip install "callsim\[cluster\]"'), cluster("tcp://127.0.0.1:1"):
        pass
