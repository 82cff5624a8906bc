"""The reference engine's calls: one row each, fresh ones first, then later ones as they come about."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.calls import NONE, CallLog
from sim.chance.tape import Tape
from sim.engines.plan import Plan

_TICKS_AND_CODES = (
    "predicted", "accepted", "ivr_exit", "queue_entry", "answer", "end", "release", "group", "agent", "outcome", "deflection",
)  # fmt: skip
_DRAWN = ("ivr", "fate", "via", "balks", "talk", "wrap", "patience")  # as `caller_values` returns it


class CallRows:
    """Columns as Python lists, because single elements of arrays are slow to read and write."""

    def __init__(self, plan: Plan, tape: Tape) -> None:
        self._plan = plan
        rows = np.lexsort((tape.number, tape.arrival))
        self.number: list[int] = tape.number[rows].tolist()
        self.key: list[np.uint64] = list(tape.key[rows])
        self.needs = list(self.key)  # what the rank of need hangs on
        self.caller = list(self.number)
        self.attempt, self.came, self.solved = ([0] * len(rows) for _ in range(3))
        self.parent = [NONE] * len(rows)
        self.call_type: list[int] = tape.call_type[rows].tolist()
        self.label: list[list[int]] = tape.label[rows].tolist()
        self.surge: list[int] = tape.surge[rows].tolist()
        self.arrival: list[int] = tape.arrival[rows].tolist()
        self.ivr: list[int] = tape.ivr[rows].tolist()
        self.fate: list[int] = tape.fate[rows].tolist()
        self.via: list[int] = tape.via[rows].tolist()
        self.balks: list[int] = tape.balks[rows].tolist()
        self.talk: list[int] = tape.talk[rows].tolist()
        self.wrap: list[int] = tape.wrap[rows].tolist()
        self.patience: list[int] = tape.patience[rows].tolist()
        self.waited: list[int] = tape.waited[rows].tolist()
        self.queue: list[int] = plan.classes(tape.call_type, tape.label)[rows].tolist()
        self._families = tape.label.shape[1]
        # the number of a later call is its caller's own plus attempt x stride, whatever else comes about
        self._stride = max(self.number, default=-1) + 1
        self.tries, self.queued = [0] * len(rows), [False] * len(rows)  # to call back; whether it stands in its queue
        self.predicted, self.accepted = ([NONE] * len(rows) for _ in range(2))
        self.ivr_exit, self.queue_entry, self.answer, self.end = ([NONE] * len(rows) for _ in range(4))
        self.release, self.group, self.agent, self.outcome, self.deflection = ([NONE] * len(rows) for _ in range(5))

    def factors(self, row: int) -> tuple[int, int, int]:
        """Talk, wrap-up and patience factors of the caller's surge."""
        talk, wrap, patience = self._plan.laws.factors[self.surge[row]].tolist()
        return talk, wrap, patience

    def add(
        self, parent: int, keys: tuple[np.uint64, np.uint64], arrival: int, kind: int, came: int,
        drawn: tuple[int, int, int, int, int, int, int],
    ) -> int:  # fmt: skip
        """The row of the parent's caller's next call; its own key and that of its need, `drawn` as `caller_values` has it."""
        attempt = self.attempt[parent] + 1
        self.number.append(self.caller[parent] + attempt * self._stride)
        self.key.append(keys[0])
        self.needs.append(keys[1])
        self.attempt.append(attempt)
        self.parent.append(self.number[parent])
        self.arrival.append(arrival)
        self.call_type.append(kind)
        self.came.append(came)
        self.solved.append(0)
        of_type, label = np.array([kind]), np.array([self.label[parent]], np.int64).reshape(1, self._families)
        self.queue.append(int(self._plan.classes(of_type, label)[0]))
        for name in ("caller", "label", "surge"):
            column = getattr(self, name)
            column.append(column[parent])
        for name, drew in zip(_DRAWN, drawn, strict=True):
            getattr(self, name).append(drew)
        self.waited.append(0)
        self.tries.append(0)
        self.queued.append(False)
        for name in _TICKS_AND_CODES:
            getattr(self, name).append(NONE)
        return len(self.number) - 1

    def still_there(self, now: int) -> list[int]:
        """Rows of who has arrived, has no outcome and no agent yet, by number."""
        rows = [
            row
            for row, outcome in enumerate(self.outcome)
            if outcome == NONE and self.answer[row] == NONE and self.arrival[row] < now
        ]
        return sorted(rows, key=lambda row: self.number[row])

    def log(self) -> CallLog:
        """The calls sorted by (arrival, number)."""
        rows = np.lexsort((np.array(self.number, np.int64), np.array(self.arrival, np.int64)))

        def column(name: str) -> npt.NDArray[np.int64]:
            return np.array(getattr(self, name), np.int64)[rows]

        return CallLog(
            number=column("number"),
            key=np.array(self.key, np.uint64)[rows],
            caller=column("caller"),
            attempt=column("attempt"),
            came=column("came"),
            parent=column("parent"),
            call_type=column("call_type"),
            label=np.array(self.label, np.int64).reshape(len(rows), self._families)[rows],
            surge=column("surge"),
            arrival=column("arrival"),
            ivr_exit=column("ivr_exit"),
            queue_entry=column("queue_entry"),
            predicted=column("predicted"),
            accepted=column("accepted"),
            answer=column("answer"),
            end=column("end"),
            release=column("release"),
            group=column("group"),
            agent=column("agent"),
            outcome=column("outcome"),
            solved=column("solved"),
            deflection=column("deflection"),
        )
