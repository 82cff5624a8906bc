"""Presence: what each agent of a roster does in one replication: when he is on the phones, away, or gone; drawn for the Tape.

Keys are (agent's name, date) and (team's name, date), so another agent, team or shift moves nobody else. Who is absent hangs on
a normal factor common to the team and one of his own (the one-factor copula of Li 2000, "On default correlation", Journal of
Fixed Income 9(4)): each is absent with the share `absent`, two of a team with correlation `together` of the factors.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calls import AWAY, State
from sim.chance.elementary import log, normal_quantile
from sim.chance.jit import at as index
from sim.chance.jit import cold, constant, inlined, kernel, part
from sim.chance.philox import PRESENT, UNPLANNED, block, derive, name_hash
from sim.chance.quantiles import Laws, law_ticks, pack
from sim.chance.remember import remembered
from sim.chance.rows import law_row
from sim.chance.staying import CLEARS, STAY_COLUMNS, UNTIL, planned_of, staying
from sim.scenario.people import Attendance
from sim.scenario.rota import NOT_OPEN, ON_PHONES
from sim.scenario.scenario import Scenario
from sim.scenario.units import NEVER, TICKS_PER_SECOND, value

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]

# Columns of Presence.steps: from TICK on he DOES that (a State; IDLE: is on the phones, AWAY: is gone), for LASTS ticks at least
# once he has begun, PAID or not. A TICK of WHEN_CLEARED: as soon as the floor is cleared after closing
TICK, DOES, LASTS, PAID, STEP_COLUMNS = range(5)
WHEN_CLEARED = constant(-1)
PHONES, GONE, BEYOND = constant(State.IDLE), constant(AWAY), int(NEVER)

_DOES = {ON_PHONES: State.IDLE, NOT_OPEN: State.NOT_OPEN} | {
    name: State[name.upper()] for name in ("break", "lunch", "meeting", "training", "coaching", "review")
}
_OFF, _ABSENT = int(State.OFF_PHONES), int(State.ABSENT)
_AGENT, _TEAM = np.uint64(1), np.uint64(2)  # channels of keys
_ZERO, _ONE, _OVERRUN = np.uint64(0), np.uint64(1), np.uint64(1 << 15)  # breaks have steps of their own
# columns of Rota.shifts, Rota.parts and Rota.attendance
_PERSON, _FIRST, _LAST, _SINCE, _UNTIL, _HOW, _SHIFT_COLUMNS = range(7)
_P_SINCE, _P_UNTIL, _P_DOES, _P_LASTS, _P_PAID, _P_CLEARS, _PART_COLUMNS = range(7)
_Z_ABSENT, _COMMON, _OWN, _ABSENCE_PAID, _LATE, _OFF_RATE, _HOW_COLUMNS = range(7)


class Presence(NamedTuple):
    """steps : int64, shape (steps, STEP_COLUMNS), those of one agent after the other, in time; each begins with being GONE and
    ends with it, and with a step that never comes
    first : int64, shape (people + 1,), where those of each begin
    overtime : int64, shape (groups, days x intervals), ticks that who stays on is paid overtime; no groups where nobody is asked
    """

    steps: Ints
    first: Ints
    overtime: Ints = np.zeros((0, 0), np.int64)

    def __len__(self) -> int:
        return len(self.first) - 1


NOBODY = Presence(np.zeros((0, STEP_COLUMNS), np.int64), np.zeros(1, np.int64))


class Rota(NamedTuple):
    """What is planned, as kernels read it; a row of `shifts` is one shift of one agent."""

    people: int
    shifts: Ints
    keys: Keys
    team_keys: Keys
    parts: Ints
    attendance: Floats
    laws: Laws


@remembered
def rota_of(scenario: Scenario) -> Rota:
    """The rota of a scenario without open ranges, in the order of `individuals`."""
    people, plan = planned_of(scenario)
    ways = list(dict.fromkeys(id(one.attendance) for one in people))
    given = {id(one.attendance): one.attendance for one in people}
    shifts, keys, team_keys = [], [], []
    parts: list[tuple[int, ...]] = []
    hashes = [(name_hash(f"agent\0{one.name}"), name_hash(f"team\0{one.team or one.name}")) for one in people]
    for planned in plan:
        one = people[planned.person]
        day = np.uint64((scenario.calendar.start + timedelta(days=planned.day)).toordinal())
        own, team = hashes[planned.person]
        keys.append(np.uint64(derive(np.uint64(own), _AGENT, day)))
        team_keys.append(np.uint64(derive(np.uint64(team), _TEAM, day)))
        first = len(parts)
        parts += [
            (p.since, p.until, int(_DOES[p.does]), p.lasts, int(p.paid), int(p.clears)) for p in planned.parts
        ]
        shifts.append((planned.person, first, len(parts), planned.since, planned.until, ways.index(id(one.attendance))))
    how = [_how(given[way]) for way in ways]
    return Rota(
        len(people), np.array(shifts, np.int64).reshape(-1, _SHIFT_COLUMNS), np.array(keys, np.uint64),
        np.array(team_keys, np.uint64), np.array(parts, np.int64).reshape(-1, _PART_COLUMNS),
        np.array(how, np.float64).reshape(-1, _HOW_COLUMNS),
        pack([law_row(law) for way in ways for law in (given[way].late_by, given[way].off_for, given[way].overrun)]),
    )  # fmt: skip


def _how(given: Attendance) -> tuple[float, ...]:
    share, common = value(given.absent), value(given.together)
    limit = -math.inf if share <= 0 else math.inf if share >= 1 else float(normal_quantile(share))
    rate = value(given.off) / (3600 * TICKS_PER_SECOND)
    return limit, math.sqrt(common), math.sqrt(1 - common), float(given.paid), value(given.late), rate


def presence(scenario: Scenario, *, seed: int, replication: int) -> Presence:
    """What all agents of the roster do in one replication."""
    if not scenario.agents and not scenario.teams:
        return NOBODY
    found, parts = rota_of(scenario), (np.uint64(seed), np.uint64(replication))
    first = np.zeros(found.people + 1, np.int64)
    none = np.zeros((0, STEP_COLUMNS), np.int64)
    stay, overtime = np.zeros((len(found.keys), STAY_COLUMNS), np.int64), NOBODY.overtime
    if scenario.overtime:
        absent = np.zeros(len(found.keys), np.bool_)
        draw_absent(found, *parts, absent)
        stay, overtime = staying(scenario, found.keys, absent, seed=seed, replication=replication)
    steps = np.empty((draw_presence(found, *parts, stay, first, none), STEP_COLUMNS), np.int64)
    draw_presence(found, *parts, stay, first, steps)
    return Presence(steps, first, overtime)


@kernel
def draw_absent(rota: Rota, seed: np.uint64, replication: np.uint64, out: npt.NDArray[np.bool_]) -> None:
    """Who does not come to which shift; out : bool, shape (shifts,)."""
    for shift in range(out.shape[0]):
        out[shift] = _is_absent(rota, seed, replication, shift)


@part
def _is_absent(rota: Rota, seed: np.uint64, replication: np.uint64, shift: int) -> bool:
    how = index(rota.attendance, rota.shifts[shift, _HOW])
    own, _, _, _ = block(seed, replication, rota.keys[shift], PRESENT, _ZERO)
    of_team, _, _, _ = block(seed, replication, rota.team_keys[shift], PRESENT, _ONE)
    return bool(how[_COMMON] * normal_quantile(of_team) + how[_OWN] * normal_quantile(own) < how[_Z_ABSENT])


@kernel
def draw_presence(rota: Rota, seed: np.uint64, replication: np.uint64, stay: Ints, first: Ints, out: Ints) -> int:
    """How many steps there are; they are written where `out` has room for them, and where each agent's begin into `first`.

    stay : who stays on after which shift, see `sim.chance.staying`
    """
    at, shift = 0, 0
    for person in range(rota.people):
        first[person] = at
        at = _step(out, at, 0, GONE, 0, 0)
        while shift < rota.shifts.shape[0] and rota.shifts[shift, _PERSON] == person:
            at = _draw_shift(rota, seed, replication, shift, stay, out, at)
            shift += 1
        at = _step(out, at, BEYOND, GONE, 0, 0)
    first[rota.people] = at
    return at


@part
def _step(out: Ints, at: int, tick: int, does: int, lasts: int, paid: int) -> int:
    if at < out.shape[0]:
        out[at, TICK], out[at, DOES], out[at, LASTS], out[at, PAID] = tick, does, lasts, paid
    return at + 1


@cold
def _draw_shift(rota: Rota, seed: np.uint64, replication: np.uint64, shift: int, stay: Ints, out: Ints, at: int) -> int:
    """The steps of one shift, and being gone after it; where the next begin."""
    row, key = index(rota.shifts, shift), rota.keys[shift]
    how, laws = index(rota.attendance, row[_HOW]), 3 * row[_HOW]
    _, u_late, u_by, u_gap = block(seed, replication, key, PRESENT, _ZERO)
    begins, until = row[_SINCE], row[_UNTIL]
    if _is_absent(rota, seed, replication, shift):
        at = _step(out, at, begins, _ABSENT, 0, int(how[_ABSENCE_PAID]))
        return _step(out, at, until, GONE, 0, 0)
    arrives = begins
    if u_late < how[_LATE]:
        arrives = min(begins + law_ticks(rota.laws, laws, u_by, 1.0), until)
        if arrives > begins:
            at = _step(out, at, begins, _ABSENT, 0, int(how[_ABSENCE_PAID]))
    leaves, step, pause = BEYOND, _ZERO, _OVERRUN
    if how[_OFF_RATE] > 0.0:
        leaves = begins + _gap(how[_OFF_RATE], u_gap)
    ends, clears = until, False
    for i in range(row[_FIRST], row[_LAST]):
        given = index(rota.parts, i)
        since, ends = max(given[_P_SINCE], arrives), given[_P_UNTIL]
        if ends <= arrives:
            continue
        begins = WHEN_CLEARED if clears else since
        clears = given[_P_CLEARS] != 0
        if i + 1 == row[_LAST] and stay[shift, UNTIL] > 0 and given[_P_DOES] == PHONES:
            ends, clears = stay[shift, UNTIL], stay[shift, CLEARS] != 0
        if given[_P_DOES] != PHONES:
            lasts = given[_P_LASTS]
            if lasts > 0:
                u, _, _, _ = block(seed, replication, key, UNPLANNED, pause)
                pause += _ONE
                lasts = ends - since + law_ticks(rota.laws, laws + 2, u, 1.0)
            at = _step(out, at, begins, given[_P_DOES], lasts, given[_P_PAID])
        else:
            at = _step(out, at, begins, PHONES, 0, 1)
            while leaves < ends:
                u_for, u_next, _, _ = block(seed, replication, key, UNPLANNED, step)
                step += _ONE
                lasts = law_ticks(rota.laws, laws + 1, u_for, 1.0)
                if leaves >= since and lasts > 0:
                    at = _step(out, at, leaves, _OFF, lasts, 1)
                    if leaves + lasts < ends or clears:
                        at = _step(out, at, leaves + lasts, PHONES, 0, 1)
                leaves += lasts + _gap(how[_OFF_RATE], u_next)
    if stay[shift, UNTIL] > ends:
        at = _step(out, at, ends, PHONES, 0, 1)
        ends, clears = stay[shift, UNTIL], stay[shift, CLEARS] != 0
    return _step(out, at, WHEN_CLEARED if clears else ends, GONE, 0, 0)


@part
def _gap(rate: float, u: float) -> int:
    """Ticks until the next time, exponential; at least one, so that there is an end."""
    return min(1 + int(-log(1.0 - u) / rate), BEYOND >> 1)


@kernel
def stay_from(steps: Ints, at: int, now: int, cleared: int) -> tuple[int, int]:
    """(the step that an agent is to take who can take the one in row `at` now, until when it lasts; BEYOND: nobody knows yet).

    A step that is over already is passed over, but for one that lasts as long as it lasts, and nothing lasts beyond the end
    of the shift; who has gone comes again at his time, or at once.
    """
    while True:
        due = due_after(steps, at, now, cleared)
        if steps[at, DOES] == GONE:
            return at, max(due, now)
        until = due
        if steps[at, LASTS] > 0:
            until = min(max(due, now + steps[at, LASTS]), _shift_ends(steps, at))
        if until > now:
            return at, until
        at += 1


@inlined
def due_after(steps: Ints, at: int, now: int, cleared: int) -> int:
    """When the step after the one in row `at` is due; BEYOND where that is when the floor is cleared."""
    due = steps[at + 1, TICK]
    if due == WHEN_CLEARED:
        return now if cleared != 0 else BEYOND
    return due


@cold
def _shift_ends(steps: Ints, at: int) -> int:
    while True:
        at += 1
        if steps[at, DOES] == GONE:
            return BEYOND if steps[at, TICK] == WHEN_CLEARED else steps[at, TICK]


@kernel
def gone_since(steps: Ints, before: int, at: int, cleared_at: int) -> int:
    """When the agent should have gone who takes the step in row `at` and took the one in row `before`; BEYOND: he need not.

    Who has to stay until the floor is cleared should not have gone before.
    """
    stays = False
    for i in range(before + 1, at + 1):
        stays = stays or steps[i, TICK] == WHEN_CLEARED
        if steps[i, DOES] == GONE:
            return max(cleared_at, steps[i, TICK]) if stays else steps[i, TICK]
    return BEYOND
