"""sets: a scenario with one of its sets of parameters in place, or with the estimates themselves."""

from __future__ import annotations

import sys
import threading
from typing import Any

import numpy as np

from sim.chance.remember import answers, forget, lasting, remembered
from sim.scenario.scenario import Scenario

MOST_BYTES = 384 * 2**20  # of scenarios made of sets, with all that follows from them: 200 sets of a large center
_GUESS = 2**20  # bytes of a set of a scenario of which none has been weighed yet
_made: dict[tuple[int, int], tuple[Scenario, Scenario]] = {}
_books = threading.RLock()  # threads of a study share the sets
_weight: dict[int, int] = {}  # scenario -> bytes of one of its sets, and of what follows from it


def of_set(scenario: Scenario, number: int) -> Scenario:
    """The scenario with the values of a set; the same object again where it is kept.

    Sets are kept up to MOST_BYTES. Those of other scenarios, the oldest first, make room; where that is not enough the set is not
    kept, for days come round in order, and a set thrown out for the next one would be thrown out just before it is asked for.
    """
    found = _made.get((id(scenario), number))
    if found is not None:
        return found[1]
    made = _laid(scenario, number)
    with _books:
        _weigh(scenario)
        if _has_room(scenario):
            made = lasting(made)
            _made[id(scenario), number] = scenario, made  # the first is kept so that its identity is not used again
    return made


def kept_bytes() -> int:
    """About how many bytes the sets take that are kept."""
    return sum(_weight.get(of, _GUESS) for of, _ in list(_made))


def _has_room(scenario: Scenario) -> bool:
    need = _weight.get(id(scenario), _GUESS)
    others = [key for key in list(_made) if key[0] != id(scenario)]
    while kept_bytes() + need > MOST_BYTES:
        if not others:
            return False
        _let_go(others.pop(0))
    return True


def _let_go(key: tuple[int, int]) -> None:
    """A set is not kept any more; of a scenario without sets nothing is known, for its identity may be used again."""
    gone = _made.pop(key, None)  # another thread may have been faster
    if gone is not None:
        forget(gone[1])
    if not any(of == key[0] for of, _ in list(_made)):
        _weight.pop(key[0], None)


def _weigh(scenario: Scenario) -> None:
    """Weighs a set of the scenario, once: the first that was used, when the second is asked for."""
    if id(scenario) in _weight:
        return
    first = next((made for (of, _), (_, made) in list(_made.items()) if of == id(scenario)), None)
    if first is not None and answers(first):
        _weight[id(scenario)] = _bytes(first, set()) + _bytes(answers(first), set())


def _bytes(thing: Any, seen: set[int]) -> int:
    """About how many bytes an object and all it holds take; what is held twice counts once."""
    if id(thing) in seen:
        return 0
    seen.add(id(thing))
    if isinstance(thing, np.ndarray):
        return thing.nbytes if thing.base is None else _bytes(thing.base, seen)
    parts: list[Any] = []
    if isinstance(thing, dict):
        now = thing.copy()  # at once: another thread may add to it
        parts = [*now, *now.values()]
    elif isinstance(thing, list | tuple | set | frozenset):
        parts = list(thing)
    elif hasattr(thing, "__dict__"):
        parts = list(vars(thing).copy().values())
    return sys.getsizeof(thing) + sum(_bytes(part, seen) for part in parts)


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
