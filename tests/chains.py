"""Chains: call centers small enough to be solved exactly, as continuous-time Markov chains.

Written from the rules as a planner would say them, without any of the model's code. Classes of calls arrive in Poisson
streams, wait in queues of their own with exponential patience, and are served in exponential time whose mean hangs on the
class. What a rule decides hangs on the numbers of agents and calls alone, so no order within a queue is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import spsolve


class State(NamedTuple):
    """busy[pool][call class] : agents of the pool who have such a call; waiting[call class]"""

    busy: tuple[tuple[int, ...], ...]
    waiting: tuple[int, ...]


@dataclass(frozen=True)
class Center:
    """Rates are an hour's; agents : of each pool; most : callers of a class who may wait, more than ever do.

    arrives(state, call class) -> the pool that takes the call, or None: it waits
    freed(state, pool) -> the class of the waiting call that an agent takes who has become free, or None
    """

    arrivals: tuple[float, ...]
    service: tuple[float, ...]
    patience: tuple[float, ...]
    agents: tuple[int, ...]
    arrives: Callable[[State, int], int | None]
    freed: Callable[[State, int], int | None]
    most: int = 25

    def idle(self, state: State, pool: int) -> int:
        """How many agents of the pool are idle."""
        return self.agents[pool] - sum(state.busy[pool])


class Answers(NamedTuple):
    """By class: the shares that abandon and that find nobody; calls waiting on average; busy agents by pool and class."""

    abandon: list[float]
    waits: list[float]
    queue: list[float]
    busy: np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def solve(center: Center) -> Answers:
    """The chain in balance."""
    classes, pools = range(len(center.arrivals)), range(len(center.agents))

    def moves(state: State) -> Iterable[tuple[State, float]]:
        for kind in classes:
            pool = center.arrives(state, kind)
            if pool is not None:
                yield _busy(state, pool, kind, 1), center.arrivals[kind]
            elif state.waiting[kind] < center.most:
                yield _waits(state, kind, 1), center.arrivals[kind]
            if state.waiting[kind]:
                yield _waits(state, kind, -1), state.waiting[kind] * center.patience[kind]
            for pool in pools:
                if state.busy[pool][kind]:
                    after = _busy(state, pool, kind, -1)
                    taken = center.freed(after, pool)
                    if taken is not None:
                        after = _busy(_waits(after, taken, -1), pool, taken, 1)
                    yield after, state.busy[pool][kind] * center.service[kind]

    states, share = balance(State(tuple((0,) * len(classes) for _ in pools), (0,) * len(classes)), moves)
    waiting = np.array([state.waiting for state in states], float)
    finds_nobody = np.array([[center.arrives(state, kind) is None for kind in classes] for state in states], float)
    queue = share @ waiting
    return Answers(
        abandon=[float(queue[k] * center.patience[k] / center.arrivals[k]) for k in classes],
        waits=(share @ finds_nobody).tolist(), queue=queue.tolist(),
        busy=np.tensordot(share, np.array([state.busy for state in states], float), 1),
    )  # fmt: skip


T = TypeVar("T", bound=Hashable)


def balance(
    begin: T, moves: Callable[[T], Iterable[tuple[T, float]]]
) -> tuple[list[T], np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    """All states that can come about, and the share of time spent in each; `moves` : (state, rate) that follow a state."""
    known, todo = {begin: 0}, [begin]
    rows: list[tuple[int, int, float]] = []
    while todo:
        state = todo.pop()
        for other, rate in moves(state):
            if other not in known:
                known[other] = len(known)
                todo.append(other)
            rows.append((known[state], known[other], rate))
    return sorted(known, key=known.__getitem__), _shares(rows, len(known))


def _busy(state: State, pool: int, kind: int, more: int) -> State:
    one = tuple(n + more * (k == kind) for k, n in enumerate(state.busy[pool]))
    return state._replace(busy=(*state.busy[:pool], one, *state.busy[pool + 1 :]))


def _waits(state: State, kind: int, more: int) -> State:
    return state._replace(waiting=tuple(n + more * (k == kind) for k, n in enumerate(state.waiting)))


def _shares(rows: list[tuple[int, int, float]], size: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The shares of time: what flows into a state flows out of it, and all are 1 together."""
    of, to, rate = (np.array(column) for column in zip(*rows, strict=True))
    flows = coo_matrix((rate, (to, of)), shape=(size, size)).tolil()
    out = np.bincount(of, rate, size)
    flows.setdiag(flows.diagonal() - out)
    flows[0, :] = 1.0
    right = np.zeros(size)
    right[0] = 1.0
    return np.asarray(spsolve(flows.tocsr(), right))
