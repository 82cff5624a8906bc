"""Engines: a Tape becomes a Day. `simulate` is the one door to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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

    A rule of one's own that is plain Python is simulated by the reference engine, with a warning.
    Raises CallsimError for an engine that does not exist, for open ranges, naming them (`resolve` comes first), and for a rule of
    one's own that fails.
    """
    from sim.engines.plan import plan

    if _engine(scenario, engine) == "reference":
        from sim.engines.reference import simulate as engine_of
    else:
        from sim.engines.compiled import simulate as engine_of
    with _rules_named(scenario):
        return engine_of(plan(scenario), tape)


def count(scenario: Scenario, tape: Tape, measuring: Measuring, *, engine: str = "compiled") -> Tally:
    """The counts of the day: equal to ``tally(simulate(scenario, tape), measuring)``, without putting its rows in order.

    Raises as `simulate`.
    """
    from sim.engines.plan import plan
    from sim.tally import tally

    if _engine(scenario, engine) == "reference":
        return tally(simulate(scenario, tape, engine="reference"), measuring)
    from sim.engines.compiled import count as compiled

    with _rules_named(scenario):
        return compiled(plan(scenario), tape, measuring)


@contextmanager
def _rules_named(scenario: Scenario) -> Iterator[None]:
    """Names the rule of one's own that has raised an error meanwhile."""
    from sim.engines.own_rules import RuleFailedError, failed

    try:
        yield
    except RuleFailedError as error:
        raise failed(scenario) from error


def _engine(scenario: Scenario, engine: str) -> str:
    """The engine that simulates: the reference engine where a rule of one's own is plain Python, with a warning."""
    from sim.chance.ranges import check_resolved

    if engine not in ENGINES:
        raise CallsimError(f"engine: no engine {engine!r}; there is " + " and ".join(ENGINES))
    check_resolved(scenario, "simulate")
    if engine == "compiled" and (scenario.routing.agent_score or scenario.routing.call_score):
        from sim.engines.own_rules import plain_rule, say_plain

        plain = plain_rule(scenario)
        if plain is not None:
            say_plain(plain)
            return "reference"
    return engine
