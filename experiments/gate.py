"""Gate: a scenario against its thresholds, with days added until every one is decided, or the limit is reached."""

from __future__ import annotations

import math
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Literal

from experiments.baseline import Baseline
from experiments.compare import FEW_DAYS
from experiments.run import Results, extend, run
from experiments.study import Study
from experiments.tasks import Progress
from experiments.threshold import Threshold
from experiments.verdicts import Series, Unsure, Verdict, Word, judge, overall, series_of, unsure_of
from sim.scenario.errors import CallsimError
from sim.scenario.scenario import Scenario
from sim.tally import Measuring

CANDIDATE, BASELINE = "candidate", "baseline"
Undecided = Literal["fail", "warn", "pass"]


@dataclass(frozen=True, eq=False)
class Gate:
    """What is to be decided. `baseline` is one kept in a file, or a scenario that is simulated beside the candidate."""

    scenario: Scenario
    thresholds: tuple[Threshold, ...]
    days: int = 1600
    seed: int = 1
    measuring: Measuring = field(default_factory=Measuring)
    baseline: Baseline | Scenario | None = None
    undecided: Undecided = "fail"
    engine: str = "compiled"


@dataclass(frozen=True, eq=False)
class Decision:
    """What a gate found: `verdicts` in the order of the thresholds, `looks` at how many days, `results` of the last look."""

    verdicts: tuple[Verdict, ...]
    looks: tuple[int, ...]
    results: Results

    @property
    def word(self) -> Word:
        """Missed before undecided before met."""
        return overall(self.verdicts)

    @property
    def days(self) -> int:
        """How many days were simulated."""
        return self.results.days


def looks(limit: int) -> tuple[int, ...]:
    """The numbers of days at which is looked: an eighth, a quarter, half of the limit, and the limit.

    They follow from the limit alone. Looks at fewer days than decide anything are left out.
    """
    parts = {math.ceil(limit / part) for part in (8, 4, 2)}
    return (*sorted(part for part in parts if FEW_DAYS <= part < limit), limit)


def decide(gate: Gate, *, executor: Executor | None = None, progress: Progress | None = None) -> Decision:
    """Simulate and look until every threshold is decided, at most four times.

    Raises CallsimError where the kept baseline does not go with the gate: another seed or way of counting, fewer days, a
    measure that it does not hold.
    """
    _fits(gate)
    sizes, family = looks(gate.days), len(gate.thresholds)
    scenarios = {CANDIDATE: gate.scenario}
    if isinstance(gate.baseline, Scenario):
        scenarios[BASELINE] = gate.baseline
    study = Study(scenarios, gate.days, gate.seed, gate.measuring, gate.engine, spread=_twice(scenarios))
    decided: dict[int, Verdict] = {}
    verdicts: list[Verdict] = []
    results: Results | None = None
    for days in sizes:
        results = (
            run(replace(study, replications=days), executor=executor, progress=progress)
            if results is None
            else extend(results, days, executor=executor, progress=progress)
        )
        base = _base(gate, results)
        own = [series_of(results.tallies[CANDIDATE], one) for one in gate.thresholds]
        verdicts = [
            decided.get(at)
            or judge(
                one, own[at], base.get(one.series), looks=len(sizes), family=family, unsure=_unsure(gate, results, one)
            )
            for at, one in enumerate(gate.thresholds)
        ]
        decided |= {at: verdict for at, verdict in enumerate(verdicts) if verdict.word != "undecided"}
        if len(decided) == family:
            break
    assert results is not None  # there is always a first look
    return Decision(tuple(verdicts), sizes, results)


def _twice(scenarios: Mapping[str, Scenario]) -> tuple[str, ...]:
    """What is simulated with the estimates as well, so that data error can be told: see `data_error`."""
    return tuple(name for name, one in scenarios.items() if one.parameters is not None)


def _unsure(gate: Gate, results: Results, threshold: Threshold) -> Unsure | None:
    found = unsure_of(results, threshold, CANDIDATE, BASELINE if isinstance(gate.baseline, Scenario) else None)
    if found is None or not (threshold.relative and isinstance(gate.baseline, Baseline)):
        return found
    return found._replace(base=gate.baseline.estimated(threshold.series, results.days))


def _base(gate: Gate, results: Results) -> Mapping[str, Series]:
    relative = [one for one in gate.thresholds if one.relative]
    if isinstance(gate.baseline, Baseline):
        return {one.series: gate.baseline.paired(one.series, results.days) for one in relative}
    return {one.series: series_of(results.tallies[BASELINE], one) for one in relative}


def _fits(gate: Gate) -> None:
    from experiments.identity import measuring_hash

    kept = gate.baseline
    if not isinstance(kept, Baseline):
        return
    remedy = "callsim gate --accept makes a new one"
    if kept.seed != gate.seed:
        raise CallsimError(f"the baseline was made with seed {kept.seed}, the gate says {gate.seed}: {remedy}")
    if kept.measuring != measuring_hash(gate.measuring):
        raise CallsimError(f"the baseline was counted in another way than [measuring] says: {remedy}")
    if kept.days < gate.days:
        raise CallsimError(f"the baseline holds {kept.days} days, the gate asks for {gate.days}: {remedy}")
    if (gate.scenario.parameters is not None) != bool(kept.middle):
        was, is_ = ("uncertain", "fixed") if kept.middle else ("fixed", "uncertain")
        raise CallsimError(f"the baseline was made with {was} parameters, the gate has them {is_}: {remedy}")
    for one in gate.thresholds:
        if one.relative:
            kept.paired(one.series, gate.days)


def accept(gate: Gate, *, version: str, executor: Executor | None = None, progress: Progress | None = None) -> Baseline:
    """The baseline that the gate's scenario makes: all days, the series of every threshold."""
    from experiments.baseline import machine
    from experiments.identity import MODEL_VERSION, content, measuring_hash, scenario_hash
    from experiments.verdicts import kept

    scenarios = {CANDIDATE: gate.scenario}
    study = Study(scenarios, gate.days, gate.seed, gate.measuring, gate.engine, spread=_twice(scenarios))
    results = run(study, executor=executor, progress=progress)
    return Baseline(
        hash=scenario_hash(gate.scenario), measuring=measuring_hash(gate.measuring), seed=gate.seed, days=gate.days,
        model_version=MODEL_VERSION, version=version, machine=machine(), content=content(gate.scenario),
        series=kept(gate.thresholds, results.tallies[CANDIDATE]),
        middle=kept(gate.thresholds, results.middle[CANDIDATE]) if CANDIDATE in results.middle else {},
    )  # fmt: skip
