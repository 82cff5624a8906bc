"""remember: what follows from a scenario alone is worked out once, not once per replication."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Generic, TypeVar

from sim.scenario.scenario import Scenario

T = TypeVar("T")
_MOST = 16  # scenarios of a study at a time; one with ranges is another scenario in every replication


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
        return self.know(scenario, self._function(scenario)) if found is None else found[1]

    def know(self, scenario: Scenario, answer: T) -> T:
        """The answer, kept; for who knows it without asking."""
        while len(self._kept) >= _MOST:
            self._kept.pop(next(iter(self._kept)), None)  # the oldest; another thread may have been faster
        self._kept[id(scenario)] = scenario, answer
        return answer


def remembered(function: Callable[[Scenario], T]) -> Remembered[T]:
    """See Remembered."""
    return Remembered(function)
