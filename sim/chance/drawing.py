"""draw: a Scenario becomes the Tape of one replication."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.chance.arrivals import fresh
from sim.chance.columns import CHUNK, fill_labels
from sim.chance.filling import fill_fresh, fill_replay
from sim.chance.laws import label_space, scenario_laws, with_talks
from sim.chance.presence import presence
from sim.chance.ranges import check_resolved, check_seed
from sim.chance.room import Room
from sim.chance.sequence import Rows, inverse, places
from sim.chance.streams import MOST_CALLERS, cells, stream_identities
from sim.chance.talks import talk_factors
from sim.chance.tape import CALL_TYPE, TAPE_COLUMNS, WHAT, Tape
from sim.scenario.errors import CallsimError
from sim.scenario.recorded import Recorded
from sim.scenario.scenario import Scenario
from sim.scenario.units import ticks, value

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

_RECORDED = ("number", "arrival", "ivr", "outcome", "wait", "talk", "wrap")


def draw(scenario: Scenario, *, seed: int, replication: int = 0, room: Room | None = None) -> Tape:
    """Everything random about the fresh calls of one replication.

    seed from 0 to 2**63 - 1, replication from 0 to 2**32 - 1. With a room the Tape is written where its last one was,
    which is then lost. Raises CallsimError for open ranges (naming them: `resolve` comes first) and ScenarioError where a
    number does not fit its place in a key.
    """
    check_seed(seed, replication)
    check_resolved(scenario, "draw")
    talks, parts = talk_factors(scenario, seed=seed, replication=replication), (np.uint64(seed), np.uint64(replication))
    laws = with_talks(scenario_laws(scenario), talks)
    room = Room() if room is None else room
    new = fresh(cells(scenario, seed=seed, replication=replication), seed=seed, replication=replication, room=room)
    codes, records = _records(scenario)
    number, place = _order(new.arrival, records, room)
    n, calls = len(new.arrival), len(place)
    types, opening = len(scenario.call_types), scenario.opening_queue
    key, rows = room.array("tape key", calls, dtype=np.uint64), room.array("tape", calls, TAPE_COLUMNS)
    u, values = room.array("uniforms", 4, CHUNK, dtype=np.float64), room.array("values", 8, CHUNK)
    fill_fresh(
        laws, new.cells, new.counts, *parts, new.arrival, place, number, types * (1 + len(scenario.surges)),
        0 if opening is None else ticks(value(opening.waited)), u, values, key, rows,
    )  # fmt: skip
    if len(codes):  # their patience hangs on their labels, and those on key and call type
        key[place[n:]], rows[place[n:], WHAT] = _recorded_keys(scenario, codes), codes << CALL_TYPE[0]
    label = room.array("tape label", calls, len(laws.families))
    if len(laws.families):
        fill_labels(laws, *parts, key, rows[:, WHAT], u[0], label)
        if len(codes):
            _recorded_labels(scenario, place[n:], label)
    if len(codes):
        fill_replay(laws.coming, *parts, key, codes, records, place[n:], label, rows)
    return Tape(seed, replication, key, label, rows, presence(scenario, seed=seed, replication=replication), talks)


def _replays(scenario: Scenario) -> list[tuple[int, Recorded]]:
    return [
        (code, kind.arrivals.replay)
        for code, kind in enumerate(scenario.call_types)
        if kind.arrivals.replay is not None
    ]


def _records(scenario: Scenario) -> tuple[Ints, Ints]:
    """Call type codes, shape (calls,), and the columns _RECORDED, shape (calls, 7), of all recorded calls."""
    replays = _replays(scenario)
    codes = [np.full(len(recorded), code, np.int64) for code, recorded in replays]
    tables = [np.stack([getattr(recorded, name) for name in _RECORDED], axis=1) for _, recorded in replays]
    if not replays:
        return np.zeros(0, np.int64), np.zeros((0, len(_RECORDED)), np.int64)
    table = np.ascontiguousarray(np.concatenate(tables).astype(np.int64))
    if len(np.unique(table[:, 0])) != len(table) or (len(table) and table[:, 0].min() < 0):
        raise CallsimError("the numbers of recorded calls must be unique over all call types and not below 0")
    return np.concatenate(codes), table


def _recorded_keys(scenario: Scenario, codes: Ints) -> Keys:
    """The k-th recorded caller of a type has the key (its stream, 0, k)."""
    identities = stream_identities(scenario)
    place = np.concatenate([np.arange(len(recorded), dtype=np.int64) for _, recorded in _replays(scenario)])
    if len(place) and place.max() >= MOST_CALLERS:
        raise CallsimError(f"at most {MOST_CALLERS} recorded calls of a type")
    high = np.array([identities[int(code)] << 40 for code in range(len(scenario.call_types))], np.uint64)
    keys: Keys = high[codes] | place.astype(np.uint64)
    return keys


def _order(arrival: Ints, records: Ints, room: Room) -> tuple[Ints | Rows, Rows]:
    """Numbers of the fresh callers, shape (fresh,), and the rows of all callers by (arrival, number), shape (calls,).

    Recorded callers, after the fresh ones, keep their numbers; fresh ones count on by (arrival, stream, k).
    """
    place = places(arrival, room)
    if not len(records):
        return place, place
    number = place.astype(np.int64) + int(records[:, 0].max()) + 1
    all_numbers, all_arrivals = np.concatenate([number, records[:, 0]]), np.concatenate([arrival, records[:, 1]])
    return number, inverse(np.lexsort((all_numbers, all_arrivals)), Room())


def _recorded_labels(scenario: Scenario, place: Rows, out: Ints) -> None:
    """Overwrites drawn labels of recorded calls, whose rows of `out` are `place`, where the record has one."""
    space = label_space(scenario)
    start = 0
    for code, recorded in _replays(scenario):
        rows = place[start : start + len(recorded)]
        for f, (family, values) in enumerate(space):
            given = recorded.labels.get(family)
            own = tuple(scenario.call_types[code].labels.get(family, {}))
            if given is not None and own:
                into = np.array([values.index(name) for name in own], np.int64)
                out[rows, f] = np.where(given >= 0, into[np.maximum(given, 0)], out[rows, f])
        start += len(recorded)
