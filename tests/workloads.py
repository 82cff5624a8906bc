"""Workloads: the scenarios that theory and benchmarks are measured on."""

from __future__ import annotations

from datetime import date

from sim.scenario.calendar import Calendar
from sim.scenario.callers import CallType
from sim.scenario.demand import Arrivals
from sim.scenario.distributions import Exponential, Never
from sim.scenario.floor import Agents, Group
from sim.scenario.scenario import Lines, Scenario


def one_queue(
    *, calls_per_hour: float, aht: float, agents: int, patience: float | None, hours: int, lines: int | None = None
) -> Scenario:
    return Scenario(
        name="one queue",
        calendar=Calendar(start=date(2026, 3, 12), opens=0.0, closes=hours * 3600.0, interval=3600.0),
        call_types=(
            CallType(
                name="calls",
                arrivals=Arrivals(per_hour=calls_per_hour),
                talk=Exponential(mean=aht),
                patience=Never() if patience is None else Exponential(mean=patience),
            ),
        ),
        groups=(Group(name="agents", skills=("calls",), agents=Agents(per_interval=float(agents))),),
        lines=Lines(trunks=lines),
    )


def w1(*, hours: int = 24) -> Scenario:
    """Benchmark W1: M/M/500+M, 100 calls a minute."""
    return one_queue(calls_per_hour=6000.0, aht=300.0, agents=500, patience=120.0, hours=hours)


_CALLS = (
    (240, 300, 420, 480, 420, 360, 400, 440, 360, 240),
    (180, 240, 300, 330, 300, 270, 300, 320, 240, 180),
    (120, 150, 180, 210, 200, 180, 190, 200, 160, 120),
)
_HEADS = (
    (15, 19, 26, 30, 26, 23, 25, 28, 23, 15),
    (14, 19, 23, 26, 23, 21, 23, 25, 19, 14),
    (14, 17, 20, 23, 22, 20, 21, 22, 18, 14),
)


def w2() -> Scenario:
    """Benchmark W2."""
    looks = (("G0", "G2"), ("G1", "G2"), ("G2",))
    skills = (("T0",), ("T1",), ("T2", "T0", "T1"))
    return Scenario(
        name="W2",
        calendar=Calendar(start=date(2026, 3, 12), opens=8 * 3600.0, closes=18 * 3600.0, interval=3600.0),
        call_types=tuple(
            CallType(
                name=f"T{i}",
                arrivals=Arrivals(per_hour=tuple(float(n) for n in _CALLS[i])),
                talk=Exponential(mean=60.0 * (4 + i)),
                patience=Exponential(mean=60.0 * (2 + i)),
                groups=looks[i],
            )
            for i in range(3)
        ),
        groups=tuple(
            Group(name=f"G{i}", skills=skills[i], agents=Agents(per_interval=tuple(float(n) for n in _HEADS[i])))
            for i in range(3)
        ),
    )


def thirty_types() -> Scenario:
    """The calls of W2 as ten times as many call types; nothing else differs."""
    few = w2()
    tenths = [(kind, f"{kind.name}.{n}") for kind in few.call_types for n in range(10)]
    return few.replace(
        call_types=tuple(
            kind.replace(name=name, arrivals=kind.arrivals.replace(per_hour=tuple(n / 10 for n in kind.arrivals.per_hour)))
            for kind, name in tenths
        ),
        groups=tuple(
            group.replace(skills=tuple(f"{skill}.{n}" for skill in group.skills for n in range(10)))
            for group in few.groups
        ),
    )
