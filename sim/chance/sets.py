"""sets: a scenario with one of its sets of parameters in place, or with the estimates themselves."""

from __future__ import annotations

from typing import Any

from sim.chance.remember import forget, lasting, remembered
from sim.scenario.scenario import Scenario

_MOST = 512  # scenarios made of sets at a time: all of a story's and all of a policy's
_made: dict[tuple[int, int], tuple[Scenario, Scenario]] = {}


def of_set(scenario: Scenario, number: int) -> Scenario:
    """The scenario with the values of a set; the same object again, as long as it is among the last few hundred."""
    found = _made.get((id(scenario), number))
    if found is not None:
        return found[1]
    while len(_made) >= _MOST:
        oldest = _made.pop(next(iter(_made)), None)  # another thread may have been faster
        if oldest is not None:
            forget(oldest[1])
    made = lasting(_laid(scenario, number))
    _made[id(scenario), number] = scenario, made  # the first is kept so that its identity is not used again
    return made


@remembered
def estimated(scenario: Scenario) -> Scenario:
    """The scenario as it was measured, without sets."""
    return scenario.replace(parameters=None)


@remembered
def _table(scenario: Scenario) -> dict[str, Any]:
    return estimated(scenario).table()


def _laid(scenario: Scenario, number: int) -> Scenario:
    from sim.scenario.merge import build

    assert scenario.parameters is not None  # who asks has looked
    return build(scenario.parameters.laid(_table(scenario), number))
