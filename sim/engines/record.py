"""The reference engine's calls: one row each, fresh ones first, then later ones as they come about."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import numpy.typing as npt

from sim.calls import NONE, CallLog, Came, LegLog
from sim.chance.handling import FRESH
from sim.chance.tape import Fate, Tape
from sim.chance.tickets import DIGIT
from sim.engines.plan import Plan

_TICKS_AND_CODES = (
    "predicted", "accepted", "off_line", "handed", "solver", "root", "held", "how", "ivr_exit", "queue_entry", "answer", "end",
    "release", "group", "agent", "outcome", "deflection", "offer",
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
        taken_for = (tape.fate == Fate.QUEUE) & (tape.via != NONE)
        self.as_type: list[int] = np.where(taken_for, tape.via, tape.call_type)[rows].tolist()
        self.queue: list[int] = plan.classes(np.where(taken_for, tape.via, tape.call_type), tape.label)[rows].tolist()
        self._families = tape.label.shape[1]
        # the number of a later call is its caller's own plus attempt x stride, whatever else comes about
        self.stride = max(self.number, default=-1) + 1
        self.taken, self.held_back = [0] * len(rows), [0] * len(rows)  # what was offered; why an idle agent did not answer
        self.rang, self.patient_until = [0] * len(rows), [0] * len(rows)  # in vain; once it has asked for an agent
        self.script = [FRESH] * len(rows)  # see `sim.chance.handling`
        self.tries, self.queued = [0] * len(rows), [False] * len(rows)  # to call back; whether it stands in its queue
        self.predicted, self.accepted, self.off_line, self.handed = ([NONE] * len(rows) for _ in range(4))
        self.solver, self.root, self.held, self.how = ([NONE] * len(rows) for _ in range(4))  # see `relay`
        self.leg, self.together, self.rest, self.patient_for = ([0] * len(rows) for _ in range(4))
        self.ivr_exit, self.queue_entry, self.answer, self.end = ([NONE] * len(rows) for _ in range(4))
        self.release, self.group, self.agent, self.outcome, self.deflection, self.offer = ([NONE] * len(rows) for _ in range(6))

    def factors(self, row: int) -> tuple[int, int, int]:
        """Talk, wrap-up and patience factors of the caller's surge."""
        talk, wrap, patience = self._plan.laws.factors[self.surge[row]].tolist()
        return talk, wrap, patience

    def labels(self, row: int) -> npt.NDArray[np.int64]:
        """Label codes of the caller, shape (families,)."""
        return np.array(self.label[row], np.int64)

    def add(
        self, parent: int, keys: tuple[np.uint64, np.uint64], arrival: int, kind: int, came: int,
        drawn: tuple[int, int, int, int, int, int, int],
    ) -> int:  # fmt: skip
        """The row of the parent's caller's next call, or of the work that the parent left; its own key and that of its need,
        `drawn` as `caller_values` has it.
        """
        fate, via = drawn[1], drawn[2]
        if came == Came.TICKET:
            first, code = self.number[parent] % self.stride, self.code(parent)
            attempt, number = 0, first + ((code + 1) << DIGIT) * self.stride
            caller = number
        else:
            attempt, caller = self.attempt[parent] + 1, self.caller[parent]
            number = caller + attempt * self.stride
        self.number.append(number)
        self.caller.append(caller)
        self.key.append(keys[0])
        self.needs.append(keys[1])
        self.attempt.append(attempt)
        self.parent.append(self.number[parent])
        self.arrival.append(arrival)
        self.call_type.append(kind)
        self.came.append(came)
        self.solved.append(0)
        self.as_type.append(via if fate == Fate.QUEUE and via != NONE else kind)
        self.queue.append(self._class(self.as_type[-1], parent))
        for name in ("label", "surge"):
            column = getattr(self, name)
            column.append(column[parent])
        for name, drew in zip(_DRAWN, drawn, strict=True):
            getattr(self, name).append(drew)
        return self._complete()

    def add_leg(
        self, row: int, root: int, key: np.uint64, kind: int, how: int, now: int, drawn: tuple[int, int, int]
    ) -> int:  # fmt: skip
        """The row of the leg that follows the one in `row` of the call in `root`; `drawn` as `leg_values` has it."""
        for name in ("number", "caller", "attempt", "parent", "came", "label", "surge"):
            column = getattr(self, name)
            column.append(column[root])
        self.key.append(key)
        self.needs.append(key)
        self.arrival.append(now)
        self.call_type.append(kind)
        self.as_type.append(kind)
        self.solved.append(0)
        self.queue.append(self._class(kind, root))
        for name, drew in zip(_DRAWN, (0, Fate.QUEUE, NONE, 0, *drawn), strict=True):
            getattr(self, name).append(drew)
        leg = self._complete()
        self.leg[leg], self.root[leg], self.how[leg] = self.leg[row] + 1, root, how
        self.ivr_exit[leg] = self.queue_entry[leg] = now
        self.off_line[leg] = self.off_line[root]
        return leg

    def _complete(self) -> int:
        for name in ("waited", "tries", "leg", "together", "rest", "patient_for", "taken", "held_back", "script"):
            getattr(self, name).append(0)
        self.rang.append(0)
        self.patient_until.append(0)
        self.queued.append(False)
        for name in _TICKS_AND_CODES:
            getattr(self, name).append(NONE)
        return len(self.number) - 1

    def _class(self, kind: int, row: int) -> int:
        label = np.array([self.label[row]], np.int64).reshape(1, self._families)
        return int(self._plan.classes(np.array([kind]), label)[0])

    def code(self, row: int) -> int:
        """Which call of its caller it is, see `sim.chance.tickets`."""
        return self.number[row] // self.stride

    def own_queue(self, row: int) -> int:
        """The queue of the caller's own call type."""
        return self._class(self.call_type[row], row)

    def go_past_ivr(self, row: int) -> None:
        """The call asks for an agent at once."""
        self.ivr[row], self.fate[row], self.as_type[row] = 0, Fate.QUEUE, self.call_type[row]
        self.queue[row] = self.own_queue(row)

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
        first = np.flatnonzero(np.array(self.root, np.int64) == NONE)
        rows = first[np.lexsort((np.array(self.number, np.int64)[first], np.array(self.arrival, np.int64)[first]))]

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
            label=np.array(self.label, np.int64).reshape(len(self.number), self._families)[rows],
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
            handed=column("handed"),
            off_line=column("off_line"),
            offer=column("offer"),
            taken=column("taken"),
            held_back=column("held_back"),
            rang=column("rang"),
        )

    def legs(self) -> LegLog:
        """The legs of calls after the first, sorted by (call, leg)."""
        rows = np.flatnonzero(np.array(self.root, np.int64) != NONE)
        leg, number = np.array(self.leg, np.int64), np.array(self.number, np.int64)
        rows = rows[np.lexsort((leg[rows], number[rows]))]
        names = {"call": "number"}
        return LegLog(**{
            field.name: np.array(getattr(self, names.get(field.name, field.name)), np.int64)[rows] for field in fields(LegLog)
        })  # fmt: skip
