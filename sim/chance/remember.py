"""remember: what follows from a scenario alone is worked out once, not once per replication."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from sim.scenario.scenario import Scenario

T = TypeVar("T")
_MOST = 16  # scenarios of a study at a time; one with ranges is another scenario in every replication


def remembered(function: Callable[[Scenario], T]) -> Callable[[Scenario], T]:
    """A function of one scenario that keeps its answers for the last few. Scenarios are frozen, so being the same
    object is being equal; the object is kept with the answer, so its identity is not used again.
    """
    kept: dict[int, tuple[Scenario, T]] = {}

    @wraps(function)
    def asked(scenario: Scenario) -> T:
        found = kept.get(id(scenario))
        if found is not None:
            return found[1]
        answer = function(scenario)
        while len(kept) >= _MOST:
            kept.pop(next(iter(kept)), None)  # the oldest; another thread may have been faster
        kept[id(scenario)] = scenario, answer
        return answer

    return asked
