"""kernel: the one decorator, and the one place, that says how a function is compiled.

A numba cache looks only at the source file of the cached function: after an edit of one file a kernel in
another that calls it would still give the old result in a new process. So the cache lives in a user folder
whose name holds a hash of *all* sources a kernel can reach, of numba's version and of Python's. Everything
works with ``NUMBA_DISABLE_JIT=1``: kernels are then the plain functions they are written as.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar, cast

import numba
import numba.extending
import numpy as np
import numpy.typing as npt

F = TypeVar("F", bound=Callable[..., Any])

SOURCES = ("chance", "engines", "tally", "calls.py", "scenario/reactions.py")  # of sim/: what kernels are made of

_OPTIONS: dict[str, Any] = {
    "error_model": "numpy",  # x / 0 is inf or nan, never an exception: no branch in loops, so they vectorize
    "nogil": True,  # replications may run in threads
    "_nrt": False,  # no reference counting: it cost more than the work; an allocation in a kernel is a compile error
    "fastmath": False,  # reordering or FMA would change the last bit between machines; golden files travel
}
_config: Any = numba.config  # its attributes are set at run time
_lock = Lock()  # two threads importing kernels must not swap each other's cache folder


def cache_home(environ: dict[str, str] | None = None, platform: str = sys.platform) -> Path:
    """Folder that holds callsim's caches: CALLSIM_CACHE, else callsim/ in the user's cache folder."""
    env = dict(os.environ) if environ is None else environ
    if env.get("CALLSIM_CACHE"):
        return Path(env["CALLSIM_CACHE"])
    if platform == "win32" and env.get("LOCALAPPDATA"):
        return Path(env["LOCALAPPDATA"]) / "callsim"
    if env.get("XDG_CACHE_HOME"):
        return Path(env["XDG_CACHE_HOME"]) / "callsim"
    return Path("~/.cache").expanduser() / "callsim"


def source_hash(root: Path) -> str:
    """16 hex digits over all sources of kernels under `root` and numba's and Python's versions."""
    digest = hashlib.blake2b(f"{numba.__version__} {sys.version}".encode(), digest_size=8)
    for name in SOURCES:
        for path in sorted((root / name).rglob("*.py")) or [root / name]:
            text = path.read_bytes()
            digest.update(f"\0{path.relative_to(root).as_posix()}\0{len(text)}\0".encode())
            digest.update(text)
    return digest.hexdigest()


@cache
def kernel_cache() -> str | None:
    """The folder compiled kernels are kept in, made if need be; None where it cannot be written."""
    try:
        folder = cache_home() / f"kernels-{source_hash(Path(__file__).resolve().parent.parent)}"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return str(folder)
    except (OSError, RuntimeError):  # RuntimeError: a user without a home folder
        return None


def inlined(function: F) -> F:
    """As `kernel`, for small functions of inner loops: they become part of every kernel that calls them."""
    return kernel(function, forceinline=True)


def constant(value: int) -> int:
    """An integer for calls of kernels: a plain one is a type of its own there, and every value another compilation."""
    return cast(int, np.int64(value))


def part(function: F) -> F:
    """As `inlined`, for functions that only other kernels call: without the entry from Python, which is a third of the
    time to compile.
    """
    return kernel(function, forceinline=True, from_python=False)


def cold(function: F) -> F:
    """As `part`, for what is seldom called: it is not inlined."""
    return kernel(function, from_python=False)


def _spliced(function: F) -> F:
    """As `part`, put in before types are known: the only way to return a row of an array without counting references."""
    return kernel(function, from_python=False, inline="always")


def kernel(function: F, *, forceinline: bool = False, from_python: bool = True, inline: str = "never") -> F:
    """Compile a module-level function of numbers, arrays and NamedTuples when it is first called.

    With JIT off the function itself is returned. Where the cache folder cannot be written the function is
    compiled in every process, silently.
    """
    if _config.DISABLE_JIT:
        return function
    options = {
        **_OPTIONS,
        "forceinline": forceinline,
        "inline": inline,
        "no_cpython_wrapper": not from_python,
        "no_cfunc_wrapper": True,  # for functions as values, which nobody uses
    }
    folder = kernel_cache()
    options["cache"] = folder is not None  # compiled once per machine, not once per process
    with _lock:
        before = _config.CACHE_DIR
        _config.CACHE_DIR = folder or before  # only while decorating: a user's own caches stay put
        try:
            compiled: F = numba.njit(**options)(function)
        finally:
            _config.CACHE_DIR = before
    return compiled


@_spliced
def at(array: npt.NDArray[Any], i: int) -> Any:
    """array[i] for an i that is not below 0: an unsigned index does without asking whether to count from the end, which
    costs more than the access.
    """
    return array[np.uint64(i)]


def _called(address: int, a: int, b: int, c: int, d: int, e: int, f: int) -> int:
    """`by_address` where nothing is compiled."""
    signature = ctypes.CFUNCTYPE(*[ctypes.c_int64] * 7)
    return int(signature(int(address))(int(a), int(b), int(c), int(d), int(e), int(f)))


def _calls_address(_: Any, address: Any, a: Any, b: Any, c: Any, d: Any, e: Any, f: Any) -> Any:
    from numba import types

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        from llvmlite import ir  # type: ignore[import-untyped]  # it has no types

        word = ir.IntType(64)
        return builder.call(builder.inttoptr(given[0], ir.FunctionType(word, [word] * 6).as_pointer()), given[1:])

    return types.int64(*[types.int64] * 7), code


# a function of six integers that gives one, called where it lies: what is not known when a kernel is compiled
by_address: Any = _called if _config.DISABLE_JIT else numba.extending.intrinsic(_calls_address)
