"""Workloads: the scenarios that theory and benchmarks are measured on."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from sim.scenario.calendar import Calendar
from sim.scenario.callers import CallType
from sim.scenario.demand import Arrivals
from sim.scenario.distributions import Exponential, Never
from sim.scenario.floor import Agents, Group
from sim.scenario.merge import build
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


def w3() -> Scenario:
    """Benchmark W3: W2's traffic with the parts of the model that there are.

    An IVR of two levels with containment of the easy matters and wrong options, redials, repeat calls, callbacks told by the
    predicted wait, warm transfers and consults, tickets with visits, a surge; agents one by one with shifts, breaks, absence,
    tenure and look-ups, and overflow from two groups into the third.
    """
    again = {"exponential": {"mean": 600}}
    every: dict[str, Any] = {
        "solved": 0.85,
        "next.abandoned": {"chance": 0.5, "later": 0.4, "after": again, "most": 5},
        "next.contained": {"chance": 0.2, "after": again},
        "next.unsolved": {"chance": 0.5, "after": {"exponential": {"mean": 7200}}},
        "callback": {"wait": 60, "accepted": 0.3, "reached": 0.85, "tries": 3},
        "announced": {"heeded": 0.2},
        "transfers": [{"name": "on", "to": "T2", "how": "warm", "chance": 0.05},
                      {"name": "ask", "to": "T2", "how": "consult", "chance": 0.05, "after": 60}],
        "lookups": {"chance": 0.3, "takes": {"exponential": {"mean": 20}}},
    }  # fmt: skip
    lunch = {"kind": "lunch", "between": ["11:30", "14:30"], "lasts": "30m"}
    hours = (("A", "08:00", "18:00"), ("B", "09:00", "17:00"), ("C", "10:00", "13:00"), ("D", "14:00", "16:00"))
    shifts = [
        {"name": name, "from": since, "to": until, "breaks": [lunch] if name in "AB" else []} for name, since, until in hours
    ]
    of_shifts = {"A": 1 / 2, "B": 1 / 6, "C": 1 / 4, "D": 1 / 6}
    changes = {f"call_types.T{i}.{key}": given for i in range(3) for key, given in every.items()}
    floor = {f"groups.G{i}.agents.per_interval": 0 for i in range(3)}
    floor |= {f"call_types.T{i}.groups": [f"G{i}"] for i in range(2)}
    floor |= {f"call_types.T{i}.overflow": [{"groups": ["G2"], "after": 10}] for i in range(2)}
    return w2().with_(changes | floor | {
        "shifts": shifts,
        "teams": [
            {"name": f"{age} {i}", "group": f"G{i}", "agents": {code: int(heads * part) for code, part in of_shifts.items()},
             "hired": date(2025, 1, 1) if age == "old" else date(2026, 2, 1), "knowledge": 0.9 if age == "old" else 0.6}
            for i, most in enumerate((36, 32, 28)) for age, heads in (("old", most * 3 // 4), ("new", most // 2))
        ],
        "attendance": {"absent": 0.05, "together": 0.2, "late": 0.1, "off": 0.3, "off_for": 180},
        "learning": {"curve": "exponential", "start": 1.5, "lasts": "120d"},
        "call_types": [
            {"name": "orders", "contact": "work", "arrivals": 0, "talk": {"exponential": {"mean": 120}},
             "next": {"solved": {"chance": 1.0, "as": "visits", "after": 1800}}},
            {"name": "visits", "contact": "work", "arrivals": 0, "talk": {"exponential": {"mean": 2400}}, "solved": 0.85,
             "next": {"unsolved": {"chance": 0.8, "as": "T2", "after": again}}},
        ],
        "call_types.T1.tickets": [{"name": "order", "as": "orders", "chance": 0.1, "when": "solved"}],
        "groups": [{"name": "office", "skills": ["orders"], "agents": 2}, {"name": "crew", "skills": ["visits"], "agents": 15}],
        "ivr.delay": 5,
        "ivr.menu": [
            {"name": "main", "prompt": {"uniform": {"low": 8, "high": 15}}, "hang_up": 0.02, "agent": 0.05, "wrong": 0.03,
             "options": {"T0": "balance"}},
            {"name": "balance", "prompt": 20, "containment": {"T0": 0.2}, "easier": 0.6},
        ],
        "surges": [{"name": "fault", "at": "12:00", "calls": {"T1": 300}, "shape": {"decay": {"half_life": 1800}}}],
    })  # fmt: skip


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


def five_thousand_agents() -> Scenario:
    """5,000 agents one by one with 3 to 8 of 30 skills at five levels on three sites, and 200,000 calls a day."""
    chance, kinds = Random(1), [f"T{n}" for n in range(30)]
    breaks = [{"at": "16:00", "lasts": "15m"}]
    return build({
        "name": "five thousand agents",
        "calendar": {"start": date(2026, 3, 12), "opens": "07:00", "closes": "23:00", "interval": "30m"},
        "call_types": [
            {"name": kind, "arrivals": {"per_hour": 200_000 / 16 / 30}, "talk": {"exponential": {"mean": 420}},
             "wrap_up": {"exponential": {"mean": 60}}, "patience": {"exponential": {"mean": 180}}} for kind in kinds
        ],
        "groups": [{"name": f"site {n}", "skills": [kinds]} for n in range(3)],
        "shifts": [
            {"name": "early", "from": "07:00", "to": "15:30",
             "breaks": [{"kind": "lunch", "between": ["11:00", "14:00"], "lasts": "30m"}]},
            {"name": "middle", "from": "10:00", "to": "18:30", "breaks": breaks},
            {"name": "late", "from": "14:30", "to": "23:00", "breaks": breaks},
        ],
        "agents": [
            {"name": f"agent {n}", "group": f"site {n % 3}", "shift": ("early", "middle", "late")[chance.randrange(3)],
             "skills": {kind: chance.randint(1, 5) for kind in chance.sample(kinds, chance.randint(3, 8))}}
            for n in range(5000)
        ],
        "attendance": {"absent": 0.06, "together": 0.2, "off": 0.3, "off_for": 180},
        "routing": {"agent": ["most skilled", "longest idle"]},
    })  # fmt: skip
