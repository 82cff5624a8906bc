"""Workers for `--jobs`: threads for the compiled engine, which works without the interpreter's lock, else processes."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def workers(jobs: int, engine: str) -> Iterator[Executor | None]:
    """A pool of that many workers for an engine, None for one job. After an error or Ctrl-C they are stopped at once."""
    if jobs == 1:
        yield None
        return
    if engine == "compiled":
        threads = ThreadPoolExecutor(jobs)
        try:
            yield threads
        finally:
            threads.shutdown(cancel_futures=True)
        return
    # never fork: threads of numba or matplotlib would be left locked in the child
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload(["experiments.tasks"])
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_leave_interrupts_to_the_command)
    # taken now, since a broken pool forgets them; `terminate_workers` of the pool is there from Python 3.14 on only
    processes = getattr(pool, "_processes", None) or {}
    try:
        yield pool
    except BaseException:
        running = list(processes.values())
        pool.shutdown(wait=False, cancel_futures=True)  # first, or it takes the end of its processes for an accident
        for process in running:
            process.terminate()
        raise
    pool.shutdown()


def _leave_interrupts_to_the_command() -> None:
    """Ctrl-C reaches every process of the terminal; only the command answers it, once."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
