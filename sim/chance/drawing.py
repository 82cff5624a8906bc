"""draw: a Scenario becomes the Tape of one replication."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.chance.arrivals import Fresh, cells, fresh, stream_identities
from sim.chance.draws import QUEUE, caller_values, label_of
from sim.chance.jit import kernel
from sim.chance.laws import ScenarioLaws, label_space, scenario_laws
from sim.chance.philox import SERVICE, block
from sim.chance.quantiles import quantile_beyond, seconds_to_ticks
from sim.chance.ranges import check_seed, open_ranges
from sim.chance.replay import replay_values
from sim.chance.sequence import in_order
from sim.chance.tape import Tape
from sim.scenario.errors import CallsimError
from sim.scenario.recorded import Recorded
from sim.scenario.scenario import Scenario
from sim.scenario.units import ticks, value

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

_ZERO = np.uint64(0)
_RECORDED = ("number", "arrival", "ivr", "outcome", "wait", "talk", "wrap")


def draw(scenario: Scenario, *, seed: int, replication: int = 0) -> Tape:
    """Everything random about the fresh calls of one replication.

    seed from 0 to 2**63 - 1, replication from 0 to 2**32 - 1. Raises CallsimError for open ranges (naming them: `resolve`
    comes first) and ScenarioError where a number does not fit its place in a key.
    """
    check_seed(seed, replication)
    unknown = open_ranges(scenario)
    if unknown:
        raise CallsimError(f"cannot draw with open ranges: call resolve first; open: {', '.join(unknown)}")
    laws = scenario_laws(scenario)
    new = fresh(cells(scenario, seed=seed, replication=replication), seed=seed, replication=replication)
    codes, records = _records(scenario)
    callers = _with_recorded(scenario, new, codes, records) if len(codes) else new
    n, old = len(new.key), len(codes)
    waited = np.zeros(n + old, np.int64)
    opening = callers.stream >= len(scenario.call_types) * (1 + len(scenario.surges))
    if scenario.opening_queue is not None:
        waited[opening] = ticks(value(scenario.opening_queue.waited))
    values = np.zeros((6, n + old), np.int64)
    parts = np.uint64(seed), np.uint64(replication)
    _fill(laws, *parts, callers.key, callers.call_type, callers.arrival, callers.surge, opening, waited, n, values)
    label = np.full((n + old, len(laws.families)), -1, np.int64)
    _fill_labels(laws, *parts, callers.key, callers.call_type, label)
    if old:
        _fill_replay(laws, *parts, callers.key[n:], codes, records, values[:, n:])
        _recorded_labels(scenario, label[n:])
        number, order = _numbers(callers, records[:, 0])
        number = number[order]
    else:
        number, order = np.arange(n, dtype=np.int64), in_order(callers.arrival)
    ivr, fate, balks, talk, wrap, patience = values[:, order]
    return Tape(
        seed=seed,
        replication=replication,
        number=number,
        key=callers.key[order],
        stream=callers.stream[order],
        call_type=callers.call_type[order],
        label=label[order],
        surge=callers.surge[order],
        arrival=callers.arrival[order],
        ivr=ivr,
        fate=fate,
        balks=balks,
        talk=talk,
        wrap=wrap,
        patience=patience,
        waited=waited[order],
    )


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


def _with_recorded(scenario: Scenario, new: Fresh, codes: Ints, records: Ints) -> Fresh:
    """Recorded callers after the fresh ones; the k-th of a type has the key (its stream, 0, k)."""
    identities = stream_identities(scenario)
    k = [np.arange(len(recorded), dtype=np.int64) for _, recorded in _replays(scenario)]
    place = np.concatenate(k) if k else np.zeros(0, np.int64)
    if len(place) and place.max() >= 1 << 24:
        raise CallsimError(f"at most {1 << 24} recorded calls of a type")
    high = np.array([identities[int(code)] << 40 for code in range(len(scenario.call_types))], np.uint64)
    return Fresh(
        np.concatenate([new.key, high[codes] | place.astype(np.uint64)]),
        np.concatenate([new.stream, codes]),
        np.concatenate([new.k, place]),
        np.concatenate([new.call_type, codes]),
        np.concatenate([new.surge, np.full(len(codes), -1, np.int64)]),
        np.concatenate([new.arrival, records[:, 1]]),
    )


def _numbers(callers: Fresh, recorded: Ints) -> tuple[Ints, Ints]:
    """Caller numbers in row order, and the rows in tape order: by (arrival, number).

    Recorded numbers are kept; others count on after the largest, by (arrival, stream, k).
    """
    n = len(callers.key) - len(recorded)
    number = np.empty(len(callers.key), np.int64)
    number[in_order(callers.arrival[:n])] = np.arange(n) + (int(recorded.max()) + 1 if len(recorded) else 0)
    number[n:] = recorded
    return number, np.lexsort((number, callers.arrival))


def _recorded_labels(scenario: Scenario, out: Ints) -> None:
    """Overwrites drawn labels of recorded calls, shape (recorded calls, families), where the record has one."""
    space = label_space(scenario)
    start = 0
    for code, recorded in _replays(scenario):
        for f, (family, values) in enumerate(space):
            given = recorded.labels.get(family)
            own = tuple(scenario.call_types[code].labels.get(family, {}))
            if given is not None and own:
                into = np.array([values.index(name) for name in own], np.int64)
                rows = out[start : start + len(recorded), f]
                out[start : start + len(recorded), f] = np.where(given >= 0, into[np.maximum(given, 0)], rows)
        start += len(recorded)


@kernel
def _fill(
    s: ScenarioLaws,
    seed: np.uint64,
    replication: np.uint64,
    key: Keys,
    call_type: Ints,
    arrival: Ints,
    surge: Ints,
    opening: npt.NDArray[np.bool_],
    waited: Ints,
    n: int,
    out: Ints,
) -> None:
    """Values of the first n callers into `out`, int64, shape (6, calls).

    Who already waits at opening skips the IVR and does not balk; his patience is what remains, given that it exceeds the
    time he has waited.
    """
    for i in range(n):
        f = s.factors[surge[i]]
        got = caller_values(s, seed, replication, key[i], call_type[i], arrival[i], f[0], f[1], f[2])
        out[0, i], out[1, i], out[2, i], out[3, i], out[4, i], out[5, i] = got
        if opening[i]:
            out[0, i], out[1, i], out[2, i] = 0, QUEUE, 0
            if waited[i] > 0:
                _, _, u, _ = block(seed, replication, key[i], SERVICE, _ZERO)
                seconds = waited[i] / 1e6
                beyond = quantile_beyond(s.laws, 3 * call_type[i] + 2, seconds, u)
                out[5, i] = max(seconds_to_ticks(beyond - seconds), 1)


@kernel
def _fill_replay(
    s: ScenarioLaws, seed: np.uint64, replication: np.uint64, key: Keys, codes: Ints, records: Ints, out: Ints
) -> None:
    """Values of the recorded callers into `out`, int64, shape (6, recorded calls)."""
    for i in range(codes.shape[0]):
        r = records[i]
        got = replay_values(s, seed, replication, key[i], codes[i], r[1], r[2], r[3], r[4], r[5], r[6])
        out[0, i], out[1, i], out[2, i], out[3, i], out[4, i], out[5, i] = got


@kernel
def _fill_labels(
    s: ScenarioLaws, seed: np.uint64, replication: np.uint64, key: Keys, call_type: Ints, out: Ints
) -> None:
    """Label codes of all callers into `out`, int64, shape (calls, families)."""
    for i in range(out.shape[0]):
        for f in range(out.shape[1]):
            out[i, f] = label_of(s, seed, replication, key[i], call_type[i], f)
