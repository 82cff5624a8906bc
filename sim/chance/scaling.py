"""scaling: ticks times a factor, exactly alike everywhere."""

from __future__ import annotations

from sim.chance.jit import inlined
from sim.chance.quantiles import NEVER_TICKS

ONE = 65_536  # a factor of 1


@inlined
def scaled(ticks: int, factor: int) -> int:
    """Ticks times a factor in 65536ths, rounded half up; NEVER_TICKS for what never comes or would pass it."""
    if ticks >= NEVER_TICKS:
        return NEVER_TICKS
    if factor == ONE:
        return ticks
    high = ticks >> 16  # in two halves: their products with a factor below 2**40 fit 63 bits
    low = ticks & 65535
    if factor > 0 and high > NEVER_TICKS // factor:
        return NEVER_TICKS
    return min(high * factor + ((low * factor + 32768) >> 16), NEVER_TICKS)
