"""Trial: the rule that infers heads, tried on simulated days whose heads are known: by how much it is wrong there, and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.calibrate.bracket import Bracket, brackets
from sim.calibrate.calibration import Calibration
from sim.calibrate.pools import between_calls, names_agents, pools
from sim.calls import NONE, Day
from sim.chance import draw, resolve
from sim.engines import simulate
from sim.files.history import History
from sim.scenario.merge import build
from sim.scenario.scenario import Scenario
from sim.scenario.units import show_clock, ticks

Floats = npt.NDArray[np.float64]
DAYS = 100  # simulated, where they have not too many calls
_FEWEST, _MOST_CALLS = 10, 200_000  # days at least; calls that are not to be exceeded with more
_LEVEL = 0.95
_SEED = 1


class Worst(NamedTuple):
    """The part of the day, from `start` to `end` (seconds since midnight), in which the rule is wrong by most of the heads."""

    start: float
    end: float
    known: float
    inferred: float


@dataclass(frozen=True, eq=False)
class Trial:
    """What the rule finds of a group on simulated days, beside the heads that were there.

    known : heads by interval, float64, shape (intervals,), the same on every day; found : shape (days, intervals)
    starts : seconds since midnight, shape (intervals,); interval : seconds
    recorded, simulated : the bracket of the record and of the simulated days
    """

    known: Floats
    found: Floats
    starts: tuple[float, ...]
    interval: float
    recorded: Bracket
    simulated: Bracket

    @property
    def error(self) -> tuple[float, float]:
        """Heads found / known - 1 over the day, and half of its 95 % interval (Student, over days)."""
        each = self.found.mean(axis=1) / self.known.mean() - 1.0
        return float(each.mean()), _half(each, _LEVEL)

    @property
    def worst(self) -> Worst | None:
        """Where it is wrong by most of the heads, of intervals with a head or more; None where none is wrong beyond chance (at
        5 % for all together: Bonferroni).
        """
        level = 1 - (1 - _LEVEL) / len(self.known)
        gap = self.found.mean(axis=0) - self.known
        half = np.array([_half(self.found[:, at], level) for at in range(len(self.known))])
        sure = (np.abs(gap) > half) & (self.known >= 1.0)
        if not sure.any():
            return None
        at = int(np.argmax(np.where(sure, np.abs(gap) / np.maximum(self.known, 1.0), 0.0)))
        start = self.starts[at]
        return Worst(start, start + self.interval, float(self.known[at]), float(self.found[:, at].mean()))

    def error_of(self, which: str) -> float:
        """Of `busy` or `active` of the bracket on the simulated days: heads / known - 1; nan where it is not known."""
        heads: Floats | None = getattr(self.simulated, which)
        return float("nan") if heads is None else float(heads.mean() / self.known.mean() - 1.0)

    def __str__(self) -> str:
        error, half = self.error
        text = f"on {len(self.found)} simulated days whose heads are known the rule finds {_more(error)} (±{100 * half:.1f})"
        worst = self.worst
        if worst is not None:
            clocks = f"{show_clock(worst.start)}-{show_clock(worst.end)}"
            text += f", worst {clocks}: {_more(worst.inferred / worst.known - 1)} of {worst.known:.1f}"
        return text


def _more(share: float) -> str:
    return f"{abs(share) * 100:.1f} % too {'many' if share > 0 else 'few'}"


def _half(values: Floats, level: float) -> float:
    from scipy.stats import t

    many = len(values)
    return float(t.ppf((1 + level) / 2, many - 1) * values.std(ddof=1) / np.sqrt(many))


def with_trials(
    found: Calibration, history: History, *, own_agents: Iterable[str] = (), days: int = DAYS
) -> Calibration:
    """The calibration with a trial of each group's heads, which its sources tell of; heads stay as they are.

    history : what it was measured on, with other days as they may be; own_agents : as for `calibrate`; days : simulated, two or
    more; fewer, down to 10, where they would have more than 200,000 calls together

    What is simulated is the calibrated scenario, whose heads come and go as counted heads do, between two parts of the day.
    So the error is that of the rule where it is used as it was here (an agent who has not answered yet is not seen, one who
    finishes a call after the border is), and not that of breaks: of somebody who is away while nobody waits the log
    says nothing (see docs/from-your-logs.md). The days are always the same (seed 1).
    """
    scenario = found.scenario
    kinds = [kind.name for kind in scenario.call_types]
    codes = [history.call_types.index(kind) for kind in kinds]
    here = np.isin(history.day, [day.toordinal() for day in found.used]) & np.isin(history.call_type, codes)
    calls = history.where(here)
    own = tuple(kind for kind in own_agents if kind in kinds)
    calendar = scenario.calendar
    cut: dict[str, Any] = {
        "own_agents": own, "opens": ticks(calendar.opens), "length": ticks(calendar.interval), "parts": calendar.intervals,
    }  # fmt: skip
    again = _simulated(scenario, calls, _days(scenario, days))
    there = {pool.name: pool.by_day for pool in pools(again, types=tuple(kinds), after=stay_after(again), **cut)}
    recorded, simulated = brackets(calls, **cut), brackets(again, **cut)
    trials = {}
    table: dict[str, Any] = scenario.table()
    starts = tuple(float(start) for start in calendar.starts())
    for group in table["groups"]:
        name, known = group["name"], np.array(group["agents"]["per_interval"], np.float64)
        if name in there and name in recorded and known.sum() > 0:
            trials[name] = Trial(known, there[name], starts, float(calendar.interval), recorded[name], simulated[name])
    for name, trial in trials.items():
        table["sources"][f"groups.{name}.agents"]["note"] += f"; {trial}"
    return replace(found, scenario=build(table), trials=trials)


def _days(scenario: Scenario, most: int) -> int:
    calls = sum(float(np.sum(kind["arrivals"]["per_interval"])) for kind in scenario.table()["call_types"])
    return min(most, max(_FEWEST, int(_MOST_CALLS / max(calls, 1.0))))


def stay_after(history: History) -> int:
    """Ticks that agents stay after their last call, as `calibrate` has it: 0 where the wrap-up is recorded."""
    if bool((history.wrap_up != NONE).any()):
        return 0
    seconds = np.concatenate([np.zeros(0), *between_calls(history)])
    return ticks(float(seconds.mean())) if len(seconds) else 0


def _simulated(scenario: Scenario, like: History, days: int) -> History:
    """Simulated days as a log that records what `like` does: who answered, groups, wrap-up, accepted callbacks, or not."""
    first = scenario.calendar.start.toordinal()
    parts = []
    for replication in range(days):
        one = resolve(scenario, seed=_SEED, replication=replication)
        day = simulate(one, draw(one, seed=_SEED, replication=replication))
        parts.append(_columns(day, like, first + replication))
    columns: dict[str, Any] = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return History(
        source=scenario.name, layout="simulated", call_types=tuple(kind.name for kind in scenario.call_types),
        label=np.zeros((len(columns["day"]), 0), np.int64), groups=tuple(group.name for group in scenario.groups),
        agents=tuple(str(number) for number in range(int(columns["agent"].max(initial=0)) + 1)), **columns,
    )  # fmt: skip


def _columns(day: Day, like: History, ordinal: int) -> dict[str, npt.NDArray[np.int64]]:
    calls = day.calls
    unknown = np.full(len(calls), NONE, np.int64)
    answered = like.answer != NONE
    wrapped = bool((like.wrap_up[answered] != NONE).any())
    promised = bool((like.accepted != NONE).any())
    grouped = bool(like.groups) and bool((like.group != NONE).any())
    return {
        "day": np.full(len(calls), ordinal, np.int64), "customer": unknown,
        "release": calls.release if wrapped else unknown, "group": calls.group if grouped else unknown,
        "agent": calls.agent if names_agents(like) else unknown, "accepted": calls.accepted if promised else unknown,
        **{
            name: getattr(calls, name)
            for name in ("number", "call_type", "arrival", "ivr_exit", "queue_entry", "answer", "end", "outcome")
        },
    }  # fmt: skip
