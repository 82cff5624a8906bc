"""filling: the rows of a Tape, cell by cell, each caller's where it belongs in the order of arrival."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.chance.columns import CHUNK, fresh_uniforms, law_column
from sim.chance.draws import QUEUE, ivr_fate
from sim.chance.jit import kernel
from sim.chance.laws import PATIENCE as PATIENCE_LAW
from sim.chance.laws import ScenarioLaws
from sim.chance.philox import CALLER, SERVICE, fresh_key
from sim.chance.quantiles import DETERMINISTIC, quantile_beyond, seconds_to_ticks
from sim.chance.replay import replay_values
from sim.chance.streams import Cells
from sim.chance.tape import (
    ARRIVAL,
    BALKS,
    CALL_TYPE,
    FATE,
    IVR,
    NUMBER,
    PATIENCE,
    STREAM,
    SURGE,
    TALK,
    WAITED,
    WRAP,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]


@kernel
def fill_fresh(
    s: ScenarioLaws, c: Cells, counts: Ints, seed: np.uint64, replication: np.uint64, arrival: Ints, place: Ints,
    number: Ints, first_opening: int, waited: int, u: Floats, values: Ints, out_key: Keys, out: Ints,
) -> None:  # fmt: skip
    """Keys, shape (calls,), and rows, shape (calls, TAPE_COLUMNS), of the fresh callers.

    place : their rows; number : their numbers; streams from `first_opening` on wait when the day opens, and have done so
    for `waited` ticks: they skip the IVR and do not balk, and their patience is what remains, given that it exceeds that
    u : float64, shape (4, CHUNK); values : int64, shape (4, CHUNK): room to work in
    """
    n = 0
    talk, wrap, patience, ivr = values[0], values[1], values[2], values[3]
    delay = 3 * s.balking.shape[0]
    for i in range(counts.shape[0]):
        kind, surge, stream, opening = c.call_type[i], c.surge[i], c.stream[i], c.stream[i] >= first_opening
        factor, balking = s.factors[surge], s.balking[kind]
        screened = s.screened[kind] != 0
        for k in range(0, counts[i], CHUNK):
            size = min(CHUNK, counts[i] - k)
            first = fresh_key(c.identity[i], np.uint64(c.interval[i]), np.uint64(k))
            if screened or s.laws.kind[delay] != DETERMINISTIC:
                fresh_uniforms(seed, replication, c.identity[i], c.interval[i], k, CALLER, size, u)
            law_column(s.laws, delay, 65_536, u[3], size, ivr)
            for j in range(size):
                out[place[n + j], FATE] = ivr_fate(s, kind, arrival[n + j], u[2, j]) if screened else QUEUE
            fresh_uniforms(seed, replication, c.identity[i], c.interval[i], k, SERVICE, size, u)
            law_column(s.laws, 3 * kind, factor[0], u[0], size, talk)
            law_column(s.laws, 3 * kind + 1, factor[1], u[1], size, wrap)
            law_column(s.laws, 3 * kind + PATIENCE_LAW, factor[2], u[2], size, patience)
            for j in range(size):
                at = place[n + j]
                row = out[at]
                out_key[at] = first + np.uint64(j)
                row[ARRIVAL], row[CALL_TYPE], row[IVR] = arrival[n + j], kind, ivr[j]
                row[BALKS] = 1 if u[3, j] < balking else 0
                row[TALK], row[WRAP], row[PATIENCE] = talk[j], wrap[j], patience[j]
                row[NUMBER], row[WAITED], row[SURGE], row[STREAM] = number[n + j], 0, surge, stream
            if opening:
                for j in range(size):
                    row = out[place[n + j]]
                    row[IVR], row[FATE], row[BALKS], row[WAITED] = 0, QUEUE, 0, waited
                    if waited > 0:
                        seconds = waited / 1e6
                        beyond = quantile_beyond(s.laws, 3 * kind + PATIENCE_LAW, seconds, u[2, j])
                        row[PATIENCE] = max(seconds_to_ticks(beyond - seconds), 1)
            n += size


@kernel
def fill_replay(
    s: ScenarioLaws, seed: np.uint64, replication: np.uint64, key: Keys, codes: Ints, records: Ints, place: Ints,
    out_key: Keys, out: Ints,
) -> None:  # fmt: skip
    """Keys and rows of the recorded callers; records : int64, shape (recorded calls, 7), see `drawing`."""
    for i in range(codes.shape[0]):
        r, row, kind = records[i], out[place[i]], codes[i]
        got = replay_values(s, seed, replication, key[i], kind, r[1], r[2], r[3], r[4], r[5], r[6])
        out_key[place[i]] = key[i]
        row[IVR], row[FATE], row[BALKS], row[TALK], row[WRAP], row[PATIENCE] = got
        row[ARRIVAL], row[CALL_TYPE], row[NUMBER], row[WAITED] = r[1], kind, r[0], 0
        row[SURGE], row[STREAM] = -1, kind
