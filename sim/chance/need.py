"""Need: how hard a caller's matter is, and what a deflection that takes the easy ones leaves behind.

Each caller has one keyed rank of need, the uniform his talk comes from. A step that contains the share c contains ranks
below one half with a chance a and ranks above with a chance b, such that the mean talk of the contained is `easier` times
that of all who come to it. `talk` describes those who reach an agent under the IVR of the day it was measured on; if those
are the share g from the lower ranks, a caller of rank u talks as the quantile of `talk` at G(u) says, where G is linear from
0 to g below one half and from g to 1 above. G is the distribution of ranks among those who reach an agent on that day, so
that their talk is distributed as `talk`; and what another IVR leaves is known as well.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.integrate import quad
from scipy.optimize import brentq

from sim.chance.jit import inlined
from sim.chance.means import mean
from sim.chance.quantiles import pack, quantile
from sim.chance.rows import law_row
from sim.scenario.distributions import Distribution

Floats = npt.NDArray[np.float64]


class Halves(NamedTuple):
    """Mean talk in seconds of the callers with the lower and with the upper ranks of need."""

    lower: float
    upper: float


def talk_of(law: Distribution, lower_share: float) -> Halves:
    """Mean talk of both halves where `lower_share` (g) of those who reached an agent were of lower rank.

    The mean of the quantile function over 0 to g, and over g to 1 (the means of the law's Lorenz curve).
    """
    below = _mass_below(law, lower_share)
    return Halves(below / lower_share, (mean(law) - below) / (1.0 - lower_share))


@lru_cache(maxsize=4096)
def _mass_below(law: Distribution, share: float) -> float:
    """The integral of the quantile function from 0 to `share`."""
    laws = pack([law_row(law)])
    p = laws.params[0]

    def at(u: float) -> float:
        return float(quantile(laws.kind[0], p[0], p[1], p[2], p[3], laws.start[0], laws.tables, u))

    # full_output, because quad's warning is about the last of ten digits and would reach who asked for no such thing
    return float(quad(at, 0.0, share, limit=400, full_output=1)[0])


class Split(NamedTuple):
    """Chances of being contained by rank: float64, shape (intervals,) each; `least`, `most`: values `easier` may have."""

    lower: Floats
    upper: Floats
    least: Floats
    most: Floats


def split(share: Floats, easier: float | None, lower: Floats, upper: Floats, talk: Halves, room: Floats) -> Split:
    """The chances by rank with which a step contains its share; those of an impossible `easier` are outside 0 to `room`.

    share : of those who come; lower, upper : how many of each half come; room : the most a chance may be; all float64 of
    shape (intervals,). With contained mass K = share (lower + upper) and mean talk m of those who come:
    a lower + b upper = K and (a lower talk.lower + b upper talk.upper) / K = easier m.
    """
    come = lower + upper
    contained = share * come
    everybody = np.where(come > 0, (lower * talk.lower + upper * talk.upper) / np.where(come > 0, come, 1.0), talk.lower)
    apart = talk.upper - talk.lower
    some = np.where(contained > 0, contained, 1.0)
    fewest = np.clip(contained - room * lower, 0.0, None)  # of the upper half, if the lower gives all it can
    greatest = np.minimum(contained, room * upper)
    ends = [(talk.lower + at / some * apart) / np.where(everybody > 0, everybody, 1.0) for at in (fewest, greatest)]
    least, most = (np.where(contained > 0, end, 1.0) for end in ends)
    if easier is None or not apart > 1e-12 * max(talk.lower, 1e-12):
        return Split(share, share, least, most)
    of_upper = contained * (easier * everybody - talk.lower) / apart
    chance = [
        np.where((contained > 0) & (of_half > 0), of / np.where(of_half > 0, of_half, 1.0), share)
        for of, of_half in ((contained - of_upper, lower), (of_upper, upper))
    ]
    return Split(chance[0], chance[1], least, most)


def lower_share(law: Distribution, reached: Callable[[Halves], float]) -> float | None:
    """The g for which those who reach an agent are the share g of lower rank; None where there is none.

    reached : that share, of the mean talk of both halves
    """

    def off(g: float) -> float:
        return reached(talk_of(law, g)) - g

    low, high = 1e-6, 1.0 - 1e-6
    if abs(off(0.5)) < 1e-15:
        return 0.5
    if off(0.5) < 0.0:
        high = 0.5
    else:
        low = 0.5
    if off(low) * off(high) > 0:
        return None
    return float(brentq(off, low, high, xtol=1e-15, rtol=1e-14))


@inlined
def ranked(g: float, u: float) -> float:
    """G(u): the place in `talk` of a caller with rank u."""
    if g == 0.5:
        return u
    if u < 0.5:
        return 2.0 * g * u
    return min(g + (1.0 - g) * (2.0 * u - 1.0), 1.0 - 2.0**-53)
