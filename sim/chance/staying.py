"""Staying: which agents of a roster stay on after their shift in one replication: asked in turn until enough accept."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.jit import kernel
from sim.chance.philox import MASK, STAY, block, derive, name_hash
from sim.chance.remember import remembered
from sim.chance.spans import ticks_by_interval
from sim.scenario.overtime import stays
from sim.scenario.roster import Individual, individuals
from sim.scenario.rota import Planned, rota
from sim.scenario.scenario import Scenario
from sim.scenario.units import value

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]

UNTIL, CLEARS, STAY_COLUMNS = range(3)
_SHIFT, _SINCE, _UNTIL, _CLEARS, _GROUP = range(5)  # columns of Asked.rows
_STAYS, _ZERO = np.uint64(5), np.uint64(0)  # channel of a key


class Asked(NamedTuple):
    """Who may be asked: int64, shape (rows, 5), those of one overtime on one day one behind the other.

    rounds : where each of these begins, with (heads wanted, chance to accept); asked : uint64, the hash of its name, by row
    """

    rows: Ints
    rounds: tuple[tuple[int, int, int, float], ...]
    asked: Keys


@remembered
def planned_of(scenario: Scenario) -> tuple[tuple[Individual, ...], tuple[Planned, ...]]:
    """The agents of the roster and their rota."""
    people = individuals(scenario)
    return people, rota(scenario, people)


@remembered
def asked_of(scenario: Scenario) -> Asked:
    """Who may be asked to stay on."""
    people, plan = planned_of(scenario)
    groups = {group.name: code for code, group in enumerate(scenario.groups)}
    found = stays(scenario, people, plan)
    rows = [
        (one.shift, one.since, one.until, int(one.clears), groups[people[plan[one.shift].person].group]) for one in found
    ]
    rounds, first = [], 0
    while first < len(found):
        last, one = first, scenario.overtime[found[first].asked]
        while last < len(found) and found[last][:2] == found[first][:2]:
            last += 1
        rounds.append((first, last, one.agents, value(one.accepted)))
        first = last
    names = [np.uint64(name_hash(f"overtime\0{scenario.overtime[one.asked].name}", bits=32)) for one in found]
    return Asked(np.array(rows, np.int64).reshape(-1, 5), tuple(rounds), np.array(names, np.uint64))


def staying(
    scenario: Scenario, shift_keys: Keys, absent: npt.NDArray[np.bool_], *, seed: int, replication: int
) -> tuple[Ints, Ints]:
    """(until when who stays stays, and whether that is when the floor is cleared: int64, shape (shifts, STAY_COLUMNS), 0 of who
    does not; ticks of overtime: int64, shape (groups, days x intervals)).

    shift_keys : uint64, shape (shifts,), of the agent and the day; absent : bool, shape (shifts,)
    """
    stay = np.zeros((len(shift_keys), STAY_COLUMNS), np.int64)
    asked = asked_of(scenario)
    calendar = scenario.calendar
    paid = np.zeros((len(scenario.groups), calendar.days * calendar.intervals), np.int64)
    shift = asked.rows[:, _SHIFT]
    wishes = np.empty((len(shift), 2))
    _wishes(shift_keys[shift], asked.asked, np.uint64(seed), np.uint64(replication), wishes)
    for first, last, wanted, accepted in asked.rounds:
        order = first + np.argsort(wishes[first:last, 0], kind="stable")
        says_yes = (wishes[order, 1] < accepted) & ~absent[shift[order]] & (stay[shift[order], UNTIL] == 0)
        for row in asked.rows[order[says_yes][:wanted]]:
            stay[row[_SHIFT]] = row[_UNTIL], row[_CLEARS]
            paid[row[_GROUP]] += ticks_by_interval(calendar, int(row[_SINCE]), int(row[_UNTIL]))
    return stay, paid


@kernel
def _wishes(shift_keys: Keys, asked: Keys, seed: np.uint64, replication: np.uint64, out: Floats) -> None:
    """In which order they are asked, and whether they accept: uniforms, float64, shape (rows, 2)."""
    for row in range(out.shape[0]):
        key = derive(shift_keys[row], _STAYS, asked[row] & MASK)
        out[row, 0], out[row, 1], _, _ = block(seed, replication, np.uint64(key), STAY, _ZERO)
