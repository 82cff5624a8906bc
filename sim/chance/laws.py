"""ScenarioLaws: what chance needs to know of a scenario, as arrays that kernels read."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.calling import Calling, calling_of
from sim.chance.clock import Clock, clock_of
from sim.chance.deflecting import Deflecting, deflecting_of
from sim.chance.handing import Handing, handing_of
from sim.chance.handling import Handling, handling_of
from sim.chance.offers import Offers, offers_of
from sim.chance.patience import patience_of
from sim.chance.philox import name_hash
from sim.chance.quantiles import Laws, pack
from sim.chance.reactions import Reactions, reactions_of
from sim.chance.remember import remembered
from sim.chance.rows import law_row
from sim.chance.scaling import ONE
from sim.chance.screening import Screening, screening_of
from sim.chance.selling import Selling, selling_of
from sim.chance.talks import NO_FACTORS
from sim.chance.tickets import Tickets, tickets_of
from sim.scenario.callers import CONTACTS
from sim.scenario.scenario import Scenario
from sim.scenario.units import value

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

TALK, WRAP, PATIENCE = 0, 1, 2  # law of a call type: 3 * code + one of these


class Coming(NamedTuple):
    """What is drawn of a call when it comes.

    laws : of all of the scenario: rows 3 * type + TALK, WRAP, PATIENCE; then the IVR delay (3 * types); then those of
        reactions, of offers, of the steps of the IVR, of deflections, of transfers, of tickets, of offers at the end, of
        tries to call, of handling, and of patience by label
    patience : int64, which of them a caller's patience has, see `sim.chance.patience`
    screening : the way through the IVR; balking : float64, shape (types,)
    clock : days and intervals; what is said per interval is said of each of them, counted on from day to day
    talks : 65536ths on talk, see `talks.talk_factors`: of one replication, so a Tape brings them along
    """

    laws: Laws
    patience: Ints
    screening: Screening
    balking: Floats
    clock: Clock
    talks: Ints


class ScenarioLaws(NamedTuple):
    """A scenario's laws and chances, without open ranges; kernels are handed the parts they need, for every array that one is
    handed takes its time to compile.

    coming : what is drawn of a call when it comes; reactions : how a type's callers come back after which end of a call
    offers : what they are told and offered; deflecting : what is offered in their queues, and what follows a deflection
    handing : how agents hand callers over; tickets : the work that calls leave behind; selling : what callers are offered
        before they go; calling : how callbacks and lists are called
    handling : how long calls take who answers them; work : int64, shape (types,), of CONTACTS
    factors : int64, shape (surges + 1, 3), 65536ths on talk, wrap-up and patience of a surge's callers; the last row
        is 1, so the surge code -1 (everyday callers) finds it
    shares : float64, shape (types, families, values), cumulative shares of a type's label values in its own order, so
        that another type's order moves nobody; all 0 without the family
    codes : int64, as `shares`, the code of each of these values
    families : uint64, shape (families,), what the key of a caller's label hangs on
    """

    coming: Coming
    reactions: Reactions
    offers: Offers
    deflecting: Deflecting
    handing: Handing
    tickets: Tickets
    selling: Selling
    calling: Calling
    handling: Handling
    work: Ints
    factors: Ints
    shares: Floats
    codes: Ints
    families: Keys


@remembered
def scenario_laws(scenario: Scenario) -> ScenarioLaws:
    """The laws of a scenario; raises ValueError for open ranges and for parameters outside their
    domain, ScenarioError for an `easier` that cannot be had."""
    types = scenario.call_types
    distributions = [law for kind in types for law in (kind.talk, kind.wrap_up, kind.patience)]
    surges = [(s.talk_factor, s.wrap_up_factor, s.patience_factor) for s in scenario.surges]
    space = label_space(scenario)
    shares, codes = _label_shares(scenario, space)
    rows = [*distributions, scenario.ivr.delay]
    coming_back, more = reactions_of(scenario)
    rows += more
    told, more = offers_of(scenario, len(rows))
    rows += more
    screening, more = screening_of(scenario, len(rows))
    rows += more
    deflecting, more = deflecting_of(scenario, screening.need, len(rows))
    rows += more
    handing, more = handing_of(scenario, space, len(rows))
    rows += more
    tickets, more = tickets_of(scenario, len(rows))
    rows += more
    selling, more = selling_of(scenario, space, len(rows))
    rows += more
    calling, more = calling_of(scenario, len(rows))
    rows += more
    handling, more = handling_of(scenario, len(rows))
    rows += more
    patience, more = patience_of(scenario, space, len(rows))
    rows += more
    return ScenarioLaws(
        coming=Coming(
            laws=pack([law_row(law) for law in rows]), patience=patience, screening=screening,
            balking=np.array([value(kind.balking) for kind in types]), clock=clock_of(scenario), talks=NO_FACTORS,
        ),
        reactions=coming_back,
        offers=told,
        deflecting=deflecting,
        handing=handing,
        tickets=tickets,
        selling=selling,
        calling=calling,
        handling=handling,
        work=np.array([CONTACTS[kind.contact] for kind in types], np.int64),
        factors=np.array(
            [[round(value(factor) * ONE) for factor in row] for row in [*surges, (1.0, 1.0, 1.0)]], np.int64
        ),
        shares=shares,
        codes=codes,
        families=np.array([name_hash(f"label\0{family}", bits=32) for family, _ in space], np.uint64),
    )


def with_talks(laws: ScenarioLaws, talks: Ints) -> ScenarioLaws:
    """The laws with what talk is multiplied by in one replication."""
    return laws._replace(coming=laws.coming._replace(talks=talks)) if len(talks) else laws


def label_space(scenario: Scenario) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(family, values) of all label families over the call types, both by first appearance; codes are positions."""
    space: dict[str, dict[str, None]] = {}
    for kind in scenario.call_types:
        for family, shares in kind.labels.items():
            space.setdefault(family, {}).update(dict.fromkeys(shares))
    return tuple((family, tuple(values)) for family, values in space.items())


def _label_shares(scenario: Scenario, space: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[Floats, Ints]:
    widest = max((len(values) for _, values in space), default=0)
    table = np.zeros((len(scenario.call_types), len(space), widest))
    codes = np.zeros(table.shape, np.int64)
    for code, kind in enumerate(scenario.call_types):
        for f, (family, values) in enumerate(space):
            for v, (name, share) in enumerate(kind.labels.get(family, {}).items()):
                table[code, f, v], codes[code, f, v] = value(share), values.index(name)
    total = table.sum(axis=2, keepdims=True)
    shares = np.cumsum(np.divide(table, total, out=np.zeros_like(table), where=total > 0), axis=2)
    return shares, codes
