"""tickets: what work calls leave behind, as arrays that kernels read, and as draws both engines share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.jit import kernel
from sim.chance.philox import TICKET, block, derive
from sim.chance.quantiles import Laws, law_ticks
from sim.scenario.distributions import Distribution
from sim.scenario.errors import CallsimError
from sim.scenario.reactions import MOST_CALLS
from sim.scenario.scenario import Scenario
from sim.scenario.tickets import MOST_TICKETS
from sim.scenario.units import value

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# The number of a call is that of its caller's first call, plus stride x its code. A code has a digit of 14 bits for each chain
# of calls: that of a caller, of a ticket one of his calls left, of a ticket of that. The last digit is the attempt; each digit
# before it is 1 + the attempt that left the ticket.
DIGIT = MOST_CALLS.bit_length()
ATTEMPT = (1 << DIGIT) - 1
NO_MORE = 1 << DIGIT * MOST_TICKETS  # codes from here on leave no ticket
MOST_STRIDE = 1 << 62 - DIGIT * (MOST_TICKETS + 1)
NO_TICKET = -1
_CHANNEL, _ZERO = np.uint64(5), np.uint64(0)


class Tickets(NamedTuple):
    """The tickets by call type, in their order.

    chance : float64, shape (types, rows, groups, 2), of calls not solved and solved; becomes : int64, shape (types, rows),
    the call type of the work; delays : where the rows of laws begin that say when, types x rows + row; any : 1 if there are some
    """

    chance: Floats
    becomes: Ints
    delays: int
    any: int


def tickets_of(scenario: Scenario, laws: int) -> tuple[Tickets, list[Distribution]]:
    """The tickets of a scenario, and their laws in order; `laws` is where those will begin."""
    types, groups = scenario.call_types, [group.name for group in scenario.groups]
    codes = {kind.name: code for code, kind in enumerate(types)}
    most = max(len(kind.tickets) for kind in types)
    chance, becomes = np.zeros((len(types), most, len(groups), 2)), np.full((len(types), most), NO_TICKET, np.int64)
    after: list[Distribution] = []
    for code, kind in enumerate(types):
        for at, one in enumerate(kind.tickets):
            becomes[code, at] = codes[one.as_]
            for group, name in enumerate(groups):
                if one.by is None or name in one.by:
                    for solved, end in enumerate(("unsolved", "solved")):
                        chance[code, at, group, solved] = value(one.chance) if one.when in ("answered", end) else 0.0
        after += [one.after for one in kind.tickets] + [types[0].talk] * (most - len(kind.tickets))  # rows nobody reads
    return Tickets(chance, becomes, laws, int(bool(chance.any()))), after


def check_numbers(tickets: Tickets, stride: int) -> None:
    """Raises CallsimError where the numbers of calls would be too large."""
    if tickets.any and stride > MOST_STRIDE:
        raise CallsimError(f"at most {MOST_STRIDE:,} calls, over all days, where calls leave tickets; found {stride:,}")


@kernel
def ticket_of(
    t: Tickets, laws: Laws, seed: np.uint64, replication: np.uint64, key: np.uint64, call_type: int, group: int, solved: int
) -> tuple[int, int]:
    """(call type of the work that this call leaves, or NO_TICKET; ticks until it comes, at least 1)."""
    u, u_after, _, _ = block(seed, replication, key, TICKET, _ZERO)
    below = 0.0
    for row in range(t.becomes.shape[1]):
        below += t.chance[call_type, row, group, solved]
        if u < below:
            law = t.delays + call_type * t.becomes.shape[1] + row
            return t.becomes[call_type, row], max(law_ticks(laws, law, u_after, 1.0), 1)
    return NO_TICKET, 1


@kernel
def ticket_key(parent: np.uint64) -> np.uint64:
    """Key of the work that a call leaves, from that of the call."""
    return derive(parent, _CHANNEL, _ZERO)
