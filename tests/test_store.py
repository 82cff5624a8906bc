"""The store: what is in it is what was simulated, it is never asked twice, and no accident loses a committed day."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import experiments.store
import experiments.tasks
from experiments.packing import frame_from, frame_text, pack_days, unpack_days
from experiments.run import extend, fill, run
from experiments.store import Store
from experiments.study import Study
from experiments.tasks import replicate
from sim.files import load
from sim.scenario.errors import CallsimError, CannotFinishError
from sim.tally import Measuring, Tally, varint

ROOT = Path(__file__).resolve().parent.parent
STORY = load("golden-club")


def study(days: int = 6, **changes: object) -> Study:
    scenarios = {"base": STORY, "more": STORY.with_({"groups.hotline.agents.plus": 2})}
    return Study(scenarios, days, 4, **changes)  # type: ignore[arg-type]


def same(one: Tally, other: Tally) -> bool:
    arrays = ("calls", "agents", "callers", "waits", "longest")
    return one.frame == other.frame and all(np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays)


def rows(path: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as file:
        return file.execute("SELECT * FROM days ORDER BY scenario, measuring, seed, middle, model, replication").fetchall()


@given(st.lists(st.integers(-(2**62), 2**62) | st.integers(0, 2**17) | st.just(0), min_size=1, max_size=80))
def test_a_packed_day_comes_back_whatever_its_numbers(numbers: list[int]) -> None:
    tally = replicate(STORY.with_({"call_types.billing.arrivals": 0}), seed=1, replication=0, measuring=Measuring())
    calls = tally.calls.copy()
    calls.ravel()[: len(numbers)] = numbers
    changed = replace(tally, calls=calls)
    assert same(unpack_days(pack_days(changed), tally.frame, tally.measuring), changed)


def test_bytes_that_are_no_packed_day_are_told_apart() -> None:
    counts = np.array([[0, 0, 5, 300, 0, -1, 0, 0, 0], [1, 2, 3, 4, 5, 6, 7, 8, 1 << 62]])
    packed = varint.written(counts)
    assert packed[0] == bytes([0, 1, 5, 172, 2, 0, 0, *[255] * 9, 1, 0, 2])  # 300 = 2 x 128 + 44, as Protocol Buffers write it
    assert np.array_equal(varint.read(packed, 9), counts)
    for wrong in (packed[0][:-1], packed[0] + b"\x01", packed[1][:-1], b"", b"\x00\x09", b"\x00" + b"\xff" * 20):
        with pytest.raises(ValueError, match="bytes that are not 9 counts"):
            varint.read([wrong], 9)


@pytest.mark.parametrize("policy", ["priority", "dedicated-seats"])
def test_a_frame_comes_back_from_its_text(policy: str) -> None:
    frame = replicate(load("golden-club", policies=[policy]), seed=1, replication=0, measuring=Measuring()).frame
    again = frame_from(frame_text(frame))
    assert again == frame and np.array_equal(again.overtime, frame.overtime)


@pytest.mark.parametrize("story", ["golden-club", "outage-surge"])
def test_results_from_a_store_are_those_of_a_run(story: str, tmp_path: Path) -> None:
    asked = Study({"a": load(story)}, 3, 2, Measuring(within=30.0, window=(9 * 3600.0, 20 * 3600.0)))
    plain = run(asked)
    with Store(tmp_path / "s.sqlite") as store, ThreadPoolExecutor(2) as pool:
        kept = run(asked, store=store, executor=pool)
    with Store(tmp_path / "s.sqlite") as store:
        again = run(asked, store=store)
    for found in (kept, again):
        assert same(found.tallies["a"], plain.tallies["a"]) and found.middle.keys() == plain.middle.keys()
        assert all(same(found.middle[name], plain.middle[name]) for name in plain.middle)
        assert found.tallies["a"].measuring == asked.measuring


def test_only_what_is_missing_is_simulated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    own = experiments.tasks.replicate

    def counted(*words: object, **named: object) -> Tally:
        seen.append(int(named["replication"]))  # type: ignore[call-overload]
        return own(*words, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(experiments.tasks, "replicate", counted)
    with Store(tmp_path / "s.sqlite") as store:
        assert fill(study(3), store) == 6 and sorted(seen) == [0, 0, 1, 1, 2, 2]
        seen.clear()
        assert fill(study(5), store) == 4 and sorted(seen) == [3, 3, 4, 4]
        seen.clear()
        third = replace(study(5), scenarios={**study().scenarios, "fewer": STORY.with_({"groups.hotline.agents.plus": -2})})
        assert fill(third, store) == 5
        assert fill(replace(study(5), measuring=Measuring(within=40.0)), store) == 10  # counted otherwise
        assert fill(replace(study(5), seed=5), store) == 10
        renamed = STORY.replace(name="another title", targets=())
        assert fill(Study({"other name": renamed}, 5, 4), store) == 0


def test_a_longer_run_from_a_store_is_an_extended_one(tmp_path: Path) -> None:
    with Store(tmp_path / "s.sqlite") as store:
        run(study(2), store=store)
        longer = run(study(4), store=store)
    plain = extend(run(study(2)), 4)
    assert all(same(longer.tallies[name], plain.tallies[name]) for name in plain.tallies)


def test_what_is_stored_does_not_depend_on_who_computed_it(tmp_path: Path) -> None:
    with Store(tmp_path / "a.sqlite") as store, ThreadPoolExecutor(3) as pool:
        fill(study(), store, executor=pool, task_calls=1)
    with Store(tmp_path / "b.sqlite") as store:
        fill(study(6, engine="reference"), store)
    assert rows(tmp_path / "a.sqlite") == rows(tmp_path / "b.sqlite")


def test_a_run_says_what_made_it(tmp_path: Path) -> None:
    with Store(tmp_path / "s.sqlite") as store:
        first = store.begin_run({"callsim": "1", "command": ["a"]}, "2026-01-01T00:00:00+00:00")
        store.end_run(first, "2026-01-01T00:01:00+00:00")
        store.begin_run({"callsim": "2"}, "2026-01-02T00:00:00+00:00")
    with Store(tmp_path / "s.sqlite") as store:
        done, stopped = store.runs()
    assert done["callsim"] == "1" and done["ended"] and stopped["ended"] is None


def test_two_processes_on_one_store_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    with Store(path) as one, Store(path) as other:
        fill(study(2), one)
        assert fill(study(4), other) == 4
        key = one.key(STORY, Measuring(), 4)
        one.put(key, range(2), run(Study({"a": STORY}, 2, 4)).tallies["a"])  # again: stays as it is
        assert one.there(key) == {0, 1, 2, 3} and len(rows(path)) == 8


def test_a_locked_store_is_named_and_keeps_what_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "s.sqlite"
    monkeypatch.setattr(experiments.store, "WAIT", 0.1)
    with Store(path) as store:
        fill(study(2), store)
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(CannotFinishError, match="another program holds the store; what was committed is kept"):
            fill(study(3), store)
        holder.execute("ROLLBACK")
        holder.close()
        assert fill(study(3), store) == 2


def test_a_full_disk_is_named_and_keeps_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        fill(study(2), store)
        before = rows(path)
        pages = store._file.execute("PRAGMA page_count").fetchone()[0]
        store._file.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(CannotFinishError, match="the disk is full; what was committed is kept"):
            fill(study(40), store)
        store._file.execute("PRAGMA max_page_count = 1000000")
    assert rows(path)[: len(before)] is not None and set(before) <= set(rows(path))
    with Store(path) as store:
        fill(study(3), store)


def test_a_file_that_is_no_store_and_a_newer_one_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    path.write_text("something else, long enough to be taken for a file of SQLite's" * 40)
    with pytest.raises(CallsimError, match="is no store of callsim, or a damaged one"):
        Store(path)
    new = tmp_path / "new.sqlite"
    Store(new).close()
    with sqlite3.connect(new) as file:
        file.execute("PRAGMA user_version = 99")
    with pytest.raises(CallsimError, match="of a newer callsim"):
        Store(new)
    with pytest.raises(CannotFinishError, match="cannot be opened"):
        Store(tmp_path / "nowhere" / "s.sqlite")


def test_days_of_another_version_of_the_model_are_not_taken_for_ours(tmp_path: Path) -> None:
    with Store(tmp_path / "s.sqlite") as store:
        fill(study(2), store)
        with sqlite3.connect(store.path) as file:
            file.execute("UPDATE keys SET model = 0")
    with Store(tmp_path / "s.sqlite") as store:
        assert store.models() == {0: 4} and store.there(store.key(STORY, Measuring(), 4)) == set()


_FILL = """
import sys
from experiments.run import fill
from experiments.store import Store
from tests.test_store import study
with Store(sys.argv[1]) as store:
    print("open", flush=True)
    fill(study(400), store, task_calls=2000)
print("done", flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
def test_killed_at_random_moments_and_resumed_it_equals_an_undisturbed_run(tmp_path: Path) -> None:
    """Ten processes in turn on one store; every other is killed soon after it has opened it, whatever it is doing, and the
    others soon after a commit of theirs; seed 8.
    """
    with Store(tmp_path / "whole.sqlite") as store:
        fill(study(400), store)
    chance, path = np.random.default_rng(8), tmp_path / "killed.sqlite"
    command = [sys.executable, "-c", _FILL, str(path)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    sizes = [0]
    for turn in range(10):
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None and process.stdout.readline() == "open\n"
        deadline = time.monotonic() + 60.0
        while turn % 2 and len(rows(path)) == sizes[-1] and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(float(chance.uniform(0.0, 0.03 if turn % 2 else 0.5)))
        process.kill()
        process.wait()
        process.stdout.close()
        sizes.append(len(rows(path)))
    assert sizes == sorted(sizes) and sizes[2] > 0 and sizes[-1] < 800, sizes  # it was killed in the middle
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=300)
    assert rows(path) == rows(tmp_path / "whole.sqlite")
