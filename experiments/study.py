"""Study: which scenarios are simulated, how often, from which seed, and what is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sim.scenario.errors import CallsimError
from sim.scenario.scenario import Scenario
from sim.tally.measuring import Measuring


@dataclass(frozen=True)
class Study:
    """Scenarios by name, the baseline first. Replication i of every scenario shares its random numbers.

    replications : simulated days per scenario; numbered from 0, so a longer study repeats a shorter one
    spread : the scenarios with ranges that are simulated a second time with every range at its median, which tells the
        luck of the day from unknown inputs; None: all of them
    """

    scenarios: Mapping[str, Scenario]
    replications: int = 100
    seed: int = 1
    measuring: Measuring = field(default_factory=Measuring)
    engine: str = "compiled"
    spread: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if not self.scenarios:
            raise CallsimError("study: needs a scenario")
        if self.replications < 1:
            raise CallsimError(f"study: replications must be 1 or more; found {self.replications}")
        if self.seed < 0:
            raise CallsimError(f"study: seed must not be below 0; found {self.seed}")
        unknown = [name for name in self.spread or () if name not in self.scenarios]
        if unknown:
            raise CallsimError(f"study: spread names {unknown[0]!r}; there is {', '.join(self.scenarios)}")
        object.__setattr__(self, "scenarios", MappingProxyType(dict(self.scenarios)))

    def __reduce__(self) -> tuple[object, ...]:  # a read-only view of a dict cannot be pickled
        parts = (self.replications, self.seed, self.measuring, self.engine, self.spread)
        return type(self), (dict(self.scenarios), *parts)
