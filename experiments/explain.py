"""Explain: why a measure misses its target, shared out over causes, on the same callers.

The share of a cause is its Shapley value: what it adds when causes are taken away one after the other, averaged over all
orders (Shapley 1953, "A value for n-person games"). Shares add up, to the last digit, to what taking all of them away
adds. Up to six causes all 2^n combinations are simulated; beyond, orders are sampled in pairs of opposite ones
(Castro, Gomez and Tejada 2009, "Polynomial calculation of the Shapley value based on sampling").
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np
import numpy.typing as npt

from experiments.causes import Cause, causes, with_heads
from experiments.expected import heads_by_interval, traffic
from experiments.grid import mean_patience
from experiments.identity import scenario_hash
from experiments.run import Results, run
from experiments.statistics import Estimate, jackknife, leave_one_out, ratio
from experiments.study import Study
from experiments.tasks import Progress
from experiments.threshold import Threshold
from experiments.values import parts
from experiments.verdicts import Series, Word, judge, series_of
from sim.chance.ranges import resolve
from sim.scenario.errors import CallsimError
from sim.scenario.scenario import Scenario
from sim.tally import Measuring, Tally

Floats = npt.NDArray[np.float64]
Removed = frozenset[int]  # which causes are taken away, by position

MOST_EXACT = 6  # causes of which all combinations are simulated
SAMPLED = 24  # pairs of opposite orders beyond
ENOUGH = "enough agents"
_OF_ROSTERS = ("attendance", "rostered_hours", "absent_hours", "break_hours", "not_ready_hours")


@dataclass(frozen=True)
class Share:
    """One cause. `alone` : what taking away only it adds, `value` : what the measure then is, `word` : whether that meets
    the target; `share` : of what taking away all of them adds. `there` : whether today has it at all.
    """

    cause: Cause
    alone: Estimate
    value: float
    word: Word
    share: Estimate
    there: bool


@dataclass(frozen=True)
class Enough:
    """The heads that Erlang A asks for, beside today's causes: hours beside today's, and what they bring.

    hours : paid a day; on the phones (`on_phones`) where today's agents stand on a roster: nobody says what others are paid
    """

    hours: float
    gain: Estimate
    value: float
    word: Word
    on_phones: bool = False


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why a measure misses its target.

    today, without_all : the measure as it is, and with all causes taken away; word : whether today meets the target
    exact : whether all combinations were simulated; combinations : how many were
    """

    threshold: Threshold
    today: Estimate
    without_all: Estimate
    word: Word
    shares: tuple[Share, ...]
    enough: Enough | None
    days: int
    seed: int
    exact: bool
    combinations: int

    @property
    def rest(self) -> float:
        """The target less what is reached without all causes: above 0 not explained, below 0 more than it needs."""
        short = self.threshold.bound - self.without_all.value
        return short if self.threshold.sign == ">=" else -short


def explain(
    scenario: Scenario,
    threshold: Threshold,
    *,
    days: int = 100,
    seed: int = 1,
    measuring: Measuring | None = None,
    engine: str = "compiled",
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Explanation:
    """Simulate the scenario without its causes, in all combinations, and share out what they take.

    Raises CallsimError for a threshold that is a chance or relative to a baseline.
    """
    if threshold.share is not None or threshold.relative:
        raise CallsimError(f'{threshold.text}: explain needs a plain target, for example "answer_rate >= 0.90"')
    if threshold.measure in _OF_ROSTERS:
        raise CallsimError(f'{threshold.text}: causes are of what callers meet, not of who comes; try "answer_rate >= 0.90"')
    found = causes(scenario)
    there = [at for at, cause in enumerate(found) if scenario_hash(cause.without(scenario)) != scenario_hash(scenario)]
    exact = len(there) <= MOST_EXACT
    orders = list(permutations(there)) if exact else _sampled(there, seed)
    wanted = list(dict.fromkeys(frozenset(order[:n]) for order in orders for n in range(len(order) + 1)))
    wanted = list(dict.fromkeys([*wanted, *(frozenset([at]) for at in there)]))
    scenarios = {_name(removed): _without(scenario, found, removed) for removed in wanted}
    study = Study(scenarios, days, seed, measuring or Measuring(), engine, spread=())
    results = run(study, executor=executor, progress=progress)
    series = {removed: series_of(results.tallies[_name(removed)], threshold) for removed in wanted}
    today, whole = series[frozenset()], series[frozenset(there)]
    shares = _shares(found, there, orders, series, threshold)
    enough = _enough(scenario, threshold, results, today, executor)
    return Explanation(
        threshold, ratio(*today), ratio(*whole), judge(threshold, today, None, looks=1, family=1).word, shares, enough,
        days, seed, exact, len(wanted),
    )  # fmt: skip


def _sampled(there: Sequence[int], seed: int) -> list[tuple[int, ...]]:
    chance = np.random.default_rng(seed)
    orders = [tuple(int(at) for at in chance.permutation(there)) for _ in range(SAMPLED)]
    return [order for one in orders for order in (one, one[::-1])]


def _without(scenario: Scenario, found: Sequence[Cause], removed: Removed) -> Scenario:
    for at in sorted(removed):
        scenario = found[at].without(scenario)
    return scenario


def _name(removed: Removed) -> str:
    return "without " + ", ".join(map(str, sorted(removed))) if removed else "today"


def _shares(
    found: Sequence[Cause],
    there: Sequence[int],
    orders: Sequence[tuple[int, ...]],
    series: Mapping[Removed, Series],
    threshold: Threshold,
) -> tuple[Share, ...]:
    """The share of every cause with the jackknife of the same average of differences; exactly 0 where it is not there."""
    value = {removed: ratio(*one).value for removed, one in series.items()}
    left_out = {removed: leave_one_out(*one) for removed, one in series.items()}
    days = len(left_out[frozenset()])
    sums = {at: 0.0 for at in there}
    outs = {at: np.zeros(days) for at in there}
    for order in orders:
        for n, at in enumerate(order):
            before, after = frozenset(order[:n]), frozenset(order[: n + 1])
            sums[at] += value[after] - value[before]
            outs[at] += left_out[after] - left_out[before]
    nothing, shares = frozenset[int](), []
    for at, cause in enumerate(found):
        if at not in sums:
            none = Estimate(0.0, 0.0, 0.0)
            shares.append(Share(cause, none, value[nothing], _word(threshold, series[nothing]), none, there=False))
            continue
        alone = frozenset([at])
        gain = jackknife(value[alone] - value[nothing], left_out[alone] - left_out[nothing], 0.95)
        share = jackknife(sums[at] / len(orders), outs[at] / len(orders), 0.95)
        shares.append(Share(cause, gain, value[alone], _word(threshold, series[alone]), share, there=True))
    return tuple(shares)


def _word(threshold: Threshold, series: Series) -> Word:
    return judge(threshold, series, None, looks=1, family=1).word


def _enough(
    scenario: Scenario, threshold: Threshold, results: Results, today: Series, executor: Executor | None
) -> Enough | None:
    """What the heads of Erlang A bring; None for a target that no formula of it knows."""
    tally = results.tallies[_name(frozenset())]
    if threshold.measure != "answer_rate" or threshold.sign != ">=" or tally.agents is None or not scenario.groups:
        return None
    heads = enough_heads(scenario, threshold.bound, tally)
    study = replace(results.study, scenarios={ENOUGH: with_heads(scenario, heads)})
    more = run(study, executor=executor).tallies[ENOUGH]
    series = series_of(more, threshold)
    gain = jackknife(ratio(*series).value - ratio(*today).value, leave_one_out(*series) - leave_one_out(*today), 0.95)
    on_phones = bool(tally.frame.agents)
    hours_of = "phone_hours" if on_phones else "paid_hours"
    hours = ratio(*parts(more, hours_of)).value - ratio(*parts(tally, hours_of)).value  # of an open day
    return Enough(hours, gain, ratio(*series).value, _word(threshold, series), on_phones)


def enough_heads(scenario: Scenario, answer_rate: float, tally: Tally) -> dict[str, Floats]:
    """Heads on the phones of every group so that each interval has what Erlang A asks for today's expected traffic.

    All groups are one pool, patience is measured on the simulated days; nobody is taken away where more are there.
    """
    from sim.erlang import agents_needed

    known = resolve(scenario, seed=0, middle=True)
    heads, expected = heads_by_interval(known), traffic(known)
    calls, load = expected.calls.sum(axis=0), expected.load.sum(axis=0)
    whole = np.sum(list(heads.values()), axis=0)
    patience = mean_patience(tally)
    length = scenario.calendar.interval
    needed = np.zeros(len(load))
    for i, (n, erlangs) in enumerate(zip(calls, load, strict=True)):
        if n > 0 and patience:
            needed[i] = agents_needed(
                calls_per_hour=float(n) * 3600 / length, aht=float(erlangs / n) * length, service_level=0.0,
                patience=patience, answer_rate=min(answer_rate, math.nextafter(1.0, 0.0)),
            )  # fmt: skip
    wanted = np.maximum(whole, needed)
    day = {name: float(row.sum()) for name, row in heads.items()}
    everybody = sum(day.values()) or 1.0
    mixed = {name: np.full(len(load), hours / everybody) for name, hours in day.items()}
    return {
        name: wanted * np.divide(row, whole, out=mixed[name].copy(), where=whole > 0) for name, row in heads.items()
    }
