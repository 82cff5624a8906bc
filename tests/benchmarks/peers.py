"""The same W1 on SimPy by hand, on Ciw and on callsim, in one run: python -m tests.benchmarks.peers [HOURS].

Ciw is not among the project's requirements: `pip install ciw` first; without it the script says so and leaves it out. Each
program simulates one day of M/M/500+M several times, the programs taking turns, and the figure is the median of calls per
second of CPU time. Each also tells the share of calls abandoned, which is 0.0219 by Erlang A, so that a program that
simulates something else is seen.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec

AGENTS, CALLS_PER_MINUTE, AHT, PATIENCE = 500, 100.0, 300.0, 120.0
ROUNDS = 3
Result = tuple[int, int]  # calls, abandoned


def by_callsim(hours: int) -> Callable[[int], Result]:
    from experiments.tasks import replicate
    from sim.tally import Count
    from sim.tally.measuring import Measuring
    from tests.workloads import w1

    scenario = w1(hours=hours)

    def run(seed: int) -> Result:
        calls = replicate(scenario, seed=1, replication=seed, measuring=Measuring()).calls
        outcomes = calls.sum(axis=(0, 1, 2))[: Count.ANSWERED_WITHIN]
        return int(outcomes.sum()), int(outcomes[Count.ABANDONED])

    run(0)  # compiles
    return run


def by_simpy(hours: int) -> Callable[[int], Result]:
    """As one would write it for this model alone: a resource, a request, and patience as a timeout."""
    import simpy

    def run(seed: int) -> Result:
        chance, env = random.Random(seed), simpy.Environment()
        agents, counts = simpy.Resource(env, AGENTS), [0, 0]

        def call() -> Iterator[simpy.Event]:
            with agents.request() as asked:
                got = yield asked | env.timeout(chance.expovariate(1 / PATIENCE))
                if asked in got:
                    yield env.timeout(chance.expovariate(1 / AHT))
                else:
                    counts[1] += 1

        def arrivals() -> Iterator[simpy.Event]:
            while True:
                yield env.timeout(chance.expovariate(CALLS_PER_MINUTE / 60))
                if env.now > 3600 * hours:
                    return
                counts[0] += 1
                env.process(call())

        env.process(arrivals())
        env.run()
        return counts[0], counts[1]

    return run


def by_ciw(hours: int) -> Callable[[int], Result]:
    import ciw

    def run(seed: int) -> Result:
        network = ciw.create_network(
            arrival_distributions=[ciw.dists.Exponential(CALLS_PER_MINUTE / 60)],
            service_distributions=[ciw.dists.Exponential(1 / AHT)],
            reneging_time_distributions=[ciw.dists.Exponential(1 / PATIENCE)],
            number_of_servers=[AGENTS],
        )
        ciw.seed(seed)
        simulation = ciw.Simulation(network)
        simulation.simulate_until_max_time(3600 * hours)
        records = simulation.get_all_records()
        return len(records), sum(record.record_type == "renege" for record in records)

    return run


PROGRAMS = {"callsim": by_callsim, "simpy": by_simpy, "ciw": by_ciw}


def main(hours: int) -> None:
    """Prints one line of JSON per program."""
    missing = [name for name in PROGRAMS if name != "callsim" and find_spec(name) is None]
    runs = {name: make(hours) for name, make in PROGRAMS.items() if name not in missing}
    rates: dict[str, list[float]] = {name: [] for name in runs}
    totals = {name: [0, 0] for name in runs}
    for seed in range(1, ROUNDS + 1):
        for name, run in runs.items():
            began = time.process_time()
            calls, abandoned = run(seed)
            rates[name].append(calls / (time.process_time() - began))
            totals[name][0] += calls
            totals[name][1] += abandoned
    for name, rate in rates.items():
        share = totals[name][1] / totals[name][0]
        print(json.dumps({"program": name, "calls_per_cpu_second": round(statistics.median(rate)), "abandoned": round(share, 4)}))
    for name in missing:
        print(f"{name} is not installed: pip install {name}", file=sys.stderr)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 6)
