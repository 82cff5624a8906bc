"""filling: the rows of a Tape, cell by cell, each caller's where it belongs in the order of arrival."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.chance.columns import CHUNK, fresh_uniforms, law_column
from sim.chance.draws import label_of
from sim.chance.jit import kernel, part
from sim.chance.laws import Coming, ScenarioLaws
from sim.chance.need import ranked
from sim.chance.patience import FAMILY, OF_NO_VALUE, OF_VALUES
from sim.chance.philox import CALLER, SERVICE, fresh_key
from sim.chance.quantiles import DETERMINISTIC, law_ticks, quantile_beyond, seconds_to_ticks
from sim.chance.replay import replay_values
from sim.chance.scaling import scaled
from sim.chance.screening import AT_ONE_STEP, STEP_BY_STEP
from sim.chance.sequence import Rows
from sim.chance.streams import Cells
from sim.chance.talks import of_its_time
from sim.chance.tape import ARRIVAL, IVR, NUMBER, PATIENCE, TALK, WAITED, WHAT, WRAP, packed
from sim.chance.walking import NO_DEFLECTION, QUEUE, entrance_fate, ivr_values

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]


_FAR_APART = 2048  # callers of a cell whose rows are more than the nearest caches hold


@part
def fetched(out: Ints, place: Rows) -> int:
    """Read the rows that a cell's callers lie among from the first to the last: in that order they come by themselves,
    while rows written here and there are each waited for. What is returned is of no use but to be asked for.
    """
    low, high = place[0], place[0]
    for j in range(place.shape[0]):
        low, high = min(low, place[j]), max(high, place[j])
    total = 0
    for row in range(low, high + 1):
        total ^= out[row, ARRIVAL]
    return total


@kernel
def fill_fresh(
    s: ScenarioLaws, c: Cells, counts: Ints, seed: np.uint64, replication: np.uint64, arrival: Ints, place: Rows,
    number: Ints | Rows, first_opening: int, waited: int, u: Floats, values: Ints, out_key: Keys, out: Ints,
) -> None:  # fmt: skip
    """Keys, shape (calls,), and rows, shape (calls, TAPE_COLUMNS), of the fresh callers.

    place : their rows; number : their numbers; streams from `first_opening` on wait when the day opens, and have done so
    for `waited` ticks: they skip the IVR and do not balk, and their patience is what remains, given that it exceeds that
    u : float64, shape (4, CHUNK); values : int64, shape (8, CHUNK): room to work in
    """
    n, coming = 0, s.coming
    talk, wrap, patience, ivr, fate, via, factors, law = (
        values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7]
    )  # fmt: skip
    delay = 3 * coming.balking.shape[0]
    for i in range(counts.shape[0]):
        kind, surge, stream, opening = c.call_type[i], c.surge[i], c.stream[i], c.stream[i] >= first_opening
        factor = s.factors[surge]
        stepwise = not opening and (coming.screening.how[kind] == STEP_BY_STEP or coming.screening.restarts.shape[0] > 0)
        screened, delayed = coming.screening.how[kind] == AT_ONE_STEP and not opening, not opening
        need, family, lasts = coming.screening.need[kind], coming.patience[kind, FAMILY], coming.patience[kind, OF_NO_VALUE]
        balking, waits = (0.0, waited) if opening else (coming.balking[kind], 0)
        if counts[i] > _FAR_APART:
            talk[0] = fetched(out, place[n : n + counts[i]])
        for k in range(0, counts[i], CHUNK):
            size = min(CHUNK, counts[i] - k)
            first = fresh_key(c.identity[i], np.uint64(c.interval[i]), np.uint64(k))
            if screened or (delayed and coming.laws.kind[delay] != DETERMINISTIC):
                fresh_uniforms(seed, replication, c.identity[i], c.interval[i], k, CALLER, size, u)
            if delayed:
                law_column(coming.laws, delay, 65_536, u[3], size, ivr)
            else:
                ivr[:size] = 0
            for j in range(size):
                fate[j] = entrance_fate(coming, kind, arrival[n + j], u[2, j]) if screened else QUEUE
                via[j] = NO_DEFLECTION
            fresh_uniforms(seed, replication, c.identity[i], c.interval[i], k, SERVICE, size, u)
            if stepwise:
                for j in range(size):
                    ivr[j], fate[j], via[j], factors[j] = ivr_values(
                        coming, seed, replication, first + np.uint64(j), kind, arrival[n + j], u[0, j]
                    )
            if need != 0.5:
                for j in range(size):
                    u[0, j] = ranked(need, u[0, j])
            law_column(coming.laws, 3 * kind, factor[0], u[0], size, talk)
            if coming.talks.shape[0] > 0:
                for j in range(size):
                    talk[j] = of_its_time(coming.talks, coming.clock, kind, arrival[n + j], talk[j])
            law_column(coming.laws, 3 * kind + 1, factor[1], u[1], size, wrap)
            if family < 0:
                law_column(coming.laws, lasts, factor[2], u[2], size, patience)
            else:
                for j in range(size):
                    code = label_of(s, seed, replication, first + np.uint64(j), kind, family)
                    law[j] = coming.patience[kind, OF_VALUES + code]
                    patience[j] = scaled(law_ticks(coming.laws, law[j], u[2, j], 1.0), factor[2])
            if stepwise:
                for j in range(size):
                    patience[j] = scaled(patience[j], factors[j])
            for j in range(size):
                at = place[n + j]
                row = out[at]
                balks = 1 if u[3, j] < balking else 0
                out_key[at] = first + np.uint64(j)
                row[ARRIVAL], row[WHAT], row[IVR] = arrival[n + j], packed(kind, fate[j], via[j], balks, surge, stream), ivr[j]
                row[TALK], row[WRAP], row[PATIENCE] = talk[j], wrap[j], patience[j]
                row[NUMBER], row[WAITED] = number[n + j], waits
            if waits > 0:
                seconds = waits / 1e6
                for j in range(size):
                    beyond = quantile_beyond(coming.laws, lasts if family < 0 else law[j], seconds, u[2, j])
                    out[place[n + j], PATIENCE] = max(seconds_to_ticks(beyond - seconds), 1)
            n += size


@kernel
def fill_replay(
    coming: Coming, seed: np.uint64, replication: np.uint64, key: Keys, codes: Ints, records: Ints, place: Rows,
    label: Ints, out: Ints,
) -> None:  # fmt: skip
    """Rows of the recorded callers; records : int64, shape (recorded calls, 7), see `drawing`; key, label : of all calls."""
    for i in range(codes.shape[0]):
        r, row, kind, own = records[i], out[place[i]], codes[i], label[place[i]]
        got = replay_values(coming, seed, replication, key[place[i]], kind, r[1], r[2], r[3], r[4], r[5], r[6], own)
        row[IVR], fate, via, balks, row[TALK], row[WRAP], row[PATIENCE] = got
        row[ARRIVAL], row[WHAT], row[NUMBER], row[WAITED] = r[1], packed(kind, fate, via, balks, -1, kind), r[0], 0
