"""columns: a law, a block of uniforms, a label for many callers at once, in loops that vectorize.

Every number is, bit for bit, what the scalar function of the same name gives (tests compare them): the arithmetic is
shared, only branches are taken out of the loops.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.chance.draws import label_uniform, label_value
from sim.chance.elementary import CENTRAL, exp_inside, log_inside, nearest, normal_center, normal_quantile
from sim.chance.jit import kernel, part
from sim.chance.laws import ScenarioLaws
from sim.chance.philox import MASK, fresh_key, philox, uniform
from sim.chance.quantiles import DETERMINISTIC, EXPONENTIAL, LOGNORMAL, NEVER, TICKS, Laws, law_ticks
from sim.chance.scaling import ONE, scaled
from sim.chance.tape import CALL_TYPE, unpacked

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Keys = npt.NDArray[np.uint64]

CHUNK = 512  # callers at a time: what lies between words and values stays in the nearest cache
_BITS_16, _BITS_32 = np.uint64(16), np.uint64(32)
# Beyond these an exact tick, or a power of 2, would not fit the fast arithmetic; 23 is above -log of the smallest 1 - u
_MOST_TICKS = 2.0**50
_LONGEST_MEAN = _MOST_TICKS / TICKS / 23.0
_WIDEST = 6.4  # above every normal quantile of a uniform of 32 bits
_MOST_LOG, _LEAST_LOG = 20.0, -600.0


@part
def uniforms(
    seed: np.uint64, replication: np.uint64, first: np.uint64, purpose: np.uint64, size: int, out: Floats
) -> None:
    """The four uniforms of a purpose block for keys first, first + 1, ... into `out`, shape (4, CHUNK).

    The keys differ in their low 32 bits only.
    """
    a, b, c, d = out[0], out[1], out[2], out[3]
    low, high, two, three = first & MASK, first >> _BITS_32, replication & MASK, (purpose << _BITS_16) & MASK
    for j in range(size):
        words = philox(low + np.uint64(j), high, two, three, seed & MASK, seed >> _BITS_32)
        a[j], b[j], c[j], d[j] = uniform(words[0]), uniform(words[1]), uniform(words[2]), uniform(words[3])


@kernel
def law_column(laws: Laws, i: int, factor: int, u: Floats, size: int, out: Ints) -> None:
    """Ticks of law i at each u, times a factor in 65536ths: `scaled(law_ticks(laws, i, u, 1.0), factor)`.

    u : float64, shape (CHUNK,); out : int64, shape (CHUNK,), its first `size` are written
    """
    kind, p0, p1 = laws.kind[i], laws.params[i, 0], laws.params[i, 1]
    if kind in (DETERMINISTIC, NEVER):
        same = law_ticks(laws, i, 0.5, 1.0)
        for j in range(size):
            out[j] = same
    elif kind == EXPONENTIAL and p0 < _LONGEST_MEAN:
        for j in range(size):
            out[j] = nearest(-p0 * log_inside(1.0 - u[j]) * TICKS)
    elif kind == LOGNORMAL and p0 + _WIDEST * p1 < _MOST_LOG and p0 - _WIDEST * p1 > _LEAST_LOG:
        _lognormal_column(p0, p1, u, size, out)
    else:
        for j in range(size):
            out[j] = law_ticks(laws, i, u[j], 1.0)
    if factor != ONE:
        for j in range(size):
            out[j] = scaled(out[j], factor)


@part
def _lognormal_column(mu: float, sigma: float, u: Floats, size: int, out: Ints) -> None:
    """exp(mu + sigma z) in three passes: the center for all, the tails for the few in them, exp for all."""
    z = out.view(np.float64)  # the same memory: a quantile first, then ticks
    for j in range(size):
        z[j] = normal_center(u[j] - 0.5)
    for j in range(size):
        if abs(u[j] - 0.5) > CENTRAL:
            z[j] = normal_quantile(u[j])
    for j in range(size):
        out[j] = nearest(exp_inside(mu + sigma * z[j]) * TICKS)


@kernel
def fresh_uniforms(
    seed: np.uint64, replication: np.uint64, identity: np.uint64, interval: int, first: int, purpose: np.uint64,
    size: int, out: Floats,
) -> None:  # fmt: skip
    """As `uniforms`, for callers first, first + 1, ... of a stream's interval."""
    uniforms(seed, replication, fresh_key(identity, np.uint64(interval), np.uint64(first)), purpose, size, out)


@kernel
def fill_labels(
    s: ScenarioLaws, seed: np.uint64, replication: np.uint64, key: Keys, what: Ints, scratch: Floats, out: Ints
) -> None:
    """Label codes of all callers into `out`, int64, shape (calls, families).

    what : the Tape's column WHAT; scratch : float64, shape (CHUNK,)
    """
    for family in range(out.shape[1]):
        for first in range(0, key.shape[0], CHUNK):
            size = min(CHUNK, key.shape[0] - first)
            keys, codes = key[first : first + size], out[first : first + size]
            for j in range(size):
                scratch[j] = label_uniform(seed, replication, keys[j], s.families[family])
            for j in range(size):
                kind = unpacked(what[first + j], CALL_TYPE)
                place = label_value(scratch[j], s.shares[kind, family])
                codes[j, family] = s.codes[kind, family, place] if place >= 0 else -1
