"""Callers who come back, lines and the IVR, against small Markov chains solved exactly.

Every bound is an interval at 99.9 % from the replications themselves; seeds are fixed.
"""

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import spsolve

from sim.chance import draw
from sim.engines import count
from sim.erlang import erlang_c
from sim.scenario.scenario import Scenario
from sim.tally.measuring import Measuring
from sim.tally.tally import Tally, side_by_side
from tests.test_theory import assert_within
from tests.workloads import one_queue

State = tuple[int, int]
Floats = npt.NDArray[np.float64]
LAMBDA, MU, THETA = 120 / 3600, 1 / 240, 1 / 120  # calls, ends of service and of patience a second


def stationary(states: list[State], moves: Callable[[State], Iterable[tuple[State, float]]]) -> dict[State, float]:
    """The stationary probabilities of a chain; `moves` gives next states with their rates."""
    at = {state: i for i, state in enumerate(states)}
    rows, columns, rates = [], [], []
    for state in states:
        for other, rate in moves(state):
            if rate > 0:
                rows += [at[other], at[state]]
                columns += [at[state]] * 2
                rates += [rate, -rate]
    balance = coo_matrix((rates, (rows, columns)), shape=(len(states), len(states))).tolil()
    balance[0, :] = 1.0  # one equation is one too many; probabilities sum to 1
    right = np.zeros(len(states))
    right[0] = 1.0
    found: Floats = spsolve(balance.tocsr(), right)
    return dict(zip(states, found.tolist(), strict=True))


def days(scenario: Scenario, *, replications: int, seed: int, until: float | None = None) -> Tally:
    measuring = Measuring(window=(7200.0, scenario.calendar.closes if until is None else until))
    return side_by_side(
        [count(scenario, draw(scenario, seed=seed, replication=i), measuring) for i in range(replications)]
    )


def back(chance: float, mean: float) -> dict[str, object]:
    return {"chance": chance, "after": {"exponential": {"mean": mean}}}


def orbit(
    agents: int, lines: int, *, patience: bool, busy: float = 0.0, abandoned: float = 0.0, repeat: float = 0.0,
    after: float = 300.0, most: int = 60,
) -> dict[str, float]:  # fmt: skip
    """Calls in the center and callers who will come back: (n, r), r up to `most`; rates of what is measured."""

    def moves(state: State) -> Iterable[tuple[State, float]]:
        n, r = state
        for rate, left in ((LAMBDA, r), (r / after, r - 1)):  # a fresh call, or one that comes back
            if n < lines:
                yield (n + 1, left), rate
            else:
                yield (n, min(left + 1, most)), rate * busy
                yield (n, left), rate * (1 - busy) if left != r else 0.0
        served, gone = min(n, agents) * MU, max(n - agents, 0) * THETA * patience
        for rate, chance in ((served, repeat), (gone, abandoned)):
            if n:
                yield (n - 1, min(r + 1, most)), rate * chance
                yield (n - 1, r), rate * (1 - chance)

    chain = stationary([(n, r) for n in range(lines + 1) for r in range(most + 1)], moves)
    assert sum(p for (_, r), p in chain.items() if r == most) < 1e-9, "the chain is cut too early"
    attempted = sum(p * (LAMBDA + r / after) for (n, r), p in chain.items())
    blocked = sum(p * (LAMBDA + r / after) for (n, r), p in chain.items() if n == lines)
    offered, queue = attempted - blocked, sum(p * max(n - agents, 0) for (n, _), p in chain.items())
    lost = queue * THETA * patience
    return {
        "blocking_rate": blocked / attempted,
        "abandonment_rate": lost / offered,
        "mean_wait": queue / offered,
        "delayed_rate": sum(p * (LAMBDA + r / after) for (n, r), p in chain.items() if agents <= n < lines) / offered,
        "repeat_share": (offered - lost) * repeat / offered,  # where nothing else comes back and no line is missing
        "redial_share": lost * abandoned / offered,  # likewise
        "occupancy": sum(p * min(n, agents) for (n, _), p in chain.items()) / agents,
    }


def test_a_limit_of_lines_is_the_chain_with_that_many_places() -> None:
    """M/M/s/K: 7 agents, 12 lines."""
    exact = orbit(7, 12, patience=False, most=1)
    found = days(one_queue(calls_per_hour=120, aht=240, agents=7, patience=None, hours=24, lines=12), replications=60, seed=21)
    for name in ("blocking_rate", "mean_wait", "delayed_rate", "occupancy"):
        assert_within(found, name, exact[name])


def test_redials_after_abandoning_are_the_chain_with_an_orbit() -> None:
    """6 agents for a load of 8: half of those who give up call again, 5 minutes later on average."""
    exact = orbit(6, 60, patience=True, abandoned=0.5)
    scenario = one_queue(calls_per_hour=120, aht=240, agents=6, patience=120, hours=24)
    found = days(scenario.with_({"call_types.calls.next.abandoned": back(0.5, 300)}), replications=60, seed=22)
    for name in ("abandonment_rate", "mean_wait", "delayed_rate", "redial_share", "occupancy"):
        assert_within(found, name, exact[name])


def test_redials_after_a_busy_tone_and_after_abandoning_are_the_chain_with_an_orbit() -> None:
    exact = orbit(6, 9, patience=True, busy=0.7, abandoned=0.4, after=120.0)
    scenario = one_queue(calls_per_hour=120, aht=240, agents=6, patience=120, hours=24, lines=9)
    reactions = {"call_types.calls.next.abandoned": back(0.4, 120), "call_types.calls.next.busy": back(0.7, 120)}
    found = days(scenario.with_(reactions), replications=60, seed=23)
    for name in ("blocking_rate", "abandonment_rate", "mean_wait", "occupancy"):
        assert_within(found, name, exact[name])


def test_repeat_calls_without_abandonment_have_the_queue_of_all_calls_together() -> None:
    """A network of Jackson: agents and those who will call again have a product form (Yom-Tov and Mandelbaum 2014,
    "Erlang-R"), so the queue is Erlang C's with the calls of all attempts: 120 / (1 - 0.3) an hour.
    """
    exact = erlang_c(calls_per_hour=120 / 0.7, aht=240.0, agents=14, within=20.0)
    scenario = one_queue(calls_per_hour=120, aht=240, agents=14, patience=None, hours=24)
    reactions = {"call_types.calls.solved": 0.5, "call_types.calls.next.unsolved": back(0.6, 300)}
    found = days(scenario.with_(reactions), replications=80, seed=24)
    for name in ("delayed_rate", "asa", "service_level", "occupancy"):
        assert_within(found, name, getattr(exact, name.removesuffix("_rate")))
    assert_within(found, "repeat_share", 0.3)
    assert_within(found, "first_contact_solved", 0.5)


def test_repeat_calls_with_abandonment_are_the_chain_with_an_orbit() -> None:
    exact = orbit(9, 60, patience=True, repeat=0.3)
    scenario = one_queue(calls_per_hour=120, aht=240, agents=9, patience=120, hours=24)
    reactions = {"call_types.calls.solved": 0.7, "call_types.calls.next.unsolved": back(1.0, 300)}
    found = days(scenario.with_(reactions), replications=60, seed=25)
    for name in ("abandonment_rate", "mean_wait", "delayed_rate", "repeat_share", "occupancy"):
        assert_within(found, name, exact[name])


def test_an_ivr_before_agents_is_the_chain_of_both() -> None:
    """14 lines, 60 s in the IVR of which a quarter is contained, 5 agents, abandonment: (in the IVR, at or behind agents)."""
    lines, agents, contained, leave = 14, 5, 0.25, 1 / 60

    def moves(state: State) -> Iterable[tuple[State, float]]:
        i, n = state
        if i + n < lines:
            yield (i + 1, n), LAMBDA
        if i:
            yield (i - 1, n), i * leave * contained
            yield (i - 1, n + 1), i * leave * (1 - contained)
        if n:
            yield (i, n - 1), min(n, agents) * MU + max(n - agents, 0) * THETA

    chain = stationary([(i, n) for i in range(lines + 1) for n in range(lines + 1 - i)], moves)
    offered = sum(p * i for (i, _), p in chain.items()) * leave * (1 - contained)
    queue = sum(p * max(n - agents, 0) for (_, n), p in chain.items())
    exact = {
        "blocking_rate": sum(p for (i, n), p in chain.items() if i + n == lines),
        "abandonment_rate": queue * THETA / offered,
        "mean_wait": queue / offered,
        "delayed_rate": sum(p * i for (i, n), p in chain.items() if n >= agents) * leave * (1 - contained) / offered,
        "containment_rate": contained,
    }
    scenario = one_queue(calls_per_hour=120, aht=240, agents=agents, patience=120, hours=24, lines=lines)
    ivr = {"ivr.delay": {"exponential": {"mean": 60}}, "ivr.containment.calls": contained}
    found = days(scenario.with_(ivr), replications=60, seed=26)
    for name, value in exact.items():
        assert_within(found, name, value)
