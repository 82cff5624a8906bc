"""The reference engine's queues: who waits, and the summaries of the heads that decisions see."""

from __future__ import annotations

import heapq

import numpy as np
import numpy.typing as npt

from sim.calls import NONE
from sim.engines.decisions import EMPTY, HEAD_COLUMNS, KEY, LENGTH, NUMBER


class Queues:
    """One queue per class, ordered by (key, number).

    Who leaves from the middle is only marked, and dropped when he would become the head.
    keeps_open : by queue, whether the floor stays after closing for who waits there
    heads : int64, shape (queues, HEAD_COLUMNS): the summary that decisions see; the key is EMPTY where nobody waits
    """

    def __init__(self, keeps_open: list[bool]) -> None:
        queues = len(keeps_open)
        self.heads: npt.NDArray[np.int64] = np.zeros((queues, HEAD_COLUMNS), np.int64)
        self.heads[:, KEY] = EMPTY
        self.waiting = 0  # of those for whom the floor stays after closing
        self._keeps_open = keeps_open
        self.last_wait = [0] * queues  # of who was answered last, and had stayed on the line
        self._heaps: list[list[tuple[int, int, int]]] = [[] for _ in range(queues)]
        self._gone: set[int] = set()

    def join(self, queue: int, key: int, number: int, row: int) -> None:
        """The call in `row` begins to wait."""
        heapq.heappush(self._heaps[queue], (key, number, row))
        self._count(queue, 1)
        self._show(queue)

    def take(self, queue: int) -> int:
        """The row of the head, which stops waiting."""
        _, _, row = heapq.heappop(self._heaps[queue])
        self._count(queue, -1)
        self._show(queue)
        return row

    def leave(self, queue: int, row: int) -> None:
        """The call in `row` stops waiting, wherever it stands."""
        self._gone.add(row)
        self._count(queue, -1)
        self._show(queue)

    def length(self, queue: int) -> int:
        """How many wait."""
        return int(self.heads[queue, LENGTH])

    def head(self, queue: int) -> int:
        """The row of the head, or NONE."""
        return self._heaps[queue][0][2] if self._heaps[queue] else NONE

    def _count(self, queue: int, more: int) -> None:
        self.waiting += more if self._keeps_open[queue] else 0
        self.heads[queue, LENGTH] += more

    def _show(self, queue: int) -> None:
        heap = self._heaps[queue]
        while heap and heap[0][2] in self._gone:
            self._gone.remove(heapq.heappop(heap)[2])
        if heap:
            self.heads[queue, KEY], self.heads[queue, NUMBER] = heap[0][0], heap[0][1]
        else:
            self.heads[queue, KEY] = EMPTY
