"""remember: what follows from a scenario alone is worked out once, not once per replication."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Generic, TypeVar

from sim.scenario.scenario import Scenario

T = TypeVar("T")
_MOST = 16  # scenarios of a study at a time; one with ranges is another scenario in every replication
_lasting: dict[int, tuple[Scenario, dict[int, Any]]] = {}  # scenarios that come again and again, with all their answers


class Remembered(Generic[T]):
    """A function of one scenario that keeps its answers for the last few. Scenarios are frozen, so being the same
    object is being equal; the object is kept with the answer, so its identity is not used again.
    """

    def __init__(self, function: Callable[[Scenario], T]) -> None:
        update_wrapper(self, function)
        self._function = function
        self._kept: dict[int, tuple[Scenario, T]] = {}

    def __call__(self, scenario: Scenario) -> T:
        found = self._kept.get(id(scenario))
        if found is not None:
            return found[1]
        answers = _lasting.get(id(scenario))
        if answers is not None and id(self) in answers[1]:
            answer: T = answers[1][id(self)]
            return answer
        return self.know(scenario, self._function(scenario))

    def know(self, scenario: Scenario, answer: T) -> T:
        """The answer, kept; for who knows it without asking."""
        answers = _lasting.get(id(scenario))
        if answers is not None:
            answers[1][id(self)] = answer
            return answer
        while len(self._kept) >= _MOST:
            self._kept.pop(_oldest(self._kept), None)  # another thread may have been faster
        self._kept[id(scenario)] = scenario, answer
        return answer


def _oldest(kept: dict[int, Any]) -> int:
    """The key that came first; -1 for none. Between the two steps of asking another thread may have added one."""
    while True:
        try:
            return next(iter(kept), -1)
        except RuntimeError:
            continue


def remembered(function: Callable[[Scenario], T]) -> Remembered[T]:
    """See Remembered."""
    return Remembered(function)


def lasting(scenario: Scenario) -> Scenario:
    """The same scenario, of which every answer is kept until it is to be forgotten."""
    _lasting.setdefault(id(scenario), (scenario, {}))
    return scenario


def answers(scenario: Scenario) -> dict[int, Any]:
    """What is kept of a lasting scenario; nothing of another one."""
    kept = _lasting.get(id(scenario))
    return {} if kept is None else dict(kept[1])


def forget(scenario: Scenario) -> None:
    """Nothing more is kept of a lasting scenario."""
    _lasting.pop(id(scenario), None)
