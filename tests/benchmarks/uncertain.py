"""What sets of uncertain parameters cost: `python -m tests.benchmarks.uncertain`, calls per CPU second of one thread.

W2's inputs in 200 sets: calls per hour, heads, handle times in 40 steps, as a calibration would leave them.
"""

from __future__ import annotations

import time

import numpy as np

from experiments.run import run
from experiments.study import Study
from experiments.values import parts
from sim.scenario.parameters import Parameters
from sim.scenario.scenario import Scenario
from tests.workloads import w2

SETS = 200


def w2_with_sets() -> tuple[Scenario, Scenario]:
    """W2 with handle times in 40 steps, and the same with sets that vary by 2 %; rng 1."""
    rng = np.random.default_rng(1)
    steps = -np.log(1 - (np.arange(40) + 0.5) / 40)
    paths, rows = [], []
    fixed = w2()
    for at, kind in enumerate(fixed.call_types):
        values = [round(float(step), 2) for step in steps * 60 * (4 + at)]
        fixed = fixed.with_({f"call_types.{kind.name}.talk": {"empirical": {"values": values}}})
        paths += [f"call_types.{kind.name}.talk", f"call_types.{kind.name}.arrivals.per_hour"]
        rows += [{"empirical": {"values": values}}, list(kind.arrivals.per_hour or ())]  # type: ignore[arg-type]
    sets = {}
    for number in range(SETS):
        by = rng.normal(1, 0.02, len(paths))
        sets[number] = tuple(
            {"empirical": {"values": [round(one * factor, 2) for one in row["empirical"]["values"]]}}
            if isinstance(row, dict) else [one * factor for one in row]
            for row, factor in zip(rows, by, strict=True)
        )  # fmt: skip
    return fixed, fixed.replace(parameters=Parameters(tuple(paths), SETS, sets))


def main() -> None:
    """Prints a line per study."""
    fixed, uncertain = w2_with_sets()
    run(Study({"W2": fixed}, replications=2))
    for days in (200, 400, 1000):
        for name, scenario in (("fixed", fixed), ("uncertain", uncertain)):
            fresh = scenario.replace(name=f"{name} {days}")  # another object: nothing of it is known yet
            began = time.process_time()
            results = run(Study({name: fresh}, replications=days, spread=()))
            seconds = time.process_time() - began
            calls = parts(results.tallies[name], "offered")[0].sum()
            print(f"{days:>5} days  {name:<10}{seconds:6.2f} s   {calls / seconds / 1e6:5.2f} million calls per CPU second")


if __name__ == "__main__":
    main()
