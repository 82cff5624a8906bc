"""Cluster for `--dask`: the workers of a running Dask scheduler as an Executor."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any

from experiments.tasks import TaskLostError
from sim.scenario.errors import CallsimError, CannotFinishError

TASK_CALLS = 4_000_000  # calls of a task: half a second and more, far above what the way to a worker costs
_PATIENCE = 20  # seconds to reach the scheduler


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """The workers of the scheduler at ``tcp://host:port``, each with its kernels compiled before the first task.

    Raises CallsimError without the extra `cluster`, and where a worker has another version of the model; CannotFinishError
    where nobody answers or no worker is there.
    """
    try:
        from distributed import Client
    except ImportError:
        raise CallsimError('--dask needs distributed: pip install "callsim[cluster]"') from None
    try:
        client: Any = Client(address, timeout=_PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        raise CannotFinishError(f"--dask {address}: no scheduler answers there ({error})") from None
    try:
        _ready(client, address)
        yield _Tasks(client)
    finally:
        client.close(timeout=2)


def _ready(client: Any, address: str) -> None:
    """Compile on every worker, once and all at the same time; refuse workers that would give other numbers."""
    from experiments.identity import MODEL_VERSION

    try:
        versions = client.run(_warm)
    except ModuleNotFoundError as error:
        raise CallsimError(f"--dask {address}: a worker lacks {error.name}; install callsim there") from None
    if not versions:
        raise CannotFinishError(f"--dask {address}: the scheduler has no workers; start some: dask worker {address}")
    other = {worker: version for worker, version in versions.items() if version != MODEL_VERSION}
    if other:
        worker, version = next(iter(other.items()))
        raise CallsimError(f"--dask {address}: worker {worker} has version {version} of the model, here it is {MODEL_VERSION}")


def _warm() -> int:
    from experiments.identity import MODEL_VERSION
    from sim.engines.warm import warm_up

    warm_up()
    return MODEL_VERSION


class _Tasks(Executor):
    """A client as an Executor. A task that its workers die of is a TaskLostError and not the end of all others.

    Not the client's own executor: its futures never end where a worker dies while a result is on its way from it
    (distributed 2026.8, `cfexecutor._cascade_future`).
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        own: Future[Any] = Future()
        own.set_running_or_notify_cancel()
        self._client.submit(fn, *args, pure=False, **kwargs).add_done_callback(lambda done: _hand_over(done, own))
        return own


def _hand_over(done: Any, own: Future[Any]) -> None:
    from distributed import KilledWorker

    try:
        own.set_result(done.result())
    except KilledWorker as error:
        own.set_exception(TaskLostError(f"the workers that took it died, the last one {error.last_worker.address}"))
    except (concurrent.futures.CancelledError, asyncio.CancelledError):
        own.set_exception(TaskLostError("the scheduler was lost"))
    except BaseException as error:  # whatever it was, it is the task's
        own.set_exception(error)
