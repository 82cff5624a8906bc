"""Engines: a Tape becomes a Day. `simulate` is the one door to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.scenario.errors import CallsimError

if TYPE_CHECKING:
    from sim.calls import Day
    from sim.chance.tape import Tape
    from sim.scenario.scenario import Scenario

ENGINES = ("compiled", "reference")


def simulate(scenario: Scenario, tape: Tape, *, engine: str = "compiled") -> Day:
    """The day that the tape brings about under the scenario; both engines give the same, call by call.

    "compiled" is one numba kernel, for speed; "reference" is written on SimPy, to be read, and is what the other is held to.

    Raises CallsimError for an engine that does not exist, and ValueError for a scenario with open ranges.
    """
    if engine not in ENGINES:
        raise CallsimError(f"engine: no engine {engine!r}; there is " + " and ".join(ENGINES))
    from sim.engines.plan import plan

    if engine == "reference":
        from sim.engines.reference import simulate as engine_of
    else:
        from sim.engines.compiled import simulate as engine_of
    return engine_of(plan(scenario), tape)
