"""Engines: a Tape becomes a Day. `simulate` is the one door to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.scenario.errors import CallsimError

if TYPE_CHECKING:
    from sim.calls import Day
    from sim.chance.tape import Tape
    from sim.scenario.scenario import Scenario
    from sim.tally.measuring import Measuring
    from sim.tally.tally import Tally

ENGINES = ("compiled", "reference")


def simulate(scenario: Scenario, tape: Tape, *, engine: str = "compiled") -> Day:
    """The day that the tape brings about under the scenario; both engines give the same, call by call.

    "compiled" is one numba kernel, for speed; "reference" is written on SimPy, to be read, and is what the other is held to.

    Raises CallsimError for an engine that does not exist, and for open ranges, naming them: `resolve` comes first.
    """
    from sim.engines.plan import plan

    _check(scenario, engine)
    if engine == "reference":
        from sim.engines.reference import simulate as engine_of
    else:
        from sim.engines.compiled import simulate as engine_of
    return engine_of(plan(scenario), tape)


def count(scenario: Scenario, tape: Tape, measuring: Measuring, *, engine: str = "compiled") -> Tally:
    """The counts of the day: equal to ``tally(simulate(scenario, tape), measuring)``, without putting its rows in order.

    Raises as `simulate`.
    """
    from sim.engines.plan import plan
    from sim.tally import tally

    _check(scenario, engine)
    if engine == "reference":
        return tally(simulate(scenario, tape, engine=engine), measuring)
    from sim.engines.compiled import count as compiled

    return compiled(plan(scenario), tape, measuring)


def _check(scenario: Scenario, engine: str) -> None:
    from sim.chance.ranges import open_ranges

    if engine not in ENGINES:
        raise CallsimError(f"engine: no engine {engine!r}; there is " + " and ".join(ENGINES))
    unknown = open_ranges(scenario)
    if unknown:
        raise CallsimError(f"cannot simulate with open ranges: call resolve first; open: {', '.join(unknown)}")
