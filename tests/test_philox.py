"""The keyed generator: published vectors, its counter layout, and where compiled code is kept."""

import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.chance import jit, philox

U = np.uint64
words = st.integers(0, 2**32 - 1)
keys = st.integers(0, 2**64 - 1)


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [  # Random123, kat_vectors, philox4x32 10
        ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0],
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)
def test_philox_gives_the_published_vectors(counter, key, expected):
    assert [int(word) for word in philox.philox(*map(U, counter), *map(U, key))] == expected


@given(st.tuples(words, words, words, words), st.tuples(words, words))
def test_philox_equals_python_integers(counter, key):
    (c0, c1, c2, c3), (k0, k1) = counter, key
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = p1 >> 32 ^ c1 ^ k0, p1 & 0xFFFFFFFF, p0 >> 32 ^ c3 ^ k1, p0 & 0xFFFFFFFF
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    assert [int(word) for word in philox.philox(*map(U, counter), *map(U, key))] == [c0, c1, c2, c3]


@given(keys, words, keys, st.integers(0, 2**16 - 1), st.integers(0, 2**16 - 1))
def test_a_block_is_philox_in_the_written_counter_layout(seed, replication, key, purpose, step):
    low = 0xFFFFFFFF
    counter = [key & low, key >> 32, replication, purpose << 16 | step]
    expected = philox.philox(*map(U, counter), U(seed & low), U(seed >> 32))
    block = philox.block(U(seed), U(replication), U(key), U(purpose), U(step))
    assert list(block) == [(int(word) + 0.5) / 2**32 for word in expected]


def test_uniforms_lie_inside_the_unit_interval():
    assert philox.uniform(U(0)) == 2.0**-33
    assert philox.uniform(U(2**32 - 1)) == 1 - 2.0**-33


def test_uniforms_are_even():
    n, bins = 2000, 16  # chi-square of 4 lanes with 15 degrees of freedom each; 99.99% quantile is 44.3; seed 7
    lanes = np.array([philox.block(U(7), U(0), U(k), philox.CALLER, U(0)) for k in range(n)])
    for lane in lanes.T:
        counts = np.bincount((lane * bins).astype(int), minlength=bins)
        assert ((counts - n / bins) ** 2).sum() / (n / bins) < 44.3


def test_purpose_blocks_differ():
    blocks = [philox.COUNT, philox.CALLER, philox.SERVICE, philox.AGAIN]
    blocks += [philox.BUSYNESS, philox.INPUT, philox.REPLAY]
    assert len({int(block) for block in blocks}) == 7
    assert all(isinstance(block, np.uint64) for block in blocks)


@given(keys, words, words)
def test_a_later_key_is_the_low_words_of_philox_under_a_fixed_key(parent, channel, attempt):
    fixed = (int.from_bytes(b"call", "big"), int.from_bytes(b"next", "big"))
    w0, w1, _, _ = philox.philox(*map(U, [parent & 0xFFFFFFFF, parent >> 32, channel, attempt, *fixed]))
    assert int(philox.derive(U(parent), U(channel), U(attempt))) == int(w1) << 32 | int(w0)


def test_later_keys_of_parents_channels_and_tries_differ():
    found = {int(philox.derive(U(p), U(c), U(a))) for p in range(10) for c in range(7) for a in range(10)}
    assert len(found) == 700


@given(st.integers(0, 2**24 - 1), st.integers(0, 2**16 - 1), st.integers(0, 2**24 - 1))
def test_a_fresh_key_holds_stream_interval_and_number(stream, interval, k):
    key = philox.fresh_key(U(stream), U(interval), U(k))
    assert int(key) == stream << 40 | interval << 24 | k


def test_a_name_hashes_to_the_same_number_everywhere():
    assert philox.name_hash("sales") == 0x91019A5E894FEFED
    assert philox.name_hash("sales", bits=24) == philox.name_hash("sales") % 2**24
    assert philox.name_hash("Verkäufe") != philox.name_hash("Verkaufe")
    with pytest.raises(ValueError, match="from 1 to 64, found 65"):
        philox.name_hash("sales", bits=65)


def test_the_cache_home_follows_the_platform():
    assert jit.cache_home({"CALLSIM_CACHE": "/c"}, "linux") == Path("/c")
    assert jit.cache_home({"XDG_CACHE_HOME": "/x"}, "linux") == Path("/x/callsim")
    assert jit.cache_home({"LOCALAPPDATA": "/l"}, "win32") == Path("/l/callsim")
    assert jit.cache_home({}, "linux") == Path.home() / ".cache" / "callsim"


def test_an_edit_of_any_kernel_source_moves_the_cache(tmp_path):
    sources = [tmp_path / name if name.endswith(".py") else tmp_path / name / "a.py" for name in jit.SOURCES]
    for path in sources:
        path.parent.mkdir(exist_ok=True)
        path.write_text("x = 1\n")
    before = jit.source_hash(tmp_path)
    assert jit.source_hash(tmp_path) == before
    for path in sources:
        path.write_text("x = 2\n")
        assert jit.source_hash(tmp_path) != before
        path.write_text("x = 1\n")


def test_decorating_leaves_the_users_own_cache_folder_alone(monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", "mine")
    jit.kernel(philox.name_hash)
    assert numba.config.CACHE_DIR == "mine"


@pytest.mark.parametrize("writable", [True, False])
def test_kernels_are_kept_in_the_cache_folder_and_run_without_one(tmp_path, writable):
    home = tmp_path / "cache"
    if not writable:
        home.write_text("a file where the folder should be")
    code = "import numpy as np; from sim.chance.philox import philox; print(philox(*[np.uint64(0)] * 6)[0])"
    env = {**os.environ, "CALLSIM_CACHE": str(home), "PYTHONPATH": str(Path(jit.__file__).parents[2])}
    ran = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == str(0x6627E8D5)
    assert ran.stderr == ""
    if writable and not numba.config.DISABLE_JIT:
        assert list(home.glob("kernels-*/*/philox.philox-*.nbi"))
