"""calling: tries to reach somebody, callbacks and outbound contacts alike; as arrays that kernels read, and as draws."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.clock import Clock, clock_of, day_at, interval_at
from sim.chance.demand import windows
from sim.chance.jit import cold, kernel
from sim.chance.philox import CALLBACK, CONTACT, block
from sim.chance.quantiles import Laws, law_ticks
from sim.chance.spans import shares_of
from sim.scenario.callers import CONTACTS
from sim.scenario.distributions import Deterministic, Distribution
from sim.scenario.outbound import PREPARES
from sim.scenario.scenario import Scenario
from sim.scenario.units import NEVER, value
from sim.scenario.waiting import Callback

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DIAL, AGAIN_AFTER, PREPARE, SHORT, LATER_AFTER, LAWS = range(6)
GONE, LATER = range(2)  # the wrong person or nobody; who asks to be called later
OUTBOUND = CONTACTS["outbound"]


class Calling(NamedTuple):
    """Tries by call type.

    reached : float64, shape (types, days x intervals); answers : float64, shape (types, 2), see GONE, LATER
    tries : int64, shape (types,), at most; lists : int64, shape (types,), 1 for those of a list
    windows : int64, shape (types, days, 2), ticks from which on and until which they are called on a day
    laws : where the rows of laws begin: LAWS * type + DIAL, AGAIN_AFTER, PREPARE, SHORT, LATER_AFTER
    """

    reached: Floats
    answers: Floats
    tries: Ints
    lists: Ints
    windows: Ints
    laws: int
    clock: Clock


def calling_of(scenario: Scenario, laws: int) -> tuple[Calling, list[Distribution]]:
    """How callbacks and lists are called, and their laws in order; `laws` is where those will begin."""
    calendar, nothing = scenario.calendar, Deterministic(value=0.0)
    reached, answers, tries = [], [], []
    rows: list[Distribution] = []
    for kind in scenario.call_types:
        here, given = f"call_types.{kind.name}", kind.outbound
        if given is None:
            called = kind.callback or Callback(accepted=0.0)
            reached.append(shares_of(called.reached, calendar, f"{here}.callback.reached"))
            answers.append((0.0, 0.0))
            tries.append(called.tries)
            rows += [called.dial, called.again_after, nothing, nothing, nothing]
            continue
        seconds, wrong = PREPARES[given.mode]
        wrong = wrong if given.misdialed is None else value(given.misdialed)
        reached.append(shares_of(given.reached, calendar, f"{here}.outbound.reached") * (1.0 - wrong))
        answers.append((value(given.wrong) + value(given.silent), value(given.later)))
        tries.append(given.tries)
        prepare = Deterministic(value=seconds) if given.prepare is None else given.prepare
        rows += [given.dial, given.again_after, prepare, given.short, given.later_after]
    found = Calling(
        np.array(reached).reshape(len(tries), calendar.days * calendar.intervals), np.array(answers), np.array(tries, np.int64),
        np.array([kind.outbound is not None for kind in scenario.call_types], np.int64),
        np.stack([windows(scenario, kind.outbound) for kind in scenario.call_types]), laws, clock_of(scenario),
    )  # fmt: skip
    return found, rows


@kernel
def try_values(
    c: Calling, laws: Laws, seed: np.uint64, replication: np.uint64, key: np.uint64, call_type: int, tick: int, tries: int
) -> tuple[int, int, int]:
    """(1 if somebody is reached who talks else 0, ticks until then or until it is given up, ticks until the next try or -1).

    tries : how many there were before this one, which begins at `tick`
    """
    row = c.laws + LAWS * call_type
    u_reached, u_dial, u_again, _ = block(seed, replication, key, CALLBACK, np.uint64(tries))
    again = max(law_ticks(laws, row + AGAIN_AFTER, u_again, 1.0), 1) if tries + 1 < c.tries[call_type] else -1
    dials, answered = law_ticks(laws, row + DIAL, u_dial, 1.0), u_reached < c.reached[call_type, interval_at(c.clock, tick)]
    if c.lists[call_type] != 0:
        return contact_values(c, laws, seed, replication, key, call_type, tries, answered, dials, again)
    return (1 if answered else 0), dials, again


@kernel
def called_from(c: Calling, call_type: int, tick: int) -> int:
    """The first tick, from this one on, at which somebody of the type may be called; NEVER if there is none."""
    for day in range(day_at(c.clock, tick), c.clock.days):
        since, until = c.windows[call_type, day]
        if since < until and tick < until:
            return max(tick, since)
    return NEVER


@cold
def contact_values(
    c: Calling, laws: Laws, seed: np.uint64, replication: np.uint64, key: np.uint64, call_type: int, tries: int,
    answered: bool, dials: int, again: int,
) -> tuple[int, int, int]:  # fmt: skip
    """As `try_values`, of a contact on a list, where somebody answered or not after so many ticks of dialing."""
    row = c.laws + LAWS * call_type
    u_prepare, u_who, u_short, u_later = block(seed, replication, key, CONTACT, np.uint64(tries))
    spent = dials + law_ticks(laws, row + PREPARE, u_prepare, 1.0)
    if not answered:
        return 0, spent, again
    gone = c.answers[call_type, GONE]
    if u_who < gone:
        return 0, spent + law_ticks(laws, row + SHORT, u_short, 1.0), -1
    if u_who < gone + c.answers[call_type, LATER]:
        later = max(law_ticks(laws, row + LATER_AFTER, u_later, 1.0), 1) if again >= 0 else -1
        return 0, spent + law_ticks(laws, row + SHORT, u_short, 1.0), later
    return 1, spent, again
