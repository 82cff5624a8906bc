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

from experiments.cause_sets import CauseSets
from experiments.causes import Cause, with_heads
from experiments.data_error import Halves, Twice, drawn_in, joined, known
from experiments.expected import heads_by_interval, traffic
from experiments.grid import mean_patience
from experiments.run import Results, run
from experiments.statistics import Estimate, leave_one_out, ratio
from experiments.study import Study
from experiments.tasks import Progress
from experiments.threshold import Threshold
from experiments.values import parts
from experiments.verdicts import Unsure, Word, judge, series_of
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
    alone_halves, share_halves : simulation and data in their half-widths; None where inputs are fixed
    """

    cause: Cause
    alone: Estimate
    value: float
    word: Word
    share: Estimate
    there: bool
    alone_halves: Halves | None = None
    share_halves: Halves | None = None


@dataclass(frozen=True)
class Enough:
    """The heads that Erlang A asks for, beside today's causes: hours beside today's, and what they bring.

    hours : paid a day; on the phones (`on_phones`) where today's agents stand on a roster: nobody says what others are paid
    halves : simulation and data in the half-width of the gain; None where inputs are fixed
    """

    hours: float
    gain: Estimate
    value: float
    word: Word
    on_phones: bool = False
    halves: Halves | None = None


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why a measure misses its target.

    today, without_all : the measure as it is, and with all causes taken away; word : whether today meets the target
    exact : whether all combinations were simulated; combinations : how many were
    sets : of uncertain parameters, None where inputs are fixed; halves : simulation and data in today's half-width
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
    sets: int | None = None
    halves: Halves | None = None

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

    Where parameters are uncertain a cause is taken away in every set, from that set's own day, and intervals hold data error.
    Raises CallsimError for a threshold that is a chance or relative to a baseline, and for a roster with sets.
    """
    if threshold.share is not None or threshold.relative:
        raise CallsimError(f'{threshold.text}: explain needs a plain target, for example "answer_rate >= 0.90"')
    if threshold.measure in _OF_ROSTERS:
        raise CallsimError(f'{threshold.text}: causes are of what callers meet, not of who comes; try "answer_rate >= 0.90"')
    sources = CauseSets(scenario)
    found, there = sources.found, sources.there
    exact = len(there) <= MOST_EXACT
    orders = list(permutations(there)) if exact else _sampled(there, seed)
    wanted = list(dict.fromkeys(frozenset(order[:n]) for order in orders for n in range(len(order) + 1)))
    wanted = list(dict.fromkeys([*wanted, *(frozenset([at]) for at in there)]))
    scenarios = {_name(removed): sources.without(tuple(removed)) for removed in wanted}
    sets = drawn_in([scenario])
    twice = () if sets is None else tuple(scenarios)  # the same days with the estimates tell data error
    study = Study(scenarios, days, seed, measuring or Measuring(), engine, spread=twice)
    results = run(study, executor=executor, progress=progress)
    seen = {removed: _twice(results, _name(removed), threshold) for removed in wanted}
    today = known(seen[frozenset()], sets=sets)
    whole = known(seen[frozenset(there)], sets=sets)
    shares = _shares(found, there, orders, seen, threshold, sets)
    enough = _enough(sources, threshold, results, seen[frozenset()], executor, sets)
    return Explanation(
        threshold, today.estimate, whole.estimate, _word(threshold, seen[frozenset()], sets), shares, enough,
        days, seed, exact, len(wanted), sets, today.halves,
    )  # fmt: skip


def _twice(results: Results, name: str, threshold: Threshold) -> Twice:
    """A scenario's series, and that of the same days with the estimates."""
    middle = results.middle.get(name)
    return Twice(series_of(results.tallies[name], threshold), None if middle is None else series_of(middle, threshold))


def _sampled(there: Sequence[int], seed: int) -> list[tuple[int, ...]]:
    chance = np.random.default_rng(seed)
    orders = [tuple(int(at) for at in chance.permutation(there)) for _ in range(SAMPLED)]
    return [order for one in orders for order in (one, one[::-1])]


def _name(removed: Removed) -> str:
    return "without " + ", ".join(map(str, sorted(removed))) if removed else "today"


def _shares(
    found: Sequence[Cause],
    there: Sequence[int],
    orders: Sequence[tuple[int, ...]],
    seen: Mapping[Removed, Twice],
    threshold: Threshold,
    sets: int | None,
) -> tuple[Share, ...]:
    """The share of every cause with the jackknife of the same average of differences; exactly 0 where it is not there."""
    value = {removed: ratio(*one.own).value for removed, one in seen.items()}
    left_out = {removed: leave_one_out(*one.own) for removed, one in seen.items()}
    middle = {removed: leave_one_out(*one.middle) for removed, one in seen.items() if one.middle is not None}
    steps = {at: [_step(order, at) for order in orders] for at in there}

    def averaged(of: Mapping[Removed, Floats], at: int) -> Floats:
        total = np.zeros(len(of[frozenset()]))
        for before, after in steps[at]:
            total += of[after] - of[before]
        return np.asarray(total / len(orders), np.float64)

    nothing, shares = frozenset[int](), []
    for at, cause in enumerate(found):
        if at not in steps:
            none = Estimate(0.0, 0.0, 0.0)
            shares.append(Share(cause, none, value[nothing], _word(threshold, seen[nothing], sets), none, there=False))
            continue
        alone = frozenset([at])
        gain = known(seen[alone], seen[nothing], sets=sets)
        total = 0.0
        for before, after in steps[at]:
            total += value[after] - value[before]
        spread = averaged(middle, at) if len(middle) == len(seen) else None
        share = joined(total / len(orders), averaged(left_out, at), spread, sets=sets)
        word = _word(threshold, seen[alone], sets)
        shares.append(
            Share(cause, gain.estimate, value[alone], word, share.estimate, True, gain.halves, share.halves)
        )  # fmt: skip
    return tuple(shares)


def _step(order: Sequence[int], at: int) -> tuple[Removed, Removed]:
    """Which causes are taken away in this order before one of them is, and with it."""
    place = order.index(at)
    return frozenset(order[:place]), frozenset(order[: place + 1])


def _word(threshold: Threshold, seen: Twice, sets: int | None) -> Word:
    unsure = None if sets is None else Unsure(sets, seen.middle)
    return judge(threshold, seen.own, None, looks=1, family=1, unsure=unsure).word


def _enough(
    sources: CauseSets, threshold: Threshold, results: Results, today: Twice, executor: Executor | None, sets: int | None
) -> Enough | None:
    """What the heads of Erlang A bring; None for a target that no formula of it knows."""
    tally, scenario = results.tallies[_name(frozenset())], sources.middle
    if threshold.measure != "answer_rate" or threshold.sign != ">=" or tally.agents is None or not scenario.groups:
        return None
    heads = enough_heads(scenario, threshold.bound, tally)
    changed = sources.with_given_heads(with_heads(scenario, heads))
    study = replace(results.study, scenarios={ENOUGH: changed}, spread=() if sets is None else (ENOUGH,))
    found = run(study, executor=executor)
    more, seen = found.tallies[ENOUGH], _twice(found, ENOUGH, threshold)
    gain = known(seen, today, sets=sets)
    on_phones = bool(tally.frame.agents)
    hours_of = "phone_hours" if on_phones else "paid_hours"
    hours = ratio(*parts(more, hours_of)).value - ratio(*parts(tally, hours_of)).value  # of an open day
    return Enough(hours, gain.estimate, ratio(*seen.own).value, _word(threshold, seen, sets), on_phones, gain.halves)


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
