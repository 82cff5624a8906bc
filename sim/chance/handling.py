"""handling: how long a call takes who answers it, as arrays that kernels read, and as one function both engines share."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.jit import cold, inlined, kernel
from sim.chance.learning import tenure_factor
from sim.chance.philox import HOLD, LOOKUP, SCRIPT, TRANSACTION, block, derive, name_hash
from sim.chance.quantiles import NEVER_TICKS, Laws, law_ticks
from sim.chance.ringing import ANSWERS_AT_ONCE, LAW, ringing_of
from sim.chance.scaling import ONE, scaled
from sim.scenario.distributions import Deterministic, Distribution
from sim.scenario.floor import Group
from sim.scenario.handling import Outage
from sim.scenario.roster import Individual, individuals
from sim.scenario.scenario import Scenario
from sim.scenario.special_days import falls_on
from sim.scenario.units import DAY, TICKS_PER_SECOND, ticks, value

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Handling.agents; then proficiency by call type, then what is not known by call type, then the tenure of each day
TYPING, SYSTEM_SPEED, OF_AGENT = 0, 1, 5  # between them those of `sim.chance.ringing`
RECORDED, STEPS, THINGS, WORDS, TYPED, OF_TYPE = range(6)  # Handling.types; then names of script steps, then of systems
LOOKS_UP, HOLDS, CHANCES = range(3)  # Handling.chances; then what steps solve, then transactions in each system
SYSTEM, SINCE, UNTIL, TIMES, PLUS, OUTAGE_COLUMNS = range(6)
FRESH, RECOGNIZED, SOLVED = range(3)  # of a call: its script lies before it, is skipped, or has solved the matter
MINUTE = 60 * TICKS_PER_SECOND
MOST_FACTOR = 1 << 38  # 65536ths: what all factors together come to, so that products fit
_ZERO, _ONE = np.uint64(0), np.uint64(1)


class Handling(NamedTuple):
    """What talk and wrap-up of a call hang on beside what is drawn for it; factors in 65536ths.

    agents : int64, shape (counted + people, OF_AGENT + 2 x types + days): words a minute in 65536ths (0: types at once), the
        factor of systems, how it rings (`sim.chance.ringing`), and factors on handle time by call type and tenure; first of
        each group the heads that are counted, then those of the roster
    types : int64, shape (types, OF_TYPE + steps + systems): 1 where calls are recorded, steps of the script, things to know,
        words to type and the share of the talk that is typed in, in 65536ths, and what the keys of steps and systems hang on
    chances : float64, shape (types, CHANCES + steps + systems)
    outages : int64, shape (outages, OUTAGE_COLUMNS), ticks
    steps, systems : how many columns; laws : where the rows of laws begin: of steps (types x steps), of look-ups (types), of
        hold (types), of systems, of ringing
    after, rises, most : of fatigue: it begins after so many ticks, and within so many more rises to what it is at the most
    any : 1 where anything of it acts; counted : how many rows are of heads that are counted, the groups
    """

    agents: Ints
    types: Ints
    chances: Floats
    outages: Ints
    steps: int
    systems: int
    laws: int
    after: int
    rises: int
    most: int
    any: int
    counted: int


def handling_of(scenario: Scenario, laws: int) -> tuple[Handling, list[Distribution]]:
    """What a scenario says of handle times, and its laws in order; `laws` is where those will begin."""
    kinds, systems = scenario.call_types, scenario.systems
    steps = max(len(kind.script) for kind in kinds)
    types = np.zeros((len(kinds), OF_TYPE + steps + len(systems)), np.int64)
    chances = np.zeros((len(kinds), CHANCES + steps + len(systems)))
    nothing: Distribution = Deterministic(value=0.0)
    rows: list[Distribution] = []
    for code, kind in enumerate(kinds):
        rows += [step.takes for step in kind.script] + [nothing] * (steps - len(kind.script))
        things = 0 if kind.lookups is None else kind.lookups.things
        typed, words = _factor(kind.typed_while_talking), _factor(kind.text)
        types[code, :OF_TYPE] = int(kind.arrivals.replay is not None), len(kind.script), things, words, typed
        for at, step in enumerate(kind.script):
            types[code, OF_TYPE + at] = name_hash(f"script\0{step.name}", bits=32)
            chances[code, CHANCES + at] = value(step.solves)
        for at, system in enumerate(systems):
            types[code, OF_TYPE + steps + at] = name_hash(f"system\0{system.name}", bits=32)
            chances[code, CHANCES + steps + at] = value(kind.transactions.get(system.name, 0.0))
        chances[code, LOOKS_UP] = 0.0 if kind.lookups is None else value(kind.lookups.chance)
        chances[code, HOLDS] = 0.0 if kind.hold is None else value(kind.hold.chance)
    rows += [nothing if kind.lookups is None else kind.lookups.takes for kind in kinds]
    rows += [nothing if kind.hold is None else kind.hold.takes for kind in kinds]
    rows += [system.takes for system in systems]
    people = individuals(scenario)
    floor, counted = [row_of_counted(scenario, group) for group in scenario.groups], len(scenario.groups)
    ordinary = np.array(row_of_counted(scenario), np.int64)
    agents = np.array([*floor, *(agent_row(scenario, one) for one in people)], np.int64).reshape(-1, len(ordinary))
    other = bool((agents != ordinary).any())
    several = {group.name for group in scenario.groups if group.concurrency is not None}
    of_rings, more = ringing_of(people, several, laws + len(rows))
    agents[counted:, LAW:OF_AGENT] = np.array(of_rings, np.int64).reshape(-1, OF_AGENT - LAW)
    rows += more
    tired = scenario.fatigue
    after, rises, most = NEVER_TICKS, 1, ONE
    if tired is not None and value(tired.slowdown) > 0.0:
        hours = (value(tired.most) - 1.0) / value(tired.slowdown)
        after, rises, most = ticks(value(tired.after)), max(ticks(hours * 3600.0), 1), _factor(tired.most)
    acts = bool((types[:, STEPS] > 0).any() or chances.any() or other or (most > ONE and people) or several)
    outages = [row for at, system in enumerate(systems) for one in system.outages for row in windows_of(scenario, at, one)]
    found = Handling(
        agents, types, chances, np.array(outages, np.int64).reshape(-1, OUTAGE_COLUMNS), steps, len(systems), laws,
        after, rises, most, int(acts), counted,
    )  # fmt: skip
    return found, rows


def _factor(number: Any) -> int:
    return round(value(number) * ONE)


def row_of_counted(scenario: Scenario, group: Group | None = None) -> list[int]:
    """The row of the heads of a group that are counted, see `Handling.agents`; None: of whom nothing is said."""
    kinds, said = scenario.call_types, None if group is None else group.proficiency
    takes = [_factor(by_type(said, kind.name)) for kind in kinds]
    return [0, ONE, *ANSWERS_AT_ONCE, *takes, *[0] * len(kinds), *[ONE] * scenario.calendar.days]


def agent_row(scenario: Scenario, one: Individual) -> list[int]:
    """The row of an agent of the roster, see `Handling.agents`."""
    types, typing, speed = scenario.call_types, one.own("typing"), one.own("system_speed")
    of_group = next(group.proficiency for group in scenario.groups if group.name == one.group)
    row = [0 if typing is None else _factor(typing), ONE if speed is None else _factor(speed), *ANSWERS_AT_ONCE]
    row += [_factor(by_type(one.own("proficiency"), kind.name, by_type(of_group, kind.name))) for kind in types]
    row += [ONE - _factor(by_type(one.own("knowledge"), kind.name)) for kind in types]
    return row + [_tenure(scenario, one, day) for day in range(scenario.calendar.days)]


def by_type(given: Any, name: str, else_: Any = 1.0) -> Any:
    """A number, or that of the call type; `else_` where nothing is said of it."""
    found = given.get(name) if isinstance(given, dict) else given
    return else_ if found is None else found


def _tenure(scenario: Scenario, one: Individual, day: int) -> int:
    if scenario.learning is None or one.hired is None:
        return ONE
    days = (scenario.calendar.start + timedelta(days=day) - one.hired).days
    return _factor(tenure_factor(scenario.learning, max(days, 0)))


def windows_of(scenario: Scenario, system: int, given: Outage) -> list[tuple[int, ...]]:
    """The outage on each of its days, from the one before the first on, for it may last past midnight: `Handling.outages`."""
    found: list[tuple[int, ...]] = []
    times, plus = ONE if given.times is None else _factor(given.times), 0 if given.plus is None else ticks(value(given.plus))
    for day in range(-1, scenario.calendar.days):
        when = scenario.calendar.start + timedelta(days=day)
        if falls_on(given.on, when):
            found.append((system, day * DAY + ticks(given.from_), day * DAY + ticks(given.to), times, plus))
    return found


@inlined
def agent_at(h: Handling, agent: int, group: int, first_person: int) -> int:
    """The row of an agent of a group in Handling.agents, by the number that engines give him."""
    return group if agent < first_person else agent - first_person + h.counted


@kernel
def unknown_of(h: Handling, agent: int, call_type: int) -> float:
    """The share that the agent in that row does not know of what one has to know in calls of the type."""
    return h.agents[agent, OF_AGENT + h.types.shape[0] + call_type] / ONE


@kernel
def handled(
    h: Handling, laws: Laws, seed: np.uint64, replication: np.uint64, key: np.uint64, call_type: int, agent: int, tick: int,
    rested: int, slowdown: int, script: int, talk: int, wrap: int,
) -> tuple[int, int, int]:  # fmt: skip
    """(ticks of talk, of wrap-up, FRESH, RECOGNIZED or SOLVED) of a leg that the agent in that row answers at that tick.

    rested : the tick from which on he is on the phones without a break; slowdown : 65536ths, by what else he has in hand
    script : whether its script lies before it, or is skipped; talk, wrap : as drawn. With f = proficiency x tenure x fatigue, and
    in the end all of it times the slowdown:

    talk = f (script + drawn talk + look-ups) + hold + system_speed x transactions; of what the script solves: f x script
    wrap-up = f x drawn wrap-up + max(0, typing - typed_while_talking x talk)
    """
    types, who, of_type = h.types.shape[0], h.agents[agent], h.types[call_type]
    if of_type[RECORDED] != 0:
        return talk, wrap, script
    day = min(max(tick // DAY, 0), who.shape[0] - OF_AGENT - 2 * types - 1)
    factor = times(who[OF_AGENT + call_type], who[OF_AGENT + 2 * types + day])
    if agent >= h.counted:
        factor = times(factor, tired(h, tick - rested))
    spent = 0
    if script == FRESH and of_type[STEPS] > 0:
        spent, script = script_of(h, laws, seed, replication, key, call_type)
    beside = 0
    if script == SOLVED:
        talk = spent
    else:
        unknown = who[OF_AGENT + types + call_type]
        if of_type[THINGS] > 0 and unknown > 0:
            spent = added(spent, looked_up(h, laws, seed, replication, key, call_type, unknown))
        talk = added(talk, spent)
        if h.chances[call_type, HOLDS] > 0.0:
            beside = held(h, laws, seed, replication, key, call_type)
        for system in range(h.systems):
            if h.chances[call_type, CHANCES + h.steps + system] > 0.0:
                takes = transacted(h, laws, seed, replication, key, call_type, system, tick)
                beside = added(beside, times(takes, who[SYSTEM_SPEED]))
    talk, wrap = added(times(talk, factor), beside), times(wrap, factor)
    if who[TYPING] > 0 and of_type[WORDS] > 0:
        typing = (of_type[WORDS] * MINUTE + who[TYPING] // 2) // who[TYPING]
        wrap = added(wrap, max(typing - times(talk, of_type[TYPED]), 0))
    if slowdown != ONE:
        talk, wrap = times(talk, slowdown), times(wrap, slowdown)
    return talk, wrap, script


@cold
def script_of(
    h: Handling, laws: Laws, seed: np.uint64, replication: np.uint64, key: np.uint64, call_type: int
) -> tuple[int, int]:
    """(ticks of the steps gone through, SOLVED if one of them solves the matter, else FRESH)."""
    spent = 0
    for step in range(h.types[call_type, STEPS]):
        own = derive(key, np.uint64(h.types[call_type, OF_TYPE + step]), _ZERO)
        u_solves, u_takes, _, _ = block(seed, replication, own, SCRIPT, _ZERO)
        spent = added(spent, law_ticks(laws, h.laws + call_type * h.steps + step, u_takes, 1.0))
        if u_solves < h.chances[call_type, CHANCES + step]:
            return spent, SOLVED
    return spent, FRESH


@cold
def looked_up(
    h: Handling, laws: Laws, seed: np.uint64, replication: np.uint64, key: np.uint64, call_type: int, unknown: int
) -> int:
    """Ticks of looking up what the agent does not know."""
    spent, step = 0, _ZERO
    chance, row = h.chances[call_type, LOOKS_UP] * unknown / ONE, h.laws + h.types.shape[0] * h.steps + call_type
    for _ in range(h.types[call_type, THINGS]):
        u_looks, u_takes, _, _ = block(seed, replication, key, LOOKUP, step)
        step += _ONE
        if u_looks < chance:
            spent = added(spent, law_ticks(laws, row, u_takes, 1.0))
    return spent


@cold
def held(h: Handling, laws: Laws, seed: np.uint64, replication: np.uint64, key: np.uint64, call_type: int) -> int:
    """Ticks on hold."""
    u_holds, u_takes, _, _ = block(seed, replication, key, HOLD, _ZERO)
    if u_holds >= h.chances[call_type, HOLDS]:
        return 0
    return law_ticks(laws, h.laws + h.types.shape[0] * (h.steps + 1) + call_type, u_takes, 1.0)


@cold
def transacted(
    h: Handling, laws: Laws, seed: np.uint64, replication: np.uint64, key: np.uint64, call_type: int, system: int, tick: int
) -> int:
    """Ticks of the transactions in a system of a call answered then, at a speed of 1."""
    own = derive(key, np.uint64(h.types[call_type, OF_TYPE + h.steps + system]), _ZERO)
    row = h.laws + h.types.shape[0] * (h.steps + 2) + system
    number = h.chances[call_type, CHANCES + h.steps + system]
    whole, spent, step = int(number), 0, _ZERO
    _, u_more, _, _ = block(seed, replication, own, TRANSACTION, _ZERO)
    for _ in range(whole + (1 if u_more < number - whole else 0)):
        u_takes, _, _, _ = block(seed, replication, own, TRANSACTION, step)
        step += _ONE
        takes, more = law_ticks(laws, row, u_takes, 1.0), 0
        for i in range(h.outages.shape[0]):
            outage = h.outages[i]
            if outage[SYSTEM] == system and outage[SINCE] <= tick < outage[UNTIL]:
                takes, more = times(takes, outage[TIMES]), added(more, outage[PLUS])
        spent = added(spent, added(takes, more))
    return spent


@kernel
def tired(h: Handling, spell: int) -> int:
    """Factor (65536ths) of who is on the phones for so many ticks without a break."""
    if spell <= h.after:
        return ONE
    return ONE + (min(spell - h.after, h.rises, 2 * DAY) * (h.most - ONE) + h.rises // 2) // h.rises


@inlined
def added(one: int, other: int) -> int:
    """The sum, at most NEVER_TICKS."""
    return min(one + other, NEVER_TICKS)


@cold
def times(number: int, factor: int) -> int:
    """Ticks, or a factor, times a factor in 65536ths."""
    return scaled(number, min(factor, MOST_FACTOR))
